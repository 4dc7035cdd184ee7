"""How speed, memory and disk grow: one scope of 1k, 10k, 100k, 1M observations, and 1,000 tenants of 100.

    .venv/bin/python benchmarks/scale.py 1000 10000 100000 1000000

Synthetic: sentences of the sample life in new combinations, and random unit vectors in clusters, made at once, because
real encoding of 100k texts takes a quarter of an hour. Each size in a process of its own, by the default and by the
recipe `first-look`. Times are warm and without encoding; the limit beside a search is reading its sign bits and the
postings that it touches once, in the same process. Where machine code comes to serve, by the extra `compiled`, another
process does without: `numpy`.
"""

import itertools
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw
import numpy as np
from publishing import tell

from lamina import Memory, Scope, Settings
from lamina.core.grant import Granted
from lamina.core.protocols import EncoderId
from lamina.core.token_encoder import MOST, TokenVectors
from lamina.index.scanning import BY_NUMBA, scanning
from lamina.testing import sample

WIDTH, TOKEN_WIDTH = 384, 64
DIFFERENT_WORDS = 4096
BATCH = 500
QUESTIONS = 60
ROUNDS = 5
#: Before anything is timed: so many rounds, in which machine code comes to be made for a million rows.
WARM_ROUNDS = 2
CLUSTERS = 200
TURN_WORDS = 18
TENANTS = 1000
PER_TENANT = 100
BEGIN_S = 1_770_000_000
PARTS = ("fill", "ask", "tenants")
RECIPES = ("default", "first-look")
ONE_OF_THEM = "tenant 500"
DICE = random.Random(7)  # not for secrets


class Synthetic:
    """An encoder that draws vectors: near one of many centres, so that neighbours exist."""

    def __init__(self) -> None:
        """Draw the centres."""
        self._known: dict[str, np.ndarray] = {}
        generator = np.random.default_rng(3)
        self._centres = generator.standard_normal((CLUSTERS, WIDTH)).astype(np.float32)
        self._generator = generator
        self._words = generator.integers(-MOST, MOST + 1, (DIFFERENT_WORDS, TOKEN_WIDTH)).astype(np.int8)

    @property
    def identity(self) -> EncoderId:
        """Name what is no model."""
        return EncoderId(name="synthetic", model="synthetic@1", width=WIDTH)

    def know(self, texts: Sequence[str]) -> None:
        """Draw the vectors of questions beforehand, so that asking them is timed without."""
        self._known |= {text: np.frombuffer(self.encode([text]), np.float32) for text in texts}

    def encode(self, texts: Sequence[str]) -> memoryview:
        """Draw a unit vector a text."""
        if len(texts) == 1 and texts[0] in self._known:
            return memoryview(self._known[texts[0]][None, :])
        centres = self._centres[[hash(text) % CLUSTERS for text in texts]]
        drawn = centres + 0.8 * self._generator.standard_normal(centres.shape, dtype=np.float32)
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        return memoryview(np.ascontiguousarray(drawn, dtype=np.float32))

    @property
    def token_identity(self) -> EncoderId:
        """Name what is no model."""
        return EncoderId(name="synthetic", model="synthetic@1/tokens", width=TOKEN_WIDTH)

    def encode_tokens(self, texts: Sequence[str]) -> tuple[memoryview, list[TokenVectors]]:
        """Draw that, and give each word its own vector."""
        return self.encode(texts), [self._tokens(text) for text in texts]

    def _tokens(self, text: str) -> TokenVectors:
        spans = [found.span() for found in re.finditer(r"\S+", text)]
        values = self._words[[zlib.crc32(text[start:end].encode()) % len(self._words) for start, end in spans]]
        return TokenVectors(values.data, spans)

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        """Give the whole."""
        del reserved_tokens
        return [(0, len(text))]

    def count_tokens(self, text: str) -> int:
        """Count words."""
        return len(text.split())


