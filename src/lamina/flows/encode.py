"""Encoding what waits: texts become vectors, which are rows of the truth, and part events where they surprise.

Encoding happens outside every lock; only the finished vectors are written, and the events around them in the same
transaction. Interrupted at any point, what is missing still waits and is encoded the next time.
"""

from collections.abc import Sequence

from lamina.core.grant import Granted
from lamina.core.protocols import Encoder, Store
from lamina.core.records import Vector
from lamina.core.reports import Progress
from lamina.core.scope import Scope
from lamina.core.time import Clock
from lamina.encode.dense import embed_waiting
from lamina.encode.tokens import token_identity
from lamina.flows.cutting import Rules
from lamina.flows.events import cut_around, note_walls

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
    """Encode everything that waits in the walls that `scope` sees, and give how many texts that were."""
    with store.read() as reading:
        total = sum(end.waiting for end in reading.ends(scope=scope).values())
    done = 0
    while True:
        with store.read() as reading:
            batch = reading.waiting(scope=scope, limit=BATCH_TEXTS)
        if not batch:
            return done
        keep(store, encoder, embed_waiting(batch, encoder), rules=rules, clock=clock)
        done += len(batch)
        if on_progress is not None:
            on_progress(min(done, total), max(done, total))


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
