"""What writing verbs give back: what was done, to which records, and what was not done and why."""

from dataclasses import dataclass
from datetime import datetime

from lamina.core.directives import Expiry
from lamina.core.operations import Operation
from lamina.core.records import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """Something handed in again that is there already."""

    record: Record
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Something that the gate keeps back: stored, not recalled."""

    record: Record
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What `add` did; durable when it is returned."""

    stored: tuple[Record, ...] = ()
    #: New revisions of records whose external id was handed in with other words.
    updated: tuple[Record, ...] = ()
    repeated: tuple[Repeated, ...] = ()
    held: tuple[Held, ...] = ()
    #: What could not be done beside storing it, in sentences.
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """A record that was to be destroyed and stays, because legal holds cover it."""

    record_id: str
    #: The ids of the holds.
    holds: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a change did."""

    operations: tuple[Operation, ...]
    #: The ids of the records that changed.
    ids: tuple[str, ...]
    #: How many operations of each action.
    counts: dict[str, int]
    #: The ids of derived records that are now behind.
    stale: tuple[str, ...] = ()
    #: Of an erasure: whether the bytes are gone from the files; None for any other change.
    scrubbed: bool | None = None
    #: Of an erasure: whether the key of the wall was destroyed; see `Memory.erase`.
    key_destroyed: bool = False
    #: Of a rollback: the ids of records that were there then, and whose words were erased since: they stay gone.
    gone: tuple[str, ...] = ()
    #: Of an erasure or a policy's forgetting: what legal holds kept from it.
    protected: tuple[Protected, ...] = ()

    @property
    def commits(self) -> tuple[int, ...]:
        """The commits that the operations were part of, ascending; `revert` takes them."""
        return tuple(sorted({operation.commit for operation in self.operations}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A record whose time has ended by a policy."""

    record_id: str
    revision: int
    #: The id of the policy, and what it has the record become.
    policy: int
    on_expiry: Expiry
    #: When its time ended.
    ended_at: datetime
    #: The legal holds that keep it from that; empty = it goes.
    holds: tuple[int, ...] = ()
    #: The snapshots of the wall in which it stands, where it is erased: they do not keep it, and lack it from then on.
    snapshots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting(Receipt):
    """What `forget` did, or would do, and why."""

    #: Every record whose time has ended, those that holds keep among them.
    due: tuple[Due, ...] = ()
    #: Whether nothing was done.
    is_dry_run: bool = False
