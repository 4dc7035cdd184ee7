"""Baselines to compare with, as they are usually built: BM25 with its common parameters, one vector a text.

They take the usual short stop list, k1 1.5, b 0.75, and of a long text its first window alone.
"""

from lamina.encode.sparse import plain_terms
from lamina.recall.fuse import convex, over_best, reciprocal_rank_fusion
from lamina.recipes.recipe import Floats, Recipe, Signals


def _lexical(signals: Signals) -> Floats:
    return signals.lexical


def _dense(signals: Signals) -> Floats:
    return signals.dense


def _half_and_half(signals: Signals) -> Floats:
    return convex(over_best(signals.lexical), signals.dense)


def _by_ranks(signals: Signals) -> Floats:
    return reciprocal_rank_fusion([signals.lexical, signals.dense], absent=[0.0, signals.absent])


BM25 = Recipe(
    name="bm25",
    analyse=plain_terms,
    k1=1.5,
    b=0.75,
    span_penalty=0.0,
    is_first_span_only=True,
    fuse=_lexical,
    uses_dense=False,
)
DENSE = Recipe(
    name="dense",
    analyse=plain_terms,
    k1=1.5,
    b=0.75,
    span_penalty=0.0,
    is_first_span_only=True,
    fuse=_dense,
    uses_lexical=False,
)
#: Half BM25 over its best, half cosine.
CONVEX = Recipe(
    name="convex",
    analyse=plain_terms,
    k1=1.5,
    b=0.75,
    span_penalty=0.0,
    is_first_span_only=True,
    fuse=_half_and_half,
)
#: Ranks instead of scores.
RRF = Recipe(
    name="rrf",
    analyse=plain_terms,
    k1=1.5,
    b=0.75,
    span_penalty=0.0,
    is_first_span_only=True,
    fuse=_by_ranks,
)
