"""The seam to a store where a memory is carried through time and to other places; a part of `Reading` and `Writing`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from lamina.core.entries import Entry
from lamina.core.grant import Granted
from lamina.core.imports import Import
from lamina.core.scope import Administration, Scope, Wall
from lamina.core.snapshots import Snapshot


class CarriedReading(Protocol):
    """What a look at the store tells of moments, and of what goes to another file."""

    def last_commit(self) -> int:
        """Give the number of the last commit of the file; 0 = none."""

    def number_after_commit(self, commit: int, *, wall: Granted[Scope]) -> int:
        """Give the last operation of exactly this wall in that commit or one before it; 0 = none."""

    def snapshots(self, *, wall: Granted[Scope]) -> list[Snapshot]:
        """Give the snapshots of exactly this wall, by number and name."""

    def entries(self, wall: Wall, *, scope: Granted[Administration]) -> Iterator[Entry]:
        """Give the log of a wall by number, each operation with the revision that it made as that is now."""

    def imports_of(self, wall: Wall, *, scope: Granted[Administration]) -> list[tuple[Scope, Import]]:
        """Give the imports into a wall, oldest first, each with the scope that it was made in."""


class CarriedWriting(Protocol):
    """What a write transaction does for them."""

    def put_snapshot(self, snapshot: Snapshot, *, wall: Granted[Scope]) -> None:
        """Keep a snapshot of exactly this wall. It goes when no words are left in the wall; see `Writing.let_go`.

        Raises:
            NotFound: no such wall yet.
            InvalidArgument: the name is taken in that wall.
        """

    def destroy_key(self, *, wall: Granted[Scope], now: datetime) -> bool:
        """Destroy the key of exactly this wall for good; gives whether it has lost one, now or before.

        What it sealed cannot be read any more, and is refused until it is erased; see `Store.without_keys`.

        Raises:
            InvalidArgument: the store is not encrypted.
        """

    def drop_snapshot(self, name: str, *, wall: Granted[Scope], erase: bool) -> bool:
        """Let go of a snapshot of exactly this wall, if there is one of that name, and say whether there was.

        With `erase` its bytes are to go from the files: see `Store.scrub`.
        """

    def replay(self, entry: Entry) -> None:
        """Write an entry of another file's log, with the revision that it made in the state that it has by now.

        The operation is written as it is: number, commit, time and link; its commit is noted where it is not there.
        What it says of states is not done: all of a record's entries together lead to how its revisions are.

        Raises:
            InvalidArgument: the operation does not follow the wall's last one, the id or external id is taken, a source
                is not in that wall, or a revision is missing or one too many.
            NotFound: an operation on a record that is not in that wall.
        """

    def note_load(self, *, recorded_at: datetime) -> None:
        """Note that entries of another file were written, whose commits may leave numbers out; the last step of it."""
