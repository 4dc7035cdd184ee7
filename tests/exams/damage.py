"""Damage: whatever bytes of a file change, a read or `verify` says so; nothing crashes, nothing hangs.

A child opens a sound file of which bytes were flipped, cut off or swapped, reads all that there is, and verifies it. It
has to end in time, by itself, and with no error but Lamina's. Where it reports nothing, the file must say what the
sound one says, row by row; then what changed was room that nothing uses.

`sound`: small files of random lives, all of which pass.

    python tests/exams/damage.py damage FOLDER FILES SEED
    python tests/exams/damage.py sound FOLDER FILES SEED
"""

import os
import random
import select
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw
from deeds import ADA, DEEDS, WALLS, Deed, fill
from found import opened
from torture import template

from lamina.core.errors import LaminaError
from lamina.memory import Memory

PAGE = 4096
#: How long a child may take: a sound file takes a tenth of a second.
PATIENCE_S = 30.0
QUESTIONS = ("bees hum in garden 3", "the lease of one cat")
#: What a child ends with: it has reported something, or nothing.
REPORTED, SILENT, BROKEN = 10, 11, 12
#: What nothing proves, because another value does no harm; `tests/migration/test_schema.py` says of each why.
UNPROVED = {
    "erasure": {"scrubbed_us"},
    "load": {"load_id", "recorded_us"},
}
#: Deeds of a random life; `mend` damages its own file, and closing ends it.
LIVED = [deed for deed in DEEDS if deed.name not in ("new_file", "close", "mend") and not deed.needs_key]
DEEDS_A_LIFE = 8


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound file: its bytes, whose page each is, what it says and how it ranks."""

    data: bytes
    owners: dict[str, list[int]]
    rows: object
    rankings: object


Damage = Callable[[Sound, random.Random], tuple[bytes, str]]


def flipped(sound: Sound, dice: random.Random) -> tuple[bytes, str]:
    """Flip some bits of one page."""
    owner = dice.choice(sorted(sound.owners))
    data, first = bytearray(sound.data), dice.choice(sound.owners[owner])
    for _ in range(dice.choice((1, 1, 2, 16))):
        data[first + dice.randrange(PAGE)] ^= 1 << dice.randrange(8)
    return bytes(data), f"flipped in {owner}"


def swapped(sound: Sound, dice: random.Random) -> tuple[bytes, str]:
    """Swap two pages, or two runs of bytes of one page."""
    owner = dice.choice(sorted(sound.owners))
    data, first = bytearray(sound.data), dice.choice(sound.owners[owner])
    if dice.random() < 0.5:
        other = dice.choice(sound.owners[dice.choice(sorted(sound.owners))])
        data[first : first + PAGE], data[other : other + PAGE] = data[other : other + PAGE], data[first : first + PAGE]
        return bytes(data), f"page swapped in {owner}"
    length = dice.choice((2, 8, 32))
    one, two = (first + dice.randrange(0, PAGE - length, length) for _ in range(2))
    data[one : one + length], data[two : two + length] = data[two : two + length], data[one : one + length]
    return bytes(data), f"bytes swapped in {owner}"


def cut(sound: Sound, dice: random.Random) -> tuple[bytes, str]:
    """Cut the file short, at a page or anywhere; one of no bytes at all is a new memory."""
    length = dice.randrange(1, len(sound.data))
    return sound.data[: max(length - length % PAGE, 1) if dice.random() < 0.5 else length], "cut short"


def blanked(sound: Sound, dice: random.Random) -> tuple[bytes, str]:
    """Let a page, or a sector of it, be zeros, or what another file held there."""
    owner, size = dice.choice(sorted(sound.owners)), dice.choice((512, PAGE))
    first = dice.choice(sound.owners[owner]) + dice.randrange(0, PAGE, size)
    filling = bytes(size) if dice.random() < 0.5 else dice.randbytes(size)
    return sound.data[:first] + filling + sound.data[first + size :], f"overwritten in {owner}"


DAMAGES: Sequence[Damage] = (flipped, flipped, swapped, cut, blanked)


def rows_of(path: Path) -> object:
    """Give all rows of all tables, as far as anything proves them, or what SQLite says instead."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
        rows = []
        for (name,) in names:
            columns = [str(row[1]) for row in connection.execute(f'PRAGMA table_info("{name}")')]
            kept = ", ".join(f'"{column}"' for column in columns if column not in UNPROVED.get(name, ()))
            rows.append((name, connection.execute(f'SELECT {kept} FROM "{name}"').fetchall()))  # noqa: S608
        return rows
    except (apsw.Error, UnicodeDecodeError) as error:
        return str(error)
    finally:
        connection.close()


