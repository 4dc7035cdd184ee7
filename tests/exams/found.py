"""What a life that was killed leaves: what a file says, and that it is what it has to be."""

import shutil
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import apsw
from deeds import ADA, BOB, CLERK, ENCODER, EXPORT, OTHER, WALLS, backup_of
from keyed import bytes_of, check_bereft, key_of, master_of

from lamina.core.chain import GENESIS, chain_link
from lamina.core.directives import Deed as Told
from lamina.core.directives import Redaction, RedactionAction
from lamina.core.errors import EncoderMismatch, KeyDestroyed
from lamina.core.layers import Kind
from lamina.core.protocols import Store
from lamina.core.scope import Administration, Scope
from lamina.flows.verify_directives import check_directives
from lamina.govern.access import grant
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.store.sqlite.store import open_store
from lamina.testing.fakes import FakeClock

#: What the audit trail tells of in the transaction that does it.
WITH_THEIR_COMMIT = frozenset({Told.ERASED, Told.FORGOTTEN})
#: Words of so many letters stand nowhere by chance.
LONG = 12
FILE = grant(Administration())
#: Made once: reading the environment takes longer than a deed.
SETTINGS = Settings()


class Said(NamedTuple):
    """What a file says: its log by commits, and every revision, without ids and hashes."""

    log: list[tuple[object, ...]]
    revisions: list[tuple[object, ...]]
    #: The words that somebody could still read.
    words: set[str]
    #: The audit trail, without ids of records and hashes; what stands by it: holds, policies, grants, snapshots.
    trail: list[tuple[object, ...]]
    standing: list[tuple[object, ...]]
    #: When the last operation was recorded.
    until: datetime | None


class Lengths(NamedTuple):
    """How long the log and the audit trail are."""

    log: int
    trail: int


def opened(path: Path) -> Memory:
    """Open a file by the small encoder; one that was left in a change to another one is changed back."""
    key = key_of(path)
    try:
        return Memory(path, encoder=ENCODER, clock=FakeClock(), settings=SETTINGS, key=key)
    except EncoderMismatch:
        with Memory(path, encoder=OTHER, clock=FakeClock(), settings=SETTINGS, key=key) as memory:
            memory.reencode(ENCODER)
        return Memory(path, encoder=ENCODER, clock=FakeClock(), settings=SETTINGS, key=key)


def said(store: Store) -> Said:
    """Read what a file says, and see that each log is a chain.

    In one commit events follow one another by their ids, which are by chance: they are told by what they are alone.

    Raises:
        AssertionError: it is none.
    """
    log: list[tuple[object, ...]] = []
    revisions: list[tuple[object, ...]] = []
    words: set[str] = set()
    until: datetime | None = None
    with store.read() as reading:
        assert not list(check_directives(reading, scope=FILE)), "the audit trail does not prove what stands"
        trail: list[tuple[object, ...]] = [
            (one.number, one.deed, one.wall, one.directive, one.commit, one.count, one.grant)
            for one in reading.trail(scope=FILE)
        ]
        standing: list[tuple[object, ...]] = [
            (one.id, one.kind, one.scope.wall, one.by) for one, _ in reading.salted_directives(scope=FILE)
        ]
        for place, wall in enumerate(WALLS):
            keys: dict[str, int] = {}
            for record, _ in reading.salted_revisions(wall, scope=FILE):
                key = keys[record.id] = -1 if record.kind is Kind.EVENT else record.arrived
                label = record.sensitivity or ""
                revisions.append(
                    (place, key, record.revision, str(record.state), record.text, record.session or "", label)
                )
                words.update(word for word in record.text.split() if len(word) >= LONG)
            kept = reading.snapshots(wall=grant(Scope.of(wall)))
            standing += [(wall, one.name, one.commit, one.number) for one in kept]
            former, number = GENESIS, 0
            for one in reading.log(wall, scope=FILE):
                assert one.chain == chain_link(former, one), "the chain is broken"
                assert one.number == number + 1, "a number is missing"
                former, number = one.chain, one.number
                until = one.recorded_at if until is None else max(until, one.recorded_at)
                states = (str(one.from_state), str(one.to_state))
                log.append(
                    (one.commit, place, keys[one.record_id], one.revision, str(one.action), *states, str(one.actor))
                )
    return Said(sorted(log), sorted(revisions), words, trail, standing, until)


def said_in(path: Path) -> Said:
    """Read what a file says without a memory, which would go on with what waits."""
    store = open_store(path, key=master_of(path))
    try:
        return said(store)
    finally:
        store.close()


def said_at_last(path: Path) -> Said:
    """Read the same; where the key of a wall was destroyed, and no more, once that came to its end."""
    try:
        return said_in(path)
    except KeyDestroyed:
        # Reads may be noted in the audit trail, so a copy is asked.
        copy = shutil.copy(path, path.with_name(f"bereft {path.name}"))
        with opened(copy) as memory:
            check_bereft(memory, BOB)
        with opened(path) as memory:
            assert memory.erase(all=True, destroy_key=True, scope=BOB).key_destroyed, "the key was not destroyed"
        return said_in(path)


