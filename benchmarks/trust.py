"""What trust costs: the log and its chain, two clocks, erasing and scrubbing, each beside doing without, in one run.

    .venv/bin/python benchmarks/trust.py 10000 100000

Synthetic, as in `scale.py`; each pair is done in turns, so that what else the machine does meets both, and `ratio`
compares medians. `log` adds to two files, of which one leaves out the row of the log, its hash and the record's, by a
patch that stands here alone: in seconds of the clock, for a commit waits for the disk, and by the processor. `clocks`
is in processor time, as in `clocks.py`. `erasure` is of copies of one file, for a thousand records: `delete` beside
the first stage of `erase` (nothing is readable any more), the second (the bytes are gone from the file), and the first
search after each, for which the index in memory is cut; `cold` is the first search of who holds no index after an
erasure, before anybody kept one: it is made anew. What encryption costs is measured by `encryption.py`.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from clocks import compared, lived
from encryption import without_index
from publishing import tell
from scale import BEGIN_S, Synthetic, messages, questions, vocabulary

from lamina import Memory
from lamina.core.chain import MAC_BYTES
from lamina.core.operations import Operation
from lamina.store.sqlite import writing
from lamina.store.sqlite.writing import SqliteWriting

#: Messages of the first file, which both ways of adding go on with.
FIRST = 2000
ONE_BY_ONE = 400
BATCHES, BATCH = 7, 1000
#: Adding is compared of so many of one by one at a time.
TURN = 20
ROUNDS = 30
#: Listings and figures walk all records.
FEW = 3
#: Records that are erased, and how often; every how-manieth of the file.
ERASED, ERASURES, STEP = 1000, 3, 5
#: What they bear, and what asks for them.
MARK = {"goes": True}
CHOSEN = {"goes": {"eq": True}}
#: What is put in the place of a hash where none is made.
NOTHING = bytes(MAC_BYTES)


def taken(do: Callable[[], object]) -> tuple[float, float]:
    """Give the milliseconds that something takes, by the clock and by the processor."""
    begin, spent = time.perf_counter(), time.process_time()
    do()
    return 1000 * (time.perf_counter() - begin), 1000 * (time.process_time() - spent)


def unlogged(self: SqliteWriting, operation: Operation, end: Any, record_key: int, recorded: int) -> None:
    """Let a wall's end advance without a row of its log."""
    del self, record_key
    end.number, end.recorded_us, end.chain = operation.number, recorded, operation.chain


@contextmanager
def without_log() -> Iterator[None]:
    """Let nothing that is written be logged or hashed: such a file is of no use, and is not sound."""
    with (
        patch.object(SqliteWriting, "_log", unlogged),
        patch.object(writing, "chain_link", lambda *_: NOTHING),
        patch.object(writing, "record_mac", lambda *_, **__: NOTHING),
    ):
        yield


def medians(pairs: Sequence[tuple[tuple[float, float], tuple[float, float]]], *, each: int) -> dict[str, float]:
    """Compare what was taken with the log and without, in microseconds a record."""
    found = {}
    for place, name in enumerate(("", "processor_")):
        on, off = (statistics.median(1000 * pair[side][place] / each for pair in pairs) for side in (0, 1))
        found |= {f"{name}on_us": round(on, 1), f"{name}off_us": round(off, 1), f"{name}ratio": round(on / off, 3)}
    return found


def log_costs(folder: Path) -> dict[str, Any]:
    """Add the same to a file with the log and to one without, in turns."""
    words, weights = vocabulary()
    turns = messages(FIRST + ONE_BY_ONE + BATCHES * BATCH, words, weights)
    on, off = (Memory(folder / f"{name}.db", encoder=Synthetic()) for name in ("on", "off"))

    def both(some: Sequence[dict[str, Any]], size: int) -> tuple[tuple[float, float], tuple[float, float]]:
        def add(memory: Memory) -> None:
            for first in range(0, len(some), size):
                memory.add(list(some[first : first + size]))

        with_it = taken(partial(add, on))
        with without_log():
            return with_it, taken(partial(add, off))

    both(turns[:FIRST], BATCH)
    one = [both(turns[first : first + TURN], 1) for first in range(FIRST, FIRST + ONE_BY_ONE, TURN)]
    begin = FIRST + ONE_BY_ONE
    many = [both(turns[first : first + BATCH], BATCH) for first in range(begin, len(turns), BATCH)]
    on.close()
    # What encodes looks for the log.
    off._store.close()
    return {"add_one": medians(one, each=TURN), f"add_{BATCH}": medians(many, each=BATCH)}


