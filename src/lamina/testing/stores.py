"""The exam that every store sits: subclass `StoreContract`, and give it the store as a fixture.

Each sentence of the docstrings in `core.protocols` is a test of that name. Whoever writes another store runs::

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store(self) -> Iterator[Store]:
            store = open_my_store(busy_timeout_s=0.3)
            yield store
            store.close()

The store is empty, and waits at most a second for another writer.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from lamina.core.errors import MemoryClosed, StoreBusy
from lamina.core.layers import Layer, Modality
from lamina.core.protocols import Store
from lamina.core.provenance import Provenance, Source
from lamina.core.records import AtSource, Policy, Record
from lamina.core.scope import Scope
from lamina.govern.access import grant
from lamina.testing.builders import ENCODER, NOON, a_record, a_scope, an_addition
from lamina.testing.store_carrying import CarryingContract
from lamina.testing.store_directives import DirectiveContract
from lamina.testing.store_encoders import EncoderContract
from lamina.testing.store_labels import LabelContract
from lamina.testing.store_past import PastContract
from lamina.testing.store_reads import ADA, FILE, ReadingContract, put
from lamina.testing.store_streams import StreamContract
from lamina.testing.store_writes import WritingContract

#: Longer than any step of a thread takes, short for a test.
SOON_S = 5.0


class StoreContract(
    ReadingContract,
    PastContract,
    StreamContract,
    WritingContract,
    EncoderContract,
    CarryingContract,
    DirectiveContract,
    LabelContract,
):
    """What every store does; the parts about reads and changes are inherited."""

    @pytest.fixture
    def store(self) -> Store:
        """Give an empty store; every subclass does."""
        raise NotImplementedError

    def test_a_store_that_was_opened_for_writing_says_so(self, store: Store) -> None:
        assert not store.is_read_only

    @pytest.fixture
    def rich_record(self) -> Record:
        """Give a record with something in every field, made from the record `source`."""
        return Record(
            id="rich",
            scope=a_scope("ada", agent="a", run="x"),
            kind=a_record().kind,
            layer=Layer.SEMANTIC,
            provenance=Provenance(
                by="cut@1",
                model="model@2",
                prompt="b2:00",
                sources=(
                    Source(record_id="source", revision=1, start=0, end=3),
                    Source(record_id="source", revision=1),
                ),
            ),
            valid_from=datetime(1815, 12, 10, 1, 2, 3, 4, tzinfo=UTC),
            valid_to=datetime(9998, 12, 31, tzinfo=UTC),
            policy=Policy(expires_at=NOON, sensitivity="private", trust=0.25, acl=("ada", "bob, \"c\" and 'd'")),
            text="Ünïcode 😀 \u202e and\nlines\t; DROP TABLE record; --",
            speaker="Ada",
            role="user",
            at=datetime(1843, 7, 10, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=5, minutes=45))),
            at_source=AtSource.GIVEN,
            session='a session\'s "name"',
            external_id="x:1",
            metadata={"nested": {"list": [1, 2.5, None, True, "ü"]}, "empty": {}, "": -1e300},
            modality=Modality.TRACE,
            order=-(2**40),
        )

    def test_every_call_of_a_reading_sees_the_same_state(self, store: Store) -> None:
        put(store, a_record(scope=ADA))
        writer = threading.Thread(target=put, args=(store, a_record(scope=ADA)))
        with store.read() as reading:
            before = reading.counts(scope=FILE)
            writer.start()
            writer.join(timeout=0.05)
            assert reading.counts(scope=FILE) == before
            assert reading.ends(scope=grant(ADA))[ADA.wall].number == 1
        writer.join(timeout=SOON_S)
        with store.read() as reading:
            assert reading.ends(scope=grant(ADA))[ADA.wall].number == 2

    def test_a_walk_that_is_left_in_the_middle_holds_no_state_back(self, store: Store) -> None:
        put(store, *(a_record(scope=ADA) for _ in range(300)))
        walks = []
        for _ in range(20):
            with store.read() as reading:
                walks.append(reading.index_rows(wall=ADA.wall, scope=grant(ADA), after=0))
                next(walks[-1])
        put(store, a_record(scope=ADA))
        with store.read() as reading:
            assert reading.ends(scope=grant(ADA))[ADA.wall].number == 301

    def test_an_error_inside_a_write_leaves_everything_as_it_was(self, store: Store) -> None:
        put(store, a_record(scope=ADA, session="s"))
        with store.read() as reading:
            before = reading.counts(scope=FILE)
        with pytest.raises(ZeroDivisionError), store.write() as writing:
            writing.apply(an_addition(scope=ADA, session="t"), recorded_at=NOON)
            writing.apply(an_addition(scope=a_scope("new")), recorded_at=NOON)
            _ = 1 / 0
        with store.read() as reading:
            assert reading.counts(scope=FILE) == before
            assert reading.walls(scope=FILE) == [ADA.wall]
        with store.write() as writing:
            operation = writing.apply(an_addition(scope=ADA, session="t"), recorded_at=NOON)
        assert (operation.number, operation.commit) == (2, 2)

    def test_a_write_sees_its_own_changes_and_others_see_them_when_it_ends(self, store: Store) -> None:
        record = a_record(scope=ADA)
        with store.write() as writing:
            writing.apply(an_addition(id=record.id, scope=ADA), recorded_at=NOON)
            assert set(writing.get([record.id], scope=grant(ADA))) == {record.id}
        with store.read() as reading:
            assert set(reading.get([record.id], scope=grant(ADA))) == {record.id}

    def test_a_write_without_a_change_leaves_no_trace(self, store: Store) -> None:
        with store.write():
            pass
        with store.read() as reading:
            assert reading.counts(scope=FILE).commits == 0
            assert reading.walls(scope=FILE) == []

    def test_a_second_writer_waits_for_the_first_and_not_for_ever(self, store: Store) -> None:
        refusals: list[StoreBusy] = []

        def try_to_write() -> None:
            try:
                put(store, a_record(scope=ADA))
            except StoreBusy as error:
                refusals.append(error)

        second = threading.Thread(target=try_to_write)
        with store.write():
            second.start()
            second.join(timeout=SOON_S)
            assert not second.is_alive()
        assert len(refusals) == 1
        put(store, a_record(scope=ADA))

    def test_a_write_inside_a_write_of_the_same_thread_is_refused(self, store: Store) -> None:
        with store.write() as writing:
            writing.apply(an_addition(scope=ADA), recorded_at=NOON)
            with pytest.raises(StoreBusy), store.write():
                pass
        with store.read() as reading:
            assert reading.ends(scope=grant(ADA))[ADA.wall].number == 1

    def test_many_threads_read_and_write_at_once(self, store: Store) -> None:
        with ThreadPoolExecutor(8) as threads:
            done = list(threads.map(_live, [store] * 8, [a_scope(f"user {number}") for number in range(8)]))
        with store.read() as reading:
            assert reading.ends(scope=grant(ADA))[ADA.wall].number == sum(done) == 80
            assert reading.counts(scope=FILE).commits == 80
        assert list(store.check(scope=FILE)) == []

    def test_a_sound_store_has_no_findings(self, store: Store, rich_record: Record) -> None:
        assert list(store.check(scope=FILE)) == []
        put(store, a_record("its source", id="source", scope=ADA), rich_record)
        assert list(store.check(scope=FILE)) == []

    def test_a_closed_store_says_so_and_closing_twice_is_closing_once(self, store: Store) -> None:
        put(store, a_record(scope=ADA))
        store.close()
        store.close()
        with pytest.raises(MemoryClosed), store.read():
            pass
        with pytest.raises(MemoryClosed), store.write():
            pass

    def test_what_is_under_way_when_a_store_is_closed_can_end(self, store: Store) -> None:
        with store.write() as writing:
            store.close()
            operation = writing.apply(an_addition(scope=ADA), recorded_at=NOON)
        assert operation.number == 1


def _live(store: Store, scope: Scope) -> int:
    """Write ten times and read after each; gives how often."""
    for count in range(1, 11):
        _put_at_last(store, a_record(scope=scope, session="s"), a_record(scope=ADA))
        with store.read() as reading:
            assert len(reading.stream(scope=grant(scope), session="s", encoder=ENCODER, limit=99)) == count
    return count


def _put_at_last(store: Store, *records: Record) -> None:
    """Write, and again where others write for longer than the store waits: on a busy machine eight threads may."""
    while True:
        try:
            return put(store, *records)
        except StoreBusy:
            continue
