"""Encoders of sentence-transformers, by the name of their model.

`sentence-transformers:paraphrase-multilingual-MiniLM-L12-v2` serves some fifty languages.

Needs the extra `sentence-transformers`, with torch; the model is fetched from its hub, or read from a folder. One text
a call, so that a vector depends on its text alone.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.core.errors import MissingExtra, UnknownEncoder
from lamina.core.protocols import EncoderId
from lamina.providers.windows import MOST_RESERVED_TOKENS, lay_windows

try:
    from sentence_transformers import SentenceTransformer
except ImportError:
    SentenceTransformer = None

INSTALL = "pip install 'lamina[sentence-transformers]'"
#: Tokens of beginning and end.
MARK_TOKENS = 2


class SentenceTransformers:
    """A model of sentence-transformers as an `Encoder`."""

    def __init__(self, model: str) -> None:
        """Load the model: its width is known only then.

        Raises:
            MissingExtra: sentence-transformers is not installed.
        """
        if SentenceTransformer is None:
            raise MissingExtra("sentence-transformers", install=INSTALL)
        self._name = model
        self._model: Any = SentenceTransformer(model)
        self._width = int(self._model.get_sentence_embedding_dimension())

    @property
    def identity(self) -> EncoderId:
        """Name, model and width."""
        return EncoderId(name=f"sentence-transformers:{self._name}", model=self._name, width=self._width)

    def encode(self, texts: Sequence[str]) -> memoryview:
        """Give one float32 unit vector a text, shape (texts, width)."""
        vectors = np.zeros((len(texts), self._width), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._model.encode([text], normalize_embeddings=True, show_progress_bar=False)[0]
        return vectors.data

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        """Give the code-point spans that each fit one vector and together cover `text`."""
        room = int(self._model.max_seq_length) - MARK_TOKENS - min(reserved_tokens, MOST_RESERVED_TOKENS)
        pieces = self._pieces(text)
        if len(pieces["input_ids"]) <= room:
            return [(0, len(text))]
        return lay_windows(pieces["offset_mapping"], pieces.word_ids(), room=room, length=len(text))

    def count_tokens(self, text: str) -> int:
        """Count the model's tokens of `text`, without marks."""
        return len(self._pieces(text)["input_ids"])

    def _pieces(self, text: str) -> Any:
        return self._model.tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False
        )


def make(model: str) -> SentenceTransformers:
    """Give the encoder for the registry.

    Raises:
        UnknownEncoder: no model is named.
    """
    if not model:
        raise UnknownEncoder("name a model, for example 'sentence-transformers:paraphrase-multilingual-MiniLM-L12-v2'")
    return SentenceTransformers(model)
