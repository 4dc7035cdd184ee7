"""The cache gives the encoder's vectors, bit for bit, and asks it only once for each text."""

from pathlib import Path

import numpy as np
import pytest

from lamina.core.errors import StoreUnavailable
from lamina.providers.vector_cache import CachedEncoder
from lamina.testing.fakes import HashEncoder


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
