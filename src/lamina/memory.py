"""`Memory`: the verbs. Picks the parts, reads the settings, calls the flows, and nothing else.

Opening starts no thread and loads no model. What waits for encoding is encoded by the next read, by `flush`, or in
`add` where the settings say so. One `Memory` may be used by many threads; each process opens its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Unpack

from lamina.core.errors import NotFound
from lamina.core.explanation import Explanation
from lamina.core.filter_shapes import Filters
from lamina.core.grant import Granted
from lamina.core.imports import Imported, ImportRules
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Actor, HistoryEntry, LogQuery, Operation
from lamina.core.protocols import TokenCounter
from lamina.core.query import Context, Hits, Query, checked_kinds
from lamina.core.receipts import Added
from lamina.core.records import Metadata, Record, SessionSpan
from lamina.core.reports import Compaction, Progress, Reindexing, Report, Stats
from lamina.core.rows import Listing
from lamina.core.scope import Administration, Scope, ScopeKeys, scope_from
from lamina.core.text import checked_count, checked_id, checked_members, checked_name, counted
from lamina.flows import add as add_flow
from lamina.flows import encode as encode_flow
from lamina.flows import explain as explain_flow
from lamina.flows import imports as import_flow
from lamina.flows import recall as recall_flow
from lamina.flows import upkeep as upkeep_flow
from lamina.flows import verify as verify_flow
from lamina.flows.browse import Records, history
from lamina.flows.events import cut_anew
from lamina.flows.feed import Importable
from lamina.flows.intake import Addable, read_asked, read_intake, read_moment
from lamina.flows.opening import check_parts
from lamina.flows.pieces import Importing
from lamina.flows.publish import MOST_NEW, publish
from lamina.flows.timeline import timeline
from lamina.govern.access import grant
from lamina.ingest.messages import Defaults
from lamina.ingest.times import read_zone
from lamina.verbs.changing import Changing

OBSERVATIONS = (Kind.OBSERVATION,)


class Memory(Changing):
    """A hierarchical memory in one file, or in memory where no path is given.

    A context manager. Every verb takes a scope: `user_id=`, `agent_id=`, `run_id=`, `tenant_id=` or `scope=`; what
    is not named is the scope that the memory was opened with.
    """

    # ── writing ──────────────────────────────────────────────────────────────────────────────────

    def add(
        self,
        what: Addable,
        *,
        session: str | None = None,
        at: datetime | str | float | None = None,
        metadata: Metadata | None = None,
        external_id: str | None = None,
        timezone: tzinfo | str | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Added:
        """Store what was said, read or done, verbatim; durable when it returns, all of it or nothing.

        `what` is a text, a message (`{"role", "content", "name", "at", "external_id", "session", "metadata",
        "order"}`), a list of these, a `Document` or a `Trace`. The keywords are defaults for its messages. Without
        `at` a message is taken to be said now; `at="unknown"` says that only the order is known, which is also what
        a `Document` without a time means. `timezone` is the zone of times that have none.

        Raises:
            InvalidArgument: something that cannot be kept; the message names it.
            StoreBusy, StoreFull, StoreReadOnly: the file could not be written.
        """
        arguments = Defaults(
            session=session, at=at, metadata=metadata, external_id=external_id, timezone=timezone, now=self._clock.now()
        )
        store, granted = self._opened(), self._granted(scope)
        with self._watch.stage("read messages"):
            intake = read_intake(what, arguments, max_text_bytes=self.settings.max_text_bytes)
        with self._watch.stage("store"):
            added = add_flow.add(store, intake, scope=granted, clock=self._clock, rules=self._rules)
        if self.settings.encode == "inline":
            self._encode(granted)
        with self._watch.stage("keep indexes"):
            publish(self._indexes, store, walls=(granted.value.wall,), least=MOST_NEW)
        return added

    def import_messages(
        self,
        source: Importable,
        *,
        session: str | None = None,
        timezone: tzinfo | str | None = None,
        rules: ImportRules | None = None,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Imported:
        """Take in the messages of a file or stream once each, however often it is handed in or interrupted.

        `source` is a path, or what is open for reading: JSON, JSON lines, or lines of chat. It is checked whole before
        anything of it is stored; then each piece of it is durable. A message without a time has none (`unknown`).
        `on_progress(done, total)` is called with bytes; a file is read twice. See `docs/howto/import.md`.

        Raises:
            InvalidArgument: a source that cannot be read, or says something else than it did; the message names it.
            OSError: no such file, or no permission to read it.
            StoreBusy, StoreFull, StoreReadOnly: the file could not be written; the same call goes on where it stopped.
        """
        check_parts(rules=rules)
        importing = Importing(
            store=self._opened(),
            scope=self._granted(scope),
            clock=self._clock,
            events=self._rules,
            max_text_bytes=self.settings.max_text_bytes,
            session=None if session is None else checked_name(session, argument="session"),
            timezone=None if timezone is None else read_zone(timezone),
            rules=rules or ImportRules(),
            on_progress=on_progress,
        )
        imported = import_flow.import_messages(source, importing)
        if self.settings.encode == "inline":
            self._encode(importing.scope)
        return imported

    def flush(self, *, on_progress: Progress | None = None, **scope: Unpack[ScopeKeys]) -> int:
        """Encode everything that waits in the walls that the scope sees; gives how many texts that were.

        Walls whose events were cut by other settings are cut anew. `on_progress(done, total)` is called after each
        batch.
        """
        granted, store, rules, clock = self._granted(scope), self._opened(), self._rules, self._clock
        with self._indexes.written() as vectors:
            encode_flow.keep(store, self._encoder, vectors, rules=rules, clock=clock)
        count = self._encode(granted, on_progress)
        with self._watch.stage("cut events"):
            cut_anew(store, granted.value.visible_walls, rules=rules, clock=clock)
        with self._watch.stage("bring indexes up"), self._indexes.sight(store, scope=granted):
            pass
        with self._watch.stage("keep indexes"):
            publish(self._indexes, store, walls=granted.value.visible_walls)
        return count

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    def search(
        self,
        query: str,
        *,
        limit: int = 10,
        at: datetime | str | float | None = None,
        timezone: tzinfo | str | None = None,
        session: str | None = None,
        kinds: Sequence[Kind | str] = OBSERVATIONS,
        filters: Filters | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Hits:
        """Rank what the scope sees by how well it answers `query`, best first, at most `limit` hits.

        `at` is the moment of asking, now where it is not named: "yesterday" counts from it. `kinds` other than
        observations (`event`, `document`) are ranked by the best observation that they hold. `filters` leave the
        observations that are ranked, and change no score: where three are left, these are the answer, with those last
        that nothing of the question finds. `timezone` is the zone of times that have none, there too.

        Raises:
            InvalidArgument: a blank query, a limit outside 1 to 1,000, a naive time, an unknown kind, a filter that
                cannot be meant.
        """
        asked = Query(
            text=query,
            limit=limit,
            at=read_moment(at, timezone) or self._clock.now(),
            session=session,
            kinds=checked_kinds(kinds),
            filters=read_asked(filters, timezone=timezone),
        )
        return recall_flow.search(self._desk(), asked, scope=self._granted(scope))

    def recall(  # noqa: PLR0913  # each is a keyword of its own to those who ask
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
        **scope: Unpack[ScopeKeys],
    ) -> Context:
        """Pack the evidence that answers `query` into at most `budget_tokens`, in reading order, with citations.

        Where the memory does not seem to hold the answer, the context is empty and `abstained` is true, unless
        `abstain=False`; a number is the confidence that is asked for, 0 to 1. Tokens are the encoder's word pieces, or
        what `count_tokens` counts. `filters` are those of `search`. `timeline`: day by day; None = where it is asked.

        Raises:
            InvalidArgument: a blank query, a budget that is not positive, a naive time, a filter that cannot be meant.
        """
        packing = recall_flow.packing_of(
            budget_tokens=budget_tokens,
            abstain=abstain,
            count_tokens=count_tokens,
            timeline=timeline,
            usual=self._encoder.count_tokens,
        )
        asked = Query(
            text=query,
            limit=recall_flow.candidates(budget_tokens),
            at=read_moment(at, timezone) or self._clock.now(),
            session=session,
            filters=read_asked(filters, timezone=timezone),
        )
        return recall_flow.recall(self._desk(), asked, packing, scope=self._granted(scope))

    def explain(
        self,
        query: str,
        record_id: str | None = None,
        *,
        limit: int = 10,
        at: datetime | str | float | None = None,
        timezone: tzinfo | str | None = None,
        session: str | None = None,
        filters: Filters | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Explanation:
        """Say how `search` understands `query` and what makes the score of each hit, stage by stage.

        With `record_id` also of that observation: where it stands, and why it is not returned. The other keywords are
        those of `search`. Looks at every row closely, and so takes longer than a search.

        Raises:
            NotFound: no such record in the scope.
            InvalidArgument: as `search`; a record that is no observation.
        """
        asked = Query(
            text=query,
            limit=limit,
            at=read_moment(at, timezone) or self._clock.now(),
            session=session,
            filters=read_asked(filters, timezone=timezone),
        )
        name = None if record_id is None else checked_id(record_id)
        return explain_flow.explain(self._desk(), asked, record_id=name, scope=self._granted(scope))

    def get(self, record_id: str, **scope: Unpack[ScopeKeys]) -> Record:
        """Give the current revision of a record.

        Raises:
            NotFound: no such record in the scope.
        """
        with self._opened().read() as reading:
            record = reading.get([checked_id(record_id)], scope=self._granted(scope)).get(record_id)
        if record is None or record.state is State.ERASED:
            raise NotFound(record_id)
        return record

    def get_all(
        self,
        *,
        limit: int | None = None,
        after: str | None = None,
        session: str | None = None,
        kinds: Sequence[Kind | str] = OBSERVATIONS,
        filters: Filters | None = None,
        timezone: tzinfo | str | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Records:
        """Give the active records that the scope sees, in the order of arrival, page by page as they are asked for.

        `limit` None = all. The iterator's `cursor` handed in as `after` goes on where it stopped. `filters` are asked
        of the listed records themselves; `timezone` is the zone of their times that have none.

        Raises:
            InvalidArgument: a limit that is not positive, an unknown kind or cursor, a filter that cannot be meant.
        """
        if limit is not None:
            checked_count(limit, argument="limit", most=2**53)
        if session is not None:
            checked_name(session, argument="session")
        if after is not None:
            checked_name(after, argument="after")
        listing = Listing(kinds=checked_kinds(kinds), session=session, after=after)
        asked = read_asked(filters, timezone=timezone, kinds=listing.kinds)
        return Records(self._opened(), listing, scope=self._granted(scope), limit=limit, filters=asked)

    def history(self, record_id: str, **scope: Unpack[ScopeKeys]) -> tuple[HistoryEntry, ...]:
        """Give every operation on a record with its revision, oldest first.

        Raises:
            NotFound: no such record in the scope.
        """
        return history(self._opened(), checked_id(record_id), scope=self._granted(scope))

    def log(  # noqa: PLR0913  # each is a keyword of its own to those who ask
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
        """Give the operations of the caller's own wall on records that the scope sees, oldest first.

        Those that all of the keywords ask for; `since` and `until` are times of recording, `limit` leaves the last so
        many. An operation holds ids, states and hashes, and no words.

        Raises:
            InvalidArgument: an unknown action or actor, a number that is none, a naive time.
        """
        asked = LogQuery(
            numbers=counted(numbers, argument="numbers"),
            commits=counted(commit, argument="commit"),
            record_id=None if record_id is None else checked_id(record_id),
            actions=None if actions is None else checked_members(actions, Action, argument="actions"),
            actors=None if actors is None else checked_members(actors, Actor, argument="actors"),
            since=read_moment(since, timezone),
            until=read_moment(until, timezone),
            limit=None if limit is None else checked_count(limit, argument="limit", most=2**53),
        )
        with self._opened().read() as reading:
            return tuple(reading.logged(asked, scope=self._granted(scope)))

    def timeline(self, *, session: str | None = None, **scope: Unpack[ScopeKeys]) -> tuple[SessionSpan, ...]:
        """Give the sessions with their events: by first known time, else by arrival."""
        if session is not None:
            checked_name(session, argument="session")
        return timeline(self._opened(), scope=self._granted(scope), session=session)

    # ── upkeep ───────────────────────────────────────────────────────────────────────────────────

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

    def verify(self, *, repair: bool = False, on_progress: Progress | None = None) -> Report:
        """Check the whole file: integrity, log and hash chain, contents, states, provenance, offsets, events, indexes.

        With `repair` what is derived is made right where it is not; records and log are never touched.
        `on_progress(done, total)` is called after each wall.

        Raises:
            StoreReadOnly, StoreBusy, StoreFull: something is to be made right, and the file cannot be written.
        """
        scope, making = grant(Administration()), self._indexes.making
        rules, clock = self._rules, self._clock
        report = verify_flow.verify(self._opened(), making, scope=scope, rules=rules, on_progress=on_progress)
        found = report.findings if repair else ()
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
