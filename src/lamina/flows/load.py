"""Loading: the log of an export is replayed, in one transaction: all of it is taken in, or nothing.

Into a wall that is not there it comes equal: the same numbers, times, hashes and links. Where a wall holds something
already, what it lacks is appended under new numbers: ids and hashes of records stay, links are made anew. What was
taken in is then proved, before it is kept: every link, every hash, every state.
"""

import hashlib
import os
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from lamina.carry import lines
from lamina.core.chain import GENESIS, chain_link, record_mac
from lamina.core.entries import Entry, Loaded, LoadedWall
from lamina.core.errors import DamagedFile, InvalidArgument, NotFound, SchemaTooNew, StoreUnavailable
from lamina.core.grant import Granted
from lamina.core.imports import Import
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, LogQuery, Operation
from lamina.core.protocols import Store, Writing
from lamina.core.reports import Progress
from lamina.core.scope import Administration, Scope, Wall
from lamina.core.time import MICROSECOND, Clock
from lamina.flows.cutting import Rules
from lamina.flows.events import cut_anew
from lamina.flows.laying_down import LayingDown
from lamina.flows.log_heads import head_of
from lamina.flows.verify import log_findings
from lamina.govern.access import grant

#: Lines between two calls of `on_progress`, and entries between two looks at the events that have come.
PAGE = 500
_AGAIN = "export the memory again"
#: What makes a revision, whose hash it bears.
_MAKING = (Action.ADD, Action.UPDATE)


def load(
    store: Store,
    source: str | os.PathLike[str] | BinaryIO,
    *,
    scope: Granted[Administration],
    clock: Clock,
    rules: Rules,
    on_progress: Progress | None = None,
) -> Loaded:
    """Take in an export; `on_progress(done, total)` counts its bytes, of which a stream has 0.

    Raises:
        DamagedFile: it is no export, cut short, changed, or does not prove itself; nothing was taken in.
        SchemaTooNew: a newer Lamina wrote it.
        InvalidArgument: it has another record under an id or external id that is taken here.
    """
    with _opened(source) as (stream, name, size):
        export = _Export(stream, name, size, on_progress)
        with store.write() as writing:
            loading = _Loading(writing, export, scope=scope, now=clock.now())
            loaded = loading.all_walls()
    # Events of what came into a wall beside others are cut by what stands there now.
    cut_anew(store, [one.wall for one in loaded if not one.is_equal], rules=rules, clock=clock)
    return Loaded(walls=loaded)


class _Export:
    """The lines of an export, in their order, and at the end whether they are all there as they were written."""

    def __init__(self, stream: BinaryIO, name: str, size: int, on_progress: Progress | None) -> None:
        self._stream, self._size, self._on_progress = stream, size, on_progress
        self._name = name
        #: Of the lines before the last that was read.
        self._digest = hashlib.sha256()
        self._line, self._number, self._bytes = b"", 0, 0
        self._held: lines.Fields | None = None
        first = self._next(f"{name} is no export of a memory; name what `memory.export` or `lamina export` wrote")
        if first.get(lines.HEADER) not in lines.READ:
            raise SchemaTooNew(
                f"{name} has export format {first.get(lines.HEADER)!r}, this Lamina reads {lines.FORMAT} and before; "
                "upgrade Lamina (pip install --upgrade lamina)"
            )
        self.walls = first.get("walls")

    def take(self, kind: str) -> lines.Fields | None:
        """Give the next line if it is of a kind, else leave it for the next call."""
        held = self._held or self._next()
        self._held = None if kind in held else held
        return held if kind in held else None

    def end(self) -> None:
        """See that nothing is missing, changed or left over.

        Raises:
            DamagedFile: something is.
        """
        told = (self._held or self._next()).get(lines.END)
        wanted = {"lines": self._number - 1, "sha256": self._digest.hexdigest()}
        if told != wanted or self._stream.read(1):
            raise self.damaged("is not the end of what was written: lines are missing, changed, or follow")
        self._tell()

    def damaged(self, what: object) -> DamagedFile:
        """Give the error that the line which was read last is not as it should be."""
        return DamagedFile(f"{self._name}, line {self._number}: {what}; nothing of it was taken in; {_AGAIN}")

    def _next(self, otherwise: str | None = None) -> lines.Fields:
        self._digest.update(self._line)
        self._line = self._stream.readline()
        self._number += 1
        self._bytes += len(self._line)
        if self._number % PAGE == 0:
            self._tell()
        found = lines.read_line(self._line)
        if otherwise is not None and lines.HEADER not in (found or ()):
            raise DamagedFile(otherwise)
        if found is None:
            raise self.damaged("is cut short, or no JSON object")
        return found

    def _tell(self) -> None:
        if self._on_progress is not None:
            self._on_progress(self._bytes, self._size)


