"""Legal holds: what they cover is not destroyed while they stand, whoever asks, and nothing else is kept."""

from pathlib import Path

import apsw
import pytest

from lamina.core.directives import Deed
from lamina.core.errors import InvalidArgument, NotFound, UnderLegalHold
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.scope import Scope
from lamina.ingest.documents import Document
from lamina.memory import Memory
from lamina.testing.fakes import HashEncoder


def add(memory: Memory, *texts: str, **keywords: object) -> list[str]:
    return [record.id for record in memory.add(list(texts), **keywords).stored]  # type: ignore[arg-type]


def texts(memory: Memory, **scope: str) -> list[str]:
    return [record.text for record in memory.get_all(**scope)]  # type: ignore[arg-type]


def test_a_held_record_is_not_erased_and_the_refusal_is_noted(memory: Memory) -> None:
    one, two = add(memory, "one", "two")
    hold = memory.place_hold("case 7", record_ids=[one], by="counsel")
    with pytest.raises(UnderLegalHold, match=f"hold {hold.id}") as refused:
        memory.erase(one)
    assert (refused.value.record_id, refused.value.holds) == (one, (hold.id,))
    assert "case 7" not in str(refused.value)
    memory.erase(two)
    assert texts(memory) == ["one"]
    told = [(entry.deed, entry.directive, entry.record_id) for entry in memory.audit()]
    assert told == [
        (Deed.HOLD_PLACED, hold.id, None),
        (Deed.REFUSED, hold.id, one),
        (Deed.ERASED, None, two),
    ]
    memory.lift_hold(hold.id)
    assert memory.erase(one).scrubbed
    assert texts(memory) == []
    assert memory.verify().is_sound


@pytest.mark.parametrize(
    ("what", "kept"),
    [
        ({}, ["a", "b", "c"]),
        ({"session": "s"}, ["a"]),
        ({"filters": {"topic": "x"}}, ["b"]),
        ({"filters": {"OR": [{"topic": "x"}, {"session": "s"}]}}, ["a", "b"]),
    ],
)
def test_of_many_what_is_held_is_left_and_listed(memory: Memory, what: dict[str, object], kept: list[str]) -> None:
    memory.add("a", session="s")
    memory.add("b", metadata={"topic": "x"})
    memory.add("c")
    hold = memory.place_hold("case 7", **what)  # type: ignore[arg-type]
    receipt = memory.erase(all=True)
    assert texts(memory) == kept
    assert [one.holds for one in receipt.protected] == [(hold.id,)] * len(kept)
    assert {one.record_id for one in receipt.protected} == {record.id for record in memory.get_all()}
    assert memory.audit()[-1].count == len(kept)
    memory.lift_hold(hold.id)
    assert memory.erase(all=True).protected == ()
    assert texts(memory) == []
    assert memory.verify().is_sound


def test_what_is_added_later_is_covered_and_so_is_what_a_former_revision_was(memory: Memory) -> None:
    memory.place_hold("case 7", filters={"topic": "x"})
    later, other = memory.add("a", metadata={"topic": "x"}).stored[0].id, memory.add("b").stored[0].id
    memory.update(later, metadata={"topic": "y"})
    with pytest.raises(UnderLegalHold):
        memory.erase(later)
    memory.erase(other)


def test_a_document_is_held_as_a_whole(memory: Memory) -> None:
    text = "".join(f"# Part {number}\n\nThe word of it is w{number}.\n\n" for number in range(12))
    head = next(r for r in memory.add(Document(title="Words", text=text)).stored if r.kind is Kind.DOCUMENT)
    passages = list(memory.get_all())
    assert len(passages) > 1
    hold = memory.place_hold("case 7", record_ids=[passages[1].id])
    for record_id in (head.id, passages[0].id, passages[1].id):
        with pytest.raises(UnderLegalHold):
            memory.erase(record_id)
    receipt = memory.erase(all=True)
    assert receipt.operations == ()
    assert len(receipt.protected) == len(passages) + 1
    assert memory.get(head.id).metadata == head.metadata
    memory.lift_hold(hold.id)
    memory.place_hold("case 8", record_ids=[head.id])
    assert memory.erase(filters={"text": {"contains": "w1"}}).operations == ()


