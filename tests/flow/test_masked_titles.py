"""What is hidden and shown without its words: the title of a document stands nowhere, as its session neither."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from lamina import Document, Memory
from lamina.core.clearance import REDACTED
from lamina.testing.fakes import FakeClock, HashEncoder

MASK = REDACTED.format(label="private")
APP: dict[str, Any] = {"principal": "app"}


def test_the_title_of_a_masked_document_is_nowhere_shown_as_its_session(tmp_path: Path, clock: FakeClock) -> None:
    title = "Ada's dismissal"
    with Memory(tmp_path / "life.db", encoder=HashEncoder(), clock=clock) as memory:
        memory.add(Document(title=title, text="words"), sensitivity="private")
        memory.add(Document(title=title, text="more words", session="roof"), sensitivity="private")
        memory.add("bees", session="hive", sensitivity="private")
        memory.give_grant("app", "reader")
        memory.set_redaction("mask")
        clock.pass_time(timedelta(hours=1))
        every = ["document", "observation", "event"]
        for moment in (APP, {"known_at": clock.now(), **APP}):
            shown = list(memory.get_all(kinds=every, **moment))
            assert {record.session for record in shown if record.kind != "observation"} == {MASK}
            assert {record.session for record in shown if record.kind == "observation"} == {MASK, "roof", "hive"}
            assert all(title not in repr(memory.history(record.id, **APP)) for record in shown)
            assert [(span.name, span.size) for span in memory.timeline(**moment)] == [
                ("hive", 1),
                (MASK, 1),
                ("roof", 1),
            ]
            # Nor is a guess at it answered.
            assert memory.timeline(session=title, **moment) == ()
            assert list(memory.get_all(session=title, kinds=every, **moment)) == []
            assert list(memory.get_all(filters={"session": title}, **moment)) == []
            assert [record.text for record in memory.get_all(session="hive", **moment)] == [MASK]
            assert [span.size for span in memory.timeline(session="roof", **moment)] == [1]
        assert [span.name for span in memory.timeline()] == ["hive", title, "roof"]
