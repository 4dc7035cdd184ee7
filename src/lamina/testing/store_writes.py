"""The part of the stores' exam that is about changes: a sentence of `core.protocols.Writing`, a test."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from lamina.core.chain import GENESIS, chain_link, tombstone_mac
from lamina.core.errors import EncoderMismatch, InvalidArgument, InvalidTransition, NotFound
from lamina.core.imports import Import, Piece
from lamina.core.layers import Kind, Modality
from lamina.core.lifecycle import MOVES, State
from lamina.core.operations import Action, Actor, Change
from lamina.core.protocols import EncoderId, Store
from lamina.core.provenance import Provenance, Source
from lamina.core.records import Record
from lamina.core.rows import Counts, Segment
from lamina.core.scope import Scope
from lamina.core.streams import Spot, Touched
from lamina.govern.access import grant
from lamina.testing.builders import ENCODER, NOON, a_move, a_record, a_scope, a_vector, an_addition, an_event, an_update
from lamina.testing.store_reads import ADA, BOB, FILE, SHARED, put, write

Broken = Callable[[Record], Change]


class WritingContract:
    """What every change of a store does."""

    def test_a_change_is_logged_with_its_effect(self, store: Store) -> None:
        record = a_record(scope=ADA)
        with store.write() as writing:
            operation = writing.apply(Change(action=Action.ADD, record=record, actor=Actor.ENGINE), recorded_at=NOON)
            assert list(writing.log(ADA.wall, scope=FILE)) == [operation]
            assert writing.get([record.id], scope=grant(ADA))[record.id].number == operation.number
        assert (operation.wall, operation.number, operation.commit) == (ADA.wall, 1, 1)
        assert (operation.action, operation.actor, operation.recorded_at) == (Action.ADD, Actor.ENGINE, NOON)
        assert (operation.from_state, operation.to_state) == (None, State.ACTIVE)

    def test_numbers_run_by_wall_and_commits_through_the_file(self, store: Store) -> None:
        put(store, a_record(scope=ADA), a_record(scope=BOB), a_record(scope=ADA))
        put(store, a_record(scope=SHARED), a_record(scope=BOB))
        with store.read() as reading:
            logs = {wall: list(reading.log(wall, scope=FILE)) for wall in reading.walls(scope=FILE)}
        assert {wall: [(entry.number, entry.commit) for entry in log] for wall, log in logs.items()} == {
            ADA.wall: [(1, 1), (2, 1)],
            BOB.wall: [(1, 1), (2, 2)],
            SHARED.wall: [(1, 2)],
        }

    def test_each_link_of_a_wall_follows_from_the_one_before(self, store: Store) -> None:
        record = a_record(scope=ADA)
        put(store, record, a_record(scope=BOB))
        write(store, an_update(record, text="later"), a_move(replace(record, revision=2), Action.WITHDRAW))
        with store.read() as reading:
            log = list(reading.log(ADA.wall, scope=FILE))
        former = GENESIS
        for operation in log:
            assert operation.chain == chain_link(former, operation)
            former = operation.chain
        assert [bool(operation.mac) for operation in log] == [True, True, False]

    def test_what_is_content_of_the_header_goes_with_the_words(self, store: Store, rich_record: Record) -> None:
        put(store, a_record("its source", id="source", scope=ADA), rich_record)
        with store.write() as writing:
            operation = writing.apply(a_move(rich_record, Action.ERASE), recorded_at=NOON)
        with store.read() as reading:
            (left,) = reading.revisions(rich_record.id, scope=grant(rich_record.scope))
        assert (left.policy.sensitivity, left.policy.acl, left.policy.trust) == (None, (), 0.25)
        assert operation.mac == tombstone_mac(left)

    def test_recorded_time_never_runs_backwards_in_a_wall(self, store: Store) -> None:
        hour, tick = timedelta(hours=1), timedelta(microseconds=1)
        with store.write() as writing:
            times = [
                writing.apply(an_addition(scope=ADA), recorded_at=at).recorded_at
                for at in (NOON, NOON - hour, NOON, NOON + hour)
            ]
        assert times == [NOON, NOON + tick, NOON + 2 * tick, NOON + hour]
        with store.write() as writing:
            assert writing.apply(an_addition(scope=ADA), recorded_at=NOON).recorded_at == NOON + hour + tick
            assert writing.apply(an_addition(scope=BOB), recorded_at=NOON - hour).recorded_at == NOON - hour

    def test_an_update_supersedes_the_active_revision(self, store: Store) -> None:
        record = a_record("one", scope=ADA)
        put(store, record)
        with store.write() as writing:
            operation = writing.apply(an_update(record, text="two"), recorded_at=NOON)
            states = [found.state for found in writing.revisions(record.id, scope=grant(ADA))]
        assert (operation.revision, operation.from_state, operation.to_state) == (2, State.ACTIVE, State.ACTIVE)
        assert states == [State.SUPERSEDED, State.ACTIVE]

    def test_an_update_of_what_was_withdrawn_leaves_the_former_revision_withdrawn(self, store: Store) -> None:
        record = a_record("one", scope=ADA)
        put(store, record)
        write(store, a_move(record, Action.WITHDRAW), an_update(record, text="two"))
        with store.read() as reading:
            states = [found.state for found in reading.revisions(record.id, scope=grant(ADA))]
        assert states == [State.WITHDRAWN, State.ACTIVE]

    @pytest.mark.parametrize("now", [State.ACTIVE, State.HELD, State.PROPOSED])
    @pytest.mark.parametrize("wanted", list(State))
    def test_a_revision_moves_where_the_lifecycle_allows_and_nowhere_else(
        self, store: Store, now: State, wanted: State
    ) -> None:
        record = a_record(scope=ADA, state=now)
        put(store, record)
        change = Change(action=Action.RESTORE, record=record, to_state=wanted)
        with store.write() as writing:
            if wanted in MOVES[now]:
                operation = writing.apply(change, recorded_at=NOON)
                assert (operation.from_state, operation.to_state) == (now, wanted)
            else:
                with pytest.raises(InvalidTransition):
                    writing.apply(change, recorded_at=NOON)
            expected = wanted if wanted in MOVES[now] else now
            assert writing.get([record.id], scope=grant(ADA))[record.id].state is expected

    def test_a_former_revision_cannot_become_active_beside_another(self, store: Store) -> None:
        record = a_record(scope=ADA)
        put(store, record)
        write(store, an_update(record, text="later"))
        with store.write() as writing:
            with pytest.raises(InvalidArgument, match="revision"):
                writing.apply(a_move(record, Action.RESTORE), recorded_at=NOON)
            writing.apply(a_move(replace(record, revision=2), Action.WITHDRAW), recorded_at=NOON)
            writing.apply(a_move(record, Action.RESTORE), recorded_at=NOON)
            assert writing.get([record.id], scope=grant(ADA))[record.id].revision == 1

    def test_what_is_taken_back_becomes_active_in_the_place_of_another(self, store: Store) -> None:
        record = a_record("one", scope=ADA)
        put(store, record)
        write(store, an_update(record, text="two"))
        with store.write() as writing:
            back = Change(action=Action.REVERT, record=record, reverts=2)
            operation = writing.apply(back, recorded_at=NOON)
            assert (operation.reverts, operation.from_state) == (2, State.SUPERSEDED)
            states = [found.state for found in writing.revisions(record.id, scope=grant(ADA))]
            assert states == [State.ACTIVE, State.SUPERSEDED]
            ends = {row.revision: row.ended for row in writing.index_rows(wall=ADA.wall, scope=grant(ADA), after=0)}
            assert ends == {1: None, 2: 3}

    def test_names_go_with_the_last_words_of_those_who_bore_them(self, store: Store) -> None:
        one, two = (a_record(scope=a_scope("ada", agent="a"), session=session) for session in ("s", "t"))
        put(store, one, two)
        with store.write() as writing:
            writing.apply(a_move(one, Action.ERASE), recorded_at=NOON)
            writing.let_go([one.id], wall=grant(ADA))
            tombstone = writing.get([one.id], scope=grant(ADA))[one.id]
            assert (tombstone.session, tombstone.scope.agent, tombstone.text) == (None, None, "")
            assert writing.get([two.id], scope=grant(ADA))[two.id].scope.agent == "a"
        with store.read() as reading:
            assert (
                reading.streams(wall=grant(ADA)) == [(two.scope, "t")]
                or reading.stream(scope=grant(ADA), session=None, encoder=ENCODER, limit=9) == []
            )
            assert reading.erasures(scope=FILE) == [2]
        assert store.scrub(now=NOON)
        with store.read() as reading:
            assert reading.erasures(scope=FILE) == []

    def test_an_id_is_taken_in_the_whole_file_and_an_external_id_in_its_wall(self, store: Store) -> None:
        record = a_record(scope=ADA, external_id="x")
        put(store, record)
        with store.write() as writing:
            with pytest.raises(InvalidArgument, match="`id`"):
                writing.apply(an_addition(id=record.id, scope=BOB), recorded_at=NOON)
            with pytest.raises(InvalidArgument, match="external_id"):
                writing.apply(an_addition(scope=a_scope("ada", agent="a"), external_id="x"), recorded_at=NOON)
            writing.apply(an_addition(scope=BOB, external_id="x"), recorded_at=NOON)
            writing.apply(an_addition(scope=SHARED, external_id="x"), recorded_at=NOON)

    def test_an_external_id_is_free_again_once_its_record_is_erased(self, store: Store) -> None:
        record = a_record("one", scope=ADA, external_id="x")
        put(store, record)
        write(store, an_update(record, text="two"), a_move(record, Action.ERASE))
        with store.write() as writing:
            with pytest.raises(InvalidArgument, match="external_id"):
                writing.apply(an_addition(scope=ADA, external_id="x"), recorded_at=NOON)
            writing.apply(a_move(replace(record, revision=2), Action.ERASE), recorded_at=NOON)
            writing.apply(an_addition("new", scope=ADA, external_id="x"), recorded_at=NOON)
            assert writing.by_external_id(["x"], wall=grant(ADA))["x"].text == "new"

    @pytest.mark.parametrize(
        ("broken", "error"),
        [
            pytest.param(
                lambda record: an_addition(id=record.id, scope=a_scope("new")), InvalidArgument, id="taken id"
            ),
            pytest.param(lambda record: an_addition(scope=a_scope("new"), revision=2), InvalidArgument, id="revision"),
            pytest.param(
                lambda record: Change(action=Action.ADD, record=a_record(scope=ADA), to_state=State.ARCHIVED),
                InvalidArgument,
                id="begins archived",
            ),
            pytest.param(
                lambda record: an_addition(
                    scope=ADA, session="new", provenance=Provenance(sources=(Source(record_id="?", revision=1),))
                ),
                InvalidArgument,
                id="unknown source",
            ),
            pytest.param(
                lambda record: an_addition(
                    scope=ADA, provenance=Provenance(sources=(Source(record_id=record.id, revision=2),))
                ),
                InvalidArgument,
                id="unknown revision of a source",
            ),
            pytest.param(lambda record: an_update(replace(record, revision=2)), InvalidArgument, id="skipped revision"),
            pytest.param(lambda record: an_update(replace(record, revision=0)), InvalidArgument, id="old revision"),
            pytest.param(lambda record: an_update(record, session="moved"), InvalidArgument, id="other session"),
            pytest.param(lambda record: an_update(record, external_id="x"), InvalidArgument, id="other external id"),
            pytest.param(lambda record: an_update(record, order=3), InvalidArgument, id="other order"),
            pytest.param(lambda record: an_update(record, kind=Kind.DOCUMENT), InvalidArgument, id="other kind"),
            pytest.param(
                lambda record: an_update(record, modality=Modality.TRACE), InvalidArgument, id="other modality"
            ),
            pytest.param(
                lambda record: an_update(record, scope=a_scope("ada", agent="a")), InvalidArgument, id="other agent"
            ),
            pytest.param(lambda record: an_update(record, scope=BOB), NotFound, id="other wall"),
            pytest.param(lambda record: a_move(replace(record, scope=BOB), Action.WITHDRAW), NotFound, id="foreign"),
            pytest.param(lambda record: a_move(a_record(scope=ADA), Action.WITHDRAW), NotFound, id="unknown"),
            pytest.param(
                lambda record: a_move(replace(record, revision=9), Action.WITHDRAW), NotFound, id="unknown revision"
            ),
        ],
    )
    def test_a_change_that_is_refused_leaves_nothing_even_where_the_transaction_goes_on(
        self, store: Store, broken: Broken, error: type[Exception]
    ) -> None:
        record = a_record(scope=ADA)
        put(store, record)
        before = _state(store)
        with store.write() as writing, pytest.raises(error):
            writing.apply(broken(record), recorded_at=NOON)
        assert _state(store) == before
        assert list(store.check(scope=FILE)) == []

    def test_what_was_erased_cannot_be_updated(self, store: Store) -> None:
        record = a_record(scope=ADA)
        put(store, record)
        write(store, a_move(record, Action.ERASE))
        with store.write() as writing, pytest.raises(InvalidTransition):
            writing.apply(an_update(record), recorded_at=NOON)

    def test_assigning_an_event_is_no_operation(self, store: Store) -> None:
        record = a_record(scope=ADA)
        event = an_event(record)
        put(store, record, event)
        with store.write() as writing:
            writing.assign_event([record.id], event_id=event.id)
        with store.read() as reading:
            assert reading.get([record.id], scope=grant(ADA))[record.id].event_id == event.id
            assert reading.ends(scope=grant(ADA))[ADA.wall].number == 2

    def test_only_observations_of_its_wall_lie_in_an_event(self, store: Store) -> None:
        mine, theirs = a_record(scope=ADA), a_record(scope=BOB)
        event = an_event(mine)
        put(store, mine, theirs, event)
        with store.write() as writing:
            writing.assign_event([theirs.id, event.id, "unknown", '"'], event_id=event.id)
            for not_an_event in (mine.id, "unknown"):
                with pytest.raises(NotFound):
                    writing.assign_event([mine.id], event_id=not_an_event)
        with store.read() as reading:
            assert list(reading.event_members(ADA.wall, scope=FILE)) == []
            assert list(reading.event_members(BOB.wall, scope=FILE)) == []

    def test_vectors_are_kept_once(self, store: Store) -> None:
        record = a_record("two spans", scope=ADA)
        put(store, record)
        spans = [a_vector(record, start=0, end=4), a_vector(record, start=4, end=9)]
        with store.write() as writing:
            assert writing.put_vectors(ENCODER, [*spans, *spans]) == [Touched(ADA, None, Spot(1, 1))]
            assert writing.put_vectors(ENCODER, spans) == []
            assert writing.put_vectors(ENCODER, [a_vector(record)]) == []
            assert writing.ends(scope=grant(ADA))[ADA.wall].waiting == 0
            assert writing.counts(scope=grant(ADA)).vectors == 2

    def test_vectors_of_what_is_gone_are_left_out(self, store: Store) -> None:
        updated, withdrawn = a_record("one", scope=ADA), a_record("two", scope=ADA)
        put(store, updated, withdrawn)
        write(store, an_update(updated, text="later"), a_move(withdrawn, Action.WITHDRAW))
        with store.write() as writing:
            vectors = [a_vector(record) for record in (updated, withdrawn, a_record("never stored"))]
            assert writing.put_vectors(ENCODER, vectors) == []
            assert writing.put_vectors(ENCODER, []) == []
            assert writing.encoder() is None

    def test_vectors_of_another_encoder_are_refused(self, store: Store) -> None:
        record, other = a_record("one", scope=ADA), a_record("two", scope=ADA)
        put(store, record, other)
        with store.write() as writing:
            writing.put_vectors(ENCODER, [a_vector(record)])
        wide = EncoderId(name="four", model=ENCODER.model, width=8)
        with store.write() as writing:
            for foreign in (replace(ENCODER, model="another@1"), wide):
                with pytest.raises(EncoderMismatch, match="four"):
                    writing.put_vectors(foreign, [a_vector(other)])
            with pytest.raises(EncoderMismatch, match="numbers"):
                writing.put_vectors(ENCODER, [replace(a_vector(other), values=b"\0\0")])
            assert writing.encoder() == ENCODER
            assert len(writing.put_vectors(replace(ENCODER, name="by another name"), [a_vector(other)])) == 1

    def test_parts_of_an_index_are_kept_where_they_reach_further(self, store: Store) -> None:
        put(store, a_record(scope=ADA))
        first, again, later = (Segment("tail", 0, covers, data) for covers, data in ((1, b"x"), (1, b"y"), (2, b"z")))
        rows = Segment("rows", 0, 1, b"r")
        with store.write() as writing:
            assert not writing.publish("p", first, wall=grant(BOB), epoch=0)
            assert writing.publish("p", first, wall=grant(ADA), epoch=0)
            assert not writing.publish("p", again, wall=grant(ADA), epoch=0)
            assert writing.publish("p", later, wall=grant(ADA), epoch=0)
            assert writing.publish("p", rows, wall=grant(ADA), epoch=0)
            assert writing.publish("q", first, wall=grant(ADA), epoch=0)
        with store.read() as reading:
            assert list(reading.segments(wall=ADA.wall, scope=grant(ADA), producer="p")) == [rows, later]
            assert list(reading.segments(wall=ADA.wall, scope=grant(ADA), producer="p", part="tail")) == [later]
            assert reading.producers(wall=ADA.wall, scope=grant(ADA)) == ["p", "q"]
            assert reading.producers(wall=BOB.wall, scope=grant(BOB)) == []
            assert not reading.lacks_segments(wall=ADA.wall, scope=grant(ADA))
            with pytest.raises(InvalidArgument, match="wall"):
                reading.lacks_segments(wall=ADA.wall, scope=grant(BOB))
            with pytest.raises(InvalidArgument, match="wall"):
                list(reading.segments(wall=ADA.wall, scope=grant(BOB), producer="p"))
            with pytest.raises(InvalidArgument, match="wall"):
                reading.producers(wall=ADA.wall, scope=grant(BOB))

    def test_throwing_an_index_away_begins_an_epoch_in_which_no_earlier_part_is_kept(self, store: Store) -> None:
        put(store, a_record(scope=ADA))
        with store.write() as writing:
            writing.publish("p", Segment("tail", 0, 1, b"x"), wall=grant(ADA), epoch=0)
            assert writing.drop_segments(wall=grant(BOB)) == 0
            assert writing.drop_segments(wall=grant(ADA)) == 1
            assert not writing.publish("p", Segment("tail", 0, 2, b"x"), wall=grant(ADA), epoch=0)
            assert not writing.lacks_segments(wall=ADA.wall, scope=grant(ADA))
            assert writing.publish("p", Segment("tail", 0, 1, b"x"), wall=grant(ADA), epoch=1)
            assert not writing.lacks_segments(wall=ADA.wall, scope=grant(ADA))

    def test_an_erasure_takes_the_index_of_its_wall_with_it(self, store: Store) -> None:
        record = a_record("secret", scope=ADA)
        put(store, record, a_record(scope=BOB))
        with store.write() as writing:
            for wall in (ADA, BOB):
                writing.publish("p", Segment("tail", 0, 1, b"secret"), wall=grant(wall), epoch=0)
        write(store, a_move(record, Action.ERASE))
        with store.write() as writing:
            assert not writing.publish("p", Segment("tail", 0, 9, b"secret"), wall=grant(ADA), epoch=0)
        with store.read() as reading:
            assert list(reading.segments(wall=ADA.wall, scope=grant(ADA), producer="p")) == []
            assert len(list(reading.segments(wall=BOB.wall, scope=grant(BOB), producer="p"))) == 1
            assert not reading.lacks_segments(wall=ADA.wall, scope=grant(ADA))

    def test_an_import_is_found_by_its_name_or_by_how_it_begins_in_exactly_its_scope(self, store: Store) -> None:
        put(store, a_record(scope=ADA), a_record(scope=BOB))
        agent = a_scope("ada", agent="a")
        with store.write() as writing:
            first = writing.put_import(Import(name="/chat"), scope=grant(ADA))
            later = writing.put_import(Import(name="/chat", session="s"), scope=grant(ADA))
            again = writing.put_import(Import(zone="Europe/Rome", day_first=False), scope=grant(ADA))
            other = writing.put_import(Import(name="/chat"), scope=grant(agent))
            for import_id, digest in ((first, b"x"), (later, b"x"), (again, b"y"), (first, b"z")):
                ordinal = int(digest == b"z")
                writing.put_piece(import_id, Piece(3, digest, 1, 1), ordinal=ordinal, scope=grant(ADA))
        with store.read() as reading:

            def found(scope: Scope, session: str | None, name: str | None, *openings: bytes) -> list[int]:
                held = reading.imports(scope=grant(scope), session=session, name=name, openings=openings)
                return [source.id for source in held]

            assert (
                found(ADA, None, "/chat") == found(ADA, None, None, b"x") == found(ADA, None, "/chat", b"x") == [first]
            )
            assert found(ADA, None, "/chat", b"y") == [again, first]
            assert found(ADA, None, None) == found(ADA, None, None, b"z") == found(BOB, None, "/chat", b"x", b"y") == []
            assert (found(ADA, "s", "/chat"), found(agent, None, "/chat")) == ([later], [other])
            held = reading.imports(scope=grant(ADA), session=None, name="/chat", openings=[b"y"])
        pieces = (Piece(3, b"x", 1, 1), Piece(3, b"z", 1, 1))
        assert held[1] == Import(id=first, name="/chat", pieces=pieces)
        assert (held[1].messages, held[0].zone, held[0].day_first) == (6, "Europe/Rome", False)

    def test_an_import_gets_another_name_and_zone_and_keeps_its_pieces(self, store: Store) -> None:
        put(store, a_record(scope=ADA))
        with store.write() as writing:
            import_id = writing.put_import(Import(name="/a"), scope=grant(ADA))
            writing.put_piece(import_id, Piece(1, b"x", 1, 1), ordinal=0, scope=grant(ADA))
            moved = Import(id=import_id, name="/b", zone="UTC", day_first=True)
            assert writing.put_import(moved, scope=grant(ADA)) == import_id
            held = writing.imports(scope=grant(ADA), session=None, name="/b", openings=())
            assert held == [replace(moved, pieces=(Piece(1, b"x", 1, 1),))]

    def test_pieces_follow_one_another_and_are_dropped_from_one_on(self, store: Store) -> None:
        put(store, a_record(scope=ADA), a_record(scope=ADA))
        with store.write() as writing:
            import_id = writing.put_import(Import(name="/a"), scope=grant(ADA))
            for ordinal in (0, 1, 2):
                writing.put_piece(import_id, Piece(1, b"x"), ordinal=ordinal, scope=grant(ADA))
            for ordinal in (1, 4):
                with pytest.raises(InvalidArgument, match="ordinal"):
                    writing.put_piece(import_id, Piece(1, b"y"), ordinal=ordinal, scope=grant(ADA))
            assert writing.drop_pieces(import_id, ordinal=1, scope=grant(ADA)) == 2
            assert writing.drop_pieces(import_id, ordinal=1, scope=grant(ADA)) == 0
            writing.put_piece(import_id, Piece(1, b"y"), ordinal=1, scope=grant(ADA))
            held = writing.imports(scope=grant(ADA), session=None, name="/a", openings=())[0]
        assert [piece.digest for piece in held.pieces] == [b"x", b"y"]
        assert list(store.check(scope=FILE)) == []

    def test_an_import_of_another_wall_is_not_found(self, store: Store) -> None:
        put(store, a_record(scope=ADA))
        with store.write() as writing:
            import_id = writing.put_import(Import(name="/a"), scope=grant(ADA))
            for wrong, scope in ((import_id, BOB), (import_id + 1, ADA)):
                with pytest.raises(NotFound):
                    writing.put_piece(wrong, Piece(1, b"x"), ordinal=0, scope=grant(scope))
                with pytest.raises(NotFound):
                    writing.drop_pieces(wrong, ordinal=0, scope=grant(scope))
                with pytest.raises(NotFound):
                    writing.put_import(Import(id=wrong), scope=grant(scope))
            with pytest.raises(NotFound):
                writing.put_import(Import(name="/a"), scope=grant(BOB))

    def test_each_operation_knows_the_import_that_stored_it(self, store: Store) -> None:
        put(store, *(a_record(scope=ADA) for _ in range(9)), a_record(scope=BOB))
        with store.write() as writing:
            one, other = (writing.put_import(Import(name=name), scope=grant(ADA)) for name in ("/a", "/b"))
            for import_id, ordinal, first, last in ((one, 0, 2, 3), (other, 0, 5, 5), (one, 1, 6, 8)):
                writing.put_piece(import_id, Piece(1, b"x", first, last), ordinal=ordinal, scope=grant(ADA))
        with store.read() as reading:
            expected = {2: one, 3: one, 5: other, 6: one, 8: one}
            assert reading.imported([1, 2, 3, 4, 5, 6, 8, 9], scope=grant(ADA)) == expected
            assert reading.imported([2], scope=grant(BOB)) == {}

    def test_an_erasure_takes_the_digests_that_would_confirm_a_guess_with_it(self, store: Store) -> None:
        secret = a_record("secret", scope=ADA)
        put(store, a_record(scope=ADA), secret, a_record(scope=ADA), a_record(scope=BOB))
        with store.write() as writing:
            pieces = [Piece(1, b"w", 1, 1), Piece(1, b"x", 2, 2), Piece(1, b"y", 3, 3, has_repeats=True)]
            for scope, its in ((ADA, pieces), (BOB, pieces[:1])):
                import_id = writing.put_import(Import(name="/a"), scope=grant(scope))
                for ordinal, piece in enumerate(its):
                    writing.put_piece(import_id, piece, ordinal=ordinal, scope=grant(scope))
        write(store, a_move(secret, Action.ERASE))
        with store.read() as reading:
            for scope, digests in ((ADA, [b"w", None, None]), (BOB, [b"w"])):
                (held,) = reading.imports(scope=grant(scope), session=None, name="/a", openings=())
                assert [piece.digest for piece in held.pieces] == digests


def _state(store: Store) -> tuple[Counts, list[object], list[object]]:
    with store.read() as reading:
        walls = reading.walls(scope=FILE)
        logs: list[object] = [list(reading.log(wall, scope=FILE)) for wall in walls]
        return reading.counts(scope=FILE), [*walls], logs
