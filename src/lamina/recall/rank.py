"""Ranking: the best rows of those that may be returned, in an order that is the same everywhere."""

import numpy as np
from numpy.typing import NDArray


def best_rows(
    scores: NDArray[np.float64],
    eligible: NDArray[np.bool_],
    *,
    arrived: NDArray[np.int64],
    wall: NDArray[np.int64],
    limit: int,
) -> NDArray[np.int64]:
    """Give the `limit` best eligible rows, best first.

    Ties: the earlier wall (the user's own is 0, the shared one 1), then the newer arrival. What is not eligible is
    left out before ranking, so a filter that leaves three rows gives these three.
    """
    rows = np.flatnonzero(eligible)
    if len(rows) > limit:
        cut = np.partition(scores[rows], len(rows) - limit)[len(rows) - limit]
        rows = rows[scores[rows] >= cut]
    order = np.lexsort((-arrived[rows], wall[rows], -scores[rows]))
    return rows[order[:limit]].astype(np.int64)


def ranks(scores: NDArray[np.float64], eligible: NDArray[np.bool_], rows: NDArray[np.int64]) -> list[int]:
    """Give the rank, from 1, that each of `rows` has by `scores` alone among the eligible ones; ties share the best."""
    descending = np.sort(scores[eligible])[::-1]
    return [int(np.searchsorted(-descending, -scores[row], side="left")) + 1 for row in rows]
