"""Kills: a process is killed at every failpoint, and at random moments, and the file shows what it acknowledged, whole.

Each round copies the file, does a deed there to its end, and so knows what the log says after it. Then a child does the
same deed to the file itself, and is killed on the way. What is found must be the beginning of what was to come, cut
between two transactions, and reach as far as the child had acknowledged; words that were erased must be in no byte once
the file was opened and closed. Every hundredth round the file is verified, and derived anew, which changes no ranking.

Each deed is done to a plain file and to an encrypted one. That one must open with the key that it had or the one that
it was to get, no word stands in it in the clear, and of a wall whose key was destroyed nothing is read. Who reads a
wall and sees no label is shown what bears none.

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
from pathlib import Path
from typing import NamedTuple

from deeds import ADA, CLERK, DEEDS, EXPORTS, WALLS, Deed, export_of, fill
from failpoints import WRITES, Trap
from found import Lengths, Said, check, lengths, look_aside, look_whole, opened, said, said_in
from keyed import SEALED, bytes_of, check_gone, check_turned, found_in, number_of, wrapped_in

import lamina.flows.bulk
import lamina.flows.pieces
import lamina.flows.reencode
from lamina.ingest.documents import Document

#: Small, so that a kill falls between, before and inside of many.
lamina.flows.bulk.PAGE = 3
lamina.flows.pieces.PIECE_MESSAGES = 4
lamina.flows.reencode.BATCH_TEXTS = 16
#: One round in so many is killed at a random moment; after so many the file is looked at whole and begun anew.
RANDOM_EVERY, WHOLE_EVERY = 8, 100
#: Deeds that write something beside the file.
COPYING = frozenset({"back_up", "carry_out"})
#: Deeds that a child does which is killed at a random moment.
CHAIN = 3
#: How long a child may take until it is at work.
PATIENCE_S = 20.0


class Case(NamedTuple):
    """A deed that is done to a plain file, or to an encrypted one."""

    deed: Deed
    is_sealed: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{self.deed.name}, {SEALED}" if self.is_sealed else self.deed.name


CASES = [Case(deed, is_sealed) for deed in DEEDS for is_sealed in (False, True) if is_sealed or not deed.needs_key]


@dataclass(slots=True)
class Tally:
    """How often was killed where."""

    at: Counter[str] = field(default_factory=Counter)
    by_case: Counter[tuple[str, str]] = field(default_factory=Counter)
    known: dict[str, set[Case]] = field(default_factory=dict)
    random: int = 0
    #: How many of them in encrypted files.
    sealed: int = 0
    #: The words of each file.
    words: dict[Path, set[str]] = field(default_factory=dict)

    @property
    def kills(self) -> int:
        """All of them."""
        return self.at.total() + self.random


def template(path: Path) -> set[str]:
    """Make the file with which everything begins, and give its words."""
    dice = random.Random(1)
    for seed in range(EXPORTS):
        export_of(seed)
    with opened(path) as memory:
        for scope in (ADA, *map(ADA.of, WALLS[1:])):
            memory.give_grant(CLERK, "reader", scope=scope)
            fill(memory, dice, 6, scope)
            memory.delete(next(memory.get_all(scope=scope)).id, scope=scope)
        memory.add(Document(title="Lease", text="# A\n\nOne cat.\n\n# B\n\nNo dogs."), scope=ADA)
        for wall in WALLS:
            memory.flush(scope=ADA.of(wall))
        memory.compact()
        return said(memory._store).words


def foreseen(path: Path, deeds: Sequence[Deed], seed: int, trap: Trap) -> tuple[Said, list[Lengths], float]:
    """Do deeds to a copy: gives what it says then, how long log and trail were after each, and the seconds taken."""
    copy, dice, ends = path.with_name(f"copy of {path.name}"), random.Random(seed), []
    for old in path.parent.glob(f"{copy.name}*"):
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


def choose(tally: Tally, dice: random.Random) -> Case:
    """Give the case that was done least, or one that comes by the failpoint at which was killed least."""
    if dice.random() < 0.5 or not tally.known:
        done = Counter(name for name, _ in tally.by_case.elements())
        return min(CASES, key=lambda case: (done[case.name], dice.random()))
    rarest = min(tally.known, key=lambda name: (tally.at[name], name))
    return dice.choice(sorted(tally.known[rarest], key=lambda case: case.name))


def some_cases(dice: random.Random) -> list[Case]:
    """Give cases of one file that follow one another, none of which makes or closes it."""
    is_sealed = dice.random() < 0.5
    return dice.choices([case for case in CASES if case.is_sealed == is_sealed][1:-1], k=CHAIN)


def play_round(folder: Path, tally: Tally, dice: random.Random) -> None:
    """Kill once."""
    is_random = tally.kills % RANDOM_EVERY == 0
    cases = some_cases(dice) if is_random else [choose(tally, dice)]
    case, deeds = cases[0], [one.deed for one in cases]
    file, seed, counting = folder / name_of_life(is_sealed=case.is_sealed), dice.randrange(1 << 30), Trap()
    if case.deed.makes_file:
        file = file.with_name(f"new {file.name}")
        for old in folder.glob(f"{file.name}*"):
            old.unlink()
    before, number, wrapped = tally.words.get(file, set()), number_of(file), wrapped_in(file)
    wanted, ends, took = foreseen(file, deeds, seed, counting)
    tally.sealed += case.is_sealed
    if is_random:
        done = killed(file, deeds, seed, Trap(), lives_s=dice.uniform(0, 1.3 * took))
        tally.random += 1
    else:
        trap = trap_for(case, counting, tally, dice)
        done = killed(file, deeds, seed, trap, lives_s=None)
        at = str(trap.name) if done < len(deeds) else "acknowledged"
        tally.at[at] += 1
        tally.by_case[case.name, at] += 1
    try:
        if "mend" in {deed.name for deed in deeds}:
            with opened(file) as memory:
                assert memory.verify(repair=True).is_sound
        if case.is_sealed:
            in_clear = found_in(bytes_of(file), before | wanted.words)
            assert not in_clear, f"{in_clear} stand in the clear in an encrypted file"
        if number is not None:
            is_turned = "rotate_key" in {deed.name for deed in deeds}
            last = {number_of(file.with_name(f"copy of {file.name}"))}
            check_turned(file, (0, 1) if is_turned and done < len(deeds) else last)
        left = check(file, before, wanted, ends, done)
        check_gone(file, wrapped)
        if COPYING & {deed.name for deed in deeds}:
            look_aside(file)
        if case.deed.makes_file:
            look_whole(file)
        else:
            tally.words[file] = left
    except Exception as error:
        where = "a random moment" if is_random else f"{trap.name} ({trap.turn})"
        raise AssertionError(
            f"round {tally.kills}: {[one.name for one in cases]} killed at {where}: {error}"
        ) from error


def trap_for(case: Case, counting: Trap, tally: Tally, dice: random.Random) -> Trap:
    """Choose where a case is killed: at the failpoint at which was killed least, or this case was."""
    counting.met.update(("returned", "acknowledged"))
    for name in counting.met:
        tally.known.setdefault(name, set()).add(case)
    least = min(tally.by_case[case.name, name] for name in counting.met)
    names = sorted(name for name in counting.met if tally.by_case[case.name, name] == least)
    rarest = min(counting.met, key=lambda name: (tally.at[name], name))
    name = rarest if dice.random() < 0.5 else dice.choice(names)
    return Trap(name, dice.randint(1, counting.met[name]))


def name_of_life(*, is_sealed: bool) -> str:
    """Give what the file of a life is called."""
    return f"{SEALED} life.db" if is_sealed else "life.db"


def play(folder: Path, kills: int, seed: int, least: int) -> Tally:
    """Kill so often, at each failpoint at least `least` times."""
    dice, tally = random.Random(seed), Tally()
    lives = [folder / name_of_life(is_sealed=is_sealed) for is_sealed in (False, True)]
    folder.mkdir(exist_ok=True, parents=True)
    words = {path: template(path.with_name(f"template of {path.name}")) for path in lives}
    while tally.kills < kills or any(tally.at[name] < least for name in tally.known):
        if tally.kills % WHOLE_EVERY == 0:
            # Killed copies leave what they were writing.
            shutil.rmtree(folder / "aside", ignore_errors=True)
            for path in lives:
                begin_anew(path)
            tally.words = dict(words)
        play_round(folder, tally, dice)
    for path in lives:
        look_whole(path)
    return tally


def begin_anew(path: Path) -> None:
    """End a life, once it was looked at whole, and begin it anew."""
    if path.exists():
        look_whole(path)
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copy(path.with_name(f"template of {path.name}"), path)


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
        pairs.update(tally.by_case)
    rarest = min(at, key=at.__getitem__)
    by_chance, sealed = sum(tally.random for tally in tallies), sum(tally.sealed for tally in tallies)
    for name in sorted(WRITES.keys() - at.keys()):
        print(f"no kill before {name}: no deed comes by it")
    print(
        f"{at.total() + by_chance} kills, {by_chance} of them at random moments, {sealed} in encrypted files, "
        f"{len(at)} failpoints in {len(DEEDS)} deeds ({len(pairs)} pairs), each at least {at[rarest]} times "
        f"({rarest}), {time.monotonic() - began:.0f} s, nothing lost, nothing half there"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
