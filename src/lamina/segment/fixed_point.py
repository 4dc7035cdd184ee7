"""Vectors in fixed point, so that every sum over them is exact, whatever its order, its grouping or its machine.

A component is a whole number of 2⁻¹⁵, held as float64. Sums of up to `MOST_ROWS` rows, and products of two such sums,
stay below 2⁵³, where float64 counts without rounding; a product by BLAS is as exact as one by hand. That is what lets
cutting as things arrive equal cutting all at once, to the last bit. Knows no observations.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lamina.core.errors import InvalidArgument

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


def fixed(vector: Sequence[float] | NDArray[np.floating]) -> Exact:
    """Give a vector of about unit length in fixed point, shape (width,), or (rows, width) for a matrix.

    Raises:
        InvalidArgument: a number that is not finite, or a row longer than `LONGEST`.
    """
    whole: Exact = np.rint(np.asarray(vector, dtype=np.float64) * ONE)
    # Asked this way round because nothing compares with a number that is none.
    if not (np.square(whole).sum(axis=-1) <= (LONGEST * ONE) ** 2).all():
        raise InvalidArgument("vector", "is not of unit length", "give what the encoder gave")
    return whole


def surprise(context: Exact, coming: Exact) -> int:
    """Give 1 − the cosine between two sums of rows, in units of 1 / `UNIT`; 0 where either says nothing.

    What goes into the quotient is exact, and the roundings in it are those that IEEE 754 lays down everywhere.
    """
    lengths = float(context @ context) * float(coming @ coming)
    if lengths == 0:
        return 0
    return round((1 - float(context @ coming) / math.sqrt(lengths)) * UNIT)
