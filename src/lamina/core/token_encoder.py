"""The seam of token vectors: what an encoder is that also gives a vector a word piece, small enough to be kept."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeGuard, runtime_checkable

from lamina.core.protocols import Encoder, EncoderId

#: Numbers of token vectors are whole, and lie between this and its negative: each takes half a byte.
MOST = 7


class TokenVectors(NamedTuple):
    """The token vectors of one text, of the word pieces that the encoder knows, in their order."""

    #: int8 between -7 and 7, shape (pieces, width); none is zero throughout.
    values: memoryview
    #: The code points of the word that each piece belongs to.
    words: Sequence[tuple[int, int]]


@runtime_checkable
class TokenEncoder(Encoder, Protocol):
    """An encoder that gives token vectors as well, out of the same run of its model; each depends on its text alone."""

    @property
    def token_identity(self) -> EncoderId | None:
        """Name and model of the token vectors, and their width, which is even; None where it gives none after all."""

    def encode_tokens(self, texts: Sequence[str]) -> tuple[memoryview, list[TokenVectors]]:
        """Give what `encode` gives, and the token vectors of each text."""


def gives_tokens(encoder: Encoder) -> TypeGuard[TokenEncoder]:
    """Say whether an encoder may give token vectors; looked up once a class, for a protocol takes long to compare."""
    return _has_tokens(type(encoder))


@lru_cache(maxsize=64)
def _has_tokens(kind: type) -> bool:
    return all(hasattr(kind, name) for name in ("token_identity", "encode_tokens"))
