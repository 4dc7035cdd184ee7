"""Taking back: operations by their numbers or commits.

Each is an operation of its own and compensates; nothing leaves the log. What was derived follows in the same
transaction. Operations of the engine are derived too, and are not taken back by themselves.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from lamina.core.errors import NotFound
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.operations import Action, Actor, Change, LogQuery, Operation
from lamina.core.protocols import Reading, Store, Writing
from lamina.core.receipts import Receipt
from lamina.core.records import Record
from lamina.core.scope import Scope
from lamina.core.time import Clock
from lamina.core.undo import Undoing, undoing
from lamina.flows.cutting import Rules
from lamina.flows.events import cut_around, touched
from lamina.flows.revise import receipt
from lamina.govern.access import grant

#: Whose operations can be taken back.
_OWNERS = (Actor.CALLER, Actor.POLICY)


def revert(store: Store, asked: LogQuery, *, scope: Granted[Scope], clock: Clock, rules: Rules) -> Receipt:
    """Take back the operations of the caller's own wall that are asked for, all of them or none.

    Raises:
        NotFound: there are none.
        CannotRevert: later operations stand on one of them, it is taken back already, or its words are erased.
    """
    with store.write() as writing:
        by_record: dict[str, list[int]] = {}
        for operation in _with_passages(writing, writing.logged(asked, scope=scope), scope=scope):
            if operation.actor in _OWNERS:
                by_record.setdefault(operation.record_id, []).append(operation.number)
        if not by_record:
            raise NotFound(_told(asked), what="operation" if asked.commits is None else "commit")
        operations: list[Operation] = []
        # What is taken back may bring a label back: from here on the records are those that were seen.
        seen = grant(scope.value)
        for record_id, numbers in by_record.items():
            log = writing.operations(record_id, scope=seen)
            operations += brought_back(writing, record_id, undoing(log, numbers), scope=seen, now=clock.now())
        follow(writing, operations, scope=seen, rules=rules, now=clock.now())
    return receipt(operations)


def _with_passages(reading: Reading, operations: Sequence[Operation], *, scope: Granted[Scope]) -> Sequence[Operation]:
    """Give them with what the same commits did to the passages of their documents: a text goes and comes as a whole."""
    there = reading.get(list(dict.fromkeys(one.record_id for one in operations)), scope=scope)
    heads = {name for name, record in there.items() if record.kind is Kind.DOCUMENT}
    if not heads:
        return operations
    passages = {child.id for head in heads for child in reading.children(head, scope=scope)}
    commits = tuple({one.commit for one in operations if one.record_id in heads})
    with_these = [one for one in reading.logged(LogQuery(commits=commits), scope=scope) if one.record_id in passages]
    return sorted({one.number: one for one in (*operations, *with_these)}.values(), key=_number)


def _number(operation: Operation) -> int:
    return operation.number


def brought_back(
    writing: Writing,
    record_id: str,
    moves: Sequence[Undoing],
    *,
    action: Action = Action.REVERT,
    scope: Granted[Scope],
    now: datetime,
) -> Sequence[Operation]:
    """Make the moves by which a record is again what it was."""
    if not moves:
        return ()
    there = {one.revision: one for one in writing.revisions(record_id, scope=scope)}
    changes = [
        Change(action=action, record=there[move.revision], to_state=move.to_state, reverts=move.reverts)
        for move in moves
    ]
    return [writing.apply(change, recorded_at=now) for change in changes]


def follow(
    writing: Writing, operations: Iterable[Operation], *, scope: Granted[Scope], rules: Rules, now: datetime
) -> None:
    """Cut the events again in which records lie that came back or went."""
    records: Iterable[Record] = writing.get([one.record_id for one in operations], scope=scope).values()
    cut_around(writing, touched(records), rules=rules, now=now)


def _told(asked: LogQuery) -> str:
    return ", ".join(map(str, asked.numbers or asked.commits or ()))
