from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lamina.core.lifecycle import State
from lamina.core.rows import VectorRow
from lamina.index.bm25 import bm25
from lamina.index.scope_index import NO_TIME, STILL, ScopeIndex
from lamina.index.union import Union
from lamina.recall.nearby import neighbour_weights
from lamina.testing.builders import an_index_row

QUERY = np.array([0.6, 0.8], dtype=np.float32)


def ended(row, number, state=State.WITHDRAWN):
    return row._replace(state=state, ended=number)


def a_vector(number=1, values=(1.0, 0.0), **fields):
    given = {"vector_number": number, "number": number, "start": 0, "end": 4}
    return VectorRow(**{**given, **fields}, values=np.array(values, dtype="<f2").tobytes())


def an_index(*rows):
    index = ScopeIndex(str.split, width=2)
    index.extend(rows, number=max((row.number for row in rows), default=0))
    return index


def test_a_view_has_the_rows_as_arrays():
    rows = [
        an_index_row(
            4,
            order=7,
            event=2,
            session=3,
            session_name="s",
            at_us=99,
            speaker="Ada",
            role="user",
            agent="x",
            metadata="{}",
        ),
        an_index_row(5, run="y", speaker="Ada"),
    ]
    view = an_index(*rows).view()
    assert len(view) == 2
    assert view.number.tolist() == view.arrived.tolist() == [4, 5]
    assert (view.order.tolist(), view.session.tolist()) == ([7, 5], [3, 0])
    assert (view.event.tolist(), view.at_us.tolist(), view.until.tolist()) == ([2, 0], [99, NO_TIME], [STILL, STILL])
    assert view.names["kind"].all() == ["observation"]
    assert (view.names["layer"].all(), view.names["state"].all()) == (["episodic"], ["active"])
    assert view.names["speaker"].all() == ["Ada"]
    assert view.speaker.tolist() == [view.names["speaker"].known("Ada")] * 2
    assert (view.role > 0).tolist() == (view.agent > 0).tolist() == (view.session_name > 0).tolist() == [True, False]
    assert (view.run > 0).tolist() == [False, True]
    assert view.metadata == {0: "{}"}


def test_rows_stand_in_the_order_of_their_numbers_however_they_come():
    assert an_index(an_index_row(7), an_index_row(3), an_index_row(5)).view().number.tolist() == [3, 5, 7]


def test_no_row_carries_a_name_that_was_never_given():
    view = an_index(an_index_row(speaker="Ada")).view()
    assert view.names["speaker"].known("Bo") == -1
    assert view.names["speaker"].known(None) == 0


def test_speakers_that_are_roles_are_no_names():
    assert an_index(
        an_index_row(speaker="user", role="user"), an_index_row(2, speaker="Ada", role="user")
    ).view().speakers == ("Ada",)


def test_the_speaker_is_part_of_the_words():
    view = an_index(an_index_row(text="bees", speaker="Ada"), an_index_row(2, text="Ada")).view()
    assert view.postings.rows_of(["Ada:"])[0][0].tolist() == [0]
    assert view.postings.lengths.tolist() == [2, 1]


def test_a_known_revision_changes_its_state_and_nothing_else():
    index = an_index(an_index_row(1), an_index_row(2))
    before = index.view()
    index.extend([ended(an_index_row(1, ""), 9)], number=9)
    after = index.view()
    assert (before.active.tolist(), after.active.tolist()) == ([True, True], [False, True])
    assert (before.until.tolist(), after.until.tolist()) == ([STILL, STILL], [9, STILL])
    assert after.postings.lengths.tolist() == [1, 1]
    assert index.number == 9


def test_what_comes_back_is_active_again():
    index = an_index(an_index_row(1))
    index.extend([ended(an_index_row(1), 2)], number=2)
    index.extend([an_index_row(1)], number=3)
    assert (index.view().active.tolist(), index.view().until.tolist()) == ([True], [STILL])


def test_withdrawing_a_row_joins_its_neighbours_and_old_views_keep_theirs():
    index = an_index(*(an_index_row(number) for number in (1, 2, 3)))
    before = index.view()
    index.extend([ended(an_index_row(2), 4)], number=4)
    assert index.view().sides[0].tolist() == [-1, -1, 0]
    assert before.sides[0].tolist() == [-1, 0, 1]


def test_neighbours_lie_within_the_gap_that_is_asked_for():
    index = ScopeIndex(str.split, width=2, gap_us=10)
    index.extend([an_index_row(1, at_us=0), an_index_row(2, at_us=10), an_index_row(3, at_us=21)], number=3)
    assert index.view().sides[0].tolist() == [-1, 0, -1]


def test_a_view_is_made_once_while_nothing_changes():
    index = an_index(an_index_row())
    view = index.view()
    assert index.view() is view
    index.extend_vectors([a_vector()], number=1)
    assert index.view() is not view
    assert (index.view().reach, index.view().vector_reach) == (1, 1)


