"""The index of one wall: its rows, brought up to date by sequence number, and views of them for readers.

A row is one revision of an observation, known by the operation that made it; rows stand in the order of these numbers.
Rows are only ever added; a change of state flips a mark. Whoever extends an index holds the lock of its owner; a view
stays as it was, so that readers need none: its arrays end where the rows ended, and what changes inside them is copied
first. However an index came to hold its rows, at once, one by one, or out of kept parts, each gets the same scores, to
the last bit.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.core.protocols import IndexRow, VectorRow
from lamina.index.columns import Column
from lamina.index.names import Names
from lamina.index.neighbours import GAP_US, NO_TIME, Neighbours
from lamina.index.postings import Analyse, Beside, Postings, PostingsView, joined_lengths
from lamina.index.values import ValueColumns
from lamina.index.vectors import Vectors, VectorsView

__all__ = ("LABELS", "NO_TIME", "STILL", "IndexView", "ScopeIndex")

#: The names that rows carry.
LABELS = ("speaker", "role", "session_name", "agent", "run")
#: Whole numbers that rows carry.
NUMBERS = ("number", "arrived", "order", "session", "at_us")
#: Stands for the end of what is active still.
STILL = int(np.iinfo(np.int64).max)
#: Rough bytes of a different name, and of a row's metadata.
NAME_BYTES = 150
METADATA_BYTES = 250
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Labels = NDArray[np.int32]
#: From the rows' lengths, how much the words before and after each count with its own.
Weigh = Callable[[NDArray[np.int32]], tuple[NDArray[np.float64], NDArray[np.float64]]]


@dataclass(frozen=True)
class IndexView:
    """One wall's rows as they were at one moment, as arrays of equal length."""

    #: The operation that made each row, ascending, and the one that ended its being active (`STILL` = none).
    number: Numbers
    until: Numbers
    active: Flags
    arrived: Numbers
    order: Numbers
    #: Numbers of the file; 0 = none.
    session: Numbers
    #: Microseconds from 1970 UTC, `NO_TIME` where unknown.
    at_us: Numbers
    #: Numbers of the names below; 0 = none.
    speaker: Labels
    role: Labels
    session_name: Labels
    agent: Labels
    run: Labels
    #: By label; only ever added to.
    names: dict[str, Names]
    #: By row, as JSON; rows that are not here have none. Only ever added to.
    metadata: dict[int, str]
    #: What filters have asked for, by name; only ever added to.
    values: ValueColumns
    #: The row before and the row after each.
    sides: tuple[Numbers, Numbers]
    postings: PostingsView
    vectors: VectorsView
    _joined: dict[Any, tuple[Beside, Numbers]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.active)

    @cached_property
    def speakers(self) -> tuple[str, ...]:
        """The speakers that are names and no roles."""
        roles = set(self.names["role"].all())
        return tuple(name for name in self.names["speaker"].all() if name not in roles)

    @cached_property
    def session_starts(self) -> Numbers:
        """The rows at which another session begins than that of the row before."""
        return np.flatnonzero(np.diff(self.session_name, prepend=-1) != 0)

    def beside(self, weigh: Weigh) -> tuple[Beside, Numbers]:
        """Give the neighbours with their weights, and the joined lengths; worked out once a view."""
        known = self._joined.get(weigh)
        if known is None:
            side = Beside(*self.sides, *weigh(self.postings.lengths))
            known = self._joined[weigh] = (side, joined_lengths(self.postings, side))
        return known


