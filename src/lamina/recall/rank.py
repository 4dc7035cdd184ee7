"""Ranking: the best rows of those that may be returned, in an order that is the same everywhere."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: The most rows of a block; of many rows only those are looked at that reach the height of the best blocks.
MOST_A_BLOCK = 32
#: There are so many times more blocks than rows that are wanted, so that few others come with them.
BLOCKS_A_ROW = 4
Floats = NDArray[np.floating[Any]]
Rows = NDArray[np.int64]


def best_first(scores: Floats, *, wall: Rows, arrived: Rows, limit: int) -> Rows:
    """Give the places of the `limit` best scores, best first.

    Ties: the earlier wall (the user's own is 0, the shared one 1), then the newer arrival.
    """
    order = np.lexsort((-arrived, wall, -scores))
    return order[:limit].astype(np.int64)


def merged(*parts: NDArray[np.signedinteger[Any]]) -> Rows:
    """Give the different rows of all parts, ascending. As `np.unique`, which first loads what takes 30 ms."""
    rows: Rows = np.sort(np.concatenate(parts, dtype=np.int64)) if parts else np.zeros(0, np.int64)
    different: Rows = rows[np.diff(rows, prepend=-1) != 0]
    return different


def promising(scores: Floats, count: int) -> Rows:
    """Give rows among which the `count` highest are, with all that equal the lowest of these, and some others.

    What scores minus infinity is never among them. The best of each block is a row's score: where so many blocks reach
    a height, so many rows do. The rows of a block stand far apart, because those of a session are lifted together.
    """
    if len(scores) <= count:
        return np.flatnonzero(scores > -np.inf)
    size = min(max(len(scores) // (BLOCKS_A_ROW * count), 1), MOST_A_BLOCK)
    heights = _heights(scores, size) if size > 1 else scores
    least = np.partition(heights, len(heights) - count)[len(heights) - count]
    return np.flatnonzero(scores >= least) if least > -np.inf else np.flatnonzero(scores > -np.inf)


def _heights(scores: Floats, size: int) -> Floats:
    """Give the best score of each of `len(scores) // size` blocks of `size` rows, then those of the rows left over."""
    count = len(scores) // size
    blocks = scores[: size * count].reshape(size, count)
    return np.concatenate([blocks.max(axis=0), scores[size * count :]])


def ranks(scores: Floats, places: Rows) -> Rows:
    """Give the rank, from 1, that the scores at `places` have among all of them; ties share the best."""
    above: Rows = len(scores) - np.sort(scores).searchsorted(scores[places], side="right")
    return above + 1
