"""Exports and loads: a log that is replayed elsewhere gives the same hashes, and what is damaged gives nothing."""

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.core.errors import CallerError, DamagedFile, InvalidArgument, NotFound, SchemaTooNew, StoreUnavailable
from lamina.core.lifecycle import State
from lamina.core.operations import Operation
from lamina.core.records import Record
from lamina.core.scope import Scope
from lamina.ingest.documents import Document
from lamina.ingest.traces import Trace
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder


def opened(path: Path | None = None) -> Memory:
    return Memory(path, encoder=HashEncoder(), clock=FakeClock("2026-04-01T08:00:00+00:00"))


def exported(memory: Memory, **asked: Any) -> bytes:
    stream = io.BytesIO()
    memory.export(stream, **asked)
    return stream.getvalue()


def loaded(memory: Memory, data: bytes) -> Any:
    return memory.load(io.BytesIO(data))


def live(memory: Memory) -> None:
    """Use every feature that leaves something in the file."""
    messages = [{"content": f"turn {number}", "name": "Ada", "at": 1_700_000_000 + 60 * number} for number in range(9)]
    said = memory.add(messages, session="roof", metadata={"a": [1, 2.5, None, "ü"]}).stored  # type: ignore[arg-type]
    memory.update(said[0].id, text="turn 0, rather")
    memory.delete(said[1].id)
    memory.snapshot("before the lease")
    memory.add(Document(title="Lease", text="# A\n\nOne cat.\n\n# B\n\nNo dogs.\n"), external_id="lease")
    memory.add(Trace(tool="clock", arguments={"zone": "UTC"}, result="noon", status="ok"), agent_id="one", run_id="two")
    memory.import_messages(io.StringIO('{"text": "imported"}\n'), session="field", timezone="Europe/Rome")
    memory.flush()
    memory.erase(said[2].id)
    memory.erase(filters={"text": {"contains": "cat"}})
    back = memory.rollback("before the lease")
    memory.revert(back)
    memory.revert(memory.update(said[3].id, text="taken back"))
    memory.add("of bob", user_id="bob")
    memory.add("shared", scope=Scope.shared())
    memory.update(said[4].id, text="turn 4, rather")


def told(memory: Memory) -> list[Any]:
    """Give all that another file has to have alike: log with links, every revision of every record, snapshots."""
    found: list[Any] = []
    for scope in sorted({Scope.of(scope.wall) for scope in memory.scopes()}, key=str):
        log = memory.log(scope=scope)
        found.append([(one.number, one.action, one.record_id, one.mac, one.chain, one.recorded_at) for one in log])
        names = dict.fromkeys(one.record_id for one in log)
        found += [[entry.record for entry in memory.history(name, scope=scope)] for name in names]
        found.append([(kept.name, kept.number, kept.chain) for kept in memory.snapshots(scope=scope)])
        found.append(memory.head(scope=scope))
    return found


def test_a_whole_file_comes_equal_into_an_empty_one(memory: Memory, tmp_path: Path) -> None:
    live(memory)
    data = exported(memory, is_whole_file=True)
    with opened(tmp_path / "other.db") as other:
        taken = loaded(other, data)
        assert [one.is_equal for one in taken.walls] == [True, True, True]
        assert told(other) == told(memory)
        assert [one.commit for one in other.log()] == [one.commit for one in memory.log()]
        assert other.verify(heads=[memory.head(), memory.head(user_id="bob")]).is_sound
        # The first line says whose vectors there are, which stay behind, and the last one has the digest of all.
        assert exported(other, is_whole_file=True).splitlines()[1:-1] == data.splitlines()[1:-1]
        other.flush()
        assert [hit.record.text for hit in other.search("turn 4")] == [
            hit.record.text for hit in memory.search("turn 4")
        ]
        assert other.verify(heads=[memory.head()]).is_sound
        assert other.import_messages(io.StringIO('{"text": "imported"}\n'), session="field").stored == 0


