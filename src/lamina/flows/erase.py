"""Erasing: the words of records are gone, and of everything that was made of them; what is left is that it was done.

In the transaction they become unreadable; then the bytes go: see `Store.scrub`. The log keeps its entries, which hold
no words, and the records stay as tombstones in whose history the erasure stands.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from lamina.core.directives import AuditEntry, Deed, DirectiveKind
from lamina.core.documents import DOCUMENT
from lamina.core.errors import InvalidArgument, StoreBusy, StoreError, StoreFull, UnderLegalHold
from lamina.core.filters import Filter
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Actor, Change, Operation
from lamina.core.protocols import Reading, Store, Writing
from lamina.core.receipts import Protected, Receipt
from lamina.core.records import Record
from lamina.core.reports import Progress
from lamina.core.rows import Listing
from lamina.core.scope import Scope
from lamina.core.snapshots import Snapshot
from lamina.core.streams import BEHIND_ALL
from lamina.core.time import Clock
from lamina.flows.audit import of_snapshot
from lamina.flows.bulk import PAGE, Doing, Judge, Many, change_each, change_many, emptied
from lamina.flows.cutting import Rules
from lamina.flows.events import cut_around, touched
from lamina.flows.following import numbered_next
from lamina.flows.holds import Guard, note_refusals
from lamina.flows.revise import own_record, receipt
from lamina.govern.access import grant

#: The states in which words are there.
THERE = tuple(state for state in State if state is not State.ERASED)


def erase(
    store: Store, record_id: str, *, scope: Granted[Scope], clock: Clock, rules: Rules, wait: bool = True
) -> Receipt:
    """Erase a record with all its revisions, and with a document its passages.

    Raises:
        NotFound: no such record in the caller's own wall.
        UnderLegalHold: a hold covers it; that it was asked for is noted.
    """
    erasing = Erasing(scope, rules)
    with store.write() as writing:
        record = own_record(writing, record_id, scope=scope)
        targets = [record]
        if record.kind is Kind.DOCUMENT:
            targets += [child for child in writing.children(record_id, scope=scope) if child.state in THERE]
        else:
            targets += emptied(writing, targets, THERE, scope=scope)
        held = Guard(writing, scope=scope).over(record)
        if held:
            refused = (Protected(record_id=record.id, holds=held),)
            note_refusals(writing, refused, scope=scope, now=clock.now())
        else:
            operations = change_each(writing, targets, erasing.doing, now=clock.now(), rules=rules)
    if held:
        raise UnderLegalHold(record_id, held)
    return scrubbed(store, receipt(operations), clock=clock, wait=wait)


def erase_many(
    store: Store,
    filters: Filter | None,
    *,
    scope: Granted[Scope],
    clock: Clock,
    rules: Rules | None,
    wait: bool = True,
    on_progress: Progress | None = None,
) -> Receipt:
    """Erase the records of the caller's own wall of which any revision is what `filters` ask for; None = all.

    What a legal hold covers is left, and the receipt says so. Without `rules` no event is cut again, for none is left.
    """
    erasing = Erasing(scope, rules)
    many = Many(filters, THERE, looks_back=True, judging=erasing.judging)
    operations = change_many(store, many, erasing.doing, scope=scope, clock=clock, rules=rules, on_progress=on_progress)
    erasing.note_refusals(store, clock=clock)
    done = replace(receipt(operations), protected=tuple(erasing.protected))
    return scrubbed(store, done, clock=clock, wait=wait)


def destroy(
    store: Store,
    *,
    scope: Granted[Scope],
    clock: Clock,
    wait: bool = True,
    on_progress: Progress | None = None,
) -> Receipt:
    """Destroy the key of the caller's own wall, and then erase all of it as `erase_many` does.

    From the first moment on nobody reads any of it, also where the second step is never done; called again it is.

    Raises:
        InvalidArgument: the scope is less than a wall, or the file is not encrypted.
        UnderLegalHold: a hold stands in the wall; that it was asked for is noted.
    """
    wall = scope.value.wall
    if scope.value != Scope.of(wall):
        raise InvalidArgument("destroy_key", "is said for one agent or run", "a key is a whole wall's; leave these out")
    with store.write() as writing:
        holds = tuple(hold.id for hold in writing.directives((DirectiveKind.HOLD,), wall=scope))
        if holds:
            refused = (Protected(record_id="", holds=holds),)
            note_refusals(writing, refused, scope=scope, now=clock.now())
        else:
            is_gone = writing.destroy_key(wall=scope, now=clock.now())
            # What is kept of the index is sealed as well, also where no words are left to take it along.
            writing.drop_segments(wall=scope)
    if holds:
        raise UnderLegalHold(wall.user or "what the tenant shares", holds, what="the wall of")
    with store.without_keys():
        # No event is cut again: none could begin in a wall without a key, and all go.
        done = erase_many(store, None, scope=scope, clock=clock, rules=None, wait=False, on_progress=on_progress)
        left = Erasing(scope, None).hollow_events(store, clock=clock)
    summed = receipt([*done.operations, *left])
    done = replace(summed, protected=done.protected, key_destroyed=is_gone)
    return scrubbed(store, done, clock=clock, wait=wait)


class Erasing:
    """Erases what one call is about, and keeps what legal holds cover."""

    def __init__(self, scope: Granted[Scope], rules: Rules | None, actor: Actor = Actor.CALLER) -> None:
        """Erase for `actor` in the scope's own wall, whose events are cut by `rules`, or not at all."""
        self._scope = scope
        self._rules = rules
        self._actor = actor
        #: What holds kept from being erased.
        self.protected: list[Protected] = []

    @property
    def doing(self) -> Doing:
        """What is done to each record, and at the end of a transaction."""
        return Doing(self._one, self._finish)

    def judging(self, reading: Reading) -> Judge:
        """Give what lets through a record that no hold covers, and takes down the others."""
        guard = Guard(reading, scope=self._scope)

        def is_free(record: Record) -> bool:
            held = guard.over(record)
            if held:
                self.protected.append(Protected(record_id=record.id, holds=held))
            return not held

        return is_free

    def note_refusals(self, store: Store, *, clock: Clock) -> None:
        """Note in the audit trail what holds kept from being erased."""
        if self.protected:
            with store.write() as writing:
                note_refusals(writing, self.protected, scope=self._scope, now=clock.now())

    def hollow_events(self, store: Store, *, clock: Clock) -> list[Operation]:
        """Erase what is left of events that were merged into others once what they began with was erased.

        They hold no words; but while they stand, the wall is not known to be empty.
        """
        wall, operations = grant(Scope.of(self._scope.value.wall)), list[Operation]()
        cursor = None
        while True:
            with store.write() as writing:
                page = writing.page(Listing(kinds=(Kind.EVENT,), states=THERE, after=cursor, limit=PAGE), scope=wall)
                began = {source.record_id for event in page.records for source in event.provenance.sources}
                hollow = writing.get(writing.hollow_events(list(began), wall=wall), scope=wall)
                for event in hollow.values():
                    operations += self._gone(writing, event, Actor.ENGINE, clock.now())
                self._let_go(writing, list(hollow), clock.now())
            if len(page.records) < PAGE:
                return operations
            cursor = page.cursors[-1]

    def _one(self, writing: Writing, record: Record, now: datetime) -> Sequence[Operation]:
        """Erase every revision of a record."""
        return self._gone(writing, record, self._actor, now)

    def _finish(self, writing: Writing, targets: Sequence[Record], now: datetime) -> Sequence[Operation]:
        """Erase the events that hold nothing else, and let go of names that nobody else bears.

        A document that lost a passage is known by its digest no more, which would confirm a guess at what it was.
        """
        ids = [record.id for record in targets]
        operations = [one for head in self._heads(writing, targets) for one in self._without_digest(writing, head, now)]
        hollow = writing.get(writing.hollow_events(ids, wall=self._scope), scope=self._scope)
        operations += [one for event in hollow.values() for one in self._gone(writing, event, Actor.ENGINE, now)]
        wall = grant(Scope.of(self._scope.value.wall))
        began = [source.record_id for event in hollow.values() for source in event.provenance.sources]
        left = touched([*self._first_of(writing, hollow, wall=wall), *writing.get(began, scope=wall).values()])
        dropped = self._let_go(writing, [*ids, *hollow], now, is_noted=False)
        # What stood before and behind an event that is gone are neighbours now.
        if self._rules is not None:
            cut_around(writing, left, rules=self._rules, now=now)
        self._note(writing, ids, now)
        self._note_dropped(writing, dropped, now)
        return operations

    def _let_go(
        self, writing: Writing, record_ids: Sequence[str], now: datetime, *, is_noted: bool = True
    ) -> Sequence[Snapshot]:
        """Let go of what belonged to records; gives the snapshots that went, of which the trail is to tell."""
        wall = grant(Scope.of(self._scope.value.wall))
        snapshots = writing.snapshots(wall=wall)
        writing.let_go(record_ids, wall=wall)
        # Where no words are left in the wall, there is no moment to go back to.
        dropped = snapshots if snapshots and not writing.snapshots(wall=wall) else ()
        if is_noted:
            self._note_dropped(writing, dropped, now)
        return dropped

    def _note_dropped(self, writing: Writing, dropped: Sequence[Snapshot], now: datetime) -> None:
        for snapshot in dropped:
            writing.note(of_snapshot(Deed.SNAPSHOT_DROPPED, snapshot, self._scope.value.wall, now))

    def _first_of(self, writing: Writing, event_ids: Iterable[str], *, wall: Granted[Scope]) -> list[Record]:
        """Give the first observation that lies in each event, where one does."""
        heads = [writing.event_head(name, before=BEHIND_ALL, scope=wall) for name in event_ids]
        return list(writing.get([head.first_id for head in heads if head.first_id], scope=wall).values())

    def _note(self, writing: Writing, record_ids: Sequence[str], now: datetime) -> None:
        """Note an erasure, of which the log tells each operation."""
        commit = writing.operations(record_ids[-1], scope=self._scope)[-1].commit
        wall, name = self._scope.value.wall, record_ids[0] if len(record_ids) == 1 else None
        done = AuditEntry(
            deed=Deed.ERASED, wall=wall, recorded_at=now, record_id=name, commit=commit, count=len(record_ids)
        )
        writing.note(done)

    def _heads(self, writing: Writing, targets: Sequence[Record]) -> list[Record]:
        """Give the documents, not erased themselves, of which passages are."""
        names = dict.fromkeys(source.record_id for record in targets for source in record.provenance.sources)
        heads = writing.get(list(names), scope=self._scope).values()
        return [head for head in heads if head.kind is Kind.DOCUMENT and head.state is not State.ERASED]

    def _without_digest(self, writing: Writing, head: Record, now: datetime) -> Sequence[Operation]:
        """Put a revision without the digest of its text in the place of a document, and erase the others."""
        kept = head.metadata.get(DOCUMENT)
        if not isinstance(kept, dict) or "digest" not in kept:
            return ()
        metadata = {**head.metadata, DOCUMENT: {name: value for name, value in kept.items() if name != "digest"}}
        later = replace(numbered_next(writing, head, scope=self._scope), metadata=metadata, state=State.ACTIVE)
        update = Change(action=Action.UPDATE, record=later, actor=Actor.ENGINE)
        operations = [writing.apply(update, recorded_at=now)]
        if head.state is not State.ACTIVE:
            back = Change(action=Action.WITHDRAW, record=later, to_state=head.state, actor=Actor.ENGINE)
            operations.append(writing.apply(back, recorded_at=now))
        former = [one for one in writing.revisions(head.id, scope=self._scope) if one.revision < later.revision]
        return [*operations, *self._erased(writing, former, Actor.ENGINE, now)]

    def _gone(self, writing: Writing, record: Record, actor: Actor, now: datetime) -> Sequence[Operation]:
        return self._erased(writing, writing.revisions(record.id, scope=self._scope), actor, now)

    def _erased(
        self, writing: Writing, revisions: Sequence[Record], actor: Actor, now: datetime
    ) -> Sequence[Operation]:
        return [
            writing.apply(
                Change(action=Action.ERASE, record=revision, to_state=State.ERASED, actor=actor), recorded_at=now
            )
            for revision in revisions
            if revision.state is not State.ERASED
        ]


def scrub_if_free(store: Store, *, clock: Clock) -> None:
    """Let the bytes go of what was erased, where nobody keeps them and the file can be written; else they wait.

    `verify` says what waits.
    """
    with suppress(StoreError):
        store.scrub(now=clock.now())


def scrubbed(store: Store, done: Receipt, *, clock: Clock, wait: bool) -> Receipt:
    """Let the bytes of an erasure go from the files, unless that is to wait, and say so in its receipt.

    Raises:
        StoreBusy, StoreFull: the file cannot be written anew now.
    """
    try:
        return replace(done, scrubbed=wait and store.scrub(now=clock.now()))
    except (StoreBusy, StoreFull) as error:
        raise type(error)(
            f"it is erased and cannot be read any more, but its bytes stand in the file still ({error}); "
            "the next `erase`, or `close`, lets them go"
        ) from error
