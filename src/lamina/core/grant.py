"""Permission as a value: what the policy has let through.

A store's reads take a `Granted[Scope]` or a `Granted[Administration]` and nothing else, so a flow that forgets the
policy does not type-check. Only `lamina.govern.access` makes one; a test reads the sources for that.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Granted(Generic[T_co]):
    """A value that the policy has let through."""

    value: T_co
