"""Verbs about whole files: figures, scopes, checks, and what is derived made anew."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import Unpack

from lamina.core.errors import InvalidArgument
from lamina.core.heads import Head
from lamina.core.protocols import Encoder
from lamina.core.reports import Compaction, Progress, Reencoding, Reindexing, Report, Stats
from lamina.core.scope import ReadKeys, Scope, scope_from
from lamina.flows import upkeep as upkeep_flow
from lamina.flows import verify as verify_flow
from lamina.flows.erase import scrub_if_free
from lamina.flows.events import cut_anew
from lamina.flows.intake import read_clocks
from lamina.flows.log_heads import read_heads, with_heads
from lamina.flows.opening import check_parts, fitted
from lamina.flows.reencode import reencode
from lamina.providers.registry import encoder_named
from lamina.store.sqlite.keys import Key, master_from
from lamina.verbs.opened import Opened


class Keeping(Opened):
    """The verbs of upkeep."""

    def stats(
        self, *, is_whole_file: bool = False, timezone: tzinfo | str | None = None, **scope: Unpack[ReadKeys]
    ) -> Stats:
        """Count what the scope sees, or with `is_whole_file=True` everything in the file.

        With `as_of` or `known_at` what was there then, with `known_at` the operations till then too; vectors and the
        index are those of now. A principal is told of the indexes of the walls that it sees alone, without what it
        does not see there; not what was done with them, how long anything took, or how large the file is.

        Raises:
            InvalidArgument: such a time for the whole file, in whose walls different things were known.
        """
        clocks, keys = read_clocks(scope, timezone)
        if is_whole_file and clocks.are_set:
            raise InvalidArgument("is_whole_file", f"comes together with {clocks.told}", "ask scope by scope")
        seen = None if is_whole_file else self._seen(keys)
        granted = self._administered(principal=keys.get("principal")) if seen is None else seen
        with self._opened().read() as reading:
            if seen is not None and clocks.are_set:
                counts = reading.counts_then(clocks, scope=seen)
            else:
                counts = reading.counts(scope=granted)
            is_owner = (keys.get("principal") or self.principal) is None
            index = self._indexes.stats() if seen is None or is_owner else self._indexes.stats_for(reading, scope=seen)
        return Stats(
            scope=None if seen is None else scope_from(keys, default=self.scope),
            counts=counts,
            encoder=self._encoder.identity,
            index=index,
            file_bytes=self._store.file_bytes() if is_owner else 0,
            disk_bytes=self._store.disk_bytes() if is_whole_file else {},
            times=self._watch.sums() if is_owner else {},
            notes=self.notes,
        )

    def scopes(self) -> list[Scope]:
        """List every scope of the file that holds a record."""
        administration = self._administered()
        with self._opened().read() as reading:
            return reading.scopes(scope=administration)

    def verify(
        self,
        *,
        repair: bool = False,
        heads: Sequence[Head | str] = (),
        resume: str | os.PathLike[str] | None = None,
        on_progress: Progress | None = None,
    ) -> Report:
        """Check the whole file: integrity, log and hash chain, contents, states, provenance, offsets, events, indexes.

        With `repair` what is derived is made right where it is not, and what it lacks is encoded by the next reads;
        records and log are never touched. `heads` are what `head()` gave at some time, or its JSON: each has to stand
        in its log still. `on_progress(done, total)` counts operations, each twice: in the log, and at its record.

        For a big file `resume` names a small file beside it, in which is kept every few seconds how far the check has
        come. Stopped at any point, the same call goes on there, and its report is that of one run; in the end the small
        file goes. What has changed meanwhile is checked anew.

        Raises:
            InvalidArgument: something else than heads; a `resume` at which something else stands.
            StoreUnavailable: `resume` cannot be written.
            StoreReadOnly, StoreBusy, StoreFull: something is to be made right, and the file cannot be written.
        """
        scope, making = self._administered(), self._indexes.making
        rules, clock, wanted = self._rules, self._clock, read_heads(heads)
        course = None if resume is None else Path(resume)
        report = verify_flow.verify(
            self._opened(), making, scope=scope, rules=rules, resume=course, on_progress=on_progress
        )
        found = (*report.findings, *report.lacking) if repair else ()
        mended = upkeep_flow.mend(self._store, making, found, scope=scope, rules=rules, clock=clock)
        if mended:
            again = verify_flow.verify(self._store, making, scope=scope, rules=rules, on_progress=on_progress)
            report = replace(again, mended=mended)
        return with_heads(report, self._store, wanted, scope=scope)

    def reindex(self, *, on_progress: Progress | None = None) -> Reindexing:
        """Make events and index of every wall anew, from the records, and encode what lacks token vectors for these.

        `on_progress(done, total)` counts walls and such texts, which may take long.
        """
        store, making, scope = self._opened(), self._indexes.making, self._administered()
        rules, clock, encoder = self._rules, self._clock, self._encoder
        return upkeep_flow.reindex(
            store, making, scope=scope, rules=rules, clock=clock, encoder=encoder, on_progress=on_progress
        )

    def reencode(self, to: str | Encoder, *, on_progress: Progress | None = None) -> Reencoding:
        """Change the encoder of the whole file in place: every text gets a vector of the encoder `to`, or by that name.

        Until the last has one, everybody goes on to search by the former vectors; then the file changes over at once,
        this memory with it, and the former vectors and events cut by them go. Others who have the file open get
        `EncoderMismatch` from then on, with the name to open it by. Stopped at any point, the same call goes on where
        it was; a call with the encoder that is searched by drops what was begun.

        Raises:
            UnknownEncoder, MissingExtra: no such encoder is installed.
            StoreReadOnly, StoreBusy, StoreFull: the file cannot be written; what is encoded by then is kept.
        """
        encoder = encoder_named(to) if isinstance(to, str) else to
        check_parts(encoder=encoder)
        store, administration = self._opened(), self._administered()
        parts = fitted(store, encoder, self.settings)

        def change_over() -> None:
            self._take(parts)

        done = reencode(store, parts.encoder, scope=administration, change_over=change_over, on_progress=on_progress)
        with store.read() as reading:
            walls = reading.walls(scope=administration)
        cut_anew(store, walls, rules=parts.rules, clock=self._clock)
        return done

    def compact(self, *, on_progress: Progress | None = None) -> Compaction:
        """Keep every wall's index as it is now, and make the file as small as what it holds; writers wait meanwhile.

        Raises:
            StoreReadOnly, StoreBusy, StoreFull: the file cannot be written anew; it is as it was.
        """
        indexes = self._indexes
        return upkeep_flow.compact(self._opened(), indexes, scope=self._administered(), on_progress=on_progress)

    def rotate_key(self, key: Key) -> int:
        """Have another key open the encrypted file: every wall's key is wrapped by it, all or none; gives how many.

        What is said is not sealed anew. Others who have the file open get `WrongKey` at their next call. A copy made
        before still opens with the former key. The bytes of what it wrapped go from the files as with `erase`.

        Raises:
            InvalidArgument: it is no key, or the file is not encrypted.
            StoreReadOnly, StoreBusy, StoreFull: the file cannot be written; it has the key that it had.
        """
        store = self._opened()
        count = store.rotate_key(master_from(key), scope=self._administered())
        scrub_if_free(store, clock=self._clock)
        return count
