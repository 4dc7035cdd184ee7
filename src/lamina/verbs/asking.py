"""Verbs that ask: what answers a question, and why."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Unpack

from lamina.core.clocks import Clocks
from lamina.core.explanation import Explanation
from lamina.core.filter_shapes import Filters
from lamina.core.layers import Kind
from lamina.core.protocols import TokenCounter
from lamina.core.query import Context, Hits, Query, checked_kinds
from lamina.core.scope import ReadKeys
from lamina.core.text import checked_id
from lamina.flows import explain as explain_flow
from lamina.flows import recall as recall_flow
from lamina.flows.intake import read_asked, read_moment
from lamina.ingest.times import read_zone
from lamina.verbs.browsing import OBSERVATIONS
from lamina.verbs.opened import Opened


class Asking(Opened):
    """The verbs that rank and pack."""

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
        **scope: Unpack[ReadKeys],
    ) -> Hits:
        """Rank what the scope sees by how well it answers `query`, best first, at most `limit` hits.

        `at` is the moment of asking; where it is not named, that of the clocks, else now: "yesterday" counts from it.
        `kinds` other than observations (`event`, `document`) are ranked by the best observation that they hold.
        `filters` leave the observations that are ranked, and change no score: where three are left, these are the
        answer, with those last that nothing of the question finds. `timezone` is the zone of times that have none,
        there too, and of now. `as_of` and `known_at` leave what held then, and what was known then; scores are those of
        now.

        Raises:
            InvalidArgument: a blank query, a limit outside 1 to 1,000, a naive time, an unknown kind, a filter that
                cannot be meant.
        """
        clocks, granted, desk = self._at_desk(scope, timezone)
        asked = Query(
            text=query,
            limit=limit,
            at=self._asked_at(at, timezone, clocks),
            session=session,
            kinds=checked_kinds(kinds),
            filters=read_asked(filters, timezone=timezone),
            clocks=clocks,
        )
        return recall_flow.search(desk, asked, scope=granted)

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
        **scope: Unpack[ReadKeys],
    ) -> Context:
        """Pack the evidence that answers `query` into at most `budget_tokens`, in reading order, with citations.

        Where the memory does not seem to hold the answer, the context is empty and `abstained` is true, unless
        `abstain=False`; a number is the confidence that is asked for, 0 to 1. Tokens are the encoder's word pieces, or
        what `count_tokens` counts. `filters`, `as_of` and `known_at` are those of `search`. `timeline`: day by day;
        None = where it is asked.

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
        clocks, granted, desk = self._at_desk(scope, timezone)
        asked = Query(
            text=query,
            limit=recall_flow.candidates(budget_tokens),
            at=self._asked_at(at, timezone, clocks),
            session=session,
            filters=read_asked(filters, timezone=timezone),
            clocks=clocks,
        )
        return recall_flow.recall(desk, asked, packing, scope=granted)

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
        **scope: Unpack[ReadKeys],
    ) -> Explanation:
        """Say how `search` understands `query` and what makes the score of each hit, stage by stage.

        With `record_id` also of that record: where it stands, and why it is not returned; an event or a document stands
        where the best observation that it holds does. The other keywords are those of `search`. Looks at every row
        closely, and so takes longer than a search.

        Raises:
            NotFound: no such record in the scope.
            InvalidArgument: as `search`; a record that holds nothing that is ranked.
        """
        clocks, granted, desk = self._at_desk(scope, timezone)
        asked = Query(
            text=query,
            limit=limit,
            at=self._asked_at(at, timezone, clocks),
            session=session,
            filters=read_asked(filters, timezone=timezone),
            clocks=clocks,
        )
        name = None if record_id is None else checked_id(record_id)
        return explain_flow.explain(desk, asked, record_id=name, scope=granted)

    def _asked_at(self, at: datetime | str | float | None, timezone: tzinfo | str | None, clocks: Clocks) -> datetime:
        """Give the moment of asking: the one that is named, else that of the clocks, else now.

        In `timezone` where it has no zone of its own: "today" is a day there.
        """
        moment = read_moment(at, timezone) or clocks.as_of or clocks.known_at
        if timezone is not None and (moment is None or isinstance(at, int | float)):
            return (moment or self._clock.now()).astimezone(read_zone(timezone))
        return moment or self._clock.now()
