"""What an earlier version left behind, and a migration makes right."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from lamina.core.errors import InvalidTransition
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder

#: The format before what began an erased event left its stream.
BEFORE = 16
#: Takes away what formats after the healing one added.
UNDO_LATER = "DROP VIEW import_checksum; ALTER TABLE wall DROP COLUMN imports_checksum"


def at(minute: int) -> datetime:
    return datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(minutes=minute)


def opened(path: Path) -> Memory:
    return Memory(path, encoder=HashEncoder(width=8), clock=FakeClock())


@pytest.fixture
def left(tmp_path: Path) -> tuple[Path, str]:
    """Give a file in which what began an erased event stands on in another's stream, and what lies before it there."""
    path, ids = tmp_path / "life.db", {}
    with opened(path) as memory:
        for text, order, minute in [("begin", 0, 0), ("later", 2, 50), ("last", 3, 55), ("between", 1, 25)]:
            message = {"content": text, "session": "s", "order": order, "at": at(minute)}
            ids[text] = memory.add([message]).stored[0].id
        memory.erase(ids["later"])
    connection = apsw.Connection(str(path))
    moved = "UPDATE record SET event_key = (SELECT event_key FROM record WHERE id = ?) WHERE id = ?"
    connection.execute(moved, (ids["last"], ids["later"]))
    connection.close()
    return path, ids["between"]


def test_a_stream_in_which_stands_what_began_an_erased_event_can_be_changed_again(left: tuple[Path, str]) -> None:
    path, between = left
    with opened(path) as memory, pytest.raises(InvalidTransition):
        memory.update(between, at=at(5))
    connection = apsw.Connection(str(path))
    connection.execute(UNDO_LATER)
    connection.execute("DELETE FROM meta WHERE key > ?", (f"migration:{BEFORE:04}",))
    connection.pragma("user_version", BEFORE)
    connection.close()
    with opened(path) as memory:
        memory.update(between, at=at(5))
        assert memory.verify().is_sound
