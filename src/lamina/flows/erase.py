"""Erasing: the words of records are gone, and of everything that was made of them; what is left is that it was done.

In the transaction they become unreadable; then the bytes go: see `Store.scrub`. The log keeps its entries, which hold
no words, and the records stay as tombstones in whose history the erasure stands.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from lamina.core.errors import StoreError
from lamina.core.filters import Filter
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Actor, Change, Operation
from lamina.core.protocols import Store, Writing
from lamina.core.receipts import Receipt
from lamina.core.records import Record
from lamina.core.reports import Progress
from lamina.core.scope import Scope
from lamina.core.time import Clock
from lamina.flows.bulk import Doing, Many, change_each, change_many
from lamina.flows.cutting import Rules
from lamina.flows.revise import own_record, receipt

#: The states in which words are there.
_THERE = tuple(state for state in State if state is not State.ERASED)


def erase(
    store: Store, record_id: str, *, scope: Granted[Scope], clock: Clock, rules: Rules, wait: bool = True
) -> Receipt:
    """Erase a record with all its revisions, and with a document its passages.

    Raises:
        NotFound: no such record in the caller's own wall.
    """
    with store.write() as writing:
        record = own_record(writing, record_id, scope=scope)
        targets = [record]
        if record.kind is Kind.DOCUMENT:
            targets += [child for child in writing.children(record_id, scope=scope) if child.state in _THERE]
        operations = change_each(writing, targets, _erasing(scope), now=clock.now(), rules=rules)
    return _scrubbed(store, operations, clock=clock, wait=wait)


def erase_many(
    store: Store,
    filters: Filter | None,
    *,
    scope: Granted[Scope],
    clock: Clock,
    rules: Rules,
    wait: bool = True,
    on_progress: Progress | None = None,
) -> Receipt:
    """Erase the records of the caller's own wall of which any revision is what `filters` ask for; None = all."""
    many = Many(filters, _THERE, looks_back=True)
    doing = _erasing(scope)
    operations = change_many(store, many, doing, scope=scope, clock=clock, rules=rules, on_progress=on_progress)
    return _scrubbed(store, operations, clock=clock, wait=wait)


def _erasing(scope: Granted[Scope]) -> Doing:
    erasing = _Erasing(scope)
    return Doing(erasing.one, erasing.finish)


class _Erasing:
    """Erases what one call is about."""

    def __init__(self, scope: Granted[Scope]) -> None:
        self._scope = scope

    def one(self, writing: Writing, record: Record, now: datetime) -> Sequence[Operation]:
        """Erase every revision of a record."""
        return self._gone(writing, record, Actor.CALLER, now)

    def finish(self, writing: Writing, targets: Sequence[Record], now: datetime) -> Sequence[Operation]:
        """Erase the events that hold nothing else, and let go of names that nobody else bears."""
        made = [child for record in targets for child in writing.children(record.id, scope=self._scope)]
        events = {record.event_id for record in targets if record.event_id is not None}
        events |= {child.id for child in made if child.kind is Kind.EVENT}
        hollow = writing.get(writing.hollow_events(sorted(events), wall=self._scope), scope=self._scope)
        operations = [
            operation for event in hollow.values() for operation in self._gone(writing, event, Actor.ENGINE, now)
        ]
        writing.let_go([*(record.id for record in targets), *hollow], wall=self._scope)
        return operations

    def _gone(self, writing: Writing, record: Record, actor: Actor, now: datetime) -> Sequence[Operation]:
        return [
            writing.apply(
                Change(action=Action.ERASE, record=revision, to_state=State.ERASED, actor=actor), recorded_at=now
            )
            for revision in writing.revisions(record.id, scope=self._scope)
            if revision.state is not State.ERASED
        ]


def scrub_if_free(store: Store, *, clock: Clock) -> None:
    """Let the bytes go of what was erased, where nobody keeps them and the file can be written; else they wait.

    `verify` says what waits.
    """
    with suppress(StoreError):
        store.scrub(now=clock.now())


def _scrubbed(store: Store, operations: Sequence[Operation], *, clock: Clock, wait: bool) -> Receipt:
    return replace(receipt(operations), scrubbed=bool(operations) and wait and store.scrub(now=clock.now()))
