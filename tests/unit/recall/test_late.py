"""Late interaction: the highest squared cosine of each piece of the question, weighted, and the words before."""

import numpy as np
import pytest

from lamina.recall.late import BEFORE, HALF_LENGTH, AskedTokens, late_scores, length_share

BEES, WASPS, BOTH = (7, 0), (0, 7), (5, 5)
HELD = np.array([BEES, WASPS, BOTH, (-7, 0)], np.float32)
ASKED = AskedTokens(np.array([BEES, WASPS], np.float32), np.array([3.0, 1.0]))


def scores(own: list[tuple[int, int]], before: list[tuple[int, int]]) -> list[float]:
    spans = [tuple(np.array(side) for side in zip(*pairs, strict=True)) for pairs in (own, before)]
    return late_scores(ASKED, HELD, *spans).tolist()


def test_each_piece_takes_its_nearest_and_counts_by_its_weight() -> None:
    found = scores([(0, 1), (1, 2), (0, 2), (2, 3), (3, 4)], [(0, 0)] * 5)
    assert found == pytest.approx([0.75, 0.25, 1.0, 0.5, 0.0])


def test_the_words_before_count_a_little_less() -> None:
    found = scores([(1, 2), (1, 1), (0, 0)], [(0, 1), (0, 1), (4, 4)])
    assert found == pytest.approx([(3 * BEFORE**2 + 1) / 4, 3 * BEFORE**2 / 4, 0.0])


def test_a_score_is_the_same_whatever_other_rows_are_looked_at() -> None:
    generator = np.random.default_rng(5)
    held = generator.integers(-7, 8, (300, 64)).astype(np.float32)
    asked = AskedTokens(generator.integers(-7, 8, (9, 64)).astype(np.float32), generator.random(9))
    begins = np.arange(0, 300, 10)
    none = np.zeros(30, np.int64)
    together = late_scores(asked, held, (begins, begins + 10), (none, none))
    for row in range(30):
        one = held[10 * row : 10 * row + 10]
        ends = (np.array([0]), np.array([10]))
        assert late_scores(asked, one, ends, (none[:1], none[:1]))[0] == together[row]


def test_it_counts_less_the_longer_what_is_found_is() -> None:
    assert length_share(np.array([int(HALF_LENGTH)] * 3)) == 0.25
    assert length_share(np.array([5, 9, 200])) == pytest.approx((HALF_LENGTH / (HALF_LENGTH + 9)) ** 2)
    assert length_share(np.zeros(0, np.int64)) == 0.0
