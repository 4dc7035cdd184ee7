"""What the gate holds: listed, approved, denied. A document is decided as a whole.

Held records are stored, and neither recalled nor derived from. One that came in the place of other words took these
with it; denying it takes that back.
"""

from collections.abc import Sequence
from datetime import datetime

from lamina.core.errors import InvalidTransition
from lamina.core.filters import Filter
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Change, LogQuery, Operation
from lamina.core.protocols import Reading, Store, Writing
from lamina.core.receipts import Held, Receipt
from lamina.core.records import Record
from lamina.core.reports import Progress
from lamina.core.rows import Listing
from lamina.core.scope import Scope, changes
from lamina.core.time import Clock
from lamina.flows.admit import gate_of
from lamina.flows.bulk import CHANGEABLE, PAGE, Doing, Many, change_each, change_many
from lamina.flows.cutting import Rules
from lamina.flows.events import cut_around, touched
from lamina.flows.revise import bring_back, own_record, receipt

_HELD = (State.HELD,)
#: Where a decision brings a record.
_WHERE = {Action.APPROVE: State.ACTIVE, Action.DENY: State.WITHDRAWN}
_TOLD = "it was held, and no policy that stands says why"


def held_of(reading: Reading, *, scope: Granted[Scope], limit: int | None) -> tuple[Held, ...]:
    """Give what is held in the caller's own wall, in the order of arrival, and why by the policies of now."""
    gate = gate_of(reading, scope=scope)
    found: list[Held] = []
    cursor = None
    while limit is None or len(found) < limit:
        listing = Listing(kinds=CHANGEABLE, states=_HELD, after=cursor, limit=PAGE)
        page = reading.page(listing, scope=scope)
        own = [record for record in page.records if changes(scope.value, record.scope)]
        found += [Held(record=record, reason=gate.reason(record) or _TOLD) for record in own]
        if len(own) < PAGE:
            break
        cursor = page.cursors[-1]
    return tuple(found if limit is None else found[:limit])


def decide(
    store: Store, record_id: str, action: Action, *, scope: Granted[Scope], clock: Clock, rules: Rules
) -> Receipt:
    """Approve or deny a record that is held, and all of the document that it is, or is part of.

    Raises:
        NotFound: no such record in the caller's own wall.
        InvalidTransition: it is not held.
    """
    with store.write() as writing:
        record = own_record(writing, record_id, scope=scope)
        if record.state is not State.HELD:
            raise InvalidTransition(record.state, _WHERE[action], _HELD)
        targets = _whole(writing, record, scope=scope)
        doing = _Deciding(action, scope, rules).doing
        operations = change_each(writing, targets, doing, now=clock.now(), rules=rules)
    return receipt(operations)


def decide_many(
    store: Store,
    filters: Filter | None,
    action: Action,
    *,
    scope: Granted[Scope],
    clock: Clock,
    rules: Rules,
    on_progress: Progress | None = None,
) -> Receipt:
    """Approve or deny what is held in the caller's own wall and is what `filters` ask for; None = all."""
    doing = _Deciding(action, scope, rules).doing
    many = Many(filters, _HELD)
    return receipt(change_many(store, many, doing, scope=scope, clock=clock, rules=rules, on_progress=on_progress))


def _whole(reading: Reading, record: Record, *, scope: Granted[Scope]) -> list[Record]:
    """Give a record with everything held of the document that it is, or is part of."""
    heads = [record] if record.kind is Kind.DOCUMENT else []
    if record.kind is not Kind.DOCUMENT:
        sources = [source.record_id for source in record.provenance.sources]
        heads = [head for head in reading.get(sources, scope=scope).values() if head.kind is Kind.DOCUMENT]
    whole = [record, *heads, *(part for head in heads for part in reading.children(head.id, scope=scope))]
    return list({part.id: part for part in whole if part.state is State.HELD}.values())


class _Deciding:
    """Approves or denies, and cuts the events again in which passages lie that came back."""

    def __init__(self, action: Action, scope: Granted[Scope], rules: Rules) -> None:
        self._action = action
        self._scope = scope
        self._rules = rules
        self._back: list[Record] = []

    @property
    def doing(self) -> Doing:
        return Doing(self._one, self._finish)

    def _one(self, writing: Writing, record: Record, now: datetime) -> Sequence[Operation]:
        if self._action is Action.DENY:
            done = writing.operations(record.id, scope=self._scope)
            came = next(one for one in done if one.number == record.number)
            if came.from_state is State.ACTIVE:
                return self._taken_back(writing, record, came, now)
        change = Change(action=self._action, record=record, to_state=_WHERE[self._action])
        return (writing.apply(change, recorded_at=now),)

    def _taken_back(self, writing: Writing, record: Record, came: Operation, now: datetime) -> Sequence[Operation]:
        """Take back the operation by which a held revision came in the place of another, with a document's passages."""
        former = writing.revisions(record.id, scope=self._scope)[record.revision - 2]
        back = Change(action=Action.REVERT, record=former, to_state=State.ACTIVE, reverts=came.number)
        done = [writing.apply(back, recorded_at=now)]
        if record.kind is Kind.DOCUMENT:
            with_it = writing.logged(LogQuery(commits=(came.commit,), actions=(Action.WITHDRAW,)), scope=self._scope)
            went = {one.record_id for one in with_it}
            children = writing.children(record.id, scope=self._scope)
            parts = [part for part in children if part.id in went and part.state is State.WITHDRAWN]
            done += [one for part in parts for one in bring_back(writing, part, now)]
            self._back += parts
        return done

    def _finish(self, writing: Writing, targets: Sequence[Record], now: datetime) -> Sequence[Operation]:
        del targets
        cut_around(writing, touched(self._back), rules=self._rules, now=now)
        self._back.clear()
        return ()
