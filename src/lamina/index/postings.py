"""Postings of one wall, and BM25 over several walls scored as one.

A compiled base (CSR: the rows of each term side by side) and, in front of it, the entries that came since. The base
is compiled anew when those grow to a quarter of it, so that adding costs the same however large a wall is.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.index.columns import Column

#: A text's terms.
Analyse = Callable[[str], list[str]]
#: Entries that wait in front of the base before it is compiled anew, at the least.
LEAST_DELTA = 4096
DELTA_SHARE = 0.25
Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PostingsView:
    """The postings as they were at one moment."""

    numbers: dict[str, int]
    starts: NDArray[np.int64]
    base_rows: Ints
    base_counts: Ints
    delta_terms: Ints
    delta_rows: Ints
    delta_counts: Ints
    #: Terms of each row, repetitions counted.
    lengths: Ints

    def rows_of(self, term: str) -> tuple[Ints, Ints]:
        """Give the rows that hold `term`, ascending, and how often."""
        number = self.numbers.get(term)
        if number is None:
            return self.base_rows[:0], self.base_counts[:0]
        found = np.flatnonzero(self.delta_terms == number)
        if number + 1 >= len(self.starts):
            return self.delta_rows[found], self.delta_counts[found]
        base = slice(self.starts[number], self.starts[number + 1])
        if not len(found):
            return self.base_rows[base], self.base_counts[base]
        return (
            np.concatenate([self.base_rows[base], self.delta_rows[found]]),
            np.concatenate([self.base_counts[base], self.delta_counts[found]]),
        )


class Postings:
    """The postings of one wall; rows are only ever added."""

    def __init__(self, analyse: Analyse) -> None:
        """Take the terms of each text from `analyse`."""
        self._analyse = analyse
        self._numbers: dict[str, int] = {}
        self._entries = [Column(np.int32) for _ in range(3)]
        self._lengths = Column(np.int32)
        self._base_size = 0
        self._base: tuple[Any, Any, Any] = (np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32))

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays and, roughly, of the vocabulary."""
        arrays = sum(column.nbytes for column in (*self._entries, self._lengths)) + sum(part.nbytes for part in self._base)
        return int(arrays) + 100 * len(self._numbers)

    def extend(self, texts: Sequence[str]) -> None:
        """Append one row a text."""
        first = len(self._lengths)
        found: list[tuple[int, int, int]] = []
        lengths: list[int] = []
        for row, text in enumerate(texts, start=first):
            counts = Counter(self._analyse(text))
            lengths.append(counts.total())
            for term, count in counts.items():
                found.append((self._numbers.setdefault(term, len(self._numbers)), row, count))
        self._lengths.extend(lengths)
        if found:
            for column, values in zip(self._entries, np.array(found, dtype=np.int32).T, strict=True):
                column.extend(values)
        waiting = len(self._entries[0]) - self._base_size
        if waiting > max(LEAST_DELTA, DELTA_SHARE * self._base_size):
            self._compile()

    def view(self) -> PostingsView:
        """Give the postings as they are now."""
        terms, rows, counts = (column.view()[self._base_size :] for column in self._entries)
        return PostingsView(self._numbers, *self._base, terms, rows, counts, self._lengths.view())

    def _compile(self) -> None:
        numbers, rows, counts = (column.view() for column in self._entries)
        order = np.argsort(numbers, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=len(self._numbers)))])
        self._base = (starts.astype(np.int64), rows[order], counts[order])
        self._base_size = len(numbers)


def idf(df: int, size: int) -> float:
    """Give the inverse document frequency ln(1 + (N - df + ½) / (df + ½)), which is never negative."""
    return math.log(1 + (size - df + 0.5) / (df + 0.5))


def bm25(walls: Sequence[PostingsView], asked: Sequence[str], *, k1: float, b: float) -> Floats:
    """Give the BM25 score of every row of `walls`, one after another, scored as one collection.

    Robertson and Zaragoza, The Probabilistic Relevance Framework (2009): per term idf · tf (k1 + 1) / (tf + k1 (1 - b +
    b · length / mean length)). Document counts, frequencies and lengths are summed over the walls; a term that the
    question repeats counts as often.
    """
    size = sum(len(wall.lengths) for wall in walls)
    scores = [np.zeros(len(wall.lengths)) for wall in walls]
    mean = sum(int(wall.lengths.sum(dtype=np.int64)) for wall in walls) / max(size, 1)
    for term, repeats in Counter(asked).items():
        found = [wall.rows_of(term) for wall in walls]
        df = sum(len(rows) for rows, _ in found)
        if not df:
            continue
        weight = repeats * idf(df, size) * (k1 + 1)
        for wall, score, (rows, counts) in zip(walls, scores, found, strict=True):
            norm = k1 * (1 - b + b * wall.lengths[rows] / mean)
            score[rows] += weight * counts / (counts + norm)
    return np.concatenate(scores) if scores else np.zeros(0)
