"""The store of the embedded engine: transactions on one file, or on a memory of its own."""

import functools
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from lamina.core.errors import InvalidArgument, StoreReadOnly
from lamina.core.grant import Granted
from lamina.core.reports import Progress
from lamina.core.rows import Finding
from lamina.core.scope import Administration
from lamina.core.time import to_us
from lamina.store.migrate import check_format, load_migrations, migrate
from lamina.store.sqlite.asked import check_administration
from lamina.store.sqlite.carrying import CarriedReading, CarriedWriting
from lamina.store.sqlite.checking import findings
from lamina.store.sqlite.copying import check_target, copy_into
from lamina.store.sqlite.keys import Keyring, check_early, may_be_encrypted, unlock
from lamina.store.sqlite.misread import misread
from lamina.store.sqlite.opening import APPLICATION_ID, checked_path, look_at
from lamina.store.sqlite.pool import Connection, Pool
from lamina.store.sqlite.reading import SQL
from lamina.store.sqlite.sealing import Seals, blind
from lamina.store.sqlite.writing import Entropy

#: Where the migrations stand.
SCHEMA_PACKAGE = "lamina.store.sqlite"


class SqliteStore:
    """Records and the log in one SQLite file; see `core.protocols.Store`.

    Safe for many threads: one writes at a time, readers see the state at which their transaction began. A memory
    without a file has one connection, so its transactions follow one another. A thread that opens a transaction
    inside another, where both need the same connection, gets `StoreBusy` at once.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        path: str | None,
        notes: tuple[str, ...],
        is_read_only: bool,
        entropy: Entropy,
        keyring: Keyring | None = None,
    ) -> None:
        """Serve through `pool`; `open_store` makes one."""
        self._pool = pool
        self._path = path
        self._keyring = keyring
        #: Whether somebody else may encrypt the file under us: while it is blank.
        self._is_watching = keyring is None and path is not None
        self._entropy = entropy
        self._format = load_migrations(SCHEMA_PACKAGE)[-1].number
        #: Remarks on how the file was opened.
        self.notes = notes
        #: Whether it was opened for reading only.
        self.is_read_only = is_read_only

    @contextmanager
    def read(self) -> Iterator[CarriedReading]:
        """See `Store.read`."""
        with self._pool.reader() as connection, self._transaction(connection, "begin_read"):
            reading = CarriedReading(connection)
            try:
                yield reading
            finally:
                reading.end()

    @contextmanager
    def write(self, *, may_wait: bool = True) -> Iterator[CarriedWriting]:
        """See `Store.write`."""
        self._check_writable()
        with self._pool.writer(may_wait=may_wait) as connection, self._transaction(connection, "begin_write"):
            writing = CarriedWriting(connection, entropy=self._entropy)
            try:
                yield writing
                writing.finish()
            finally:
                writing.end()
            connection.execute(SQL["commit"])

    def check(self, *, scope: Granted[Administration]) -> Iterator[Finding]:
        """See `Store.check`: integrity, references, sequences, the schema and its register, what is derived."""
        del scope
        with self._pool.reader() as connection, self._transaction(connection, "begin_read"):
            yield from findings(connection, load_migrations(SCHEMA_PACKAGE), application_id=APPLICATION_ID)

    def reclaim(self) -> int:
        """See `Store.reclaim`: what is written anew stands in the write-ahead log until nobody reads the former."""
        self._check_writable()
        with self._pool.writer() as connection:
            with _laid_aside(connection):
                connection.execute(SQL["vacuum"])
            if self._path is None or not connection.execute(SQL["checkpoint"]).fetchall()[0][0]:
                return 0
            needed: list[Any] = connection.execute(SQL["needed_bytes"]).fetchall()
        return max(self.file_bytes() - int(needed[0][0]), 0)

    def scrub(self, *, now: datetime) -> bool:
        """See `Store.scrub`: the file is written anew, and its write-ahead log emptied."""
        with self._pool.reader() as connection:
            if not connection.execute(SQL["erasures_waiting"]).fetchall():
                return True
        self._check_writable()
        with self._pool.writer() as connection:
            waiting: list[Any] = connection.execute(SQL["erasures_waiting"]).fetchall()
            with _laid_aside(connection):
                connection.execute(SQL["vacuum"])
            if self._path is not None and connection.execute(SQL["checkpoint"]).fetchall()[0][0]:
                return False
            values = {"scrubbed_us": to_us(now), "last": max((row[0] for row in waiting), default=0)}
            connection.execute(SQL["erasures_scrubbed"], values)
        return True

    def without_keys(self) -> AbstractContextManager[None]:
        """See `Store.without_keys`."""
        return blind()

    def rotate_key(self, master: bytes, *, scope: Granted[Administration]) -> int:
        """See `Store.rotate_key`."""
        check_administration(scope)
        mark = self._sealed().take(master)
        with self.write() as writing:
            return writing.turn_key(mark)

    def _sealed(self) -> Keyring:
        if self._keyring is None:
            raise InvalidArgument("key", f"is asked for, and {self._pool.name} is not encrypted", "open a file that is")
        return self._keyring

    def copy_to(self, path: str, *, overwrite: bool, now: datetime, on_progress: Progress | None = None) -> int:
        """See `Store.copy_to`."""
        target, source = checked_path(path), None if self._path is None else Path(self._path)
        check_target(target, source=source, overwrite=overwrite)
        mode = 0o600 if source is None else stat.S_IMODE(source.stat().st_mode)
        with self._pool.reader() as connection:
            commits: list[Any] = connection.execute(SQL["last_commit"]).fetchall()
            scrubbed = {"scrubbed_us": to_us(now), "last": int(commits[0][0])}
            with _laid_aside(connection):
                return copy_into(
                    connection, target, mode=mode, overwrite=overwrite, scrubbed=scrubbed, on_progress=on_progress
                )

    def disk_bytes(self) -> dict[str, int]:
        """See `Store.disk_bytes`."""
        if self._path is None:
            return {}
        with self._pool.reader() as connection, self._transaction(connection, "begin_read"):
            found: list[tuple[Any, ...]] = connection.execute(SQL["disk_bytes"]).fetchall()
        log = self._path + "-wal"
        return {**dict(found), "unmerged": os.path.getsize(log) if os.path.exists(log) else 0}

    def file_bytes(self) -> int:
        """Count the bytes of the file with its write-ahead log; 0 in memory."""
        if self._path is None:
            return 0
        beside = (self._path, self._path + "-wal")
        return sum(os.path.getsize(path) for path in beside if os.path.exists(path))

    def file_mark(self) -> str:
        """See `Store.file_mark`."""
        if self._path is None:
            return ""
        try:
            there = os.stat(self._path)
        except OSError:
            # Whoever reads it next is told that it is gone.
            return self._path
        return f"{os.path.realpath(self._path)} {there.st_dev}:{there.st_ino}"

    def close(self) -> None:
        """See `Store.close`; what other threads are in the middle of they can end."""
        self._pool.close()

    def _check_writable(self) -> None:
        if self.is_read_only:
            raise StoreReadOnly(f"{self._path} is open for reading only; open it where it can be written")

    @contextmanager
    def _transaction(self, connection: Connection, begin: str) -> Iterator[None]:
        """Begin, and roll back what is not committed inside.

        Raises:
            SchemaTooNew: a newer Lamina has brought the file further since it was opened.
        WrongKey: somebody else has encrypted it since, or given it another key.
        """
        connection.execute(SQL[begin])
        try:
            rows: list[Any] = connection.execute(SQL["format"]).fetchall()
            check_format(rows[0][0], self._format, path=self._pool.name)
            if connection.seals is not None:
                connection.seals.begin()
            elif self._is_watching:
                self._is_watching = may_be_encrypted(connection, path=self._pool.name)
            with misread(connection, self._pool.name):
                yield
        finally:
            if connection.in_transaction:
                connection.execute(SQL["rollback"])


def open_store(
    path: str | os.PathLike[str] | None,
    *,
    read_only: bool = False,
    busy_timeout_s: float = 5.0,
    entropy: Entropy = os.urandom,
    key: bytes | None = None,
) -> SqliteStore:
    """Open the file at `path`, making it where there is none; None = a memory of its own.

    With a `key` of 32 bytes a new file is encrypted by it, and one that was encrypted is opened.

    A transaction waits at most `busy_timeout_s` for other threads, and as long again for other processes.

    Raises:
        InvalidArgument: a path that no file can have.
        StoreUnavailable: a directory, a missing folder, no permission.
        ForeignFile, DamagedFile, SchemaTooNew: the file is not one that this Lamina can use.
        WrongKey: the file is encrypted by another key than `key`, or not at all where there is one.
        MissingExtra: there is a key, and `cryptography` is not installed.
        StoreBusy: another process held it for longer than the busy timeout.
    """
    opening = None if path is None else look_at(checked_path(path), read_only=read_only)
    is_read_only = opening is not None and opening.is_read_only
    pool = Pool(opening, busy_timeout_s=busy_timeout_s)
    with ExitStack() as undoing:
        undoing.callback(pool.leave_alone)
        with pool.writer() as connection:
            migrations = load_migrations(SCHEMA_PACKAGE)
            named: Any = {"application_id": APPLICATION_ID, "path": pool.name}
            check_early(connection, key, newest=migrations[-1].number, **named)
            migrate(connection, migrations, may_write=not is_read_only, **named)
            keyring = unlock(connection, key, path=pool.name, may_write=not is_read_only)
        if keyring is not None:
            pool.seal(functools.partial(Seals, keyring=keyring, path=pool.name))
        undoing.pop_all()
    if opening is not None and opening.network is not None:
        warnings.warn(opening.notes[-1], stacklevel=2)
    return SqliteStore(
        pool,
        path=None if opening is None else str(opening.path),
        notes=() if opening is None else opening.notes,
        is_read_only=is_read_only,
        entropy=entropy,
        keyring=keyring,
    )


def _laid_aside(connection: Connection) -> AbstractContextManager[None]:
    """Have nothing stand before the tables of an encrypted file, so that SQLite finds them to write them anew."""
    return nullcontext() if connection.seals is None else connection.seals.laid_aside()
