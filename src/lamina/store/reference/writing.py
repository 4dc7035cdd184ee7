"""A write transaction on the reference store: what the writes of `core.protocols.Writing` mean."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from lamina.core.chain import GENESIS, SALT_BYTES, chain_link, record_mac, tombstone_mac
from lamina.core.errors import EncoderMismatch, InvalidArgument, NotFound
from lamina.core.grant import Granted
from lamina.core.imports import Import, Piece
from lamina.core.layers import Kind
from lamina.core.lifecycle import State, check_move
from lamina.core.operations import STAYING, UNDOING, Action, Change, Operation, check_action
from lamina.core.protocols import EncoderId
from lamina.core.records import Record, Scores, Vector
from lamina.core.rows import Segment
from lamina.core.scope import Scope
from lamina.core.streams import Touched
from lamina.core.time import MICROSECOND
from lamina.store.reference.directives import ReferenceDirectiveWriting
from lamina.store.reference.everything import Everything, Kept, key_of
from lamina.store.reference.past import ReferencePast

#: Gives that many random bytes.
Entropy = Callable[[int], bytes]
_FIRST_STATES = (State.PROPOSED, State.HELD, State.ACTIVE)
_FOR_LIFE = ("kind", "modality", "agent", "run", "session", "external_id", "order")


class ReferenceWriting(ReferencePast, ReferenceDirectiveWriting):
    """Reads and writes of one transaction; see `core.protocols.Writing`."""

    def __init__(self, all_: Everything, *, entropy: Entropy) -> None:
        """Change `all_` in place."""
        super().__init__(all_)
        self._entropy = entropy
        self._has_commit = False

    def apply(self, change: Change, *, recorded_at: datetime) -> Operation:
        """See `Writing.apply`."""
        wall = change.record.scope.wall
        log = self._all.logs.get(wall, [])
        recorded = max(recorded_at, log[-1].recorded_at + MICROSECOND) if log else recorded_at
        record = replace(change.record, state=change.to_state, recorded_at=recorded, number=len(log) + 1)
        if change.action is Action.ADD:
            from_state, mac = None, self._add(record)
        elif change.action is Action.UPDATE:
            from_state, mac = self._update(record)
        else:
            from_state = self._move(record, change.action)
            is_erased = change.to_state is State.ERASED
            mac = tombstone_mac(self._own(record).revisions[record.revision - 1]) if is_erased else b""
        self._all.commits += not self._has_commit
        self._has_commit = True
        unlinked = Operation(
            wall=wall,
            number=record.number,
            commit=self._all.commits,
            action=change.action,
            record_id=record.id,
            revision=record.revision,
            from_state=from_state,
            to_state=change.to_state,
            actor=change.actor,
            recorded_at=recorded,
            mac=mac,
            chain=b"",
            reverts=change.reverts,
        )
        link = chain_link(log[-1].chain if log else GENESIS, unlinked)
        self._all.logs[wall] = [*log, replace(unlinked, chain=link)]
        if change.to_state is State.ERASED and self._all.commits not in self._all.erasures:
            self._all.erasures.append(self._all.commits)
        return self._all.logs[wall][-1]

    def assign_event(self, record_ids: Sequence[str], *, event_id: str) -> None:
        """See `Writing.assign_event`."""
        event = self._all.kept.get(event_id)
        if event is None or event.first.kind is not Kind.EVENT:
            raise NotFound(event_id)
        for record_id in record_ids:
            kept = self._all.kept.get(record_id)
            if kept is not None and kept.wall == event.wall and kept.first.kind is Kind.OBSERVATION:
                kept.event_id = event_id

    def hollow_events(self, record_ids: Sequence[str], *, wall: Granted[Scope]) -> list[str]:
        """See `Writing.hollow_events`."""
        here = self._of_walls((wall.value.wall,))
        gone = [kept for kept in here if kept.first.id in record_ids]
        streams = {_stream_of(kept) for kept in gone} - {(None, None, None)}
        lain_in = {kept.event_id for kept in gone}
        hollow = []
        for event in here:
            began = [self._all.kept[source.record_id] for source in event.first.provenance.sources]
            is_likely = event.first.id in lain_in or any(kept in gone for kept in began) or _stream_of(event) in streams
            members = self._members(event.first.id, wall.value)
            is_empty = all(map(_is_erased, (*members, *began))) and not _is_erased(event)
            if event.first.kind is Kind.EVENT and is_likely and is_empty:
                hollow.append(event.first.id)
        return sorted(hollow)

    def let_go(self, record_ids: Sequence[str], *, wall: Granted[Scope]) -> None:
        """See `Writing.let_go`."""
        there = list(self._of_walls((wall.value.wall,)))
        erased = {
            kept.first.id
            for kept in there
            if kept.first.id in record_ids and kept.first.kind is Kind.EVENT and _is_erased(kept)
        }
        began = {source.record_id for name in erased for source in self._all.kept[name].first.provenance.sources}
        for kept in there:
            if kept.event_id in erased or (kept.first.id in began and _is_erased(kept)):
                kept.event_id = None
        for name in ("session", "agent", "run"):
            asked = {_name_of(kept, name) for kept in there if kept.first.id in record_ids}
            borne = {_name_of(kept, name) for kept in there if not _is_erased(kept)}
            for value in asked - borne - {None}:
                for kept in there:
                    if _name_of(kept, name) == value:
                        kept.revisions = [_nameless(record) for record in kept.revisions]
                        kept.event_id = None
                self._forget(name, value, wall.value)
                if name == "session":
                    del self._all.sessions[wall.value.wall, str(value)]
        self._drop_hollow_imports(wall.value)
        if all(map(_is_erased, self._of_walls((wall.value.wall,)))):
            self._all.snapshots.pop(wall.value.wall, None)

    def note_rules(self, name: str, *, wall: Granted[Scope]) -> None:
        """See `Writing.note_rules`."""
        if wall.value.wall in self._all.logs:
            self._all.rules[wall.value.wall] = name

    def put_vectors(
        self, encoder: EncoderId, vectors: Sequence[Vector], *, tokens: EncoderId | None = None
    ) -> list[Touched]:
        """See `Writing.put_vectors`."""
        encoder.check_kept(self._all.encoder)
        if any(len(vector.values) != 2 * encoder.width for vector in vectors):
            raise EncoderMismatch(f"a vector is not as wide as {encoder.model}, which gives {encoder.width} numbers")
        current = [kept.active for kept in self._all.kept.values()]
        wanted = {(record.id, record.revision) for record in current if record and self._all.awaits_vector(record)}
        groups: dict[tuple[str, int], dict[int, Vector]] = {}
        for vector in vectors:
            if key_of(vector) in wanted:
                groups.setdefault(key_of(vector), {}).setdefault(vector.start, vector)
        self._tell([vector for vector in vectors if key_of(vector) not in wanted and vector.tokens is not None], tokens)
        fresh = [vector for spans in groups.values() for vector in spans.values()]
        for number, vector in enumerate(fresh, start=self._all.vector_number + 1):
            self._all.vectors[number] = vector
            if tokens is not None:
                self._all.token_encoders[number] = tokens
            self._all.encoder = self._all.encoder or encoder
            self._all.vector_numbers[self._all.kept[vector.record_id].wall] = number
        self._all.vector_number += len(fresh)
        return [_touched(self._all.kept[record_id]) for record_id, _ in groups]

    def publish(self, producer: str, segment: Segment, *, wall: Granted[Scope], epoch: int) -> bool:
        """See `Writing.publish`."""
        parts = self._all.segments.setdefault(wall.value.wall, {})
        kept = parts.get((producer, segment.part, segment.ordinal))
        is_first = kept is None or segment.covers > kept.covers
        if wall.value.wall not in self._all.logs or epoch != self._all.epochs.get(wall.value.wall, 0) or not is_first:
            return False
        parts[producer, segment.part, segment.ordinal] = segment
        return True

    def put_import(self, source: Import, *, scope: Granted[Scope]) -> int:
        """See `Writing.put_import`."""
        if source.id:
            into, held = self._import(source.id, scope.value)
            self._all.imports[source.id] = (into, replace(source, session=held.session, pieces=held.pieces))
            return source.id
        if scope.value.wall not in self._all.logs:
            raise NotFound(str(scope.value.wall))
        made = replace(source, id=max(self._all.imports, default=0) + 1, pieces=())
        self._all.imports[made.id] = (scope.value, made)
        return made.id

    def put_piece(self, import_id: int, piece: Piece, *, ordinal: int, scope: Granted[Scope]) -> None:
        """See `Writing.put_piece`."""
        into, source = self._import(import_id, scope.value)
        if ordinal != len(source.pieces):
            problem = f"is {ordinal}, where {len(source.pieces)} comes next"
            raise InvalidArgument("ordinal", problem, "read the import again")
        self._all.imports[import_id] = (into, replace(source, pieces=(*source.pieces, piece)))

    def drop_pieces(self, import_id: int, *, ordinal: int, scope: Granted[Scope]) -> int:
        """See `Writing.drop_pieces`."""
        into, source = self._import(import_id, scope.value)
        self._all.imports[import_id] = (into, replace(source, pieces=source.pieces[:ordinal]))
        return len(source.pieces[ordinal:])

    def drop_segments(self, *, wall: Granted[Scope]) -> int:
        """See `Writing.drop_segments`."""
        dropped = len(self._all.segments.get(wall.value.wall, {}))
        if wall.value.wall in self._all.logs:
            self._all.begin_epoch(wall.value.wall)
        return dropped

    def mend(self) -> None:
        """See `Writing.mend`: nothing can be wrong here."""
        for wall in self._all.logs:
            self._all.begin_epoch(wall)

    def _tell(self, vectors: Sequence[Vector], tokens: EncoderId | None) -> None:
        """Give vectors that are kept the token vectors of others of the same span, the first of each."""
        told = {(key_of(vector), vector.start): vector.tokens for vector in reversed(vectors)}
        for number, vector in self._all.vectors.items():
            place = (key_of(vector), vector.start)
            if tokens is not None and place in told:
                self._all.vectors[number] = replace(vector, tokens=told[place])
                self._all.token_encoders[number] = tokens

    def _add(self, record: Record) -> bytes:
        _check_begin(record, revision=1)
        self._check_sources(record)
        self._begin(record)
        self._all.kept[record.id] = Kept([], [])
        return self._keep(replace(record, arrived=record.number))

    def _begin(self, record: Record) -> None:
        """Let a record begin whose names are free."""
        if record.id in self._all.kept:
            raise InvalidArgument("id", f"{record.id!r} is taken", "give another one")
        taken = {kept.first.external_id for kept in self._of_walls((record.scope.wall,))}
        if record.external_id is not None and record.external_id in taken:
            raise InvalidArgument("external_id", f"{record.external_id!r} is taken", "give another one")
        if record.session is not None:
            number = max(self._all.sessions.values(), default=0) + 1
            self._all.sessions.setdefault((record.scope.wall, record.session), number)

    def _update(self, record: Record) -> tuple[State, bytes]:
        kept = self._own(record)
        _check_begin(record, revision=len(kept.revisions) + 1)
        for name, was, now in zip(_FOR_LIFE, _for_life(kept.first), _for_life(record), strict=True):
            if was != now:
                raise InvalidArgument(name, f"would change from {was!r} to {now!r}", "add another record for that")
        self._check_sources(record)
        former = kept.current
        if former.state is State.ERASED:
            check_move(former.state, record.state)
        if former.state is State.ACTIVE:
            self._set_state(kept, former.revision, State.SUPERSEDED)
        return former.state, self._keep(replace(record, arrived=kept.first.arrived))

    def _move(self, record: Record, action: Action) -> State:
        kept = self._own(record)
        if not 1 <= record.revision <= len(kept.revisions):
            raise NotFound(record.id)
        from_state = kept.revisions[record.revision - 1].state
        check_action(action, from_state, record.state)
        former = kept.active
        if record.state is State.ACTIVE and former is not None and former.revision != record.revision:
            if action not in UNDOING:
                problem = f"{record.revision} cannot be active beside another"
                raise InvalidArgument("revision", problem, "withdraw that one first")
            self._set_state(kept, former.revision, State.SUPERSEDED)
        if action not in STAYING:
            self._set_state(kept, record.revision, record.state)
        return from_state

    def _keep(self, record: Record) -> bytes:
        salt = self._entropy(SALT_BYTES)
        kept = self._all.kept[record.id]
        kept.revisions.append(replace(record, scores=Scores(), event_id=None))
        kept.salts.append(salt)
        return record_mac(record, salt=salt)

    def _import(self, import_id: int, scope: Scope) -> tuple[Scope, Import]:
        into, source = self._all.imports.get(import_id, (None, None))
        if into is None or source is None or into.wall != scope.wall:
            raise NotFound(str(import_id))
        return into, source

    def _forget(self, name: str, value: str | None, scope: Scope) -> None:
        """Let go of a name that imports keep and nobody bears."""
        for import_id, (into, source) in self._all.imports.items():
            if into.wall != scope.wall:
                continue
            if name == "session":
                source = replace(source, session=None if source.session == value else source.session)
            elif getattr(into, name) == value:
                into = replace(into, agent=None) if name == "agent" else replace(into, run=None)
            self._all.imports[import_id] = (into, source)

    def _drop_hollow_imports(self, scope: Scope) -> None:
        """Forget imports of which no words are left."""
        for import_id, (into, source) in tuple(self._all.imports.items()):
            numbers = {number for piece in source.pieces for number in range(piece.first, piece.last + 1)}
            made = [
                record
                for kept in self._of_walls((scope.wall,))
                for record in kept.revisions
                if record.number in numbers and record.kind is not Kind.EVENT
            ]
            is_hollow = all(record.state is State.ERASED for record in made)
            forgets = not source.pieces or any(piece.digest is None for piece in source.pieces)
            if into.wall == scope.wall and is_hollow and forgets:
                del self._all.imports[import_id]

    def _forget_digests(self, record: Record) -> None:
        """Let go of the digest of every piece that stored a revision, or may have found it there."""
        for import_id, (into, source) in self._all.imports.items():
            if into.wall == record.scope.wall:
                pieces = tuple(
                    piece._replace(digest=None)
                    if piece.has_repeats or piece.first <= record.number <= piece.last
                    else piece
                    for piece in source.pieces
                )
                self._all.imports[import_id] = (into, replace(source, pieces=pieces))

    def _own(self, record: Record) -> Kept:
        kept = self._all.kept.get(record.id)
        if kept is None or kept.wall != record.scope.wall:
            raise NotFound(record.id)
        return kept

    def _set_state(self, kept: Kept, revision: int, state: State) -> None:
        record = replace(kept.revisions[revision - 1], state=state)
        kept.revisions[revision - 1] = record
        if state is not State.ERASED:
            return
        policy = replace(record.policy, sensitivity=None, acl=())
        kept.revisions[revision - 1] = replace(record, text="", speaker=None, role=None, metadata={}, policy=policy)
        kept.salts[revision - 1] = None
        self._all.begin_epoch(kept.wall)
        self._forget_digests(record)
        key = (kept.first.id, revision)
        self._all.vectors = {number: vector for number, vector in self._all.vectors.items() if key_of(vector) != key}
        if all(record.state is State.ERASED for record in kept.revisions):
            kept.revisions = [replace(record, external_id=None) for record in kept.revisions]

    def _check_sources(self, record: Record) -> None:
        for source in record.provenance.sources:
            kept = self._all.kept.get(source.record_id)
            if kept is None or not 1 <= source.revision <= len(kept.revisions):
                problem = f"name {source.record_id!r} revision {source.revision}, which is not there"
                raise InvalidArgument("sources", problem, "store the source first")


def _is_erased(kept: Kept) -> bool:
    return all(record.state is State.ERASED for record in kept.revisions)


def _name_of(kept: Kept, name: str) -> str | None:
    first = kept.first
    return {"session": first.session, "agent": first.scope.agent, "run": first.scope.run}[name]


def _stream_of(kept: Kept) -> tuple[str | None, ...]:
    return kept.first.session, kept.first.scope.agent, kept.first.scope.run


def _nameless(record: Record) -> Record:
    return replace(record, session=None, scope=Scope.of(record.scope.wall))


def _touched(kept: Kept) -> Touched:
    return Touched(kept.first.scope, kept.first.session, kept.spot)


def _for_life(record: Record) -> tuple[object, ...]:
    scope = record.scope
    return (record.kind, record.modality, scope.agent, scope.run, record.session, record.external_id, record.order)


def _check_begin(record: Record, *, revision: int) -> None:
    if record.revision != revision:
        raise InvalidArgument("revision", f"is {record.revision}, where {revision} comes next", "read the record again")
    if record.state not in _FIRST_STATES:
        raise InvalidArgument("to_state", f"is {record.state}, in which no revision begins", "begin as active")
