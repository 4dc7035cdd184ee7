"""Where two promises collide: legal hold wins, then erasure, then retention, then revert and rollback, then replay.

A test for each pair, in the order of the rule, and for both directions where it makes a difference which came first.
"""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from lamina.core.directives import Deed
from lamina.core.errors import CannotRevert, InvalidArgument, NotFound, UnderLegalHold
from lamina.core.lifecycle import State
from lamina.core.operations import Actor
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder

DAY = timedelta(days=1)


def add(memory: Memory, *texts: str) -> list[str]:
    return [record.id for record in memory.add(list(texts)).stored]


def texts(memory: Memory) -> list[str]:
    return sorted(record.text for record in memory.get_all())


def exported(memory: Memory) -> bytes:
    written = io.BytesIO()
    memory.export(written)
    return written.getvalue()


def bytes_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("*.db*"))


@pytest.fixture
def other(tmp_path: Path, clock: FakeClock) -> Iterator[Memory]:
    """Another file, into which a log is replayed."""
    (tmp_path / "other").mkdir()
    with Memory(tmp_path / "other" / "other.db", encoder=HashEncoder(), clock=clock) as opened:
        yield opened


def test_legal_hold_before_erasure(memory: Memory) -> None:
    held, free = add(memory, "held", "free")
    hold = memory.place_hold("case 7", record_ids=[held])
    with pytest.raises(UnderLegalHold) as refused:
        memory.erase(held)
    assert refused.value.holds == (hold.id,)
    assert [(one.deed, one.record_id) for one in memory.audit()][-1] == (Deed.REFUSED, held)
    receipt = memory.erase(all=True)
    assert free in receipt.ids
    assert [(one.record_id, one.holds) for one in receipt.protected] == [(held, (hold.id,))]
    assert texts(memory) == ["held"]
    memory.lift_hold(hold.id)
    assert memory.erase(held).scrubbed
    assert texts(memory) == []
    assert memory.verify().is_sound


def test_legal_hold_after_erasure_brings_nothing_back(memory: Memory, tmp_path: Path) -> None:
    (name,) = add(memory, "zzerased")
    memory.erase(name)
    with pytest.raises(NotFound):
        memory.place_hold("case 7", record_ids=[name])
    memory.place_hold("case 7")
    assert texts(memory) == []
    assert b"zzerased" not in bytes_in(tmp_path)
    assert memory.verify().is_sound


def test_legal_hold_covers_former_words_that_an_erasure_is_after(memory: Memory, tmp_path: Path) -> None:
    (name,) = add(memory, "zzformer")
    memory.update(name, text="later")
    memory.place_hold("case 7", filters={"text": {"contains": "zzformer"}})
    assert memory.erase(filters={"text": {"contains": "later"}}).ids == ()
    with pytest.raises(UnderLegalHold):
        memory.erase(name)
    assert [entry.record.text for entry in memory.history(name)] == ["zzformer", "later"]
    assert memory.verify().is_sound


@pytest.mark.parametrize("on_expiry", ["archive", "erase"])
def test_legal_hold_before_retention(memory: Memory, clock: FakeClock, on_expiry: str) -> None:
    held, free = add(memory, "held", "free")
    policy = memory.set_retention(DAY, on_expiry=on_expiry)
    hold = memory.place_hold("case 7", record_ids=[held])
    clock.pass_time(2 * DAY)
    foreseen = memory.forget(dry_run=True)
    assert {due.record_id: due.holds for due in foreseen.due} == {held: (hold.id,), free: ()}
    done = memory.forget()
    assert [one.record_id for one in done.protected] == [held]
    assert (texts(memory), memory.get(held).state) == (["held"], State.ACTIVE)
    assert Deed.REFUSED in [one.deed for one in memory.audit()]
    memory.lift_hold(hold.id)
    assert memory.forget().due[0].policy == policy.id
    assert texts(memory) == []
    assert memory.verify().is_sound


