from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lamina.core.lifecycle import State
from lamina.core.protocols import IndexRow, VectorRow
from lamina.index.postings import Beside, bm25
from lamina.index.scope_index import NO_TIME, ScopeIndex
from lamina.index.vectors import cosine


def a_row(record_id="r1", text="bees", **fields):
    given = {
        "record_id": record_id,
        "revision": 1,
        "number": 1,
        "state": State.ACTIVE,
        "arrived": 1,
        "session": 0,
        "session_name": None,
        "order": 0,
        "at_us": None,
        "speaker": None,
        "role": None,
        "agent": None,
        "run": None,
        "text": text,
    }
    return IndexRow(**{**given, **fields})


def a_vector(record_id="r1", values=(1.0, 0.0), **fields):
    given = {"vector_number": 1, "record_id": record_id, "revision": 1, "start": 0, "end": 4}
    return VectorRow(**{**given, **fields}, values=np.array(values, dtype="<f2").tobytes())


def an_index(*rows):
    index = ScopeIndex(str.split, width=2)
    index.extend(rows, number=max((row.number for row in rows), default=0))
    return index


def test_a_view_has_the_rows_as_arrays():
    rows = [
        a_row("r1", arrived=4, order=7, session=3, session_name="s", at_us=99, speaker="Ada", role="user", agent="x"),
        a_row("r2", revision=2, arrived=5, run="y", speaker="Ada"),
    ]
    view = an_index(*rows).view()
    assert len(view) == 2
    assert list(view.keys) == [("r1", 1), ("r2", 2)]
    assert (view.arrived.tolist(), view.order.tolist(), view.session.tolist()) == ([4, 5], [7, 0], [3, 0])
    assert view.at_us.tolist() == [99, NO_TIME]
    assert view.speakers.all() == ["Ada"]
    assert view.speaker.tolist() == [view.speakers.known("Ada")] * 2
    assert (view.role > 0).tolist() == (view.agent > 0).tolist() == (view.session_name > 0).tolist() == [True, False]
    assert (view.run > 0).tolist() == [False, True]


def test_no_row_carries_a_name_that_was_never_given():
    view = an_index(a_row(speaker="Ada")).view()
    assert view.speakers.known("Bo") == -1
    assert view.speakers.known(None) == 0


def test_the_speaker_is_part_of_the_words():
    view = an_index(a_row(text="bees", speaker="Ada"), a_row("r2", text="Ada")).view()
    assert view.postings.rows_of("Ada:")[0].tolist() == [0]
    assert view.postings.lengths.tolist() == [2, 1]


def test_only_active_revisions_are_active():
    states = list(State)
    view = an_index(*(a_row(f"r{place}", state=state) for place, state in enumerate(states))).view()
    assert view.active.tolist() == [state is State.ACTIVE for state in states]


def test_a_known_revision_changes_its_state_and_nothing_else():
    index = an_index(a_row("r1"), a_row("r2"))
    before = index.view()
    index.extend([a_row("r1", state=State.WITHDRAWN, number=9, text="")], number=9)
    after = index.view()
    assert (before.active.tolist(), after.active.tolist()) == ([True, True], [False, True])
    assert len(after) == 2
    assert after.postings.lengths.tolist() == [1, 1]
    assert index.number == 9


def test_a_revision_that_comes_twice_in_one_batch_is_one_row_in_its_last_state():
    view = an_index(a_row("r1"), a_row("r1", state=State.SUPERSEDED)).view()
    assert view.active.tolist() == [False]


def test_withdrawing_a_row_joins_its_neighbours_and_old_views_keep_theirs():
    index = an_index(*(a_row(f"r{place}", order=place, arrived=place) for place in range(3)))
    before = index.view()
    index.extend([a_row("r1", state=State.WITHDRAWN)], number=4)
    assert index.view().stream.sides[0].tolist() == [-1, -1, 0]
    assert before.stream.sides[0].tolist() == [-1, 0, 1]


def test_neighbours_are_worked_out_once_while_nothing_changes():
    index = an_index(a_row())
    assert index.view().stream is index.view().stream


