"""Four processes on one file, reading and writing in a mix, for as many minutes as are named.

    .venv/bin/python benchmarks/endurance.py 60

Each process adds, corrects, withdraws, searches, recalls, explains, lists and flushes as a paced mix; one compacts
every ten minutes. What a process was told is done it looks for at once: `missed` has to stay 0. Every error but the
documented busy one is kept by name. At the end the file is verified and its records are counted against what was
acknowledged. Synthetic, as in `scale.py`. Memory that an index takes is told apart: it grows with the rows.
"""

import multiprocessing
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

from publishing import tell
from scale import Synthetic, fill, messages, questions, vocabulary

from lamina import Memory
from lamina.core.errors import StoreBusy

PROCESSES = 4
BEGIN_ROWS = 20_000
#: Calls a second and process.
PACE = 15.0
COMPACTED_EVERY_S = 600.0
SAMPLED_EVERY_S = 15.0
MIX = {
    "search": 50, "recall": 10, "add": 12, "add a batch": 1, "update": 6, "delete": 3, "get all": 4, "history": 4,
    "explain": 2, "flush": 1,
}  # fmt: skip
BATCH = 20
PER_SESSION = 40


class Worker:
    """One process of the mix."""

    def __init__(self, number: int, path: str) -> None:
        """Open the file."""
        self._words, self._weights = vocabulary()
        self._asked = questions(self._words, self._weights)
        self._dice = random.Random(number)  # not for secrets
        self.number = number
        self.memory = Memory(path, encoder=Synthetic())
        self.counts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.spent: dict[str, list[tuple[float, float]]] = {verb: [] for verb in (*MIX, "compact")}
        self._mine: list[str] = []
        self._added = 0

    def step(self, verb: str, moment: float) -> None:
        """Do one thing, and note how long it took or what it raised."""
        clock = time.perf_counter()
        try:
            getattr(self, verb.replace(" ", "_"))()
        except StoreBusy:
            self.counts["busy"] += 1
        except Exception as error:  # noqa: BLE001  # counted and told: none may come
            self.errors[f"{verb}: {type(error).__name__}: {str(error)[:200]}"] += 1
        self.spent[verb].append((moment, 1000 * (time.perf_counter() - clock)))

    def draw(self) -> str:
        """Draw what to do next."""
        return self._dice.choices(list(MIX), weights=list(MIX.values()))[0]

    def search(self) -> None:
        """Ask for the ten best."""
        self.memory.search(self._dice.choice(self._asked))

    def recall(self) -> None:
        """Ask for a context."""
        self.memory.recall(self._dice.choice(self._asked), budget_tokens=500)

    def explain(self) -> None:
        """Ask why."""
        self.memory.explain(self._dice.choice(self._asked))

    def get_all(self) -> None:
        """List a page."""
        list(self.memory.get_all(limit=20))

    def flush(self) -> None:
        """Encode what waits and keep the indexes."""
        self.memory.flush()

    def compact(self) -> None:
        """Make the file small."""
        self.memory.compact()

    def add(self) -> None:
        """Add a message, and look whether it is found."""
        self._added += 1
        session = f"live {self.number} {self._added // PER_SESSION}"
        content = f"worker {self.number} noted item {self._added}"
        record = self.memory.add({"content": content, "session": session, "name": f"worker {self.number}"}).stored[0]
        self._mine.append(record.id)
        self.counts["acknowledged"] += 1
        found = self.memory.search(content, limit=2 * PER_SESSION, session=session)
        self.counts["missed"] += record.id not in [hit.record.id for hit in found]

    def add_a_batch(self) -> None:
        """Add messages together."""
        first = 1_000_000 * (1 + self.number) + BATCH * len(self._mine)
        stored = self.memory.add(messages(BATCH, self._words, self._weights, first=first)).stored
        self._mine += [record.id for record in stored]
        self.counts["acknowledged"] += len(stored)

    def update(self) -> None:
        """Correct one of its own, and look at it."""
        if self._mine:
            name = self._dice.choice(self._mine)
            text = f"worker {self.number} corrected this at {time.time_ns()}"
            self.memory.update(name, text=text)
            self.counts["corrected"] += 1
            self.counts["missed"] += self.memory.get(name).text != text

    def delete(self) -> None:
        """Withdraw one of its own."""
        if self._mine:
            self.memory.delete(self._mine.pop(self._dice.randrange(len(self._mine))))
            self.counts["withdrawn"] += 1

    def history(self) -> None:
        """Look at what became of one of its own."""
        if self._mine:
            self.memory.history(self._dice.choice(self._mine))


