import numpy as np
import pytest

from lamina.recall.nearby import group_best, neighbour_weights


def test_the_shorter_a_row_the_more_its_neighbours_count():
    before, after = neighbour_weights(np.array([0, 20, 60], dtype=np.int32), before=1.0, after=0.5, half_length=20)
    assert before.tolist() == pytest.approx([1, 0.5, 0.25])
    assert after.tolist() == pytest.approx([0.5, 0.25, 0.125])


def test_no_rows_have_no_weights():
    assert [weights.tolist() for weights in neighbour_weights(np.zeros(0, dtype=np.int32))] == [[], []]


def best(scores, runs):
    """Give the best of each row's session; `runs` are (size, session), None = each run a session by itself."""
    sizes = np.array([size for size, _ in runs], dtype=np.int64)
    named = [session for _, session in runs]
    sessions = None if None in named else np.array(named, dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    return group_best(np.array(scores, dtype=np.float64), starts=starts, sizes=sizes, numbers=sessions).tolist()


def test_each_row_gets_the_best_score_of_its_session():
    assert best([0.1, 0.9, 0.5, 0.2], [(2, 1), (2, 2)]) == [0.9, 0.9, 0.5, 0.5]
    assert best([0.1, 0.9, 0.5, 0.2], [(2, None), (2, None)]) == [0.9, 0.9, 0.5, 0.5]


def test_rows_outside_any_session_stand_for_themselves():
    assert best([0.1, 0.9, -0.5], [(2, 0), (1, 1)]) == [0.1, 0.9, -0.5]
    assert best([], []) == []


def test_a_session_that_was_left_and_taken_up_again_is_one():
    assert best([0.1, 0.7, 0.5, 0.2], [(1, 1), (1, 2), (1, 0), (1, 1)]) == [0.2, 0.7, 0.5, 0.2]