def read_all(memory: Memory) -> object:
    """Read everything by every verb, and give how it ranks."""
    rankings = []
    for wall in WALLS:
        scope = ADA.of(wall)
        for record in memory.get_all(scope=scope):
            memory.history(record.id, scope=scope)
        memory.log(scope=scope)
        memory.timeline(scope=scope)
        memory.stats(scope=scope)
        for question in QUESTIONS:
            rankings.append([(hit.record.id, hit.score) for hit in memory.search(question, limit=100, scope=scope)])
            memory.recall(question, scope=scope, abstain=False)
    return rankings


def examine(path: Path, rankings: object) -> int:
    """Read and verify a damaged file, and give whether anything was reported."""
    is_reported = False
    try:
        with opened(path) as memory:
            try:
                is_reported = read_all(memory) != rankings
            except LaminaError:
                is_reported = True
            is_reported = not memory.verify().is_sound
    except LaminaError:
        return REPORTED
    return REPORTED if is_reported else SILENT


def examined(path: Path, rankings: object) -> int | str:
    """Examine a file in a child, and give what it ended with, or how it ended otherwise."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = BROKEN
        try:
            os.dup2(writing, 2)
            status = examine(path, rankings)
        finally:
            if status == BROKEN:
                traceback.print_exc()
            sys.stderr.flush()
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        is_ready, _, _ = select.select([pipe], [], [], PATIENCE_S)
        if not is_ready:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "it hangs"
        told = pipe.read().decode(errors="replace")
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status if status in (REPORTED, SILENT) else f"it ended with {status}: {told[-1500:]}"


def a_sound_file(folder: Path) -> Sound:
    """Make the file that is damaged, with something in every table."""
    path = folder / "sound.db"
    template(path)
    with opened(path) as memory:
        dice = random.Random(2)
        for deed in LIVED:
            deed.act(memory, dice)
        fill(memory, dice, 20, ADA)
        for wall in WALLS:
            memory.flush(scope=ADA.of(wall))
        memory.compact()
        assert memory.verify().is_sound
    with opened(path) as memory:
        rankings = read_all(memory)
    connection = apsw.Connection(str(path))
    pages = connection.execute("SELECT name, (pageno - 1) * pgsize FROM dbstat ORDER BY 2").fetchall()
    connection.close()
    owners: dict[str, list[int]] = {"header": [0]}
    for name, first in pages:
        owners.setdefault(str(name), []).append(int(first))
    return Sound(path.read_bytes(), owners, rows_of(path), rankings)


def damage(folder: Path, files: int, seed: int) -> None:
    """Damage a file so often, and say how often it was reported."""
    began, dice, told = time.monotonic(), random.Random(seed), Counter[str]()
    sound, path = a_sound_file(folder), folder / "damaged.db"
    for number in range(files):
        for old in folder.glob("damaged.db*"):
            old.unlink()
        data, how = dice.choice(DAMAGES)(sound, dice)
        path.write_bytes(data)
        kept = folder / "kept.db"
        shutil.copy(path, kept)
        found = examined(path, sound.rankings)
        where = f"file {number} of seed {seed}, {how}"
        assert found in (REPORTED, SILENT), f"{where}: {found}"
        if found == SILENT:
            assert rows_of(kept) == sound.rows, f"{where}: nothing was reported, and it says something else"
        told["reported" if found == REPORTED else "without effect"] += 1
    print(
        f"{files} damaged files, {told['reported']} reported, {told['without effect']} in room that nothing uses, "
        f"{time.monotonic() - began:.0f} s: no crash, no hang, nothing passed over"
    )


def sound(folder: Path, files: int, seed: int) -> None:
    """Make small files by random lives, and verify each, as it is left and after it was opened again."""
    began, done = time.monotonic(), Counter[str]()
    for number in range(files):
        dice, path = random.Random(seed * 1_000_000 + number), folder / "life.db"
        for old in folder.glob("life.db*"):
            old.unlink()
        deeds: list[Deed] = dice.choices(LIVED, k=dice.randint(1, DEEDS_A_LIFE))
        with opened(path) as memory:
            for deed in deeds:
                deed.act(memory, dice)
            findings = memory.verify().findings
        with opened(path) as memory:
            findings += memory.verify().findings
            done.update(memory.verify().checked)
        names = [deed.name for deed in deeds]
        assert not findings, (
            f"file {number} of seed {seed}, made by {names}, is sound, and is not called so: {findings}"
        )
    print(
        f"{files} sound files pass, {time.monotonic() - began:.0f} s: {done['operations']} operations, "
        f"{done['revisions']} revisions, {done['index rows']} index rows checked"
    )


if __name__ == "__main__":
    {"damage": damage, "sound": sound}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
