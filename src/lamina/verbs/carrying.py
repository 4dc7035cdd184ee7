"""Verbs that carry a memory through time and to other places: heads of its log, copies of its file."""

import os
from typing import Unpack

from lamina.core.heads import Head
from lamina.core.reports import Backup, Progress
from lamina.core.scope import ScopeKeys
from lamina.flows import heads as heads_flow
from lamina.verbs.opened import Opened


class Carrying(Opened):
    """The verbs by which a memory is named, gone back to, handed on and copied."""

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
        copied = self._opened().copy_to(
            os.fspath(path), overwrite=overwrite, now=self._clock.now(), on_progress=on_progress
        )
        return Backup(path=os.fspath(path), file_bytes=copied)
