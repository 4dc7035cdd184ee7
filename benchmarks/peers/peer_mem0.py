"""mem0's `Memory` with `infer=False`: messages are kept as they are, and no language model is asked.

Its defaults but for the embedder, which gives the vectors made before. Keyword scores need a model from a hub beside
`fastembed`, and its entities come from inference: as installed, hits are ranked by the vectors.
"""

from collections.abc import Iterable
from pathlib import Path

from given import WIDTH, Row, Ts, Vectors, content
from mem0 import Memory
from mem0.embeddings.base import EmbeddingBase

USER = "evaluated"


class GivenEmbedder(EmbeddingBase):
    """An embedder that looks vectors up."""

    def __init__(self, vectors: Vectors) -> None:
        """Look up in `vectors`."""
        super().__init__()
        self._vectors = vectors

    def embed(self, text: str, memory_action: str | None = None) -> list[float]:
        """Give the vector of `text`."""
        return self._vectors.of(text).tolist()


class Mem0Peer:
    """One memory in one folder."""

    def __init__(self, folder: Path, vectors: Vectors) -> None:
        """Open or make the memory; the keys are never used."""
        store = {"path": str(folder / "qdrant"), "on_disk": True, "embedding_model_dims": WIDTH}
        self._memory = Memory.from_config(
            {
                "vector_store": {"provider": "qdrant", "config": store},
                "llm": {"provider": "openai", "config": {"api_key": "unused"}},
                "embedder": {"provider": "openai", "config": {"api_key": "unused"}},
                "history_db_path": str(folder / "history.db"),
            }
        )
        self._memory.embedding_model = GivenEmbedder(vectors)

    def add_many(self, rows: Iterable[Row]) -> None:
        """Add one by one: there is no other way without inference."""
        for row in rows:
            self.add_one(row)

    def add_one(self, row: Row) -> None:
        """Add one message with its id as metadata."""
        message = {"role": "user", "content": content(row)}
        if row["speaker"]:
            message["name"] = str(row["speaker"])
        self._memory.add([message], user_id=USER, metadata={"external_id": row["id"]}, infer=False)

    def search(self, text: str, k: int, ts: Ts = None) -> list[str]:
        """Search with the default threshold."""
        found = self._memory.search(text, top_k=k, filters={"user_id": USER})
        return [hit["metadata"]["external_id"] for hit in found["results"]]

    def close(self) -> None:
        """Close history and vectors."""
        self._memory.close()
        self._memory.vector_store.client.close()


def open_peer(folder: Path, vectors: Vectors) -> Mem0Peer:
    """Open the memory in `folder`."""
    return Mem0Peer(folder, vectors)
