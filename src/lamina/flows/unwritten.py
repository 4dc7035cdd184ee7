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

#: So many vectors are kept to be written later.
MOST_UNWRITTEN = 4096
#: After the file was found busy, it is asked for again when so many texts have come, or so many seconds are over.
ENOUGH_TEXTS, PAUSE_S = 256, 0.5
#: Of a text, by the wall and the operation that made its revision: the vectors of its spans.
Texts = Mapping[tuple[Wall, int], tuple[Vector, ...]]


class Unwritten:
    """The vectors of the latest texts that no file holds yet; the others are encoded anew at worst."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = threading.Lock()
        self._texts: OrderedDict[tuple[Wall, int], tuple[Vector, ...]] = OrderedDict()
        #: What is being written: nobody finds it in the file before that has ended.
        self._taken: tuple[Texts, ...] = ()
        #: The epoch of each wall that was read lately.
        self._epochs: dict[Wall, int] = {}
        self._count = self._bytes = 0
        self._pause_ends_s, self._enough = 0.0, 0

    def __len__(self) -> int:
        """Count the texts."""
        return len(self._texts)

    @property
    def nbytes(self) -> int:
        """Bytes of the vectors."""
        return self._bytes

    @property
    def is_put_off(self) -> bool:
        """Whether the file was found busy a moment ago, and too little has come since to ask for it again."""
        return len(self._texts) < self._enough and time.monotonic() < self._pause_ends_s

    def put_off(self) -> None:
        """Let the file alone for a moment: it is busy."""
        with self._lock:
            self._pause_ends_s, self._enough = time.monotonic() + PAUSE_S, len(self._texts) + ENOUGH_TEXTS

    def add(self, waiting: Iterable[Waiting], vectors: Iterable[Vector]) -> Texts:
        """Take in the vectors of texts that waited, all spans of each; gives where they are found from now on."""
        names = {(item.record_id, item.revision): (item.wall, item.number) for item in waiting}
        texts: dict[tuple[Wall, int], list[Vector]] = {}
        for vector in vectors:
            texts.setdefault(names[vector.record_id, vector.revision], []).append(vector)
        with self._lock:
            self._take_in({name: tuple(spans) for name, spans in texts.items()})
            return self._texts

    @contextmanager
    def taken(self) -> Iterator[tuple[Vector, ...]]:
        """Give all of them, for good if what is done with them ends without an error."""
        with self._lock:
            mine, self._texts, epochs = self._texts, OrderedDict(), dict(self._epochs)
            self._taken, self._count, self._bytes = (*self._taken, mine), 0, 0
        with ExitStack() as ending:
            ending.callback(self._end, mine)
            with ExitStack() as undoing:
                undoing.callback(self._take_back, mine, epochs)
                yield tuple(vector for spans in mine.values() for vector in spans)
                undoing.pop_all()
            self._pause_ends_s = 0.0

    def known(self, waiting: Sequence[Waiting]) -> dict[tuple[str, int], tuple[Vector, ...]]:
        """Give the vectors of texts that were encoded already, by revision."""
        held = self.held()
        found = {(item.record_id, item.revision): spans_of(held, item.wall, item.number) for item in waiting}
        return {revision: spans for revision, spans in found.items() if spans}

    def held(self) -> tuple[Texts, ...]:
        """Give what no transaction finds in the file that has not begun yet; asked before it begins.

        What comes until another writes it, comes into what was given as well.
        """
        with self._lock:
            return (self._texts, *self._taken)

    def see_epoch(self, wall: Wall, epoch: int) -> None:
        """Let go of the texts of a wall if this is another epoch of it than was seen last: some of them were erased."""
        if self._epochs.get(wall) == epoch:
            return
        with self._lock:
            if wall in self._epochs:
                for name in [name for name in self._texts if name[0] == wall]:
                    self._drop(self._texts.pop(name))
            if len(self._epochs) >= MOST_UNWRITTEN:
                held = {name[0] for name in self._texts}
                self._epochs = {other: seen for other, seen in self._epochs.items() if other in held}
            self._epochs[wall] = epoch

    def _end(self, mine: Texts) -> None:
        with self._lock:
            self._taken = tuple(texts for texts in self._taken if texts is not mine)

    def _take_back(self, mine: Texts, epochs: Mapping[Wall, int]) -> None:
        """Hold them again, but for those of walls in which something was erased since these `epochs`."""
        with self._lock:
            self._take_in(
                {name: spans for name, spans in mine.items() if self._epochs.get(name[0]) == epochs.get(name[0])}
            )

    def _take_in(self, texts: Texts) -> None:
        for name, spans in texts.items():
            if name not in self._texts:
                self._texts[name] = spans
                self._count, self._bytes = self._count + len(spans), self._bytes + sum(map(_size, spans))
        while self._count > MOST_UNWRITTEN:
            # The whole text: with some of its spans it would be taken for done.
            self._drop(self._texts.popitem(last=False)[1])

    def _drop(self, spans: Sequence[Vector]) -> None:
        self._count, self._bytes = self._count - len(spans), self._bytes - sum(map(_size, spans))


def spans_of(held: Iterable[Texts], wall: Wall, number: int) -> tuple[Vector, ...]:
    """Give the vectors of the text that an operation of a wall made, none where they are not held."""
    found = (texts.get((wall, number)) for texts in held)
    return next((spans for spans in found if spans is not None), ())


def token_rows(held: Sequence[Texts], numbers: Iterable[int], *, wall: Wall) -> list[TokenRow]:
    """Give the token vectors of the texts that some operations of a wall made, as they will be stored."""
    return [
        TokenRow(number, vector.start, vector.tokens)
        for number in numbers
        for vector in spans_of(held, wall, number)
        if vector.tokens is not None
    ]


def _size(vector: Vector) -> int:
    return len(vector.values) + len(vector.tokens or b"")
