"""Moments at which a process can be killed: before every statement that writes, and before every act on a file.

A failpoint has the name of its statement in the `.sql` files, of its migration, or of the act, as "wal write".
They are found by watching SQLite, through a trace of its statements and a file system of its own (VFS), so that the
product has no code for them, and a statement that somebody adds is a failpoint at once. Copies and exports are written
beside SQLite: what brings them to the disk and gives them their name is watched too.
"""

import functools
import os
import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import apsw

from lamina.store.migrate import load_migrations
from lamina.store.queries import load_statements
from lamina.store.sqlite.sealed import statements

_BEGINNING = re.compile(
    r"INSERT|UPDATE|DELETE|REPLACE|WITH|VACUUM|PRAGMA wal_checkpoint|BEGIN IMMEDIATE|COMMIT|ALTER|CREATE(?! TEMP)|DROP"
)
#: Acts of the machine by which a copy of a file gets to the disk, and its name.
_ACTS = ("fsync", "replace", "link")
STATEMENTS = load_statements("lamina.store.sqlite", "queries.sql")
#: Statements about keys, and what the others are in an encrypted file.
_KEYING = load_statements("lamina.store.sqlite", "sealed.sql")
_SEALED = statements()
_MIGRATING = load_statements("lamina.store", "migrate.sql")


def _plain(sql: str) -> str:
    return sql.strip().rstrip(";").strip()


def is_write(sql: str) -> bool:
    """Say whether a statement changes a file, or where a transaction begins or ends."""
    return _BEGINNING.match(_plain(sql)) is not None and not (
        sql.startswith("WITH") and not re.search(r"\b(INSERT|UPDATE|DELETE) ", sql)
    )


#: Every statement that writes, by its name.
WRITES = {name: sql for name, sql in (*STATEMENTS.items(), *_KEYING.items()) if is_write(sql)}
_NAMES = {_plain(sql): name for name, sql in (*_MIGRATING.items(), *WRITES.items(), *_SEALED.items()) if is_write(sql)}
_MIGRATIONS = [
    (f"migration {one.number:04}", re.sub(r"^--.*$", "", one.sql, flags=re.MULTILINE))
    for one in load_migrations("lamina.store.sqlite")
]


@functools.cache
def name_of(sql: str) -> str | None:
    """Give the failpoint before a statement; None = it changes nothing."""
    plain = _plain(re.sub(r"^--.*$", "", sql, flags=re.MULTILINE))
    known = _NAMES.get(plain) or _NAMES.get(_plain(sql))
    if known is not None:
        return known
    return next((name for name, whole in _MIGRATIONS if is_write(plain) and plain in whole), None)


class Trap:
    """Counts the failpoints that a process comes by, and kills it at one of them."""

    def __init__(self, name: str | None = None, turn: int = 1) -> None:
        """Kill at the `turn`-th time of `name`; None = count alone."""
        self.met = Counter[str]()
        self.is_set = True
        self.name, self.turn = name, turn

    def meet(self, name: str) -> None:
        """Come by a failpoint."""
        if self.is_set:
            self.met[name] += 1
            if name == self.name and self.met[name] == self.turn:
                os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def laid(self) -> Iterator[None]:
        """Watch every connection that is opened inside."""

        def watch(connection: apsw.Connection) -> None:
            connection.exec_trace = self._trace

        watched, sound = Watched(self), {name: getattr(os, name) for name in _ACTS}
        apsw.connection_hooks.append(watch)
        for name, act in sound.items():
            setattr(os, name, self._before(name, act))
        try:
            yield
        finally:
            apsw.connection_hooks.remove(watch)
            watched.unregister()
            for name, act in sound.items():
                setattr(os, name, act)

    def _before(self, name: str, act: Callable[..., object]) -> Callable[..., object]:
        def met(*arguments: object, **named: object) -> object:
            self.meet(f"copy {name}")
            return act(*arguments, **named)

        return met

    def _trace(self, cursor: apsw.Cursor, sql: str, bindings: object) -> bool:
        name = name_of(sql)
        if name is not None:
            self.meet(name)
        return True


class Watched(apsw.VFS):
    """The file system of the machine, watched."""

    def __init__(self, trap: Trap) -> None:
        """Tell `trap` of every act that changes a file."""
        self._trap = trap
        super().__init__("watched", "unix", makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        """Open a file."""
        return WatchedFile(self._trap, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
        """Remove one."""
        self._trap.meet("delete")
        super().xDelete(name, sync)


class WatchedFile(apsw.VFSFile):
    """A file of it."""

    def __init__(self, trap: Trap, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        """Open `name`."""
        self._trap = trap
        text = str(name.filename() if isinstance(name, apsw.URIFilename) else name)
        self._kind = "wal" if text.endswith("-wal") else "journal" if text.endswith("-journal") else "file"
        super().__init__("unix", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        """Write."""
        self._trap.meet(f"{self._kind} write")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        """Wait for the disk."""
        self._trap.meet(f"{self._kind} sync")
        super().xSync(flags)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        """Cut short."""
        self._trap.meet(f"{self._kind} truncate")
        super().xTruncate(size)
