"""Imports: what a memory knows of files and streams whose messages it has taken in, and what an import gives back.

An import is known by what stands in it. Each piece of it was stored in one transaction together with its row, so that
what has been taken in and what is known of it never differ. The words themselves are not kept twice: a piece has their
digest, which goes when anything of the piece is erased.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from lamina.core.errors import InvalidArgument


class OnConflict(StrEnum):
    """What to do where the memory holds something else than what comes in."""

    #: Refuse the source; nothing of it is stored.
    REFUSE = "refuse"
    #: Withdraw what was taken in where the source was changed, and take in what stands there now; a message with an id
    #: that stands for another source's becomes the newer words of that one.
    REPLACE = "replace"
    #: Keep both: a changed source is taken in as another one; a message whose id is taken keeps that in its metadata.
    BESIDE = "beside"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRules:
    """What an import does with what is not plain."""

    #: Whether 5/8/23 is the fifth of August; None = the source's own dates decide, else it is refused.
    day_first: bool | None = None
    #: Leave out messages that cannot be kept, and count them, instead of refusing the source.
    skip_bad: bool = False
    #: An `OnConflict`, or its name.
    on_conflict: OnConflict | str = OnConflict.REFUSE

    def __post_init__(self) -> None:
        """Refuse what is no rule; a conflict's may be given by its name.

        Raises:
            InvalidArgument: a value that a field cannot have.
        """
        if self.day_first not in (None, True, False):
            raise InvalidArgument("day_first", f"is {self.day_first!r}", "give True, False or None")
        if self.skip_bad not in (True, False):
            raise InvalidArgument("skip_bad", f"is {self.skip_bad!r}", "give True or False")
        if self.on_conflict not in tuple(OnConflict):
            raise InvalidArgument("on_conflict", f"is {self.on_conflict!r}", f"give one of {', '.join(OnConflict)}")
        object.__setattr__(self, "on_conflict", OnConflict(self.on_conflict))


class Piece(NamedTuple):
    """Messages of a source that follow one another and were taken in at once."""

    #: How many the source has in it, those that were left out among them.
    messages: int
    #: Of what the source says there; None = something of it was erased since.
    digest: bytes | None
    #: The operations of the wall among which are those that stored it; 0 and 0 = it stored nothing.
    first: int = 0
    last: int = 0
    #: Whether some of its messages were there already.
    has_repeats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A source of messages as the memory knows it: by what name, how it was read, and how far."""

    #: A number of the file; 0 until it is stored.
    id: int = 0
    #: The path of a file; None for a stream.
    name: str | None = None
    #: The session of messages that name none.
    session: str | None = None
    #: The zone of times that had none, as it was named.
    zone: str | None = None
    #: Whether 5/8/23 was the fifth of August; None = there were no such dates.
    day_first: bool | None = None
    pieces: tuple[Piece, ...] = ()

    @property
    def messages(self) -> int:
        """How many messages of the source are known."""
        return sum(piece.messages for piece in self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did; durable when it is returned."""

    #: The path of the file; None for a stream.
    name: str | None
    #: How many messages the source has by now.
    messages: int
    #: How many of them an earlier import had taken in, or left out.
    known: int = 0
    stored: int = 0
    #: New revisions: other words under the same id, or times that are read otherwise now.
    updated: int = 0
    #: How many were there already under their ids.
    repeated: int = 0
    #: How many the gate holds until somebody decides.
    held: int = 0
    #: Withdrawn because the source was changed where they stood.
    withdrawn: int = 0
    #: How many could not be kept, and why the first of them could not.
    left_out: int = 0
    problems: tuple[str, ...] = ()
    #: What could not be done beside storing them, in sentences.
    notes: tuple[str, ...] = ()
