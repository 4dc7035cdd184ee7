"""Verbs about grants: what principals are in a wall."""

from collections.abc import Sequence
from typing import Unpack

from lamina.core.clearance import checked_labels
from lamina.core.directives import DirectiveKind, Grant
from lamina.core.errors import InvalidArgument
from lamina.core.grant import Role
from lamina.core.records import Json
from lamina.core.scope import Scope, ScopeKeys
from lamina.core.text import checked_count, checked_members, checked_name
from lamina.flows import grants as grants_flow
from lamina.govern.access import grant
from lamina.verbs.governing import MOST_IDS
from lamina.verbs.policing import Policing


class Granting(Policing):
    """The verbs by which grants are given and revoked."""

    def give_grant(
        self,
        who: str,
        role: Role | str,
        *,
        sees: Sequence[str] = (),
        by: str | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Grant:
        """Give a principal a role in the whole wall of the scope: `reader`, `writer` or `administrator`.

        A reader looks; a writer adds, corrects, withdraws, restores and reverts too; an administrator does everything
        that is done in one wall. Who calls without a principal is the owner, and needs no grant. `sees` names the
        labels that a reader or writer sees there, `["*"]` = all; what bears another is as if it were not there. What
        is seen of the shared wall its own grants say. An administrator sees everything.

        Raises:
            InvalidArgument: another role, a name that is none, or labels for an administrator.
            NotGranted: the principal of the call is no administrator there.
        """
        (asked,) = checked_members([role], Role, argument="role")
        wall = grant(Scope.of(self._granted(scope).value.wall))
        labels = checked_labels(sees, argument="sees")
        if labels and asked is Role.ADMINISTRATOR:
            raise InvalidArgument("sees", "is named for an administrator", "leave it out: an administrator sees all")
        body: dict[str, Json] = {"principal": checked_name(who, argument="who"), "role": str(asked)}
        if labels:
            body["sees"] = list(labels)
        directive = self._directive(DirectiveKind.GRANT, body, filters=None, by=by, scope=wall)
        return grants_flow.give_grant(self._opened(), directive)

    def revoke_grant(self, grant_id: int, **scope: Unpack[ScopeKeys]) -> None:
        """Take back a grant of the caller's own wall.

        Raises:
            NotFound: no such grant there.
            NotGranted: the principal of the call is no administrator there.
        """
        checked_count(grant_id, argument="grant_id", most=MOST_IDS)
        grants_flow.revoke_grant(self._opened(), grant_id, scope=self._granted(scope), clock=self._clock)

    def grants(self, **scope: Unpack[ScopeKeys]) -> tuple[Grant, ...]:
        """Give the grants of the caller's own wall, the oldest first.

        Raises:
            NotGranted: the principal of the call is no administrator there.
        """
        granted = self._granted(scope)
        with self._opened().read() as reading:
            return grants_flow.grants_of(reading, scope=granted)
