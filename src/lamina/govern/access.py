"""Access: the only place that lets a value through.

The embedded engine has one owner, who may read, write and administer every scope of the file: whoever calls without a
principal. A principal may do what the grants of a wall say, and nothing where there are none. What a scope sees and
changes is decided by `core.scope`, inside the store, for every read.
"""

import secrets
from collections.abc import Iterable
from typing import TypeVar

from lamina.core.clearance import Clearance
from lamina.core.grant import RIGHTS, Granted, Right, Role
from lamina.core.scope import Scope

T = TypeVar("T")
#: Where nothing is, and nobody can name: who may not look is answered as from an unknown scope, in the same way.
_NOWHERE = Scope(tenant=f"nowhere {secrets.token_hex(16)}")


def grant(value: T, clearance: Clearance | None = None) -> Granted[T]:
    """Let `value` (a `Scope`, an `Administration`, a `Query`) through, with what of labelled records it lets see.

    Without a clearance it is the single owner's of an embedded memory, or what Lamina does on nobody's behalf.
    """
    return Granted(value, clearance)


def grant_or_nowhere(
    scope: Scope, right: Right, roles: Iterable[Role] | None, clearance: Clearance | None = None
) -> Granted[Scope]:
    """Let a scope through for whoever has these roles in it (None = the owner), else one in which nothing is."""
    return Granted(scope, clearance) if has_right(right, roles) else Granted(_NOWHERE)


def has_right(right: Right, roles: Iterable[Role] | None) -> bool:
    """Say whether whoever has these roles has a right; None = the owner, who has every one."""
    return roles is None or any(right in RIGHTS[role] for role in roles)
