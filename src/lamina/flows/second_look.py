"""A second look at the best rows: what their token vectors say, and whether they ask or answer.

Token vectors are read from the store, at most 1 kB a row. The best rows by everything else are the *heads*: the
highest late score among them is the measure of all, and their lengths say how much it counts. They are those of all
rows that the scope sees, so no filter and no limit moves a score. A row whose token vectors are not there counts by
what the rest says of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lamina.core.asking import ENDS, NAMED, SHARES
from lamina.core.errors import DamagedFile
from lamina.core.grant import Granted
from lamina.core.protocols import EncoderId
from lamina.core.rows import TokenRow
from lamina.core.scope import Scope
from lamina.core.token_encoder import TokenVectors
from lamina.encode.tokens import most_bytes, unpacked, word_terms
from lamina.flows.indexes import Sight
from lamina.flows.scored import LED, LOOKED_AGAIN, Flags, Floats, Matched, Measured, Rows, Scored, heads_of
from lamina.flows.unwritten import token_rows
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
    #: What was measured already.
    matched: Matched | None = None

    def measured(self, rows: Rows) -> Measured:
        """Measure some rows, whatever was measured before."""
        if self.asked is None or self.encoder is None or not len(rows):
            return Measured(np.full(len(rows), np.nan), np.zeros(len(rows), np.int64), np.ones(len(rows), dtype=bool))
        asked, encoder = self.asked, self.encoder
        pieces = [rows[first : first + ROWS_AT_ONCE] for first in range(0, len(rows), ROWS_AT_ONCE)]
        parts = zip(*(self._measured(asked, encoder, piece) for piece in pieces), strict=True)
        return Measured(*map(np.concatenate, parts))

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

    def points(self, rows: Rows, scores: Floats, late: Floats | None = None) -> Floats:
        """Give what is added to the scores of some rows, in all; `late` are their late scores, where they are known."""
        parts = self.parts(rows, scores, self._late(rows) if late is None else late)
        return summed(parts) if parts else np.zeros(len(rows))

    def _late(self, rows: Rows) -> Floats:
        """Give the late score of each of some rows, NaN where there is none; what was measured is not read again."""
        if self.matched is None or not len(self.matched.rows):
            return self.measured(rows).scores
        places = np.minimum(self.matched.rows.searchsorted(rows), len(self.matched.rows) - 1)
        late = self.matched.scores[places]
        others = np.flatnonzero(self.matched.rows[places] != rows)
        if len(others):
            late[others] = self.measured(rows[others]).scores
        return late

    def _measured(self, asked: AskedTokens, encoder: EncoderId, rows: Rows) -> tuple[Floats, Rows, Flags]:
        former = self.sight.union.sides[0][rows]
        every = merged(rows, former[former >= 0])
        read, most = self._read(encoder, every), most_bytes(encoder)
        # An earlier file may keep more of a long text.
        data = [b"" if some is None else some[:most] for some in read]
        held = unpacked(b"".join(data), encoder.width)
        ends = np.cumsum([len(some) * 2 // encoder.width for some in data])
        begins = np.concatenate([[0], ends[:-1]])
        own, before = every.searchsorted(rows), every.searchsorted(np.maximum(former, 0))
        before_ends = np.where(former >= 0, ends[before], 0)
        tails = np.maximum(np.where(former >= 0, begins[before], 0), before_ends - TAIL)
        scores = late_scores(asked, held, (begins[own], ends[own]), (tails, before_ends))
        sizes = ends[own] - begins[own]
        is_told = np.array([some is not None for some in read], dtype=bool)[own]
        return np.where(sizes > 0, scores, np.nan), sizes, is_told

    def _read(self, encoder: EncoderId, rows: Rows) -> list[bytes | None]:
        """Give the packed token vectors of some rows, those of all spans of a row one after another; None without."""
        union = self.sight.union
        walls, numbers = union.walls(rows), union.column("number")[rows]
        spans: list[list[TokenRow]] = [[] for _ in rows]
        for place, wall in enumerate(self.sight.walls):
            here = np.flatnonzero(walls == place)
            asked = dict(zip(numbers[here].tolist(), here.tolist(), strict=True))
            if asked:
                found = self.sight.reading.token_rows(list(asked), wall=wall, scope=self.scope, encoder=encoder)
                if any(self.sight.unwritten):
                    others = asked.keys() - {row.number for row in found}
                    found = [*found, *token_rows(self.sight.unwritten, others, wall=wall)]
                for row in found:
                    if len(row.data) % (encoder.width // 2):
                        raise DamagedFile(
                            f"the file holds token vectors that are no whole ones (operation {row.number}); run "
                            "`lamina verify FILE --repair`, which encodes that text anew"
                        )
                    spans[asked[row.number]].append(row)
        return [b"".join(row.data for row in sorted(some)) if len(some) > 1 else _only(some) for some in spans]

    def untold(self, rows: Rows, measured: Measured) -> int:
        """Count the rows that have a vector, and were encoded without token vectors."""
        without = rows[~measured.is_told]
        return len(without) - int(np.count_nonzero(np.isin(without, self.sight.union.lacking))) if len(without) else 0


def look_again(scored: Scored, look: SecondLook, *, limit: int) -> Scored:
    """Look again at the best rows, 48 or as many as are asked for, and leave out the others.

    So the best ten of a hundred may hold one that was not among the 48.
    """
    heads, head_scores = heads_of(scored)
    places = np.sort(scored.best(max(LED, limit)))
    rows = merged(heads, scored.rows[places])
    measured = look.measured(rows)
    matched = Matched(rows, measured.scores, look.untold(rows, measured))
    of_heads = rows.searchsorted(heads)
    late, sizes = measured.scores[of_heads], measured.sizes[of_heads]
    best = float(late[sizes > 0].max(initial=0.0))
    share = look.asked.share if look.asked is not None and best > 0 else 0.0
    look = replace(
        look,
        best=max(best, LEAST_BEST),
        best_score=float(head_scores.max(initial=0.0)),
        weight=look.recipe.late_share * share * length_share(sizes[sizes > 0]),
        matched=matched,
    )
    some, own, mine = scored.some(places), scored.scores[places], rows.searchsorted(scored.rows[places])
    return replace(
        some,
        before_look=scored.rows,
        scores=own + look.points(some.rows, own, measured.scores[mine]),
        heads=(heads, head_scores + look.points(heads, head_scores, late)),
        look=look,
        matched=matched,
        level=LOOKED_AGAIN,
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


def _only(spans: Sequence[TokenRow]) -> bytes | None:
    return spans[0].data if spans else None
