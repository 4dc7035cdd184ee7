"""The scope indexes that a process keeps: one a wall, brought up to date inside each read transaction.

Who may not see every label of a wall, and to whom something there is hidden, has one without it, made of the records;
so that no score, and no word of the dictionary, tells of what is not seen.

A view is taken while the transaction is open that brought it up to date, so that rows and records speak of the same
moment. An index is taken in from its kept segments where there are any, else built from the records. Walls that were
not read for longest go first when the bound on memory is passed. Vectors that could not be written (a read-only file)
stay in the index of this process.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lamina.core.clocks import PRESENT, Clocks, begun_by
from lamina.core.filters import Field, Filter, Found
from lamina.core.grant import Granted
from lamina.core.operations import Operation
from lamina.core.protocols import Reading, Store
from lamina.core.records import Vector
from lamina.core.reports import IndexStats
from lamina.core.rows import VectorRow, Waiting, WallEnd
from lamina.core.scope import Scope, Wall
from lamina.core.time import to_us
from lamina.flows.cleared import hidden_from
from lamina.flows.making import Making, extend, make, without_erased
from lamina.flows.past import shown_then
from lamina.flows.unwritten import Texts, Unwritten
from lamina.index.filtering import bring_up, rows_that_hold
from lamina.index.scanning import scanning
from lamina.index.scope_index import IndexView, ScopeIndex
from lamina.index.union import Union

#: An index is weighed again once it has taken in about so many bytes: that takes as long as taking in a few rows.
WORTH_WEIGHING = 16_384
#: So many users' walls are kept joined with what their tenants share.
MOST_UNIONS = 16


#: Where an index is found: whose wall it is of, and for who sees which labels alone; None = all.
Shelf = tuple[Wall, frozenset[str] | None]


@dataclass(slots=True)
class Held:
    """One wall's index with what is known of its kept segments; changed by who holds its lock."""

    shelf: Shelf
    lock: threading.Lock = field(default_factory=threading.Lock)
    index: ScopeIndex | None = None
    #: Of the index, when it was weighed last, and what it told of itself then.
    bytes: int = 0
    told_bytes: int = 0
    #: What had to be built anew, in sentences, until somebody who asks is told.
    notes: list[str] = field(default_factory=list)
    #: Whether what is kept of it could not be used, or something else with it, and stands in the file still.
    is_broken: bool = False
    #: How many full parts are kept, and up to which operation and vector.
    full_rows: int = 0
    full_vectors: int = 0
    kept_number: int = 0
    kept_vector: int = 0
    #: The operations that made what is hidden from who reads it.
    unseen: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Sight:
    """What one read looks at: the transaction, and the visible walls as they are in it."""

    reading: Reading
    walls: tuple[Wall, ...]
    #: Their rows, one wall's after another's.
    union: Union
    #: What had to be built anew, in sentences.
    notes: tuple[str, ...]
    #: What reads have encoded and could not write yet.
    unwritten: tuple[Texts, ...]
    #: Who asks, and what is held of each wall.
    asker: Wall
    held: tuple[Held, ...]
    #: The rows that were what their records said by the clocks of the call; None = it named none.
    then: NDArray[np.bool_] | None = None


