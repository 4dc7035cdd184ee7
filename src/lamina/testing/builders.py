"""Valid scopes, records, changes and vectors for tests; a test names only what it is about."""

import struct
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lamina.core.ids import derived_id, new_ulid
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Change
from lamina.core.protocols import EncoderId
from lamina.core.provenance import Provenance, Source
from lamina.core.records import Record, Vector
from lamina.core.rows import IndexRow, Waiting
from lamina.core.scope import Scope
from lamina.flows.making import Making

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
#: Whose vectors `a_vector` gives.
ENCODER = EncoderId(name="four", model="four@1", width=4)
#: Whose token vectors its vectors may carry.
TOKEN_ENCODER = EncoderId(name="four", model="four@1/tokens", width=4)

#: How indexes are made in tests of stores, whose texts nobody asks for.
MAKING = Making(encoder=ENCODER, analyse=str.split, analyser="split@1", gap_us=1_800_000_000, weigh=None)
_STATES = {Action.WITHDRAW: State.WITHDRAWN, Action.ARCHIVE: State.ARCHIVED, Action.ERASE: State.ERASED}


def a_scope(user: str | None = "ada", **fields: Any) -> Scope:
    """Give a scope of tenant `acme`."""
    return Scope(**{"tenant": "acme", "user": user, **fields})


def a_record(text: str = "Ada keeps bees", **fields: Any) -> Record:
    """Give an observation in the default scope, with a new id."""
    return Record(**{"id": new_ulid(NOON), "scope": Scope(), "kind": Kind.OBSERVATION, "text": text, **fields})


def an_event(first: Record, **fields: Any) -> Record:
    """Give the event that begins with `first`, in its scope."""
    source = Source(record_id=first.id, revision=1)
    made = {
        "id": derived_id("event", [(first.id, 1)]),
        "scope": first.scope,
        "kind": Kind.EVENT,
        "session": first.session,
        "provenance": Provenance(by="segment.gaps@1", sources=(source,)),
    }
    return Record(**{**made, **fields})


def an_addition(text: str = "Ada keeps bees", **fields: Any) -> Change:
    """Give the change that adds `a_record`."""
    return Change(action=Action.ADD, record=a_record(text, **fields))


def an_update(record: Record, **fields: Any) -> Change:
    """Give the change that puts the next revision of `record` in its place."""
    later = replace(record, **{"revision": record.revision + 1, "state": State.ACTIVE, **fields})
    return Change(action=Action.UPDATE, record=later)


def a_move(record: Record, action: Action) -> Change:
    """Give the change that moves `record` to where `action` leads: back to active, unless it is named otherwise."""
    return Change(action=action, record=record, to_state=_STATES.get(action, State.ACTIVE))


def a_vector(
    record: Record, *, start: int = 0, end: int | None = None, axis: int = 0, tokens: bytes | None = None
) -> Vector:
    """Give a unit vector of `ENCODER` along one axis for a part of a revision's text, with packed `tokens`."""
    end = len(record.text) if end is None else end
    values = struct.pack(
        f"<{ENCODER.width}e", *(float(place == axis % ENCODER.width) for place in range(ENCODER.width))
    )
    return Vector(record_id=record.id, revision=record.revision, start=start, end=end, values=values, tokens=tokens)


def an_index_row(number: int = 1, text: str = "bees", **fields: Any) -> IndexRow:
    """Give the active first revision of an observation that operation `number` made, as an index takes it in."""
    made = {
        "record_id": f"r{number}",
        "revision": 1,
        "number": number,
        "state": State.ACTIVE,
        "ended": None,
        "arrived": number,
        "session": 0,
        "session_name": None,
        "order": number,
        "event": 0,
        "at_us": None,
        "at_offset_s": 0,
        "kind": "observation",
        "layer": "episodic",
        "modality": "message",
        "speaker": None,
        "role": None,
        "agent": None,
        "run": None,
        "metadata": None,
        "text": text,
    }
    return IndexRow(**{**made, **fields})


def a_waiting(text: str, *, record_id: str = "r", revision: int = 1, speaker: str | None = None) -> Waiting:
    """Give a text that waits for its vector."""
    return Waiting(record_id=record_id, revision=revision, wall=Scope().wall, number=1, prefix=speaker, text=text)
