"""Values: what rows have under the names that filters ask for, as numbers, so that a condition is asked once a value.

A column is made when a filter first asks for its name, out of the rows' metadata or of what the store reads, and grows
with the rows. Different values are few, or the work is done by arrays; rows look up the answers. Whoever extends a
column holds the lock of the index's owner. Readers need none: values and rows are only ever added, what was added last
shows when all of it is there, and a reader looks no further than its view of the rows.
"""

import json
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lamina.core.filters import (
    COMPARE,
    Bound,
    Condition,
    Contains,
    Field,
    Found,
    OneOf,
    Path,
    Subject,
    lets_none_through,
    values_at,
)
from lamina.core.records import Metadata
from lamina.index.columns import Column
from lamina.index.texts import TextColumn

#: The codes of a dict, of false and of true; other values follow.
A_DICT, FALSE, TRUE = 0, 1, 2
#: Rough bytes of a different value: its place in a list and a table, and a text's own.
TEXT_BYTES = 140
FOLDED_BYTES = 60
NUMBER_BYTES = 130
#: So many rows' metadata is read as one JSON list.
ROWS_AT_ONCE = 500
Flags = NDArray[np.bool_]


def texts_that_answer(condition: Condition, texts: Iterable[str]) -> list[bool]:
    """Say of each text whether it is what a condition asks for."""
    if isinstance(condition, OneOf):
        wanted = {value for value in condition.values if isinstance(value, str)}
        return [text in wanted for text in texts]
    if isinstance(condition, Bound):
        bound, compare = condition.value, COMPARE[condition.order]
        return [isinstance(bound, str) and compare(text, bound) for text in texts]
    part = condition.part
    if condition.folds_case:
        folded = part.casefold()
        return [folded in text.casefold() for text in texts]
    return [part in text for text in texts]


class _Shown(NamedTuple):
    """How far readers may look into a column."""

    rows: NDArray[np.int32]
    codes: NDArray[np.int32]
    #: How many codes there are; the codes of texts and of numbers in the order of their lists, numbers as floats.
    size: int
    text_codes: NDArray[np.int32]
    number_codes: NDArray[np.int32]
    rounded: NDArray[np.float64]


class ValueColumn:
    """What rows have under one name: nothing, a value, or several."""

    def __init__(self) -> None:
        """Begin without a row, and with a dict, false and true, which every column may have."""
        self._rows: Column[np.int32] = Column(np.int32)
        self._codes: Column[np.int32] = Column(np.int32)
        self._texts: dict[str, int] = {}
        self._numbers: dict[int | float, int] = {}
        #: The same in the order of their codes, and the texts with upper and lower case made the same, once asked for.
        self._spelt: list[str] = []
        self._exact: list[int | float] = []
        self._folded: list[str] = []
        self._text_codes: Column[np.int32] = Column(np.int32)
        self._number_codes: Column[np.int32] = Column(np.int32)
        #: Whole numbers beyond 2⁵³ are rounded.
        self._rounded: Column[np.float64] = Column(np.float64)
        self._characters = 0
        self._size = TRUE + 1
        #: How many rows were looked at, and the last operation that made one of them.
        self.size = 0
        self.number = 0
        self._shown = self._show()

    @property
    def nbytes(self) -> int:
        """Bytes that the column takes, roughly."""
        columns = (self._rows, self._codes, self._text_codes, self._number_codes)
        arrays = sum(column.nbytes for column in columns) + self._rounded.nbytes
        # What is folded is mostly as long again.
        characters = self._characters * (2 if self._folded else 1)
        texts = TEXT_BYTES * len(self._spelt) + FOLDED_BYTES * len(self._folded)
        return arrays + characters + texts + NUMBER_BYTES * len(self._exact)

    def extend(self, found: Iterable[tuple[int, Sequence[Found]]], *, size: int, number: int) -> None:
        """Take in what rows have, in their order; `size` rows have been looked at, made by operations to `number`."""
        first_text, first_number = len(self._spelt), len(self._exact)
        pairs = [(row, self._code(value)) for row, values in found for value in values]
        texts, numbers = self._spelt[first_text:], self._exact[first_number:]
        self._rows.extend([row for row, _ in pairs])
        self._codes.extend([code for _, code in pairs])
        self._text_codes.extend([self._texts[text] for text in texts])
        self._number_codes.extend([self._numbers[each] for each in numbers])
        self._rounded.extend([_rounded(each) for each in numbers])
        self._characters += sum(map(len, texts))
        self.size, self.number = size, number
        self._shown = self._show()

    def that_hold(self, condition: Condition, size: int) -> Flags:
        """Say which of the first `size` rows hold a condition."""
        shown = self._shown
        count = int(shown.rows.searchsorted(size))
        rows, codes = shown.rows[:count], shown.codes[:count]
        held = np.zeros(size, dtype=bool)
        held[rows[self._that_answer(condition, shown)[codes]]] = True
        if lets_none_through(condition):
            has_none = np.ones(size, dtype=bool)
            has_none[rows] = False
            held |= has_none
        return held

    def _that_answer(self, condition: Condition, shown: _Shown) -> Flags:
        """Say by code which values are what a condition asks for."""
        table = np.zeros(shown.size, dtype=bool)
        if isinstance(condition, OneOf):
            codes = [self._known(value) for value in condition.values]
            table[[code for code in codes if code is not None and code < shown.size]] = True
        elif isinstance(condition, Bound) and not isinstance(condition.value, str):
            table[shown.number_codes] = self._on_the_side(condition, shown.rounded)
        else:
            table[shown.text_codes] = self._texts_that_answer(condition, len(shown.text_codes))
        return table

    def _texts_that_answer(self, condition: Condition, count: int) -> list[bool]:
        if not isinstance(condition, Contains) or not condition.folds_case:
            return texts_that_answer(condition, islice(self._spelt, count))
        folded = self._folded
        if len(folded) < count:
            self._folded = folded = folded + [text.casefold() for text in self._spelt[len(folded) : count]]
        part = condition.part.casefold()
        return [part in text for text in islice(folded, count)]

    def _on_the_side(self, condition: Bound, rounded: NDArray[np.float64]) -> Flags:
        """Compare numbers with a bound: as floats, and exactly where these are equal."""
        bound, compare = condition.value, COMPARE[condition.order]
        edge = _rounded(bound)
        found: Flags = compare(rounded, edge)
        for place in np.flatnonzero(rounded == edge).tolist():
            found[place] = compare(self._exact[place], bound)
        return found

    def _known(self, value: Found) -> int | None:
        if isinstance(value, bool):
            return TRUE if value else FALSE
        if isinstance(value, str):
            return self._texts.get(value)
        return self._numbers.get(value) if isinstance(value, int | float) else None

    def _code(self, value: Found) -> int:
        """Give the code of a value, a new one where it has none yet."""
        if not isinstance(value, str | int | float):
            return A_DICT
        known = self._known(value)
        if known is not None:
            return known
        if isinstance(value, str):
            self._spelt.append(value)
            self._texts[value] = self._size
        else:
            self._exact.append(value)
            self._numbers[value] = self._size
        self._size += 1
        return self._size - 1

    def _show(self) -> _Shown:
        return _Shown(
            self._rows.view(),
            self._codes.view(),
            self._size,
            self._text_codes.view(),
            self._number_codes.view(),
            self._rounded.view(),
        )


