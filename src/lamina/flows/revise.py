"""Revising: a new revision takes the place of the former one, or a record is withdrawn. History stays.

A change addresses exactly one wall, the caller's own. What lies outside it, shared records included, is answered
like an unknown id.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lamina.core.documents import DOCUMENT
from lamina.core.errors import InvalidArgument, NotFound
from lamina.core.grant import Granted
from lamina.core.layers import Kind, Modality
from lamina.core.lifecycle import State, check_move
from lamina.core.operations import Action, Change, Operation
from lamina.core.protocols import Reading, Store, Writing
from lamina.core.provenance import CORRECTION
from lamina.core.receipts import Receipt
from lamina.core.records import AtSource, Metadata, Policy, Record
from lamina.core.reports import Progress
from lamina.core.scope import Scope, changes
from lamina.core.time import Clock
from lamina.flows.bulk import Act, Doing, Many, change_each, change_many
from lamina.flows.cutting import Rules
from lamina.flows.following import numbered_next

#: The states out of which a record can be restored.
GONE = (State.WITHDRAWN, State.ARCHIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What is to be different; None leaves a field as it is."""

    text: str | None = None
    speaker: str | None = None
    at: datetime | None = None
    #: How the new time is known; None leaves the time as it is.
    at_source: AtSource | None = None
    metadata: Metadata | None = None
    #: The label; "" lifts it.
    sensitivity: str | None = None
    #: Gives the label that policies let the next revision bear, beside the former one.
    label_for: Callable[[Record, Record], str | None]

    def of(self, record: Record) -> Record:
        """Give what the next revision of `record` says."""
        kept = record
        if self.at_source is not None:
            kept = replace(record, at=self.at, at_source=self.at_source, valid_from=self.at)
        if self.text is not None and self.text != record.text:
            # Other words are not cut out of the document any more, though they come from it.
            whole = tuple(replace(source, start=None, end=None) for source in record.provenance.sources)
            kept = replace(kept, provenance=replace(kept.provenance, sources=whole))
        later = replace(
            kept,
            text=record.text if self.text is None else self.text,
            speaker=record.speaker if self.speaker is None else self.speaker,
            metadata=record.metadata if self.metadata is None else {**self.metadata, **_own(record)},
            policy=self._policy_of(record),
        )
        return replace(later, policy=replace(later.policy, sensitivity=self.label_for(later, record)))

    def _policy_of(self, record: Record) -> Policy:
        return (
            record.policy if self.sensitivity is None else replace(record.policy, sensitivity=self.sensitivity or None)
        )


def _own(record: Record) -> Metadata:
    """Give what of a record's metadata is Lamina's and no caller's to replace: of a document and its passages."""
    if record.modality is not Modality.PASSAGE or DOCUMENT not in record.metadata:
        return {}
    return {DOCUMENT: record.metadata[DOCUMENT]}


def update(
    store: Store, record_id: str, revision: Revision, *, scope: Granted[Scope], clock: Clock, rules: Rules
) -> Receipt:
    """Put a new revision in the place of the active one; the same words again change nothing.

    Raises:
        NotFound: no such record in the caller's own wall.
        InvalidTransition: the record has no active revision to take the place of.
    """
    with store.write() as writing:
        record = own_record(writing, record_id, scope=scope)
        check_move(record.state, State.SUPERSEDED)
        operations = change_each(
            writing, [record], Doing(updating(revision, scope=scope)), now=clock.now(), rules=rules
        )
    return receipt(operations)


def delete(store: Store, record_id: str, *, scope: Granted[Scope], clock: Clock, rules: Rules) -> Receipt:
    """Withdraw a record, and with a document its passages: not recalled any more, history kept.

    Raises:
        NotFound: no such record in the caller's own wall.
        InvalidTransition: it is not active.
    """
    with store.write() as writing:
        record = own_record(writing, record_id, scope=scope)
        targets = [record]
        if record.kind is Kind.DOCUMENT:
            targets += [child for child in writing.children(record_id, scope=scope) if child.state is State.ACTIVE]
        operations = change_each(writing, targets, Doing(withdraw), now=clock.now(), rules=rules)
    return receipt(operations)


