"""A write transaction on a file: changes become operations, each in the same transaction as its effect.

Every change is checked before its first row is written, so one that is refused leaves nothing behind, even where
the transaction goes on.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lamina.core.chain import GENESIS, SALT_BYTES, chain_link, record_mac
from lamina.core.errors import EncoderMismatch, InvalidArgument, NotFound
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State, check_move
from lamina.core.operations import STAYING, UNDOING, Action, Change, Operation, check_action
from lamina.core.protocols import EncoderId
from lamina.core.records import Record, Vector
from lamina.core.rows import Segment
from lamina.core.scope import Scope, Wall
from lamina.core.streams import Spot, Touched
from lamina.core.time import from_us, to_us
from lamina.store.sqlite.checksum import row_checksum
from lamina.store.sqlite.directives import SqliteDirectiveWriting
from lamina.store.sqlite.past import SqlitePast
from lamina.store.sqlite.pool import Connection
from lamina.store.sqlite.rows import STATES, content_values, revision_values, whole

#: Gives that many random bytes; tests hand in their own.
Entropy = Callable[[int], bytes]
_FIRST_STATES = (State.PROPOSED, State.HELD, State.ACTIVE)
#: Earlier than every instant that a clock can give.
_NEVER = -(1 << 62)
#: How imports forget a name that no record bears any more.
_FORGETTING = {
    "session_id": ("discount_session", "forget_session"),
    "agent": ("discount_agent", "forget_agent"),
    "run": ("discount_run", "forget_run"),
}
#: In this order: what a text lacks is seen once what is broken has gone.
_MENDING = (
    "mend_vectors",
    "mend_tokens",
    "mend_phases",
    "mend_encoders",
    "mend_untold",
    "mend_tokens",
    "mend_waiting",
    "mend_scores",
    "mend_ends",
    "mend_segments",
)


@dataclass(slots=True)
class _WallEnd:
    """Where the log of a wall ends, as this transaction has it; a wall without an id is not in the file yet."""

    wall_id: int | None
    number: int
    recorded_us: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is there of a record: its key, what it is for life, and each revision's state and content."""

    record_key: int
    for_life: tuple[Any, ...]
    states: dict[int, State]
    contents: dict[int, int | None]

    @property
    def active(self) -> int | None:
        return next((revision for revision, state in self.states.items() if state is State.ACTIVE), None)

    @property
    def highest(self) -> int:
        return max(self.states)

    @property
    def is_observation(self) -> bool:
        return bool(self.for_life[0] == Kind.OBSERVATION)


