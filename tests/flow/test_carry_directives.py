"""Holds, policies and grants go where the records go: holds always, rules of who may what only where nothing stands."""

import hashlib
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lamina.core.directives import Deed
from lamina.core.errors import DamagedFile, NotGranted, UnderLegalHold
from lamina.core.scope import Scope
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder


def opened(path: Path) -> Memory:
    return Memory(path, encoder=HashEncoder(), clock=FakeClock("2026-05-02T08:00:00+00:00"))


def exported(memory: Memory, **asked: Any) -> bytes:
    stream = io.BytesIO()
    memory.export(stream, **asked)
    return stream.getvalue()


def sealed(lines: list[bytes]) -> bytes:
    """Give lines with the last one that fits them."""
    data = b"".join(line + b"\n" for line in lines)
    end = {"end": {"lines": len(lines), "sha256": hashlib.sha256(data).hexdigest()}}
    return data + json.dumps(end, separators=(",", ":")).encode() + b"\n"


def governed(memory: Memory) -> str:
    name = memory.add("the brakes were checked", session="garage", sensitivity="private").stored[0].id
    memory.place_hold("Case 7", record_ids=[name], by="counsel")
    memory.place_hold("Case 8", filters={"speaker": "Ada"}, agent_id="a")
    memory.set_retention(timedelta(days=1), on_expiry="erase")
    memory.set_label("private", {"session": "garage"})
    memory.set_redaction("mask")
    memory.set_secrets("mask")
    memory.set_quarantine({"role": "tool"})
    memory.set_read_audit()
    memory.set_secret_mask()
    memory.give_grant("app", "reader", sees=["pay"], by="ada")
    return name


def rules(memory: Memory) -> list[object]:
    return [
        *[(one.reason, one.record_ids, one.filters, one.by, one.placed_at, one.scope) for one in memory.holds()],
        *[(one.policy, one.by, one.placed_at) for one in memory.policies()],
        *[(one.principal, one.role, one.sees, one.by, one.placed_at) for one in memory.grants()],
    ]


def test_a_wall_comes_with_all_that_is_laid_down_for_it(memory: Memory, tmp_path: Path) -> None:
    name = governed(memory)
    data = exported(memory)
    with opened(tmp_path / "other.db") as other:
        (taken,) = other.load(io.BytesIO(data)).walls
        assert (taken.laid_down, taken.left_out, taken.is_equal) == (10, 0, True)
        assert rules(other) == rules(memory)
        with pytest.raises(UnderLegalHold):
            other.erase(name)
        assert other.get(name, principal="app").text == "[redacted: private]"
        trail = [entry for entry in other.audit() if entry.deed is Deed.HOLD_PLACED]
        assert {entry.recorded_at.month for entry in trail} == {5}
        assert other.verify().is_sound
        assert exported(other).splitlines()[1:-1] == data.splitlines()[1:-1]
        (again,) = other.load(io.BytesIO(data)).walls
        assert (again.laid_down, again.left_out) == (0, 0)
        assert len(other.holds()) == 2


def test_into_a_used_wall_come_holds_and_nothing_that_says_who_may_what(memory: Memory, tmp_path: Path) -> None:
    name = governed(memory)
    with opened(tmp_path / "other.db") as other:
        other.add("what was here")
        (taken,) = other.load(io.BytesIO(exported(memory))).walls
        assert (taken.laid_down, taken.left_out) == (2, 8)
        assert (other.policies(), other.grants()) == ((), ())
        with pytest.raises(UnderLegalHold):
            other.erase(name)
        assert other.verify().is_sound
    with opened(tmp_path / "third.db") as third:
        third.give_grant("lead", "administrator")
        (taken,) = third.load(io.BytesIO(exported(memory))).walls
        assert (taken.laid_down, taken.left_out, taken.is_equal) == (2, 8, True)
        assert [one.principal for one in third.grants()] == ["lead"]


def test_a_whole_file_comes_with_rules_of_walls_that_hold_nothing_yet(memory: Memory, tmp_path: Path) -> None:
    memory.place_hold("Case 9: whatever Bob says", user_id="bob")
    memory.give_grant("app", "writer", scope=Scope.shared())
    memory.add("mine")
    with opened(tmp_path / "other.db") as other:
        taken = other.load(io.BytesIO(exported(memory, is_whole_file=True)))
        assert [(one.wall.user, one.laid_down) for one in taken.walls] == [(None, 1), ("bob", 1), ("default", 0)]
        assert other.holds(user_id="bob")[0].reason == "Case 9: whatever Bob says"
        with pytest.raises(UnderLegalHold):
            other.erase(other.add("it was me", user_id="bob").stored[0].id, user_id="bob")
        assert other.verify().is_sound
    assert b"Case 9" not in exported(memory)


def test_who_does_not_administer_a_wall_gets_nothing_of_it(memory: Memory) -> None:
    governed(memory)
    with pytest.raises(NotGranted):
        exported(memory, principal="app")


def test_an_export_of_the_first_format_is_read(memory: Memory, tmp_path: Path) -> None:
    memory.add("from before")
    first, *others = exported(memory).splitlines()[:-1]
    before = sealed([first.replace(b'"lamina_export":2', b'"lamina_export":1'), *others])
    with opened(tmp_path / "other.db") as other:
        assert other.load(io.BytesIO(before)).operations == 2


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "no such kind", "placed_us": 0, "body": {}},
        {"kind": "hold", "placed_us": 0, "body": {}},
        {"kind": "hold", "placed_us": "now", "body": {"reason": "x"}},
        {"kind": "hold", "placed_us": 0, "body": {"reason": "x", "filters": {"speeker": "Ada"}}},
        {"kind": "grant", "placed_us": 0, "body": {"principal": "app", "role": "king"}},
        {"kind": "redaction", "placed_us": 0, "body": {"action": "shred"}},
        {"kind": "retention", "placed_us": 0, "body": {"ttl_s": 1}},
        {"kind": "retention", "placed_us": 0, "body": {"ttl_s": "x", "since": "at", "on_expiry": "erase"}},
        {"kind": "label", "placed_us": 0, "body": []},
        {"kind": "label", "placed_us": 0},
        7,
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_of_it_taken_in(
    memory: Memory, tmp_path: Path, bad: object
) -> None:
    memory.add("a word")
    first, wall, *others = exported(memory).splitlines()[:-1]
    line = json.dumps({"directive": bad}, separators=(",", ":")).encode()
    with opened(tmp_path / "other.db") as other:
        with pytest.raises(DamagedFile):
            other.load(io.BytesIO(sealed([first, wall, line, *others])))
        assert list(other.get_all()) == []
        assert (other.holds(), other.policies(), other.audit()) == ((), (), ())
