"""The index of one wall: its rows, brought up to date by sequence number, and views of them for readers.

A row is one revision of an observation, known by the operation that made it; rows stand in the order of these numbers.
Rows are only ever added; a change of state flips a mark. Whoever extends an index holds the lock of its owner; a view
stays as it was, so that readers need none: its arrays end where the rows ended, and what changes inside them is copied
first. However an index came to hold its rows, at once, one by one, or out of kept parts, each gets the same scores, to
the last bit.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.core.asking import asking_code
from lamina.core.lifecycle import State
from lamina.core.records import prefix_of
from lamina.core.rows import IndexRow, VectorRow
from lamina.index.bm25 import LENGTH_PARTS, Beside, Lengths, Weigh, joined_parts
from lamina.index.columns import Column, Table, run_starts
from lamina.index.names import Names
from lamina.index.neighbours import GAP_US, NO_TIME, Neighbours, Sides
from lamina.index.past import Past
from lamina.index.postings import ROW_BYTES, Analyse, Postings, PostingsView, SealedPostings
from lamina.index.values import ValueColumns
from lamina.index.vectors import NO_SPAN, BrokenVector, Span, VectorPart, Vectors, VectorsView

__all__ = ("LABELS", "NO_TIME", "NUMBERS", "STILL", "BrokenVector", "Ended", "IndexView", "ScopeIndex")

#: The names that rows carry.
LABELS = ("speaker", "role", "session_name", "agent", "run", "kind", "layer", "modality", "state")
#: Whole numbers that rows carry.
NUMBERS = ("number", "arrived", "order", "session", "event", "at_us", "at_offset_s")
#: Those of both that change: by what becomes of a row, or of the event in which it lies.
_CHANGING = ("event", "state")
#: Further keys of a row, by which it is found, and which are none of its words.
Mark = Callable[[IndexRow], list[str]]
#: Stands for the end of what is active still.
STILL = int(np.iinfo(np.int64).max)
#: Rough bytes of a different name, and of what holds a row's metadata beside the text itself.
NAME_BYTES = 150
METADATA_BYTES = 150
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Labels = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Ended:
    """Rows that are not active any more, since which operation, and the state in which each is."""

    rows: Labels
    until: Numbers
    state: Labels


@dataclass(frozen=True)
class IndexView:
    """One wall's rows as they were at one moment, as arrays of equal length."""

    #: The last operation and the last stored vector that the view holds, and the epoch of the wall.
    reach: int
    vector_reach: int
    epoch: int
    #: The operation that made each row, ascending, and the one that ended its being active (`STILL` = none).
    number: Numbers
    until: Numbers
    active: Flags
    arrived: Numbers
    order: Numbers
    #: Numbers of the file; 0 = none.
    session: Numbers
    #: The event, by the operation that made it; 0 = none.
    event: Numbers
    #: Microseconds from 1970 UTC, `NO_TIME` where unknown.
    at_us: Numbers
    #: Of that time's own zone, in seconds east of UTC.
    at_offset_s: Numbers
    #: How much of the text asks: see `core.asking`.
    asking: NDArray[np.uint8]
    #: Numbers of the names below; 0 = none.
    speaker: Labels
    role: Labels
    session_name: Labels
    agent: Labels
    run: Labels
    kind: Labels
    layer: Labels
    modality: Labels
    state: Labels
    #: By label; only ever added to.
    names: dict[str, Names]
    #: By row, as JSON; rows that are not here have none. Only ever added to.
    metadata: dict[int, str]
    #: The rows at which another session begins than that of the row before.
    session_starts: Numbers
    #: What filters have asked for, by name; only ever added to.
    values: ValueColumns
    postings: PostingsView
    #: The row before and the row after each, and how long each row is with what is read of them, in parts of a term.
    sides: tuple[Sides, Sides]
    joined_parts: Numbers
    vectors: VectorsView

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.active)

    @cached_property
    def lengths(self) -> Lengths:
        """How long the rows are by their own words."""
        parts = LENGTH_PARTS * self.postings.lengths.astype(np.int64)
        return Lengths(parts, int(parts.sum()))

    @cached_property
    def joined(self) -> Lengths:
        """How long the rows are with what is read of their neighbours."""
        return Lengths(self.joined_parts, int(self.joined_parts.sum()))

    @cached_property
    def speakers(self) -> tuple[str, ...]:
        """The speakers of active rows that are names and no roles."""
        roles = set(self._active_names("role"))
        return tuple(name for name in self._active_names("speaker") if name not in roles)

    def _active_names(self, label: str) -> list[str]:
        names, labels = self.names[label].all(), getattr(self, label)
        if self.is_all_active:
            # A name has its number from the first row that carries it.
            return names[: int(labels.max(initial=0))]
        is_there = np.zeros(len(names) + 1, dtype=bool)
        is_there[labels[self.active]] = True
        return [name for name, is_one in zip(names, is_there[1:].tolist(), strict=True) if is_one]

    @cached_property
    def local_us(self) -> Numbers:
        """What the clocks showed where each was said, in microseconds from 1970; `NO_TIME` where unknown."""
        if not self.at_offset_s.any():
            return self.at_us
        return np.where(self.at_us == NO_TIME, NO_TIME, self.at_us + 1_000_000 * self.at_offset_s)

    @cached_property
    def lacking(self) -> Numbers:
        """The active rows that have no vector yet."""
        if self.vectors.is_complete:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(self.active & (self.vectors.first_span == NO_SPAN))

    @cached_property
    def is_all_active(self) -> bool:
        """Say whether no row has ended."""
        return bool(self.active.all())