def vocabulary() -> tuple[list[str], np.ndarray]:
    """Give the words of the sample life and many made-up ones, with the weights of Zipf's law."""
    words = sorted({word for turn in sample.messages() for word in turn["content"].split()}, key=len)
    words += [f"{DICE.choice(words).strip('.,!?')}{number}" for number in range(30_000)]
    DICE.shuffle(words)
    weights = 1 / np.arange(5, len(words) + 5)
    return words, np.cumsum(weights / weights.sum())


def messages(count: int, words: list[str], weights: np.ndarray, *, first: int = 0) -> list[dict[str, Any]]:
    """Give that many different messages from number `first` on, in sessions of forty."""
    draws = np.searchsorted(weights, np.random.default_rng(11 + first).random((count, TURN_WORDS)))
    return [
        {
            "content": " ".join(words[place] for place in row) + f" ({number})",
            "name": f"person {number % 9}",
            "session": f"session {number // 40}",
            "at": BEGIN_S + 60 * number,
        }
        for number, row in enumerate(draws, start=first)
    ]


def questions(words: list[str], weights: np.ndarray) -> list[str]:
    """Give questions of eight words, as frequent ones as the texts have."""
    draws = np.searchsorted(weights, np.random.default_rng(5).random((QUESTIONS, 8)))
    return [" ".join(words[place] for place in row) for row in draws]


def resident_mb() -> float:
    """Give what the process holds in memory now."""
    return int(Path("/proc/self/statm").read_text("utf-8").split()[1]) * resource.getpagesize() / 2**20


def timed_searches(memory: Memory, asked: list[str], **scope: Any) -> list[float]:
    """Give the milliseconds of searches, sorted."""
    spent = []
    for question in asked * ROUNDS:
        clock = time.perf_counter()
        memory.search(question, **scope)
        spent.append(1000 * (time.perf_counter() - clock))
    return sorted(spent)


def limits(memory: Memory, asked: list[str], scope: Granted[Scope]) -> list[float]:
    """Give the milliseconds of reading each question's sign bits and postings once, sorted."""
    (_, _, desk), spent = memory._at_desk({}, None), []
    with desk.indexes.sight(desk.store, scope=scope) as sight:
        for question in asked * ROUNDS:
            vector, terms = np.asarray(desk.encoder.encode([question]))[0], desk.recipe.analyse(question)
            clock = time.perf_counter()
            sight.union.estimates(vector)
            sight.union.holders(terms)
            spent.append(1000 * (time.perf_counter() - clock))
    return sorted(spent)


def quantiles(spent: list[float]) -> dict[str, float]:
    """Give p50, p95 and p99."""
    return {
        "p50_ms": round(statistics.median(spent), 3),
        "p95_ms": round(spent[int(0.95 * len(spent))], 3),
        "p99_ms": round(spent[int(0.99 * len(spent))], 3),
    }


def fill(path: Path, count: int, recipe: str = "default") -> dict[str, float]:
    """Write a file of `count` observations with vectors and kept indexes."""
    words, weights = vocabulary()
    added, text = 0.0, 0
    with Memory(path, encoder=Synthetic(), settings=Settings(recipe=recipe)) as memory:
        for first in range(0, count, BATCH):
            turns = messages(min(BATCH, count - first), words, weights, first=first)
            text += sum(len(turn["content"].encode()) for turn in turns)
            clock = time.perf_counter()
            memory.add(turns)
            added += time.perf_counter() - clock
        clock = time.perf_counter()
        memory.flush()
        flushed = time.perf_counter() - clock
    size = os.path.getsize(path)
    return {
        "add_per_s": round(count / added),
        "flush_per_s": round(count / flushed),
        "file_mb": round(size / 2**20, 1),
        "times_of_text_and_vector": round(size / (text + 2 * WIDTH * count), 2),
    }


