"""Vectors of one wall: sign bits to scan, int8 to score by; a row's score is its best span's.

Each span keeps the signs of its numbers (a bit each) and the numbers themselves in 8 bits with a scale of their own.
A question is compared with every span by signs alone, whose differences estimate the cosine (`signs`). The rows that
may be among the best are then scored by their numbers. Either score depends on span and question alone, to the last
bit: each is one product by itself.

Vectors that are in no file yet are *loose*: they lie behind all others, whose order is that of the file, and each goes
when the file brings it.

Measured against float32 on 384 numbers: the cosine by 8 bits is off by .0006 in the mean.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lamina.index.columns import Column, run_sizes, run_starts
from lamina.index.scanning import scan_parts, scanning
from lamina.index.signs import Estimates, cosines_by_distance, signs_of, word_count

#: The score of a row that has no vector yet.
NO_SCORE = -1.0
#: A part is sealed at so many spans: 7.2 MB of 384 numbers each.
PART_SPANS = 16_384
#: So many spans' numbers are widened at once, 6 MB of 384 each: scoring every row takes no more memory than some.
SPANS_AT_ONCE = 4096
NO_SPAN = -1
_FULL = 127.0
Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Query = NDArray[np.float32]
#: Row, start, end, numbers.
Span = tuple[int, int, int, bytes]


class BrokenVector(ValueError):
    """A stored vector is not as wide as its encoder's, or holds numbers that are none."""


@dataclass(frozen=True)
class VectorPart:
    """A run of spans, in the order in which their vectors came."""

    rows: NDArray[np.int32]
    #: The code points that each covers of its text.
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    scales: NDArray[np.float32]
    #: Shape (spans, width).
    values: NDArray[np.int8]
    #: The signs, 64 a word: as many words as the width needs, each with one entry a span.
    signs: tuple[NDArray[np.uint64], ...]
    #: The spans that are not the first of their row.
    further: Rows
    #: The row of the first span where the others have the rows right behind it, one after another; None elsewhere.
    first_row: int | None

    @classmethod
    def of(
        cls,
        rows: NDArray[np.int32],
        starts: NDArray[np.int32],
        ends: NDArray[np.int32],
        scales: NDArray[np.float32],
        values: NDArray[np.int8],
        signs: Sequence[NDArray[np.uint64]],
    ) -> Self:
        """Give the part that these arrays make; the spans of a row stand side by side."""
        steps = np.diff(rows)
        is_run = len(rows) > 0 and bool((steps == 1).all())
        further = np.flatnonzero(steps == 0) + 1
        return cls(rows, starts, ends, scales, values, tuple(signs), further, int(rows[0]) if is_run else None)

    def __len__(self) -> int:
        """Count the spans."""
        return len(self.rows)

    @cached_property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        arrays: list[NDArray[Any]] = [self.rows, self.starts, self.ends, self.scales, self.values, self.further]
        return sum(array.nbytes for array in (*arrays, *self.signs))