class ValueColumns:
    """The columns that filters have asked for, by name."""

    def __init__(self, metadata: dict[int, str]) -> None:
        """Begin without any; `metadata` is that of the rows, as JSON, and grows with them."""
        self._metadata = metadata
        self._columns: dict[Subject, ValueColumn] = {}
        #: The words of the rows, as they are and with upper and lower case made the same.
        self.texts = {folds_case: TextColumn(folds_case=folds_case) for folds_case in (False, True)}

    def __getitem__(self, subject: Subject) -> ValueColumn:
        """Give the column of a name that was asked for."""
        return self._columns[subject]

    @property
    def nbytes(self) -> int:
        """Bytes that the columns take, roughly."""
        texts = sum(column.nbytes for column in self.texts.values())
        return texts + sum(column.nbytes for column in tuple(self._columns.values()))

    def column(self, subject: Subject) -> ValueColumn:
        """Give the column of a name, an empty one where it was not asked for yet."""
        return self._columns.setdefault(subject, ValueColumn())

    def take_in_metadata(self, paths: Collection[Path], *, size: int, number: int) -> None:
        """Bring the columns of keys of metadata up to `size` rows, each row's JSON read once for all of them."""
        behind = {path: column for path in paths if (column := self.column(path)).size < size}
        if not behind:
            return
        found: dict[Path, list[tuple[int, Sequence[Found]]]] = {path: [] for path in behind}
        for row, metadata in self._read(min(column.size for column in behind.values()), size):
            for path, column in behind.items():
                if row >= column.size and (values := values_at(metadata, path)):
                    found[path].append((row, values))
        for path, column in behind.items():
            column.extend(found[path], size=size, number=number)

    def _read(self, first: int, size: int) -> Iterator[tuple[int, Metadata]]:
        """Give the metadata of rows from `first` on; read in batches, in half the time."""
        rows = [row for row in range(first, size) if row in self._metadata]
        for start in range(0, len(rows), ROWS_AT_ONCE):
            batch = rows[start : start + ROWS_AT_ONCE]
            yield from zip(batch, json.loads(f"[{','.join(self._metadata[row] for row in batch)}]"), strict=True)

    def take_in_field(
        self, field: Field, numbers: NDArray[np.int64], read: Iterable[tuple[int, Found | None]], *, number: int
    ) -> None:
        """Take in what the store reads of a field, by the operations that made the rows, up to `number`.

        `numbers` are those of all rows.
        """
        read = list(read)
        rows = numbers.searchsorted([made for made, _ in read]).tolist()
        values = (value for _, value in read)
        pairs = [(row, (value,)) for row, value in zip(rows, values, strict=True) if value is not None]
        self.column(field).extend(pairs, size=len(numbers), number=number)


def _rounded(number: Found) -> float:
    """Give the nearest float; what is larger than any is infinite."""
    try:
        return float(number)  # type: ignore[arg-type]  # numbers alone are compared as numbers
    except OverflowError:
        return math.inf if number > 0 else -math.inf  # type: ignore[operator]  # likewise
