"""Arrays that grow at the end. What was handed out as a view stays as it was: growth and changes copy.

One thread writes, any number read views. A row that a view shows is never written again: appending writes behind it,
in the same room or in a larger copy, and `change` writes in a copy where a view shows one of its rows.
"""

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
        self._size = needed

    def append(self, value: Any) -> None:
        """Append one row; views handed out before do not see it."""
        if self._size == len(self._room):
            self.extend([value])
            return
        self._room[self._size] = value
        self._size += 1

    def change(self, rows: ArrayLike, values: ArrayLike) -> None:
        """Replace rows; views handed out before keep the former values."""
        places = np.asarray(rows, dtype=np.int64)
        if places.min(initial=self._shown) < self._shown:
            self._room = self._room.copy()
            self._shown = 0
        self._room[places] = values

    def view(self) -> NDArray[Number]:
        """Give the rows as they are now, not to be written."""
        self._shown = self._size
        rows = self._room[: self._size]
        rows.flags.writeable = False
        return rows
