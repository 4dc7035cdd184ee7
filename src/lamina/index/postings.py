"""Postings of one wall: which rows hold a term, and how often.

Sealed parts (CSR: the rows of each term side by side, terms by a 64-bit digest) and an open one (a list a term) that
takes in what comes. Sealing is the only sorting there is, so adding costs the same however large a wall is. Scores do
not depend on how an index came to hold its rows, nor on where parts begin, to the last bit.
"""

import hashlib
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.index.columns import Column

#: A text's terms.
Analyse = Callable[[str], list[str]]
#: A part is sealed at so many rows, or so many entries, or before a row with which it would take more bytes, so that it
#: stays below 8 MB: those of a row's numbers, of an entry, of a different term, and what stands beside.
PART_ROWS = 32_768
PART_ENTRIES = 1_500_000
PART_BYTES = 7_800_000
ROW_BYTES, ENTRY_BYTES, TERM_BYTES = 100, 3, 12
#: How many terms keep their digests at hand, 200 bytes each: most of what recurs. Links ask for names that nobody asks
#: for again; 65,536 of these filled 12 MB of each process within an hour, to save 1.5 µs a term.
REMEMBERED_TERMS = 1 << 14
#: Rough bytes of a term of the open part.
OPEN_TERM_BYTES = 350
Ints = NDArray[np.int32]
Rows = NDArray[np.int64]
_NOWHERE = (np.zeros(0, np.int64), np.zeros(0, np.int32))


@lru_cache(maxsize=REMEMBERED_TERMS)
def term_key(term: str) -> int:
    """Give the digest by which a term is known: two of a million terms share one with a chance of 3 in 10^8."""
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


@dataclass(frozen=True)
class SealedPostings:
    """The postings of a run of rows, never changed."""

    #: The wall's row that is row 0 here.
    first: int
    keys: NDArray[np.uint64]
    starts: NDArray[np.uint32]
    rows: NDArray[np.uint16]
    #: In the smallest type that holds them.
    counts: NDArray[Any]

    @cached_property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self.keys.nbytes + self.starts.nbytes + self.rows.nbytes + self.counts.nbytes

    def rows_of(self, keys: NDArray[np.uint64]) -> list[tuple[Rows, Ints] | None]:
        """Give for each term the wall's rows that hold it, ascending, and how often; None for an unknown one."""
        found: list[tuple[Rows, Ints] | None] = [None] * len(keys)
        places = self.keys.searchsorted(keys)
        known = self.keys.take(places, mode="clip") == keys if len(self.keys) else np.zeros(len(keys), dtype=bool)
        for term in known.nonzero()[0].tolist():
            place = places[term]
            held = slice(self.starts[place], self.starts[place + 1])
            found[term] = (np.add(self.rows[held], self.first, dtype=np.int64), self.counts[held].astype(np.int32))
        return found


