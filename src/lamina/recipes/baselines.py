"""Baselines to compare with, as they are usually built: BM25 with its common parameters, one vector a text.

They take the usual short stop list, k1 1.5, b 0.75, and of a long text its first window alone.
"""

from dataclasses import replace

import numpy as np

from lamina.encode.sparse import PLAIN_ANALYSER, plain_terms
from lamina.recall.fuse import convex, over, reciprocal_rank_fusion
from lamina.recipes.recipe import Floats, Recipe, Signals

#: What a session's score, and the neighbours', add to a row's own in *hier*.
HIERARCHY_SHARE = 0.3


def _lexical(signals: Signals) -> Floats:
    return signals.lexical


def _dense(signals: Signals) -> Floats:
    return signals.dense


def _half_and_half(signals: Signals) -> Floats:
    return convex(over(signals.lexical, signals.lexical_best), signals.dense)


def _with_hierarchy(signals: Signals) -> Floats:
    own = _half_and_half(signals)
    if signals.session_lexical is None or signals.sides is None or not len(own):
        return own
    beside = sum(np.where(side >= 0, own[side], 0.0) for side in signals.sides) / 2
    session = over(signals.session_lexical, float(signals.session_lexical.max()))
    scores: Floats = own + HIERARCHY_SHARE * (session + beside)
    return scores


def _by_ranks(signals: Signals) -> Floats:
    return reciprocal_rank_fusion([signals.lexical, signals.dense], absent=[0.0, signals.absent])


#: Half BM25 over its best, half cosine.
CONVEX = Recipe(
    name="convex",
    analyser=PLAIN_ANALYSER,
    analyse=plain_terms,
    k1=1.5,
    b=0.75,
    span_penalty=0.0,
    fuse=_half_and_half,
    is_plain=True,
)
BM25 = replace(CONVEX, name="bm25", fuse=_lexical, uses_dense=False)
DENSE = replace(CONVEX, name="dense", fuse=_dense, uses_lexical=False)
#: *Convex* and a share of the session's BM25 over its best, and of the mean of the two neighbours' scores.
HIER = replace(CONVEX, name="hier", fuse=_with_hierarchy, uses_hierarchy=True)
#: Ranks instead of scores.
RRF = replace(CONVEX, name="rrf", fuse=_by_ranks)
