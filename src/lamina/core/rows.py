"""Rows: what crosses the seam to a store, beside records and operations."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from lamina.core.filters import Field
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.records import Record
from lamina.core.scope import Wall


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Which records a page shows, in the order of arrival, and where it goes on."""

    kinds: tuple[Kind, ...] = (Kind.OBSERVATION,)
    states: tuple[State, ...] = (State.ACTIVE,)
    #: Only this session; None = all.
    session: str | None = None
    #: Go on after this cursor (see `Page`); None = from the beginning.
    after: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Records in the order of arrival, and after each the cursor at which a listing goes on."""

    records: tuple[Record, ...]
    cursors: tuple[str, ...]


class Place(NamedTuple):
    """Where an active observation stands, for the timeline."""

    record_id: str
    is_shared: bool
    session: str | None
    event_id: str | None
    at: datetime | None
    #: The caller's order in the session, else the number of arrival.
    place: int
    arrived: int


class WallEnd(NamedTuple):
    """How far a wall has come; what an index compares itself with."""

    #: The last operation.
    number: int
    #: The last vector that was stored in the wall; 0 = none.
    vector_number: int
    #: How many active texts have no vector.
    waiting: int
    #: Grows by each revision that is erased, and where indexes are to be built anew: one of an earlier epoch is not to
    #: be read as it is.
    epoch: int
    #: The name of the rules by which all its events are cut; empty = by several, or not known.
    rules: str = ""


class IndexRow(NamedTuple):
    """One revision of an observation as an index takes it in."""

    record_id: str
    revision: int
    #: The operation that made this revision.
    number: int
    state: State
    #: The operation that ended its being active; None while it is.
    ended: int | None
    arrived: int
    #: The session, as a number of the file; 0 = none.
    session: int
    session_name: str | None
    order: int
    #: The event it lies in, by the operation that made it; 0 = none.
    event: int
    at_us: int | None
    #: Of that time's own zone, east positive.
    at_offset_s: int
    kind: str
    layer: str
    modality: str
    speaker: str | None
    role: str | None
    agent: str | None
    run: str | None
    #: JSON; None = nothing.
    metadata: str | None
    text: str


#: What filters ask for and an index row does not carry.
FIELDS_APART = (Field.RECORDED_AT, Field.EXTERNAL_ID, Field.TEXT, Field.SENSITIVITY)


class VectorRow(NamedTuple):
    """One stored vector as an index takes it in."""

    #: Grows with every vector that is stored: where the next look goes on.
    vector_number: int
    #: The operation that made the revision.
    number: int
    start: int
    end: int
    values: bytes


class TokenRow(NamedTuple):
    """The packed token vectors of one span of a revision's text."""

    #: The operation that made the revision.
    number: int
    start: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A text that has no vector yet."""

    record_id: str
    revision: int
    wall: Wall
    #: The operation that made the revision.
    number: int
    #: What is read before it: see `records.prefix_of`.
    prefix: str | None
    text: str


class Segment(NamedTuple):
    """One part of a wall's index as it is kept: derived, and never the only copy of anything."""

    #: What the part holds, by the index's own names.
    part: str
    ordinal: int
    #: The last operation, or vector, that it holds.
    covers: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much there is in what a scope sees, or in the whole file."""

    #: Current records by kind and state, such as {"observation": {"active": 3}}.
    records: dict[str, dict[str, int]]
    revisions: int
    sessions: int
    operations: int
    commits: int
    vectors: int
    waiting: int
    text_bytes: int


#: The check that finds what derived data lacks: nothing is wrong by it, and a search does without it.
LACKING = "lacking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that `verify` found wrong."""

    check: str
    #: The wall, record or file part that it is about.
    where: str
    problem: str
