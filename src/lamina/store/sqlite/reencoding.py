"""A change of encoder, on a file: vectors of another one beside those that are searched, and then in their place."""

from collections.abc import Sequence

from lamina.core.grant import Granted
from lamina.core.protocols import EncoderId
from lamina.core.records import Vector
from lamina.core.rows import Waiting
from lamina.core.scope import Administration, Scope, Wall
from lamina.store.sqlite.asked import check_administration, numbers_listed
from lamina.store.sqlite.rows import waiting_from
from lamina.store.sqlite.writing import SqliteWriting


class SqliteReencoding(SqliteWriting):
    """Everything that a write transaction can do."""

    def begin_encoder(
        self, encoder: EncoderId, *, tokens: EncoderId | None, scope: Granted[Administration]
    ) -> dict[Wall, int]:
        """See `Writing.begin_encoder`."""
        check_administration(scope)
        self._run("abandon_encoders", kept=self._coming(encoder, tokens))
        return {Wall(*wall): count for *wall, count in self._run("count_unready", **self._searched(encoder))}

    def unready(self, encoder: EncoderId, *, wall: Granted[Scope], limit: int) -> list[Waiting]:
        """See `Writing.unready`."""
        rows = self._run("unready", wall_id=self._wall_id(wall.value.wall), limit=limit, **self._searched(encoder))
        return [waiting_from(row, wall.value.wall) for row in rows]

    def put_coming(self, encoder: EncoderId, vectors: Sequence[Vector], *, tokens: EncoderId | None) -> None:
        """See `Writing.put_coming`."""
        self._coming(encoder, tokens)
        encoder_id = self._encoder_id(encoder)
        there: dict[tuple[str, int], bool] = {}
        for vector in vectors:
            row = self._run("content_of_revision", id=vector.record_id, revision=vector.revision).fetchone()
            if row is None:
                continue
            content_id, wall_id, _, number = row[:4]
            key = (vector.record_id, vector.revision)
            if key not in there:
                held = self._run("has_vectors", content_id=content_id, encoder_id=encoder_id).fetchone()
                there[key] = bool(held[0])
            if not there[key]:
                self._put_vector(vector, encoder_id, wall_id=wall_id, content_id=content_id)
                self._put_tokens(vector, tokens, wall_id=wall_id, content_id=content_id, number=number)

    def change_encoder(self, encoder: EncoderId, *, tokens: EncoderId | None, scope: Granted[Administration]) -> None:
        """See `Writing.change_encoder`."""
        check_administration(scope)
        searched, kept = self._searched(encoder), self._coming(encoder, tokens)
        for wall in self.walls(scope=scope):
            wall_id = self._wall_id(wall)
            self._run("wait_again", wall_id=wall_id, **searched)
            self._run("begin_epoch", wall_id=wall_id)
            self._run("drop_segments", wall_id=wall_id)
        self._run("change_encoder", kept=kept)

    def drop_former(self, *, limit: int, scope: Granted[Administration]) -> int:
        """See `Writing.drop_former`."""
        check_administration(scope)
        rows = self._run("former_vectors", limit=limit).fetchall()
        for wall_id in {row[2] for row in rows}:
            numbers = [number for _, number, wall in rows if wall == wall_id]
            self._run("drop_former_tokens", wall_id=wall_id, numbers=numbers_listed(numbers))
        self._run("drop_former_vectors", numbers=numbers_listed(row[0] for row in rows))
        if not rows:
            self._run("drop_left_tokens")
            self._run("drop_former_encoders")
        return len(rows)

    def _coming(self, encoder: EncoderId, tokens: EncoderId | None) -> str:
        """Give the ids of what is to come, as JSON; what is not there yet is added, the encoder before its tokens'."""
        ids = []
        for one in (encoder, tokens):
            if one is not None:
                self._run("add_coming_encoder", name=one.name, model=one.model, width=one.width)
                ids.append(self._encoder_id(one))
        return str(ids)

    def _searched(self, encoder: EncoderId) -> dict[str, int | None]:
        """Give the ids of the encoder that is searched by, and of the one that is to come."""
        current = self.encoder()
        return {
            "former_id": None if current is None else self._encoder_id(current),
            "encoder_id": self._encoder_id(encoder),
        }
