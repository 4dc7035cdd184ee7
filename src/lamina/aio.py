"""`AsyncMemory`: the verbs of `Memory` for asyncio, one thread hop each.

The engine is synchronous; every call runs in a worker thread, so that the loop never waits for disk or model. The
signatures are those of `Memory`; a test compares them, and tells one story through both.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, tzinfo
from itertools import islice
from types import TracebackType
from typing import Self, Unpack

from lamina.aio_governing import AsyncGoverning
from lamina.core.explanation import Explanation
from lamina.core.filter_shapes import Filters
from lamina.core.heads import Head
from lamina.core.imports import Imported, ImportRules
from lamina.core.layers import Kind
from lamina.core.operations import Action, Actor, HistoryEntry, Operation
from lamina.core.protocols import Encoder, TokenCounter
from lamina.core.query import Context, Hits
from lamina.core.receipts import Added, Receipt
from lamina.core.records import Metadata, Record, SessionSpan
from lamina.core.reports import Compaction, Progress, Reencoding, Reindexing, Report, Stats
from lamina.core.scope import ReadKeys, Scope, ScopeKeys
from lamina.core.time import Clock
from lamina.flows.browse import Records
from lamina.flows.feed import Importable
from lamina.flows.intake import Addable
from lamina.flows.past import PAGE
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.store.sqlite.keys import Key
from lamina.verbs.browsing import OBSERVATIONS
from lamina.verbs.carrying_async import AsyncCarrying


class AsyncRecords(AsyncIterator[Record]):
    """The records of a listing, read page by page in a worker thread; `cursor` says where to go on."""

    def __init__(self, records: Records) -> None:
        """Hand out `records`."""
        self._records = records
        self._ready: list[tuple[Record, str | None]] = []
        #: The cursor after the last record handed out; None before the first.
        self.cursor: str | None = records.cursor

    async def __anext__(self) -> Record:
        """Give the next record."""
        if not self._ready:
            self._ready = await asyncio.to_thread(self._turn)
        if not self._ready:
            raise StopAsyncIteration
        record, self.cursor = self._ready.pop(0)
        return record

    def _turn(self) -> list[tuple[Record, str | None]]:
        return [(record, self._records.cursor) for record in islice(self._records, PAGE)]


class AsyncMemory(AsyncCarrying, AsyncGoverning):
    """A hierarchical memory for asyncio; see `Memory`, whose verbs these are."""

    _memory: Memory

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        settings: Settings | None = None,
        scope: Scope | None = None,
        encoder: Encoder | None = None,
        clock: Clock | None = None,
        principal: str | None = None,
        key: Key | None = None,
    ) -> None:
        """Open the file at `path`; see `Memory`. Opening takes milliseconds and is done at once."""
        self._memory = Memory(
            path, settings=settings, scope=scope, encoder=encoder, clock=clock, principal=principal, key=key
        )

    async def __aenter__(self) -> Self:
        """Give the memory itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the memory."""
        await self.close()

    @property
    def settings(self) -> Settings:
        """The settings that it was opened with."""
        return self._memory.settings

    @property
    def scope(self) -> Scope:
        """The scope of calls that name none."""
        return self._memory.scope

    @property
    def notes(self) -> tuple[str, ...]:
        """See `Memory.notes`."""
        return self._memory.notes

    async def add(  # those of Memory
        self,
        what: Addable,
        *,
        session: str | None = None,
        at: datetime | str | float | None = None,
        metadata: Metadata | None = None,
        external_id: str | None = None,
        timezone: tzinfo | str | None = None,
        sensitivity: str | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Added:
        """See `Memory.add`."""
        return await asyncio.to_thread(
            self._memory.add,
            what,
            session=session,
            at=at,
            metadata=metadata,
            external_id=external_id,
            timezone=timezone,
            sensitivity=sensitivity,
            **scope,
        )

    async def import_messages(
        self,
        source: Importable,
        *,
        session: str | None = None,
        timezone: tzinfo | str | None = None,
        sensitivity: str | None = None,
        rules: ImportRules | None = None,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Imported:
        """See `Memory.import_messages`; `on_progress` is called in the worker thread."""
        return await asyncio.to_thread(
            self._memory.import_messages,
            source,
            session=session,
            timezone=timezone,
            sensitivity=sensitivity,
            rules=rules,
            on_progress=on_progress,
            **scope,
        )

    async def update(  # noqa: PLR0913  # those of Memory
        self,
        record_id: str | None = None,
        *,
        filters: Filters | None = None,
        text: str | None = None,
        speaker: str | None = None,
        at: datetime | str | float | None = None,
        metadata: Metadata | None = None,
        sensitivity: str | None = None,
        timezone: tzinfo | str | None = None,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Receipt:
        """See `Memory.update`; `on_progress` is called in the worker thread, there and below."""
        return await asyncio.to_thread(
            self._memory.update,
            record_id,
            filters=filters,
            text=text,
            speaker=speaker,
            at=at,
            metadata=metadata,
            sensitivity=sensitivity,
            timezone=timezone,
            on_progress=on_progress,
            **scope,
        )

    async def delete(
        self,
        record_id: str | None = None,
        *,
        filters: Filters | None = None,
        timezone: tzinfo | str | None = None,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Receipt:
        """See `Memory.delete`."""
        return await asyncio.to_thread(
            self._memory.delete, record_id, filters=filters, timezone=timezone, on_progress=on_progress, **scope
        )

    async def delete_all(self, *, on_progress: Progress | None = None, **scope: Unpack[ScopeKeys]) -> Receipt:
        """See `Memory.delete_all`."""
        return await asyncio.to_thread(self._memory.delete_all, on_progress=on_progress, **scope)

    async def restore(
        self,
        record_id: str | None = None,
        *,
        filters: Filters | None = None,
        timezone: tzinfo | str | None = None,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Receipt:
        """See `Memory.restore`."""
        return await asyncio.to_thread(
            self._memory.restore, record_id, filters=filters, timezone=timezone, on_progress=on_progress, **scope
        )

    async def revert(
        self,
        operations: int | range | Receipt | None = None,
        *,
        commit: int | Sequence[int] | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Receipt:
        """See `Memory.revert`."""
        return await asyncio.to_thread(self._memory.revert, operations, commit=commit, **scope)

    async def erase(
        self,
        record_id: str | None = None,
        *,
        filters: Filters | None = None,
        all: bool = False,  # noqa: A002  # as in Memory
        timezone: tzinfo | str | None = None,
        wait: bool = True,
        destroy_key: bool = False,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Receipt:
        """See `Memory.erase`."""
        return await asyncio.to_thread(
            self._memory.erase,
            record_id,
            filters=filters,
            all=all,
            timezone=timezone,
            wait=wait,
            destroy_key=destroy_key,
            on_progress=on_progress,
            **scope,
        )

    async def flush(self, *, on_progress: Progress | None = None, **scope: Unpack[ScopeKeys]) -> int:
        """See `Memory.flush`; `on_progress` is called in the worker thread."""
        return await asyncio.to_thread(self._memory.flush, on_progress=on_progress, **scope)

    async def search(
        self,
        query: str,
        *,
        limit: int = 10,
        at: datetime | str | float | None = None,
        timezone: tzinfo | str | None = None,
        session: str | None = None,
        kinds: Sequence[Kind | str] = OBSERVATIONS,
        filters: Filters | None = None,
        **scope: Unpack[ReadKeys],
    ) -> Hits:
        """See `Memory.search`."""
        return await asyncio.to_thread(
            self._memory.search,
            query,
            limit=limit,
            at=at,
            timezone=timezone,
            session=session,
            kinds=kinds,
            filters=filters,
            **scope,
        )

    async def recall(  # noqa: PLR0913  # those of Memory
        self,
        query: str,
        *,
        budget_tokens: int = 2000,
        at: datetime | str | float | None = None,
        timezone: tzinfo | str | None = None,
        session: str | None = None,
        filters: Filters | None = None,
        abstain: bool | float = True,
        count_tokens: TokenCounter | None = None,
        timeline: bool | None = None,
        **scope: Unpack[ReadKeys],
    ) -> Context:
        """See `Memory.recall`."""
        return await asyncio.to_thread(
            self._memory.recall,
            query,
            budget_tokens=budget_tokens,
            at=at,
            timezone=timezone,
            session=session,
            filters=filters,
            abstain=abstain,
            count_tokens=count_tokens,
            timeline=timeline,
            **scope,
        )

    async def explain(
        self,
        query: str,
        record_id: str | None = None,
        *,
        limit: int = 10,
        at: datetime | str | float | None = None,
        timezone: tzinfo | str | None = None,
        session: str | None = None,
        filters: Filters | None = None,
        **scope: Unpack[ReadKeys],
    ) -> Explanation:
        """See `Memory.explain`."""
        return await asyncio.to_thread(
            self._memory.explain,
            query,
            record_id,
            limit=limit,
            at=at,
            timezone=timezone,
            session=session,
            filters=filters,
            **scope,
        )

    async def get(self, record_id: str, *, timezone: tzinfo | str | None = None, **scope: Unpack[ReadKeys]) -> Record:
        """See `Memory.get`."""
        return await asyncio.to_thread(self._memory.get, record_id, timezone=timezone, **scope)

    def get_all(
        self,
        *,
        limit: int | None = None,
        after: str | None = None,
        session: str | None = None,
        kinds: Sequence[Kind | str] = OBSERVATIONS,
        filters: Filters | None = None,
        timezone: tzinfo | str | None = None,
        **scope: Unpack[ReadKeys],
    ) -> AsyncRecords:
        """See `Memory.get_all`; gives an asynchronous iterator."""
        return AsyncRecords(
            self._memory.get_all(
                limit=limit, after=after, session=session, kinds=kinds, filters=filters, timezone=timezone, **scope
            )
        )

    async def history(self, record_id: str, **scope: Unpack[ScopeKeys]) -> tuple[HistoryEntry, ...]:
        """See `Memory.history`."""
        return await asyncio.to_thread(self._memory.history, record_id, **scope)

    async def log(  # noqa: PLR0913  # those of Memory
        self,
        *,
        numbers: int | Sequence[int] | None = None,
        commit: int | Sequence[int] | None = None,
        record_id: str | None = None,
        actions: Sequence[Action | str] | None = None,
        actors: Sequence[Actor | str] | None = None,
        since: datetime | str | float | None = None,
        until: datetime | str | float | None = None,
        timezone: tzinfo | str | None = None,
        limit: int | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> tuple[Operation, ...]:
        """See `Memory.log`."""
        return await asyncio.to_thread(
            self._memory.log,
            numbers=numbers,
            commit=commit,
            record_id=record_id,
            actions=actions,
            actors=actors,
            since=since,
            until=until,
            timezone=timezone,
            limit=limit,
            **scope,
        )

    async def timeline(
        self, *, session: str | None = None, timezone: tzinfo | str | None = None, **scope: Unpack[ReadKeys]
    ) -> tuple[SessionSpan, ...]:
        """See `Memory.timeline`."""
        return await asyncio.to_thread(self._memory.timeline, session=session, timezone=timezone, **scope)

    async def stats(
        self, *, is_whole_file: bool = False, timezone: tzinfo | str | None = None, **scope: Unpack[ReadKeys]
    ) -> Stats:
        """See `Memory.stats`."""
        return await asyncio.to_thread(self._memory.stats, is_whole_file=is_whole_file, timezone=timezone, **scope)

    async def scopes(self) -> list[Scope]:
        """See `Memory.scopes`."""
        return await asyncio.to_thread(self._memory.scopes)

    async def verify(
        self,
        *,
        repair: bool = False,
        heads: Sequence[Head | str] = (),
        resume: str | os.PathLike[str] | None = None,
        on_progress: Progress | None = None,
    ) -> Report:
        """See `Memory.verify`; `on_progress` is called in another thread."""
        return await asyncio.to_thread(
            self._memory.verify, repair=repair, heads=heads, resume=resume, on_progress=on_progress
        )

    async def reindex(self, *, on_progress: Progress | None = None) -> Reindexing:
        """See `Memory.reindex`; `on_progress` is called in another thread."""
        return await asyncio.to_thread(self._memory.reindex, on_progress=on_progress)

    async def reencode(self, to: str | Encoder, *, on_progress: Progress | None = None) -> Reencoding:
        """See `Memory.reencode`; `on_progress` is called in another thread."""
        return await asyncio.to_thread(self._memory.reencode, to, on_progress=on_progress)

    async def rotate_key(self, key: Key) -> int:
        """See `Memory.rotate_key`."""
        return await asyncio.to_thread(self._memory.rotate_key, key)

    async def compact(self, *, on_progress: Progress | None = None) -> Compaction:
        """See `Memory.compact`; `on_progress` is called in another thread."""
        return await asyncio.to_thread(self._memory.compact, on_progress=on_progress)

    async def close(self) -> None:
        """See `Memory.close`."""
        await asyncio.to_thread(self._memory.close)
