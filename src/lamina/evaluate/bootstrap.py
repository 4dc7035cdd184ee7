"""Intervals: how far a mean over questions could have come out otherwise, by drawing the questions again.

Percentile bootstrap (Efron & Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 13); differences are
paired: both systems are judged on the same drawn questions. Seeded, so the same values give the same interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ROUNDS = 2_000
SEED = 20_240
LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean with the interval that holds 95 % of its bootstrap replications."""

    mean: float
    low: float
    high: float
    #: How many questions.
    n: int

    @property
    def excludes_zero(self) -> bool:
        """Say whether the whole interval lies on one side of 0."""
        return self.low > 0 or self.high < 0


def interval(values: Sequence[float], *, seed: int = SEED, rounds: int = ROUNDS) -> Interval:
    """Give the mean of `values` with its interval.

    Raises:
        ValueError: no values.
    """
    if not values:
        raise ValueError("an interval needs at least one value")
    sample = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(seed).integers(len(sample), size=(rounds, len(sample)))
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(sample[drawn].mean(axis=1), [tail, 1 - tail])
    return Interval(mean=float(sample.mean()), low=float(low), high=float(high), n=len(sample))


def paired_difference(
    values: Sequence[float], others: Sequence[float], *, seed: int = SEED, rounds: int = ROUNDS
) -> Interval:
    """Give the mean of `values` minus `others`, question by question, with its interval.

    Raises:
        ValueError: no values, or not as many of one as of the other.
    """
    return interval([value - other for value, other in zip(values, others, strict=True)], seed=seed, rounds=rounds)
