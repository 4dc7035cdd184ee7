"""The hash chain of a wall's log, and what of a record it covers.

`record_mac` covers the immutable header and the content under the content's salt, and dies with the salt, so that
no hash in the file confirms a guess at an erased text; what then stays of the header, `tombstone_mac` covers, which the
operation that erases bears. `chain_link` covers number, commit, action, ids, states, actor, recorded time, that mac and
what is reverted; the commit by its number in the file where it was written first. Fields that are absent do not enter,
so that a field added later leaves older macs and links as they are.
"""

import hashlib
import hmac
import json
from dataclasses import replace

from lamina.core.operations import Operation
from lamina.core.records import Record
from lamina.core.scope import Scope
from lamina.core.time import offset_s, to_us

SALT_BYTES = 16
MAC_BYTES = 32
#: The link before the first operation of a wall.
GENESIS = bytes(MAC_BYTES)
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def canonical(record: Record) -> bytes:
    """Give the immutable header and content of a revision as bytes: JSON, keys sorted, absent fields left out."""
    scope, source = record.scope, record.provenance
    fields: dict[str, object] = {
        "id": record.id,
        "revision": record.revision,
        "tenant": scope.tenant,
        "user": scope.user,
        "agent": scope.agent,
        "run": scope.run,
        "kind": record.kind,
        "layer": record.layer,
        "modality": record.modality,
        "by": source.by,
        "model": source.model,
        "prompt": source.prompt,
        "sources": [[part.record_id, part.revision, part.start, part.end] for part in source.sources] or None,
        "valid_from": None if record.valid_from is None else to_us(record.valid_from),
        "valid_to": None if record.valid_to is None else to_us(record.valid_to),
        "expires_at": None if record.policy.expires_at is None else to_us(record.policy.expires_at),
        "sensitivity": record.policy.sensitivity,
        "trust": None if record.policy.trust is None else float(record.policy.trust),
        "acl": list(record.policy.acl) or None,
        "session": record.session,
        "external_id": record.external_id,
        "order": record.order,
        "at": None if record.at is None else to_us(record.at),
        "at_offset_s": None if record.at is None else offset_s(record.at),
        "at_source": record.at_source,
        "text": record.text,
        "speaker": record.speaker,
        "role": record.role,
        "metadata": dict(record.metadata) or None,
    }
    present = {key: value for key, value in fields.items() if value is not None}
    return _CANONICAL.encode(present).encode()


def record_mac(record: Record, *, salt: bytes) -> bytes:
    """Give the HMAC-SHA256 of a revision's canonical bytes under its content's salt."""
    return hmac.new(salt, canonical(record), hashlib.sha256).digest()


def tombstone_mac(record: Record) -> bytes:
    """Give the SHA-256 of what stays of an erased revision: no words, and no name that may be let go later."""
    stays = replace(
        record,
        scope=Scope.of(record.scope.wall),
        session=None,
        external_id=None,
        text="",
        speaker=None,
        role=None,
        metadata={},
        policy=replace(record.policy, sensitivity=None, acl=()),
    )
    return hashlib.sha256(canonical(stays)).digest()


def chain_link(former: bytes, operation: Operation) -> bytes:
    """Give the SHA-256 link of `operation`, whose own `chain` is ignored, after the `former` one."""
    fields = [
        operation.wall.tenant,
        operation.wall.user,
        operation.number,
        operation.commit if operation.origin is None else operation.origin,
        operation.action,
        operation.record_id,
        operation.revision,
        operation.from_state,
        operation.to_state,
        operation.actor,
        to_us(operation.recorded_at),
        operation.mac.hex(),
    ]
    if operation.reverts is not None:
        fields.append(operation.reverts)
    return hashlib.sha256(former + _CANONICAL.encode(fields).encode()).digest()
