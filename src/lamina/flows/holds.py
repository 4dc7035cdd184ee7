"""Legal holds: what they cover is neither erased nor forgotten while they stand, whoever asks; they beat everything.

A hold covers records of its own wall: all of them, those with certain ids, or those of which any revision is what its
filters ask for, also of what is added later. A document is covered as a whole where any part of it is. Withdrawing and
correcting destroy no words, and so are let be.
"""

from collections.abc import Sequence
from datetime import datetime

from lamina.core.directives import AuditEntry, Deed, Directive, DirectiveKind, Hold
from lamina.core.errors import NotFound
from lamina.core.filters import Filter, holds
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.protocols import Reading, Store, Writing
from lamina.core.receipts import Protected
from lamina.core.records import Record
from lamina.core.scope import Scope, changes
from lamina.core.time import Clock
from lamina.flows.intake import read_asked
from lamina.flows.revise import own_record
from lamina.govern.access import grant


def place_hold(store: Store, directive: Directive, *, scope: Granted[Scope], clock: Clock) -> Hold:
    """Place a hold on the caller's own wall.

    Raises:
        NotFound: it names a record that is not in that wall.
    """
    with store.write() as writing:
        for record_id in Hold.of(directive).record_ids or ():
            own_record(writing, record_id, scope=scope)
        placed = writing.put_directive(directive)
    return Hold.of(placed)


def lift_hold(store: Store, hold_id: int, *, scope: Granted[Scope], clock: Clock) -> None:
    """Lift a hold of the caller's own wall; its words go with it.

    Raises:
        NotFound: no such hold there.
    """
    drop(store, hold_id, (DirectiveKind.HOLD,), scope=scope, clock=clock)


def drop(
    store: Store, directive_id: int, kinds: Sequence[DirectiveKind], *, scope: Granted[Scope], clock: Clock
) -> None:
    """Forget a directive of these kinds of the caller's own wall.

    Raises:
        NotFound: no such directive there.
    """
    with store.write() as writing:
        if directive_id not in {directive.id for directive in writing.directives(kinds, wall=scope)}:
            raise NotFound(str(directive_id), what=kinds[0] if len(kinds) == 1 else "policy")
        writing.drop_directive(directive_id, wall=scope, dropped_at=clock.now())


class Guard:
    """The legal holds of a wall, asked record by record within one transaction."""

    def __init__(self, reading: Reading, *, scope: Granted[Scope]) -> None:
        """Read the holds of the scope's wall."""
        self._reading = reading
        self._wall = grant(Scope.of(scope.value.wall))
        found = reading.directives((DirectiveKind.HOLD,), wall=scope)
        self._holds = [(hold, read_asked(hold.filters, timezone=None)) for hold in map(Hold.of, found)]
        #: Of the documents that were looked at, the holds that cover them.
        self._documents: dict[str, tuple[int, ...]] = {}

    def over(self, record: Record) -> tuple[int, ...]:
        """Give the ids of the holds that cover a record, ascending."""
        if not self._holds:
            return ()
        sources = [source.record_id for source in record.provenance.sources]
        heads = (
            [record] if record.kind is Kind.DOCUMENT else list(self._reading.get(sources, scope=self._wall).values())
        )
        found = set(self._over_one(record))
        for head in heads:
            if head.kind is Kind.DOCUMENT:
                found.update(self._over_document(head))
        return tuple(sorted(found))

    def _over_document(self, head: Record) -> tuple[int, ...]:
        if head.id not in self._documents:
            parts = [head, *self._reading.children(head.id, scope=self._wall)]
            self._documents[head.id] = tuple({hold_id for part in parts for hold_id in self._over_one(part)})
        return self._documents[head.id]

    def _over_one(self, record: Record) -> list[int]:
        return [hold.id for hold, asked in self._holds if self._covers(hold, asked, record)]

    def _covers(self, hold: Hold, asked: Filter | None, record: Record) -> bool:
        if not changes(hold.scope, record.scope) or (hold.record_ids is not None and record.id not in hold.record_ids):
            return False
        if asked is None or holds(asked, record):
            return True
        former = self._reading.revisions(record.id, scope=self._wall) if record.revision > 1 else ()
        return any(holds(asked, revision) for revision in former)


def note_refusals(writing: Writing, protected: Sequence[Protected], *, scope: Granted[Scope], now: datetime) -> None:
    """Note what holds kept from being destroyed: by record where it is one, by number where they are many."""
    by_hold: dict[int, list[str]] = {}
    for one in protected:
        for hold_id in one.holds:
            by_hold.setdefault(hold_id, []).append(one.record_id)
    for hold_id, record_ids in sorted(by_hold.items()):
        refused = AuditEntry(
            deed=Deed.REFUSED,
            wall=scope.value.wall,
            recorded_at=now,
            directive=hold_id,
            record_id=record_ids[0] if len(record_ids) == 1 else None,
            count=len(record_ids),
        )
        writing.note(refused)
