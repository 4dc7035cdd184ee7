"""The scope indexes that a process keeps: one a wall, brought up to date inside each read transaction.

A view is taken while the transaction is open that brought it up to date, so that rows and records speak of the same
moment. An index is taken in from its kept segments where there are any, else built from the records; it is kept
again once enough has come. Walls that were not read for longest go first when the bound on memory is passed. Vectors
that could not be written (a read-only file) stay in the index of this process.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from lamina.core.errors import StoreError
from lamina.core.filters import Field, Filter, Found
from lamina.core.grant import Granted
from lamina.core.protocols import EncoderId, Reading, Store, VectorRow, Waiting
from lamina.core.records import Vector
from lamina.core.reports import IndexStats
from lamina.core.scope import Scope, Wall
from lamina.govern.access import grant
from lamina.index.container import BrokenContainer
from lamina.index.filtering import bring_up
from lamina.index.postings import Analyse
from lamina.index.scope_index import IndexView, ScopeIndex
from lamina.index.segments import (
    row_segments,
    rows_producer,
    take_in_rows,
    take_in_vectors,
    vector_segments,
    vectors_producer,
)

#: So many rows or vectors have to be new before an index is kept again, and a quarter of what its tail holds.
LEAST_NEW = 512
NEW_SHARE = 0.25
#: So many and they are kept at the end of the call that met them, not only by `flush` and `close`.
MOST_NEW = 8192


@dataclass(slots=True)
class _Held:
    """One wall's index with what is known of its kept segments; changed by who holds its lock."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    index: ScopeIndex | None = None
    #: Of the index, when it changed last.
    bytes: int = 0
    #: Whether the index holds vectors that could not be written: what others keep lacks them.
    has_unwritten: bool = False
    #: How many sealed parts are kept, and up to which row and vector.
    sealed_rows: int = 0
    sealed_vectors: int = 0
    kept_rows: int = 0
    kept_vectors: int = 0


@dataclass(frozen=True, slots=True)
class Sight:
    """What one read looks at: the transaction, and the visible walls as they are in it."""

    reading: Reading
    views: tuple[tuple[Wall, IndexView], ...]
    #: What had to be built anew, in sentences.
    notes: tuple[str, ...]


