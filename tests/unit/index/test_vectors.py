import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.index import vectors as module
from lamina.index.vectors import NO_SCORE, BrokenVector, Vectors

EAST, NORTH, SOUTH = [1.0, 0.0], [0.0, 1.0], [0.0, -1.0]
DIAGONAL = [math.sqrt(0.5), math.sqrt(0.5)]
QUERY = np.array(NORTH, dtype=np.float32)


def vectors(*spans, rows=None):
    made = Vectors(2)
    made.add_rows(1 + max((row for row, _, _ in spans), default=-1) if rows is None else rows)
    made.extend([(row, start, start + 10, np.array(values, dtype="<f2").tobytes()) for row, start, values in spans])
    return made.view()


def cosines(view, query=QUERY, **options):
    return view.cosines(np.arange(len(view.first_span)), query, **options).tolist()


def drawn(count, width=384, seed=7):
    draws = np.random.default_rng(seed).standard_normal((count, width))
    return (draws / np.linalg.norm(draws, axis=1, keepdims=True)).astype("<f2")


def filled(draws, order=None):
    made = Vectors(draws.shape[1])
    made.add_rows(len(draws))
    order = range(len(draws)) if order is None else order
    made.extend([(int(row), 0, 1, draws[row].tobytes()) for row in order])
    return made


def test_the_best_span_is_the_score_of_its_row():
    view = vectors((0, 0, EAST), (1, 0, SOUTH), (1, 10, NORTH), (2, 0, SOUTH))
    assert cosines(view) == pytest.approx([0, 1, -1])
    assert view.best_span(1, QUERY) == (10, 20)


def test_every_span_of_a_row_is_told_with_its_cosine():
    view = vectors((0, 0, EAST), (1, 0, SOUTH), (1, 10, NORTH), rows=3)
    assert view.spans(1, QUERY) == [((0, 10), pytest.approx(-1)), ((10, 20), pytest.approx(1))]
    assert view.spans(2, QUERY) == []


def test_of_equal_spans_the_first_is_named():
    assert vectors((0, 10, NORTH), (0, 20, NORTH), (0, 30, NORTH)).best_span(0, QUERY) == (10, 20)


def test_a_row_without_a_vector_has_no_score_and_no_span():
    view = vectors((0, 0, NORTH), rows=2)
    assert cosines(view) == pytest.approx([1, NO_SCORE])
    assert view.estimates(QUERY).tolist() == pytest.approx([1, NO_SCORE], abs=0.3)
    assert view.best_span(1, QUERY) is None
    assert cosines(vectors(rows=1)) == [NO_SCORE]
    assert cosines(vectors()) == []


def test_many_spans_have_chances_and_one_has_none():
    view = vectors((0, 0, NORTH), (1, 0, NORTH), (1, 10, EAST), (1, 20, SOUTH))
    assert view.chance.tolist() == pytest.approx([0, math.sqrt(2 * math.log(3))])
    assert vectors((0, 0, NORTH), (1, 0, EAST)).chance is None


def test_the_first_span_alone_can_be_asked_for():
    view = vectors((0, 0, EAST), (0, 10, NORTH))
    assert cosines(view, is_first_span_only=True) == pytest.approx([0])


def test_the_zero_vector_scores_nothing():
    assert cosines(vectors((0, 0, [0.0, 0.0]))) == [0]


def test_eight_bits_cost_less_than_a_hundredth_of_a_cosine():
    draws = drawn(500)
    query = drawn(1, seed=8)[0].astype(np.float32)
    exact = draws.astype(np.float64) @ query.astype(np.float64)
    assert np.abs(np.array(cosines(filled(draws).view(), query)) - exact).max() < 0.005


def test_the_nearest_by_numbers_lie_among_the_nearest_by_signs():
    generator = np.random.default_rng(4)
    centres = generator.standard_normal((60, 384))
    draws = centres[generator.integers(0, 60, 4000)] + 0.9 * generator.standard_normal((4000, 384))
    draws = (draws / np.linalg.norm(draws, axis=1, keepdims=True)).astype("<f2")
    view = filled(draws).view()
    found = []
    for row in range(0, 4000, 100):
        query = draws[row].astype(np.float32)
        nearest = np.argsort(-np.array(cosines(view, query)))[:10]
        promising = np.argsort(-view.estimates(query))[:400]
        found.append(np.isin(nearest, promising).mean())
    assert np.mean(found) >= 0.97


