"""Revising: a new revision takes the place of the former one, or a record is withdrawn. History stays.

A change addresses exactly one wall, the caller's own. What lies outside it, shared records included, is answered
like an unknown id.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lamina.core.documents import DOCUMENT
from lamina.core.errors import InvalidArgument, NotFound
from lamina.core.grant import Granted
from lamina.core.layers import Kind, Modality
from lamina.core.lifecycle import State, check_move
from lamina.core.operations import Action, Change, Operation
from lamina.core.protocols import Store, Writing
from lamina.core.provenance import CORRECTION
from lamina.core.receipts import Receipt
from lamina.core.records import AtSource, Metadata, Record
from lamina.core.scope import Scope, changes
from lamina.core.time import Clock
from lamina.flows.cutting import Rules
from lamina.flows.events import cut_around, touched


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What is to be different; None leaves a field as it is."""

    text: str | None = None
    speaker: str | None = None
    at: datetime | None = None
    #: How the new time is known; None leaves the time as it is.
    at_source: AtSource | None = None
    metadata: Metadata | None = None

    def of(self, record: Record) -> Record:
        """Give the next revision of `record`."""
        kept = record
        if self.at_source is not None:
            kept = replace(record, at=self.at, at_source=self.at_source, valid_from=self.at)
        if self.text is not None and self.text != record.text:
            # Other words are not cut out of the document any more, though they come from it.
            whole = tuple(replace(source, start=None, end=None) for source in record.provenance.sources)
            kept = replace(kept, provenance=replace(kept.provenance, sources=whole))
        return replace(
            kept,
            revision=record.revision + 1,
            text=record.text if self.text is None else self.text,
            speaker=record.speaker if self.speaker is None else self.speaker,
            metadata=record.metadata if self.metadata is None else {**self.metadata, **_own(record)},
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
        now = clock.now()
        record = own_record(writing, record_id, scope=scope)
        check_move(record.state, State.SUPERSEDED)
        later = revision.of(record)
        if replace(later, revision=record.revision) == record:
            return receipt(())
        later = replace(later, provenance=replace(later.provenance, by=CORRECTION))
        operation = writing.apply(Change(action=Action.UPDATE, record=later), recorded_at=now)
        cut_around(writing, touched([record]), rules=rules, now=now)
    return receipt((operation,))


def delete(store: Store, record_id: str, *, scope: Granted[Scope], clock: Clock, rules: Rules) -> Receipt:
    """Withdraw a record, and with a document its passages: not recalled any more, history kept.

    Raises:
        NotFound: no such record in the caller's own wall.
        InvalidTransition: it is not active.
    """
    with store.write() as writing:
        now = clock.now()
        record = own_record(writing, record_id, scope=scope)
        targets = [record]
        if record.kind is Kind.DOCUMENT:
            targets += [child for child in writing.children(record_id, scope=scope) if child.state is State.ACTIVE]
        operations = [
            writing.apply(Change(action=Action.WITHDRAW, record=target, to_state=State.WITHDRAWN), recorded_at=now)
            for target in targets
        ]
        cut_around(writing, touched(targets), rules=rules, now=now)
    return receipt(operations)


def own_record(writing: Writing, record_id: str, *, scope: Granted[Scope]) -> Record:
    """Give a record that `scope` may change.

    Raises:
        NotFound: unknown, unseen, or shared and seen from a user's scope: all alike.
        InvalidArgument: an event, which is derived and follows its observations.
    """
    record = writing.get([record_id], scope=scope).get(record_id)
    if record is None or not changes(scope.value, record.scope):
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
