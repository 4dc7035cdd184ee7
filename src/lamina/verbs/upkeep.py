"""Verbs about whole files: figures, scopes, checks, and what is derived made anew."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Unpack

from lamina.core.grant import Granted
from lamina.core.heads import Head
from lamina.core.reports import Compaction, Progress, Reindexing, Report, Stats
from lamina.core.scope import Administration, Scope, ScopeKeys, scope_from
from lamina.flows import upkeep as upkeep_flow
from lamina.flows import verify as verify_flow
from lamina.flows.log_heads import read_heads, with_heads
from lamina.govern.access import grant
from lamina.verbs.opened import Opened


class Keeping(Opened):
    """The verbs of upkeep."""

    def stats(self, *, is_whole_file: bool = False, **scope: Unpack[ScopeKeys]) -> Stats:
        """Count what the scope sees, or with `is_whole_file=True` everything in the file."""
        seen = None if is_whole_file else scope_from(scope, default=self.scope)
        granted: Granted[Scope] | Granted[Administration] = grant(Administration()) if seen is None else grant(seen)
        with self._opened().read() as reading:
            counts = reading.counts(scope=granted)
        return Stats(
            scope=seen,
            counts=counts,
            encoder=self._encoder.identity,
            index=self._indexes.stats(),
            file_bytes=self._store.file_bytes(),
            disk_bytes=self._store.disk_bytes() if is_whole_file else {},
            times=self._watch.sums(),
            notes=self.notes,
        )

    def scopes(self) -> list[Scope]:
        """List every scope of the file that holds a record."""
        with self._opened().read() as reading:
            return reading.scopes(scope=grant(Administration()))

    def verify(
        self, *, repair: bool = False, heads: Sequence[Head | str] = (), on_progress: Progress | None = None
    ) -> Report:
        """Check the whole file: integrity, log and hash chain, contents, states, provenance, offsets, events, indexes.

        With `repair` what is derived is made right where it is not; records and log are never touched. `heads` are
        what `head()` gave at some time, or its JSON: each has to stand in its log still. `on_progress(done, total)` is
        called after each wall.

        Raises:
            InvalidArgument: something else than heads.
            StoreReadOnly, StoreBusy, StoreFull: something is to be made right, and the file cannot be written.
        """
        scope, making = grant(Administration()), self._indexes.making
        rules, clock, wanted = self._rules, self._clock, read_heads(heads)
        report = verify_flow.verify(self._opened(), making, scope=scope, rules=rules, on_progress=on_progress)
        found = report.findings if repair else ()
        mended = upkeep_flow.mend(self._store, making, found, scope=scope, rules=rules, clock=clock)
        if mended:
            again = verify_flow.verify(self._store, making, scope=scope, rules=rules, on_progress=on_progress)
            report = replace(again, mended=mended)
        return with_heads(report, self._store, wanted, scope=scope)

    def reindex(self, *, on_progress: Progress | None = None) -> Reindexing:
        """Make events and index of every wall anew, from the records, and encode what lacks token vectors for these.

        `on_progress(done, total)` counts walls and such texts, which may take long.
        """
        store, making, scope = self._opened(), self._indexes.making, grant(Administration())
        rules, clock, encoder = self._rules, self._clock, self._encoder
        return upkeep_flow.reindex(
            store, making, scope=scope, rules=rules, clock=clock, encoder=encoder, on_progress=on_progress
        )

    def compact(self, *, on_progress: Progress | None = None) -> Compaction:
        """Keep every wall's index as it is now, and make the file as small as what it holds; writers wait meanwhile.

        Raises:
            StoreReadOnly, StoreBusy, StoreFull: the file cannot be written anew; it is as it was.
        """
        indexes = self._indexes
        return upkeep_flow.compact(self._opened(), indexes, scope=grant(Administration()), on_progress=on_progress)
