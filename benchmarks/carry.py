"""What it takes to carry a memory elsewhere: exports, loads and backups of one wall.

    .venv/bin/python benchmarks/carry.py 10000 100000

Synthetic messages of some 140 characters with a speaker, a session and a time, encoded by nobody. Each in a process of
its own, so that the most memory that it took is its own. A load proves what it took in before it ends. Seconds of the
clock and of the processor, which differ where the machine is busy.
"""

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from publishing import tell
from scale import Synthetic

from lamina import Memory

#: Messages that are added at once, and that a session has.
BATCH, SESSION = 500, 1000


def made(path: Path, messages: int) -> None:
    """Fill a memory."""
    words = [f"word{number}" for number in range(5000)]
    with Memory(path, encoder=Synthetic()) as memory:
        for first in range(0, messages, BATCH):
            batch = [
                {
                    "content": " ".join(words[(number * 7 + place * 13) % 5000] for place in range(17)),
                    "name": "Ada",
                    "at": 1_600_000_000 + 60 * number,
                }
                for number in range(first, first + BATCH)
            ]
            memory.add(batch, session=f"s{first // SESSION}")


def act(name: str, folder: Path) -> Any:
    """Do one of the three."""
    path = folder / ("loaded.db" if name == "load" else "life.db")
    with Memory(path, encoder=Synthetic()) as memory:
        if name == "export":
            return memory.export(folder / "life.jsonl")
        return memory.load(folder / "life.jsonl") if name == "load" else memory.backup(folder / "copy.db")


def measure(name: str, folder: Path, found: Any) -> None:
    """Measure one of the three, in a process of its own."""
    clock, processor = time.perf_counter(), time.process_time()
    act(name, folder)
    found[f"{name}_s"] = round(time.perf_counter() - clock, 2)
    found[f"{name}_processor_s"] = round(time.process_time() - processor, 2)
    found[f"{name}_peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def apart(act_: Callable[..., None], *arguments: Any) -> None:
    """Call something in a process of its own."""
    process = multiprocessing.get_context("spawn").Process(target=act_, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"{act_.__name__} ended with {process.exitcode}")


def measured(messages: int, folder: Path) -> dict[str, Any]:
    """Measure one size."""
    apart(made, folder / "life.db", messages)
    with multiprocessing.Manager() as manager:
        found = manager.dict()
        for name in ("export", "load", "backup"):
            apart(measure, name, folder, found)
        sizes = {"export_bytes": folder / "life.jsonl", "backup_bytes": folder / "copy.db"}
        return {**dict(found), **{name: path.stat().st_size for name, path in sizes.items()}}


def main(arguments: list[str]) -> dict[str, Any]:
    """Measure the sizes that are named."""
    found = {}
    for size in arguments:
        with tempfile.TemporaryDirectory() as folder:
            found[size] = measured(int(size), Path(folder))
    return found


if __name__ == "__main__":
    tell("carry", main)
