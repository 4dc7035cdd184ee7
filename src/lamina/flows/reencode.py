"""A change of encoder in place: every text gets a vector of another one, and then all are searched by these.

Until the last text has its new vector everybody searches by the former ones, which stay whole; then the file changes
over in one transaction, and the former go. Encoding happens outside every lock. Stopped anywhere, the same call again
goes on where it was.
"""

from collections.abc import Callable, Iterator

from lamina.core.grant import Granted
from lamina.core.protocols import Encoder, Store
from lamina.core.records import Vector
from lamina.core.reports import Progress, Reencoding
from lamina.core.rows import Waiting
from lamina.core.scope import Administration, Scope, Wall
from lamina.encode.dense import embed_waiting
from lamina.encode.tokens import token_identity
from lamina.flows.encode import BATCH_TEXTS, check_another
from lamina.govern.access import grant

#: Former vectors that one transaction drops.
DROPPED_AT_ONCE = 4096


def reencode(
    store: Store,
    encoder: Encoder,
    *,
    scope: Granted[Administration],
    change_over: Callable[[], None],
    on_progress: Progress | None = None,
) -> Reencoding:
    """Give every text that has a vector one of `encoder`, and search by these; `change_over` is called when that is so.

    Raises:
        StoreReadOnly, StoreBusy, StoreFull: the file cannot be written; what is encoded by then is kept.
    """
    _drop_former(store, scope=scope)
    with store.read() as reading:
        former = reading.encoder()
    identity, tokens = encoder.identity, token_identity(encoder)
    is_same = former is None or (former.model, former.width) == (identity.model, identity.width)
    texts = 0
    if not is_same:
        with store.write() as writing:
            lacking = writing.begin_encoder(identity, tokens=tokens, scope=scope)
        _drop_former(store, scope=scope)
        total = sum(lacking.values())
        for wall in lacking:
            for count in _encoded(store, encoder, wall):
                texts += count
                if on_progress is not None:
                    on_progress(texts, max(total, texts))
        with store.write() as writing:
            writing.change_encoder(identity, tokens=tokens, scope=scope)
            for wall in writing.walls(scope=scope):
                # Its events were cut by vectors that are going.
                writing.note_rules("", wall=grant(Scope.of(wall)))
    elif former is not None:
        # Back to the encoder that is searched by: what was to come is not wanted any more.
        with store.write() as writing:
            writing.begin_encoder(identity, tokens=tokens, scope=scope)
    change_over()
    return Reencoding(
        former=None if is_same else former, encoder=identity, texts=texts, dropped=_drop_former(store, scope=scope)
    )


def _encoded(store: Store, encoder: Encoder, wall: Wall) -> Iterator[int]:
    """Encode the texts of a wall, a batch a transaction, and give how many each were."""
    identity, tokens, within = encoder.identity, token_identity(encoder), grant(Scope.of(wall))
    vectors: list[Vector] = []
    former: list[Waiting] = []
    while True:
        with store.write() as writing:
            writing.put_coming(identity, vectors, tokens=tokens)
            batch = writing.unready(identity, wall=within, limit=BATCH_TEXTS)
        if not batch:
            return
        check_another(batch, former)
        former, vectors = batch, embed_waiting(batch, encoder)
        yield len(batch)


def _drop_former(store: Store, *, scope: Granted[Administration]) -> int:
    """Drop the vectors that nothing is searched by any more, a piece a transaction."""
    dropped = 0
    while True:
        with store.write() as writing:
            some = writing.drop_former(limit=DROPPED_AT_ONCE, scope=scope)
        if not some:
            return dropped
        dropped += some
