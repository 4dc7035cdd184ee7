"""Imports: each message of a source goes in once, whatever happens in between; what was changed is not guessed at."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import lamina.flows.pieces
from lamina.core.errors import InvalidArgument, StoreBusy, StoreReadOnly
from lamina.core.imports import Imported, ImportRules
from lamina.core.lifecycle import State
from lamina.core.records import AtSource
from lamina.core.scope import Scope
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder

REPLACE, BESIDE = ImportRules(on_conflict="replace"), ImportRules(on_conflict="beside")
Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lamina.flows.pieces, "PIECE_MESSAGES", 10)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write messages to a file, a line each, and give its path."""

    def to(name: str, *messages: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(message) + "\n" for message in messages), "utf-8")
        return path

    return to


def turns(*numbers: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"text": f"turn {number}", **fields} for number in numbers]


def named(*numbers: int, words: str = "turn") -> list[dict[str, Any]]:
    return [{"id": number, "text": f"{words} {number}"} for number in numbers]


def texts(memory: Memory, **scope: Any) -> list[str]:
    return [record.text for record in memory.get_all(**scope)]


def did(imported: Imported) -> tuple[int, int, int, int]:
    return imported.known, imported.stored, imported.updated, imported.repeated


def test_an_import_that_is_repeated_changes_nothing_and_says_so(memory: Memory, write: Write) -> None:
    path = write("chat.jsonl", *turns(*range(35)))
    first = memory.import_messages(path)
    assert (first.name, first.messages, did(first)) == (str(path), 35, (0, 35, 0, 0))
    before = memory.stats().counts
    again = memory.import_messages(str(path))
    assert (again.messages, did(again)) == (35, (35, 0, 0, 0))
    assert memory.stats().counts == before
    assert texts(memory) == [f"turn {number}" for number in range(35)]
    assert memory.verify().is_sound


@pytest.mark.parametrize("form", ["json", "object", "txt"])
def test_every_form_is_taken_in_once(memory: Memory, tmp_path: Path, form: str) -> None:
    lines = [f"[2023-05-08 13:{number:02}] Ada: turn {number}" for number in range(25)]
    values = [{"text": f"turn {number}", "ts": f"2023-05-08 13:{number:02}", "name": "Ada"} for number in range(25)]
    written = {"json": json.dumps(values), "object": json.dumps({"messages": values}), "txt": "\n".join(lines)}[form]
    path = tmp_path / f"chat.{form}"
    path.write_text(written, "utf-8")
    assert memory.import_messages(path, timezone="UTC").stored == 25
    assert memory.import_messages(path, timezone="UTC").known == 25
    assert [(r.text, r.speaker, r.at.minute) for r in memory.get_all()] == [(f"turn {n}", "Ada", n) for n in range(25)]


def test_a_source_that_has_grown_at_its_end_takes_in_what_is_new(memory: Memory, write: Write) -> None:
    for end in (3, 4, 27, 27, 30):
        memory.import_messages(write("log.jsonl", *turns(*range(end))))
        assert texts(memory) == [f"turn {number}" for number in range(end)]


def test_a_list_that_was_exported_anew_with_more_takes_in_what_is_new(memory: Memory, tmp_path: Path) -> None:
    path = tmp_path / "chat.json"
    path.write_text(json.dumps(turns(*range(15))), "utf-8")
    memory.import_messages(path)
    path.write_text(json.dumps(turns(*range(20)), indent=2), "utf-8")
    assert did(memory.import_messages(path)) == (15, 5, 0, 0)


def test_a_source_is_known_by_what_stands_in_it_under_any_name_and_as_a_stream(memory: Memory, write: Write) -> None:
    path = write("chat.jsonl", *turns(*range(15)))
    memory.import_messages(path)
    os.rename(path, path.with_name("moved.jsonl"))
    path = path.with_name("moved.jsonl")
    words = path.read_text("utf-8")
    with path.open("rb") as binary, path.open(encoding="utf-8") as text:
        for source in (path, binary, text, io.BytesIO(words.encode()), io.StringIO(words)):
            assert did(memory.import_messages(source)) == (15, 0, 0, 0)
    # It goes by its newest name: changed under that, it is known to be the same.
    with pytest.raises(InvalidArgument, match="something else"):
        memory.import_messages(write("moved.jsonl", *turns(7, *range(1, 15))))


