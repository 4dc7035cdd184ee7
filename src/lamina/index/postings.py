"""Postings of one wall, and BM25 over several walls scored as one.

Sealed parts (CSR: the rows of each term side by side, terms by a 64-bit digest) and an open one (a list a term) that
takes in what comes. Sealing is the only sorting there is, so adding costs the same however large a wall is. Scores do
not depend on how an index came to hold its rows, nor on where parts begin, to the last bit.
"""

import hashlib
import math
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.index.columns import Column

#: A text's terms.
Analyse = Callable[[str], list[str]]
#: A part is sealed at so many rows, or so many entries: 3 bytes each, so that it stays below 8 MB.
PART_ROWS = 32_768
PART_ENTRIES = 1_500_000
#: How many terms keep their digests at hand.
REMEMBERED_TERMS = 1 << 16
#: Rough bytes of a term of the open part.
OPEN_TERM_BYTES = 350
Ints = NDArray[np.int32]
Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Joined lengths are counted in these parts of a term, as whole numbers: their sum is exact in any order.
LENGTH_PARTS = 256


@lru_cache(maxsize=REMEMBERED_TERMS)
def term_key(term: str) -> int:
    """Give the digest by which a term is known: two of a million terms share one with a chance of 3 in 10^8."""
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class SealedPostings:
    """The postings of a run of rows, never changed."""

    #: The wall's row that is row 0 here.
    first: int
    keys: NDArray[np.uint64]
    starts: NDArray[np.uint32]
    rows: NDArray[np.uint16]
    #: In the smallest type that holds them.
    counts: NDArray[Any]

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self.keys.nbytes + self.starts.nbytes + self.rows.nbytes + self.counts.nbytes

    def rows_of(self, key: int) -> tuple[Rows, Ints] | None:
        """Give the wall's rows that hold a term, ascending, and how often; None for an unknown term."""
        place = int(self.keys.searchsorted(np.uint64(key)))
        if place == len(self.keys) or self.keys[place] != key:
            return None
        held = slice(self.starts[place], self.starts[place + 1])
        return self.rows[held].astype(np.int64) + self.first, self.counts[held].astype(np.int32)


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

    def append(self, row: int, counts: Counter[str]) -> None:
        """Take in the terms of the wall's row `row`."""
        for term, count in counts.items():
            key = term_key(term)
            rows = self._rows.get(key)
            if rows is None:
                # Counts first: a reader that finds the rows finds their counts.
                self._counts[key] = array("i", (count,))
                self._rows[key] = array("i", (row,))
            else:
                self._counts[key].append(count)
                rows.append(row)
        self.entries += len(counts)

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

    def sealed(self) -> SealedPostings:
        """Give the same, sorted by term and in less room."""
        keys = np.fromiter(self._rows, dtype=np.uint64, count=len(self._rows))
        order = np.argsort(keys)
        ordered = keys[order].tolist()
        starts = np.zeros(len(keys) + 1, dtype=np.uint32)
        np.cumsum([len(self._rows[key]) for key in ordered], out=starts[1:])
        rows = array("i")
        counts = array("i")
        for key in ordered:
            rows.extend(self._rows[key])
            counts.extend(self._counts[key])
        held = np.frombuffer(counts, dtype=np.int32) if counts else np.zeros(0, np.int32)
        local = np.frombuffer(rows, dtype=np.int32) if rows else np.zeros(0, np.int32)
        return SealedPostings(
            first=self.first,
            keys=keys[order],
            starts=starts,
            rows=(local - self.first).astype(np.uint16),
            counts=held.astype(np.min_scalar_type(int(held.max(initial=0)))),
        )


@dataclass(frozen=True, slots=True)
class PostingsView:
    """The postings as they were at one moment."""

    parts: tuple[SealedPostings, ...]
    open: OpenPostings
    #: Terms of each row, repetitions counted.
    lengths: Ints

    def rows_of(self, term: str) -> tuple[Rows, Ints]:
        """Give the rows that hold `term`, ascending, and how often."""
        key = term_key(term)
        found = [part.rows_of(key) for part in self.parts]
        found.append(self.open.rows_of(key, len(self.lengths)))
        held = [part for part in found if part is not None]
        if len(held) == 1:
            return held[0]
        if not held:
            return np.zeros(0, np.int64), np.zeros(0, np.int32)
        return np.concatenate([rows for rows, _ in held]), np.concatenate([counts for _, counts in held])


