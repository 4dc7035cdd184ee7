"""The index of one wall: its rows, brought up to date by sequence number, and views of them for readers.

A row is one revision of an observation. Rows are only ever added; a change of state flips a mark. Whoever extends an
index holds the lock of its owner; a view stays as it was, so that readers need none: its arrays end where the rows
ended, and what changes inside them is copied first. However an index came to hold its rows, at once or one by one, in
any order, each gets the same scores, to the last bit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.core.lifecycle import State
from lamina.core.protocols import IndexRow, VectorRow
from lamina.index.columns import Column
from lamina.index.neighbours import NO_TIME, Stream
from lamina.index.postings import Analyse, Postings, PostingsView
from lamina.index.vectors import Vectors, VectorsView

__all__ = ("NO_TIME", "IndexView", "Names", "ScopeIndex")

#: The names that rows carry.
LABELS = ("speaker", "role", "session_name", "agent", "run")
#: Rough bytes of a row's key, with its place in list and dictionary.
KEY_BYTES = 350
#: Rough bytes of a different name.
NAME_BYTES = 150
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Labels = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class IndexView:
    """One wall's rows as they were at one moment, as arrays of equal length."""

    keys: Sequence[tuple[str, int]]
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
    speakers: "Names"
    roles: "Names"
    session_names: "Names"
    agents: "Names"
    runs: "Names"
    postings: PostingsView
    vectors: VectorsView
    #: Knows the neighbours of each row.
    stream: Stream

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.active)


class Names:
    """Numbers for the names that rows carry; 0 stands for none. Names are only ever added."""

    def __init__(self) -> None:
        """Begin without a name."""
        self._numbers: dict[str | None, int] = {None: 0}

    def __len__(self) -> int:
        """Count the names, with the one that stands for none."""
        return len(self._numbers)

    def number(self, name: str | None) -> int:
        """Give the number of `name`, a new one where it has none yet."""
        return self._numbers.setdefault(name, len(self._numbers))

    def known(self, name: str | None) -> int:
        """Give the number of `name`, -1 where no row carries it."""
        return self._numbers.get(name, -1)

    def all(self) -> list[str]:
        """Give the names, by number from 1."""
        return [name for name in tuple(self._numbers) if name is not None]


class ScopeIndex:
    """The index of one wall."""

    def __init__(self, analyse: Analyse, *, width: int) -> None:
        """Begin empty; `analyse` gives terms, vectors have `width` numbers."""
        self._keys: list[tuple[str, int]] = []
        self._row_of: dict[tuple[str, int], int] = {}
        self._active = Column(np.bool_)
        self._numbers = {name: Column(np.int64) for name in ("arrived", "order", "session", "at_us")}
        self._labels = {label: Column(np.int32) for label in LABELS}
        self._names = {label: Names() for label in LABELS}
        self._postings = Postings(analyse)
        self._vectors = Vectors(width)
        self._with_vector: set[int] = set()
        self._stream: Stream | None = None
        #: The last operation and the last stored vector that the index holds.
        self.number = 0
        self.vector_number = 0

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays and, roughly, of keys, names and vocabulary."""
        arrays = self._active.nbytes + self._postings.nbytes + self._vectors.nbytes
        arrays += sum(column.nbytes for column in self._numbers.values())
        arrays += sum(column.nbytes for column in self._labels.values())
        return arrays + KEY_BYTES * len(self._keys) + NAME_BYTES * sum(map(len, self._names.values()))

    def extend(self, rows: Iterable[IndexRow], *, number: int) -> None:
        """Take in the revisions that operations up to `number` touched: new ones as rows, known ones by their state."""
        fresh: dict[tuple[str, int], IndexRow] = {}
        moved: dict[int, bool] = {}
        for row in rows:
            key = (row.record_id, row.revision)
            place = self._row_of.get(key)
            if place is None:
                fresh[key] = row
            else:
                moved[place] = row.state is State.ACTIVE
        if fresh:
            self._append(fresh)
        if moved:
            self._active.change(list(moved), list(moved.values()))
        if fresh or moved:
            self._stream = None
        self.number = number

    def extend_vectors(self, rows: Iterable[VectorRow]) -> None:
        """Take in stored vectors; those of revisions that are no rows of the index, or have theirs, are left out.

        All spans of a revision come in one call.
        """
        spans: list[tuple[int, int, int, bytes]] = []
        fresh: set[int] = set()
        for row in rows:
            self.vector_number = max(self.vector_number, row.vector_number)
            place = self._row_of.get((row.record_id, row.revision))
            if place is not None and place not in self._with_vector:
                spans.append((place, row.start, row.end, row.values))
                fresh.add(place)
        self._vectors.extend(spans)
        self._with_vector |= fresh

    def has_vector(self, record_id: str, revision: int) -> bool:
        """Say whether a revision has its vectors in the index."""
        return self._row_of.get((record_id, revision), -1) in self._with_vector

    def view(self) -> IndexView:
        """Give the rows as they are now."""
        active = self._active.view()
        numbers = {name: column.view() for name, column in self._numbers.items()}
        labels = {label: column.view() for label, column in self._labels.items()}
        if self._stream is None:
            self._stream = Stream(active=active, agent=labels["agent"], run=labels["run"], **numbers)
        return IndexView(
            keys=self._keys,
            active=active,
            speakers=self._names["speaker"],
            roles=self._names["role"],
            session_names=self._names["session_name"],
            agents=self._names["agent"],
            runs=self._names["run"],
            postings=self._postings.view(),
            vectors=self._vectors.view(),
            stream=self._stream,
            arrived=numbers["arrived"],
            order=numbers["order"],
            session=numbers["session"],
            at_us=numbers["at_us"],
            speaker=labels["speaker"],
            role=labels["role"],
            session_name=labels["session_name"],
            agent=labels["agent"],
            run=labels["run"],
        )

    def _append(self, fresh: dict[tuple[str, int], IndexRow]) -> None:
        rows = list(fresh.values())
        # First what may fail: an analyser comes from outside.
        self._postings.extend([row.text if row.speaker is None else f"{row.speaker}: {row.text}" for row in rows])
        self._active.extend([row.state is State.ACTIVE for row in rows])
        self._numbers["arrived"].extend([row.arrived for row in rows])
        self._numbers["order"].extend([row.order for row in rows])
        self._numbers["session"].extend([row.session for row in rows])
        self._numbers["at_us"].extend([NO_TIME if row.at_us is None else row.at_us for row in rows])
        for label, names in self._names.items():
            self._labels[label].extend([names.number(getattr(row, label)) for row in rows])
        for key in fresh:
            self._row_of[key] = len(self._keys)
            self._keys.append(key)
