"""The index of one wall: its rows, brought up to date by sequence number, and views of them for readers.

A row is one revision of an observation. Rows are only ever added; a change of state flips a mark. Whoever extends an
index holds the lock of its owner; a view stays as it was, so that readers need none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.core.lifecycle import State
from lamina.core.protocols import IndexRow, VectorRow
from lamina.index.columns import Column
from lamina.index.postings import Analyse, Postings, PostingsView
from lamina.index.vectors import Vectors, VectorsView

#: Stands for an unknown time.
NO_TIME = np.iinfo(np.int64).min
#: The names that rows carry.
LABELS = ("speaker", "session_name", "agent", "run")


@dataclass(frozen=True, slots=True)
class IndexView:
    """One wall's rows as they were at one moment, as arrays of equal length."""

    keys: Sequence[tuple[str, int]]
    active: NDArray[np.bool_]
    arrived: NDArray[np.int64]
    order: NDArray[np.int64]
    session: NDArray[np.int64]
    at_us: NDArray[np.int64]
    #: Numbers of the names below; 0 = none.
    speaker: NDArray[np.int32]
    session_name: NDArray[np.int32]
    agent: NDArray[np.int32]
    run: NDArray[np.int32]
    speakers: "Names"
    roles: "Names"
    session_names: "Names"
    agents: "Names"
    runs: "Names"
    postings: PostingsView
    vectors: VectorsView

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.active)


class Names:
    """Numbers for the names that rows carry; 0 stands for none. Names are only ever added."""

    def __init__(self) -> None:
        """Begin without a name."""
        self._numbers: dict[str | None, int] = {None: 0}

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
        self._names = {label: Names() for label in (*LABELS, "role")}
        self._postings = Postings(analyse)
        self._vectors = Vectors(width)
        self._with_vector: set[int] = set()
        #: The last operation and the last stored vector that the index holds.
        self.number = 0
        self.vector_number = 0

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays and, roughly, of keys and vocabulary."""
        columns = (self._active, *self._numbers.values(), *self._labels.values())
        arrays = sum(column.nbytes for column in columns) + self._postings.nbytes + self._vectors.nbytes
        return arrays + 250 * len(self._keys)

    def extend(self, rows: Iterable[IndexRow], *, number: int) -> None:
        """Take in the revisions that operations up to `number` touched: new ones as rows, known ones by their state."""
        fresh: list[IndexRow] = []
        moved: dict[int, bool] = {}
        for row in rows:
            place = self._row_of.get((row.record_id, row.revision))
            if place is None:
                self._row_of[row.record_id, row.revision] = len(self._keys)
                self._keys.append((row.record_id, row.revision))
                fresh.append(row)
            else:
                moved[place] = row.state is State.ACTIVE
        if fresh:
            self._append(fresh)
        if moved:
            self._active.change(list(moved), list(moved.values()))
        self.number = number

    def extend_vectors(self, rows: Iterable[VectorRow]) -> None:
        """Take in stored vectors; those of revisions that are no rows of the index, or have theirs, are left out."""
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
        columns: dict[str, Any] = {name: column.view() for name, column in (*self._numbers.items(), *self._labels.items())}
        return IndexView(
            keys=self._keys,
            speakers=self._names["speaker"],
            roles=self._names["role"],
            session_names=self._names["session_name"],
            agents=self._names["agent"],
            runs=self._names["run"],
            active=self._active.view(),
            postings=self._postings.view(),
            vectors=self._vectors.view(),
            **columns,
        )

    def _append(self, rows: list[IndexRow]) -> None:
        self._active.extend([row.state is State.ACTIVE for row in rows])
        self._numbers["arrived"].extend([row.arrived for row in rows])
        self._numbers["order"].extend([row.order for row in rows])
        self._numbers["session"].extend([row.session for row in rows])
        self._numbers["at_us"].extend([NO_TIME if row.at_us is None else row.at_us for row in rows])
        for label in LABELS:
            self._labels[label].extend([self._names[label].number(getattr(row, label)) for row in rows])
        for row in rows:
            self._names["role"].number(row.role)
        self._postings.extend([row.text if row.speaker is None else f"{row.speaker}: {row.text}" for row in rows])