@dataclass(frozen=True, slots=True)
class Beside:
    """The neighbours whose words count with each row's own; one entry a row of one wall."""

    #: The row before and the row after, negative where there is none.
    before: Rows
    after: Rows
    #: How much their words count, 0 = not at all, 1 = as its own.
    before_weight: Floats
    after_weight: Floats


class Postings:
    """The postings of one wall; rows are only ever added."""

    def __init__(self, analyse: Analyse) -> None:
        """Take the terms of each text from `analyse`."""
        self._analyse = analyse
        self._parts: list[SealedPostings] = []
        #: Rows behind the sealed parts that came sealed, without being full.
        self._partial: SealedPostings | None = None
        self._open = OpenPostings(0)
        self._lengths = Column(np.int32)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays and, roughly, of the open part."""
        parts = sum(part.nbytes for part in self._closed)
        return parts + self._open.nbytes + self._lengths.nbytes

    @property
    def parts(self) -> Sequence[SealedPostings]:
        """The sealed parts, oldest first."""
        return self._parts

    @property
    def tail_first(self) -> int:
        """The first row behind the sealed parts."""
        return self._open.first if self._partial is None else self._partial.first

    def extend(self, texts: Sequence[str]) -> None:
        """Append one row a text; all or none, where the analyser fails."""
        counted = [Counter(self._analyse(text)) for text in texts]
        for row, counts in enumerate(counted, start=len(self._lengths)):
            if self._is_full(row):
                self._parts = [*self._parts, self.tail()]
                self._partial, self._open = None, OpenPostings(row)
            self._open.append(row, counts)
        self._lengths.extend([counts.total() for counts in counted])

    def take_in(self, part: SealedPostings, lengths: Ints, *, is_sealed: bool) -> None:
        """Append a run of rows that came sealed, behind sealed ones alone; more may follow one that is not full."""
        if self._open.entries or self._partial is not None or part.first != len(self._lengths):
            raise ValueError(f"a part that begins at row {part.first} does not follow row {len(self._lengths)}")
        if is_sealed:
            self._parts = [*self._parts, part]
        else:
            self._partial = part
        self._lengths.extend(lengths)
        self._open = OpenPostings(len(self._lengths))

    def tail(self) -> SealedPostings:
        """Give the rows behind the sealed parts, as a part."""
        fresh = self._open.sealed()
        return fresh if self._partial is None else _merged(self._partial, fresh)

    def view(self) -> PostingsView:
        """Give the postings as they are now."""
        return PostingsView(tuple(self._closed), self._open, self._lengths.view())

    @property
    def _closed(self) -> list[SealedPostings]:
        return self._parts if self._partial is None else [*self._parts, self._partial]

    def _is_full(self, row: int) -> bool:
        """Say whether the rows before `row` behind the sealed parts fill one; the same however they came."""
        entries = self._open.entries + (0 if self._partial is None else len(self._partial.rows))
        return row - self.tail_first >= PART_ROWS or entries >= PART_ENTRIES


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


def idf(df: int, size: int) -> float:
    """Give the inverse document frequency ln(1 + (N - df + ½) / (df + ½)), which is never negative."""
    return math.log(1 + (size - df + 0.5) / (df + 0.5))


def bm25(
    walls: Sequence[PostingsView],
    asked: Sequence[str],
    *,
    k1: float,
    b: float,
    beside: Sequence[Beside] | None = None,
) -> Floats:
    """Give the BM25 score of every row of `walls`, one after another, scored as one collection.

    Robertson and Zaragoza, The Probabilistic Relevance Framework (2009): per term idf · tf (k1 + 1) / (tf + k1 (1 - b +
    b · length / mean length)). Document counts, frequencies and lengths are summed over the walls; a term that the
    question repeats counts as often.

    With `beside` (one a wall) the words of a row's neighbours count as weighted fields of the row, added up before
    saturation (BM25F: Robertson, Zaragoza and Taylor, Simple BM25 Extension to Multiple Weighted Fields, 2004); a row
    may then score by its neighbours' words alone.
    """
    lengths = [joined_lengths(wall, None if beside is None else beside[place]) for place, wall in enumerate(walls)]
    return weighed_bm25(walls, asked, k1=k1, b=b, beside=beside, lengths=lengths)


def weighed_bm25(
    walls: Sequence[PostingsView],
    asked: Sequence[str],
    *,
    k1: float,
    b: float,
    beside: Sequence[Beside] | None,
    lengths: Sequence[Rows],
) -> Floats:
    """Give what `bm25` gives, where the walls' `joined_lengths` are known already."""
    size = sum(map(len, lengths))
    mean = sum(int(each.sum()) for each in lengths) / max(size, 1)
    scores = [np.zeros(len(each)) for each in lengths]
    scratch = [np.zeros(0) if beside is None else np.zeros(len(each)) for each in lengths]
    for term, repeats in Counter(asked).items():
        found = [wall.rows_of(term) for wall in walls]
        df = sum(len(rows) for rows, _ in found)
        if not df:
            continue
        weight = repeats * idf(df, size) * (k1 + 1)
        for place, held in enumerate(found):
            rows, counts = held if beside is None else _spread(*held, beside[place], scratch[place])
            norm = k1 * (1 - b + b * lengths[place][rows] / mean)
            # A row that stands here more than once is given the same sum each time.
            scores[place][rows] += weight * counts / (counts + norm)
    return np.concatenate(scores) if scores else np.zeros(0)


