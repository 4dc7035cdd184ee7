"""A change of encoder, as the reference does it."""

from collections.abc import Sequence
from itertools import groupby

from lamina.core.grant import Granted
from lamina.core.protocols import EncoderId
from lamina.core.records import Vector
from lamina.core.rows import Waiting
from lamina.core.scope import Administration, Scope, Wall
from lamina.store.reference.everything import key_of, model_of
from lamina.store.reference.reading import waiting_of
from lamina.store.reference.whole import check_administration
from lamina.store.reference.writing import ReferenceWriting


class ReferenceReencoding(ReferenceWriting):
    """Everything that a write transaction can do."""

    def begin_encoder(
        self, encoder: EncoderId, *, tokens: EncoderId | None, scope: Granted[Administration]
    ) -> dict[Wall, int]:
        """See `Writing.begin_encoder`."""
        check_administration(scope)
        del tokens
        if self._all.coming_encoder is not None and model_of(self._all.coming_encoder) != model_of(encoder):
            self._all.former += sum(map(len, self._all.coming.values()))
            self._all.coming = {}
        self._all.coming_encoder = encoder
        counts = {wall: len(self._unready(wall)) for wall in self._all.logs}
        return {wall: count for wall, count in counts.items() if count}

    def unready(self, encoder: EncoderId, *, wall: Granted[Scope], limit: int) -> list[Waiting]:
        """See `Writing.unready`."""
        del encoder
        return self._unready(wall.value.wall)[:limit]

    def put_coming(self, encoder: EncoderId, vectors: Sequence[Vector], *, tokens: EncoderId | None) -> None:
        """See `Writing.put_coming`."""
        self._all.coming_encoder = encoder
        there = {(record.id, record.revision) for wall in self._all.logs for record in self._revisions_of(wall)}
        for key, spans in groupby(vectors, key=key_of):
            if key in there and key not in self._all.coming:
                self._all.coming[key] = [(vector, tokens) for vector in spans]

    def change_encoder(self, encoder: EncoderId, *, tokens: EncoderId | None, scope: Granted[Administration]) -> None:
        """See `Writing.change_encoder`."""
        check_administration(scope)
        del tokens
        self._all.former += len(self._all.vectors)
        fresh = [pair for spans in self._all.coming.values() for pair in spans]
        numbered = dict(enumerate(fresh, start=self._all.vector_number + 1))
        self._all.vectors = {number: vector for number, (vector, _) in numbered.items()}
        self._all.token_encoders = {number: whose for number, (_, whose) in numbered.items() if whose is not None}
        self._all.vector_number += len(fresh)
        self._all.encoder, self._all.coming_encoder, self._all.coming = encoder, None, {}
        for wall in self._all.logs:
            self._all.begin_epoch(wall)

    def drop_former(self, *, limit: int, scope: Granted[Administration]) -> int:
        """See `Writing.drop_former`."""
        check_administration(scope)
        dropped = min(limit, self._all.former)
        self._all.former -= dropped
        return dropped

    def _unready(self, wall: Wall) -> list[Waiting]:
        have = {key_of(vector) for vector in self._all.vectors.values()} - self._all.coming.keys()
        found = [record for record in self._revisions_of(wall) if (record.id, record.revision) in have]
        return [waiting_of(record) for record in found]
