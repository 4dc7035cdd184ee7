"""Which revision comes next: after one was taken back, the active one is not the last."""

from dataclasses import replace

from lamina.core.grant import Granted
from lamina.core.protocols import Reading
from lamina.core.records import Record
from lamina.core.scope import Scope
from lamina.govern.access import grant


def numbered_next(reading: Reading, record: Record, *, scope: Granted[Scope]) -> Record:
    """Give `record` as the revision that follows all that there are of it."""
    return replace(record, revision=reading.revisions(record.id, scope=grant(scope.value))[-1].revision + 1)
