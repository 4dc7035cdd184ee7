"""Segments: an index of one wall in checked parts of a few MB, to be kept and taken in again.

Rows: one segment for each full part of the postings, with the columns of its rows, and a *tail* with the rows behind
them and with what has become of earlier ones. Vectors likewise, for themselves: they depend on the encoder, rows on the
analyser. Full segments are never written again; a tail takes the place of the one before. What is broken or missing
is told, and built anew from the records by whoever asked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice, zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.core.rows import Segment
from lamina.index.columns import run_sizes, run_starts
from lamina.index.container import BrokenContainer, Header, pack_container, unpack_container
from lamina.index.postings import SealedPostings
from lamina.index.scope_index import LABELS, NUMBERS, STILL, Ended, IndexView, ScopeIndex
from lamina.index.vectors import VectorPart

#: Changes with the layout of any segment.
FORMAT = "3"
FULL, TAIL = "full", "tail"
Arrays = dict[str, NDArray[Any]]
_POSTINGS = ("keys", "starts", "rows", "counts")
_SPANS = ("rows", "starts", "ends", "scales", "values")
#: What can become of a row stands in the tail alone: its state where it has ended, and in which event it lies.
_FOR_LIFE = tuple(label for label in LABELS if label != "state")
_NUMBERS = (*(name for name in NUMBERS if name != "event"), "asking")


def rows_producer(analyser: str) -> str:
    """Give the name under which rows are kept whose terms `analyser` made."""
    return f"rows.{FORMAT}:{analyser}"


def vectors_producer(model: str, width: int) -> str:
    """Give the name under which vectors are kept that a model made."""
    return f"vectors.{FORMAT}:{model}:{width}"


def is_current(producer: str) -> bool:
    """Say whether what is kept under a name has today's layout."""
    return producer.startswith((rows_producer(""), f"vectors.{FORMAT}:"))


def row_segments(view: IndexView, *, kept: int) -> Iterator[Segment]:
    """Give the segments of an index's rows one by one, without the first `kept` full ones; the tail comes last."""
    if not len(view):
        return
    parts = view.postings.parts
    ends = [part.first for part in parts[1:]] + [view.postings.tail_first] if parts else []
    for ordinal, (part, end) in enumerate(zip(parts, ends, strict=True)):
        if ordinal >= kept:
            yield Segment(FULL, ordinal, int(view.number[end - 1]), _packed_rows(view, part, end, {}, {}))
    ended = np.flatnonzero(view.until != STILL)
    begins = run_starts(view.event)
    header = {"full": len(parts), "number": view.reach, "states": [None, *view.names["state"].all()]}
    extra: Arrays = {
        "ended.rows": ended.astype(np.int32),
        "ended.until": view.until[ended],
        "ended.state": view.state[ended].astype(np.uint8),
        "events.begin": begins.astype(np.int32),
        "events.event": view.event[begins],
    }
    yield Segment(TAIL, 0, view.reach, _packed_rows(view, view.postings.tail(), len(view), header, extra))


def vector_segments(view: IndexView, *, kept: int) -> Iterator[Segment]:
    """Give the segments of an index's vectors likewise, without loose ones; nothing where there are none."""
    if not view.vector_reach:
        return
    parts, count = view.vectors.parts, view.vectors.full_count
    for ordinal in range(kept, count):
        # Spans come in the order of their numbers, which nothing but the order of the parts tells.
        yield Segment(FULL, ordinal, ordinal + 1, pack_container({}, _vector_arrays(parts[ordinal])))
    header = {"full": count, "number": view.vector_reach}
    tail = {} if view.vectors.kept_count == count else _vector_arrays(parts[count])
    yield Segment(TAIL, 0, view.vector_reach, pack_container(header, tail))


def take_in_rows(index: ScopeIndex, segments: Sequence[Segment], *, number: int) -> int:
    """Fill an empty index with kept rows, and give how many of its full parts are kept.

    `number` is the last operation of the wall.

    Raises:
        BrokenContainer: a segment is missing, cut or changed, or reaches beyond the wall; the index cannot be used.
    """
    with _what_is_told():
        return _rows_taken_in(index, segments, number=number)


def _rows_taken_in(index: ScopeIndex, segments: Sequence[Segment], *, number: int) -> int:
    unpacked = _in_order(segments)
    last, arrays = unpacked[-1]
    if last["number"] > number:
        raise BrokenContainer(f"it reaches beyond operation {number}, the wall's last")
    for header, held in unpacked:
        first = len(index)
        if header["first"] != first:
            raise BrokenContainer(f"a segment begins at row {header['first']}, behind row {first}")
        part = SealedPostings(first, *(held[f"postings.{name}"] for name in _POSTINGS))
        labels = {label: _renamed(index, label, header["names"][label], held[label]) for label in _FOR_LIFE}
        columns = {**{name: held[name] for name in _NUMBERS}, **labels}
        metadata = {first + int(row): text for row, text in header["metadata"].items()}
        index.take_in(columns, part, held["lengths"], is_full=header is not last, metadata=metadata)
    state = _renamed(index, "state", last["states"], arrays["ended.state"])
    events = np.repeat(arrays["events.event"], run_sizes(arrays["events.begin"], end=len(index)))
    index.settle(Ended(arrays["ended.rows"], arrays["ended.until"], state), events, number=last["number"])
    return int(last["full"])


