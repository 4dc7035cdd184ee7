"""What a recipe is: an analyser, its BM25 parameters, how spans make a row's cosine, and how the signals are fused."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What is known of every row when signals are fused."""

    #: BM25, 0 and above.
    lexical: Floats
    #: Cosine of the best span, `absent` where there is no vector.
    dense: Floats
    absent: float
    #: 1 where the row was said by somebody whom the question names.
    speaker: Floats
    #: 1 where the row was said in a role that the question means by "I" or "you".
    role: Floats
    #: 1 where the row falls within a day that the question names.
    day: Floats
    #: The session of each row, as small numbers; 0 = outside any.
    session: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A named way to rank."""

    name: str
    #: A text's terms.
    analyse: Callable[[str], list[str]]
    k1: float
    b: float
    #: Taken off a row's best cosine, times √(2 ln(number of its spans)): many spans have many chances.
    span_penalty: float
    #: Only the first span of a long text counts.
    is_first_span_only: bool
    fuse: Callable[[Signals], Floats]
    #: From the rows' lengths, how much the words before and after each count with its own; None = not at all.
    weigh_neighbours: Callable[[NDArray[np.int32]], tuple[Floats, Floats]] | None = None
    uses_lexical: bool = True
    uses_dense: bool = True
