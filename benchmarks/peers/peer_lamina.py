"""lamina, by its public `Memory`, with the vectors made before, or with the model that made them."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from given import WIDTH, KnownVectors, Row, Ts, Vectors

from lamina import EncoderId, Memory, Settings
from lamina.evaluate.adapter import TIMEZONE, USER, messages_of
from lamina.providers.registry import encoder_named

BATCH = 1_000


class GivenEncoder:
    """An encoder that looks vectors up."""

    def __init__(self, vectors: Vectors) -> None:
        """Look up in `vectors`."""
        self._vectors = vectors

    @property
    def identity(self) -> EncoderId:
        """Name, model and width."""
        return EncoderId(name="given", model=f"given@{WIDTH}", width=WIDTH)

    def encode(self, texts: Sequence[str]) -> memoryview:
        """Give the vectors of `texts`."""
        rows = [self._vectors.of(text) for text in texts]
        return np.stack(rows).data if rows else np.zeros((0, WIDTH), dtype=np.float32).data

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        """Give the text as one span: it has one vector."""
        return [(0, len(text))]

    def count_tokens(self, text: str) -> int:
        """Count words and marks."""
        return len(re.findall(r"\w+|[^\w\s]", text))


class LaminaPeer:
    """One memory in one file."""

    def __init__(self, folder: Path, vectors: Vectors, recipe: str) -> None:
        """Open or make the file in `folder`."""
        settings = Settings(recipe=recipe, encode="inline", vector_cache=None)
        # Of real texts the model that made the vectors gives token vectors too, and reads parts of a question.
        is_whole = isinstance(vectors, KnownVectors) and recipe == "default"
        encoder = encoder_named("minilm") if is_whole else GivenEncoder(vectors)
        self._memory = Memory(folder / "lamina.db", settings=settings, encoder=encoder)

    def add_many(self, rows: Iterable[Row]) -> None:
        """Add in batches, each durable with its vectors."""
        left = iter(rows)
        while batch := list(islice(left, BATCH)):
            self._memory.add(messages_of(batch), user_id=USER, at="unknown", timezone=TIMEZONE)

    def add_one(self, row: Row) -> None:
        """Add one message, durable with its vector."""
        self._memory.add(messages_of([row]), user_id=USER, at="unknown", timezone=TIMEZONE)

    def search(self, text: str, k: int, ts: Ts = None) -> list[str]:
        """Search as the evaluation does."""
        hits = self._memory.search(text, limit=k, at=ts, timezone=TIMEZONE, user_id=USER)
        return [str(hit.record.external_id) for hit in hits]

    def close(self) -> None:
        """Close the file."""
        self._memory.close()


def open_peer(folder: Path, vectors: Vectors, *, recipe: str) -> LaminaPeer:
    """Open the memory in `folder`."""
    return LaminaPeer(folder, vectors, recipe)
