"""Baselines to compare with, as they are usually built: BM25 with its common parameters, one vector a text.

They take the usual short stop list, k1 1.5, b 0.75, and of a long text its first window alone.
"""

from dataclasses import replace

import numpy as np

from lamina.encode.sparse import PLAIN_ANALYSER, plain_terms
from lamina.recall.fuse import over, reciprocal_ranks
from lamina.recipes.recipe import Part, Recipe, Signals, summed

#: What a session's score, and the neighbours', add to a row's own in *hier*.
HIERARCHY_SHARE = 0.3


def _lexical(signals: Signals) -> list[Part]:
    return [Part("lexical", signals.lexical, 1.0)]


def _dense(signals: Signals) -> list[Part]:
    return [Part("dense", signals.dense, 1.0)]


def _half_and_half(signals: Signals) -> list[Part]:
    return [
        Part("lexical", over(signals.lexical, signals.lexical_best), 0.5),
        Part("dense", signals.dense, 0.5),
    ]


def _with_hierarchy(signals: Signals) -> list[Part]:
    parts = _half_and_half(signals)
    if signals.session_lexical is None or signals.sides is None or not len(signals.dense):
        return parts
    own = summed(parts)
    before, after = (np.where(side >= 0, own[side], 0.0) for side in signals.sides)
    session = over(signals.session_lexical, float(signals.session_lexical.max()))
    return [
        *parts,
        Part("session", session, HIERARCHY_SHARE),
        Part("neighbours", (before + after) / 2, HIERARCHY_SHARE),
    ]


def _by_ranks(signals: Signals) -> list[Part]:
    told = (("lexical", signals.lexical, 0.0), ("dense", signals.dense, signals.absent))
    return [Part(name, reciprocal_ranks(scores, absent=absent), 1.0) for name, scores, absent in told]


#: Half BM25 over its best, half cosine.
CONVEX = Recipe(
    name="convex",
    analyser=PLAIN_ANALYSER,
    analyse=plain_terms,
    k1=1.5,
    b=0.75,
    span_penalty=0.0,
    weigh=_half_and_half,
    is_plain=True,
)
BM25 = replace(CONVEX, name="bm25", weigh=_lexical, uses_dense=False)
DENSE = replace(CONVEX, name="dense", weigh=_dense, uses_lexical=False)
#: *Convex* and a share of the session's BM25 over its best, and of the mean of the two neighbours' scores.
HIER = replace(CONVEX, name="hier", weigh=_with_hierarchy, uses_hierarchy=True)
#: Ranks instead of scores.
RRF = replace(CONVEX, name="rrf", weigh=_by_ranks)
