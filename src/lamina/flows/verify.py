"""Verifying: the file proves itself. Every hash is computed again, every reference followed, every state checked.

Reads in one transaction, so that a writer beside it cannot make a sound file look broken; changes nothing.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from heapq import merge
from importlib.metadata import version
from itertools import chain, groupby, starmap, takewhile
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from lamina.core.chain import chain_link, record_mac, tombstone_mac
from lamina.core.documents import DOCUMENT
from lamina.core.errors import DamagedFile, InvalidArgument, KeyDestroyed
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import UNDOING, Action, Operation, leads_to
from lamina.core.protocols import Reading, Store
from lamina.core.records import Record
from lamina.core.reports import Progress, Report
from lamina.core.rows import LACKING, Finding, WallEnd
from lamina.core.scope import Administration, Scope, Wall
from lamina.flows.cutting import Rules, Stream, runs
from lamina.flows.making import Making, extend_vectors, make_rows, make_rows_anew, missing_parts
from lamina.flows.verify_course import Course, Ledger, Looked, Phase, Tiling, parts_of
from lamina.flows.verify_directives import check_directives
from lamina.govern.access import grant
from lamina.index.compare import row_differences, vector_differences
from lamina.index.container import BrokenContainer
from lamina.index.scope_index import ScopeIndex
from lamina.index.segments import FULL, TAIL, vector_parts, vectors_reach

#: The states in which the log may begin a revision.
FIRST_STATES = frozenset({State.PROPOSED, State.HELD, State.ACTIVE})


class _Held(NamedTuple):
    """A revision as it is in the file."""

    record: Record
    salt: bytes | None


@dataclass(slots=True)
class _Life:
    """What the log says of one record."""

    #: Revision -> the operation that made it, and the state that the log leaves it in.
    made: dict[int, Operation] = field(default_factory=dict)
    #: Revision -> what was left of its header when it was erased; those of before this was noted are not in it.
    left: dict[int, bytes] = field(default_factory=dict)
    states: dict[int, State] = field(default_factory=dict)
    active: int | None = None


def verify(
    store: Store,
    making: Making,
    *,
    scope: Granted[Administration],
    rules: Rules | None = None,
    resume: Path | None = None,
    on_progress: Progress | None = None,
) -> Report:
    """Check the whole file: integrity, sequence, chain, macs, states, provenance, offsets, events, indexes.

    Whether events are cut as they should be is checked in the walls that `rules` have cut. Progress counts operations,
    each twice: in the log of its wall, and at its record. At `resume` is kept how far it has come, and gone on with.
    """
    kind = [version("lamina"), making.rows_producer, making.vectors_producer, None if rules is None else rules.name]
    kind.append(store.file_mark())
    course = Course(resume, kind=json.dumps(kind), on_progress=on_progress)
    course.keep()
    around = Looked()
    notes: list[str] = []
    try:
        around.findings += store.check(scope=scope)
        around.checked["integrity"] += 1
        if any(finding.check == "integrity" for finding in around.findings):
            # What stands on broken pages can be of any type.
            return Report(findings=tuple(around.findings), checked=dict(around.checked))
        with store.read() as reading:
            course.total = 2 * reading.counts(scope=scope).operations
            for wall in reading.walls(scope=scope):
                _check_wall(reading, course, wall, making, scope=scope, rules=rules)
            last = list(check_directives(reading, scope=scope))
            notes += _waiting(reading, scope=scope)
    except (DamagedFile, KeyDestroyed) as error:
        last = [Finding(check="integrity", where="file", problem=str(error))]
    findings = [*around.findings, *course.findings(), *last]
    lacking = tuple(finding for finding in findings if finding.check == LACKING)
    wrong = tuple(finding for finding in findings if finding.check != LACKING)
    course.end()
    checked = dict(around.checked + course.checked())
    return Report(findings=wrong, checked=checked, lacking=lacking, notes=tuple(notes))


def _waiting(reading: Reading, *, scope: Granted[Administration]) -> Iterator[str]:
    commits = reading.erasures(scope=scope)
    if commits:
        yield (
            f"what {len(commits)} commits erased (the first: {commits[0]}) cannot be read any more, and its bytes wait "
            "in the file for readers from before to end; the next erasure, or closing the last handle, lets them go"
        )


def _check_wall(
    reading: Reading,
    course: Course,
    wall: Wall,
    making: Making,
    *,
    scope: Granted[Administration],
    rules: Rules | None,
) -> None:
    """Check one wall; what cannot even be read of it ends its own checks, and those of no other."""
    ledger = course.ledger(reading, wall)
    checks: dict[Phase, Callable[[], Iterator[Finding]]] = {
        Phase.LOG: lambda: _check_log(reading, ledger, course, scope=scope),
        Phase.RECORDS: lambda: _check_records(reading, ledger, course, scope=scope),
        Phase.CUT: lambda: iter(()) if rules is None else _check_cut(reading, ledger, rules),
        Phase.INDEX: lambda: _check_index(reading, ledger, making),
    }
    try:
        for phase, check in checks.items():
            if ledger.phase > phase:
                continue
            ledger.begin(phase)
            for finding in check():
                ledger.findings.append(finding)
            if phase is Phase.INDEX and course.is_kept:
                ledger.parts = parts_of(reading, wall)
            ledger.phase = Phase(phase + 1)
            course.keep_if_due()
    except (DamagedFile, InvalidArgument, KeyDestroyed) as error:
        problem = f"cannot be read, and was checked no further: {error}"
        ledger.findings.append(ledger.finding("integrity", "something", problem))
        ledger.phase = Phase.DONE
    course.tell()


def log_findings(reading: Reading, wall: Wall, *, scope: Granted[Administration]) -> Iterator[Finding]:
    """Check the log of one wall, and what it says of every record against what is there."""
    ledger, course = Ledger(wall), Course()
    for phase, check in ((Phase.LOG, _check_log), (Phase.RECORDS, _check_records)):
        ledger.begin(phase)
        yield from check(reading, ledger, course, scope=scope)


def _check_log(
    reading: Reading, ledger: Ledger, course: Course, *, scope: Granted[Administration]
) -> Iterator[Finding]:
    for operation in reading.log(ledger.wall, scope=scope, after=ledger.number):
        where = f"operation {operation.number}"
        if operation.number != ledger.number + 1:
            yield ledger.finding("sequence", where, f"follows operation {ledger.number}")
        if chain_link(ledger.chain, operation) != operation.chain:
            yield ledger.finding("chain", where, "its link does not follow from the entry and the link before")
        if ledger.recorded_at is not None and operation.recorded_at <= ledger.recorded_at:
            yield ledger.finding("clock", where, "is recorded no later than the operation before")
        ledger.chain, ledger.number, ledger.recorded_at = operation.chain, operation.number, operation.recorded_at
        ledger.checked["operations"] += 1
        course.step(ledger)
        course.keep_if_due()


def _check_records(
    reading: Reading, ledger: Ledger, course: Course, *, scope: Granted[Administration]
) -> Iterator[Finding]:
    """Check record by record: what the log says of it, and then what is there of it."""
    since, tilings = ledger.arrived, ledger.tilings
    log: Iterator[tuple[int, Operation | _Held]] = reading.log_by_record(ledger.wall, scope=scope, since=since)
    every = starmap(_Held, reading.salted_revisions(ledger.wall, scope=scope, since=since))
    revisions: Iterator[tuple[int, Operation | _Held]] = ((held.record.arrived, held) for held in every)
    for arrived, rows in groupby(merge(log, revisions, key=itemgetter(0)), key=itemgetter(0)):
        yield from _check_record(ledger, course, (row for _, row in rows), tilings)
        ledger.arrived = arrived + 1
        if course.is_due and all(tiling.is_settled for tiling in tilings.values()):
            course.keep()
    for (document_id, _), tiling in tilings.items():
        yield from _check_tiling(ledger, document_id, tiling)
    for event_id, observation_id in reading.event_members(ledger.wall, scope=scope):
        if event_id not in ledger.events:
            yield ledger.finding("event", observation_id, f"lies in {event_id}, which is no event of this wall")
        ledger.checked["event members"] += 1
    tilings.clear()


def _check_record(
    ledger: Ledger, course: Course, rows: Iterator[Operation | _Held], tilings: dict[tuple[str, int], Tiling]
) -> Iterator[Finding]:
    """Check the operations on one record, and then its revisions."""
    life, seen = _Life(), set()
    record_id = ""
    for row in rows:
        if isinstance(row, Operation):
            record_id = row.record_id
            yield from _check_move(ledger, life, row)
            course.step(ledger)
            continue
        record = row.record
        record_id = record.id
        seen.add(record.revision)
        if record.kind is Kind.DOCUMENT and record.state is not State.ERASED:
            tilings.setdefault((record.id, record.revision), Tiling()).kept = record.metadata.get(DOCUMENT)
        elif record.kind is Kind.EVENT:
            ledger.events.add(record.id)
        yield from _check_revision(ledger, life, record, row.salt)
        yield from _check_sources(ledger, record, tilings)
        ledger.checked["revisions"] += 1
    for revision in sorted(set(life.made) - seen):
        yield ledger.finding("record", f"{record_id} revision {revision}", "stands in the log and not in the file")
    if life.active is not None and record_id in ledger.events:
        ledger.active_events.add(record_id)


def _check_move(ledger: Ledger, life: _Life, operation: Operation) -> Iterator[Finding]:
    revision, where = operation.revision, f"operation {operation.number}"
    if operation.action in (Action.ADD, Action.UPDATE):
        if revision in life.made or operation.to_state not in FIRST_STATES:
            yield ledger.finding(
                "lifecycle", where, f"makes a revision that is there already, or begins as {operation.to_state}"
            )
        life.made[revision] = operation
        if life.active is not None:
            life.states[life.active] = State.SUPERSEDED
            life.active = None
    elif revision not in life.states:
        yield ledger.finding("lifecycle", where, "moves a revision that the log never made")
    elif operation.from_state is not life.states[revision] or operation.to_state not in leads_to(
        operation.action, life.states[revision]
    ):
        yield ledger.finding("lifecycle", where, f"goes from {operation.from_state} to {operation.to_state}")
    if operation.action in UNDOING and operation.to_state is State.ACTIVE and life.active is not None:
        life.states[life.active] = State.SUPERSEDED
    life.states[revision] = operation.to_state
    if operation.to_state is State.ERASED and operation.mac:
        life.left[revision] = operation.mac
    if operation.to_state is State.ACTIVE:
        life.active = revision
    elif life.active == revision:
        life.active = None


def _check_revision(ledger: Ledger, life: _Life, record: Record, salt: bytes | None) -> Iterator[Finding]:
    where = f"{record.id} revision {record.revision}"
    operation = life.made.get(record.revision)
    if operation is None:
        yield ledger.finding("record", where, "stands in the file and not in the log")
        return
    if salt is not None and record_mac(record, salt=salt) != operation.mac:
        yield ledger.finding("content", where, "its header or content is not what was recorded")
    if salt is None and tombstone_mac(record) != life.left.get(record.revision, tombstone_mac(record)):
        yield ledger.finding("content", where, "what is left of its header is not what its erasure left")
    if life.states[record.revision] is not record.state:
        yield ledger.finding("state", where, f"is {record.state}, and {life.states[record.revision]} by the log")
    if record.recorded_at != operation.recorded_at or record.number != operation.number:
        yield ledger.finding("clock", where, "its recorded time or number is not that of its operation")


def _check_sources(ledger: Ledger, record: Record, tilings: dict[tuple[str, int], Tiling]) -> Iterator[Finding]:
    for source in record.provenance.sources:
        tiling = (source.record_id, source.revision)
        if record.state is State.ERASED and source.start is not None and source.end is not None:
            tilings.setdefault(tiling, Tiling()).leave_out(source.start, source.end)
        elif source.start is not None and source.end is not None:
            if source.end - source.start != len(record.text):
                yield ledger.finding(
                    "offsets", record.id, f"is not as long as {source.start}:{source.end} of its document"
                )
            tilings.setdefault(tiling, Tiling()).add(source.start, record)
        ledger.checked["sources"] += 1


def _check_cut(reading: Reading, ledger: Ledger, rules: Rules) -> Iterator[Finding]:
    """Compare the events in which observations lie with those that cutting their streams anew gives."""
    wall = grant(Scope.of(ledger.wall))
    if reading.ends(scope=wall)[ledger.wall].rules != rules.name:
        return
    events: dict[str, bool] = {}
    here = rules.of_file(reading)
    for within, session in reading.streams(wall=wall):
        for run in runs(reading, Stream(grant(within), session, here)):
            events[run.event_id] = any(row.is_active for row in run.rows)
            for row in run.rows:
                if row.event_id != run.event_id:
                    yield ledger.finding("events", row.record_id, f"lies in {row.event_id}, not in {run.event_id}")
            ledger.checked["events"] += 1
    for name in sorted(ledger.active_events ^ {name for name, is_active in events.items() if is_active}):
        yield ledger.finding("events", name, "is active and holds nothing active, or the other way round")


def _check_index(reading: Reading, ledger: Ledger, making: Making) -> Iterator[Finding]:
    """Compare what is kept of a wall's index with one that is built out of the records alone.

    First the rows, brought up to now, and then the vectors as far as they are kept, a few thousand at a time.
    """
    scope = grant(Scope.of(ledger.wall))
    end = reading.ends(scope=scope)[ledger.wall]
    try:
        made = make_rows(making, reading, ledger.wall, end, scope=scope)
        problems, anew, is_kept = made.problems, made.index, bool(made.kept_number)
        if is_kept:
            anew = make_rows_anew(making, reading, ledger.wall, end, scope=scope)
            problems += row_differences(made.index.view(), anew.view())
        del made
        problems += _vector_problems(reading, making, ledger.wall, end, anew)
        problems = problems or missing_parts(reading, ledger.wall, scope=scope)
    except DamagedFile as error:
        yield ledger.finding("index", "it", f"cannot be built: {error}")
        return
    for problem in problems:
        yield ledger.finding("index", "what is kept of it", problem)
    if is_kept:
        ledger.checked["index rows"] += len(anew)


def _vector_problems(reading: Reading, making: Making, wall: Wall, end: WallEnd, anew: ScopeIndex) -> list[str]:
    """Say what of the kept vectors is not as in an index that has its rows, and that takes them in here."""
    scope = grant(Scope.of(wall))
    kept = partial(reading.segments, wall=wall, scope=scope, producer=making.vectors_producer)
    tails = list(kept(part=TAIL))
    if len(tails) != 1:
        is_any_kept = bool(tails) or next(kept(part=FULL), None) is not None
        return ["the tail is missing"] if is_any_kept else []
    (tail,) = tails
    try:
        reach = vectors_reach(tail)
        if reach > end.vector_number:
            return [f"it reaches beyond vector {end.vector_number}, the wall's last"]
        stored = reading.vector_rows(wall=wall, scope=scope, encoder=making.encoder, after=0)
        fresh = takewhile(lambda row: row.vector_number <= reach, stored)
        full = (part for index in extend_vectors(anew, fresh) for part in index.hand_over_vectors())
        every = chain(full, anew.hand_over_vectors(is_last=True))
        return list(vector_differences(vector_parts(kept(part=FULL), tail), every))
    except BrokenContainer as error:
        return [str(error)]


def _check_tiling(ledger: Ledger, document_id: str, tiling: Tiling) -> Iterator[Finding]:
    """Say whether the passages of a document's revision leave nothing out, and say together what was handed over."""
    place = 0
    for start, end in sorted(tiling.spans):
        if start != place:
            yield ledger.finding("offsets", document_id, f"its passages leave a gap or overlap at {min(start, place)}")
            return
        place = end
    if tiling.spans and tiling.characters not in (None, place):
        yield ledger.finding("offsets", document_id, f"its passages end at {place} of {tiling.characters} characters")
    elif tiling.spans and tiling.is_in_order and not tiling.says_all:
        yield ledger.finding("content", document_id, "its passages do not say what was handed over")
