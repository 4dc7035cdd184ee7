"""Snapshots and rollbacks: a wall is again what it was, which can be taken back; what was erased stays gone."""

from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.core.directives import Deed
from lamina.core.errors import InvalidArgument
from lamina.core.layers import Kind
from lamina.core.scope import Scope
from lamina.flows import bulk
from lamina.ingest.documents import Document
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder

EVERY = (Kind.OBSERVATION, Kind.DOCUMENT)


def add(memory: Memory, *texts: str, **keywords: object) -> list[str]:
    return [record.id for record in memory.add(list(texts), **keywords).stored]  # type: ignore[arg-type]


def texts(memory: Memory, **scope: object) -> list[str]:
    return sorted(record.text for record in memory.get_all(**scope))  # type: ignore[arg-type]


def found(memory: Memory, question: str) -> list[str]:
    return [hit.record.text for hit in memory.search(question)]


def test_a_wall_is_again_what_it_was_at_a_snapshot(memory: Memory) -> None:
    one, two, three = add(memory, "the red door", "the blue door", "the green door")
    memory.delete(three)
    kept = memory.snapshot("before")
    memory.update(one, text="the white door")
    memory.delete(two)
    memory.restore(three)
    add(memory, "the black door")
    receipt = memory.rollback("before")
    assert receipt.counts == {"ROLLBACK": 4}
    assert receipt.gone == ()
    assert texts(memory) == ["the blue door", "the red door"] == sorted(found(memory, "door"))
    assert memory.snapshots() == (kept,)
    assert memory.rollback("before").operations == ()
    assert memory.verify().is_sound


def test_a_rollback_is_taken_back_as_one(memory: Memory) -> None:
    one, two = add(memory, "one", "two")
    commit = memory.log()[-1].commit
    memory.update(one, text="one, rather")
    memory.update(one, text="one, at last")
    memory.delete(two)
    add(memory, "three")
    receipt = memory.rollback(commit)
    assert texts(memory) == ["one", "two"]
    back = memory.revert(receipt)
    assert texts(memory) == ["one, at last", "three"] == sorted(found(memory, "one two three"))
    memory.revert(back)
    assert texts(memory) == ["one", "two"]
    assert memory.verify().is_sound


def test_what_was_erased_stays_gone_and_is_named(memory: Memory) -> None:
    one, two, three = add(memory, "one", "two", "three")
    memory.snapshot("before")
    memory.erase(one)
    (later,) = add(memory, "later")
    memory.erase(later)
    memory.delete(two)
    receipt = memory.rollback("before")
    assert receipt.gone == (one,)
    assert set(receipt.ids) == {two}
    assert texts(memory) == ["three", "two"]
    assert memory.get(three).text == "three"
    assert memory.verify().is_sound


def test_before_everything_is_commit_nought(memory: Memory) -> None:
    add(memory, "one", "two")
    receipt = memory.rollback(0)
    assert texts(memory) == []
    memory.revert(receipt)
    assert texts(memory) == ["one", "two"]


def test_a_document_goes_and_comes_as_a_whole(memory: Memory) -> None:
    memory.add(Document(title="Lease", text="One cat."), external_id="d")
    memory.snapshot("cat")
    memory.add(Document(title="Lease", text="No dogs."), external_id="d")
    memory.snapshot("dogs")
    memory.rollback("cat")
    assert texts(memory) == found(memory, "cat dogs") == ["One cat."]
    memory.rollback("dogs")
    assert texts(memory) == ["No dogs."]
    assert memory.verify().is_sound


def test_only_the_callers_own_wall_goes_back_and_only_what_the_facets_see(memory: Memory) -> None:
    memory.add("first")
    commit = memory.log()[-1].commit
    add(memory, "of bob", user_id="bob")
    add(memory, "shared", scope=Scope.shared())
    add(memory, "of one agent", agent_id="one")
    add(memory, "of another", agent_id="two")
    memory.rollback(commit, agent_id="one")
    assert texts(memory) == ["first", "of another", "shared"]
    assert texts(memory, user_id="bob") == ["of bob", "shared"]


