"""Kills: a process is killed at every failpoint, and at random moments, and the file shows what it acknowledged, whole.

Each round copies the file, does a deed there to its end, and so knows what the log says after it. Then a child does the
same deed to the file itself, and is killed on the way. What is found must be the beginning of what was to come, cut
between two transactions, and reach as far as the child had acknowledged; words that were erased must be in no byte once
the file was opened and closed. Every hundredth round the file is verified, and derived anew, which changes no ranking.

    python tests/exams/torture.py FOLDER KILLS SEED LEAST [PROCESSES]
"""

import multiprocessing
import os
import random
import select
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import apsw
from deeds import ADA, BACKUP, DEEDS, ENCODER, EXPORT, EXPORTS, OTHER, WALLS, Deed, export_of, fill
from failpoints import WRITES, Trap

import lamina.flows.bulk
import lamina.flows.pieces
import lamina.flows.reencode
from lamina.core.chain import GENESIS, chain_link
from lamina.core.directives import Deed as Told
from lamina.core.errors import EncoderMismatch
from lamina.core.layers import Kind
from lamina.core.protocols import Store
from lamina.core.scope import Administration, Scope
from lamina.flows.verify_directives import check_directives
from lamina.govern.access import grant
from lamina.ingest.documents import Document
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.store.sqlite.store import open_store
from lamina.testing.fakes import FakeClock

#: Small, so that a kill falls between, before and inside of many.
lamina.flows.bulk.PAGE = 3
lamina.flows.pieces.PIECE_MESSAGES = 4
lamina.flows.reencode.BATCH_TEXTS = 16
#: One round in so many is killed at a random moment; after so many the file is looked at whole and begun anew.
RANDOM_EVERY, WHOLE_EVERY = 8, 100
#: What the audit trail tells of in the transaction that does it.
WITH_THEIR_COMMIT = frozenset({Told.ERASED, Told.FORGOTTEN})
#: Deeds that write something beside the file.
COPYING = frozenset({"back_up", "carry_out"})
#: Deeds that a child does which is killed at a random moment.
CHAIN = 3
#: Words of so many letters stand nowhere by chance.
LONG = 12
#: How long a child may take until it is at work.
PATIENCE_S = 20.0
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


@dataclass(slots=True)
class Tally:
    """How often was killed where."""

    at: Counter[str] = field(default_factory=Counter)
    by_deed: Counter[tuple[str, str]] = field(default_factory=Counter)
    known: dict[str, set[Deed]] = field(default_factory=dict)
    random: int = 0
    #: The words of the file.
    words: set[str] = field(default_factory=set)

    @property
    def kills(self) -> int:
        """All of them."""
        return self.at.total() + self.random


def opened(path: Path) -> Memory:
    """Open a file by the small encoder; one that was left in a change to another one is changed back."""
    try:
        return Memory(path, encoder=ENCODER, clock=FakeClock(), settings=SETTINGS)
    except EncoderMismatch:
        with Memory(path, encoder=OTHER, clock=FakeClock(), settings=SETTINGS) as memory:
            memory.reencode(ENCODER)
        return Memory(path, encoder=ENCODER, clock=FakeClock(), settings=SETTINGS)


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
                revisions.append((place, key, record.revision, str(record.state), record.text, record.session or ""))
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
    store = open_store(path)
    try:
        return said(store)
    finally:
        store.close()


def lengths(path: Path) -> Lengths:
    """Count the operations in a file, and the entries of its audit trail."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    (counts,) = connection.execute("SELECT (SELECT count(*) FROM operation), (SELECT count(*) FROM audit)").fetchall()
    connection.close()
    return Lengths(*counts)


def template(path: Path) -> set[str]:
    """Make the file with which everything begins, and give its words."""
    dice = random.Random(1)
    for seed in range(EXPORTS):
        export_of(seed)
    with opened(path) as memory:
        for scope in (ADA, *map(ADA.of, WALLS[1:])):
            fill(memory, dice, 6, scope)
            memory.delete(next(memory.get_all(scope=scope)).id, scope=scope)
        memory.add(Document(title="Lease", text="# A\n\nOne cat.\n\n# B\n\nNo dogs."), scope=ADA)
        for wall in WALLS:
            memory.flush(scope=ADA.of(wall))
        memory.compact()
        return said(memory._store).words


def foreseen(path: Path, deeds: Sequence[Deed], seed: int, trap: Trap) -> tuple[Said, list[Lengths], float]:
    """Do deeds to a copy: gives what it says then, how long log and trail were after each, and the seconds taken."""
    copy, dice, ends = path.with_name("copy.db"), random.Random(seed), []
    for old in path.parent.glob("copy.db*"):
        old.unlink()
    if path.exists():
        shutil.copy(path, copy)
    with trap.laid():
        memory = opened(copy)
        began = time.monotonic()
        for deed in deeds:
            deed.act(memory, dice)
            ends.append(lengths(copy))
        took = time.monotonic() - began
        trap.is_set = False
        memory.close()
    return said_in(copy), ends, took


def live(path: Path, deeds: Sequence[Deed], seed: int, trap: Trap, pipe: int) -> None:
    """Do deeds to the file, acknowledging each; never returns."""
    try:
        with trap.laid():
            dice, memory = random.Random(seed), opened(path)
            os.write(pipe, b"!")
            for deed in deeds:
                deed.act(memory, dice)
                trap.meet("returned")
                os.write(pipe, b".")
            if trap.name is None:
                signal.pause()
            # Everything is acknowledged, and the act at which it was to be killed did not come again.
            os.kill(os.getpid(), signal.SIGKILL)
    finally:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(3)


def killed(path: Path, deeds: Sequence[Deed], seed: int, trap: Trap, *, lives_s: float | None) -> int:
    """Let a child do deeds until it is killed, and give how many it acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        live(path, deeds, seed, trap, writing)
    os.close(writing)
    if lives_s is not None:
        select.select([reading], [], [], PATIENCE_S)
        time.sleep(lives_s)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"a child ended by itself with status {os.waitstatus_to_exitcode(status)}"
    with os.fdopen(reading, "rb") as pipe:
        return pipe.read().count(b".")


