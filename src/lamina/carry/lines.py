"""The lines of an export: JSON objects, each with one key that says what it is. `docs/howto/export.md` is the schema.

What is absent does not stand there, instants are microseconds since 1970, bytes are in hexadecimal. The same memory
gives the same bytes.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from lamina.core.directives import Directive, DirectiveKind
from lamina.core.entries import Entry
from lamina.core.imports import Import, Piece
from lamina.core.layers import Kind, Layer, Modality
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Actor, Operation
from lamina.core.protocols import EncoderId
from lamina.core.provenance import Provenance, Source
from lamina.core.records import AtSource, Policy, Record
from lamina.core.scope import Scope, Wall
from lamina.core.snapshots import Snapshot
from lamina.core.time import from_us, offset_s, to_us

#: The version of the lines; a reader refuses a later one. The first had no directives.
FORMAT = 2
READ = (1, FORMAT)
HEADER, END = "lamina_export", "end"
Fields = Mapping[str, Any]
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def line(kind: str, value: object, **beside: object) -> bytes:
    """Give one line."""
    return _write({kind: value, **beside}).encode() + b"\n"


def header(walls: int, encoder: EncoderId | None, *, is_whole_file: bool) -> bytes:
    """Give the first line: format, how many walls follow, and whose vectors the memory keeps, which stay behind."""
    known = None if encoder is None else [encoder.name, encoder.model, encoder.width]
    return line(HEADER, FORMAT, walls=walls, is_whole_file=is_whole_file, encoder=known)


def wall_line(wall: Wall, number: int, chain: bytes) -> bytes:
    """Give the line before the entries of a wall: whose it is, and where its log ends."""
    return line("wall", {"tenant": wall.tenant, "user": wall.user, "number": number, "chain": chain.hex()})


def directive_line(directive: Directive) -> bytes:
    """Give the line of a hold, policy or grant, which has another number in another file."""
    told = {
        "kind": directive.kind,
        "agent": directive.scope.agent,
        "run": directive.scope.run,
        "by": directive.by,
        "placed_us": to_us(directive.placed_at),
        "body": dict(directive.body),
    }
    return line("directive", _present(told))


def entry_line(entry: Entry) -> bytes:
    """Give the line of an operation, with the revision that it made."""
    operation = entry.operation
    told = {
        "number": operation.number,
        "commit": operation.commit if operation.origin is None else operation.origin,
        "action": operation.action,
        "record": operation.record_id,
        "revision": operation.revision,
        "from": operation.from_state,
        "to": operation.to_state,
        "actor": operation.actor,
        "recorded_us": to_us(operation.recorded_at),
        "mac": operation.mac.hex() or None,
        "chain": operation.chain.hex(),
        "reverts": operation.reverts,
    }
    if entry.record is None:
        return line("operation", _present(told))
    return line("operation", _present(told), made=_present(_revision(entry.record, entry.salt)))


def import_line(scope: Scope, source: Import) -> bytes:
    """Give the line of a source of messages, so that what it holds is not taken in twice."""
    told = {
        "agent": scope.agent,
        "run": scope.run,
        "name": source.name,
        "session": source.session,
        "zone": source.zone,
        "day_first": source.day_first,
        "pieces": [
            [one.messages, None if one.digest is None else one.digest.hex(), one.first, one.last, one.has_repeats]
            for one in source.pieces
        ],
    }
    return line("import", _present(told))


def snapshot_line(snapshot: Snapshot) -> bytes:
    """Give the line of a snapshot; commits have other numbers in another file."""
    told = {"name": snapshot.name, "number": snapshot.number, "recorded_us": to_us(snapshot.recorded_at)}
    return line("snapshot", told)


def read_line(data: bytes) -> Fields | None:
    """Read one line; None where it is none, or cut short."""
    if not data.endswith(b"\n"):
        return None
    try:
        found = json.loads(data, parse_constant=_refused)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def entry_from(fields: Fields, wall: Wall) -> Entry:
    """Read an operation, and the revision that it made.

    Raises:
        KeyError, ValueError, TypeError, OverflowError: it is none.
    """
    told = fields["operation"]
    operation = Operation(
        wall=wall,
        number=_whole(told["number"]),
        commit=_whole(told["commit"]),
        action=Action(told["action"]),
        record_id=_text(told["record"]),
        revision=_whole(told["revision"]),
        from_state=None if "from" not in told else State(told["from"]),
        to_state=State(told["to"]),
        actor=Actor(told["actor"]),
        recorded_at=from_us(_whole(told["recorded_us"])),
        mac=bytes.fromhex(told.get("mac", "")),
        chain=bytes.fromhex(told["chain"]),
        reverts=None if "reverts" not in told else _whole(told["reverts"]),
    )
    made = fields.get("made")
    if made is None:
        return Entry(operation=operation)
    salt = None if "salt" not in made else bytes.fromhex(made["salt"])
    return Entry(operation=operation, record=_record_from(made, operation), salt=salt)


def wall_from(fields: Fields) -> tuple[Wall, int, bytes]:
    """Read whose wall it is, and where its log ends.

    Raises:
        KeyError, ValueError, TypeError: it is none.
    """
    told = fields["wall"]
    wall = Wall(_text(told["tenant"]), None if told["user"] is None else _text(told["user"]))
    return Scope.of(wall).wall, _whole(told["number"]), bytes.fromhex(told["chain"])


def directive_from(fields: Fields, wall: Wall) -> Directive:
    """Read a hold, policy or grant, which is to get a number of its own.

    Raises:
        KeyError, ValueError, TypeError, AttributeError, OverflowError: it is none.
    """
    told = fields["directive"]
    return Directive(
        kind=DirectiveKind(told["kind"]),
        scope=Scope.of(wall, agent=_name(told, "agent"), run=_name(told, "run")),
        body=dict(told["body"].items()),
        by=_name(told, "by"),
        placed_at=from_us(_whole(told["placed_us"])),
    )


def import_from(fields: Fields, wall: Wall) -> tuple[Scope, Import]:
    """Read a source of messages, and the scope that it was made in.

    Raises:
        KeyError, ValueError, TypeError: it is none.
    """
    told = fields["import"]
    scope = Scope.of(wall, agent=told.get("agent"), run=told.get("run"))
    pieces = tuple(
        Piece(_whole(messages), None if digest is None else bytes.fromhex(digest), _whole(first), _whole(last), has)
        for messages, digest, first, last, has in told["pieces"]
    )
    names = {name: told.get(name) for name in ("name", "session", "zone", "day_first")}
    return scope, Import(**names, pieces=pieces)


def snapshot_from(fields: Fields, at: Callable[[int], tuple[int, bytes]]) -> Snapshot:
    """Read a snapshot; `at` gives the commit and the link of the wall's operation of that number here.

    Raises:
        KeyError, ValueError, TypeError, OverflowError: it is none.
    """
    told = fields["snapshot"]
    number = _whole(told["number"])
    commit, chain = at(number)
    recorded_at = from_us(_whole(told["recorded_us"]))
    return Snapshot(name=_text(told["name"]), commit=commit, number=number, chain=chain, recorded_at=recorded_at)


def _present(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if value is not None}


def _revision(record: Record, salt: bytes | None) -> Fields:
    source, policy = record.provenance, record.policy
    is_erased = salt is None
    return {
        "kind": record.kind,
        "layer": record.layer,
        "modality": record.modality,
        "state": record.state,
        "agent": record.scope.agent,
        "run": record.scope.run,
        "session": record.session,
        "external_id": record.external_id,
        "order": record.order,
        "event": record.event_id,
        "at_us": None if record.at is None else to_us(record.at),
        "at_offset_s": (offset_s(record.at) or None) if record.at is not None else None,
        "at_source": record.at_source,
        "valid_from_us": None if record.valid_from is None else to_us(record.valid_from),
        "valid_to_us": None if record.valid_to is None else to_us(record.valid_to),
        "by": source.by,
        "model": source.model,
        "prompt": source.prompt,
        "sources": [[part.record_id, part.revision, part.start, part.end] for part in source.sources] or None,
        "expires_us": None if policy.expires_at is None else to_us(policy.expires_at),
        "sensitivity": policy.sensitivity,
        "trust": policy.trust,
        "acl": list(policy.acl) or None,
        "text": None if is_erased else record.text,
        "speaker": record.speaker,
        "role": record.role,
        "metadata": dict(record.metadata) or None,
        "salt": None if salt is None else salt.hex(),
    }


def _record_from(made: Fields, operation: Operation) -> Record:
    def instant(name: str) -> Any:
        return None if name not in made else from_us(_whole(made[name]))

    at = None if "at_us" not in made else from_us(_whole(made["at_us"]), offset_s=_whole(made.get("at_offset_s", 0)))
    sources = tuple(
        Source(record_id=record_id, revision=revision, start=start, end=end)
        for record_id, revision, start, end in made.get("sources", ())
    )
    trust = made.get("trust")
    return Record(
        id=operation.record_id,
        revision=operation.revision,
        scope=Scope.of(operation.wall, agent=made.get("agent"), run=made.get("run")),
        kind=Kind(made["kind"]),
        layer=Layer(made["layer"]),
        modality=Modality(made["modality"]),
        state=State(made["state"]),
        session=_name(made, "session"),
        external_id=_name(made, "external_id"),
        order=None if "order" not in made else _whole(made["order"]),
        event_id=_name(made, "event"),
        at=at,
        at_source=AtSource(made["at_source"]),
        valid_from=instant("valid_from_us"),
        valid_to=instant("valid_to_us"),
        provenance=Provenance(by=made["by"], model=made.get("model"), prompt=made.get("prompt"), sources=sources),
        policy=Policy(
            expires_at=instant("expires_us"),
            sensitivity=made.get("sensitivity"),
            trust=None if trust is None else float(trust),
            acl=tuple(made.get("acl", ())),
        ),
        text=_text(made.get("text", "")),
        speaker=_name(made, "speaker"),
        role=_name(made, "role"),
        metadata=dict(made.get("metadata", {})),
    )


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise ValueError(f"{value!r} is no whole number")
    return value


def _name(fields: Fields, name: str) -> str | None:
    return None if name not in fields else _text(fields[name])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
