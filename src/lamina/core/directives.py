"""Directives: what was laid down for a wall and stands until it is lifted: legal holds, and policies.

A store keeps them as rows with a JSON body and asks nothing of what they say; `Hold` and `StandingPolicy` are what they
mean. What was done with them, and on their account, is the audit trail: references and numbers, no words. It is a hash
chain through the file, and holds of each directive an HMAC under a salt that goes with its words: `verify` shows a
directive that was changed, slipped in or taken away behind the library's back.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, cast

from lamina.core.errors import InvalidArgument
from lamina.core.filter_shapes import Filters
from lamina.core.grant import Granted, Role
from lamina.core.records import Json
from lamina.core.scope import Administration, Scope, Wall
from lamina.core.time import to_us

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


class DirectiveKind(StrEnum):
    """What was laid down."""

    #: A legal hold: what it covers is not destroyed, whoever asks.
    HOLD = "hold"
    RETENTION = "retention"
    SECRETS = "secrets"
    QUARANTINE = "quarantine"
    #: What a principal is in a wall.
    GRANT = "grant"
    #: That reads are noted in the audit trail.
    READ_AUDIT = "read_audit"
    #: What label is put on what comes in.
    LABEL = "label"
    #: What becomes of records whose label a reader may not see.
    REDACTION = "redaction"
    #: That what looks like a secret is shown to administrators alone.
    SECRET_MASK = "secret_mask"  # the name of a policy


#: The kinds of policies.
POLICIES = (
    DirectiveKind.RETENTION,
    DirectiveKind.SECRETS,
    DirectiveKind.QUARANTINE,
    DirectiveKind.READ_AUDIT,
    DirectiveKind.LABEL,
    DirectiveKind.REDACTION,
    DirectiveKind.SECRET_MASK,
)


class Deed(StrEnum):
    """What the audit trail tells."""

    HOLD_PLACED = "hold_placed"
    HOLD_LIFTED = "hold_lifted"
    POLICY_SET = "policy_set"
    POLICY_DROPPED = "policy_dropped"
    GRANT_GIVEN = "grant_given"
    GRANT_REVOKED = "grant_revoked"
    #: An erasure, or a policy's forgetting, left what a hold covers.
    REFUSED = "refused"
    ERASED = "erased"
    FORGOTTEN = "forgotten"
    #: The wall was written out by `export`.
    EXPORTED = "exported"
    #: A name was given to how the wall is, and let go of; the commit is the one that it names.
    SNAPSHOT_TAKEN = "snapshot_taken"
    SNAPSHOT_DROPPED = "snapshot_dropped"
    #: Somebody asked for something, where a policy has reads noted.
    READ = "read"
    #: The key of the wall was destroyed; see `Memory.erase`.
    KEY_DESTROYED = "key_destroyed"


#: How the laying down and the lifting of each kind is told.
_TOLD = {
    DirectiveKind.HOLD: (Deed.HOLD_PLACED, Deed.HOLD_LIFTED),
    DirectiveKind.GRANT: (Deed.GRANT_GIVEN, Deed.GRANT_REVOKED),
    **dict.fromkeys(POLICIES, (Deed.POLICY_SET, Deed.POLICY_DROPPED)),
}
LAID_DOWN = frozenset(down for down, _ in _TOLD.values())
LIFTED = frozenset(up for _, up in _TOLD.values())


class Expiry(StrEnum):
    """What becomes of a record at the end of its time."""

    #: Not recalled any more, history kept; `restore` and `revert` bring it back.
    ARCHIVE = "archive"
    #: Its words are destroyed.
    ERASE = "erase"


class Since(StrEnum):
    """From when the time of a record runs."""

    #: When its current revision was recorded, which never runs backwards.
    RECORDED = "recorded"
    #: When it was said or done; where that is unknown, when it was recorded.
    AT = "at"


class SecretAction(StrEnum):
    """What is done with a text that holds what looks like a secret."""

    #: It is stored as it came; nothing is looked for.
    KEEP = "keep"
    #: The secret never gets to the disk: a mark stands in its place.
    MASK = "mask"
    #: The record is held until somebody decides.
    HOLD = "hold"
    #: The call is refused.
    REFUSE = "refuse"


class RedactionAction(StrEnum):
    """What becomes of a record whose label a reader may not see."""

    #: It is as if it were not there.
    HIDE = "hide"
    #: `get`, `get_all`, `history` and `timeline` show that it is there, without its words; nothing else does.
    MASK = "mask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """One row: what was laid down, for which wall, by whom and when."""

    #: A number of the file, never given again; 0 until it is stored.
    id: int = 0
    kind: DirectiveKind
    #: Whose wall; agent and run narrow as in reads.
    scope: Scope
    body: Mapping[str, Json] = field(default_factory=dict)
    by: str | None = None
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A legal hold: while it stands, what it covers is neither erased nor forgotten."""

    id: int
    scope: Scope
    #: Why, in the words of who placed it.
    reason: str
    #: Only these records; None = not by id.
    record_ids: tuple[str, ...] | None = None
    #: Only records of which any revision is what these ask for; None = not by filter.
    filters: Filters | None = None
    by: str | None = None
    placed_at: datetime

    @classmethod
    def of(cls, directive: Directive) -> "Hold":
        """Read a row."""
        body = directive.body
        ids = cast("list[str] | None", body.get("record_ids"))
        return cls(
            id=directive.id,
            scope=directive.scope,
            reason=str(body["reason"]),
            record_ids=None if ids is None else tuple(ids),
            filters=_filters(body),
            by=directive.by,
            placed_at=directive.placed_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a principal is in a wall."""

    id: int
    scope: Scope
    principal: str
    role: Role
    #: The labels that it may see there, `*` = all; what bears none is seen by everybody, and all by an administrator.
    sees: tuple[str, ...] = ()
    by: str | None = None
    placed_at: datetime

    @classmethod
    def of(cls, directive: Directive) -> "Grant":
        """Read a row."""
        return cls(
            sees=tuple(cast("list[str]", directive.body.get("sees", []))),
            id=directive.id,
            scope=directive.scope,
            principal=str(directive.body["principal"]),
            role=Role(str(directive.body["role"])),
            by=directive.by,
            placed_at=directive.placed_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long records are kept. It takes effect when `forget` runs."""

    ttl_s: float
    since: Since = Since.RECORDED
    on_expiry: Expiry = Expiry.ARCHIVE
    #: Only of records that are what these ask for; None = of all.
    filters: Filters | None = None

    def body(self) -> dict[str, Json]:
        """Give what is stored of it beside its filters."""
        return {
            "ttl_s": self.ttl_s,
            "since": str(self.since),
            "on_expiry": str(self.on_expiry),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What is done with secrets in what is added from then on."""

    action: SecretAction

    def body(self) -> dict[str, Json]:
        """Give what is stored of it."""
        return {"action": str(self.action)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """Which of what is added from then on is held until somebody decides: what comes from an untrusted source."""

    #: None = everything.
    filters: Filters | None = None

    def body(self) -> dict[str, Json]:
        """Give what is stored of it beside its filters."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAudit:
    """That every read is noted in the audit trail, before it is answered."""

    def body(self) -> dict[str, Json]:
        """Give what is stored of it."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelling:
    """Which label is put on what is added from then on."""

    label: str
    #: None = on everything.
    filters: Filters | None = None

    def body(self) -> dict[str, Json]:
        """Give what is stored of it beside its filters."""
        return {"label": self.label}


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What becomes of records whose label a reader may not see."""

    action: RedactionAction

    def body(self) -> dict[str, Json]:
        """Give what is stored of it."""
        return {"action": str(self.action)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretMask:
    """That marks stand in the place of what looks like a secret in whatever is read by who does not administer."""

    def body(self) -> dict[str, Json]:
        """Give what is stored of it."""
        return {}


AnyPolicy = Retention | Secrets | Quarantine | ReadAudit | Labelling | Redaction | SecretMask


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingPolicy:
    """A policy that stands, for which wall, by whom and since when."""

    id: int
    scope: Scope
    policy: AnyPolicy
    by: str | None = None
    placed_at: datetime

    @classmethod
    def of(cls, directive: Directive) -> "StandingPolicy":
        """Read a row."""
        return cls(
            id=directive.id,
            scope=directive.scope,
            policy=_policy(directive.kind, directive.body),
            by=directive.by,
            placed_at=directive.placed_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry of the audit trail: references and numbers, no words."""

    #: A number of the file; 0 until it is stored.
    number: int = 0
    deed: Deed
    wall: Wall
    recorded_at: datetime
    #: The hold or policy that it is about.
    directive: int | None = None
    #: The record that it is about, where it is about one.
    record_id: str | None = None
    #: The commit that did it.
    commit: int | None = None
    #: How many records.
    count: int = 0
    #: HMAC of the directive that was laid down, under its salt; empty for anything else.
    mac: bytes = b""
    #: Hash over the former link and this entry; empty until it is stored.
    chain: bytes = b""
    #: Of a read: the grant by which it was asked for; None = the owner's, or nobody's.
    grant: int | None = None


class DirectiveReading(Protocol):
    """Reads of directives and the audit trail; a part of `Reading`."""

    def directives(
        self, kinds: Sequence[DirectiveKind], *, wall: Granted[Scope], with_shared: bool = False
    ) -> list[Directive]:
        """Give the directives of these kinds for exactly this wall, or also for the one its tenant shares, by id."""

    def audited(self, *, wall: Granted[Scope], limit: int | None = None) -> list[AuditEntry]:
        """Give the last entries of the audit trail about exactly this wall, oldest first; None = all."""

    def salted_directives(self, *, scope: Granted[Administration]) -> list[tuple[Directive, bytes]]:
        """Give every directive of the file with its salt, by id."""

    def trail(self, *, scope: Granted[Administration]) -> Iterator[AuditEntry]:
        """Give the audit trail of the whole file, by number."""


class DirectiveWriting(Protocol):
    """Changes of directives and the audit trail; a part of `Writing`."""

    def put_directive(self, directive: Directive, *, noted_at: datetime | None = None) -> Directive:
        """Lay down a directive, note it, and give it with its id; the wall need hold nothing yet.

        `noted_at` is when, for the trail; None = when it was placed.
        """

    def drop_directive(self, directive_id: int, *, wall: Granted[Scope], dropped_at: datetime) -> None:
        """Forget a directive of exactly this wall with its words, and note it.

        Raises:
            NotFound: no such directive there.
        """

    def note(self, entry: AuditEntry) -> None:
        """Add an entry to the audit trail; a record that it names is left out where that wall does not see it.

        Its time is that of the entry before and a microsecond where the clock stepped back, as in the log.
        """


def laid_down(directive: Directive, *, salt: bytes, noted_at: datetime | None = None) -> AuditEntry:
    """Give the entry that says that a directive was laid down; `noted_at` None = when it was placed."""
    deed = _TOLD[directive.kind][0]
    mac = directive_mac(directive, salt=salt)
    wall, when = directive.scope.wall, noted_at or directive.placed_at
    return AuditEntry(deed=deed, wall=wall, recorded_at=when, directive=directive.id, mac=mac)


def lifted(directive: Directive, dropped_at: datetime) -> AuditEntry:
    """Give the entry that says that a directive stands no more."""
    deed = _TOLD[directive.kind][1]
    return AuditEntry(deed=deed, wall=directive.scope.wall, recorded_at=dropped_at, directive=directive.id)


def directive_mac(directive: Directive, *, salt: bytes) -> bytes:
    """Give the HMAC-SHA256 of a directive under its salt."""
    scope = directive.scope
    fields = [
        directive.id,
        directive.kind,
        [scope.tenant, scope.user, scope.agent, scope.run],
        dict(directive.body),
        directive.by,
        to_us(directive.placed_at),
    ]
    return hmac.new(salt, _CANONICAL.encode(fields).encode(), hashlib.sha256).digest()


def audit_link(former: bytes, entry: AuditEntry) -> bytes:
    """Give the SHA-256 link of an entry, whose own `chain` is ignored, after the `former` one."""
    fields = [
        entry.number,
        entry.deed,
        entry.wall.tenant,
        entry.wall.user,
        to_us(entry.recorded_at),
        entry.directive,
        entry.record_id,
        entry.commit,
        entry.count,
        entry.mac.hex(),
        entry.grant,
    ]
    return hashlib.sha256(former + _CANONICAL.encode(fields).encode()).digest()


def _policy(kind: DirectiveKind, body: Mapping[str, Json]) -> AnyPolicy:
    match kind:
        case DirectiveKind.RETENTION:
            return Retention(
                ttl_s=cast("float", body["ttl_s"]),
                since=Since(str(body["since"])),
                on_expiry=Expiry(str(body["on_expiry"])),
                filters=_filters(body),
            )
        case DirectiveKind.SECRETS:
            return Secrets(action=SecretAction(str(body["action"])))
        case DirectiveKind.QUARANTINE:
            return Quarantine(filters=_filters(body))
        case DirectiveKind.READ_AUDIT:
            return ReadAudit()
        case DirectiveKind.LABEL:
            return Labelling(label=str(body["label"]), filters=_filters(body))
        case DirectiveKind.REDACTION:
            return Redaction(action=RedactionAction(str(body["action"])))
        case DirectiveKind.SECRET_MASK:
            return SecretMask()
        case DirectiveKind.HOLD | DirectiveKind.GRANT:
            raise InvalidArgument("kind", f"is a {kind}, which is no policy", "ask for it with holds() or grants()")


def _filters(body: Mapping[str, Json]) -> Filters | None:
    return cast("Filters | None", body.get("filters"))


def plain_filters(filters: Filters | None) -> dict[str, Json] | None:
    """Give filters as they can be kept: instants as ISO text, tuples as lists."""
    return None if filters is None else {str(name): _json(asked) for name, asked in filters.items()}


def _json(value: object) -> Json:
    if isinstance(value, Mapping):
        return {str(key): _json(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_json(part) for part in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return cast("Json", value)
