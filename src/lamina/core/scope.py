"""Whose memory it is, who sees it, and who changes it.

The wall `(tenant, user)` isolates; `agent` and `run` are facets that narrow inside it. `sees` and `changes` are the
whole rule; everything else calls them. A record without a user is shared by its tenant: every user of the tenant
reads it, and only `Scope.shared` changes it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Self, TypedDict

from lamina.core.errors import InvalidArgument
from lamina.core.text import checked_name

DEFAULT_TENANT = "default"
DEFAULT_USER = "default"


class ScopeKeys(TypedDict, total=False):
    """The keywords by which every call can name a scope."""

    scope: "Scope"
    tenant_id: str
    user_id: str
    agent_id: str
    run_id: str
    #: Who calls, where grants count; see `core.grant`. It is no part of a scope.
    principal: str


class ReadKeys(ScopeKeys, total=False):
    """The keywords of every call that reads: a scope, and of when, as known when; see `core.clocks`."""

    as_of: datetime | str | float | None
    known_at: datetime | str | float | None


class Wall(NamedTuple):
    """What isolates: one user of one tenant, or (without a user) what the tenant shares."""

    tenant: str
    user: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The part of memory that a call addresses or a record lies in."""

    tenant: str = DEFAULT_TENANT
    #: None only in `Scope.shared`.
    user: str | None = DEFAULT_USER
    agent: str | None = None
    run: str | None = None
    #: Set by `shared` and `of` alone, so that a forgotten user never shares.
    _may_lack_user: bool = field(default=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse names that cannot be kept, and a missing user.

        Raises:
            InvalidArgument: a name that is no text, empty, too long, or holds NUL or unpaired surrogates.
        """
        for argument, name in (
            ("tenant_id", self.tenant),
            ("user_id", self.user),
            ("agent_id", self.agent),
            ("run_id", self.run),
        ):
            if argument == "user_id" and name is None and not self._may_lack_user:
                raise InvalidArgument("user_id", "is None", "name the user; what is shared is Scope.shared(tenant)")
            if name is not None or argument == "tenant_id":
                checked_name(name, argument=argument)

    @classmethod
    def shared(cls, tenant: str = DEFAULT_TENANT, *, agent: str | None = None, run: str | None = None) -> Self:
        """Give the scope of what the tenant's users share; the only one through which it is changed."""
        return cls(tenant=tenant, user=None, agent=agent, run=run, _may_lack_user=True)

    @classmethod
    def of(cls, wall: Wall, *, agent: str | None = None, run: str | None = None) -> Self:
        """Give the scope of a wall that exists, the shared one included; for stores."""
        return cls(tenant=wall.tenant, user=wall.user, agent=agent, run=run, _may_lack_user=True)

    @property
    def wall(self) -> Wall:
        """The wall that this scope lies in."""
        return Wall(self.tenant, self.user)

    @property
    def visible_walls(self) -> tuple[Wall, ...]:
        """The walls a read at this scope looks into: its own first, then the tenant's shared one."""
        if self.user is None:
            return (self.wall,)
        return (self.wall, Wall(self.tenant, None))


@dataclass(frozen=True, slots=True)
class Administration:
    """The scope of whole-file acts: listing tenants and users, whole-file statistics, export, verify."""


def sees(reader: Scope, record: Scope) -> bool:
    """Say whether a read at `reader` sees a record that lies in `record`."""
    return (
        record.tenant == reader.tenant
        and record.user in (reader.user, None)
        and (reader.agent is None or record.agent in (reader.agent, None))
        and (reader.run is None or record.run in (reader.run, None))
    )


def changes(caller: Scope, record: Scope) -> bool:
    """Say whether a call at `caller` may change a record that lies in `record`: only inside the caller's own wall."""
    return record.wall == caller.wall and sees(caller, record)


def scope_from(keys: ScopeKeys, *, default: Scope) -> Scope:
    """Give the scope that a call's keywords name; parts that are not named come from `default`.

    Naming another tenant or user drops the default's agent and run, which belong to that user.

    Raises:
        InvalidArgument: both a `scope` and single keywords, an unknown keyword, a name that cannot be kept, or another
            tenant without a user where `default` is what a tenant shares.
    """
    unknown = set(keys) - ScopeKeys.__optional_keys__
    if unknown:
        raise InvalidArgument(min(unknown), "is not a keyword of this call", "check its spelling")
    given = {key: value for key, value in keys.items() if value is not None and key != "principal"}
    scope = given.pop("scope", None)
    if scope is not None:
        if given:
            raise InvalidArgument("scope", f"comes together with `{min(given)}`", "give either a Scope or the keywords")
        if not isinstance(scope, Scope):
            raise InvalidArgument("scope", f"is {type(scope).__name__}", "give a lamina.Scope")
        return scope
    if not given:
        return default
    wall = Wall(_text(given.get("tenant_id", default.tenant)), _optional(given.get("user_id", default.user)))
    moves = wall != default.wall
    if moves and wall.user is None:
        raise InvalidArgument("user_id", "is not named", "name the user; what is shared is scope=Scope.shared(tenant)")
    return Scope.of(
        wall,
        agent=_optional(given.get("agent_id", None if moves else default.agent)),
        run=_optional(given.get("run_id", None if moves else default.run)),
    )


def _text(name: object) -> str:
    return name  # type: ignore[return-value]  # __post_init__ of Scope refuses what is no text


def _optional(name: object) -> str | None:
    return None if name is None else _text(name)
