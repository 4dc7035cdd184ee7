"""What of a file is carried through time and to other places: its snapshots, and how far walls had come."""

from lamina.core.errors import InvalidArgument, NotFound
from lamina.core.grant import Granted
from lamina.core.scope import Scope
from lamina.core.snapshots import Snapshot
from lamina.core.time import from_us, to_us
from lamina.store.sqlite.reading import SqliteReading
from lamina.store.sqlite.writing import SqliteWriting


class CarriedReading(SqliteReading):
    """Reads of `core.carrying.CarriedReading`."""

    def last_commit(self) -> int:
        """See `CarriedReading.last_commit`."""
        return int(self._run("last_commit").fetchone()[0])

    def number_at(self, commit: int, *, wall: Granted[Scope]) -> int:
        """See `CarriedReading.number_at`."""
        row = self._run("number_at", own=self._wall_id(wall.value.wall), commit_number=commit).fetchone()
        return 0 if row is None else int(row[0])

    def snapshots(self, *, wall: Granted[Scope]) -> list[Snapshot]:
        """See `CarriedReading.snapshots`."""
        rows = self._run("snapshots", own=self._wall_id(wall.value.wall))
        return [
            Snapshot(name=name, commit=commit, number=number, chain=chain, recorded_at=from_us(recorded_us))
            for name, commit, number, chain, recorded_us in rows
        ]


class CarriedWriting(CarriedReading, SqliteWriting):
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
