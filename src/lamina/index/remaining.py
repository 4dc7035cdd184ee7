"""What remains of an index when words are erased: the same, to the last bit, as one that is made anew of what is left.

Rows move up, entries and spans of those that are gone are left out, and parts begin where they would have begun without
them. Nothing of what is gone is kept: no name, no key of a term that nobody else has, no metadata.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.index.postings import (
    ENTRY_BYTES,
    PART_BYTES,
    PART_ENTRIES,
    PART_ROWS,
    ROW_BYTES,
    TERM_BYTES,
    SealedPostings,
)
from lamina.index.scope_index import LABELS, NUMBERS, STILL, Ended, IndexView, ScopeIndex, kept_bytes
from lamina.index.vectors import VectorPart

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Entries:
    """How often which rows hold which terms, by term and row."""

    keys: NDArray[np.uint64]
    rows: Rows
    counts: NDArray[Any]


def fill_with_remaining(index: ScopeIndex, view: IndexView, gone: Rows) -> None:
    """Fill an empty index with the rows of a view but for those that are `gone`, and with their vectors.

    Vectors that are in no file yet are left out.
    """
    stays = np.ones(len(view), dtype=bool)
    stays[gone] = False
    rows = np.flatnonzero(stays)
    moved = np.cumsum(stays) - 1
    labels = {label: _renamed(index, view, label, rows) for label in LABELS}
    columns: dict[str, NDArray[Any]] = {
        **{name: getattr(view, name)[rows] for name in (*NUMBERS, "asking") if name != "event"},
        **{label: codes for label, codes in labels.items() if label != "state"},
    }
    metadata = {int(moved[row]): text for row, text in sorted(view.metadata.items()) if stays[row]}
    lengths = view.postings.lengths[rows]
    for part, end in _parts(_entries(view, stays, moved), len(rows), metadata):
        piece = slice(part.first, len(rows) if end is None else end)
        index.take_in(
            {name: column[piece] for name, column in columns.items()},
            part,
            lengths[piece],
            is_full=end is not None,
            metadata={row: text for row, text in metadata.items() if piece.start <= row < piece.stop},
        )
    until = view.until[rows]
    ended = np.flatnonzero(until != STILL)
    index.settle(
        Ended(ended.astype(np.int32), until[ended], labels["state"][ended]), view.event[rows], number=view.reach
    )
    for vectors in view.vectors.parts[: view.vectors.kept_count]:
        index.append_vectors(_of_rows(vectors, stays, moved))
    index.vector_number = view.vector_reach


def _renamed(index: ScopeIndex, view: IndexView, label: str, rows: Rows) -> NDArray[np.int32]:
    """Give the numbers that the names of rows have in another index: each from the first row that carries it."""
    every = [None, *view.names[label].all()]
    used, firsts, codes = np.unique(getattr(view, label)[rows], return_index=True, return_inverse=True)
    numbers = np.zeros(len(used), dtype=np.int32)
    for place in np.argsort(firsts).tolist():
        numbers[place] = index.names[label].number(every[used[place]])
    renamed: NDArray[np.int32] = numbers[codes]
    return renamed


def _entries(view: IndexView, stays: NDArray[np.bool_], moved: Rows) -> _Entries:
    """Give the entries of the rows that stay."""
    keys, rows, counts = [], [], []
    for part in (*view.postings.parts, view.postings.tail()):
        held = part.rows.astype(np.int64) + part.first
        here = np.flatnonzero(stays[held])
        keys.append(np.repeat(part.keys, np.diff(part.starts))[here])
        rows.append(moved[held[here]])
        counts.append(part.counts[here].astype(np.int32))
    joined = np.concatenate(keys)
    if len(keys) == 1:
        return _Entries(joined, rows[0], counts[0])
    order = np.argsort(joined, kind="stable")
    return _Entries(joined[order], np.concatenate(rows)[order], np.concatenate(counts)[order])


def _parts(entries: _Entries, size: int, metadata: dict[int, str]) -> Iterator[tuple[SealedPostings, int | None]]:
    """Give the parts of the postings, each with the row at which the next begins; of the last, which has room, None."""
    beside = np.zeros(size, dtype=np.int64)
    for row, text in metadata.items():
        beside[row] = kept_bytes(text)
    held = np.bincount(entries.rows, minlength=size)
    first, end = 0, _end_of_part(entries, held, beside, 0)
    while end is not None:
        yield _part(entries, first, end), end
        first, end = end, _end_of_part(entries, held, beside, end)
    yield _part(entries, first, size), None


def _end_of_part(entries: _Entries, held: Rows, beside: Rows, first: int) -> int | None:
    """Give the row before which the part that begins at row `first` is full; see `Postings.extend`."""
    here = entries.rows >= first
    is_new = np.diff(entries.keys[here], prepend=np.uint64(0)) != 0
    if len(is_new):
        is_new[0] = True
    fresh = np.bincount(entries.rows[here][is_new] - first, minlength=len(held) - first)
    count, own = held[first:], ROW_BYTES + beside[first:] + ENTRY_BYTES * held[first:]
    before = np.cumsum(own + TERM_BYTES * fresh) - own - TERM_BYTES * fresh
    is_full = np.arange(len(count)) >= PART_ROWS
    is_full |= np.cumsum(count) - count >= PART_ENTRIES
    is_full |= before + own + TERM_BYTES * count > PART_BYTES
    is_full[:1] = False
    full = np.flatnonzero(is_full)
    return first + int(full[0]) if len(full) else None


def _part(entries: _Entries, first: int, end: int) -> SealedPostings:
    here = (entries.rows >= first) & (entries.rows < end)
    keys, sizes = np.unique(entries.keys[here], return_counts=True)
    starts = np.zeros(len(keys) + 1, dtype=np.uint32)
    np.cumsum(sizes, out=starts[1:])
    counts = entries.counts[here]
    return SealedPostings(
        first=first,
        keys=keys,
        starts=starts,
        rows=(entries.rows[here] - first).astype(np.uint16),
        counts=counts.astype(np.min_scalar_type(int(counts.max(initial=0)))),
    )


def _of_rows(part: VectorPart, stays: NDArray[np.bool_], moved: Rows) -> VectorPart:
    """Give the spans of the rows that stay."""
    here = np.flatnonzero(stays[part.rows])
    return VectorPart.of(
        moved[part.rows[here]].astype(np.int32),
        part.starts[here],
        part.ends[here],
        part.scales[here],
        part.values[here],
        [word[here] for word in part.signs],
    )
