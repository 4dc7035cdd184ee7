"""Rows of `full_revision` and `operation`, and the records and operations that they are."""

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from lamina.core.errors import CallerError, DamagedFile
from lamina.core.imports import Import, Piece
from lamina.core.layers import Kind, Layer, Modality
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Actor, Operation
from lamina.core.provenance import Provenance, Source
from lamina.core.records import AtSource, Policy, Record, Scores, prefix_of
from lamina.core.rows import IndexRow, Place, Segment, Waiting
from lamina.core.scope import Scope, Wall
from lamina.core.streams import Spot, StreamRow
from lamina.core.time import from_us, offset_s, to_us

#: The place of the salt among the columns of `full_revision`.
SALT = 38
#: Most rows repeat a few scopes and producers; building and checking each once halves the time a record takes.
_KEPT_SCOPES = 1024
_NO_SCORES = Scores()
_NO_POLICY = Policy()
_Code = TypeVar("_Code", bound=StrEnum)


class _Codes(dict[str, _Code]):
    """The members of an enumeration by what stands in the file: a third of the time that calling it takes."""

    def __init__(self, codes: type[_Code]) -> None:
        super().__init__((str(code), code) for code in codes)
        self._name = codes.__name__.lower()

    def __missing__(self, text: str) -> _Code:
        raise DamagedFile(f"the file holds {text!r}, which is no {self._name}; restore it from a backup")


_KINDS, _LAYERS, _MODALITIES, _AT_SOURCES = _Codes(Kind), _Codes(Layer), _Codes(Modality), _Codes(AtSource)
_ACTIONS, _ACTORS = _Codes(Action), _Codes(Actor)
STATES = _Codes(State)
_TEXT = frozenset((str, type(None)))


def record_from(row: Sequence[Any]) -> Record:
    """Build a record out of a row of `full_revision`.

    Raises:
        DamagedFile: it holds what no record has; the error names it.
    """
    try:
        return _record_from(row)
    except (CallerError, ValueError, TypeError, OverflowError) as error:
        raise DamagedFile(f"{row[0]} revision {row[1]} cannot be read ({error}); restore it from a backup") from error


def _record_from(row: Sequence[Any]) -> Record:
    (record_id, revision, tenant, user, agent, run, kind, layer, state, modality) = row[:10]
    (session, external_id, order, arrived, event_id) = row[10:15]
    (number, recorded_us, at_us, at_offset_s, at_source, valid_from_us, valid_to_us) = row[15:22]
    (producer, model, prompt, sources, expires_us, sensitivity, trust, acl) = row[22:30]
    (importance, strength, confidence, uses, text, speaker, role, metadata) = row[30:38]
    texts = (record_id, session, external_id, event_id, producer, model, prompt, text, speaker, role)
    # A page that stands in the place of another can make bytes or a number of a text.
    if not _TEXT.issuperset(map(type, texts)):
        raise TypeError(f"a text is {next(type(one).__name__ for one in texts if type(one) not in _TEXT)}")
    at = None if at_us is None else from_us(at_us, offset_s=at_offset_s)
    return Record(
        id=record_id,
        revision=revision,
        scope=_scope(tenant, user, agent, run),
        kind=_KINDS[kind],
        layer=_LAYERS[layer],
        state=STATES[state],
        modality=_MODALITIES[modality],
        session=session,
        external_id=external_id,
        order=order,
        arrived=arrived,
        event_id=event_id,
        number=number,
        recorded_at=from_us(recorded_us),
        at=at,
        at_source=_AT_SOURCES[at_source],
        valid_from=at if valid_from_us == at_us else _instant(valid_from_us),
        valid_to=_instant(valid_to_us),
        provenance=_provenance(producer, model, prompt, sources),
        policy=_policy(expires_us, sensitivity, trust, acl),
        scores=_NO_SCORES
        if (importance, strength, confidence, uses) == (None, None, None, 0)
        else Scores(importance=importance, strength=strength, confidence=confidence, uses=uses),
        text=text or "",
        speaker=speaker,
        role=role,
        metadata={} if metadata is None else _json(metadata),
    )


