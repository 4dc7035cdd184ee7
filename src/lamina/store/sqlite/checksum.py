"""Checksums of derived rows, and what else statements ask of stored bytes.

A checksum is the CRC-32 of a row's whole numbers, each in eight little-endian bytes, and then of its bytes or text. It
finds every change of a few neighbouring bits, and all but one in four billion of others. Signed, because SQLite keeps
it in four bytes then.
"""

from struct import Struct
from typing import Any
from zlib import crc32

import apsw
import numpy as np

#: The square of a stored vector's length is off 1 by less; rounding 384 numbers to float16 moves it by some .0003.
NOT_UNIT = 0.02
_HALF, _WHOLE = 1 << 31, 1 << 32
#: By how many there are.
_NUMBERS = tuple(Struct(f"<{count}q") for count in range(7))


def row_checksum(data: object, *numbers: int | None) -> int:
    """Give the checksum of a row that consists of `numbers` and `data`."""
    held = data.encode() if isinstance(data, str) else data
    if not isinstance(held, bytes) or None in numbers:
        # A flipped bit can make a number of bytes, or nothing of a number; no row has this checksum.
        return _WHOLE
    value = crc32(held, crc32(_NUMBERS[len(numbers)].pack(*numbers)))
    return value - _WHOLE if value >= _HALF else value


def teach(connection: apsw.Connection) -> None:
    """Let the statements of a connection ask for `row_checksum`, `is_unit` and `is_blank`."""
    connection.create_scalar_function("row_checksum", _row_checksum, deterministic=True)
    connection.create_scalar_function("is_unit", _is_unit, 1, deterministic=True)
    connection.create_scalar_function("is_blank", _is_blank, 1, deterministic=True)


def _row_checksum(*arguments: Any) -> int | None:
    """Give the checksum of a row, unknown where part of it is."""
    return None if None in arguments else row_checksum(*arguments)


def _is_unit(*arguments: Any) -> bool:
    """Say whether little-endian float16 numbers are a vector of length 1, as near as their rounding allows."""
    (data,) = arguments
    if not isinstance(data, bytes) or len(data) % 2:
        return False
    numbers = np.frombuffer(data, dtype="<f2").astype(np.float64)
    return bool(abs(float(numbers @ numbers) - 1) < NOT_UNIT)


def _is_blank(*arguments: Any) -> bool:
    """Say whether a text has no word in it."""
    (text,) = arguments
    return not text.strip()
