"""The timeline: sessions with their events, by first known time, else by arrival."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from lamina.core.clocks import PRESENT, Clocks
from lamina.core.errors import DamagedFile
from lamina.core.grant import Granted
from lamina.core.protocols import Store
from lamina.core.records import EventSpan, Record, SessionSpan
from lamina.core.rows import Place
from lamina.core.scope import Scope
from lamina.flows.past import as_said


def timeline(
    store: Store, *, scope: Granted[Scope], session: str | None, clocks: Clocks = PRESENT
) -> tuple[SessionSpan, ...]:
    """Give the sessions that `scope` sees, or the one named `session`, with their events, by these clocks.

    Raises:
        DamagedFile: something has a place and no record.
    """
    with store.read() as reading:
        if clocks.are_set:
            places = reading.places_then(clocks, scope=scope, session=session)
        else:
            places = reading.places(scope=scope, session=session)
        grouped = _grouped(places)
        first = [members[0].record_id for events in grouped for members in events]
        openings = as_said(reading, reading.get(first, scope=scope).values(), clocks, scope=scope)
    for record_id in first:
        if record_id not in openings:
            raise DamagedFile(f"{record_id} has a place and no record; restore the file from a backup")
    return tuple(_session(events, openings) for events in grouped)


def _grouped(places: Iterable[Place]) -> list[list[list[Place]]]:
    """Gather places, which come in the order of their sessions, into sessions and events."""
    sessions: dict[tuple[bool, str | None], dict[str | None, list[Place]]] = {}
    for place in places:
        events = sessions.setdefault((place.is_shared, place.session), {})
        events.setdefault(place.event_id, []).append(place)
    grouped = [list(events.values()) for events in sessions.values()]
    return sorted(grouped, key=_begin)


def _begin(events: list[list[Place]]) -> tuple[bool, float, int]:
    first = _first(place for members in events for place in members)
    arrived = min(place.arrived for members in events for place in members)
    return (first is None, 0.0 if first is None else first.timestamp(), arrived)


def _session(events: list[list[Place]], openings: dict[str, Record]) -> SessionSpan:
    """Give a session, whose moments are all shown in the zone in which it begins."""
    everything = [place for members in events for place in members]
    first = _first(everything)
    zone = None if first is None else first.tzinfo
    return SessionSpan(
        name=everything[0].session,
        first_at=first,
        last_at=_in_zone(_last(everything), zone),
        events=tuple(
            EventSpan(
                id=members[0].event_id or "",
                first_at=_in_zone(_first(members), zone),
                last_at=_in_zone(_last(members), zone),
                size=len(members),
                opening=openings[members[0].record_id],
            )
            for members in events
        ),
    )


def _first(places: Iterable[Place]) -> datetime | None:
    return min((place.at for place in places if place.at is not None), default=None)


def _last(places: Iterable[Place]) -> datetime | None:
    return max((place.at for place in places if place.at is not None), default=None)


def _in_zone(at: datetime | None, zone: tzinfo | None) -> datetime | None:
    return None if at is None else at.astimezone(zone)
