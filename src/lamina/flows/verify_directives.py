"""Verifying what was laid down: the audit trail is a chain without gaps, and what it says stands is what stands."""

from collections import Counter
from collections.abc import Iterator

from lamina.core.chain import GENESIS
from lamina.core.directives import LAID_DOWN, LIFTED, Deed, audit_link, directive_mac
from lamina.core.grant import Granted
from lamina.core.protocols import Reading
from lamina.core.rows import Finding
from lamina.core.scope import Administration, Scope, Wall
from lamina.govern.access import grant


def check_directives(reading: Reading, *, scope: Granted[Administration]) -> Iterator[Finding]:
    """Check the trail entry by entry, and then each directive against it."""
    former, number = GENESIS, 0
    #: How many snapshots of a wall name a commit, by the trail.
    kept: Counter[tuple[Wall, int]] = Counter()
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
        elif entry.commit is not None and entry.deed in (Deed.SNAPSHOT_TAKEN, Deed.SNAPSHOT_DROPPED):
            place = entry.wall, entry.commit
            # One that was taken before the trail told of snapshots may be dropped.
            kept[place] = max(kept[place] + (1 if entry.deed is Deed.SNAPSHOT_TAKEN else -1), 0)
    for directive, salt in reading.salted_directives(scope=scope):
        if macs.pop(directive.id, None) != directive_mac(directive, salt=salt):
            problem = "is not as the audit trail says it was laid down, or was lifted"
            yield Finding(check="directives", where=f"{directive.kind} {directive.id}", problem=problem)
    for directive_id in macs:
        problem = "stands by the audit trail, and is not there"
        yield Finding(check="directives", where=f"directive {directive_id}", problem=problem)
    yield from _check_snapshots(reading, kept)


def _check_snapshots(reading: Reading, kept: Counter[tuple[Wall, int]]) -> Iterator[Finding]:
    """Say which snapshots are not there that nobody dropped."""
    for wall in dict.fromkeys(wall for wall, _ in kept):
        there = Counter(one.commit for one in reading.snapshots(wall=grant(Scope.of(wall))))
        for commit in (commit for (whose, commit), count in kept.items() if whose == wall and there[commit] < count):
            problem = "stands by the audit trail, and is not there"
            where = f"{wall.tenant}/{wall.user or '(shared)'} snapshot of commit {commit}"
            yield Finding(check="snapshot", where=where, problem=problem)
