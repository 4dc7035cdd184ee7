"""What every contender is given: rows of `docs.jsonl`, and for each text one vector that was made before.

No contender encodes anything: it asks here, by text. Needs numpy and nothing of the project.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

WIDTH = 384
#: One row of `docs.jsonl` (see `lamina.evaluate.schema`).
Row = Mapping[str, object]
Ts = str | int | float | None


class Vectors(Protocol):
    """Unit vectors by text."""

    def of(self, text: str) -> np.ndarray:
        """Give the float32 vector of `text`; a text that was not foreseen is an error."""


class Peer(Protocol):
    """One opened memory."""

    def add_many(self, rows: Iterable[Row]) -> None:
        """Take in all rows in the way that its makers advise for many; searchable when it returns."""

    def add_one(self, row: Row) -> None:
        """Take in one row, as while an agent talks; searchable when it returns."""

    def search(self, text: str, k: int, ts: Ts = None) -> list[str]:
        """Give the ids of the best `k` rows, best first."""

    def close(self) -> None:
        """Put on disk what is kept, and let go."""


class KnownVectors:
    """Vectors of a few thousand texts, held in memory."""

    def __init__(self, texts: Sequence[str], matrix: np.ndarray) -> None:
        """Keep one row of `matrix` for each text; space around a text changes no vector, and some contenders cut it."""
        self._rows = {text.strip(): row for row, text in enumerate(texts)}
        self._matrix = matrix

    def of(self, text: str) -> np.ndarray:
        """Give the vector of `text`."""
        return self._matrix[self._rows[text.strip()]]


class NumberedVectors:
    """Vectors in a file, by the number that ends a text (`… m17`); takes no memory of the process that asks."""

    def __init__(self, path: Path) -> None:
        """Read from `path`, float32 row by row."""
        self._file = os.open(path, os.O_RDONLY)

    def of(self, text: str) -> np.ndarray:
        """Give the vector of `text`."""
        number = int(text[text.rindex(" ") + 2 :])
        return np.frombuffer(os.pread(self._file, 4 * WIDTH, 4 * WIDTH * number), dtype="<f4")


def content(row: Row) -> str:
    """Give the words that stand for a row: with its speaker, as in the vectors."""
    return f"{row['speaker']}: {row['text']}" if row["speaker"] else str(row["text"])


def read_rows(path: Path, *, most: int | None = None) -> Iterator[dict[str, object]]:
    """Give the rows of a file one by one, the first `most` of them."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number == most:
                return
            yield json.loads(line)
