"""A write transaction on a file: changes become operations, each in the same transaction as its effect."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import apsw

from lamina.core.chain import GENESIS, SALT_BYTES, chain_link, record_mac
from lamina.core.errors import EncoderMismatch, InvalidArgument, NotFound
from lamina.core.lifecycle import State, check_move
from lamina.core.operations import Action, Change, Operation
from lamina.core.protocols import EncoderId
from lamina.core.records import Record, Vector
from lamina.core.scope import Wall
from lamina.core.time import MICROSECOND, from_us, to_us
from lamina.store.sqlite.reading import SqliteReading
from lamina.store.sqlite.rows import content_values, revision_values

#: Gives that many random bytes; tests hand in their own.
Entropy = Callable[[int], bytes]
_MAKES = (Action.ADD, Action.UPDATE)
_NO_MAC = b""


@dataclass(slots=True)
class _WallEnd:
    """Where the log of a wall ends, as this transaction has it."""

    wall_id: int
    number: int
    recorded_us: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is there of a record: its key, its revisions' states, and the content of each."""

    record_key: int
    states: dict[int, State]
    contents: dict[int, int | None]
    is_observation: bool

    @property
    def current(self) -> int:
        active = [revision for revision, state in self.states.items() if state is State.ACTIVE]
        return active[0] if active else max(self.states)


