"""The figures of the README, each with the machine's limit beside it, in one run.

    .venv/bin/python benchmarks/figures.py

Texts are sentences of the sample life in new combinations; what is called "without encoding" uses an encoder of
hashes, "with" the shipped one. Medians of repeated runs; machines are noisy, so read ratios.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import apsw
import numpy as np
from publishing import tell

from lamina import Memory
from lamina.providers.minilm import MiniLM
from lamina.testing import sample
from lamina.testing.fakes import HashEncoder

WIDTH = 384
SINGLE_ADDS = 300
SEARCHES = 200
DICE = random.Random(7)  # not for secrets


class HashesBesideMiniLM(HashEncoder):
    """Hashes for vectors, so that thousands of texts are there at once, and the time of the shipped encoder."""

    def __init__(self) -> None:
        """Load the shipped encoder."""
        super().__init__(width=WIDTH)
        self._minilm = MiniLM()

    def encode(self, texts: Sequence[str]) -> memoryview:
        """Encode with both, and give the hashes."""
        self._minilm.encode(texts)
        return super().encode(texts)


def texts(count: int) -> list[dict[str, str]]:
    """Give that many different messages."""
    turns = [turn["content"] for turn in sample.messages()]
    return [
        {
            "content": f"{DICE.choice(turns)} {DICE.choice(turns)} ({number})",
            "name": f"person {number % 9}",
            "session": f"session {number // 40}",
        }
        for number in range(count)
    ]


def milliseconds(call: Callable[[], Any], times: int) -> list[float]:
    """Time a call again and again."""
    spent = []
    for _ in range(times):
        clock = time.perf_counter()
        call()
        spent.append(1000 * (time.perf_counter() - clock))
    return sorted(spent)


def quantiles(spent: list[float]) -> dict[str, float]:
    """Give p50 and p95."""
    return {"p50_ms": round(statistics.median(spent), 3), "p95_ms": round(spent[int(0.95 * len(spent))], 3)}


def raw_inserts(folder: Path) -> dict[str, float]:
    """Time durable single inserts by SQLite alone: the limit of a durable add."""
    connection = apsw.Connection(str(folder / "raw.db"))
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "FULL")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
    words = texts(1)[0]["content"]
    return quantiles(milliseconds(lambda: connection.execute("INSERT INTO t (text) VALUES (?)", (words,)), SINGLE_ADDS))


def single_adds(folder: Path) -> dict[str, float]:
    """Time durable adds of one message, without encoding."""
    messages = iter(texts(SINGLE_ADDS))
    with Memory(folder / "single.db", encoder=HashEncoder(width=WIDTH)) as memory:
        return quantiles(milliseconds(lambda: memory.add(next(messages)), SINGLE_ADDS))


def stages(folder: Path, count: int) -> dict[str, float]:
    """Time each stage over `count` messages, and count the bytes that they take."""
    messages, path = texts(count), folder / f"stages{count}.db"
    figures: dict[str, float] = {
        "text_bytes_per_observation": sum(len(m["content"].encode()) for m in messages) / count
    }
    with Memory(path, encoder=HashEncoder(width=WIDTH)) as memory:
        clock = time.perf_counter()
        memory.add(messages)
        figures["add_s"] = time.perf_counter() - clock
        clock = time.perf_counter()
        memory.flush()
        figures["encode_and_keep_s"] = time.perf_counter() - clock
        clock = time.perf_counter()
        memory.search("sextant")
        figures["load_index_and_first_search_s"] = time.perf_counter() - clock
        clock = time.perf_counter()
        memory.verify()
        figures["verify_s"] = time.perf_counter() - clock
        figures["index_bytes_per_observation"] = memory.stats().index.bytes / count
    figures["file_bytes_per_observation"] = os.path.getsize(path) / count
    return {name: round(value, 3) for name, value in figures.items()}


def searches(folder: Path, count: int) -> dict[str, Any]:
    """Time searches over `count` observations, with and without encoding the question; beside it the raw product."""
    path = folder / f"stages{count}.db"
    asked = iter([turn["content"] for turn in sample.messages()] * 3)
    found = []
    for encoder in (HashEncoder(width=WIDTH), HashesBesideMiniLM()):
        with Memory(path, encoder=encoder) as memory:
            memory.search("warm")
            found.append(quantiles(milliseconds(lambda memory=memory: memory.search(next(asked)), SEARCHES)))
    matrix = np.random.default_rng(7).standard_normal((count, WIDTH), dtype=np.float32)
    query = matrix[0].copy()
    product = quantiles(milliseconds(lambda: matrix @ query, SEARCHES))
    return {"without_encoding": found[0], "with_encoding": found[1], "limit_raw_matrix_product": product}


def encoding() -> dict[str, Any]:
    """Time the shipped encoder: a question, and texts a second."""
    encoder = MiniLM()
    turns = [turn["content"] for turn in sample.messages()]
    clock = time.perf_counter()
    encoder.encode(turns[:1])
    load_s = time.perf_counter() - clock
    asked = iter([question.text for question in sample.questions()] * 20)
    one = quantiles(milliseconds(lambda: encoder.encode([next(asked)]), SEARCHES))
    clock = time.perf_counter()
    encoder.encode(turns)
    return {
        "load_s": round(load_s, 3),
        "question": one,
        "texts_per_second": round(len(turns) / (time.perf_counter() - clock), 1),
    }


def starts() -> dict[str, float]:
    """Time fresh processes: Python alone, importing the package, importing Memory, `lamina --help`."""
    command = str(Path(sys.executable).with_name("lamina"))
    runs = {
        "python_alone_s": [sys.executable, "-c", "pass"],
        "import_lamina_s": [sys.executable, "-c", "import lamina"],
        "import_memory_s": [sys.executable, "-c", "from lamina import Memory"],
        "lamina_help_s": [command, "--help"],
    }
    # As installed: with the byte code that the first run leaves.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def median_s(run: list[str]) -> float:
        spent = milliseconds(lambda: subprocess.run(run, check=True, capture_output=True, env=environment), 7)
        return round(statistics.median(spent) / 1000, 3)

    return {name: median_s(run) for name, run in runs.items()}


def main(arguments: list[str]) -> dict[str, Any]:
    """Measure everything."""
    del arguments
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return {
            "durable_add_of_one": {"lamina": single_adds(folder), "limit_raw_durable_insert": raw_inserts(folder)},
            "stages_1k": stages(folder, 1_000),
            "stages_10k": stages(folder, 10_000),
            "search_1k": searches(folder, 1_000),
            "search_10k": searches(folder, 10_000),
            "encoding": encoding(),
            "starts": starts(),
        }


if __name__ == "__main__":
    tell("figures", main)