class SqliteWriting(SqlitePast, SqliteDirectiveWriting):
    """Reads and writes of one transaction; see `core.protocols.Writing`."""

    def __init__(self, connection: Connection, *, entropy: Entropy = os.urandom) -> None:
        """Write through `connection`, in whose transaction this lives."""
        super().__init__(connection)
        self._entropy = entropy
        self._commit: int | None = None
        self._vector_number: int | None = None
        self._ends: dict[Wall, _WallEnd] = {}
        self._session_ids: dict[tuple[int, str], int] = {}

    def apply(self, change: Change, *, recorded_at: datetime) -> Operation:
        """See `Writing.apply`."""
        end = self._end(change.record.scope.wall)
        recorded = max(to_us(recorded_at), end.recorded_us + 1)
        if change.action is Action.ADD:
            record_key, from_state, mac = self._add(change, end, recorded)
        elif change.action is Action.UPDATE:
            record_key, from_state, mac = self._update(change, end, recorded)
        else:
            record_key, from_state, mac = self._move(change, end)
        unlinked = Operation(
            wall=change.record.scope.wall,
            number=end.number + 1,
            commit=self._commit_number(recorded),
            action=change.action,
            record_id=change.record.id,
            revision=change.record.revision,
            from_state=from_state,
            to_state=change.to_state,
            actor=change.actor,
            recorded_at=from_us(recorded),
            mac=mac,
            chain=b"",
            reverts=change.reverts,
        )
        operation = replace(unlinked, chain=chain_link(end.chain, unlinked))
        self._log(operation, end, record_key, recorded)
        if operation.to_state is State.ERASED:
            self._run("note_erasure", commit_number=operation.commit)
        return operation

    def assign_event(self, record_ids: Sequence[str], *, event_id: str) -> None:
        """See `Writing.assign_event`."""
        row = self._run("event", id=event_id).fetchone()
        if row is None:
            raise NotFound(event_id)
        self._run("assign_event", ids=json.dumps(list(record_ids)), event_key=row[0], wall_id=row[1])

    def let_go(self, record_ids: Sequence[str], *, wall: Granted[Scope]) -> None:
        """See `Writing.let_go`."""
        own = self._wall_id(wall.value.wall)
        ids = json.dumps(list(record_ids))
        self._run("leave_events", ids=ids, own=own)
        rows = self._run("names_of", ids=ids, own=own).fetchall()
        for place, name in enumerate(_FORGETTING):
            for value in {row[place] for row in rows} - {None}:
                asked = {"own": own, "session_id": None, "agent": None, "run": None, name: value}
                if not self._run("is_borne", **asked).fetchone()[0]:
                    self._run("drop_name", **asked)
                    for statement in _FORGETTING[name]:
                        self._run(statement, own=own, name=value)
                    if name == "session_id":
                        self._run("drop_session", session_id=value)
        self._session_ids.clear()
        self._run("drop_hollow_snapshots", own=own)

    def hollow_events(self, record_ids: Sequence[str], *, wall: Granted[Scope]) -> list[str]:
        """See `Writing.hollow_events`."""
        own = self._wall_id(wall.value.wall)
        return [name for (name,) in self._run("hollow_events", ids=json.dumps(list(record_ids)), own=own)]

    def note_rules(self, name: str, *, wall: Granted[Scope]) -> None:
        """See `Writing.note_rules`."""
        self._run("note_rules", name=name, wall_id=self._wall_id(wall.value.wall))

    def put_vectors(
        self, encoder: EncoderId, vectors: Sequence[Vector], *, tokens: EncoderId | None = None
    ) -> list[Touched]:
        """See `Writing.put_vectors`."""
        encoder.check_kept(self.encoder())
        by_revision: dict[tuple[str, int], dict[int, Vector]] = {}
        for vector in vectors:
            if len(vector.values) != 2 * encoder.width:
                raise EncoderMismatch(
                    f"a vector has {len(vector.values) // 2} numbers, and {encoder.model} {encoder.width}"
                )
            by_revision.setdefault((vector.record_id, vector.revision), {}).setdefault(vector.start, vector)
        touched = [self._put(key, list(spans.values()), encoder, tokens) for key, spans in by_revision.items()]
        return [one for one in touched if one is not None]

    def publish(self, producer: str, segment: Segment, *, wall: Granted[Scope], epoch: int) -> bool:
        """See `Writing.publish`."""
        wall_id = self._wall_id(wall.value.wall)
        self._run("put_segment", wall_id=wall_id, producer=producer, epoch=epoch, **segment._asdict())
        is_kept = bool(self._connection.changes())
        if is_kept:
            self._run("note_segments", wall_id=wall_id)
        return is_kept

    def drop_segments(self, *, wall: Granted[Scope]) -> int:
        """See `Writing.drop_segments`."""
        wall_id = self._wall_id(wall.value.wall)
        self._run("begin_epoch", wall_id=wall_id)
        self._run("drop_segments", wall_id=wall_id)
        return int(self._connection.changes())

    def mend(self) -> None:
        """See `Writing.mend`."""
        # All spans of a text go with a broken one: a text that has some counts as done.
        checks = ("check_vectors", "check_spans", "check_tokens")
        broken = {row[2] for statement in checks for row in self._run(statement)}
        for content_id in broken:
            self._run("drop_vectors", content_id=content_id)
        for statement in _MENDING:
            self._run(statement)

    def _wall(self, wall: Wall) -> Any:
        # Walls come and advance while a transaction writes.
        return self._look_up(wall)

    def finish(self) -> None:
        """Write where each log ends now; the last step before the transaction is committed."""
        for end in self._ends.values():
            if end.wall_id is not None:
                self._run(
                    "advance_wall", wall_id=end.wall_id, number=end.number, recorded_us=end.recorded_us, chain=end.chain
                )

    def _add(self, change: Change, end: _WallEnd, recorded: int) -> tuple[int, None, bytes]:
        record = _in_state(change)
        _check_first(record, revision=1)
        parents = self._parents(record)
        record_key = self._record_row(record, end)
        return record_key, None, self._write_revision(record, record_key, parents, end, recorded)

    def _record_row(self, record: Record, end: _WallEnd) -> int:
        taken = self._run("taken", id=record.id, wall_id=end.wall_id, external_id=record.external_id).fetchone()
        if taken is not None:
            name = "id" if taken[0] else "external_id"
            raise InvalidArgument(name, f"{getattr(record, name)!r} is taken", "give another one")
        wall_id = self._wall_row(record.scope.wall, end)
        return self._insert(
            "add_record",
            id=record.id,
            wall_id=wall_id,
            kind=str(record.kind),
            modality=str(record.modality),
            agent=record.scope.agent,
            run=record.scope.run,
            session_id=None if record.session is None else self._session_id(wall_id, record.session),
            external_id=record.external_id,
            order=record.order,
            arrived=end.number + 1,
        )

    def _update(self, change: Change, end: _WallEnd, recorded: int) -> tuple[int, State, bytes]:
        record = _in_state(change)
        standing = self._standing(record, end)
        _check_first(record, revision=standing.highest + 1)
        _check_for_life(record, standing)
        parents = self._parents(record)
        former = standing.active
        current = standing.highest if former is None else former
        if standing.states[current] is State.ERASED:
            check_move(State.ERASED, record.state)
        if former is not None:
            self._set_state(standing, former, State.SUPERSEDED)
        mac = self._write_revision(record, standing.record_key, parents, end, recorded)
        return standing.record_key, standing.states[current], mac

    def _move(self, change: Change, end: _WallEnd) -> tuple[int, State, bytes]:
        standing = self._standing(change.record, end)
        revision = change.record.revision
        if revision not in standing.states:
            raise NotFound(change.record.id)
        from_state = standing.states[revision]
        check_action(change.action, from_state, change.to_state)
        former = standing.active
        if change.to_state is State.ACTIVE and former not in (None, revision):
            if change.action not in UNDOING:
                problem = f"{revision} cannot be active beside another"
                raise InvalidArgument("revision", problem, "withdraw that one first")
            self._set_state(standing, former, State.SUPERSEDED)
        if change.action not in STAYING:
            self._set_state(standing, revision, change.to_state)
        return standing.record_key, from_state, self._mac_of_move(standing.record_key, revision, change.to_state)

    def _write_revision(
        self, record: Record, record_key: int, parents: list[int], end: _WallEnd, recorded: int
    ) -> bytes:
        """Write a revision with its words and sources, and give its mac."""
        salt = self._entropy(SALT_BYTES)
        self._revision_row(record, record_key, parents, end, recorded, salt)
        return record_mac(record, salt=salt)

    def _revision_row(
        self, record: Record, record_key: int, parents: list[int], end: _WallEnd, recorded: int, salt: bytes | None
    ) -> None:
        content_id = None
        if salt is not None:
            content_id = self._insert(
                "add_content", content_id=None, wall_id=end.wall_id, salt=salt, **content_values(record)
            )
        self._run(
            "add_revision",
            wall_id=end.wall_id,
            record_key=record_key,
            content_id=content_id,
            number=end.number + 1,
            recorded_us=recorded,
            **revision_values(record),
        )
        for ordinal, (parent_key, source) in enumerate(zip(parents, record.provenance.sources, strict=True)):
            self._run(
                "add_parent",
                child_key=record_key,
                child_revision=record.revision,
                ordinal=ordinal,
                parent_key=parent_key,
                parent_revision=source.revision,
                start=source.start,
                end=source.end,
            )

    def _parents(self, record: Record) -> list[int]:
        """Give the keys of the records that a record's sources name."""
        keys = []
        for source in record.provenance.sources:
            row = self._run("parent", id=source.record_id, revision=source.revision).fetchone()
            if row is None:
                problem = f"name {source.record_id!r} revision {source.revision}, which is not there"
                raise InvalidArgument("sources", problem, "store the source first")
            keys.append(int(row[0]))
        return keys

    def _set_state(self, standing: _Standing, revision: int, state: State) -> None:
        self._run("move_revision", record_key=standing.record_key, revision=revision, state=str(state))
        content_id = standing.contents[revision]
        if content_id is None:
            return
        if state is State.ERASED:
            for statement in ("discount_digests", "drop_content", "drop_vectors", "drop_words"):
                self._run(statement, content_id=content_id)
            self._run("free_external_id", record_key=standing.record_key)
        elif standing.is_observation:
            self._run("set_waiting", content_id=content_id, awaits=int(state is State.ACTIVE))

    def _standing(self, record: Record, end: _WallEnd) -> _Standing:
        rows = self._run("standing", id=record.id).fetchall()
        if not rows or rows[0][1] != end.wall_id:
            raise NotFound(record.id)
        return _Standing(
            record_key=rows[0][0],
            for_life=rows[0][2:9],
            states={row[9]: STATES[row[10]] for row in rows},
            contents={row[9]: row[11] for row in rows},
        )

    def _log(self, operation: Operation, end: _WallEnd, record_key: int, recorded: int) -> None:
        self._run(
            "add_operation",
            wall_id=end.wall_id,
            number=operation.number,
            commit_number=operation.commit,
            action=str(operation.action),
            record_key=record_key,
            revision=operation.revision,
            from_state=None if operation.from_state is None else str(operation.from_state),
            to_state=str(operation.to_state),
            actor=str(operation.actor),
            recorded_us=recorded,
            mac=operation.mac,
            chain=operation.chain,
            reverts=operation.reverts,
            origin=operation.origin,
        )
        end.number, end.recorded_us, end.chain = operation.number, recorded, operation.chain

    def _put(
        self, key: tuple[str, int], group: list[Vector], encoder: EncoderId, tokens: EncoderId | None
    ) -> Touched | None:
        row = self._run("content_of_revision", id=key[0], revision=key[1]).fetchone()
        if row is None or not (row[2] or self.encoder()):
            return None
        content_id, wall_id, is_waiting, number, tenant, user, agent, run, session, *spot = row
        place = {"wall_id": wall_id, "content_id": content_id}
        encoder_id = self._encoder_id(encoder) if is_waiting else None
        for vector in group:
            if encoder_id is not None:
                self._put_vector(vector, encoder_id, **place)
            self._put_tokens(vector, tokens, number=number, **place)
        if not is_waiting:
            return None
        self._run("set_waiting", content_id=content_id, awaits=0)
        return Touched(Scope.of(Wall(tenant, user), agent=agent, run=run), session, Spot(*spot))

    def _put_vector(self, vector: Vector, encoder_id: int, *, wall_id: int, content_id: int) -> None:
        number, start, end = self._next_vector(), vector.start, vector.end
        self._run(
            "add_vector",
            vector_number=number,
            wall_id=wall_id,
            content_id=content_id,
            encoder_id=encoder_id,
            start=start,
            end=end,
            data=vector.values,
            checksum=row_checksum(vector.values, number, wall_id, content_id, encoder_id, start, end),
        )

    def _put_tokens(
        self, vector: Vector, tokens: EncoderId | None, *, wall_id: int, content_id: int, number: int
    ) -> None:
        if tokens is None or vector.tokens is None:
            return
        self._run(
            "add_tokens",
            wall_id=wall_id,
            content_id=content_id,
            number=number,
            encoder_id=(token_id := self._encoder_id(tokens)),
            start=vector.start,
            data=vector.tokens,
            checksum=row_checksum(vector.tokens, wall_id, number, token_id, vector.start),
        )

    def _next_vector(self) -> int:
        """Give a number that no vector ever had."""
        if self._vector_number is None:
            self._vector_number = int(self._run("last_vector").fetchone()[0])
        self._vector_number += 1
        return self._vector_number

    def _encoder_id(self, encoder: EncoderId) -> int:
        row = self._run("encoder_id", model=encoder.model, width=encoder.width).fetchone()
        if row is not None:
            return int(row[0])
        return self._insert("add_encoder", name=encoder.name, model=encoder.model, width=encoder.width)

    def _end(self, wall: Wall) -> _WallEnd:
        end = self._ends.get(wall)
        if end is None:
            row = self._wall(wall)
            # Before the first operation no time was recorded: any clock is later.
            end = (
                _WallEnd(None, 0, _NEVER, GENESIS)
                if row is None
                else _WallEnd(*whole(row, f"the log's end of {wall.tenant}/{wall.user or '(shared)'}"))
            )
            self._ends[wall] = end
        return end

    def _wall_row(self, wall: Wall, end: _WallEnd) -> int:
        if end.wall_id is None:
            end.wall_id = self._insert("add_wall", tenant=wall.tenant, user=wall.user, recorded_us=0, chain=GENESIS)
        return end.wall_id

    def _session_id(self, wall_id: int, name: str) -> int:
        key = (wall_id, name)
        if key not in self._session_ids:
            row = self._run("session", wall_id=wall_id, name=name).fetchone()
            self._session_ids[key] = row[0] if row else self._insert("add_session", wall_id=wall_id, name=name)
        return self._session_ids[key]

    def _commit_number(self, recorded: int) -> int:
        if self._commit is None:
            self._commit = self._insert("add_commit", recorded_us=recorded)
        return self._commit

    def _insert(self, statement: str, /, **values: Any) -> int:
        self._run(statement, **values)
        return int(self._connection.last_insert_rowid())


def _in_state(change: Change) -> Record:
    if change.record.state is change.to_state:
        return change.record
    return replace(change.record, state=change.to_state)


def _check_first(record: Record, *, revision: int) -> None:
    """Let a new revision pass that has the next number and a state in which one can begin."""
    if record.revision != revision:
        raise InvalidArgument("revision", f"is {record.revision}, where {revision} comes next", "read the record again")
    if record.state not in _FIRST_STATES:
        problem = f"is {record.state}, in which no revision begins"
        raise InvalidArgument("to_state", problem, f"begin as one of: {', '.join(_FIRST_STATES)}")


def _check_for_life(record: Record, standing: _Standing) -> None:
    """Let a new revision pass that leaves alone what a record is for life."""
    scope = record.scope
    names = ("kind", "modality", "agent", "run", "session", "external_id", "order")
    wanted = (record.kind, record.modality, scope.agent, scope.run, record.session, record.external_id, record.order)
    for name, was, now in zip(names, standing.for_life, wanted, strict=True):
        if was != now:
            raise InvalidArgument(name, f"would change from {was!r} to {now!r}", "add another record for that")
