"""chromadb's persistent client: one collection, cosine, the vectors handed over."""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import chromadb
import numpy as np
from chromadb.config import Settings
from given import Row, Ts, Vectors, content

BATCH = 1_000


class ChromaPeer:
    """One collection in one folder."""

    def __init__(self, folder: Path, vectors: Vectors) -> None:
        """Open or make the collection."""
        client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
        self._collection = client.get_or_create_collection(
            "memory", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        self._vectors = vectors

    def add_many(self, rows: Iterable[Row]) -> None:
        """Add in batches."""
        left = iter(rows)
        while batch := list(islice(left, BATCH)):
            self._add(batch)

    def add_one(self, row: Row) -> None:
        """Add one document."""
        self._add([row])

    def search(self, text: str, k: int, ts: Ts = None) -> list[str]:
        """Query with the vector of `text`, and read the documents."""
        return self._collection.query(query_embeddings=[self._vectors.of(text)], n_results=k)["ids"][0]

    def close(self) -> None:
        """Let nothing go: what was added is on disk."""

    def _add(self, rows: Sequence[Row]) -> None:
        texts = [content(row) for row in rows]
        self._collection.add(
            ids=[str(row["id"]) for row in rows],
            documents=texts,
            embeddings=np.stack([self._vectors.of(text) for text in texts]),
            metadatas=[{"session": str(row["session"])} for row in rows],
        )


def open_peer(folder: Path, vectors: Vectors) -> ChromaPeer:
    """Open the collection in `folder`."""
    return ChromaPeer(folder, vectors)