class ScopeIndex:
    """The index of one wall."""

    def __init__(
        self,
        analyse: Analyse,
        *,
        width: int,
        gap_us: int = GAP_US,
        weigh: Weigh | None = None,
        mark: Mark | None = None,
        epoch: int = 0,
    ) -> None:
        """Begin empty.

        `analyse` gives terms, vectors have `width` numbers, neighbours lie at most `gap_us` apart, `weigh` says how far
        a row is read together with them, and `mark` gives further keys of a row, such as what it names.
        """
        self.names = {label: Names() for label in LABELS}
        self.metadata: dict[int, str] = {}
        self._metadata_bytes = 0
        self.values = ValueColumns(self.metadata)
        #: What two clocks have asked for.
        self.past = Past()
        self.epoch = epoch
        #: The last operation and the last stored vector that the index holds.
        self.number = 0
        self.vector_number = 0
        self._weigh = weigh
        self._mark = mark
        self._postings = Postings(analyse)
        self._vectors = Vectors(width)
        self._numbers = Table([name for name in NUMBERS if name not in _CHANGING], np.int64)
        self._labels = Table([label for label in LABELS if label not in _CHANGING], np.int32)
        self._until, self._event, self._state = Column(np.int64), Column(np.int64), Column(np.int32)
        self._asking = Column(np.uint8)
        self._active = Column(np.bool_)
        self._joined = Column(np.int64)
        self._session_starts = Column(np.int64)
        self._neighbours = Neighbours(gap_us)
        self._view: IndexView | None = None

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._active)

    @property
    def nbytes_by_part(self) -> dict[str, int]:
        """Bytes of the arrays and, roughly, of names, metadata and the open part's vocabulary."""
        columns: list[Column[Any] | Table[Any]] = [self._numbers, self._labels, self._until, self._event, self._state]
        columns += [self._active, self._joined, self._session_starts, self._asking]
        return {
            "columns": sum(column.nbytes for column in columns) + self._neighbours.nbytes,
            "names": NAME_BYTES * sum(map(len, self.names.values())),
            "metadata": self._metadata_bytes,
            "postings": self._postings.nbytes,
            "vectors": self._vectors.nbytes,
            "values": self.values.nbytes,
            "past": self.past.nbytes,
        }

    @property
    def told_nbytes(self) -> int:
        """Bytes of what rows and vectors brought, roughly and at once: whether it has grown since it was weighed."""
        return ROW_BYTES * len(self) + self._metadata_bytes + self._postings.open_nbytes + self._vectors.spans_nbytes

    def extend(self, rows: Iterable[IndexRow], *, number: int) -> None:
        """Take in the revisions that operations up to `number` touched: new ones as rows, known ones by their state.

        Words that are erased begin another epoch of their wall, of which this is no index.
        """
        known = self._numbers.views()["number"]
        last = int(known[-1]) if len(known) else 0
        fresh: list[IndexRow] = []
        touched: dict[int, IndexRow] = {}
        for row in rows:
            if row.number > last:
                fresh.append(row)
            else:
                touched[int(known.searchsorted(row.number))] = row
        if fresh:
            fresh.sort(key=_number)
            self._append(fresh)
        self._regroup(touched)
        changed = self._move(touched)
        if fresh or changed:
            self._link(changed)
        self.number = number
        self._view = None

    def extend_vectors(self, rows: Iterable[VectorRow], *, number: int = 0) -> None:
        """Take in stored vectors up to `number`.

        Those of revisions that are no rows of the index, or have theirs, are left out. All spans of a revision come in
        one call, one after another.

        Raises:
            BrokenVector: one has another width, or numbers that are none; none of the call is taken in.
        """
        self._vectors.extend(self._spans(rows, self._vectors.has_kept))
        self.vector_number = max(self.vector_number, number)
        self._view = None

    def hold_vectors(self, rows: Iterable[VectorRow]) -> None:
        """Take in vectors that are not stored yet likewise; `extend_vectors` puts what is stored in their place."""
        self._vectors.hold(self._spans(rows, self._vectors.has))
        self._view = None

    def hold_metadata(self, metadata: Mapping[int, str]) -> None:
        """Take in the metadata of some rows, as JSON."""
        self.metadata.update(metadata)
        self._metadata_bytes += sum(METADATA_BYTES + len(text) for text in metadata.values())

    def take_in(
        self,
        columns: Mapping[str, NDArray[Any]],
        part: SealedPostings,
        lengths: Labels,
        *,
        is_full: bool,
        metadata: Mapping[int, str],
    ) -> None:
        """Append a run of rows that was kept; what became of them, `settle` says after the last run."""
        self._postings.take_in(part, lengths, is_full=is_full, beside=sum(map(kept_bytes, metadata.values())))
        self.hold_metadata(metadata)
        self._numbers.extend([columns[name] for name in self._numbers.names])
        self._labels.extend([columns[label] for label in self._labels.names])
        self._asking.extend(columns["asking"])
        count = len(lengths)
        self._mark_sessions(len(self))
        self._until.extend(np.full(count, STILL))
        self._event.extend(np.zeros(count, dtype=np.int64))
        self._state.extend(np.full(count, self.names["state"].number(State.ACTIVE), dtype=np.int32))
        self._active.extend(np.ones(count, dtype=bool))
        self._vectors.add_rows(count)

    def take_in_vectors(self, part: VectorPart, *, is_full: bool) -> None:
        """Append a run of spans that was kept, of rows that are there."""
        self._vectors.take_in(part, is_full=is_full)

    def append_vectors(self, part: VectorPart) -> None:
        """Append spans of rows that are there, behind all others; those of one row come in one call."""
        self._vectors.append(part)
        self._view = None

    def settle(self, ended: Ended, events: Numbers, *, number: int) -> None:
        """Say what has become of the rows that were taken in, up to operation `number`."""
        self._until.change(ended.rows, ended.until)
        self._state.change(ended.rows, ended.state)
        self._active.change(ended.rows, np.zeros(len(ended.rows), dtype=bool))
        self._event.change(np.arange(len(events)), events)
        self.number = number
        self._link(())

    def hand_over_vectors(self, *, is_last: bool = False) -> Iterator[VectorPart]:
        """Give runs of spans as they are kept, and let go of them: such an index is of no other use."""
        return self._vectors.hand_over(is_last=is_last)

    def has_vector(self, number: int) -> bool:
        """Say whether the revision that an operation made has its vectors in the index."""
        row = self.row_of(number)
        return row is not None and self._vectors.has(row)

    def row_of(self, number: int) -> int | None:
        """Give the row of the revision that an operation made; None where it made none."""
        numbers = self._numbers.views()["number"]
        row = int(numbers.searchsorted(number))
        return row if row < len(numbers) and numbers[row] == number else None

    def view(self) -> IndexView:
        """Give the rows as they are now."""
        if self._view is None:
            self._view = IndexView(
                reach=self.number,
                vector_reach=self.vector_number,
                epoch=self.epoch,
                active=self._active.view(),
                asking=self._asking.view(),
                names=self.names,
                metadata=self.metadata,
                values=self.values,
                session_starts=self._session_starts.view(),
                postings=self._postings.view(),
                sides=self._neighbours.sides(),
                joined_parts=self._joined.view(),
                vectors=self._vectors.view(),
                **self._columns(),
            )
        return self._view

    def _spans(self, rows: Iterable[VectorRow], is_known: Callable[[int], bool]) -> list[Span]:
        """Give the spans of rows of the index whose vectors are not known."""
        spans: list[Span] = []
        for row in rows:
            if len(row.values) != self._vectors.bytes_a_vector:
                raise BrokenVector(f"vector {row.vector_number} has {len(row.values)} bytes")
            place = self.row_of(row.number)
            if place is not None and not is_known(place):
                spans.append((place, row.start, row.end, row.values))
        return spans

    def _columns(self) -> dict[str, NDArray[Any]]:
        columns: dict[str, NDArray[Any]] = {"until": self._until.view(), "event": self._event.view()}
        columns["state"] = self._state.view()
        columns |= self._numbers.views()
        columns |= self._labels.views()
        return columns

    def _append(self, rows: Sequence[IndexRow]) -> None:
        first = len(self)
        # First what may fail: an analyser comes from outside.
        prefixes = [prefix_of(row.speaker, row.modality, row.session_name) for row in rows]
        texts = [
            row.text if prefix is None else f"{prefix}: {row.text}" for row, prefix in zip(rows, prefixes, strict=True)
        ]
        beside = [kept_bytes(row.metadata) if row.metadata else 0 for row in rows]
        self._postings.extend(texts, [] if self._mark is None else [self._mark(row) for row in rows], beside)
        self._active.extend([row.ended is None for row in rows])
        self._asking.extend([asking_code(row) for row in rows])
        self._until.extend([_until(row) for row in rows])
        self._event.extend([row.event for row in rows])
        self._numbers.extend([_told(rows, name, unknown=NO_TIME) for name in self._numbers.names])
        self._labels.extend([self._coded(rows, label) for label in self._labels.names])
        self._state.extend(self._coded(rows, "state"))
        self._mark_sessions(first)
        self.hold_metadata({place: row.metadata for place, row in enumerate(rows, start=first) if row.metadata})
        self._vectors.add_rows(len(rows))

    def _coded(self, rows: Sequence[IndexRow], label: str) -> list[int]:
        """Give the numbers of the names that rows carry under a label."""
        number = self.names[label].number
        return [number(getattr(row, label)) for row in rows]

    def _mark_sessions(self, first: int) -> None:
        """Note where sessions begin among the rows from `first` on."""
        names = self._labels.views()["session_name"]
        before = names[first - 1] if first else -1
        self._session_starts.extend(first + run_starts(names[first:], before=before))

    def _move(self, touched: dict[int, IndexRow]) -> list[int]:
        """Mark rows by their present states, and give those that were marked otherwise."""
        until, state = self._until.view(), self._state.view()
        codes = {row: self.names["state"].number(told.state) for row, told in touched.items()}
        changed = [row for row, told in touched.items() if (until[row], state[row]) != (_until(told), codes[row])]
        if changed:
            self._until.change(changed, [_until(touched[row]) for row in changed])
            self._state.change(changed, [codes[row] for row in changed])
            self._active.change(changed, [touched[row].ended is None for row in changed])
        return changed

    def _regroup(self, touched: dict[int, IndexRow]) -> None:
        """Put rows into the events in which they lie now."""
        event = self._event.view()
        changed = [row for row, told in touched.items() if event[row] != told.event]
        if changed:
            self._event.change(changed, [touched[row].event for row in changed])

    def _link(self, changed: Sequence[int]) -> None:
        columns: dict[str, NDArray[Any]] = {"active": self._active.view()}
        columns |= self._numbers.views()
        columns |= self._labels.views()
        affected = self._neighbours.update(columns, changed)
        lengths = self._postings.view().lengths
        count = len(lengths) - len(self._joined)
        self._joined.extend(np.zeros(count, dtype=np.int64))
        if self._weigh is not None:
            self._joined.change(
                affected, joined_parts(affected, Beside(*self._neighbours.sides(), lengths, self._weigh))
            )


def kept_bytes(metadata: str) -> int:
    """Count the bytes of a row's metadata as a segment keeps them: a text of JSON inside JSON."""
    return len(json.dumps(metadata))


def _told(rows: Sequence[IndexRow], name: str, *, unknown: int) -> list[int]:
    """Give a number of each of some rows, `unknown` where it has none."""
    found = [getattr(row, name) for row in rows]
    return found if None not in found else [unknown if value is None else value for value in found]


def _number(row: IndexRow) -> int:
    return row.number


def _until(row: IndexRow) -> int:
    return STILL if row.ended is None else row.ended
