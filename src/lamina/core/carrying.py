"""The seam to a store where a memory is carried through time and to other places; a part of `Reading` and `Writing`."""

from typing import Protocol

from lamina.core.grant import Granted
from lamina.core.scope import Scope
from lamina.core.snapshots import Snapshot


class CarriedReading(Protocol):
    """What a look at the store tells of moments."""

    def last_commit(self) -> int:
        """Give the number of the last commit of the file; 0 = none."""

    def number_at(self, commit: int, *, wall: Granted[Scope]) -> int:
        """Give the last operation of exactly this wall in that commit or one before it; 0 = none."""

    def snapshots(self, *, wall: Granted[Scope]) -> list[Snapshot]:
        """Give the snapshots of exactly this wall, by number and name."""


class CarriedWriting(Protocol):
    """What a write transaction does for them."""

    def put_snapshot(self, snapshot: Snapshot, *, wall: Granted[Scope]) -> None:
        """Keep a snapshot of exactly this wall. It goes when no words are left in the wall; see `Writing.let_go`.

        Raises:
            NotFound: no such wall yet.
            InvalidArgument: the name is taken in that wall.
        """

    def drop_snapshot(self, name: str, *, wall: Granted[Scope], erase: bool) -> bool:
        """Let go of a snapshot of exactly this wall, if there is one of that name, and say whether there was.

        With `erase` its bytes are to go from the files: see `Store.scrub`.
        """