def test_one_wall_comes_equal_into_a_file_of_others(memory: Memory, tmp_path: Path) -> None:
    live(memory)
    data = exported(memory)
    with opened(tmp_path / "other.db") as other:
        other.add(["of cleo", "also of cleo"], user_id="cleo")
        (taken,) = loaded(other, data).walls
        assert (taken.is_equal, taken.operations) == (True, len(memory.log()))
        assert other.head() == memory.head()
        assert [one.chain for one in other.log()] == [one.chain for one in memory.log()]
        assert [one.origin for one in other.log()] == [one.commit for one in memory.log()]
        assert other.verify(heads=[memory.head()]).is_sound
        assert exported(other).splitlines()[1:-1] == data.splitlines()[1:-1]
        back = other.rollback("before the lease")
        assert back.operations
        other.add("later")
        assert other.verify().is_sound
        assert [record.text for record in other.get_all(user_id="cleo")] == ["of cleo", "also of cleo"]
    with opened(tmp_path / "third.db") as third:
        with opened(tmp_path / "other.db") as other:
            loaded(third, exported(other))
            assert third.head() == other.head()
        assert third.verify().is_sound
    with pytest.raises(NotFound):
        opened().get(memory.log()[0].record_id)


def test_what_was_erased_comes_as_a_tombstone_without_a_word(memory: Memory, tmp_path: Path) -> None:
    gone, _ = memory.add(["zzerased words", "kept"], session="zzsession").stored
    memory.erase(all=True)
    kept = memory.add("kept").stored[0]
    data = exported(memory)
    assert b"zz" not in data
    with opened(tmp_path / "other.db") as other:
        loaded(other, data)
        assert [entry.record.state for entry in other.history(gone.id)] == [State.ERASED] * 2
        assert [record.id for record in other.get_all()] == [kept.id]
        report = other.verify()
        assert report.is_sound
        assert report.notes == ()


def test_a_wall_that_is_there_is_passed_over(memory: Memory) -> None:
    live(memory)
    data = exported(memory, is_whole_file=True)
    memory.add("later")
    before = memory.head()
    taken = loaded(memory, data)
    assert taken.operations == 0
    assert all(one.is_equal and one.known for one in taken.walls)
    assert memory.head() == before


def test_what_a_used_wall_lacks_is_added_with_its_ids_and_hashes(memory: Memory, tmp_path: Path) -> None:
    live(memory)
    with opened(tmp_path / "other.db") as other:
        other.add(["mine", "mine too"], session="roof")
        other.flush()
        (taken,) = loaded(other, exported(memory)).walls
        assert not taken.is_equal
        assert taken.operations > 0
        made = [(one.record_id, one.revision) for one in memory.log(actions=["ADD"], actors=["caller"])]
        macs = {_named(one): one.mac for one in memory.log() if one.mac and (one.record_id, 1) in made}
        here = {_named(one): one.mac for one in other.log() if one.mac}
        assert macs.items() <= here.items()
        ours = sorted(record.text for record in memory.get_all(scope=Scope()))
        assert sorted(record.text for record in other.get_all()) == sorted(
            [*(text for text in ours if text != "shared"), "mine", "mine too"]
        )
        assert other.verify().is_sound
        other.flush()
        assert other.search("turn 4, rather")[0].record.text == "turn 4, rather"
        assert other.verify().is_sound
        (again,) = loaded(other, exported(memory)).walls
        assert (again.operations, again.known) == (0, len(made))
        updated = next(one for one in other.log(actions=["UPDATE"]) if one.actor == "caller")
        assert other.get(updated.record_id).revision >= updated.revision
        other.erase(updated.record_id)
        assert loaded(other, exported(memory)).operations == 0
        assert {str(entry.record.state) for entry in other.history(updated.record_id)} == {"erased"}


