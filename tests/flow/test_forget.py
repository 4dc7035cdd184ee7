"""Retention: what policies say is at the end of its time goes when `forget` runs, no sooner, and for a reason."""

from datetime import timedelta
from pathlib import Path

import pytest

from lamina.core.directives import Deed, Expiry
from lamina.core.errors import CannotRevert, InvalidArgument, NotFound
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Actor
from lamina.flows import bulk
from lamina.ingest.documents import Document
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder

DAY = timedelta(days=1)


def texts(memory: Memory, **scope: str) -> list[str]:
    return [record.text for record in memory.get_all(**scope)]  # type: ignore[arg-type]


def test_nothing_is_forgotten_before_forget_runs_nor_before_its_time(memory: Memory, clock: FakeClock) -> None:
    memory.add("old")
    policy = memory.set_retention(30 * DAY, by="records office")
    clock.pass_time(29 * DAY)
    memory.add("new")
    assert memory.forget().operations == ()
    clock.pass_time(2 * DAY)
    assert texts(memory) == ["old", "new"]
    assert [hit.record.text for hit in memory.search("old", limit=1)] == ["old"]
    receipt = memory.forget()
    assert receipt.counts == {"ARCHIVE": 1}
    assert {one.actor for one in receipt.operations} == {Actor.POLICY}
    assert texts(memory) == ["new"]
    assert [hit.record.text for hit in memory.search("old")] == ["new"]
    assert memory.get(receipt.ids[0]).state is State.ARCHIVED
    assert memory.forget().operations == ()
    assert [(entry.deed, entry.directive, entry.count) for entry in memory.audit()] == [
        (Deed.POLICY_SET, policy.id, 0),
        (Deed.FORGOTTEN, policy.id, 1),
    ]
    assert memory.verify().is_sound


def test_a_dry_run_says_exactly_what_goes_and_why_and_changes_nothing(memory: Memory, clock: FakeClock) -> None:
    began = clock.now()
    old = memory.add(["a", "b"], metadata={"topic": "x"}).stored
    held = memory.add("c").stored[0]
    strict = memory.set_retention(10 * DAY, on_expiry="erase", filters={"topic": "x"})
    mild = memory.set_retention(5 * DAY)
    hold = memory.place_hold("case 7", record_ids=[held.id, old[1].id])
    clock.pass_time(20 * DAY)
    before = len(memory.log())
    told = memory.forget(dry_run=True)
    assert told.is_dry_run
    assert [(due.record_id, due.policy, due.on_expiry, due.ended_at - began, due.holds) for due in told.due] == [
        (old[0].id, strict.id, Expiry.ERASE, told.due[0].ended_at - began, ()),
        (old[1].id, strict.id, Expiry.ERASE, told.due[1].ended_at - began, (hold.id,)),
        (held.id, mild.id, Expiry.ARCHIVE, told.due[2].ended_at - began, (hold.id,)),
    ]
    assert all(timedelta(0) <= due.ended_at - began - length < timedelta(seconds=1) for due, length in zip(
        told.due, (10 * DAY, 10 * DAY, 5 * DAY), strict=True
    ))  # fmt: skip
    assert len(memory.log()) == before
    done = memory.forget()
    assert done.due == told.due
    assert [one.record_id for one in done.protected] == [old[1].id, held.id]
    assert done.scrubbed
    assert {one.record_id for one in done.operations if one.action is Action.ERASE} >= {old[0].id}
    assert sorted(texts(memory)) == ["b", "c"]
    with pytest.raises(NotFound):
        memory.get(old[0].id)
    assert memory.verify().is_sound


