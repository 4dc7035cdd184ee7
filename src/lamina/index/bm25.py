"""BM25 over rows that may be read together with their neighbours.

Robertson and Zaragoza, The Probabilistic Relevance Framework (2009): per term idf · tf (k1 + 1) / (tf + k1 (1 - b +
b · length / mean length)). With `Beside` the words of a row's neighbours count as weighted fields of the row, added up
before saturation (BM25F: Robertson, Zaragoza and Taylor, Simple BM25 Extension to Multiple Weighted Fields, 2004); a
row may then score by its neighbours' words alone. Lengths are counted in whole parts of a term, so that their sums are
exact in any order.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
#: From rows' lengths, how much the words before and after each count with its own: 0 = not at all, 1 = as its own.
Weigh = Callable[[Ints], tuple[Floats, Floats]]
#: Lengths are counted in these parts of a term.
LENGTH_PARTS = 256


@dataclass(frozen=True, slots=True)
class Holders:
    """The rows that hold one of a question's terms, ascending, and how often each does."""

    rows: Rows
    counts: Ints
    #: How often the question asks for the term.
    repeats: int


@dataclass(frozen=True, slots=True)
class Beside:
    """The neighbours whose words count with each row's own; one entry a row."""

    #: The row before and the row after, negative where there is none.
    before: Ints
    after: Ints
    #: In terms, repetitions counted.
    lengths: Ints
    weigh: Weigh


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long rows are, in parts of a term."""

    parts: Rows
    total: int


def idf(df: int, size: int) -> float:
    """Give the inverse document frequency ln(1 + (N - df + ½) / (df + ½)), which is never negative."""
    return math.log(1 + (size - df + 0.5) / (df + 0.5))


def bm25(asked: Sequence[Holders], lengths: Lengths, *, k1: float, b: float, beside: Beside | None = None) -> Floats:
    """Give the score of every row; `lengths` are the joined ones where neighbours count."""
    size = len(lengths.parts)
    scores = np.zeros(size)
    scratch = np.zeros(0 if beside is None else size)
    mean = lengths.total / max(size, 1)
    for term in asked:
        if not len(term.rows):
            continue
        weight = term.repeats * idf(len(term.rows), size) * (k1 + 1)
        rows, counts = (term.rows, term.counts) if beside is None else _spread(term, beside, scratch)
        norm = k1 * (1 - b + b * lengths.parts[rows] / mean)
        # A row that stands here more than once is given the same sum each time.
        scores[rows] += weight * counts / (counts + norm)
    return scores


def grouped_bm25(asked: Sequence[Holders], lengths: Rows, groups: Rows, *, k1: float, b: float) -> Floats:
    """Give for every row the score of its group, taken as one text; 0 outside any.

    `groups` are numbers from 1, 0 = outside any; `lengths` are the rows' own.
    """
    size = int(groups.max(initial=0))
    of_groups = np.bincount(groups, weights=lengths, minlength=size + 1)
    mean = of_groups[1:].sum() / max(size, 1)
    scores = np.zeros(size + 1)
    for term in asked:
        tf = np.bincount(groups[term.rows], weights=term.counts, minlength=size + 1)
        tf[0] = 0
        held = np.flatnonzero(tf)
        if len(held):
            norm = k1 * (1 - b + b * of_groups[held] / mean)
            scores[held] += term.repeats * idf(len(held), size) * (k1 + 1) * tf[held] / (tf[held] + norm)
    found: Floats = scores[groups]
    return found


def joined_parts(rows: Rows, beside: Beside) -> Rows:
    """Give the lengths of some rows with their weighted neighbours, in parts of a term."""
    taken = np.zeros(len(rows))
    weights = beside.weigh(beside.lengths[rows])
    for neighbours, weight in zip((beside.before[rows], beside.after[rows]), weights, strict=True):
        there = np.flatnonzero(neighbours >= 0)
        taken[there] += LENGTH_PARTS * beside.lengths[neighbours[there]] * weight[there]
    return LENGTH_PARTS * beside.lengths[rows].astype(np.int64) + np.rint(taken).astype(np.int64)


def _spread(term: Holders, beside: Beside, total: Floats) -> tuple[Rows, Floats]:
    """Give the rows that hold a term themselves or beside them, some more than once, and its weighted count in each.

    `total` is zero for every row, and is so again afterwards.
    """
    total[term.rows] = term.counts
    touched: list[NDArray[np.signedinteger[Any]]] = [term.rows]
    # Whoever has this row before it is the row after it; no row is reached twice from the same side.
    for side, neighbours in enumerate((beside.after, beside.before)):
        reached = neighbours[term.rows]
        is_there = reached >= 0
        targets = reached[is_there]
        total[targets] += beside.weigh(beside.lengths[targets])[side] * term.counts[is_there]
        touched.append(targets)
    every = np.concatenate(touched, dtype=np.int64)
    sums = total[every]
    total[every] = 0
    # Words of a neighbour that counts nothing do not make a row one that holds the term.
    holds = sums > 0
    return (every, sums) if holds.all() else (every[holds], sums[holds])
