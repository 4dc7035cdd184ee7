"""Forgetting: what the retention policies of a wall say is at the end of its time goes, in a page a transaction.

Nothing is forgotten by itself: policies take effect when this runs. A record whose time has ended is archived (not
recalled any more, history kept) or erased, by operations of the policy, not of a caller; where several policies cover
it, the one that erases goes first. What a legal hold covers stays. The time of a record runs from when its current
revision was recorded, which never runs backwards, or from when it was said; a clock that stepped back forgets less.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lamina.core.directives import AuditEntry, Deed, Expiry, Retention, Since, StandingPolicy
from lamina.core.filters import Filter, holds
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Actor, Change, Operation
from lamina.core.protocols import Reading, Store, Writing
from lamina.core.receipts import Due, Forgetting, Protected
from lamina.core.records import Record
from lamina.core.reports import Progress
from lamina.core.rows import Listing
from lamina.core.scope import Scope, changes
from lamina.core.time import Clock
from lamina.flows.bulk import PAGE, Doing, Judge, Many, change_many
from lamina.flows.cutting import Rules
from lamina.flows.erase import THERE, Erasing, scrubbed
from lamina.flows.holds import Guard, note_refusals
from lamina.flows.intake import read_asked
from lamina.flows.policies import policies_of
from lamina.flows.revise import receipt

#: What is archived: the rest is so already, or gone in another way.
_ARCHIVABLE = (State.ACTIVE, State.HELD)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A retention policy with its filters as a tree."""

    standing: StandingPolicy
    retention: Retention
    filters: Filter | None

    def ends(self, record: Record) -> datetime | None:
        """Say when the time of a record ends; None where the policy does not cover it, or never."""
        is_covered = changes(self.standing.scope, record.scope) and (
            self.filters is None or holds(self.filters, record)
        )
        if not is_covered or record.recorded_at is None:
            return None
        begins = record.recorded_at if self.retention.since is Since.RECORDED or record.at is None else record.at
        try:
            return begins + timedelta(seconds=self.retention.ttl_s)
        except OverflowError:
            return None


class _Clerk:
    """Says of each record what the policies of a wall have it become at a moment, within one transaction."""

    def __init__(self, reading: Reading, *, scope: Granted[Scope], now: datetime) -> None:
        self._asked = [
            _Asked(standing, standing.policy, read_asked(standing.policy.filters, timezone=None))
            for standing in policies_of(reading, scope=scope)
            if isinstance(standing.policy, Retention)
        ]
        self._guard = Guard(reading, scope=scope)
        self._reading, self._scope, self._now = reading, scope, now
        self._snapshots = reading.snapshots(wall=scope)

    @property
    def is_idle(self) -> bool:
        """Whether there is no policy that could let go of anything."""
        return not self._asked

    def due(self, record: Record) -> Due | None:
        """Give what is due of a record; None where its time has not ended, or it is so already."""
        found: list[tuple[bool, datetime, _Asked]] = []
        for asked in self._asked:
            ended = asked.ends(record)
            erases = asked.retention.on_expiry is Expiry.ERASE
            if ended is not None and ended <= self._now and (erases or record.state in _ARCHIVABLE):
                found.append((not erases, ended, asked))
        if not found:
            return None
        _, ended, asked = min(found, key=lambda one: one[:2])
        return Due(
            record_id=record.id,
            revision=record.revision,
            policy=asked.standing.id,
            on_expiry=asked.retention.on_expiry,
            ended_at=ended,
            holds=self._guard.over(record),
            snapshots=self._standing_in(record) if asked.retention.on_expiry is Expiry.ERASE else (),
        )

    def _standing_in(self, record: Record) -> tuple[str, ...]:
        """Give the snapshots in which a record is active."""
        if not self._snapshots:
            return ()
        log = self._reading.operations(record.id, scope=self._scope)
        last = [[one.to_state for one in log if one.number <= snapshot.number][-1:] for snapshot in self._snapshots]
        return tuple(
            snapshot.name for snapshot, state in zip(self._snapshots, last, strict=True) if state == [State.ACTIVE]
        )


