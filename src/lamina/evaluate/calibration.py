"""Calibration: what told probabilities are worth, against what was so.

AUROC as a share of pairs (Hanley and McNeil, 1982), the Brier score (1950) as skill over telling the base rate, and the
expected calibration error over ten bins. Each answer counts by its weight, and as often as it is drawn.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: A bin is a tenth of the probabilities wide.
BINS = 10
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Probabilities, whether each came true (1 or 0), and how much each counts."""

    likely: Floats
    was_so: Floats
    weights: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The answers whose probability lies in one tenth: what was told of them on average, and how many came true."""

    told: float
    was_so: float
    #: Of the weight of all answers.
    share: float


def auroc(ours: Floats, others: Floats, our_counts: Floats, other_counts: Floats) -> float:
    """Give the chance that one of ours is higher than one of the others; ties count half. NaN without a pair."""
    pairs = float(our_counts.sum() * other_counts.sum())
    if not pairs:
        return math.nan
    order = np.argsort(others)
    below = np.concatenate([[0.0], np.cumsum(other_counts[order])])
    lower, up_to = (below[np.searchsorted(others[order], ours, side=side)] for side in ("left", "right"))
    return float(our_counts @ (lower + up_to)) / 2 / pairs


def brier_skill(told: Told, counts: Floats) -> float:
    """Give how far the squared error lies below that of the base rate, as a share of it; NaN where all was the same."""
    weights = told.weights * counts
    total = float(weights.sum())
    if not total:
        return math.nan
    base = float(weights @ told.was_so) / total
    if base in (0.0, 1.0):
        return math.nan
    return 1 - float(weights @ (told.likely - told.was_so) ** 2) / total / (base * (1 - base))


def calibration_error(told: Told, counts: Floats) -> float:
    """Give how far what was told lies from what was so, bin by bin, on average; above 0 by chance alone."""
    weights = told.weights * counts
    total = float(weights.sum())
    gaps = np.bincount(_bins(told), weights * (told.likely - told.was_so), minlength=BINS)
    return float(np.abs(gaps).sum()) / total if total else math.nan


def reliability(told: Told) -> tuple[Bin, ...]:
    """Give the bins that are not empty, the lowest probabilities first."""
    bins, total = _bins(told), float(told.weights.sum())
    found = []
    for place in np.unique(bins):
        here = bins == place
        weight = float(told.weights[here].sum())
        likely, was_so = (float(side[here] @ told.weights[here]) / weight for side in (told.likely, told.was_so))
        found.append(Bin(told=likely, was_so=was_so, share=weight / total))
    return tuple(found)


def share_below(threshold: float, likely: Floats, counts: Floats) -> float:
    """Give the share of answers whose probability lies below a threshold; NaN without any."""
    total = float(counts.sum())
    return float(counts @ (likely < threshold)) / total if total else math.nan


def _bins(told: Told) -> NDArray[np.int64]:
    return np.minimum((told.likely * BINS).astype(np.int64), BINS - 1)
