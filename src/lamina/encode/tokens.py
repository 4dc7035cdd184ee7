"""Token vectors: what is kept of them, and how small.

A vector a word piece, 64 whole numbers of half a byte: 32 bytes. Function words are left out: a turn of a dialogue
keeps some 13 pieces, 420 bytes. On dialogue such a turn is found as well as by the 384 numbers of all pieces in
float16, 28,000 bytes (`benchmarks/LOG.md`).

Of a long text 30 pieces are kept, 960 bytes, each as far as can be from those that were taken before it (Gonzalez,
1985). Passages and messages are found by these no worse than by hundreds.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lamina.core.errors import BrokenEncoder
from lamina.core.protocols import Encoder, EncoderId
from lamina.core.token_encoder import MOST, TokenVectors, gives_tokens
from lamina.encode.sparse import terms

#: So many pieces of an observation are kept: 960 bytes. A row of 1,002 or more takes a page of SQLite to itself.
MOST_PIECES = 30
#: How many different words keep their terms at hand.
REMEMBERED_WORDS = 1 << 14
_HALF, _LOW = 4, 0x0F
_HALVES = np.array([(byte >> _HALF, byte & _LOW) for byte in range(256)], dtype=np.float32) - (MOST + 1)
#: By byte: the two numbers that it holds, side by side in one of 8 bytes, which is quicker to copy than two.
_PAIRS = _HALVES.view(np.uint64).ravel()
Floats = NDArray[np.float32]


def most_bytes(tokens: EncoderId) -> int:
    """Give the most bytes that are kept of an observation's token vectors."""
    return MOST_PIECES * tokens.width // 2


def token_identity(encoder: Encoder) -> EncoderId | None:
    """Give whose token vectors an encoder gives; None where it gives none."""
    return encoder.token_identity if gives_tokens(encoder) else None


class WithoutTokens:
    """An encoder whose token vectors nobody asks for, and so nobody keeps."""

    def __init__(self, encoder: Encoder) -> None:
        """Stand before `encoder`."""
        self._encoder = encoder

    @property
    def identity(self) -> EncoderId:
        """Those of the encoder behind it."""
        return self._encoder.identity

    def encode(self, texts: Sequence[str]) -> memoryview:
        """Encode as the encoder behind it does."""
        return self._encoder.encode(texts)

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        """Give those of the encoder behind it."""
        return self._encoder.spans(text, reserved_tokens=reserved_tokens)

    def count_tokens(self, text: str) -> int:
        """Count as the encoder behind it does."""
        return self._encoder.count_tokens(text)


def pack_informative(
    texts: Sequence[str], tokens: Sequence[TokenVectors], of: Sequence[int] | None = None
) -> list[bytes]:
    """Give what is kept of each of some spans, two numbers a byte: vectors of pieces of no function words.

    `of` says which observation a span is of, those of one side by side; None = all are of one.
    """
    if not texts:
        return []
    values: NDArray[np.int8] = np.concatenate([np.asarray(some.values) for some in tokens])
    told = [(text, word) for text, some in zip(texts, tokens, strict=True) for word in some.words]
    places = np.flatnonzero([bool(word_terms(text[start:end])) for text, (start, end) in told])
    spans = np.repeat(np.arange(len(texts)), [len(some.words) for some in tokens])[places]
    whose = np.zeros(len(spans), np.int64) if of is None else np.asarray(of)[spans]
    keeps = np.ones(len(places), dtype=bool)
    for one in np.flatnonzero(np.bincount(whose) > MOST_PIECES).tolist():
        own = np.flatnonzero(whose == one)
        keeps[own] = False
        keeps[own[farthest(values[places[own]], MOST_PIECES)]] = True
    packed = _packed(values[places[keeps]])
    ends = np.cumsum(np.bincount(spans[keeps], minlength=len(texts))) * (values.shape[1] // 2)
    return [packed[start:end] for start, end in pairwise([0, *ends.tolist()])]


def farthest(values: NDArray[np.int8], count: int) -> NDArray[np.int64]:
    """Give the first of some vectors and up to `count` in all, each farthest by angle from all that were taken before.

    All of them where there are no more than `count`. Of several as far the first is taken, and of equals one.
    """
    if len(values) <= count:
        return np.arange(len(values))
    # Whole numbers below 2²⁴ and one division: the same choice on every machine.
    numbers = values.astype(np.float32)
    squares = np.maximum(np.vecdot(numbers, numbers), 1)
    taken, nearest = [0], np.full(len(values), -np.inf, np.float32)
    while len(taken) < count:
        products = numbers @ numbers[taken[-1]]
        np.maximum(nearest, products * np.abs(products) / (squares * squares[taken[-1]]), out=nearest)
        nearest[taken[-1]] = 1
        if nearest.min() >= 1:
            break
        taken.append(int(nearest.argmin()))
    return np.sort(taken)


def unpacked(data: bytes, width: int) -> Floats:
    """Give what `pack_informative` packed, shape (pieces, width), in whole numbers."""
    return _PAIRS[np.frombuffer(data, dtype=np.uint8)].view(np.float32).reshape(-1, width)


def _packed(values: NDArray[np.int8]) -> bytes:
    shifted: NDArray[np.uint8] = (values + (MOST + 1)).astype(np.uint8)
    return bytes((shifted[:, ::2] << _HALF | shifted[:, 1::2]).data)


@lru_cache(maxsize=REMEMBERED_WORDS)
def word_terms(word: str) -> tuple[str, ...]:
    """Give the terms of one word; a function word and a punctuation mark have none."""
    return tuple(terms(word))


def checked_tokens(given: Sequence[TokenVectors], texts: Sequence[str], identity: EncoderId) -> Sequence[TokenVectors]:
    """Give token vectors as they came from their encoder.

    Raises:
        BrokenEncoder: they have another shape, or numbers that do not fit half a byte.
    """
    values = [np.asarray(tokens.values) for tokens in given]
    is_whole = len(given) == len(texts) and identity.width % 2 == 0
    for tokens, told in zip(given, values, strict=True):
        is_whole = is_whole and told.dtype == np.int8 and told.shape == (len(tokens.words), identity.width)
    if is_whole and values:
        every = np.concatenate(values)
        is_whole = every.min(initial=0) >= -MOST and every.max(initial=0) <= MOST
    if not is_whole:
        raise BrokenEncoder(
            f"encoder {identity.name!r} gave token vectors of another shape than {identity.width} whole numbers from "
            f"-{MOST} to {MOST} a word piece; let it sit the exam in `lamina.testing.encoders`"
        )
    return given
