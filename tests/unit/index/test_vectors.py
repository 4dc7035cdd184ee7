import math

import numpy as np
import pytest

from lamina.index.vectors import NO_SCORE, Vectors, cosine

EAST, NORTH, SOUTH = [1.0, 0.0], [0.0, 1.0], [0.0, -1.0]
DIAGONAL = [math.sqrt(0.5), math.sqrt(0.5)]
QUERY = np.array(NORTH, dtype=np.float32)


def vectors(*spans):
    made = Vectors(2)
    made.extend([(row, start, start + 10, np.array(values, dtype="<f2").tobytes()) for row, start, values in spans])
    return made.view()


def test_the_best_span_is_the_score_of_its_row():
    view = vectors((0, 0, EAST), (1, 0, SOUTH), (1, 10, NORTH), (2, 0, SOUTH))
    assert cosine([(view, 3)], QUERY).tolist() == [0, 1, -1]
    assert view.best_span(1, QUERY) == (10, 20)


def test_spans_of_a_row_need_not_stand_together():
    view = vectors((1, 10, NORTH), (0, 0, EAST), (1, 0, SOUTH))
    assert cosine([(view, 2)], QUERY).tolist() == [0, 1]
    assert view.best_span(1, QUERY) == (10, 20)


def test_of_equal_spans_the_first_in_the_text_is_named():
    assert vectors((0, 30, NORTH), (0, 10, NORTH), (0, 20, NORTH)).best_span(0, QUERY) == (10, 20)


def test_a_row_without_a_vector_has_no_score_and_no_span():
    view = vectors((0, 0, NORTH))
    assert cosine([(view, 2)], QUERY, span_penalty=0.1).tolist() == [1, NO_SCORE]
    assert view.best_span(1, QUERY) is None
    assert cosine([(vectors(), 1)], QUERY).tolist() == [NO_SCORE]
    assert cosine([], QUERY).tolist() == []


def test_many_spans_are_charged_for_their_chances_and_one_is_not():
    view = vectors((0, 0, NORTH), (1, 0, NORTH), (1, 10, EAST), (1, 20, SOUTH))
    expected = [1, 1 - 0.1 * math.sqrt(2 * math.log(3))]
    assert cosine([(view, 2)], QUERY, span_penalty=0.1).tolist() == pytest.approx(expected)


def test_the_first_span_alone_can_be_asked_for():
    view = vectors((0, 0, EAST), (0, 10, NORTH))
    assert cosine([(view, 1)], QUERY, is_first_span_only=True).tolist() == [0]


def test_walls_follow_one_another():
    assert cosine([(vectors((0, 0, NORTH)), 1), (vectors((1, 0, SOUTH)), 2)], QUERY).tolist() == [1, NO_SCORE, -1]


def test_numbers_are_kept_as_float16_gave_them():
    view = vectors((0, 0, DIAGONAL))
    assert view.matrix.dtype == np.float32
    assert view.matrix[0].tolist() == np.array(DIAGONAL, dtype="<f2").astype(np.float32).tolist()


def test_a_score_depends_on_the_two_vectors_alone_to_the_last_bit():
    draws = np.random.default_rng(7).standard_normal((1003, 384)).astype("<f2")
    query = np.random.default_rng(8).standard_normal(384).astype(np.float32)
    order = np.random.default_rng(9).permutation(len(draws))
    whole, mixed, parts = Vectors(384), Vectors(384), Vectors(384)
    whole.extend([(row, 0, 1, draw.tobytes()) for row, draw in enumerate(draws)])
    mixed.extend([(int(row), 0, 1, draws[row].tobytes()) for row in order])
    for row, draw in enumerate(draws):
        parts.extend([(row, 0, 1, draw.tobytes())])
    scores = cosine([(whole.view(), len(draws))], query)
    assert np.array_equal(scores, cosine([(mixed.view(), len(draws))], query))
    assert np.array_equal(scores, cosine([(parts.view(), len(draws))], query))
    for row in (0, 500, 1002):
        alone = Vectors(384)
        alone.extend([(0, 0, 1, draws[row].tobytes())])
        assert cosine([(alone.view(), 1)], query)[0] == scores[row]
