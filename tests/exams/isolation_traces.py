"""What a foreign record must not leave in an answer: a score, an order, a delay.

`rankings`: one wall is asked in a file of its own, and in one with very many records of other users and tenants, who
use the same words; texts, order and scores are equal to the last bit.

`times`: ids that lie in foreign walls and ids that there are not are asked for in pairs, and timed; the share of pairs
in which the foreign one takes longer (AUC, ties half) is near a half for every verb that takes an id.

    python tests/exams/isolation_traces.py rankings FOLDER FOREIGN
    python tests/exams/isolation_traces.py times FOLDER PAIRS
"""

import functools
import gc
import random
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np

from lamina.core.errors import LaminaError, NotFound
from lamina.core.ids import new_ulid
from lamina.core.scope import Scope
from lamina.memory import Memory
from lamina.testing.builders import NOON
from lamina.testing.fakes import FakeClock, HashEncoder

WORDS = "bee wasp hive honey garden roof sister lease winter letter boat train key window bread river".split()
QUESTIONS = ("which bee is on the roof?", "honey and bread in winter", "the sister's letter", "boat")
#: Records of one call, and how many users share the foreign ones.
BATCH, FOREIGNERS = 2000, 50
#: How far from a half the share of pairs may be.
MOST_AUC = 0.55
#: From so many pairs on, the verbs that look through a whole wall are timed as well.
MANY_PAIRS = 10_000


class KnownWords(HashEncoder):
    """The same vectors, each word's looked up once."""

    @functools.cached_property
    def _word(self) -> Callable[[str], np.ndarray]:
        return functools.cache(lambda word: np.asarray(HashEncoder.encode(self, [word]))[0])

    def encode(self, texts: Iterable[str]) -> memoryview:
        """Give the normalised sum of the words' directions."""
        sums = np.stack([sum(self._word(word) for word in text.casefold().split()) for text in texts])
        return (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32).data


def a_text(dice: random.Random) -> str:
    """Give some of the words."""
    return " ".join(dice.choices(WORDS, k=6))


def fill(memory: Memory, seed: int, count: int, **scope: object) -> None:
    """Add so many records, in sessions, with their vectors."""
    dice = random.Random(seed)
    for first in range(0, count, BATCH):
        places = range(first, min(first + BATCH, count))
        memory.add([{"content": a_text(dice), "session": f"s{n // 40}", "name": "Ada"} for n in places], **scope)
        memory.flush(**scope)


def answers(path: Path, foreign: int) -> list[list[tuple[str, float]]]:
    """Ask one wall in a file that also holds so many foreign records."""
    with Memory(path, encoder=KnownWords(), clock=FakeClock()) as memory:
        for part in range(FOREIGNERS if foreign else 0):
            fill(
                memory,
                part + 10,
                foreign // FOREIGNERS,
                user_id=f"user {part}",
                tenant_id=("default", "other")[part % 2],
            )
        if foreign:
            fill(memory, 5, BATCH, scope=Scope.shared("other"))
        fill(memory, 1, BATCH, user_id="ada")
        fill(memory, 2, BATCH // 4, scope=Scope.shared())
        return [
            [(hit.record.text, hit.score) for hit in memory.search(question, limit=limit, user_id="ada")]
            for question in QUESTIONS
            for limit in (10, 1000)
        ]


def rankings(folder: Path, foreign: int) -> None:
    """Compare the answers with and without foreign records."""
    began = time.monotonic()
    alone, among = answers(folder / "alone.db", 0), answers(folder / "among.db", foreign)
    assert all(alone)
    assert alone == among, "foreign records move the ranking"
    print(
        f"{len(alone)} rankings bit-equal with and without {foreign} foreign records, {time.monotonic() - began:.0f} s"
    )


def auc(slower: np.ndarray, quicker: np.ndarray) -> float:
    """Give the chance that one of the first is greater than one of the second, ties half."""
    both = np.concatenate([slower, quicker])
    ranks = np.empty(len(both))
    _, places, counts = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[: len(slower)].sum() - len(slower) * (len(slower) + 1) / 2) / (len(slower) * len(quicker)))


def timed(verb: Callable[[str], object], name: str) -> int:
    """Give the nanoseconds that it takes to find nothing."""
    found: object = None
    began = time.perf_counter_ns()
    with suppress(NotFound):
        found = verb(name)
    took = time.perf_counter_ns() - began
    if found:
        raise LaminaError(f"{name} was found; the exam is wrong")
    return took


def times(folder: Path, pairs: int) -> None:
    """Time refusals of every verb that takes an id."""
    dice, worst = random.Random(3), 0.0
    clock = FakeClock(NOON.isoformat())
    with Memory(folder / "times.db", encoder=KnownWords(), clock=clock) as memory:
        for user in ("ada", "bob"):
            fill(memory, 1, BATCH, user_id=user)
        foreign = [record.id for record in memory.get_all(user_id="bob")]
        unknown = [new_ulid(NOON) for _ in foreign]
        verbs: dict[str, Callable[[str], object]] = {
            "get": lambda name: memory.get(name, user_id="ada"),
            "history": lambda name: memory.history(name, user_id="ada"),
            "update": lambda name: memory.update(name, text="x", user_id="ada"),
            "delete": lambda name: memory.delete(name, user_id="ada"),
            "restore": lambda name: memory.restore(name, user_id="ada"),
            "erase": lambda name: memory.erase(name, wait=False, user_id="ada"),
        }
        if pairs >= MANY_PAIRS:
            verbs["log"] = lambda name: memory.log(record_id=name, user_id="ada")
            verbs["explain"] = lambda name: memory.explain("bees", name, user_id="ada")
        gc.disable()
        for told, verb in verbs.items():
            took = np.empty((2, pairs))
            for pair in range(pairs):
                asked = [dice.choice(unknown), dice.choice(foreign)]
                for side in (0, 1) if dice.random() < 0.5 else (1, 0):
                    took[side, pair] = timed(verb, asked[side])
            share = auc(took[1], took[0])
            worst = max(worst, share, 1 - share)
            medians = np.median(took, axis=1) / 1000
            print(f"{told}: AUC {share:.3f}, medians {medians[0]:.1f} µs (unknown), {medians[1]:.1f} µs (foreign)")
        gc.enable()
    assert worst <= MOST_AUC, f"foreign ids can be told by time: {worst:.3f}"


if __name__ == "__main__":
    {"rankings": rankings, "times": times}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
