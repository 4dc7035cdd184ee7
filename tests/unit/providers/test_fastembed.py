"""Models of fastembed, over a small stand-in for the library: what it cannot give is said, and how to get it."""

from types import SimpleNamespace

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from lamina.core.errors import BrokenWeights, UnknownEncoder
from lamina.providers import fastembed


def word_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.enable_truncation(max_length=100)
    tokenizer.enable_padding(length=100)
    return tokenizer


class TextEmbedding:
    """Gives vectors that are not of unit length, as some models do."""

    made = 0

    def __init__(self, model_name: str) -> None:
        type(self).made += 1
        if model_name == "a/absent-one":
            raise ValueError("Could not load model a/absent-one from any source.")
        self.model = SimpleNamespace(tokenizer=word_tokenizer())

    @staticmethod
    def list_supported_models() -> list[dict[str, object]]:
        return [
            {"model": "a/small-one", "dim": 2, "sources": {"hf": "b/small-one-onnx", "url": None}},
            {"model": "a/absent-one", "dim": 2, "sources": {"hf": None, "url": "https://models.example/absent"}},
        ]

    def embed(self, documents: list[str]):
        for text in documents:
            yield np.array([3, 4 * len(text)])


@pytest.fixture(autouse=True)
def _library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastembed, "TextEmbedding", TextEmbedding)
    monkeypatch.setattr(TextEmbedding, "made", 0)


def test_the_identity_is_known_before_anything_is_loaded() -> None:
    encoder = fastembed.make("a/small-one")
    assert encoder.identity.name == "fastembed:a/small-one"
    assert encoder.identity.model == "fastembed:b/small-one-onnx"
    assert encoder.identity.width == 2
    assert fastembed.make("a/absent-one").identity.model == "fastembed:https://models.example/absent"
    assert TextEmbedding.made == 0


def test_vectors_get_unit_length_and_the_model_is_loaded_once() -> None:
    encoder = fastembed.make("a/small-one")
    np.testing.assert_allclose(np.asarray(encoder.encode(["x", "x"])), [[0.6, 0.8], [0.6, 0.8]])
    assert encoder.count_tokens("one two three") == 3
    assert TextEmbedding.made == 1


def test_tokens_are_counted_without_the_librarys_cut_and_padding() -> None:
    encoder = fastembed.make("a/small-one")
    assert encoder.count_tokens("word " * 500) == 500
    assert [end - start for start, end in encoder.spans("word " * 150)] == [5 * 100 - 1, 750 - 5 * 68]


def test_a_model_that_fastembed_does_not_know_is_answered_with_those_it_knows() -> None:
    with pytest.raises(UnknownEncoder, match="a/absent-one, a/small-one"):
        fastembed.make("a/large-one")


def test_a_model_that_cannot_be_fetched_is_named() -> None:
    with pytest.raises(BrokenWeights, match=r"a/absent-one.*from any source.*network"):
        fastembed.make("a/absent-one").encode(["x"])
