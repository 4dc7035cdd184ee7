"""Placing observations into events, in the transaction that stores what changed.

Sessions and pauses part at once; surprises part when the vectors come. A change is cut from as far before it as a
boundary can depend on, up to where the boundaries are again those of before, so that the events are always those that
cutting the whole stream at once would give. An event keeps the id that it got from its earliest-arrived observation;
one whose members now all lie in others is merged into these. Until enough follows in its stretch, and has its vectors,
an observation lies in the event of the one before it. Withdrawn ones stay where they are, so that nothing moves; an
event is active while one of its observations is.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Actor, Change
from lamina.core.protocols import Reading, Store, Writing
from lamina.core.provenance import Provenance, Source
from lamina.core.records import Record
from lamina.core.rows import WallEnd
from lamina.core.scope import Scope, Wall
from lamina.core.streams import OPENING, EventSize, Spot, StreamRow, Touched
from lamina.core.time import Clock, to_us
from lamina.flows.cutting import Rules, Run, Stream, runs
from lamina.govern.access import grant
from lamina.segment.gaps import continues, event_id

#: The last row of each session's stream, before anything was added.
Tails = dict[str | None, StreamRow | None]
#: How many rows of a wall are cut anew in one transaction: a tenth of a second.
PIECE_ROWS = 4096
#: After the name of rules by which a wall is being cut anew.
_UNFINISHED = " unfinished"


def tails_of(reading: Reading, sessions: Iterable[str | None], *, scope: Granted[Scope], rules: Rules) -> Tails:
    """Give the end of each session's stream."""
    found = {session: Stream(scope, session, rules).before(reading, None, limit=1) for session in sessions}
    return {session: rows[0] if rows else None for session, rows in found.items()}


def place_observations(
    writing: Writing,
    stored: Sequence[Record],
    updated: Sequence[Record],
    *,
    tails: Tails,
    scope: Granted[Scope],
    rules: Rules,
    now: datetime,
) -> None:
    """Say in which events new observations lie, and those with a new revision, beginning events where none goes on."""
    sessions: dict[str | None, list[Record]] = {}
    for record in (*stored, *updated):
        if record.kind is Kind.OBSERVATION:
            sessions.setdefault(record.session, []).append(record)
    elsewhere: list[Record] = []
    for session, members in sessions.items():
        if _all_follow(tails.get(session), members):
            _append(writing, tails.get(session), members, scope=scope, rules=rules, now=now)
        else:
            elsewhere += members
    fresh = {record.id for record in stored}
    cut_around(writing, touched(elsewhere), rules=rules, now=now, fresh=fresh)


def cut_around(
    writing: Writing, changed: Iterable[Touched], *, rules: Rules, now: datetime, fresh: Collection[str] = ()
) -> None:
    """Cut streams again around what changed: new ones, other texts, times or states, new vectors.

    `fresh` are observations that this transaction has added.
    """
    streams: dict[tuple[Scope, str | None], set[Spot]] = {}
    for scope, session, spot in changed:
        streams.setdefault((scope, session), set()).add(spot)
    here = rules.of_file(writing) if streams else rules
    for (scope, session), spots in streams.items():
        placing = _Placing(writing, Stream(grant(scope), session, here), now=now, fresh=fresh)
        placing.around(sorted(spots))
        placing.finish()
    note_walls(writing, {scope.wall for scope, _ in streams}, rules=rules)


def note_rules(writing: Writing, end: WallEnd | None, *, scope: Granted[Scope], rules: Rules) -> None:
    """Note by which rules a wall is cut, if this call changes it; `end` is where it ended before, None = it was not."""
    if end is None:
        writing.note_rules(rules.name, wall=scope)
    elif end.rules and end.rules.removesuffix(_UNFINISHED) != rules.name:
        writing.note_rules("", wall=scope)


def note_walls(writing: Writing, walls: Iterable[Wall], *, rules: Rules) -> None:
    """Note by which rules walls are cut in which something changed that is there already."""
    for wall in walls:
        scope = grant(Scope.of(wall))
        note_rules(writing, writing.ends(scope=scope)[wall], scope=scope, rules=rules)


