"""Fusion: several signals over the same rows become one score.

Signals are scores, not ranks: a convex combination keeps how much better the best is. Bruch, Gai and Ingber, An
Analysis of Fusion Functions for Hybrid Retrieval (2023), find it ahead of reciprocal rank fusion. Here, over the same
BM25 and cosines, R@5 on dialogue is 54.1 against 47.8, on chat with an assistant 70.8 against 65.8 and 50.0 against
51.6, on passages 81.0 against 82.0 and 56.9 against 57.3.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Cormack, Clarke and Buettcher, Reciprocal Rank Fusion (2009), found 60 robust across collections.
RRF_K = 60


def over(scores: Floats, best: float) -> Floats:
    """Divide scores by the best; 0 for all where that is not above 0."""
    return scores / best if best > 0 else np.zeros_like(scores)


def filled_in(scores: Floats, shares: Floats, *, is_known: NDArray[np.bool_]) -> Floats:
    """Give for rows whose score, over the best, is not known what another signal gives: its share of its own best.

    So what has no vector yet is ranked by its words, beside what has one.
    """
    return np.where(is_known, scores, shares)


def convex(lexical: Floats, dense: Floats, *, weight: float = 0.5) -> Floats:
    """Weigh two signals: `weight` of the first, the rest of the second."""
    mixed: Floats = weight * lexical + (1 - weight) * dense
    return mixed


def reciprocal_rank_fusion(signals: Sequence[Floats], *, absent: Sequence[float], k: int = RRF_K) -> Floats:
    """Score each row by the sum of 1 / (k + rank) over the signals that rank it; ranks count from 1, ties share one.

    A signal does not rank the rows with its score of `absent`.
    """
    fused = np.zeros(len(signals[0])) if signals else np.zeros(0)
    for scores, missing in zip(signals, absent, strict=True):
        ranked = scores != missing
        descending = np.sort(-scores[ranked])
        fused[ranked] += 1 / (k + 1 + np.searchsorted(descending, -scores[ranked], side="left"))
    return fused
