"""Small real implementations for unit tests: a clock that the test moves, an encoder without a model."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from lamina.core.protocols import EncoderId
from lamina.core.token_encoder import MOST, TokenVectors

#: A word, or a part of a long one.
_TOKEN = re.compile(r"\w{1,12}")


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: str = "2026-03-02T08:00:00+00:00") -> None:
        """Stand at the ISO time `now`, with a zone."""
        self._now = datetime.fromisoformat(now)

    def now(self) -> datetime:
        """Give the moment at which the clock stands."""
        return self._now

    def set(self, now: str) -> None:
        """Stand at the ISO time `now`."""
        self._now = datetime.fromisoformat(now)

    def pass_time(self, span: timedelta) -> None:
        """Move by `span`."""
        self._now += span


class HashEncoder:
    """An encoder without a model: each word is a direction by its hash; for unit tests only."""

    def __init__(self, *, width: int = 64, window: int = 40) -> None:
        """Give vectors of `width` numbers for at most `window` words."""
        self._width = width
        self._window = window

    @property
    def identity(self) -> EncoderId:
        """Name, model and width."""
        return EncoderId(name="hash", model=f"hash@{self._width}", width=self._width)

    def encode(self, texts: Sequence[str]) -> memoryview:
        """Give the normalised sum of the words' directions, shape (texts, width)."""
        vectors = np.zeros((len(texts), self._width), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.casefold()) or [text]:
                digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
                vectors[row] += np.random.default_rng(int.from_bytes(digest)).standard_normal(
                    self._width, dtype=np.float32
                )
            vectors[row] /= np.linalg.norm(vectors[row])
        return vectors.data

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        """Give windows of as many words, or parts of long ones, as fit; without overlap."""
        room = max(1, self._window - reserved_tokens)
        starts = [match.start() for match in _TOKEN.finditer(text)][::room] or [0]
        starts[0] = 0
        return list(zip(starts, [*starts[1:], len(text)], strict=True))

    def count_tokens(self, text: str) -> int:
        """Count the words, long ones in parts."""
        return len(_TOKEN.findall(text))


class HashTokenEncoder(HashEncoder):
    """The same with token vectors: a word's are the signs of its direction, and so are found by that word alone."""

    @property
    def token_identity(self) -> EncoderId:
        """Those of the token vectors."""
        return EncoderId(name="hash", model=f"hash@{self.identity.width}/tokens", width=self.identity.width)

    def encode_tokens(self, texts: Sequence[str]) -> tuple[memoryview, list[TokenVectors]]:
        """Give what `encode` gives, and a vector a word, shape (words, width)."""
        return self.encode(texts), [self._tokens(text) for text in texts]

    def _tokens(self, text: str) -> TokenVectors:
        words = [match.span() for match in re.finditer(r"\w+", text)]
        directions = np.asarray(self.encode([text[start:end] for start, end in words])).reshape(len(words), self._width)
        return TokenVectors(np.where(directions > 0, MOST, -MOST).astype(np.int8).data, words)