def cut_anew(store: Store, walls: Iterable[Wall], *, rules: Rules, clock: Clock, all_walls: bool = False) -> None:
    """Cut the walls that other rules have cut, or all of them, from their beginnings, a piece a transaction."""
    for wall in walls:
        scope = grant(Scope.of(wall))
        with store.read() as reading:
            end = reading.ends(scope=scope).get(wall)
            streams = [] if end is None else reading.streams(wall=scope)
        if end is None or (end.rules == rules.name and not all_walls):
            continue
        with store.write() as writing:
            writing.note_rules(rules.name + _UNFINISHED, wall=scope)
        for within, session in streams:
            _cut_stream(store, grant(within), session, rules=rules, clock=clock)
        with store.write() as writing:
            # Unless other rules have cut here meanwhile.
            if writing.ends(scope=scope)[wall].rules == rules.name + _UNFINISHED:
                writing.note_rules(rules.name, wall=scope)


def touched(records: Iterable[Record]) -> list[Touched]:
    """Give where those of some records stand that are observations."""
    return [
        Touched(record.scope, record.session, _spot(record)) for record in records if record.kind is Kind.OBSERVATION
    ]


def settle(
    writing: Writing,
    event_ids: Iterable[str],
    *,
    scope: Granted[Scope],
    now: datetime,
    changed: Collection[str] = (),
) -> None:
    """Bring events to the state that follows from what lies in them, and log those of which members `changed`.

    One that holds nothing any more was merged into others; one that holds nothing active is withdrawn, and comes back.
    """
    ids = sorted(event_ids)
    sizes = writing.event_sizes(ids, scope=scope)
    there = writing.get(list(sizes), scope=scope)
    for name, size in sizes.items():
        event = there[name]
        action, state = _fate(event.state, size)
        if action is not None or name in changed:
            change = Change(action=action or Action.EVOLVE, record=event, to_state=state, actor=Actor.ENGINE)
            writing.apply(change, recorded_at=now)


def _fate(state: State, size: EventSize) -> tuple[Action | None, State]:
    if state is State.ACTIVE and not size.size:
        return Action.MERGE, State.SUPERSEDED
    if state is State.ACTIVE and not size.is_active:
        return Action.WITHDRAW, State.WITHDRAWN
    if state is not State.ACTIVE and size.is_active:
        return Action.RESTORE, State.ACTIVE
    return None, state


class _Placing:
    """Puts the runs of one stream into their events; the events in which something changed are settled last."""

    def __init__(self, writing: Writing, stream: Stream, *, now: datetime, fresh: Collection[str] = ()) -> None:
        self._writing = writing
        self._stream = stream
        self._now = now
        self._fresh = fresh
        #: Events in which something changed, and those of them of which indexes do not hear otherwise.
        self._touched: set[str] = set()
        self._changed: set[str] = set()

    def around(self, spots: Sequence[Spot]) -> None:
        """Place what stands around `spots`, ascending, until the events are those of before again."""
        cutting = self._stream.rules.cutting
        enough = 1 if cutting is None else cutting.look_back
        done = 0
        while done < len(spots):
            began, untouched = done, 0
            passed: int | None = None
            for run in runs(self._writing, self._stream, start=spots[done]):
                self.place(run)
                # What has left the stream is no row of it: its spots are told by being passed.
                first = min(done, bisect_left(spots, run.rows[0].spot)) if passed is None else passed
                passed, untouched = _passed(spots, run, first, untouched)
                done = len(spots) if run.follows is None else bisect_left(spots, run.follows.spot)
                if done > first:
                    self._touched.add(run.event_id)
                if run.follows is None:
                    return
                if done > passed:
                    untouched = 0
                is_old_end = run.follows.event_id not in (None, run.rows[-1].event_id)
                if done > began and is_old_end and untouched >= (1 if run.ends_stretch else enough):
                    break
            else:
                # What stood there has left the stream, and nothing else is in it.
                return

    def place(self, run: Run) -> None:
        """Put the rows of a run into its event."""
        name = run.event_id
        moved = [row for row in run.rows if row.event_id != name]
        if run.head.size and run.rows[0].event_id != name:
            moved += self._stream.before(self._writing, run.rows[0].spot, limit=run.head.size)
        if not moved:
            return
        is_new = name not in self._writing.get([name], scope=self._stream.scope)
        if is_new:
            (first,) = self._writing.get([run.first_id], scope=self._stream.scope).values()
            _begin(self._writing, first, rules=self._stream.rules, now=self._now)
        self._writing.assign_event([row.record_id for row in moved], event_id=name)
        left = {row.event_id for row in moved if row.event_id is not None}
        self._touched |= {name, *left}
        self._changed |= left
        if not is_new and any(row.record_id not in self._fresh for row in moved):
            self._changed.add(name)

    def finish(self) -> None:
        """Settle the events in which something changed."""
        settle(self._writing, self._touched, scope=self._stream.scope, now=self._now, changed=self._changed)