def test_a_row_can_come_to_lie_in_another_event():
    index = an_index(an_index_row(1, event=1), an_index_row(2, event=1))
    before = index.view()
    index.extend([an_index_row(2, event=5)], number=6)
    assert (index.view().event.tolist(), before.event.tolist()) == ([1, 5], [1, 1])


def test_vectors_of_unknown_revisions_are_left_out_and_so_is_a_second_delivery():
    index = an_index(an_index_row(1))
    index.extend_vectors([a_vector(1), a_vector(2, vector_number=2)], number=2)
    index.extend_vectors([a_vector(1, values=(0.0, 1.0), vector_number=3)], number=3)
    assert index.view().vectors.cosines(np.array([0]), np.array([1.0, 0.0], np.float32)).tolist() == pytest.approx([1])
    assert index.vector_number == 3
    assert index.has_vector(1)
    assert not index.has_vector(2)


def test_all_spans_of_a_revision_are_taken_in():
    index = an_index(an_index_row())
    index.extend_vectors([a_vector(), a_vector(values=(0.0, 1.0), start=4, end=9, vector_number=2)])
    assert index.view().vectors.span_count.tolist() == [2]


def test_a_view_stays_as_it_was_while_the_index_grows(monkeypatch):
    monkeypatch.setattr("lamina.index.postings.PART_ROWS", 50)
    monkeypatch.setattr("lamina.index.vectors.PART_SPANS", 30)
    index = an_index(an_index_row(1, "bees hum", speaker="Ada"))
    index.extend_vectors([a_vector(1)])
    view = index.view()

    def scores():
        union = Union([view])
        found = bm25(union.holders(["bees", "hum"]), union.lengths, k1=1.2, b=0.75)
        return found.tolist(), view.vectors.estimates(QUERY).tolist()

    expected = scores()
    for number in range(2, 200):
        index.extend([an_index_row(number, "bees and bears", speaker=f"S{number}")], number=number)
        index.extend_vectors([a_vector(number)])
    assert len(view) == 1
    assert scores() == expected
    assert len(index.view()) == 199


def test_readers_of_a_view_are_not_disturbed_by_a_writer(monkeypatch):
    monkeypatch.setattr("lamina.index.postings.PART_ROWS", 60)
    monkeypatch.setattr("lamina.index.vectors.PART_SPANS", 40)
    index = ScopeIndex(str.split, width=2, weigh=neighbour_weights)
    index.extend([an_index_row(number, f"bees t{number}") for number in range(1, 51)], number=50)
    index.extend_vectors([a_vector(number) for number in range(1, 51)])
    view = index.view()

    def scores():
        union = Union([view])
        asked, beside = union.holders(["bees", "t7", "t60"]), union.beside(neighbour_weights)
        lexical = bm25(asked, union.joined, k1=1.2, b=0.75, beside=beside)
        cosines = view.vectors.cosines(np.arange(len(view)), QUERY)
        return [*lexical, *cosines, *view.vectors.estimates(QUERY), *view.active]

    def write():
        for number in range(51, 400):
            gone = an_index_row(number - 50, f"bees t{number - 50}")
            index.extend([an_index_row(number, f"bees t{number}"), ended(gone, number)], number=number)
            index.extend_vectors([a_vector(number)])
            index.view()

    expected = scores()
    with ThreadPoolExecutor() as pool:
        writer = pool.submit(write)
        readers = [pool.submit(scores) for _ in range(60)]
        writer.result()
    assert all(reader.result() == expected for reader in readers)
    assert len(index.view()) == 399


def test_an_analyser_that_fails_leaves_the_index_as_it_was():
    def analyse(text):
        if text == "broken":
            raise ValueError(text)
        return text.split()

    index = ScopeIndex(analyse, width=2)
    index.extend([an_index_row(1)], number=1)
    with pytest.raises(ValueError, match="broken"):
        index.extend([an_index_row(2, "fine"), an_index_row(3, "broken")], number=3)
    assert (len(index.view()), index.number) == (1, 1)
    index.extend([an_index_row(2, "fine")], number=2)
    assert index.view().postings.rows_of(["fine"])[0][0].tolist() == [1]


def test_an_empty_index_has_an_empty_view():
    view = an_index().view()
    assert len(view) == 0
    assert view.sides[0].tolist() == []
    assert view.session_starts.tolist() == []


def test_bytes_count_what_is_held():
    small, large = an_index(an_index_row()), an_index(*(an_index_row(number, f"t{number}") for number in range(1, 501)))
    before, after = small.nbytes_by_part, large.nbytes_by_part
    assert all(before[part] < after[part] for part in ("columns", "postings"))
    large.extend_vectors([a_vector(number) for number in range(1, 501)])
    assert large.nbytes_by_part["vectors"] > after["vectors"]


def test_sessions_begin_where_the_name_changes_however_the_rows_came():
    names = [None, None, "a", "a", "b", "a"]
    rows = [an_index_row(number, session_name=name) for number, name in enumerate(names, start=1)]
    together, one_by_one = an_index(*rows), an_index()
    for row in rows:
        one_by_one.extend([row], number=row.number)
    assert together.view().session_starts.tolist() == one_by_one.view().session_starts.tolist() == [0, 2, 4, 5]
