import numpy as np
import pytest

from lamina.recall.fuse import filled_in, over, reciprocal_ranks


def scores(*values):
    return np.array(values, dtype=np.float64)


def test_scores_are_counted_over_the_best():
    assert over(scores(2, 1, 0), 2).tolist() == [1, 0.5, 0]
    assert over(scores(3, 1), 2).tolist() == [1.5, 0.5]


def test_scores_without_a_best_become_zero():
    assert over(scores(0, 0), 0).tolist() == [0, 0]
    assert over(scores(-0.5, -1), -0.5).tolist() == [0, 0]
    assert over(scores(), 0).tolist() == []


def test_what_has_no_score_yet_gets_the_share_that_another_signal_gives():
    is_known = np.array([False, True, True, False])
    assert filled_in(scores(-1, 0.8, -0.2, -1), scores(1, 0, 0, 0.25), is_known=is_known).tolist() == [
        1,
        0.8,
        -0.2,
        0.25,
    ]


def test_ranks_count_by_their_reciprocals():
    assert reciprocal_ranks(scores(9, 5, 1), absent=0).tolist() == pytest.approx([1 / 61, 1 / 62, 1 / 63])
    assert reciprocal_ranks(scores(0.1, 0.7, -1), absent=-1).tolist() == pytest.approx([1 / 62, 1 / 61, 0])


def test_equal_scores_share_the_better_rank():
    assert reciprocal_ranks(scores(2, 2, 1), absent=0, k=0).tolist() == pytest.approx([1, 1, 1 / 3])


def test_what_is_not_ranked_scores_nothing():
    assert reciprocal_ranks(scores(0, 0), absent=0).tolist() == [0, 0]
    assert reciprocal_ranks(scores(), absent=0).tolist() == []
