"""Encoders of fastembed, by the name of their model: `fastembed:BAAI/bge-small-en-v1.5`.

Needs the extra `fastembed`, which fetches the model from its hub at first use. One text a call, so that a vector
depends on its text alone. The identity names the repository of the weights; fastembed gives no hash of them.
"""

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.core.errors import BrokenWeights, MissingExtra, UnknownEncoder
from lamina.core.protocols import EncoderId
from lamina.providers.process import keep_through_forks
from lamina.providers.windows import MOST_RESERVED_TOKENS, lay_windows

try:
    from fastembed import TextEmbedding
except ImportError:
    TextEmbedding = None

INSTALL = "pip install 'lamina[fastembed]'"


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
        sources = known[model]["sources"]
        self._model = model
        self._repository = str(sources["hf"] or sources["url"])
        self._width = int(known[model]["dim"])
        self._lock = threading.Lock()
        self._loaded: Any = None
        self._whole: Any = None

    @property
    def identity(self) -> EncoderId:
        """Name, repository of the weights, and width, without loading them."""
        return EncoderId(name=f"fastembed:{self._model}", model=f"fastembed:{self._repository}", width=self._width)

    def encode(self, texts: Sequence[str]) -> memoryview:
        """Give one float32 unit vector a text, shape (texts, width). What exceeds the window is cut off.

        Raises:
            BrokenWeights: the model cannot be fetched or read.
        """
        vectors = np.zeros((len(texts), self._width), dtype=np.float32)
        for row, text in enumerate(texts):
            vector = np.asarray(next(iter(self._embedding().embed([text]))), dtype=np.float32)
            vectors[row] = vector / np.linalg.norm(vector)
        return vectors.data

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        """Give the code-point spans that each fit one vector and together cover `text`."""
        tokenizer = self._embedding().model.tokenizer
        marks = int(tokenizer.num_special_tokens_to_add(is_pair=False))
        room = int(tokenizer.truncation["max_length"]) - marks - min(reserved_tokens, MOST_RESERVED_TOKENS)
        pieces = self._pieces(text)
        if len(pieces.ids) <= room:
            return [(0, len(text))]
        return lay_windows(pieces.offsets, pieces.word_ids, room=room, length=len(text))

    def count_tokens(self, text: str) -> int:
        """Count the model's tokens of `text`, without marks."""
        return len(self._pieces(text).ids)

    def _embedding(self) -> Any:
        with self._lock:
            if self._loaded is None:
                try:
                    self._loaded = TextEmbedding(model_name=self._model)
                    keep_through_forks(self._loaded)
                except (OSError, ValueError) as error:
                    raise BrokenWeights(
                        f"fastembed cannot load {self._model!r} ({error}); it fetches a model once, over the network"
                    ) from error
            return self._loaded

    def _pieces(self, text: str) -> Any:
        """Tokenise on a copy that neither cuts nor pads: the embedding keeps its own."""
        own = self._embedding().model.tokenizer
        with self._lock:
            if self._whole is None:
                whole = type(own).from_str(own.to_str())
                whole.no_truncation()
                whole.no_padding()
                self._whole = whole
            return self._whole.encode(text, add_special_tokens=False)


def make(model: str) -> FastEmbed:
    """Give the encoder for the registry.

    Raises:
        UnknownEncoder: no model is named.
    """
    if not model:
        raise UnknownEncoder("name a model of fastembed, for example 'fastembed:BAAI/bge-small-en-v1.5'")
    return FastEmbed(model)
