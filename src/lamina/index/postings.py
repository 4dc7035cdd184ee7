"""Postings of one wall, and BM25 over several walls scored as one.

A compiled base (CSR: the rows of each term side by side) and, in front of it, the entries that came since. The base
is compiled anew when those grow to a quarter of it, so that adding costs the same however large a wall is. Scores do
not depend on how an index came to hold its rows, nor on their order, to the last bit.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.index.columns import Column

#: A text's terms.
Analyse = Callable[[str], list[str]]
#: Entries that wait in front of the base before it is compiled anew, at the least.
LEAST_DELTA = 4096
DELTA_SHARE = 0.25
#: Rough bytes of a term in the vocabulary.
TERM_BYTES = 120
Ints = NDArray[np.int32]
Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Joined lengths are counted in these parts of a term, as whole numbers: their sum is exact in any order.
LENGTH_PARTS = 256


@dataclass(frozen=True, slots=True)
class PostingsView:
    """The postings as they were at one moment."""

    #: Grows with the index; a term that came later has no entries here.
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


@dataclass(frozen=True, slots=True)
class Beside:
    """The neighbours whose words count with each row's own; one entry a row of one wall."""

    #: The row before and the row after, negative where there is none.
    before: Rows
    after: Rows
    #: How much their words count, 0 = not at all, 1 = as its own.
    before_weight: Floats
    after_weight: Floats


class Postings:
    """The postings of one wall; rows are only ever added."""

    def __init__(self, analyse: Analyse) -> None:
        """Take the terms of each text from `analyse`."""
        self._analyse = analyse
        self._numbers: dict[str, int] = {}
        self._entries = [Column(np.int32) for _ in range(3)]
        self._lengths = Column(np.int32)
        self._base_size = 0
        self._base: tuple[NDArray[np.int64], Ints, Ints] = _compiled([column.view() for column in self._entries], 0)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays and, roughly, of the vocabulary."""
        columns = sum(column.nbytes for column in (*self._entries, self._lengths))
        return columns + sum(part.nbytes for part in self._base) + TERM_BYTES * len(self._numbers)

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
        for column, values in zip(self._entries, np.array(found, dtype=np.int32).reshape(-1, 3).T, strict=True):
            column.extend(values)
        waiting = len(self._entries[0]) - self._base_size
        if waiting > max(LEAST_DELTA, DELTA_SHARE * self._base_size):
            self._base = _compiled([column.view() for column in self._entries], len(self._numbers))
            self._base_size = len(self._entries[0])

    def view(self) -> PostingsView:
        """Give the postings as they are now."""
        terms, rows, counts = (column.view()[self._base_size :] for column in self._entries)
        return PostingsView(self._numbers, *self._base, terms, rows, counts, self._lengths.view())


def _compiled(entries: Sequence[Ints], terms: int) -> tuple[NDArray[np.int64], Ints, Ints]:
    """Put the entries (term, row, count) of each of `terms` terms side by side, rows ascending."""
    numbers, rows, counts = entries
    order = np.argsort(numbers, kind="stable")
    starts = np.zeros(terms + 1, dtype=np.int64)
    np.cumsum(np.bincount(numbers, minlength=terms), out=starts[1:])
    return starts, rows[order], counts[order]


def idf(df: int, size: int) -> float:
    """Give the inverse document frequency ln(1 + (N - df + ½) / (df + ½)), which is never negative."""
    return math.log(1 + (size - df + 0.5) / (df + 0.5))


def bm25(
    walls: Sequence[PostingsView],
    asked: Sequence[str],
    *,
    k1: float,
    b: float,
    beside: Sequence[Beside] | None = None,
) -> Floats:
    """Give the BM25 score of every row of `walls`, one after another, scored as one collection.

    Robertson and Zaragoza, The Probabilistic Relevance Framework (2009): per term idf · tf (k1 + 1) / (tf + k1 (1 - b +
    b · length / mean length)). Document counts, frequencies and lengths are summed over the walls; a term that the
    question repeats counts as often.

    With `beside` (one a wall) the words of a row's neighbours count as weighted fields of the row, added up before
    saturation (BM25F: Robertson, Zaragoza and Taylor, Simple BM25 Extension to Multiple Weighted Fields, 2004); a row
    may then score by its neighbours' words alone.
    """
    lengths = _joined_lengths(walls, beside)
    size = sum(map(len, lengths))
    mean = sum(int(each.sum(dtype=np.int64)) for each in lengths) / max(size, 1)
    scores = [np.zeros(len(each)) for each in lengths]
    for term, repeats in Counter(asked).items():
        found = [wall.rows_of(term) for wall in walls]
        df = sum(len(rows) for rows, _ in found)
        if not df:
            continue
        weight = repeats * idf(df, size) * (k1 + 1)
        for place, held in enumerate(found):
            rows, counts = held if beside is None else _spread(*held, beside[place])
            norm = k1 * (1 - b + b * lengths[place][rows] / mean)
            scores[place][rows] += weight * counts / (counts + norm)
    return np.concatenate(scores) if scores else np.zeros(0)


def _joined_lengths(walls: Sequence[PostingsView], beside: Sequence[Beside] | None) -> list[Rows]:
    """Give the length of each row with its weighted neighbours, in whole parts of a term."""
    own = [wall.lengths.astype(np.int64) * LENGTH_PARTS for wall in walls]
    if beside is None:
        return own
    return [each + _taken_in(each, side) for each, side in zip(own, beside, strict=True)]


def _taken_in(own: Rows, side: Beside) -> Rows:
    taken = np.zeros(len(own))
    for rows, weights in ((side.before, side.before_weight), (side.after, side.after_weight)):
        taken += np.where(rows >= 0, own[rows] * weights, 0.0)
    return np.rint(taken).astype(np.int64)


def _spread(rows: Ints, counts: Ints, side: Beside) -> tuple[Rows, Floats]:
    """Give the rows that hold a term themselves or beside them, ascending, and its weighted count in each."""
    total = np.zeros(len(side.before))
    total[rows] = counts
    # Whoever has this row before it is the row after it; no row is reached twice from the same side.
    for neighbours, weights in ((side.after, side.before_weight), (side.before, side.after_weight)):
        reached = neighbours[rows]
        targets = reached[reached >= 0]
        total[targets] += weights[targets] * counts[reached >= 0]
    touched = np.flatnonzero(total)
    return touched, total[touched]