def check(path: Path, before: set[str], wanted: Said, ends: Sequence[Lengths], done: int) -> set[str]:
    """See that a file says the beginning of what was to come, as far as was acknowledged; gives its words.

    Raises:
        AssertionError: it does not.
    """
    found = said_in(path)
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
    data = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))
    for word in before - found.words:
        assert word.encode() not in data, f"{word!r} was erased and is in the file"
    return found.words


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
    if (copies / BACKUP).exists():
        with opened(copies / BACKUP) as memory:
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


def choose(tally: Tally, dice: random.Random) -> Deed:
    """Give the deed that was done least, or one that comes by the failpoint at which was killed least."""
    if dice.random() < 0.5 or not tally.known:
        done = Counter(name for name, _ in tally.by_deed.elements())
        return min(DEEDS, key=lambda deed: (done[deed.name], dice.random()))
    rarest = min(tally.known, key=lambda name: (tally.at[name], name))
    return dice.choice(sorted(tally.known[rarest], key=lambda deed: deed.name))


def play_round(path: Path, tally: Tally, dice: random.Random) -> None:
    """Kill once."""
    is_random = tally.kills % RANDOM_EVERY == 0
    deeds = [dice.choice(DEEDS[1:-1]) for _ in range(CHAIN)] if is_random else [choose(tally, dice)]
    file, seed, counting = path, dice.randrange(1 << 30), Trap()
    if deeds[0].makes_file:
        file = path.with_name("new.db")
        for old in path.parent.glob("new.db*"):
            old.unlink()
    before = tally.words if file == path else set()
    wanted, ends, took = foreseen(file, deeds, seed, counting)
    if is_random:
        done = killed(file, deeds, seed, Trap(), lives_s=dice.uniform(0, 1.3 * took))
        tally.random += 1
    else:
        counting.met.update(("returned", "acknowledged"))
        for name in counting.met:
            tally.known.setdefault(name, set()).add(deeds[0])
        least = min(tally.by_deed[deeds[0].name, name] for name in counting.met)
        names = sorted(name for name in counting.met if tally.by_deed[deeds[0].name, name] == least)
        rarest = min(counting.met, key=lambda name: (tally.at[name], name))
        name = rarest if dice.random() < 0.5 else dice.choice(names)
        turn = dice.randint(1, counting.met[name])
        done = killed(file, deeds, seed, Trap(name, turn), lives_s=None)
        name = name if done < len(deeds) else "acknowledged"
        tally.at[name] += 1
        tally.by_deed[deeds[0].name, name] += 1
    try:
        if "mend" in {deed.name for deed in deeds}:
            with opened(file) as memory:
                assert memory.verify(repair=True).is_sound
        left = check(file, before, wanted, ends, done)
        if COPYING & {deed.name for deed in deeds}:
            look_aside(file)
        if file == path:
            tally.words = left
        else:
            look_whole(file)
    except Exception as error:
        at = "a random moment" if is_random else f"{name} ({turn})"
        raise AssertionError(f"round {tally.kills}: {[deed.name for deed in deeds]} killed at {at}: {error}") from error


def play(folder: Path, kills: int, seed: int, least: int) -> Tally:
    """Kill so often, at each failpoint at least `least` times."""
    dice, tally = random.Random(seed), Tally()
    first, path = folder / "template.db", folder / "life.db"
    folder.mkdir(exist_ok=True)
    words = template(first)
    while tally.kills < kills or any(tally.at[name] < least for name in tally.known):
        if tally.kills % WHOLE_EVERY == 0:
            if path.exists():
                look_whole(path)
            for old in folder.glob("life.db*"):
                old.unlink()
            # Killed copies leave what they were writing.
            shutil.rmtree(folder / "aside", ignore_errors=True)
            shutil.copy(first, path)
            tally.words = words
        play_round(path, tally, dice)
    look_whole(path)
    return tally


def main(folder: Path, kills: int, seed: int, least: int, processes: int = 1) -> None:
    """Kill in several processes, each on files of its own, and say at how many failpoints."""
    began = time.monotonic()
    shares = [
        (folder / str(part), -(-kills // processes), seed + part, -(-least // processes)) for part in range(processes)
    ]
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
        tallies = list(pool.map(play, *zip(*shares, strict=True)))
    at, pairs = Counter[str](), Counter[tuple[str, str]]()
    for tally in tallies:
        at.update(tally.at)
        pairs.update(tally.by_deed)
    rarest = min(at, key=at.__getitem__)
    by_chance = sum(tally.random for tally in tallies)
    for name in sorted(WRITES.keys() - at.keys()):
        print(f"no kill before {name}: no deed comes by it")
    print(
        f"{at.total() + by_chance} kills, {by_chance} of them at random moments, {len(at)} failpoints in {len(DEEDS)} "
        f"deeds ({len(pairs)} pairs), each at least {at[rarest]} times ({rarest}), {time.monotonic() - began:.0f} s, "
        "nothing lost, nothing half there"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
