"""What a file knows of its imports is proved: a change behind the library's back is found, and no erasure makes one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

import lamina.flows.pieces
from lamina.core.imports import ImportRules
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lamina.flows.pieces, "PIECE_MESSAGES", 10)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(tmp_path / "life.db", encoder=HashEncoder(), clock=FakeClock()) as memory:
        yield memory


def written(path: Path, *messages: str) -> Path:
    path.write_text("".join(f"{message}\n" for message in messages), "utf-8")
    return path


def turns(*numbers: int) -> list[str]:
    return [f'{{"text": "turn {number}"}}' for number in numbers]


def named(*numbers: int) -> list[str]:
    return [f'{{"id": {number}, "text": "turn {number}"}}' for number in numbers]


def checksum(folder: Path) -> int:
    """Give the sum of what is known of imports, over all walls."""
    connection = apsw.Connection(str(folder / "life.db"))
    try:
        rows: list[Any] = connection.execute("SELECT sum(imports_checksum) FROM wall").fetchall()
        return int(rows[0][0])
    finally:
        connection.close()


def test_a_file_that_takes_an_import_in_twice_is_not_sound(memory: Memory, tmp_path: Path) -> None:
    chat = written(tmp_path / "chat.jsonl", *turns(*range(15)))
    memory.import_messages(chat, session="told")
    assert memory.verify().is_sound
    connection = apsw.Connection(str(tmp_path / "life.db"))
    connection.execute("UPDATE import SET session = 'tald'")
    connection.close()
    again = memory.import_messages(chat, session="told")
    assert (again.known, again.stored) == (0, 15)
    for repair in (False, True):
        (found,) = memory.verify(repair=repair).findings
        assert (found.check, found.where) == ("imports", "default/default")
        assert "restore the file from a backup" in found.problem


def test_it_stays_sound_while_imports_grow_change_and_are_erased(memory: Memory, tmp_path: Path) -> None:
    scope: Any = {"user_id": "ada", "agent_id": "a", "run_id": "r"}
    chat, moved, other = (tmp_path / name for name in ("chat.jsonl", "moved.jsonl", "other.jsonl"))
    about = {"session": "told", **scope}
    memory.import_messages(written(chat, *turns(*range(25))), timezone="UTC", **about)
    memory.import_messages(written(chat, *turns(*range(40))), timezone="Europe/Rome", **about)
    replace = ImportRules(on_conflict="replace")
    assert memory.import_messages(written(chat, *turns(*range(12), 99)), rules=replace, **about).withdrawn
    assert memory.import_messages(written(moved, *turns(*range(12), 99, 100)), **about).stored
    memory.import_messages(written(other, *named(*range(12))), session="said", user_id="ada")
    assert memory.import_messages(
        written(other, *named(*range(12)), *turns(7)), session="twice", user_id="ada"
    ).repeated
    assert memory.verify().is_sound
    memory.erase(next(memory.get_all(**scope)).id, **scope)
    assert memory.verify().is_sound
    memory.erase(filters={"session": "told"}, **scope)
    assert memory.verify().is_sound
    assert checksum(tmp_path) != 0
    memory.erase(all=True, user_id="ada")
    assert memory.verify().is_sound
    assert checksum(tmp_path) == 0


def test_what_was_erased_leaves_nothing_in_the_checksum(tmp_path: Path) -> None:
    left = set()
    for name, secret in (("one", "the well"), ("other", "the wall")):
        (tmp_path / name).mkdir()
        with Memory(tmp_path / name / "life.db", encoder=HashEncoder(), clock=FakeClock()) as memory:
            chat = written(
                tmp_path / "chat.jsonl", f'{{"text": "{secret}"}}', '{"text": "so it is", "session": "open"}'
            )
            memory.import_messages(chat, session=secret)
            memory.erase(filters={"session": secret})
            assert memory.verify().is_sound
            assert [record.text for record in memory.get_all()] == ["so it is"]
        left.add(checksum(tmp_path / name))
    assert len(left) == 1
    assert left != {0}


@pytest.mark.parametrize("key", [None, b"k" * 32], ids=["plain", "encrypted"])
@pytest.mark.parametrize("scope", [{}, {"agent_id": "bot"}, {"user_id": "bob", "run_id": "7"}], ids=str)
@pytest.mark.parametrize("bees", [1, 24], ids=["one piece", "several pieces"])
@pytest.mark.parametrize("place", [0, -1], ids=["at the beginning", "at the end"])
def test_what_was_erased_with_its_session_does_not_come_back(
    tmp_path: Path, key: bytes | None, scope: dict[str, str], bees: int, place: int
) -> None:
    told = [f'{{"text": "bees {number}", "session": "roof"}}' for number in range(bees)]
    told.insert(place % (bees + 1), '{"name": "Ada", "text": "I have a secret illness"}')
    chat = written(tmp_path / "chat.jsonl", *told)
    with Memory(tmp_path / "told.db", encoder=HashEncoder(), clock=FakeClock(), key=key and (lambda: key)) as memory:
        memory.import_messages(chat, session="doctor", **scope)
        memory.erase(filters={"session": "doctor"}, **scope)
        again = memory.import_messages(chat, session="doctor", **scope)
        assert (again.known, again.stored) == (bees + 1, 0)
        assert {record.session for record in memory.get_all(limit=99, **scope)} == {"roof"}
        # It grows as it did before.
        written(chat, *told, '{"name": "Ada", "text": "The roof is tight"}')
        assert memory.import_messages(chat, session="doctor", **scope).stored == 1
        texts = sorted(record.text for record in memory.get_all(limit=99, **scope))
        assert texts == sorted(["The roof is tight", *(f"bees {number}" for number in range(bees))])
        assert memory.verify().is_sound


def test_an_import_of_which_nothing_was_erased_is_of_its_session_alone(memory: Memory, tmp_path: Path) -> None:
    chat = written(tmp_path / "chat.jsonl", *turns(*range(15)))
    assert [memory.import_messages(chat, session=session).stored for session in (None, "told", "told")] == [15, 15, 0]
