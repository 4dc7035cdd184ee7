"""BM25 against values worked out by hand, over texts that are split at spaces.

Two texts, "a b" and "a a c": N = 2, lengths 2 and 3, mean 2.5; k1 = 1.2, b = 0.75.
"""

import math

import numpy as np
import pytest

from lamina.index.postings import Beside, Postings, bm25, grouped_bm25, idf

K1, B = 1.2, 0.75
TEXTS = ["a b", "a a c"]


def postings(*texts):
    made = Postings(str.split)
    made.extend(texts)
    return made.view()


def scores(walls, *asked, **options):
    return bm25(walls, asked, k1=K1, b=B, **options).tolist()


def test_idf_is_positive_even_for_a_term_of_every_row():
    assert idf(1, 2) == pytest.approx(math.log(2))
    assert idf(2, 2) == pytest.approx(math.log(1.2))


def test_a_term_of_one_row_scores_that_row_alone():
    # idf ln 2; tf 1; norm 1.2 (0.25 + 0.75 · 2 / 2.5) = 1.02.
    assert scores([postings(*TEXTS)], "b") == pytest.approx([math.log(2) * 2.2 / 2.02, 0])


def test_frequency_saturates_and_length_counts_against():
    # idf ln 1.2; norms 1.02 and 1.2 (0.25 + 0.75 · 3 / 2.5) = 1.38; tf 1 and 2.
    assert scores([postings(*TEXTS)], "a") == pytest.approx(
        [math.log(1.2) * 2.2 / 2.02, math.log(1.2) * 2.2 * 2 / 3.38]
    )


def test_a_repeated_term_of_the_question_counts_as_often():
    wall = postings(*TEXTS)
    assert scores([wall], "b", "b") == pytest.approx([2 * scores([wall], "b")[0], 0])


def test_unknown_terms_and_no_terms_score_nothing():
    assert scores([postings(*TEXTS)], "zebra") == [0, 0]
    assert scores([postings(*TEXTS)]) == [0, 0]


def test_without_rows_or_walls_there_are_no_scores():
    assert scores([postings()], "a") == []
    assert scores([], "a") == []
    assert scores([postings(), postings("", "")], "a") == [0, 0]


def test_walls_are_scored_as_one_collection():
    apart = scores([postings(TEXTS[0]), postings(TEXTS[1])], "a", "b", "c")
    assert apart == scores([postings(*TEXTS)], "a", "b", "c")


def test_the_words_of_a_neighbour_count_as_weighted():
    # Row 1 takes in half of row 0: lengths 2 and 3 + 1, mean 3; norms 1.2 (0.25 + 0.75 · 2 / 3) = 0.9 and 1.5; tf ½.
    beside = Beside(np.array([-1, 0]), np.array([1, -1]), np.array([0.0, 0.5]), np.array([0.0, 0.0]))
    assert scores([postings(*TEXTS)], "b", beside=[beside]) == pytest.approx(
        [math.log(2) * 2.2 / 1.9, math.log(2) * 2.2 * 0.5 / 2.0]
    )


def test_both_neighbours_add_to_the_own_words_before_saturation():
    # The middle row counts x 1 + 0.5 · 2 + 0.25 · 1 = 2.25 times, in a length of 1 + 0.5 · 2 + 0.25 · 1 = 2.25.
    before, after = np.array([-1, 0, 1]), np.array([1, 2, -1])
    half, quarter = np.array([0.0, 0.5, 0.0]), np.array([0.0, 0.25, 0.0])
    found = scores([postings("x x", "x", "x")], "x", beside=[Beside(before, after, half, quarter)])
    norm = 1.2 * (0.25 + 0.75 * 2.25 / ((2 + 2.25 + 1) / 3))
    assert found[1] == pytest.approx(idf(3, 3) * 2.2 * 2.25 / (2.25 + norm))


def test_neighbours_of_no_weight_change_no_score():
    wall = postings("a b", "b c", "c d a")
    none = np.zeros(3)
    beside = Beside(np.array([-1, 0, 1]), np.array([1, 2, -1]), none, none)
    assert scores([wall], "a", "c", beside=[beside]) == scores([wall], "a", "c")


def test_where_parts_are_sealed_changes_nothing(monkeypatch):
    monkeypatch.setattr("lamina.index.postings.PART_ROWS", 2)
    texts = ["a b", "b", "c a", "d", "a a b", "e"]
    made = Postings(str.split)
    for count, text in enumerate(texts, start=1):
        made.extend([text])
        wall = made.view()
        assert len(wall.parts) == (count - 1) // 2
        rows, counts = wall.rows_of("a")
        assert rows.tolist() == [row for row, held in enumerate(texts[:count]) if "a" in held.split()]
        assert counts.tolist() == [held.split().count("a") for held in texts[:count] if "a" in held.split()]


def test_a_part_is_sealed_when_it_holds_many_entries(monkeypatch):
    monkeypatch.setattr("lamina.index.postings.PART_ENTRIES", 3)
    made = Postings(str.split)
    made.extend(["a b", "c d", "e"])
    assert [part.first for part in made.parts] == [0]
    assert made.tail_first == 2


def test_a_tail_that_came_sealed_goes_on_growing_into_the_same_part(monkeypatch):
    monkeypatch.setattr("lamina.index.postings.PART_ROWS", 4)
    texts = ["a b", "b", "c a", "d", "a a b", "e"]
    whole, kept = Postings(str.split), Postings(str.split)
    whole.extend(texts)
    begin = Postings(str.split)
    begin.extend(texts[:3])
    kept.take_in(begin.tail(), begin.view().lengths, is_sealed=False)
    kept.extend(texts[3:])
    for mine, other in ((kept.parts[0], whole.parts[0]), (kept.tail(), whole.tail())):
        for name in ("keys", "starts", "rows", "counts"):
            assert np.array_equal(getattr(mine, name), getattr(other, name)), name
    assert scores([kept.view()], "a", "e") == scores([whole.view()], "a", "e")


def test_parts_that_do_not_follow_one_another_are_refused():
    made = Postings(str.split)
    made.extend(["a"])
    with pytest.raises(ValueError, match="follow"):
        made.take_in(made.tail(), np.array([1], dtype=np.int32), is_sealed=True)


def test_a_session_is_scored_as_one_text():
    # Groups "a b a" and "c": lengths 3 and 1, mean 2; tf 2; idf ln(1 + 1.5 / 1.5) = ln 2; row 2 lies outside any.
    wall = postings("a b", "a", "a", "c")
    found = grouped_bm25([wall], ["a"], [np.array([1, 1, 0, 2])], k1=K1, b=B).tolist()
    norm = 1.2 * (0.25 + 0.75 * 3 / 2)
    each = math.log(2) * 2.2 * 2 / (2 + norm)
    assert found == pytest.approx([each, each, 0, 0])
    assert grouped_bm25([], ["a"], [], k1=K1, b=B).tolist() == []


def test_a_view_does_not_see_what_comes_later():
    made = Postings(str.split)
    made.extend(["a b"])
    view = made.view()
    made.extend(["b c"] * 2000)
    assert view.rows_of("b")[0].tolist() == [0]
    assert view.rows_of("c")[0].tolist() == []
    assert bm25([view], ["b", "c"], k1=K1, b=B).tolist() == bm25([postings("a b")], ["b", "c"], k1=K1, b=B).tolist()


def test_bytes_grow_with_the_rows():
    small, large = Postings(str.split), Postings(str.split)
    small.extend(["a b c"])
    large.extend([f"a b c{number}" for number in range(1000)])
    assert 0 < small.nbytes < large.nbytes
