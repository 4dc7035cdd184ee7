"""Verifying: the file proves itself. Every hash is computed again, every reference followed, every state checked.

Reads in one transaction, so that a writer beside it cannot make a sound file look broken; changes nothing.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lamina.core.chain import GENESIS, chain_link, record_mac
from lamina.core.documents import DOCUMENT
from lamina.core.errors import DamagedFile, InvalidArgument
from lamina.core.grant import Granted
from lamina.core.ids import HASH_TAG
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Operation, leads_to
from lamina.core.protocols import Finding, Reading, Store
from lamina.core.records import Json, Record
from lamina.core.reports import Progress, Report
from lamina.core.scope import Administration, Scope, Wall
from lamina.flows.cutting import Rules, Stream, runs
from lamina.flows.making import Making, make, make_anew
from lamina.govern.access import grant
from lamina.index.compare import differences

#: The states in which the log may begin a revision.
FIRST_STATES = frozenset({State.PROPOSED, State.HELD, State.ACTIVE})


@dataclass(slots=True)
class _Ledger:
    """What one wall's log says, gathered while it is checked."""

    wall: Wall
    checked: Counter[str]
    #: (record, revision) -> the operation that made it, and the state that the log leaves it in.
    made: dict[tuple[str, int], Operation] = field(default_factory=dict)
    states: dict[tuple[str, int], State] = field(default_factory=dict)
    active: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)

    def finding(self, check: str, where: str, problem: str) -> Finding:
        return Finding(check=check, where=f"{self.wall.tenant}/{self.wall.user or '(shared)'} {where}", problem=problem)


@dataclass(slots=True)
class _Tiling:
    """The passages cut out of one revision of a document, in the order of arrival, which is that of the text."""

    #: What the head keeps of the text.
    kept: Json = None
    spans: set[tuple[int, int]] = field(default_factory=set)
    is_in_order: bool = True
    _place: int = 0
    _hash: "hashlib.blake2b" = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    @property
    def digest(self) -> str:
        return HASH_TAG + self._hash.hexdigest()

    def add(self, start: int, record: Record) -> None:
        span = (start, start + len(record.text))
        if span in self.spans:
            # A later revision with the same words.
            return
        self.spans.add(span)
        self.is_in_order = self.is_in_order and start == self._place
        self._place = span[1]
        self._hash.update(record.text.encode())


def verify(
    store: Store,
    making: Making,
    *,
    scope: Granted[Administration],
    rules: Rules | None = None,
    on_progress: Progress | None = None,
) -> Report:
    """Check the whole file: integrity, sequence, chain, macs, states, provenance, offsets, events, indexes.

    Whether events are cut as they should be is checked in the walls that `rules` have cut.
    """
    checked: Counter[str] = Counter()
    findings: list[Finding] = []
    try:
        findings += store.check(scope=scope)
        checked["integrity"] += 1
        with store.read() as reading:
            walls = reading.walls(scope=scope)
            for done, wall in enumerate(walls):
                if on_progress is not None:
                    on_progress(done, len(walls))
                findings += _check_wall(reading, _Ledger(wall, checked), making, scope=scope, rules=rules)
            if on_progress is not None:
                on_progress(len(walls), len(walls))
    except (DamagedFile, InvalidArgument) as error:
        findings.append(Finding(check="integrity", where="file", problem=str(error)))
    return Report(findings=tuple(findings), checked=dict(checked))


def _check_wall(
    reading: Reading, ledger: _Ledger, making: Making, *, scope: Granted[Administration], rules: Rules | None
) -> Iterator[Finding]:
    """Check one wall; what cannot even be read of it ends its own checks, and those of no other."""
    try:
        yield from _check_log(reading, ledger, scope=scope)
        yield from _check_records(reading, ledger, scope=scope)
        if rules is not None:
            yield from _check_cut(reading, ledger, rules)
        yield from _check_index(reading, ledger, making)
    except (DamagedFile, InvalidArgument) as error:
        yield ledger.finding("integrity", "something", f"cannot be read, and was checked no further: {error}")


def _check_log(reading: Reading, ledger: _Ledger, *, scope: Granted[Administration]) -> Iterator[Finding]:
    former, number, last_at = GENESIS, 0, None
    for operation in reading.log(ledger.wall, scope=scope):
        where = f"operation {operation.number}"
        if operation.number != number + 1:
            yield ledger.finding("sequence", where, f"follows operation {number}")
        if chain_link(former, operation) != operation.chain:
            yield ledger.finding("chain", where, "its link does not follow from the entry and the link before")
        if last_at is not None and operation.recorded_at <= last_at:
            yield ledger.finding("clock", where, "is recorded no later than the operation before")
        yield from _check_move(ledger, operation)
        former, number, last_at = operation.chain, operation.number, operation.recorded_at
        ledger.checked["operations"] += 1


def _check_move(ledger: _Ledger, operation: Operation) -> Iterator[Finding]:
    key, where = (operation.record_id, operation.revision), f"operation {operation.number}"
    if operation.action in (Action.ADD, Action.UPDATE):
        if key in ledger.made or operation.to_state not in FIRST_STATES:
            yield ledger.finding(
                "lifecycle", where, f"makes a revision that is there already, or begins as {operation.to_state}"
            )
        ledger.made[key] = operation
        former = ledger.active.pop(operation.record_id, None)
        if former is not None:
            ledger.states[operation.record_id, former] = State.SUPERSEDED
    elif key not in ledger.states:
        yield ledger.finding("lifecycle", where, "moves a revision that the log never made")
    elif operation.from_state is not ledger.states[key] or operation.to_state not in leads_to(
        operation.action, ledger.states[key]
    ):
        yield ledger.finding("lifecycle", where, f"goes from {operation.from_state} to {operation.to_state}")
    ledger.states[key] = operation.to_state
    if operation.to_state is State.ACTIVE:
        ledger.active[operation.record_id] = operation.revision
    elif ledger.active.get(operation.record_id) == operation.revision:
        del ledger.active[operation.record_id]


