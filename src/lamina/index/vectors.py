"""Vectors of one wall, and cosine scores: exact, over every span; a row's score is its best span's."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.index.columns import Column

#: The score of a row that has no vector yet.
NO_SCORE = -1.0


@dataclass(frozen=True, slots=True)
class VectorsView:
    """The vectors as they were at one moment, a span each."""

    matrix: NDArray[np.float32]
    #: The row that each span belongs to, and what it covers of its text.
    rows: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]

    def best_span(self, row: int, query: NDArray[np.float32]) -> tuple[int, int] | None:
        """Give the code points of the row's span that is nearest to `query`; None without a vector."""
        mine = np.flatnonzero(self.rows == row)
        if not len(mine):
            return None
        best = mine[int(np.argmax(self.matrix[mine] @ query))]
        return int(self.starts[best]), int(self.ends[best])


class Vectors:
    """The vectors of one wall; spans are only ever added."""

    def __init__(self, width: int) -> None:
        """Take vectors of `width` numbers."""
        self._matrix = Column(np.float32, width=width)
        self._rows, self._starts, self._ends = (Column(np.int32) for _ in range(3))

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return sum(column.nbytes for column in (self._matrix, self._rows, self._starts, self._ends))

    def extend(self, spans: Sequence[tuple[int, int, int, bytes]]) -> None:
        """Append spans: row, start, end, little-endian float16 numbers."""
        self._rows.extend([row for row, _, _, _ in spans])
        self._starts.extend([start for _, start, _, _ in spans])
        self._ends.extend([end for _, _, end, _ in spans])
        if spans:
            numbers = np.frombuffer(b"".join(values for _, _, _, values in spans), dtype="<f2")
            self._matrix.extend(numbers.reshape(len(spans), -1).astype(np.float32))

    def view(self) -> VectorsView:
        """Give the vectors as they are now."""
        return VectorsView(self._matrix.view(), self._rows.view(), self._starts.view(), self._ends.view())


def cosine(
    walls: Sequence[tuple[VectorsView, int]],
    query: NDArray[np.float32],
    *,
    span_penalty: float = 0.0,
    is_first_span_only: bool = False,
) -> NDArray[np.float64]:
    """Give the cosine of `query` with the best span of every row; `walls` are (vectors, how many rows).

    Both sides have unit length but for the rounding of float16. Many spans have many chances: `span_penalty` times
    ln(number of spans) is taken off. Rows without a vector get `NO_SCORE`.
    """
    scores = []
    for wall, size in walls:
        score = np.full(size, NO_SCORE)
        if len(wall.rows):
            spans = (wall.matrix @ query).astype(np.float64)
            counted = wall.starts == 0 if is_first_span_only else slice(None)
            np.maximum.at(score, wall.rows[counted], spans[counted])
            if span_penalty:
                score -= span_penalty * np.log(np.maximum(np.bincount(wall.rows, minlength=size), 1))
        scores.append(score)
    return np.concatenate(scores) if scores else np.zeros(0)