@dataclass(frozen=True)
class VectorsView:
    """The vectors as they were at one moment."""

    parts: tuple[VectorPart, ...]
    #: How many of the parts are full, and are never changed; behind them there is at most one.
    full_count: int
    #: How many of the parts hold what came from the file; behind them there is at most one of loose vectors.
    kept_count: int
    #: By row: the first of its spans, which lie side by side, counted through all parts (`NO_SPAN` = none), and how
    #: many it has.
    first_span: NDArray[np.int32]
    span_count: NDArray[np.uint16]
    #: Whether every row has its vectors.
    is_complete: bool

    @property
    def width(self) -> int:
        """How many numbers a vector has; 0 where there is none."""
        return int(self.parts[0].values.shape[1]) if self.parts else 0

    def estimates(self, query: Query) -> Estimates:
        """Give the cosine of `query` with the best span of every row, estimated from signs; `NO_SCORE` without one."""
        score = np.empty(len(self.first_span), np.float32)
        if not self.is_complete:
            score.fill(NO_SCORE)
        by_distance = cosines_by_distance(len(query))
        asked = signs_of(query[None, :])[0]
        scan = scanning().scan_of(len(asked), rows=len(score))

        def estimate(parts: Sequence[VectorPart]) -> None:
            for part in parts:
                if part.first_row is not None:
                    scan(part.signs, asked, by_distance, score[part.first_row : part.first_row + len(part)])
                    continue
                found = np.empty(len(part), np.float32)
                scan(part.signs, asked, by_distance, found)
                firsts = np.ones(len(part), dtype=bool)
                firsts[part.further] = False
                score[part.rows[firsts]] = found[firsts]
                np.maximum.at(score, part.rows[part.further], found[part.further])

        # The spans of a row lie in one part.
        scan_parts(self.parts, scan, estimate, rows=len(score))
        return score

    def cosines(self, rows: Rows, query: Query, *, is_first_span_only: bool = False) -> Floats:
        """Give the cosine of `query` with the best span of each of `rows`; `NO_SCORE` for one without a vector."""
        firsts = self.first_span[rows]
        if self.chance is None and (self.is_complete or firsts.min(initial=0) != NO_SPAN):
            return self._span_cosines(firsts.astype(np.int64), query)
        scores = np.full(len(rows), NO_SCORE)
        held = np.flatnonzero(firsts != NO_SPAN)
        if not len(held):
            return scores
        counts = np.ones(len(held), np.int64) if is_first_span_only else self.span_count[rows[held]].astype(np.int64)
        begins = np.cumsum(counts) - counts
        spans = np.repeat(self.first_span[rows[held]] - begins, counts) + np.arange(counts.sum())
        scores[held] = np.maximum.reduceat(self._span_cosines(spans, query), begins)
        return scores

    def widened(self) -> tuple[Query, NDArray[np.float32]] | None:
        """Give the numbers and the scale of each row's only span; None where a row has none, or several.

        Shapes (rows, width) and (rows,); 4 bytes a number.
        """
        if self.chance is not None or not self.is_complete or not self.parts:
            return None
        values = np.concatenate([part.values for part in self.parts])
        scales = np.concatenate([part.scales for part in self.parts])
        return values[self.first_span].astype(np.float32), scales[self.first_span]

    @cached_property
    def chance(self) -> Floats | None:
        """How many deviations above the mean the best of each row's spans is expected to lie by chance alone.

        Of n draws from a normal distribution that is about √(2 ln n); None where no row has more than one span.
        """
        if self.span_count.max(initial=0) < 2:
            return None
        expected: Floats = np.sqrt(2 * np.log(np.maximum(self.span_count, 1).astype(np.float64)))
        return expected

    def best_span(self, row: int, query: Query) -> tuple[int, int] | None:
        """Give the code points of the row's span nearest to `query`, of equals the first; None without a vector."""
        first, count = int(self.first_span[row]), int(self.span_count[row])
        if first == NO_SPAN:
            return None
        return self._bounds(first + int(np.argmax(self._span_cosines(np.arange(first, first + count), query))))

    def spans(self, row: int, query: Query) -> list[tuple[tuple[int, int], float]]:
        """Give the code points of every span of a row, each with its cosine to `query`; none without a vector."""
        first, count = int(self.first_span[row]), int(self.span_count[row])
        if first == NO_SPAN:
            return []
        wanted = np.arange(first, first + count)
        cosines = self._span_cosines(wanted, query)
        return [(self._bounds(span), cosine) for span, cosine in zip(wanted.tolist(), cosines.tolist(), strict=True)]

    def _bounds(self, span: int) -> tuple[int, int]:
        for part in self.parts:
            if span < len(part):
                return int(part.starts[span]), int(part.ends[span])
            span -= len(part)
        raise IndexError(span)

    def _span_cosines(self, spans: Rows, query: Query) -> Floats:
        found = np.empty(len(spans))
        order = np.argsort(spans, kind="stable")
        for begin in range(0, len(spans), SPANS_AT_ONCE):
            some = order[begin : begin + SPANS_AT_ONCE]
            found[some] = products_of(*self._numbers(spans[some]), query)
        return found

    def _numbers(self, spans: Rows) -> tuple[Query, NDArray[np.float32]]:
        """Give the numbers and the scales of spans, which ascend."""
        if len(self.parts) == 1:
            part = self.parts[0]
            return part.values[spans].astype(np.float32), part.scales[spans]
        values = np.empty((len(spans), self.parts[0].values.shape[1]), np.int8)
        scales = np.empty(len(spans), np.float32)
        cuts = spans.searchsorted(self._begins)
        for part, begin, (low, high) in zip(self.parts, self._begins[:-1], pairwise(cuts), strict=True):
            if low < high:
                here = spans[low:high] - begin
                np.take(part.values, here, axis=0, out=values[low:high], mode="clip")
                np.take(part.scales, here, out=scales[low:high], mode="clip")
        return values.astype(np.float32), scales

    @cached_property
    def _begins(self) -> Rows:
        """The first span of each part, counted through all, and behind them how many there are."""
        return np.cumsum([0, *map(len, self.parts)])


