"""Changes: one, many, all; restored, taken back, and taken back again."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.core.errors import CannotRevert, InvalidArgument, InvalidTransition, NotFound
from lamina.core.lifecycle import State
from lamina.core.operations import Action
from lamina.core.scope import Scope
from lamina.flows import bulk
from lamina.ingest.documents import Document
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder

#: What a record says, None = nothing any more; what it said last; the steps that stand.
Said = tuple[str | None, str, tuple[int, ...]]
COLOURS = ("red", "green", "blue")


def add(memory: Memory, *texts: str, **keywords: object) -> list[str]:
    return [record.id for record in memory.add(list(texts), **keywords).stored]  # type: ignore[arg-type]


def texts(memory: Memory) -> list[str]:
    return [record.text for record in memory.get_all()]


def found(memory: Memory, question: str) -> list[str]:
    return [hit.record.text for hit in memory.search(question)]


def is_sound(memory: Memory) -> bool:
    return memory.verify().is_sound


def test_what_filters_leave_is_withdrawn_and_nothing_else(memory: Memory) -> None:
    for colour in COLOURS:
        memory.add([f"a {colour} door", f"a {colour} roof"], metadata={"colour": colour})
    receipt = memory.delete(filters={"colour": {"in": ["red", "blue"]}})
    assert receipt.counts == {"WITHDRAW": 4}
    assert texts(memory) == ["a green door", "a green roof"]
    assert set(found(memory, "red door")) <= set(texts(memory))
    assert memory.restore(filters={"colour": "red"}).counts == {"RESTORE": 2}
    assert sorted(texts(memory)) == ["a green door", "a green roof", "a red door", "a red roof"]
    assert found(memory, "red door")[0] == "a red door"
    assert is_sound(memory)


def test_everything_of_one_wall_goes_and_nothing_of_another(memory: Memory) -> None:
    add(memory, "Ada keeps bees", user_id="ada")
    add(memory, "Bob keeps cats", user_id="bob")
    add(memory, "the house rules", scope=Scope.shared())
    memory.add(Document(title="Lease", text="One cat.\n\nNo dogs."), user_id="ada")
    receipt = memory.delete_all(user_id="ada")
    assert receipt.counts["WITHDRAW"] == 3 + (len(receipt.ids) - 3)
    assert [record.text for record in memory.get_all(user_id="ada")] == ["the house rules"]
    assert [record.text for record in memory.get_all(user_id="bob")] == ["Bob keeps cats", "the house rules"]
    memory.revert(receipt, user_id="ada")
    assert len(list(memory.get_all(user_id="ada"))) > 1
    assert is_sound(memory)


def test_a_filtered_update_changes_each_and_keeps_what_it_was(memory: Memory) -> None:
    ids = add(memory, "one", "two", metadata={"topic": "old"})
    add(memory, "three", metadata={"topic": "new"})
    memory.update(filters={"topic": "old"}, metadata={"topic": "new"})
    assert [record.metadata["topic"] for record in memory.get_all()] == ["new"] * 3
    assert [entry.record.metadata["topic"] for entry in memory.history(ids[0])] == ["old", "new"]
    assert memory.update(filters={"topic": "new"}, metadata={"topic": "new"}).operations == ()


def test_many_are_changed_in_pieces_and_an_interrupted_change_goes_on(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PAGE", 3)
    add(memory, *(f"turn {number}" for number in range(8)))
    told: list[tuple[int, int | None]] = []

    def stop(done: int, total: int | None) -> None:
        told.append((done, total))
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        memory.delete_all(on_progress=stop)
    assert told == [(3, 8), (6, 8)]
    assert len(texts(memory)) == 2
    receipt = memory.delete_all()
    assert (len(receipt.operations), len(receipt.commits)) == (2, 1)
    assert texts(memory) == []
    assert is_sound(memory)


def test_a_document_goes_with_the_last_of_its_passages_and_comes_back_with_those_that_went_with_it(
    memory: Memory,
) -> None:
    added = memory.add(Document(title="Lease", text="# A\n\nOne cat.\n\n# B\n\nNo dogs.\n"))
    head, first, *_ = (record.id for record in added.stored)
    if memory.get(first).kind == "document":
        head, first = first, head
    memory.delete(first)
    memory.delete(head)
    memory.restore(head)
    assert memory.get(head).state is State.ACTIVE
    assert memory.get(first).state is State.WITHDRAWN
    memory.restore(first)
    memory.delete(filters={"kind": "*"})
    assert memory.get(head).state is State.WITHDRAWN
    assert is_sound(memory)


def test_what_is_active_cannot_be_restored(memory: Memory) -> None:
    (name,) = add(memory, "one")
    with pytest.raises(InvalidTransition):
        memory.restore(name)


@pytest.mark.parametrize("verb", ["update", "delete", "restore", "erase"])
def test_a_change_is_about_an_id_or_filters(memory: Memory, verb: str) -> None:
    keywords = {"text": "x"} if verb == "update" else {}
    for arguments in ({}, {"record_id": "x", "filters": {"speaker": "Ada"}}):
        with pytest.raises(InvalidArgument, match="record_id"):
            getattr(memory, verb)(**arguments, **keywords)


def test_foreign_and_unknown_records_are_answered_alike_and_filters_reach_none(memory: Memory) -> None:
    (foreign,) = add(memory, "Ada keeps bees", user_id="ada")
    (shared,) = add(memory, "the house rules", scope=Scope.shared())
    for verb in (memory.restore, memory.delete, memory.erase):
        for name in (foreign, shared, "unknown"):
            with pytest.raises(NotFound):
                verb(name, user_id="bob")
        assert verb(filters={"kind": "*"}, user_id="bob").operations == ()
    with pytest.raises(NotFound):
        memory.revert(1, user_id="bob")
    assert memory.get(shared).state is memory.get(foreign, user_id="ada").state is State.ACTIVE


def test_an_addition_an_update_and_a_deletion_are_taken_back(memory: Memory) -> None:
    (name,) = add(memory, "one")
    updated = memory.update(name, text="two")
    back = memory.revert(updated)
    assert (memory.get(name).text, memory.get(name).revision) == ("one", 1)
    assert [operation.action for operation in back.operations] == [Action.REVERT]
    deleted = memory.delete(name)
    memory.revert(commit=deleted.commits[0])
    assert texts(memory) == found(memory, "one") == ["one"]
    memory.revert(1)
    assert texts(memory) == []
    assert is_sound(memory)


def test_taking_back_is_taken_back(memory: Memory) -> None:
    (name,) = add(memory, "one")
    updated = memory.update(name, text="two")
    back = memory.revert(updated)
    memory.revert(back)
    assert memory.get(name).text == "two"
    memory.revert(updated)
    assert memory.get(name).text == "one"
    assert is_sound(memory)


def test_a_later_operation_of_a_caller_stands_in_the_way_and_is_named(memory: Memory) -> None:
    (name, other) = add(memory, "one", "other")
    second = memory.update(name, text="two").operations[0].number
    third = memory.update(name, text="three").operations[0].number
    with pytest.raises(CannotRevert, match=f"{third} .UPDATE of {name} by caller") as refused:
        memory.revert(second)
    assert refused.value.blockers == (third,)
    assert memory.get(name).text == "three"
    memory.revert(range(second, third + 1))
    assert (memory.get(name).text, memory.get(other).text) == ("one", "other")
    with pytest.raises(CannotRevert, match="already"):
        memory.revert(third)


def test_a_refused_revert_changes_nothing_of_a_whole_commit(memory: Memory) -> None:
    one, two = add(memory, "one", "two")
    memory.update(two, text="two, rather")
    with pytest.raises(CannotRevert):
        memory.revert(commit=1)
    assert memory.get(one).state is State.ACTIVE
    assert sorted(texts(memory)) == ["one", "two, rather"]


def test_operations_are_taken_back_out_of_order_among_records(memory: Memory) -> None:
    one, two = add(memory, "one", "two")
    first = memory.update(one, text="1")
    memory.update(two, text="2")
    memory.revert(first)
    assert sorted(texts(memory)) == ["2", "one"]


def test_what_reads_at_another_process_sees_what_was_taken_back(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with (
        Memory(path, encoder=HashEncoder(), clock=clock) as one,
        Memory(path, encoder=HashEncoder(), clock=clock) as two,
    ):
        (name,) = add(one, "the red door")
        assert found(two, "red door") == ["the red door"]
        updated = one.update(name, text="the blue door")
        assert found(two, "blue door") == ["the blue door"]
        one.revert(updated)
        assert found(two, "blue door") == ["the red door"]
        one.revert(1)
        assert found(two, "red door") == []


def test_the_log_tells_what_is_asked_for_and_of_its_own_wall_alone(memory: Memory, clock: FakeClock) -> None:
    (name,) = add(memory, "one", user_id="ada")
    began = clock.now()
    clock.pass_time(timedelta(hours=1))
    memory.update(name, text="two", user_id="ada")
    add(memory, "foreign", user_id="bob")
    own = memory.log(user_id="ada")
    assert [str(one.action) for one in own] == ["ADD", "ADD", "UPDATE"]
    assert [one.number for one in memory.log(actors=["caller"], user_id="ada")] == [1, 3]
    assert [one.number for one in memory.log(record_id=name, limit=1, user_id="ada")] == [3]
    assert [one.number for one in memory.log(until=began, user_id="ada")] == [1]
    assert [one.number for one in memory.log(since=clock.now(), numbers=[1, 3], user_id="ada")] == [3]
    assert memory.log(record_id=name, user_id="bob") == ()
    for asked in ({"actions": ["UNDO"]}, {"actions": "ADD"}, {"numbers": 0}, {"commit": [1.5]}):
        with pytest.raises(InvalidArgument):
            memory.log(**asked)  # type: ignore[arg-type]


def test_a_receipt_takes_back_nothing_of_another_wall(memory: Memory) -> None:
    add(memory, "ada one", "ada two", user_id="ada")
    (name,) = add(memory, "bob one", user_id="bob")
    receipt = memory.update(name, text="bob, rather", user_id="bob")
    with pytest.raises(InvalidArgument, match="another user"):
        memory.revert(receipt, user_id="ada")
    assert len(list(memory.get_all(user_id="ada"))) == 2
    memory.revert(receipt, user_id="bob")
    assert memory.get(name, user_id="bob").text == "bob one"


@pytest.mark.parametrize("nothing", [range(3, 3), []])
def test_nothing_to_take_back_is_said(memory: Memory, nothing: range) -> None:
    with pytest.raises(InvalidArgument, match="names nothing"):
        memory.revert(nothing)


def test_a_document_that_was_delivered_anew_is_taken_back_with_its_passages(memory: Memory) -> None:
    memory.add(Document(title="T", text="alpha"), external_id="d")
    memory.add(Document(title="T", text="gamma"), external_id="d")
    commit = memory.log()[-1].commit
    assert texts(memory) == found(memory, "gamma") == ["gamma"]
    back = memory.revert(commit=commit)
    assert texts(memory) == found(memory, "alpha") == ["alpha"]
    memory.revert(back)
    assert texts(memory) == ["gamma"]
    assert memory.restore(filters={"modality": "passage"}).operations == ()
    assert texts(memory) == ["gamma"]
    assert is_sound(memory)


def test_taking_back_a_document_takes_its_passages_along(memory: Memory) -> None:
    added = memory.add(Document(title="Lease", text="# A\n\nOne cat.\n\n# B\n\nNo dogs.\n"))
    head = next(record for record in added.stored if record.kind == "document")
    number = memory.log(record_id=head.id)[0].number
    memory.revert(number)
    assert texts(memory) == []
    assert len(memory.search("cat", kinds=["document"])) == 0
    assert is_sound(memory)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_history_of_changes_and_reverts_equals_a_list_of_what_was_said(data: st.DataObject) -> None:
    with Memory(encoder=HashEncoder(), clock=FakeClock()) as memory:
        (name,) = add(memory, "0")
        now: Said = ("0", "0", ())
        # By number: what was said before, what after.
        told: dict[int, tuple[Said, Said]] = {}
        for step in range(1, data.draw(st.integers(2, 14))):
            said, last, standing = now
            verbs = ["update", "delete"] if said else ["restore"]
            verb = data.draw(st.sampled_from([*verbs, *(["revert"] if told else [])]))
            if verb == "revert":
                number = data.draw(st.sampled_from(sorted(told)))
                if standing != told[number][1][2]:
                    with pytest.raises(CannotRevert):
                        memory.revert(number)
                    continue
                receipt, after = memory.revert(number), told[number][0]
            elif verb == "update":
                receipt, after = memory.update(name, text=str(step)), (str(step), str(step), (*standing, step))
            elif verb == "delete":
                receipt, after = memory.delete(name), (None, last, (*standing, step))
            else:
                receipt, after = memory.restore(name), (last, last, (*standing, step))
            told[receipt.operations[0].number] = (now, after)
            now = after
            assert (texts(memory) or [None])[0] == now[0]
            assert memory.get(name).text == now[1]
        assert is_sound(memory)