def test_legal_hold_lets_revert_and_rollback_be_for_they_destroy_nothing(memory: Memory) -> None:
    (name,) = add(memory, "one")
    memory.snapshot("before")
    memory.place_hold("case 7")
    change = memory.update(name, text="two")
    (later,) = add(memory, "three")
    memory.revert(change)
    memory.rollback("before")
    assert texts(memory) == ["one"]
    assert [entry.record.text for entry in memory.history(name)][:2] == ["one", "two"]
    assert memory.get(later).text == "three"
    for record_id in (name, later):
        with pytest.raises(UnderLegalHold):
            memory.erase(record_id)
    assert memory.verify().is_sound


def test_legal_hold_outlives_revert_and_rollback(memory: Memory) -> None:
    (name,) = add(memory, "one")
    commit = memory.log()[-1].commit
    hold = memory.place_hold("case 7")
    memory.delete(name)
    memory.rollback(commit)
    memory.rollback(0)
    assert memory.holds() == (hold,)
    with pytest.raises(UnderLegalHold):
        memory.erase(name)


def test_legal_hold_before_replay(memory: Memory, other: Memory) -> None:
    (name,) = add(memory, "held")
    memory.place_hold("case 7", record_ids=[name])
    other.load(io.BytesIO(exported(memory)))
    assert [hold.record_ids for hold in other.holds()] == [(name,)]
    with pytest.raises(UnderLegalHold):
        other.erase(name)
    assert other.head() == memory.head()
    assert other.verify().is_sound


def test_legal_hold_stands_where_a_replay_brings_that_it_was_erased_elsewhere(memory: Memory, other: Memory) -> None:
    (name,) = add(memory, "held")
    other.load(io.BytesIO(exported(memory)))
    other.place_hold("case 7", record_ids=[name])
    memory.erase(name)
    add(memory, "later")
    other.load(io.BytesIO(exported(memory)))
    assert other.get(name).text == "held"
    assert texts(other) == ["held", "later"]
    assert other.verify().is_sound


def test_erasure_before_retention(memory: Memory, clock: FakeClock, tmp_path: Path) -> None:
    gone, kept = add(memory, "zzgone", "kept")
    memory.set_retention(365 * DAY)
    # A policy that keeps for a year keeps from no erasure.
    assert memory.erase(gone).scrubbed
    assert b"zzgone" not in bytes_in(tmp_path)
    clock.pass_time(366 * DAY)
    foreseen = memory.forget(dry_run=True)
    assert [due.record_id for due in foreseen.due] == [kept]
    assert memory.forget().counts == {"ARCHIVE": 1}
    assert memory.verify().is_sound


def test_erasure_reaches_what_retention_archived(memory: Memory, clock: FakeClock, tmp_path: Path) -> None:
    (name,) = add(memory, "zzarchived")
    memory.set_retention(DAY)
    clock.pass_time(2 * DAY)
    forgotten = memory.forget()
    assert memory.erase(name).scrubbed
    assert b"zzarchived" not in bytes_in(tmp_path)
    with pytest.raises(CannotRevert, match="erased"):
        memory.revert(forgotten)
    assert memory.verify().is_sound


def test_erasure_before_revert(memory: Memory) -> None:
    (name,) = add(memory, "one")
    change = memory.update(name, text="two")
    erased = memory.erase(name)
    (commit,) = erased.commits
    for taken_back in (change, erased):
        with pytest.raises(CannotRevert, match=f"erased by operation .* commit {commit}"):
            memory.revert(taken_back)
    with pytest.raises(NotFound):
        memory.get(name)
    assert memory.verify().is_sound


def test_erasure_of_a_record_that_was_taken_back_reaches_every_revision(memory: Memory, tmp_path: Path) -> None:
    (name,) = add(memory, "zzone")
    memory.revert(memory.update(name, text="zztwo"))
    memory.erase(name)
    data = bytes_in(tmp_path)
    assert b"zzone" not in data
    assert b"zztwo" not in data
    assert memory.verify().is_sound


