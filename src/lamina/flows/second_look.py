"""A second look at the best rows: what their token vectors say, and whether they ask or answer.

Token vectors are read from the store, a few hundred bytes a row. The best rows by everything else are the *heads*: the
highest late score among them is the measure of all, and their lengths say how much it counts. They are those of all
rows that the scope sees, so no filter and no limit moves a score. A row whose token vectors are not there counts by
what the rest says of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lamina.core.asking import ENDS, NAMED, SHARES
from lamina.core.errors import DamagedFile
from lamina.core.grant import Granted
from lamina.core.protocols import EncoderId, TokenRow
from lamina.core.scope import Scope
from lamina.core.token_encoder import TokenVectors
from lamina.encode.tokens import unpacked, word_terms
from lamina.flows.indexes import Sight
from lamina.flows.scored import LED, Floats, Matched, Rows, Scored, heads_of
from lamina.index.bm25 import idf
from lamina.recall.late import FUNCTION_WEIGHT, LEAST_BEST, TAIL, AskedTokens, late_scores, length_share
from lamina.recall.rank import merged
from lamina.recipes.recipe import Part, Recipe, summed

#: So many rows' token vectors are held at once.
ROWS_AT_ONCE = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLook:
    """What a second look at any row adds to its score."""

    recipe: Recipe
    sight: Sight
    scope: Granted[Scope]
    #: The question's token vectors, and whose they are; None where there are none.
    asked: AskedTokens | None
    encoder: EncoderId | None
    #: The best late score, and the best score by everything else, among the heads; and what the best one adds.
    best: float = 0.0
    best_score: float = 0.0
    weight: float = 0.0

    def measured(self, rows: Rows) -> tuple[Floats, NDArray[np.int64]]:
        """Give the late score of each of some rows, NaN where its token vectors are not there, and how many it has."""
        if self.asked is None or self.encoder is None:
            return np.full(len(rows), np.nan), np.zeros(len(rows), np.int64)
        pieces = [
            self._measured(self.asked, self.encoder, rows[first : first + ROWS_AT_ONCE])
            for first in range(0, len(rows), ROWS_AT_ONCE)
        ]
        scores, sizes = zip(*pieces, strict=True) if pieces else ((np.zeros(0),), (np.zeros(0, np.int64),))
        return np.concatenate(scores), np.concatenate(sizes)

    def parts(self, rows: Rows, scores: Floats, measured: Floats) -> list[Part]:
        """Give what is added to the `scores` of some rows, whose late scores were measured."""
        union = self.sight.union
        parts = []
        if self.weight:
            others = np.maximum(scores, 0.0) / self.best_score if self.best_score > 0 else np.zeros(len(scores))
            shares = np.where(np.isnan(measured), others, measured / self.best)
            parts.append(Part("tokens", shares, self.weight))
        if self.recipe.asking_penalty or self.recipe.answering_bonus:
            asking, before = union.column("asking"), union.sides[0][rows]
            code = asking[rows]
            answers = (before >= 0) & ((code & NAMED) > 0) & ((asking[np.maximum(before, 0)] & ENDS) > 0)
            parts.append(Part("asks", (code & SHARES) / SHARES, -self.recipe.asking_penalty))
            parts.append(Part("answers", answers, self.recipe.answering_bonus))
        return parts

    def points(self, rows: Rows, scores: Floats, measured: Floats | None = None) -> Floats:
        """Give what is added to the scores of some rows, in all."""
        parts = self.parts(rows, scores, self.measured(rows)[0] if measured is None else measured)
        return summed(parts) if parts else np.zeros(len(rows))

    def _measured(self, asked: AskedTokens, encoder: EncoderId, rows: Rows) -> tuple[Floats, NDArray[np.int64]]:
        former = self.sight.union.sides[0][rows]
        every = merged(rows, former[former >= 0])
        data = self._read(encoder, every)
        held = unpacked(b"".join(data), encoder.width)
        ends = np.cumsum([len(some) * 2 // encoder.width for some in data])
        begins = np.concatenate([[0], ends[:-1]])
        own, before = every.searchsorted(rows), every.searchsorted(np.maximum(former, 0))
        before_ends = np.where(former >= 0, ends[before], 0)
        tails = np.maximum(np.where(former >= 0, begins[before], 0), before_ends - TAIL)
        scores = late_scores(asked, held, (begins[own], ends[own]), (tails, before_ends))
        sizes = ends[own] - begins[own]
        is_there = np.array([bool(some) for some in data], dtype=bool)[own]
        return np.where(is_there, scores, np.nan), sizes

    def _read(self, encoder: EncoderId, rows: Rows) -> list[bytes]:
        """Give the packed token vectors of some rows, those of all spans of a row one after another."""
        union = self.sight.union
        walls, numbers = union.walls(rows), union.column("number")[rows]
        spans: list[list[TokenRow]] = [[] for _ in rows]
        for place, wall in enumerate(self.sight.walls):
            here = np.flatnonzero(walls == place)
            asked = dict(zip(numbers[here].tolist(), here.tolist(), strict=True))
            if asked:
                found = self.sight.reading.token_rows(list(asked), wall=wall, scope=self.scope, encoder=encoder)
                for row in found:
                    if len(row.data) % (encoder.width // 2):
                        raise DamagedFile(
                            f"the file holds token vectors that are no whole ones (operation {row.number}); run "
                            "`lamina verify FILE --repair`, which encodes that text anew"
                        )
                    spans[asked[row.number]].append(row)
        return [b"".join(row.data for row in sorted(some)) if len(some) > 1 else _only(some) for some in spans]


def look_again(scored: Scored, look: SecondLook, *, limit: int) -> Scored:
    """Look again at the best rows, 48 or as many as are asked for, and leave out the others.

    So the best ten of a hundred may hold one that was not among the 48.
    """
    heads, head_scores = heads_of(scored)
    places = np.sort(scored.best(max(LED, limit)))
    rows = merged(heads, scored.rows[places])
    measured, sizes = look.measured(rows)
    known, of_heads = ~np.isnan(measured), rows.searchsorted(heads)
    best = float(measured[of_heads][known[of_heads]].max(initial=0.0))
    if best > 0:
        share = look.asked.share if look.asked is not None else 0.0
        weight = look.recipe.late_share * share * length_share(sizes[of_heads][known[of_heads]])
        look = replace(look, best=max(best, LEAST_BEST), best_score=float(head_scores.max(initial=0.0)), weight=weight)
    mine, own = rows.searchsorted(scored.rows[places]), scored.scores[places]
    some = scored.some(places)
    return replace(
        some,
        before_look=scored.rows,
        scores=own + look.points(some.rows, own, measured[mine]),
        heads=(heads, head_scores + look.points(heads, head_scores, measured[of_heads])),
        look=look,
        matched=Matched(rows, measured),
    )


def asked_tokens(text: str, tokens: TokenVectors, scored: Scored) -> AskedTokens | None:
    """Give the token vectors of a question, with what each counts in the scope that was scored; None without any."""
    size = len(scored.union)
    different = dict.fromkeys(scored.question.terms)
    weights = {term: math.sqrt(idf(len(held.rows), size)) for term, held in zip(different, scored.holders, strict=True)}
    told = [word_terms(text[start:end]) for start, end in tokens.words]
    rarest = math.sqrt(idf(0, size))
    counts = [max((weights.get(term, rarest) for term in terms), default=FUNCTION_WEIGHT) for terms in told]
    if not counts:
        return None
    known = {term for terms in told for term in terms}
    every = sum(weights.values())
    share = sum(weight for term, weight in weights.items() if term in known) / every if every else 1.0
    return AskedTokens(np.asarray(tokens.values).astype(np.float32), np.array(counts), share)


def _only(spans: Sequence[TokenRow]) -> bytes:
    return spans[0].data if spans else b""
