"""A state machine that changes a store and the reference alike, and compares all that can be read after each step.

Both are handed the same salts and the same times, so that macs and chains must agree to the bit. Needs hypothesis.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from lamina.core.clearance import Hidden
from lamina.core.clocks import Clocks, begin_of
from lamina.core.directives import AuditEntry, Deed, Directive, DirectiveKind
from lamina.core.errors import LaminaError
from lamina.core.grant import Granted
from lamina.core.imports import Import, Piece
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Change, LogQuery, Operation
from lamina.core.protocols import EncoderId, Reading, Store, Writing
from lamina.core.provenance import Provenance, Source
from lamina.core.records import Policy, Record
from lamina.core.rows import FIELDS_APART, Listing, Segment
from lamina.core.scope import Administration, Scope
from lamina.core.snapshots import Snapshot
from lamina.core.streams import Spot
from lamina.govern.access import grant
from lamina.store.reference.store import ReferenceStore
from lamina.testing.builders import ENCODER, NOON, TOKEN_ENCODER, a_scope, a_vector, an_event

FILE = grant(Administration())
SCOPES = (
    a_scope("ada"),
    a_scope("ada", agent="a"),
    a_scope("ada", agent="b", run="x"),
    a_scope("bob"),
    Scope.shared("acme"),
    Scope.shared("acme", run="x"),
    a_scope("ada", tenant="other"),
)
SESSIONS = (None, "s", "t")
_STATES = st.sampled_from(list(State))
_OTHER_ENCODER = EncoderId(name="two", model="two@1", width=2)

Step = Callable[[Writing], object]


def counted_salts() -> Callable[[int], bytes]:
    """Give salts that are the same in every store that asks in the same order."""
    numbers = itertools.count(1)
    return lambda size: next(numbers).to_bytes(size, "big")


def all_that_can_be_read(reading: Reading, record_ids: list[str]) -> Iterator[tuple[str, object]]:
    """Give what each read answers, from every scope and as the administration, with the read's name."""
    yield "counts", reading.counts(scope=FILE)
    yield "scopes", reading.scopes(scope=FILE)
    yield "erasures", reading.erasures(scope=FILE)
    yield "encoder", reading.encoder()
    yield "walls", reading.walls(scope=FILE)
    yield "trail", list(reading.trail(scope=FILE))
    yield "salted_directives", reading.salted_directives(scope=FILE)
    for wall in reading.walls(scope=FILE):
        yield "log", list(reading.log(wall, scope=FILE))
        yield "salted_revisions", list(reading.salted_revisions(wall, scope=FILE))
        yield "event_members", list(reading.event_members(wall, scope=FILE))
    for scope in SCOPES:
        yield from _seen_from(reading, scope, record_ids)


