"""Exporting: one wall or the whole file as lines of JSON that can be loaded again, or as Markdown for people.

What is laid down for a wall, its holds, policies and grants, goes along as lines, before what it is about.

Read in one transaction, so that all of it is of one moment, and written as it is read: what is in memory does not grow
with the wall, but for the places of a wall that is written as Markdown.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lamina.carry import lines, markdown
from lamina.core.directives import DirectiveKind
from lamina.core.entries import Exported
from lamina.core.grant import Granted
from lamina.core.lifecycle import State
from lamina.core.protocols import Reading, Store
from lamina.core.reports import Progress
from lamina.core.rows import Place
from lamina.core.scope import Administration, Scope, Wall
from lamina.flows.log_heads import head_of
from lamina.govern.access import grant
from lamina.store.sqlite.copying import arriving, check_target
from lamina.store.sqlite.opening import checked_path

#: Records that are read at once, and lines between two calls of `on_progress`.
PAGE = 500
#: The rights of a file that holds a memory's words: its owner's alone.
_MODE = 0o600


class _Sink:
    """Where bytes go; counts them and their lines, and keeps their digest."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.bytes, self.lines = 0, 0

    def write(self, data: bytes) -> None:
        self._stream.write(data)
        self._digest.update(data)
        self.bytes += len(data)
        self.lines += 1

    def end(self) -> bytes:
        """Give the last line, by which a cut or a change is seen."""
        return lines.line(lines.END, {"lines": self.lines, "sha256": self._digest.hexdigest()})


def export_lines(
    store: Store,
    to: str | os.PathLike[str] | BinaryIO,
    walls: Sequence[Wall] | None,
    *,
    scope: Granted[Administration],
    overwrite: bool = False,
    on_progress: Progress | None = None,
) -> Exported:
    """Write walls, None = all, as lines of JSON; `on_progress(done, total)` counts operations.

    Raises:
        InvalidArgument: something stands under that path and is not to be overwritten.
        StoreUnavailable, StoreFull: it cannot be written; what stood there stands there still.
    """
    with _opened(to, overwrite=overwrite) as (stream, path), store.read() as reading:
        sink = _Sink(stream)
        there = _there(reading, walls, scope=scope, is_governed_enough=True)
        heads = [head_of(reading, scope=grant(Scope.of(wall))) for wall in there]
        total, done = sum(head.number for head in heads), 0
        sink.write(lines.header(len(heads), reading.encoder(), is_whole_file=walls is None))
        for head in heads:
            sink.write(lines.wall_line(head.wall, head.number, head.chain))
            # Before the records: a hold stands where they come in before anything could destroy them.
            for directive in reading.directives(tuple(DirectiveKind), wall=grant(Scope.of(head.wall))):
                sink.write(lines.directive_line(directive))
            for entry in reading.entries(head.wall, scope=scope):
                sink.write(lines.entry_line(entry))
                done += 1
                if on_progress is not None and done % PAGE == 0:
                    on_progress(done, total)
            for within, source in reading.imports_of(head.wall, scope=scope):
                sink.write(lines.import_line(within, source))
            for snapshot in reading.snapshots(wall=grant(Scope.of(head.wall))):
                sink.write(lines.snapshot_line(snapshot))
        sink.write(sink.end())
        if on_progress is not None:
            on_progress(done, total)
    return Exported(path=path, walls=len(heads), written=done, bytes=sink.bytes)


def export_markdown(
    store: Store,
    to: str | os.PathLike[str] | BinaryIO,
    walls: Sequence[Wall] | None,
    *,
    scope: Granted[Administration],
    overwrite: bool = False,
    on_progress: Progress | None = None,
) -> Exported:
    """Write what is active in walls, None = all, as Markdown; `on_progress(done, total)` counts records.

    Raises:
        InvalidArgument, StoreUnavailable, StoreFull: as `export_lines`.
    """
    with _opened(to, overwrite=overwrite) as (stream, path), store.read() as reading:
        sink, written = _Sink(stream), 0
        there = _there(reading, walls, scope=scope)
        for wall in there:
            within = grant(Scope.of(wall))
            places = [place for place in reading.places(scope=within) if place.is_shared == (wall.user is None)]
            sink.write(markdown.title(wall).encode())
            for session, ids in _sessions(places):
                sink.write(markdown.heading(session).encode())
                for first in range(0, len(ids), PAGE):
                    for record in reading.get(ids[first : first + PAGE], scope=within).values():
                        if record.state is State.ACTIVE:
                            sink.write(markdown.said(record).encode())
                            written += 1
                    if on_progress is not None:
                        on_progress(written, len(places))
    return Exported(path=path, walls=len(there), written=written, bytes=sink.bytes)


def _there(
    reading: Reading,
    walls: Sequence[Wall] | None,
    *,
    scope: Granted[Administration],
    is_governed_enough: bool = False,
) -> list[Wall]:
    """Give those of `walls`, None = all, that hold a record; or also those for which anything is laid down."""
    known = reading.walls(scope=scope)
    if is_governed_enough:
        governed = {directive.scope.wall for directive, _ in reading.salted_directives(scope=scope)}
        known = sorted({*known, *governed}, key=lambda wall: (wall.tenant, wall.user is not None, wall.user or ""))
    return known if walls is None else [wall for wall in known if wall in walls]


def _sessions(places: Sequence[Place]) -> Iterator[tuple[str | None, list[str]]]:
    """Give the sessions, by the first time that is known of them, else by arrival, each with its records in order."""
    held: dict[str | None, list[Place]] = {}
    for place in places:
        held.setdefault(place.session, []).append(place)
    yield from (
        (session, [place.record_id for place in members])
        for session, members in sorted(held.items(), key=lambda one: _began(one[1]))
    )


def _began(places: Sequence[Place]) -> tuple[bool, float, int]:
    at = min((place.at.timestamp() for place in places if place.at is not None), default=None)
    return at is None, at or 0.0, min(place.arrived for place in places)


@contextmanager
def _opened(to: str | os.PathLike[str] | BinaryIO, *, overwrite: bool) -> Iterator[tuple[BinaryIO, str | None]]:
    """Give the stream to write into, and its path; a file has its name once it is whole."""
    if not isinstance(to, str | os.PathLike):
        yield to, None
        return
    target = Path(checked_path(to))
    check_target(target, source=None, overwrite=overwrite)
    with arriving(target, mode=_MODE, overwrite=overwrite) as part, part.open("wb") as stream:
        yield stream, os.fspath(to)
