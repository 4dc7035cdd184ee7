"""Snapshots: names for moments of a memory. They copy nothing: a moment is the number of a commit."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A name that somebody gave to how one wall was after a commit."""

    name: str
    #: The last commit of the file at that moment.
    commit: int
    #: The last operation of the wall at that moment, and its link, by which `verify` sees that it is that one still.
    number: int
    chain: bytes
    recorded_at: datetime