def test_what_was_archived_is_brought_back_as_one(
    memory: Memory, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PAGE", 3)
    memory.add([f"turn {number}" for number in range(10)])
    memory.set_retention(DAY)
    clock.pass_time(2 * DAY)
    seen: list[tuple[int, int]] = []
    receipt = memory.forget(on_progress=lambda done, total: seen.append((done, total)))
    assert receipt.counts == {"ARCHIVE": 10}
    assert len(receipt.commits) == 4
    assert seen[-1][0] == 10
    assert texts(memory) == []
    memory.revert(receipt)
    assert len(texts(memory)) == 10
    assert memory.restore(filters={"text": {"contains": "turn"}}).operations == ()
    again = memory.forget()
    memory.restore(again.ids[0])
    with pytest.raises(CannotRevert):
        memory.revert(again)
    assert memory.verify().is_sound


def test_stopping_in_the_middle_loses_nothing_and_the_same_call_goes_on(
    memory: Memory, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PAGE", 3)
    memory.add([f"turn {number}" for number in range(10)])
    memory.set_retention(DAY)
    clock.pass_time(2 * DAY)

    def stop(done: int, total: int) -> None:
        del total
        if done >= 6 and len(texts(memory)) < 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        memory.forget(on_progress=stop)
    assert len(texts(memory)) == 4
    assert memory.forget().counts == {"ARCHIVE": 4}
    assert texts(memory) == []


def test_the_time_may_run_from_when_it_was_said(memory: Memory, clock: FakeClock) -> None:
    memory.add("long ago", at="2020-01-01T00:00:00Z")
    memory.add("at no time", at="unknown")
    clock.pass_time(DAY)
    recorded = memory.set_retention(30 * DAY)
    assert memory.forget(dry_run=True).due == ()
    memory.drop_policy(recorded.id)
    memory.set_retention(30 * DAY, since="at")
    memory.forget()
    assert texts(memory) == ["at no time"]
    clock.pass_time(30 * DAY)
    memory.forget()
    assert texts(memory) == []


def test_a_clock_that_steps_back_does_not_forget_early(memory: Memory, clock: FakeClock) -> None:
    memory.set_retention(2 * timedelta(hours=1))
    memory.add("one")
    clock.pass_time(timedelta(hours=-1))
    memory.add("two")
    clock.pass_time(timedelta(hours=2, minutes=59))
    assert memory.forget().operations == ()
    clock.pass_time(timedelta(minutes=2))
    assert memory.forget().counts == {"ARCHIVE": 2}


def test_a_new_revision_begins_the_time_anew(memory: Memory, clock: FakeClock) -> None:
    name = memory.add("one").stored[0].id
    memory.set_retention(10 * DAY)
    clock.pass_time(8 * DAY)
    memory.update(name, text="two")
    clock.pass_time(8 * DAY)
    assert memory.forget().operations == ()
    clock.pass_time(3 * DAY)
    assert memory.forget().ids == (name,)


def test_a_policy_is_one_walls_and_binds_as_its_scope_and_filters_do(memory: Memory, clock: FakeClock) -> None:
    memory.add("ours", user_id="ada")
    memory.add("theirs", user_id="bob")
    memory.add("an agent's", agent_id="a")
    memory.add("another's", agent_id="b")
    memory.add("a session's", session="s")
    memory.set_retention(DAY, user_id="ada")
    memory.set_retention(DAY, filters={"agent": "a"})
    memory.set_retention(DAY, filters={"session": "s", "layer": "episodic", "kind": "observation"})
    clock.pass_time(2 * DAY)
    assert memory.forget(user_id="bob").due == ()
    memory.forget(user_id="ada")
    memory.forget()
    assert (texts(memory, user_id="ada"), texts(memory, user_id="bob")) == ([], ["theirs"])
    assert texts(memory) == ["another's"]


def test_a_document_goes_with_the_last_of_its_passages(memory: Memory, clock: FakeClock) -> None:
    text = "".join(f"# Part {number}\n\nThe word of it is w{number}.\n\n" for number in range(12))
    head = next(r for r in memory.add(Document(title="Words", text=text)).stored if r.kind is Kind.DOCUMENT)
    passages = [record.id for record in memory.get_all()]
    clock.pass_time(5 * DAY)
    memory.update(passages[0], text="# Part 0\n\nRather w0.\n\n")
    memory.set_retention(7 * DAY)
    clock.pass_time(4 * DAY)
    memory.forget()
    assert memory.get(head.id).state is State.ACTIVE
    clock.pass_time(4 * DAY)
    receipt = memory.forget()
    assert memory.get(head.id).state is State.ARCHIVED
    memory.revert(receipt)
    assert memory.get(head.id).state is State.ACTIVE
    assert memory.verify().is_sound


def test_what_is_archived_is_erased_when_its_longer_time_ends(memory: Memory, clock: FakeClock) -> None:
    memory.add("one", metadata={"topic": "zzarchived"})
    memory.set_retention(DAY)
    memory.set_retention(9 * DAY, on_expiry="erase")
    clock.pass_time(2 * DAY)
    assert memory.forget().counts == {"ARCHIVE": 1}
    clock.pass_time(9 * DAY)
    assert set(memory.forget().counts) == {"ERASE"}


def test_policies_stand_in_the_file_until_they_are_dropped(memory: Memory, tmp_path: Path, clock: FakeClock) -> None:
    memory.add("one")
    policy = memory.set_retention(DAY, filters={"speaker": {"ne": "Ada"}}, by="records office")
    memory.close()
    with Memory(tmp_path / "life.db", encoder=HashEncoder(), clock=clock) as again:
        assert again.policies() == (policy,)
        hold = again.place_hold("case 7")
        with pytest.raises(NotFound):
            again.drop_policy(hold.id)
        with pytest.raises(NotFound):
            again.lift_hold(policy.id)
        with pytest.raises(NotFound):
            again.drop_policy(policy.id, user_id="bob")
        again.drop_policy(policy.id)
        again.lift_hold(hold.id)
        clock.pass_time(2 * DAY)
        assert again.forget().due == ()
        assert again.verify().is_sound


@pytest.mark.parametrize(
    ("ttl", "what", "problem"),
    [
        (timedelta(0), {}, "ttl"),
        (30, {}, "ttl"),
        (DAY, {"since": "birth"}, "since"),
        (DAY, {"on_expiry": "shred"}, "on_expiry"),
        (DAY, {"filters": {"spekaer": "Ada"}}, "spekaer"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(
    memory: Memory, ttl: timedelta, what: dict[str, object], problem: str
) -> None:
    with pytest.raises(InvalidArgument, match=problem):
        memory.set_retention(ttl, **what)  # type: ignore[arg-type]
    assert memory.policies() == ()


def test_a_dry_run_tells_in_the_order_of_the_run(memory: Memory, clock: FakeClock) -> None:
    kept = [
        memory.add(text, metadata={"topic": topic}).stored[0].id for text, topic in zip("abcd", "xyxy", strict=True)
    ]
    memory.set_retention(DAY, on_expiry="erase", filters={"topic": "y"})
    memory.set_retention(DAY)
    clock.pass_time(2 * DAY)
    told = memory.forget(dry_run=True)
    assert [due.record_id for due in told.due] == [kept[1], kept[3], kept[0], kept[2]]
    assert memory.forget().due == told.due


def test_what_is_erased_is_told_with_the_snapshots_that_lack_it_then(memory: Memory, clock: FakeClock) -> None:
    old = memory.add("bees", session="old").stored[0].id
    memory.add("wasps", session="new")
    memory.snapshot("with bees")
    gone = memory.add("moths", session="old").stored[0].id
    memory.delete(gone)
    memory.snapshot("without moths")
    memory.set_retention(timedelta(days=1), on_expiry="erase", filters={"session": "old"})
    clock.pass_time(timedelta(days=2))
    told = {due.record_id: due.snapshots for due in memory.forget(dry_run=True).due}
    assert told == {old: ("with bees", "without moths"), gone: ()}
    assert {due.record_id: due.snapshots for due in memory.forget().due} == told
    assert memory.rollback("with bees").gone == (old,)
