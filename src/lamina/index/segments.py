"""Segments: an index of one wall in checked parts of a few MB, to be kept and taken in again.

Rows: one segment for each sealed part of the postings, with the columns of its rows, and a *tail* with the rows behind
them and with what no longer is active. Vectors likewise, for themselves: they depend on the encoder, rows on the
analyser. Sealed segments are never written again; a tail takes the place of the one before. What is broken or missing
is told, and built anew from the records by whoever asked.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.core.protocols import Segment
from lamina.index.container import BrokenContainer, Header, pack_container, unpack_container
from lamina.index.postings import SealedPostings
from lamina.index.scope_index import LABELS, NUMBERS, STILL, ScopeIndex
from lamina.index.vectors import VectorPart

#: Changes with the layout of any segment.
FORMAT = "1"
SEALED, TAIL = "sealed", "tail"
Arrays = dict[str, NDArray[Any]]
_POSTINGS = ("keys", "starts", "rows", "counts")
_VECTORS = ("rows", "starts", "ends", "scales", "values", "signs")


def rows_producer(analyser: str) -> str:
    """Give the name under which rows are kept whose terms `analyser` made."""
    return f"rows.{FORMAT}:{analyser}"


def vectors_producer(model: str, width: int) -> str:
    """Give the name under which vectors are kept that a model made."""
    return f"vectors.{FORMAT}:{model}:{width}"


def row_segments(index: ScopeIndex, *, kept: int) -> list[Segment]:
    """Give the segments of an index's rows, without the first `kept` sealed ones; nothing for an empty one."""
    if not len(index):
        return []
    parts = list(index.postings.parts)
    ends = [part.first for part in parts[1:]] + [index.postings.tail_first] if parts else []
    segments = [
        Segment(SEALED, ordinal, int(index.column("number")[end - 1]), _packed_rows(index, part, end, {}, {}))
        for ordinal, (part, end) in enumerate(zip(parts, ends, strict=True))
        if ordinal >= kept
    ]
    ended = np.flatnonzero(index.column("until") != STILL)
    extra = {"ended": ended.astype(np.int32), "until": index.column("until")[ended]}
    header = {"sealed": len(parts), "number": index.number}
    tail = _packed_rows(index, index.postings.tail(), len(index), header, extra)
    return [*segments, Segment(TAIL, 0, index.number, tail)]


def vector_segments(index: ScopeIndex, *, kept: int) -> list[Segment]:
    """Give the segments of an index's vectors, without the first `kept` sealed ones; nothing where there are none."""
    if not index.vector_number:
        return []
    parts = index.vectors.parts
    segments = [
        Segment(SEALED, ordinal, 0, pack_container({}, _vector_arrays(part)))
        for ordinal, part in enumerate(parts)
        if ordinal >= kept
    ]
    header = {"sealed": len(parts), "number": index.vector_number}
    return [
        *segments,
        Segment(TAIL, 0, index.vector_number, pack_container(header, _vector_arrays(index.vectors.tail()))),
    ]


def take_in_rows(index: ScopeIndex, segments: Sequence[Segment], *, number: int) -> int:
    """Fill an empty index with kept rows, and give how many of its sealed parts are kept.

    `number` is the last operation of the wall.

    Raises:
        BrokenContainer: a segment is missing, cut or changed, or reaches beyond the wall; the index cannot be used.
    """
    unpacked = _in_order(segments)
    if unpacked[-1][0]["number"] > number:
        raise BrokenContainer(f"it reaches beyond operation {number}, the wall's last")
    for header, arrays in unpacked:
        first = len(index)
        if header["first"] != first:
            raise BrokenContainer(f"a segment begins at row {header['first']}, behind row {first}")
        part = SealedPostings(first, *(arrays[f"postings.{name}"] for name in _POSTINGS))
        index.postings.take_in(part, arrays["lengths"], is_sealed=header is not unpacked[-1][0])
        labels = {label: _renamed(index, label, header["names"][label], arrays[label]) for label in LABELS}
        index.take_in({**{name: arrays[name] for name in NUMBERS}, **labels})
        index.metadata.update({first + int(row): text for row, text in header["metadata"].items()})
    header, arrays = unpacked[-1]
    index.end(arrays["ended"], arrays["until"])
    index.number = header["number"]
    return int(header["sealed"])


def take_in_vectors(index: ScopeIndex, segments: Sequence[Segment]) -> int:
    """Fill an index that has its rows with kept vectors, and give how many of its sealed parts are kept.

    Raises:
        BrokenContainer: a segment is missing, cut or changed, or names rows that are not there.
    """
    unpacked = _in_order(segments)
    if any(arrays["rows"].max(initial=-1) >= len(index) for _, arrays in unpacked):
        raise BrokenContainer("a vector belongs to a row that is not there")
    for header, arrays in unpacked:
        part = VectorPart.of(*(arrays[name] for name in _VECTORS))
        index.vectors.take_in(part, is_sealed=header is not unpacked[-1][0])
    index.vector_number = unpacked[-1][0]["number"]
    return int(unpacked[-1][0]["sealed"])


def _in_order(segments: Sequence[Segment]) -> list[tuple[Header, Arrays]]:
    """Give the sealed segments and the tail, unpacked."""
    sealed = {segment.ordinal: segment for segment in segments if segment.part == SEALED}
    tails = [segment for segment in segments if segment.part == TAIL]
    if len(tails) != 1:
        raise BrokenContainer("the tail is missing")
    header, arrays = unpack_container(tails[0].data)
    missing = [ordinal for ordinal in range(header["sealed"]) if ordinal not in sealed]
    if missing:
        raise BrokenContainer(f"segment {missing[0]} is missing")
    return [*(unpack_container(sealed[ordinal].data) for ordinal in range(header["sealed"])), (header, arrays)]


def _packed_rows(index: ScopeIndex, part: SealedPostings, end: int, header: Header, extra: Arrays) -> bytes:
    rows = slice(part.first, end)
    arrays: Arrays = {name: index.column(name)[rows] for name in NUMBERS}
    names: dict[str, list[str | None]] = {}
    for label in LABELS:
        every = [None, *index.names[label].all()]
        used, arrays[label] = np.unique(index.column(label)[rows], return_inverse=True)
        arrays[label] = arrays[label].astype(np.min_scalar_type(max(len(used) - 1, 0)))
        names[label] = [every[number] for number in used.tolist()]
    arrays["lengths"] = index.postings.view().lengths[rows]
    arrays |= {f"postings.{name}": getattr(part, name) for name in _POSTINGS} | extra
    metadata = {row - part.first: text for row, text in index.metadata.items() if part.first <= row < end}
    return pack_container({**header, "first": part.first, "names": names, "metadata": metadata}, arrays)


def _renamed(index: ScopeIndex, label: str, names: Sequence[str | None], codes: NDArray[Any]) -> NDArray[np.int32]:
    """Give the numbers that names, by their places in a segment, have in the index."""
    numbers: NDArray[np.int32] = np.array([index.names[label].number(name) for name in names], dtype=np.int32)[codes]
    return numbers


def _vector_arrays(part: VectorPart) -> Arrays:
    return {name: getattr(part, name) for name in _VECTORS}
