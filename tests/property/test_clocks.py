"""Two clocks against a naive reference: after every step all that stands is written down, and looked up there."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.core.errors import CannotRevert, InvalidTransition, NotFound
from lamina.core.scope import Scope
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
#: A step: what is done, to the how-manieth record, and the day that it speaks of; None = unknown, or as before.
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*["add", "update", "delete", "restore"] * 2, "revert", "erase"]),
        st.integers(0, 3),
        st.none() | st.integers(-6, 12),
    ),
    min_size=1,
    max_size=14,
)
MOMENTS = st.none() | st.integers(-8, 16)


@dataclass(frozen=True)
class Said:
    """One record: what stands of it, oldest first, each with the day from which it holds; and whether it is there."""

    revisions: tuple[tuple[str, datetime], ...] = ()
    is_there: bool = False


@dataclass
class Reference:
    """Everything that was ever so: after each commit, all records."""

    moments: list[tuple[datetime, dict[str, Said]]] = field(default_factory=list)
    commits: list[tuple[int, str, int]] = field(default_factory=list)

    def now(self) -> dict[str, Said]:
        return dict(self.moments[-1][1]) if self.moments else {}

    def seen(self, as_of: datetime | None, known_at: datetime | None) -> set[str]:
        known = [there for at, there in self.moments if known_at is None or at <= known_at]
        texts = set()
        for record in (known[-1] if known else {}).values():
            begun = [text for text, begin in record.revisions if as_of is None or begin <= as_of]
            texts |= {begun[-1]} if record.is_there and begun else set()
        return texts

    def erase(self, name: str) -> None:
        self.moments = [(at, {key: one for key, one in there.items() if key != name}) for at, there in self.moments]


def day(number: int) -> datetime:
    return BEGIN + number * DAY


def play(memory: Memory, clock: FakeClock, steps: list[tuple[str, int, int | None]], **scope: str) -> Reference:
    reference, names, erased = Reference(), list[str](), set[str]()
    for number, (what, which, said) in enumerate(steps):
        clock.set(day(number).isoformat())
        there, text = reference.now(), f"stone {number}"
        at = "unknown" if said is None else (day(said) + DAY / 2).isoformat()
        if what == "add":
            record = memory.add(text, at=at, **scope).stored[0]  # type: ignore[arg-type]
            names.append(record.id)
            begin = record.at or record.recorded_at
            assert begin is not None
            there[record.id] = Said(((text, begin),), is_there=True)
            commit = memory.history(record.id, **scope)[-1].operation.commit  # type: ignore[arg-type]
        elif names:
            name = names[which % len(names)]
            done = _change(memory, reference, what, name, text, None if said is None else at, scope)
            if done is None:
                continue
            commit, there[name] = done
            if what == "erase":
                erased.add(name)
                del there[name]
                reference.erase(name)
        else:
            continue
        name = names[-1] if what == "add" else name
        reference.commits.append((commit, name, len(reference.moments) - 1))
        reference.moments.append((clock.now() + DAY / 4, there))
    return reference


def _change(
    memory: Memory, reference: Reference, what: str, name: str, text: str, at: str | None, scope: dict[str, str]
) -> tuple[int, Said] | None:
    """Do one thing to one record, and give its commit and what the record is then; None where it is refused."""
    was = reference.now().get(name, Said())
    verbs: dict[str, Callable[[], object]] = {
        "update": lambda: memory.update(name, text=text, at=at, **scope),  # type: ignore[arg-type]
        "delete": lambda: memory.delete(name, **scope),  # type: ignore[arg-type]
        "restore": lambda: memory.restore(name, **scope),  # type: ignore[arg-type]
        "erase": lambda: memory.erase(name, **scope),  # type: ignore[arg-type]
    }
    if what == "revert":
        on_it = [(commit, before) for commit, whose, before in reference.commits if whose == name]
        if not on_it:
            return None
        commit, before = on_it[-1]
        with suppress(CannotRevert, NotFound):
            receipt = memory.revert(commit=commit, **scope)  # type: ignore[arg-type]
            then = reference.moments[before][1].get(name, Said()) if before >= 0 else Said()
            gone = replace(was, is_there=False)
            return (receipt.commits[0], then if then.revisions else gone) if receipt.operations else None
        return None
    with suppress(NotFound, InvalidTransition):
        verbs[what]()
        last = memory.log(record_id=name, **scope)[-1]  # type: ignore[arg-type]
        if what == "update":
            record = memory.get(name, **scope)  # type: ignore[arg-type]
            begin = record.at or record.recorded_at
            assert begin is not None
            return last.commit, Said((*was.revisions, (text, begin)), is_there=True)
        return last.commit, replace(was, is_there=what == "restore")
    return None


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, asked=st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=4))
def test_every_read_sees_exactly_what_held_and_was_known_then(
    steps: list[tuple[str, int, int | None]], asked: list[tuple[int | None, int | None]]
) -> None:
    clock = FakeClock()
    with Memory(encoder=HashEncoder(), clock=clock) as memory:
        reference = play(memory, clock, steps)
        for valid, known in [(None, None), *asked]:
            as_of = None if valid is None else day(valid) + DAY / 2
            known_at = None if known is None else day(known) + DAY / 2
            expected = reference.seen(as_of, known_at)
            clocks = {"as_of": as_of, "known_at": known_at}
            listed = {record.id: record for record in memory.get_all(**clocks)}
            assert {record.text for record in listed.values()} == expected
            assert {hit.record.text for hit in memory.search("stone", limit=100, **clocks)} == expected
            spans = memory.timeline(**clocks)
            assert sum(event.size for session in spans for event in session.events) == len(expected)
            observations = memory.stats(**clocks).counts.records.get("observation", {})
            assert observations.get("active", 0) == len(expected)
            for record in listed.values():
                assert memory.get(record.id, **clocks) == record


@settings(max_examples=40, deadline=None)
@given(steps=STEPS, asked=st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=3))
def test_an_index_that_grew_sees_the_past_as_one_that_is_built_anew_and_walls_stay_apart(
    steps: list[tuple[str, int, int | None]], asked: list[tuple[int | None, int | None]]
) -> None:
    clock = FakeClock()
    with Memory(encoder=HashEncoder(), clock=clock) as memory:
        memory.add("stone of another", user_id="bob", at="2020-01-01T00:00:00Z")
        memory.add("stone of all", scope=Scope.shared(), at="2020-01-01T00:00:00Z")
        reference = Reference()
        for count in range(1, len(steps) + 1, 4):
            with Memory(encoder=HashEncoder(), clock=clock) as fresh:
                reference = play(fresh, clock, steps[:count])
                for valid, known in asked:
                    as_of = None if valid is None else day(valid) + DAY / 2
                    known_at = None if known is None else day(known) + DAY / 2
                    found = {
                        hit.record.text for hit in fresh.search("stone", limit=100, as_of=as_of, known_at=known_at)
                    }
                    assert found == reference.seen(as_of, known_at)
        reference = play(memory, clock, steps, user_id="ada")
        for valid, _ in asked:
            as_of = None if valid is None else day(valid) + DAY / 2
            found = {hit.record.text for hit in memory.search("stone", limit=100, user_id="ada", as_of=as_of)}
            assert found == reference.seen(as_of, None) | {"stone of all"}