def test_a_stream_that_cannot_be_read_twice_is_checked_whole_before_anything_is_stored(memory: Memory) -> None:
    def piped(*messages: Any) -> Imported:
        reading, writing = os.pipe()
        written = "".join(json.dumps(message) + "\n" for message in messages).encode()
        writer = threading.Thread(target=lambda: [os.write(writing, written), os.close(writing)])
        writer.start()
        with os.fdopen(reading, "rb") as stream:
            try:
                return memory.import_messages(stream)
            finally:
                writer.join()

    with pytest.raises(InvalidArgument, match="line 21"):
        piped(*turns(*range(20)), {"text": ""})
    assert texts(memory) == []
    assert did(piped(*turns(*range(20)))) == (0, 20, 0, 0)
    assert did(piped(*turns(*range(22)))) == (20, 2, 0, 0)


def test_another_scope_or_session_is_another_place(memory: Memory, write: Write) -> None:
    path = write("chat.jsonl", *turns(1, 2))
    places: list[dict[str, Any]] = [
        {}, {"session": "s"}, {"user_id": "bob"}, {"agent_id": "a"}, {"run_id": "x"}, {"scope": Scope.shared()},
    ]  # fmt: skip
    for place in places:
        assert did(memory.import_messages(path, **place)) == (0, 2, 0, 0)
    for place in places:
        assert did(memory.import_messages(path, **place)) == (2, 0, 0, 0)
    assert memory.verify().is_sound


def test_a_bad_message_anywhere_refuses_the_source_and_leaves_nothing(memory: Memory, write: Write) -> None:
    path = write("chat.jsonl", *turns(*range(25)), {"text": " "}, {"text": "x", "ts": "someday"}, *turns(27))
    with pytest.raises(InvalidArgument, match=r"chat.jsonl.*2 messages.*line 26.*content.*skip_bad"):
        memory.import_messages(path)
    assert memory.stats(is_whole_file=True).counts.commits == 0


def test_bad_messages_are_left_out_counted_and_named_where_that_is_asked_for(memory: Memory, write: Write) -> None:
    bad = [{"text": ""}, 7, {"text": "x", "ts": "someday"}, {"text": "x", "name": ["y"]}]
    path = write("chat.jsonl", *bad, *turns(*range(30)), *bad)
    imported = memory.import_messages(path, rules=ImportRules(skip_bad=True))
    assert (imported.messages, imported.stored, imported.left_out) == (38, 30, 8)
    assert [problem.partition(":")[0] for problem in imported.problems] == [
        f"line {n}" for n in (1, 2, 3, 4, 35, 36, 37, 38)
    ]
    assert texts(memory) == [f"turn {number}" for number in range(30)]
    again = memory.import_messages(path)
    assert (again.known, again.left_out) == (38, 0)


def test_a_source_of_bad_messages_alone_stores_nothing(memory: Memory, write: Write) -> None:
    path = write("chat.jsonl", {"text": ""}, {"text": ""})
    for _ in range(2):
        imported = memory.import_messages(path, rules=ImportRules(skip_bad=True))
        assert (imported.stored, imported.left_out, imported.messages) == (0, 2, 2)
    assert did(memory.import_messages(write("empty.jsonl"))) == (0, 0, 0, 0)
    assert memory.scopes() == []


def test_a_source_that_was_changed_where_it_had_been_taken_in_is_refused_and_says_where(
    memory: Memory, write: Write
) -> None:
    memory.import_messages(write("chat.jsonl", *turns(*range(30))))
    changed = [
        turns(*range(15), 99, *range(16, 30)),
        turns(*range(15), *range(16, 30)),
        turns(*range(15), 99, *range(15, 30)),
        turns(*range(14)),
    ]
    for lines in changed:
        with pytest.raises(InvalidArgument, match="after its first 10 messages than when 30"):
            memory.import_messages(write("chat.jsonl", *lines))
    with pytest.raises(InvalidArgument, match="from its beginning"):
        memory.import_messages(write("chat.jsonl", *turns(5, 6)))
    assert texts(memory) == [f"turn {number}" for number in range(30)]
    assert did(memory.import_messages(write("chat.jsonl", *turns(*range(20))))) == (20, 0, 0, 0)


