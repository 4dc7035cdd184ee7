"""Entries: what a log says and what it made, together, as it goes to another file."""

from dataclasses import dataclass

from lamina.core.operations import Operation
from lamina.core.records import Record
from lamina.core.scope import Wall


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One operation, with the revision that it made as that is now."""

    operation: Operation
    #: The revision that it made; None where it made none. One that was erased since has no words.
    record: Record | None = None
    #: The salt of the words; it died with those that were erased.
    salt: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export wrote."""

    #: The path of the file; None for a stream.
    path: str | None
    walls: int
    #: Operations as JSON, or records as Markdown.
    written: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedWall:
    """What was taken in of one wall."""

    wall: Wall
    #: How many operations were written; 0 = all of it was there.
    operations: int
    #: How many records were there already, the same.
    known: int
    #: Whether the log is the one that was exported, to the last link; else it was given new numbers here.
    is_equal: bool
    #: How many holds, policies and grants were laid down, and how many stayed behind: see `docs/howto/export.md`.
    laid_down: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What `load` did; durable when it is returned."""

    walls: tuple[LoadedWall, ...]

    @property
    def operations(self) -> int:
        """How many operations were written."""
        return sum(loaded.operations for loaded in self.walls)