def test_many_go_back_a_page_a_transaction_and_go_on_where_they_stopped(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lamina.flows.rollback.PAGE", 7)
    memory.add([f"turn {number}" for number in range(20)])
    memory.snapshot("before")
    memory.delete_all()

    def stop(done: int, total: int) -> None:
        if done > 10:
            raise KeyboardInterrupt(f"{done} of {total}")

    with pytest.raises(KeyboardInterrupt):
        memory.rollback("before", on_progress=stop)
    assert 0 < len(texts(memory)) < 20
    told: list[tuple[int, int]] = []
    receipt = memory.rollback("before", on_progress=lambda done, total: told.append((done, total)))
    assert len(texts(memory)) == 20
    assert 0 < len(receipt.operations) < 20
    assert told[-1][0] == told[-1][1]
    assert bulk.PAGE == 500
    assert memory.verify().is_sound


def test_what_was_restored_and_changed_since_is_withdrawn_as_it_was(memory: Memory) -> None:
    (name,) = add(memory, "one")
    memory.delete(name)
    memory.snapshot("gone")
    memory.restore(name)
    memory.update(name, text="two")
    receipt = memory.rollback("gone")
    assert (memory.get(name).text, str(memory.get(name).state)) == ("one", "withdrawn")
    memory.revert(receipt)
    assert texts(memory) == ["two"]
    memory.rollback("gone")
    memory.restore(name)
    assert texts(memory) == ["one"]
    assert memory.verify().is_sound


def test_a_name_is_of_one_wall_and_is_dropped(memory: Memory) -> None:
    with pytest.raises(InvalidArgument, match="nothing is yet"):
        memory.snapshot("s")
    add(memory, "one")
    add(memory, "two", user_id="bob")
    memory.snapshot("s")
    with pytest.raises(InvalidArgument, match="taken"):
        memory.snapshot("s", agent_id="any")
    memory.snapshot("s", user_id="bob")
    memory.drop_snapshot("s")
    assert memory.snapshots() == ()
    assert [kept.name for kept in memory.snapshots(user_id="bob")] == ["s"]
    with pytest.raises(InvalidArgument, match="names no snapshot"):
        memory.drop_snapshot("s")
    with pytest.raises(InvalidArgument, match="names no snapshot"):
        memory.rollback("s")
    with pytest.raises(InvalidArgument, match="the last one is 2"):
        memory.rollback(3)
    for odd in (True, -1, 1.5, None, ""):
        with pytest.raises(InvalidArgument, match="to"):
            memory.rollback(odd)  # type: ignore[arg-type]


def test_the_bytes_of_a_name_go_from_the_files(memory: Memory, tmp_path: Path) -> None:
    def holds(name: bytes) -> bool:
        return any(name in file.read_bytes() for file in tmp_path.glob("life.db*"))

    add(memory, "one")
    memory.snapshot("zzdropped")
    memory.snapshot("zzerased")
    memory.snapshot("zzleft")
    memory.drop_snapshot("zzerased", erase=True)
    assert not holds(b"zzerased")
    memory.drop_snapshot("zzdropped")
    assert memory.erase(all=True).scrubbed
    assert memory.snapshots() == ()
    assert not holds(b"zzdropped")
    assert not holds(b"zzleft")
    assert memory.verify().is_sound


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_history_with_rollbacks_equals_a_list_of_what_there_was(data: st.DataObject) -> None:
    """The reference: what every record said, None = nothing, kept after each commit; what is erased says nothing."""
    with Memory(encoder=HashEncoder(), clock=FakeClock()) as memory:
        now: dict[str, str | None] = {}
        last: dict[str, str] = {}
        erased: set[str] = set()
        then: dict[int, dict[str, str | None]] = {0: {}}
        for step in range(data.draw(st.integers(3, 16))):
            there = [name for name, text in now.items() if text is not None]
            gone = [name for name, text in now.items() if text is None and name not in erased]
            verbs = [
                "add",
                "rollback",
                *(["update", "delete", "erase"] if there else []),
                *(["restore"] if gone else []),
            ]
            verb = data.draw(st.sampled_from(verbs))
            before = dict(now)
            if verb == "add":
                for name in add(memory, f"a{step}", f"b{step}"):
                    now[name] = memory.get(name).text
            elif verb == "rollback":
                commit = data.draw(st.sampled_from(sorted(then)))
                receipt = memory.rollback(commit)
                now = {name: None if name in erased else then[commit].get(name) for name in now}
                wanted = {name for name, text in then[commit].items() if text is not None and name in erased}
                assert set(receipt.gone) == wanted
                if receipt.operations and data.draw(st.booleans()):
                    assert texts(memory) == sorted(text for text in now.values() if text is not None)
                    memory.revert(receipt)
                    now = before
            else:
                name = data.draw(st.sampled_from(gone if verb == "restore" else there))
                if verb == "update":
                    memory.update(name, text=f"c{step}")
                    now[name] = f"c{step}"
                elif verb == "restore":
                    memory.restore(name)
                    now[name] = last[name]
                else:
                    memory.delete(name) if verb == "delete" else memory.erase(name)
                    now[name] = None
                    erased |= {name} if verb == "erase" else set()
            last |= {name: text for name, text in now.items() if text is not None}
            last |= {name: memory.get(name).text for name in now if now[name] is None and name not in erased}
            then[memory.stats().counts.commits] = dict(now)
            assert texts(memory) == sorted(text for text in now.values() if text is not None)
        assert memory.verify().is_sound


def test_the_audit_trail_tells_of_snapshots_by_their_commits(memory: Memory) -> None:
    add(memory, "the red door")
    one, two = memory.snapshot("one"), memory.snapshot("two")
    memory.drop_snapshot("one")
    memory.erase(all=True)
    told = [(entry.deed, entry.commit) for entry in memory.audit() if entry.deed.startswith("snapshot")]
    taken, dropped = Deed.SNAPSHOT_TAKEN, Deed.SNAPSHOT_DROPPED
    assert told == [(taken, one.commit), (taken, two.commit), (dropped, one.commit), (dropped, two.commit)]
    add(memory, "the blue door")
    assert memory.verify().is_sound


def test_a_snapshot_that_was_dropped_behind_the_back_is_found(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        add(memory, "the red door")
        memory.snapshot("one")
        memory.snapshot("two")
    connection = apsw.Connection(str(path))
    connection.execute("DELETE FROM snapshot WHERE name = 'two'")
    connection.close()
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        assert [finding.check for finding in memory.verify().findings] == ["snapshot"]
