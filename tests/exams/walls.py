"""A memory of two tenants in which every scope holds something, and what is in it by the rule alone."""

import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from lamina.core.errors import InvalidArgument, NotFound
from lamina.core.lifecycle import State
from lamina.core.scope import Scope, Wall
from lamina.govern.access import grant
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder

RELATIONS = ("own", "shared", "sibling", "other tenant", "agent mismatch", "run mismatch")
SCOPES = [
    Scope.of(Wall(tenant, user), agent=agent, run=run)
    for tenant, user, agent, run in itertools.product(
        ("t1", "t2"), ("ada", "bob", None), ("a1", "a2", None), ("r1", "r2", None)
    )
]
WALLS = list(dict.fromkeys(scope.wall for scope in SCOPES))
#: Whom the memory was opened for: nobody of the world, so that what a call does not name is seen to come from here.
NOBODY = Scope(tenant="t0", user="zed", agent="a2", run="r2")


def may_see(reader: Scope, record: Scope) -> bool:
    """Say whether a read sees a record."""
    if record.tenant != reader.tenant or (record.user is not None and record.user != reader.user):
        return False
    is_other_agent = reader.agent is not None and record.agent is not None and record.agent != reader.agent
    is_other_run = reader.run is not None and record.run is not None and record.run != reader.run
    return not is_other_agent and not is_other_run


def may_change(caller: Scope, record: Scope) -> bool:
    """Say whether a call changes a record: in its own wall alone."""
    return may_see(caller, record) and record.user == caller.user


def relation(caller: Scope, record: Scope) -> str:
    """Name how a record lies to a caller."""
    if record.tenant != caller.tenant:
        return "other tenant"
    if record.user is not None and record.user != caller.user:
        return "sibling"
    if caller.agent is not None and record.agent is not None and record.agent != caller.agent:
        return "agent mismatch"
    if caller.run is not None and record.run is not None and record.run != caller.run:
        return "run mismatch"
    return "own" if record.user == caller.user else "shared"


def pairs_by_relation() -> dict[str, list[tuple[Scope, Scope]]]:
    """Give every caller with every place of a record, by how the one lies to the other."""
    found: dict[str, list[tuple[Scope, Scope]]] = defaultdict(list)
    for caller, place in itertools.product(SCOPES, SCOPES):
        found[relation(caller, place)].append((caller, place))
    return found


PAIRS = pairs_by_relation()


class Wrong(AssertionError):
    """A verb showed or touched what it may not, or not what it has to."""


@dataclass(slots=True)
class Row:
    """A record as it has to be."""

    id: str
    scope: Scope
    word: str
    text: str
    is_odd: bool
    state: State = State.ACTIVE

    @property
    def metadata(self) -> dict[str, object]:
        return {"word": self.word, "is_odd": self.is_odd}


class World:
    """A memory, and what is in it by the rule alone."""

    def __init__(self, dice: random.Random, store: object | None = None) -> None:
        """Fill every scope; `store` takes the place of SQLite."""
        self.dice = dice
        self.clock = FakeClock()
        self.memory = Memory(encoder=HashEncoder(), clock=self.clock, scope=NOBODY)
        if store is not None:
            self.memory._store = store
        self.rows: dict[str, Row] = {}
        self.active: dict[Scope, list[Row]] = {scope: [] for scope in SCOPES}
        self._count = 0
        for scope in SCOPES * 2:
            self.add(scope)

    def add(self, scope: Scope) -> Row:
        """Add a record to a scope, at that scope."""
        self._count += 1
        word = f"w{self._count}q"
        row = Row("", scope, word, f"bees and {word}", is_odd=bool(self._count % 2))
        added = self.memory.add(row.text, external_id=word, metadata=row.metadata, scope=scope)
        row.id = added.stored[0].id
        self.rows[row.id] = row
        self.active[scope].append(row)
        return row

    def gone(self, row: Row, state: State) -> None:
        """Note that a record is not active any more."""
        row.state = state
        self.active[row.scope].remove(row)

    def back(self, row: Row) -> None:
        """Note that a record is active again."""
        row.state = State.ACTIVE
        self.active[row.scope].append(row)

    def erase(self, row: Row) -> None:
        """Erase a record at its own scope, and put another there if it was the last."""
        self.memory.erase(row.id, wait=False, scope=row.scope)
        self.gone(row, State.ERASED)
        if not self.active[row.scope]:
            self.add(row.scope)

    def erase_stray(self, record_id: str, scope: Scope) -> None:
        """Erase a record that was there for one call alone."""
        word = self.memory.get(record_id, scope=scope).text.split()[-1]
        self.memory.erase(record_id, wait=False, scope=scope)
        self.rows[record_id] = Row(record_id, scope, word, "", is_odd=False, state=State.ERASED)

    def keys(self, caller: Scope) -> dict[str, object]:
        """Name a scope, whole or by keywords."""
        if caller.user is None or self.dice.random() < 0.5:
            return {"scope": caller}
        named = {"tenant_id": caller.tenant, "user_id": caller.user, "agent_id": caller.agent, "run_id": caller.run}
        return {key: name for key, name in named.items() if name is not None}

    def seen(self, caller: Scope) -> set[str]:
        """Give the ids of the active records that a read sees; never none."""
        return {row.id for place in SCOPES if may_see(caller, place) for row in self.active[place]}

    def own(self, caller: Scope, states: Collection[State] = (State.ACTIVE,)) -> list[Row]:
        """Give the records that a call may change, in these states."""
        return [row for row in self.rows.values() if row.state in states and may_change(caller, row.scope)]

    def waiting(self) -> dict[Wall, int]:
        """Count what waits for its vector, by wall."""
        with self.memory._store.read() as reading:
            return {wall: reading.ends(scope=grant(Scope.of(wall)))[wall].waiting for wall in WALLS}

    def look(self) -> None:
        """Compare every record there is with what it has to be."""
        with self.memory._store.read() as reading:
            for wall in WALLS:
                ids = [row.id for row in self.rows.values() if row.scope.wall == wall]
                found = reading.get(ids, scope=grant(Scope.of(wall)))
                for record in found.values():
                    row = self.rows[record.id]
                    text = "" if row.state is State.ERASED else row.text
                    told(record.state, row.state, f"state of {row}")
                    told(record.text, text, f"text of {row}")
                    if row.state is not State.ERASED:
                        told(record.scope, row.scope, f"scope of {row}")
                told(set(found), set(ids), "what is there")

    def close(self) -> None:
        """Let go of it."""
        self.memory.close()


def told(found: object, expected: object, what: str) -> None:
    """Refuse what is not as it has to be."""
    if found != expected:
        raise Wrong(f"{what}: {found!r}, where {expected!r} was to be")


def refused(call: Callable[[], object], row_id: str, what: str = "record") -> None:
    """See that a call is answered as for an id that there is not, word by word."""
    try:
        found = call()
    except NotFound as error:
        told(str(error), str(NotFound(row_id, what=what)), "the refusal")
    else:
        raise Wrong(f"{found!r}, where nothing was to be found")


def taken(call: Callable[[], object]) -> None:
    """See that an external id of another agent or run, or a snapshot of another wall, is refused."""
    try:
        call()
    except InvalidArgument:
        return
    raise Wrong("what is another's was taken over")


def ids_of(records: Iterable[object]) -> set[str]:
    """Give the ids of records or hits."""
    return {getattr(record, "record", record).id for record in records}  # type: ignore[attr-defined]