def resident_mb(process: int | str) -> float:
    """Give the memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    return int(next(line.split()[1] for line in status if line.startswith("VmRSS"))) / 1024


def work(number: int, path: str, lasts_s: float, told: "Queue[dict[str, Any]]") -> None:
    """Do the mix until the time is over."""
    worker = Worker(number, path)
    begun = time.perf_counter()
    compacted = sampled = 0.0
    samples = []
    while (moment := time.perf_counter() - begun) < lasts_s:
        worker.step(worker.draw(), moment)
        if number == 0 and moment - compacted > COMPACTED_EVERY_S:
            compacted = moment
            worker.step("compact", moment)
        if moment - sampled > SAMPLED_EVERY_S:
            sampled = moment
            index = worker.memory.stats().index
            samples.append((moment, resident_mb("self"), index.bytes / 2**20, index.rebuilds))
        time.sleep(max(0.0, 1 / PACE - (time.perf_counter() - begun - moment)))
    worker.memory.close()
    told.put(
        {
            "number": number,
            "counts": dict(worker.counts),
            "errors": dict(worker.errors),
            "samples": samples,
            "spent": worker.spent,
        }
    )


def quantiles(worker: dict[str, Any], lasts_s: float) -> dict[str, Any]:
    """Give p50 and p99 of each verb in the first and in the last sixth of the time."""
    found = {}
    for verb, spent in worker["spent"].items():
        parts = {
            "first": [ms for moment, ms in spent if moment < lasts_s / 6],
            "last": [ms for moment, ms in spent if moment > lasts_s * 5 / 6],
        }
        found[verb] = {
            f"{name}_{label}_ms": round(value, 2)
            for name, ms in parts.items()
            if ms
            for label, value in (("p50", statistics.median(ms)), ("p99", sorted(ms)[int(0.99 * len(ms))]))
        }
    return found


def process_told(worker: dict[str, Any], lasts_s: float) -> dict[str, Any]:
    """Sum up one process: what it did, and its memory beside its index at the first and the last sixth of the time."""
    beside = [(moment, resident - index) for moment, resident, index, _ in worker["samples"]]
    first = [mb for moment, mb in beside if lasts_s / 6 <= moment < lasts_s / 3] or [beside[0][1]]
    last = [mb for moment, mb in beside if moment > lasts_s * 5 / 6] or [beside[-1][1]]
    return {
        "counts": worker["counts"],
        "errors": worker["errors"],
        "rebuilds": max(rebuilds for *_, rebuilds in worker["samples"]),
        "resident_mb": [round(worker["samples"][place][1], 1) for place in (0, -1)],
        "index_mb": [round(worker["samples"][place][2], 1) for place in (0, -1)],
        "resident_beside_index_mb": [round(statistics.median(first), 1), round(statistics.median(last), 1)],
        "ms": quantiles(worker, lasts_s),
    }


def file_told(path: Path, workers: list[dict[str, Any]]) -> dict[str, Any]:
    """Verify the file, and count what is in it against what was acknowledged."""
    counts = sum((Counter(worker["counts"]) for worker in workers), Counter())
    with Memory(path, encoder=Synthetic()) as memory:
        report = memory.verify()
        held = memory.stats(is_whole_file=True).counts
        before = os.path.getsize(path)
        memory.compact()
        active = held.records["observation"]["active"]
        return {
            "is_sound": report.is_sound,
            "findings": [str(finding) for finding in report.findings[:5]],
            "active": active,
            "active_expected": BEGIN_ROWS + counts["acknowledged"] - counts["withdrawn"],
            "revisions": held.revisions,
            "bytes_of_text_and_768_a_vector": round(before / (held.text_bytes + 768 * held.vectors), 2),
            "the_same_compacted": round(os.path.getsize(path) / (held.text_bytes + 768 * held.vectors), 2),
        }


def main(arguments: list[str]) -> dict[str, Any]:
    """Let the processes work for as many minutes as are named."""
    lasts_s = 60 * float(arguments[0])
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "endurance.db"
        fill(path, BEGIN_ROWS)
        told: Queue[dict[str, Any]] = context.Queue()
        processes = [
            context.Process(target=work, args=(number, str(path), lasts_s, told)) for number in range(PROCESSES)
        ]
        for process in processes:
            process.start()
        most_log, sizes = 0, []
        begun = time.perf_counter()
        while time.perf_counter() - begun < lasts_s:
            time.sleep(SAMPLED_EVERY_S)
            log = Path(f"{path}-wal")
            most_log = max(most_log, log.stat().st_size if log.exists() else 0)
            sizes.append(round(path.stat().st_size / 2**20, 1))
        workers = sorted((told.get() for _ in processes), key=lambda worker: int(worker["number"]))
        for process in processes:
            process.join()
        return {
            "minutes": lasts_s / 60,
            "processes": [process_told(worker, lasts_s) for worker in workers],
            "file_mb": sizes[:: max(1, len(sizes) // 12)],
            "most_log_mb": round(most_log / 2**20, 1),
            "file": file_told(path, workers),
        }


if __name__ == "__main__":
    tell("endurance", main)
