"""The store in plain dicts: what `core.protocols.Store` means, said with the pure functions of `core`.

Assumed to be right, and slow without regret: a write transaction works on a copy of everything, and a reader keeps
the copy that it began with. The exam sits it beside the real stores, and the state machine holds them equal to it.
It keeps nothing beyond the process. Knows no file and no SQL.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from lamina.core.errors import InvalidArgument, MemoryClosed, StoreBusy, StoreUnavailable
from lamina.core.grant import Granted
from lamina.core.reports import Progress
from lamina.core.rows import Finding
from lamina.core.scope import Administration
from lamina.store.reference.carrying import CarriedReading, CarriedWriting
from lamina.store.reference.everything import Everything
from lamina.store.reference.whole import check_administration
from lamina.store.reference.writing import Entropy


class ReferenceStore:
    """Records and the log in this process's memory; see `core.protocols.Store`."""

    def __init__(self, *, busy_timeout_s: float = 5.0, entropy: Entropy = os.urandom) -> None:
        """Begin empty; a second writer waits at most `busy_timeout_s` for the first."""
        self._all = Everything()
        self._busy_timeout_s = busy_timeout_s
        self._entropy = entropy
        self._lock = threading.Lock()
        self._is_closed = False
        #: No remarks: there is no file.
        self.notes: tuple[str, ...] = ()
        #: Memory can always be written.
        self.is_read_only = False

    @contextmanager
    def read(self) -> Iterator[CarriedReading]:
        """See `Store.read`."""
        self._check_open()
        yield CarriedReading(self._all)

    @contextmanager
    def write(self, *, may_wait: bool = True) -> Iterator[CarriedWriting]:
        """See `Store.write`."""
        self._check_open()
        timeout_s = self._busy_timeout_s if may_wait else 0.001
        if not self._lock.acquire(timeout=timeout_s):
            raise StoreBusy(f"another thread was writing for longer than {timeout_s} s; try again")
        try:
            working = self._all.copy()
            yield CarriedWriting(working, entropy=self._entropy)
            self._all = working
        finally:
            self._lock.release()

    def check(self, *, scope: Granted[Administration]) -> Iterator[Finding]:
        """See `Store.check`: there is nothing that could be damaged."""
        check_administration(scope)
        return iter(())

    def reclaim(self) -> int:
        """See `Store.reclaim`: there is no file."""
        self._check_open()
        return 0

    def scrub(self, *, now: datetime) -> bool:
        """See `Store.scrub`: nothing of what is gone is left anywhere."""
        del now
        self._check_open()
        self._all.erasures.clear()
        return True

    def copy_to(self, path: str, *, overwrite: bool, now: datetime, on_progress: Progress | None = None) -> int:
        """See `Store.copy_to`: nothing here has the form of a file."""
        del overwrite, now, on_progress
        self._check_open()
        raise StoreUnavailable(f"{path} cannot be written: the reference store has no form of a file")

    @contextmanager
    def without_keys(self) -> Iterator[None]:
        """See `Store.without_keys`: there are none."""
        yield

    def rotate_key(self, master: bytes, *, scope: Granted[Administration]) -> int:
        """See `Store.rotate_key`: nothing is encrypted here."""
        del master, scope
        self._check_open()
        raise InvalidArgument("key", "is asked for, and the reference store is not encrypted", "open a file that is")

    def disk_bytes(self) -> dict[str, int]:
        """See `Store.disk_bytes`."""
        return {}

    def file_bytes(self) -> int:
        """See `Store.file_bytes`."""
        return 0

    def file_mark(self) -> str:
        """See `Store.file_mark`."""
        return ""

    def close(self) -> None:
        """See `Store.close`."""
        self._is_closed = True

    def _check_open(self) -> None:
        if self._is_closed:
            raise MemoryClosed
