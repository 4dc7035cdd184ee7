"""Connections to one file: one that writes, a few that read, each used by one thread at a time.

SQLite's own errors become those of `core.errors` here, and nowhere else.
"""

import ctypes
import functools
import os
import random
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import apsw

from lamina.core.errors import MemoryClosed, StoreBusy, UsedAfterFork
from lamina.store.sqlite.checksum import teach
from lamina.store.sqlite.opening import Opening
from lamina.store.sqlite.sealing import Seals
from lamina.store.sqlite.told import busy_message, told

#: Readers that may be at work at the same time; a further one waits.
MOST_READERS = 8
#: Between two looks at a file that another process is making.
_PAUSE_S = 0.01
#: Between two tries for a lock, by chance and longer each time. SQLite's own pauses grow to a tenth of a second, which
#: lets one busy writer shut out another for many seconds (measured: five, until that one gave up).
_SHORTEST_TRY_S, _LONGEST_TRY_S = 0.0002, 0.005


class Connection(apsw.Connection):
    """A connection, and what seals and opens there where the file is encrypted."""

    seals: Seals | None = None


class _Patience:
    """What SQLite asks when a file is locked: waits a moment and says whether to try again."""

    def __init__(self, timeout_s: float) -> None:
        """Wait at most `timeout_s` for each lock."""
        self._timeout_s = timeout_s
        self._until = 0.0

    def __call__(self, tries: int) -> bool:
        now = time.monotonic()
        if tries == 0:
            self._until = now + self._timeout_s
        if now >= self._until:
            return False
        time.sleep(random.uniform(_SHORTEST_TRY_S, min(_SHORTEST_TRY_S * (2 + tries), _LONGEST_TRY_S)))
        return True


