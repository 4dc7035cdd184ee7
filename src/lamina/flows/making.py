"""Making an index of a wall: out of what is kept of it, or anew out of the records, and on to the present."""

from dataclasses import dataclass, field

from lamina.core.errors import DamagedFile
from lamina.core.grant import Granted
from lamina.core.protocols import EncoderId, Reading, WallEnd
from lamina.core.scope import Scope, Wall
from lamina.index.bm25 import Weigh
from lamina.index.container import BrokenContainer
from lamina.index.postings import Analyse
from lamina.index.scope_index import BrokenVector, ScopeIndex
from lamina.index.segments import rows_producer, take_in_rows, take_in_vectors, vectors_producer


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What an index is made with; what was kept is of use where it is the same."""

    encoder: EncoderId
    analyse: Analyse
    #: Names what `analyse` does.
    analyser: str
    gap_us: int
    weigh: Weigh | None

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
        return ScopeIndex(self.analyse, width=self.encoder.width, gap_us=self.gap_us, weigh=self.weigh, epoch=epoch)


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
    if index.number < end.number:
        index.extend(reading.index_rows(wall=wall, scope=scope, after=index.number), number=end.number)
    if index.vector_number < end.vector_number:
        # Another process may have been the first to keep vectors, and with another encoder.
        making.encoder.check_kept(reading.encoder())
        rows = reading.vector_rows(wall=wall, scope=scope, encoder=making.encoder, after=index.vector_number)
        try:
            index.extend_vectors(rows, number=end.vector_number)
        except BrokenVector as error:
            advice = "run `lamina verify FILE --repair`, which encodes that text anew"
            raise DamagedFile(f"the file holds a vector that does not fit its encoder ({error}); {advice}") from error


def make(making: Making, reading: Reading, wall: Wall, end: WallEnd, *, scope: Granted[Scope]) -> Made:
    """Give an index out of what is kept of a wall, and out of its records where that is of no use."""
    made = Made(making.empty(end.epoch))
    kept = reading.segments(wall=wall, scope=scope, producer=making.rows_producer)
    if kept:
        try:
            made.full_rows = take_in_rows(made.index, kept, number=end.number)
            made.kept_number = made.index.number
        except BrokenContainer as error:
            made = Made(making.empty(end.epoch), problems=[str(error)])
    if made.index.number < end.number:
        rows = reading.index_rows(wall=wall, scope=scope, after=made.index.number)
        made.index.extend(rows, number=end.number)
    kept = reading.segments(wall=wall, scope=scope, producer=making.vectors_producer)
    if kept:
        try:
            made.full_vectors = take_in_vectors(made.index, kept, number=end.vector_number)
            made.kept_vector = made.index.vector_number
        except BrokenContainer as error:
            made.problems.append(str(error))
    extend(made.index, making, reading, wall, end, scope=scope)
    return made


def make_anew(making: Making, reading: Reading, wall: Wall, end: WallEnd, *, scope: Granted[Scope]) -> ScopeIndex:
    """Give an index out of the records of a wall alone."""
    index = making.empty(end.epoch)
    extend(index, making, reading, wall, end, scope=scope)
    return index
