"""Connections to one file: one that writes, a few that read, each used by one thread at a time.

SQLite's own errors become those of `core.errors` here, and nowhere else.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from lamina.core.errors import (
    DamagedFile,
    LaminaError,
    MemoryClosed,
    StoreBusy,
    StoreFull,
    StoreReadOnly,
    StoreUnavailable,
    UsedAfterFork,
)
from lamina.store.sqlite.opening import Opening

#: Readers that may be at work at the same time; a further one waits.
MOST_READERS = 8


class Pool:
    """Hands out connections; waits at most `busy_timeout_s` for one."""

    def __init__(self, opening: Opening | None, *, busy_timeout_s: float) -> None:
        """Serve the file of `opening`, or a memory of its own where that is None."""
        self._opening = opening
        self._busy_timeout_s = busy_timeout_s
        self._pid = os.getpid()
        self._is_closed = False
        self._writer_lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(MOST_READERS)
        self._idle: list[apsw.Connection] = []
        self._idle_lock = threading.Lock()
        self._writer = self._connect(is_writer=opening is None or not opening.is_read_only)

    @property
    def name(self) -> str:
        """What messages call the file."""
        return ":memory:" if self._opening is None else str(self._opening.path)

    @contextmanager
    def writer(self) -> Iterator[apsw.Connection]:
        """Lend the connection that writes."""
        self._check_usable()
        if not self._writer_lock.acquire(timeout=max(self._busy_timeout_s, 0.001)):
            raise StoreBusy(self._busy_message())
        try:
            self._check_usable()
            with self.told():
                yield self._writer
        finally:
            self._writer_lock.release()

    @contextmanager
    def reader(self) -> Iterator[apsw.Connection]:
        """Lend a connection that reads; for a memory without a file, the only one there is."""
        if self._opening is None:
            with self.writer() as connection:
                yield connection
            return
        self._check_usable()
        if not self._slots.acquire(timeout=max(self._busy_timeout_s, 0.001)):
            raise StoreBusy(self._busy_message())
        try:
            with self.told():
                connection = self._idle_connection() or self._connect(is_writer=False)
                yield connection
                with self._idle_lock:
                    self._idle.append(connection)
        finally:
            self._slots.release()

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn SQLite's errors into ours, with what to do."""
        try:
            yield
        except apsw.Error as error:
            raise self._translated(error) from error

    def close(self) -> None:
        """Close every connection; in a forked child, none: they are the parent's."""
        if self._is_closed or os.getpid() != self._pid:
            return
        self._is_closed = True
        with self._writer_lock, self._idle_lock:
            for connection in (*self._idle, self._writer):
                connection.close()
            self._idle.clear()

    def _connect(self, *, is_writer: bool) -> apsw.Connection:
        flags = apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_NOMUTEX
        flags |= apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE if is_writer else apsw.SQLITE_OPEN_READONLY
        with self.told():
            connection = apsw.Connection(self._address(), flags=flags)
            connection.set_busy_timeout(int(self._busy_timeout_s * 1000))
            connection.pragma("foreign_keys", True)  # noqa: FBT003  # a pragma's value
            connection.pragma("cache_size", -8192)
            if is_writer and self._opening is not None:
                self._set_write_ahead(connection)
                connection.pragma("synchronous", "FULL")
        return connection

    def _set_write_ahead(self, connection: apsw.Connection) -> None:
        # Two processes that make the same file at once: SQLite does not wait here by itself.
        deadline = time.monotonic() + self._busy_timeout_s
        while True:
            try:
                if connection.pragma("journal_mode") != "wal":
                    connection.pragma("journal_mode", "wal")
            except apsw.BusyError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def _address(self) -> str:
        if self._opening is None:
            return ":memory:"
        if self._opening.is_immutable:
            return self._opening.path.as_uri() + "?immutable=1"
        return str(self._opening.path)

    def _idle_connection(self) -> apsw.Connection | None:
        with self._idle_lock:
            return self._idle.pop() if self._idle else None

    def _check_usable(self) -> None:
        if os.getpid() != self._pid:
            raise UsedAfterFork
        if self._is_closed:
            raise MemoryClosed

    def _busy_message(self) -> str:
        return (
            f"{self.name} stayed locked by another writer for {self._busy_timeout_s} s; nothing was written; "
            "try again, or allow more time with Settings(busy_timeout_s=…)"
        )

    def _translated(self, error: apsw.Error) -> LaminaError:
        if isinstance(error, apsw.BusyError | apsw.LockedError):
            return StoreBusy(self._busy_message())
        if isinstance(error, apsw.FullError):
            return StoreFull(f"there is no room for {self.name}; nothing of the call was written; make room and try again")
        if isinstance(error, apsw.ReadOnlyError):
            return StoreReadOnly(f"{self.name} is open for reading only; open it where it can be written")
        if isinstance(error, apsw.CorruptError | apsw.NotADBError):
            return DamagedFile(f"{self.name} is damaged ({error}); restore it from a backup")
        if isinstance(error, apsw.IOError):
            return self._input_output(error)
        if isinstance(error, apsw.CantOpenError | apsw.PermissionsError):
            return StoreUnavailable(f"{self.name} cannot be opened ({error}); check that the folder can be written")
        return StoreUnavailable(f"SQLite failed on {self.name}: {error}")

    def _input_output(self, error: apsw.Error) -> LaminaError:
        writing = (apsw.SQLITE_IOERR_WRITE, apsw.SQLITE_IOERR_TRUNCATE, apsw.SQLITE_IOERR_SHMSIZE)
        if getattr(error, "extendedresult", None) in writing:
            return StoreFull(
                f"{self.name} cannot grow: no room on the disk, or a limit on file size; nothing of the call was written"
            )
        return StoreUnavailable(f"reading or writing {self.name} failed ({error}); check the disk")
