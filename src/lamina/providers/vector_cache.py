"""A cache of vectors by model and text, in a folder, across files and processes; for measuring the same texts again.

Holds hashes of texts, never texts. A vector that comes from it is the encoder's, bit for bit. Off unless
`Settings.vector_cache` names a folder; erasing a record does not reach it.
"""

import hashlib
import importlib.resources
import re
import threading
from collections.abc import Sequence
from pathlib import Path

import apsw
import numpy as np

from lamina.core.errors import StoreUnavailable
from lamina.core.protocols import Encoder, EncoderId

#: Vectors per transaction: a few seconds of encoding.
BATCH = 256
BUSY_TIMEOUT_MS = 30_000


class CachedEncoder:
    """An `Encoder` that asks another one only for texts that its folder does not know."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        """Keep the vectors of `encoder` in one file of `folder`, which is made where there is none.

        Raises:
            StoreUnavailable: the folder cannot be made or written.
        """
        self._encoder = encoder
        self._lock = threading.Lock()
        name = re.sub(r"[^\w.@-]+", "_", encoder.identity.model)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = apsw.Connection(str(folder / f"{name}.vectors"))
            self._file.set_busy_timeout(BUSY_TIMEOUT_MS)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = NORMAL")
            self._file.execute(_SQL["create"])
        except (OSError, apsw.Error) as error:
            raise StoreUnavailable(
                f"the vector cache in {folder} cannot be used ({error}); name a writable folder"
            ) from error

    @property
    def identity(self) -> EncoderId:
        """Those of the encoder behind it."""
        return self._encoder.identity

    def encode(self, texts: Sequence[str]) -> memoryview:
        """Give one float32 unit vector a text, from the folder where it is known."""
        vectors = np.zeros((len(texts), self.identity.width), dtype=np.float32)
        digests = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
        missing: list[int] = []
        with self._lock:
            for row, digest in enumerate(digests):
                kept = self._file.execute(_SQL["get"], {"digest": digest}).fetchone()
                if kept is None:
                    missing.append(row)
                else:
                    vectors[row] = np.frombuffer(kept[0], dtype="<f4")
        for first in range(0, len(missing), BATCH):
            rows = missing[first : first + BATCH]
            vectors[rows] = np.asarray(self._encoder.encode([texts[row] for row in rows]))
            with self._lock, self._file:
                self._file.executemany(
                    _SQL["put"],
                    ({"digest": digests[row], "data": vectors[row].astype("<f4").tobytes()} for row in rows),
                )
        return vectors.data

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        """Those of the encoder behind it."""
        return self._encoder.spans(text, reserved_tokens=reserved_tokens)

    def count_tokens(self, text: str) -> int:
        """Count as the encoder behind it does."""
        return self._encoder.count_tokens(text)


def _statements() -> dict[str, str]:
    text = importlib.resources.files("lamina.providers").joinpath("vector_cache.sql").read_text("utf-8")
    parts = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))


_SQL = _statements()
