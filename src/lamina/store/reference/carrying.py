"""Snapshots, and how far walls had come: what `core.carrying` means."""

from lamina.core.errors import InvalidArgument, NotFound
from lamina.core.grant import Granted
from lamina.core.scope import Scope
from lamina.core.snapshots import Snapshot
from lamina.store.reference.reading import ReferenceReading
from lamina.store.reference.writing import ReferenceWriting


class CarriedReading(ReferenceReading):
    """Reads of `core.carrying.CarriedReading`."""

    def last_commit(self) -> int:
        """See `CarriedReading.last_commit`."""
        return self._all.commits

    def number_at(self, commit: int, *, wall: Granted[Scope]) -> int:
        """See `CarriedReading.number_at`."""
        log = self._all.logs.get(wall.value.wall, [])
        return max((operation.number for operation in log if operation.commit <= commit), default=0)

    def snapshots(self, *, wall: Granted[Scope]) -> list[Snapshot]:
        """See `CarriedReading.snapshots`."""
        named = self._all.snapshots.get(wall.value.wall, {})
        return sorted(named.values(), key=_place)


class CarriedWriting(CarriedReading, ReferenceWriting):
    """Writes of `core.carrying.CarriedWriting`."""

    def put_snapshot(self, snapshot: Snapshot, *, wall: Granted[Scope]) -> None:
        """See `CarriedWriting.put_snapshot`."""
        if wall.value.wall not in self._all.logs:
            raise NotFound(str(wall.value.wall))
        named = self._all.snapshots.setdefault(wall.value.wall, {})
        if snapshot.name in named:
            raise InvalidArgument("name", f"{snapshot.name!r} is taken", "give another one, or drop that snapshot")
        named[snapshot.name] = snapshot

    def drop_snapshot(self, name: str, *, wall: Granted[Scope], erase: bool) -> bool:
        """See `CarriedWriting.drop_snapshot`."""
        is_gone = self._all.snapshots.get(wall.value.wall, {}).pop(name, None) is not None
        if is_gone and erase and self._all.commits not in self._all.erasures:
            self._all.erasures.append(self._all.commits)
        return is_gone


def _place(snapshot: Snapshot) -> tuple[int, str]:
    return snapshot.number, snapshot.name
