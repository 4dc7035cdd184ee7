"""Where between two events the boundary lies best: rows as a graph, their likeness as its weights, two communities.

Modularity (Newman & Girvan, 2004) and conductance as EM-LLM uses them (Fountas et al., 2024, arXiv 2407.09450), over
cosines from 0 upwards, without loops: negative weights would make nonsense of degrees. All in whole numbers, so that
equal is equal. Knows no observations, and nothing of why a boundary was proposed.
"""

from fractions import Fraction
from typing import Literal

import numpy as np

from lamina.segment.fixed_point import Exact

#: What makes a split good: many likenesses inside against chance, or few across against all that touch a side.
Quality = Literal["modularity", "conductance"]


def best_split(rows: Exact, proposed: int, *, lowest: int, highest: int, quality: Quality) -> int:
    """Give the split of `rows`, in fixed point, from `lowest` to `highest` that makes the best two communities.

    A split at s parts rows[:s] from rows[s:]. Among equals the one nearest to `proposed` wins, then the earlier.
    """
    weights = np.maximum(rows @ rows.T, 0)
    np.fill_diagonal(weights, 0)
    likeness = weights.astype(np.int64)
    before = np.concatenate([[0], likeness.sum(axis=1).cumsum()])
    inside = likeness.cumsum(axis=0).cumsum(axis=1)
    total = int(before[-1])

    def worth(split: int) -> tuple[Fraction, int, int]:
        volume = int(before[split])
        across = volume - int(inside[split - 1, split - 1])
        return _worth(volume, total - volume, across, quality), -abs(split - proposed), -split

    return max(range(max(lowest, 1), min(highest, len(rows) - 1) + 1), key=worth, default=proposed)


def _worth(volume: int, rest: int, across: int, quality: Quality) -> Fraction:
    """Give modularity × 2m², or conductance × −1: the greater the better, exactly."""
    if quality == "modularity":
        return Fraction(volume * rest - (volume + rest) * across)
    return -Fraction(across, min(volume, rest)) if min(volume, rest) else Fraction(-1)
