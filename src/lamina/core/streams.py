"""Streams as a store gives them: what was said in one session, under one agent and run, in its order."""

from typing import NamedTuple

from lamina.core.scope import Scope

#: How many code points of a text say how it begins.
OPENING = 64


class Spot(NamedTuple):
    """Where an observation stands in its stream, for life."""

    #: The caller's order in the session, else the number of arrival.
    place: int
    arrived: int


#: Behind whatever stands in a stream.
BEHIND_ALL = Spot((1 << 63) - 1, (1 << 63) - 1)


class Touched(NamedTuple):
    """An observation about which something changed that events are cut by, and where it stands."""

    scope: Scope
    session: str | None
    spot: Spot


class StreamRow(NamedTuple):
    """One observation as events are cut by it, in its current revision, whatever its state."""

    record_id: str
    spot: Spot
    #: The event it lies in, so far.
    event_id: str | None
    at_us: int | None
    #: How long its text is in code points, and its first `OPENING`; nothing where it was erased.
    length: int
    opening: str
    is_active: bool
    #: Whether its text waits for a vector, and the vectors of its spans, in order.
    waits: bool
    vectors: tuple[bytes, ...]


class EventHead(NamedTuple):
    """The part of an event that stands before a spot."""

    size: int
    #: Its earliest-arrived observation; None where nothing stands there.
    first_id: str | None
    first_arrived: int


class EventSize(NamedTuple):
    """How many observations lie in an event, and whether one of them is active."""

    size: int
    is_active: bool
