"""Vectors in fixed point: sums are exact in any order, and what is no unit vector says nothing."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.segment.fixed_point import ONE, UNIT, fixed, middle, surprises


def test_a_component_is_a_whole_number_of_parts_of_one() -> None:
    assert fixed([0.6, -0.8]).tolist() == [round(0.6 * ONE), round(-0.8 * ONE)]


@given(st.integers(0, 2**32 - 1))
def test_a_sum_of_rows_is_the_same_in_every_order(seed: int) -> None:
    chance = np.random.default_rng(seed)
    rows = chance.normal(size=(40, 16))
    whole = fixed(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    total = whole.sum(axis=0)
    for _ in range(3):
        assert (whole[chance.permutation(40)].cumsum(axis=0)[-1] == total).all()
    assert total @ total == sum(int(value) ** 2 for value in total)


def test_surprise_is_one_minus_the_cosine() -> None:
    """(0.6, 0.8) and (0.8, 0.6): cosine 0.96; the same; across: 1; against: 2."""
    contexts = fixed([[0.6, 0.8], [1, 0], [1, 0], [1, 0]])
    comings = fixed([[0.8, 0.6], [1, 0], [0, 1], [-1, 0]])
    found = surprises(contexts, comings)
    assert found[0] / UNIT == pytest.approx(0.04, abs=1e-4)
    assert found[1:].tolist() == [0, UNIT, 2 * UNIT]
    assert (surprises(contexts * 7, comings * 3)[1:] == found[1:]).all()


def test_nothing_surprises_nobody() -> None:
    assert surprises(fixed([[0, 0]]), fixed([[1, 0]])).tolist() == [0]


def test_the_mean_of_spans_is_as_near_as_fixed_point_comes() -> None:
    assert middle(fixed([[0.5, 0], [0, 0.5], [0, 0]])).tolist() == [round(ONE / 6)] * 2


@pytest.mark.parametrize("vector", [[math.nan, 0], [math.inf, 0], [2.5, 0], [-math.inf, 1]])
def test_what_is_no_unit_vector_says_nothing(vector: list[float]) -> None:
    assert fixed([vector, [0.6, 0.8]]).any(axis=1).tolist() == [False, True]
