"""Reads of what was, by the log: the reads of `core.protocols.Reading` that two clocks ask for."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from lamina.core.grant import Granted
from lamina.core.operations import Operation
from lamina.core.scope import Scope, Wall
from lamina.core.time import to_us
from lamina.store.sqlite.asked import check_visible, listed
from lamina.store.sqlite.labels import SqliteLabels
from lamina.store.sqlite.rows import operation_from, whole


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


def _record_of(operation: Operation) -> str:
    return operation.record_id
