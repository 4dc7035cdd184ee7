"""Containers: arrays and a small header in one checked run of bytes, read without copying.

Layout: magic, CRC-32 of all that follows, length of the header; a JSON header that says name, type, shape and place of
each array, and whatever else the writer keeps there; the arrays, little-endian, each at a multiple of 64 bytes.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"LMNAIDX1"
_FIXED = struct.Struct("<8sIQ")
ALIGNMENT = 64
Arrays = Mapping[str, NDArray[Any]]
#: What JSON can hold.
Header = Mapping[str, Any]


class BrokenContainer(ValueError):
    """The bytes are not what a writer of containers wrote."""


def pack_container(header: Header, arrays: Arrays) -> bytes:
    """Give one run of bytes that holds `header` (what JSON can hold) and `arrays`."""
    listed: dict[str, tuple[str, tuple[int, ...], int]] = {}
    parts: list[bytes] = []
    place = 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()
        padding = -place % ALIGNMENT
        listed[name] = (array.dtype.newbyteorder("<").str, array.shape, place + padding)
        parts += [b"\0" * padding, data]
        place += padding + len(data)
    head = json.dumps({"header": header, "arrays": listed}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    head += b" " * (-(_FIXED.size + len(head)) % ALIGNMENT)
    body = struct.pack("<Q", len(head)) + head + b"".join(parts)
    return MAGIC + struct.pack("<I", zlib.crc32(body)) + body


def unpack_container(data: bytes) -> tuple[Header, dict[str, NDArray[Any]]]:
    """Give header and arrays; the arrays look into `data` and cannot be written.

    Raises:
        BrokenContainer: a wrong beginning, checksum or shape.
    """
    if len(data) < _FIXED.size:
        raise BrokenContainer("too short")
    magic, checksum, size = _FIXED.unpack_from(data)
    if magic != MAGIC:
        raise BrokenContainer("another format")
    if zlib.crc32(memoryview(data)[len(MAGIC) + 4 :]) != checksum:
        raise BrokenContainer("the checksum is wrong")
    first = _FIXED.size + size
    # Behind the checksum stands what a writer wrote.
    parsed = json.loads(data[_FIXED.size : first].decode("utf-8", "surrogatepass"))
    arrays = {}
    for name, (dtype, shape, place) in parsed["arrays"].items():
        count = int(np.prod(shape, dtype=np.int64))
        flat = np.frombuffer(data, dtype=np.dtype(dtype), count=count, offset=first + place)
        arrays[name] = flat.reshape(shape)
    return parsed["header"], arrays
