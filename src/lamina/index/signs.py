"""Signs of vectors: a bit a number, and the cosines that are estimated by counting those that differ.

Of vectors with an angle θ between them a share θ/π of the signs differs (Charikar, Similarity Estimation Techniques
from Rounding Algorithms, 2002).
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_WORD = 64
#: So many words' differing signs can be counted in a byte.
_WORDS_A_BYTE = 3
Words = NDArray[np.uint64]
Estimates = NDArray[np.float32]
#: From the signs of many vectors, 64 a word and an array for each word, those of a question, and the cosine that each
#: count of differing signs stands for: writes the cosine of every vector into the last.
Scan = Callable[[tuple[Words, ...], Words, Estimates, Estimates], None]


def word_count(width: int) -> int:
    """Say how many words the signs of so many numbers take."""
    return -(-width // _WORD)


def signs_of(matrix: NDArray[np.float32]) -> Words:
    """Give the signs of each row of numbers as bits, in words of 64."""
    packed = np.packbits(matrix > 0, axis=1, bitorder="little")
    padded = np.zeros((len(matrix), 8 * word_count(matrix.shape[1])), dtype=np.uint8)
    padded[:, : packed.shape[1]] = packed
    return padded.view("<u8").astype(np.uint64, copy=False)


@lru_cache(maxsize=16)
def cosines_by_distance(width: int) -> Estimates:
    """Give the cosine that each count of differing signs stands for; not to be written."""
    cosines = np.cos(np.linspace(0.0, np.pi, width + 1)).astype(np.float32)
    cosines.flags.writeable = False
    return cosines


def scan(signs: tuple[Words, ...], asked: Words, by_distance: Estimates, found: Estimates) -> None:
    """Estimate with NumPy: see `Scan`. Differing signs are counted in bytes as long as these hold the counts."""
    size = len(signs[0])
    total = np.zeros(size, dtype=np.int16)
    counts = np.empty(size, dtype=np.uint8)
    few = np.empty(size, dtype=np.uint8)
    apart = np.empty(size, dtype=np.uint64)
    for word in range(len(signs)):
        np.bitwise_xor(signs[word], asked[word], out=apart)
        if word % _WORDS_A_BYTE == 0:
            np.bitwise_count(apart, out=few)
        else:
            np.bitwise_count(apart, out=counts)
            np.add(few, counts, out=few)
        if word % _WORDS_A_BYTE == _WORDS_A_BYTE - 1 or word == len(signs) - 1:
            np.add(total, few, out=total)
    np.take(by_distance, total, out=found, mode="clip")
