"""Vectors that a process holds and could not write yet: the file was full, or another process wrote it.

Who found the file busy does not try again at once: beside a process that writes without a pause every read would ask
for the file, and mostly in vain. What reads encode gathers here, and goes into the file together.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from lamina.core.records import Vector
from lamina.core.rows import TokenRow, Waiting
from lamina.core.scope import Wall

#: So many texts' vectors are kept to be written later.
MOST_UNWRITTEN = 4096
#: After the file was found busy, it is asked for again when so many texts have come, or so many seconds are over.
ENOUGH_TEXTS, PAUSE_S = 64, 0.5
#: Of a text, by the wall and the operation that made its revision: the vector of each span by where it starts.
_Spans = OrderedDict[tuple[Wall, int], dict[int, Vector]]


class Unwritten:
    """The vectors of the latest texts that no file holds yet; the others are encoded anew at worst."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = threading.Lock()
        self._spans: _Spans = OrderedDict()
        self._bytes = 0
        self._pause_ends_s, self._enough = 0.0, 0

    def __len__(self) -> int:
        """Count the texts."""
        return len(self._spans)

    @property
    def nbytes(self) -> int:
        """Bytes of the vectors."""
        return self._bytes

    @property
    def is_put_off(self) -> bool:
        """Whether the file was found busy a moment ago, and too little has come since to ask for it again."""
        return len(self._spans) < self._enough and time.monotonic() < self._pause_ends_s

    def put_off(self) -> None:
        """Let the file alone for a moment: it is busy."""
        with self._lock:
            self._pause_ends_s, self._enough = time.monotonic() + PAUSE_S, len(self._spans) + ENOUGH_TEXTS

    def add(self, waiting: Iterable[Waiting], vectors: Iterable[Vector]) -> None:
        """Take in the vectors of texts that waited."""
        names = {(item.record_id, item.revision): (item.wall, item.number) for item in waiting}
        with self._lock:
            for vector in vectors:
                self._put(names[vector.record_id, vector.revision], vector)
            self._drop()

    @contextmanager
    def taken(self) -> Iterator[tuple[Vector, ...]]:
        """Give all of them, for good if what is done with them ends without an error."""
        with self._lock:
            taken, self._spans, self._bytes = self._spans, OrderedDict(), 0
        with ExitStack() as undoing:
            undoing.callback(self._take_back, taken)
            yield tuple(vector for spans in taken.values() for vector in spans.values())
            undoing.pop_all()
        self._pause_ends_s = 0.0

    def known(self, waiting: Sequence[Waiting]) -> dict[tuple[str, int], list[Vector]]:
        """Give the vectors of texts that were encoded already, by revision."""
        with self._lock:
            return {
                (item.record_id, item.revision): list(self._spans[item.wall, item.number].values())
                for item in waiting
                if (item.wall, item.number) in self._spans
            }

    def token_rows(self, numbers: Iterable[int], *, wall: Wall) -> list[TokenRow]:
        """Give the token vectors of the texts that some operations of a wall made, as they will be stored."""
        if not self._spans:
            return []
        with self._lock:
            return [
                TokenRow(number, vector.start, vector.tokens)
                for number in numbers
                for vector in self._spans.get((wall, number), {}).values()
                if vector.tokens is not None
            ]

    def _take_back(self, taken: Mapping[tuple[Wall, int], Mapping[int, Vector]]) -> None:
        with self._lock:
            for name, spans in taken.items():
                for vector in spans.values():
                    self._put(name, vector)
            self._drop()

    def _put(self, name: tuple[Wall, int], vector: Vector) -> None:
        spans = self._spans.setdefault(name, {})
        if vector.start not in spans:
            spans[vector.start] = vector
            self._bytes += _size(vector)

    def _drop(self) -> None:
        """Let go of the earliest texts where there are too many spans, each with all of its spans."""
        count = sum(map(len, self._spans.values())) if len(self._spans) else 0
        while count > MOST_UNWRITTEN:
            # The whole text: with some of its spans it would be taken for done.
            spans = self._spans.popitem(last=False)[1]
            count -= len(spans)
            self._bytes -= sum(map(_size, spans.values()))


def _size(vector: Vector) -> int:
    return len(vector.values) + len(vector.tokens or b"")
