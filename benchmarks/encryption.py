"""What encryption costs: adding, recalling, searching, opening cold, and room, beside a plain file in the same process.

    .venv/bin/python benchmarks/encryption.py 1000 10000 100000

Synthetic, as in `scale.py`. Plain and encrypted are done in turns, so that what else the machine does meets both;
`ratio` compares the processor time that they take, encrypted to plain. `cold` opens the file and searches once, from
the kept index (the file's pages are cached by the system); `rebuilt` does without the kept index. `add` is without the
encoder, which costs far more than either.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import apsw
from publishing import tell
from scale import BATCH, Synthetic, messages, questions, vocabulary

from lamina import Memory

ROUNDS = 40
#: Opening anew and listing all are slow.
FEW = 5
KEY = bytes(range(32))


def key() -> bytes:
    """Give the key of the encrypted file."""
    return KEY


def spent_ms(do: Callable[[], object]) -> float:
    """Time something by the processor."""
    begin = time.process_time()
    do()
    return 1000 * (time.process_time() - begin)


def compared(plain: Callable[[int], object], sealed: Callable[[int], object], *, rounds: int) -> dict[str, float]:
    """Time the same on a plain and on an encrypted file, in turns."""
    times = [(spent_ms(partial(plain, turn)), spent_ms(partial(sealed, turn))) for turn in range(rounds)]
    usual, encrypted = (statistics.median(each) for each in zip(*times, strict=True))
    return {
        "plain_ms": round(usual, 2),
        "encrypted_ms": round(encrypted, 2),
        "ratio": round(encrypted / usual, 2),
    }


def filled(folder: Path, turns: list[dict[str, Any]]) -> tuple[dict[str, Path], dict[str, float]]:
    """Add the same messages to a plain and to an encrypted file, batch by batch in turns."""
    paths = {"plain": folder / "plain.db", "encrypted": folder / "encrypted.db"}
    opened = {
        "plain": Memory(paths["plain"], encoder=Synthetic()),
        "encrypted": Memory(paths["encrypted"], encoder=Synthetic(), key=key),
    }
    spent = dict.fromkeys(opened, 0.0)
    for first in range(0, len(turns), BATCH):
        for name, memory in opened.items():
            spent[name] += spent_ms(partial(memory.add, turns[first : first + BATCH]))
    for memory in opened.values():
        memory.flush()
        memory.compact()
        memory.close()
    each = {f"{name}_us": round(1000 * took / len(turns), 1) for name, took in spent.items()}
    return paths, {**each, "ratio": round(spent["encrypted"] / spent["plain"], 2)}


def without_index(path: Path) -> None:
    """Let the kept index go."""
    connection = apsw.Connection(str(path))
    connection.execute("DELETE FROM segment; UPDATE wall SET epoch = epoch + 1, parts_checksum = 0")
    connection.close()


def measured(count: int, folder: Path) -> dict[str, Any]:
    """Fill two files with as many observations, and time what is done with each."""
    words, weights = vocabulary()
    asked = questions(words, weights)
    paths, adding = filled(folder, messages(count, words, weights))
    keys: dict[str, Any] = {"plain": None, "encrypted": key}
    encoder = Synthetic()
    encoder.know(asked)

    def once(name: str, _: int) -> None:
        with Memory(paths[name], encoder=encoder, key=keys[name]) as memory:
            memory.search(asked[0])

    def anew(name: str, _: int) -> None:
        without_index(paths[name])
        once(name, 0)

    found: dict[str, Any] = {"add": adding}
    found["bytes"] = {name: path.stat().st_size for name, path in paths.items()}
    found["bytes"]["ratio"] = round(found["bytes"]["encrypted"] / found["bytes"]["plain"], 3)
    found["cold"] = compared(partial(once, "plain"), partial(once, "encrypted"), rounds=FEW)
    plain = Memory(paths["plain"], encoder=encoder)
    sealed = Memory(paths["encrypted"], encoder=encoder, key=key)
    try:
        pairs: dict[str, tuple[Callable[[Memory, int], object], int]] = {
            "search": (lambda memory, turn: memory.search(asked[turn % len(asked)]), ROUNDS),
            "recall": (lambda memory, turn: memory.recall(asked[turn % len(asked)], abstain=False), ROUNDS),
            "get_all": (lambda memory, _: list(memory.get_all()), FEW),
            "add_one": (lambda memory, turn: memory.add(f"one more thing, the {turn}th"), ROUNDS),
        }
        for name, (read, rounds) in pairs.items():
            read(plain, 0), read(sealed, 0)
            found[name] = compared(partial(read, plain), partial(read, sealed), rounds=rounds)
    finally:
        plain.close()
        sealed.close()
    found["rebuilt"] = compared(partial(anew, "plain"), partial(anew, "encrypted"), rounds=3)
    return found


def main(arguments: list[str]) -> dict[str, Any]:
    """Measure files of as many observations as are named, one after another."""
    found = {}
    for argument in arguments:
        with tempfile.TemporaryDirectory() as folder:
            found[argument] = measured(int(argument), Path(folder))
    return found


if __name__ == "__main__":
    tell("encryption", main)
