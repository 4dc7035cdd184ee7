"""What a filter costs: searches with one of each kind, beside the plain search in the same process.

    .venv/bin/python benchmarks/filters.py 100000

Synthetic, as in `scale.py`. Times are warm and without encoding. Plain and filtered searches are asked in turns, so
that what else the machine does meets both; `ratio` compares the processor time that they take, which others disturb
less. `beyond_ms` is what the filter adds of it. `first_ms` is what the first search adds that asks for a name, and so
reads it of all records.
"""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from publishing import tell
from scale import BATCH, BEGIN_S, Synthetic, messages, questions, vocabulary

from lamina import Memory

ROUNDS = 40
CITIES = ("Turin", "Rome", "Lyon", "Graz", "Oslo", "Cork", "Bonn", "Pisa")
FILTERS: dict[str, dict[str, Any]] = {
    "speaker eq": {"speaker": "person 3"},
    "session contains": {"session": {"contains": "99"}},
    "at range": {"at": {"gte": BEGIN_S, "lt": BEGIN_S + 600_000}},
    "metadata eq, few values": {"city": "Turin"},
    "metadata ne, few values": {"city": {"ne": "Turin"}},
    "metadata in, lists": {"tags": ["a", "q"]},
    "metadata present, 1 of 50": {"pinned": "*"},
    "metadata eq, all different": {"key": "key 77"},
    "metadata range, numbers all different": {"cost": {"gte": 0.25, "lt": 0.5}},
    "metadata contains, all different": {"key": {"contains": "777"}},
    "metadata icontains, all different": {"key": {"icontains": "KEY 777"}},
    "external_id in": {"external_id": ["m5", "m6", "m7"]},
    "text contains": {"text": {"contains": "(777"}},
    "tree of six": {
        "AND": [
            {"OR": [{"speaker": "person 3"}, {"speaker": "person 4"}]},
            {"city": ["Turin", "Rome"]},
            {"cost": {"gte": 0.1}},
            {"NOT": [{"tags": "a"}, {"pinned": "*"}]},
        ]
    },
}


def with_metadata(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give messages metadata: a key of few values, lists, a rare one, and two that are different everywhere."""
    count = len(turns)
    for number, turn in enumerate(turns):
        turn["external_id"] = f"m{number}"
        turn["metadata"] = {
            "city": CITIES[number % len(CITIES)],
            "tags": ["abcdefghij"[number % 10], "pqrst"[number % 5]],
            "cost": (number * 7919 % count) / count,
            "key": f"key {number}",
            **({"pinned": True} if number % 50 == 0 else {}),
        }
    return turns


def spent_ms(memory: Memory, question: str, filters: dict[str, Any] | None) -> tuple[float, float]:
    """Time one search: by the clock, and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    memory.search(question, filters=filters)
    return 1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - processor)


def measured(memory: Memory, asked: list[str], filters: dict[str, Any]) -> dict[str, float]:
    """Time a filtered search against the plain one, in turns."""
    plain, filtered = [], []
    for turn in range(ROUNDS):
        question = asked[turn % len(asked)]
        plain.append(spent_ms(memory, question, None))
        filtered.append(spent_ms(memory, question, filters))
    (clock, processor), (clock_with, processor_with) = (
        [statistics.median(times) for times in zip(*each, strict=True)] for each in (plain, filtered)
    )
    return {
        "plain_p50_ms": round(clock, 2),
        "p50_ms": round(clock_with, 2),
        "ratio": round(processor_with / processor, 2),
        "beyond_ms": round(processor_with - processor, 2),
    }


def main(arguments: list[str]) -> dict[str, Any]:
    """Fill a file with as many observations as are named, and time a filter of each kind."""
    count = int(arguments[0])
    words, weights = vocabulary()
    asked = questions(words, weights)
    turns = with_metadata(messages(count, words, weights))
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "filters.db"
        with Memory(path, encoder=Synthetic()) as memory:
            for first in range(0, count, BATCH):
                memory.add(turns[first : first + BATCH])
            memory.flush()
        with Memory(path, encoder=Synthetic()) as memory:
            memory.search(asked[0])
            before = memory.stats().index.bytes
            for name, filters in FILTERS.items():
                usual = min(spent_ms(memory, asked[0], None)[1] for _ in range(5))
                first_ms = spent_ms(memory, asked[0], filters)[1] - usual
                found[name] = {**measured(memory, asked, filters), "first_ms": round(max(first_ms, 0.0), 1)}
            grown = memory.stats().index.bytes - before
            found["index"] = {"mb": round(before / 2**20, 1), "mb_of_columns": round(grown / 2**20, 1)}
    return found


if __name__ == "__main__":
    tell("filters", main)
