"""Deliveries: what comes in again under its own id is recognised, and undoes nothing."""

import io
import json
from datetime import UTC, datetime

import pytest

import lamina.flows.pieces
from lamina.core.errors import (
    InvalidArgument,
    InvalidTransition,
)
from lamina.core.lifecycle import State
from lamina.core.operations import Action
from lamina.core.records import AtSource
from lamina.ingest.documents import Document
from lamina.ingest.traces import Trace
from lamina.memory import Memory

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def texts(memory: Memory, **scope: str) -> list[str]:
    return [record.text for record in memory.get_all(**scope)]


def test_a_redelivery_does_nothing_and_says_so(memory: Memory) -> None:
    first = memory.add("Ada moved to Turin", external_id="m1", at=NOON)
    again = memory.add("Ada moved to Turin", external_id="m1", at=NOON)
    assert (len(first.stored), len(again.stored), len(again.updated)) == (1, 0, 0)
    assert again.repeated[0].record.id == first.stored[0].id
    assert "m1" in again.repeated[0].reason
    assert len(memory.history(first.stored[0].id)) == 1


@pytest.mark.parametrize("piece", [1, 2, 1000])
def test_an_import_counts_each_revision_wherever_its_pieces_end(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(lamina.flows.pieces, "PIECE_MESSAGES", piece)
    words = ["to Turin", "to Milan", "to Milan", "to Rome", "to Turin"]
    for end, counts in ((3, (1, 1, 1)), (5, (0, 2, 0))):
        lines = "".join(json.dumps({"id": "m1", "text": text}) + "\n" for text in words[:end])
        imported = memory.import_messages(io.BytesIO(lines.encode()))
        assert (imported.stored, imported.updated, imported.repeated) == counts
        assert imported.messages == imported.known + sum(counts) == end
    (record,) = memory.get_all()
    assert (record.text, record.revision) == ("to Turin", 4)


def test_a_redelivery_with_other_words_is_a_new_revision(memory: Memory) -> None:
    first = memory.add("Ada moved to Turin", external_id="m1", at=NOON).stored[0]
    added = memory.add("Ada moved to Milan", external_id="m1", at=NOON)
    assert [(record.id, record.revision) for record in added.updated] == [(first.id, 2)]
    assert memory.get(first.id).text == "Ada moved to Milan"
    entries = memory.history(first.id)
    assert [(entry.operation.action, entry.record.text, entry.record.state) for entry in entries] == [
        (Action.ADD, "Ada moved to Turin", State.SUPERSEDED),
        (Action.UPDATE, "Ada moved to Milan", State.ACTIVE),
    ]


def test_the_same_external_id_twice_in_one_call_is_one_record(memory: Memory) -> None:
    added = memory.add([{"content": "draft", "external_id": "m"}, {"content": "final", "external_id": "m"}])
    assert [record.text for record in added.stored] == ["final"]
    assert texts(memory) == ["final"]


def test_a_withdrawn_record_stays_withdrawn_when_it_is_delivered_again(memory: Memory) -> None:
    first = memory.add("a rumour", external_id="m1", at=NOON).stored[0]
    memory.delete(first.id)
    again = memory.add("a rumour", external_id="m1", at=NOON)
    assert "withdrawn" in again.repeated[0].reason
    assert texts(memory) == []
    assert len(memory.search("rumour")) == 0
    with pytest.raises(InvalidTransition):
        memory.delete(first.id)


def test_an_external_id_cannot_come_to_stand_for_something_else(memory: Memory) -> None:
    memory.add(Document(title="Lease", text="One cat."), external_id="d")
    memory.add("a message", external_id="m")
    for what, taken in (
        ("a message", "d"),
        (Document(title="T", text="x"), "m"),
        (Trace(tool="t", arguments={}, result=""), "m"),
    ):
        with pytest.raises(InvalidArgument, match="external_id"):
            memory.add(what, external_id=taken)
    assert memory.verify().is_sound
    assert texts(memory) == ["One cat.", "a message"]


def test_a_redelivery_undoes_neither_a_correction_nor_a_withdrawal(memory: Memory) -> None:
    record = memory.add("the first words", external_id="m").stored[0]
    memory.update(record.id, text="corrected words")
    assert memory.add("the first words", external_id="m").repeated[0].record.text == "corrected words"
    memory.delete(record.id)
    assert "withdrawn" in memory.add("the first words", external_id="m").repeated[0].reason
    assert texts(memory) == []
    assert memory.add("new words", external_id="m").updated[0].revision == 3


def test_a_redelivery_of_what_is_current_does_nothing_whether_it_came_in_or_was_corrected(memory: Memory) -> None:
    record = memory.add("the first words", external_id="m").stored[0]
    memory.update(record.id, text="corrected words")
    for words in ("corrected words", "the first words"):
        assert memory.add(words, external_id="m").repeated[0].record.revision == 2
    assert len(memory.history(record.id)) == 2


def test_a_redelivery_in_a_corrected_zone_mends_the_time(memory: Memory) -> None:
    said = {"content": "cats", "external_id": "m", "at": "2026-03-02T12:00:00"}
    memory.add(said, timezone="America/New_York")
    assert memory.add(said, timezone="America/New_York").repeated
    mended = memory.add(said, timezone="UTC").updated[0]
    assert (mended.at, mended.at_source, mended.revision) == (NOON, AtSource.ASSUMED, 2)
    assert memory.add({**said, "at": NOON}, timezone="UTC").repeated
    assert memory.add({"content": "cats", "external_id": "m"}).repeated
    assert memory.verify().is_sound


def test_a_redelivery_without_a_time_keeps_the_one_that_was_given(memory: Memory) -> None:
    memory.add("cats", external_id="m", at=NOON)
    assert memory.add("cats", external_id="m").repeated
    changed = memory.add("dogs", external_id="m").updated[0]
    assert (changed.at, changed.at_source) == (NOON, AtSource.GIVEN)


def test_a_changed_redelivery_cannot_move_to_another_session_in_silence(memory: Memory) -> None:
    memory.add({"content": "a", "external_id": "m", "session": "s", "order": 1})
    for other in ({"session": "t"}, {"order": 9}):
        with pytest.raises(InvalidArgument, match=next(iter(other))):
            memory.add({"content": "b", "external_id": "m", **other})
    assert memory.add({"content": "b", "external_id": "m", "session": "s", "order": 1}).updated


@pytest.mark.parametrize(("former", "later"), [(1, True), (1, 1.0), (0, False)])
def test_what_json_tells_apart_is_something_new(memory: Memory, former: object, later: object) -> None:
    memory.add("Ada signed", external_id="m1", metadata={"copies": [former]})
    added = memory.add("Ada signed", external_id="m1", metadata={"copies": [later]})
    assert [type(record.metadata["copies"][0]) for record in added.updated] == [type(later)]


def test_a_document_that_another_agent_hands_in_anew_lies_where_it_lay(memory: Memory) -> None:
    def text(word: str) -> str:
        return "\n\n".join(f"{word} paragraph. " * 60 for _ in range(2))

    memory.add(Document(title="Plan", text=text("First"), external_id="plan"), user_id="ada")
    for agent, word in (("scout", "Second"), ("clerk", "Third")):
        memory.add(Document(title="Plan", text=text(word), external_id="plan"), user_id="ada", agent_id=agent)
        for scope in ({}, {"agent_id": "scout"}, {"agent_id": "clerk"}):
            assert {said.split()[0] for said in texts(memory, user_id="ada", **scope)} == {word}
    assert memory.verify().is_sound
    head = next(iter(memory.get_all(user_id="ada", kinds=["document"])))
    memory.delete(head.id, user_id="ada", agent_id="clerk")
    assert texts(memory, user_id="ada") == []
