"""Making an index of a wall: out of what is kept of it, or anew out of the records, and on to the present."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from lamina.core.errors import DamagedFile
from lamina.core.grant import Granted
from lamina.core.protocols import EncoderId, Reading
from lamina.core.rows import IndexRow, VectorRow, WallEnd
from lamina.core.scope import Scope, Wall
from lamina.index.bm25 import Weigh
from lamina.index.container import BrokenContainer
from lamina.index.postings import Analyse
from lamina.index.remaining import fill_with_remaining
from lamina.index.scope_index import BrokenVector, Mark, ScopeIndex
from lamina.index.segments import rows_producer, take_in_rows, take_in_vectors, vectors_producer

#: So many are held in memory beside the index that they become.
ROWS_AT_ONCE = 16_384
VECTORS_AT_ONCE = 16_384
Row = TypeVar("Row", IndexRow, VectorRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What an index is made with; what was kept is of use where it is the same."""

    encoder: EncoderId
    analyse: Analyse
    #: Names what `analyse` and `mark` do.
    analyser: str
    gap_us: int
    weigh: Weigh | None
    mark: Mark | None = None

    @property
    def rows_producer(self) -> str:
        """The name under which rows are kept."""
        return rows_producer(self.analyser)

    @property
    def vectors_producer(self) -> str:
        """The name under which vectors are kept."""
        return vectors_producer(self.encoder.model, self.encoder.width)

    def empty(self, epoch: int) -> ScopeIndex:
        """Give an index without rows."""
        return ScopeIndex(
            self.analyse,
            width=self.encoder.width,
            gap_us=self.gap_us,
            weigh=self.weigh,
            mark=self.mark,
            epoch=epoch,
        )


@dataclass(slots=True)
class Made:
    """An index, and how much of it was there already."""

    index: ScopeIndex
    #: How many full parts are kept, and up to which operation and vector.
    full_rows: int = 0
    full_vectors: int = 0
    kept_number: int = 0
    kept_vector: int = 0
    #: Why what is kept could not be used, in words.
    problems: list[str] = field(default_factory=list)


def extend(
    index: ScopeIndex, making: Making, reading: Reading, wall: Wall, end: WallEnd, *, scope: Granted[Scope]
) -> None:
    """Bring an index on to where its wall ends.

    Raises:
        DamagedFile: a stored vector does not fit its encoder.
        EncoderMismatch: the vectors come from another encoder.
    """
    _extend_rows(index, reading, wall, end, scope=scope)
    if index.vector_number < end.vector_number:
        # Another process may have been the first to keep vectors, and with another encoder.
        making.encoder.check_kept(reading.encoder())
        vectors = reading.vector_rows(wall=wall, scope=scope, encoder=making.encoder, after=index.vector_number)
        for _ in extend_vectors(index, vectors):
            pass
        index.extend_vectors((), number=end.vector_number)


def extend_vectors(index: ScopeIndex, vectors: Iterable[VectorRow]) -> Iterator[ScopeIndex]:
    """Let an index take in stored vectors, and give it each time that it has some more.

    Raises:
        DamagedFile: a stored vector does not fit its encoder.
    """
    try:
        for vectors_here in _pieces(vectors, VECTORS_AT_ONCE):
            index.extend_vectors(vectors_here, number=vectors_here[-1].vector_number)
            yield index
    except BrokenVector as error:
        advice = "run `lamina verify FILE --repair`, which encodes that text anew"
        raise DamagedFile(f"the file holds a vector that does not fit its encoder ({error}); {advice}") from error


def _extend_rows(index: ScopeIndex, reading: Reading, wall: Wall, end: WallEnd, *, scope: Granted[Scope]) -> None:
    if index.number < end.number:
        rows = reading.index_rows(wall=wall, scope=scope, after=index.number)
        for piece in _pieces(rows, ROWS_AT_ONCE):
            index.extend(piece, number=max(index.number, piece[-1].number))
        index.extend((), number=end.number)


def _pieces(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Give rows in lists of about `size`, those of one operation together."""
    piece: list[Row] = []
    for row in rows:
        if len(piece) >= size and row.number != piece[-1].number:
            yield piece
            piece = []
        piece.append(row)
    if piece:
        yield piece


def make(making: Making, reading: Reading, wall: Wall, end: WallEnd, *, scope: Granted[Scope]) -> Made:
    """Give an index out of what is kept of a wall, and out of its records where that is of no use."""
    made = make_rows(making, reading, wall, end, scope=scope)
    kept = list(reading.segments(wall=wall, scope=scope, producer=making.vectors_producer))
    if kept:
        try:
            made.full_vectors = take_in_vectors(made.index, kept, number=end.vector_number)
            made.kept_vector = made.index.vector_number
        except BrokenContainer as error:
            made.problems.append(str(error))
    made.problems = made.problems or missing_parts(reading, wall, scope=scope)
    extend(made.index, making, reading, wall, end, scope=scope)
    return made


def make_rows(making: Making, reading: Reading, wall: Wall, end: WallEnd, *, scope: Granted[Scope]) -> Made:
    """Give likewise an index that has its rows, and no vectors yet."""
    made = Made(making.empty(end.epoch))
    kept = list(reading.segments(wall=wall, scope=scope, producer=making.rows_producer))
    if kept:
        try:
            made.full_rows = take_in_rows(made.index, kept, number=end.number)
            made.kept_number = made.index.number
        except BrokenContainer as error:
            made = Made(making.empty(end.epoch), problems=[str(error)])
    _extend_rows(made.index, reading, wall, end, scope=scope)
    return made


def make_rows_anew(making: Making, reading: Reading, wall: Wall, end: WallEnd, *, scope: Granted[Scope]) -> ScopeIndex:
    """Give an index that has its rows, and no vectors yet, out of the records of a wall alone."""
    index = making.empty(end.epoch)
    _extend_rows(index, reading, wall, end, scope=scope)
    return index


def missing_parts(reading: Reading, wall: Wall, *, scope: Granted[Scope]) -> list[str]:
    """Say in words whether parts of what is kept of a wall's index are missing, though the others follow."""
    return ["a part of it is missing"] if reading.lacks_segments(wall=wall, scope=scope) else []


def without_erased(
    index: ScopeIndex, making: Making, reading: Reading, wall: Wall, end: WallEnd, *, scope: Granted[Scope]
) -> ScopeIndex | None:
    """Give an index without what was erased since, to be brought on; None where more than that began another epoch."""
    if not 0 < index.number <= end.number:
        return None
    erased = reading.erased_since(index.number, wall=wall, scope=scope)
    if len(erased) != end.epoch - index.epoch:
        return None
    # Another encoder begins another epoch, too.
    making.encoder.check_kept(reading.encoder())
    rows = [row for row in map(index.row_of, erased) if row is not None]
    left = making.empty(end.epoch)
    fill_with_remaining(left, index.view(), np.array(rows, dtype=np.int64))
    return left


def make_anew(making: Making, reading: Reading, wall: Wall, end: WallEnd, *, scope: Granted[Scope]) -> ScopeIndex:
    """Give an index out of the records of a wall alone."""
    index = making.empty(end.epoch)
    extend(index, making, reading, wall, end, scope=scope)
    return index