def test_what_stood_where_a_source_was_changed_is_replaced_where_that_is_asked_for(
    memory: Memory, write: Write
) -> None:
    memory.import_messages(write("chat.jsonl", *turns(*range(30))))
    kept = [record.id for record in memory.get_all()][:10]
    imported = memory.import_messages(write("chat.jsonl", *turns(*range(15), 99, *range(16, 25))), rules=REPLACE)
    assert (did(imported), imported.withdrawn) == ((10, 15, 0, 0), 20)
    assert texts(memory) == [f"turn {number}" for number in (*range(15), 99, *range(16, 25))]
    assert [record.id for record in memory.get_all()][:10] == kept
    assert memory.stats().counts.records["observation"] == {"active": 25, "withdrawn": 20}
    assert did(memory.import_messages(write("chat.jsonl", *turns(*range(15), 99, *range(16, 26))))) == (25, 1, 0, 0)
    assert memory.verify().is_sound


def test_what_was_cut_off_at_the_end_stays_unless_it_is_to_be_replaced(memory: Memory, write: Write) -> None:
    memory.import_messages(write("chat.jsonl", *turns(*range(30))))
    cut = write("chat.jsonl", *turns(*range(20)))
    assert did(memory.import_messages(cut)) == (20, 0, 0, 0)
    assert len(texts(memory)) == 30
    part = write("part.jsonl", *turns(*range(10)))
    assert memory.import_messages(part, rules=REPLACE).withdrawn == 0
    assert memory.import_messages(cut, rules=REPLACE).withdrawn == 10
    assert texts(memory) == [f"turn {number}" for number in range(20)]


def test_a_changed_source_is_kept_beside_the_former_where_that_is_asked_for(memory: Memory, write: Write) -> None:
    memory.import_messages(write("log.jsonl", *turns(*range(12))))
    rotated = write("log.jsonl", *turns(20, 21))
    assert did(memory.import_messages(rotated, rules=BESIDE)) == (0, 2, 0, 0)
    assert did(memory.import_messages(write("log.jsonl", *turns(20, 21, 22)))) == (2, 1, 0, 0)
    assert texts(memory) == [f"turn {number}" for number in (*range(12), 20, 21, 22)]


def test_a_source_of_another_name_is_another_one_unless_much_of_it_is_the_same(memory: Memory, write: Write) -> None:
    memory.import_messages(write("a.jsonl", *turns(*range(150))))
    few = write("b.jsonl", *turns(*range(20), 99))
    assert did(memory.import_messages(few)) == (0, 21, 0, 0)
    many = write("c.jsonl", *turns(*range(120), 99))
    with pytest.raises(InvalidArgument, match="120"):
        memory.import_messages(many)


def test_in_a_changed_source_messages_are_known_by_their_ids(memory: Memory, write: Write) -> None:
    memory.import_messages(write("chat.jsonl", *named(*range(25))))
    changed = [*named(*range(12)), {"id": 12, "text": "edited"}, *named(*range(14, 27))]
    assert did(memory.import_messages(write("chat.jsonl", *changed))) == (10, 2, 1, 13)
    assert memory.stats().counts.records["observation"] == {"active": 27}
    assert texts(memory)[12] == "edited"
    assert did(memory.import_messages(write("chat.jsonl", *changed))) == (26, 0, 0, 0)


