"""Snapshots, how far walls had come, whole logs: what `core.carrying` means."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from lamina.core.entries import Entry
from lamina.core.errors import InvalidArgument, NotFound
from lamina.core.grant import Granted
from lamina.core.imports import Import
from lamina.core.operations import Action
from lamina.core.scope import Administration, Scope, Wall
from lamina.core.snapshots import Snapshot
from lamina.store.reference.everything import Kept
from lamina.store.reference.past import ReferencePast
from lamina.store.reference.reencoding import ReferenceReencoding
from lamina.store.reference.whole import check_administration


class CarriedReading(ReferencePast):
    """Reads of `core.carrying.CarriedReading`."""

    def last_commit(self) -> int:
        """See `CarriedReading.last_commit`."""
        return self._all.commits

    def number_after_commit(self, commit: int, *, wall: Granted[Scope]) -> int:
        """See `CarriedReading.number_after_commit`."""
        log = self._all.logs.get(wall.value.wall, [])
        return max((operation.number for operation in log if operation.commit <= commit), default=0)

    def snapshots(self, *, wall: Granted[Scope]) -> list[Snapshot]:
        """See `CarriedReading.snapshots`."""
        named = self._all.snapshots.get(wall.value.wall, {})
        return sorted(named.values(), key=_place)

    def entries(self, wall: Wall, *, scope: Granted[Administration]) -> Iterator[Entry]:
        """See `CarriedReading.entries`."""
        check_administration(scope)
        made = {
            record.number: (kept.shown(record), salt)
            for kept in self._of_walls((wall,))
            for record, salt in zip(kept.revisions, kept.salts, strict=True)
        }
        for operation in self._all.logs.get(wall, []):
            record, salt = made.get(operation.number, (None, None))
            yield Entry(operation=operation, record=record, salt=salt)

    def imports_of(self, wall: Wall, *, scope: Granted[Administration]) -> list[tuple[Scope, Import]]:
        """See `CarriedReading.imports_of`."""
        check_administration(scope)
        return [found for _, found in sorted(self._all.imports.items()) if found[0].wall == wall]


class CarriedWriting(CarriedReading, ReferenceReencoding):
    """Writes of `core.carrying.CarriedWriting`."""

    def put_snapshot(self, snapshot: Snapshot, *, wall: Granted[Scope]) -> None:
        """See `CarriedWriting.put_snapshot`."""
        if wall.value.wall not in self._all.logs:
            raise NotFound(str(wall.value.wall))
        named = self._all.snapshots.setdefault(wall.value.wall, {})
        if snapshot.name in named:
            raise InvalidArgument("name", f"{snapshot.name!r} is taken", "give another one, or drop that snapshot")
        named[snapshot.name] = snapshot

    def destroy_key(self, *, wall: Granted[Scope], now: datetime) -> bool:
        """See `CarriedWriting.destroy_key`: nothing is encrypted here."""
        del wall, now
        raise InvalidArgument("key", "is asked for, and the reference store is not encrypted", "open a file that is")

    def drop_snapshot(self, name: str, *, wall: Granted[Scope], erase: bool) -> bool:
        """See `CarriedWriting.drop_snapshot`."""
        is_gone = self._all.snapshots.get(wall.value.wall, {}).pop(name, None) is not None
        if is_gone and erase and self._all.commits not in self._all.erasures:
            self._all.erasures.append(self._all.commits)
        return is_gone

    def replay(self, entry: Entry) -> None:
        """See `CarriedWriting.replay`."""
        operation, record, wall = entry.operation, entry.record, entry.operation.wall
        log = self._all.logs.get(wall, [])
        if operation.number != len(log) + 1 or (log and operation.recorded_at <= log[-1].recorded_at):
            raise InvalidArgument("entry", f"{operation.number} does not follow {len(log)}", "replay a log in order")
        if (operation.action in (Action.ADD, Action.UPDATE)) != (record is not None):
            raise InvalidArgument("entry", f"{operation.number} lacks a revision, or has one too many", "export again")
        if record is not None:
            self._check_sources(record)
            for source in record.provenance.sources:
                if self._all.kept[source.record_id].wall != wall:
                    problem = f"name {source.record_id!r}, which is not in that wall"
                    raise InvalidArgument("sources", problem, "export the whole wall")
        if record is not None and operation.action is Action.ADD:
            self._begin(record)
            self._all.kept[record.id] = Kept([], [])
        elif operation.record_id not in self._all.kept or self._all.kept[operation.record_id].wall != wall:
            raise NotFound(operation.record_id)
        if record is not None:
            kept = self._all.kept[record.id]
            arrived = kept.first.arrived if kept.revisions else operation.number
            made = replace(record, number=operation.number, arrived=arrived, recorded_at=operation.recorded_at)
            kept.revisions.append(replace(made, event_id=None))
            kept.salts.append(entry.salt)
        self._all.logs.setdefault(wall, []).append(operation)
        self._all.commits = max(self._all.commits, operation.commit)

    def note_load(self, *, recorded_at: datetime) -> None:
        """See `CarriedWriting.note_load`: numbers may be missing here."""


def _place(snapshot: Snapshot) -> tuple[int, str]:
    return snapshot.number, snapshot.name
