import numpy as np
import pytest

from lamina.recall.nearby import neighbour_weights, runs_of, session_best


def test_the_shorter_a_row_the_more_its_neighbours_count():
    before, after = neighbour_weights(np.array([0, 20, 60], dtype=np.int32), before=1.0, after=0.5, half_length=20)
    assert before.tolist() == pytest.approx([1, 0.5, 0.25])
    assert after.tolist() == pytest.approx([0.5, 0.25, 0.125])


def test_no_rows_have_no_weights():
    assert [weights.tolist() for weights in neighbour_weights(np.zeros(0, dtype=np.int32))] == [[], []]


def test_each_row_gets_the_best_score_of_its_session():
    found = session_best(np.array([0.1, 0.9, 0.5, 0.2]), runs_of(np.array([1, 1, 2, 2])))
    assert found.tolist() == [0.9, 0.9, 0.5, 0.5]


def test_rows_outside_any_session_stand_for_themselves():
    assert session_best(np.array([0.1, 0.9, -0.5]), runs_of(np.array([0, 0, 1]))).tolist() == [0.1, 0.9, -0.5]
    assert session_best(np.zeros(0), runs_of(np.zeros(0, dtype=np.int64))).tolist() == []


def test_a_session_that_was_left_and_taken_up_again_is_one():
    found = session_best(np.array([0.1, 0.7, 0.5, 0.2]), runs_of(np.array([1, 2, 0, 1])))
    assert found.tolist() == [0.2, 0.7, 0.5, 0.2]