def test_vectors_of_unknown_revisions_are_left_out_and_so_is_a_second_delivery():
    index = an_index(a_row("r1"))
    index.extend_vectors([a_vector("r1"), a_vector("gone", vector_number=2)])
    index.extend_vectors([a_vector("r1", values=(0.0, 1.0), vector_number=3)])
    assert index.view().vectors.matrix.tolist() == [[1, 0]]
    assert index.vector_number == 3
    assert index.has_vector("r1", 1)
    assert not index.has_vector("gone", 1)
    assert not index.has_vector("r1", 2)


def test_all_spans_of_a_revision_are_taken_in():
    index = an_index(a_row("r1"))
    index.extend_vectors([a_vector("r1"), a_vector("r1", values=(0.0, 1.0), start=4, end=9, vector_number=2)])
    assert index.view().vectors.starts.tolist() == [0, 4]


def test_a_view_stays_as_it_was_while_the_index_grows():
    index = an_index(a_row("r1", "bees hum", speaker="Ada"))
    index.extend_vectors([a_vector("r1")])
    view = index.view()
    query = np.array([1.0, 0.0], dtype=np.float32)
    scores = bm25([view.postings], ["bees", "hum"], k1=1.2, b=0.75), cosine([(view.vectors, len(view))], query)
    for place in range(2, 200):
        index.extend([a_row(f"r{place}", "bees and bears", speaker=f"S{place}")], number=place)
        index.extend_vectors([a_vector(f"r{place}", vector_number=place)])
    assert len(view) == 1
    assert np.array_equal(bm25([view.postings], ["bees", "hum"], k1=1.2, b=0.75), scores[0])
    assert np.array_equal(cosine([(view.vectors, len(view))], query), scores[1])


def test_readers_of_a_view_are_not_disturbed_by_a_writer():
    index = an_index(*(a_row(f"r{place}", f"bees t{place}", order=place, arrived=place) for place in range(50)))
    index.extend_vectors([a_vector(f"r{place}", vector_number=place + 1) for place in range(50)])
    view = index.view()
    query = np.array([0.6, 0.8], dtype=np.float32)

    def scores():
        beside = [Beside(*view.stream.sides, *np.ones((2, len(view))))]
        lexical = bm25([view.postings], ["bees", "t7", "t60"], k1=1.2, b=0.75, beside=beside)
        return [*lexical, *cosine([(view.vectors, len(view))], query), *view.active]

    def write():
        for place in range(50, 400):
            index.extend(
                [a_row(f"r{place}", f"bees t{place}"), a_row(f"r{place - 50}", state=State.WITHDRAWN)], number=place
            )
            index.extend_vectors([a_vector(f"r{place}", vector_number=place + 1)])
            index.view()

    expected = scores()
    with ThreadPoolExecutor() as pool:
        writer = pool.submit(write)
        readers = [pool.submit(scores) for _ in range(60)]
        writer.result()
    assert all(reader.result() == expected for reader in readers)
    assert len(index.view()) == 400


def test_an_analyser_that_fails_leaves_the_index_as_it_was():
    def analyse(text):
        if text == "broken":
            raise ValueError(text)
        return text.split()

    index = ScopeIndex(analyse, width=2)
    index.extend([a_row("r1")], number=1)
    with pytest.raises(ValueError, match="broken"):
        index.extend([a_row("r2", "fine"), a_row("r3", "broken")], number=2)
    assert (len(index.view()), index.number) == (1, 1)
    index.extend([a_row("r2", "fine")], number=2)
    assert index.view().postings.rows_of("fine")[0].tolist() == [1]


def test_an_empty_index_has_an_empty_view():
    view = an_index().view()
    assert len(view) == 0
    assert view.stream.sides[0].tolist() == []


def test_bytes_count_what_is_held():
    small, large = an_index(a_row()), an_index(*(a_row(f"r{place}") for place in range(500)))
    assert small.nbytes < large.nbytes
    before = large.nbytes
    large.extend_vectors([a_vector(f"r{place}") for place in range(500)])
    assert large.nbytes > before
