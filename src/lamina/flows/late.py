"""Late interaction over the best rows: their token vectors are read from the store, a few hundred bytes each.

The best by everything else are the *heads*: the highest score among them is the measure of all, and their lengths say
how much it counts. They are those of all rows that the scope sees, so no filter and no limit moves a score. A row
whose token vectors are not there counts by what the rest says of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lamina.core.grant import Granted
from lamina.core.protocols import EncoderId, TokenRow
from lamina.core.scope import Scope
from lamina.core.token_encoder import TokenVectors
from lamina.encode.tokens import unpacked, word_terms
from lamina.flows.indexes import Sight
from lamina.flows.scored import LED, Floats, Matched, Rows, Scored, heads_of
from lamina.index.bm25 import idf
from lamina.recall.late import FUNCTION_WEIGHT, TAIL, AskedTokens, late_scores, length_share

#: So many rows' token vectors are held at once.
ROWS_AT_ONCE = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """Late interaction with one question: what it adds to any row's score."""

    asked: AskedTokens
    encoder: EncoderId
    sight: Sight
    scope: Granted[Scope]
    #: The best late score, and the best score by everything else, among the heads; and what the best one adds.
    best: float = 0.0
    best_score: float = 0.0
    weight: float = 0.0

    def measured(self, rows: Rows) -> tuple[Floats, NDArray[np.int64]]:
        """Give the late score of each of some rows, NaN where its token vectors are not there, and how many it has."""
        pieces = [self._measured(rows[first : first + ROWS_AT_ONCE]) for first in range(0, len(rows), ROWS_AT_ONCE)]
        scores, sizes = zip(*pieces, strict=True) if pieces else ((np.zeros(0),), (np.zeros(0, np.int64),))
        return np.concatenate(scores), np.concatenate(sizes)

    def shares(self, measured: Floats, scores: Floats) -> Floats:
        """Give late scores over the best one; where there is none, what the `scores` by everything else are."""
        others = np.maximum(scores, 0.0) / self.best_score if self.best_score > 0 else np.zeros(len(scores))
        return np.where(np.isnan(measured), others, measured / self.best)

    def points(self, rows: Rows, scores: Floats) -> Floats:
        """Give what is added to the scores of some rows."""
        return self.weight * self.shares(self.measured(rows)[0], scores)

    def _measured(self, rows: Rows) -> tuple[Floats, NDArray[np.int64]]:
        former = self.sight.union.sides[0][rows]
        every = np.unique(np.concatenate([rows, former[former >= 0]]))
        data = self._read(every)
        held = unpacked(b"".join(data), self.encoder.width)
        ends = np.cumsum([len(some) * 2 // self.encoder.width for some in data])
        begins = np.concatenate([[0], ends[:-1]])
        own, before = every.searchsorted(rows), every.searchsorted(np.maximum(former, 0))
        before_ends = np.where(former >= 0, ends[before], 0)
        tails = np.maximum(np.where(former >= 0, begins[before], 0), before_ends - TAIL)
        scores = late_scores(self.asked, held, (begins[own], ends[own]), (tails, before_ends))
        sizes = ends[own] - begins[own]
        is_there = np.array([bool(some) for some in data], dtype=bool)[own]
        return np.where(is_there, scores, np.nan), sizes

    def _read(self, rows: Rows) -> list[bytes]:
        """Give the packed token vectors of some rows, those of all spans of a row one after another."""
        union = self.sight.union
        walls, numbers = union.walls(rows), union.column("number")[rows]
        spans: list[list[TokenRow]] = [[] for _ in rows]
        for place, wall in enumerate(self.sight.walls):
            here = np.flatnonzero(walls == place)
            asked = dict(zip(numbers[here].tolist(), here.tolist(), strict=True))
            if asked:
                found = self.sight.reading.token_rows(list(asked), wall=wall, scope=self.scope, encoder=self.encoder)
                for row in found:
                    spans[asked[row.number]].append(row)
        return [b"".join(row.data for row in sorted(some)) if len(some) > 1 else _only(some) for some in spans]


def lately(scored: Scored, late: Lateness, *, limit: int) -> Scored:
    """Add to the scores of the best rows what late interaction says of them."""
    heads, head_scores = heads_of(scored)
    places = scored.best(max(LED, limit))
    rows = np.union1d(heads, scored.rows[places])
    measured, sizes = late.measured(rows)
    known = ~np.isnan(measured)
    of_heads = rows.searchsorted(heads)
    best = float(measured[of_heads][known[of_heads]].max(initial=0.0))
    if best <= 0:
        return scored
    late = replace(
        late,
        best=best,
        best_score=float(head_scores.max(initial=0.0)),
        weight=scored.glance.recipe.late_share * length_share(sizes[of_heads][known[of_heads]]),
    )
    scores = scored.scores.astype(np.float64)
    mine = rows.searchsorted(scored.rows[places])
    scores[places] += late.weight * late.shares(measured[mine], scored.scores[places])
    head_scores = head_scores + late.weight * late.shares(measured[of_heads], head_scores)
    return replace(scored, scores=scores, heads=(heads, head_scores), late=late, matched=Matched(rows, measured))


def asked_tokens(text: str, tokens: TokenVectors, scored: Scored) -> AskedTokens:
    """Give the token vectors of a question, with what each counts in the scope that was scored."""
    size = len(scored.union)
    different = dict.fromkeys(scored.question.terms)
    rarities = {term: idf(len(held.rows), size) for term, held in zip(different, scored.holders, strict=True)}
    weights = [_weight(text[start:end], rarities, size) for start, end in tokens.words]
    return AskedTokens(np.asarray(tokens.values).astype(np.float32), np.array(weights))


def _weight(word: str, rarities: dict[str, float], size: int) -> float:
    found = word_terms(word)
    if not found:
        return FUNCTION_WEIGHT
    return math.sqrt(max(rarities.get(term, idf(0, size)) for term in found))


def _only(spans: Sequence[TokenRow]) -> bytes:
    return spans[0].data if spans else b""
