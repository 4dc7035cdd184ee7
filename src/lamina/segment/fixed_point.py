"""Vectors in fixed point, so that every sum over them is exact, whatever its order, its grouping or its machine.

A component is a whole number of 2⁻¹⁵, held as float64. Sums of up to `MOST_ROWS` rows, and products of two such sums,
stay below 2⁵³, where float64 counts without rounding; a product by BLAS is as exact as one by hand. That is what lets
cutting as things arrive equal cutting all at once, to the last bit. Knows no observations.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: One, in fixed point. Stored vectors are float16, whose components below 1 keep eleven bits.
ONE = 1 << 15
#: One surprise, as far as a cosine over eleven bits tells surprises apart.
UNIT = 1 << 20
#: A unit vector is this long at most; rounding to float16 moves it by less than a thousandth.
LONGEST = 2.0
#: How many rows a sum may hold: 2 · 2¹⁵ · 2⁹ = 2²⁵ long, so that products of two stay at 2⁵⁰.
MOST_ROWS = 1 << 9

#: Whole numbers held as float64.
Exact = NDArray[np.float64]


def fixed(vectors: ArrayLike) -> Exact:
    """Give vectors of about unit length in fixed point, shape (rows, width).

    One that is longer than `LONGEST`, or no number, says nothing: it becomes zero.
    """
    with np.errstate(invalid="ignore"):
        # Damaged bytes may be what NumPy warns of.
        whole: Exact = np.rint(np.asarray(vectors, dtype=np.float64) * ONE)
    # Asked this way round because nothing compares with a number that is none.
    is_known = np.square(whole).sum(axis=-1) <= (LONGEST * ONE) ** 2
    return np.where(is_known[..., None], whole, 0.0)


def middle(vectors: Exact) -> Exact:
    """Give the mean of rows in fixed point, as near as fixed point comes."""
    mean: Exact = np.rint(vectors.sum(axis=0) / len(vectors))
    return mean


def surprises(contexts: Exact, comings: Exact) -> NDArray[np.int64]:
    """Give 1 − the cosine between sums of rows, pair by pair, in units of 1 / `UNIT`; 0 where either says nothing.

    What goes into each quotient is exact, and the roundings in it are those that IEEE 754 lays down everywhere.
    """
    lengths = np.square(contexts).sum(axis=-1) * np.square(comings).sum(axis=-1)
    says = lengths > 0
    cosines = np.where(says, (contexts * comings).sum(axis=-1), 1.0) / np.sqrt(np.where(says, lengths, 1.0))
    return np.rint((1 - cosines) * UNIT).astype(np.int64)
