"""The part of the stores' exam about carrying a memory through time and to other places."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lamina.core.chain import chain_link
from lamina.core.entries import Entry
from lamina.core.errors import InvalidArgument, NotFound
from lamina.core.imports import Import, Piece
from lamina.core.operations import Action
from lamina.core.protocols import Store
from lamina.core.snapshots import Snapshot
from lamina.govern.access import grant
from lamina.testing.builders import NOON, a_move, a_record, a_scope, an_event, an_update
from lamina.testing.store_reads import ADA, BOB, FILE, part_of, put, write


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
            assert (reading.last_commit(), reading.number_after_commit(3, wall=grant(ADA))) == (0, 0)
        put(store, a_record(scope=ADA), a_record(scope=ADA))
        put(store, a_record(scope=BOB))
        put(store, a_record(scope=ADA))
        with store.read() as reading:
            assert reading.last_commit() == 3
            assert [reading.number_after_commit(commit, wall=grant(ADA)) for commit in range(5)] == [0, 2, 2, 3, 3]
            assert reading.number_after_commit(1, wall=grant(BOB)) == 0

    def test_a_log_is_read_from_any_operation_and_record_on(self, store: Store) -> None:
        first, second = a_record(scope=ADA), a_record(scope=ADA)
        put(store, first, second)
        write(store, an_update(first, text="rather"))
        with store.read() as reading:
            log, by_record = list(reading.log(ADA.wall, scope=FILE)), list(reading.log_by_record(ADA.wall, scope=FILE))
            revisions = list(reading.salted_revisions(ADA.wall, scope=FILE))
            for number in range(5):
                assert list(reading.log(ADA.wall, scope=FILE, after=number)) == log[number:]
                since = [row for row in by_record if row[0] >= number]
                assert list(reading.log_by_record(ADA.wall, scope=FILE, since=number)) == since
                later = [row for row in revisions if row[0].arrived >= number]
                assert list(reading.salted_revisions(ADA.wall, scope=FILE, since=number)) == later

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

    def test_entries_are_the_log_with_every_revision_as_it_is_now(self, store: Store) -> None:
        _live(store)
        with store.read() as reading:
            entries = list(reading.entries(ADA.wall, scope=FILE))
            assert [entry.operation for entry in entries] == list(reading.log(ADA.wall, scope=FILE))
            made = {(e.record.id, e.record.revision): (e.record, e.salt) for e in entries if e.record is not None}
            kept = reading.salted_revisions(ADA.wall, scope=FILE)
            assert made == {(record.id, record.revision): (record, salt) for record, salt in kept}
            assert all((e.record is None) != (e.operation.action in (Action.ADD, Action.UPDATE)) for e in entries)
            assert list(reading.entries(a_scope("nobody").wall, scope=FILE)) == []

    def test_entries_are_replayed_to_the_same_wall_of_another_store(self, store: Store) -> None:
        """The store is its own other one: a transaction that does not end well gives the wall back."""
        _live(store)
        with store.read() as reading:
            entries = list(reading.entries(ADA.wall, scope=FILE))
            shift = reading.last_commit()
        moved = [_moved(entry, shift) for entry in entries]
        former = b"\0" * 32
        with store.write() as writing:
            for place, entry in enumerate(moved):
                link = chain_link(former, entry.operation)
                moved[place] = replace(entry, operation=replace(entry.operation, chain=link))
                writing.replay(moved[place])
                former = link
            for entry in moved:
                if entry.record is not None and entry.record.event_id is not None:
                    writing.assign_event([entry.record.id], event_id=entry.record.event_id)
            writing.note_load(recorded_at=NOON)
        with store.read() as reading:
            assert list(reading.entries(BOB.wall, scope=FILE)) == moved
            assert reading.erasures(scope=FILE) == [4]
            assert reading.last_commit() > shift
            assert reading.number_after_commit(shift, wall=grant(BOB)) == 0
            waiting = reading.waiting(scope=grant(BOB), limit=9)
            assert [one.text for one in waiting] == [one.text for one in reading.waiting(scope=grant(ADA), limit=9)]
        assert list(store.check(scope=FILE)) == []

    def test_an_entry_that_does_not_follow_is_refused(self, store: Store) -> None:
        _live(store)
        with store.read() as reading:
            first, second, *_ = [_moved(entry, 9) for entry in reading.entries(ADA.wall, scope=FILE)]
        with store.write() as writing:
            with pytest.raises(InvalidArgument, match="follow"):
                writing.replay(second)
            with pytest.raises(InvalidArgument, match="lacks"):
                writing.replay(replace(first, record=None))
            writing.replay(first)
            early = replace(second, operation=replace(second.operation, recorded_at=first.operation.recorded_at))
            with pytest.raises(InvalidArgument, match="follow"):
                writing.replay(early)
            assert first.record is not None
            again = replace(first, operation=replace(second.operation, action=Action.ADD))
            with pytest.raises(InvalidArgument, match="taken"):
                writing.replay(replace(again, record=first.record))
            unknown = replace(second.operation, action=Action.WITHDRAW, record_id="nobody")
            with pytest.raises(NotFound):
                writing.replay(replace(second, operation=unknown, record=None))

    def test_an_entry_whose_source_lies_in_another_wall_is_refused(self, store: Store) -> None:
        _live(store)
        with store.read() as reading:
            first, second, *_ = reading.entries(ADA.wall, scope=FILE)
            moved = [_moved(entry, reading.last_commit()) for entry in (first, second)]
        assert second.record is not None
        assert moved[1].record is not None
        foreign = replace(moved[1], record=replace(moved[1].record, provenance=second.record.provenance))
        with store.write() as writing:
            writing.replay(moved[0])
            with pytest.raises(InvalidArgument, match="sources"):
                writing.replay(foreign)

    def test_imports_of_a_wall_come_with_their_scopes_oldest_first(self, store: Store) -> None:
        put(store, a_record(scope=ADA), a_record(scope=BOB))
        one, two = a_scope("ada", agent="a"), a_scope("ada", run="x")
        with store.write() as writing:
            for scope, name in ((one, "b"), (two, "a"), (BOB, "c")):
                made = writing.put_import(Import(name=name, session="s", day_first=True), scope=grant(scope))
                writing.put_piece(made, Piece(2, b"digest", 1, 1), ordinal=0, scope=grant(scope))
        with store.read() as reading:
            found = reading.imports_of(ADA.wall, scope=FILE)
            assert [(scope, source.name, source.day_first) for scope, source in found] == [
                (one, "b", True),
                (two, "a", True),
            ]
            assert found[0][1].pieces == (Piece(2, b"digest", 1, 1),)


def _live(store: Store) -> None:
    """Let Ada's wall have a document with a part, an event, an update, a withdrawal and something erased."""
    head, said, gone = (a_record(text, scope=ADA, session="s") for text in ("The whole", "said", "to be erased"))
    part = replace(part_of(head, "The"), session="s", external_id="x")
    put(store, head, part, said, gone)
    write(store, an_update(said, text="said, rather"), a_move(part, Action.WITHDRAW))
    put(store, an_event(said))
    with store.write() as writing:
        writing.assign_event([said.id], event_id=an_event(said).id)
        writing.apply(a_move(gone, Action.ERASE), recorded_at=NOON + timedelta(days=1))


def _moved(entry: Entry, shift: int) -> Entry:
    """Give an entry as one of Bob's, with ids of its own."""
    operation, record = entry.operation, entry.record
    operation = replace(
        operation,
        wall=BOB.wall,
        record_id=operation.record_id + "'",
        commit=operation.commit + shift,
        origin=operation.commit,
    )
    if record is None:
        return replace(entry, operation=operation)
    sources = tuple(replace(part, record_id=part.record_id + "'") for part in record.provenance.sources)
    record = replace(
        record,
        id=record.id + "'",
        scope=BOB,
        event_id=None if record.event_id is None else record.event_id + "'",
        provenance=replace(record.provenance, sources=sources),
    )
    return replace(entry, operation=operation, record=record)
