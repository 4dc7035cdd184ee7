"""Encoders that do not fit, give nonsense, or are not there; and what waits for a vector."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from lamina import Memory, Settings
from lamina.core.errors import BrokenEncoder, EncoderMismatch, StoreBusy, UnknownEncoder
from lamina.testing.fakes import FakeClock, HashEncoder


class Nonsense(HashEncoder):
    """Gives what it is told to."""

    def __init__(self, gives: object) -> None:
        super().__init__()
        self._gives = gives

    def encode(self, texts: Sequence[str]) -> memoryview:
        return np.asarray(self._gives(len(texts)), dtype=np.float32).data


class Failing(HashEncoder):
    """An encoder whose server goes away."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: type[Exception] | None = None

    def encode(self, texts: Sequence[str]) -> memoryview:
        if self.fails is not None:
            raise self.fails("the model server is away")
        return super().encode(texts)


@pytest.fixture
def path(tmp_path: Path, clock: FakeClock) -> Path:
    path = tmp_path / "life.db"
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        memory.add([f"bee {number} hums" for number in range(20)])
        memory.flush()
    return path


def test_a_memory_can_be_looked_at_without_the_encoder_that_made_its_vectors(path: Path) -> None:
    with Memory(path, settings=Settings(encoder="recorded")) as memory:
        assert memory.stats().encoder == HashEncoder().identity
        record = next(memory.get_all())
        assert memory.history(record.id)
        memory.update(record.id, text="bee 0 sleeps")
        assert memory.reindex().walls == 1
        assert memory.verify(repair=True).is_sound
        assert memory.compact().walls == 1
        for call in (lambda: memory.search("bee"), lambda: memory.recall("bee"), memory.flush):
            with pytest.raises(UnknownEncoder, match="encoder='hash'"):
                call()


def test_an_empty_memory_can_be_looked_at_too(tmp_path: Path) -> None:
    with Memory(tmp_path / "new.db", settings=Settings(encoder="recorded")) as memory:
        assert memory.stats().encoder.name == "minilm"
        assert memory.verify().is_sound


def test_of_two_encoders_on_one_new_file_the_second_to_keep_vectors_is_refused(
    tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "life.db"
    with (
        Memory(path, encoder=HashEncoder(), clock=clock) as first,
        Memory(path, encoder=HashEncoder(width=32), clock=clock) as second,
    ):
        first.add("bees hum")
        first.search("bees")
        for call in (lambda: second.search("bees"), lambda: second.recall("bees")):
            with pytest.raises(EncoderMismatch, match="32 wide"):
                call()
        second.add("wasps sting")
        with pytest.raises(EncoderMismatch):
            second.flush()


def test_the_same_name_with_another_width_is_told_apart(path: Path) -> None:
    with pytest.raises(EncoderMismatch, match="that made them"):
        Memory(path, encoder=HashEncoder(width=32))


@pytest.mark.parametrize(
    ("gives", "problem"),
    [
        (lambda count: np.full((count, 64), np.nan), "NaN"),
        (lambda count: np.full((count, 64), np.inf), "NaN or infinite"),
        (lambda count: np.zeros((count + 1, 64)), "shape"),
        (lambda count: np.zeros((count, 63)), "shape"),
        (lambda count: np.zeros(count * 64), "shape"),
    ],
)
def test_an_encoder_that_gives_no_vectors_is_refused_and_nothing_is_kept(
    tmp_path: Path, clock: FakeClock, gives: object, problem: str
) -> None:
    with Memory(tmp_path / "life.db", encoder=Nonsense(gives), clock=clock) as memory:
        memory.add("bees hum")
        for call in (memory.flush, lambda: memory.search("bees")):
            with pytest.raises(BrokenEncoder, match=problem):
                call()
        assert memory.stats().counts.vectors == 0
        assert memory.verify().is_sound


def test_reads_of_a_file_that_cannot_be_written_encode_one_part_after_another(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        memory.add([f"bee {number} hums" for number in range(150)])
    with Memory(path, encoder=HashEncoder(), clock=clock, settings=Settings(read_only=True)) as memory:
        assert [memory.search("bee").pending for _ in range(4)] == [86, 22, 0, 0]
        assert "further reads" in memory.search("bee").notes[0] if memory.search("bee").pending else True


def test_a_read_encodes_as_many_spans_of_long_texts_as_it_may_encode_texts(tmp_path: Path, clock: FakeClock) -> None:
    settings = Settings(encode_at_read=8)
    with Memory(tmp_path / "life.db", encoder=HashEncoder(), clock=clock, settings=settings) as memory:
        memory.add(["bees hum " * 1000 for _ in range(4)])
        assert memory.search("bees").pending == 3
        memory.add(["wasps sting"] * 10)
        assert memory.search("bees").pending == 12


@pytest.mark.parametrize("fails", [OSError, RuntimeError, ValueError, BrokenEncoder, StoreBusy])
def test_what_cannot_be_encoded_at_once_is_stored_and_the_result_says_so(
    tmp_path: Path, clock: FakeClock, fails: type[Exception]
) -> None:
    encoder, lines = Failing(), tmp_path / "chat.jsonl"
    lines.write_text('{"role": "user", "content": "hornets"}\n', "utf-8")
    with Memory(tmp_path / "m.db", settings=Settings(encode="inline"), encoder=encoder, clock=clock) as memory:
        assert memory.add("bees").notes == ()
        encoder.fails = fails
        added = memory.add("wasps")
        imported = memory.import_messages(lines)
        encoder.fails = None
        assert [record.text for record in added.stored] == ["wasps"]
        assert imported.stored == 1
        for (note,) in (added.notes, imported.notes):
            assert fails.__name__ in note
            assert ("the model server is away" in note) is (fails is not StoreBusy)
            assert note.startswith("all is stored")
        assert sorted(record.text for record in memory.get_all()) == ["bees", "hornets", "wasps"]
        assert memory.stats().counts.waiting == 2
        assert memory.search("wasps").pending == 0
