"""What a recipe is: an analyser, its BM25 parameters, how spans make a row's cosine, and how the signals are fused."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.recall.nearby import Runs

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What is known of every row when signals are fused."""

    #: BM25, 0 and above.
    lexical: Floats
    #: Cosine of the best span, `absent` where there is no vector.
    dense: Floats
    absent: float
    #: Which rows were said by somebody whom the question names; None where it names nobody.
    speaker: Flags | None
    #: Which were said in a role that the question means by "I" or "you"; None where it means none.
    role: Flags | None
    #: Which fall within a day that the question names; None where it names none.
    day: Flags | None
    #: The sessions in which the rows stand.
    session: Runs
    #: BM25 of each row's session as one text, 0 outside any; None where the recipe does not ask for it.
    session_lexical: Floats | None = None
    #: The row before and the row after each, negative where there is none; None where the recipe does not ask.
    sides: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A named way to rank."""

    name: str
    #: Names what makes the terms: what is kept of an index is used again where this is the same.
    analyser: str
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
    #: Whether sessions are scored as texts, and the rows beside each row are known, when signals are fused.
    uses_hierarchy: bool = False
    uses_lexical: bool = True
    uses_dense: bool = True