def test_ids_of_two_sources_that_stand_for_different_messages_are_refused(memory: Memory, write: Write) -> None:
    memory.import_messages(write("a/chat.jsonl", *named(1, 2, words="Ada")))
    other = write("b/chat.jsonl", *named(1, 2, words="Bob"))
    with pytest.raises(InvalidArgument, match=r"'1' \(line 1\), '2' \(line 2\).*on_conflict"):
        memory.import_messages(other)
    assert texts(memory) == ["Ada 1", "Ada 2"]
    assert did(memory.import_messages(other, rules=BESIDE)) == (0, 2, 0, 0)
    assert texts(memory) == ["Ada 1", "Ada 2", "Bob 1", "Bob 2"]
    assert [(r.external_id, r.metadata) for r in memory.get_all()][2:] == [
        (None, {"external_id": "1"}),
        (None, {"external_id": "2"}),
    ]
    newer = write("a-newer.jsonl", *named(1, 2, 3, words="Ada, later"))
    assert did(memory.import_messages(newer, rules=REPLACE)) == (0, 1, 2, 0)
    assert texts(memory) == ["Ada, later 1", "Ada, later 2", "Bob 1", "Bob 2", "Ada, later 3"]


def test_ids_that_stand_for_the_same_message_are_the_same_message_in_any_source(memory: Memory, write: Write) -> None:
    memory.import_messages(write("may.jsonl", *named(1, 2, 3)))
    assert did(memory.import_messages(write("june.jsonl", *named(3, 4)))) == (0, 1, 0, 1)
    memory.add("live", external_id="9")
    assert did(memory.import_messages(write("live.jsonl", {"id": 9, "text": "live, edited"}))) == (0, 0, 1, 0)


def test_a_correction_and_a_withdrawal_outlive_an_import(memory: Memory, write: Write) -> None:
    path = write("chat.jsonl", *turns(1, 2), *named(3, 4))
    memory.import_messages(path)
    first, second, third, fourth = memory.get_all()
    memory.update(first.id, text="corrected")
    memory.update(third.id, text="corrected too")
    memory.delete(second.id)
    memory.delete(fourth.id)
    memory.import_messages(path)
    memory.import_messages(write("chat.jsonl", *turns(1, 2), *named(3, 4, 5)))
    assert texts(memory) == ["corrected", "corrected too", "turn 5"]


def test_an_id_that_cannot_be_what_it_was_is_a_bad_message(memory: Memory, write: Write) -> None:
    memory.add({"content": "a", "external_id": "1", "session": "s"})
    path = write("chat.jsonl", {"id": 1, "text": "b", "session": "t"}, {"id": 2, "text": "c"})
    with pytest.raises(InvalidArgument, match=r"line 1.*session"):
        memory.import_messages(path)
    imported = memory.import_messages(path, rules=ImportRules(skip_bad=True))
    assert (imported.stored, imported.left_out) == (1, 1)
    first, second = {"id": 3, "text": "d", "seq": 1}, {"id": 3, "text": "e", "seq": 2}
    with pytest.raises(InvalidArgument, match=r"line 2.*nothing was stored"):
        memory.import_messages(write("twice.jsonl", first, second))
    assert texts(memory) == ["a", "c"]


def test_where_an_import_is_refused_halfway_it_says_what_was_taken_in_and_goes_on_there(
    memory: Memory, write: Write
) -> None:
    first, second = {"id": "x", "text": "a", "seq": 1}, {"id": "x", "text": "b", "seq": 2}
    with pytest.raises(InvalidArgument, match=r"line 1205.*the 1200 messages before that were taken in"):
        memory.import_messages(write("chat.jsonl", first, *named(*range(1203)), second, *turns(1)))
    assert did(memory.import_messages(write("chat.jsonl", first, *named(*range(1203)), *turns(1)))) == (1200, 5, 0, 0)


def test_a_zone_that_is_corrected_mends_the_times_of_what_is_known(memory: Memory, write: Write) -> None:
    said = [{"text": f"turn {n}", "ts": f"2026-03-02T12:{n:02}:00"} for n in range(24)]
    given = {"text": "given", "ts": "2026-03-02T12:00:00Z"}
    path = write("chat.jsonl", given, *said, {"id": 1, **said[0]}, {"text": "untimed"})
    memory.import_messages(path, timezone="America/New_York")
    corrected = next(record for record in memory.get_all() if record.text == "turn 3")
    memory.update(corrected.id, at=datetime(2026, 1, 1, tzinfo=UTC))
    mended = memory.import_messages(path, timezone="UTC")
    assert did(mended) == (27, 0, 24, 0)
    assert did(memory.import_messages(path, timezone="UTC")) == (27, 0, 0, 0)
    assert did(memory.import_messages(path)) == (27, 0, 0, 0)
    held = {(record.text, record.external_id): record for record in memory.get_all()}
    assert held["turn 5", None].at == datetime(2026, 3, 2, 12, 5, tzinfo=UTC)
    assert held["turn 0", "1"].at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert (held["given", None].revision, held["untimed", None].at) == (1, None)
    assert (held["turn 3", None].at, held["turn 3", None].at_source) == (
        datetime(2026, 1, 1, tzinfo=UTC),
        AtSource.GIVEN,
    )
    assert memory.verify().is_sound


