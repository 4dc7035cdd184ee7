"""What who may not see a label gets equals what a memory gives that never held what bears it, whatever was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.core.errors import LaminaError
from lamina.core.layers import Kind
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder

WORDS = ("bees", "honey", "roof", "salary", "mat", "key")
QUESTIONS = ("bees and honey", "what is the salary?", "key under the mat")


@dataclass(frozen=True)
class Said:
    """Something that is added, and what becomes of it."""

    words: str
    session: str | None
    #: When it is labelled: as it comes, at the end, or never.
    labelled: str
    changes: tuple[str, ...]

    @property
    def is_hidden(self) -> bool:
        return self.labelled != "never"


said = st.builds(
    Said,
    words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
    session=st.sampled_from((None, "s", "t")),
    labelled=st.sampled_from(("never", "never", "coming", "later")),
    changes=st.lists(st.sampled_from(("update", "delete", "restore", "revert")), max_size=3).map(tuple),
)


def lived(life: Sequence[Said], *, is_whole: bool, clock: FakeClock) -> tuple[Memory, dict[int, str]]:
    """Live a life in a memory of its own, or only what of it bears no label; gives the ids by place."""
    memory, ids = Memory(encoder=HashEncoder(), clock=clock), dict[int, str]()
    for place, one in enumerate(life):
        clock.pass_time(timedelta(minutes=10))
        if is_whole or not one.is_hidden:
            label = "private" if one.labelled == "coming" else None
            added = memory.add(
                f"{place}: {one.words}", session=one.session, external_id=f"x{place}", sensitivity=label
            ).stored
            ids[place] = added[0].id
    for place, one in enumerate(life):
        for change in one.changes:
            clock.pass_time(timedelta(minutes=10))
            if place in ids:
                changed(memory, ids[place], change, f"{place}: {one.words} again")
    for place, one in enumerate(life):
        if one.labelled == "later" and place in ids:
            changed(memory, ids[place], "restore", "")
            memory.update(ids[place], sensitivity="private")
    return memory, ids


def changed(memory: Memory, name: str, change: str, text: str) -> None:
    try:
        if change == "update":
            memory.update(name, text=text)
        elif change == "delete":
            memory.delete(name)
        elif change == "restore":
            memory.restore(name)
        else:
            memory.revert(memory.log(record_id=name)[-1].number)
    except LaminaError:
        pass


def told(memory: Memory, places: dict[str, int], **who: Any) -> dict[str, object]:
    """Give what every read says, each record by its place in the life."""
    found: dict[str, object] = {
        "get_all": [record.text for record in memory.get_all(**who)],
        "documents": [record.text for record in memory.get_all(kinds=[Kind.DOCUMENT], **who)],
        "timeline": {
            (session.name, session.size, session.first_at, session.last_at) for session in memory.timeline(**who)
        },
        "log": [(one.action, places[one.record_id]) for one in memory.log(**who) if one.record_id in places],
        "stats": memory.stats(**who).counts.records.get("observation"),
        "filters": [record.text for record in memory.get_all(filters={"text": {"contains": "bees"}}, **who)],
    }
    for question in QUESTIONS:
        found[f"search {question}"] = {hit.record.text for hit in memory.search(question, limit=50, **who)}
        context = memory.recall(question, abstain=False, budget_tokens=10_000, **who)
        found[f"recall {question}"] = {memory.get(cited.record_id, **who).text for cited in context.citations}
        found[f"explain {question}"] = {one.record.text for one in memory.explain(question, limit=50, **who).hits}
    return found


def each(memory: Memory, name: str, **who: Any) -> object:
    """Give what is said of one record by its id."""
    try:
        return (
            memory.get(name, **who).text,
            [(entry.operation.action, entry.record.text) for entry in memory.history(name, **who)],
        )
    except LaminaError as error:
        return str(error).replace(name, "it")


@settings(max_examples=40, deadline=None)
@given(life=st.lists(said, min_size=1, max_size=7))
def test_who_may_not_see_a_label_reads_a_memory_that_never_held_it(life: list[Said]) -> None:
    clocks = [FakeClock("2026-03-02T08:00:00+00:00") for _ in range(2)]
    whole, ids = lived(life, is_whole=True, clock=clocks[0])
    rest, other_ids = lived(life, is_whole=False, clock=clocks[1])
    with whole, rest:
        whole.give_grant("app", "reader")
        app: dict[str, Any] = {"principal": "app"}
        places, other_places = ({name: place for place, name in some.items()} for some in (ids, other_ids))
        assert told(whole, places, **app) == told(rest, other_places)
        for minutes in (15, 35, 75, 120):
            then = clocks[0].now() - timedelta(minutes=minutes)
            for at in ({"known_at": then}, {"as_of": then}):
                seen = [record.text for record in whole.get_all(**at, **app)]
                assert seen == [record.text for record in rest.get_all(**at)]
                hits = {hit.record.text for hit in whole.search("bees and salary", limit=50, **at, **app)}
                assert hits == {hit.record.text for hit in rest.search("bees and salary", limit=50, **at)}
        for place, name in ids.items():
            expected = each(rest, other_ids.get(place, "unknown"))
            assert str(each(whole, name, **app)).replace("it", "") == str(expected).replace("unknown", "").replace(
                "it", ""
            )
        assert whole.verify().is_sound


acts = st.lists(
    st.tuples(
        st.sampled_from(("add", "update", "label", "delete", "restore", "revert", "delete_all", "update all", "flush")),
        st.integers(0, 6),
        st.sampled_from((None, "s", "t")),
    ),
    max_size=8,
)


def act(memory: Memory, what: str, name: str, session: str | None) -> None:
    app: dict[str, Any] = {"principal": "app"}
    if what == "add":
        memory.add("honey is added", session=session, **app)
    elif what == "update":
        memory.update(name, text="bees again", **app)
    elif what == "label":
        memory.update(name, sensitivity="private", **app)
    elif what == "delete":
        memory.delete(name, **app)
    elif what == "restore":
        memory.restore(name, **app)
    elif what == "revert":
        for last in memory.log(limit=1, **app):
            memory.revert(last.number, **app)
    elif what == "delete_all":
        memory.delete_all(**app)
    elif what == "update all":
        memory.update(filters={"session": session}, metadata={"seen": True}, **app)
    else:
        memory.flush(**app)


@settings(max_examples=40, deadline=None)
@given(life=st.lists(said, min_size=1, max_size=5), deeds=acts)
def test_who_may_not_see_a_label_changes_nothing_that_bears_it(
    life: list[Said], deeds: list[tuple[str, int, str | None]]
) -> None:
    clock = FakeClock("2026-03-02T08:00:00+00:00")
    whole, ids = lived(life, is_whole=True, clock=clock)
    with whole:
        whole.give_grant("app", "writer")
        names = list(ids.values())
        hidden = {names[place]: None for place, one in enumerate(life) if one.is_hidden}
        before = {name: whole.history(name) for name in hidden}
        for what, place, session in deeds:
            clock.pass_time(timedelta(minutes=10))
            try:
                act(whole, what, names[place % len(names)], session)
            except LaminaError:
                assert what not in ("add", "delete_all", "update all", "flush")
        assert {name: whole.history(name) for name in hidden} == before
        shown = {hit.record.id for hit in whole.search("bees honey salary", limit=50, principal="app")}
        assert not shown & set(hidden)
        whole.flush()
        report = whole.verify()
        assert report.is_sound, report.findings
