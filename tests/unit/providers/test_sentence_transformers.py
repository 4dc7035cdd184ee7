"""Models of sentence-transformers, over a small stand-in for the library: other weights are another model."""

import numpy as np
import pytest

from lamina.core.errors import BrokenWeights
from lamina.providers import sentence_transformers


class Tensor:
    """The part of a torch tensor that a hash needs."""

    def __init__(self, values: list[float]) -> None:
        self._values = np.array(values, dtype=np.float32)

    def detach(self) -> "Tensor":
        return self

    cpu = float = detach

    def numpy(self) -> np.ndarray:
        return self._values


class SentenceTransformer:
    """A model whose weights are its name's length."""

    max_seq_length = None

    def __init__(self, name: str) -> None:
        if "/" not in name:
            raise OSError(f"{name} is not a local folder and is not a valid model identifier")
        self._weights = {"layer.weight": Tensor([len(name)])}

    def state_dict(self) -> dict[str, Tensor]:
        return self._weights

    def encode(self, texts: list[str], *, normalize_embeddings: bool, show_progress_bar: bool) -> np.ndarray:
        assert normalize_embeddings
        assert not show_progress_bar
        return np.array([[0.6, 0.8]] * len(texts))


@pytest.fixture(autouse=True)
def _library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentence_transformers, "SentenceTransformer", SentenceTransformer)


def test_the_identity_holds_a_hash_of_the_weights() -> None:
    one, same, other = (sentence_transformers.make(name).identity for name in ("a/one", "a/one", "a/other"))
    assert one == same
    assert one.name == "sentence-transformers:a/one"
    assert one.width == 2
    assert one.model.partition("@")[2] != other.model.partition("@")[2]


def test_a_model_that_cannot_be_loaded_is_named_with_what_to_do() -> None:
    with pytest.raises(BrokenWeights, match=r"'nowhere'.*folder"):
        sentence_transformers.make("nowhere")
