"""What a file knows of the sources of messages that it took in, as it is written.

Its wall has a checksum of all of it, which is changed with each part that comes or goes.
"""

from collections.abc import Sequence

from lamina.core.errors import InvalidArgument, NotFound
from lamina.core.grant import Granted
from lamina.core.imports import Import, Piece
from lamina.core.scope import Scope, Wall
from lamina.store.sqlite.writing import SqliteWriting

#: The ordinal at which the row of an import stands in its checksum, before its pieces; and one after all of them.
_ROW, _ALL = -1, (1 << 63) - 1


class SqliteImporting(SqliteWriting):
    """Writes of `core.protocols.Writing` about imports."""

    def put_import(self, source: Import, *, scope: Granted[Scope]) -> int:
        """See `Writing.put_import`."""
        wall_id = self._end(scope.value.wall).wall_id
        how = {"name": source.name, "zone": source.zone, "day_first": source.day_first}
        if source.id:
            self._count_pieces(source.id, scope.value.wall)
            self._sum_up("discount_import", source.id, wall_id, last=_ROW)
            self._run("rename_import", import_id=source.id, wall_id=wall_id, **how)
            self._sum_up("count_import", source.id, wall_id, last=_ROW)
            return source.id
        if wall_id is None:
            raise NotFound(str(scope.value.wall))
        agent, run = scope.value.agent, scope.value.run
        made = self._insert("add_import", wall_id=wall_id, agent=agent, run=run, session=source.session, **how)
        self._sum_up("count_import", made, wall_id, last=_ROW)
        return made

    def put_piece(self, import_id: int, piece: Piece, *, ordinal: int, scope: Granted[Scope]) -> None:
        """See `Writing.put_piece`."""
        there = self._count_pieces(import_id, scope.value.wall)
        if ordinal != there:
            raise InvalidArgument("ordinal", f"is {ordinal}, where {there} comes next", "read the import again")
        wall_id = self._end(scope.value.wall).wall_id
        self._run("add_piece", import_id=import_id, ordinal=ordinal, wall_id=wall_id, **piece._asdict())
        self._sum_up("count_import", import_id, wall_id, first=ordinal)

    def drop_pieces(self, import_id: int, *, ordinal: int, scope: Granted[Scope]) -> int:
        """See `Writing.drop_pieces`."""
        self._count_pieces(import_id, scope.value.wall)
        self._sum_up("discount_import", import_id, self._end(scope.value.wall).wall_id, first=ordinal)
        self._run("drop_pieces", import_id=import_id, ordinal=ordinal)
        return int(self._connection.changes())

    def let_go(self, record_ids: Sequence[str], *, wall: Granted[Scope]) -> None:
        """See `Writing.let_go`."""
        super().let_go(record_ids, wall=wall)
        own = self._wall_id(wall.value.wall)
        for (import_id,) in self._run("hollow_imports", own=own).fetchall():
            self._sum_up("discount_import", import_id, own)
            self._run("drop_pieces", import_id=import_id, ordinal=0)
            self._run("drop_import", import_id=import_id)

    def _sum_up(
        self, statement: str, import_id: int, wall_id: int | None, *, first: int = _ROW, last: int = _ALL
    ) -> None:
        """Count what is known of an import, from one piece to another, into the checksum of its wall, or out of it."""
        self._run(statement, import_id=import_id, wall_id=wall_id, first=first, last=last)

    def _count_pieces(self, import_id: int, wall: Wall) -> int:
        row = self._run("count_pieces", import_id=import_id, wall_id=self._end(wall).wall_id).fetchone()
        if row is None:
            raise NotFound(str(import_id))
        return int(row[0])
