"""The part of the stores' exam about carrying a memory through time and to other places."""

from datetime import timedelta

import pytest

from lamina.core.errors import InvalidArgument, NotFound
from lamina.core.operations import Action
from lamina.core.protocols import Store
from lamina.core.snapshots import Snapshot
from lamina.govern.access import grant
from lamina.testing.builders import NOON, a_move, a_record
from lamina.testing.store_reads import ADA, BOB, FILE, put, write


def a_snapshot(store: Store, name: str = "s") -> Snapshot:
    """Give a snapshot of Ada's wall as it is now."""
    with store.read() as reading:
        last = list(reading.log(ADA.wall, scope=FILE))[-1]
        commit = reading.last_commit()
    return Snapshot(name=name, commit=commit, number=last.number, chain=last.chain, recorded_at=NOON)


class CarryingContract:
    """What every store does with moments."""

    def test_commits_and_numbers_are_known_at_any_moment(self, store: Store) -> None:
        with store.read() as reading:
            assert (reading.last_commit(), reading.number_at(3, wall=grant(ADA))) == (0, 0)
        put(store, a_record(scope=ADA), a_record(scope=ADA))
        put(store, a_record(scope=BOB))
        put(store, a_record(scope=ADA))
        with store.read() as reading:
            assert reading.last_commit() == 3
            assert [reading.number_at(commit, wall=grant(ADA)) for commit in range(5)] == [0, 2, 2, 3, 3]
            assert reading.number_at(1, wall=grant(BOB)) == 0

    def test_snapshots_are_of_exactly_one_wall_and_their_names_are_taken_there(self, store: Store) -> None:
        put(store, a_record(scope=ADA))
        one, two = a_snapshot(store, "two"), a_snapshot(store, "one")
        with store.write() as writing:
            writing.put_snapshot(one, wall=grant(ADA))
            writing.put_snapshot(two, wall=grant(ADA))
            with pytest.raises(InvalidArgument, match="taken"):
                writing.put_snapshot(one, wall=grant(ADA))
            with pytest.raises(NotFound):
                writing.put_snapshot(one, wall=grant(BOB))
        with store.read() as reading:
            assert reading.snapshots(wall=grant(ADA)) == [two, one]
            assert reading.snapshots(wall=grant(BOB)) == []
        assert list(store.check(scope=FILE)) == []

    def test_a_snapshot_is_dropped_once_and_its_bytes_may_be_let_go(self, store: Store) -> None:
        put(store, a_record(scope=ADA))
        named = [a_snapshot(store, name) for name in ("a", "b")]
        with store.write() as writing:
            for one in named:
                writing.put_snapshot(one, wall=grant(ADA))
            assert not writing.drop_snapshot("a", wall=grant(BOB), erase=True)
            assert writing.drop_snapshot("a", wall=grant(ADA), erase=False)
            assert writing.erasures(scope=FILE) == []
            assert writing.drop_snapshot("b", wall=grant(ADA), erase=True)
            assert not writing.drop_snapshot("b", wall=grant(ADA), erase=True)
        with store.read() as reading:
            assert reading.snapshots(wall=grant(ADA)) == []
            assert reading.erasures(scope=FILE) == [1]
        assert store.scrub(now=NOON)
        assert list(store.check(scope=FILE)) == []

    def test_snapshots_go_with_the_last_words_of_their_wall(self, store: Store) -> None:
        one, two = a_record(scope=ADA), a_record(scope=ADA)
        put(store, one, two)
        kept = a_snapshot(store)
        with store.write() as writing:
            writing.put_snapshot(kept, wall=grant(ADA))
        for gone, left in ((one, 1), (two, 0)):
            write(store, a_move(gone, Action.ERASE))
            with store.write() as writing:
                writing.let_go([gone.id], wall=grant(ADA))
            with store.read() as reading:
                assert len(reading.snapshots(wall=grant(ADA))) == left

    def test_a_snapshot_keeps_what_it_names_as_the_log_goes_on(self, store: Store) -> None:
        put(store, a_record(scope=ADA))
        kept = a_snapshot(store)
        with store.write() as writing:
            writing.put_snapshot(kept, wall=grant(ADA))
            writing.apply(a_move(a_record(scope=ADA), Action.ADD), recorded_at=NOON + timedelta(days=1))
        with store.read() as reading:
            assert reading.snapshots(wall=grant(ADA)) == [kept]
        assert list(store.check(scope=FILE)) == []
