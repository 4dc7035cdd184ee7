"""Reads of what was, by the log: what the reads of `core.protocols.Reading` that two clocks ask for mean."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Operation
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

    def number_at(self, moment: datetime, *, wall: Wall, scope: Granted[Scope]) -> int:
        """See `Reading.number_at`."""
        check_visible(wall, scope.value)
        log = self._all.logs.get(wall, [])
        return max((one.number for one in log if one.recorded_at <= moment), default=0)
