"""Arrays that grow at the end. What was handed out as a view stays as it was: growth and changes copy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_FIRST_CAPACITY = 64


class Column:
    """A growing array of one type; rows may have a width."""

    def __init__(self, dtype: Any, *, width: int | None = None) -> None:
        """Begin empty; `width` None = one number a row."""
        self._shape = () if width is None else (width,)
        self._room: NDArray[Any] = np.zeros((_FIRST_CAPACITY, *self._shape), dtype=dtype)
        self._size = 0

    def __len__(self) -> int:
        """Count the rows."""
        return self._size

    @property
    def nbytes(self) -> int:
        """Bytes that the array takes, with its room to grow."""
        return int(self._room.nbytes)

    def extend(self, values: Any) -> None:
        """Append rows; views handed out before do not see them."""
        count = len(values)
        if self._size + count > len(self._room):
            room = np.zeros((max(2 * len(self._room), self._size + count), *self._shape), dtype=self._room.dtype)
            room[: self._size] = self._room[: self._size]
            self._room = room
        self._room[self._size : self._size + count] = values
        self._size += count

    def change(self, rows: list[int], values: Any) -> None:
        """Replace rows, in a copy: views handed out before keep the former values."""
        room = self._room.copy()
        room[rows] = values
        self._room = room

    def view(self) -> NDArray[Any]:
        """Give the rows as they are now; not to be written."""
        return self._room[: self._size]
