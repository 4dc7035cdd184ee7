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
#: What the nearer of the two neighbours adds in *emllm*: the part of the budget that its contiguity buffer has.
CONTIGUITY_SHARE = 0.3
#: So much more than the score by which candidates are chosen counts the late one in *late-interaction*.
LATE_ALONE = 100.0


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


def _with_contiguity(signals: Signals) -> list[Part]:
    parts = _dense(signals)
    if signals.sides is None or not len(signals.dense):
        return parts
    before, after = (np.where(side >= 0, signals.dense[side], 0.0) for side in signals.sides)
    return [*parts, Part("contiguity", np.maximum(before, after), CONTIGUITY_SHARE)]


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
#: The 48 best of *convex*, in the order of late interaction alone (ColBERT: Khattab and Zaharia, 2020).
LATE_INTERACTION = replace(CONVEX, name="late-interaction", late_share=LATE_ALONE)
#: Vectors alone, and with each row the best of its event, and its neighbours: the similarity and the contiguity buffer
#: of EM-LLM (Fountas et al., 2024), over events by surprise.
EMLLM = replace(DENSE, name="emllm", weigh=_with_contiguity, event_share=1.0, uses_hierarchy=True)
