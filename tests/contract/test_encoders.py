"""Our encoders sit the exam that others have to sit."""

from types import SimpleNamespace

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from lamina.core.protocols import Encoder
from lamina.providers import fastembed, sentence_transformers
from lamina.providers.minilm import MiniLM
from lamina.providers.vector_cache import CachedEncoder
from lamina.testing.encoders import EncoderContract, TokenEncoderContract
from lamina.testing.fakes import HashEncoder, HashTokenEncoder

WIDTH = 16
#: Loads its weights once for all tests.
MINILM = MiniLM()


def word_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    return tokenizer


class TestMiniLM(TokenEncoderContract):
    @pytest.fixture
    def encoder(self) -> Encoder:
        return MINILM


class TestHashEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self) -> Encoder:
        return HashEncoder()


class TestHashTokenEncoder(TokenEncoderContract):
    @pytest.fixture
    def encoder(self) -> Encoder:
        return HashTokenEncoder()


class TestCachedTokenEncoder(TokenEncoderContract):
    @pytest.fixture
    def encoder(self, tmp_path) -> Encoder:
        return CachedEncoder(HashTokenEncoder(), tmp_path)


class TestCachedEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self, tmp_path) -> Encoder:
        return CachedEncoder(HashEncoder(), tmp_path / "vectors")


class TestFastEmbed(EncoderContract):
    """Over a small stand-in for the library, whose models cannot be fetched in a test."""

    @pytest.fixture
    def encoder(self, monkeypatch: pytest.MonkeyPatch) -> Encoder:
        inner = HashEncoder(width=WIDTH)
        tokenizer = word_tokenizer()
        tokenizer.enable_truncation(max_length=512)

        class TextEmbedding:
            def __init__(self, model_name: str) -> None:
                self.model = SimpleNamespace(tokenizer=tokenizer)

            @staticmethod
            def list_supported_models() -> list[dict[str, object]]:
                return [{"model": "a/small-one", "dim": WIDTH, "sources": {"hf": "b/small-one-onnx", "url": None}}]

            def embed(self, documents: list[str]):
                yield from np.asarray(inner.encode(documents)) * 3

        monkeypatch.setattr(fastembed, "TextEmbedding", TextEmbedding)
        return fastembed.make("a/small-one")


class TestSentenceTransformers(EncoderContract):
    """Over a small stand-in for the library, whose models cannot be fetched in a test."""

    @pytest.fixture
    def encoder(self, monkeypatch: pytest.MonkeyPatch) -> Encoder:
        inner = HashEncoder(width=WIDTH)
        tokenizer = word_tokenizer()

        class Encoding(dict):
            def word_ids(self) -> list[int | None]:
                return self["words"]

        class Tokenize:
            def __call__(self, text: str, **_: object) -> Encoding:
                pieces = tokenizer.encode(text, add_special_tokens=False)
                return Encoding(input_ids=pieces.ids, offset_mapping=pieces.offsets, words=pieces.word_ids)

            def num_special_tokens_to_add(self) -> int:
                return 2

        class SentenceTransformer:
            max_seq_length = 128

            def __init__(self, name: str) -> None:
                self.tokenizer = Tokenize()

            def state_dict(self) -> dict[str, object]:
                return {}

            def encode(self, texts: list[str], **_: object) -> np.ndarray:
                return np.asarray(inner.encode(texts))

        monkeypatch.setattr(sentence_transformers, "SentenceTransformer", SentenceTransformer)
        return sentence_transformers.make("a-small-one")