def _counted_then(reading: Reading, reader: Granted[Scope], record_ids: list[str]) -> Iterator[tuple[str, object]]:
    log = reading.logged(LogQuery(), scope=reader)
    moments = [None, *(operation.recorded_at for operation in log[len(log) // 2 :: 3][:2])]
    records = reading.get(record_ids[:4], scope=reader).values()
    begins = [None, *(begin_of(record) for record in records)]
    without = Hidden(
        records=dict.fromkeys(record_ids[1:2], "l"),
        revisions=dict.fromkeys([(name, 1) for name in record_ids[2:4]], "l"),
    )
    for known_at, as_of in itertools.product(moments, begins[:2]):
        clocks = Clocks(as_of=as_of, known_at=known_at)
        yield "counts_then", reading.counts_then(clocks, scope=reader)
        yield "counts_then", reading.counts_then(clocks, scope=reader, without=without)
        yield "places_then", reading.places_then(clocks, scope=reader, session="s")
        yield "places_then", reading.places_then(clocks, scope=reader, without=without)


def _seen_from(reading: Reading, scope: Scope, record_ids: list[str]) -> Iterator[tuple[str, object]]:
    reader = grant(scope)
    yield "get", reading.get(record_ids, scope=reader)
    for asked in (LogQuery(numbers=(2, 5)), LogQuery(commits=(1, 3)), LogQuery(actions=(Action.ADD,), limit=2)):
        yield "logged", reading.logged(asked, scope=reader)
    yield "logs", reading.logs(record_ids, scope=reader)
    yield "by_external_id", reading.by_external_id(["x", "y"], wall=reader)
    yield "counts", reading.counts(scope=reader)
    yield from _counted_then(reading, reader, record_ids)
    yield "ends", reading.ends(scope=reader)
    for wall in scope.visible_walls:
        yield "erased_since", sorted(reading.erased_since(2, wall=wall, scope=reader))
    yield "directives", reading.directives(tuple(DirectiveKind)[:2], wall=reader)
    yield "audited", reading.audited(wall=reader, limit=2)
    yield "snapshots", reading.snapshots(wall=reader)
    yield "numbers", [reading.number_after_commit(commit, wall=reader) for commit in (2, reading.last_commit())]
    yield "streams", reading.streams(wall=reader)
    yield "event_sizes", reading.event_sizes([*record_ids, "unknown"], scope=reader)
    yield "waiting", reading.waiting(scope=reader, limit=3)
    yield "imported", reading.imported(range(1, 9), scope=reader)
    for session in SESSIONS[:2]:
        found = reading.imports(scope=reader, session=session, name="n", openings=[b"x"])
        yield "imports", found
    for record_id in record_ids[-3:]:
        yield "revisions", reading.revisions(record_id, scope=reader)
        yield "operations", reading.operations(record_id, scope=reader)
        yield "children", reading.children(record_id, scope=reader)
        yield "event_size", reading.event_size(record_id, scope=reader)
        yield "event_head", reading.event_head(record_id, before=Spot(4, 3), scope=reader)
    for session in SESSIONS:
        yield "places", reading.places(scope=reader, session=session)
        stream = partial(reading.stream, scope=reader, session=session, encoder=ENCODER)
        before = partial(reading.stream_before, scope=reader, session=session, encoder=ENCODER)
        yield "stream", stream(limit=99)
        yield "some of a stream", stream(since=Spot(4, 2), limit=2)
        yield "stream_before", before(None, limit=2)
        yield "some before", before(Spot(4, 9), limit=2)
        page = reading.page(Listing(kinds=tuple(Kind), states=tuple(State), session=session, limit=4), scope=reader)
        yield "page", page
        if page.cursors:
            yield "next page", reading.page(Listing(session=session, after=page.cursors[-1]), scope=reader)
    for wall in scope.visible_walls:
        moments = [NOON + timedelta(microseconds=number) for number in range(-1, 6)]
        yield "number_at", [reading.number_at(moment, wall=wall, scope=reader) for moment in moments]
        for after in (0, 5):
            yield "index_rows", list(reading.index_rows(wall=wall, scope=reader, after=after))
            turns = reading.turns(wall=wall, scope=reader, after=after)
            yield "turns", sorted(turns, key=lambda log: log[0].number)
            for field in FIELDS_APART:
                yield "field_values", list(reading.field_values(field, wall=wall, scope=reader, after=after))
            yield "labelled", reading.labelled(wall=wall, scope=reader)
            yield "made_by", reading.made_by(range(1, 9), wall=wall, scope=reader)
            yield "texts_made_by", reading.texts_made_by(range(8, 0, -1), wall=wall, scope=reader)
            yield "segments", list(reading.segments(wall=wall, scope=reader, producer="p"))
            yield (
                "token_rows",
                sorted(reading.token_rows(range(1, 9), wall=wall, scope=reader, encoder=TOKEN_ENCODER)),
            )
            yield "untold", reading.untold(TOKEN_ENCODER, wall=wall, scope=reader, most_bytes=after)
            yield "vector_rows", list(reading.vector_rows(wall=wall, scope=reader, encoder=ENCODER, after=after))


class StoreMachine(RuleBasedStateMachine):
    """Random lives of a store and of the reference; a subclass says how its store is opened."""

    records: "Bundle[Record]" = Bundle("records")

    def __init__(self) -> None:
        """Begin with two empty stores."""
        super().__init__()
        self.store: Store = self.open_store(counted_salts())
        self.reference = ReferenceStore(entropy=counted_salts())
        self._ids = (f"id {number:03}" for number in itertools.count())
        self._known: list[str] = []
        self._now = NOON

    def open_store(self, salts: Callable[[int], bytes]) -> Store:
        """Give an empty store that takes its salts from `salts`."""
        raise NotImplementedError

    def teardown(self) -> None:
        """Let go of the store."""
        self.store.close()

    @rule(
        target=records,
        scope=st.sampled_from(SCOPES),
        session=st.sampled_from(SESSIONS),
        order=st.sampled_from((None, None, -1, 4, 4, 2**40)),
        external_id=st.sampled_from((None, None, "x", "y")),
        kind=st.sampled_from((Kind.OBSERVATION, Kind.OBSERVATION, Kind.DOCUMENT)),
        label=st.sampled_from((None, None, "private")),
        state=_STATES,
        parents=st.lists(records, max_size=2),
    )
    def add(self, *, scope: Scope, state: State, label: str | None, parents: list[Record], **fields: Any) -> Any:
        """Add a record, now and then with a taken external id, a state in which none begins, or parents in its wall."""
        near = [record for record in parents if record.scope.wall == scope.wall]
        sources = tuple(Source(record_id=record.id, revision=record.revision) for record in near)
        record = Record(
            id=next(self._ids),
            scope=scope,
            text=f"words {len(self._known)}",
            at=self._now,
            provenance=Provenance(sources=sources),
            policy=Policy(sensitivity=label),
            **fields,
        )
        self._known.append(record.id)
        done = self._both(lambda writing: self._apply(writing, Action.ADD, record, to_state=state))
        return record if done else multiple()

    @rule(target=records, record=records)
    def add_an_event(self, record: Record) -> Any:
        """Add the event that begins with a record; the second time its id is taken."""
        event = an_event(record)
        self._known.append(event.id)
        done = self._both(lambda writing: self._apply(writing, Action.ADD, event))
        return event if done else multiple()

    @rule(
        target=records,
        record=consumes(records),
        text=st.sampled_from(("", "new words", "ü")),
        label=st.sampled_from((None, "private")),
        to_state=_STATES,
    )
    def update(self, record: Record, text: str, label: str | None, to_state: State) -> Record:
        """Put a new revision in the place of a record's last known one, which may be out of date."""
        later = replace(record, revision=record.revision + 1, text=text, policy=Policy(sensitivity=label))
        done = self._both(lambda writing: self._apply(writing, Action.UPDATE, later, to_state=to_state))
        return later if done else record

    @rule(record=records, back=st.integers(0, 1), to_state=_STATES)
    def move(self, record: Record, back: int, to_state: State) -> None:
        """Move a revision to any state; the lifecycle lets it through or not."""
        moved = replace(record, revision=record.revision - back)
        self._both(lambda writing: self._apply(writing, Action.RESTORE, moved, to_state=to_state))

    @rule(record=records, back=st.integers(0, 1), to_state=_STATES, reverts=st.integers(1, 9))
    def take_back(self, record: Record, back: int, to_state: State, reverts: int) -> None:
        """Bring a record back to any state; another active revision gives way."""
        moved = replace(record, revision=record.revision - back)

        def step(writing: Writing) -> object:
            done = writing.operations(record.id, scope=grant(record.scope))
            before = done[reverts % len(done)].number if done else 1
            change = Change(action=Action.REVERT, record=moved, to_state=to_state, reverts=before)
            return writing.apply(change, recorded_at=self._now)

        self._both(step)

    @rule(chosen=st.lists(records, max_size=3), scope=st.sampled_from(SCOPES))
    def let_go(self, chosen: list[Record], scope: Scope) -> None:
        """Let go of names after what may have been no erasure, and say which events are hollow."""
        ids = [record.id for record in chosen]
        self._both(lambda writing: writing.hollow_events(ids, wall=grant(scope)))
        self._both(lambda writing: writing.let_go(ids, wall=grant(scope)))

    @rule(record=records)
    def erase_for_good(self, record: Record) -> None:
        """Erase every revision of a record, and let go of its names."""

        def step(writing: Writing) -> object:
            for revision in writing.revisions(record.id, scope=grant(record.scope)):
                if revision.state is not State.ERASED:
                    self._apply(writing, Action.ERASE, revision, to_state=State.ERASED)
            writing.let_go([record.id], wall=grant(record.scope))
            return None

        self._both(step)

    @rule(record=records, to_state=_STATES)
    def evolve(self, record: Record, to_state: State) -> None:
        """Log that what belongs to a record changed, which leaves its state as it is."""
        self._both(lambda writing: self._apply(writing, Action.EVOLVE, record, to_state=to_state))

    @rule(scope=st.sampled_from(SCOPES), name=st.sampled_from(("", "a", "b")))
    def note_rules(self, scope: Scope, name: str) -> None:
        """Say by which rules a wall is cut that may not be there."""
        self._both(lambda writing: writing.note_rules(name, wall=grant(scope)))

    @rule(chosen=st.lists(records, max_size=4), event=records)
    def assign_event(self, chosen: list[Record], event: Record) -> None:
        """Say that records lie in what may be an event."""
        self._both(lambda writing: writing.assign_event([record.id for record in chosen], event_id=event.id))

    @rule(chosen=st.lists(records, max_size=3, unique_by=lambda record: record.id))
    def put_vectors(self, chosen: list[Record]) -> None:
        """Keep a vector a record, of what may be gone or have one."""
        held = (None, b"ab", b"abcd")
        vectors = [a_vector(record, axis=place, tokens=held[place]) for place, record in enumerate(chosen)]
        self._both(lambda writing: writing.put_vectors(ENCODER, vectors, tokens=TOKEN_ENCODER))

    @rule(record=records)
    def put_a_vector_of_another_encoder(self, record: Record) -> None:
        """Keep a vector that fits no other; the first one decides."""
        vector = replace(a_vector(record), values=b"\0\0\0\0")
        self._both(lambda writing: writing.put_vectors(_OTHER_ENCODER, [vector] if self._known[7:] else []))

    @rule(minutes=st.integers(-2, 2))
    def pass_time(self, minutes: int) -> None:
        """Let the clock run, sometimes backwards."""
        self._now += timedelta(minutes=minutes)

    @rule(record=records)
    def fail_in_the_middle(self, record: Record) -> None:
        """Begin a transaction that ends in an error."""
        added = replace(record, id="never", revision=1, external_id=None, session="never", provenance=Provenance())
        for store in (self.store, self.reference):
            with suppress(ZeroDivisionError), store.write() as writing:
                self._apply(writing, Action.ADD, added)
                _ = 1 / 0

    @rule(scope=st.sampled_from(SCOPES), covers=st.integers(1, 9), epoch=st.integers(0, 2))
    def publish(self, scope: Scope, covers: int, epoch: int) -> None:
        """Keep a part of an index, where none reaches as far."""
        part = Segment("tail", 0, covers, b"words")
        self._both(lambda writing: writing.publish("p", part, wall=grant(scope), epoch=epoch))

    @rule(scope=st.sampled_from(SCOPES), name=st.sampled_from(("a", "b")), drops=st.booleans())
    def name_a_moment(self, scope: Scope, name: str, drops: bool) -> None:  # noqa: FBT001  # drawn, never called
        """Take a snapshot of a wall that may not be there, or drop one that may not be."""

        def step(writing: Writing) -> object:
            if drops:
                return writing.drop_snapshot(name, wall=grant(scope), erase=False)
            log = writing.logged(LogQuery(limit=1), scope=grant(Scope.of(scope.wall)))
            number, chain = (log[0].number, log[0].chain) if log else (1, b"")
            commit = writing.last_commit()
            snapshot = Snapshot(name=name, commit=commit, number=number, chain=chain, recorded_at=self._now)
            writing.put_snapshot(snapshot, wall=grant(scope))
            return None

        self._both(step)

    @rule(scope=st.sampled_from(SCOPES))
    def drop_segments(self, scope: Scope) -> None:
        """Throw kept parts away."""
        self._both(lambda writing: writing.drop_segments(wall=grant(scope)))

    @rule(scope=st.sampled_from(SCOPES), session=st.sampled_from(SESSIONS[:2]), name=st.sampled_from((None, "n")))
    def begin_import(self, *, scope: Scope, session: str | None, name: str | None) -> None:
        """Note an import, perhaps into a wall that is not there."""
        self._both(lambda writing: writing.put_import(Import(name=name, session=session), scope=grant(scope)))

    @rule(scope=st.sampled_from(SCOPES), import_id=st.integers(1, 3), zone=st.sampled_from((None, "UTC")))
    def rename_import(self, scope: Scope, import_id: int, zone: str | None) -> None:
        """Give an import another zone."""
        self._both(lambda writing: writing.put_import(Import(id=import_id, name="n", zone=zone), scope=grant(scope)))

    @rule(scope=st.sampled_from(SCOPES), import_id=st.integers(1, 3), ordinal=st.integers(0, 2), repeats=st.booleans())
    def take_in_a_piece(self, scope: Scope, import_id: int, ordinal: int, *, repeats: bool) -> None:
        """Store a record as a piece of an import, or none."""

        def step(writing: Writing) -> object:
            record = Record(id=record_id, scope=scope, kind=Kind.OBSERVATION, text="imported", at=self._now)
            operation = self._apply(writing, Action.ADD, record)
            piece = Piece(1, b"x", operation.number, operation.number, has_repeats=repeats)
            writing.put_piece(import_id, piece, ordinal=ordinal, scope=grant(scope))
            return operation

        record_id = next(self._ids)
        self._known.append(record_id)
        self._both(step)

    @rule(scope=st.sampled_from(SCOPES), import_id=st.integers(1, 3), ordinal=st.integers(0, 2))
    def drop_pieces(self, scope: Scope, import_id: int, ordinal: int) -> None:
        """Forget pieces."""
        self._both(lambda writing: writing.drop_pieces(import_id, ordinal=ordinal, scope=grant(scope)))

    @rule(scope=st.sampled_from(SCOPES), kind=st.sampled_from(DirectiveKind), by=st.sampled_from((None, "counsel")))
    def lay_down(self, scope: Scope, kind: DirectiveKind, by: str | None) -> None:
        """Lay down a directive, perhaps for a wall that is not there."""
        directive = Directive(kind=kind, scope=scope, body={"reason": "ü"}, by=by, placed_at=self._now)
        self._both(lambda writing: writing.put_directive(directive))

    @rule(scope=st.sampled_from(SCOPES), directive_id=st.integers(1, 4))
    def lift(self, scope: Scope, directive_id: int) -> None:
        """Drop a directive, if it is there."""
        self._both(lambda writing: writing.drop_directive(directive_id, wall=grant(scope), dropped_at=self._now))

    @rule(scope=st.sampled_from(SCOPES), record=records)
    def note(self, scope: Scope, record: Record) -> None:
        """Note something about a record."""
        entry = AuditEntry(deed=Deed.REFUSED, wall=scope.wall, recorded_at=self._now, record_id=record.id, count=1)
        self._both(lambda writing: writing.note(entry))

    @invariant()
    def both_answer_alike(self) -> None:
        """Compare every read."""
        with self.store.read() as reading, self.reference.read() as wanted:
            pairs = zip(
                all_that_can_be_read(reading, self._known), all_that_can_be_read(wanted, self._known), strict=True
            )
            for (name, found), (_, expected) in pairs:
                assert found == expected, name

    @invariant()
    def the_store_is_sound(self) -> None:
        """Let the store check itself."""
        assert list(self.store.check(scope=FILE)) == []

    def _apply(self, writing: Writing, action: Action, record: Record, *, to_state: State = State.ACTIVE) -> Operation:
        return writing.apply(Change(action=action, record=record, to_state=to_state), recorded_at=self._now)

    def _both(self, step: Step) -> bool:
        """Take a step in both stores, which must end alike, and say whether it was done."""
        found, expected = _outcome(self.store, step), _outcome(self.reference, step)
        assert found == expected
        return not isinstance(found, type)


def _outcome(store: Store, step: Step) -> object:
    """Give what a step gives, or the class of the error that it ends in; the transaction goes on and is kept."""
    with store.write() as writing:
        try:
            return step(writing)
        except LaminaError as error:
            return type(error)
