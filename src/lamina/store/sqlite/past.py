"""Reads of what was, by the log: the reads of `core.protocols.Reading` that two clocks ask for."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from lamina.core.clearance import NOTHING, Hidden
from lamina.core.clocks import Clocks, said_after
from lamina.core.grant import Granted
from lamina.core.lifecycle import State
from lamina.core.operations import Operation
from lamina.core.rows import Counts, Place
from lamina.core.scope import Scope, Wall
from lamina.core.time import to_us
from lamina.store.sqlite.asked import check_visible, listed, revisions_listed
from lamina.store.sqlite.labels import SqliteLabels
from lamina.store.sqlite.rows import STATES, StepRow, operation_from, place_from, whole

#: In the order in which the query `count_unmoved` counts them.
_COUNTED = (State.PROPOSED, State.HELD, State.ACTIVE, State.SUPERSEDED, State.ARCHIVED, State.WITHDRAWN)


@dataclass(slots=True)
class _Tally:
    """What was counted so far of records, each as one revision."""

    records: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sessions: set[int | None] = field(default_factory=set)
    text_bytes: int = 0

    def add(self, kind: str, session: int | None, text_bytes: int, states: Sequence[tuple[State, int]]) -> None:
        """Count records of one kind and session, so many in each state."""
        there = [(str(state), count) for state, count in states if count]
        if there:
            self.sessions.add(session)
            self.text_bytes += text_bytes
            for state, count in there:
                self.records[kind][state] += count


class _Then(NamedTuple):
    """Of what a wall was at an operation."""

    #: What statements are asked: the wall, the operation, the instant, the facets.
    asked: dict[str, Any]
    #: The records that are looked at one by one, and those on which something was done since: see the queries.
    moved: set[int]
    since: set[int]
    #: Those that are hidden.
    unseen: set[int]


class SqlitePast(SqliteLabels):
    """All reads of one transaction."""

    def logs(self, record_ids: Sequence[str], *, scope: Granted[Scope]) -> dict[str, list[Operation]]:
        """See `Reading.logs`."""
        rows = self._run("logs", **self._sight(scope.value), ids=listed(record_ids))
        return {name: list(some) for name, some in groupby(map(operation_from, rows), key=_record_of)}

    def turns(self, *, wall: Wall, scope: Granted[Scope], after: int) -> Iterator[list[Operation]]:
        """See `Reading.turns`."""
        check_visible(wall, scope.value)
        rows = self._walk("turns", wall_id=self._wall_id(wall), after=after)
        for _, operations in groupby(map(operation_from, rows), key=_record_of):
            yield list(operations)

    def erased_since(self, after: int, *, wall: Wall, scope: Granted[Scope]) -> list[int]:
        """See `Reading.erased_since`."""
        check_visible(wall, scope.value)
        return [number for (number,) in self._run("erased_since", wall_id=self._wall_id(wall), after=after)]

    def number_at(self, moment: datetime, *, wall: Wall, scope: Granted[Scope]) -> int:
        """See `Reading.number_at`: numbers have no gaps, and times ascend with them."""
        check_visible(wall, scope.value)
        there, until = self._look_up(wall), to_us(moment)
        wall_id, last = (None, 0) if there is None else whole(there[:2], "where a log ends")
        known, unknown = 0, last + 1
        while unknown - known > 1:
            middle = (known + unknown) // 2
            recorded_us = self._run("operation_time", wall_id=wall_id, number=middle).fetchone()[0]
            known, unknown = (middle, unknown) if recorded_us <= until else (known, middle)
        return known

    def counts_then(self, clocks: Clocks, *, scope: Granted[Scope], without: Hidden = NOTHING) -> Counts:
        """See `Reading.counts_then`: most records are one revision, and are counted by the file itself."""
        tally, numbers = _Tally(), {}
        for wall in scope.value.visible_walls:
            then = self._then(wall, clocks, scope, without)
            if then is not None:
                numbers[then.asked["wall_id"]] = then.asked["number"]
                self._count_wall(tally, then, without)
        sight = self._sight(scope.value)
        sight |= {"records": listed(tuple(without.records)), "revisions": revisions_listed(without.revisions)}
        sees_all = not (without.records or without.revisions or scope.value.agent or scope.value.run)
        tills = {f"{name}_number": numbers.get(sight[name], 0) for name in ("own", "shared")}
        operations, commits = self._run("count_operations_till", sees_all=sees_all, **sight, **tills).fetchall()[0]
        if sees_all:
            waiting, vectors = self._run("count_vectors", **self._walls(scope.value)).fetchall()[0]
        else:
            waiting, vectors = self._run("count_revisions", all=0, **sight).fetchall()[0][3:]
        return Counts(
            records={kind: dict(states) for kind, states in tally.records.items()},
            revisions=sum(states.total() for states in tally.records.values()),
            sessions=len(tally.sessions - {None}),
            operations=operations,
            commits=commits,
            vectors=vectors,
            waiting=waiting,
            text_bytes=tally.text_bytes,
        )

    def places_then(
        self, clocks: Clocks, *, scope: Granted[Scope], session: str | None = None, without: Hidden = NOTHING
    ) -> list[Place]:
        """See `Reading.places_then`."""
        found: list[Place] = []
        for wall in scope.value.visible_walls:
            then = self._then(wall, clocks, scope, without)
            if then is not None:
                told = (row for row, state in self._told(then, without) if state is State.ACTIVE)
                made_by = {row[7] for row in told}
                made_by |= {number for (number,) in self._run("active_since", **then.asked, keys=_keys(then.since))}
                keys = _keys(then.moved | then.since)
                rows = self._run("places_then", **then.asked, session=session, keys=keys, made_by=_keys(made_by))
                found += [place_from(row, is_shared=wall.user is None) for row in rows]
        return found

    def _then(self, wall: Wall, clocks: Clocks, scope: Granted[Scope], without: Hidden) -> _Then | None:
        """Say of which of a wall's records more is to be asked than what stands now; None where nothing is there."""
        there = self._look_up(wall)
        if there is None:
            return None
        wall_id, number = whole(there[:2], "where a log ends")
        if clocks.known_at is not None:
            number = self.number_at(clocks.known_at, wall=wall, scope=scope)
        unseen = self._keys_of(without.records, wall_id)
        # Records of which a revision is hidden are looked at one by one, too.
        apart = unseen | self._keys_of({record_id for record_id, _ in without.revisions}, wall_id)
        moved = {key for (key,) in self._run("moved", wall_id=wall_id)} | apart
        since = {key for (key,) in self._run("moved_since", wall_id=wall_id, number=number)} - moved
        facets = {"agent": scope.value.agent, "run": scope.value.run}
        as_of_us = None if clocks.as_of is None else to_us(clocks.as_of)
        asked = {"wall_id": wall_id, "number": number, "as_of_us": as_of_us, **facets}
        return _Then(asked, moved, since, unseen)

    def _count_wall(self, tally: _Tally, then: _Then, without: Hidden) -> None:
        """Count the records of a wall as they were then."""
        for session, kind, text_bytes, *counts in self._run(
            "count_unmoved", **then.asked, keys=_keys(then.moved | then.since)
        ):
            tally.add(kind, session, text_bytes, list(zip(_COUNTED, counts, strict=True)))
        for session, kind, state, count, text_bytes in self._run(
            "count_moved_since", **then.asked, keys=_keys(then.since)
        ):
            tally.add(kind, session, text_bytes, [(STATES[state], count)])
        for row, told in self._told(then, without):
            tally.add(row[2], row[1], row[6], [(told, 1)])

    def _told(self, then: _Then, without: Hidden) -> Iterator[tuple[Sequence[Any], State]]:
        """Give, of records with several revisions, a row of the one that each was then, with its state then."""
        keys = _keys(then.moved - then.unseen)
        revisions: defaultdict[int, list[Any]] = defaultdict(list)
        for key, *revision in self._run("moved_revisions", **then.asked, keys=keys):
            revisions[key].append(revision)
        for key, steps in groupby(self._run("moved_operations", **then.asked, keys=keys), key=_first):
            if key in revisions and not _is_gone(revisions[key]):
                begins = {row[3]: row[5] for row in revisions[key] if row[4] != State.ERASED}
                told = said_after([StepRow.of(*step[1:]) for step in steps], begins, then.asked["as_of_us"])
                if told is not None and (revisions[key][0][0], told[0]) not in without.revisions:
                    (row,) = (row for row in revisions[key] if row[3] == told[0])
                    yield row, told[1]

    def _keys_of(self, record_ids: Collection[str], wall_id: int) -> set[int]:
        if not record_ids:
            return set()
        return {key for (key,) in self._run("keys_of", wall_id=wall_id, ids=listed(tuple(record_ids)))}


def _is_gone(revisions: Sequence[Sequence[Any]]) -> bool:
    """Say whether the words of what a record is now were erased; see the view `full_record` for which that is."""
    states = {revision: STATES[state] for _, _, _, revision, state, *_ in revisions}
    if State.ACTIVE in states.values():
        return False
    return (
        states[max((one for one in states if states[one] is not State.SUPERSEDED), default=max(states))] is State.ERASED
    )


def _keys(keys: set[int]) -> str:
    """Give the keys of records as a statement takes them, ascending, so that it reads on from one to the next."""
    return json.dumps(sorted(keys))


def _first(row: Sequence[Any]) -> int:
    key: int = row[0]
    return key


def _record_of(operation: Operation) -> str:
    return operation.record_id