def test_one_date_of_a_file_decides_the_order_of_its_days_and_one_that_leaves_it_open_is_refused(
    memory: Memory, tmp_path: Path
) -> None:
    path = tmp_path / "chat.txt"
    path.write_text("[08/05/2023, 13:56] Ada: eighth\n[09/05/2023, 13:56] Ada: ninth\n", "utf-8")
    with pytest.raises(InvalidArgument, match="day_first"):
        memory.import_messages(path, timezone="UTC")
    with path.open("a", encoding="utf-8") as log:
        log.write("[13/05/2023, 13:56] Ada: thirteenth\n")
    memory.import_messages(path, timezone="UTC")
    assert [record.at.strftime("%d %b") for record in memory.get_all()] == ["08 May", "09 May", "13 May"]
    with path.open("a", encoding="utf-8") as log:
        log.write("[10/06/2023, 13:56] Ada: tenth\n")
    memory.import_messages(path, timezone="UTC")
    assert [record.at.strftime("%d %b") for record in memory.get_all()][3:] == ["10 Jun"]
    with path.open("a", encoding="utf-8") as log:
        log.write("[06/14/2023, 13:56] Ada: no such day\n")
    with pytest.raises(InvalidArgument, match="first"):
        memory.import_messages(path, timezone="UTC")