def test_withdrawing_and_correcting_are_let_be(memory: Memory) -> None:
    (name,) = add(memory, "one")
    memory.place_hold("case 7")
    memory.update(name, text="two")
    memory.delete(name)
    with pytest.raises(UnderLegalHold):
        memory.erase(name)
    assert [entry.record.text for entry in memory.history(name)] == ["one", "two", "two"]


def test_a_hold_is_one_walls_and_binds_as_the_scope_does(memory: Memory) -> None:
    (bob,) = add(memory, "bob", user_id="bob")
    (agents,) = add(memory, "an agent's", agent_id="a")
    (others,) = add(memory, "another's", agent_id="b")
    hold = memory.place_hold("case 7", agent_id="a")
    memory.erase(bob, user_id="bob")
    memory.erase(others)
    with pytest.raises(UnderLegalHold):
        memory.erase(agents)
    assert memory.holds(user_id="bob") == ()
    for scope in ({"user_id": "bob"}, {"scope": Scope.shared()}, {"tenant_id": "other"}):
        with pytest.raises(NotFound):
            memory.lift_hold(hold.id, **scope)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        memory.place_hold("case 7", record_ids=[agents], user_id="bob")
    assert memory.holds() == (hold,)


def test_holds_are_there_when_the_file_is_opened_again(memory: Memory, tmp_path: Path) -> None:
    (name,) = add(memory, "one")
    hold = memory.place_hold("case 7", filters={"at": {"gte": "2026-01-01T00:00:00Z"}}, by="counsel")
    memory.close()
    with Memory(tmp_path / "life.db", encoder=HashEncoder()) as again:
        assert again.holds() == (hold,)
        with pytest.raises(UnderLegalHold):
            again.erase(name)
        assert again.get(name).state is State.ACTIVE


@pytest.mark.parametrize(
    ("reason", "what", "problem"),
    [
        (" ", {}, "blank"),
        ("x" * 10_001, {}, "characters"),
        ("x", {"record_ids": []}, "no list"),
        ("x", {"record_ids": "one"}, "no list"),
        ("x", {"session": "s", "record_ids": ["a"]}, "together"),
        ("x", {"filters": {"spekaer": "Ada"}}, "spekaer"),
        ("x", {"filters": {"at": {"gte": "2026-01-01"}}}, "zone"),
        ("x", {"by": ""}, "by"),
    ],
)
def test_a_hold_that_cannot_be_meant_is_refused(
    memory: Memory, reason: str, what: dict[str, object], problem: str
) -> None:
    with pytest.raises(InvalidArgument, match=problem):
        memory.place_hold(reason, **what)  # type: ignore[arg-type]
    assert memory.audit() == ()


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("DELETE FROM directive", "stands by the audit trail"),
        ("UPDATE directive SET body = replace(body, 'case 7', 'case 8')", "is not as the audit trail says"),
        ("UPDATE directive SET user = 'bob'", "is not as the audit trail says"),
        ("DELETE FROM audit WHERE number = 1", "follows entry 0"),
        ("DELETE FROM audit WHERE number = 2", "was the last"),
        ("UPDATE audit SET count = 9 WHERE number = 2", "its link does not follow"),
    ],
)
def test_a_hold_that_was_changed_behind_its_back_is_found(
    memory: Memory, tmp_path: Path, statement: str, check: str
) -> None:
    (name,) = add(memory, "one")
    memory.place_hold("case 7")
    with pytest.raises(UnderLegalHold):
        memory.erase(name)
    assert memory.verify().is_sound
    connection = apsw.Connection(str(tmp_path / "life.db"))
    connection.execute(statement)
    connection.close()
    assert any(check in finding.problem for finding in memory.verify().findings)
