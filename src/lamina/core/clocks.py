"""Two clocks: what a record said, as it was known at one moment, of another.

A revision holds in the world from its `valid_from` on, which for an observation is its `at`, else from when it was
recorded. One that took the place of another by an update lets the former hold for the time before: of the revisions
that stand, the newest that had begun is what the record said. An update that was taken back does not stand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from lamina.core.filters import And, Bound, Field, Filter, OneOf, Or, Order
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Operation
from lamina.core.records import Record
from lamina.core.time import checked_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Of when, and as known when; None = of whenever, and as known now."""

    #: Only what held in the world at this instant.
    as_of: datetime | None = None
    #: Only what was recorded at this instant or before, and stood then.
    known_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what is no instant.

        Raises:
            InvalidArgument: a naive time.
        """
        for name, moment in (("as_of", self.as_of), ("known_at", self.known_at)):
            if moment is not None:
                checked_instant(moment, argument=name)

    @property
    def are_set(self) -> bool:
        """Whether anything but the present is asked for."""
        return self.as_of is not None or self.known_at is not None

    @property
    def told(self) -> str:
        """The two in words."""
        named = [("as of", self.as_of), ("known at", self.known_at)]
        return ", ".join(f"{name} {moment.isoformat()}" for name, moment in named if moment is not None)


#: As it is, as far as it is known.
PRESENT = Clocks()


class Step(Protocol):
    """What is asked of an operation on a record; see `operations.Operation`."""

    @property
    def number(self) -> int:
        """Its number in the wall's log."""

    @property
    def action(self) -> Action:
        """What it does."""

    @property
    def revision(self) -> int:
        """The revision that it makes or moves."""

    @property
    def to_state(self) -> State:
        """The state to which it brings that."""

    @property
    def reverts(self) -> int | None:
        """The operation on this record before which it is again."""


#: When something begins: an instant, or microseconds.
Instant = TypeVar("Instant", datetime, int)


class Standing(NamedTuple):
    """What a record says between two operations on it: the revisions that stand, oldest first."""

    revisions: tuple[int, ...]
    #: Of the last of them.
    state: State


class Stay(NamedTuple):
    """A part of both clocks in which one revision is what its record says."""

    revision: int
    #: By the numbers of operations, from the first and before the second; None = still.
    known_from: int
    known_until: int | None
    #: In the world, likewise; None = no end. What holds without an end is the newest that stands.
    holds_from: datetime
    holds_until: datetime | None


def begin_of(record: Record) -> datetime:
    """Give when a revision that is stored begins to hold."""
    begin = record.valid_from or record.at or record.recorded_at
    if begin is None:
        raise ValueError(record.id)
    return begin


def begun_by(as_of: datetime) -> Filter:
    """Give what an observation is that begins to hold at `as_of` or before; see `begin_of`."""
    timeless = OneOf(subject=Field.AT, values=(), or_none=True)
    said, recorded = (Bound(subject=field, order=Order.LTE, value=as_of) for field in (Field.AT, Field.RECORDED_AT))
    return Or((said, And((timeless, recorded))))


def standings(operations: Sequence[Step]) -> list[Standing]:
    """Give what stands after each of a record's operations, which come oldest first."""
    found = [Standing((), State.WITHDRAWN)]
    places: dict[int, int] = {}
    seen: set[int] = set()
    for operation in operations:
        places[operation.number] = len(found) - 1
        before = found[-1]
        if operation.reverts is not None and (then := found[places[operation.reverts]]).revisions:
            found.append(then)
        else:
            found.append(_moved(before, operation, is_new=operation.revision not in seen))
        seen.add(operation.revision)
    return found[1:]


def stays(operations: Sequence[Operation], begins: Mapping[int, datetime]) -> list[Stay]:
    """Give the parts of both clocks in which each revision is what its record says.

    `begins` says when each revision begins to hold; one that has none, because it was erased, has no stay.
    """
    found: list[Stay] = []
    told = standings(operations)
    for place, (operation, standing) in enumerate(zip(operations, told, strict=True)):
        until = operations[place + 1].number if place + 1 < len(operations) else None
        if standing.state is not State.ACTIVE:
            continue
        ends: datetime | None = None
        for revision in reversed(standing.revisions):
            begin = begins.get(revision)
            if begin is not None and (ends is None or begin < ends):
                found.append(Stay(revision, operation.number, until, begin, ends))
                ends = begin
    return found


def said(operations: Sequence[Operation], begins: Mapping[int, datetime], clocks: Clocks) -> tuple[int, State] | None:
    """Give the revision that was what its record says by these clocks, and the state in which it was.

    None where the record was not there yet, or nothing of it had begun to hold.
    """
    known = [one for one in operations if clocks.known_at is None or one.recorded_at <= clocks.known_at]
    return said_after(known, begins, clocks.as_of)


def said_after(known: Sequence[Step], begins: Mapping[int, Instant], as_of: Instant | None) -> tuple[int, State] | None:
    """Give that of the operations that were known, by when each revision begins to hold; `as_of` None = whenever."""
    if not known:
        return None
    revisions, state = standings(known)[-1]
    for revision in reversed(revisions):
        if revision in begins and (as_of is None or begins[revision] <= as_of):
            return revision, state
    return None


def _moved(before: Standing, operation: Step, *, is_new: bool) -> Standing:
    """Give what stands after an operation that takes nothing back."""
    revision, to_state = operation.revision, operation.to_state
    stands = before.revisions if before.state is State.ACTIVE else ()
    if to_state is State.ACTIVE:
        if revision in before.revisions:
            return Standing(before.revisions[: before.revisions.index(revision) + 1], to_state)
        return Standing((*stands, revision), to_state)
    if is_new:
        # What is held in the place of what stood lets nothing stand until it is decided.
        return Standing((*stands, revision), to_state)
    if operation.action is Action.ERASE:
        left = tuple(one for one in before.revisions if one != revision)
        return Standing(left, before.state if left else to_state)
    return Standing(before.revisions, to_state) if revision in before.revisions[-1:] else before
