"""Reads of what was, by the log: what the reads of `core.protocols.Reading` that two clocks ask for mean."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from lamina.core.clearance import NOTHING, Hidden
from lamina.core.clocks import Clocks, begin_of, said
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Operation
from lamina.core.records import Record
from lamina.core.rows import Counts, Place
from lamina.core.scope import Scope, Wall
from lamina.store.reference.labels import ReferenceLabels
from lamina.store.reference.reading import check_visible


class ReferencePast(ReferenceLabels):
    """All reads of one moment."""

    def logs(self, record_ids: Sequence[str], *, scope: Granted[Scope]) -> dict[str, list[Operation]]:
        """See `Reading.logs`."""
        found = {record_id: self.operations(record_id, scope=scope) for record_id in record_ids}
        return {record_id: operations for record_id, operations in found.items() if len(operations) > 1}

    def turns(self, *, wall: Wall, scope: Granted[Scope], after: int) -> Iterator[list[Operation]]:
        """See `Reading.turns`."""
        check_visible(wall, scope.value)
        for kept in self._of_walls((wall,)):
            on_it = [one for one in self._all.logs[wall] if one.record_id == kept.first.id]
            has_turned = any(one.to_state is State.ACTIVE for one in on_it[1:])
            if kept.first.kind is Kind.OBSERVATION and has_turned and on_it[-1].number > after:
                yield on_it

    def erased_since(self, after: int, *, wall: Wall, scope: Granted[Scope]) -> list[int]:
        """See `Reading.erased_since`."""
        check_visible(wall, scope.value)
        log = [one for one in self._all.logs.get(wall, []) if one.number > after and one.to_state is State.ERASED]
        return [self._all.kept[one.record_id].revisions[one.revision - 1].number for one in log]

    def number_at(self, moment: datetime, *, wall: Wall, scope: Granted[Scope]) -> int:
        """See `Reading.number_at`."""
        check_visible(wall, scope.value)
        log = self._all.logs.get(wall, [])
        return max((one.number for one in log if one.recorded_at <= moment), default=0)

    def counts_then(self, clocks: Clocks, *, scope: Granted[Scope], without: Hidden = NOTHING) -> Counts:
        """See `Reading.counts_then`."""
        records: defaultdict[str, Counter[str]] = defaultdict(Counter)
        told = list(self._told(clocks, scope.value, without))
        for revision, state in told:
            records[str(revision.kind)][str(state)] += 1
        asked = [
            one
            for wall in scope.value.visible_walls
            for one in self._all.logs.get(wall, [])
            if clocks.known_at is None or one.recorded_at <= clocks.known_at
        ]
        seen = {kept.first.id for kept in self._in_sight(scope.value)} - without.records.keys()
        done = [
            one for one in asked if one.record_id in seen and (one.record_id, one.revision) not in without.revisions
        ]
        sessions = {(revision.scope.wall, revision.session) for revision, _ in told}
        return replace(
            self.counts(scope=scope, without=without),
            records={kind: dict(states) for kind, states in records.items()},
            revisions=len(told),
            sessions=len({session for session in sessions if session[1] is not None}),
            operations=len(done),
            commits=len({operation.commit for operation in done}),
            text_bytes=sum(len(revision.text.encode()) for revision, _ in told),
        )

    def places_then(
        self, clocks: Clocks, *, scope: Granted[Scope], session: str | None = None, without: Hidden = NOTHING
    ) -> list[Place]:
        """See `Reading.places_then`."""
        places = []
        for revision, state in self._told(clocks, scope.value, without):
            if (revision.kind, state) == (Kind.OBSERVATION, State.ACTIVE) and session in (None, revision.session):
                kept = self._all.kept[revision.id]
                where = (kept.first.session, kept.event_id, revision.at, kept.spot.place, kept.first.arrived)
                places.append(Place(revision.id, kept.wall.user is None, *where))
        return sorted(places, key=lambda place: (place.is_shared, place.place, place.arrived))

    def _told(self, clocks: Clocks, scope: Scope, without: Hidden) -> Iterator[tuple[Record, State]]:
        """Give the revision that each record was by two clocks, and its state then."""
        for kept in self._in_sight(scope):
            if kept.first.id in without.records or kept.current.state is State.ERASED:
                continue
            begins = {one.revision: begin_of(one) for one in kept.revisions if one.state is not State.ERASED}
            log = [one for one in self._all.logs[kept.wall] if one.record_id == kept.first.id]
            found = said(log, begins, clocks)
            if found is not None and (kept.first.id, found[0]) not in without.revisions:
                yield kept.revisions[found[0] - 1], found[1]
