"""Who is measured, how each is opened, and what each keeps when an add returns.

One row a line of the table. Modules are imported in the process that measures, never here: standard library alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One line of the table."""

    name: str
    #: The adapter beside this file, with `open_peer(folder, vectors, **options)`.
    module: str
    options: Mapping[str, str] = field(default_factory=dict)
    #: Packages whose versions are reported.
    packages: tuple[str, ...]
    #: Measured with the project's own interpreter, not that of the peers' environment.
    is_own: bool = False
    #: Whether a new process finds what was added.
    is_kept: bool = True
    #: Whether hits are ranked by the vectors alone, so that they can be held against the exact nearest.
    is_dense: bool = True
    #: Left out at the sizes, where quality is all that differs.
    is_quality_only: bool = False
    #: What is measured, and when an add is on disk.
    note: str


CONTENDERS = (
    Contender(
        name="lamina",
        module="peer_lamina",
        options={"recipe": "default"},
        packages=("lamina", "apsw", "numpy"),
        is_own=True,
        is_dense=False,
        note="`Memory`, default recipe, `encode=inline`; an add is durable (fsync) when it returns; real texts have "
        "token vectors, synthetic ones none",
    ),
    Contender(
        name="lamina-dense",
        module="peer_lamina",
        options={"recipe": "dense"},
        packages=("lamina",),
        is_own=True,
        is_quality_only=True,
        note="the same memory ranked by the vectors alone: the control",
    ),
    Contender(
        name="mem0",
        module="peer_mem0",
        packages=("mem0ai", "qdrant-client"),
        note="`Memory.add(infer=False)`, local Qdrant with `on_disk`, history in SQLite; each add is durable (fsync)",
    ),
    Contender(
        name="chromadb",
        module="peer_chroma",
        packages=("chromadb",),
        note="`PersistentClient`, cosine, batches of 1,000; each add is durable (fsync), HNSW is approximate",
    ),
    Contender(
        name="txtai",
        module="peer_txtai",
        packages=("txtai", "faiss-cpu"),
        note="`Embeddings`, external vectors, content in SQLite, Faiss; on disk only after `save()`",
    ),
    Contender(
        name="txtai-hybrid",
        module="peer_txtai",
        options={"hybrid": "yes"},
        packages=("txtai", "faiss-cpu"),
        is_dense=False,
        note="the same with `hybrid=True`: BM25 and vectors, half and half",
    ),
    Contender(
        name="langgraph",
        module="peer_langgraph",
        packages=("langgraph", "langgraph-checkpoint"),
        is_kept=False,
        note="`InMemoryStore`, `put` by `put`; nothing is on disk",
    ),
    Contender(
        name="llamaindex",
        module="peer_llamaindex",
        packages=("llama-index-core", "llama-index-vector-stores-chroma", "chromadb"),
        note="`VectorMemoryBlock` over `ChromaVectorStore` (its simple store keeps no text, and is refused); durable",
    ),
)


def contender_named(name: str) -> Contender:
    """Give the line of that name.

    Raises:
        KeyError: there is none.
    """
    return {one.name: one for one in CONTENDERS}[name]