class Indexes:
    """The indexes of the walls that this process has read, for one encoder and one analyser."""

    def __init__(self, *, encoder: EncoderId, analyse: Analyse, analyser: str, gap_us: int, most_bytes: int) -> None:
        """Begin without any; `analyser` names what `analyse` does, `most_bytes` bounds what is kept in memory."""
        self._encoder = encoder
        self._analyse = analyse
        self._gap_us = gap_us
        self._most_bytes = most_bytes
        self._rows_producer = rows_producer(analyser)
        self._vectors_producer = vectors_producer(encoder.model, encoder.width)
        self._lock = threading.Lock()
        self._by_wall: OrderedDict[Wall, _Held] = OrderedDict()
        self._bytes = 0
        self._counts = {"loads": 0, "builds": 0, "rebuilds": 0, "evictions": 0, "publications": 0}

    def stats(self) -> IndexStats:
        """Count walls, bytes, and what was done since the memory was opened."""
        held = [held.index for held in tuple(self._by_wall.values()) if held.index is not None]
        return IndexStats(
            walls=len(held),
            rows=sum(map(len, held)),
            bytes=self._bytes,
            most_bytes=self._most_bytes,
            **self._counts,
        )

    @contextmanager
    def sight(self, store: Store, *, scope: Granted[Scope], filters: Filter | None = None) -> Iterator[Sight]:
        """Open a read transaction with the visible walls' indexes brought up to it, and to what `filters` ask for."""
        walls = scope.value.visible_walls
        notes: list[str] = []
        with ExitStack() as stack:
            with ExitStack() as locks:
                held = {wall: self._held(wall) for wall in walls}
                for wall in sorted(held, key=_wall_order):
                    locks.enter_context(held[wall].lock)
                reading = stack.enter_context(store.read())
                views = tuple(
                    (wall, self._brought_up(held[wall], reading, wall, number, scope=scope, notes=notes).view())
                    for wall, number in reading.numbers(scope=scope).items()
                )
                if filters is not None:
                    for wall, _ in views:
                        self._fit(held[wall], reading, wall, filters, scope=scope)
            yield Sight(reading, views, tuple(notes))
        self._evict(keep=walls)

    def lacking(self, waiting: Sequence[Waiting]) -> list[Waiting]:
        """Give those of `waiting` whose vectors no index of this process holds."""
        # Without a lock: this is asked inside a read, and who holds one may wait for the reader's connection.
        indexes = {wall: held.index for wall, held in tuple(self._by_wall.items()) if held.index is not None}
        return [item for item in waiting if item.wall not in indexes or not indexes[item.wall].has_vector(item.number)]

    def keep(self, waiting: Sequence[Waiting], vectors: Sequence[Vector]) -> None:
        """Take in vectors of texts that waited, where they could not be written."""
        by_revision = {(item.record_id, item.revision): item for item in waiting}
        for wall in {item.wall for item in waiting}:
            rows = [
                VectorRow(
                    0, by_revision[vector.record_id, vector.revision].number, vector.start, vector.end, vector.values
                )
                for vector in vectors
                if by_revision[vector.record_id, vector.revision].wall == wall
            ]
            held = self._held(wall)
            with held.lock:
                if held.index is not None:
                    held.index.extend_vectors(rows)
                    held.has_unwritten = True

    def publish(self, store: Store, *, walls: Sequence[Wall] | None = None, least: int = LEAST_NEW) -> None:
        """Keep the indexes to which enough has come; a file that cannot be written now is left as it is."""
        if not store.file_bytes():
            return
        for wall, held in tuple(self._by_wall.items()):
            if walls is None or wall in walls:
                with held.lock:
                    if held.index is not None and _is_due(held, held.index, least):
                        try:
                            self._publish(store, wall, held, held.index)
                        except StoreError:
                            # Derived: the next one that comes by keeps it.
                            return

    def keep_current(self, store: Store, *, scope: Granted[Scope]) -> None:
        """Bring the visible walls' indexes up to date, and keep those to which enough has come."""
        with self.sight(store, scope=scope):
            pass
        self.publish(store, walls=scope.value.visible_walls)

    def forget(self) -> None:
        """Let go of every index, so that the next read takes in what is kept."""
        with self._lock:
            self._by_wall.clear()
            self._bytes = 0

    def _held(self, wall: Wall) -> _Held:
        with self._lock:
            held = self._by_wall.setdefault(wall, _Held())
            self._by_wall.move_to_end(wall)
            return held

    def _brought_up(
        self, held: _Held, reading: Reading, wall: Wall, number: int, *, scope: Granted[Scope], notes: list[str]
    ) -> ScopeIndex:
        index = held.index
        is_fresh = index is None or index.number > number
        if index is None or index.number > number:
            # Beyond the number of the wall: the file was put back to an earlier state.
            index = self._opened(held, reading, wall, number, scope=scope, notes=notes)
        before = (index.number, index.vector_number)
        if index.number < number:
            index.extend(reading.index_rows(wall=wall, scope=scope, after=index.number), number=number)
        if is_fresh:
            self._take_in_vectors(held, index, reading, wall, scope=scope, notes=notes)
        index.extend_vectors(
            reading.vector_rows(wall=wall, scope=scope, encoder=self._encoder, after=index.vector_number)
        )
        if is_fresh or before != (index.number, index.vector_number):
            self._weigh(held, index)
        held.index = index
        return index

    def _fit(self, held: _Held, reading: Reading, wall: Wall, filters: Filter, *, scope: Granted[Scope]) -> None:
        """Make an index that was brought up hold what filters ask for."""

        def read(field: Field, after: int) -> Iterable[tuple[int, Found | None]]:
            return reading.field_values(field, wall=wall, scope=scope, after=after)

        if held.index is not None:
            bring_up(held.index, filters, read)
            self._weigh(held, held.index)

    def _opened(
        self, held: _Held, reading: Reading, wall: Wall, number: int, *, scope: Granted[Scope], notes: list[str]
    ) -> ScopeIndex:
        """Give an index with the rows that are kept of the wall, an empty one where there are none of use."""
        held.sealed_rows = held.kept_rows = 0
        index = self._empty()
        segments = reading.segments(wall=wall, scope=scope, producer=self._rows_producer)
        if not segments:
            self._counts["builds"] += 1
            return index
        try:
            held.sealed_rows = take_in_rows(index, segments, number=number)
        except BrokenContainer as error:
            notes.append(self._rebuilt(wall, error))
            held.sealed_rows = 0
            return self._empty()
        held.kept_rows = index.number
        self._counts["loads"] += 1
        return index

    def _take_in_vectors(
        self, held: _Held, index: ScopeIndex, reading: Reading, wall: Wall, *, scope: Granted[Scope], notes: list[str]
    ) -> None:
        """Take in the vectors that are kept of the wall; the others, or all, are read one by one."""
        held.sealed_vectors = held.kept_vectors = 0
        segments = reading.segments(wall=wall, scope=scope, producer=self._vectors_producer)
        if not segments:
            return
        try:
            held.sealed_vectors = take_in_vectors(index, segments)
        except BrokenContainer as error:
            notes.append(self._rebuilt(wall, error))
            return
        held.kept_vectors = index.vector_number

    def _rebuilt(self, wall: Wall, error: Exception) -> str:
        self._counts["rebuilds"] += 1
        name = wall.user or "what the tenant shares"
        return f"the kept index of {name} could not be used ({error}) and was built anew from the records"

    def _weigh(self, held: _Held, index: ScopeIndex) -> None:
        size = index.nbytes
        with self._lock:
            self._bytes += size - held.bytes
        held.bytes = size

    def _empty(self) -> ScopeIndex:
        return ScopeIndex(self._analyse, width=self._encoder.width, gap_us=self._gap_us)

    def _publish(self, store: Store, wall: Wall, held: _Held, index: ScopeIndex) -> None:
        scope = grant(Scope.of(wall))
        rows = row_segments(index, kept=held.sealed_rows)
        vectors = [] if held.has_unwritten else vector_segments(index, kept=held.sealed_vectors)
        with store.write() as writing:
            kept = writing.publish(self._rows_producer, rows, wall=scope)
            if vectors:
                kept = writing.publish(self._vectors_producer, vectors, wall=scope) or kept
        self._counts["publications"] += kept
        # Where another process was first, what it kept is as good; sealed parts are the same in every process.
        held.sealed_rows, held.kept_rows = len(index.postings.parts), index.number
        held.sealed_vectors, held.kept_vectors = len(index.vectors.parts), index.vector_number

    def _evict(self, *, keep: Sequence[Wall]) -> None:
        """Let go of the walls that were not read for longest, while the others take too much memory."""
        with self._lock:
            for wall in tuple(self._by_wall):
                if self._bytes <= self._most_bytes:
                    return
                if wall not in keep:
                    self._bytes -= self._by_wall.pop(wall).bytes
                    self._counts["evictions"] += 1


def _is_due(held: _Held, index: ScopeIndex, least: int) -> bool:
    """Say whether so much has come that an index is worth keeping again."""
    fresh = max(index.number - held.kept_rows, index.vector_number - held.kept_vectors)
    tail = len(index) - index.postings.tail_first
    return min(fresh, len(index)) >= max(least, NEW_SHARE * tail if held.kept_rows else 0)


def _wall_order(wall: Wall) -> tuple[str, str]:
    return wall.tenant, wall.user or ""
