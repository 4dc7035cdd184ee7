"""Backups: of one moment while others write, under their name when whole or not at all, without what was erased."""

import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from lamina.core.errors import InvalidArgument, StoreUnavailable
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder

WRITER = """
import sys
from lamina.memory import Memory
from lamina.testing.fakes import HashEncoder
with Memory(sys.argv[1], encoder=HashEncoder()) as memory:
    print("ready", flush=True)
    for number in range(100_000):
        memory.add([f"turn {number} of a pair", f"answer {number} of a pair"])
"""


def opened(path: Path) -> Memory:
    return Memory(path, encoder=HashEncoder(), clock=FakeClock())


def texts(path: Path) -> list[str]:
    with opened(path) as memory:
        assert memory.verify().is_sound
        return [record.text for record in memory.get_all()]


def test_a_backup_is_the_memory_as_it_is(memory: Memory, tmp_path: Path) -> None:
    memory.add([f"turn {number}" for number in range(300)])
    memory.flush()
    told: list[tuple[int, int]] = []
    done = memory.backup(tmp_path / "copy.db", on_progress=lambda done, total: told.append((done, total)))
    memory.add("later")
    assert done.file_bytes == (tmp_path / "copy.db").stat().st_size
    assert told[-1][0] == told[-1][1] > 0
    assert texts(tmp_path / "copy.db") == [f"turn {number}" for number in range(300)]
    with opened(tmp_path / "copy.db") as copy:
        assert [hit.record.text for hit in copy.search("turn 7")] == [
            hit.record.text for hit in memory.search("turn 7") if hit.record.text != "later"
        ]
        assert memory.verify(heads=[copy.head()]).is_sound


def test_a_backup_is_of_one_moment_while_another_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "life.db"
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        try:
            with opened(path) as memory:
                sizes = []
                for round_ in range(5):
                    while memory.stats().counts.operations < 60 * (round_ + 1):
                        pass
                    memory.backup(tmp_path / "copy.db", overwrite=True)
                    found = texts(tmp_path / "copy.db")
                    sizes.append(len(found))
                    assert len(found) % 2 == 0
                    assert found == [
                        f"{what} {n} of a pair" for n in range(len(found) // 2) for what in ("turn", "answer")
                    ]
                assert writer.poll() is None
                assert sizes == sorted(sizes)
        finally:
            writer.kill()


def test_nothing_that_was_erased_comes_along_even_where_its_bytes_wait(tmp_path: Path) -> None:
    path = tmp_path / "life.db"
    with Memory(path, encoder=HashEncoder(), settings=Settings(busy_timeout_s=0.2)) as memory:
        memory.add(["zzsecret is said", "kept"])
        memory.flush()
        reader = apsw.Connection(str(path))
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM content").fetchall()
        assert not memory.erase(filters={"text": {"contains": "zzsecret"}}).scrubbed
        assert any(b"zzsecret" in file.read_bytes() for file in tmp_path.glob("life.db*"))
        memory.backup(tmp_path / "copy.db")
        reader.close()
    assert b"zzsecret" not in (tmp_path / "copy.db").read_bytes()
    with opened(tmp_path / "copy.db") as copy:
        report = copy.verify()
        assert report.is_sound
        assert report.notes == ()


def test_what_stands_there_is_overwritten_only_when_asked(memory: Memory, tmp_path: Path) -> None:
    memory.add("one")
    target = tmp_path / "copy.db"
    target.write_bytes(b"something else")
    with pytest.raises(InvalidArgument, match="overwrite"):
        memory.backup(target)
    assert target.read_bytes() == b"something else"
    memory.backup(target, overwrite=True)
    assert texts(target) == ["one"]
    with pytest.raises(InvalidArgument, match="itself"):
        memory.backup(tmp_path / "life.db", overwrite=True)
    with pytest.raises(StoreUnavailable, match="make it first"):
        memory.backup(tmp_path / "nowhere" / "copy.db")
    with pytest.raises(StoreUnavailable, match="ordinary"):
        memory.backup(tmp_path, overwrite=True)


def test_a_file_that_is_in_use_is_not_overwritten(memory: Memory, tmp_path: Path) -> None:
    memory.add("one")
    with opened(tmp_path / "copy.db") as other:
        other.add("two")
        with pytest.raises(StoreUnavailable, match="in use"):
            memory.backup(tmp_path / "copy.db", overwrite=True)
    assert texts(tmp_path / "copy.db") == ["two"]


def test_a_backup_that_ends_half_way_leaves_nothing(memory: Memory, tmp_path: Path) -> None:
    memory.add([f"turn {number}" for number in range(50)])

    def stop(done: int, total: int) -> None:
        raise RuntimeError(f"{done} of {total}")

    with pytest.raises(RuntimeError, match="0 of"):
        memory.backup(tmp_path / "copy.db", on_progress=stop)
    assert [file.name for file in tmp_path.iterdir() if "copy" in file.name] == []
    memory.backup(tmp_path / "copy.db")
    assert len(texts(tmp_path / "copy.db")) == 50


def test_a_memory_without_a_file_is_copied_into_one(tmp_path: Path) -> None:
    with Memory(encoder=HashEncoder()) as memory:
        memory.add(["one", "two"])
        memory.backup(tmp_path / "copy.db")
    assert texts(tmp_path / "copy.db") == ["one", "two"]
