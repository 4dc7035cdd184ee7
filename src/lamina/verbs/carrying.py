"""Verbs that carry a memory through time and to other places: heads of its log, copies of its file."""

import os
from typing import BinaryIO, Unpack

from lamina.core.entries import Exported, Loaded
from lamina.core.errors import InvalidArgument
from lamina.core.heads import Head
from lamina.core.receipts import Receipt
from lamina.core.reports import Backup, Progress
from lamina.core.scope import Scope, ScopeKeys
from lamina.core.snapshots import Snapshot
from lamina.core.text import checked_count, checked_name
from lamina.flows import export as export_flow
from lamina.flows import load as load_flow
from lamina.flows import log_heads as heads_flow
from lamina.flows import rollback as rollback_flow
from lamina.flows.audit import note_export
from lamina.govern.access import grant
from lamina.verbs.opened import Opened


class Carrying(Opened):
    """The verbs by which a memory is named, gone back to, handed on and copied."""

    def snapshot(self, name: str, **scope: Unpack[ScopeKeys]) -> Snapshot:
        """Keep a name for how the caller's own wall is now, to go back to with `rollback`; nothing is copied.

        Raises:
            InvalidArgument: a name that is taken or cannot be kept, or nothing is in the wall yet.
        """
        named = checked_name(name, argument="name")
        return rollback_flow.take_snapshot(self._opened(), named, scope=self._granted(scope), clock=self._clock)

    def snapshots(self, **scope: Unpack[ScopeKeys]) -> tuple[Snapshot, ...]:
        """Give the snapshots of the caller's own wall, by what they name."""
        wall = grant(Scope.of(self._granted(scope).value.wall))
        with self._opened().read() as reading:
            return tuple(reading.snapshots(wall=wall))

    def drop_snapshot(self, name: str, *, erase: bool = False, **scope: Unpack[ScopeKeys]) -> None:
        """Let go of a snapshot's name; records and log stay as they are.

        With `erase` the bytes of the name go from the files, as those of erased words do; else the next erasure takes
        them along.

        Raises:
            InvalidArgument: there is none of that name.
        """
        named, granted = checked_name(name, argument="name"), self._granted(scope)
        rollback_flow.drop_snapshot(self._opened(), named, scope=granted, clock=self._clock, erase=erase)

    def rollback(self, to: str | int, *, on_progress: Progress | None = None, **scope: Unpack[ScopeKeys]) -> Receipt:
        """Make every record of the caller's own wall what it was at a snapshot, or after a commit; 0 = before all.

        Whatever came since is taken back, whoever did it: what was added is withdrawn. Each step is an operation, and
        `revert(receipt)` takes them back. What was erased since stays gone: `Receipt.gone` has the ids. A page a
        transaction: the same call again goes on where it was stopped. `on_progress(done, total)` counts operations.

        Raises:
            InvalidArgument: no such snapshot, or a commit that has not been yet.
        """
        if isinstance(to, str):
            checked_name(to, argument="to")
        elif to != 0 or isinstance(to, bool):
            checked_count(to, argument="to", most=2**53)
        return rollback_flow.rollback(
            self._opened(),
            to,
            scope=self._granted(scope),
            clock=self._clock,
            rules=self._rules,
            on_progress=on_progress,
        )

    def head(self, **scope: Unpack[ScopeKeys]) -> Head:
        """Give where the log of the caller's own wall ends now, to be kept elsewhere; see `verify(heads=…)`."""
        return heads_flow.head(self._opened(), scope=self._granted(scope))

    def backup(
        self, path: str | os.PathLike[str], *, overwrite: bool = False, on_progress: Progress | None = None
    ) -> Backup:
        """Copy the whole memory, as it is at one moment, into a file of its own, while others read and write.

        The copy opens and verifies as the memory does, and nothing that was erased comes along. It has its name once it
        is whole and safe on the disk. `on_progress(done, total)` counts bytes.

        Raises:
            InvalidArgument: something stands under that path and `overwrite` is false, or it is the memory itself.
            StoreUnavailable, StoreFull: it cannot be written; what stood there stands there still.
        """
        self._administered()
        copied = self._opened().copy_to(
            os.fspath(path), overwrite=overwrite, now=self._clock.now(), on_progress=on_progress
        )
        return Backup(path=os.fspath(path), file_bytes=copied)

    def export(
        self,
        to: str | os.PathLike[str] | BinaryIO,
        *,
        markdown: bool = False,
        is_whole_file: bool = False,
        overwrite: bool = False,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Exported:
        """Write the caller's own wall, or the whole file, as lines of JSON that `load` takes in, or as Markdown.

        Of one moment, whoever writes meanwhile; the same memory gives the same bytes. JSON holds every revision, the
        log with its links, what is left of what was erased, and the salts by which hashes are checked; Markdown what
        is active, for people. `on_progress(done, total)` counts operations, or records.

        Raises:
            InvalidArgument: something stands under that path and `overwrite` is false, or an agent or run is named.
            StoreUnavailable, StoreFull: it cannot be written; what stood there stands there still.
        """
        granted = self._granted(scope).value
        if not is_whole_file and (granted.agent or granted.run):
            argument = "run_id" if granted.agent is None else "agent_id"
            raise InvalidArgument(argument, "narrows, and an export is of a whole wall", "leave agent and run out")
        administration = self._administered(None if is_whole_file else scope, principal=scope.get("principal"))
        store, wall = self._opened(), None if is_whole_file else granted.wall
        write = export_flow.export_markdown if markdown else export_flow.export_lines
        walls = None if wall is None else (wall,)
        written = write(store, to, walls, scope=administration, overwrite=overwrite, on_progress=on_progress)
        note_export(store, wall, scope=administration, now=self._clock.now())
        return written

    def load(self, source: str | os.PathLike[str] | BinaryIO, *, on_progress: Progress | None = None) -> Loaded:
        """Take in what `export` wrote, all of it or nothing, into the walls that it came from.

        A wall that is not there comes equal, to the last hash of its log. Where one holds something already, records
        that it lacks are added, with the same ids and hashes, and new numbers in its log; those that are there with the
        same hashes are passed over. Vectors are made anew by the next `flush` or reads. `on_progress(done, total)`
        counts bytes.

        Raises:
            DamagedFile: it is no export, is cut short, changed, or does not prove itself; nothing was taken in.
            SchemaTooNew: a newer Lamina wrote it.
            InvalidArgument: it has another record under an id or external id that is taken here.
        """
        return load_flow.load(
            self._opened(),
            source,
            scope=self._administered(),
            clock=self._clock,
            rules=self._rules,
            on_progress=on_progress,
        )