def test_another_record_under_the_same_name_is_refused_and_nothing_is_taken_in(memory: Memory, tmp_path: Path) -> None:
    memory.add(["first", "second"])
    name = memory.add("theirs", external_id="x").stored[0].id
    data = exported(memory)
    with opened(tmp_path / "other.db") as other:
        other.add("mine", external_id="x")
        with pytest.raises(InvalidArgument, match="taken"):
            loaded(other, data)
        assert [record.text for record in other.get_all()] == ["mine"]
    with opened(tmp_path / "third.db") as third:
        loaded(third, data)
        third.update(name, text="here")
        memory.update(name, text="there")
        before = third.head()
        with pytest.raises(InvalidArgument, match="taken"):
            loaded(third, exported(memory))
        assert third.head() == before


def _named(operation: Operation) -> tuple[str, int, bool]:
    return operation.record_id, operation.revision, operation.action == "ERASE"


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _shorter(data: bytes) -> bytes:
    return b"".join(data.splitlines(keepends=True)[:-1])


def _without_a_line(data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join([*lines[:3], *lines[4:]])


def _edited(data: bytes) -> bytes:
    return data.replace(b"turn 5", b"turn 6", 1)


def _longer(data: bytes) -> bytes:
    return data + b"{}\n"


def _forged(data: bytes) -> bytes:
    """Change what a hash covers, and make the last line anew."""
    return _signed(_edited(_shorter(data)))


def _with_another_state(data: bytes) -> bytes:
    """Change what no hash covers, and make the last line anew: the log says otherwise."""
    lines = data.splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if b"turn 5" in line)
    lines[place] = lines[place].replace(b'"state":"active"', b'"state":"withdrawn"')
    return _signed(b"".join(lines[:-1]))


def _signed(data: bytes) -> bytes:
    end = {"lines": data.count(b"\n"), "sha256": hashlib.sha256(data).hexdigest()}
    return data + json.dumps({"end": end}).encode() + b"\n"


@pytest.mark.parametrize("harm", [_cut, _shorter, _without_a_line, _edited, _longer, _forged, _with_another_state])
def test_what_is_damaged_is_said_and_nothing_of_it_is_taken_in(
    memory: Memory, tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    live(memory)
    with opened(tmp_path / "other.db") as other:
        with pytest.raises(DamagedFile, match="nothing of it was taken in"):
            loaded(other, harm(exported(memory, is_whole_file=True)))
        assert other.stats(is_whole_file=True).counts.operations == 0
        assert other.scopes() == []
        assert other.verify().is_sound


def test_every_byte_that_is_cut_off_is_missed(memory: Memory, tmp_path: Path) -> None:
    memory.add("one")
    data = exported(memory)
    with opened(tmp_path / "other.db") as other:
        for length in range(len(data)):
            with pytest.raises(DamagedFile):
                loaded(other, data[:length])
        assert loaded(other, data).operations > 0


def test_what_is_no_export_or_newer_says_what_to_do(memory: Memory, tmp_path: Path) -> None:
    for odd in (b"", b"hello", b"{}\n", b"\xff\xfe\n", b"[1]\n", b"9" * 99 + b"\n"):
        with pytest.raises(DamagedFile, match="no export"):
            loaded(memory, odd)
    newer = exported(memory).replace(b'{"lamina_export":2', b'{"lamina_export":3')
    with pytest.raises(SchemaTooNew, match="upgrade"):
        loaded(memory, newer)
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        memory.load(tmp_path / "nowhere.jsonl")


def test_the_same_memory_gives_the_same_bytes_and_a_file_is_whole_or_not_there(memory: Memory, tmp_path: Path) -> None:
    live(memory)
    target = tmp_path / "life.jsonl"
    progress: list[tuple[int, int]] = []
    done = memory.export(target, on_progress=lambda done, total: progress.append((done, total)))
    assert done.bytes == target.stat().st_size
    assert progress[-1] == (done.written, done.written)
    assert target.read_bytes() == exported(memory)
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InvalidArgument, match="overwrite"):
        memory.export(target)

    def stop(done: int, total: int) -> None:
        raise RuntimeError(f"{done} of {total}")

    with pytest.raises(RuntimeError):
        memory.export(tmp_path / "half.jsonl", on_progress=stop)
    assert sorted(file.name for file in tmp_path.iterdir() if "jsonl" in file.name) == ["life.jsonl"]
    with pytest.raises(InvalidArgument, match="whole wall"):
        memory.export(tmp_path / "narrow.jsonl", agent_id="one")
    assert memory.load(target).operations == 0


