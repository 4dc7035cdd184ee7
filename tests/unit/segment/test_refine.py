"""The best split of two communities, against values worked out by hand and against the definitions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.segment.fixed_point import Exact, fixed
from lamina.segment.refine import Quality, best_split

QUALITIES: tuple[Quality, ...] = ("modularity", "conductance")


def rows_of(*angles: float) -> Exact:
    return fixed([[np.cos(np.radians(angle)), np.sin(np.radians(angle))] for angle in angles])


@pytest.mark.parametrize("quality", QUALITIES)
def test_two_bundles_are_parted_between_them(quality: Quality) -> None:
    rows = rows_of(0, 1, 2, 90, 91, 92, 93)
    assert best_split(rows, 5, lowest=1, highest=6, quality=quality) == 3


@pytest.mark.parametrize("quality", QUALITIES)
def test_a_split_stays_inside_its_bounds(quality: Quality) -> None:
    rows = rows_of(0, 1, 2, 90, 91, 92, 93)
    assert best_split(rows, 5, lowest=4, highest=6, quality=quality) in (4, 5, 6)


@pytest.mark.parametrize("quality", QUALITIES)
def test_what_tells_nothing_apart_leaves_the_boundary_where_it_was(quality: Quality) -> None:
    assert best_split(np.zeros((6, 4)), 3, lowest=1, highest=5, quality=quality) == 3
    assert best_split(rows_of(0), 0, lowest=1, highest=0, quality=quality) == 0


@pytest.mark.parametrize("quality", QUALITIES)
@given(angles=st.lists(st.integers(0, 359), min_size=3, max_size=9), place=st.integers(1, 8))
def test_it_is_the_best_by_the_definition(quality: Quality, angles: list[int], place: int) -> None:
    """Modularity and conductance summed pair by pair, in exact fractions."""
    rows = rows_of(*angles)
    proposed = min(place, len(angles) - 1)
    worths = {split: by_definition(rows, split, quality) for split in range(1, len(angles))}
    found = best_split(rows, proposed, lowest=1, highest=len(angles) - 1, quality=quality)
    best = [split for split, worth in worths.items() if worth == max(worths.values())]
    assert found == min(best, key=lambda split: (abs(split - proposed), split))


def by_definition(rows: Exact, split: int, quality: Quality) -> Fraction:
    count = len(rows)
    likeness = [
        [0 if one == two else max(0, int(rows[one] @ rows[two])) for two in range(count)] for one in range(count)
    ]
    degrees = [sum(line) for line in likeness]
    twice = sum(degrees)
    pairs = [(one, two) for one in range(count) for two in range(count)]
    if quality == "conductance":
        volume = min(sum(degrees[:split]), sum(degrees[split:]))
        across = sum(likeness[one][two] for one, two in pairs if one < split <= two)
        return -Fraction(across, volume) if volume else Fraction(-1)
    if not twice:
        return Fraction(0)
    joined = [(one, two) for one, two in pairs if (one < split) == (two < split)]
    return sum((likeness[one][two] - Fraction(degrees[one] * degrees[two], twice) for one, two in joined), Fraction(0))
