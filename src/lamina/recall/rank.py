"""Ranking: the best rows of those that may be returned, in an order that is the same everywhere."""

import numpy as np
from numpy.typing import NDArray

#: Rows of a block; of many rows only those are sorted that reach the height of the best blocks.
BLOCK = 32


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
    rows = _promising(np.where(eligible, scores, -np.inf), limit)
    rows = rows[eligible[rows]]
    order = np.lexsort((-arrived[rows], wall[rows], -scores[rows]))
    return rows[order[:limit]].astype(np.int64)


def _promising(scores: NDArray[np.float64], limit: int) -> NDArray[np.int64]:
    """Give rows among which the `limit` highest are, with all that equal the lowest of these, and few others.

    The best of each block is a row's score: where so many blocks reach a height, so many rows do.
    """
    blocks = len(scores) // BLOCK
    if blocks <= limit:
        return np.arange(len(scores))
    heights = scores[: blocks * BLOCK].reshape(blocks, BLOCK).max(axis=1)
    return np.flatnonzero(scores >= np.partition(heights, blocks - limit)[blocks - limit])


def highest_rows(scores: NDArray[np.float64], eligible: NDArray[np.bool_], *, limit: int) -> NDArray[np.int64]:
    """Give `limit` eligible rows that no other exceeds, in no order."""
    rows = np.flatnonzero(eligible)
    if len(rows) <= limit:
        return rows
    return rows[np.argpartition(scores[rows], len(rows) - limit)[len(rows) - limit :]]


def ranks(scores: NDArray[np.float64], eligible: NDArray[np.bool_], rows: NDArray[np.int64]) -> list[int]:
    """Give the rank, from 1, that each of `rows` has by `scores` alone among the eligible ones; ties share the best."""
    among = scores[eligible]
    return [1 + int(np.count_nonzero(among > scores[row])) for row in rows]
