"""Which scan of signs serves: NumPy's, or machine code where numba is installed and has had time to make it.

Both give the same numbers. Machine code is made in a thread of its own, once this process has scanned so many rows that
it would have paid: a program of a few searches never makes it. No search waits for it, but those beside it are slower
for a second or two, because loading and compiling share Python's lock with them: of 60,000 rows, p50 went from 2.6 to
8.8 ms and p99 to 107. Over many rows two cores scan a half each by it; NumPy's would mostly wait for Python's lock.
"""

import os
import threading
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from typing import TypeVar

from lamina.core.cores import usable_cores
from lamina.index.signs import Scan, scan

#: Making it takes about what NumPy takes longer for so many rows: 2 to 10 ns each, by the machine.
ROWS_BEFORE = 100_000_000
#: Two cores scan so many rows: beginning another thread takes as long as scanning 40,000.
ROWS_SHARED = 1 << 18
BY_NUMPY = "numpy"
BY_NUMBA = "numba"
Part = TypeVar("Part")


class Scanning:
    """The scans that a process has; safe for many threads, and for a fork in the middle of making one."""

    def __init__(self, rows_before: int = ROWS_BEFORE) -> None:
        """Begin with NumPy's."""
        self._rows_before = rows_before
        self._rows = 0
        self._made: dict[int, Scan] = {}
        #: Held while one is made, and by whoever forks: a child would find numba's own locks held for ever.
        self._making = threading.RLock()
        self._begin = threading.Lock()
        self._thread: threading.Thread | None = None
        #: Why there will be none; None = nothing is in the way.
        self.failure: str | None = None

    def scan_of(self, words: int, *, rows: int) -> Scan:
        """Give the scan of signs of so many words a vector; `rows` are about to be scanned."""
        made = self._made.get(words)
        if made is not None:
            return made
        self._rows += rows
        if self._rows >= self._rows_before and self.failure is None:
            self._set_going(words)
        return scan

    def told(self) -> str:
        """Say which serves, and why not the quicker one, in a few words."""
        if self._made:
            return BY_NUMBA
        return BY_NUMPY if self.failure is None else f"{BY_NUMPY} ({self.failure})"

    def wait(self) -> None:
        """Wait until what is being made is there."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _set_going(self, words: int) -> None:
        # Who finds it held lets the other one begin; it may be nobody, in a child that was forked meanwhile.
        if not self._begin.acquire(blocking=False):
            return
        try:
            if self._thread is not None and (self._thread.is_alive() or words in self._made):
                return
            if not _is_installed("numba"):
                self.failure = "numba is not installed"
                return
            if self._thread is None:
                lock = self._making
                os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)
            thread = threading.Thread(target=self._make, args=(words,), name="lamina compiles")
            thread.start()
            self._thread = thread
        except RuntimeError as error:
            self.failure = f"no thread for numba: {error}"
        finally:
            self._begin.release()

    def _make(self, words: int) -> None:
        failure: str | None = "numba failed"
        with self._making:
            try:
                from lamina.index import machine_code  # noqa: PLC0415  numba takes half a second to load

                self._made[words] = machine_code.compile_scan(words)
                failure = None
            except ImportError as error:
                failure = f"numba cannot be used: {error}"
            finally:
                # Whatever else went wrong is told by the thread's end, and not tried again.
                self.failure = failure


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:
        # Something else stands in its place.
        return False


def scan_parts(parts: Sequence[Part], by: Scan, scan_some: Callable[[Sequence[Part]], None], *, rows: int) -> None:
    """Let `scan_some` scan all of some parts, of so many rows, `by` a scan: a half by each of two threads if that pays.

    The halves are scanned at the same time, and have to write to different places.
    """
    half = len(parts) // 2
    if by is scan or rows < ROWS_SHARED or not half or usable_cores() < 2:
        scan_some(parts)
        return
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  few scan so many rows

    with ThreadPoolExecutor(1, thread_name_prefix="lamina scans") as pool:
        try:
            other = pool.submit(scan_some, parts[half:])
        except RuntimeError:
            # No thread to be had.
            scan_some(parts)
            return
        scan_some(parts[:half])
        other.result()


@cache
def scanning() -> Scanning:
    """Give those of this process."""
    return Scanning()