def revision_values(record: Record) -> dict[str, Any]:
    """Give the columns of `revision` that a record fills by itself."""
    policy = record.policy
    return {
        "revision": record.revision,
        "layer": str(record.layer),
        "state": str(record.state),
        "at_us": None if record.at is None else to_us(record.at),
        "at_offset_s": None if record.at is None else offset_s(record.at),
        "at_source": str(record.at_source),
        "valid_from_us": None if record.valid_from is None else to_us(record.valid_from),
        "valid_to_us": None if record.valid_to is None else to_us(record.valid_to),
        "producer": record.provenance.by,
        "model": record.provenance.model,
        "prompt": record.provenance.prompt,
        "expires_us": None if policy.expires_at is None else to_us(policy.expires_at),
        "sensitivity": policy.sensitivity,
        "trust": policy.trust,
        "acl": json.dumps(policy.acl) if policy.acl else None,
    }


def content_values(record: Record) -> dict[str, Any]:
    """Give the columns of `content` that a record fills."""
    return {
        "text": record.text,
        "speaker": record.speaker,
        "role": record.role,
        "metadata": json.dumps(dict(record.metadata), ensure_ascii=False, allow_nan=False) if record.metadata else None,
        "awaits_vector": int(record.kind is Kind.OBSERVATION and record.state is State.ACTIVE),
    }


def operation_from(row: Sequence[Any]) -> Operation:
    """Build an operation out of a row of the log.

    Raises:
        DamagedFile: it holds what no operation has; the error names it.
    """
    try:
        return _operation_from(row)
    except (CallerError, ValueError, TypeError, OverflowError) as error:
        raise DamagedFile(f"operation {row[2]} cannot be read ({error}); restore it from a backup") from error


def _operation_from(row: Sequence[Any]) -> Operation:
    (tenant, user, number, commit, action, record_id, revision, from_state, to_state) = row[:9]
    actor, recorded_us, mac, chain, reverts, origin = row[9:]
    if not (isinstance(mac, bytes) and isinstance(chain, bytes)):
        raise TypeError("it bears no hash")
    return Operation(
        wall=Wall(tenant, user),
        number=number,
        commit=commit,
        action=_ACTIONS[action],
        record_id=record_id,
        revision=revision,
        from_state=None if from_state is None else STATES[from_state],
        to_state=STATES[to_state],
        actor=_ACTORS[actor],
        recorded_at=from_us(recorded_us),
        mac=mac,
        chain=chain,
        reverts=reverts,
        origin=origin,
    )


class StepRow(NamedTuple):
    """An operation on a record as `core.clocks.Step` asks for it."""

    number: int
    action: Action
    revision: int
    to_state: State
    reverts: int | None

    @classmethod
    def of(cls, number: int, action: str, revision: int, to_state: str, reverts: int | None) -> "StepRow":
        """Build one out of columns of the log."""
        return cls(number, _ACTIONS[action], revision, STATES[to_state], reverts)


def whole(row: Sequence[Any], what: str) -> Sequence[Any]:
    """Give a row that lacks nothing of what every such row has.

    Raises:
        DamagedFile: something in it is nothing.
    """
    if None in row:
        raise DamagedFile(f"{what} cannot be read (part of its row is missing); restore it from a backup")
    return row


def index_row_from(row: Sequence[Any]) -> IndexRow:
    """Build a row of the query `index_rows`.

    Raises:
        DamagedFile: it holds what no observation has.
    """
    if row[2] is None:
        whole(row[:3], f"{row[0]} revision {row[1]}")
    # The session's name, and all from the speaker on.
    if not _TEXT.issuperset(map(type, (row[0], row[7], *row[15:]))):
        raise DamagedFile(f"{row[0]!r} revision {row[1]} cannot be read (a text is none); restore it from a backup")
    return IndexRow._make((*row[:3], STATES[row[3]], *row[4:]))


def segment_from(row: Sequence[Any]) -> Segment:
    """Build a part of an index; one whose bytes are none is a broken part, which is built anew like any other."""
    part, ordinal, covers, data = row
    return Segment(part, ordinal, covers, data if isinstance(data, bytes) else b"")


