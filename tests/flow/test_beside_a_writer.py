"""Reads beside somebody who writes: what they encode stays in memory for a while, and goes into the file together."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import apsw
import pytest

from lamina import Hits, Memory, Settings
from lamina.core.token_encoder import TokenVectors
from lamina.flows.unwritten import ENOUGH_TEXTS, PAUSE_S, Unwritten
from lamina.store.sqlite.pool import MOST_READERS
from lamina.testing.fakes import FakeClock, HashTokenEncoder

ENCODER = HashTokenEncoder(width=64)


class Seconds:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    seconds = Seconds()
    monkeypatch.setattr("lamina.flows.unwritten.time", seconds)
    return seconds


@pytest.fixture
def path(tmp_path: Path, clock: FakeClock) -> Path:
    path = tmp_path / "life.db"
    with Memory(path, encoder=ENCODER, clock=clock) as memory:
        memory.add([f"bee {number} hums" for number in range(30)])
        memory.flush()
    return path


@contextmanager
def held_up(path: Path) -> Iterator[None]:
    """Keep the file locked, as somebody who writes does."""
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def opened(path: Path, clock: FakeClock) -> Iterator[Memory]:
    with Memory(path, encoder=ENCODER, clock=clock, settings=Settings(busy_timeout_s=0.2)) as memory:
        yield memory


def waiting(memory: Memory) -> int:
    return memory.stats().counts.waiting


def test_who_finds_the_file_busy_lets_it_alone_for_a_moment(path: Path, clock: FakeClock, seconds: Seconds) -> None:
    with opened(path, clock) as memory:
        memory.add("wasp 1 stings")
        with held_up(path):
            hits = memory.search("wasp")
        assert (hits[0].record.text, hits.pending, hits.notes, waiting(memory)) == ("wasp 1 stings", 0, (), 1)
        memory.add("wasp 2 stings")
        assert memory.search("wasp 2")[0].record.text == "wasp 2 stings"
        assert waiting(memory) == 2
        seconds.now += PAUSE_S
        memory.add("wasp 3 stings")
        assert memory.search("wasp 3")[0].record.text == "wasp 3 stings"
        assert waiting(memory) == 0
        # And whoever could write does so again at once.
        memory.add("wasp 4 stings")
        assert memory.search("wasp 4").pending == 0
        assert waiting(memory) == 0
        assert memory.verify().is_sound


def test_enough_texts_are_written_together(path: Path, clock: FakeClock, seconds: Seconds) -> None:
    with opened(path, clock) as memory:
        memory.add("wasp begins")
        with held_up(path):
            memory.search("wasp")
        for number in range(ENOUGH_TEXTS):
            memory.add(f"wasp {number} stings")
            assert memory.search(f"wasp {number}").pending == 0
            assert waiting(memory) == number + 2
        memory.add("wasp ends")
        memory.search("wasp")
        assert waiting(memory) == 0


def test_what_is_held_is_found_as_what_is_written(path: Path, clock: FakeClock, seconds: Seconds) -> None:
    questions = ("wasp 7", "which bee hums", "stings", "bee 3")
    with opened(path, clock) as memory:
        memory.add("wasp begins")
        with held_up(path):
            memory.search("wasp")
        memory.add([f"wasp {number} stings" for number in range(20)])
        held = [memory.search(question) for question in questions]
        assert waiting(memory) == 21
        memory.flush()
        assert waiting(memory) == 0
        written = [memory.search(question) for question in questions]
    for before, after in zip(held, written, strict=True):
        assert before.notes == after.notes == ()
        assert [(hit.record.id, hit.score) for hit in before] == [
            (hit.record.id, pytest.approx(hit.score, abs=1e-9)) for hit in after
        ]


def test_nothing_is_held_of_what_was_erased(path: Path, clock: FakeClock, seconds: Seconds) -> None:
    with opened(path, clock) as memory:
        gone = memory.add("wasp 1 stings").stored[0]
        with held_up(path):
            memory.search("wasp")
        memory.add("wasp 2 stings")
        memory.search("wasp")
        held = memory._indexes.unwritten
        assert {number for texts in held.held() for _, number in texts} >= {gone.number}
        with opened(path, clock) as another:
            another.erase(gone.id, wait=False)
        memory.add("wasp 3 stings")
        assert [hit.record.text for hit in memory.search("wasp", limit=2)] == ["wasp 3 stings", "wasp 2 stings"]
        assert gone.number not in {number for texts in held.held() for _, number in texts}
        assert memory.verify().is_sound


def test_nothing_is_held_of_what_was_erased_while_the_index_was_let_go(
    path: Path, clock: FakeClock, seconds: Seconds
) -> None:
    settings = Settings(busy_timeout_s=0.2, index_bytes=200_000)
    with Memory(path, encoder=ENCODER, clock=clock, settings=settings) as memory:
        memory.add([f"stone {number}" for number in range(1000)], user_id="bob")
        memory.flush(user_id="bob")
        gone = memory.add("the wasp stings", user_id="ada").stored[0]
        memory.add("the bee does not", user_id="ada")
        with held_up(path):
            assert memory.search("wasp", user_id="ada").pending == 0
            memory.search("stone", user_id="bob")
        held = memory._indexes.unwritten
        assert {wall.user for texts in held.held() for wall, _ in texts} == {"ada"}
        assert memory.stats().index.evictions
        with opened(path, clock) as another:
            another.erase(gone.id, user_id="ada", wait=False)
        with held_up(path):
            assert [hit.record.text for hit in memory.search("wasp", user_id="ada")] == ["the bee does not"]
        assert gone.number not in {number for texts in held.held() for _, number in texts}


def test_closing_writes_what_is_held(path: Path, clock: FakeClock, seconds: Seconds) -> None:
    with opened(path, clock) as memory:
        memory.add(["wasp 1 stings", "wasp 2 stings"])
        with held_up(path):
            memory.search("wasp")
        assert waiting(memory) == 2
    with opened(path, clock) as memory:
        assert waiting(memory) == 0
        assert memory.verify().is_sound


def test_closing_beside_a_writer_waits_for_nobody(path: Path, clock: FakeClock) -> None:
    with ExitStack() as locked, opened(path, clock) as memory:
        memory.add("wasp 1 stings")
        locked.enter_context(held_up(path))
        assert memory.search("wasp").pending == 0
    with opened(path, clock) as memory:
        assert waiting(memory) == 1
        assert memory.search("wasp")[0].record.text == "wasp 1 stings"
        assert waiting(memory) == 0


def test_what_another_erased_meanwhile_is_not_written(path: Path, clock: FakeClock, seconds: Seconds) -> None:
    with opened(path, clock) as memory, opened(path, clock) as other:
        gone = memory.add("a secret of the wasps").stored[0].id
        stays = memory.add("wasp 2 stings").stored[0].id
        with held_up(path):
            memory.search("wasp")
        other.erase(gone)
        seconds.now += PAUSE_S
        assert [hit.record.id for hit in memory.search("wasp", limit=1)] == [stays]
        memory.flush()
        assert waiting(memory) == 0
        assert memory.verify().is_sound


class Waits(HashTokenEncoder):
    """An encoder that waits in the middle of a text, so that others can come in."""

    def __init__(self) -> None:
        super().__init__(width=64)
        self.has_begun, self.goes_on = threading.Event(), threading.Event()

    def encode_tokens(self, texts: Sequence[str]) -> tuple[memoryview, list[TokenVectors]]:
        if "the last wasp" in texts:
            self.has_begun.set()
            self.goes_on.wait(timeout=10)
        return super().encode_tokens(texts)


def test_whoever_encodes_in_a_transaction_waits_for_nobody_who_may_wait_for_it(
    path: Path, clock: FakeClock, seconds: Seconds
) -> None:
    encoder, found = Waits(), list[Hits]()
    with Memory(path, encoder=encoder, clock=clock) as memory:
        memory.add("wasp 1 stings")
        with held_up(path):
            memory.search("wasp")
        memory.add("the last wasp")
        reader = threading.Thread(target=lambda: found.append(memory.search("wasp")))
        reader.start()
        assert encoder.has_begun.wait(timeout=10)
        # Others who are at the index wait for a connection, all of which are lent.
        slots = memory._store._pool._slots  # type: ignore[attr-defined]
        with ExitStack() as held:
            for shelf in memory._indexes._by_shelf.values():
                held.enter_context(shelf.lock)
            for _ in range(MOST_READERS - 1):
                held.enter_context(memory._store.read())
            encoder.goes_on.set()
            assert slots.acquire(timeout=5)
            slots.release()
        reader.join(timeout=10)
        assert "the last wasp" in [hit.record.text for hit in found[0]]
        assert found[0].pending == 0


def test_token_vectors_are_there_while_they_are_written(path: Path, clock: FakeClock, seconds: Seconds) -> None:
    with opened(path, clock) as memory:
        memory.add([f"wasp {number} stings" for number in range(20)])
        with held_up(path):
            expected = memory.search("wasp 7 stings")
        unwritten = memory._indexes.unwritten
        with unwritten.taken():
            # They stand in no file yet, and another thread asks.
            hits = memory.search("wasp 7 stings")
            assert hits.notes == ()
            assert [(hit.record.id, hit.score) for hit in hits] == [(hit.record.id, hit.score) for hit in expected]


def test_what_is_held_is_counted_and_bounded() -> None:
    unwritten = Unwritten()
    assert (len(unwritten), unwritten.nbytes, unwritten.is_put_off) == (0, 0, False)
    unwritten.put_off()
    assert unwritten.is_put_off
    with unwritten.taken() as vectors:
        assert vectors == ()
    assert not unwritten.is_put_off
