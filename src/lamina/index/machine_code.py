"""The scan of `signs` as machine code, by numba; importing this takes half a second, and needs the extra `compiled`.

Lam, Pitrou and Seibert, Numba: A LLVM-based Python JIT Compiler (2015).
"""

from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic

from lamina.index.signs import Estimates, Scan, Words

if numba.config.DISABLE_JIT:
    raise ImportError("NUMBA_DISABLE_JIT is set")


@intrinsic
def _ones(_typing: Any, _word: Any) -> Any:
    """Count the bits of a word that are set, in one instruction; numba has no name for it."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


def compile_scan(words: int) -> Scan:
    """Give the scan of vectors whose signs take so many words; it lets other threads run."""
    kept = types.UniTuple(types.Array(types.uint64, 1, "C", readonly=True), words)
    table = types.Array(types.float32, 1, "C", readonly=True)
    signature = types.void(kept, types.uint64[::1], table, types.float32[::1])

    def scan(signs: tuple[Words, ...], asked: Words, by_distance: Estimates, found: Estimates) -> None:
        for place in range(len(found)):
            differing = np.uint64(0)
            for word in range(len(signs)):
                differing += _ones(signs[word][place] ^ asked[word])
            found[place] = by_distance[differing]

    compiled: Scan = numba.njit(signature, nogil=True)(scan)
    return compiled