def restore(store: Store, record_id: str, *, scope: Granted[Scope], clock: Clock, rules: Rules) -> Receipt:
    """Make a withdrawn or archived record active again, and with a document the passages that went with it.

    Raises:
        NotFound: no such record in the caller's own wall.
        InvalidTransition: it is active, or erased.
        InvalidArgument: it was held, and never approved.
    """
    with store.write() as writing:
        record = own_record(writing, record_id, scope=scope)
        if record.state in GONE and not has_been_active(writing, record, scope=scope):
            problem = f"{record_id!r} was held, and never approved"
            raise InvalidArgument("record_id", problem, "revert what took it away, and approve it")
        targets = [record]
        if record.kind is Kind.DOCUMENT:
            went = _last_commit(writing, record_id, scope=scope)
            children = [child for child in writing.children(record_id, scope=scope) if child.state in GONE]
            targets += [child for child in children if _last_commit(writing, child.id, scope=scope) == went]
        operations = change_each(writing, targets, Doing(bring_back), now=clock.now(), rules=rules)
    return receipt(operations)


def change_all(
    store: Store,
    many: Many,
    act: Act,
    *,
    scope: Granted[Scope],
    clock: Clock,
    rules: Rules,
    on_progress: Progress | None = None,
) -> Receipt:
    """Do the same to many records of the caller's own wall, a page a transaction."""
    return receipt(change_many(store, many, Doing(act), scope=scope, clock=clock, rules=rules, on_progress=on_progress))


def updating(revision: Revision, *, scope: Granted[Scope]) -> Act:
    """Give what puts a new revision of a record in the place of its active one; nothing where it would say the same."""

    def update_one(writing: Writing, record: Record, now: datetime) -> Sequence[Operation]:
        later = revision.of(record)
        if later == record:
            return ()
        later = numbered_next(writing, later, scope=scope)
        later = replace(later, provenance=replace(later.provenance, by=CORRECTION))
        return (writing.apply(Change(action=Action.UPDATE, record=later), recorded_at=now),)

    return update_one


def withdraw(writing: Writing, record: Record, now: datetime) -> Sequence[Operation]:
    """Withdraw one record."""
    change = Change(action=Action.WITHDRAW, record=record, to_state=State.WITHDRAWN)
    return (writing.apply(change, recorded_at=now),)


def bringing_back(*, scope: Granted[Scope]) -> Act:
    """Give what makes records active again, but for passages of a former text, and what was never approved."""

    def bring_one_back(writing: Writing, record: Record, now: datetime) -> Sequence[Operation]:
        heads = writing.get([source.record_id for source in record.provenance.sources], scope=scope)
        is_former = any(heads[source.record_id].revision != source.revision for source in record.provenance.sources)
        is_to_stay = is_former or not has_been_active(writing, record, scope=scope)
        return () if is_to_stay else bring_back(writing, record, now)

    return bring_one_back


def has_been_active(reading: Reading, record: Record, *, scope: Granted[Scope]) -> bool:
    """Say whether a revision ever was active: what was held, and denied or forgotten, never was."""
    done = reading.operations(record.id, scope=scope)
    return any(one.revision == record.revision and one.to_state is State.ACTIVE for one in done)


def bring_back(writing: Writing, record: Record, now: datetime) -> Sequence[Operation]:
    """Make one record active again."""
    return (writing.apply(Change(action=Action.RESTORE, record=record), recorded_at=now),)


def _last_commit(reading: Reading, record_id: str, *, scope: Granted[Scope]) -> int:
    return reading.operations(record_id, scope=scope)[-1].commit


def own_record(writing: Writing, record_id: str, *, scope: Granted[Scope]) -> Record:
    """Give a record that `scope` may change.

    Raises:
        NotFound: unknown, unseen, or shared and seen from a user's scope: all alike.
        InvalidArgument: an event, which is derived and follows its observations.
    """
    record = writing.get([record_id], scope=scope).get(record_id)
    if record is None or record.state is State.ERASED or not changes(scope.value, record.scope):
        raise NotFound(record_id)
    if record.kind is Kind.EVENT:
        raise InvalidArgument("id", f"{record_id!r} is an event, which is derived", "change its observations instead")
    return record


def receipt(operations: Sequence[Operation]) -> Receipt:
    """Sum up what was done."""
    return Receipt(
        operations=tuple(operations),
        ids=tuple(dict.fromkeys(operation.record_id for operation in operations)),
        counts=dict(Counter(str(operation.action) for operation in operations)),
    )
