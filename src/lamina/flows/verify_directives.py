"""Verifying what was laid down: the audit trail is a chain without gaps, and what it says stands is what stands."""

from collections.abc import Iterator

from lamina.core.chain import GENESIS
from lamina.core.directives import LAID_DOWN, LIFTED, audit_link, directive_mac
from lamina.core.grant import Granted
from lamina.core.protocols import Reading
from lamina.core.rows import Finding
from lamina.core.scope import Administration


def check_directives(reading: Reading, *, scope: Granted[Administration]) -> Iterator[Finding]:
    """Check the trail entry by entry, and then each directive against it."""
    former, number = GENESIS, 0
    #: The macs of those that stand by the trail.
    macs: dict[int, bytes] = {}
    for entry in reading.trail(scope=scope):
        where = f"audit entry {entry.number}"
        if entry.number != number + 1:
            yield Finding(check="audit", where=where, problem=f"follows entry {number}")
        if audit_link(former, entry) != entry.chain:
            problem = "its link does not follow from the entry and the link before"
            yield Finding(check="audit", where=where, problem=problem)
        former, number = entry.chain, entry.number
        if entry.directive is not None and entry.deed in LAID_DOWN:
            macs[entry.directive] = entry.mac
        elif entry.directive is not None and entry.deed in LIFTED:
            macs.pop(entry.directive, None)
    for directive, salt in reading.salted_directives(scope=scope):
        if macs.pop(directive.id, None) != directive_mac(directive, salt=salt):
            problem = "is not as the audit trail says it was laid down, or was lifted"
            yield Finding(check="directives", where=f"{directive.kind} {directive.id}", problem=problem)
    for directive_id in macs:
        problem = "stands by the audit trail, and is not there"
        yield Finding(check="directives", where=f"directive {directive_id}", problem=problem)