def lengths(path: Path) -> Lengths:
    """Count the operations in a file, and the entries of its audit trail."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    (counts,) = connection.execute("SELECT (SELECT count(*) FROM operation), (SELECT count(*) FROM audit)").fetchall()
    connection.close()
    return Lengths(*counts)


def check(path: Path, before: set[str], wanted: Said, ends: Sequence[Lengths], done: int) -> set[str]:
    """See that a file says the beginning of what was to come, as far as was acknowledged; gives its words.

    Raises:
        AssertionError: it does not.
    """
    found = said_at_last(path)
    with opened(path) as memory:
        least, length = ends[done - 1].log if done else 0, len(found.log)
        assert length >= least, f"{done} deeds were acknowledged, with {least} operations, and {length} are there"
        assert found.log == wanted.log[:length], "another thing was done than was to be"
        is_cut = 0 < length < len(wanted.log)
        assert not is_cut or wanted.log[length][0] != found.log[-1][0], f"half of commit {found.log[-1][0]} is there"
        if length == len(wanted.log):
            assert found.revisions == wanted.revisions, "the log is whole, and what it speaks of is not"
        check_trail(found, wanted, ends[done - 1].trail if done else 0)
        if found.until is not None:
            now, then = ({(one.id, one.revision) for one in memory.get_all(scope=ADA, **clocks)} for clocks in (
                {}, {"known_at": found.until}
            ))  # fmt: skip
            assert now == then, "what is known is not what the log says is known"
        active = [row for row in found.revisions if row[0] == 0 and row[3] == "active" and row[4]]
        if active:
            text = str(max(active, key=itemgetter(1))[4])
            texts = {hit.record.text for hit in memory.search(text, limit=20, scope=ADA)}
            assert text in texts, f"{text!r} is not found"
        if any(row[0] == 1 and row[6] for row in found.revisions):
            check_labels(memory)
    data = bytes_of(path)
    for word in before - found.words:
        assert word.encode() not in data, f"{word!r} was erased and is in the file"
    return found.words


def check_labels(memory: Memory) -> None:
    """See that who sees no label is shown of a wall what bears none, by every read that lists.

    Raises:
        AssertionError: something else.
    """
    as_clerk = {"scope": BOB, "principal": CLERK}
    own = [record for record in memory.get_all(scope=BOB) if record.scope.wall == BOB.wall]
    hidden = {record.id for record in own if record.sensitivity}
    actions = [one.policy.action for one in memory.policies(scope=BOB) if isinstance(one.policy, Redaction)]
    shown = list(memory.get_all(**as_clerk))
    is_masked = actions[-1:] == [RedactionAction.MASK]
    assert {one.id for one in shown} >= {one.id for one in own} - hidden, "what bears no label is hidden"
    assert is_masked or not hidden & {one.id for one in shown}, "what bears a label is shown"
    masked = [one.text for one in shown if one.id in hidden]
    assert all(text.startswith("[redacted: ") for text in masked), f"{masked} bears a label, and is read"
    hits = memory.search("the bees hum", limit=500, **as_clerk)
    assert not hidden & {hit.record.id for hit in hits}, "what bears a label is found"


def check_trail(found: Said, wanted: Said, least: int) -> None:
    """See that the audit trail is the beginning of what was to come, as far as what it tells of and was acknowledged.

    Raises:
        AssertionError: it is not.
    """
    told = len(found.trail)
    assert told >= least, f"{least} entries of the audit trail were acknowledged, and {told} are there"
    assert found.trail == wanted.trail[:told], "the audit trail tells of something else"
    there = {row[0] for row in found.log}
    for _, deed, _, _, commit, *_ in wanted.trail[told:]:
        assert deed not in WITH_THEIR_COMMIT or commit not in there, f"commit {commit} is there, and untold as {deed}"
    if told == len(wanted.trail):
        assert found.standing == wanted.standing, "the audit trail is whole, and what it speaks of is not"


def look_aside(path: Path) -> None:
    """See that what stands beside a file under the name of a copy or an export is one, and whole."""
    copies = path.with_name("aside")
    copy = copies / backup_of(path)
    if copy.exists():
        with opened(copy) as memory:
            report = memory.verify()
            assert report.is_sound, report.findings
    if (copies / EXPORT).exists():
        with Memory(encoder=ENCODER, clock=FakeClock(), settings=SETTINGS) as memory:
            memory.load(copies / EXPORT)


def look_whole(path: Path) -> None:
    """Verify a file, derive everything anew, and compare the rankings."""
    with opened(path) as memory:
        report = memory.verify()
        assert report.is_sound, report.findings
        memory.flush(scope=ADA)
        rankings = [[(hit.record.id, hit.score) for hit in memory.search("bees hum", scope=ADA)] for _ in range(2)]
        memory.reindex()
        again = [(hit.record.id, hit.score) for hit in memory.search("bees hum", scope=ADA)]
        assert rankings == [again, again], "what was derived anew ranks otherwise"
        assert memory.verify().is_sound
