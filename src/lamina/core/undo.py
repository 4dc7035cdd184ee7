"""Taking back: what a record was before an operation, and what stands in the way of making it so again.

Of every record the log says which callers' and policies' operations stand: one that was taken back does not, one whose
taking back was taken back does again. An operation can be taken back where those stand that stood when it was done,
so alone, in any order among records, and on one record the latest first. The engine's own operations stand in nobody's
way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lamina.core.errors import CannotRevert
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Actor, Operation

#: The state of each revision of one record, by its number.
States = Mapping[int, State]


@dataclass(frozen=True, slots=True)
class Moment:
    """How a record is between two operations on it."""

    states: States
    #: The numbers of the operations that stand, ascending.
    standing: tuple[int, ...] = ()

    @property
    def active(self) -> int | None:
        """The active revision, if there is one."""
        return next((revision for revision, state in self.states.items() if state is State.ACTIVE), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """The move that brings a record back."""

    revision: int
    to_state: State
    #: The record is again as it was before this operation.
    reverts: int


def moments(operations: Iterable[Operation]) -> list[Moment]:
    """Give how a record was before each of its operations, oldest first, and last how it is now."""
    found = [Moment({})]
    places: dict[int, int] = {}
    for operation in operations:
        places[operation.number] = len(found) - 1
        before = found[-1]
        standing = before.standing
        if operation.reverts is not None:
            standing = found[places[operation.reverts]].standing
        elif operation.actor is not Actor.ENGINE:
            standing = (*standing, operation.number)
        found.append(Moment(_moved(before, operation), standing))
    return found


def undoing(operations: Sequence[Operation], numbers: Iterable[int]) -> tuple[Undoing, ...]:
    """Give the moves that take back those of a record's `operations` that have these numbers, the latest first.

    None where the record is as it was before them.

    Raises:
        CannotRevert: a later operation stands in the way, one of them is taken back already, or words are erased.
    """
    told = moments(operations)
    places = {operation.number: place for place, operation in enumerate(operations)}
    there = told[-1]
    earliest = None
    for number in sorted(numbers, reverse=True):
        place = places[number]
        if there.standing != told[place + 1].standing:
            since = set(there.standing) - set(told[place + 1].standing)
            raise _refused(number, [one for one in operations if one.number in since])
        there, earliest = told[place], number
    return () if earliest is None else _moves(operations, told[-1], there, earliest)


def going_back(operations: Sequence[Operation], number: int) -> tuple[Undoing, ...]:
    """Give the moves that make a record what it was after the operation of its wall with that number, whoever came.

    None where it is so, or where words that it did not show then are erased.

    Raises:
        CannotRevert: the words that it showed then are erased.
    """
    place = sum(operation.number <= number for operation in operations)
    if place == len(operations):
        return ()
    told = moments(operations)
    now, then = told[-1], told[place]
    if then.active is None and now.active is None and State.ERASED in now.states.values():
        return ()
    return _moves(operations, now, then, operations[place].number)


def _moved(before: Moment, operation: Operation) -> States:
    states = dict(before.states)
    active = before.active
    takes_place = operation.to_state is State.ACTIVE or operation.action is Action.UPDATE
    if active is not None and active != operation.revision and takes_place:
        states[active] = State.SUPERSEDED
    states[operation.revision] = operation.to_state
    return states


def _moves(operations: Sequence[Operation], now: Moment, then: Moment, reverts: int) -> tuple[Undoing, ...]:
    """Give the moves from how a record is to how it was."""
    wanted, active = then.active, now.active
    targets: dict[int, State] = {}
    if wanted is not None:
        first = wanted
        targets[wanted] = State.ACTIVE
    else:
        # What did not exist is withdrawn, or gives way to the revision that was there, which is what it was.
        first = active if active is not None else _spoken(now.states)
        if then.states and now.states[_spoken(then.states)] is not State.ERASED:
            targets[_spoken(then.states)] = then.states[_spoken(then.states)]
        targets[first] = then.states.get(first, State.SUPERSEDED if then.states else State.WITHDRAWN)
    if now.states[first] is State.ERASED and targets[first] is not State.ERASED:
        by = next(one for one in operations if one.revision == first and one.action is Action.ERASE)
        raise CannotRevert(
            reverts, f"revision {first} of {by.record_id} was erased by operation {by.number}, commit {by.commit}"
        )
    return tuple(
        Undoing(revision=revision, to_state=state, reverts=reverts)
        for revision, state in targets.items()
        if now.states[revision] is not state
    )


def _spoken(states: States) -> int:
    """Give the revision of which none is active that the record is."""
    return max(states, key=lambda one: _speaks(states, one))


def _speaks(states: States, revision: int) -> tuple[bool, int]:
    """Order revisions of which none is active by which of them the record is."""
    return states[revision] is not State.SUPERSEDED, revision


def _refused(number: int, blockers: Sequence[Operation]) -> CannotRevert:
    if not blockers:
        return CannotRevert(number, "it is taken back already")
    erasure = next((one for one in blockers if one.action is Action.ERASE), None)
    if erasure is not None:
        reason = f"{erasure.record_id} was erased by operation {erasure.number}, commit {erasure.commit}"
        return CannotRevert(number, reason, [one.number for one in blockers])
    told = ", ".join(f"{one.number} ({one.action} of {one.record_id} by {one.actor})" for one in blockers)
    return CannotRevert(
        number, f"later operations stand on it: {told}; take these back first", [one.number for one in blockers]
    )
