"""Recalling: a question becomes ranked hits, or a context packed under a budget, or the word that it is not known.

What waits for a vector is encoded first, up to a bound; the answer says how much still lacks one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lamina.core.errors import StoreBusy, StoreFull, StoreReadOnly
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.protocols import Encoder, Reading, Store, TokenCounter
from lamina.core.query import Context, Hit, Hits, Query
from lamina.core.records import Record
from lamina.core.scope import Scope, Wall
from lamina.encode.dense import embed_waiting
from lamina.flows.encode import keep
from lamina.flows.indexes import MOST_NEW, Indexes, Sight
from lamina.flows.scoring import Rows, Scored, score
from lamina.pack.budget import abstention, pack
from lamina.recall.confidence import abstains, confidence, coverage, reason
from lamina.recipes.recipe import Recipe

#: How many hits `recall` packs from.
CANDIDATES = 100
#: How many observations are looked at for one container (event, document) that is asked for.
PER_CONTAINER = 20
UNCALIBRATED = "confidence is uncalibrated: it orders questions, and is no probability"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The parts that reading works with."""

    store: Store
    indexes: Indexes
    encoder: Encoder
    recipe: Recipe
    encode_at_read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """How `recall` packs."""

    budget_tokens: int
    may_abstain: bool
    count_tokens: TokenCounter


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Hits, and what `recall` asks of them beside."""

    hits: Hits
    confidence: float


def search(desk: Desk, query: Query, *, scope: Granted[Scope]) -> Hits:
    """Rank what `scope` sees by how well it answers `query`."""
    return _find(desk, query, scope=scope).hits


def recall(desk: Desk, query: Query, packing: Packing, *, scope: Granted[Scope]) -> Context:
    """Pack the evidence that answers `query`, or abstain."""
    found = _find(desk, query, scope=scope)
    notes, pending = found.hits.notes, found.hits.pending
    if packing.may_abstain and abstains(found.confidence):
        return abstention(
            found.hits,
            budget_tokens=packing.budget_tokens,
            confidence=found.confidence,
            reason=reason(found.confidence),
            notes=notes,
            pending=pending,
        )
    return pack(
        found.hits,
        budget_tokens=packing.budget_tokens,
        count_tokens=packing.count_tokens,
        confidence=found.confidence,
        notes=(*notes, UNCALIBRATED),
        pending=pending,
    )


def _find(desk: Desk, query: Query, *, scope: Granted[Scope]) -> Found:
    vector = np.asarray(desk.encoder.encode([query.text]))[0] if desk.recipe.uses_dense else None
    found: Found | None = None
    notes: tuple[str, ...] = ()
    with desk.indexes.sight(desk.store, scope=scope, filters=query.filters) as sight:
        if not desk.encode_at_read or not _pending(desk, sight.reading, scope=scope):
            found = _ranked(desk, query, sight, vector=vector, scope=scope)
    if found is None:
        # Outside the transaction, which would hold up nobody, but would not see what is encoded.
        notes = _encode_some(desk, scope=scope)
        with desk.indexes.sight(desk.store, scope=scope, filters=query.filters) as sight:
            found = _ranked(desk, query, sight, vector=vector, scope=scope)
    desk.indexes.publish(desk.store, walls=scope.value.visible_walls, least=MOST_NEW)
    if found.hits.pending:
        notes += (
            f"{found.hits.pending} texts have no vector yet and were found by their words alone; "
            "`flush()` encodes them",
        )
    return replace(found, hits=replace(found.hits, notes=notes + found.hits.notes))


def _ranked(
    desk: Desk, query: Query, sight: Sight, *, vector: NDArray[np.float32] | None, scope: Granted[Scope]
) -> Found:
    is_plain = query.kinds == (Kind.OBSERVATION,)
    limit = query.limit if is_plain else query.limit * PER_CONTAINER
    scored = score(query, scope.value, sight.views, recipe=desk.recipe, vector=vector, limit=limit)
    rows = scored.best(limit)
    hits = _hits(scored, rows, sight.reading, scope=scope)
    if not is_plain:
        hits = _containers(hits, query, sight.reading, scope=scope)
    pending = _pending(desk, sight.reading, scope=scope)
    return Found(
        hits=Hits(tuple(hits[: query.limit]), sight.notes, pending),
        confidence=_confidence(scored, rows[scored.found[rows]][:CANDIDATES]),
    )


def _encode_some(desk: Desk, *, scope: Granted[Scope]) -> tuple[str, ...]:
    """Encode what waits, up to the bound; where the file cannot be written, keep the vectors in memory."""
    with desk.store.read() as reading:
        waiting = reading.waiting(scope=scope, limit=desk.encode_at_read)
    if not waiting:
        return ()
    lacking = desk.indexes.lacking(waiting)
    vectors = embed_waiting(lacking, desk.encoder)
    try:
        keep(desk.store, desk.encoder, vectors)
    except (StoreReadOnly, StoreBusy, StoreFull) as error:
        with desk.indexes.sight(desk.store, scope=scope):
            desk.indexes.keep(lacking, vectors)
        return () if isinstance(error, StoreReadOnly) else (f"new vectors could not be kept: {error}",)
    return ()


def _pending(desk: Desk, reading: Reading, *, scope: Granted[Scope]) -> int:
    count = reading.waiting_count(scope=scope) if desk.recipe.uses_dense else 0
    if not count:
        return 0
    return len(desk.indexes.lacking(reading.waiting(scope=scope, limit=count)))


def _hits(scored: Scored, rows: Rows, reading: Reading, *, scope: Granted[Scope]) -> list[Hit]:
    keys = [scored.key(int(row)) for row in rows]
    records: dict[tuple[Wall, int], Record] = {}
    for wall in dict.fromkeys(wall for wall, _ in keys):
        found = reading.made_by([number for place, number in keys if place == wall], wall=wall, scope=scope)
        records |= {(wall, number): record for number, record in found.items()}
    return [
        Hit(record=records[key], score=float(scored.scores[row]), via=ways, span=scored.best_span(int(row)))
        for row, key, ways in zip(rows, keys, scored.ways(rows), strict=True)
        if key in records
    ]


def _containers(hits: Sequence[Hit], query: Query, reading: Reading, *, scope: Granted[Scope]) -> list[Hit]:
    """Replace each hit by the containers of the asked kinds that it lies in, each at its best hit's place."""
    names = {hit.record.event_id for hit in hits} | {
        source.record_id for hit in hits for source in hit.record.provenance.sources
    }
    holders = reading.get([name for name in names if name is not None], scope=scope)
    placed: dict[str, Hit] = {}
    for hit in hits:
        for record in _kin(hit.record, holders):
            if record.kind in query.kinds and record.id not in placed:
                placed[record.id] = (
                    hit if record.id == hit.record.id else replace(hit, record=record, span=None, evidence=hit.record)
                )
    return list(placed.values())


def _kin(record: Record, holders: dict[str, Record]) -> list[Record]:
    names = [record.event_id, *(source.record_id for source in record.provenance.sources)]
    return [record, *(holders[name] for name in names if name in holders)]


def _confidence(scored: Scored, rows: Rows) -> float:
    weights, holds = scored.coverages(rows)
    dense = scored.signals.dense[rows]
    return confidence(coverage(weights, holds), np.where(dense == scored.signals.absent, np.nan, dense))
