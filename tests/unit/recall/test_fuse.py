import numpy as np
import pytest

from lamina.recall.fuse import convex, filled_in, over, reciprocal_rank_fusion


def scores(*values):
    return np.array(values, dtype=np.float64)


def test_half_and_half_by_default_and_by_weight_otherwise():
    assert convex(scores(1, 0), scores(0.5, 1)).tolist() == [0.75, 0.5]
    assert convex(scores(1, 0), scores(0.5, 1), weight=0.25).tolist() == [0.625, 0.75]


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


def test_ranks_are_fused_by_their_reciprocals():
    # Ranks 1, 2, 3 by the one, and 2, 1 by the other, which does not rank the third.
    fused = reciprocal_rank_fusion([scores(9, 5, 1), scores(0.1, 0.7, -1)], absent=[0, -1])
    assert fused.tolist() == pytest.approx([1 / 61 + 1 / 62, 1 / 62 + 1 / 61, 1 / 63])


def test_equal_scores_share_the_better_rank():
    fused = reciprocal_rank_fusion([scores(2, 2, 1)], absent=[0], k=0)
    assert fused.tolist() == pytest.approx([1, 1, 1 / 3])


def test_what_no_signal_ranks_scores_nothing():
    assert reciprocal_rank_fusion([scores(0, 0), scores(-1, -1)], absent=[0, -1]).tolist() == [0, 0]
    assert reciprocal_rank_fusion([], absent=[]).tolist() == []
