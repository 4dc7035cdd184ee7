"""Going back: a name for a moment, and every record of a wall again as it was then.

A rollback takes back whatever came after the moment, whoever did it, by operations of its own, which can be taken back
in turn. A page of the log is a transaction: what is done stays done, and the same call again goes on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lamina.core.directives import Deed
from lamina.core.errors import CannotRevert, InvalidArgument
from lamina.core.grant import Granted
from lamina.core.operations import Action, LogQuery, Operation
from lamina.core.protocols import Reading, Store, Writing
from lamina.core.receipts import Receipt
from lamina.core.records import Record
from lamina.core.reports import Progress
from lamina.core.scope import Scope, changes
from lamina.core.snapshots import Snapshot
from lamina.core.time import Clock
from lamina.core.undo import going_back
from lamina.flows.audit import of_snapshot
from lamina.flows.bulk import CHANGEABLE, PAGE
from lamina.flows.cutting import Rules
from lamina.flows.erase import scrub_if_free
from lamina.flows.log_heads import head_of
from lamina.flows.revert import brought_back, follow
from lamina.flows.revise import receipt
from lamina.govern.access import grant

_UNKNOWN = "see which there are with `snapshots()`"


def take_snapshot(store: Store, name: str, *, scope: Granted[Scope], clock: Clock) -> Snapshot:
    """Keep a name for how the caller's wall is now; its facets do not matter.

    Raises:
        InvalidArgument: the name is taken, or nothing is in the wall yet.
    """
    wall = grant(Scope.of(scope.value.wall))
    with store.write() as writing:
        head = head_of(writing, scope=wall)
        if not head.number:
            raise InvalidArgument("name", "would be of a memory in which nothing is yet", "add something first")
        snapshot = Snapshot(
            name=name,
            commit=writing.last_commit(),
            number=head.number,
            chain=head.chain,
            recorded_at=clock.now(),
        )
        writing.put_snapshot(snapshot, wall=wall)
        writing.note(of_snapshot(Deed.SNAPSHOT_TAKEN, snapshot, wall.value.wall, snapshot.recorded_at))
    return snapshot


def drop_snapshot(store: Store, name: str, *, scope: Granted[Scope], clock: Clock, erase: bool) -> None:
    """Let go of a name; with `erase` its bytes go from the files as those of erased words do.

    Raises:
        InvalidArgument: there is none of that name.
    """
    wall = grant(Scope.of(scope.value.wall))
    with store.write() as writing:
        dropped = next((kept for kept in writing.snapshots(wall=wall) if kept.name == name), None)
        if dropped is None:
            raise InvalidArgument("name", f"{name!r} names no snapshot", _UNKNOWN)
        writing.drop_snapshot(name, wall=wall, erase=erase)
        writing.note(of_snapshot(Deed.SNAPSHOT_DROPPED, dropped, wall.value.wall, clock.now()))
    if erase:
        scrub_if_free(store, clock=clock)


def rollback(
    store: Store,
    to: str | int,
    *,
    scope: Granted[Scope],
    clock: Clock,
    rules: Rules,
    on_progress: Progress | None = None,
) -> Receipt:
    """Make every record that the scope may change what it was after a commit, or at a snapshot.

    Raises:
        InvalidArgument: no such snapshot, or a commit that has not been yet.
    """
    with store.read() as reading:
        start = _number_of(reading, to, scope=scope)
        last = head_of(reading, scope=scope).number
    back = _GoingBack(start, scope=scope, clock=clock, rules=rules)
    for first in range(start + 1, last + 1, PAGE):
        if on_progress is not None:
            on_progress(first - start - 1, last - start)
        with store.write() as writing:
            back.page(writing, range(first, min(first + PAGE, last + 1)))
    if on_progress is not None:
        on_progress(last - start, last - start)
    return replace(receipt(back.operations), gone=tuple(back.gone))


def _number_of(reading: Reading, to: str | int, *, scope: Granted[Scope]) -> int:
    """Give the last operation of the wall at the moment to go back to."""
    wall = grant(Scope.of(scope.value.wall))
    if isinstance(to, str):
        found = [kept.number for kept in reading.snapshots(wall=wall) if kept.name == to]
        if not found:
            raise InvalidArgument("to", f"{to!r} names no snapshot", _UNKNOWN)
        return found[0]
    last = reading.last_commit()
    if to > last:
        raise InvalidArgument("to", f"is commit {to}, and the last one is {last}", "name one that has been")
    return reading.number_after_commit(to, wall=wall)


class _GoingBack:
    """What one call does, a page of the log after the other."""

    def __init__(self, start: int, *, scope: Granted[Scope], clock: Clock, rules: Rules) -> None:
        self._start = start
        self._scope = scope
        self._clock = clock
        self._rules = rules
        self.operations: list[Operation] = []
        #: Ids of records that cannot come back.
        self.gone: dict[str, None] = {}

    def page(self, writing: Writing, numbers: Sequence[int]) -> None:
        """Bring back what the operations of some numbers were about."""
        now = self._clock.now()
        done: list[Operation] = []
        for record in self._about(writing, numbers):
            log = writing.operations(record.id, scope=self._scope)
            try:
                moves = going_back(log, self._start)
            except CannotRevert:
                self.gone[record.id] = None
                continue
            done += brought_back(writing, record.id, moves, action=Action.ROLLBACK, scope=self._scope, now=now)
        follow(writing, done, scope=self._scope, rules=self._rules, now=now)
        self.operations += done

    def _about(self, reading: Reading, numbers: Sequence[int]) -> Iterator[Record]:
        """Give the records of these operations that callers change; events are derived, and follow."""
        logged = reading.logged(LogQuery(numbers=tuple(numbers)), scope=self._scope)
        ids = list(dict.fromkeys(operation.record_id for operation in logged))
        for record in reading.get(ids, scope=self._scope).values():
            if record.kind in CHANGEABLE and changes(self._scope.value, record.scope):
                yield record