def forget(
    store: Store,
    *,
    scope: Granted[Scope],
    clock: Clock,
    rules: Rules,
    wait: bool = True,
    on_progress: Progress | None = None,
) -> Forgetting:
    """Let go of what the policies of the caller's own wall say is at the end of its time.

    What is done stays done, and the same call again goes on where it was stopped.
    """
    now = clock.now()
    with store.read() as reading:
        if _Clerk(reading, scope=scope, now=now).is_idle:
            return Forgetting(operations=(), ids=(), counts={})
    told: list[Due] = []
    erasing = Erasing(scope, rules, Actor.POLICY)
    operations: list[Operation] = []
    # Erasing goes first: what is erased need not be archived before.
    for expiry, states in ((Expiry.ERASE, THERE), (Expiry.ARCHIVE, _ARCHIVABLE)):
        doing = _Noting(erasing.doing if expiry is Expiry.ERASE else Doing(_archive), told, scope).doing
        many = Many(None, states, judging=_Judging(expiry, told, scope, now), asks_documents=False)
        operations += change_many(store, many, doing, scope=scope, clock=clock, rules=rules, on_progress=on_progress)
    refused = [Protected(record_id=due.record_id, holds=due.holds) for due in told if due.holds]
    if refused:
        with store.write() as writing:
            note_refusals(writing, refused, scope=scope, now=now)
    summed = receipt(operations)
    done = Forgetting(
        operations=summed.operations,
        ids=summed.ids,
        counts=summed.counts,
        protected=tuple(refused),
        due=tuple(told),
    )
    if any(one.to_state is State.ERASED for one in operations):
        return replace(done, scrubbed=scrubbed(store, done, clock=clock, wait=wait).scrubbed)
    return done


def foresee(store: Store, *, scope: Granted[Scope], clock: Clock, on_progress: Progress | None = None) -> Forgetting:
    """Say what `forget` would let go of now and why, and change nothing."""
    told: list[Due] = []
    cursor, seen = None, 0
    while True:
        with store.read() as reading:
            clerk = _Clerk(reading, scope=scope, now=clock.now())
            listing = Listing(kinds=(Kind.OBSERVATION,), states=THERE, after=cursor, limit=PAGE)
            page = reading.page(listing, scope=scope)
            own = [record for record in page.records if changes(scope.value, record.scope)]
            told += [due for due in map(clerk.due, own) if due is not None]
        seen += len(own)
        if on_progress is not None:
            on_progress(seen, max(seen, 1))
        if clerk.is_idle or len(own) < PAGE:
            break
        cursor = page.cursors[len(own) - 1]
    told.sort(key=_is_later)
    refused = tuple(Protected(record_id=due.record_id, holds=due.holds) for due in told if due.holds)
    return Forgetting(operations=(), ids=(), counts={}, protected=refused, due=tuple(told), is_dry_run=True)


def _is_later(due: Due) -> bool:
    """Say whether something is due after what is erased; each in the order of arrival."""
    return due.on_expiry is not Expiry.ERASE


@dataclass(frozen=True, slots=True)
class _Judging:
    """Lets through what is due in one way, and tells of all that is, held or not."""

    expiry: Expiry
    told: list[Due]
    scope: Granted[Scope]
    now: datetime

    def __call__(self, reading: Reading) -> Judge:
        """Give what judges the records of one transaction."""
        clerk = _Clerk(reading, scope=self.scope, now=self.now)

        def is_meant(record: Record) -> bool:
            due = clerk.due(record)
            if due is None or due.on_expiry is not self.expiry:
                return False
            self.told.append(due)
            return not due.holds

        return is_meant


@dataclass(frozen=True, slots=True)
class _Noting:
    """Does what is done, and notes in the audit trail by which policies."""

    inner: Doing
    told: list[Due]
    scope: Granted[Scope]

    @property
    def doing(self) -> Doing:
        """What is done to each record, and at the end of a transaction."""
        return Doing(self.inner.act, self._finish)

    def _finish(self, writing: Writing, targets: Sequence[Record], now: datetime) -> Sequence[Operation]:
        done = () if self.inner.finish is None else self.inner.finish(writing, targets, now)
        gone = {record.id for record in targets}
        policies = Counter(due.policy for due in self.told if due.record_id in gone)
        commit = writing.operations(targets[-1].id, scope=self.scope)[-1].commit
        for policy, count in sorted(policies.items()):
            wall = self.scope.value.wall
            writing.note(
                AuditEntry(
                    deed=Deed.FORGOTTEN, wall=wall, recorded_at=now, directive=policy, commit=commit, count=count
                )
            )
        return done


def _archive(writing: Writing, record: Record, now: datetime) -> Sequence[Operation]:
    change = Change(action=Action.ARCHIVE, record=record, to_state=State.ARCHIVED, actor=Actor.POLICY)
    return (writing.apply(change, recorded_at=now),)
