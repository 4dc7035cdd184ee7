"""The verbs of `Carrying` for asyncio, one thread hop each; progress is told in the worker thread."""

import asyncio
import os
from typing import BinaryIO, Unpack

from lamina.core.entries import Exported, Loaded
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

    async def export(
        self,
        to: str | os.PathLike[str] | BinaryIO,
        *,
        markdown: bool = False,
        is_whole_file: bool = False,
        overwrite: bool = False,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Exported:
        """See `Memory.export`."""
        return await asyncio.to_thread(
            self._memory.export,
            to,
            markdown=markdown,
            is_whole_file=is_whole_file,
            overwrite=overwrite,
            on_progress=on_progress,
            **scope,
        )

    async def load(self, source: str | os.PathLike[str] | BinaryIO, *, on_progress: Progress | None = None) -> Loaded:
        """See `Memory.load`."""
        return await asyncio.to_thread(self._memory.load, source, on_progress=on_progress)