def read_ms(path: Path) -> float:
    """Give the milliseconds of opening a file and reading the bytes of all its kept indexes."""
    clock = time.perf_counter()
    connection = apsw.Connection(str(path))
    for _ in connection.execute("SELECT data FROM segment"):
        pass
    connection.close()
    return 1000 * (time.perf_counter() - clock)


def ask(path: Path, recipe: str = "default", tenant: str | None = None) -> dict[str, Any]:
    """Open a file, and time the first answer and many."""
    scope: Any = {} if tenant is None else {"tenant_id": tenant}
    words, weights = vocabulary()
    asked = questions(words, weights)
    encoder = Synthetic()
    encoder.know(asked)
    with path.open("rb") as file:
        while file.read(2**24):
            pass
    before = resident_mb()
    clock = time.perf_counter()
    with Memory(path, encoder=encoder, settings=Settings(recipe=recipe)) as memory:
        memory.search(asked[0], **scope)
        cold_ms = 1000 * (time.perf_counter() - clock)
        for _ in range(WARM_ROUNDS):
            for question in asked:
                memory.search(question, **scope)
        scanning().wait()
        spent = timed_searches(memory, asked, **scope)
        index = memory.stats().index
        return {
            "cold_open_ms": round(cold_ms, 1),
            "limit_of_cold_open_ms": round(read_ms(path), 1),
            "search": quantiles(spent),
            "limit": quantiles(limits(memory, asked, memory._granted(scope))),
            "index_mb": round(index.bytes / 2**20, 1),
            "resident_mb": round(resident_mb() - before, 1),
            "scanned_by": index.scanned_by,
            "rebuilds": index.rebuilds,
            "loads": index.loads,
        }


def tenants(path: Path) -> dict[str, float]:
    """Fill a file with many small tenants."""
    words, weights = vocabulary()
    turns = messages(PER_TENANT * 50, words, weights)
    with Memory(path, encoder=Synthetic()) as memory:
        for number in range(TENANTS):
            first = PER_TENANT * (number % 50)
            memory.add(turns[first : first + PER_TENANT], tenant_id=f"tenant {number}")
            memory.flush(tenant_id=f"tenant {number}")
    return {"file_mb": round(os.path.getsize(path) / 2**20, 1)}


def in_a_process(*arguments: str, **environment: str) -> Any:
    """Run a part of this file by itself and give what it prints."""
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **environment})
    return json.loads(done.stdout)


def part(name: str, path: Path, *of: str) -> Any:
    """Do one part in this process: `of` so many observations by a recipe, or by one, of one tenant."""
    if name == "fill":
        return fill(path, int(of[0]), *of[1:])
    return ask(path, *of) if name == "ask" else tenants(path)


def main(arguments: list[str]) -> Any:
    """Measure the sizes that are named, by each recipe."""
    found: dict[str, Any] = {recipe: {} for recipe in RECIPES}
    with tempfile.TemporaryDirectory() as folder:
        for recipe, size in itertools.product(RECIPES, arguments):
            path = f"{folder}/{recipe}-{size}.db"
            here = in_a_process("fill", path, size, recipe) | in_a_process("ask", path, recipe)
            if here["scanned_by"] == BY_NUMBA:
                without = in_a_process("ask", path, recipe, NUMBA_DISABLE_JIT="1")
                here["numpy"] = {name: without[name] for name in ("search", "limit", "resident_mb", "scanned_by")}
            found[recipe][size] = here
            Path(path).unlink()
        found["one tenant of 100"] = in_a_process("fill", f"{folder}/100.db", "100") | in_a_process(
            "ask", f"{folder}/100.db"
        )
        many = f"{folder}/tenants.db"
        found["1000 tenants of 100"] = in_a_process("tenants", many) | in_a_process("ask", many, "default", ONE_OF_THEM)
    return found


if __name__ == "__main__":
    if sys.argv[1] in PARTS:
        print(json.dumps(part(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])))
    else:
        tell("scale", main)
