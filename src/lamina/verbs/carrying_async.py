"""The verbs of `Carrying` for asyncio, one thread hop each; progress is told in the worker thread."""

import asyncio
import os
from typing import Unpack

from lamina.core.heads import Head
from lamina.core.reports import Backup, Progress
from lamina.core.scope import ScopeKeys
from lamina.verbs.carrying import Carrying


class AsyncCarrying:
    """See `Carrying`, whose verbs these are."""

    _memory: Carrying

    async def head(self, **scope: Unpack[ScopeKeys]) -> Head:
        """See `Memory.head`."""
        return await asyncio.to_thread(self._memory.head, **scope)

    async def backup(
        self, path: str | os.PathLike[str], *, overwrite: bool = False, on_progress: Progress | None = None
    ) -> Backup:
        """See `Memory.backup`."""
        return await asyncio.to_thread(self._memory.backup, path, overwrite=overwrite, on_progress=on_progress)