class Indexes:
    """The indexes of the walls that this process has read, for one encoder and one analyser."""

    def __init__(self, making: Making, *, most_bytes: int) -> None:
        """Begin without any; `most_bytes` bounds what is kept in memory."""
        self.making = making
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._by_shelf: OrderedDict[Shelf, Held] = OrderedDict()
        #: By the wall of whoever asked and what each looks into.
        self._unions: OrderedDict[tuple[Wall, tuple[Shelf, ...]], Union] = OrderedDict()
        self._bytes = 0
        self._counts = {"loads": 0, "builds": 0, "rebuilds": 0, "evictions": 0, "publications": 0}
        #: What reads have encoded and could not write.
        self.unwritten = Unwritten()
        #: Why an index could not be kept the last time that one was to be; None = it could.
        self.failure: str | None = None

    def stats(self) -> IndexStats:
        """Count walls, bytes, and what was done since the memory was opened."""
        with self._lock:
            held = [held.index for held in self._by_shelf.values() if held.index is not None]
            parts = {"joined": self._joined_bytes(), "unwritten": self.unwritten.nbytes}
        for index in held:
            for part, size in index.nbytes_by_part.items():
                parts[part] = parts.get(part, 0) + size
        return IndexStats(
            walls=len(held),
            rows=sum(map(len, held)),
            bytes=sum(parts.values()),
            bytes_by_part=parts,
            most_bytes=self._most_bytes,
            failure=self.failure,
            scanned_by=scanning().told(),
            **self._counts,
        )

    def stats_for(self, reading: Reading, *, scope: Granted[Scope]) -> IndexStats:
        """Count walls, rows and bytes of what a scope reads, and nothing that was done, since others did it too."""
        asked = {
            _shelves(wall, scope)[-1 if hidden_from(reading, wall=wall, scope=scope).numbers else 0]
            for wall in scope.value.visible_walls
        }
        with self._lock:
            found = [self._by_shelf[shelf].index for shelf in asked if shelf in self._by_shelf]
        held = [index for index in found if index is not None]
        parts: Counter[str] = Counter()
        for index in held:
            parts.update(index.nbytes_by_part)
        return IndexStats(
            walls=len(held),
            rows=sum(map(len, held)),
            bytes=sum(parts.values()),
            bytes_by_part=dict(parts),
            most_bytes=self._most_bytes,
            failure=None,
            scanned_by=scanning().told(),
            **dict.fromkeys(self._counts, 0),
        )

    @contextmanager
    def sight(
        self,
        store: Store,
        *,
        scope: Granted[Scope],
        filters: Filter | None = None,
        clocks: Clocks = PRESENT,
        is_told: bool = False,
    ) -> Iterator[Sight]:
        """Open a read transaction with the visible walls' indexes brought up to it, and to what is asked of them.

        `is_told` says that somebody reads the notes, which are given once.
        """
        visible = scope.value.visible_walls
        notes: tuple[str, ...] = ()
        then = None
        shelves = {shelf: self.held(*shelf) for wall in visible for shelf in _shelves(wall, scope)}
        with ExitStack() as stack:
            # Before the transaction: who comes later sees no earlier state than who was there before.
            with _locked(shelves) as let_go:
                unwritten = self.unwritten.held()
                reading = stack.enter_context(store.read())
                ends = reading.ends(scope=scope)
                unseen = {wall: hidden_from(reading, wall=wall, scope=scope).numbers for wall in ends}
                held = {wall: shelves[_shelves(wall, scope)[-1 if unseen[wall] else 0]] for wall in ends}
                used = {one.shelf for one in held.values()}
                # Nobody waits for what this read does not use.
                let_go(shelves.keys() - used)
                views = [
                    self._brought_up(held[wall], reading, wall, end, unseen=unseen[wall], scope=scope)
                    for wall, end in ends.items()
                ]
                if is_told:
                    notes = tuple(note for wall in ends for note in held[wall].notes)
                    for wall in ends:
                        held[wall].notes = []
                if filters is not None:
                    for wall in ends:
                        self._fit(held[wall], reading, wall, filters, scope=scope)
                if clocks.are_set:
                    flags = [self._then(held[wall], reading, wall, clocks, scope=scope) for wall in ends]
                    then = np.concatenate(flags) if flags else np.zeros(0, dtype=bool)
            asker, whole = scope.value.wall, tuple(held.values())
            union = self._union(asker, whole, views)
            yield Sight(reading, tuple(ends), union, notes, unwritten, asker, whole, then)
        if filters is not None or clocks.are_set:
            self._weigh_again(held.values())
        self._let_go(shelves.keys() - used)
        self._evict(keep=used)

    def seen_with(self, sight: Sight, waiting: Sequence[Waiting], vectors: Sequence[Vector]) -> Sight | None:
        """Give what a read sees with vectors of texts that waited, which are kept to be written later.

        The rows are those of before, and the transaction is. None where an index has gone on without it, or somebody
        holds it who may wait for this transaction to end.
        """
        added = self.unwritten.add(waiting, vectors)
        views = []
        for wall, held, former in zip(sight.walls, sight.held, sight.union.views, strict=True):
            if not held.lock.acquire(blocking=False):
                return None
            try:
                index = held.index
                if index is None or index.epoch != former.epoch or index.number != former.reach:
                    return None
                self._hold(held, index, _rows_of(wall, waiting, vectors))
                views.append(index.view())
            finally:
                held.lock.release()
        union = self._union(sight.asker, sight.held, views)
        return replace(sight, union=union, unwritten=(*sight.unwritten, added))

    def keep(self, waiting: Sequence[Waiting], vectors: Sequence[Vector]) -> None:
        """Take in vectors of texts that waited, where they could not be written; perhaps they can be later.

        Waits for others, and so is called in no transaction.
        """
        self.unwritten.add(waiting, vectors)
        for wall in {item.wall for item in waiting}:
            rows = _rows_of(wall, waiting, vectors)
            for held in self._of_wall(wall):
                with held.lock:
                    if held.index is not None:
                        self._hold(held, held.index, rows)

    def _hold(self, held: Held, index: ScopeIndex, rows: Sequence[VectorRow]) -> None:
        index.hold_vectors(row for row in rows if row.number not in held.unseen)
        self._weigh_grown(held, index)

    def in_memory(self) -> list[tuple[Wall, Held]]:
        """Give the walls of which this process holds whole indexes, those not read for longest first."""
        with self._lock:
            held = [(wall, held) for (wall, labels), held in self._by_shelf.items() if labels is None]
        return [(wall, one) for wall, one in held if one.index is not None]

    def held(self, wall: Wall, labels: frozenset[str] | None = None) -> Held:
        """Give what is held of a wall for who sees these labels alone (None = all), read last from now on."""
        shelf = (wall, labels)
        with self._lock:
            held = self._by_shelf.setdefault(shelf, Held(shelf))
            self._by_shelf.move_to_end(shelf)
            return held

    def _of_wall(self, wall: Wall) -> list[Held]:
        """Give all that is held of a wall."""
        with self._lock:
            return [held for shelf, held in self._by_shelf.items() if shelf[0] == wall]

    def count(self, what: str, times: int = 1) -> None:
        """Count what was done; `stats` tells."""
        with self._lock:
            self._counts[what] += times

    def _union(self, wall: Wall, held: Sequence[Held], views: Sequence[IndexView]) -> Union:
        """Give the union that was made of these views before, else a new one instead of all that they have outdated."""
        shelves = tuple(one.shelf for one in held)
        key = (wall, shelves)
        with self._lock:
            known = self._unions.get(key)
            if known is not None and all(map(_is, known.views, views)):
                self._unions.move_to_end(key)
                return known
            present = dict(zip(shelves, views, strict=True))
            for user in [user for user, union in self._unions.items() if _is_outdated(user[1], union, present)]:
                del self._unions[user]
            union = Union(views)
            # Of an index that was let go meanwhile nothing is kept.
            if not all(self._by_shelf.get(one.shelf) is one for one in held):
                return union
            self._unions[key] = union
            self._unions.move_to_end(key)
            # What is joined of several walls is a copy, one a user: a few at a time, within the bound on memory.
            while len(self._unions) > 1 and (len(self._unions) > MOST_UNIONS or self._all_bytes() > self._most_bytes):
                self._unions.popitem(last=False)
            return union

    def _all_bytes(self) -> int:
        """Count everything that is kept in memory; called with the lock."""
        return self._bytes + self._joined_bytes() + self.unwritten.nbytes

    def _joined_bytes(self) -> int:
        """Count what unions take; called with the lock."""
        return sum(union.nbytes for union in self._unions.values())

    def _brought_up(
        self, held: Held, reading: Reading, wall: Wall, end: WallEnd, *, unseen: frozenset[int], scope: Granted[Scope]
    ) -> IndexView:
        index = held.index
        self.unwritten.see_epoch(wall, end.epoch)
        if index is not None and _is_seen_otherwise(held.unseen, unseen, upto=index.number):
            index = None
        if index is not None and index.epoch != end.epoch:
            index = without_erased(index, self.making, reading, wall, end, scope=scope)
            held.full_rows = held.full_vectors = held.kept_number = held.kept_vector = 0
        # Beyond the number of the wall: the file was put back.
        if index is None or index.number > end.number:
            index = self._made(held, reading, wall, end, scope=scope)
        elif index is held.index and (index.number, index.vector_number) == (end.number, end.vector_number):
            held.unseen = unseen
            return index.view()
        else:
            extend(index, self.making, reading, wall, end, scope=scope)
        is_other = index is not held.index
        held.index, held.unseen = index, unseen
        self._weigh_grown(held, index, is_sure=is_other)
        return index.view()

    def _fit(self, held: Held, reading: Reading, wall: Wall, filters: Filter, *, scope: Granted[Scope]) -> None:
        """Make an index that was brought up hold what filters ask for."""

        def read(field: Field, after: int) -> Iterable[tuple[int, Found | None]]:
            return reading.field_values(field, wall=wall, scope=scope, after=after)

        if held.index is not None:
            bring_up(held.index, filters, read)
            self._weigh(held, held.index)

    def _then(
        self, held: Held, reading: Reading, wall: Wall, clocks: Clocks, *, scope: Granted[Scope]
    ) -> NDArray[np.bool_]:
        """Say which rows of an index that was brought up were what their records said by two clocks."""

        def read(after: int) -> Iterable[Sequence[Operation]]:
            return reading.turns(wall=wall, scope=scope, after=after)

        if held.index is None:
            return np.zeros(0, dtype=bool)
        index, as_of, known_at = held.index, clocks.as_of, clocks.known_at
        index.past.bring_up(index.view(), read)
        begun = None
        if as_of is not None:
            has_begun = begun_by(as_of)
            self._fit(held, reading, wall, has_begun, scope=scope)
            begun = rows_that_hold(has_begun, index.view())
        self._weigh(held, index)
        number = None if known_at is None else reading.number_at(known_at, wall=wall, scope=scope)
        then = index.past.rows_then(
            index.view(), number=number, as_of_us=None if as_of is None else to_us(as_of), begun=begun
        )
        if held.unseen:
            for made_by, is_said in shown_then(reading, clocks, wall=wall, scope=scope).items():
                row = index.row_of(made_by)
                if row is not None:
                    then[row] = is_said
        return then

    def _made(self, held: Held, reading: Reading, wall: Wall, end: WallEnd, *, scope: Granted[Scope]) -> ScopeIndex:
        made = make(self.making, reading, wall, end, scope=scope)
        held.full_rows, held.full_vectors = made.full_rows, made.full_vectors
        held.kept_number, held.kept_vector = made.kept_number, made.kept_vector
        held.is_broken = bool(made.problems)
        self.count("rebuilds" if made.problems else "loads" if made.kept_number else "builds")
        name = wall.user or "what the tenant shares"
        held.notes += [
            f"the kept index of {name} could not be used ({problem}) and was built anew from the records; "
            "the next `flush` or `close` keeps it so"
            for problem in made.problems
        ]
        return made.index

    def _weigh(self, held: Held, index: ScopeIndex) -> None:
        size = sum(index.nbytes_by_part.values())
        with self._lock:
            # Another thread may have let go of the wall before it existed; what nobody finds again is not counted.
            if self._by_shelf.setdefault(held.shelf, held) is held:
                self._bytes += size - held.bytes
                held.bytes, held.told_bytes = size, index.told_nbytes

    def _weigh_grown(self, held: Held, index: ScopeIndex, *, is_sure: bool = False) -> None:
        """Weigh an index if it is another, was let go meanwhile, or is larger or smaller by what is worth weighing."""
        if is_sure or not held.bytes or abs(index.told_nbytes - held.told_bytes) >= WORTH_WEIGHING:
            self._weigh(held, index)

    def _weigh_again(self, several: Iterable[Held]) -> None:
        """Weigh indexes once they have answered: what a filter looks through may be folded as it does."""
        for held in several:
            with held.lock:
                if held.index is not None:
                    self._weigh(held, held.index)

    def _let_go(self, shelves: Iterable[Shelf]) -> None:
        """Let go of what was asked for and is not there: users who have nothing."""
        with self._lock:
            for shelf in shelves:
                held = self._by_shelf.get(shelf)
                if held is not None and held.index is None:
                    del self._by_shelf[shelf]

    def _evict(self, *, keep: Collection[Shelf]) -> None:
        """Let go of the walls that were not read for longest, while the others take too much memory."""
        with self._lock:
            if self._all_bytes() <= self._most_bytes:
                return
            for shelf in tuple(self._by_shelf):
                if self._all_bytes() <= self._most_bytes:
                    return
                if shelf not in keep:
                    held = self._by_shelf.pop(shelf)
                    self._bytes -= held.bytes
                    # A reader that has it still puts it back, and then it counts as a whole.
                    held.bytes = 0
                    # A user's union looks into what the tenant shares as well.
                    for user in [user for user in self._unions if shelf in user[1]]:
                        del self._unions[user]
                    self._counts["evictions"] += held.index is not None