def test_erasure_before_rollback(memory: Memory, tmp_path: Path) -> None:
    gone, kept = add(memory, "zzgone", "kept")
    memory.snapshot("before")
    memory.erase(gone)
    memory.delete(kept)
    receipt = memory.rollback("before")
    assert (receipt.gone, receipt.ids) == ((gone,), (kept,))
    assert texts(memory) == ["kept"]
    memory.revert(receipt)
    assert texts(memory) == []
    assert b"zzgone" not in bytes_in(tmp_path)
    assert memory.verify().is_sound


def test_erasure_of_what_a_rollback_withdrew(memory: Memory, tmp_path: Path) -> None:
    add(memory, "kept")
    memory.snapshot("before")
    (later,) = add(memory, "zzlater")
    receipt = memory.rollback("before")
    memory.erase(later)
    assert b"zzlater" not in bytes_in(tmp_path)
    with pytest.raises(CannotRevert, match="erased"):
        memory.revert(receipt)
    assert texts(memory) == ["kept"]
    assert memory.verify().is_sound


def test_erasure_before_replay(memory: Memory, other: Memory, tmp_path: Path) -> None:
    gone, _ = add(memory, "zzgone", "kept")
    memory.erase(gone)
    written = exported(memory)
    assert b"zzgone" not in written
    other.load(io.BytesIO(written))
    assert other.head() == memory.head()
    with pytest.raises(NotFound):
        other.get(gone)
    assert [str(entry.operation.action) for entry in other.history(gone)][-1] == "ERASE"
    assert texts(other) == ["kept"]
    assert other.verify().is_sound


def test_erasure_stands_where_an_older_log_is_replayed(memory: Memory, tmp_path: Path) -> None:
    gone, _ = add(memory, "zzgone", "kept")
    before = exported(memory)
    memory.erase(gone)
    add(memory, "later")
    memory.load(io.BytesIO(before))
    assert texts(memory) == ["kept", "later"]
    assert b"zzgone" not in bytes_in(tmp_path)
    assert memory.verify().is_sound


def test_erasure_stands_where_a_replay_brings_a_hold_on_it(memory: Memory, tmp_path: Path) -> None:
    (gone,) = add(memory, "zzgone")
    hold = memory.place_hold("case 7", record_ids=[gone])
    before = exported(memory)
    memory.lift_hold(hold.id)
    memory.erase(gone)
    memory.load(io.BytesIO(before))
    assert [each.record_ids for each in memory.holds()] == [(gone,)]
    assert texts(memory) == []
    assert b"zzgone" not in bytes_in(tmp_path)
    assert memory.verify().is_sound


def test_erasure_by_destroying_a_key_comes_after_legal_hold_and_before_all_others(
    tmp_path: Path, clock: FakeClock
) -> None:
    with Memory(tmp_path / "sealed.db", encoder=HashEncoder(), clock=clock, key=lambda: b"k" * 32) as memory:
        held, other = add(memory, "held", "other")
        change = memory.update(other, text="changed")
        memory.snapshot("before")
        memory.set_retention(DAY)
        before, commit = exported(memory), memory.log()[-1].commit
        hold = memory.place_hold("case 7", record_ids=[held])
        with pytest.raises(UnderLegalHold, match="the wall"):
            memory.erase(all=True, destroy_key=True)
        assert texts(memory) == ["changed", "held"]
        memory.lift_hold(hold.id)
        assert memory.erase(all=True, destroy_key=True).key_destroyed
        clock.pass_time(2 * DAY)
        assert memory.forget().ids == ()
        with pytest.raises(CannotRevert, match="erased"):
            memory.revert(change)
        assert memory.snapshots() == ()
        assert set(memory.rollback(commit).gone) == {held, other}
        memory.load(io.BytesIO(before))
        assert texts(memory) == []
        with pytest.raises(NotFound):
            memory.get(other)
        assert memory.verify().is_sound


