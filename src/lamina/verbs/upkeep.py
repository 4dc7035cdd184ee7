"""Verbs about whole files: figures, scopes, checks, and what is derived made anew."""

from dataclasses import replace
from datetime import tzinfo
from typing import Unpack

from lamina.core.errors import InvalidArgument
from lamina.core.reports import Compaction, Progress, Reindexing, Report, Stats
from lamina.core.scope import Administration, ReadKeys, Scope, scope_from
from lamina.flows import upkeep as upkeep_flow
from lamina.flows import verify as verify_flow
from lamina.flows.intake import read_clocks
from lamina.flows.past import counts_then
from lamina.govern.access import grant
from lamina.verbs.opened import Opened


class Keeping(Opened):
    """The verbs of upkeep."""

    def stats(
        self, *, is_whole_file: bool = False, timezone: tzinfo | str | None = None, **scope: Unpack[ReadKeys]
    ) -> Stats:
        """Count what the scope sees, or with `is_whole_file=True` everything in the file.

        With `as_of` or `known_at` what was there then; vectors, operations and the index are those of now.

        Raises:
            InvalidArgument: such a time for the whole file, in whose walls different things were known.
        """
        clocks, keys = read_clocks(scope, timezone)
        if is_whole_file and clocks.are_set:
            raise InvalidArgument("is_whole_file", f"comes together with {clocks.told}", "ask scope by scope")
        seen = None if is_whole_file else scope_from(keys, default=self.scope)
        with self._opened().read() as reading:
            if seen is None:
                counts = reading.counts(scope=grant(Administration()))
            elif clocks.are_set:
                counts = counts_then(reading, clocks, scope=grant(seen))
            else:
                counts = reading.counts(scope=grant(seen))
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

    def verify(self, *, repair: bool = False, on_progress: Progress | None = None) -> Report:
        """Check the whole file: integrity, log and hash chain, contents, states, provenance, offsets, events, indexes.

        With `repair` what is derived is made right where it is not, and what it lacks is encoded by the next reads;
        records and log are never touched.
        `on_progress(done, total)` is called after each wall.

        Raises:
            StoreReadOnly, StoreBusy, StoreFull: something is to be made right, and the file cannot be written.
        """
        scope, making = grant(Administration()), self._indexes.making
        rules, clock = self._rules, self._clock
        report = verify_flow.verify(self._opened(), making, scope=scope, rules=rules, on_progress=on_progress)
        found = (*report.findings, *report.lacking) if repair else ()
        mended = upkeep_flow.mend(self._store, making, found, scope=scope, rules=rules, clock=clock)
        if mended:
            again = verify_flow.verify(self._store, making, scope=scope, rules=rules, on_progress=on_progress)
            report = replace(again, mended=mended)
        return report

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
