"""Adding: drafts become observations, in one transaction, cut into events at sessions and pauses.

What is handed in again under the same external id is recognised; with other words it is a new revision. Nothing
that is refused leaves a trace: the transaction is all or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lamina.core.errors import InvalidArgument
from lamina.core.grant import Granted
from lamina.core.ids import new_ulid
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Change
from lamina.core.protocols import Reading, Store, Writing
from lamina.core.provenance import CALLER, Provenance, Source
from lamina.core.receipts import Added, Held, Repeated
from lamina.core.records import AtSource, Draft, Policy, Record
from lamina.core.scope import Scope, sees
from lamina.core.time import Clock
from lamina.flows.cutting import Rules
from lamina.flows.events import cut_around, note_rules, place_observations, tails_of, touched
from lamina.flows.following import numbered_next
from lamina.govern.access import grant

#: Producer of passages, which are cut out of a document's text.
PASSAGES = "ingest.documents@2"


@dataclass(frozen=True, slots=True)
class Intake:
    """What one call hands in: loose drafts, or one document's head with its passages."""

    drafts: tuple[Draft, ...]
    document: Draft | None = None


def add(store: Store, intake: Intake, *, scope: Granted[Scope], clock: Clock, rules: Rules) -> Added:
    """Store what `intake` holds in the wall of `scope`; durable when it returns.

    Raises:
        StoreBusy, StoreFull, StoreReadOnly: nothing was written.
    """
    with store.write() as writing:
        now = clock.now()
        sources: tuple[Source, ...] = ()
        left: list[Record] = []
        owner = scope
        end = writing.ends(scope=scope).get(scope.value.wall)
        done = Added()
        if intake.document is not None:
            done = _add_drafts(writing, (intake.document,), scope=scope, now=now)
            if done.repeated:
                return done
            head = (*done.stored, *done.updated, *(held.record for held in done.held))[0]
            sources = (Source(record_id=head.id, revision=head.revision),)
            # Passages lie where their document lies, whichever agent or run hands it in anew.
            owner = grant(head.scope, scope.clearance)
            if head.revision > 1:
                left = _withdraw_passages(writing, head, scope=owner, now=now)
        added = take_in(writing, intake.drafts, scope=owner, now=now, rules=rules, sources=sources)
        cut_around(writing, touched(left), rules=rules, now=now)
        note_rules(writing, end, scope=scope, rules=rules)
        records = (*added.stored, *added.updated, *(held.record for held in added.held))
        placed = writing.get([record.id for record in records], scope=scope)
    return Added(
        stored=done.stored + tuple(placed.get(record.id, record) for record in added.stored),
        updated=done.updated + tuple(placed.get(record.id, record) for record in added.updated),
        repeated=added.repeated,
        held=done.held + tuple(replace(held, record=placed.get(held.record.id, held.record)) for held in added.held),
    )


def as_shown(store: Store, added: Added, *, scope: Granted[Scope]) -> Added:
    """Give what was there already as it is shown to a scope, with marks where it is shown marks."""
    if not added.repeated:
        return added
    with store.read() as reading:
        shown = reading.get([one.record.id for one in added.repeated], scope=scope)
    kept = tuple(replace(one, record=shown[one.record.id]) for one in added.repeated if one.record.id in shown)
    return replace(added, repeated=kept)


def take_in(
    writing: Writing,
    drafts: Sequence[Draft],
    *,
    scope: Granted[Scope],
    now: datetime,
    rules: Rules,
    sources: tuple[Source, ...] = (),
) -> Added:
    """Store observations and cut them into events; the records are given as they were before they lay in one."""
    sessions = dict.fromkeys(draft.session for draft in drafts)
    # Events are cut by all that was said, whoever sees it.
    everything = grant(scope.value)
    tails = tails_of(writing, sessions, scope=everything, rules=rules)
    added = _add_drafts(writing, drafts, scope=scope, now=now, sources=sources)
    held = [one.record for one in added.held]
    new = (*added.stored, *(record for record in held if record.revision == 1))
    changed = (*added.updated, *(record for record in held if record.revision > 1))
    place_observations(writing, new, changed, tails=tails, scope=everything, rules=rules, now=now)
    return added