def test_retention_before_revert_and_rollback(memory: Memory, clock: FakeClock) -> None:
    (name,) = add(memory, "one")
    change = memory.update(name, text="two")
    memory.snapshot("before")
    memory.set_retention(DAY)
    clock.pass_time(2 * DAY)
    forgotten = memory.forget()
    # The policy's operation stands on the record, and is named.
    with pytest.raises(CannotRevert, match=r"ARCHIVE of .* by policy") as refused:
        memory.revert(change)
    assert refused.value.blockers == tuple(one.number for one in forgotten.operations)
    # Whoever brings it back does not stop its time: it is forgotten again.
    memory.rollback("before")
    assert texts(memory) == ["two"]
    assert memory.forget().ids == (name,)
    assert texts(memory) == []
    assert memory.verify().is_sound


def test_retention_that_erases_leaves_nothing_to_revert_and_rollback(
    memory: Memory, clock: FakeClock, tmp_path: Path
) -> None:
    (name,) = add(memory, "zzone")
    change = memory.update(name, text="zztwo")
    memory.snapshot("before")
    memory.set_retention(DAY, on_expiry="erase")
    clock.pass_time(2 * DAY)
    assert memory.forget(dry_run=True).due[0].snapshots == ("before",)
    add(memory, "later")
    forgotten = memory.forget()
    for taken_back in (change, forgotten):
        with pytest.raises(CannotRevert, match="erased"):
            memory.revert(taken_back)
    assert {one.actor for one in forgotten.operations if one.record_id == name} == {Actor.POLICY}
    assert memory.rollback("before").gone == (name,)
    assert texts(memory) == []
    assert b"zzt" not in bytes_in(tmp_path)
    assert memory.verify().is_sound


def test_retention_before_replay(memory: Memory, other: Memory, clock: FakeClock) -> None:
    old, _ = add(memory, "old", "older")
    memory.set_retention(DAY)
    before = exported(memory)
    clock.pass_time(2 * DAY)
    memory.forget()
    # An older log, replayed where it was forgotten, brings nothing back.
    memory.load(io.BytesIO(before))
    assert texts(memory) == []
    # Replayed into an empty file it comes with its policy, and is forgotten there when that is asked for.
    other.load(io.BytesIO(before))
    assert texts(other) == ["old", "older"]
    assert [policy.policy for policy in other.policies()] == [policy.policy for policy in memory.policies()]
    assert old in other.forget().ids
    assert texts(other) == []
    assert memory.verify().is_sound
    assert other.verify().is_sound


def test_revert_and_rollback_before_replay(memory: Memory, other: Memory) -> None:
    (one,) = add(memory, "one")
    memory.snapshot("before")
    before = exported(memory)
    change = memory.update(one, text="two")
    reverted = memory.revert(change)
    add(memory, "three")
    back = memory.rollback("before")
    # An older log brings nothing back that was taken back since.
    memory.load(io.BytesIO(before))
    assert texts(memory) == ["one"]
    # All of it, replayed, gives equal hashes, and can be taken back there as here.
    other.load(io.BytesIO(exported(memory)))
    assert other.head() == memory.head()
    assert texts(other) == ["one"]
    for each in (memory, other):
        each.revert(commit=back.commits[-1])
        assert texts(each) == ["one", "three"]
        with pytest.raises(CannotRevert, match="taken back already"):
            each.revert(commit=change.commits[0])
        each.revert(commit=reverted.commits[0])
        assert texts(each) == ["three", "two"]
        assert each.verify().is_sound


def test_replay_that_collides_is_refused_whole(memory: Memory, other: Memory) -> None:
    (name,) = add(memory, "one")
    written = exported(memory)
    other.load(io.BytesIO(written))
    other.update(name, text="changed there")
    memory.update(name, text="changed here")
    head = other.head()
    with pytest.raises(InvalidArgument, match="another"):
        other.load(io.BytesIO(exported(memory)))
    assert other.head() == head
    assert texts(other) == ["changed there"]
    assert other.verify().is_sound
