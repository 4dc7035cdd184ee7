"""Token vectors: what is kept of them, and how small.

A vector a word piece, 64 whole numbers of half a byte: 32 bytes. Function words are left out: a turn of a dialogue
keeps some 13 pieces, 420 bytes. On dialogue such a turn is found as well as by the 384 numbers of all pieces in
float16, 28,000 bytes (`benchmarks/LOG.md`).
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lamina.core.errors import BrokenEncoder
from lamina.core.protocols import Encoder, EncoderId
from lamina.core.token_encoder import MOST, TokenVectors, gives_tokens
from lamina.encode.sparse import terms

#: How many different words keep their terms at hand.
REMEMBERED_WORDS = 1 << 14
_HALF, _LOW = 4, 0x0F
_HALVES = np.array([(byte >> _HALF, byte & _LOW) for byte in range(256)], dtype=np.float32) - (MOST + 1)
#: By byte: the two numbers that it holds, side by side in one of 8 bytes, which is quicker to copy than two.
_PAIRS = _HALVES.view(np.uint64).ravel()
Floats = NDArray[np.float32]


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


def pack_informative(text: str, tokens: TokenVectors) -> bytes:
    """Give the vectors of the word pieces of `text` whose words are no function words, two numbers a byte."""
    values = np.asarray(tokens.values)
    keeps = np.array([bool(word_terms(text[start:end])) for start, end in tokens.words], dtype=bool)
    shifted: NDArray[np.uint8] = (values[keeps] + (MOST + 1)).astype(np.uint8)
    return bytes((shifted[:, ::2] << _HALF | shifted[:, 1::2]).data)


def unpacked(data: bytes, width: int) -> Floats:
    """Give what `pack_informative` packed, shape (pieces, width), in whole numbers."""
    return _PAIRS[np.frombuffer(data, dtype=np.uint8)].view(np.float32).reshape(-1, width)


@lru_cache(maxsize=REMEMBERED_WORDS)
def word_terms(word: str) -> tuple[str, ...]:
    """Give the terms of one word; a function word and a punctuation mark have none."""
    return tuple(terms(word))


def checked_tokens(given: Sequence[TokenVectors], texts: Sequence[str], identity: EncoderId) -> Sequence[TokenVectors]:
    """Give token vectors as they came from their encoder.

    Raises:
        BrokenEncoder: they have another shape, or numbers that do not fit half a byte.
    """
    is_whole = len(given) == len(texts) and identity.width % 2 == 0
    for tokens in given:
        values = np.asarray(tokens.values)
        is_whole = is_whole and values.dtype == np.int8 and values.shape == (len(tokens.words), identity.width)
        is_whole = is_whole and bool(((values >= -MOST) & (values <= MOST)).all())
    if not is_whole:
        raise BrokenEncoder(
            f"encoder {identity.name!r} gave token vectors of another shape than {identity.width} whole numbers from "
            f"-{MOST} to {MOST} a word piece; let it sit the exam in `lamina.testing.encoders`"
        )
    return given
