"""Encoding what waits: texts become vectors, which are rows of the truth, and part events where they surprise.

Encoding happens outside every lock; only the finished vectors are written, and the events around them in the same
transaction. Interrupted at any point, what is missing still waits and is encoded the next time.
"""

from collections.abc import Sequence

from lamina.core.errors import DamagedFile
from lamina.core.grant import Granted
from lamina.core.protocols import Encoder, Store
from lamina.core.records import Vector
from lamina.core.reports import Progress
from lamina.core.rows import Waiting
from lamina.core.scope import Scope, Wall
from lamina.core.time import Clock
from lamina.encode.dense import embed_waiting
from lamina.encode.tokens import most_bytes, token_identity
from lamina.flows.cutting import Rules
from lamina.flows.events import cut_around, note_walls
from lamina.govern.access import grant

#: Texts per write transaction: a few seconds of encoding, so that a stop loses little.
BATCH_TEXTS = 128


def encode_waiting(
    store: Store,
    encoder: Encoder,
    *,
    scope: Granted[Scope],
    rules: Rules,
    clock: Clock,
    on_progress: Progress | None = None,
) -> int:
    """Encode everything that waits in the walls that `scope` sees, and give how many texts that were.

    Raises:
        DamagedFile: the file does not take the vectors of a text.
        StoreBusy, StoreReadOnly, StoreFull: it cannot be written; what is encoded by then is kept.
    """
    with store.read() as reading:
        total = sum(end.waiting for end in reading.ends(scope=scope).values())
    done = 0
    former: list[Waiting] = []
    while True:
        with store.read() as reading:
            batch = reading.waiting(scope=scope, limit=BATCH_TEXTS)
        if not batch:
            return done
        check_another(batch, former)
        former = batch
        keep(store, encoder, embed_waiting(batch, encoder), rules=rules, clock=clock)
        done += len(batch)
        if on_progress is not None:
            on_progress(min(done, total), max(done, total))


def check_another(batch: Sequence[Waiting], former: Sequence[Waiting]) -> None:
    """Refuse to encode the same texts again, which would never end.

    Raises:
        DamagedFile: their vectors were to be stored, and they wait still.
    """
    if batch == former:
        first = batch[0]
        raise DamagedFile(
            f"the file does not take the vectors of {len(batch)} texts, the first of them {first.record_id} revision "
            f"{first.revision}; run `lamina verify FILE`, which says what is damaged"
        )


def keep(
    store: Store, encoder: Encoder, vectors: Sequence[Vector], *, rules: Rules, clock: Clock, may_wait: bool = True
) -> None:
    """Write vectors, and part events anew around them; vectors that another process wrote meanwhile are left out.

    Raises:
        StoreBusy: the file stayed locked, or is locked where it `may_wait` not.
        StoreReadOnly, StoreFull: it cannot be written.
    """
    with store.write(may_wait=may_wait) as writing:
        touched = writing.put_vectors(encoder.identity, vectors, tokens=token_identity(encoder))
        if rules.cutting is not None:
            cut_around(writing, touched, rules=rules, now=clock.now())
        note_walls(writing, {one.scope.wall for one in touched}, rules=rules)


def untold_texts(store: Store, encoder: Encoder, walls: Sequence[Wall]) -> list[tuple[Wall, list[int]]]:
    """Give the operations whose texts were encoded without token vectors, or keep more than is kept now, in batches.

    None where the encoder gives no token vectors.
    """
    tokens = token_identity(encoder)
    if tokens is None:
        return []
    batches: list[tuple[Wall, list[int]]] = []
    with store.read() as reading:
        for wall in walls:
            numbers = reading.untold(tokens, wall=wall, scope=grant(Scope.of(wall)), most_bytes=most_bytes(tokens))
            batches += [(wall, numbers[first : first + BATCH_TEXTS]) for first in range(0, len(numbers), BATCH_TEXTS)]
    return batches


def encode_untold(store: Store, encoder: Encoder, wall: Wall, numbers: Sequence[int]) -> int:
    """Encode the texts of a batch for their token vectors, and give how many; their vectors stay as they are.

    Raises:
        StoreBusy: the file stayed locked.
        StoreReadOnly, StoreFull: it cannot be written.
    """
    with store.read() as reading:
        texts = reading.texts_made_by(numbers, wall=wall, scope=grant(Scope.of(wall)))
    vectors = embed_waiting(texts, encoder)
    with store.write() as writing:
        writing.put_vectors(encoder.identity, vectors, tokens=token_identity(encoder))
    return len(texts)
