"""Verbs that say what may become of records: legal holds, and the audit trail of what was done on such accounts."""

from collections.abc import Sequence
from typing import Unpack

from lamina.core.directives import AuditEntry, Directive, DirectiveKind, Hold, plain_filters
from lamina.core.errors import InvalidArgument
from lamina.core.filter_shapes import Filters
from lamina.core.grant import Granted
from lamina.core.records import Json
from lamina.core.scope import Scope, ScopeKeys
from lamina.core.text import MOST_NAMED, checked_count, checked_id, checked_name, checked_text
from lamina.flows import holds as holds_flow
from lamina.flows.intake import read_asked
from lamina.verbs.opened import Opened

#: The longest reason, in characters.
MOST_REASON = 10_000
#: More than there can be.
MOST_IDS = 2**53


class Governing(Opened):
    """The verbs by which holds are placed and lifted, and the audit trail is read."""

    def place_hold(
        self,
        reason: str,
        *,
        record_ids: Sequence[str] | None = None,
        session: str | None = None,
        filters: Filters | None = None,
        by: str | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Hold:
        """Place a legal hold: until it is lifted, what it covers is neither erased nor forgotten, whoever asks.

        It covers records of the caller's own wall: those named, those of a session, those of which any revision is
        what `filters` ask for (also of what is added later), or, where none of these is said, all. A document is
        covered as a whole. `by` says who places it.

        Raises:
            NotFound: no such record in the caller's own wall.
            InvalidArgument: no reason, more than one way to say what it covers, a filter that cannot be meant.
        """
        if sum(part is not None for part in (record_ids, session, filters)) > 1:
            raise InvalidArgument("record_ids", "`session` and `filters` are said together", "name one of the three")
        body: dict[str, Json] = {"reason": _reason(reason)}
        if record_ids is not None:
            body["record_ids"] = list(_ids(record_ids))
        if session is not None:
            filters = {"session": checked_name(session, argument="session")}
        granted = self._granted(scope)
        directive = self._directive(DirectiveKind.HOLD, body, filters=filters, by=by, scope=granted)
        return holds_flow.place_hold(self._opened(), directive, scope=granted, clock=self._clock)

    def lift_hold(self, hold_id: int, **scope: Unpack[ScopeKeys]) -> None:
        """Lift a legal hold of the caller's own wall; its words go, and that it stood stays in the audit trail.

        Raises:
            NotFound: no such hold there.
        """
        checked_count(hold_id, argument="hold_id", most=MOST_IDS)
        holds_flow.lift_hold(self._opened(), hold_id, scope=self._granted(scope), clock=self._clock)

    def holds(self, **scope: Unpack[ScopeKeys]) -> tuple[Hold, ...]:
        """Give the legal holds that stand on the caller's own wall, the oldest first."""
        granted = self._granted(scope)
        with self._opened().read() as reading:
            return tuple(map(Hold.of, reading.directives((DirectiveKind.HOLD,), wall=granted)))

    def audit(self, *, limit: int | None = None, **scope: Unpack[ScopeKeys]) -> tuple[AuditEntry, ...]:
        """Give the audit trail of the caller's own wall, oldest first; `limit` leaves the last so many.

        What was laid down and lifted, erased and refused: numbers and ids, no words.

        Raises:
            InvalidArgument: a limit that is not positive.
        """
        if limit is not None:
            checked_count(limit, argument="limit", most=MOST_IDS)
        granted = self._granted(scope)
        with self._opened().read() as reading:
            return tuple(reading.audited(wall=granted, limit=limit))

    def _directive(
        self,
        kind: DirectiveKind,
        body: dict[str, Json],
        *,
        filters: Filters | None,
        by: str | None,
        scope: Granted[Scope],
    ) -> Directive:
        """Give a directive that can be laid down.

        Raises:
            InvalidArgument: a filter that cannot be meant, or a name that is none.
        """
        read_asked(filters, timezone=None)
        kept = plain_filters(filters)
        return Directive(
            kind=kind,
            scope=scope.value,
            body=body if kept is None else {**body, "filters": kept},
            by=None if by is None else checked_name(by, argument="by"),
            placed_at=self._clock.now(),
        )


def _reason(reason: object) -> str:
    text = checked_text(reason, argument="reason")
    if len(text) > MOST_REASON:
        raise InvalidArgument("reason", f"has {len(text)} characters", f"give at most {MOST_REASON}")
    return text


def _ids(record_ids: Sequence[str]) -> tuple[str, ...]:
    if isinstance(record_ids, str) or not record_ids:
        raise InvalidArgument("record_ids", "is no list of ids", "give a list with one id at least")
    if len(record_ids) > MOST_NAMED:
        raise InvalidArgument("record_ids", f"names {len(record_ids)}", f"name at most {MOST_NAMED:,} at once")
    return tuple(dict.fromkeys(map(checked_id, record_ids)))