class OpenPostings:
    """The postings of the newest rows, which grow. One thread appends; lists are copied out whole for readers."""

    def __init__(self, first: int) -> None:
        """Begin empty with the wall's row `first`."""
        self.first = first
        self.entries = 0
        self._rows: dict[int, array[int]] = {}
        self._counts: dict[int, array[int]] = {}

    @property
    def nbytes(self) -> int:
        """Bytes, roughly."""
        return OPEN_TERM_BYTES * len(self._rows) + 8 * self.entries

    def append(self, row: int, counts: Counter[str]) -> list[int]:
        """Take in the terms of the wall's row `row`, and give those that are new here."""
        fresh = []
        for term, count in counts.items():
            key = term_key(term)
            rows = self._rows.get(key)
            if rows is None:
                # Counts first: a reader that finds the rows finds their counts.
                self._counts[key] = array("i", (count,))
                self._rows[key] = array("i", (row,))
                fresh.append(key)
            else:
                self._counts[key].append(count)
                rows.append(row)
        self.entries += len(counts)
        return fresh

    def rows_of(self, key: int, size: int) -> tuple[Rows, Ints] | None:
        """Give the rows below `size` that hold a term, ascending, and how often; None for an unknown term."""
        held = self._rows.get(key)
        if held is None:
            return None
        # A slice copies in one step, which no other thread can interrupt.
        rows = np.frombuffer(held[:], dtype=np.int32)
        end = int(rows.searchsorted(size))
        if not end:
            return None
        counts = np.frombuffer(self._counts[key][:end], dtype=np.int32)
        return rows[:end].astype(np.int64), counts

    def sealed(self, size: int) -> SealedPostings:
        """Give the rows below `size`, sorted by term and in less room; more may come meanwhile."""
        # One step, which no other thread can interrupt.
        keys = np.array(tuple(self._rows), dtype=np.uint64)
        ordered = np.sort(keys)
        sizes: list[int] = []
        rows, counts = array("i"), array("i")
        for key in ordered.tolist():
            held = self._rows[key][:]
            count = len(held) if held[-1] < size else bisect_left(held, size)
            sizes.append(count)
            rows.extend(held[:count])
            counts.extend(self._counts[key][:count])
        local = np.frombuffer(rows, dtype=np.int32) if rows else np.zeros(0, np.int32)
        often = np.frombuffer(counts, dtype=np.int32) if counts else np.zeros(0, np.int32)
        is_held = np.array(sizes, dtype=np.int64) > 0
        starts = np.zeros(np.count_nonzero(is_held) + 1, dtype=np.uint32)
        np.cumsum(np.array(sizes, dtype=np.int64)[is_held], out=starts[1:])
        return SealedPostings(
            first=self.first,
            keys=ordered[is_held],
            starts=starts,
            rows=(local - self.first).astype(np.uint16),
            counts=often.astype(np.min_scalar_type(int(often.max(initial=0)))),
        )


@dataclass(frozen=True, slots=True)
class PostingsView:
    """The postings as they were at one moment."""

    #: Full parts, oldest first, which are never changed.
    parts: tuple[SealedPostings, ...]
    #: The rows behind them: some that came sealed without being full, and those that came since.
    partial: SealedPostings | None
    open: OpenPostings
    #: Terms of each row, repetitions counted.
    lengths: Ints

    @property
    def tail_first(self) -> int:
        """The first row behind the full parts."""
        return self.open.first if self.partial is None else self.partial.first

    def tail(self) -> SealedPostings:
        """Give the rows behind the full parts, as a part."""
        fresh = self.open.sealed(len(self.lengths))
        return fresh if self.partial is None else _merged(self.partial, fresh)

    def rows_of(self, terms: Sequence[str]) -> list[tuple[Rows, Ints]]:
        """Give for each of `terms` the rows that hold it, ascending, and how often."""
        keys = [term_key(term) for term in terms]
        asked = np.array(keys, dtype=np.uint64)
        found = [part.rows_of(asked) for part in self.parts]
        if self.partial is not None:
            found.append(self.partial.rows_of(asked))
        if self.open.entries:
            found.append([self.open.rows_of(key, len(self.lengths)) for key in keys])
        return [_one_after_another(parts) for parts in zip(*found, strict=True)] if found else [_NOWHERE] * len(keys)