def import_from(rows: Sequence[Sequence[Any]]) -> Import:
    """Build an import out of the rows of the query `imports` that are its, a piece each, or one without."""
    import_id, name, session, zone, day_first = rows[0][:5]
    return Import(
        id=import_id,
        name=name,
        session=session,
        zone=zone,
        day_first=None if day_first is None else bool(day_first),
        pieces=tuple(_piece(*row[5:]) for row in rows if row[5] is not None),
    )


def _piece(messages: int, digest: bytes | None, first: int, last: int, has_repeats: int) -> Piece:
    return Piece(messages, digest, first, last, bool(has_repeats))


@lru_cache(maxsize=_KEPT_SCOPES)
def _scope(tenant: str, user: str | None, agent: str | None, run: str | None) -> Scope:
    return Scope.of(Wall(tenant, user), agent=agent, run=run)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DamagedFile(f"the file holds JSON that cannot be read ({error}); restore it from a backup") from error


def _instant(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)


def _provenance(producer: str, model: str | None, prompt: str | None, sources: str) -> Provenance:
    if sources == "[]":
        return _sourceless(producer, model, prompt)
    parts = tuple(
        Source(record_id=record_id, revision=revision, start=start, end=end)
        for record_id, revision, start, end in _json(sources)
    )
    return Provenance(by=producer, model=model, prompt=prompt, sources=parts)


@lru_cache(maxsize=_KEPT_SCOPES)
def _sourceless(producer: str, model: str | None, prompt: str | None) -> Provenance:
    return Provenance(by=producer, model=model, prompt=prompt)


def _policy(expires_us: int | None, sensitivity: str | None, trust: float | None, acl: str | None) -> Policy:
    if (expires_us, sensitivity, trust, acl) == (None, None, None, None):
        return _NO_POLICY
    return Policy(
        expires_at=_instant(expires_us),
        sensitivity=sensitivity,
        trust=trust,
        acl=() if acl is None else tuple(_json(acl)),
    )


def stream_row_from(spans: list[tuple[Any, ...]]) -> StreamRow:
    """Build a row of a stream out of those that it has for its vectors, or the one without any."""
    record_id, place, arrived, event_id, at_us, length, opening, is_active, waits, *_ = spans[0]
    vectors = tuple(span[-1] for span in spans if span[-1] is not None)
    if not all(isinstance(vector, bytes) for vector in vectors):
        advice = "run `lamina verify FILE --repair`, which encodes that text anew"
        raise DamagedFile(f"the file holds a vector of {record_id} that is none; {advice}")
    return StreamRow(
        record_id, Spot(place, arrived), event_id, at_us, length, opening, bool(is_active), bool(waits), vectors
    )


def waiting_from(row: Sequence[Any], wall: Wall) -> Waiting:
    """Build a text that waits out of a row of the queries `waiting` and `texts_made_by`.

    Raises:
        DamagedFile: it holds what no text has.
    """
    record_id, revision, number, speaker, modality, session, text = row
    if type(record_id) is not str or type(text) is not str or not _TEXT.issuperset((type(speaker), type(session))):
        raise DamagedFile(f"{record_id!r} revision {revision} cannot be read; restore it from a backup")
    prefix = prefix_of(speaker, modality, session)
    return Waiting(record_id=record_id, revision=revision, wall=wall, number=number, prefix=prefix, text=text)


def place_from(row: Sequence[Any], *, is_shared: bool) -> Place:
    """Build a place out of a row of the queries `places` and `places_of_session`.

    Raises:
        DamagedFile: its time is none, or where it stands.
    """
    record_id, session, event_id, at_us, at_offset_s, place, arrived = row
    if not (isinstance(place, int) and isinstance(arrived, int)):
        raise DamagedFile(f"{record_id} cannot be read (it has no place); restore it from a backup")
    try:
        at = None if at_us is None else from_us(at_us, offset_s=at_offset_s)
    except (OverflowError, ValueError) as error:
        raise DamagedFile(f"{record_id} cannot be read ({error}); restore it from a backup") from error
    return Place(record_id, is_shared, session, event_id, at, place, arrived)
