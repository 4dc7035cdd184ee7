"""Access: the only place that lets a value through.

The embedded engine has one owner, who may read, write and administer every scope of the file; so every well-formed
value is granted. What a scope sees and changes is decided by `core.scope`, inside the store, for every read.
"""

from typing import TypeVar

from lamina.core.grant import Granted

T = TypeVar("T")


def grant(value: T) -> Granted[T]:
    """Let `value` (a `Scope`, an `Administration`, a `Query`) through for the single owner of an embedded memory."""
    return Granted(value)
