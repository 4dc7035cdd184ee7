"""Fusion: several signals over the same rows become one score.

Signals are scores, not ranks: a convex combination keeps how much better the best is. Bruch, Gai and Ingber, An
Analysis of Fusion Functions for Hybrid Retrieval (2023), find it ahead of reciprocal rank fusion. Here, over the same
BM25 and cosines, R@5 on dialogue is 54.1 against 47.8, on chat with an assistant 70.8 against 65.8 and 50.0 against
51.6, on passages 81.0 against 82.0 and 56.9 against 57.3.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
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


def reciprocal_ranks(scores: Floats, *, absent: float, k: int = RRF_K) -> Floats:
    """Give 1 / (k + rank) of each row by a signal; ranks count from 1, ties share one.

    Rows with the score `absent` are not ranked and get 0. The sum over several signals is reciprocal rank fusion.
    """
    found = np.zeros(len(scores))
    ranked = scores != absent
    descending = np.sort(-scores[ranked])
    found[ranked] = 1 / (k + 1 + np.searchsorted(descending, -scores[ranked], side="left"))
    return found
