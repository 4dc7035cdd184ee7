"""Flipped bits of a file in which texts wait for their vectors: every verb ends, and none with a raw error."""

import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lamina import Memory
from lamina.core.errors import DamagedFile, LaminaError
from lamina.testing.fakes import HashTokenEncoder

VERBS: dict[str, Callable[[Memory], object]] = {
    "search": lambda memory: memory.search("Which city?"),
    "recall": lambda memory: memory.recall("Which city?"),
    "explain": lambda memory: memory.explain("Which city?"),
    "flush": lambda memory: memory.flush(),
    "reindex": lambda memory: memory.reindex(),
    "reencode": lambda memory: memory.reencode(HashTokenEncoder(width=32)),
    "verify": lambda memory: memory.verify(),
}


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Stop what does not end."""

    def stop(*_: object) -> None:
        raise AssertionError("it does not end")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("waiting") / "w.db"
    with Memory(path, encoder=HashTokenEncoder(width=64)) as memory:
        memory.add(
            [{"name": "Ada", "content": f"Old text {n} about bees", "role": "user"} for n in range(6)], session="s0"
        )
        memory.flush()
        said = (
            ("Ada", "I moved to Turin in March"),
            ("Bob", "The dentist is on Tuesday"),
            ("Cy", "Where are the bees?"),
        )
        memory.add([{"name": name, "content": text, "metadata": {"k": 1}} for name, text in said], session="s")
    return path.read_bytes()


def outcome(data: bytes, place: int, bit: int, verb: str, path: Path) -> Exception | None:
    """Give what a verb raised on the file with one bit the other way round."""
    flipped = bytearray(data)
    flipped[place] ^= bit
    path.write_bytes(flipped)
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    try:
        with at_most(20), Memory(path, encoder=HashTokenEncoder(width=64)) as memory:
            VERBS[verb](memory)
    except LaminaError as error:
        return error
    return None


def test_a_text_whose_vectors_the_file_does_not_take_ends_flush_with_an_error(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    with Memory(path, encoder=HashTokenEncoder(width=64)) as memory:
        (added,) = memory.add("I moved to Turin in March").stored
    data = path.read_bytes()
    place = data.find(added.id.encode()) + 25
    error = outcome(data, place, 1, "flush", path)
    assert isinstance(error, DamagedFile)
    assert f"{added.id} revision 1" in str(error) or "damaged" in str(error)


@pytest.mark.parametrize("word", [b"Ada", b"Turin", b"Bob"])
def test_bytes_in_the_place_of_a_text_that_waits_are_damage(waiting: bytes, tmp_path: Path, word: bytes) -> None:
    damaged = 0
    for place in range(waiting.rfind(word) - 50, waiting.rfind(word)):
        for verb in ("search", "explain", "flush"):
            damaged += isinstance(outcome(waiting, place, 1, verb, tmp_path / "f.db"), DamagedFile)
    assert damaged > 0


@pytest.mark.parametrize("verb", VERBS)
def test_no_flipped_bit_ends_in_a_raw_error(waiting: bytes, tmp_path: Path, verb: str) -> None:
    chance = random.Random(f"flips of {verb}")
    held = [place for place in range(100, len(waiting)) if waiting[place]]
    raised = [
        outcome(waiting, chance.choice(held), 1 << chance.randrange(8), verb, tmp_path / "f.db") for _ in range(60)
    ]
    assert len(raised) == 60
