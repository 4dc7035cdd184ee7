"""Instructions of an add, a search and a recall, counted by callgrind: they hardly differ from run to run.

    .venv/bin/python benchmarks/counts.py 1000 10000

Synthetic, as in `scale.py`. Each verb runs once and twice as often in processes of their own; the difference, shared
out, is what one costs without what starts it. Counted are the processor's instructions of one thread, which no other
program disturbs; they say nothing of memory or disk. Needs valgrind (`apt install valgrind`).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from publishing import tell
from scale import Synthetic, fill, questions, vocabulary

from lamina import Memory

TIMES = 10
VERBS = ("search", "recall", "add")
_COLLECTED = re.compile(r"Collected : (\d+)")


def act(verb: str, path: Path, times: int) -> None:
    """Do a verb some times, after other questions."""
    words, weights = vocabulary()
    asked = questions(words, weights)
    encoder = Synthetic()
    encoder.know(asked)
    with Memory(path, encoder=encoder) as memory:
        # What loads something the first time is not counted; nor is any question asked before it is.
        for question in asked[2 * TIMES : 3 * TIMES]:
            memory.search(question)
            memory.recall(question)
        for number in range(times):
            if verb == "add":
                memory.add({"content": f"counted {number}", "name": "person 1", "session": "counted"})
            else:
                getattr(memory, verb)(asked[number % len(asked)])


def instructions(verb: str, path: Path, times: int, folder: Path) -> int:
    """Count the instructions of a process that does a verb so often, on a copy of the file."""
    copy = folder / "copy.db"
    shutil.copy(path, copy)
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, __file__]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, verb, str(copy), str(times)], check=True, capture_output=True, text=True, env=environment
    )
    collected = _COLLECTED.search(done.stderr)
    assert collected is not None, done.stderr
    return int(collected[1])


def main(arguments: list[str]) -> dict[str, Any]:
    """Count for the sizes that are named, in thousands of instructions."""
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is not installed; run: apt install valgrind")
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in map(int, arguments):
            fill(folder / f"{size}.db", size)
            found[str(size)] = {
                f"{verb}_thousands": round(
                    (
                        instructions(verb, folder / f"{size}.db", 2 * TIMES, folder)
                        - instructions(verb, folder / f"{size}.db", TIMES, folder)
                    )
                    / TIMES
                    / 1000
                )
                for verb in VERBS
            }
    return found


if __name__ == "__main__":
    if sys.argv[1] in VERBS:
        act(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
    else:
        tell("counts", main)
