"""Operations: the log's entries. Every change of state is one, with a sequence number of its wall.

A `Change` is what a flow wants; an `Operation` is what the store wrote, in the same transaction as its effect.
One operation changes one record; a batch shares a commit number, which counts through the whole file.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lamina.core.errors import InvalidTransition
from lamina.core.lifecycle import MOVES, State
from lamina.core.records import Record
from lamina.core.scope import Wall


class Action(StrEnum):
    """What an operation does."""

    ADD = "ADD"
    UPDATE = "UPDATE"
    HOLD = "HOLD"
    APPROVE = "APPROVE"
    DENY = "DENY"
    MERGE = "MERGE"
    SPLIT = "SPLIT"
    SUPERSEDE = "SUPERSEDE"
    LINK = "LINK"
    INVALIDATE = "INVALIDATE"
    EVOLVE = "EVOLVE"
    REINFORCE = "REINFORCE"
    PROMOTE = "PROMOTE"
    DEMOTE = "DEMOTE"
    ARCHIVE = "ARCHIVE"
    WITHDRAW = "WITHDRAW"
    RESTORE = "RESTORE"
    ERASE = "ERASE"
    REVERT = "REVERT"
    GRANT = "GRANT"
    SNAPSHOT = "SNAPSHOT"
    ROLLBACK = "ROLLBACK"


#: What these do leaves a revision in its state: what belongs to it changed.
STAYING = frozenset({Action.EVOLVE})
#: These bring a record back to how it was, whatever came after; another active revision gives way.
UNDOING = frozenset({Action.REVERT, Action.ROLLBACK})


class Actor(StrEnum):
    """Whose operation it is; only callers' and policies' ones can stand in the way of a revert."""

    CALLER = "caller"
    ENGINE = "engine"
    POLICY = "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be done to one record.

    ADD and UPDATE carry the new revision, whose former active revision becomes `superseded`. The other actions move
    the revision that they name to `to_state`, EVOLVE to the state in which it is; `record` is then the revision as it
    stands. Where REVERT and ROLLBACK make a revision active, the one that is so becomes `superseded`.
    """

    action: Action
    record: Record
    to_state: State = State.ACTIVE
    actor: Actor = Actor.CALLER
    #: Of REVERT and ROLLBACK: the operation on that record before which it is again; see `core.undo`.
    reverts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One entry of a wall's log."""

    wall: Wall
    #: The wall's sequence number, from 1 without gaps.
    number: int
    #: The file-wide number of the commit that the operation was part of.
    commit: int
    action: Action
    record_id: str
    revision: int
    from_state: State | None
    to_state: State
    actor: Actor
    recorded_at: datetime
    #: HMAC of the revision's header and content under its salt; of an erasure, a hash of what stays of the header;
    #: empty for any other change of state.
    mac: bytes
    #: Hash over the former link and this entry.
    chain: bytes
    #: The operation on this record before which it is again; None but for what takes something back.
    reverts: int | None = None
    #: The number of the commit in the file where this was written first, which the link covers; None = the same.
    origin: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Which operations of a wall's log are asked for; what is None asks for nothing."""

    numbers: tuple[int, ...] | None = None
    commits: tuple[int, ...] | None = None
    record_id: str | None = None
    actions: tuple[Action, ...] | None = None
    actors: tuple[Actor, ...] | None = None
    #: Recorded at these instants or between.
    since: datetime | None = None
    until: datetime | None = None
    #: The last so many; None = all.
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One step in the life of a record: the operation, and the revision that it made or moved."""

    operation: Operation
    record: Record


def leads_to(action: Action, now: State) -> frozenset[State]:
    """Give the states to which `action` may bring a revision that is in `now`; nothing is done to what is erased."""
    if action in STAYING:
        return frozenset({now}) - {State.ERASED}
    if action in UNDOING:
        return frozenset(State) - {now, State.ERASED} if now is not State.ERASED else frozenset()
    return MOVES[now]


def check_action(action: Action, now: State, wanted: State) -> None:
    """Let an action pass that may bring a revision from one state to the other.

    Raises:
        InvalidTransition: it may not.
    """
    allowed = leads_to(action, now)
    if wanted not in allowed:
        raise InvalidTransition(now, wanted, tuple(state for state in State if state in allowed))
