"""However an index came to hold its rows, each row has the same scores, bit for bit, as in one built at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.core.lifecycle import State
from lamina.core.rows import VectorRow
from lamina.index.bm25 import bm25
from lamina.index.container import BrokenContainer
from lamina.index.scope_index import STILL, ScopeIndex
from lamina.index.segments import FULL, TAIL, row_segments, take_in_rows, take_in_vectors, vector_segments
from lamina.index.union import Union
from lamina.recall.nearby import neighbour_weights
from lamina.testing.builders import an_index_row

WIDTH = 24
QUERY = np.random.default_rng(1).standard_normal(WIDTH).astype(np.float32)
ASKED = ["a", "c", "e", "a", "z"]
TEXTS = st.lists(st.sampled_from("abcdefgh"), max_size=12).map(" ".join)
COLUMNS = ("number", "until", "active", "arrived", "order", "session", "event", "at_us")


@st.composite
def histories(draw):
    """Give what an index takes in: rows, vectors, rows that are withdrawn in the end, and where batches end."""
    texts = draw(st.lists(TEXTS, min_size=1, max_size=25))
    rows = [
        an_index_row(
            2 * place + 1,
            text,
            session=draw(st.integers(0, 2)),
            session_name=draw(st.sampled_from([None, "s", "\ud800 🐝"])),
            order=draw(st.integers(0, 5)),
            event=place // 4,
            modality=draw(st.sampled_from(["message", "trace"])),
            at_us=draw(st.none() | st.integers(0, 10**10)),
            at_offset_s=draw(st.sampled_from([0, 3600, -18000])),
            speaker=draw(st.none() | st.sampled_from(["a", "q"])),
            agent=draw(st.none() | st.just("x")),
            metadata=draw(st.none() | st.just('{"k": 1}')),
        )
        for place, text in enumerate(texts)
    ]
    vectors = [vector for place in range(len(rows)) for vector in draw(spans(place))]
    withdrawn = draw(st.sets(st.integers(0, len(rows) - 1)))
    cuts = draw(st.sets(st.integers(1, len(rows))))
    return rows, vectors, withdrawn, sorted({*cuts, len(rows)})


def spans(place):
    def made(count):
        draws = np.random.default_rng([place, count]).standard_normal((count, WIDTH)).astype("<f2")
        return [
            VectorRow(place * 10 + span + 1, 2 * place + 1, span * 5, span * 5 + 5, draws[span].tobytes())
            for span in range(count)
        ]

    return st.integers(0, 3).map(made)


def an_index():
    return ScopeIndex(str.split, width=WIDTH, weigh=neighbour_weights)


def gone(rows, withdrawn):
    return [rows[place]._replace(state=State.WITHDRAWN, ended=98, event=97) for place in sorted(withdrawn)]


def kept(index):
    """Give an index that was made out of what another one gave to keep."""
    fresh, view = an_index(), index.view()
    if len(index):
        take_in_rows(fresh, list(row_segments(view, kept=0)), number=index.number)
    if index.vector_number:
        take_in_vectors(fresh, list(vector_segments(view, kept=0)), number=index.vector_number)
    return fresh


def grown(history, *, keeps=()):
    """Build in batches, vectors late, states changed after the fact; kept and taken in again after some batches."""
    rows, vectors, withdrawn, cuts = history
    index = an_index()
    first = 0
    for turn, cut in enumerate(cuts):
        index.extend(rows[first:cut], number=2 * cut)
        index.view()
        known = {row.number for row in rows[:first]}
        index.extend_vectors([vector for vector in vectors if vector.number in known], number=2 * first)
        first = cut
        if turn in keeps:
            index = kept(index)
    index.extend(gone(rows, withdrawn), number=99)
    if len(cuts) in keeps:
        index = kept(index)
    index.extend_vectors(vectors, number=999)
    return index


def built(history):
    """Build at once, in the last states."""
    rows, vectors, withdrawn, _ = history
    index = an_index()
    last = {row.number: row for row in rows} | {row.number: row for row in gone(rows, withdrawn)}
    index.extend(last.values(), number=99)
    index.extend_vectors(vectors, number=999)
    return index


def told(index):
    """Give all that a view says of its rows."""
    view = index.view()
    every = np.arange(len(view))
    union = Union([view])
    asked, beside = union.holders(ASKED), union.beside(neighbour_weights)
    names = {label: [[None, *view.names[label].all()][code] for code in getattr(view, label)] for label in view.names}
    return {
        **{name: getattr(view, name).tolist() for name in COLUMNS},
        **names,
        "metadata": view.metadata,
        "sides": [each.tolist() for each in view.sides],
        "joined": view.joined_parts.tolist(),
        "plain": bm25(asked, union.lengths, k1=1.2, b=0.75).tolist(),
        "beside": bm25(asked, union.joined, k1=1.2, b=0.75, beside=beside).tolist(),
        "cosines": view.vectors.cosines(every, QUERY).tolist(),
        "firsts": view.vectors.cosines(every, QUERY, is_first_span_only=True).tolist(),
        "estimates": view.vectors.estimates(QUERY).tolist(),
        "best": [view.vectors.best_span(row, QUERY) for row in every.tolist()],
    }


def small_parts(patch, rows, entries, spans_):
    patch.setattr("lamina.index.postings.PART_ROWS", rows)
    patch.setattr("lamina.index.postings.PART_ENTRIES", entries)
    patch.setattr("lamina.index.vectors.PART_SPANS", spans_)


@settings(max_examples=80, deadline=None)
@given(
    history=histories(),
    keeps=st.sets(st.integers(0, 25)),
    sizes=st.tuples(st.sampled_from([2, 7, 999]), st.sampled_from([5, 999]), st.sampled_from([2, 5, 999])),
)
def test_an_index_that_grew_or_was_kept_equals_one_built_at_once(history, keeps, sizes):
    expected = told(built(history))
    with pytest.MonkeyPatch.context() as patch:
        small_parts(patch, *sizes)
        assert told(grown(history)) == expected
        assert told(grown(history, keeps=keeps)) == expected


@settings(max_examples=40, deadline=None)
@given(history=histories(), keeps=st.sets(st.integers(0, 25)))
def test_sealed_parts_are_the_same_bytes_in_every_process(history, keeps):
    with pytest.MonkeyPatch.context() as patch:
        small_parts(patch, 4, 20, 5)
        one, other = grown(history), grown(history, keeps=keeps)
        for parts in (row_segments, vector_segments):
            mine, theirs = (
                [part for part in parts(index.view(), kept=0) if part.part == FULL] for index in (one, other)
            )
            if parts is row_segments:
                assert mine == theirs
            assert [part.ordinal for part in mine] == list(range(len(mine)))


@settings(max_examples=40, deadline=None)
@given(history=histories(), data=st.data())
def test_what_is_missing_or_changed_is_refused(history, data):
    with pytest.MonkeyPatch.context() as patch:
        small_parts(patch, 3, 999, 4)
        index = grown(history)
        segments = list(row_segments(index.view(), kept=0))
        place = data.draw(st.integers(0, len(segments) - 1))
        with pytest.raises(BrokenContainer):
            take_in_rows(an_index(), segments[:place] + segments[place + 1 :], number=index.number)
        broken = bytearray(segments[place].data)
        broken[data.draw(st.integers(0, len(broken) - 1))] ^= 1
        changed = segments[place]._replace(data=bytes(broken))
        with pytest.raises(BrokenContainer):
            take_in_rows(an_index(), [*segments[:place], changed, *segments[place + 1 :]], number=index.number)
        with pytest.raises(BrokenContainer, match="beyond"):
            take_in_rows(an_index(), segments, number=index.number - 1)


def lexical(views, *, is_joined):
    union = Union(views)
    if is_joined:
        beside = union.beside(neighbour_weights)
        return bm25(union.holders(ASKED), union.joined, k1=0.9, b=0.4, beside=beside).tolist()
    return bm25(union.holders(ASKED), union.lengths, k1=0.9, b=0.4).tolist()


@settings(max_examples=60, deadline=None)
@given(history=histories(), data=st.data())
def test_walls_scored_together_equal_one_wall_of_all_rows(history, data):
    rows, vectors, _, cuts = history
    # Neighbours lie in one wall: so that none is lost, each half has sessions of its own.
    cut = data.draw(st.integers(0, len(rows)))
    rows = [row._replace(session=row.session + 10 * (place >= cut)) for place, row in enumerate(rows)]
    walls = [built((part, vectors, set(), cuts)).view() for part in (rows[:cut], rows[cut:])]
    whole = built((rows, vectors, set(), cuts)).view()
    for is_joined in (False, True):
        assert lexical(walls, is_joined=is_joined) == lexical([whole], is_joined=is_joined)
    together, every = Union(walls), np.arange(len(rows))
    assert together.cosines(every, QUERY).tolist() == whole.vectors.cosines(every, QUERY).tolist()
    assert together.estimates(QUERY).tolist() == whole.vectors.estimates(QUERY).tolist()
    assert together.walls(every).tolist() == [int(row >= cut) for row in every]
    assert [together.place(row) for row in every] == [(0, row) if row < cut else (1, row - cut) for row in every]


@settings(max_examples=40, deadline=None)
@given(history=histories())
def test_states_change_no_score_without_neighbours(history):
    rows, vectors, withdrawn, cuts = history
    still, changed = (built((rows, vectors, those, cuts)).view() for those in (set(), withdrawn))
    assert lexical([still], is_joined=False) == lexical([changed], is_joined=False)
    assert (changed.until != STILL).sum() == len(withdrawn)


def test_vectors_of_rows_that_are_not_there_are_refused():
    index = an_index()
    row = an_index_row(1, "a")
    index.extend([row, row._replace(number=2)], number=2)
    index.extend_vectors([VectorRow(1, 2, 0, 1, bytes(2 * WIDTH))], number=1)
    segments = list(vector_segments(index.view(), kept=0))
    assert [segment.part for segment in segments] == [TAIL]
    smaller = an_index()
    smaller.extend([row], number=1)
    with pytest.raises(BrokenContainer, match="not there"):
        take_in_vectors(smaller, segments, number=1)
    assert not smaller.has_vector(1)
