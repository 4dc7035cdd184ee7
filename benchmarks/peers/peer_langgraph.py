"""LangGraph's `InMemoryStore` with an index over the texts."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from given import WIDTH, Row, Ts, Vectors, content
from langgraph.store.memory import InMemoryStore

NAMESPACE = ("evaluated",)


class LanggraphPeer:
    """One store in memory."""

    def __init__(self, vectors: Vectors) -> None:
        """Make an empty store."""
        self._vectors = vectors
        self._store = InMemoryStore(index={"dims": WIDTH, "embed": self._embed, "fields": ["text"]})

    def add_many(self, rows: Iterable[Row]) -> None:
        """Put one by one; batches are internal to it."""
        for row in rows:
            self.add_one(row)

    def add_one(self, row: Row) -> None:
        """Put one item."""
        self._store.put(NAMESPACE, str(row["id"]), {"text": content(row)})

    def search(self, text: str, k: int, ts: Ts = None) -> list[str]:
        """Search the namespace."""
        return [item.key for item in self._store.search(NAMESPACE, query=text, limit=k)]

    def close(self) -> None:
        """Let nothing go: it ends with the process."""

    def _embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [self._vectors.of(text).tolist() for text in texts]


def open_peer(folder: Path, vectors: Vectors) -> LanggraphPeer:
    """Make a store; `folder` stays empty."""
    return LanggraphPeer(vectors)
