"""The part of the stores' exam that is about reads: a sentence of `core.protocols.Reading`, a test."""

from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import pytest

from lamina.core.chain import record_mac
from lamina.core.errors import InvalidArgument
from lamina.core.filters import Field
from lamina.core.layers import Kind, Layer, Modality
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Change
from lamina.core.protocols import Store
from lamina.core.provenance import Provenance, Source
from lamina.core.records import Record
from lamina.core.rows import FIELDS_APART, Listing, WallEnd
from lamina.core.scope import Administration, Scope, Wall, sees
from lamina.core.time import from_us
from lamina.govern.access import grant
from lamina.testing.builders import (
    ENCODER,
    NOON,
    TOKEN_ENCODER,
    a_move,
    a_record,
    a_scope,
    a_vector,
    an_event,
    an_update,
)

ADA, BOB, SHARED = a_scope("ada"), a_scope("bob"), Scope.shared("acme")
FILE = grant(Administration())
ALL_STATES = tuple(State)


def write(store: Store, *changes: Change) -> None:
    """Apply `changes` in one transaction."""
    with store.write() as writing:
        for change in changes:
            writing.apply(change, recorded_at=NOON)


def put(store: Store, *records: Record) -> None:
    """Add `records` in one transaction."""
    write(store, *(Change(action=Action.ADD, record=record, to_state=record.state) for record in records))


