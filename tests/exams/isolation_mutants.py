"""Twenty ways to break the rule of `core/scope.py`, and seven to break a statement: the exam of isolation notices each.

The pure functions are the whole rule of the reference store, so their mutants are played on it; what the statements of
SQLite bind of them is played on SQLite.

    python tests/exams/isolation_mutants.py CALLS SEED
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from isolation import play
from walls import Wrong

from lamina.core import scope as rule
from lamina.core.scope import DEFAULT_USER, Scope, Wall
from lamina.store.reference.store import ReferenceStore
from lamina.store.sqlite.reading import SQL

Sees = Callable[[Scope, Scope], bool]
SEES, CHANGES, FROM = rule.sees, rule.changes, rule.scope_from


def _agent(reader: Scope, record: Scope) -> bool:
    return reader.agent is None or record.agent in (reader.agent, None)


def _run(reader: Scope, record: Scope) -> bool:
    return reader.run is None or record.run in (reader.run, None)


def _wall(reader: Scope, record: Scope) -> bool:
    return record.tenant == reader.tenant and record.user in (reader.user, None)


SEEING: dict[str, Sees] = {
    "every tenant is seen": lambda a, b: b.user in (a.user, None) and _agent(a, b) and _run(a, b),
    "every user of a tenant is seen": lambda a, b: a.tenant == b.tenant and _agent(a, b) and _run(a, b),
    "what is shared is not seen": lambda a, b: a.wall == b.wall and _agent(a, b) and _run(a, b),
    "every agent is seen": lambda a, b: _wall(a, b) and _run(a, b),
    "every run is seen": lambda a, b: _wall(a, b) and _agent(a, b),
    "what no agent said is not seen by one": lambda a, b: _wall(a, b) and a.agent in (None, b.agent) and _run(a, b),
    "what belongs to no run is not seen in one": lambda a, b: _wall(a, b) and _agent(a, b) and a.run in (None, b.run),
    "a record's run is compared with the agent": lambda a, b: (
        _wall(a, b) and (a.agent is None or b.run in (a.agent, None)) and _run(a, b)
    ),
    "one facet is enough": lambda a, b: _wall(a, b) and (_agent(a, b) or _run(a, b)),
    "who names no agent sees none": lambda a, b: _wall(a, b) and b.agent in (a.agent, None) and _run(a, b),
    "who names no run sees none": lambda a, b: _wall(a, b) and _agent(a, b) and b.run in (a.run, None),
    "the tenant sees its users": lambda a, b: (
        a.tenant == b.tenant and (a.user is None or b.user in (a.user, None)) and _agent(a, b) and _run(a, b)
    ),
}
CHANGING: dict[str, Sees] = {
    "users change what is shared": SEES,
    "nobody changes what is shared": lambda a, b: b.user is not None and CHANGES(a, b),
    "nobody changes what an agent said": lambda a, b: b.agent is None and CHANGES(a, b),
}
WALLS: dict[str, Callable[[Scope], tuple[Wall, ...]]] = {
    "the default user's wall is seen": lambda one: (one.wall, Wall(one.tenant, None), Wall(one.tenant, "ada")),
    "the shared wall comes first": lambda one: (Wall(one.tenant, None), one.wall),
    "the shared wall of another tenant is seen": lambda one: (one.wall, Wall("t1", None)),
}
#: By the statement that loses a condition.
STATEMENTS = {
    "records": "k.wall_id IN (:own, :shared)",
    "revisions": "k.wall_id IN (:own, :shared)",
    "count_records": "(:agent IS NULL OR r.agent IS NULL OR r.agent = :agent)",
    "logged": "(:run IS NULL OR r.run IS NULL OR r.run = :run)",
    "page": "(:agent IS NULL OR k.agent IS NULL OR k.agent = :agent)",
    "places": "(:run IS NULL OR r.run IS NULL OR r.run = :run)",
    "records_by_external_id": "k.wall_id = :own",
}


def _forgetful(keys: Any, *, default: Scope) -> Scope:
    """Keep the agent and run of whom the memory was opened for, whoever is named."""
    found = FROM(keys, default=default)
    if keys.get("scope") is not None or not keys:
        return found
    return Scope.of(found.wall, agent=found.agent or default.agent, run=found.run or default.run)


def _careless(keys: Any, *, default: Scope) -> Scope:
    """Take who names another tenant for its default user."""
    found = FROM(keys, default=default)
    wall = Wall(found.tenant, found.user if "scope" in keys else DEFAULT_USER)
    return Scope.of(wall, agent=found.agent, run=found.run)


@contextmanager
def replaced(name: str, sound: object, broken: object) -> Iterator[None]:
    """Put a function in the place of one, wherever that was imported."""
    places = [module for module in sys.modules.values() if getattr(module, name, None) is sound]
    for module in places:
        setattr(module, name, broken)
    try:
        yield
    finally:
        for module in places:
            setattr(module, name, sound)


@contextmanager
def other_walls(broken: Callable[[Scope], tuple[Wall, ...]]) -> Iterator[None]:
    """Let scopes look into other walls."""
    sound = Scope.__dict__["visible_walls"]
    Scope.visible_walls = property(broken)  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        Scope.visible_walls = sound  # type: ignore[method-assign]


@contextmanager
def other_statement(name: str, condition: str) -> Iterator[None]:
    """Let a statement of SQLite forget a condition."""
    sound = SQL[name]
    if condition not in sound:
        raise LookupError(f"the statement {name} has no condition {condition!r}; name one that it has")
    SQL[name] = sound.replace(condition, "TRUE")
    try:
        yield
    finally:
        SQL[name] = sound


def mutants() -> Iterator[tuple[str, Any, Any]]:
    """Give each with its name, and the store on which it is played; None = SQLite."""
    for name, sees in SEEING.items():
        yield name, replaced("sees", SEES, sees), ReferenceStore
    for name, changes in CHANGING.items():
        yield name, replaced("changes", CHANGES, changes), None
    for name, walls in WALLS.items():
        yield name, other_walls(walls), None
    yield "another user keeps the agent and run", replaced("scope_from", FROM, _forgetful), None
    yield "another tenant is its default user", replaced("scope_from", FROM, _careless), None
    for name, condition in STATEMENTS.items():
        yield f"statement {name} without {condition}", other_statement(name, condition), None


def main(calls: int, seed: int) -> None:
    """Play with each mutant, at most so many calls, and say how many were not noticed."""
    total, missed = 0, []
    for name, broken, store in mutants():
        total += 1
        with broken:
            try:
                play(calls, seed, store)
            except Wrong:
                continue
        missed.append(name)
    print(f"{total} mutants, {total - len(missed)} caught{''.join(f'; missed: {name}' for name in missed)}")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
