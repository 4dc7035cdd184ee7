"""What carries a memory elsewhere or back, killed without warning, over and over: the program that `test_kill.py` runs.

Each round forks a child that does one thing and is killed at a random moment of it. Afterwards a load has taken in all
or nothing, a backup and an export stand under their names whole or not at all, and a rollback that is done again ends
where one that was never stopped does; every file is sound.

    python tests/flow/carry_rounds.py FOLDER ROUNDS SEED
"""

import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from lamina.memory import Memory
from lamina.testing.fakes import HashEncoder

RECORDS = 1500
#: No round takes longer than this to be killed, however slow the machine is.
LONGEST_S = 30.0


def opened(path: Path) -> Memory:
    return Memory(path, encoder=HashEncoder())


def texts(memory: Memory) -> list[str]:
    return [record.text for record in memory.get_all()]


def killed(act: Callable[[], object], after_s: float) -> bool:
    """Let a child do something for some time, and say whether it was killed in the middle."""
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(0)
    until = time.monotonic() + after_s
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) == 0
            return False
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


class Rounds:
    """Files that hold one life, and what may be done with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.life = folder / "life.db"
        with opened(self.life) as memory:
            memory.add([f"turn {number}" for number in range(RECORDS)])
            memory.snapshot("before")
            memory.delete_all()
            memory.add("later")
            memory.export(folder / "life.jsonl")
            self.head = memory.head()

    def load(self) -> None:
        with opened(self.folder / "load.db") as memory:
            memory.load(self.folder / "life.jsonl")

    def after_load(self) -> None:
        with opened(self.folder / "load.db") as memory:
            assert memory.head().number in (0, self.head.number)
            memory.load(self.folder / "life.jsonl")
            assert memory.verify(heads=[self.head]).is_sound

    def backup(self) -> None:
        with opened(self.life) as memory:
            memory.backup(self.folder / "backup.db")

    def after_backup(self) -> None:
        if (self.folder / "backup.db").exists():
            with opened(self.folder / "backup.db") as memory:
                assert memory.verify(heads=[self.head]).is_sound

    def export(self) -> None:
        with opened(self.life) as memory:
            memory.export(self.folder / "export.jsonl")

    def after_export(self) -> None:
        if (self.folder / "export.jsonl").exists():
            assert (self.folder / "export.jsonl").read_bytes() == (self.folder / "life.jsonl").read_bytes()

    def rollback(self) -> None:
        with opened(self.folder / "rollback.db") as memory:
            memory.rollback("before")

    def after_rollback(self) -> None:
        with opened(self.folder / "rollback.db") as memory:
            assert memory.verify(heads=[self.head]).is_sound
            memory.rollback("before")
            assert texts(memory) == [f"turn {number}" for number in range(RECORDS)]
            assert memory.verify().is_sound


def main(folder: Path, count: int, seed: int) -> None:
    """Play the rounds, each of the four in turn, and tell how many were killed halfway."""
    chosen, rounds = random.Random(seed), Rounds(folder)
    halfway: Counter[str] = Counter()
    for name in ("load", "backup", "export", "rollback"):
        took_s = LONGEST_S
        for number in range(count + 1):
            for left in folder.glob(f"{name}.*"):
                left.unlink()
            if name == "rollback":
                shutil.copy(rounds.life, folder / "rollback.db")
            began = time.monotonic()
            # The first one is let end, and the quickest that ended says how long it takes.
            lives_s = LONGEST_S if number == 0 else chosen.uniform(0, took_s)
            is_halfway = killed(getattr(rounds, name), lives_s)
            halfway[name] += is_halfway
            took_s = took_s if is_halfway else min(took_s, time.monotonic() - began)
            getattr(rounds, f"after_{name}")()
    for name, found in halfway.items():
        print(f"{name}: {count} rounds, {found} killed halfway, sound")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