def clock_costs(path: Path, count: int, middle: datetime, asked: Sequence[str]) -> dict[str, Any]:
    """Time each read by each clock beside the plain one."""
    as_of = datetime.fromtimestamp(BEGIN_S + 30 * count, UTC)
    clocks: dict[str, dict[str, datetime]] = {
        "as_of": {"as_of": as_of},
        "known_at": {"known_at": middle},
        "both": {"as_of": as_of, "known_at": middle},
    }
    found: dict[str, Any] = {}
    with Memory(path, encoder=Synthetic()) as memory:
        reads: dict[str, tuple[Callable[..., object], int]] = {
            "search": (lambda turn, **keys: memory.search(asked[turn % len(asked)], **keys), ROUNDS),
            "get_all": (lambda _, **keys: list(memory.get_all(**keys)), FEW),
            "stats": (lambda _, **keys: memory.stats(**keys), 2 * FEW),
        }
        for name, keys in clocks.items():
            memory.search(asked[0], **keys)
            found[name] = {
                verb: compared(read, partial(read, **keys), rounds=rounds) for verb, (read, rounds) in reads.items()
            }
    return found


def first_search(path: Path, text: str) -> None:
    """Open a file and search once."""
    with Memory(path, encoder=Synthetic()) as memory:
        memory.search(text)


def erasure_costs(path: Path, count: int, asked: Sequence[str], folder: Path) -> dict[str, Any]:
    """Delete and erase a thousand records each, in copies of a file whose index is in memory, and search."""
    took: dict[str, list[float]] = {}

    def note(name: str, do: Callable[[], object]) -> None:
        took.setdefault(name, []).append(taken(do)[0])

    for turn in range(ERASURES):
        for verb in ("delete", "erase"):
            copy = folder / f"{verb} {turn}.db"
            shutil.copyfile(path, copy)
            with Memory(copy, encoder=Synthetic()) as memory:
                usual = [taken(partial(memory.search, text))[0] for text in asked[:9]]
                took.setdefault("search_before", []).append(statistics.median(usual[1:]))
                if verb == "delete":
                    note("delete", partial(memory.delete, filters=CHOSEN))
                else:
                    note("erase", partial(memory.erase, filters=CHOSEN, wait=False))
                note(f"search_after_{verb}", partial(memory.search, asked[0]))
                if verb == "erase":
                    # Nothing more is erased: what waits is scrubbed.
                    note("scrub", partial(memory.erase, filters=CHOSEN))
            if verb == "erase" and not turn:
                without_index(copy)
                note("cold", partial(first_search, copy, asked[0]))
            copy.unlink()
    each = {f"{name}_ms": round(statistics.median(times), 2) for name, times in took.items()}
    return {
        "records": min(ERASED, -(-count // STEP)),
        **each,
        "ratio": round(each["erase_ms"] / each["delete_ms"], 2),
        "ratio_scrubbed": round((each["erase_ms"] + each["scrub_ms"]) / each["delete_ms"], 2),
        "ratio_search_after": round(each["search_after_erase_ms"] / each["search_after_delete_ms"], 2),
    }


def main(arguments: list[str]) -> dict[str, Any]:
    """Measure the log, and with files of as many observations as are named clocks and erasure."""
    words, weights = vocabulary()
    asked = questions(words, weights)
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, Any] = {"log": log_costs(Path(folder))}
    for argument in arguments:
        count = int(argument)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "lived.db"
            with Memory(path, encoder=Synthetic()) as memory:
                turns = messages(count, words, weights)
                for turn in turns[: STEP * ERASED : STEP]:
                    turn["metadata"] = MARK
                middle = lived(memory, turns)
                memory.compact()
            clocks = clock_costs(path, count, middle, asked)
            found[argument] = {"clocks": clocks, "erasure": erasure_costs(path, count, asked, Path(folder))}
    return found


if __name__ == "__main__":
    tell("trust", main)
