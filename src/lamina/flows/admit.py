"""Admitting: the gate that the policies of a wall make of what comes in."""

from lamina.core.directives import DirectiveKind, Labelling, Quarantine, SecretAction, Secrets, StandingPolicy
from lamina.core.grant import Granted
from lamina.core.protocols import Reading
from lamina.core.scope import Scope, changes
from lamina.flows.intake import read_asked
from lamina.govern.gate import Gate

_ASKED = (DirectiveKind.SECRETS, DirectiveKind.QUARANTINE, DirectiveKind.LABEL)


def gate_of(reading: Reading, *, scope: Granted[Scope]) -> Gate:
    """Give the gate of a scope; of several policies about secrets the last one that was set counts."""
    standing = [StandingPolicy.of(directive) for directive in reading.directives(_ASKED, wall=scope)]
    policies = [one for one in standing if changes(one.scope, scope.value)]
    actions = [one.policy.action for one in policies if isinstance(one.policy, Secrets)]
    quarantines = [
        (one.id, read_asked(one.policy.filters, timezone=None))
        for one in policies
        if isinstance(one.policy, Quarantine)
    ]
    labels = [
        (one.policy.label, read_asked(one.policy.filters, timezone=None), one.scope)
        for one in policies
        if isinstance(one.policy, Labelling)
    ]
    secrets = actions[-1] if actions else SecretAction.KEEP
    return Gate(scope=scope.value, secrets=secrets, quarantines=tuple(quarantines), labels=tuple(labels))
