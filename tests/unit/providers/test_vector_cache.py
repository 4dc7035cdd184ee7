"""The cache gives the encoder's vectors, bit for bit, and asks it only once for each text."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lamina.core.errors import StoreUnavailable
from lamina.core.protocols import EncoderId
from lamina.core.token_encoder import TokenVectors
from lamina.providers.vector_cache import CachedEncoder
from lamina.testing.fakes import HashEncoder, HashTokenEncoder


class Counting(HashEncoder):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def encode(self, texts):
        self.asked += texts
        return super().encode(texts)


def test_a_text_is_encoded_once_across_files_and_processes(tmp_path: Path) -> None:
    inner = Counting()
    first = np.asarray(CachedEncoder(inner, tmp_path / "v").encode(["bees", "wasps"]))
    again = np.asarray(CachedEncoder(inner, tmp_path / "v").encode(["wasps", "ants", "bees"]))
    assert inner.asked == ["bees", "wasps", "ants"]
    np.testing.assert_array_equal(again[[2, 0]], first)
    np.testing.assert_array_equal(first, np.asarray(HashEncoder().encode(["bees", "wasps"])))


def test_the_folder_holds_no_text(tmp_path: Path) -> None:
    CachedEncoder(HashEncoder(), tmp_path).encode(["a secret about zeppelins"])
    assert all(b"zeppelin" not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StoreUnavailable, match="taken"):
        CachedEncoder(HashEncoder(), tmp_path / "taken")


def test_the_same_text_twice_in_a_call_is_encoded_once(tmp_path: Path) -> None:
    inner = Counting()
    vectors = np.asarray(CachedEncoder(inner, tmp_path).encode(["bees", "ants", "bees"]))
    assert inner.asked == ["bees", "ants"]
    np.testing.assert_array_equal(vectors[0], vectors[2])


def test_a_text_without_word_pieces_keeps_that_it_has_none(tmp_path: Path) -> None:
    """The default encoder has no pieces for a question in Chinese: asked a second time, it is read from the cache."""
    for _ in range(2):
        _, tokens = CachedEncoder(HashTokenEncoder(), tmp_path).encode_tokens(["?!", "bees"])
        assert [np.asarray(some.values).shape for some in tokens] == [(0, 64), (1, 64)]


def test_encoders_with_other_models_keep_apart(tmp_path: Path) -> None:
    for width in (8, 16):
        encoder = CachedEncoder(HashEncoder(width=width), tmp_path)
        assert np.asarray(encoder.encode(["bees"])).shape == (1, width)
    assert len(list(tmp_path.glob("*.vectors"))) == 2


def test_many_threads_over_one_folder_lose_nothing(tmp_path: Path) -> None:
    texts = [f"text {number}" for number in range(120)]
    expected = np.asarray(HashEncoder().encode(texts))
    encoders = [CachedEncoder(HashEncoder(), tmp_path) for _ in range(2)]
    found: list[np.ndarray] = []
    threads = [
        threading.Thread(target=lambda encoder=encoder: found.append(np.asarray(encoder.encode(texts))))
        for encoder in encoders * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(threads)
    for vectors in found:
        np.testing.assert_array_equal(vectors, expected)


def test_another_process_finds_the_vectors(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from lamina.testing.fakes import HashEncoder; "
        "from lamina.providers.vector_cache import CachedEncoder; "
        "CachedEncoder(HashEncoder(), Path(sys.argv[1])).encode(['bees'])"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, timeout=60)
    inner = Counting()
    vectors = np.asarray(CachedEncoder(inner, tmp_path).encode(["bees"]))
    assert inner.asked == []
    np.testing.assert_array_equal(vectors, np.asarray(HashEncoder().encode(["bees"])))


def test_a_broken_file_is_answered_with_what_to_do(tmp_path: Path) -> None:
    CachedEncoder(HashEncoder(), tmp_path).encode(["bees"])
    for path in tmp_path.iterdir():
        path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(StoreUnavailable, match=r"delete its \*\.vectors"):
        CachedEncoder(HashEncoder(), tmp_path).encode(["bees"])


def test_token_vectors_of_another_token_encoder_are_not_taken(tmp_path: Path) -> None:
    class Other(HashTokenEncoder):
        @property
        def token_identity(self) -> EncoderId:
            return replace(super().token_identity, model="other axes")

        def _tokens(self, text: str) -> TokenVectors:
            values, words = super()._tokens(text)
            return TokenVectors((-np.asarray(values)).data, words)

    _, (one,) = CachedEncoder(HashTokenEncoder(), tmp_path).encode_tokens(["bees"])
    _, (other,) = CachedEncoder(Other(), tmp_path).encode_tokens(["bees"])
    np.testing.assert_array_equal(np.asarray(one.values), -np.asarray(other.values))
