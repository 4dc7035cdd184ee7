"""Placing observations into events, provisionally: at sessions and pauses, in the transaction that stores them.

An observation at the end of its stream either continues the last event or begins one. Anywhere else (a caller's
order, a new revision with another time) the stream is cut anew. An event keeps the id that it got from its
earliest-arrived observation; one whose members now lie in another is merged into that. Withdrawn observations stay
where they were, so boundaries and ids are the same whether they are drawn as things arrive or all at once; an event is
active while one of its observations is.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Actor, Change
from lamina.core.protocols import Reading, Writing
from lamina.core.provenance import Provenance, Source
from lamina.core.records import Record
from lamina.core.scope import Scope
from lamina.segment.gaps import PRODUCER, continues, cut_at_gaps, event_id

#: The last observation of each session, before anything was added.
Tails = dict[str | None, Record | None]


def tails_of(reading: Reading, sessions: Sequence[str | None], *, scope: Granted[Scope]) -> Tails:
    """Give the end of each session's stream."""
    return {session: reading.tail(scope=scope, session=session) for session in dict.fromkeys(sessions)}


def place_observations(
    writing: Writing, records: Sequence[Record], *, tails: Tails, scope: Granted[Scope], now: datetime, gap: timedelta
) -> None:
    """Say in which event each of `records` lies, beginning events where none goes on."""
    by_session: dict[str | None, list[Record]] = {}
    for record in records:
        if record.kind is Kind.OBSERVATION:
            by_session.setdefault(record.session, []).append(record)
    for session, members in by_session.items():
        tail = tails.get(session)
        if _all_follow(tail, members):
            _append(writing, tail, members, scope=scope, now=now, gap=gap)
        else:
            cut_anew(writing, session, scope=scope, now=now, gap=gap)


def cut_anew(writing: Writing, session: str | None, *, scope: Granted[Scope], now: datetime, gap: timedelta) -> None:
    """Cut the whole stream of `session` again, keeping ids, merging events whose members moved to another."""
    stream = writing.stream(scope=scope, session=session)
    runs = {event_id(min(run, key=_arrival)): run for run in cut_at_gaps(stream, gap=gap)}
    former = {record.event_id for record in stream if record.event_id is not None}
    there = writing.get(sorted(former | set(runs)), scope=scope)
    for identity, run in runs.items():
        if identity not in there:
            writing.apply(Change(action=Action.ADD, record=_event(run), actor=Actor.ENGINE), recorded_at=now)
        moved = [record.id for record in run if record.event_id != identity]
        if moved:
            writing.assign_event(moved, event_id=identity)
        settle(writing, identity, scope=scope, now=now)
    for identity in sorted(former - set(runs)):
        if there[identity].state is State.ACTIVE:
            _move(writing, there[identity], Action.MERGE, State.SUPERSEDED, now=now)


def settle(writing: Writing, event_id: str, *, scope: Granted[Scope], now: datetime) -> None:
    """Withdraw an event that holds nothing active any more, bring one back that does again."""
    event = writing.get([event_id], scope=scope)[event_id]
    holds_active = any(record.state is State.ACTIVE for record in writing.members(event_id, scope=scope))
    if holds_active and event.state is not State.ACTIVE:
        _move(writing, event, Action.RESTORE, State.ACTIVE, now=now)
    elif event.state is State.ACTIVE and not holds_active:
        _move(writing, event, Action.WITHDRAW, State.WITHDRAWN, now=now)


def _append(
    writing: Writing,
    tail: Record | None,
    members: list[Record],
    *,
    scope: Granted[Scope],
    now: datetime,
    gap: timedelta,
) -> None:
    former, identity = tail, None if tail is None else tail.event_id
    runs: dict[str, list[str]] = {}
    for record in members:
        if former is None or identity is None or not continues(former, record, gap=gap):
            event = _event([record])
            writing.apply(Change(action=Action.ADD, record=event, actor=Actor.ENGINE), recorded_at=now)
            identity = event.id
        runs.setdefault(identity, []).append(record.id)
        former = record
    for event_of_run, record_ids in runs.items():
        writing.assign_event(record_ids, event_id=event_of_run)
    if tail is not None and tail.state is not State.ACTIVE and tail.event_id in runs:
        settle(writing, tail.event_id, scope=scope, now=now)


def _all_follow(tail: Record | None, members: list[Record]) -> bool:
    if any(record.revision > 1 or record.event_id is not None for record in members):
        return False
    places = [] if tail is None else [_place(tail)]
    places += [_place(record) for record in members]
    return all(former < later for former, later in pairwise(places))


def _place(record: Record) -> tuple[int, int]:
    return (record.arrived if record.order is None else record.order, record.arrived)


def _arrival(record: Record) -> int:
    return record.arrived


def _event(run: Sequence[Record]) -> Record:
    first = min(run, key=_arrival)
    return Record(
        id=event_id(first),
        scope=first.scope,
        kind=Kind.EVENT,
        session=first.session,
        at=first.at,
        at_source=first.at_source,
        valid_from=first.at,
        provenance=Provenance(by=PRODUCER, sources=(Source(record_id=first.id, revision=1),)),
    )


def _move(writing: Writing, record: Record, action: Action, to_state: State, *, now: datetime) -> None:
    writing.apply(Change(action=action, record=record, to_state=to_state, actor=Actor.ENGINE), recorded_at=now)
