"""Our encoders sit the exam that others have to sit."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from lamina.core.protocols import Encoder
from lamina.providers import fastembed, sentence_transformers
from lamina.providers.minilm import MiniLM
from lamina.providers.vector_cache import CachedEncoder
from lamina.testing.encoders import EncoderContract
from lamina.testing.fakes import HashEncoder

WIDTH = 16
#: Loads its weights once for all tests.
MINILM = MiniLM()


def word_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    return tokenizer


class TestMiniLM(EncoderContract):
    @pytest.fixture
    def encoder(self) -> Encoder:
        return MINILM


class TestHashEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self) -> Encoder:
        return HashEncoder()


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
                return [{"model": "a/small-one", "dim": WIDTH}]

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

        def tokenize(text: str, **_: object) -> Encoding:
            pieces = tokenizer.encode(text, add_special_tokens=False)
            return Encoding(input_ids=pieces.ids, offset_mapping=pieces.offsets, words=pieces.word_ids)

        class SentenceTransformer:
            max_seq_length = 128

            def __init__(self, name: str) -> None:
                self.tokenizer = tokenize

            def get_sentence_embedding_dimension(self) -> int:
                return WIDTH

            def encode(self, texts: list[str], **_: object) -> np.ndarray:
                return np.asarray(inner.encode(texts))

        monkeypatch.setattr(sentence_transformers, "SentenceTransformer", SentenceTransformer)
        return sentence_transformers.make("a-small-one")


def test_a_missing_extra_is_named_with_the_command_that_installs_it() -> None:
    from lamina.core.errors import MissingExtra
    from lamina.providers.registry import encoder_named

    for name in ("fastembed:BAAI/bge-small-en-v1.5", "sentence-transformers:all-MiniLM-L6-v2"):
        family = name.partition(":")[0]
        if family.replace("-", "_") in sys.modules:
            pytest.skip(f"{family} is installed here")
        with pytest.raises(MissingExtra, match=rf"lamina\[{family}\]"):
            encoder_named(name)


def test_an_unknown_encoder_is_answered_with_the_known_ones_and_how_to_add_one() -> None:
    from lamina.core.errors import UnknownEncoder
    from lamina.providers.registry import encoder_named

    with pytest.raises(UnknownEncoder, match="minilm") as caught:
        encoder_named("telepathy")
    assert "lamina.encoders" in str(caught.value)
    for incomplete in ("fastembed", "sentence-transformers", "minilm:large"):
        with pytest.raises(UnknownEncoder):
            encoder_named(incomplete)


def test_a_package_adds_an_encoder_by_an_entry_point(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lamina.providers.registry import encoder_named

    plugin = ModuleType("a_plugged_encoder")
    plugin.make = lambda model: HashEncoder(width=int(model))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "a_plugged_encoder", plugin)
    info = tmp_path / "plugged-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[lamina.encoders]\nplugged = a_plugged_encoder:make\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert encoder_named("plugged:32").identity.width == 32