class SqliteWriting(SqliteReading):
    """Reads and writes of one transaction; see `core.protocols.Writing`."""

    def __init__(self, connection: apsw.Connection, *, entropy: Entropy = os.urandom) -> None:
        """Write through `connection`, in whose transaction this lives."""
        super().__init__(connection)
        self._entropy = entropy
        self._commit: int | None = None
        self._ends: dict[Wall, _WallEnd] = {}
        self._session_ids: dict[tuple[int, str], int] = {}

    def apply(self, change: Change, *, recorded_at: datetime) -> Operation:
        """See `Writing.apply`."""
        end = self._end(change.record.scope.wall, recorded_at)
        number, recorded = end.number + 1, max(to_us(recorded_at), end.recorded_us + 1)
        if change.action in _MAKES:
            record_key, from_state, mac = self._make(change, end, number, recorded)
        else:
            record_key, from_state, mac = self._move(change)
        operation = Operation(
            wall=change.record.scope.wall,
            number=number,
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
        )
        operation = replace(operation, chain=chain_link(end.chain, operation))
        self._log(operation, end, record_key, recorded)
        return operation

    def assign_event(self, record_ids: Sequence[str], *, event_id: str) -> None:
        """See `Writing.assign_event`."""
        for first in range(0, len(record_ids), 1000):
            ids = "[" + ",".join(f'"{record_id}"' for record_id in record_ids[first : first + 1000]) + "]"
            self._run("assign_event", ids=ids, event_id=event_id)

    def put_vectors(self, encoder: EncoderId, vectors: Sequence[Vector]) -> int:
        """See `Writing.put_vectors`."""
        kept = self.encoder()
        if kept is not None and (kept.model, kept.width) != (encoder.model, encoder.width):
            raise EncoderMismatch(
                f"the vectors in this file come from {kept.model} ({kept.width} wide), not from {encoder.model} "
                f"({encoder.width} wide); open it with Settings(encoder={kept.name!r})"
            )
        if kept is None:
            self._run("add_encoder", name=encoder.name, model=encoder.model, width=encoder.width)
        encoder_id = self._run("encoder_id", model=encoder.model, width=encoder.width).fetchall()[0][0]
        by_revision: dict[tuple[str, int], list[Vector]] = {}
        for vector in vectors:
            if len(vector.values) != 2 * encoder.width:
                raise EncoderMismatch(f"a vector has {len(vector.values) // 2} numbers, and {encoder.model} {encoder.width}")
            by_revision.setdefault((vector.record_id, vector.revision), []).append(vector)
        return sum(self._put(key, group, encoder_id) for key, group in by_revision.items())

    def finish(self) -> None:
        """Write where each log ends now; the last step before the transaction is committed."""
        for end in self._ends.values():
            self._run(
                "advance_wall", wall_id=end.wall_id, number=end.number, recorded_us=end.recorded_us, chain=end.chain
            )

    def _make(self, change: Change, end: _WallEnd, number: int, recorded: int) -> tuple[int, State | None, bytes]:
        """Write a revision, and with ADD its record; give its key, the state before, and its mac."""
        record = replace(change.record, state=change.to_state)
        salt = self._entropy(SALT_BYTES)
        from_state: State | None = None
        if change.action is Action.ADD:
            record_key = self._add_record(record, end, number)
        else:
            standing = self._standing(record.id)
            record_key = standing.record_key
            from_state = standing.states[standing.current]
            if record.revision != max(standing.states) + 1:
                raise InvalidArgument("revision", f"{record.revision} does not follow", "read the record again")
            if from_state is State.ACTIVE:
                self._set_state(standing, standing.current, State.SUPERSEDED)
        content_id = self._insert("add_content", wall_id=end.wall_id, salt=salt, **content_values(record))
        self._run(
            "add_revision",
            record_key=record_key,
            content_id=content_id,
            number=number,
            recorded_us=recorded,
            **revision_values(record),
        )
        for ordinal, source in enumerate(record.provenance.sources):
            self._run(
                "add_parent",
                child_key=record_key,
                child_revision=record.revision,
                ordinal=ordinal,
                parent_id=source.record_id,
                parent_revision=source.revision,
                start=source.start,
                end=source.end,
            )
        return record_key, from_state, record_mac(record, salt=salt)

    def _add_record(self, record: Record, end: _WallEnd, number: int) -> int:
        try:
            return self._insert(
                "add_record",
                id=record.id,
                wall_id=end.wall_id,
                kind=str(record.kind),
                layer=str(record.layer),
                modality=str(record.modality),
                agent=record.scope.agent,
                run=record.scope.run,
                session_id=None if record.session is None else self._session_id(end.wall_id, record.session),
                external_id=record.external_id,
                order=record.order,
                arrived=number,
            )
        except apsw.ConstraintError as error:
            taken = "external_id" if "external_id" in str(error) else "id"
            raise InvalidArgument(taken, f"{getattr(record, taken)!r} is taken", "give another one") from error

    def _move(self, change: Change) -> tuple[int, State, bytes]:
        standing = self._standing(change.record.id)
        revision = change.record.revision
        if revision not in standing.states:
            raise NotFound(change.record.id)
        from_state = standing.states[revision]
        check_move(from_state, change.to_state)
        if change.to_state is State.ACTIVE and State.ACTIVE in standing.states.values():
            raise InvalidArgument("revision", f"{revision} cannot be active beside another", "withdraw that one first")
        self._set_state(standing, revision, change.to_state)
        return standing.record_key, from_state, _NO_MAC

    def _set_state(self, standing: _Standing, revision: int, state: State) -> None:
        self._run("move_revision", record_key=standing.record_key, revision=revision, state=str(state))
        content_id = standing.contents[revision]
        if content_id is not None and standing.is_observation:
            self._run("set_waiting", content_id=content_id, awaits=int(state is State.ACTIVE))

    def _standing(self, record_id: str) -> _Standing:
        rows = self._run("standing", id=record_id).fetchall()
        if not rows:
            raise NotFound(record_id)
        return _Standing(
            record_key=rows[0][0],
            states={row[1]: State(row[2]) for row in rows},
            contents={row[1]: row[3] for row in rows},
            is_observation=rows[0][5] == "observation",
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
        )
        end.number, end.recorded_us, end.chain = operation.number, recorded, operation.chain

    def _put(self, key: tuple[str, int], group: list[Vector], encoder_id: int) -> int:
        row = self._run("content_of_revision", id=key[0], revision=key[1]).fetchone()
        if row is None or not row[2]:
            return 0
        content_id, wall_id, _ = row
        for vector in group:
            self._run(
                "add_vector",
                wall_id=wall_id,
                content_id=content_id,
                encoder_id=encoder_id,
                start=vector.start,
                end=vector.end,
                data=vector.values,
            )
        self._run("set_waiting", content_id=content_id, awaits=0)
        return len(group)

    def _end(self, wall: Wall, recorded_at: datetime) -> _WallEnd:
        end = self._ends.get(wall)
        if end is None:
            row = self._wall(wall)
            if row is None:
                before = to_us(recorded_at - MICROSECOND)
                self._run("add_wall", tenant=wall.tenant, user=wall.user, recorded_us=before, chain=GENESIS)
                row = self._wall(wall)
            end = self._ends[wall] = _WallEnd(*row)
        return end

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
