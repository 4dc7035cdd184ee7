"""Arrays that grow at the end. What was handed out as a view stays as it was: growth and changes copy.

One thread writes, any number read views. A row that a view shows is never written again: appending writes behind it,
in the same room or in a larger copy, and `change` writes in a copy where a view shows one of its rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Number = TypeVar("Number", bound=np.generic)
#: Rows that an empty column has room for.
FIRST_CAPACITY = 64


class Column(Generic[Number]):
    """A growing array of one type; rows may have a width."""

    def __init__(self, dtype: type[Number], *, width: int | None = None) -> None:
        """Begin empty; `width` None = one number a row."""
        self._shape = () if width is None else (width,)
        self._room: NDArray[Number] = np.zeros((FIRST_CAPACITY, *self._shape), dtype=dtype)
        self._size = 0
        #: How many rows the views that were handed out show at most.
        self._shown = 0
        #: The view that was handed out last, while it shows all.
        self._view: NDArray[Number] | None = None

    def __len__(self) -> int:
        """Count the rows."""
        return self._size

    @property
    def nbytes(self) -> int:
        """Bytes that the array takes, with its room to grow."""
        return self._room.nbytes

    def extend(self, values: ArrayLike) -> None:
        """Append rows; views handed out before do not see them."""
        rows: NDArray[Any] = np.asarray(values).reshape(-1, *self._shape)
        needed = self._size + len(rows)
        if needed > len(self._room):
            room = np.zeros((max(2 * len(self._room), needed), *self._shape), dtype=self._room.dtype)
            room[: self._size] = self._room[: self._size]
            self._room = room
        self._room[self._size : needed] = rows
        self._size, self._view = needed, None

    def append(self, value: Any) -> None:
        """Append one row; views handed out before do not see it."""
        if self._size == len(self._room):
            self.extend([value])
            return
        self._room[self._size] = value
        self._size, self._view = self._size + 1, None

    def at(self, rows: ArrayLike) -> NDArray[Number]:
        """Give some rows as they are now, copied."""
        found: NDArray[Number] = self._room[np.asarray(rows, dtype=np.int64)]
        return found

    def change(self, rows: ArrayLike, values: ArrayLike) -> None:
        """Replace rows; views handed out before keep the former values."""
        places = np.asarray(rows, dtype=np.int64)
        if places.min(initial=self._shown) < self._shown:
            room = np.empty_like(self._room)
            room[: self._size] = self._room[: self._size]
            self._room = room
            self._shown, self._view = 0, None
        self._room[places] = values

    def view(self) -> NDArray[Number]:
        """Give the rows as they are now, not to be written."""
        if self._view is None:
            self._shown = self._size
            self._view = self._room[: self._size]
            self._view.flags.writeable = False
        return self._view


class Table(Generic[Number]):
    """Several columns of one type under names, which grow together; rows are never changed."""

    def __init__(self, names: Sequence[str], dtype: type[Number]) -> None:
        """Begin empty."""
        self.names = tuple(names)
        self._room: NDArray[Number] = np.zeros((len(self.names), FIRST_CAPACITY), dtype=dtype)
        self._size = 0
        #: The views that were handed out last, while they show all.
        self._views: Mapping[str, NDArray[Number]] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes that the columns take, with their room to grow."""
        return self._room.nbytes

    def extend(self, columns: Sequence[ArrayLike]) -> None:
        """Append rows, given as one sequence a column, in the order of the names; views do not see them."""
        rows: NDArray[Any] = np.asarray(columns)
        needed = self._size + rows.shape[1]
        if needed > self._room.shape[1]:
            room = np.zeros((len(self.names), max(2 * self._room.shape[1], needed)), dtype=self._room.dtype)
            room[:, : self._size] = self._room[:, : self._size]
            self._room = room
        self._room[:, self._size : needed] = rows
        self._size, self._views = needed, None

    def views(self) -> Mapping[str, NDArray[Number]]:
        """Give each column as it is now, by name, not to be written."""
        if self._views is None:
            shown = self._room[:, : self._size]
            shown.flags.writeable = False
            self._views = dict(zip(self.names, shown, strict=True))
        return self._views


def run_starts(values: NDArray[Any], *, before: int = -1) -> NDArray[np.int64]:
    """Give where runs of equal numbers begin, after a number that stands `before` the first."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    is_other = np.empty(len(values), dtype=bool)
    is_other[0] = values[0] != before
    np.not_equal(values[1:], values[:-1], out=is_other[1:])
    return np.flatnonzero(is_other)


def run_sizes(starts: NDArray[np.int64], *, end: int) -> NDArray[np.int64]:
    """Give how long runs are by where each begins, the last of which goes on to `end`."""
    sizes = np.empty(len(starts), dtype=np.int64)
    if len(starts):
        np.subtract(starts[1:], starts[:-1], out=sizes[:-1])
        sizes[-1] = end - starts[-1]
    return sizes