def _check_records(reading: Reading, ledger: _Ledger, *, scope: Granted[Administration]) -> Iterator[Finding]:
    tilings: dict[tuple[str, int], _Tiling] = {}
    seen: set[tuple[str, int]] = set()
    for record, salt in reading.salted_revisions(ledger.wall, scope=scope):
        key = (record.id, record.revision)
        seen.add(key)
        ledger.kinds[record.id] = record.kind
        if record.kind is Kind.DOCUMENT:
            tilings.setdefault(key, _Tiling()).kept = record.metadata.get(DOCUMENT)
        yield from _check_revision(ledger, record, salt)
        yield from _check_sources(ledger, record, tilings)
        ledger.checked["revisions"] += 1
    for record_id, revision in sorted(set(ledger.made) - seen):
        yield ledger.finding("record", f"{record_id} revision {revision}", "stands in the log and not in the file")
    for (document_id, _), tiling in tilings.items():
        yield from _check_tiling(ledger, document_id, tiling)
    for event_id, observation_id in reading.event_members(ledger.wall, scope=scope):
        if ledger.kinds.get(event_id) is not Kind.EVENT:
            yield ledger.finding("event", observation_id, f"lies in {event_id}, which is no event of this wall")
        ledger.checked["event members"] += 1


def _check_revision(ledger: _Ledger, record: Record, salt: bytes | None) -> Iterator[Finding]:
    key, where = (record.id, record.revision), f"{record.id} revision {record.revision}"
    operation = ledger.made.get(key)
    if operation is None:
        yield ledger.finding("record", where, "stands in the file and not in the log")
        return
    if salt is not None and record_mac(record, salt=salt) != operation.mac:
        yield ledger.finding("content", where, "its header or content is not what was recorded")
    if ledger.states[key] is not record.state:
        yield ledger.finding("state", where, f"is {record.state}, and {ledger.states[key]} by the log")
    if record.recorded_at != operation.recorded_at or record.number != operation.number:
        yield ledger.finding("clock", where, "its recorded time or number is not that of its operation")


def _check_sources(ledger: _Ledger, record: Record, tilings: dict[tuple[str, int], _Tiling]) -> Iterator[Finding]:
    for source in record.provenance.sources:
        parent = (source.record_id, source.revision)
        if parent not in ledger.made:
            yield ledger.finding("provenance", record.id, f"comes from {source.record_id}, which is not in this wall")
        elif source.start is not None and source.end is not None:
            if source.end - source.start != len(record.text):
                yield ledger.finding(
                    "offsets", record.id, f"is not as long as {source.start}:{source.end} of its document"
                )
            tilings.setdefault(parent, _Tiling()).add(source.start, record)
        ledger.checked["sources"] += 1


def _check_cut(reading: Reading, ledger: _Ledger, rules: Rules) -> Iterator[Finding]:
    """Compare the events in which observations lie with those that cutting their streams anew gives."""
    wall = grant(Scope.of(ledger.wall))
    if reading.ends(scope=wall)[ledger.wall].rules != rules.name:
        return
    events: dict[str, bool] = {}
    for within, session in reading.streams(wall=wall):
        for run in runs(reading, Stream(grant(within), session, rules)):
            events[run.event_id] = any(row.is_active for row in run.rows)
            for row in run.rows:
                if row.event_id != run.event_id:
                    yield ledger.finding("events", row.record_id, f"lies in {row.event_id}, not in {run.event_id}")
            ledger.checked["events"] += 1
    active = {name for name, kind in ledger.kinds.items() if kind is Kind.EVENT and name in ledger.active}
    for name in sorted(active ^ {name for name, is_active in events.items() if is_active}):
        yield ledger.finding("events", name, "is active and holds nothing active, or the other way round")


def _check_index(reading: Reading, ledger: _Ledger, making: Making) -> Iterator[Finding]:
    """Compare what is kept of a wall's index, brought up to now, with one that is built out of the records alone."""
    scope = grant(Scope.of(ledger.wall))
    end = reading.ends(scope=scope)[ledger.wall]
    try:
        made = make(making, reading, ledger.wall, end, scope=scope)
    except DamagedFile as error:
        yield ledger.finding("index", "it", f"cannot be built: {error}")
        return
    for problem in made.problems:
        yield ledger.finding("index", "what is kept of it", problem)
    if made.kept_number or made.kept_vector:
        anew = make_anew(making, reading, ledger.wall, end, scope=scope)
        for problem in differences(made.index.view(), anew.view()):
            yield ledger.finding("index", "what is kept of it", problem)
        ledger.checked["index rows"] += len(anew)


def _check_tiling(ledger: _Ledger, document_id: str, tiling: _Tiling) -> Iterator[Finding]:
    """Say whether the passages of a document's revision leave nothing out, and say together what was handed over."""
    place = 0
    for start, end in sorted(tiling.spans):
        if start != place:
            yield ledger.finding("offsets", document_id, f"its passages leave a gap or overlap at {min(start, place)}")
            return
        place = end
    kept = tiling.kept if isinstance(tiling.kept, dict) else {}
    if tiling.spans and kept.get("characters", place) != place:
        yield ledger.finding("offsets", document_id, f"its passages end at {place} of {kept['characters']} characters")
    elif tiling.spans and tiling.is_in_order and kept.get("digest", tiling.digest) != tiling.digest:
        yield ledger.finding("content", document_id, "its passages do not say what was handed over")
