"""LlamaIndex's `VectorMemoryBlock`, the part of its `Memory` that finds old messages again, over Chroma.

The block makes one node of all messages of one `aput`, so each message is put alone. A message carries one thing
into a node beside its words, `session_id`: the id travels there, and is read by a postprocessor.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import chromadb
from chromadb.config import Settings
from given import Row, Ts, Vectors, content
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.llms import ChatMessage
from llama_index.core.memory import VectorMemoryBlock
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle
from llama_index.vector_stores.chroma import ChromaVectorStore

#: How the block wraps what it stores.
BEFORE, AFTER = "<message role='user'>", "</message>"


class GivenEmbedding(BaseEmbedding):
    """An embedding that looks vectors up."""

    _vectors: Vectors = PrivateAttr()

    def __init__(self, vectors: Vectors) -> None:
        """Look up in `vectors`."""
        super().__init__(model_name="given")
        self._vectors = vectors

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._vectors.of(text.removeprefix(BEFORE).removesuffix(AFTER)).tolist()

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._vectors.of(query).tolist()

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    async def _aget_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embedding(text)


class IdsSeen(BaseNodePostprocessor):
    """Notes the ids of what was retrieved, and changes nothing."""

    _ids: list[str] = PrivateAttr(default_factory=list)

    @property
    def ids(self) -> list[str]:
        """Give the ids of the last retrieval."""
        return self._ids

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        self._ids = [found.node.metadata["session_id"] for found in nodes]
        return nodes


class LlamaindexPeer:
    """One memory block over one collection in one folder."""

    def __init__(self, folder: Path, vectors: Vectors) -> None:
        """Open or make the collection."""
        client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
        collection = client.get_or_create_collection(
            "memory", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        self._seen = IdsSeen()
        self._block = VectorMemoryBlock(
            vector_store=ChromaVectorStore(chroma_collection=collection),
            embed_model=GivenEmbedding(vectors),
            node_postprocessors=[self._seen],
            retrieval_context_window=1,
        )
        self._loop = asyncio.new_event_loop()

    def add_many(self, rows: Iterable[Row]) -> None:
        """Put one by one: messages put together are one node."""
        for row in rows:
            self.add_one(row)

    def add_one(self, row: Row) -> None:
        """Put one message."""
        message = ChatMessage(role="user", content=content(row), additional_kwargs={"session_id": row["id"]})
        self._loop.run_until_complete(self._block.aput([message]))

    def search(self, text: str, k: int, ts: Ts = None) -> list[str]:
        """Ask the block with one message."""
        self._block.similarity_top_k = k
        self._loop.run_until_complete(self._block.aget([ChatMessage(role="user", content=text)]))
        return self._seen.ids

    def close(self) -> None:
        """Close the loop; what was added is on disk."""
        self._loop.close()


def open_peer(folder: Path, vectors: Vectors) -> LlamaindexPeer:
    """Open the memory in `folder`."""
    return LlamaindexPeer(folder, vectors)
