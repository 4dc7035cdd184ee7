"""Policies of a wall: laid down, listed, dropped. What they do stands where it is done: `forget`, and intake."""

from lamina.core.directives import POLICIES, Directive, StandingPolicy
from lamina.core.grant import Granted
from lamina.core.protocols import Reading, Store
from lamina.core.scope import Scope
from lamina.core.time import Clock
from lamina.flows.holds import drop


def set_policy(store: Store, directive: Directive) -> StandingPolicy:
    """Lay down a policy for the caller's own wall."""
    with store.write() as writing:
        return StandingPolicy.of(writing.put_directive(directive))


def drop_policy(store: Store, policy_id: int, *, scope: Granted[Scope], clock: Clock) -> None:
    """Drop a policy of the caller's own wall; its words go with it.

    Raises:
        NotFound: no such policy there.
    """
    drop(store, policy_id, POLICIES, scope=scope, clock=clock)


def policies_of(reading: Reading, *, scope: Granted[Scope]) -> tuple[StandingPolicy, ...]:
    """Give the policies that stand for the caller's own wall, by id."""
    return tuple(map(StandingPolicy.of, reading.directives(POLICIES, wall=scope)))
