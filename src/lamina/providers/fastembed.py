"""Encoders of fastembed, by the name of their model: `fastembed:BAAI/bge-small-en-v1.5`.

Needs the extra `fastembed`, which fetches the model from its hub at first use. One text a call, so that a vector
depends on its text alone.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.core.errors import MissingExtra, UnknownEncoder
from lamina.core.protocols import EncoderId
from lamina.providers.windows import MOST_RESERVED_TOKENS, lay_windows

try:
    from fastembed import TextEmbedding
except ImportError:
    TextEmbedding = None

INSTALL = "pip install 'lamina[fastembed]'"
#: Tokens of beginning and end.
MARK_TOKENS = 2


class FastEmbed:
    """A model of fastembed as an `Encoder`."""

    def __init__(self, model: str) -> None:
        """Name the model; nothing is loaded before the first text.

        Raises:
            MissingExtra: fastembed is not installed.
            UnknownEncoder: fastembed knows no such model.
        """
        if TextEmbedding is None:
            raise MissingExtra("fastembed", install=INSTALL)
        known = {held["model"]: held for held in TextEmbedding.list_supported_models()}
        if model not in known:
            raise UnknownEncoder(f"fastembed knows no model {model!r}; known: {', '.join(sorted(known))}")
        self._model = model
        self._width = int(known[model]["dim"])
        self._loaded: Any = None

    @property
    def identity(self) -> EncoderId:
        """Name, model and width."""
        return EncoderId(name=f"fastembed:{self._model}", model=self._model, width=self._width)

    def encode(self, texts: Sequence[str]) -> memoryview:
        """Give one float32 unit vector a text, shape (texts, width)."""
        vectors = np.zeros((len(texts), self._width), dtype=np.float32)
        for row, text in enumerate(texts):
            vector = np.asarray(next(iter(self._embedding().embed([text]))), dtype=np.float32)
            vectors[row] = vector / np.linalg.norm(vector)
        return vectors.data

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        """Give the code-point spans that each fit one vector and together cover `text`."""
        tokenizer = self._tokenizer()
        window = int(tokenizer.truncation["max_length"]) if tokenizer.truncation else 512
        room = window - MARK_TOKENS - min(reserved_tokens, MOST_RESERVED_TOKENS)
        pieces = self._untruncated(text)
        if len(pieces.ids) <= room:
            return [(0, len(text))]
        return lay_windows(pieces.offsets, pieces.word_ids, room=room, length=len(text))

    def count_tokens(self, text: str) -> int:
        """Count the model's tokens of `text`, without marks."""
        return len(self._untruncated(text).ids)

    def _embedding(self) -> Any:
        if self._loaded is None:
            self._loaded = TextEmbedding(model_name=self._model)
        return self._loaded

    def _tokenizer(self) -> Any:
        return self._embedding().model.tokenizer

    def _untruncated(self, text: str) -> Any:
        """Tokenise on a copy that neither cuts nor pads: the embedding keeps its own."""
        copy = type(self._tokenizer()).from_str(self._tokenizer().to_str())
        copy.no_truncation()
        copy.no_padding()
        return copy.encode(text, add_special_tokens=False)


def make(model: str) -> FastEmbed:
    """Give the encoder for the registry.

    Raises:
        UnknownEncoder: no model is named.
    """
    if not model:
        raise UnknownEncoder("name a model of fastembed, for example 'fastembed:BAAI/bge-small-en-v1.5'")
    return FastEmbed(model)
