"""Heads of logs: where a wall's log ends now, and whether a log still holds the heads that were taken of it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lamina.core.chain import GENESIS
from lamina.core.errors import DamagedFile, InvalidArgument
from lamina.core.grant import Granted
from lamina.core.heads import Head
from lamina.core.operations import LogQuery
from lamina.core.protocols import Reading, Store
from lamina.core.reports import Report
from lamina.core.rows import Finding
from lamina.core.scope import Administration, Scope
from lamina.govern.access import grant


def head(store: Store, *, scope: Granted[Scope]) -> Head:
    """Give where the log of the scope's wall ends now, whatever its facets."""
    with store.read() as reading:
        return head_of(reading, scope=scope)


def head_of(reading: Reading, *, scope: Granted[Scope]) -> Head:
    """Give where the log of the scope's wall ends in one look."""
    wall = scope.value.wall
    last = reading.logged(LogQuery(limit=1), scope=grant(Scope.of(wall)))
    return Head.of(wall, last[0] if last else None)


def with_heads(report: Report, store: Store, heads: Iterable[Head], *, scope: Granted[Administration]) -> Report:
    """Give a report that also says of each head whether its log holds it."""
    each = tuple(heads)
    if not each:
        return report
    try:
        with store.read() as reading:
            findings = tuple(_missing(reading, each, scope=scope))
    except DamagedFile as error:
        findings = (Finding(check="integrity", where="file", problem=str(error)),)
    checked = {**report.checked, "heads": len(each)}
    return replace(report, findings=(*report.findings, *findings), checked=checked)


def read_heads(heads: Iterable[Head | str]) -> tuple[Head, ...]:
    """Give heads, each as it is or read from its JSON.

    Raises:
        InvalidArgument: a single text instead of several, or something that is no head.
    """
    if isinstance(heads, str | Head):
        raise InvalidArgument("heads", "is one head", "give a list of them")
    found = []
    for one in heads:
        if not isinstance(one, str | Head):
            raise InvalidArgument("heads", f"holds {type(one).__name__}", "hand in what `memory.head()` gave")
        found.append(Head.from_json(one) if isinstance(one, str) else one)
    return tuple(found)


def _missing(reading: Reading, heads: Iterable[Head], *, scope: Granted[Administration]) -> Iterator[Finding]:
    walls = set(reading.walls(scope=scope))
    for one in heads:
        where = f"{one.wall.tenant}/{one.wall.user or '(shared)'} operation {one.number}"
        if one.number == 0 and one.chain == GENESIS:
            continue
        asked = LogQuery(numbers=(one.number,))
        there = reading.logged(asked, scope=grant(Scope.of(one.wall))) if one.wall in walls else []
        if not there:
            yield Finding(check="head", where=where, problem="is not there: the log ended there or later once")
        elif there[0].chain != one.chain:
            yield Finding(check="head", where=where, problem="has another link than once: the log was written anew")
