"""What a file knows of the sources of messages that it took in, as it is written."""

from lamina.core.errors import InvalidArgument, NotFound
from lamina.core.grant import Granted
from lamina.core.imports import Import, Piece
from lamina.core.scope import Scope, Wall
from lamina.store.sqlite.writing import SqliteWriting


class SqliteImporting(SqliteWriting):
    """Writes of `core.protocols.Writing` about imports."""

    def put_import(self, source: Import, *, scope: Granted[Scope]) -> int:
        """See `Writing.put_import`."""
        how = {"name": source.name, "zone": source.zone, "day_first": source.day_first}
        if source.id:
            self._count_pieces(source.id, scope.value.wall)
            self._run("rename_import", import_id=source.id, wall_id=self._end(scope.value.wall).wall_id, **how)
            return source.id
        wall_id = self._end(scope.value.wall).wall_id
        if wall_id is None:
            raise NotFound(str(scope.value.wall))
        agent, run = scope.value.agent, scope.value.run
        return self._insert("add_import", wall_id=wall_id, agent=agent, run=run, session=source.session, **how)

    def put_piece(self, import_id: int, piece: Piece, *, ordinal: int, scope: Granted[Scope]) -> None:
        """See `Writing.put_piece`."""
        there = self._count_pieces(import_id, scope.value.wall)
        if ordinal != there:
            raise InvalidArgument("ordinal", f"is {ordinal}, where {there} comes next", "read the import again")
        wall_id = self._end(scope.value.wall).wall_id
        self._run("add_piece", import_id=import_id, ordinal=ordinal, wall_id=wall_id, **piece._asdict())

    def drop_pieces(self, import_id: int, *, ordinal: int, scope: Granted[Scope]) -> int:
        """See `Writing.drop_pieces`."""
        self._count_pieces(import_id, scope.value.wall)
        self._run("drop_pieces", import_id=import_id, ordinal=ordinal)
        return int(self._connection.changes())

    def _count_pieces(self, import_id: int, wall: Wall) -> int:
        row = self._run("count_pieces", import_id=import_id, wall_id=self._end(wall).wall_id).fetchone()
        if row is None:
            raise NotFound(str(import_id))
        return int(row[0])
