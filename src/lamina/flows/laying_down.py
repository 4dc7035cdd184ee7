"""Laying down what an export holds of holds, policies and grants, within the load that takes it in.

Holds always come along: what somebody has to keep, has to be kept wherever it is. Policies and grants come into a wall
of which nothing is there yet; in any other the rules stand that were laid down there, and who may look is not said by
another file.
"""

from datetime import datetime

from lamina.core.directives import Directive, DirectiveKind, Grant, Hold, Retention, StandingPolicy
from lamina.core.protocols import Writing
from lamina.core.scope import Scope, Wall
from lamina.flows.intake import read_asked
from lamina.govern.access import grant


class LayingDown:
    """Takes in the directives of one wall."""

    def __init__(self, writing: Writing, wall: Wall, *, has_records: bool, now: datetime) -> None:
        """Look at what is laid down for the wall already."""
        self._writing, self._now = writing, now
        there = writing.directives(tuple(DirectiveKind), wall=grant(Scope.of(wall)))
        self._there = [_told(one) for one in there]
        self._takes_all = not there and not has_records
        #: How many were laid down, and how many stayed behind; what stands already is neither.
        self.laid_down, self.left_out = 0, 0

    def take_in(self, directive: Directive) -> None:
        """Lay down one that came, by the rule.

        Raises:
            KeyError, ValueError, TypeError, InvalidArgument: it says nothing that can be meant.
        """
        _check(directive)
        if _told(directive) in self._there:
            return
        if not self._takes_all and directive.kind is not DirectiveKind.HOLD:
            self.left_out += 1
            return
        self._writing.put_directive(directive, noted_at=self._now)
        self.laid_down += 1


def _check(directive: Directive) -> None:
    if directive.kind is DirectiveKind.HOLD:
        filters = Hold.of(directive).filters
    elif directive.kind is DirectiveKind.GRANT:
        Grant.of(directive)
        filters = None
    else:
        policy = StandingPolicy.of(directive).policy
        if isinstance(policy, Retention) and not isinstance(policy.ttl_s, int | float):
            raise TypeError(f"{policy.ttl_s!r} is no number of seconds")
        filters = getattr(policy, "filters", None)
    read_asked(filters, timezone=None)


def _told(directive: Directive) -> tuple[object, ...]:
    """Give what makes two the same, whatever their numbers."""
    return directive.kind, directive.scope, directive.by, directive.placed_at, dict(directive.body)
