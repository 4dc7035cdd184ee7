"""Power cuts: whatever the disk had not written yet is lost, and every acknowledged write is there.

A life does deed after deed. At an act of the disk that chance picks, inside of a deed or after it, the power is cut for
a copy of the files. The copy must say the beginning of what the life says in the end, cut between two transactions and
at least as far as was acknowledged before; it must be sound, and hold no word whose erasure was said to be complete.

Every other life is that of an encrypted file, which the power must leave with a key that it had or was to get.

With `off` the store does not wait for the disk: then acknowledged writes must get lost, or this exam could not fail.

    python tests/exams/powercuts.py FOLDER CUTS SEED [off]
"""

import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection
from itertools import count
from pathlib import Path

import apsw
from deeds import DEEDS, Deed
from disk import Disk
from found import Said, opened, said, said_at_last
from keyed import SEALED, check_turned, number_of
from torture import name_of_life, template

from lamina.core.errors import LaminaError
from lamina.memory import Memory

#: Deeds in which all that was written before waited for the disk, once they are done; vectors that a question wrote did
#: not, and are encoded again. `mend` damages the file itself.
LASTING = [deed for deed in DEEDS if deed.name not in ("new_file", "search", "close", "mend")]
#: Deeds that waited until the bytes of what they erased were gone.
ERASING = frozenset({"erase", "erase_document", "erase_all", "erase_by_filter", "destroy_key"})
#: Deeds of one life.
DEEDS_A_LIFE = 25


class Lost(AssertionError):
    """Something that was acknowledged is not there, or only half."""


def look(path: Path, least: int, told: Said, erased: set[str], keys: Collection[int | None]) -> None:
    """See what a power cut left of a file, which says `told` after the deed, and may have one of these master keys.

    Raises:
        Lost: less than was acknowledged, or something else.
    """
    data, life = b"".join(file.read_bytes() for file in path.parent.iterdir()), told.log
    for word in sorted(erased | (told.words if SEALED in path.name else set())):
        if word.encode() in data:
            raise Lost(f"{word!r} was erased or is sealed, and its bytes are there")
    try:
        if SEALED in path.name:
            check_turned(path, keys)
        found = said_at_last(path).log
        with opened(path) as memory:
            report = memory.verify()
    except (LaminaError, apsw.Error, AssertionError) as error:
        raise Lost(f"the file cannot be read: {error}") from error
    if len(found) < least:
        raise Lost(f"{least} operations were acknowledged, and {len(found)} are there")
    if found != life[: len(found)]:
        raise Lost("another thing was done than was acknowledged")
    if 0 < len(found) < len(life) and life[len(found)][0] == found[-1][0]:
        raise Lost(f"half of commit {found[-1][0]} is there")
    if not report.is_sound:
        raise Lost(f"what is left is not sound: {report.findings}")


class Life:
    """A memory on a disk whose power is cut now and then."""

    def __init__(self, folder: Path, first: Path, dice: random.Random, *, waits: bool) -> None:
        """Begin with a copy of `first`; `waits` = for the disk, as always."""
        self.dice, self.path = dice, folder / first.name
        folder.mkdir()
        self.disk = Disk(folder)
        shutil.copy(first, self.path)
        self.memory: Memory = opened(self.path)
        if not waits:
            self.memory._store._pool._writer.pragma("synchronous", "OFF")
        told = said(self.memory._store)
        self.acknowledged, self.words = len(told.log), told.words
        #: Words whose bytes are gone, as was said.
        self.gone: set[str] = set()

    def play(self, deed: Deed, seed: int, cut: Path) -> int:
        """Do a deed, and cut the power inside of it or after it; gives the acts since the last cut.

        Raises:
            Lost: what a cut left is not as it has to be.
        """
        before, least, gone = self.disk.acts, self.acknowledged, set(self.gone)
        keys = {number_of(self.path)}
        at = before + 1 + int(self.dice.expovariate(1 / 60)) if self.dice.random() < 0.8 else sys.maxsize
        cut.mkdir()

        def cut_now(act: int) -> None:
            if act == at:
                self.disk.cut(cut, self.dice)

        self.disk.before_act = cut_now
        deed.act(self.memory, random.Random(seed))
        told = said(self.memory._store)
        self.disk.before_act = None
        keys.add(number_of(self.path))
        if not any(cut.iterdir()):
            self.disk.cut(cut, self.dice)
            least, keys = len(told.log), {number_of(self.path)}
        self.acknowledged = len(told.log)
        if deed.name in ERASING:
            self.gone |= self.words - told.words
            gone = gone if least < self.acknowledged else self.gone
        self.words = told.words
        look(cut / self.path.name, least, told, gone, keys)
        return self.disk.acts - before

    def end(self) -> None:
        """Close the memory."""
        self.memory.close()
        self.disk.unregister()


def play(folder: Path, cuts: int, seed: int, *, waits: bool, on_lost: Callable[[str, Lost], None]) -> None:
    """Cut the power so often."""
    dice, numbers = random.Random(seed), count()
    firsts = [folder / name_of_life(is_sealed=is_sealed) for is_sealed in (False, True)]
    for first in firsts:
        template(first)
    life: Life | None = None
    for number in range(cuts):
        if number % DEEDS_A_LIFE == 0 or life is None:
            if life is not None:
                life.end()
            which = next(numbers)
            life = Life(folder / f"life {which}", firsts[which % 2], dice, waits=waits)
        deeds = [deed for deed in LASTING if SEALED in life.path.name or not deed.needs_key]
        deed, part = dice.choice(deeds), folder / "cut"
        try:
            life.play(deed, dice.randrange(1 << 30), part)
        except Lost as lost:
            on_lost(f"cut {number} at {deed.name}", lost)
        shutil.rmtree(part)
    if life is not None:
        life.end()


def main(folder: Path, cuts: int, seed: int, how: str = "") -> None:
    """Cut, and say what was lost."""
    began, lost = time.monotonic(), Counter[str]()

    def note(where: str, error: Lost) -> None:
        if not how:
            raise AssertionError(f"{where}: {error}") from error
        lost[str(error).split(",")[0].translate(str.maketrans("0123456789", "#" * 10))[:40]] += 1

    play(folder, cuts, seed, waits=not how, on_lost=note)
    took = f"{time.monotonic() - began:.0f} s"
    if how:
        assert lost, "a store that does not wait for the disk lost nothing: the exam cannot fail"
        print(f"{cuts} power cuts without waiting for the disk, {took}: {lost.total()} lost something")
    else:
        print(f"{cuts} power cuts, {took}: nothing acknowledged was lost, nothing was half there")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
