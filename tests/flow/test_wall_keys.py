"""Keys of an encrypted file: another master key, a wall's key destroyed, and kills in the middle of either."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from lamina import Memory, make_key_file
from lamina.core.directives import Deed
from lamina.core.errors import InvalidArgument, KeyDestroyed, NotGranted, UnderLegalHold, WrongKey
from lamina.store.sqlite import keys
from lamina.store.sqlite.keying import SqliteKeying
from lamina.store.sqlite.writing import SqliteWriting
from lamina.testing.fakes import FakeClock, HashEncoder
from lamina.testing.planting import Planted, lift_all, plant


def key() -> bytes:
    return b"k" * 32


def other() -> bytes:
    return b"o" * 32


def opened(path: Path, key: Any = key) -> Memory:
    return Memory(path, encoder=HashEncoder(), clock=FakeClock(), key=key)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "life.db"


@pytest.fixture
def memory(path: Path) -> Iterator[Memory]:
    with opened(path) as memory:
        yield memory


def test_another_key_opens_the_file_from_then_on(path: Path, tmp_path: Path) -> None:
    new = make_key_file(tmp_path / "new")
    with opened(path) as memory, opened(path) as beside:
        for user in ("ada", "bob"):
            memory.add("said", user_id=user)
        memory.backup(tmp_path / "before.db")
        held = _wrapped(path)
        assert memory.rotate_key(new) == 2
        memory.add("said later", user_id="cleo")
        assert [record.text for record in memory.get_all(user_id="bob")] == ["said"]
        with pytest.raises(WrongKey, match="another key"):
            beside.get_all(user_id="bob").cursor or list(beside.get_all(user_id="bob"))
    with pytest.raises(WrongKey, match="another key"):
        opened(path)
    with opened(path, new) as again:
        assert [record.text for user in ("ada", "bob", "cleo") for record in again.get_all(user_id=user)] == [
            "said",
            "said",
            "said later",
        ]
        assert again.verify().is_sound
    assert not any(key in file.read_bytes() for key in held for file in tmp_path.glob("life.db*"))
    opened(tmp_path / "before.db").close()
    with opened(tmp_path / "plain.db", None) as plain, pytest.raises(InvalidArgument, match="not encrypted"):
        plain.rotate_key(new)


def _wrapped(path: Path) -> list[bytes]:
    connection = apsw.Connection(str(path))
    held = [held for (held,) in connection.execute("SELECT wrapped FROM wall_key WHERE wrapped IS NOT NULL")]
    connection.close()
    return held


def _killed(path: Path, do: Callable[[Memory], object]) -> None:
    """Do something in a child process that is killed in the middle of it."""
    child = os.fork()
    if child == 0:
        try:
            do(opened(path))
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def _die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("moment", ["first key", "last key", "before the commit", "after the commit"])
def test_a_kill_in_the_middle_leaves_a_file_that_one_of_the_keys_opens(
    path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(path) as memory:
        for number in range(5):
            memory.add(f"said by {number}", user_id=f"u{number}")
    wrap, turn, count = keys.Keyring.wrap, SqliteKeying.turn_key, []

    def wrapping(ring: keys.Keyring, *rest: Any, **named: Any) -> bytes:
        count.append(1)
        if len(count) == (1 if moment == "first key" else 5):
            _die()
        return wrap(ring, *rest, **named)

    def turning(writing: SqliteKeying, mark: str) -> int:
        turn(writing, mark)
        _die()
        return 0

    if moment.endswith("key"):
        monkeypatch.setattr(keys.Keyring, "wrap", wrapping)
    elif moment.startswith("before"):
        monkeypatch.setattr(SqliteKeying, "turn_key", turning)
    else:
        monkeypatch.setattr("lamina.verbs.upkeep.scrub_if_free", _die)
    _killed(path, lambda memory: memory.rotate_key(other))
    monkeypatch.undo()
    works, refused = ((other), key) if moment.startswith("after") else (key, other)
    with pytest.raises(WrongKey):
        opened(path, refused)
    with opened(path, works) as memory:
        assert [record.text for number in range(5) for record in memory.get_all(user_id=f"u{number}")] == [
            f"said by {number}" for number in range(5)
        ]
        assert memory.verify().is_sound


def test_a_destroyed_key_leaves_tombstones_and_a_receipt(path: Path, memory: Memory, tmp_path: Path) -> None:
    planted = Planted(5)
    ids = plant(memory, planted, tmp_path)
    memory.add("kept", user_id="bob")
    lift_all(memory)
    held = _wrapped(path)
    receipt = memory.erase(all=True, destroy_key=True)
    assert (receipt.key_destroyed, receipt.scrubbed) == (True, True)
    assert set(receipt.counts) == {"ERASE"}
    assert [str(entry.operation.action) for entry in memory.history(ids["withdrawn"])][-1] == "ERASE"
    assert list(memory.get_all()) == []
    assert [record.text for record in memory.get_all(user_id="bob")] == ["kept"]
    assert memory.verify().is_sound
    assert [entry.deed for entry in memory.audit()][-2:] == [Deed.KEY_DESTROYED, Deed.ERASED]
    assert len(set(held) & set(_wrapped(path))) == len(held) - 1
    assert sum(key in path.read_bytes() for key in held) == len(held) - 1
    memory.add("new words", session="s")
    assert [record.text for record in memory.get_all()] == ["new words"]
    again = memory.erase(all=True, destroy_key=True)
    assert again.key_destroyed
    assert memory.verify().is_sound


def test_a_hold_or_less_than_a_wall_refuses_to_destroy_a_key(memory: Memory, tmp_path: Path) -> None:
    memory.add("said", agent_id="a")
    hold = memory.place_hold("case 7")
    with pytest.raises(UnderLegalHold, match="the wall"):
        memory.erase(all=True, destroy_key=True)
    assert [record.text for record in memory.get_all()] == ["said"]
    assert memory.audit()[-1].deed == Deed.REFUSED
    memory.lift_hold(hold.id)
    with pytest.raises(InvalidArgument, match="one agent or run"):
        memory.erase(all=True, destroy_key=True, agent_id="a")
    with pytest.raises(InvalidArgument, match="destroy_key"):
        memory.erase(filters={"session": "s"}, destroy_key=True)
    for erasing in (memory, opened(tmp_path / "plain.db", None)):
        kept = erasing.add("kept", agent_id="a").stored[0]
        with pytest.raises(InvalidArgument, match="destroy_key"):
            erasing.erase(kept.id, destroy_key=True)
        assert erasing.get(kept.id).text == "kept"
    erasing.close()
    with opened(tmp_path / "plain.db", None) as plain, pytest.raises(InvalidArgument, match="not encrypted"):
        plain.erase(all=True, destroy_key=True)
    assert {record.text for record in memory.get_all()} == {"said", "kept"}


def test_who_administers_a_wall_destroys_its_key_and_nobody_less(memory: Memory) -> None:
    memory.add("said", sensitivity="private")
    memory.give_grant("boss", "administrator")
    memory.give_grant("clerk", "writer", sees=["private"])
    with pytest.raises(NotGranted):
        memory.erase(all=True, destroy_key=True, principal="clerk")
    assert [record.text for record in memory.get_all()] == ["said"]
    assert memory.erase(all=True, destroy_key=True, principal="boss").key_destroyed
    assert list(memory.get_all()) == []
    assert [grant.principal for grant in memory.grants()] == ["boss", "clerk"]
    assert memory.verify().is_sound


def test_after_a_kill_between_the_two_steps_reads_say_so_and_the_same_call_ends_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(path) as memory:
        memory.add([f"bee {number}" for number in range(20)], session="s", agent_id="a")
        memory.add("kept", user_id="bob")
        memory.flush()
    beside = opened(path)
    assert len(beside.search("bee 3")) > 0
    monkeypatch.setattr("lamina.flows.erase.erase_many", _die)
    _killed(path, lambda memory: memory.erase(all=True, destroy_key=True))
    monkeypatch.undo()
    for reading in (beside, opened(path)):
        with reading as memory:
            for read in (lambda: memory.search("bee 3"), lambda: list(memory.get_all()), lambda: memory.add("more")):
                with pytest.raises(KeyDestroyed, match="destroy_key=True"):
                    read()
            with pytest.raises(KeyDestroyed):
                memory.erase(all=True)
            assert [record.text for record in memory.get_all(user_id="bob")] == ["kept"]
            report = memory.verify()
            assert not report.is_sound
            assert any("lost its key" in finding.problem for finding in report.findings)
    with opened(path) as memory:
        receipt = memory.erase(all=True, destroy_key=True)
        assert (receipt.key_destroyed, len(receipt.ids)) == (True, 21)
        assert memory.verify().is_sound
        memory.add("more")
        assert [record.text for record in memory.get_all()] == ["more"]


@pytest.mark.parametrize("time", ["{:02}:00:00", "00:{:02}:00"])
def test_a_page_at_a_time_is_erased_without_a_key_whatever_events_it_parts(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, time: str
) -> None:
    monkeypatch.setattr("lamina.flows.bulk.PAGE", 7)
    said = [{"content": f"bee {n}", "session": f"s{n % 3}", "at": f"2026-01-01T{time.format(n)}Z"} for n in range(20)]
    memory.add(said)
    memory.flush()
    receipt = memory.erase(all=True, destroy_key=True)
    assert receipt.counts["ERASE"] >= 20
    assert memory.verify().is_sound
    assert list(memory.get_all()) == []


def test_the_index_of_a_wall_that_is_empty_goes_with_its_key(path: Path) -> None:
    with opened(path) as memory:
        memory.add("bee 1")
        memory.erase(all=True)
        memory.reindex()
        memory.erase(all=True, destroy_key=True)
        assert memory.verify().is_sound
        memory.add("bee 2")
        assert [hit.record.text for hit in memory.search("bee")] == ["bee 2"]
    with opened(path) as memory:
        assert [hit.record.text for hit in memory.search("bee")] == ["bee 2"]
        assert memory.verify().is_sound


def test_an_event_that_is_left_without_words_shuts_nobody_out_of_a_wall(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.add([f"bee {number}" for number in range(5)])
    memory.flush()
    memory.snapshot("before")
    sound, pages = SqliteWriting.hollow_events, []

    def passed_over(writing: SqliteWriting, ids: Any, *, wall: Any) -> list[str]:
        # As where an event is merged into another when what it began with was erased in an earlier page.
        pages.append(ids)
        return [] if len(pages) == 1 else sound(writing, ids, wall=wall)

    monkeypatch.setattr(SqliteWriting, "hollow_events", passed_over)
    receipt = memory.erase(all=True, destroy_key=True)
    assert receipt.counts["ERASE"] == 6
    assert receipt.scrubbed
    assert memory.snapshots() == ()
    memory.add("said later")
    assert [record.text for record in memory.get_all()] == ["said later"]
    assert memory.verify().is_sound
