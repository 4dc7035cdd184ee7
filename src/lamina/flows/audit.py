"""Noting in the audit trail of a wall that it was carried out of the file, and what became of its snapshots."""

from datetime import datetime

from lamina.core.directives import AuditEntry, Deed
from lamina.core.grant import Granted
from lamina.core.protocols import Store
from lamina.core.scope import Administration, Wall
from lamina.core.snapshots import Snapshot


def note_export(store: Store, wall: Wall | None, *, scope: Granted[Administration], now: datetime) -> None:
    """Note an export of a wall, or of all (None); a file that is open for reading only keeps no trail of it."""
    if store.is_read_only:
        return
    with store.write() as writing:
        for exported in writing.walls(scope=scope) if wall is None else (wall,):
            writing.note(AuditEntry(deed=Deed.EXPORTED, wall=exported, recorded_at=now))


def of_snapshot(deed: Deed, snapshot: Snapshot, wall: Wall, now: datetime) -> AuditEntry:
    """Give what the trail tells of a snapshot: the commit that it names, and no word of its name."""
    return AuditEntry(deed=deed, wall=wall, recorded_at=now, commit=snapshot.commit)
