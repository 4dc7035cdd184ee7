"""What was written stays readable: a file of each format that there was is opened, migrated, verified and used.

`keep_format.py` made each with the code of its time; 0003 and 0007, in which no code left a file, were made by the
migration alone, of the file before.
"""

import gzip
import io
import os
import random
import signal
from pathlib import Path
from typing import Any

import apsw
import pytest

from lamina.core.errors import SchemaTooNew
from lamina.core.lifecycle import State
from lamina.memory import Memory
from lamina.store.migrate import load_migrations
from lamina.testing.fakes import FakeClock, HashEncoder

#: Between these no file was left: the ninth to the twelfth came with the thirteenth, the next two with the sixteenth.
RELEASED = (*range(1, 9), 13, 16, 17)
FORMATS = sorted((Path(__file__).parent / "formats").glob("*.db.gz"))
#: What Cleo imported, from the seventeenth on.
IMPORTED = '{"text": "a swarm was seen"}\n{"text": "it was caught"}\n'
NEWEST = load_migrations("lamina.store.sqlite")[-1].number
KILLS = 40
TEXTS = [
    "bee 0, corrected, hums",
    "bee 2 hums in garden 2",
    "bee 3 hums in garden 0",
    "bee 4 hums in garden 1",
    "bee 5 hums in garden 2",
    "One cat.\n\nNo dogs.",
]


def opened(path: Path) -> Memory:
    return Memory(path, encoder=HashEncoder(width=8), clock=FakeClock())


def unpacked(kept: Path, folder: Path) -> Path:
    path = folder / "life.db"
    path.write_bytes(gzip.decompress(kept.read_bytes()))
    return path


def number_of(path: Path) -> int:
    connection = apsw.Connection(str(path))
    try:
        return int(connection.pragma("user_version"))
    finally:
        connection.close()


def said_in(memory: Memory) -> list[str]:
    """Give the texts of Ada's wall, but for the trace."""
    return [record.text for record in memory.get_all(user_id="ada") if record.modality != "trace"]


def test_every_format_that_was_released_is_kept() -> None:
    assert [kept.name for kept in FORMATS] == [f"{number:04}.db.gz" for number in RELEASED]
    assert RELEASED[-1] <= NEWEST


@pytest.mark.parametrize("kept", FORMATS, ids=lambda kept: kept.name[:4])
def test_a_file_of_an_older_format_opens_migrates_and_verifies(kept: Path, tmp_path: Path) -> None:
    path = unpacked(kept, tmp_path)
    assert number_of(path) == int(kept.name[:4])
    with opened(path) as memory:
        assert said_in(memory) == TEXTS
        assert TEXTS[0] in [hit.record.text for hit in memory.search("corrected bee", user_id="ada")]
        (shared,) = memory.get_all(user_id="bob", agent_id="a1")
        assert (shared.text, shared.scope.run) == ("the house rules", "r1")
        first = next(memory.get_all(user_id="ada"))
        assert [entry.record.text for entry in memory.history(first.id, user_id="ada")] == [
            "bee 0 hums in garden 0",
            TEXTS[0],
        ]
        report = memory.verify()
        assert report.is_sound, report.findings
    assert number_of(path) == NEWEST


@pytest.mark.parametrize("kept", FORMATS, ids=lambda kept: kept.name[:4])
def test_what_came_in_long_ago_is_changed_taken_back_and_erased_as_what_comes_in_now(
    kept: Path, tmp_path: Path
) -> None:
    path = unpacked(kept, tmp_path)
    with opened(path) as memory:
        first, second, *_ = memory.get_all(user_id="ada")
        memory.revert(memory.update(first.id, text="said in error", user_id="ada"), user_id="ada")
        memory.erase(second.id, user_id="ada")
        withdrawn = memory.restore(filters={"external_id": "e1"}, user_id="ada")
        assert withdrawn.counts == {"RESTORE": 1}
        memory.add("said today", user_id="ada")
        memory.flush(user_id="ada")
        assert said_in(memory) == [TEXTS[0], "bee 1 hums in garden 1", *TEXTS[2:], "said today"]
        assert {entry.record.state for entry in memory.history(second.id, user_id="ada")} == {State.ERASED}
        report = memory.verify()
        assert report.is_sound, report.findings
    assert second.text.encode() not in path.read_bytes()


@pytest.mark.parametrize("kept", FORMATS[-1:], ids=lambda kept: kept.name[:4])
def test_what_was_imported_long_ago_is_known_and_its_bookkeeping_is_proved_from_then_on(
    kept: Path, tmp_path: Path
) -> None:
    path = unpacked(kept, tmp_path)
    with opened(path) as memory:
        about: Any = {"session": "told", "user_id": "cleo", "run_id": "r2"}
        imported = memory.import_messages(io.StringIO(IMPORTED), **about)
        assert (imported.known, imported.stored) == (2, 0)
        assert memory.verify().is_sound
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE import SET session = 'other' WHERE session = 'told'")
    assert connection.changes() == 1
    connection.close()
    with opened(path) as memory:
        assert [finding.check for finding in memory.verify().findings] == ["imports"]


@pytest.mark.parametrize("kept", [FORMATS[0], FORMATS[4]], ids=lambda kept: kept.name[:4])
def test_a_migration_that_is_killed_leaves_the_old_format_or_the_new(kept: Path, tmp_path: Path) -> None:
    dice, killed = random.Random(4), 0
    for turn in range(KILLS):
        path = unpacked(kept, tmp_path)
        child = os.fork()
        if child == 0:
            _migrate_and_die(path, dice.randrange(60))
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status)
        killed += number_of(path) == int(kept.name[:4])
        assert number_of(path) in (int(kept.name[:4]), NEWEST)
        if turn % 8 == 0:
            with opened(path) as memory:
                assert said_in(memory) == TEXTS
                assert memory.verify().is_sound
        for left in tmp_path.glob("life.db*"):
            left.unlink()
        dice.random()
    assert killed > KILLS // 4


def _migrate_and_die(path: Path, statements: int) -> None:
    """Open a file, and be killed before one of its first statements, or once it is open."""
    left = [statements]

    def count(cursor: apsw.Cursor, sql: str, bindings: object) -> bool:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    def watch(connection: apsw.Connection) -> None:
        connection.exec_trace = count

    try:
        apsw.connection_hooks.append(watch)
        opened(path)
        os.kill(os.getpid(), signal.SIGKILL)
    finally:
        os._exit(3)


def test_an_older_lamina_refuses_a_newer_file_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "life.db"
    opened(path).close()
    before = path.read_bytes()
    every = load_migrations("lamina.store.sqlite")
    with monkeypatch.context() as past:
        past.setattr("lamina.store.sqlite.store.load_migrations", lambda package: every[:-1])
        with pytest.raises(SchemaTooNew, match=r"has format \d+, this Lamina reads up to \d+; upgrade Lamina"):
            opened(path)
    assert path.read_bytes() == before
