"""Ids: time-ordered random ones for what is taken in, hashes of producer and parents for what is derived.

No id is made from a text, so no id tells what an erased text said. Derived ids carry the name of their hash, so
that a change of algorithm shows.
"""

import hashlib
import os
from collections.abc import Sequence
from datetime import datetime

from lamina.core.time import to_us

#: Crockford's base 32, as the ULID specification uses it: sortable, without I, L, O, U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: BLAKE2b; the tag of every hash that Lamina writes.
HASH_TAG = "b2:"
ULID_LENGTH = 26
_RANDOM_BITS = 80
_TIME_BITS = 48


def new_ulid(now: datetime, *, entropy: bytes | None = None) -> str:
    """Give a ULID: 48 bits of milliseconds of `now`, then 80 random bits; 26 characters that sort by time.

    `entropy` (10 bytes) replaces the operating system's randomness in tests. Times before 1970 count as 1970.
    """
    milliseconds = max(0, to_us(now) // 1000) & ((1 << _TIME_BITS) - 1)
    number = (milliseconds << _RANDOM_BITS) | int.from_bytes(entropy or os.urandom(_RANDOM_BITS // 8), "big")
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(5 * (ULID_LENGTH - 1), -1, -5))


def derived_id(producer: str, parents: Sequence[tuple[str, int]], *, version: str = "", ordinal: int = 0) -> str:
    """Give the id of a derived record: the same for the same producer, version, parents' (id, revision) and ordinal.

    The fields are length-prefixed, so that no two lists of fields run together.
    """
    fields = [producer, version, str(ordinal)]
    for record_id, revision in parents:
        fields += [record_id, str(revision)]
    digest = hashlib.blake2b(digest_size=16)
    for field in fields:
        encoded = field.encode()
        digest.update(len(encoded).to_bytes(4, "big"))
        digest.update(encoded)
    return HASH_TAG + digest.hexdigest()