def test_an_order_of_days_that_is_corrected_mends_the_times(memory: Memory, tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text("[08/05/2023, 13:56] Ada: eighth\n", "utf-8")
    memory.import_messages(path, timezone="UTC", rules=ImportRules(day_first=False))
    assert did(memory.import_messages(path, timezone="UTC", rules=ImportRules(day_first=True))) == (1, 0, 1, 0)
    assert [record.at.month for record in memory.get_all()] == [5]
    mixed = tmp_path / "mixed.txt"
    mixed.write_text("[13/05/2023, 13:56] Ada: a\n[05/14/2023, 13:56] Ada: b\n", "utf-8")
    with pytest.raises(InvalidArgument, match=r"day first.*month first"):
        memory.import_messages(mixed, timezone="UTC")


def test_progress_counts_the_bytes_that_are_read(memory: Memory, write: Write) -> None:
    path = write("chat.jsonl", *turns(*range(1200), name="x" * 200))
    told: list[tuple[int, int]] = []
    memory.import_messages(path, on_progress=lambda done, of: told.append((done, of)))
    size = path.stat().st_size
    assert {of for _, of in told} == {2 * size}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (2 * size, 2 * size)
    assert any(0 < done < size for done, _ in told)
    assert any(size < done < 2 * size for done, _ in told)


def test_two_that_take_in_the_same_source_at_once_take_it_in_once(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("chat.jsonl", *turns(*range(40)))
    one, other = (Memory(tmp_path / "m.db", encoder=HashEncoder()) for _ in range(2))
    monkeypatch.setattr("lamina.flows.imports._carry_out", between := Interleaved(lambda: other.import_messages(path)))
    with pytest.raises(StoreBusy, match="another process"):
        one.import_messages(path)
    between.is_over = True
    assert did(one.import_messages(path)) == (40, 0, 0, 0)
    write("chat.jsonl", *turns(*range(60)))
    between.is_over = False
    with pytest.raises(StoreBusy, match="another process"):
        one.import_messages(path)
    assert texts(one) == [f"turn {number}" for number in range(60)]
    one.close()
    other.close()


class Interleaved:
    """Lets something happen once between the first look at a source and what is done about it."""

    def __init__(self, happens: Callable[[], object]) -> None:
        from lamina.flows.imports import _carry_out

        self._carry_out = _carry_out
        self._happens = happens
        self.is_over = False

    def __call__(self, *arguments: Any) -> Imported:
        if not self.is_over:
            self.is_over = True
            self._happens()
        return self._carry_out(*arguments)


def test_a_source_that_is_changed_while_it_is_read_is_refused(
    memory: Memory, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("chat.jsonl", *turns(*range(20)))
    memory.import_messages(path)
    write("chat.jsonl", *turns(*range(30)))
    happens = Interleaved(lambda: write("chat.jsonl", *turns(*range(100, 130))))
    monkeypatch.setattr("lamina.flows.imports._carry_out", happens)
    with pytest.raises(InvalidArgument, match="while it was read"):
        memory.import_messages(path)
    assert len(texts(memory)) == 20


@pytest.mark.parametrize(
    ("source", "rules", "told"),
    [
        (7, None, "source"),
        ([{"content": "x"}], None, "source"),
        ("chat.jsonl", {"skip_bad": True}, "rules"),
        ("chat.jsonl", "replace", "rules"),
    ],
)
def test_what_is_no_source_or_no_rule_is_refused(memory: Memory, source: object, rules: object, told: str) -> None:
    with pytest.raises(InvalidArgument, match=f"`{told}`"):
        memory.import_messages(source, rules=rules)


@pytest.mark.parametrize("fields", [{"day_first": "yes"}, {"skip_bad": None}, {"on_conflict": "guess"}])
def test_rules_that_are_none_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=next(iter(fields))):
        ImportRules(**fields)


def test_a_file_that_is_not_there_or_not_to_be_written_is_said(memory: Memory, write: Write, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        memory.import_messages(tmp_path / "nowhere.jsonl")
    with pytest.raises(InvalidArgument, match="is a folder"):
        memory.import_messages(tmp_path)
    memory.add("something")
    with (
        Memory(tmp_path / "life.db", settings=Settings(read_only=True), encoder=HashEncoder()) as reader,
        pytest.raises(StoreReadOnly),
    ):
        reader.import_messages(write("chat.jsonl", *turns(1)))


def test_what_was_erased_does_not_come_back_and_what_follows_is_taken_in(memory: Memory, write: Write) -> None:
    from lamina.core.operations import Action, Change

    memory.import_messages(write("chat.jsonl", *turns(*range(15))))
    secret = list(memory.get_all())[3]
    with memory._store.write() as writing:
        change = Change(action=Action.ERASE, record=secret, to_state=State.ERASED)
        writing.apply(change, recorded_at=datetime(2026, 4, 1, tzinfo=UTC))
    assert did(memory.import_messages(write("chat.jsonl", *turns(*range(17))))) == (15, 2, 0, 0)
    assert texts(memory) == [f"turn {number}" for number in range(17) if number != 3]


def test_with_inline_encoding_nothing_waits_after_an_import(tmp_path: Path, write: Write) -> None:
    settings = Settings(encode="inline")
    with Memory(tmp_path / "m.db", settings=settings, encoder=HashEncoder(), clock=FakeClock()) as memory:
        memory.import_messages(write("chat.jsonl", *turns(*range(15))))
        assert memory.stats().counts.waiting == 0


FLAT = """
import sys
from lamina import Memory
from lamina.testing.fakes import HashEncoder
with Memory(sys.argv[1], encoder=HashEncoder()) as memory:
    memory.import_messages(sys.argv[2])
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_memory_stays_flat_however_long_the_source_is(tmp_path: Path, form: str) -> None:
    peaks = []
    for count in (20_000, 40_000):
        lines = [
            json.dumps({"text": f"{'words ' * 40}{number}", "session": f"s{number // 40}"}) for number in range(count)
        ]
        path = tmp_path / f"{count}.{form}"
        path.write_text("\n".join(lines) if form == "jsonl" else f"[{', '.join(lines)}]", "utf-8")
        command = [sys.executable, "-c", FLAT, str(tmp_path / f"{count}.db"), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
        peaks.append(int(done.stdout) / 1024)
    assert peaks[1] - peaks[0] < 3, f"{peaks} MB"
