"""The part of the stores' exam that is about streams, which events are cut out of, and about what lies in events."""

from dataclasses import replace
from functools import partial

import pytest

from lamina.core.errors import InvalidTransition
from lamina.core.lifecycle import State
from lamina.core.operations import Action
from lamina.core.protocols import Reading, Store
from lamina.core.records import Record
from lamina.core.scope import Scope
from lamina.core.streams import OPENING, EventHead, EventSize, Spot, StreamRow, Touched
from lamina.core.time import to_us
from lamina.govern.access import grant
from lamina.testing.builders import ENCODER, NOON, a_move, a_record, a_scope, a_vector, an_event, an_update
from lamina.testing.store_reads import ADA, BOB, SHARED, put, write


class StreamContract:
    """What every store gives of streams and events."""

    def test_a_stream_is_exactly_one_wall_session_agent_and_run(self, store: Store) -> None:
        scopes = [
            ADA,
            BOB,
            SHARED,
            a_scope("ada", agent="a"),
            a_scope("ada", run="x"),
            a_scope("ada", agent="a", run="x"),
        ]
        records = [a_record(scope=scope, session=session) for scope in scopes for session in ("s", "t", None)]
        put(store, *records)
        with store.read() as reading:
            for record in records:
                found = _stream(reading, record.scope, record.session)
                assert [row.record_id for row in found] == [record.id]
            assert _stream(reading, ADA, "unknown") == []
            assert reading.streams(wall=grant(ADA)) == [
                (record.scope, record.session) for record in records if record.scope.wall == ADA.wall
            ]
            assert reading.streams(wall=grant(a_scope("nobody"))) == []

    def test_a_row_of_a_stream_says_what_events_are_cut_by(self, store: Store) -> None:
        long = "ü" * (OPENING + 9)
        record = a_record(long, scope=ADA, session="s", order=7, at=NOON)
        event = an_event(record)
        put(store, record, event)
        with store.write() as writing:
            writing.assign_event([record.id], event_id=event.id)
        bare = StreamRow(
            record_id=record.id,
            spot=Spot(7, 1),
            event_id=event.id,
            at_us=to_us(NOON),
            length=len(long),
            opening=long[:OPENING],
            is_active=True,
            waits=True,
            vectors=(),
        )
        with store.read() as reading:
            assert _stream(reading, ADA, "s") == [bare]
        spans = [a_vector(record, start=9, end=20, axis=2), a_vector(record, start=0, end=9, axis=1)]
        with store.write() as writing:
            assert writing.put_vectors(ENCODER, spans) == [Touched(ADA, "s", Spot(7, 1))]
        with store.read() as reading:
            known = bare._replace(waits=False, vectors=(spans[1].values, spans[0].values))
            assert _stream(reading, ADA, "s") == [known]
            other = replace(ENCODER, model="another@1")
            assert reading.stream(scope=grant(ADA), session="s", encoder=other, limit=9) == [known._replace(vectors=())]

    def test_what_was_withdrawn_or_erased_keeps_its_place_in_a_stream(self, store: Store) -> None:
        records = [a_record(text, scope=ADA, session="s") for text in ("stays", "withdrawn", "erased")]
        put(store, *records, an_event(records[0]))
        with store.write() as writing:
            writing.assign_event([record.id for record in records], event_id=an_event(records[0]).id)
        write(store, an_update(records[0], text="stays, rather"))
        write(store, a_move(records[1], Action.WITHDRAW), a_move(records[2], Action.ERASE))
        with store.read() as reading:
            found = _stream(reading, ADA, "s")
        assert [(row.opening, row.is_active, row.waits) for row in found] == [
            ("stays, rather", True, True),
            ("withdrawn", False, False),
            ("", False, False),
        ]

    def test_a_part_of_a_stream_is_given_from_either_side_of_a_spot(self, store: Store) -> None:
        orders = (7, None, 3, 7, None, -1)
        for count, order in enumerate(orders):
            put(store, a_record(str(count), scope=ADA, session="s", order=order))
        with store.read() as reading:
            whole = _stream(reading, ADA, "s")
            assert [row.opening for row in whole] == ["5", "1", "2", "4", "0", "3"]
            spots = [row.spot for row in whole]
            assert spots == sorted(spots)
            stream = partial(reading.stream, scope=grant(ADA), session="s", encoder=ENCODER)
            before = partial(reading.stream_before, scope=grant(ADA), session="s", encoder=ENCODER)
            for place, spot in enumerate([*spots, Spot(99, 0)]):
                assert stream(since=spot, limit=2) == whole[place : place + 2]
                assert before(spot, limit=2) == whole[max(0, place - 2) : place]
            assert before(None, limit=1) == whole[-1:]
            assert before(None, limit=1, scope=grant(BOB)) == []
            assert before(None, limit=1, session="t") == []

    def test_the_head_of_an_event_is_what_stands_before_a_spot(self, store: Store) -> None:
        late, early, middle = (_placed(order) for order in (9, 1, 5))
        event = _event_of(store, late, late, early, middle)
        with store.read() as reading:
            heads = [reading.event_head(event, before=Spot(place, 0), scope=grant(ADA)) for place in (1, 2, 9, 10)]
            assert heads == [
                EventHead(0, None, 0),
                EventHead(1, early.id, 2),
                EventHead(2, early.id, 2),
                EventHead(3, late.id, 1),
            ]
            for name, scope in ((event, BOB), ("unknown", ADA), (late.id, ADA)):
                assert reading.event_head(name, before=Spot(99, 0), scope=grant(scope)) == EventHead(0, None, 0)

    def test_what_lies_in_events_is_counted(self, store: Store) -> None:
        first, second = _placed(1), _placed(2)
        event = _event_of(store, first, first, second)
        empty = an_event(second)
        put(store, empty)
        write(store, a_move(first, Action.WITHDRAW))
        with store.read() as reading:
            asked = [event, empty.id, first.id, "unknown"]
            found = reading.event_sizes(asked, scope=grant(a_scope("ada", agent="another")))
            assert found == {event: EventSize(2, is_active=True), empty.id: EventSize(0, is_active=False)}
            assert [reading.event_size(name, scope=grant(ADA)) for name in asked] == [2, 0, 0, 0]
            assert reading.event_size(event, scope=grant(BOB)) == 0
            assert reading.event_sizes(asked, scope=grant(BOB)) == {}

    def test_the_rules_of_a_wall_are_noted(self, store: Store) -> None:
        put(store, a_record(scope=ADA))
        with store.write() as writing:
            assert writing.ends(scope=grant(ADA))[ADA.wall].rules == ""
            writing.note_rules("by these", wall=grant(ADA))
            writing.note_rules("by these", wall=grant(BOB))
            assert {wall: end.rules for wall, end in writing.ends(scope=grant(ADA)).items()} == {ADA.wall: "by these"}
            assert writing.ends(scope=grant(BOB)) == {}

    def test_what_evolves_stays_in_its_state(self, store: Store) -> None:
        record = a_record(scope=ADA)
        put(store, record)
        write(store, a_move(record, Action.EVOLVE), a_move(record, Action.WITHDRAW))
        evolved = replace(a_move(record, Action.EVOLVE), to_state=State.WITHDRAWN)
        write(store, evolved)
        with store.write() as writing, pytest.raises(InvalidTransition):
            writing.apply(a_move(record, Action.EVOLVE), recorded_at=NOON)
        with store.read() as reading:
            moves = [(done.from_state, done.to_state) for done in reading.operations(record.id, scope=grant(ADA))]
        active, gone = State.ACTIVE, State.WITHDRAWN
        assert moves == [(None, active), (active, active), (active, gone), (gone, gone)]


def _stream(reading: Reading, scope: Scope, session: str | None) -> list[StreamRow]:
    return reading.stream(scope=grant(scope), session=session, encoder=ENCODER, limit=99)


def _placed(order: int) -> Record:
    return a_record(scope=ADA, session="s", order=order)


def _event_of(store: Store, first: Record, *members: Record) -> str:
    """Store observations in the order given, and the event of `first` that holds them; gives its id."""
    event = an_event(first)
    put(store, *members, event)
    with store.write() as writing:
        writing.assign_event([member.id for member in members], event_id=event.id)
    return event.id
