"""The store of the embedded engine: transactions on one file, or on a memory of its own."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import apsw

from lamina.core.errors import StoreReadOnly
from lamina.core.grant import Granted
from lamina.core.protocols import Finding
from lamina.core.scope import Administration
from lamina.store.migrate import load_migrations, migrate
from lamina.store.sqlite.opening import APPLICATION_ID, checked_path, look_at
from lamina.store.sqlite.pool import Pool
from lamina.store.sqlite.reading import SQL, SqliteReading
from lamina.store.sqlite.writing import Entropy, SqliteWriting


class SqliteStore:
    """Records and the log in one SQLite file; see `core.protocols.Store`.

    Safe for many threads: one writes at a time, readers see the state at which their transaction began. A memory
    without a file has one connection, so its transactions follow one another; none may be opened inside another.
    """

    def __init__(self, pool: Pool, *, path: str | None, notes: tuple[str, ...], is_read_only: bool, entropy: Entropy) -> None:
        """Serve through `pool`; `open_store` makes one."""
        self._pool = pool
        self._path = path
        self._is_read_only = is_read_only
        self._entropy = entropy
        #: Remarks on how the file was opened.
        self.notes = notes

    @contextmanager
    def read(self) -> Iterator[SqliteReading]:
        """See `Store.read`."""
        with self._pool.reader() as connection:
            connection.execute(SQL["begin_read"])
            try:
                connection.execute(SQL["touch"]).fetchall()
                yield SqliteReading(connection)
            finally:
                _roll_back(connection)

    @contextmanager
    def write(self) -> Iterator[SqliteWriting]:
        """See `Store.write`."""
        if self._is_read_only:
            raise StoreReadOnly(f"{self._path} is open for reading only; open it where it can be written")
        with self._pool.writer() as connection:
            connection.execute(SQL["begin_write"])
            try:
                writing = SqliteWriting(connection, entropy=self._entropy)
                yield writing
                writing.finish()
                connection.execute(SQL["commit"])
            finally:
                _roll_back(connection)

    def check(self, *, scope: Granted[Administration]) -> Iterator[Finding]:
        """See `Store.check`: integrity, references, walls, commits, register, waiting marks, places, vectors."""
        del scope
        with self._pool.reader() as connection:
            connection.execute(SQL["begin_read"])
            try:
                yield from _findings(connection)
            finally:
                _roll_back(connection)

    def file_bytes(self) -> int:
        """Count the bytes of the file and of what lies beside it; 0 in memory."""
        if self._path is None:
            return 0
        beside = (self._path, self._path + "-wal")
        return sum(os.path.getsize(path) for path in beside if os.path.exists(path))

    def close(self) -> None:
        """See `Store.close`."""
        self._pool.close()


def open_store(
    path: str | os.PathLike[str] | None,
    *,
    read_only: bool = False,
    busy_timeout_s: float = 5.0,
    entropy: Entropy = os.urandom,
) -> SqliteStore:
    """Open the file at `path`, making it where there is none; None = a memory of its own.

    Raises:
        InvalidArgument: a path that no file can have.
        StoreUnavailable: a directory, a missing folder, no permission.
        ForeignFile, DamagedFile, SchemaTooNew: the file is not one that this Lamina can use.
        StoreBusy: another process held it for longer than the busy timeout.
    """
    opening = None if path is None else look_at(checked_path(path), read_only=read_only)
    notes = () if opening is None else opening.notes
    for note in notes:
        if "network" in note:
            warnings.warn(note, stacklevel=3)
    pool = Pool(opening, busy_timeout_s=busy_timeout_s)
    is_read_only = opening is not None and opening.is_read_only
    try:
        with pool.writer() as connection:
            if not is_read_only and connection.pragma("application_id") == 0:
                connection.pragma("application_id", APPLICATION_ID)
            migrate(connection, load_migrations("lamina.store.sqlite"), path=pool.name, may_write=not is_read_only)
    except BaseException:
        pool.close()
        raise
    return SqliteStore(
        pool,
        path=None if opening is None else str(opening.path),
        notes=notes,
        is_read_only=is_read_only,
        entropy=entropy,
    )


def _roll_back(connection: apsw.Connection) -> None:
    if connection.in_transaction:
        connection.execute(SQL["rollback"])


def _findings(connection: apsw.Connection) -> Iterator[Finding]:
    def rows(name: str) -> list[Any]:
        return connection.execute(SQL[name]).fetchall()

    for (problem,) in rows("check_integrity"):
        if problem != "ok":
            yield Finding(check="integrity", where="file", problem=str(problem))
    for table, _, parent, _ in rows("check_references"):
        yield Finding(check="references", where=str(table), problem=f"points at a {parent} that is not there")
    for tenant, user, *ends in rows("check_walls"):
        if ends[:3] != ends[3:]:
            where = f"{tenant}/{user or '(shared)'}"
            yield Finding(check="sequence", where=where, problem="the wall's number, time or chain is not its log's last")
    for (number,) in rows("check_commits"):
        yield Finding(check="sequence", where=f"commit {number}", problem="has no operation")
    for table, column in rows("check_register"):
        yield Finding(check="register", where=f"{table}.{column}", problem="is not in the register of content")
    for (record_id,) in rows("check_waiting"):
        yield Finding(check="vectors", where=record_id, problem="is marked as waiting wrongly")
    for (record_id,) in rows("check_places"):
        yield Finding(check="references", where=record_id, problem="lies in a session of another wall")
    for (number,) in rows("check_vectors"):
        yield Finding(check="vectors", where=f"vector {number}", problem="has a wrong width, wall or span")
