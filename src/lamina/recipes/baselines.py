"""Baselines to compare with, as they are usually built: BM25 with its common parameters, one vector a text.

They take the usual short stop list, k1 1.5, b 0.75, and of a long text its first window alone.
"""

import numpy as np

from lamina.encode.sparse import PLAIN_ANALYSER, plain_terms
from lamina.recall.fuse import convex, over_best, reciprocal_rank_fusion
from lamina.recipes.recipe import Floats, Recipe, Signals

#: What a session's score, and the neighbours', add to a row's own in *hier*.
HIERARCHY_SHARE = 0.3


def _lexical(signals: Signals) -> Floats:
    return signals.lexical


def _dense(signals: Signals) -> Floats:
    return signals.dense


def _half_and_half(signals: Signals) -> Floats:
    return convex(over_best(signals.lexical), signals.dense)


def _with_hierarchy(signals: Signals) -> Floats:
    own = _half_and_half(signals)
    if signals.session_lexical is None or signals.sides is None:
        return own
    beside = sum(np.where(side >= 0, own[side], 0.0) for side in signals.sides) / 2
    scores: Floats = own + HIERARCHY_SHARE * (over_best(signals.session_lexical) + beside)
    return scores


def _by_ranks(signals: Signals) -> Floats:
    return reciprocal_rank_fusion([signals.lexical, signals.dense], absent=[0.0, signals.absent])


BM25 = Recipe(
    name="bm25",
    analyser=PLAIN_ANALYSER,
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
    analyser=PLAIN_ANALYSER,
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
    analyser=PLAIN_ANALYSER,
    analyse=plain_terms,
    k1=1.5,
    b=0.75,
    span_penalty=0.0,
    is_first_span_only=True,
    fuse=_half_and_half,
)
#: *Convex* and a share of the session's BM25 over its best, and of the mean of the two neighbours' scores.
HIER = Recipe(
    name="hier",
    analyser=PLAIN_ANALYSER,
    analyse=plain_terms,
    k1=1.5,
    b=0.75,
    span_penalty=0.0,
    is_first_span_only=True,
    fuse=_with_hierarchy,
    uses_hierarchy=True,
)
#: Ranks instead of scores.
RRF = Recipe(
    name="rrf",
    analyser=PLAIN_ANALYSER,
    analyse=plain_terms,
    k1=1.5,
    b=0.75,
    span_penalty=0.0,
    is_first_span_only=True,
    fuse=_by_ranks,
)
