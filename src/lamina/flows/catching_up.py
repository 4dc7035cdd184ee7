"""Catching up: what lacks a vector is encoded by the read that finds it, up to a bound.

Where nobody else writes the file, the vectors go into it, with the events that they part, and the read looks again.
Beside somebody who does they stay in memory for a while, and the read answers from the state that it has seen already.
"""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from lamina.core.errors import EncoderMismatch, StoreBusy, StoreError, StoreFull, StoreReadOnly
from lamina.core.protocols import Encoder, Store
from lamina.core.records import Vector
from lamina.core.rows import Waiting
from lamina.core.scope import Scope
from lamina.core.time import Clock
from lamina.encode.dense import embed_waiting
from lamina.flows.cutting import Rules
from lamina.flows.desk import Desk
from lamina.flows.encode import keep
from lamina.flows.indexes import Sight
from lamina.flows.unwritten import Unwritten
from lamina.govern.access import grant

#: About what one vector stands for: a read that may encode so many texts encodes as many spans of long ones.
CHARACTERS_A_SPAN = 1000


def lacking_in(desk: Desk, sight: Sight) -> list[Waiting]:
    """Give the texts that have no vector yet, own wall first, up to the bound."""
    rows = sight.union.lacking[: desk.encode_at_read]
    if not desk.recipe.uses_dense or not len(rows):
        return []
    numbers = sight.union.column("number")[rows]
    walls = sight.union.walls(rows)
    found = [
        item
        for place, wall in enumerate(sight.walls)
        for item in sight.reading.texts_made_by(
            numbers[walls == place].tolist(), wall=wall, scope=grant(Scope.of(wall))
        )
    ]
    spans = np.cumsum([1 + len(item.text) // CHARACTERS_A_SPAN for item in found])
    return found[: max(int(np.searchsorted(spans, desk.encode_at_read, side="right")), 1)]


def encode_lacking(desk: Desk, lacking: Sequence[Waiting]) -> tuple[str, ...]:
    """Encode texts and keep the vectors; where the file cannot be written now, in memory. Nobody waits for a writer.

    Gives remarks on what could not be kept.
    """
    indexes, vectors = desk.indexes, _encoded(desk, lacking)
    try:
        with indexes.unwritten.taken() as before:
            new = [*before, *vectors]
            keep(desk.store, desk.encoder, new, rules=desk.rules, clock=desk.clock, may_wait=False)
    except (StoreReadOnly, StoreBusy, StoreFull) as error:
        indexes.keep(lacking, vectors)
        # In memory nobody else is, and whoever encoded in a transaction would keep the only connection.
        if isinstance(error, StoreBusy) and desk.store.file_mark():
            indexes.unwritten.put_off()
        return (f"new vectors could not be kept: {error}",) if isinstance(error, StoreFull) else ()
    return ()


def held_at_once(desk: Desk, sight: Sight, lacking: Sequence[Waiting]) -> Sight | None:
    """Encode texts, hold the vectors in memory, and give what a read sees with them, in the transaction that it has.

    None where somebody else is at an index of it; they are kept all the same, and the read looks again.
    """
    return desk.indexes.seen_with(sight, lacking, _encoded(desk, lacking))


def write_held(unwritten: Unwritten, store: Store, encoder: Encoder, *, rules: Rules, clock: Clock) -> None:
    """Write what waits in memory, where nobody else writes; what cannot be written now, the next reads encode."""
    if len(unwritten) and not store.is_read_only:
        with suppress(StoreError, EncoderMismatch), unwritten.taken() as vectors:
            keep(store, encoder, vectors, rules=rules, clock=clock, may_wait=False)


def _encoded(desk: Desk, lacking: Sequence[Waiting]) -> list[Vector]:
    known = desk.indexes.unwritten.known(lacking)
    vectors = embed_waiting([item for item in lacking if (item.record_id, item.revision) not in known], desk.encoder)
    return vectors + [vector for spans in known.values() for vector in spans]
