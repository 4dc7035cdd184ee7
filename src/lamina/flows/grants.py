"""Grants: what principals are in a wall; given, listed, revoked, and asked for every call that names a principal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lamina.core.clearance import EVERY, Clearance, Sees
from lamina.core.directives import (
    AuditEntry,
    Deed,
    Directive,
    DirectiveKind,
    Grant,
    Redaction,
    RedactionAction,
    StandingPolicy,
)
from lamina.core.grant import RIGHTS, Granted, Right, Role
from lamina.core.protocols import Reading, Store
from lamina.core.scope import Scope, Wall, changes
from lamina.core.time import Clock
from lamina.flows.holds import drop
from lamina.govern.access import grant

_KINDS = (DirectiveKind.GRANT,)


def give_grant(store: Store, directive: Directive) -> Grant:
    """Give a principal a role in the caller's own wall."""
    with store.write() as writing:
        return Grant.of(writing.put_directive(directive))


def revoke_grant(store: Store, grant_id: int, *, scope: Granted[Scope], clock: Clock) -> None:
    """Take back a grant of the caller's own wall.

    Raises:
        NotFound: no such grant there.
    """
    drop(store, grant_id, _KINDS, scope=scope, clock=clock)


def grants_of(reading: Reading, *, scope: Granted[Scope]) -> tuple[Grant, ...]:
    """Give the grants of the caller's own wall, by id."""
    return tuple(map(Grant.of, reading.directives(_KINDS, wall=scope)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, in one scope: the owner, or a principal with its grants in that wall."""

    scope: Scope
    #: None = the owner.
    grants: tuple[Grant, ...] | None = None
    #: What a principal sees of each wall of which it does not see all; whether that is masked stands in it.
    sees: tuple[tuple[Wall, Sees], ...] = ()

    @property
    def roles(self) -> tuple[Role, ...] | None:
        """The roles in that wall; None = the owner, who has every right."""
        return None if self.grants is None else tuple(one.role for one in self.grants)

    def grant_for(self, right: Right) -> int | None:
        """Give the grant by which a right is there; None = the owner, or none."""
        return next((one.id for one in self.grants or () if right in RIGHTS[one.role]), None)

    def clearance(self, *, may_mask: bool = False) -> Clearance | None:
        """Give which labelled records the call lets see; None = all. Masks stand only where a call may show them."""
        if not self.sees:
            return None
        return Clearance(tuple((wall, replace(seen, masks=seen.masks and may_mask)) for wall, seen in self.sees))


def caller_of(store: Store, principal: str | None, scope: Scope) -> Caller:
    """Give who calls: a principal, or the owner where there is none."""
    if principal is None:
        return Caller(scope=scope)
    with store.read() as reading:
        given = {wall: _given(reading, principal, wall) for wall in scope.visible_walls}
    sees = [(wall, seen) for wall, (_, seen) in given.items() if seen is not None]
    return Caller(scope=scope, grants=given[scope.wall][0], sees=tuple(sees))


def _given(reading: Reading, principal: str, wall: Wall) -> tuple[tuple[Grant, ...], Sees | None]:
    """Give the grants of a principal in a wall, and what it sees there by these; None = everything."""
    standing = reading.directives(
        (*_KINDS, DirectiveKind.REDACTION, DirectiveKind.SECRET_MASK), wall=grant(Scope.of(wall))
    )
    every = [Grant.of(one) for one in standing if one.kind is DirectiveKind.GRANT]
    given = tuple(one for one in every if one.principal == principal)
    named = {label for one in given for label in one.sees}
    labels = None if EVERY in named else frozenset(named)
    masks_secrets = any(one.kind is DirectiveKind.SECRET_MASK for one in standing)
    if (labels is None and not masks_secrets) or any(one.role is Role.ADMINISTRATOR for one in given):
        return given, None
    actions = [StandingPolicy.of(one).policy for one in standing if one.kind is DirectiveKind.REDACTION]
    masks = [one.action is RedactionAction.MASK for one in actions if isinstance(one, Redaction)]
    return given, Sees(labels, masks=bool(masks) and masks[-1], masks_secrets=masks_secrets)


def entries_of_read(
    reading: Reading, caller: Caller, *, record_id: str | None, now: datetime
) -> tuple[AuditEntry, ...]:
    """Give what is noted of a read: an entry for each wall that it looks into and that has a policy which says so.

    Of who may not look there too. Whoever answers notes them first.
    """
    noted: list[AuditEntry] = []
    standing = reading.directives((DirectiveKind.READ_AUDIT,), wall=grant(caller.scope), with_shared=True)
    for wall in caller.scope.visible_walls if standing else ():
        within = Scope.of(wall, agent=caller.scope.agent, run=caller.scope.run)
        asked = next((one for one in standing if changes(one.scope, within)), None)
        if asked is not None:
            entry = AuditEntry(
                deed=Deed.READ,
                wall=wall,
                recorded_at=now,
                directive=asked.id,
                record_id=record_id,
                grant=caller.grant_for(Right.READ),
            )
            noted.append(entry)
    return tuple(noted)


def note(store: Store, entries: Sequence[AuditEntry]) -> None:
    """Note what was done, where there is something to note.

    Raises:
        StoreReadOnly, StoreBusy, StoreFull: it cannot be noted.
    """
    if entries:
        with store.write() as writing:
            for entry in entries:
                writing.note(entry)
