"""Comparing two indexes of one wall: equal is equal to the last bit, whatever numbers the names have in each."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.index.scope_index import LABELS, NUMBERS, IndexView
from lamina.index.vectors import VectorPart

_POSTINGS = ("first", "keys", "starts", "rows", "counts")
_SPANS = ("rows", "starts", "ends", "scales", "values")


def row_differences(view: IndexView, other: IndexView) -> Iterator[str]:
    """Give in words what of the rows of `view` is not as in `other`."""
    if (len(view), view.reach) != (len(other), other.reach):
        yield f"it has {len(view)} rows up to operation {view.reach}, not {len(other)} up to {other.reach}"
        return
    for name in (*NUMBERS, "until", "active", "asking", "joined_parts"):
        yield from _column(name, getattr(view, name), getattr(other, name))
    for label in LABELS:
        mine, theirs = (np.array([None, *each.names[label].all()], dtype=object) for each in (view, other))
        yield from _column(label, mine[getattr(view, label)], theirs[getattr(other, label)])
    for side, name in enumerate(("before", "after")):
        yield from _column(f"row {name}", view.sides[side], other.sides[side])
    yield from _column("beginning of session", view.session_starts, other.session_starts)
    if view.metadata != other.metadata:
        rows = sorted(view.metadata.items() ^ other.metadata.items())
        yield f"the metadata of row {rows[0][0]} differs"
    yield from _postings(view, other)


def _postings(view: IndexView, other: IndexView) -> Iterator[str]:
    yield from _column("length", view.postings.lengths, other.postings.lengths)
    pairs = _pairs((*view.postings.parts, view.postings.tail()), (*other.postings.parts, other.postings.tail()))
    for ordinal, (mine, theirs) in enumerate(pairs):
        if theirs is None or mine is None or not all(_same(mine, theirs, name) for name in _POSTINGS):
            yield f"part {ordinal} of the postings differs"


def vector_differences(parts: Iterable[VectorPart], others: Iterable[VectorPart]) -> Iterator[str]:
    """Give in words what of the vectors in `parts` is not as in `others`, of which one of each is held at a time."""
    for ordinal, (mine, theirs) in enumerate(zip_longest(parts, others)):
        same = mine is not None and theirs is not None and all(_same(mine, theirs, name) for name in _SPANS)
        if not same or not all(map(np.array_equal, mine.signs, theirs.signs)):
            yield f"part {ordinal} of the vectors differs"


def _column(name: str, mine: NDArray[Any], theirs: NDArray[Any]) -> Iterator[str]:
    if len(mine) != len(theirs):
        yield f"there are {len(mine)} of the {name}, not {len(theirs)}"
    elif not np.array_equal(mine, theirs):
        row = int(np.flatnonzero(mine != theirs)[0])
        yield f"the {name} of row {row} is {mine[row]!r}, not {theirs[row]!r}"


def _same(one: object, other: object, name: str) -> bool:
    return bool(np.array_equal(getattr(one, name), getattr(other, name)))


def _pairs(mine: Sequence[Any], theirs: Sequence[Any]) -> list[tuple[Any, Any]]:
    longest = max(len(mine), len(theirs))
    padded = ([*parts, *[None] * (longest - len(parts))] for parts in (mine, theirs))
    return list(zip(*padded, strict=True))
