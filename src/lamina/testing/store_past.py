"""The part of the exam of stores that is about what was: logs of several records, what turned, numbers by time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lamina.core.clearance import Hidden
from lamina.core.clocks import Clocks
from lamina.core.errors import InvalidArgument
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Change
from lamina.core.protocols import Store
from lamina.govern.access import grant
from lamina.testing.builders import NOON, a_move, a_record, a_scope, an_addition, an_update
from lamina.testing.store_reads import ADA, BOB, SHARED, put, write


class PastContract:
    """What a store has to tell of what was."""

    def test_the_log_of_each_record_with_more_than_one_operation_is_given_as_far_as_it_is_seen(
        self, store: Store
    ) -> None:
        alone, moved = a_record("alone", scope=ADA), a_record("moved", scope=ADA)
        foreign, shared = a_record("foreign", scope=BOB), a_record("shared", scope=SHARED)
        of_agent = a_record("of an agent", scope=a_scope("ada", agent="b"))
        put(store, alone, moved, foreign, shared, of_agent)
        write(store, *(a_move(one, Action.WITHDRAW) for one in (moved, foreign, shared, of_agent)))
        write(store, a_move(moved, Action.RESTORE))
        asked = [one.id for one in (alone, moved, foreign, shared, of_agent)]
        with store.read() as reading:
            logs = reading.logs([*asked, "unknown"], scope=grant(a_scope("ada", agent="a")))
        assert {name: [one.action for one in log] for name, log in logs.items()} == {
            moved.id: [Action.ADD, Action.WITHDRAW, Action.RESTORE],
            shared.id: [Action.ADD, Action.WITHDRAW],
        }
        assert all(one.record_id == name for name, log in logs.items() for one in log)

    def test_what_turned_is_what_became_active_by_another_operation_than_its_first(self, store: Store) -> None:
        still, gone, back, changed = (a_record(text, scope=ADA) for text in ("still", "gone", "back", "changed"))
        whole = a_record("whole", scope=ADA, kind=Kind.DOCUMENT)
        put(store, still, gone, back, changed, whole)
        write(store, a_move(gone, Action.WITHDRAW), a_move(back, Action.WITHDRAW), a_move(back, Action.RESTORE))
        write(store, an_update(changed, text="other"), an_update(whole, text="whole again"))
        with store.read() as reading:
            end = reading.ends(scope=grant(ADA))[ADA.wall].number
            told = {log[0].record_id: len(log) for log in reading.turns(wall=ADA.wall, scope=grant(ADA), after=0)}
            later = [log[0].record_id for log in reading.turns(wall=ADA.wall, scope=grant(ADA), after=end - 2)]
            assert list(reading.turns(wall=ADA.wall, scope=grant(ADA), after=end)) == []
            with pytest.raises(InvalidArgument):
                list(reading.turns(wall=BOB.wall, scope=grant(ADA), after=0))
        assert told == {back.id: 3, changed.id: 2}
        assert later == [changed.id]
        write(store, a_move(back, Action.WITHDRAW))
        with store.read() as reading:
            (log,) = reading.turns(wall=ADA.wall, scope=grant(ADA), after=end)
        assert [one.action for one in log] == [Action.ADD, Action.WITHDRAW, Action.RESTORE, Action.WITHDRAW]

    def test_what_was_erased_since_is_told_by_what_made_it(self, store: Store) -> None:
        first, changed, later = (a_record(text, scope=ADA) for text in ("first", "changed", "later"))
        put(store, first, changed, later)
        write(store, an_update(changed, text="other"))
        erased = [a_move(first, Action.ERASE), a_move(changed, Action.ERASE)]
        write(store, *erased, a_move(replace(changed, revision=2), Action.ERASE))
        with store.read() as reading:
            end = reading.ends(scope=grant(ADA))[ADA.wall]
            since = [
                reading.erased_since(number, wall=ADA.wall, scope=grant(ADA))
                for number in (0, end.number - 1, end.number)
            ]
            assert [sorted(numbers) for numbers in since] == [[1, 2, 4], [4], []]
            assert end.epoch == 3
            with pytest.raises(InvalidArgument):
                reading.erased_since(0, wall=BOB.wall, scope=grant(ADA))

    def test_a_moment_is_the_last_operation_that_was_recorded_by_then(self, store: Store) -> None:
        with store.write() as writing:
            hours = [timedelta(hours=number // 2) for number in range(10)]
            done = [writing.apply(an_addition(scope=ADA), recorded_at=NOON + hour) for hour in hours]
        exact = done[3].recorded_at
        asked = [NOON - timedelta(seconds=1), exact - timedelta(microseconds=1), exact, NOON + timedelta(days=1)]
        with store.read() as reading:
            found = [reading.number_at(moment, wall=ADA.wall, scope=grant(ADA)) for moment in asked]
            assert found == [0, 3, 4, 10]
            assert reading.number_at(NOON, wall=SHARED.wall, scope=grant(ADA)) == 0
            with pytest.raises(InvalidArgument):
                reading.number_at(NOON, wall=BOB.wall, scope=grant(ADA))

    def test_what_was_there_is_counted_by_clocks_in_its_state_of_then(self, store: Store) -> None:
        in_session = {"scope": ADA, "session": "s", "at": NOON}
        still, gone, held = (a_record(text, **in_session) for text in ("still", "gone", "held"))
        changed, other = a_record("was", **in_session), a_record("other", scope=a_scope("ada", agent="b"), at=NOON)
        shared, foreign = a_record("shared", scope=SHARED, session="t"), a_record("foreign", scope=BOB)
        put(store, still, gone, changed, other, shared, foreign)
        write(store, Change(action=Action.ADD, record=replace(held, state=State.HELD), to_state=State.HELD))
        later = NOON + timedelta(days=9)
        with store.write() as writing:
            writing.apply(a_move(gone, Action.WITHDRAW), recorded_at=later)
            writing.apply(an_update(changed, text="is longer", at=later, valid_from=later), recorded_at=later)
        ada, agent = grant(ADA), grant(a_scope("ada", agent="a"))
        before = Clocks(known_at=later - timedelta(seconds=1))
        unseen = Hidden(records={still.id: "l"}, revisions={(changed.id, 1): "l"})
        with store.read() as reading:
            now = reading.counts_then(Clocks(as_of=later), scope=ada)
            then = reading.counts_then(before, scope=ada)
            of_agent = reading.counts_then(before, scope=agent)
            seen = reading.counts_then(before, scope=ada, without=unseen)
            nothing = reading.counts_then(Clocks(known_at=NOON - timedelta(days=1)), scope=ada)
            earlier = reading.counts_then(Clocks(as_of=NOON), scope=ada)
            whole = reading.counts(scope=ada)
        assert now.records == {"observation": {"active": 4, "withdrawn": 1, "held": 1}}
        assert then.records == {"observation": {"active": 5, "held": 1}}
        assert of_agent.records == {"observation": {"active": 4, "held": 1}}
        assert seen.records == {"observation": {"active": 3, "held": 1}}
        assert (now.text_bytes - earlier.text_bytes, earlier.records) == (len("is longer") - len("was"), now.records)
        assert [one.revisions for one in (now, then, of_agent, seen, nothing)] == [6, 6, 5, 4, 0]
        assert [one.sessions for one in (now, then, of_agent, seen, nothing)] == [2, 2, 2, 2, 0]
        assert [one.operations for one in (now, then, of_agent, seen, nothing)] == [8, 6, 5, 4, 0]
        assert (now.operations, now.commits, then.commits) == (whole.operations, whole.commits, whole.commits - 1)
        assert {(one.vectors, one.waiting) for one in (now, then, nothing)} == {(whole.vectors, whole.waiting)}
