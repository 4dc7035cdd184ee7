"""Reads of all that a wall holds, for the administration: what `verify` and exports read, said with lists."""

from collections.abc import Iterator, Sequence

from lamina.core.errors import InvalidArgument
from lamina.core.grant import Granted
from lamina.core.operations import Operation
from lamina.core.records import Record
from lamina.core.scope import Administration, Wall
from lamina.store.reference.everything import Everything, Kept


class ReferenceWholeReading:
    """Reads of whole walls; see `core.protocols.Reading` for what each gives."""

    _all: Everything

    def log(self, wall: Wall, *, scope: Granted[Administration], after: int = 0) -> Iterator[Operation]:
        """See `Reading.log`."""
        check_administration(scope)
        yield from self._all.logs.get(wall, [])[after:]

    def log_by_record(
        self, wall: Wall, *, scope: Granted[Administration], since: int = 0
    ) -> Iterator[tuple[int, Operation]]:
        """See `Reading.log_by_record`."""
        check_administration(scope)
        log = ((self._all.kept[one.record_id].first.arrived, one) for one in self._all.logs.get(wall, []))
        yield from sorted((row for row in log if row[0] >= since), key=lambda row: (row[0], row[1].number))

    def salted_revisions(
        self, wall: Wall, *, scope: Granted[Administration], since: int = 0
    ) -> Iterator[tuple[Record, bytes | None]]:
        """See `Reading.salted_revisions`."""
        check_administration(scope)
        for kept in self._of_walls((wall,)):
            if kept.first.arrived >= since:
                yield from zip(map(kept.shown, kept.revisions), kept.salts, strict=True)

    def event_members(self, wall: Wall, *, scope: Granted[Administration]) -> Iterator[tuple[str, str]]:
        """See `Reading.event_members`."""
        check_administration(scope)
        for kept in self._of_walls((wall,)):
            if kept.event_id is not None:
                yield kept.event_id, kept.first.id

    def _of_walls(self, walls: Sequence[Wall]) -> list[Kept]:
        """Give the records of `walls`, one wall after the other, in the order of arrival."""
        return [kept for wall in walls for kept in self._all.kept.values() if kept.wall == wall]


def check_administration(scope: Granted[Administration]) -> None:
    """Let an administrative scope pass.

    Raises:
        InvalidArgument: any other.
    """
    if not isinstance(scope.value, Administration):
        raise InvalidArgument("scope", "is not the administration's", "ask with an Administration that is granted")
