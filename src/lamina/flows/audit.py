"""Noting that walls were carried out of the file, in the audit trail of each."""

from datetime import datetime

from lamina.core.directives import AuditEntry, Deed
from lamina.core.grant import Granted
from lamina.core.protocols import Store
from lamina.core.scope import Administration, Wall


def note_export(store: Store, wall: Wall | None, *, scope: Granted[Administration], now: datetime) -> None:
    """Note an export of a wall, or of all (None); a file that is open for reading only keeps no trail of it."""
    if store.is_read_only:
        return
    with store.write() as writing:
        for exported in writing.walls(scope=scope) if wall is None else (wall,):
            writing.note(AuditEntry(deed=Deed.EXPORTED, wall=exported, recorded_at=now))
