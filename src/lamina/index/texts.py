"""Texts: the rows' words in one run, so that a part is looked for at the speed of memory.

Bytes of UTF-8, a text after the other with NULs between, which no text holds: a part stands in the bytes where it
stands in the text. Over 100,000 texts of 120 characters a rare part is found in 5 to 8 ms, one by one in 18 to 26.
"""

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lamina.index.columns import Column

#: Full parts are never copied again: what comes is joined to the last one, until it is this long.
PART_BYTES = 1 << 20
END = b"\0"


class TextColumn:
    """The words of rows, perhaps with upper and lower case made the same; only ever added to."""

    def __init__(self, *, folds_case: bool = False) -> None:
        """Begin without a row."""
        self._folds_case = folds_case
        self._parts: tuple[bytes, ...] = ()
        #: At which byte of all parts each row's text begins.
        self._starts: Column[np.int64] = Column(np.int64)
        #: What readers look at, whole: parts and starts.
        self._shown: tuple[tuple[bytes, ...], NDArray[np.int64]] = (self._parts, self._starts.view())
        #: The last operation that made one of the rows.
        self.number = 0

    @property
    def nbytes(self) -> int:
        """Bytes that the texts take."""
        return self._starts.nbytes + sum(map(len, self._parts))

    def extend(self, texts: Iterable[str], *, number: int) -> None:
        """Take in the texts of the rows that follow, made by operations up to `number`."""
        fresh = [(text.casefold() if self._folds_case else text).encode() + END for text in texts]
        if fresh:
            first = sum(map(len, self._parts))
            self._starts.extend(first + np.cumsum([0, *map(len, fresh[:-1])]))
            self._parts = _grown(self._parts, fresh)
            self._shown = (self._parts, self._starts.view())
        self.number = number

    def that_contain(self, part: str, size: int) -> NDArray[np.bool_]:
        """Say which of the first `size` rows have a text that holds `part`."""
        wanted = (part.casefold() if self._folds_case else part).encode()
        # On to the end of the text: one find a row.
        pattern = re.compile(re.escape(wanted) + b"[^\0]*")
        parts, starts = self._shown
        places: list[int] = []
        first = 0
        for text in parts:
            places += [first + found.start() for found in pattern.finditer(text)]
            first += len(text)
        rows = starts.searchsorted(places, side="right") - 1
        held = np.zeros(size, dtype=bool)
        held[rows[rows < size]] = True
        return held


def _grown(parts: tuple[bytes, ...], fresh: Iterable[bytes]) -> tuple[bytes, ...]:
    """Give parts with texts behind them; none but the last is shorter than `PART_BYTES`."""
    grown = list(parts)
    open_part = [grown.pop()] if grown and len(grown[-1]) < PART_BYTES else []
    size = sum(map(len, open_part))
    for text in fresh:
        open_part.append(text)
        size += len(text)
        if size >= PART_BYTES:
            grown.append(b"".join(open_part))
            open_part, size = [], 0
    return (*grown, b"".join(open_part)) if open_part else tuple(grown)