class Postings:
    """The postings of one wall; rows are only ever added."""

    def __init__(self, analyse: Analyse) -> None:
        """Take the terms of each text from `analyse`."""
        self._analyse = analyse
        self._parts: tuple[SealedPostings, ...] = ()
        #: Rows behind the full parts that came sealed.
        self._partial: SealedPostings | None = None
        self._open = OpenPostings(0)
        self._lengths = Column(np.int32)
        #: Bytes that the rows behind the full parts take, as they are kept.
        self._bytes = 0

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays and, roughly, of the open part."""
        partial = 0 if self._partial is None else self._partial.nbytes
        return sum(part.nbytes for part in self._parts) + partial + self._open.nbytes + self._lengths.nbytes

    @property
    def open_nbytes(self) -> int:
        """Bytes of the open part, roughly."""
        return self._open.nbytes

    def extend(
        self, texts: Sequence[str], marks: Sequence[Sequence[str]] = (), beside: Sequence[int] | None = None
    ) -> None:
        """Append one row a text; all or none, where the analyser fails.

        `marks` are further keys of each row, by which it is found, and which are none of its words; `beside` says how
        many bytes are kept with each beside its terms.
        """
        counted = [Counter(self._analyse(text)) for text in texts]
        for counts, further, more in zip(counted, marks or repeat(()), beside or repeat(0), strict=False):
            length = counts.total()
            counts.update(further)
            own = ROW_BYTES + more + ENTRY_BYTES * len(counts)
            if self._is_full(own + TERM_BYTES * len(counts)):
                self._parts = (*self._parts, self.view().tail())
                self._partial, self._open = None, OpenPostings(len(self._lengths))
                self._bytes = 0
            fresh = self._open.append(len(self._lengths), counts)
            self._bytes += own + TERM_BYTES * self._count_new(fresh)
            self._lengths.append(length)

    def take_in(self, part: SealedPostings, lengths: Ints, *, is_full: bool, beside: int = 0) -> None:
        """Append a run of rows that came sealed, behind full parts alone; more may follow one that is not full.

        `beside` says how many bytes are kept with them beside their terms.
        """
        if self._open.entries or self._partial is not None or part.first != len(self._lengths):
            raise ValueError(f"a part that begins at row {part.first} does not follow row {len(self._lengths)}")
        if is_full:
            self._parts = (*self._parts, part)
        else:
            self._partial = part
            own = ROW_BYTES * len(lengths) + ENTRY_BYTES * len(part.rows) + TERM_BYTES * len(part.keys)
            self._bytes = own + beside
        self._lengths.extend(lengths)
        self._open = OpenPostings(len(self._lengths))

    def view(self) -> PostingsView:
        """Give the postings as they are now."""
        return PostingsView(self._parts, self._partial, self._open, self._lengths.view())

    def _count_new(self, keys: Sequence[int]) -> int:
        """Count those of some terms, new among the open rows, that no row behind the full parts holds."""
        if self._partial is None or not len(self._partial.keys):
            return len(keys)
        asked = np.array(keys, dtype=np.uint64)
        places = self._partial.keys.searchsorted(asked)
        return int(np.count_nonzero(self._partial.keys.take(places, mode="clip") != asked))

    def _is_full(self, more: int) -> bool:
        """Say whether the rows behind the full parts fill one, before a row of so many bytes; however they came."""
        entries, first = self._open.entries, self._open.first
        if self._partial is not None:
            entries, first = entries + len(self._partial.rows), self._partial.first
        count = len(self._lengths) - first
        return count >= PART_ROWS or entries >= PART_ENTRIES or (count > 0 and self._bytes + more > PART_BYTES)


def _one_after_another(parts: Sequence[tuple[Rows, Ints] | None]) -> tuple[Rows, Ints]:
    held = [part for part in parts if part is not None]
    if len(held) < 2:
        return held[0] if held else _NOWHERE
    return np.concatenate([rows for rows, _ in held]), np.concatenate([counts for _, counts in held])


def _merged(former: SealedPostings, later: SealedPostings) -> SealedPostings:
    """Join two runs of rows, the second right behind the first."""
    keys = np.concatenate([np.repeat(part.keys, np.diff(part.starts)) for part in (former, later)])
    order = np.argsort(keys, kind="stable")
    different, sizes = np.unique(keys, return_counts=True)
    starts = np.zeros(len(different) + 1, dtype=np.uint32)
    np.cumsum(sizes, out=starts[1:])
    shifted = later.rows.astype(np.int64) + (later.first - former.first)
    rows = np.concatenate([former.rows.astype(np.int64), shifted])[order].astype(np.uint16)
    counts = np.concatenate([former.counts, later.counts])[order]
    return SealedPostings(former.first, different, starts, rows, counts)
