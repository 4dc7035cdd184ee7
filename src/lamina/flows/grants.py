"""Grants: what principals are in a wall; given, listed, revoked, and asked for every call that names a principal."""

from lamina.core.directives import Directive, DirectiveKind, Grant
from lamina.core.grant import Granted, Role
from lamina.core.protocols import Reading, Store
from lamina.core.scope import Scope
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


def roles_of(store: Store, principal: str | None, scope: Scope) -> tuple[Role, ...] | None:
    """Give the roles of a principal in the wall of a scope; None = the owner, whom nothing is asked of."""
    if principal is None:
        return None
    with store.read() as reading:
        given = grants_of(reading, scope=grant(Scope.of(scope.wall)))
    return tuple(one.role for one in given if one.principal == principal)
