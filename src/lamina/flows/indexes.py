"""The scope indexes that a process keeps: one a wall, brought up to date inside each read transaction.

A view is taken while the transaction is open that brought it up to date, so that rows and records speak of the same
moment. Vectors that could not be written (a read-only file) stay in the index of this process.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from lamina.core.grant import Granted
from lamina.core.protocols import EncoderId, Reading, Store, VectorRow, Waiting
from lamina.core.records import Vector
from lamina.core.scope import Scope, Wall
from lamina.index.postings import Analyse
from lamina.index.scope_index import IndexView, ScopeIndex


@dataclass(frozen=True, slots=True)
class Sight:
    """What one read looks at: the transaction, and the visible walls as they are in it."""

    reading: Reading
    views: tuple[tuple[Wall, IndexView], ...]


class Indexes:
    """The indexes of the walls that this process has read, for one encoder and one analyser."""

    def __init__(self, *, encoder: EncoderId, analyse: Analyse) -> None:
        """Begin without any."""
        self._encoder = encoder
        self._analyse = analyse
        self._lock = threading.Lock()
        self._by_wall: dict[Wall, ScopeIndex] = {}

    @property
    def nbytes(self) -> int:
        """Bytes that the indexes take."""
        return sum(index.nbytes for index in tuple(self._by_wall.values()))

    @contextmanager
    def sight(self, store: Store, *, scope: Granted[Scope]) -> Iterator[Sight]:
        """Open a read transaction with the visible walls' indexes brought up to it."""
        with ExitStack() as stack:
            with self._lock:
                reading = stack.enter_context(store.read())
                views = tuple(
                    (wall, self._brought_up(reading, wall, number, scope=scope))
                    for wall, number in reading.numbers(scope=scope).items()
                )
            yield Sight(reading, views)

    def lacking(self, waiting: Sequence[Waiting]) -> list[Waiting]:
        """Give those of `waiting` whose vectors no index of this process holds."""
        # Without the lock: this is asked inside a read, and who holds the lock may wait for the reader's connection.
        indexes = tuple(self._by_wall.values())
        return [
            item for item in waiting if not any(index.has_vector(item.record_id, item.revision) for index in indexes)
        ]

    def keep(self, vectors: Sequence[Vector]) -> None:
        """Take in vectors that could not be written."""
        rows = [
            VectorRow(0, vector.record_id, vector.revision, vector.start, vector.end, vector.values)
            for vector in vectors
        ]
        with self._lock:
            for index in self._by_wall.values():
                index.extend_vectors(rows)

    def _brought_up(self, reading: Reading, wall: Wall, number: int, *, scope: Granted[Scope]) -> IndexView:
        index = self._by_wall.get(wall)
        if index is None:
            index = self._by_wall[wall] = ScopeIndex(self._analyse, width=self._encoder.width)
        if index.number < number:
            index.extend(reading.index_rows(wall=wall, scope=scope, after=index.number), number=number)
        index.extend_vectors(
            reading.vector_rows(wall=wall, scope=scope, encoder=self._encoder, after=index.vector_number)
        )
        return index.view()
