"""Permission as a value: what the policy has let through; and which rights a role has.

A store's reads take a `Granted[Scope]` or a `Granted[Administration]` and nothing else, so a flow that forgets the
policy does not type-check. Only `lamina.govern.access` makes one; a test reads the sources for that.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from lamina.core.clearance import Clearance

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Granted(Generic[T_co]):
    """A value that the policy has let through."""

    value: T_co
    #: Which labelled records it lets see; None = all.
    clearance: Clearance | None = None


class Right(StrEnum):
    """What somebody may do in a wall."""

    #: Look: search, recall, get, list, history, log.
    READ = "read"
    #: Add, correct, withdraw, restore, revert.
    WRITE = "write"
    #: Erase, forget, decide what is held, holds, policies, grants, the audit trail.
    ADMINISTER = "administer"


class Role(StrEnum):
    """What somebody is in a wall."""

    READER = "reader"
    WRITER = "writer"
    ADMINISTRATOR = "administrator"


#: The rights of each role.
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.READER: frozenset({Right.READ}),
    Role.WRITER: frozenset({Right.READ, Right.WRITE}),
    Role.ADMINISTRATOR: frozenset(Right),
}