def _add_drafts(
    writing: Writing, drafts: Sequence[Draft], *, scope: Granted[Scope], now: datetime, sources: tuple[Source, ...] = ()
) -> Added:
    known = writing.by_external_id([draft.external_id for draft in drafts if draft.external_id], wall=scope)
    stored: dict[str, Record] = {}
    updated: dict[str, Record] = {}
    held: dict[str, Held] = {}
    repeated: list[Repeated] = []
    for draft in drafts:
        former = known.get(draft.external_id) if draft.external_id else None
        if former is not None and not sees(scope.value, former.scope):
            raise InvalidArgument(
                "external_id", f"{draft.external_id!r} is taken by another agent or run of this user", "give another id"
            )
        if former is not None:
            check_same_thing(draft, former)
        if former is not None and _is_known(draft, writing, former, scope=scope):
            repeated.append(Repeated(record=former, reason=_why_repeated(former)))
            continue
        record = _first_revision(draft, scope=scope, now=now, sources=sources)
        action = Action.ADD
        if former is not None:
            record, action = numbered_next(writing, _redelivered(former, draft), scope=scope), Action.UPDATE
        state = State.ACTIVE if draft.held is None else State.HELD
        operation = writing.apply(Change(action=action, record=record, to_state=state), recorded_at=now)
        arrived = operation.number if former is None else former.arrived
        record = replace(
            record, state=state, number=operation.number, recorded_at=operation.recorded_at, arrived=arrived
        )
        if draft.external_id:
            known[draft.external_id] = record
        is_new = former is None or former.id in stored
        for place in (stored, updated, held):
            place.pop(record.id, None)
        if draft.held is not None:
            held[record.id] = Held(record=record, reason=draft.held)
        else:
            (stored if is_new else updated)[record.id] = record
    return Added(
        stored=tuple(stored.values()),
        updated=tuple(updated.values()),
        repeated=tuple(repeated),
        held=tuple(held.values()),
    )


def _first_revision(draft: Draft, *, scope: Granted[Scope], now: datetime, sources: tuple[Source, ...]) -> Record:
    provenance = Provenance()
    if sources:
        cut = tuple(replace(source, start=draft.start, end=draft.end) for source in sources)
        provenance = Provenance(by=PASSAGES, sources=cut)
    return Record(
        id=new_ulid(now),
        scope=scope.value,
        kind=draft.kind,
        provenance=provenance,
        valid_from=draft.at,
        text=draft.text,
        speaker=draft.speaker,
        role=draft.role,
        at=draft.at,
        at_source=draft.at_source,
        session=draft.session,
        external_id=draft.external_id,
        metadata=draft.metadata,
        modality=draft.modality,
        order=draft.order,
        policy=Policy(sensitivity=draft.sensitivity),
    )


def _redelivered(former: Record, draft: Draft) -> Record:
    timed = former
    if draft.at_source is AtSource.GIVEN or former.at_source is not AtSource.GIVEN:
        timed = replace(former, at=draft.at, at_source=draft.at_source, valid_from=draft.at)
    return replace(
        timed,
        state=State.ACTIVE,
        provenance=replace(former.provenance, by=CALLER),
        text=draft.text,
        speaker=draft.speaker,
        role=draft.role,
        metadata=draft.metadata,
        policy=replace(former.policy, sensitivity=draft.sensitivity or former.sensitivity),
    )


def last_delivered(reading: Reading, former: Record, *, scope: Granted[Scope]) -> Record:
    """Give the last revision that came in under the external id; later corrections stand, and are not undone by it."""
    if former.provenance.by == CALLER:
        return former
    delivered = [held for held in reading.revisions(former.id, scope=scope) if held.provenance.by == CALLER]
    return delivered[-1] if delivered else former


def _is_known(draft: Draft, writing: Writing, former: Record, *, scope: Granted[Scope]) -> bool:
    """Say whether a draft says what the record says now, or what came in last."""
    return draft.is_redelivery_of(former) or draft.is_redelivery_of(last_delivered(writing, former, scope=scope))


def check_same_thing(draft: Draft, former: Record) -> None:
    """Refuse an external id that stands for something else: what a record is for life cannot change.

    Raises:
        InvalidArgument: it is another kind of thing, or lies in another session or place.
    """
    if (draft.kind, draft.modality) != (former.kind, former.modality):
        what = former.kind if former.kind is not Kind.OBSERVATION else former.modality
        raise InvalidArgument("external_id", f"{draft.external_id!r} is a {what}'s already", "give another id")
    if draft.is_redelivery_of(former):
        return
    for name, own, held in (("session", draft.session, former.session), ("order", draft.order, former.order)):
        if own is not None and own != held:
            problem = f"of {draft.external_id!r} was {held!r} and cannot become {own!r}"
            raise InvalidArgument(name, problem, "leave it out, or give another external id")


def _why_repeated(former: Record) -> str:
    if former.state is State.ACTIVE:
        return f"external id {former.external_id!r} is there already with the same words"
    return f"external id {former.external_id!r} is there already with the same words, and stays {former.state}"


def _withdraw_passages(writing: Writing, head: Record, *, scope: Granted[Scope], now: datetime) -> list[Record]:
    """Withdraw the passages of `head`, and give them."""
    passages = [passage for passage in writing.children(head.id, scope=scope) if passage.state is State.ACTIVE]
    for passage in passages:
        change = Change(action=Action.WITHDRAW, record=passage, to_state=State.WITHDRAWN)
        writing.apply(change, recorded_at=now)
    return passages