class Pool:
    """Hands out connections; waits at most `busy_timeout_s` for one.

    A connection that is lent while the pool is closed is closed when it comes back.
    """

    def __init__(self, opening: Opening | None, *, busy_timeout_s: float) -> None:
        """Serve the file of `opening`, or a memory of its own where that is None."""
        self._opening = opening
        self._busy_timeout_s = busy_timeout_s
        self._pid = os.getpid()
        self._is_closed = False
        self._writer_lock = threading.Lock()
        self._writing_thread: int | None = None
        self._slots = threading.BoundedSemaphore(MOST_READERS)
        self._idle: list[Connection] = []
        self._readers: set[Connection] = set()
        self._sealing: Callable[[Connection], Seals] | None = None
        self._lock = threading.Lock()
        self._writer = self._connect(is_writer=opening is None or not opening.is_read_only)
        if opening is not None:
            self._opening = opening.look_again()
        _open_pools().add(self)

    @property
    def name(self) -> str:
        """What messages call the file."""
        return ":memory:" if self._opening is None else str(self._opening.path)

    @contextmanager
    def writer(self, *, may_wait: bool = True) -> Iterator[Connection]:
        """Lend the connection that writes; with `may_wait` false, only where neither it nor the file is in use.

        Such a transaction does not wait for the disk either: a power cut may undo it, and nothing of any other.

        Raises:
            StoreBusy: another thread has it for longer than the busy timeout, or this thread has it already.
            MemoryClosed, UsedAfterFork: there is none to lend.
        """
        self._check_open()
        if self._writing_thread == threading.get_ident():
            raise StoreBusy(f"this thread is in the middle of a transaction on {self.name}; end that one first")
        timeout_s = self._busy_timeout_s if may_wait else 0.0
        self._wait_for(self._writer_lock, timeout_s)
        try:
            self._check_usable()
            self._writing_thread = threading.get_ident()
            with told(self.name, timeout_s):
                self._writer.set_busy_handler(_Patience(timeout_s))
                with self._waiting_for_disk(may_wait=may_wait):
                    yield self._writer
        finally:
            self._writing_thread = None
            self._writer_lock.release()
            if self._is_closed:
                self._close_unused()

    @contextmanager
    def reader(self) -> Iterator[Connection]:
        """Lend a connection that reads; for a memory without a file, the only one there is.

        Raises:
            StoreBusy: all are lent for longer than the busy timeout.
            MemoryClosed, UsedAfterFork: there is none to lend.
        """
        if self._opening is None:
            with self.writer() as connection:
                yield connection
            return
        self._check_open()
        self._wait_for(self._slots, self._busy_timeout_s)
        try:
            with told(self.name, self._busy_timeout_s):
                connection = self._take_reader()
                try:
                    yield connection
                finally:
                    self._take_back(connection)
        finally:
            self._slots.release()

    def seal(self, sealing: Callable[[Connection], Seals]) -> None:
        """Have every connection seal and open what it writes and reads, from now on."""
        self._sealing = sealing
        with self.writer() as connection:
            connection.seals = sealing(connection)

    def close(self) -> None:
        """Close every connection that is not lent; in a forked child, none: they are the parent's."""
        if os.getpid() != self._pid:
            return
        self._is_closed = True
        self._close_unused()

    def leave_alone(self) -> None:
        """Close every connection, and leave the file and its write-ahead log as they were: it is not ours."""
        self._writer.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        self.close()

    def leave_to_parent(self) -> None:
        """Keep every connection from being closed in this process, which is the child of the one that opened them.

        Closing would fold the write-ahead log into the file with locks that the child does not hold, and waits for
        ever where another thread of the parent was inside SQLite at the fork.
        """
        for connection in (*self._readers, self._writer):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))

    @contextmanager
    def _waiting_for_disk(self, *, may_wait: bool) -> Iterator[None]:
        if may_wait or self._opening is None:
            yield
            return
        self._writer.pragma("synchronous", "NORMAL")
        try:
            yield
        finally:
            self._writer.pragma("synchronous", "FULL")

    def _take_reader(self) -> Connection:
        with self._lock:
            self._check_usable()
            if self._idle:
                return self._idle.pop()
        connection = self._connect(is_writer=False)
        with self._lock:
            self._readers.add(connection)
        return connection

    def _take_back(self, connection: Connection) -> None:
        with self._lock:
            self._idle.append(connection)
        if self._is_closed:
            self._close_unused()

    def _close_unused(self) -> None:
        """Close what is not lent, the writer last: the last to close folds the write-ahead log into the file."""
        with self._lock:
            for connection in self._idle:
                self._readers.discard(connection)
                connection.close()
            self._idle.clear()
            if not self._readers and self._writer_lock.acquire(blocking=False):
                self._writer.close()
                self._writer_lock.release()

    def _wait_for(self, lock: "threading.Lock | threading.Semaphore", timeout_s: float) -> None:
        if not lock.acquire(timeout=max(timeout_s, 0.001)):
            raise StoreBusy(busy_message(self.name, timeout_s))

    def _connect(self, *, is_writer: bool) -> Connection:
        flags = apsw.SQLITE_OPEN_URI
        flags |= apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE if is_writer else apsw.SQLITE_OPEN_READONLY
        with told(self.name, self._busy_timeout_s):
            connection = Connection(self._address(), flags=flags)
            connection.set_busy_handler(_Patience(self._busy_timeout_s))
            # One plan a statement: else SQLite compiles it again for every value bound (0.4 ms for a page, measured).
            connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
            teach(connection)
            connection.pragma("foreign_keys", "ON")
            connection.pragma("cache_size", -8192)
            if self._sealing is not None:
                connection.seals = self._sealing(connection)
            if is_writer and self._opening is not None:
                self._set_write_ahead(connection)
                connection.pragma("synchronous", "FULL")
        return connection

    def _set_write_ahead(self, connection: Connection) -> None:
        # Two processes that make the same file at once: SQLite does not wait here by itself.
        deadline = time.monotonic() + self._busy_timeout_s
        while True:
            try:
                if connection.pragma("journal_mode") != "wal":
                    connection.pragma("journal_mode", "wal")
            except apsw.BusyError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_S)
            else:
                return

    def _address(self) -> str:
        if self._opening is None:
            return ":memory:"
        if self._opening.is_immutable:
            return self._opening.path.as_uri() + "?immutable=1"
        return str(self._opening.path)

    def _check_open(self) -> None:
        if os.getpid() != self._pid:
            raise UsedAfterFork
        if self._is_closed:
            raise MemoryClosed

    def _check_usable(self) -> None:
        self._check_open()
        if self._opening is not None:
            self._opening.check_unchanged()


@functools.cache
def _open_pools() -> "weakref.WeakSet[Pool]":
    """Give the pools of this process; asked for the first time, see to it that a forked child leaves them alone."""
    pools: weakref.WeakSet[Pool] = weakref.WeakSet()
    os.register_at_fork(after_in_child=_leave_all_to_parent)
    return pools


def _leave_all_to_parent() -> None:
    for pool in _open_pools():
        pool.leave_to_parent()