def test_a_score_depends_on_the_two_vectors_alone_to_the_last_bit(monkeypatch):
    monkeypatch.setattr(module, "PART_SPANS", 100)
    draws = drawn(1003)
    query = drawn(1, seed=8)[0].astype(np.float32)
    whole = filled(draws).view()
    mixed = filled(draws, np.random.default_rng(9).permutation(len(draws))).view()
    parts = Vectors(384)
    parts.add_rows(len(draws))
    for row, draw in enumerate(draws):
        parts.extend([(row, 0, 1, draw.tobytes())])
    assert parts.view().full_count == 10
    for other in (mixed, parts.view()):
        assert cosines(whole, query) == cosines(other, query)
        assert np.array_equal(whole.estimates(query), other.estimates(query))
    for row in (0, 500, 1002):
        assert cosines(filled(draws[row : row + 1]).view(), query)[0] == cosines(whole, query)[row]


def test_the_spans_of_a_row_lie_in_one_part(monkeypatch):
    monkeypatch.setattr(module, "PART_SPANS", 4)
    made = Vectors(2)
    made.add_rows(5)
    for row in range(5):
        made.extend([(row, 10 * place, 10 * place + 10, np.array(NORTH, "<f2").tobytes()) for place in range(3)])
    assert [len(part) for part in made.view().parts] == [6, 6, 3]
    assert cosines(made.view()) == pytest.approx([1] * 5)
    assert made.view().best_span(4, QUERY) == (0, 10)


def test_a_view_does_not_see_what_comes_later():
    made = filled(drawn(3, width=2))
    made.add_rows(1)
    view = made.view()
    made.extend([(3, 0, 10, np.array(NORTH, "<f2").tobytes())])
    assert cosines(view)[3] == NO_SCORE
    assert cosines(made.view())[3] == pytest.approx(1)


@given(st.data())
@settings(max_examples=60)
def test_loose_vectors_score_like_kept_ones_and_leave_the_order_of_the_file_alone(data):
    draws = drawn(30, width=16)
    query = drawn(1, width=16, seed=8)[0].astype(np.float32)
    counts = data.draw(st.lists(st.integers(1, 3), min_size=10, max_size=10))
    firsts = np.cumsum(counts) - counts

    def spans(row):
        return [(row, place, place + 1, draws[firsts[row] + place].tobytes()) for place in range(counts[row])]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PART_SPANS", 4)
        mixed, plain = Vectors(16), Vectors(16)
        for made in (mixed, plain):
            made.add_rows(10)
        kept, loose = set(), set()
        for row in data.draw(st.permutations([*range(10), *range(10)])):
            if row not in kept and (row in loose or data.draw(st.booleans())):
                mixed.extend(spans(row))
                plain.extend(spans(row))
                kept.add(row)
                loose.discard(row)
            elif row not in kept:
                mixed.hold(spans(row))
                loose.add(row)
            view = mixed.view()
            for known in range(10):
                own = filled_spans(spans(known)).view() if known in kept | loose else None
                expected = NO_SCORE if own is None else cosines(own, query)[known]
                assert cosines(view, query)[known] == expected
                assert own is None or view.estimates(query)[known] == own.estimates(query)[known]
                assert own is None or view.best_span(known, query) == own.best_span(known, query)
        theirs = plain.view()
        assert (view.full_count, view.kept_count) == (theirs.full_count, theirs.kept_count)
        assert len(view.parts) == view.kept_count + bool(loose)
        for mine, other in zip(view.parts, theirs.parts, strict=False):
            assert mine.rows.tolist() == other.rows.tolist()
            assert np.array_equal(mine.values, other.values)


def filled_spans(spans):
    made = Vectors(16)
    made.add_rows(1 + spans[0][0])
    made.extend(spans)
    return made


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_numbers_that_are_none_are_refused(number):
    made = filled(drawn(2, width=4))
    with pytest.raises(BrokenVector):
        made.extend([(0, 0, 1, np.array([number, 0, 0, 0], "<f2").tobytes())])
