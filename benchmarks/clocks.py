"""What two clocks cost: reads as of a moment, and as known at one, beside the plain ones in the same process.

    .venv/bin/python benchmarks/clocks.py 100000

Synthetic, as in `scale.py`; of 100 messages five have got another revision with another time, two were withdrawn and
came back, and three are withdrawn. Times are warm and without encoding. Plain and clocked reads are done in turns, so
that what else the machine does meets both; `ratio` compares the processor time that they take. `first_ms` is what the
first search adds that names a clock, and so reads the logs of what turned.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from publishing import tell
from scale import BATCH, BEGIN_S, Synthetic, messages, questions, vocabulary

from lamina import Memory

ROUNDS = 40
#: Listings and figures walk all records.
LISTINGS = 3
FIGURES = 9


def spent_ms(read: Callable[[], object]) -> float:
    """Time one read by the processor."""
    begin = time.process_time()
    read()
    return 1000 * (time.process_time() - begin)


def compared(plain: Callable[[int], object], clocked: Callable[[int], object], *, rounds: int) -> dict[str, float]:
    """Time a clocked read against the plain one, in turns."""
    times = [(spent_ms(partial(plain, turn)), spent_ms(partial(clocked, turn))) for turn in range(rounds)]
    usual, with_clocks = (statistics.median(each) for each in zip(*times, strict=True))
    return {
        "plain_ms": round(usual, 2),
        "ms": round(with_clocks, 2),
        "ratio": round(with_clocks / usual, 2),
    }


def lived(memory: Memory, turns: list[dict[str, Any]]) -> datetime:
    """Add messages, give some another revision, withdraw some and bring some back; give a moment in between."""
    ids = [
        record.id for first in range(0, len(turns), BATCH) for record in memory.add(turns[first : first + BATCH]).stored
    ]
    memory.flush()
    middle = datetime.now(UTC)
    later = datetime.fromtimestamp(BEGIN_S + 60 * len(turns), UTC)
    for number, record_id in enumerate(ids):
        if number % 20 == 3:
            memory.update(record_id, metadata={"seen": True}, at=later)
        elif number % 20 == 7:
            memory.delete(record_id)
            if number % 100 < 40:
                memory.restore(record_id)
    memory.flush()
    return middle


def main(arguments: list[str]) -> dict[str, Any]:
    """Fill a file with as many observations as are named, and time each read by each clock."""
    count = int(arguments[0])
    words, weights = vocabulary()
    asked = questions(words, weights)
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clocks.db"
        with Memory(path, encoder=Synthetic()) as memory:
            middle = lived(memory, messages(count, words, weights))
        as_of = datetime.fromtimestamp(BEGIN_S + 30 * count, UTC)
        clocks: dict[str, dict[str, datetime]] = {
            "as_of": {"as_of": as_of},
            "known_at": {"known_at": middle},
            "both": {"as_of": as_of, "known_at": middle},
        }
        with Memory(path, encoder=Synthetic()) as memory:
            memory.search(asked[0])
            usual = min(spent_ms(lambda: memory.search(asked[0])) for _ in range(5))
            first_ms = spent_ms(lambda: memory.search(asked[0], **clocks["both"])) - usual
            found["first_ms"] = round(max(first_ms, 0.0), 1)
            for name, keys in clocks.items():
                searches = compared(
                    lambda turn: memory.search(asked[turn % len(asked)]),
                    lambda turn, keys=keys: memory.search(asked[turn % len(asked)], **keys),  # type: ignore[misc]
                    rounds=ROUNDS,
                )
                listings = compared(
                    lambda _: list(memory.get_all()),
                    lambda _, keys=keys: list(memory.get_all(**keys)),  # type: ignore[misc]
                    rounds=LISTINGS,
                )
                figures = compared(
                    lambda _: memory.stats(),
                    lambda _, keys=keys: memory.stats(**keys),  # type: ignore[misc]
                    rounds=FIGURES,
                )
                timelines = compared(
                    lambda _: memory.timeline(),
                    lambda _, keys=keys: memory.timeline(**keys),  # type: ignore[misc]
                    rounds=LISTINGS,
                )
                found[name] = {"search": searches, "get_all": listings, "stats": figures, "timeline": timelines}
            found["past_kb"] = round(memory.stats().index.bytes_by_part["past"] / 1024)
    return found


if __name__ == "__main__":
    tell("clocks", main)
