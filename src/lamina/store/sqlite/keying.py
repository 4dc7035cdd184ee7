"""What a write transaction does with the keys of an encrypted file."""

from datetime import datetime

from lamina.core.directives import AuditEntry, Deed
from lamina.core.errors import InvalidArgument
from lamina.core.grant import Granted
from lamina.core.scope import Scope
from lamina.store.sqlite.sealing import Seals
from lamina.store.sqlite.writing import SqliteWriting


class SqliteKeying(SqliteWriting):
    """Changes of keys, whose former bytes go from the file when it is scrubbed."""

    def destroy_key(self, *, wall: Granted[Scope], now: datetime) -> bool:
        """See `CarriedWriting.destroy_key`."""
        named, seals = wall.value.wall, self._seals()
        if seals.destroy(named.tenant, named.user):
            self._run("let_bytes_go")
            self.note(AuditEntry(deed=Deed.KEY_DESTROYED, wall=named, recorded_at=now))
        return seals.has_lost(named.tenant, named.user)

    def turn_key(self, mark: str) -> int:
        """Wrap every wall's key by the master key of that mark; gives how many."""
        count = self._seals().turn(mark)
        if self._run("last_commit").fetchone()[0]:
            self._run("let_bytes_go")
        return count

    def _seals(self) -> Seals:
        seals = self._connection.seals
        if seals is None:
            raise InvalidArgument("key", "is asked for, and the file is not encrypted", "open a file that is")
        return seals