def test_markdown_has_sessions_dated_lines_and_documents_as_they_were(memory: Memory) -> None:
    at = "2026-03-02T09:00:00+01:00"
    memory.add({"content": "Bees on\nthe roof", "name": "Ada", "at": at}, session="roof")
    memory.delete(memory.add("withdrawn", session="roof").stored[0].id)
    memory.add(Document(title="Lease", text="# A\n\nOne cat.\n\n# B\n\nNo dogs.\n"))
    memory.add("of bob", user_id="bob")
    memory.add("of all", scope=Scope.shared())
    text = exported(memory, markdown=True).decode()
    assert text.startswith("# default / default\n\n## roof\n\n- 2026-03-02 09:00+01:00 **Ada**: Bees on\n  the roof\n")
    assert "# A\n\nOne cat.\n\n# B\n\nNo dogs.\n" in text
    assert "withdrawn" not in text
    assert "of bob" not in text
    assert "of all" not in text
    assert "of bob" in exported(memory, markdown=True, is_whole_file=True).decode()


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_history_is_replayed_to_equal_hashes(data: st.DataObject) -> None:
    with opened() as memory, opened() as other:
        memory.add(["a", "b", "c"])
        for step in range(data.draw(st.integers(2, 14))):
            records: list[Record] = list(memory.get_all())
            verb = data.draw(st.sampled_from(["add", "update", "delete", "revert", "erase", "rollback", "document"]))
            if verb == "add":
                memory.add([f"d{step}", f"e{step}"], session=data.draw(st.sampled_from([None, "s", "t"])))
            elif verb == "document":
                memory.add(Document(title="T", text=f"# A\n\nat {step}\n\n# B\n\nthen"), external_id="d")
            elif verb in ("revert", "rollback"):
                commit = data.draw(st.integers(1, memory.stats().counts.commits))
                try:
                    memory.revert(commit=commit) if verb == "revert" else memory.rollback(commit)
                except CallerError:
                    continue
            elif records:
                name = data.draw(st.sampled_from(records)).id
                {
                    "update": lambda name=name, step=step: memory.update(name, text=f"f{step}"),
                    "delete": memory.delete,
                    "erase": memory.erase,
                }[verb](*(() if verb == "update" else (name,)))
            if data.draw(st.booleans()):
                memory.flush()
        taken = loaded(other, exported(memory, is_whole_file=True))
        assert taken.operations == len(memory.log())
        assert told(other) == told(memory)
        assert other.verify(heads=[memory.head()]).is_sound


@pytest.mark.parametrize(
    ("line", "place", "value"),
    [
        ("import", 0, -5),
        ("import", 0, 0),
        ("import", 3, 999),
        ("import", 2, 0),
        ("snapshot", None, 1),
        ("snapshot", None, 99),
    ],
)
def test_what_an_export_says_beside_the_log_has_to_fit_it(
    memory: Memory, tmp_path: Path, line: str, place: int | None, value: int
) -> None:
    chat = tmp_path / "chat.jsonl"
    chat.write_text('{"text": "one"}\n{"text": "two"}\n', "utf-8")
    memory.import_messages(chat)
    memory.snapshot("before")
    lines = exported(memory).splitlines(keepends=True)
    where = next(number for number, told in enumerate(lines) if told.startswith(f'{{"{line}"'.encode()))
    told = json.loads(lines[where])
    if place is None:
        told[line]["number"] = value
    else:
        told[line]["pieces"][0][place] = value
    lines[where] = json.dumps(told).encode() + b"\n"
    with opened(tmp_path / "other.db") as other:
        with pytest.raises(DamagedFile, match="nothing of it was taken in"):
            loaded(other, _signed(b"".join(lines[:-1])))
        assert other.verify().is_sound
