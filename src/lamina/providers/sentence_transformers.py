"""Encoders of sentence-transformers, by the name of their model.

`sentence-transformers:paraphrase-multilingual-MiniLM-L12-v2` serves some fifty languages.

Needs the extra `sentence-transformers`, with torch; the model is fetched from its hub, or read from a folder. One text
a call, so that a vector depends on its text alone; one call at a time, because its tokenizers are not safe for many
threads. The identity holds a hash of the weights, so the model is loaded when it is named.
"""

import hashlib
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.core.errors import BrokenWeights, MissingExtra, UnknownEncoder
from lamina.core.protocols import EncoderId
from lamina.providers.windows import MOST_RESERVED_TOKENS, lay_windows

try:
    from sentence_transformers import SentenceTransformer
except ImportError:
    SentenceTransformer = None

INSTALL = "pip install 'lamina[sentence-transformers]'"
#: The window of a model that states none: that of BERT.
DEFAULT_WINDOW_TOKENS = 512


class SentenceTransformers:
    """A model of sentence-transformers as an `Encoder`."""

    def __init__(self, model: str) -> None:
        """Load the model: its width and the hash of its weights are known only then.

        Raises:
            MissingExtra: sentence-transformers is not installed.
            BrokenWeights: the model cannot be fetched or read.
        """
        if SentenceTransformer is None:
            raise MissingExtra("sentence-transformers", install=INSTALL)
        try:
            self._model: Any = SentenceTransformer(model)
        except (OSError, ValueError) as error:
            raise BrokenWeights(
                f"sentence-transformers cannot load {model!r} ({error}); check the name, or give a folder that holds it"
            ) from error
        self._lock = threading.Lock()
        digest = _digest(self._model.state_dict())
        width = int(self._embed("width").shape[0])
        name = f"sentence-transformers:{model}"
        self._identity = EncoderId(name=name, model=f"{name}@{digest[:12]}", width=width)

    @property
    def identity(self) -> EncoderId:
        """Name, model with the hash of its weights, and width."""
        return self._identity

    def encode(self, texts: Sequence[str]) -> memoryview:
        """Give one float32 unit vector a text, shape (texts, width). What exceeds the window is cut off."""
        vectors = np.zeros((len(texts), self._identity.width), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._embed(text)
        return vectors.data

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        """Give the code-point spans that each fit one vector and together cover `text`."""
        window = int(self._model.max_seq_length or DEFAULT_WINDOW_TOKENS)
        marks = int(self._model.tokenizer.num_special_tokens_to_add())
        room = window - marks - min(reserved_tokens, MOST_RESERVED_TOKENS)
        pieces = self._pieces(text)
        if len(pieces["input_ids"]) <= room:
            return [(0, len(text))]
        return lay_windows(pieces["offset_mapping"], pieces.word_ids(), room=room, length=len(text))

    def count_tokens(self, text: str) -> int:
        """Count the model's tokens of `text`, without marks."""
        return len(self._pieces(text)["input_ids"])

    def _embed(self, text: str) -> Any:
        with self._lock:
            return self._model.encode([text], normalize_embeddings=True, show_progress_bar=False)[0]

    def _pieces(self, text: str) -> Any:
        with self._lock:
            return self._model.tokenizer(
                text, add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False
            )


def _digest(weights: Any) -> str:
    """Give the SHA-256 of a model's weights, by their names and their values as float32."""
    digest = hashlib.sha256()
    for name, tensor in sorted(weights.items()):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(tensor.detach().cpu().float().numpy()).data)
    return digest.hexdigest()


def make(model: str) -> SentenceTransformers:
    """Give the encoder for the registry.

    Raises:
        UnknownEncoder: no model is named.
    """
    if not model:
        raise UnknownEncoder("name a model, for example 'sentence-transformers:paraphrase-multilingual-MiniLM-L12-v2'")
    return SentenceTransformers(model)
