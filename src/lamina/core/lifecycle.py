"""The states of a revision and the moves between them, as one table.

The documentation's diagram is drawn from `MOVES`, and a test walks every pair. State belongs to the revision; at
most one revision of a record is active.
"""

from enum import StrEnum

from lamina.core.errors import InvalidTransition


class State(StrEnum):
    """Where a revision stands."""

    #: A derivation that has not been validated yet.
    PROPOSED = "proposed"
    #: Kept by the gate for a decision: stored, not recalled.
    HELD = "held"
    #: Current: recalled, derived from.
    ACTIVE = "active"
    #: A newer revision or fact took its place.
    SUPERSEDED = "superseded"
    #: Forgotten by policy; kept for history.
    ARCHIVED = "archived"
    #: Taken back by a caller; kept for history.
    WITHDRAWN = "withdrawn"
    #: Its bytes are gone; the tombstone stays.
    ERASED = "erased"


#: Ways back to ACTIVE: approve (held), revert (superseded, archived, withdrawn), restore (archived, withdrawn).
MOVES: dict[State, frozenset[State]] = {
    State.PROPOSED: frozenset({State.ACTIVE, State.HELD, State.WITHDRAWN, State.ERASED}),
    State.HELD: frozenset({State.ACTIVE, State.WITHDRAWN, State.ARCHIVED, State.ERASED}),
    State.ACTIVE: frozenset({State.SUPERSEDED, State.ARCHIVED, State.WITHDRAWN, State.HELD, State.ERASED}),
    State.SUPERSEDED: frozenset({State.ACTIVE, State.ARCHIVED, State.WITHDRAWN, State.ERASED}),
    State.ARCHIVED: frozenset({State.ACTIVE, State.WITHDRAWN, State.ERASED}),
    State.WITHDRAWN: frozenset({State.ACTIVE, State.ARCHIVED, State.ERASED}),
    State.ERASED: frozenset(),
}


def check_move(now: State, wanted: State) -> None:
    """Let a legal move pass.

    Raises:
        InvalidTransition: the move is not in `MOVES`.
    """
    if wanted not in MOVES[now]:
        raise InvalidTransition(now, wanted, tuple(state for state in State if state in MOVES[now]))
