"""The verbs of `AsyncMemory` that say what may become of records; see `verbs.governing`."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta, tzinfo
from typing import Unpack

from lamina.core.directives import AuditEntry, Expiry, Grant, Hold, RedactionAction, SecretAction, Since, StandingPolicy
from lamina.core.filter_shapes import Filters
from lamina.core.grant import Role
from lamina.core.receipts import Forgetting, Held, Receipt
from lamina.core.reports import Progress
from lamina.core.scope import ScopeKeys
from lamina.memory import Memory


class AsyncGoverning:
    """Holds, policies, what is held, and the audit trail, one thread hop each."""

    _memory: Memory

    @property
    def principal(self) -> str | None:
        """Who calls where a call names nobody; None = the owner."""
        return self._memory.principal

    async def give_grant(
        self,
        who: str,
        role: Role | str,
        *,
        sees: Sequence[str] = (),
        by: str | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Grant:
        """See `Memory.give_grant`."""
        return await asyncio.to_thread(self._memory.give_grant, who, role, sees=sees, by=by, **scope)

    async def revoke_grant(self, grant_id: int, **scope: Unpack[ScopeKeys]) -> None:
        """See `Memory.revoke_grant`."""
        await asyncio.to_thread(self._memory.revoke_grant, grant_id, **scope)

    async def grants(self, **scope: Unpack[ScopeKeys]) -> tuple[Grant, ...]:
        """See `Memory.grants`."""
        return await asyncio.to_thread(self._memory.grants, **scope)

    async def place_hold(
        self,
        reason: str,
        *,
        record_ids: Sequence[str] | None = None,
        session: str | None = None,
        filters: Filters | None = None,
        by: str | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Hold:
        """See `Memory.place_hold`."""
        return await asyncio.to_thread(
            self._memory.place_hold, reason, record_ids=record_ids, session=session, filters=filters, by=by, **scope
        )

    async def lift_hold(self, hold_id: int, **scope: Unpack[ScopeKeys]) -> None:
        """See `Memory.lift_hold`."""
        await asyncio.to_thread(self._memory.lift_hold, hold_id, **scope)

    async def holds(self, **scope: Unpack[ScopeKeys]) -> tuple[Hold, ...]:
        """See `Memory.holds`."""
        return await asyncio.to_thread(self._memory.holds, **scope)

    async def audit(self, *, limit: int | None = None, **scope: Unpack[ScopeKeys]) -> tuple[AuditEntry, ...]:
        """See `Memory.audit`."""
        return await asyncio.to_thread(self._memory.audit, limit=limit, **scope)

    async def set_retention(
        self,
        ttl: timedelta,
        *,
        since: Since | str = Since.RECORDED,
        on_expiry: Expiry | str = Expiry.ARCHIVE,
        filters: Filters | None = None,
        by: str | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> StandingPolicy:
        """See `Memory.set_retention`."""
        return await asyncio.to_thread(
            self._memory.set_retention, ttl, since=since, on_expiry=on_expiry, filters=filters, by=by, **scope
        )

    async def set_secrets(
        self, action: SecretAction | str, *, by: str | None = None, **scope: Unpack[ScopeKeys]
    ) -> StandingPolicy:
        """See `Memory.set_secrets`."""
        return await asyncio.to_thread(self._memory.set_secrets, action, by=by, **scope)

    async def set_quarantine(
        self, filters: Filters | None = None, *, by: str | None = None, **scope: Unpack[ScopeKeys]
    ) -> StandingPolicy:
        """See `Memory.set_quarantine`."""
        return await asyncio.to_thread(self._memory.set_quarantine, filters, by=by, **scope)

    async def set_label(
        self, label: str, filters: Filters | None = None, *, by: str | None = None, **scope: Unpack[ScopeKeys]
    ) -> StandingPolicy:
        """See `Memory.set_label`."""
        return await asyncio.to_thread(self._memory.set_label, label, filters, by=by, **scope)

    async def set_redaction(
        self, action: RedactionAction | str, *, by: str | None = None, **scope: Unpack[ScopeKeys]
    ) -> StandingPolicy:
        """See `Memory.set_redaction`."""
        return await asyncio.to_thread(self._memory.set_redaction, action, by=by, **scope)

    async def set_secret_mask(self, *, by: str | None = None, **scope: Unpack[ScopeKeys]) -> StandingPolicy:
        """See `Memory.set_secret_mask`."""
        return await asyncio.to_thread(self._memory.set_secret_mask, by=by, **scope)

    async def set_read_audit(self, *, by: str | None = None, **scope: Unpack[ScopeKeys]) -> StandingPolicy:
        """See `Memory.set_read_audit`."""
        return await asyncio.to_thread(self._memory.set_read_audit, by=by, **scope)

    async def held(self, *, limit: int | None = None, **scope: Unpack[ScopeKeys]) -> tuple[Held, ...]:
        """See `Memory.held`."""
        return await asyncio.to_thread(self._memory.held, limit=limit, **scope)

    async def approve(
        self,
        record_id: str | None = None,
        *,
        filters: Filters | None = None,
        timezone: tzinfo | str | None = None,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Receipt:
        """See `Memory.approve`; `on_progress` is called in the worker thread, there and below."""
        return await asyncio.to_thread(
            self._memory.approve, record_id, filters=filters, timezone=timezone, on_progress=on_progress, **scope
        )

    async def deny(
        self,
        record_id: str | None = None,
        *,
        filters: Filters | None = None,
        timezone: tzinfo | str | None = None,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Receipt:
        """See `Memory.deny`."""
        return await asyncio.to_thread(
            self._memory.deny, record_id, filters=filters, timezone=timezone, on_progress=on_progress, **scope
        )

    async def policies(self, **scope: Unpack[ScopeKeys]) -> tuple[StandingPolicy, ...]:
        """See `Memory.policies`."""
        return await asyncio.to_thread(self._memory.policies, **scope)

    async def drop_policy(self, policy_id: int, **scope: Unpack[ScopeKeys]) -> None:
        """See `Memory.drop_policy`."""
        await asyncio.to_thread(self._memory.drop_policy, policy_id, **scope)

    async def forget(
        self,
        *,
        dry_run: bool = False,
        wait: bool = True,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Forgetting:
        """See `Memory.forget`; `on_progress` is called in the worker thread."""
        return await asyncio.to_thread(
            self._memory.forget, dry_run=dry_run, wait=wait, on_progress=on_progress, **scope
        )
