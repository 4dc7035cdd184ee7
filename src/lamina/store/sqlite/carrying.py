"""What of a file is carried through time and to other places: its snapshots, how far walls had come, whole logs."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from lamina.core.entries import Entry
from lamina.core.errors import InvalidArgument, NotFound
from lamina.core.grant import Granted
from lamina.core.imports import Import
from lamina.core.lifecycle import State
from lamina.core.operations import Action
from lamina.core.records import Record
from lamina.core.scope import Administration, Scope, Wall
from lamina.core.snapshots import Snapshot
from lamina.core.time import from_us, to_us
from lamina.store.sqlite.asked import check_administration
from lamina.store.sqlite.importing import SqliteImporting
from lamina.store.sqlite.keying import SqliteKeying
from lamina.store.sqlite.past import SqlitePast
from lamina.store.sqlite.reencoding import SqliteReencoding
from lamina.store.sqlite.rows import SALT, import_from, operation_from, record_from, whole

_MAKING = (Action.ADD, Action.UPDATE)


class CarriedReading(SqlitePast):
    """Reads of `core.carrying.CarriedReading`."""

    def last_commit(self) -> int:
        """See `CarriedReading.last_commit`."""
        return int(self._run("last_commit").fetchone()[0])

    def number_after_commit(self, commit: int, *, wall: Granted[Scope]) -> int:
        """See `CarriedReading.number_after_commit`."""
        row = self._run("number_after_commit", own=self._wall_id(wall.value.wall), commit_number=commit).fetchone()
        return 0 if row is None else int(row[0])

    def snapshots(self, *, wall: Granted[Scope]) -> list[Snapshot]:
        """See `CarriedReading.snapshots`."""
        rows = self._run("snapshots", own=self._wall_id(wall.value.wall))
        kept = [
            Snapshot(name=name, commit=commit, number=number, chain=chain, recorded_at=from_us(recorded_us))
            for name, commit, number, chain, recorded_us in (whole(row, f"snapshot {row[0]!r}") for row in rows)
        ]
        # In an encrypted file names have no order of their own.
        return sorted(kept, key=lambda one: (one.number, one.name))

    def entries(self, wall: Wall, *, scope: Granted[Administration]) -> Iterator[Entry]:
        """See `CarriedReading.entries`."""
        check_administration(scope)
        wall_id = self._wall_id(wall)
        revisions = self._walk("revisions_by_number", wall_id=wall_id)
        row = next(revisions, None)
        for operation in map(operation_from, self._walk("log", wall_id=wall_id, after=0)):
            record, salt = None, None
            if row is not None and row[15] == operation.number:
                record, salt, row = record_from(row), row[SALT], next(revisions, None)
            yield Entry(operation=operation, record=record, salt=salt)

    def imports_of(self, wall: Wall, *, scope: Granted[Administration]) -> list[tuple[Scope, Import]]:
        """See `CarriedReading.imports_of`."""
        check_administration(scope)
        rows = self._run("imports_of_wall", wall_id=self._wall_id(wall))
        each = [list(pieces) for _, pieces in groupby(rows, key=itemgetter(2))]
        return [
            (Scope.of(wall, agent=pieces[0][0], run=pieces[0][1]), import_from([row[2:] for row in pieces]))
            for pieces in each
        ]


class CarriedWriting(CarriedReading, SqliteImporting, SqliteReencoding, SqliteKeying):
    """Writes of `core.carrying.CarriedWriting`."""

    def put_snapshot(self, snapshot: Snapshot, *, wall: Granted[Scope]) -> None:
        """See `CarriedWriting.put_snapshot`."""
        own = self._wall_id(wall.value.wall)
        if own is None:
            raise NotFound(str(wall.value.wall))
        if any(kept.name == snapshot.name for kept in self.snapshots(wall=wall)):
            raise InvalidArgument("name", f"{snapshot.name!r} is taken", "give another one, or drop that snapshot")
        self._run(
            "add_snapshot",
            own=own,
            name=snapshot.name,
            commit_number=snapshot.commit,
            number=snapshot.number,
            chain=snapshot.chain,
            recorded_us=to_us(snapshot.recorded_at),
        )

    def drop_snapshot(self, name: str, *, wall: Granted[Scope], erase: bool) -> bool:
        """See `CarriedWriting.drop_snapshot`."""
        self._run("drop_snapshot", own=self._wall_id(wall.value.wall), name=name)
        is_gone = bool(self._connection.changes())
        if is_gone and erase:
            self._run("let_bytes_go")
        return is_gone

    def replay(self, entry: Entry) -> None:
        """See `CarriedWriting.replay`."""
        operation, record = entry.operation, entry.record
        end, recorded = self._end(operation.wall), to_us(operation.recorded_at)
        if operation.number != end.number + 1 or recorded <= end.recorded_us:
            raise InvalidArgument("entry", f"{operation.number} does not follow {end.number}", "replay a log in order")
        if (operation.action in _MAKING) != (record is not None):
            raise InvalidArgument("entry", f"{operation.number} lacks a revision, or has one too many", "export again")
        parents = [] if record is None else self._own_parents(record, end.wall_id)
        if record is not None and operation.action is Action.ADD:
            record_key = self._record_row(record, end)
        else:
            row = self._run("record_key", id=operation.record_id, wall_id=end.wall_id).fetchone()
            if row is None:
                raise NotFound(operation.record_id)
            record_key = int(row[0])
        self._run("keep_commit", number=operation.commit, recorded_us=recorded)
        if record is not None:
            self._revision_row(record, record_key, parents, end, recorded, entry.salt)
        self._log(operation, end, record_key, recorded)
        if operation.to_state is State.ERASED:
            self._run("keep_erasure", commit_number=operation.commit, scrubbed_us=recorded)

    def _own_parents(self, record: Record, wall_id: int | None) -> list[int]:
        """Give the keys of a record's sources, which lie in its wall."""
        for source in record.provenance.sources:
            if self._run("record_key", id=source.record_id, wall_id=wall_id).fetchone() is None:
                problem = f"name {source.record_id!r}, which is not in that wall"
                raise InvalidArgument("sources", problem, "export the whole wall")
        return self._parents(record)

    def note_load(self, *, recorded_at: datetime) -> None:
        """See `CarriedWriting.note_load`."""
        self._run("note_load", recorded_us=to_us(recorded_at))
