"""One measurement of one contender, in a process of its own; run by `run.py`, writes JSON.

Tasks: `quality` (rankings for every question), `scale` (adds, queries, memory, disk), `reopen` (a new process on what
`scale` left). Memory is that of the process less what it held once the contender was imported. The network is shut.
"""

import argparse
import gc
import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from contenders import Contender, contender_named
from given import KnownVectors, NumberedVectors, Peer, Row, Vectors, read_rows

QUALITY_DEPTH = 20
LIMIT = 10
MOST_QUERIES = 200
#: However slow they are, that many are asked and added.
FEWEST = 5
SINGLES = 50
SHORT_CAP_S = 60.0
MEBIBYTE = 1 << 20
Figures = dict[str, Any]


class NetworkIsShut(RuntimeError):
    """Something asked for the network."""


class Capped:
    """Rows until the time is up; counts those that were taken."""

    def __init__(self, rows: Iterable[Row], *, seconds: float) -> None:
        """Begin to count time at once."""
        self._rows = rows
        self._end = time.perf_counter() + seconds
        self.taken = 0

    def __iter__(self) -> Iterator[Row]:
        """Give rows one by one."""
        for row in self._rows:
            if time.perf_counter() > self._end:
                return
            self.taken += 1
            yield row


def shut_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse connections and name look-ups; sockets of this machine's file system stay open."""
    is_remote = event == "socket.connect" and not isinstance(arguments[1], str | bytes)
    if is_remote or event == "socket.getaddrinfo":
        raise NetworkIsShut(f"{event} {arguments}")


def memory_bytes(field: str) -> int | None:
    """Give `VmRSS` (now) or `VmHWM` (at most) of this process; None where the system does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text("ascii").splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024


def more_than(before: int | None, field: str) -> float | None:
    """Give how many MiB more than `before` are held."""
    now = memory_bytes(field)
    return None if before is None or now is None else round((now - before) / MEBIBYTE, 1)


def quantiles(spent_ms: list[float]) -> Figures:
    """Give p50, p95 and how many."""
    ordered = sorted(spent_ms)
    return {
        "p50_ms": round(statistics.median(ordered), 3),
        "p95_ms": round(ordered[int(0.95 * len(ordered))], 3),
        "n": len(ordered),
    }


def timed(calls: Iterable[Callable[[], object]]) -> tuple[list[float], list[object]]:
    """Time call after call until a minute is over, but at least some."""
    spent, given = [], []
    end = time.perf_counter() + SHORT_CAP_S
    for call in calls:
        clock = time.perf_counter()
        if clock > end and len(spent) >= FEWEST:
            break
        given.append(call())
        spent.append(1000 * (time.perf_counter() - clock))
    return spent, given


def files_bytes(folder: Path) -> int:
    """Give the bytes of all files under `folder`."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def opener(contender: Contender) -> Callable[[Path, Vectors], Peer]:
    """Import the contender's adapter, and give what opens it."""
    module = importlib.import_module(contender.module)
    return lambda folder, vectors: module.open_peer(folder, vectors, **contender.options)


def quality(contender: Contender, inputs: Path, folder: Path) -> Figures:
    """Rank the rows of each group for each of its questions."""
    open_peer = opener(contender)
    texts = json.loads((inputs / "texts.json").read_text("utf-8"))
    vectors = KnownVectors(texts, np.load(inputs / "vectors.npy"))
    ranked: dict[str, list[str]] = {}
    for number, group in enumerate(read_rows(inputs / "groups.jsonl")):
        own = folder / str(number)
        own.mkdir()
        peer = open_peer(own, vectors)
        peer.add_many(group["docs"])
        for question in group["questions"]:
            ranked[question["id"]] = peer.search(question["text"], QUALITY_DEPTH, question["ts"])
        peer.close()
    return {"ranked": ranked}


def scale(contender: Contender, inputs: Path, folder: Path, *, size: int, cap_s: float) -> Figures:
    """Add, ask, and weigh."""
    clock = time.perf_counter()
    open_peer = opener(contender)
    import_s = time.perf_counter() - clock
    vectors = NumberedVectors(inputs / "vectors.f32")
    gc.collect()
    before = memory_bytes("VmRSS")
    peer = open_peer(folder, vectors)
    capped = Capped(read_rows(inputs / "rows.jsonl", most=size), seconds=cap_s)
    clock = time.perf_counter()
    peer.add_many(capped)
    add_s = time.perf_counter() - clock
    singles = list(read_rows(inputs / "singles.jsonl", most=SINGLES))
    spent, _ = timed((lambda row=row: peer.add_one(row)) for row in singles)
    asked = asking(peer, inputs)
    gc.collect()
    figures = {
        "reached": capped.taken,
        "singles": len(spent),
        "add_s": round(add_s, 2),
        "adds_per_s": round(capped.taken / add_s, 1),
        "add_one": quantiles(spent),
        **asked,
        "import_s": round(import_s, 2),
        "import_mib": None if before is None else round(before / MEBIBYTE, 1),
        "held_mib": more_than(before, "VmRSS"),
        "peak_mib": more_than(before, "VmHWM"),
    }
    peer.close()
    return figures | {"disk_mib": round(files_bytes(folder) / MEBIBYTE, 2) if contender.is_kept else None}


def reopen(contender: Contender, inputs: Path, folder: Path) -> Figures:
    """Open what is there, and ask."""
    open_peer = opener(contender)
    vectors = NumberedVectors(inputs / "vectors.f32")
    first = next(read_rows(inputs / "queries.jsonl"))
    gc.collect()
    before = memory_bytes("VmRSS")
    clock = time.perf_counter()
    peer = open_peer(folder, vectors)
    found = peer.search(str(first["text"]), LIMIT)
    first_ms = 1000 * (time.perf_counter() - clock)
    asked = asking(peer, inputs)
    gc.collect()
    held = more_than(before, "VmRSS")
    peer.close()
    return {"found_after_reopening": len(found), "first_answer_ms": round(first_ms, 1), "held_mib": held, **asked}


def asking(peer: Peer, inputs: Path) -> Figures:
    """Ask the queries one after another, the first one twice."""
    texts = [str(row["text"]) for row in read_rows(inputs / "queries.jsonl", most=MOST_QUERIES)]
    peer.search(texts[0], LIMIT)
    spent, ranked = timed((lambda text=text: peer.search(text, LIMIT)) for text in texts)
    return {"query": quantiles(spent), "ranked": ranked}


def main() -> None:
    """Measure what the arguments name, and write it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=("quality", "scale", "reopen"))
    parser.add_argument("name")
    parser.add_argument("--inputs", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--cap", type=float, default=600.0)
    chosen = parser.parse_args()
    sys.addaudithook(shut_network)
    contender = contender_named(chosen.name)
    if chosen.task == "quality":
        figures = quality(contender, chosen.inputs, chosen.folder)
    elif chosen.task == "scale":
        figures = scale(contender, chosen.inputs, chosen.folder, size=chosen.size, cap_s=chosen.cap)
    else:
        figures = reopen(contender, chosen.inputs, chosen.folder)
    figures["load"] = round(os.getloadavg()[0], 2)
    figures["versions"] = {name: metadata.version(name) for name in contender.packages}
    chosen.out.write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
