"""Which rows hold a term, over texts that are split at spaces."""

import tracemalloc

import numpy as np
import pytest

from lamina.index.postings import REMEMBERED_TERMS, Postings, term_key


def postings(*texts):
    made = Postings(str.split)
    made.extend(texts)
    return made.view()


def rows_of(view, term):
    ((rows, counts),) = view.rows_of([term])
    return rows.tolist(), counts.tolist()


def test_a_term_has_the_rows_that_hold_it_and_how_often():
    view = postings("a b", "a a c", "b")
    assert [rows.tolist() for rows, _ in view.rows_of(["a", "zebra", "b"])] == [[0, 1], [], [0, 2]]
    assert rows_of(view, "a") == ([0, 1], [1, 2])
    assert view.rows_of([]) == []
    assert rows_of(postings(), "a") == ([], [])


def test_where_parts_are_sealed_changes_nothing(monkeypatch):
    monkeypatch.setattr("lamina.index.postings.PART_ROWS", 2)
    texts = ["a b", "b", "c a", "d", "a a b", "e"]
    made = Postings(str.split)
    for count, text in enumerate(texts, start=1):
        made.extend([text])
        view = made.view()
        assert len(view.parts) == (count - 1) // 2
        held = [(row, words.split().count("a")) for row, words in enumerate(texts[:count]) if "a" in words.split()]
        assert rows_of(view, "a") == ([row for row, _ in held], [often for _, often in held])


def test_a_part_is_sealed_when_it_holds_many_entries(monkeypatch):
    monkeypatch.setattr("lamina.index.postings.PART_ENTRIES", 3)
    view = postings("a b", "c d", "e")
    assert [part.first for part in view.parts] == [0]
    assert view.tail_first == 2


def test_a_part_is_sealed_before_a_row_with_which_it_would_take_too_many_bytes(monkeypatch):
    monkeypatch.setattr("lamina.index.postings.PART_BYTES", 2 * 100 + 4 * (3 + 12) + 50)
    whole = Postings(str.split)
    whole.extend(["a b", "c d", "e", "a b", "x"], beside=[0, 0, 0, 50, 500])
    assert [part.first for part in whole.view().parts] == [0, 2]
    assert whole.view().tail_first == 4


def test_parts_are_sealed_at_the_same_rows_whether_their_beginning_was_kept_or_not(monkeypatch):
    monkeypatch.setattr("lamina.index.postings.PART_BYTES", 700)
    texts = ["a b", "b c", "c a", "d e f", "a a b", "e", "g h i j", "a", "k l", "b"]
    beside = [0, 40, 0, 0, 90, 0, 0, 0, 10, 0]
    whole = Postings(str.split)
    whole.extend(texts, beside=beside)
    for count in range(1, len(texts)):
        begin, kept = Postings(str.split), Postings(str.split)
        begin.extend(texts[:count], beside=beside[:count])
        view = begin.view()
        ends = [part.first for part in view.parts[1:]] + [view.tail_first]
        for part, end in zip(view.parts, ends, strict=False):
            kept.take_in(part, view.lengths[part.first : end], is_full=True)
        first = view.tail_first
        kept.take_in(view.tail(), view.lengths[first:], is_full=False, beside=sum(beside[first:count]))
        kept.extend(texts[count:], beside=beside[count:])
        assert [part.first for part in kept.view().parts] == [part.first for part in whole.view().parts]


def test_a_tail_that_came_sealed_goes_on_growing_into_the_same_part(monkeypatch):
    monkeypatch.setattr("lamina.index.postings.PART_ROWS", 4)
    texts = ["a b", "b", "c a", "d", "a a b", "e"]
    kept, whole, begin = Postings(str.split), postings(*texts), postings(*texts[:3])
    kept.take_in(begin.tail(), begin.lengths, is_full=False)
    kept.extend(texts[3:])
    view = kept.view()
    for mine, other in ((view.parts[0], whole.parts[0]), (view.tail(), whole.tail())):
        for name in ("keys", "starts", "rows", "counts"):
            assert np.array_equal(getattr(mine, name), getattr(other, name)), name
    assert rows_of(view, "a") == rows_of(whole, "a") == ([0, 2, 4], [1, 1, 2])


def test_parts_that_do_not_follow_one_another_are_refused():
    made = Postings(str.split)
    made.extend(["a"])
    with pytest.raises(ValueError, match="follow"):
        made.take_in(made.view().tail(), np.array([1], dtype=np.int32), is_full=True)


def test_a_view_does_not_see_what_comes_later():
    made = Postings(str.split)
    made.extend(["a b"])
    view = made.view()
    made.extend(["b c"] * 2000)
    assert rows_of(view, "b") == ([0], [1])
    assert rows_of(view, "c") == ([], [])


def test_the_tail_of_a_view_does_not_hold_what_comes_later():
    made = Postings(str.split)
    made.extend(["a b", "b"])
    view = made.view()
    expected = view.tail()
    made.extend(["b c"] * 100)
    for name in ("keys", "starts", "rows", "counts"):
        assert np.array_equal(getattr(view.tail(), name), getattr(expected, name)), name


def test_bytes_grow_with_the_rows():
    small, large = Postings(str.split), Postings(str.split)
    small.extend(["a b c"])
    large.extend([f"a b c{number}" for number in range(1000)])
    assert 0 < small.nbytes < large.nbytes


def test_names_that_are_asked_for_once_take_little_memory() -> None:
    """Links look for what each of the best rows names; nothing of that may pile up in a process that runs for long."""
    view = Postings(str.split).view()
    tracemalloc.start()
    try:
        for number in range(0, 60_000, 100):
            view.rows_of([f"worker {number + place} noted item {number + place}" for place in range(100)])
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert term_key.cache_info().currsize <= REMEMBERED_TERMS
    assert held < 300 * REMEMBERED_TERMS < 5 * 2**20