class OpenPart:
    """A run of spans to which more may come."""

    def __init__(self, width: int) -> None:
        """Begin empty."""
        self._rows, self._starts, self._ends = Column(np.int32), Column(np.int32), Column(np.int32)
        self._scales = Column(np.float32)
        self._values = Column(np.int8, width=width)
        self._signs = [Column(np.uint64) for _ in range(word_count(width))]
        #: The view that was handed out last, while it shows all.
        self._view: VectorPart | None = None

    def __len__(self) -> int:
        """Count the spans."""
        return len(self._rows)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays, with their room to grow."""
        columns: list[Column[Any]] = [self._rows, self._starts, self._ends, self._scales, self._values, *self._signs]
        return sum(column.nbytes for column in columns)

    def extend(self, part: VectorPart, piece: slice | Rows) -> None:
        """Append some spans of a part."""
        self._rows.extend(part.rows[piece])
        self._starts.extend(part.starts[piece])
        self._ends.extend(part.ends[piece])
        self._scales.extend(part.scales[piece])
        self._values.extend(part.values[piece])
        for column, word in zip(self._signs, part.signs, strict=True):
            column.extend(word[piece])
        self._view = None

    def view(self) -> VectorPart:
        """Give the spans as they are now."""
        if self._view is None:
            self._view = VectorPart.of(
                self._rows.view(),
                self._starts.view(),
                self._ends.view(),
                self._scales.view(),
                self._values.view(),
                [column.view() for column in self._signs],
            )
        return self._view


class Vectors:
    """The vectors of one wall; spans are only ever added, but for loose ones."""

    def __init__(self, width: int) -> None:
        """Take vectors of `width` numbers."""
        self._width = width
        self._parts: tuple[VectorPart, ...] = ()
        self._sealed_spans = 0
        self._first_span = Column(np.int32)
        self._span_count = Column(np.uint16)
        #: How many rows have no vectors.
        self._lacking = 0
        self._tail, self._loose = OpenPart(width), OpenPart(width)
        self._loose_rows: set[int] = set()

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        rows = self._first_span.nbytes + self._span_count.nbytes
        return rows + sum(part.nbytes for part in self._parts) + self._tail.nbytes + self._loose.nbytes

    @property
    def spans_nbytes(self) -> int:
        """Bytes of the numbers and signs of all spans."""
        spans = self._sealed_spans + len(self._tail) + len(self._loose)
        return spans * (self._width + 8 * word_count(self._width))

    @property
    def bytes_a_vector(self) -> int:
        """Bytes of one stored vector."""
        return 2 * self._width

    def add_rows(self, count: int) -> None:
        """Make room for rows without vectors."""
        self._first_span.extend(np.full(count, NO_SPAN, np.int32))
        self._span_count.extend(np.zeros(count, np.uint16))
        self._lacking += count

    def has(self, row: int) -> bool:
        """Say whether a row has its vectors, be they loose."""
        return bool(self._first_span.view()[row] != NO_SPAN)

    def has_kept(self, row: int) -> bool:
        """Say whether a row has its vectors from the file."""
        return row not in self._loose_rows and self.has(row)

    def extend(self, spans: Sequence[Span]) -> None:
        """Append spans of the file: row, start, end, little-endian float16 numbers; those of a row side by side.

        Raises:
            BrokenVector: one holds numbers that are none.
        """
        if spans:
            self.append(self._part_of(spans))

    def hold(self, spans: Sequence[Span]) -> None:
        """Append spans that are in no file yet likewise."""
        if spans:
            part = self._part_of(spans)
            self._place(part.rows, self._sealed_spans + len(self._tail) + len(self._loose))
            self._loose.extend(part, slice(None))
            self._loose_rows.update(part.rows.tolist())

    def take_in(self, part: VectorPart, *, is_full: bool) -> None:
        """Append a run of spans that was kept, behind full parts alone; more may follow one that is not full."""
        if len(self._tail):
            raise ValueError("a kept part follows full parts alone")
        if is_full:
            self._place(part.rows, self._sealed_spans)
            self._parts = (*self._parts, part)
            self._sealed_spans += len(part)
        elif len(part):
            self.append(part)

    def hand_over(self, *, is_last: bool) -> Iterator[VectorPart]:
        """Give the full parts one by one, and the one behind them where it `is_last`, and let go of them."""
        while self._parts:
            part, *rest = self._parts
            self._parts = tuple(rest)
            yield part
        if is_last and len(self._tail):
            yield self._tail.view()

    def view(self) -> VectorsView:
        """Give the vectors as they are now."""
        kept = (*self._parts, self._tail.view()) if len(self._tail) else self._parts
        parts = (*kept, self._loose.view()) if len(self._loose) else kept
        first_span, span_count = self._first_span.view(), self._span_count.view()
        return VectorsView(parts, len(self._parts), len(kept), first_span, span_count, not self._lacking)

    def _part_of(self, spans: Sequence[Span]) -> VectorPart:
        numbers = np.frombuffer(b"".join(values for _, _, _, values in spans), dtype="<f2")
        matrix = numbers.reshape(len(spans), self._width).astype(np.float32)
        if not np.isfinite(matrix).all():
            raise BrokenVector("it holds numbers that are none")
        rows = np.array([row for row, _, _, _ in spans], dtype=np.int32)
        bounds = np.array([(start, end) for _, start, end, _ in spans], dtype=np.int32)
        scales = np.maximum(np.abs(matrix).max(axis=1) / _FULL, np.finfo(np.float32).tiny)
        values = np.rint(matrix / scales[:, None]).astype(np.int8)
        return VectorPart.of(rows, bounds[:, 0], bounds[:, 1], scales, values, tuple(signs_of(matrix).T))

    def append(self, part: VectorPart) -> None:
        """Append a run of spans behind those of the file; full parts are sealed on the way."""
        self._place(part.rows, self._sealed_spans + len(self._tail))
        firsts = run_starts(part.rows)
        begin = 0
        while begin < len(part):
            # Sealed where a row ends: the spans of one lie in one part.
            full = firsts[firsts >= begin + PART_SPANS - len(self._tail)]
            piece = slice(begin, int(full[0]) if len(full) else len(part))
            self._tail.extend(part, piece)
            begin = piece.stop
            if len(self._tail) >= PART_SPANS:
                self._seal()
        if self._loose_rows:
            self._shift_loose(part.rows)

    def _seal(self) -> None:
        self._parts = (*self._parts, self._tail.view())
        self._sealed_spans += len(self._tail)
        self._tail = OpenPart(self._width)

    def _shift_loose(self, kept: NDArray[np.int32]) -> None:
        """Let go of loose spans whose rows were kept meanwhile, and put the others behind all that came."""
        former, self._loose = self._loose.view(), OpenPart(self._width)
        stay = np.flatnonzero(~np.isin(former.rows, kept))
        self._place(former.rows[stay], self._sealed_spans + len(self._tail))
        self._loose.extend(former, stay)
        self._loose_rows = set(former.rows[stay].tolist())

    def _place(self, rows: NDArray[np.int32], begin: int) -> None:
        """Say that the spans from `begin` on are those of `rows`, which have no others from now on."""
        firsts = run_starts(rows)
        places = rows[firsts]
        self._lacking -= int(np.count_nonzero(self._first_span.at(places) == NO_SPAN))
        self._span_count.change(places, run_sizes(firsts, end=len(rows)))
        self._first_span.change(places, firsts + begin)


def products_of(numbers: Query, scales: NDArray[np.float32], query: Query) -> Floats:
    """Give the cosine of `query` with each row of `numbers`, which are to be scaled."""
    products: Floats = np.vecdot(numbers, query).astype(np.float64)
    products *= scales
    return products
