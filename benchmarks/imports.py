"""What an import of 10k, 100k and 1M short messages takes, beside `Memory.add` in batches and beside SQLite alone.

    .venv/bin/python benchmarks/imports.py 10000 100000 1000000

The messages are words of the sample life by Zipf's law, in sessions of forty; the vectors are synthetic, because real
encoding of a million texts takes hours. Each figure comes from a process of its own, whose peak memory is the kernel's.
An import reads its source twice, checks everything, and keeps a row a piece; the limit beside it is inserting the same
texts, a thousand a transaction, durably, into one table. Machines are noisy: read ratios.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import apsw
import numpy as np
from publishing import tell
from scale import BEGIN_S, TURN_WORDS, Synthetic, vocabulary

from lamina import Memory

BATCH = 1000
#: Messages drawn at once when a source is written.
DRAWN = 10_000


def written(path: Path, count: int, *, as_list: bool) -> None:
    """Write a source of that many messages: JSON lines, or one list."""
    words, weights = vocabulary()
    generator = np.random.default_rng(11)
    with path.open("w", encoding="utf-8") as file:
        file.write("[\n" if as_list else "")
        for number in range(count):
            if number % DRAWN == 0:
                draws = np.searchsorted(weights, generator.random((DRAWN, TURN_WORDS)))
            text = " ".join(words[place] for place in draws[number % DRAWN])
            message = {
                "text": f"{text} ({number})",
                "name": f"person {number % 9}",
                "session": f"session {number // 40}",
                "ts": BEGIN_S + 60 * number,
            }
            file.write(json.dumps(message) + (",\n" if as_list and number + 1 < count else "\n"))
        file.write("]" if as_list else "")


def batches(source: Path) -> Iterator[list[dict[str, Any]]]:
    """Give the messages of JSON lines in batches, with the keys that `Memory.add` takes."""
    with source.open(encoding="utf-8") as lines:
        while batch := [json.loads(line) for line in islice(lines, BATCH)]:
            yield [
                {"content": one["text"], "name": one["name"], "session": one["session"], "at": one["ts"]}
                for one in batch
            ]


def peak_mb() -> float:
    """Give the most memory that this process has held so far."""
    status = Path("/proc/self/status").read_text("utf-8").splitlines()
    return int(next(line.split()[1] for line in status if line.startswith("VmHWM"))) / 1024


def timed(act: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """Do something; give what it gives, with seconds by the clock and of the processor."""
    clock, used = time.perf_counter(), time.process_time()
    given = act()
    return given, {"s": round(time.perf_counter() - clock, 2), "cpu_s": round(time.process_time() - used, 2)}


def add(source: Path, path: Path) -> dict[str, Any]:
    """Add the messages in batches: what an import is compared with."""
    with Memory(path, encoder=Synthetic()) as memory:

        def act() -> None:
            for batch in batches(source):
                memory.add(batch)

        return {**timed(act)[1], "peak_mb": round(peak_mb(), 1)}


def raw(source: Path, path: Path) -> dict[str, Any]:
    """Insert the messages into one table of SQLite alone, durably."""
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "FULL")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT, name TEXT, session TEXT, at INTEGER)")

    def act() -> None:
        for batch in batches(source):
            with connection:
                rows = [tuple(message.values()) for message in batch]
                connection.executemany("INSERT INTO t (text, name, session, at) VALUES (?, ?, ?, ?)", rows)

    return timed(act)[1]


def take_in(source: Path, path: Path) -> dict[str, Any]:
    """Import the messages, and once more; nothing is encoded and no index is built."""
    before = peak_mb()
    with Memory(path, encoder=Synthetic()) as memory:
        imported, spent = timed(lambda: memory.import_messages(source))
        found = {**spent, "stored": imported.stored, "peak_mb": round(peak_mb(), 1), "began_mb": round(before, 1)}
        again, spent = timed(lambda: memory.import_messages(source))
        assert (again.known, again.stored) == (imported.messages, 0)
    found["again_s"] = spent["s"]
    found["bytes_per_observation"] = round(os.path.getsize(path) / imported.messages)
    return found


def check(path: Path) -> dict[str, Any]:
    """Verify the file."""
    with Memory(path, encoder=Synthetic()) as memory:
        report, spent = timed(memory.verify)
        assert report.is_sound, report.findings
    return {**spent, "peak_mb": round(peak_mb(), 1)}


def encode(path: Path) -> dict[str, Any]:
    """Keep a synthetic vector a text, as `flush` does after an import, and build the index."""
    with Memory(path, encoder=Synthetic()) as memory:
        count, spent = timed(memory.flush)
        index = memory.stats().index
    size = os.path.getsize(path)
    return {
        **spent,
        "texts": count,
        "peak_mb": round(peak_mb(), 1),
        "index_mb": round(index.bytes / 2**20, 1),
        "bytes_per_observation": round(size / count),
    }


def kill_halfway(source: Path, path: Path, *, after_s: float) -> dict[str, Any]:
    """Kill an import, and let the same command go on."""
    command = [sys.executable, __file__, "take_in", str(source), str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        time.sleep(after_s)
        running.send_signal(signal.SIGKILL)
    found: dict[str, Any] = {"killed_after_s": round(after_s, 1)}
    with Memory(path, encoder=Synthetic()) as memory:
        imported, spent = timed(lambda: memory.import_messages(source))
        active = memory.stats().counts.records["observation"]["active"]
    assert active == imported.messages == imported.known + imported.stored
    return {**found, "known": imported.known, "stored": imported.stored, **spent}


def in_a_process(*arguments: object) -> Any:
    """Run a part of this file by itself and give what it prints."""
    command = [sys.executable, __file__, *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def measure(folder: Path, count: int) -> dict[str, Any]:
    """Measure one size."""
    lines, members = folder / f"{count}.jsonl", folder / f"{count}.json"
    written(lines, count, as_list=False)
    written(members, count, as_list=True)
    paths = {name: folder / f"{name}{count}.db" for name in ("add", "raw", "lines", "list", "killed")}
    found: dict[str, Any] = {"source_mb": round(lines.stat().st_size / 2**20, 1)}
    found["add"] = in_a_process("add", lines, paths["add"])
    found["import"] = in_a_process("take_in", lines, paths["lines"])
    found["import_of_a_list"] = in_a_process("take_in", members, paths["list"])
    found["raw_inserts"] = in_a_process("raw", lines, paths["raw"])
    for name in ("add", "list", "raw"):
        paths[name].unlink()
    found["verify"] = in_a_process("check", paths["lines"])
    found["encode_synthetic"] = in_a_process("encode", paths["lines"])
    found["killed"] = in_a_process("kill_halfway", lines, paths["killed"], found["import"]["s"] / 2)
    found["import_per_s"] = round(count / found["import"]["s"])
    found["of_add_by_clock"] = round(found["add"]["s"] / found["import"]["s"], 2)
    found["of_add_by_processor"] = round(found["add"]["cpu_s"] / found["import"]["cpu_s"], 2)
    found["of_raw_by_clock"] = round(found["raw_inserts"]["s"] / found["import"]["s"], 3)
    return found


def part(name: str, *arguments: str) -> Any:
    """Do one part in this process."""
    paths = [Path(argument) for argument in arguments[:2]]
    if name == "kill_halfway":
        return kill_halfway(*paths, after_s=float(arguments[2]))
    return PARTS[name](*paths)


def main(arguments: list[str]) -> Any:
    """Measure the sizes that are named."""
    with tempfile.TemporaryDirectory() as folder:
        return {size: measure(Path(folder), int(size)) for size in arguments}


PARTS: dict[str, Callable[..., Any]] = {
    "add": add, "raw": raw, "take_in": take_in, "check": check, "encode": encode, "kill_halfway": kill_halfway,
}  # fmt: skip

if __name__ == "__main__":
    if sys.argv[1] in PARTS:
        print(json.dumps(part(*sys.argv[1:])))
    else:
        tell("imports", main)