def _rows_of(wall: Wall, waiting: Sequence[Waiting], vectors: Sequence[Vector]) -> list[VectorRow]:
    """Give the vectors of texts of a wall as an index takes them in."""
    numbers = {(item.record_id, item.revision): item.number for item in waiting if item.wall == wall}
    return [
        VectorRow(0, numbers[vector.record_id, vector.revision], vector.start, vector.end, vector.values)
        for vector in vectors
        if (vector.record_id, vector.revision) in numbers
    ]


@contextmanager
def _locked(shelves: Mapping[Shelf, Held]) -> Iterator[Callable[[Iterable[Shelf]], None]]:
    """Lock what is held on some shelves, and give what lets go of some of them before the others."""
    locked: set[Shelf] = set()

    def let_go(some: Iterable[Shelf]) -> None:
        for shelf in some:
            locked.remove(shelf)
            shelves[shelf].lock.release()

    try:
        for shelf in sorted(shelves, key=_shelf_order) if len(shelves) > 1 else shelves:
            shelves[shelf].lock.acquire()
            locked.add(shelf)
        yield let_go
    finally:
        let_go(tuple(locked))


def _is_outdated(shelves: Sequence[Shelf], union: Union, present: Mapping[Shelf, IndexView]) -> bool:
    """Say whether a union looks into a wall as it is not any more, and so will not be asked for again."""
    return any(present.get(shelf, view) is not view for shelf, view in zip(shelves, union.views, strict=True))


def _is(one: object, other: object) -> bool:
    return one is other


def _is_seen_otherwise(then: frozenset[int], now: frozenset[int], *, upto: int) -> bool:
    """Say whether rows up to a number are hidden that were not, or the other way round; what came later is no row."""
    return then is not now and any(number <= upto for number in then ^ now)


def _shelves(wall: Wall, scope: Granted[Scope]) -> tuple[Shelf, ...]:
    """Give where the whole index of a wall is, and, where a scope does not see all labels there, that of the rest."""
    sees = None if scope.clearance is None else scope.clearance.of(wall)
    return ((wall, None),) if sees is None or sees.labels is None else ((wall, None), (wall, sees.labels))


def _shelf_order(shelf: Shelf) -> tuple[str, str, bool, list[str]]:
    wall, labels = shelf
    return wall.tenant, wall.user or "", labels is not None, sorted(labels or ())
