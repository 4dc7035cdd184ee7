"""The rows that said what their records say by two clocks: see `core.clocks`.

Most rows were active once, from the operation that made them to the one that ended it, and stand alone in their record.
Of records with several revisions, and of those that came back, the log is asked, once, and kept beside the index.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lamina.core.clocks import Stay, stays
from lamina.core.operations import Operation
from lamina.core.time import from_us, to_us
from lamina.index.neighbours import NO_TIME

#: Reads all operations on each record that operations after a number gave another revision, or brought back.
ReadTurns = Callable[[int], Iterable[Sequence[Operation]]]
Flags = NDArray[np.bool_]
#: After every number and instant.
_LAST = int(np.iinfo(np.int64).max)
#: Bytes of a stay in its arrays, and roughly of one in its tuple.
STAY_BYTES = 5 * 8 + 200


class Rows(Protocol):
    """What is asked of rows; see `index.scope_index.IndexView`."""

    @property
    def reach(self) -> int:
        """The last operation that they know of."""

    @property
    def number(self) -> NDArray[np.int64]:
        """The operation that made each."""

    @property
    def until(self) -> NDArray[np.int64]:
        """The operation that ended its being active."""

    @property
    def active(self) -> Flags:
        """Whether it is active now."""

    @property
    def at_us(self) -> NDArray[np.int64]:
        """When it was said."""


class Past:
    """What is known of the rows of one index that were not simply there from one operation to another."""

    def __init__(self) -> None:
        """Begin without knowing of any."""
        #: The last operation that was looked at.
        self.number = 0
        #: By record, its rows, and the stays of each as five numbers.
        self._rows: dict[str, list[int]] = {}
        self._stays: dict[str, list[tuple[int, int, int, int, int]]] = {}
        self._turned = np.zeros(0, dtype=np.int64)
        self._table = np.zeros((0, 5), dtype=np.int64)

    @property
    def nbytes(self) -> int:
        """Bytes that it takes, roughly."""
        return STAY_BYTES * len(self._table)

    def bring_up(self, view: Rows, read: ReadTurns) -> None:
        """Take in what the rows of an index that was brought up have of such records."""
        if self.number == view.reach:
            return
        found = False
        for operations in read(self.number):
            found = True
            self._take_in(view, operations)
        if found:
            rows = [row for some in self._rows.values() for row in some]
            self._turned = np.array(sorted(rows), dtype=np.int64)
            told = [stay for some in self._stays.values() for stay in some]
            self._table = np.array(told, dtype=np.int64).reshape(-1, 5)
        self.number = view.reach

    def rows_then(self, view: Rows, *, number: int | None, as_of_us: int | None, begun: Flags | None) -> Flags:
        """Say which rows were what their records said after operation `number`, None = now, of an instant.

        `begun` says which rows hold from before that instant on; None = whenever. `bring_up` was called for this view.
        """
        shown: Flags = view.active.copy() if number is None else (view.number <= number) & (view.until > number)
        if begun is not None:
            shown &= begun
        if len(self._turned):
            known = view.reach if number is None else number
            row, known_from, known_until, holds_from, holds_until = self._table.T
            hit = (known_from <= known) & (known < known_until)
            hit &= holds_until == _LAST if as_of_us is None else (holds_from <= as_of_us) & (as_of_us < holds_until)
            shown[self._turned] = False
            shown[row[hit]] = True
        return shown

    def _take_in(self, view: Rows, operations: Sequence[Operation]) -> None:
        record_id = operations[0].record_id
        rows, begins = {}, {}
        for operation in reversed(operations):
            row = int(view.number.searchsorted(operation.number))
            # Erased revisions have no row, and what only moves one made none.
            if row < len(view.number) and view.number[row] == operation.number:
                at_us = int(view.at_us[row])
                rows[operation.revision] = row
                begins[operation.revision] = operation.recorded_at if at_us == NO_TIME else from_us(at_us)
        self._rows[record_id] = list(rows.values())
        self._stays[record_id] = [_row_of(stay, rows[stay.revision]) for stay in stays(operations, begins)]


def _row_of(stay: Stay, row: int) -> tuple[int, int, int, int, int]:
    until = _LAST if stay.known_until is None else stay.known_until
    ends = _LAST if stay.holds_until is None else to_us(stay.holds_until)
    return row, stay.known_from, until, to_us(stay.holds_from), ends