class ReadingContract:
    """What every look at a store gives."""

    def test_get_gives_the_active_revision_of_each_id(self, store: Store) -> None:
        first, second = a_record("one", scope=ADA), a_record("two", scope=ADA)
        put(store, first, second)
        write(store, an_update(first, text="one, rather"))
        with store.read() as reading:
            found = reading.get([second.id, first.id, "unknown"], scope=grant(ADA))
        assert {key: (record.text, record.revision) for key, record in found.items()} == {
            second.id: ("two", 1),
            first.id: ("one, rather", 2),
        }

    def test_get_gives_the_highest_revision_where_none_is_active(self, store: Store) -> None:
        first = a_record(scope=ADA)
        later = an_update(first, text="later")
        put(store, first)
        write(store, later, a_move(later.record, Action.WITHDRAW))
        with store.read() as reading:
            found = reading.get([first.id], scope=grant(ADA))[first.id]
        assert (found.revision, found.state) == (2, State.WITHDRAWN)

    def test_get_gives_back_all_that_was_handed_in(self, store: Store, rich_record: Record) -> None:
        source = a_record("its source", id="source", scope=ADA)
        put(store, source, rich_record)
        with store.read() as reading:
            found = reading.get([rich_record.id], scope=grant(rich_record.scope))[rich_record.id]
            recorded = reading.operations(rich_record.id, scope=grant(ADA))[0].recorded_at
        assert (found.number, found.arrived, found.recorded_at) == (2, 2, recorded)
        assert as_handed_in(found) == as_handed_in(rich_record)

    @pytest.mark.parametrize("odd", ["", "unknown", "\ud800", "a\0b", "'; DROP TABLE record; --", "[]"])
    def test_an_odd_id_is_absent_like_any_unknown_one(self, store: Store, odd: str) -> None:
        put(store, a_record(scope=ADA))
        with store.read() as reading:
            assert reading.get([odd], scope=grant(ADA)) == {}
            assert reading.revisions(odd, scope=grant(ADA)) == []
            assert reading.operations(odd, scope=grant(ADA)) == []
            assert reading.children(odd, scope=grant(ADA)) == []

    def test_every_read_gives_what_the_scope_rule_lets_through(self, store: Store) -> None:
        scopes = [
            Scope.of(Wall(tenant, user), agent=agent, run=run)
            for tenant, user, agent, run in product(
                ("acme", "other"), ("ada", "bob", None), (None, "a", "b"), (None, "x")
            )
        ]
        records = [a_record("words", scope=scope, session="s") for scope in scopes]
        put(store, *records)
        ids = [record.id for record in records]
        with store.read() as reading:
            for scope in scopes:
                seen = {record.id for record in records if sees(scope, record.scope)}
                reader = grant(scope)
                assert set(reading.get(ids, scope=reader)) == seen
                assert {record_id for record_id in ids if reading.revisions(record_id, scope=reader)} == seen
                assert {record_id for record_id in ids if reading.operations(record_id, scope=reader)} == seen
                assert {record.id for record in reading.page(Listing(), scope=reader).records} == seen
                assert {record.id for record in reading.page(Listing(session="s"), scope=reader).records} == seen
                assert {place.record_id for place in reading.places(scope=reader)} == seen
                assert {place.record_id for place in reading.places(scope=reader, session="s")} == seen
                assert reading.counts(scope=reader).revisions == len(seen)

    def test_by_external_id_looks_into_exactly_the_wall_whatever_its_facets(self, store: Store) -> None:
        mine = a_record("mine", scope=a_scope("ada", agent="a"), external_id="x")
        put(
            store,
            mine,
            a_record("shared", scope=SHARED, external_id="x"),
            a_record("bob's", scope=BOB, external_id="y"),
        )
        with store.read() as reading:
            found = reading.by_external_id(["x", "y", "z"], wall=grant(a_scope("ada", agent="b")))
            assert {key: record.text for key, record in found.items()} == {"x": "mine"}
            assert reading.by_external_id([], wall=grant(ADA)) == {}

    def test_revisions_and_operations_come_oldest_first(self, store: Store) -> None:
        first = a_record("one", scope=ADA)
        second = an_update(first, text="two")
        put(store, first)
        write(store, second, a_move(second.record, Action.WITHDRAW))
        with store.read() as reading:
            revisions = reading.revisions(first.id, scope=grant(ADA))
            operations = reading.operations(first.id, scope=grant(ADA))
        assert [(record.text, record.state) for record in revisions] == [
            ("one", State.SUPERSEDED),
            ("two", State.WITHDRAWN),
        ]
        assert [operation.action for operation in operations] == [Action.ADD, Action.UPDATE, Action.WITHDRAW]

    def test_children_come_from_any_revision_of_their_parent_by_arrival(self, store: Store) -> None:
        parent = a_record("whole", scope=ADA, kind=Kind.DOCUMENT)
        later = an_update(parent, text="whole again")
        children = [part_of(parent, "one"), part_of(later.record, "two")]
        hidden = part_of(parent, "of another agent", scope=a_scope("ada", agent="b"))
        put(store, parent, children[0])
        write(store, later)
        put(store, children[1], hidden, a_record("no child", scope=ADA))
        with store.read() as reading:
            found = reading.children(parent.id, scope=grant(a_scope("ada", agent="a")))
            foreign = reading.children(parent.id, scope=grant(BOB))
        assert [record.text for record in found] == ["one", "two"]
        assert foreign == []

    def test_a_page_shows_own_records_in_the_order_of_arrival_and_then_shared_ones(self, store: Store) -> None:
        put(store, a_record("shared", scope=SHARED), a_record("first", scope=ADA), a_record("second", scope=ADA))
        with store.read() as reading:
            page = reading.page(Listing(), scope=grant(ADA))
        assert [record.text for record in page.records] == ["first", "second", "shared"]

    def test_a_page_goes_on_after_any_of_its_cursors(self, store: Store) -> None:
        put(store, *(a_record(str(number), scope=ADA) for number in range(5)))
        put(store, *(a_record(str(number), scope=SHARED) for number in range(5, 9)))
        with store.read() as reading:
            whole = reading.page(Listing(), scope=grant(ADA))
            for place, cursor in enumerate(whole.cursors):
                rest = reading.page(Listing(after=cursor, limit=3), scope=grant(ADA))
                assert rest.records == whole.records[place + 1 : place + 4]
                assert rest.cursors == whole.cursors[place + 1 : place + 4]

    @pytest.mark.parametrize("cursor", ["", "own", "own:", "own:x", "own:-1", "theirs:3", "own:1.5", "own:٣"])
    def test_a_cursor_that_no_listing_gave_is_refused(self, store: Store, cursor: str) -> None:
        with store.read() as reading, pytest.raises(InvalidArgument, match="after"):
            reading.page(Listing(after=cursor), scope=grant(ADA))

    def test_a_page_shows_the_kinds_states_and_session_it_is_asked_for(self, store: Store) -> None:
        said = a_record("said", scope=ADA, session="s")
        gone = a_record("gone", scope=ADA, session="t")
        put(store, said, gone, an_event(said))
        write(store, a_move(gone, Action.WITHDRAW))

        def shown(listing: Listing) -> list[str]:
            return [record.text for record in reading.page(listing, scope=grant(ADA)).records]

        with store.read() as reading:
            assert shown(Listing()) == ["said"]
            assert shown(Listing(states=ALL_STATES)) == ["said", "gone"]
            assert shown(Listing(states=(State.WITHDRAWN,))) == ["gone"]
            assert shown(Listing(kinds=(Kind.EVENT,))) == [""]
            assert shown(Listing(kinds=tuple(Kind), session="s")) == ["said", ""]
            assert shown(Listing(session="unknown")) == []
            assert shown(Listing(kinds=())) == []

    def test_places_stand_in_the_order_of_the_session_own_ones_first(self, store: Store) -> None:
        put(store, a_record("shared", id="shared", scope=SHARED, session="s"))
        put(store, *(a_record(id=f"at {order}", scope=ADA, session="s", order=order) for order in (20, -1, 5)))
        gone = a_record(id="gone", scope=ADA, session="s")
        put(store, gone, a_record(id="elsewhere", scope=ADA))
        write(store, a_move(gone, Action.WITHDRAW))
        with store.read() as reading:
            here = reading.places(scope=grant(ADA), session="s")
            everywhere = reading.places(scope=grant(ADA))
        assert [place.record_id for place in here] == ["at -1", "at 5", "at 20", "shared"]
        assert [place.is_shared for place in here] == [False, False, False, True]
        assert [place.place for place in here][:3] == [-1, 5, 20]
        assert {place.session for place in everywhere} == {"s", None}
        assert "gone" not in {place.record_id for place in everywhere}

    def test_ends_are_those_of_each_visible_wall_that_exists(self, store: Store) -> None:
        records = [a_record(scope=scope) for scope in (ADA, ADA, SHARED)]
        put(store, *records)
        with store.write() as writing:
            writing.put_vectors(ENCODER, [a_vector(records[0]), a_vector(records[2])])
        write(store, a_move(records[1], Action.ERASE))
        with store.read() as reading:
            mine, shared = WallEnd(3, 1, 0, 1), WallEnd(1, 2, 0, 0)
            assert reading.ends(scope=grant(ADA)) == {ADA.wall: mine, SHARED.wall: shared}
            assert list(reading.ends(scope=grant(ADA))) == [ADA.wall, SHARED.wall]
            assert reading.ends(scope=grant(BOB)) == {SHARED.wall: shared}
            assert reading.ends(scope=grant(SHARED)) == {SHARED.wall: shared}

    def test_an_operation_on_an_event_touches_what_lies_in_it(self, store: Store) -> None:
        first, second = a_record("one", id="1", scope=ADA), a_record("two", id="2", scope=ADA)
        event = an_event(first)
        put(store, first, second, event)
        with store.write() as writing:
            writing.assign_event(["1", "2"], event_id=event.id)
            writing.apply(a_move(event, Action.WITHDRAW), recorded_at=NOON)
        with store.read() as reading:
            rows = list(reading.index_rows(wall=ADA.wall, scope=grant(ADA), after=3))
        assert [(row.record_id, row.event, row.kind, row.layer, row.modality) for row in rows] == [
            ("1", 3, "observation", "episodic", "message"),
            ("2", 3, "observation", "episodic", "message"),
        ]

    def test_index_rows_are_every_revision_of_what_was_touched_after_a_number(self, store: Store) -> None:
        first, second = a_record("one", id="1", scope=ADA, session="s"), a_record("two", id="2", scope=ADA)
        other = a_record("other", id="3", scope=a_scope("ada", agent="b"))
        put(store, first, second, an_event(first), other)
        write(store, an_update(first, text="one, rather"))
        reader = grant(a_scope("ada", agent="a"))
        with store.read() as reading:
            everything = list(reading.index_rows(wall=ADA.wall, scope=reader, after=0))
            later = list(reading.index_rows(wall=ADA.wall, scope=reader, after=4))
            assert list(reading.index_rows(wall=ADA.wall, scope=reader, after=5)) == []
        assert [(row.record_id, row.revision, row.text) for row in everything] == [
            ("1", 1, "one"),
            ("2", 1, "two"),
            ("3", 1, "other"),
            ("1", 2, "one, rather"),
        ]
        assert [(row.record_id, row.number, row.state) for row in later] == [
            ("1", 1, State.SUPERSEDED),
            ("1", 5, State.ACTIVE),
        ]
        assert (later[0].session_name, everything[1].session, everything[1].session_name) == ("s", 0, None)
        assert later[0].session > 0

    def test_what_was_erased_has_no_index_row_and_no_field_values(self, store: Store) -> None:
        record = a_record("secret", scope=ADA, speaker="Ada", role="user")
        put(store, record)
        write(store, a_move(record, Action.ERASE))
        with store.read() as reading:
            assert list(reading.index_rows(wall=ADA.wall, scope=grant(ADA), after=0)) == []
            for field in FIELDS_APART:
                assert list(reading.field_values(field, wall=ADA.wall, scope=grant(ADA), after=0)) == []

    def test_field_values_are_those_of_every_revision_of_an_observation_by_number(self, store: Store) -> None:
        first = a_record("one", scope=ADA, external_id="x", modality=Modality.TRACE)
        put(store, first, an_event(first), a_record("two", scope=a_scope("ada", agent="b"), layer=Layer.SEMANTIC))
        write(store, an_update(first, text="one, rather"))
        reader = grant(a_scope("ada", agent="a"))
        with store.read() as reading:

            def told(field: Field, after: int = 0) -> list[tuple[int, Any]]:
                return list(reading.field_values(field, wall=ADA.wall, scope=reader, after=after))

            assert told(Field.TEXT) == [(1, "one"), (3, "two"), (4, "one, rather")]
            assert told(Field.TEXT, after=3) == [(4, "one, rather")]
            assert told(Field.TEXT, after=4) == []
            assert told(Field.EXTERNAL_ID) == [(1, "x"), (3, None), (4, "x")]
            made = reading.made_by([1, 4], wall=ADA.wall, scope=grant(ADA))
            recorded = dict(told(Field.RECORDED_AT))
            assert {number: from_us(recorded[number]) for number in made} == {
                number: record.recorded_at for number, record in made.items()
            }
            for carried in (Field.SPEAKER, Field.LAYER):
                with pytest.raises(InvalidArgument, match="field"):
                    told(carried)

    def test_rows_of_a_wall_that_is_not_visible_are_refused(self, store: Store) -> None:
        with store.read() as reading:
            with pytest.raises(InvalidArgument, match="wall"):
                list(reading.index_rows(wall=BOB.wall, scope=grant(ADA), after=0))
            with pytest.raises(InvalidArgument, match="wall"):
                list(reading.vector_rows(wall=BOB.wall, scope=grant(ADA), encoder=ENCODER, after=0))
            with pytest.raises(InvalidArgument, match="wall"):
                list(reading.field_values(Field.TEXT, wall=BOB.wall, scope=grant(ADA), after=0))
            with pytest.raises(InvalidArgument, match="wall"):
                reading.token_rows([1], wall=BOB.wall, scope=grant(ADA), encoder=TOKEN_ENCODER)

    def test_vector_rows_come_by_number_and_go_on_after_one(self, store: Store) -> None:
        records = [a_record(str(number), scope=ADA) for number in range(3)]
        put(store, *records, a_record("bob's", id="b", scope=BOB))
        vectors = [a_vector(record, axis=place) for place, record in enumerate(records)]
        with store.write() as writing:
            writing.put_vectors(ENCODER, vectors)
        reader = grant(ADA)
        with store.read() as reading:
            rows = list(reading.vector_rows(wall=ADA.wall, scope=reader, encoder=ENCODER, after=0))
            assert (
                list(reading.vector_rows(wall=ADA.wall, scope=reader, encoder=ENCODER, after=rows[0].vector_number))
                == rows[1:]
            )
            assert list(reading.vector_rows(wall=BOB.wall, scope=grant(BOB), encoder=ENCODER, after=0)) == []
        assert [(row.number, row.start, row.end, row.values) for row in rows] == [
            (number, 0, 1, vector.values) for number, vector in enumerate(vectors, start=1)
        ]

    def test_token_rows_are_those_of_the_numbers_and_the_token_encoder(self, store: Store) -> None:
        record, other = a_record("two spans", scope=ADA), a_record("none", id="n", scope=ADA)
        put(store, record, other, a_record("bob's", id="b", scope=BOB))
        spans = [a_vector(record, start=0, end=4, tokens=b"ab"), a_vector(record, start=4, end=9, tokens=b"cdef")]
        foreign = replace(TOKEN_ENCODER, model="another")
        with store.write() as writing:
            writing.put_vectors(ENCODER, spans, tokens=TOKEN_ENCODER)
            writing.put_vectors(ENCODER, [a_vector(other)], tokens=TOKEN_ENCODER)
        with store.read() as reading:
            reader = grant(ADA)
            rows = reading.token_rows([1, 2, 7], wall=ADA.wall, scope=reader, encoder=TOKEN_ENCODER)
            assert sorted(rows) == [(1, 0, b"ab"), (1, 4, b"cdef")]
            assert reading.token_rows([2], wall=ADA.wall, scope=reader, encoder=TOKEN_ENCODER) == []
            assert reading.token_rows([1], wall=ADA.wall, scope=reader, encoder=foreign) == []
            assert reading.token_rows([1], wall=BOB.wall, scope=grant(BOB), encoder=TOKEN_ENCODER) == []
            assert reading.encoder() == ENCODER

    def test_waiting_are_the_active_texts_without_a_vector_own_ones_first(self, store: Store) -> None:
        put(store, a_record("shared", scope=SHARED))
        records = [a_record(text, scope=ADA, speaker="Ada") for text in ("one", "two", "gone", "has one")]
        put(store, *records, an_event(records[0]), a_record("head", scope=ADA, kind=Kind.DOCUMENT))
        put(store, a_record("bob's", scope=BOB), a_record("held", scope=ADA, state=State.HELD))
        write(store, a_move(records[2], Action.WITHDRAW))
        with store.write() as writing:
            writing.put_vectors(ENCODER, [a_vector(records[3])])
        with store.read() as reading:
            texts = [item.text for item in reading.waiting(scope=grant(a_scope("ada", agent="any")), limit=10)]
            assert texts == ["one", "two", "shared"]
            assert [item.text for item in reading.waiting(scope=grant(ADA), limit=2)] == ["one", "two"]
            assert sum(end.waiting for end in reading.ends(scope=grant(ADA)).values()) == 3
            assert reading.waiting(scope=grant(ADA), limit=1)[0].prefix == "Ada"

    def test_what_becomes_active_again_without_a_vector_waits_again(self, store: Store) -> None:
        record = a_record(scope=ADA)
        put(store, record)
        write(store, a_move(record, Action.WITHDRAW))
        with store.read() as reading:
            assert reading.ends(scope=grant(ADA))[ADA.wall].waiting == 0
        write(store, a_move(record, Action.RESTORE))
        with store.read() as reading:
            assert reading.ends(scope=grant(ADA))[ADA.wall].waiting == 1

    def test_counts_are_of_what_the_scope_sees_or_of_the_whole_file(self, store: Store) -> None:
        first, second = a_record("añ", scope=ADA, session="s"), a_record("two", scope=ADA, session="s")
        put(store, first, second)
        put(store, a_record("bob's", scope=BOB, session="s"), an_event(first))
        write(store, an_update(first, text="one"), a_move(second, Action.WITHDRAW))
        with store.read() as reading:
            mine, whole = reading.counts(scope=grant(ADA)), reading.counts(scope=FILE)
        assert mine.records == {"observation": {"active": 1, "withdrawn": 1}, "event": {"active": 1}}
        assert (mine.revisions, mine.sessions, mine.operations, mine.commits) == (4, 1, 5, 3)
        assert (mine.vectors, mine.waiting, mine.text_bytes) == (0, 1, 3 + 3 + 3)
        assert whole.records["observation"] == {"active": 2, "withdrawn": 1}
        assert (whole.revisions, whole.sessions, whole.operations, whole.commits) == (5, 2, 6, 3)
        assert (whole.waiting, whole.text_bytes) == (2, 9 + 5)

    def test_scopes_and_walls_are_listed_sorted(self, store: Store) -> None:
        scopes = [BOB, SHARED, a_scope("ada", agent="b"), a_scope("ada", agent="a", run="x"), ADA]
        put(store, *(a_record(scope=scope) for scope in (*scopes, ADA)))
        with store.read() as reading:
            assert reading.scopes(scope=FILE) == [
                SHARED,
                ADA,
                a_scope("ada", agent="a", run="x"),
                a_scope("ada", agent="b"),
                BOB,
            ]
            assert reading.walls(scope=FILE) == [SHARED.wall, ADA.wall, BOB.wall]

    def test_a_log_comes_by_number(self, store: Store) -> None:
        put(store, *(a_record(scope=ADA) for _ in range(3)))
        put(store, a_record(scope=BOB))
        with store.read() as reading:
            assert [operation.number for operation in reading.log(ADA.wall, scope=FILE)] == [1, 2, 3]
            assert list(reading.log(SHARED.wall, scope=FILE)) == []

    def test_untold_are_active_texts_whose_vectors_lack_token_vectors_or_have_too_many(self, store: Store) -> None:
        told, half, bare, gone, waiting = (a_record(name, id=name, scope=ADA) for name in "thbgw")
        put(store, told, half, bare, gone, waiting, a_record("bob's", id="o", scope=BOB))
        with store.write() as writing:
            spans = [
                a_vector(told, tokens=b"abcd"),
                a_vector(half, end=1, tokens=b"ab"),
                a_vector(half, start=1, end=2),
            ]
            writing.put_vectors(ENCODER, [*spans, a_vector(bare), a_vector(gone)], tokens=TOKEN_ENCODER)
        write(store, a_move(gone, Action.WITHDRAW))
        with store.read() as reading:
            untold = partial(reading.untold, wall=ADA.wall, scope=grant(ADA))
            assert untold(TOKEN_ENCODER, most_bytes=4) == [2, 3]
            assert untold(TOKEN_ENCODER, most_bytes=3) == [1, 2, 3]
            assert untold(replace(TOKEN_ENCODER, model="another"), most_bytes=4) == [1, 2, 3]
            with pytest.raises(InvalidArgument, match="wall"):
                reading.untold(TOKEN_ENCODER, wall=BOB.wall, scope=grant(ADA), most_bytes=4)

    def test_token_vectors_that_come_later_take_their_place_beside_the_vectors(self, store: Store) -> None:
        record, bare = a_record("two spans", scope=ADA), a_record("none", id="n", scope=ADA)
        put(store, record, bare)
        with store.write() as writing:
            writing.put_vectors(ENCODER, [a_vector(record, end=4, tokens=b"ab"), a_vector(record, start=4, end=9)])
        later = [a_vector(record, end=4, axis=1, tokens=b"cd"), a_vector(record, start=4, end=9, tokens=b"")]
        elsewhere = a_vector(record, start=7, end=9, tokens=b"ef")
        with store.write() as writing:
            assert writing.put_vectors(ENCODER, [*later, elsewhere], tokens=TOKEN_ENCODER) == []
        with store.read() as reading:
            told = reading.token_rows([1, 2], wall=ADA.wall, scope=grant(ADA), encoder=TOKEN_ENCODER)
            assert sorted(told) == [(1, 0, b"cd"), (1, 4, b"")]
            rows = list(reading.vector_rows(wall=ADA.wall, scope=grant(ADA), encoder=ENCODER, after=0))
            assert [(row.start, row.values) for row in rows] == [
                (0, a_vector(record).values),
                (4, a_vector(record).values),
            ]

    def test_salted_revisions_prove_the_macs_of_the_log(self, store: Store, rich_record: Record) -> None:
        put(store, a_record("its source", id="source", scope=ADA), rich_record)
        write(store, an_update(rich_record, text="again"))
        with store.read() as reading:
            salted = list(reading.salted_revisions(ADA.wall, scope=FILE))
            macs = [operation.mac for operation in reading.log(ADA.wall, scope=FILE)]
        assert [(record.arrived, record.revision) for record, _ in salted] == [(1, 1), (2, 1), (2, 2)]
        assert [record_mac(record, salt=salt or b"") for record, salt in salted] == macs

    def test_an_erased_revision_has_neither_words_nor_salt(self, store: Store) -> None:
        record = a_record("secret", scope=ADA, external_id="x", metadata={"a": 1})
        put(store, record)
        with store.write() as writing:
            writing.put_vectors(ENCODER, [a_vector(record, tokens=b"ab")], tokens=TOKEN_ENCODER)
        write(store, a_move(record, Action.ERASE))
        with store.read() as reading:
            assert reading.token_rows([1], wall=ADA.wall, scope=grant(ADA), encoder=TOKEN_ENCODER) == []
            ((found, salt),) = reading.salted_revisions(ADA.wall, scope=FILE)
            assert reading.by_external_id(["x"], wall=grant(ADA)) == {}
            assert reading.counts(scope=FILE).vectors == 0
        assert (found.state, found.text, found.metadata, salt) == (State.ERASED, "", {}, None)

    def test_made_by_gives_the_revisions_of_operations_that_the_scope_sees(self, store: Store) -> None:
        first, hidden = a_record("one", scope=ADA), a_record("of another agent", scope=a_scope("ada", agent="b"))
        later = an_update(first, text="two")
        put(store, first, hidden)
        write(store, later, a_move(later.record, Action.WITHDRAW))
        with store.read() as reading:
            found = reading.made_by([1, 2, 3, 4, 99], wall=ADA.wall, scope=grant(a_scope("ada", agent="a")))
            assert {number: (record.text, record.state) for number, record in found.items()} == {
                1: ("one", State.SUPERSEDED),
                3: ("two", State.WITHDRAWN),
            }
            with pytest.raises(InvalidArgument, match="wall"):
                reading.made_by([1], wall=BOB.wall, scope=grant(ADA))
            texts = reading.texts_made_by([3, 99, 2, 1], wall=ADA.wall, scope=grant(a_scope("ada", agent="a")))
            assert [(text.number, text.record_id, text.revision, text.text) for text in texts] == [
                (3, first.id, 2, "two"),
                (1, first.id, 1, "one"),
            ]
            with pytest.raises(InvalidArgument, match="wall"):
                reading.texts_made_by([1], wall=BOB.wall, scope=grant(ADA))

    def test_event_members_are_the_observations_that_lie_in_events(self, store: Store) -> None:
        first, second, loose = (a_record(text, scope=ADA) for text in ("one", "two", "loose"))
        event = an_event(first)
        put(store, first, second, loose, event)
        with store.write() as writing:
            writing.assign_event([first.id, second.id], event_id=event.id)
        with store.read() as reading:
            assert list(reading.event_members(ADA.wall, scope=FILE)) == [(event.id, first.id), (event.id, second.id)]
            assert [place.event_id for place in reading.places(scope=grant(ADA))] == [event.id, event.id, None]


def part_of(document: Record, text: str, **fields: object) -> Record:
    """Give a passage that was made from a revision of `document`."""
    source = Source(record_id=document.id, revision=document.revision)
    return a_record(text, **{"scope": document.scope, "provenance": Provenance(by="cut", sources=(source,)), **fields})


def as_handed_in(record: Record) -> Record:
    """Give a record without what the store gives."""
    bare = {"number": 0, "arrived": 0, "recorded_at": None, "event_id": None}
    return Record(**{name: bare.get(name, getattr(record, name)) for name in Record.__dataclass_fields__})