def take_in_vectors(index: ScopeIndex, segments: Sequence[Segment], *, number: int) -> int:
    """Fill an index that has its rows with kept vectors, and give how many of its full parts are kept.

    `number` is the last vector of the wall.

    Raises:
        BrokenContainer: a segment is missing, cut or changed, or names rows that are not there.
    """
    with _what_is_told():
        return _vectors_taken_in(index, segments, number=number)


def _vectors_taken_in(index: ScopeIndex, segments: Sequence[Segment], *, number: int) -> int:
    unpacked = _in_order(segments)
    last = unpacked[-1][0]
    if last["number"] > number:
        raise BrokenContainer(f"it reaches beyond vector {number}, the wall's last")
    held = [(header, arrays) for header, arrays in unpacked if arrays]
    if any(arrays["rows"].max(initial=-1) >= len(index) for _, arrays in held):
        raise BrokenContainer("a vector belongs to a row that is not there")
    for header, arrays in held:
        index.take_in_vectors(_vector_part(arrays), is_full=header is not last)
    index.vector_number = last["number"]
    return int(last["full"])


def vectors_reach(tail: Segment) -> int:
    """Give the last vector that kept segments hold, of which this is the tail.

    Raises:
        BrokenContainer: it is cut or changed.
    """
    with _what_is_told():
        return int(unpack_container(tail.data)[0]["number"])


def vector_parts(full: Iterable[Segment], tail: Segment) -> Iterator[VectorPart]:
    """Give the parts of kept vectors one by one.

    Raises:
        BrokenContainer: a segment is missing, cut or changed.
    """
    with _what_is_told():
        header, arrays = unpack_container(tail.data)
        for ordinal, segment in zip_longest(range(header["full"]), islice(full, header["full"])):
            if segment is None or segment.ordinal != ordinal:
                raise BrokenContainer(f"segment {ordinal} is missing")
            yield _vector_part(unpack_container(segment.data)[1])
        if arrays:
            yield _vector_part(arrays)


@contextmanager
def _what_is_told() -> Iterator[None]:
    """Call a segment broken that lacks what one of this format has."""
    try:
        yield
    except KeyError as error:
        raise BrokenContainer(f"a segment lacks {error}") from error


def _in_order(segments: Sequence[Segment]) -> list[tuple[Header, Arrays]]:
    """Give the full segments and the tail, unpacked."""
    full = {segment.ordinal: segment for segment in segments if segment.part == FULL}
    tails = [segment for segment in segments if segment.part == TAIL]
    if len(tails) != 1:
        raise BrokenContainer("the tail is missing")
    header, arrays = unpack_container(tails[0].data)
    missing = [ordinal for ordinal in range(header["full"]) if ordinal not in full]
    if missing:
        raise BrokenContainer(f"segment {missing[0]} is missing")
    return [*(unpack_container(full[ordinal].data) for ordinal in range(header["full"])), (header, arrays)]


def _packed_rows(
    view: IndexView, part: SealedPostings, end: int, header: Header, extra: Mapping[str, NDArray[Any]]
) -> bytes:
    rows = slice(part.first, end)
    arrays: Arrays = {name: getattr(view, name)[rows] for name in _NUMBERS}
    names: dict[str, list[str | None]] = {}
    for label in _FOR_LIFE:
        every = [None, *view.names[label].all()]
        used, codes = np.unique(getattr(view, label)[rows], return_inverse=True)
        arrays[label] = codes.astype(np.min_scalar_type(max(len(used) - 1, 0)))
        names[label] = [every[number] for number in used.tolist()]
    arrays["lengths"] = view.postings.lengths[rows]
    arrays |= {f"postings.{name}": getattr(part, name) for name in _POSTINGS}
    arrays |= extra
    # One step, which no other thread can interrupt.
    metadata = {row - part.first: text for row, text in tuple(view.metadata.items()) if part.first <= row < end}
    return pack_container({**header, "first": part.first, "names": names, "metadata": metadata}, arrays)


def _renamed(index: ScopeIndex, label: str, names: Sequence[str | None], codes: NDArray[Any]) -> NDArray[np.int32]:
    """Give the numbers that names, by their places in a segment, have in the index."""
    numbers: NDArray[np.int32] = np.array([index.names[label].number(name) for name in names], dtype=np.int32)[codes]
    return numbers


def _vector_part(arrays: Arrays) -> VectorPart:
    return VectorPart.of(**{name: arrays[name] for name in _SPANS}, signs=tuple(arrays["signs"]))


def _vector_arrays(part: VectorPart) -> Arrays:
    return {**{name: getattr(part, name) for name in _SPANS}, "signs": np.stack(part.signs)}
