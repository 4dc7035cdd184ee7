"""Intervals: how far a mean over questions could have come out otherwise, by drawing the questions again.

Percentile bootstrap (Efron & Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 13); differences are
paired: both systems are judged on the same drawn questions. Seeded, so the same values give the same interval.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDS = 2_000
SEED = 20_240
LEVEL = 0.95
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean, or another figure, with the interval that holds 95 % of its bootstrap replications."""

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


def redrawn(
    figure: Callable[[Floats], float], questions: Sequence[str], *, seed: int = SEED, rounds: int = ROUNDS
) -> Interval:
    """Give a figure over answers with its interval; the answers of one question are drawn together.

    `questions` names the question of each answer. `figure` is told how often each answer counts, and gives NaN where
    these leave nothing to judge; such rounds are passed over.

    Raises:
        ValueError: no answers.
    """
    if not questions:
        raise ValueError("an interval needs at least one answer")
    different, own = np.unique(np.asarray(questions), return_inverse=True)
    size = len(different)
    drawn = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=rounds)
    values = np.array([figure(counts[own].astype(np.float64)) for counts in drawn])
    values = values[~np.isnan(values)]
    value = figure(np.ones(len(own)))
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail]) if len(values) else (value, value)
    return Interval(mean=value, low=float(low), high=float(high), n=size)
