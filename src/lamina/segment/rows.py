"""What is looked at when a stretch is cut: vectors in fixed point, and how much each row has to say.

A long text says more of what a talk is about than a "Yes.", so it weighs more: a quarter of a thousand characters
counts as four short ones. Measured on meetings, whose rows are seven words long in the middle: the same windows over
rows that all weigh alike find none of the boundaries that people drew.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.core.streams import StreamRow
from lamina.segment.fixed_point import Exact, fixed, middle

#: So many code points make a row one heavier, up to the most.
CHARACTERS_A_WEIGHT = 64
MOST_WEIGHT = 4
#: One row in so many is a milestone, by how its text begins: an event that has grown large ends there. Where others
#: come in before them they stay what they are, so that few ends move.
MILESTONES = 64
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    """Neighbouring rows of one stretch, in their order, as arrays of equal length."""

    #: Zeros where nothing is known.
    vectors: Exact
    weights: NDArray[np.int64]
    #: Whose vectors are not there yet.
    waits: Flags
    milestones: Flags

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.weights)

    def since(self, place: int) -> "Rows":
        """Give the rows from `place` on."""
        return Rows(self.vectors[place:], self.weights[place:], self.waits[place:], self.milestones[place:])

    def followed_by(self, later: "Rows") -> "Rows":
        """Give these rows and then the later ones."""
        return Rows(
            np.concatenate([self.vectors, later.vectors]),
            np.concatenate([self.weights, later.weights]),
            np.concatenate([self.waits, later.waits]),
            np.concatenate([self.milestones, later.milestones]),
        )


def rows_of(found: Sequence[StreamRow], *, width: int) -> Rows:
    """Give rows of a stream as arrays; `width` is that of the encoder. Of several spans the mean counts."""
    spans = [[span for span in row.vectors if len(span) == 2 * width] for row in found]
    flat = np.frombuffer(b"".join(span for row in spans for span in row), dtype="<f2").reshape(-1, width)
    whole = fixed(flat)
    vectors = np.zeros((len(found), width))
    first = 0
    for place, row in enumerate(spans):
        if row:
            vectors[place] = whole[first] if len(row) == 1 else middle(whole[first : first + len(row)])
            first += len(row)
    return Rows(
        vectors,
        np.array([weight(row.length) for row in found], dtype=np.int64),
        np.array([row.waits for row in found], dtype=np.bool_),
        np.array([is_milestone(row.opening) for row in found], dtype=np.bool_),
    )


def weight(length: int) -> int:
    """Give how much a text of so many code points weighs."""
    return min(MOST_WEIGHT, 1 + length // CHARACTERS_A_WEIGHT)


def is_milestone(opening: str) -> bool:
    """Say whether a row whose text begins so is a milestone; one without a text is none."""
    return bool(opening) and zlib.crc32(opening.encode()) % MILESTONES == 0
