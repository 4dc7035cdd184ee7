"""What a writer beside it costs a reader: searches while another process adds messages, beside quiet ones.

    .venv/bin/python benchmarks/writing.py 1000 10000 100000

Synthetic, as in `scale.py`; times are warm and without encoding the question. For each size and rate a quiet round, one
under writing, and a quiet one again, in one process; the ratio is that of the medians. Each read sees all that was
acknowledged before it began, and encodes what came since; `rebuilds` has to stay 0. The writer waits between its adds,
but for the last rate, at which it never does.
"""

import multiprocessing
import shutil
import statistics
import tempfile
import time
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from publishing import tell
from scale import Synthetic, fill, questions, vocabulary

from lamina import Memory

#: Adds a second that are asked for; None = as many as there can be.
RATES = (10, 100, 200, 300, 500, None)
ROUNDS = 5


def write(path: str, stop: Event, rate: int | None, done: Any) -> None:
    """Add messages one by one until told to stop; tells how many a second that were."""
    with Memory(path, encoder=Synthetic()) as memory:
        clock, count = time.perf_counter(), 0
        while not stop.is_set():
            memory.add(
                {"content": f"written beside a reader {count}", "name": "writer", "session": f"live {count // 40}"}
            )
            count += 1
            if rate is not None:
                time.sleep(max(clock + count / rate - time.perf_counter(), 0))
        done.value = count / (time.perf_counter() - clock)


def round_ms(memory: Memory, asked: list[str]) -> list[float]:
    """Give the milliseconds of searches, sorted."""
    spent = []
    for question in asked * ROUNDS:
        clock = time.perf_counter()
        memory.search(question)
        spent.append(1000 * (time.perf_counter() - clock))
    return sorted(spent)


def beside(path: Path, memory: Memory, asked: list[str], rate: int | None) -> dict[str, float]:
    """Measure one rate."""
    quiet = round_ms(memory, asked)
    stop, done = multiprocessing.Event(), multiprocessing.Value("d")
    writer = multiprocessing.Process(target=write, args=(str(path), stop, rate, done))
    writer.start()
    time.sleep(1)
    busy = round_ms(memory, asked)
    stop.set()
    writer.join()
    quiet = sorted([*quiet, *round_ms(memory, asked)])
    return {
        "adds_per_s": round(done.value, 1),
        "quiet_p50_ms": round(statistics.median(quiet), 3),
        "writing_p50_ms": round(statistics.median(busy), 3),
        "writing_p99_ms": round(busy[int(0.99 * len(busy))], 3),
        "ratio": round(statistics.median(busy) / statistics.median(quiet), 2),
    }


def main(arguments: list[str]) -> dict[str, Any]:
    """Measure the sizes that are named."""
    found: dict[str, Any] = {}
    words, weights = vocabulary()
    asked = questions(words, weights)
    encoder = Synthetic()
    encoder.know(asked)
    with tempfile.TemporaryDirectory() as folder:
        for size in map(int, arguments):
            full, path = Path(folder) / f"{size}.db", Path(folder) / "beside.db"
            fill(full, size)
            found[str(size)] = {}
            for rate in RATES:
                shutil.copy(full, path)
                with Memory(path, encoder=encoder) as memory:
                    memory.search(asked[0])
                    measured = beside(path, memory, asked, rate)
                    index = memory.stats().index
                name = f"{rate} adds a second" if rate else "without a pause"
                found[str(size)][name] = {**measured, "rebuilds": index.rebuilds, "builds": index.builds}
    return found


if __name__ == "__main__":
    tell("writing", main)
