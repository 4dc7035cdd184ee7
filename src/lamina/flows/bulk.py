"""Changes of many records: by id, by filters, or all that the caller's own wall holds.

Many are changed page by page, each page in a transaction of its own; what is done stays done, and the same call again
goes on where it was stopped, because what is changed is not found again.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from lamina.core.filters import Filter, holds
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Operation
from lamina.core.protocols import Reading, Store, Writing
from lamina.core.records import Record
from lamina.core.reports import Progress
from lamina.core.rows import Listing
from lamina.core.scope import Scope, changes
from lamina.core.time import Clock
from lamina.flows.cutting import Rules
from lamina.flows.events import cut_around, touched

#: Records that one transaction looks at.
PAGE = 500
#: What callers change; events are derived, and follow.
CHANGEABLE = (Kind.OBSERVATION, Kind.DOCUMENT)
#: Does to one record what is to be done, and gives the operations.
Act = Callable[[Writing, Record, datetime], Sequence[Operation]]


@dataclass(frozen=True, slots=True)
class Doing:
    """What is done to records: to each, and then with all of one transaction."""

    act: Act
    finish: Callable[[Writing, Sequence[Record], datetime], Sequence[Operation]] | None = None


#: Says of a record whether it is meant, within the transaction of the reading for which it was made.
Judge = Callable[[Record], bool]


@dataclass(frozen=True, slots=True)
class Many:
    """Which records of the caller's own wall a change is about."""

    #: None = all.
    filters: Filter | None
    #: The states in which it finds them.
    states: tuple[State, ...] = (State.ACTIVE,)
    #: Whether a filter also asks the revisions that others have taken the place of.
    looks_back: bool = False
    #: Makes what has the last word, for each transaction anew; None = what the filters leave is meant.
    judging: Callable[[Reading], Judge] | None = None
    #: Whether documents are asked like observations; else they go with the last of their passages.
    asks_documents: bool = True

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of records that are asked."""
        return CHANGEABLE if self.filters is None and self.asks_documents else (Kind.OBSERVATION,)

    def covers(self, reading: Reading, record: Record, *, scope: Granted[Scope]) -> bool:
        """Say whether a record that stands in one of the states is meant."""
        if self.filters is None or holds(self.filters, record):
            return True
        if not self.looks_back or record.revision == 1:
            return False
        return any(holds(self.filters, former) for former in reading.revisions(record.id, scope=scope))


def change_many(
    store: Store,
    many: Many,
    doing: Doing,
    *,
    scope: Granted[Scope],
    clock: Clock,
    rules: Rules | None,
    on_progress: Progress | None = None,
) -> list[Operation]:
    """Do the same to many records, a page a transaction; documents go with the last of their passages.

    Without `rules` no event is cut again: where all of a wall goes, none is left.
    """
    kinds = many.kinds
    done: list[Operation] = []
    cursor, seen, total = None, 0, 0
    while True:
        with store.write() as writing:
            total = total or _count(writing, kinds, many.states, scope=scope)
            page = writing.page(Listing(kinds=kinds, states=many.states, after=cursor, limit=PAGE), scope=scope)
            own = [record for record in page.records if changes(scope.value, record.scope)]
            targets = [record for record in own if many.covers(writing, record, scope=scope)]
            if many.judging is not None:
                targets = list(filter(many.judging(writing), targets))
            if Kind.DOCUMENT not in kinds:
                targets += emptied(writing, targets, many.states, scope=scope)
            done += change_each(writing, targets, doing, now=clock.now(), rules=rules)
        seen += len(own)
        if on_progress is not None:
            on_progress(seen, total)
        if len(own) < PAGE:
            return done
        cursor = page.cursors[len(own) - 1]


def change_each(
    writing: Writing, targets: Sequence[Record], doing: Doing, *, now: datetime, rules: Rules | None
) -> list[Operation]:
    """Do the same to each of some records, and cut the events again in which they lie."""
    if not targets:
        return []
    operations = [operation for record in targets for operation in doing.act(writing, record, now)]
    if rules is not None:
        cut_around(writing, touched(targets), rules=rules, now=now)
    if doing.finish is not None:
        operations += doing.finish(writing, targets, now)
    return operations


def emptied(
    reading: Reading, targets: Sequence[Record], states: Collection[State], *, scope: Granted[Scope]
) -> Iterator[Record]:
    """Give the documents of whose passages none is left in these states once `targets` are gone."""
    going = {record.id for record in targets}
    heads = dict.fromkeys(source.record_id for record in targets for source in record.provenance.sources)
    for head in reading.get(list(heads), scope=scope).values():
        left = [child.id for child in reading.children(head.id, scope=scope) if child.state in states]
        if head.kind is Kind.DOCUMENT and head.state in states and going.issuperset(left):
            yield head


def _count(reading: Reading, kinds: Sequence[Kind], states: Sequence[State], *, scope: Granted[Scope]) -> int:
    found = reading.counts(scope=scope).records
    return sum(found.get(str(kind), {}).get(str(state), 0) for kind in kinds for state in states)
