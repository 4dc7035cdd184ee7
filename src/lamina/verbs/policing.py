"""Verbs about policies: how long records are kept, what is done with secrets, what is held until somebody decides."""

from datetime import timedelta, tzinfo
from typing import Unpack

from lamina.core.clearance import checked_label
from lamina.core.directives import (
    AnyPolicy,
    DirectiveKind,
    Expiry,
    Labelling,
    Quarantine,
    ReadAudit,
    Redaction,
    RedactionAction,
    Retention,
    SecretAction,
    SecretMask,
    Secrets,
    Since,
    StandingPolicy,
)
from lamina.core.errors import InvalidArgument
from lamina.core.filter_shapes import Filters
from lamina.core.operations import Action
from lamina.core.receipts import Forgetting, Held, Receipt
from lamina.core.reports import Progress
from lamina.core.scope import Scope, ScopeKeys
from lamina.core.text import checked_count, checked_id, checked_members
from lamina.flows import forget as forget_flow
from lamina.flows import held as held_flow
from lamina.flows import policies as policies_flow
from lamina.flows.intake import read_asked
from lamina.govern.access import grant
from lamina.verbs.governing import MOST_IDS, Governing


class Policing(Governing):
    """The verbs by which policies are set and dropped, and retention takes effect."""

    def set_retention(
        self,
        ttl: timedelta,
        *,
        since: Since | str = Since.RECORDED,
        on_expiry: Expiry | str = Expiry.ARCHIVE,
        filters: Filters | None = None,
        by: str | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> StandingPolicy:
        """Set how long records of the caller's own wall are kept; it takes effect when `forget` runs.

        The time runs from when the current revision was recorded, or with `since="at"` from when it was said. At its
        end the record is archived, or with `on_expiry="erase"` erased. `filters` say of which records. Policies stand
        side by side until they are dropped.

        Raises:
            InvalidArgument: a time that is not positive, or a filter that cannot be meant.
        """
        if not isinstance(ttl, timedelta) or ttl <= timedelta(0):
            raise InvalidArgument("ttl", f"is {ttl}", "give a timedelta longer than none")
        (from_when,) = checked_members([since], Since, argument="since")
        (what_then,) = checked_members([on_expiry], Expiry, argument="on_expiry")
        policy = Retention(ttl_s=ttl.total_seconds(), since=from_when, on_expiry=what_then)
        return self._set(DirectiveKind.RETENTION, policy, filters, by, scope)

    def set_secrets(
        self, action: SecretAction | str, *, by: str | None = None, **scope: Unpack[ScopeKeys]
    ) -> StandingPolicy:
        """Set what is done with keys, passwords and the like in what is added to the caller's own wall from then on.

        `keep` stores it as it comes (which is so without a policy, and nothing is looked for); `mask` puts a mark in
        the place of the secret, which never gets to the disk; `hold` holds the record until somebody decides; `refuse`
        refuses the call. Of several such policies the last counts. What was added before stays as it is.

        Raises:
            InvalidArgument: another action.
        """
        (asked,) = checked_members([action], SecretAction, argument="action")
        return self._set(DirectiveKind.SECRETS, Secrets(action=asked), None, by, scope)

    def set_quarantine(
        self, filters: Filters | None = None, *, by: str | None = None, **scope: Unpack[ScopeKeys]
    ) -> StandingPolicy:
        """Hold what is added to the caller's own wall from then on, until somebody decides: see `held`.

        `filters` say what: by speaker, role, agent, modality, metadata, whatever names a source that is not trusted.
        None = everything. Corrections by `update` are the caller's own, and are not held.

        Raises:
            InvalidArgument: a filter that cannot be meant.
        """
        return self._set(DirectiveKind.QUARANTINE, Quarantine(), filters, by, scope)

    def set_label(
        self,
        label: str,
        filters: Filters | None = None,
        *,
        by: str | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> StandingPolicy:
        """Put a label on what comes into the caller's own wall from then on: who sees it, `give_grant` says.

        `filters` say on what, `None` = on everything; a document bears it as a whole. It takes the place of a label
        that the caller names. Of several such policies the last that fits counts. An update that changes more than the
        label is asked likewise; a label that is there and that it does not name stays. What was added before stays as
        it is; `update(filters=…, sensitivity=…)` labels it.

        Raises:
            InvalidArgument: no name that can be a label, or a filter that cannot be meant.
        """
        named = checked_label(label, argument="label")
        return self._set(DirectiveKind.LABEL, Labelling(label=named), filters, by, scope)

    def set_redaction(
        self, action: RedactionAction | str, *, by: str | None = None, **scope: Unpack[ScopeKeys]
    ) -> StandingPolicy:
        """Set what becomes of records of the caller's own wall whose label a principal may not see.

        `hide`, which is so without a policy: they are as if they were not there. `mask`: `get`, `get_all`, `history`
        and `timeline` show that they are there, without words, speaker, metadata and external id; nothing else does.
        Of several such policies the last counts. It is of the whole wall.

        Raises:
            InvalidArgument: another action.
        """
        (asked,) = checked_members([action], RedactionAction, argument="action")
        return self._set_of_wall(DirectiveKind.REDACTION, Redaction(action=asked), by, scope)

    def set_secret_mask(self, *, by: str | None = None, **scope: Unpack[ScopeKeys]) -> StandingPolicy:
        """Have what looks like a secret shown to the owner and administrators of the caller's own wall alone.

        Whoever else reads it, there or from another wall, sees a mark as long as the secret, in texts, names and
        metadata. It is of the whole wall, and of what was added before as of what comes. Words are found as they are:
        who guesses a secret is given the record, with the mark. `set_secrets` keeps secrets off the disk.
        """
        return self._set_of_wall(DirectiveKind.SECRET_MASK, SecretMask(), by, scope)

    def set_read_audit(self, *, by: str | None = None, **scope: Unpack[ScopeKeys]) -> StandingPolicy:
        """Have every read of the caller's own wall noted in the audit trail from then on, before it is answered.

        Each search, recall, explanation, listing, look at a record, its history, the log, the timeline or figures:
        when, by which grant, and which record, where it is one. A read that cannot be noted is not answered. Of what a
        tenant shares, also those through the memory of a user.
        """
        return self._set(DirectiveKind.READ_AUDIT, ReadAudit(), None, by, scope)

    def held(self, *, limit: int | None = None, **scope: Unpack[ScopeKeys]) -> tuple[Held, ...]:
        """Give what the gate holds in the caller's own wall, in the order of arrival, each with the reason.

        Raises:
            InvalidArgument: a limit that is not positive.
        """
        if limit is not None:
            checked_count(limit, argument="limit", most=MOST_IDS)
        granted = self._granted(scope)
        with self._opened().read() as reading:
            return held_flow.held_of(reading, scope=granted, limit=limit)

    def approve(
        self,
        record_id: str | None = None,
        *,
        filters: Filters | None = None,
        timezone: tzinfo | str | None = None,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Receipt:
        """Make what is held active, so that it is found; with a part of a document all of it.

        Raises:
            NotFound: no such record in the caller's own wall.
            InvalidArgument: both an id and filters, or neither; a filter that cannot be meant.
            InvalidTransition: it is not held.
        """
        return self._decide(Action.APPROVE, record_id, filters, timezone, on_progress, scope)

    def deny(
        self,
        record_id: str | None = None,
        *,
        filters: Filters | None = None,
        timezone: tzinfo | str | None = None,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Receipt:
        """Withdraw what is held, with a part of a document all of it; words in whose place it came are back.

        Raises:
            NotFound: no such record in the caller's own wall.
            InvalidArgument: both an id and filters, or neither; a filter that cannot be meant.
            InvalidTransition: it is not held.
        """
        return self._decide(Action.DENY, record_id, filters, timezone, on_progress, scope)

    def policies(self, **scope: Unpack[ScopeKeys]) -> tuple[StandingPolicy, ...]:
        """Give the policies that stand for the caller's own wall, the oldest first."""
        granted = self._granted(scope)
        with self._opened().read() as reading:
            return policies_flow.policies_of(reading, scope=granted)

    def drop_policy(self, policy_id: int, **scope: Unpack[ScopeKeys]) -> None:
        """Drop a policy of the caller's own wall; what it did stays done.

        Raises:
            NotFound: no such policy there.
        """
        checked_count(policy_id, argument="policy_id", most=MOST_IDS)
        policies_flow.drop_policy(self._opened(), policy_id, scope=self._granted(scope), clock=self._clock)

    def forget(
        self,
        *,
        dry_run: bool = False,
        wait: bool = True,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Forgetting:
        """Let go of what the retention policies of the caller's own wall say is at the end of its time.

        With `dry_run` it says what would go and why, and changes nothing. In bounded transactions: what is done stays
        done, and the same call again goes on. The operations are the policy's; what was archived, `revert(receipt)`
        brings back as one. What a legal hold covers stays, and is listed. `wait` is as in `erase`.

        Raises:
            StoreBusy, StoreFull, StoreReadOnly: the file could not be written.
        """
        store, granted = self._opened(), self._granted(scope)
        if dry_run:
            return forget_flow.foresee(store, scope=granted, clock=self._clock, on_progress=on_progress)
        return forget_flow.forget(
            store, scope=granted, clock=self._clock, rules=self._rules, wait=wait, on_progress=on_progress
        )

    def _decide(
        self,
        action: Action,
        record_id: str | None,
        filters: Filters | None,
        timezone: tzinfo | str | None,
        on_progress: Progress | None,
        scope: ScopeKeys,
    ) -> Receipt:
        if (record_id is None) == (filters is None):
            raise InvalidArgument("record_id", "and `filters` are both given, or neither", "name one of the two")
        asked = read_asked(filters, timezone=timezone)
        store, granted, clock, rules = self._opened(), self._granted(scope), self._clock, self._rules
        if record_id is not None:
            name = checked_id(record_id)
            return held_flow.decide(store, name, action, scope=granted, clock=clock, rules=rules)
        return held_flow.decide_many(
            store, asked, action, scope=granted, clock=clock, rules=rules, on_progress=on_progress
        )

    def _set_of_wall(self, kind: DirectiveKind, policy: AnyPolicy, by: str | None, scope: ScopeKeys) -> StandingPolicy:
        """Set a policy that no agent or run narrows."""
        wall = grant(Scope.of(self._granted(scope).value.wall))
        return policies_flow.set_policy(
            self._opened(), self._directive(kind, policy.body(), filters=None, by=by, scope=wall)
        )

    def _set(
        self,
        kind: DirectiveKind,
        policy: AnyPolicy,
        filters: Filters | None,
        by: str | None,
        scope: ScopeKeys,
    ) -> StandingPolicy:
        directive = self._directive(kind, policy.body(), filters=filters, by=by, scope=self._granted(scope))
        return policies_flow.set_policy(self._opened(), directive)
