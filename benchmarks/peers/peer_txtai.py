"""txtai's `Embeddings` with content and external vectors; with `hybrid`, BM25 beside them."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

# The function below is named in the saved configuration, as it must be to be opened again.
os.environ["ALLOW_RESOLVE_TRANSFORM"] = "True"

import numpy as np
from given import Row, Ts, Vectors, content
from txtai import Embeddings

_GIVEN: list[Vectors] = []


def encode(texts: Sequence[str]) -> np.ndarray:
    """Give the vectors of `texts`."""
    return np.stack([_GIVEN[-1].of(text) for text in texts])


class TxtaiPeer:
    """One embeddings database in one folder."""

    def __init__(self, folder: Path, vectors: Vectors, *, is_hybrid: bool) -> None:
        """Open or make the database."""
        _GIVEN.append(vectors)
        self._path = str(folder / "embeddings")
        self._embeddings = Embeddings(method="external", transform=f"{__name__}.encode", content=True, hybrid=is_hybrid)
        if Path(self._path).exists():
            self._embeddings.load(self._path)

    def add_many(self, rows: Iterable[Row]) -> None:
        """Build the index in one call, and save it."""
        self._embeddings.index((str(row["id"]), {"text": content(row)}) for row in rows)
        self._embeddings.save(self._path)

    def add_one(self, row: Row) -> None:
        """Put one more in; in memory until it is saved."""
        self._embeddings.upsert([(str(row["id"]), {"text": content(row)})])

    def search(self, text: str, k: int, ts: Ts = None) -> list[str]:
        """Search, and read the texts."""
        return [hit["id"] for hit in self._embeddings.search(text, k)]

    def close(self) -> None:
        """Save and close."""
        self._embeddings.save(self._path)
        self._embeddings.close()


def open_peer(folder: Path, vectors: Vectors, *, hybrid: str = "") -> TxtaiPeer:
    """Open the database in `folder`."""
    return TxtaiPeer(folder, vectors, is_hybrid=bool(hybrid))
