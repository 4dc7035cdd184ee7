"""The part of the exam of stores that is about a change of encoder."""

from dataclasses import replace

import pytest

from lamina.core.errors import EncoderMismatch
from lamina.core.operations import Action
from lamina.core.protocols import EncoderId, Store
from lamina.core.records import Record, Vector
from lamina.core.rows import Waiting
from lamina.govern.access import grant
from lamina.testing.builders import ENCODER, a_move, a_record, a_vector
from lamina.testing.store_reads import ADA, BOB, FILE, SHARED, put, write

EIGHT = EncoderId(name="eight", model="eight@1", width=8)
OTHER = EncoderId(name="other", model="other@1", width=8)


def wide(record: Record, *, start: int = 0, end: int | None = None) -> Vector:
    """Give a vector of the encoder that is to come."""
    return replace(a_vector(record, start=start, end=end), values=b"\0\x3c" * EIGHT.width)


def unready(store: Store) -> list[Waiting]:
    """Give Ada's texts that the encoder to come lacks."""
    with store.write() as writing:
        return writing.unready(EIGHT, wall=grant(ADA), limit=9)


def rows(store: Store, encoder: EncoderId) -> int:
    """Count Ada's vectors that are searched by."""
    with store.read() as reading:
        return len(list(reading.vector_rows(wall=ADA.wall, scope=grant(ADA), encoder=encoder, after=0)))


class EncoderContract:
    """What a store has to do when its vectors are to come from another encoder."""

    def test_vectors_to_come_stand_beside_those_that_are_searched_by_until_the_file_changes_over(
        self, store: Store
    ) -> None:
        first, second, waits, theirs = (a_record(str(n), scope=(ADA, ADA, ADA, BOB)[n]) for n in range(4))
        put(store, first, second, waits, theirs)
        with store.write() as writing:
            writing.put_vectors(ENCODER, [a_vector(one) for one in (first, second, theirs)])
        write(store, a_move(second, Action.WITHDRAW))
        with store.write() as writing:
            assert writing.begin_encoder(EIGHT, tokens=None, scope=FILE) == {ADA.wall: 2, BOB.wall: 1}
            writing.put_coming(EIGHT, [wide(first, end=1), wide(first, start=1)], tokens=None)
            writing.put_coming(EIGHT, [wide(first), wide(a_record("never stored"))], tokens=None)
        assert [item.record_id for item in unready(store)] == [second.id]
        with store.read() as reading:
            epoch = reading.ends(scope=grant(ADA))[ADA.wall].epoch
            assert reading.encoder() == ENCODER
            assert len(reading.waiting(scope=grant(ADA), limit=9)) == 1
        assert (rows(store, ENCODER), rows(store, EIGHT)) != (0, 0)
        with store.write() as writing:
            writing.change_encoder(EIGHT, tokens=None, scope=FILE)
            with pytest.raises(EncoderMismatch):
                writing.put_vectors(ENCODER, [a_vector(waits)])
        with store.read() as reading:
            assert reading.encoder() == EIGHT
            assert reading.ends(scope=grant(ADA))[ADA.wall].epoch > epoch
            assert [item.record_id for item in reading.waiting(scope=grant(ADA), limit=9)] == [waits.id]
            assert [item.record_id for item in reading.waiting(scope=grant(BOB), limit=9)] == [theirs.id]
        assert rows(store, EIGHT) == 2
        write(store, a_move(second, Action.RESTORE))
        with store.read() as reading:
            told = {item.record_id for item in reading.waiting(scope=grant(ADA), limit=9)}
            assert told == {waits.id, second.id}
        with store.write() as writing:
            assert writing.drop_former(limit=2, scope=FILE) == 2
            assert writing.drop_former(limit=2, scope=FILE) == 1
            assert writing.drop_former(limit=2, scope=FILE) == 0
            assert writing.put_vectors(EIGHT, [wide(waits)])
        assert (rows(store, ENCODER), rows(store, EIGHT)) == (0, 3)

    def test_what_was_to_come_goes_where_a_third_encoder_is_begun(self, store: Store) -> None:
        record = a_record(scope=ADA)
        put(store, record, a_record(scope=SHARED))
        with store.write() as writing:
            writing.put_vectors(ENCODER, [a_vector(record)])
            writing.begin_encoder(OTHER, tokens=None, scope=FILE)
            writing.put_coming(OTHER, [wide(record)], tokens=None)
        with store.write() as writing:
            assert writing.begin_encoder(EIGHT, tokens=None, scope=FILE) == {ADA.wall: 1}
            assert writing.drop_former(limit=9, scope=FILE) == 1
            assert writing.drop_former(limit=9, scope=FILE) == 0
            assert writing.encoder() == ENCODER
        assert rows(store, ENCODER) == 1