def grouped_bm25(
    walls: Sequence[PostingsView], asked: Sequence[str], groups: Sequence[Rows], *, k1: float, b: float
) -> Floats:
    """Give for every row the BM25 score of its group, taken as one text; 0 outside any.

    `groups` has an array a wall: the number of each row's group, from 1 through all walls, 0 = outside any.
    """
    size = max((int(each.max(initial=0)) for each in groups), default=0)
    lengths = np.zeros(size + 1)
    for wall, group in zip(walls, groups, strict=True):
        lengths += np.bincount(group, weights=wall.lengths, minlength=size + 1)
    mean = lengths[1:].sum() / max(size, 1)
    scores = np.zeros(size + 1)
    for term, repeats in Counter(asked).items():
        tf = np.zeros(size + 1)
        for wall, group in zip(walls, groups, strict=True):
            rows, counts = wall.rows_of(term)
            tf += np.bincount(group[rows], weights=counts, minlength=size + 1)
        tf[0] = 0
        held = np.flatnonzero(tf)
        if len(held):
            norm = k1 * (1 - b + b * lengths[held] / mean)
            scores[held] += repeats * idf(len(held), size) * (k1 + 1) * tf[held] / (tf[held] + norm)
    return np.concatenate([scores[group] for group in groups]) if groups else np.zeros(0)


def joined_lengths(wall: PostingsView, side: Beside | None) -> Rows:
    """Give the length of each row with its weighted neighbours, in whole parts of a term."""
    own = wall.lengths.astype(np.int64) * LENGTH_PARTS
    return own if side is None else own + _taken_in(own, side)


def _taken_in(own: Rows, side: Beside) -> Rows:
    taken = np.zeros(len(own))
    for rows, weights in ((side.before, side.before_weight), (side.after, side.after_weight)):
        there = np.flatnonzero(rows >= 0)
        taken[there] += own[rows[there]] * weights[there]
    return np.rint(taken).astype(np.int64)


def _spread(rows: Rows, counts: Ints, side: Beside, total: Floats) -> tuple[Rows, Floats]:
    """Give the rows that hold a term themselves or beside them, some more than once, and its weighted count in each.

    `total` is zero for every row, and is so again afterwards.
    """
    total[rows] = counts
    touched = [rows]
    # Whoever has this row before it is the row after it; no row is reached twice from the same side.
    for neighbours, weights in ((side.after, side.before_weight), (side.before, side.after_weight)):
        reached = neighbours[rows]
        is_there = reached >= 0
        targets = reached[is_there]
        total[targets] += weights[targets] * counts[is_there]
        touched.append(targets)
    every = np.concatenate(touched)
    sums = total[every]
    total[every] = 0
    # Words of a neighbour that counts nothing do not make a row one that holds the term.
    holds = sums > 0
    return (every, sums) if holds.all() else (every[holds], sums[holds])
