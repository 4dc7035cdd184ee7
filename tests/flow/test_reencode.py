"""A change of encoder in place: beside readers, stopped and killed, and with nothing of the former left."""

import signal
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from lamina.core.errors import EncoderMismatch, InvalidArgument, StoreReadOnly, UnknownEncoder
from lamina.flows import encode, reencode
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.fakes import HashEncoder, HashTokenEncoder

LONG = "the boat on the lake " * 20
KILLED = """
import os, signal, sys
from lamina.flows import encode, reencode
from lamina.memory import Memory
from lamina.testing.fakes import HashEncoder
reencode.BATCH_TEXTS = 4
def stop(done, total):
    if done >= 12:
        os.kill(os.getpid(), signal.SIGKILL)
Memory(sys.argv[1], encoder=HashEncoder()).reencode(HashEncoder(width=32), on_progress=stop)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with texts of one and of several spans, of two users, one withdrawn and one with two revisions."""
    path = tmp_path / "life.db"
    with Memory(path, encoder=HashEncoder()) as memory:
        memory.add([f"stone number {number}" for number in range(30)], session="s")
        memory.add([LONG, "the red door"])
        memory.add("Bob keeps cats", user_id="bob")
        memory.flush()
        memory.flush(user_id="bob")
        gone, changed = (next(iter(memory.search(f"stone number {n}", limit=1))).record.id for n in (3, 4))
        memory.delete(gone)
        memory.update(changed, text="stone number 4, rather")
        memory.flush()
    return path


def encoders_in(path: Path) -> dict[str, int]:
    """Count the vectors in a file by whose they are."""
    connection = apsw.Connection(str(path))
    found = connection.execute(
        "SELECT e.model, count(x.vector_number) FROM encoder AS e LEFT JOIN vector AS x USING (encoder_id) GROUP BY 1"
    )
    return dict(found.fetchall())


def test_all_texts_are_searched_by_the_new_vectors_and_the_former_are_gone(path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    with Memory(path, encoder=HashEncoder()) as memory:
        before = [hit.record.id for hit in memory.search("the red door", limit=1)]
        done = memory.reencode(HashEncoder(width=32), on_progress=lambda *counts: told.append(counts))
        assert done.former == HashEncoder().identity
        assert (done.encoder, done.texts) == (HashEncoder(width=32).identity, 34)
        assert done.dropped > done.texts
        assert told[-1] == (34, 34)
        assert [hit.record.id for hit in memory.search("the red door", limit=1)] == before
        assert memory.search("stone number 3", known_at=memory.get(before[0]).recorded_at).pending == 0
        assert memory.stats().encoder == HashEncoder(width=32).identity
        memory.add("and goes on")
        assert memory.search("goes on")[0].record.text == "and goes on"
        assert memory.verify().is_sound
    assert list(encoders_in(path)) == ["hash@32"]
    with pytest.raises(EncoderMismatch):
        Memory(path, encoder=HashEncoder())
    fresh = [record.text for record in Memory(path, encoder=HashEncoder(width=32)).get_all(user_id="bob")]
    assert fresh == ["Bob keeps cats"]


def test_ranks_are_those_of_a_file_that_was_encoded_so_from_the_beginning(path: Path, tmp_path: Path) -> None:
    with Memory(path, encoder=HashEncoder()) as memory:
        texts = [record.text for record in memory.get_all()]
        memory.reencode(HashTokenEncoder(width=32))
        found = [(hit.record.text, hit.score) for hit in memory.search("a red stone number 7", limit=50)]
        assert memory.stats().index.rows
    with Memory(tmp_path / "other.db", encoder=HashTokenEncoder(width=32)) as other:
        other.add([text for text in texts if text.startswith("stone") and "rather" not in text], session="s")
        assert found[0][0] == other.search("a red stone number 7", limit=1)[0].record.text
    with Memory(path, encoder=HashTokenEncoder(width=32)) as again:
        assert [(hit.record.text, hit.score) for hit in again.search("a red stone number 7", limit=50)] == found
        assert again.verify().is_sound


def test_readers_search_by_the_former_vectors_until_the_file_changes_over(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reencode, "BATCH_TEXTS", 5)
    reader = Memory(path, encoder=HashEncoder())
    expected = [(hit.record.id, hit.score) for hit in reader.search("stone number 7")]
    looked: list[int] = []

    def look(done: int, total: int | None) -> None:
        assert total is not None
        looked.append(done)
        assert [(hit.record.id, hit.score) for hit in reader.search("stone number 7")] == expected
        with Memory(path, encoder=HashEncoder()) as another:
            assert [(hit.record.id, hit.score) for hit in another.search("stone number 7")] == expected
            assert another.verify().is_sound

    with Memory(path, encoder=HashEncoder()) as memory:
        memory.reencode(HashEncoder(width=32), on_progress=look)
    assert len(looked) > 6
    with pytest.raises(EncoderMismatch, match="hash"):
        reader.search("stone number 7")


def test_who_still_has_the_file_open_by_the_former_encoder_cuts_events_by_the_new_vectors(path: Path) -> None:
    with Memory(path, encoder=HashEncoder()) as late:
        texts = [f"{word} {number}" for word in ("stone", "boat", "bread") for number in range(40)]
        names = [record.id for record in late.add(texts, session="long").stored]
        late.flush()
        with Memory(path, encoder=HashEncoder()) as memory:
            memory.reencode(HashEncoder(width=32))
            late.update(names[60], text="boat 20, rather")
            late.erase(names[30], wait=False)
            report = late.verify()
            assert report.is_sound, report.findings
            report = memory.verify()
            assert report.is_sound, report.findings
            assert report.checked["events"] > 3


def test_what_comes_meanwhile_gets_its_vector_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reencode, "BATCH_TEXTS", 5)
    writer = Memory(path, encoder=HashEncoder())
    names: list[str] = []

    def write(done: int, total: int | None) -> None:
        del done, total
        if len(names) < 3:
            names.append(writer.add(f"a late word {len(names)}").stored[0].id)
            writer.flush()
            writer.erase(next(iter(writer.search("stone number 9", limit=1))).record.id, wait=False)

    with Memory(path, encoder=HashEncoder()) as memory:
        memory.reencode(HashEncoder(width=32), on_progress=write)
        writer.close()
        assert {hit.record.id for hit in memory.search("late word", limit=3)} == set(names)
        assert memory.search("late word").pending == 0
        assert memory.verify().is_sound


