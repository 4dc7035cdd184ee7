"""Records by two clocks: each as it was what it said, as it was known then. See `core.clocks`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from lamina.core.clocks import Clocks, begin_of, said
from lamina.core.grant import Granted
from lamina.core.lifecycle import State
from lamina.core.operations import Operation
from lamina.core.protocols import Reading
from lamina.core.records import Record
from lamina.core.scope import Scope, Wall
from lamina.flows.cleared import hidden_from, is_shown, masking

#: Every state but that of what is gone.
THERE = tuple(state for state in State if state is not State.ERASED)
#: Records that are looked at together.
PAGE = 500


def as_said(
    reading: Reading, records: Collection[Record], clocks: Clocks, *, scope: Granted[Scope]
) -> dict[str, Record]:
    """Give what records were by these clocks, by id, each in the state in which it was then.

    `records` are as they are now. One that was not there yet, of which nothing had begun to hold, or of which that is
    erased, is left out.
    """
    if not clocks.are_set:
        return {record.id: record for record in records}
    logs = reading.logs([record.id for record in records], scope=scope)
    # What stood then may be hidden from who asks, and then nothing else stands in its place.
    revisions = _revisions(reading, records, logs, scope=masking(scope))
    found = {}
    for record in records:
        log = logs.get(record.id)
        told = _alone(record, clocks) if log is None else _of_several(revisions[record.id], log, clocks)
        if told is not None and is_shown(reading, told, scope=scope):
            found[record.id] = told
    return found


def shown_then(reading: Reading, clocks: Clocks, *, wall: Wall, scope: Granted[Scope]) -> dict[int, bool]:
    """Say of the rows of records in whose place something stood that is hidden whether each was what its record said.

    By the operations that made them; there are only few, where labels were lifted.
    """
    names = {record_id for record_id, _ in hidden_from(reading, wall=wall, scope=scope).revisions}
    records = reading.get(sorted(names), scope=scope)
    told = as_said(reading, records.values(), clocks, scope=scope)
    return {
        revision.number: name in told and told[name].state is State.ACTIVE and told[name].revision == revision.revision
        for name in records
        for revision in reading.revisions(name, scope=scope)
    }


def _alone(record: Record, clocks: Clocks) -> Record | None:
    """Give a record on which nothing was done since it was added, where it was there then."""
    recorded_at = record.recorded_at
    is_known = clocks.known_at is None or (recorded_at is not None and recorded_at <= clocks.known_at)
    return record if is_known and (clocks.as_of is None or begin_of(record) <= clocks.as_of) else None


def _of_several(revisions: Mapping[int, Record], log: Sequence[Operation], clocks: Clocks) -> Record | None:
    """Give of a record's revisions the one that it was then, in its state then."""
    told = said(log, {revision: begin_of(one) for revision, one in revisions.items()}, clocks)
    if told is None:
        return None
    record, state = revisions[told[0]], told[1]
    return record if record.state is state else replace(record, state=state)


def _revisions(
    reading: Reading, records: Iterable[Record], logs: Mapping[str, Sequence[Operation]], *, scope: Granted[Scope]
) -> dict[str, dict[int, Record]]:
    """Give the revisions that have their words still, of the records that have a log, by record and number."""
    found = {record.id: {record.revision: record} for record in records if record.id in logs}
    wanted: dict[Wall, list[int]] = {}
    for record in records:
        made: dict[int, int] = {}
        for operation in logs.get(record.id, ()):
            made.setdefault(operation.revision, operation.number)
        wanted.setdefault(record.scope.wall, []).extend(
            number for one, number in made.items() if one != record.revision
        )
    for wall, numbers in wanted.items():
        for revision in reading.made_by(numbers, wall=wall, scope=scope).values() if numbers else ():
            if revision.state is not State.ERASED:
                found[revision.id][revision.revision] = revision
    return found