class _Loading:
    """Takes in the walls of one export, in one transaction."""

    def __init__(self, writing: Writing, export: _Export, *, scope: Granted[Administration], now: datetime) -> None:
        self._writing, self._export = writing, export
        self._scope, self._now = scope, now
        #: Commits that come in get the numbers after those that are there.
        self._shift = writing.last_commit()

    def all_walls(self) -> tuple[LoadedWall, ...]:
        """Take in wall after wall, and prove what came in."""
        loaded: list[LoadedWall] = []
        while (fields := self._export.take("wall")) is not None:
            loaded.append(self._wall(fields))
        self._export.end()
        if len(loaded) != self._export.walls:
            raise self._export.damaged(f"has {len(loaded)} walls, and {self._export.walls} were written")
        changed = [one for one in loaded if one.operations]
        if changed:
            self._writing.note_load(recorded_at=self._now)
        for one in changed:
            for finding in log_findings(self._writing, one.wall, scope=self._scope):
                raise self._export.damaged(f"it does not prove itself: {finding.where} {finding.problem}")
        return tuple(loaded)

    def _wall(self, fields: lines.Fields) -> LoadedWall:
        with self._told():
            wall, number, chain = lines.wall_from(fields)
        within = grant(Scope.of(wall))
        there = head_of(self._writing, scope=within)
        asked = LogQuery(numbers=(number,))
        is_known = any(one.chain == chain for one in self._writing.logged(asked, scope=within))
        taking: _Taking
        if is_known:
            taking = _Taking()
        elif not there.number:
            taking = _Keeping(self._writing, wall, shift=self._shift)
        else:
            last = self._writing.logged(LogQuery(limit=1), scope=within)[0]
            taking = _Adding(self._writing, last, shift=self._shift, now=self._now)
        laying_down = LayingDown(self._writing, wall, has_records=bool(there.number), now=self._now)
        while (line := self._export.take("directive")) is not None:
            with self._told():
                laying_down.take_in(lines.directive_from(line, wall))
        former, count = GENESIS, 0
        while (line := self._export.take("operation")) is not None:
            with self._told():
                entry = lines.entry_from(line, wall)
                _check(entry, former)
                taking.entry(entry)
            former, count = entry.operation.chain, count + 1
        if (count, former) != (number, chain):
            raise self._export.damaged(f"the log of {wall} does not end as was said before it")
        while (line := self._export.take("import")) is not None:
            with self._told():
                taking.source(*lines.import_from(line, wall))
        while (line := self._export.take("snapshot")) is not None:
            with self._told():
                taking.snapshot(line)
        with self._told():
            taking.finish()
        is_equal = is_known or not there.number
        return LoadedWall(
            wall=wall,
            operations=taking.written,
            known=taking.known,
            is_equal=is_equal,
            laid_down=laying_down.laid_down,
            left_out=laying_down.left_out,
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say which line of the export it is that cannot be taken in."""
        try:
            yield
        except InvalidArgument as error:
            if error.argument not in ("id", "external_id"):
                raise self._export.damaged(error) from error
            problem = f"has another record where `{error.argument}` {error.problem}"
            raise InvalidArgument("source", problem, "load it into another file") from error
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError, NotFound) as error:
            raise self._export.damaged(f"cannot be read ({error})") from error


class _Taking:
    """What is done with a wall of which all is there: nothing, but to count its records."""

    def __init__(self) -> None:
        #: Operations that were written, and records that were there.
        self.written, self.known = 0, 0

    def entry(self, entry: Entry) -> None:
        """Take in one operation."""
        self.known += entry.operation.action is Action.ADD and entry.record is not None

    def source(self, scope: Scope, source: Import) -> None:
        """Take in what is known of a source of messages."""

    def snapshot(self, fields: lines.Fields) -> None:
        """Take in a snapshot."""

    def finish(self) -> None:
        """Do what is left when all of the wall was read."""


class _Keeping(_Taking):
    """Takes in a wall that is not there: all of it as it is, but for the numbers of commits that are taken."""

    def __init__(self, writing: Writing, wall: Wall, *, shift: int) -> None:
        super().__init__()
        self._writing, self._wall, self._shift = writing, grant(Scope.of(wall)), shift
        self._events: set[str] = set()
        #: By event: what lies in it and is not assigned yet.
        self._members: dict[str, list[str]] = {}

    def entry(self, entry: Entry) -> None:
        """See `_Taking.entry`."""
        operation, record = entry.operation, entry.record
        if self._shift:
            operation = replace(operation, commit=operation.commit + self._shift, origin=operation.commit)
        self._writing.replay(replace(entry, operation=operation))
        self.written += 1
        if record is not None and operation.action is Action.ADD:
            if record.kind is Kind.EVENT:
                self._events.add(record.id)
            elif record.event_id is not None:
                self._members.setdefault(record.event_id, []).append(record.id)
        if self.written % PAGE == 0:
            self._assign()

    def source(self, scope: Scope, source: Import) -> None:
        """See `_Taking.source`.

        Raises:
            ValueError: a piece of it was stored by no operations that there are.
        """
        for first, last, messages in [(piece.first, piece.last, piece.messages) for piece in source.pieces]:
            if messages < 1 or not 0 <= first <= last <= self.written or (first == 0) != (last == 0):
                raise ValueError(f"an import of {messages} messages by operations {first} to {last}")
        into = grant(scope)
        made = self._writing.put_import(source, scope=into)
        for ordinal, piece in enumerate(source.pieces):
            self._writing.put_piece(made, piece, ordinal=ordinal, scope=into)

    def snapshot(self, fields: lines.Fields) -> None:
        """See `_Taking.snapshot`."""
        self._writing.put_snapshot(lines.snapshot_from(fields, self._at), wall=self._wall)

    def finish(self) -> None:
        """See `_Taking.finish`."""
        self._assign()
        for event_id in self._members:
            raise InvalidArgument("event", f"{event_id!r} is not in the log", _AGAIN)

    def _assign(self) -> None:
        for event_id in [name for name in self._members if name in self._events]:
            self._writing.assign_event(self._members.pop(event_id), event_id=event_id)

    def _at(self, number: int) -> tuple[int, bytes]:
        found = self._writing.logged(LogQuery(numbers=(number, number + 1)), scope=self._wall)
        here = {operation.number: operation for operation in found}
        if number + 1 in here and here[number + 1].commit == here[number].commit:
            raise ValueError(f"a snapshot at operation {number}, inside a commit")
        return here[number].commit, here[number].chain


class _Adding(_Taking):
    """Appends to a wall what it lacks: records with all that was done to them, under new numbers, recorded now.

    Events are left out, and derived of what stands here. A record that is there with the same hashes is passed over.
    """

    def __init__(self, writing: Writing, last: Operation, *, shift: int, now: datetime) -> None:
        super().__init__()
        self._writing, self._last, self._shift, self._now = writing, last, shift, now
        self._wall = grant(Scope.of(last.wall))
        self._first = last.number + 1
        #: The numbers in the export of the operations that were written, ascending.
        self._numbers = array("q")
        #: Of what is passed over, the hash of each revision here; None = an event.
        self._there: dict[str, dict[int, bytes] | None] = {}

    def entry(self, entry: Entry) -> None:
        """See `_Taking.entry`."""
        operation, record = entry.operation, entry.record
        if record is not None and operation.action is Action.ADD:
            self._look_at(operation, record.kind)
        if operation.record_id in self._there:
            held = self._there[operation.record_id]
            if record is not None and held is not None and held.get(operation.revision) != operation.mac:
                told = f"{operation.record_id!r} revision {operation.revision} is taken by another, or not there yet"
                raise InvalidArgument("id", told, _AGAIN)
            return
        operation = replace(
            operation,
            number=self._last.number + 1,
            commit=operation.commit + self._shift,
            recorded_at=max(self._now, self._last.recorded_at + MICROSECOND),
            reverts=None if operation.reverts is None else self._here(operation.reverts),
        )
        operation = replace(operation, chain=chain_link(self._last.chain, operation))
        self._writing.replay(replace(entry, operation=operation))
        self._numbers.append(entry.operation.number)
        self._last, self.written = operation, self.written + 1

    def finish(self) -> None:
        """See `_Taking.finish`."""
        if self.written:
            self._writing.note_rules("", wall=self._wall)

    def _look_at(self, operation: Operation, kind: Kind) -> None:
        """Note what is passed over."""
        if kind is Kind.EVENT:
            self._there[operation.record_id] = None
            return
        here = self._writing.operations(operation.record_id, scope=self._wall)
        if here:
            self._there[operation.record_id] = {one.revision: one.mac for one in here if one.action in _MAKING}
            self.known += 1

    def _here(self, number: int) -> int:
        """Give the number here of an operation of the export."""
        place = bisect_left(self._numbers, number)
        if place == len(self._numbers) or self._numbers[place] != number:
            raise InvalidArgument("reverts", f"names operation {number}, which is no earlier one", _AGAIN)
        return self._first + place


def _check(entry: Entry, former: bytes) -> None:
    """Let an entry pass whose link and hash are those of what it says.

    Raises:
        ValueError: they are not.
    """
    operation, record = entry.operation, entry.record
    if chain_link(former, operation) != operation.chain:
        raise ValueError("its link does not follow from the entry and the one before")
    if record is not None and (entry.salt is None) != (record.state is State.ERASED):
        raise ValueError("a revision is erased and has words, or the other way round")
    if record is not None and entry.salt is not None and record_mac(record, salt=entry.salt) != operation.mac:
        raise ValueError("a header or content is not what was recorded")


@contextmanager
def _opened(source: str | os.PathLike[str] | BinaryIO) -> Iterator[tuple[BinaryIO, str, int]]:
    """Give the stream to read, what messages call it, and how many bytes it has; 0 = not known."""
    if not isinstance(source, str | os.PathLike):
        yield source, "the stream", 0
        return
    path = Path(source)
    try:
        stream, size = path.open("rb"), path.stat().st_size
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be read ({error.strerror or error}); check its name") from error
    with stream:
        yield stream, str(path), size