class ScopeIndex:
    """The index of one wall."""

    def __init__(self, analyse: Analyse, *, width: int, gap_us: int = GAP_US) -> None:
        """Begin empty; `analyse` gives terms, vectors have `width` numbers, neighbours lie at most `gap_us` apart."""
        self.postings = Postings(analyse)
        self.vectors = Vectors(width)
        self.names = {label: Names() for label in LABELS}
        self.metadata: dict[int, str] = {}
        self.values = ValueColumns(self.metadata)
        self._numbers = {name: Column(np.int64) for name in (*NUMBERS, "until")}
        self._labels = {label: Column(np.int32) for label in LABELS}
        self._active = Column(np.bool_)
        self._neighbours = Neighbours(gap_us)
        self._view: IndexView | None = None
        #: The last operation and the last stored vector that the index holds.
        self.number = 0
        self.vector_number = 0

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._active)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays and, roughly, of names, metadata and the open part's vocabulary."""
        arrays = sum(column.nbytes for column in self._numbers.values()) + self._active.nbytes
        arrays += sum(column.nbytes for column in self._labels.values()) + self._neighbours.nbytes
        arrays += self.postings.nbytes + self.vectors.nbytes + self.values.nbytes
        return arrays + METADATA_BYTES * len(self.metadata) + NAME_BYTES * sum(map(len, self.names.values()))

    def extend(self, rows: Iterable[IndexRow], *, number: int) -> None:
        """Take in the revisions that operations up to `number` touched: new ones as rows, known ones by their state."""
        known = self._numbers["number"].view()
        last = int(known[-1]) if len(known) else 0
        fresh: list[IndexRow] = []
        moved: dict[int, IndexRow] = {}
        for row in rows:
            if row.number > last:
                fresh.append(row)
            else:
                moved[int(known.searchsorted(row.number))] = row
        if fresh:
            fresh.sort(key=_number)
            self._append(fresh)
        changed = self._move(moved)
        if fresh or changed:
            self._link(changed)
        self.number = number

    def extend_vectors(self, rows: Iterable[VectorRow]) -> None:
        """Take in stored vectors; those of revisions that are no rows of the index, or have theirs, are left out.

        All spans of a revision come in one call, one after another.
        """
        spans: list[tuple[int, int, int, bytes]] = []
        for row in rows:
            self.vector_number = max(self.vector_number, row.vector_number)
            place = self.row_of(row.number)
            if place is not None and not self.vectors.has(place):
                spans.append((place, row.start, row.end, row.values))
        if spans:
            self.vectors.extend(spans)
            self._view = None

    def has_vector(self, number: int) -> bool:
        """Say whether the revision that an operation made has its vectors in the index."""
        row = self.row_of(number)
        return row is not None and self.vectors.has(row)

    def row_of(self, number: int) -> int | None:
        """Give the row of the revision that an operation made; None where it made none."""
        numbers = self._numbers["number"].view()
        row = int(numbers.searchsorted(number))
        return row if row < len(numbers) and numbers[row] == number else None

    def column(self, name: str) -> NDArray[Any]:
        """Give one of the rows' columns, a label's as numbers of its names."""
        column: Column[Any] = self._labels[name] if name in self._labels else self._numbers[name]
        return column.view()

    def take_in(self, columns: dict[str, NDArray[Any]]) -> None:
        """Append rows, active all of them, whose postings are there already; `link` follows once all are in."""
        for name in NUMBERS:
            self._numbers[name].extend(columns[name])
        for label in LABELS:
            self._labels[label].extend(columns[label])
        count = len(columns["number"])
        self._numbers["until"].extend(np.full(count, STILL))
        self._active.extend(np.ones(count, dtype=bool))
        self.vectors.add_rows(count)

    def end(self, rows: Sequence[int] | Numbers, until: Sequence[int] | Numbers) -> None:
        """Mark rows as not active since the operations `until`; links all rows to their neighbours anew."""
        self._active.change(rows, np.zeros(len(rows), dtype=bool))
        self._numbers["until"].change(rows, until)
        self._link(())

    def view(self) -> IndexView:
        """Give the rows as they are now."""
        if self._view is None:
            self._view = IndexView(
                active=self._active.view(),
                names=self.names,
                metadata=self.metadata,
                values=self.values,
                sides=self._neighbours.sides(),
                postings=self.postings.view(),
                vectors=self.vectors.view(),
                number=self._numbers["number"].view(),
                until=self._numbers["until"].view(),
                arrived=self._numbers["arrived"].view(),
                order=self._numbers["order"].view(),
                session=self._numbers["session"].view(),
                at_us=self._numbers["at_us"].view(),
                speaker=self._labels["speaker"].view(),
                role=self._labels["role"].view(),
                session_name=self._labels["session_name"].view(),
                agent=self._labels["agent"].view(),
                run=self._labels["run"].view(),
            )
        return self._view

    def _append(self, rows: Sequence[IndexRow]) -> None:
        first = len(self)
        # First what may fail: an analyser comes from outside.
        self.postings.extend([row.text if row.speaker is None else f"{row.speaker}: {row.text}" for row in rows])
        self._active.extend([row.ended is None for row in rows])
        self._numbers["until"].extend([_until(row) for row in rows])
        self._numbers["at_us"].extend([NO_TIME if row.at_us is None else row.at_us for row in rows])
        for name in ("number", "arrived", "order", "session"):
            self._numbers[name].extend([getattr(row, name) for row in rows])
        for label, names in self.names.items():
            self._labels[label].extend([names.number(getattr(row, label)) for row in rows])
        self.metadata |= {place: row.metadata for place, row in enumerate(rows, start=first) if row.metadata}
        self.vectors.add_rows(len(rows))

    def _move(self, moved: dict[int, IndexRow]) -> list[int]:
        """Mark rows by their present states, and give those that were marked otherwise."""
        until = self._numbers["until"].view()
        changed = [row for row, told in moved.items() if until[row] != _until(told)]
        if changed:
            self._numbers["until"].change(changed, [_until(moved[row]) for row in changed])
            self._active.change(changed, [moved[row].ended is None for row in changed])
        return changed

    def _link(self, changed: Sequence[int]) -> None:
        columns = {name: self.column(name) for name in ("session", "agent", "run", "order", "arrived", "at_us")}
        self._neighbours.update({"active": self._active.view(), **columns}, changed)
        self._view = None


def _number(row: IndexRow) -> int:
    return row.number


def _until(row: IndexRow) -> int:
    return STILL if row.ended is None else row.ended
