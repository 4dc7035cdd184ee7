"""The shipped encoder is the published model, offline."""

import json
import socket
from pathlib import Path

import numpy as np
import pytest

from lamina.core.errors import BrokenWeights
from lamina.providers.minilm import WINDOW_TOKENS, MiniLM, _tokenizer

GOLDEN = json.loads(Path(__file__).with_name("golden_minilm.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def encoder() -> MiniLM:
    return MiniLM()


def test_vectors_are_those_of_an_independent_forward_pass_over_the_float_weights(encoder: MiniLM) -> None:
    mine = np.asarray(encoder.encode([row["text"] for row in GOLDEN["rows"]]))
    golden = np.array([row["vector"] for row in GOLDEN["rows"]])
    cosines = (mine * golden).sum(axis=1) / np.linalg.norm(golden, axis=1)
    assert len(GOLDEN["rows"]) >= 10
    # The published weights are int8; rounding them costs this much of the float ones.
    assert cosines.min() >= 0.998, cosines
    assert cosines.mean() >= 0.999, cosines


def test_word_pieces_are_those_of_an_independent_tokeniser() -> None:
    tokenizer = _tokenizer()
    for row in GOLDEN["rows"]:
        assert tokenizer.encode(row["text"]).ids[: WINDOW_TOKENS - 1] == row["ids"][: WINDOW_TOKENS - 1], row["text"]


def test_vectors_do_not_depend_on_the_number_of_threads(encoder: MiniLM) -> None:
    texts = [row["text"] for row in GOLDEN["rows"]]
    np.testing.assert_array_equal(np.asarray(encoder.encode(texts)), np.asarray(MiniLM(threads=1).encode(texts)))


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"not these")
    encoder = MiniLM(weights=path)
    assert encoder.identity.width == 384
    with pytest.raises(BrokenWeights, match="pip install"):
        encoder.encode(["x"])


def test_nothing_is_reached_over_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    assert np.asarray(MiniLM().encode(["offline"])).shape == (1, 384)


def test_each_span_fits_the_window_together_with_a_speaker(encoder: MiniLM) -> None:
    text = "It rained on the harbour, and the boats knocked against each other all night. " * 60
    reserved = encoder.count_tokens("Signora Alba Furlan: ")
    spans = encoder.spans(text, reserved_tokens=reserved)
    counts = [encoder.count_tokens(f"Signora Alba Furlan: {text[start:end]}") + 2 for start, end in spans]
    assert max(counts) <= WINDOW_TOKENS
    assert all(end == len(text) or not text[end - 1 : end + 1].isalnum() for _, end in spans)