def _passed(spots: Sequence[Spot], run: Run, passed: int, untouched: int) -> tuple[int, int]:
    """Give how many of `spots` do not stand behind a run, and behind how many of its last rows nothing changed.

    So many were passed before it, and so many rows before it were as they had been.
    """
    for row in run.rows:
        until = bisect_right(spots, row.spot, lo=passed)
        if until == passed:
            untouched += 1
        else:
            untouched = 0 if spots[until - 1] == row.spot else 1
        passed = until
    return passed, untouched


def _cut_stream(store: Store, scope: Granted[Scope], session: str | None, *, rules: Rules, clock: Clock) -> None:
    start: Spot | None = None
    while True:
        with store.write() as writing:
            stream = Stream(scope, session, rules.of_file(writing))
            placing = _Placing(writing, stream, now=clock.now())
            placed = 0
            follows: StreamRow | None = None
            for run in runs(writing, stream, start=start):
                placing.place(run)
                placed, follows = placed + len(run.rows), run.follows
                if placed >= PIECE_ROWS:
                    break
            placing.finish()
        if follows is None:
            return
        start = follows.spot


def _append(
    writing: Writing,
    tail: StreamRow | None,
    members: Sequence[Record],
    *,
    scope: Granted[Scope],
    rules: Rules,
    now: datetime,
) -> None:
    """Let observations go on at the end of their stream, none of which has a vector yet."""
    name = None if tail is None else tail.event_id
    former_us = None if tail is None else tail.at_us
    size = 0 if name is None or rules.cutting is None else writing.event_size(name, scope=scope)
    members_of: dict[str, list[str]] = {}
    for record in members:
        at_us = None if record.at is None else to_us(record.at)
        is_full = rules.cutting is not None and rules.cutting.is_full(size, record.text[:OPENING])
        if name is None or is_full or not continues(former_us, at_us, gap_us=rules.gap_us):
            name, size = _begin(writing, record, rules=rules, now=now), 0
        members_of.setdefault(name, []).append(record.id)
        former_us, size = at_us, size + 1
    for event, record_ids in members_of.items():
        writing.assign_event(record_ids, event_id=event)
    if tail is not None and not tail.is_active and tail.event_id in members_of:
        settle(writing, [tail.event_id], scope=scope, now=now)


def _all_follow(tail: StreamRow | None, members: Sequence[Record]) -> bool:
    """Say whether all are new and active, and stand behind `tail`, each behind the one before."""
    if any(
        record.revision > 1 or record.event_id is not None or record.state is not State.ACTIVE for record in members
    ):
        return False
    spots = [] if tail is None else [tail.spot]
    spots += map(_spot, members)
    return all(former < later for former, later in pairwise(spots))


def _spot(record: Record) -> Spot:
    return Spot(record.arrived if record.order is None else record.order, record.arrived)


def _begin(writing: Writing, first: Record, *, rules: Rules, now: datetime) -> str:
    """Add the event whose earliest-arrived observation is `first`, and give its id."""
    event = Record(
        id=event_id(first.id),
        scope=first.scope,
        kind=Kind.EVENT,
        session=first.session,
        at=first.at,
        at_source=first.at_source,
        valid_from=first.at,
        provenance=Provenance(by=rules.producer, sources=(Source(record_id=first.id, revision=1),)),
    )
    writing.apply(Change(action=Action.ADD, record=event, actor=Actor.ENGINE), recorded_at=now)
    return event.id
