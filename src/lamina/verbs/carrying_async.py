"""The verbs of `Carrying` for asyncio, one thread hop each; progress is told in the worker thread."""

import asyncio
import os
from typing import Unpack

from lamina.core.heads import Head
from lamina.core.receipts import Receipt
from lamina.core.reports import Backup, Progress
from lamina.core.scope import ScopeKeys
from lamina.core.snapshots import Snapshot
from lamina.verbs.carrying import Carrying


class AsyncCarrying:
    """See `Carrying`, whose verbs these are."""

    _memory: Carrying

    async def snapshot(self, name: str, **scope: Unpack[ScopeKeys]) -> Snapshot:
        """See `Memory.snapshot`."""
        return await asyncio.to_thread(self._memory.snapshot, name, **scope)

    async def snapshots(self, **scope: Unpack[ScopeKeys]) -> tuple[Snapshot, ...]:
        """See `Memory.snapshots`."""
        return await asyncio.to_thread(self._memory.snapshots, **scope)

    async def drop_snapshot(self, name: str, *, erase: bool = False, **scope: Unpack[ScopeKeys]) -> None:
        """See `Memory.drop_snapshot`."""
        await asyncio.to_thread(self._memory.drop_snapshot, name, erase=erase, **scope)

    async def rollback(
        self, to: str | int, *, on_progress: Progress | None = None, **scope: Unpack[ScopeKeys]
    ) -> Receipt:
        """See `Memory.rollback`."""
        return await asyncio.to_thread(self._memory.rollback, to, on_progress=on_progress, **scope)

    async def head(self, **scope: Unpack[ScopeKeys]) -> Head:
        """See `Memory.head`."""
        return await asyncio.to_thread(self._memory.head, **scope)

    async def backup(
        self, path: str | os.PathLike[str], *, overwrite: bool = False, on_progress: Progress | None = None
    ) -> Backup:
        """See `Memory.backup`."""
        return await asyncio.to_thread(self._memory.backup, path, overwrite=overwrite, on_progress=on_progress)
