"""Verbs that look at what is there without a question: records, their history, the log, time."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Unpack

from lamina.core.errors import NotFound
from lamina.core.filter_shapes import Filters
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Actor, HistoryEntry, LogQuery, Operation
from lamina.core.query import checked_kinds
from lamina.core.records import Record, SessionSpan
from lamina.core.rows import Listing
from lamina.core.scope import ReadKeys, Scope, ScopeKeys
from lamina.core.text import checked_count, checked_id, checked_members, checked_name, counted
from lamina.flows.browse import Records, history
from lamina.flows.intake import read_asked, read_clocks, read_moment
from lamina.flows.past import as_said
from lamina.flows.timeline import timeline
from lamina.verbs.opened import Opened

OBSERVATIONS = (Kind.OBSERVATION,)


class Browsing(Opened):
    """The verbs that read."""

    def get(self, record_id: str, *, timezone: tzinfo | str | None = None, **scope: Unpack[ReadKeys]) -> Record:
        """Give the current revision of a record; with `as_of` or `known_at` the one that it was, in its state then.

        Raises:
            NotFound: no such record in the scope, or nothing of it yet by these clocks.
        """
        clocks, granted = self._looking(scope, timezone, record_id=checked_id(record_id), may_mask=True)
        with self._opened().read() as reading:
            found = reading.get([record_id], scope=granted)
            there = [record for record in found.values() if record.state is not State.ERASED]
            record = as_said(reading, there, clocks, scope=granted).get(record_id)
        if record is None:
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
        **scope: Unpack[ReadKeys],
    ) -> Records:
        """Give the active records that the scope sees, in the order of arrival, page by page as they are asked for.

        `limit` None = all. The iterator's `cursor` handed in as `after` goes on where it stopped. `filters` are asked
        of the listed records themselves; `timezone` is the zone of times that have none. With `as_of` or `known_at`
        those that were active then, as they were. Whether the principal of the call may look is asked for each page.

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
        clocks, keys = read_clocks(scope, timezone)
        self._seen(keys)

        def see() -> Granted[Scope]:
            return self._visible(keys, may_mask=True)

        return Records(self._opened(), listing, see=see, limit=limit, filters=asked, clocks=clocks)

    def history(self, record_id: str, **scope: Unpack[ScopeKeys]) -> tuple[HistoryEntry, ...]:
        """Give every operation on a record with its revision, oldest first.

        Raises:
            NotFound: no such record in the scope.
        """
        granted = self._seen(scope, record_id=checked_id(record_id), may_mask=True)
        return history(self._opened(), record_id, scope=granted)

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
            since=read_moment(since, timezone, argument="since"),
            until=read_moment(until, timezone, argument="until"),
            limit=None if limit is None else checked_count(limit, argument="limit", most=2**53),
        )
        granted = self._seen(scope)
        with self._opened().read() as reading:
            return tuple(reading.logged(asked, scope=granted))

    def timeline(
        self, *, session: str | None = None, timezone: tzinfo | str | None = None, **scope: Unpack[ReadKeys]
    ) -> tuple[SessionSpan, ...]:
        """Give the sessions with their events: by first known time, else by arrival.

        With `as_of` or `known_at` of what was there then, in the events in which it lies now.
        """
        if session is not None:
            checked_name(session, argument="session")
        clocks, granted = self._looking(scope, timezone, may_mask=True)
        return timeline(self._opened(), scope=granted, session=session, clocks=clocks)
