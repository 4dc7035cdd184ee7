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
from lamina.core.protocols import Encoder, Reading, Store, TokenCounter, Waiting
from lamina.core.query import Context, Hit, Hits, Query
from lamina.core.records import Record
from lamina.core.scope import Scope
from lamina.core.time import Clock
from lamina.encode.dense import embed_waiting
from lamina.flows.cutting import Rules
from lamina.flows.encode import keep
from lamina.flows.indexes import Indexes, Sight
from lamina.flows.scoring import Rows, Scored, score
from lamina.govern.access import grant
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
    rules: Rules
    clock: Clock
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
    scored: Scored

    @property
    def confidence(self) -> float:
        """Whether the memory seems to hold the answer: see `recall.confidence`."""
        places = self.scored.best(CANDIDATES)
        dense = self.scored.signals.dense[places]
        known = np.where(dense == self.scored.signals.absent, np.nan, dense)
        return confidence(coverage(*self.scored.coverages(places)), known)


def search(desk: Desk, query: Query, *, scope: Granted[Scope]) -> Hits:
    """Rank what `scope` sees by how well it answers `query`."""
    return _find(desk, query, scope=scope).hits


def recall(desk: Desk, query: Query, packing: Packing, *, scope: Granted[Scope]) -> Context:
    """Pack the evidence that answers `query`, or abstain."""
    found = _find(desk, query, scope=scope)
    sureness = found.confidence
    notes, pending = found.hits.notes, found.hits.pending
    if packing.may_abstain and abstains(sureness):
        return abstention(
            found.hits,
            budget_tokens=packing.budget_tokens,
            confidence=sureness,
            reason=reason(sureness),
            notes=notes,
            pending=pending,
        )
    return pack(
        found.hits,
        budget_tokens=packing.budget_tokens,
        count_tokens=packing.count_tokens,
        confidence=sureness,
        notes=(*notes, UNCALIBRATED),
        pending=pending,
    )


def _find(desk: Desk, query: Query, *, scope: Granted[Scope]) -> Found:
    vector = np.asarray(desk.encoder.encode([query.text]))[0] if desk.recipe.uses_dense else None
    found: Found | None = None
    notes: tuple[str, ...] = ()
    with desk.indexes.sight(desk.store, scope=scope) as sight:
        lacking = _lacking(desk, sight)
        if not lacking:
            found = _ranked(desk, query, sight, vector=vector, scope=scope)
    if found is None:
        # Outside the transaction, which would hold up nobody, but would not see what is encoded.
        notes = _encode(desk, lacking)
        with desk.indexes.sight(desk.store, scope=scope) as sight:
            found = _ranked(desk, query, sight, vector=vector, scope=scope)
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
    scored = score(query, scope.value, sight.union, recipe=desk.recipe, vector=vector, limit=limit)
    hits = _hits(scored, scored.best(limit), sight, scope=scope)
    if not is_plain:
        hits = _containers(hits, query, sight.reading, scope=scope)
    pending = len(sight.union.lacking) if desk.recipe.uses_dense else 0
    return Found(hits=Hits(tuple(hits[: query.limit]), sight.notes, pending), scored=scored)


def _lacking(desk: Desk, sight: Sight) -> list[Waiting]:
    """Give the texts that have no vector yet, own wall first, up to the bound."""
    rows = sight.union.lacking[: desk.encode_at_read]
    if not desk.recipe.uses_dense or not len(rows):
        return []
    numbers = sight.union.column("number")[rows]
    walls = sight.union.walls(rows)
    return [
        Waiting(
            record_id=record.id,
            revision=record.revision,
            wall=wall,
            number=record.number,
            speaker=record.speaker,
            text=record.text,
        )
        for place, wall in enumerate(sight.walls)
        for record in sight.reading.made_by(
            numbers[walls == place].tolist(), wall=wall, scope=grant(Scope.of(wall))
        ).values()
    ]


def _encode(desk: Desk, lacking: Sequence[Waiting]) -> tuple[str, ...]:
    """Encode texts and keep the vectors; where the file cannot be written now, in memory. Nobody waits for a writer."""
    vectors = embed_waiting(lacking, desk.encoder)
    try:
        new = [*desk.indexes.unwritten, *vectors]
        keep(desk.store, desk.encoder, new, rules=desk.rules, clock=desk.clock, may_wait=False)
    except (StoreReadOnly, StoreBusy, StoreFull) as error:
        desk.indexes.keep(lacking, vectors, may_write_later=not isinstance(error, StoreReadOnly))
        return (f"new vectors could not be kept: {error}",) if isinstance(error, StoreFull) else ()
    desk.indexes.unwritten = ()
    return ()


def _hits(scored: Scored, places: Rows, sight: Sight, *, scope: Granted[Scope]) -> list[Hit]:
    rows = scored.rows[places]
    keys = list(zip(scored.union.walls(rows).tolist(), scored.union.column("number")[rows].tolist(), strict=True))
    records: dict[tuple[int, int], Record] = {}
    for place, wall in enumerate(sight.walls):
        asked = [number for other, number in keys if other == place]
        if asked:
            found = sight.reading.made_by(asked, wall=wall, scope=scope)
            records |= {(place, number): record for number, record in found.items()}
    scores = scored.scores[places].tolist()
    return [
        Hit(record=records[key], score=mark, via=ways, span=scored.best_span(place))
        for place, key, mark, ways in zip(places.tolist(), keys, scores, scored.ways(places), strict=True)
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