def test_one_that_was_stopped_goes_on_and_searches_are_right_in_between(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reencode, "BATCH_TEXTS", 4)

    def stop(done: int, total: int | None) -> None:
        del total
        if done >= 12:
            raise KeyboardInterrupt

    with Memory(path, encoder=HashEncoder()) as memory:
        with pytest.raises(KeyboardInterrupt):
            memory.reencode(HashEncoder(width=32), on_progress=stop)
        assert memory.search("the red door")[0].record.text == "the red door"
        assert memory.reencode(HashEncoder(width=32)).texts == 34 - 8
        assert memory.verify().is_sound
    assert list(encoders_in(path)) == ["hash@32"]


def test_one_that_was_killed_goes_on_in_another_process(path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, timeout=120)  # ours
    assert killed.returncode == -signal.SIGKILL
    assert set(encoders_in(path)) == {"hash@64", "hash@32"}
    with Memory(path, encoder=HashEncoder()) as memory:
        assert memory.verify().is_sound
        assert 0 < memory.reencode(HashEncoder(width=32)).texts < 34
        assert memory.verify().is_sound
    assert list(encoders_in(path)) == ["hash@32"]


@pytest.mark.parametrize("stage", ["change_encoder", "drop_former"])
def test_one_that_ends_at_the_change_over_is_finished_by_the_next(
    path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    former = reencode.DROPPED_AT_ONCE
    monkeypatch.setattr(reencode, "DROPPED_AT_ONCE", 3)

    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with Memory(path, encoder=HashEncoder()) as memory:
        name = "lamina.store.sqlite.reencoding.SqliteReencoding." + stage
        if stage == "drop_former":
            monkeypatch.setattr(memory, "_take", fail)
        else:
            monkeypatch.setattr(name, fail)
        with pytest.raises(KeyboardInterrupt):
            memory.reencode(HashEncoder(width=32))
    monkeypatch.undo()
    assert former == reencode.DROPPED_AT_ONCE
    encoder = HashEncoder(width=32) if stage == "drop_former" else HashEncoder()
    with Memory(path, encoder=encoder) as memory:
        assert memory.reencode(HashEncoder(width=32)).texts == 0
        assert memory.search("the red door")[0].record.text == "the red door"
        assert memory.verify().is_sound
    assert list(encoders_in(path)) == ["hash@32"]


def test_a_call_with_the_encoder_of_the_file_drops_what_was_begun(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reencode, "BATCH_TEXTS", 4)

    def stop(done: int, total: int | None) -> None:
        del total
        if done >= 12:
            raise KeyboardInterrupt

    with Memory(path, encoder=HashEncoder()) as memory:
        with pytest.raises(KeyboardInterrupt):
            memory.reencode(HashEncoder(width=32), on_progress=stop)
        done = memory.reencode(HashEncoder())
        assert (done.former, done.texts, done.dropped > 0) == (None, 0, True)
        assert memory.search("the red door")[0].record.text == "the red door"
        assert memory.verify().is_sound
    assert list(encoders_in(path)) == ["hash@64"]


def test_a_file_without_vectors_takes_the_encoder_at_once(tmp_path: Path) -> None:
    with Memory(tmp_path / "new.db", encoder=HashEncoder()) as memory:
        memory.add("a stone")
        assert memory.reencode(HashEncoder(width=32)).texts == 0
        memory.flush()
        assert memory.search("stone")[0].record.text == "a stone"
    assert list(encoders_in(tmp_path / "new.db")) == ["hash@32"]


def test_what_cannot_be_done_is_said(path: Path) -> None:
    with Memory(path, encoder=HashEncoder()) as memory:
        with pytest.raises(UnknownEncoder):
            memory.reencode("no such thing")
        with pytest.raises(InvalidArgument):
            memory.reencode(7)  # type: ignore[arg-type]
    with Memory(path, encoder=HashEncoder(), settings=Settings(read_only=True)) as memory, pytest.raises(StoreReadOnly):
        memory.reencode(HashEncoder(width=32))
    assert encode.BATCH_TEXTS == reencode.BATCH_TEXTS
