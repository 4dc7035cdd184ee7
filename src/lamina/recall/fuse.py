"""Fusion: several signals over the same rows become one score.

Signals are scores, not ranks: a convex combination keeps how much better the best is. Bruch, Gai and Ingber, An
Analysis of Fusion Functions for Hybrid Retrieval (2023), find it ahead of reciprocal rank fusion, and so do our own
measurements (`benchmarks/LOG.md`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """The score of every row, and the signals that it is made of."""

    scores: Floats
    #: By name, as they were before they were weighed.
    signals: Mapping[str, Floats]


def over_range(scores: Floats, *, absent: float | None = None) -> Floats:
    """Stretch scores to 0 … 1 between the lowest and the highest; rows with the score `absent` count as lowest."""
    known = scores if absent is None else scores[scores != absent]
    if not len(known):
        return np.zeros_like(scores)
    low, high = float(known.min()), float(known.max())
    if high <= low:
        return np.zeros_like(scores)
    stretched: Floats = (np.maximum(scores, low) - low) / (high - low)
    return stretched


def over_best(scores: Floats) -> Floats:
    """Divide scores by the highest."""
    high = float(scores.max()) if len(scores) else 0.0
    return scores / high if high > 0 else np.zeros_like(scores)


def convex(lexical: Floats, dense: Floats, *, weight: float = 0.5) -> Floats:
    """Weigh two signals: `weight` of the first, the rest of the second."""
    mixed: Floats = weight * lexical + (1 - weight) * dense
    return mixed
