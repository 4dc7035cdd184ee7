"""A cache of vectors by model and text, in a folder, across files and processes; for measuring the same texts again.

Holds hashes of texts, never texts. A vector that comes from it is the encoder's, bit for bit. Off unless
`Settings.vector_cache` names a folder; erasing a record does not reach it.
"""

import hashlib
import importlib.resources
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw
import numpy as np
from numpy.typing import NDArray

from lamina.core.errors import InvalidArgument, StoreUnavailable
from lamina.core.protocols import Encoder, EncoderId
from lamina.core.token_encoder import TokenVectors, gives_tokens

#: Vectors per transaction: a few seconds of encoding.
BATCH = 256
BUSY_TIMEOUT_MS = 30_000


class CachedEncoder:
    """An `Encoder` that asks another one only for texts that its folder does not know; safe for many threads."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        """Keep the vectors of `encoder` in one file of `folder`, which is made where there is none.

        Raises:
            StoreUnavailable: the folder cannot be made or written.
        """
        self._encoder = encoder
        self._tokens = encoder if gives_tokens(encoder) else None
        self._folder = folder
        identity = None if self._tokens is None else self._tokens.token_identity
        #: Whose token vectors are kept, of those of other models.
        self._token_model = "" if identity is None else f"{identity.model}, {identity.width}"
        self._lock = threading.Lock()
        name = re.sub(r"[^\w.@-]+", "_", encoder.identity.model)
        with self._explained():
            folder.mkdir(parents=True, exist_ok=True)
            self._file = apsw.Connection(str(folder / f"{name}.vectors"))
            self._file.set_busy_timeout(BUSY_TIMEOUT_MS)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = NORMAL")
            self._file.execute(_SQL["create"])
            if self._tokens is not None:
                self._file.execute(_SQL["create_tokens"])

    @property
    def identity(self) -> EncoderId:
        """Those of the encoder behind it."""
        return self._encoder.identity

    @property
    def token_identity(self) -> EncoderId | None:
        """Those of the encoder behind it."""
        return None if self._tokens is None else self._tokens.token_identity

    def encode(self, texts: Sequence[str]) -> memoryview:
        """Give one float32 unit vector a text, from the folder where it is known.

        Raises:
            StoreUnavailable: the folder cannot be read or written any more; what was encoded before is kept.
        """
        vectors = np.zeros((len(texts), self.identity.width), dtype=np.float32)
        rows = _rows_by_digest(texts)
        missing = []
        for digest, same in rows.items():
            kept = self._kept(digest)
            if kept is None:
                missing.append(digest)
            else:
                vectors[same] = kept
        for batch in _batches(missing):
            found = np.asarray(self._encoder.encode([texts[rows[digest][0]] for digest in batch]))
            self._keep(batch, found)
            for digest, vector in zip(batch, found, strict=True):
                vectors[rows[digest]] = vector
        return vectors.data

    def encode_tokens(self, texts: Sequence[str]) -> tuple[memoryview, list[TokenVectors]]:
        """Give that, and the token vectors of each text, likewise.

        Raises:
            StoreUnavailable: as with `encode`.
        """
        identity = self.token_identity
        if self._tokens is None or identity is None:
            raise InvalidArgument("encoder", "gives no token vectors", "ask `token_identity` first")
        rows = _rows_by_digest(texts)
        found = {digest: self._kept_tokens(digest, identity.width) for digest in rows}
        for batch in _batches([digest for digest, tokens in found.items() if tokens is None]):
            vectors, tokens = self._tokens.encode_tokens([texts[rows[digest][0]] for digest in batch])
            self._keep(batch, np.asarray(vectors), tokens)
            found |= dict(zip(batch, tokens, strict=True))
        by_row = {row: tokens for digest, tokens in found.items() if tokens is not None for row in rows[digest]}
        return self.encode(texts), [by_row[row] for row in range(len(texts))]

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        """Those of the encoder behind it."""
        return self._encoder.spans(text, reserved_tokens=reserved_tokens)

    def count_tokens(self, text: str) -> int:
        """Count as the encoder behind it does."""
        return self._encoder.count_tokens(text)

    def _kept(self, digest: bytes) -> NDArray[np.float32] | None:
        with self._lock, self._explained():
            row = self._file.execute(_SQL["get"], {"digest": digest}).fetchone()
        return None if row is None else np.frombuffer(row[0], dtype="<f4")

    def _kept_tokens(self, digest: bytes, width: int) -> TokenVectors | None:
        with self._lock, self._explained():
            row = self._file.execute(_SQL["get_tokens"], {"digest": digest, "model": self._token_model}).fetchone()
        if row is None:
            return None
        words = np.frombuffer(row[0], dtype="<i4").reshape(-1, 2)
        values = np.frombuffer(row[1], dtype=np.int8).reshape(len(words), width)
        return TokenVectors(values.data, [(int(start), int(end)) for start, end in words])

    def _keep(
        self, digests: Sequence[bytes], vectors: NDArray[np.float32], tokens: Sequence[TokenVectors] = ()
    ) -> None:
        rows = [
            {"digest": digest, "data": vector.astype("<f4").tobytes()}
            for digest, vector in zip(digests, vectors, strict=True)
        ]
        told = [
            {
                "digest": digest,
                "model": self._token_model,
                "words": np.array(some.words, dtype="<i4").tobytes(),
                "data": bytes(some.values),
            }
            for digest, some in zip(digests, tokens, strict=False)
        ]
        with self._lock, self._explained(), self._file:
            self._file.executemany(_SQL["put"], rows)
            self._file.executemany(_SQL["put_tokens"], told)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, apsw.Error) as error:
            raise StoreUnavailable(
                f"the vector cache in {self._folder} cannot be used ({error}); name a folder that can be written, or "
                "delete its *.vectors: they are encoded anew"
            ) from error


def _rows_by_digest(texts: Sequence[str]) -> dict[bytes, list[int]]:
    """Give the rows of each different text, by its hash."""
    rows: dict[bytes, list[int]] = {}
    for row, text in enumerate(texts):
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        rows.setdefault(digest, []).append(row)
    return rows


def _batches(digests: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for first in range(0, len(digests), BATCH):
        yield digests[first : first + BATCH]


def _statements() -> dict[str, str]:
    text = importlib.resources.files("lamina.providers").joinpath("vector_cache.sql").read_text("utf-8")
    parts = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))


_SQL = _statements()
