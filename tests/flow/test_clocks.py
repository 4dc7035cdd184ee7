"""Two clocks: every cell of the table in docs/howto/clocks.md, and what the reads say of what is not there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lamina.core.errors import InvalidArgument, NotFound
from lamina.core.lifecycle import State
from lamina.core.scope import Scope
from lamina.ingest.documents import Document
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "clocks.md"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return BEGIN + timedelta(days=number)


class Life:
    """A memory whose clock stands where a step is done."""

    def __init__(self, memory: Memory, clock: FakeClock) -> None:
        self.memory, self._clock = memory, clock

    def on(self, number: int) -> Memory:
        self._clock.set(day(number).isoformat())
        return self.memory

    def first(self, number: int = 10, **keywords: str) -> str:
        at = keywords.pop("at", day(10).isoformat())
        return self.on(number).add("first stone", at=at, **keywords).stored[0].id  # type: ignore[arg-type]

    def second(self, name: str) -> int:
        return self.on(20).update(name, text="second stone", at=day(18)).commits[0]


def late(life: Life) -> str:
    return life.first(20)


def without_a_time(life: Life) -> str:
    return life.first(at="unknown")


def corrected(life: Life) -> str:
    name = life.first()
    life.on(20).update(name, text="second stone")
    return name


def updated(life: Life) -> str:
    name = life.first()
    life.second(name)
    return name


def superseded(life: Life) -> str:
    name = life.first(external_id="x")
    life.on(20).add("second stone", at=day(18), external_id="x")
    return name


def withdrawn(life: Life) -> str:
    name = life.first()
    life.on(20).delete(name)
    return name


def restored(life: Life) -> str:
    name = withdrawn(life)
    life.on(30).restore(name)
    return name


def reverted(life: Life) -> str:
    name = life.first()
    commit = life.second(name)
    life.on(30).revert(commit=commit)
    return name


def reverted_twice(life: Life) -> str:
    name = reverted(life)
    life.on(40).revert(commit=life.memory.log(record_id=name)[-1].commit)
    return name


def updated_and_withdrawn(life: Life) -> str:
    name = updated(life)
    life.on(30).delete(name)
    return name


def erased(life: Life) -> str:
    name = life.first()
    life.second(name)
    life.on(20).erase(name)
    return name


LIVES: dict[str, Callable[[Life], str]] = {
    "added": Life.first,
    "added without a time": without_a_time,
    "late: recorded on day 20": late,
    "corrected: other words, the same time": corrected,
    "updated: other words of day 18": updated,
    "superseded: delivered again with words of day 18": superseded,
    "withdrawn": withdrawn,
    "withdrawn, and restored on day 30": restored,
    "updated, and reverted on day 30": reverted,
    "updated, and the reverting reverted on day 40": reverted_twice,
    "updated, and withdrawn on day 30": updated_and_withdrawn,
    "erased": erased,
}


def table() -> list[tuple[str, str, str]]:
    """Give what happened, what is asked for, and what is seen, cell by cell."""
    lines = [line.strip("| ").split(" | ") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    asked = lines[0][1:]
    return [(what, ask, cell) for what, *cells in lines[1:] for ask, cell in zip(asked, cells, strict=True)]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(BEGIN.isoformat())


@pytest.fixture
def life(clock: FakeClock, tmp_path: Path) -> Life:
    return Life(Memory(tmp_path / "life.db", encoder=HashEncoder(), clock=clock), clock)


@pytest.mark.parametrize(("what", "asked", "cell"), table())
def test_every_cell_of_the_table_is_what_each_read_sees(life: Life, what: str, asked: str, cell: str) -> None:
    name = LIVES[what](life)
    pairs = [] if asked == "now" else [part.split() for part in asked.split(", ")]
    clocks = {key: day(int(number)) + timedelta(hours=12) for key, number in pairs}
    expected = [] if cell == "–" else [f"{cell} stone"]
    memory = life.on(50)
    assert [record.text for record in memory.get_all(**clocks)] == expected
    assert [hit.record.text for hit in memory.search("stone", **clocks)] == expected
    assert [hit.record.text for hit in memory.explain("stone", **clocks).hits] == expected
    assert [cited.record_id for cited in memory.recall("stone", abstain=False, **clocks).citations] == [name] * len(
        expected
    )
    assert sum(event.size for span in memory.timeline(**clocks) for event in span.events) == len(expected)
    assert memory.stats(**clocks).counts.records.get("observation", {}).get("active", 0) == len(expected)
    if expected:
        assert (memory.get(name, **clocks).text, memory.get(name, **clocks).state) == (*expected, State.ACTIVE)
        return
    try:
        assert memory.get(name, **clocks).state is not State.ACTIVE
    except NotFound:
        assert what == "erased" or clocks


def test_every_row_of_the_table_is_a_life() -> None:
    assert list(dict.fromkeys(what for what, _, _ in table())) == list(LIVES)


def test_scores_are_those_of_now_and_the_moment_of_asking_is_that_of_the_clocks(life: Life) -> None:
    life.on(10).add(["the red stone", "a stone of old"], at=day(10))
    life.on(20).add("a stone again", at=day(20))
    now = {hit.record.text: hit.score for hit in life.on(40).search("red stone")}
    then = {hit.record.text: hit.score for hit in life.memory.search("red stone", known_at=day(15))}
    assert then.keys() == {"the red stone", "a stone of old"}
    assert then.items() <= now.items()
    assert life.memory.explain("stone yesterday", as_of=day(11)).days == (str(day(10).date()),)


def test_filters_are_asked_of_what_a_record_was(life: Life) -> None:
    name = life.on(10).add("a stone", metadata={"colour": "red"}, at=day(10)).stored[0].id
    life.on(20).update(name, metadata={"colour": "blue"})
    red = {"colour": "red"}
    assert not list(life.memory.get_all(filters=red))
    assert not life.memory.search("stone", filters=red)
    assert [record.id for record in life.memory.get_all(filters=red, known_at=day(15))] == [name]
    assert [hit.record.id for hit in life.memory.search("stone", filters=red, known_at=day(15))] == [name]


def test_explain_says_why_the_clocks_leave_a_record_out(life: Life) -> None:
    name = withdrawn(life)
    asked = life.memory.explain("stone", name, known_at=day(25)).asked
    assert asked is not None
    assert asked.absence == (f"it was withdrawn (known at {day(25).isoformat()})",)
    before = life.memory.explain("stone", name, as_of=day(5), known_at=day(15)).asked
    assert before is not None
    assert before.absence[0].startswith("nothing of it was known and held (as of ")


def test_documents_and_events_are_as_old_as_what_they_hold(life: Life) -> None:
    life.on(10).add(Document(title="Lease", text="One cat.\n\nNo dogs."), at=day(5))
    memory = life.on(20)
    for kind in ("document", "event"):
        assert len(memory.search("cat", kinds=[kind], as_of=day(6))) == 1
        assert len(memory.search("cat", kinds=[kind], known_at=day(15))) == 1
        assert not memory.search("cat", kinds=[kind], as_of=day(4))
        assert not memory.search("cat", kinds=[kind], known_at=day(9))
        assert len(list(memory.get_all(kinds=[kind], known_at=day(15)))) == 1
        assert not list(memory.get_all(kinds=[kind], as_of=day(4)))


def test_shared_records_have_a_log_of_their_own(life: Life) -> None:
    shared = life.on(10).add("a stone of all", at=day(10), scope=Scope.shared()).stored[0].id
    life.on(12).add("a stone of mine", at=day(12))
    life.on(20).delete(shared, scope=Scope.shared())
    seen = {
        number: {hit.record.text for hit in life.memory.search("stone", known_at=day(number))}
        for number in (11, 15, 25)
    }
    assert seen == {11: {"a stone of all"}, 15: {"a stone of all", "a stone of mine"}, 25: {"a stone of mine"}}


def test_pages_go_on_where_they_stopped(life: Life) -> None:
    life.on(10).add([f"stone {number}" for number in range(9)], at=day(10))
    life.on(20).delete(filters={"text": {"contains": "stone"}})
    first = life.memory.get_all(limit=4, known_at=day(15))
    texts = [record.text for record in first]
    texts += [record.text for record in life.memory.get_all(after=first.cursor, known_at=day(15))]
    assert texts == [f"stone {number}" for number in range(9)]


@pytest.mark.parametrize("moment", ["unknown", "2026-01-01", "soon", datetime(2026, 1, 1)])  # noqa: DTZ001  # naive
@pytest.mark.parametrize("clock_name", ["as_of", "known_at"])
def test_what_is_no_moment_is_refused_by_its_name(life: Life, clock_name: str, moment: object) -> None:
    for read in (
        life.memory.timeline,
        life.memory.stats,
        life.memory.get_all,
        lambda **clocks: life.memory.get("x", **clocks),
    ):
        with pytest.raises(InvalidArgument, match=clock_name):
            read(**{clock_name: moment})
    with pytest.raises(InvalidArgument, match=clock_name):
        life.memory.search("stone", **{clock_name: moment})


def test_a_day_with_a_zone_is_its_first_moment(life: Life) -> None:
    life.on(10).add("a stone", at=day(10))
    assert len(list(life.memory.get_all(as_of="2026-01-11", timezone="UTC"))) == 1
    assert not list(life.memory.get_all(as_of="2026-01-11", timezone="Asia/Tokyo"))


def test_the_whole_file_has_no_such_clock(life: Life) -> None:
    with pytest.raises(InvalidArgument, match="is_whole_file"):
        life.memory.stats(is_whole_file=True, known_at=day(5))


def test_figures_of_then_count_the_operations_and_commits_of_then(memory: Memory, clock: FakeClock) -> None:
    life = Life(memory, clock)
    name = life.first(10)
    life.on(15).add("shared stone", scope=Scope.shared())
    then = memory.stats().counts
    life.second(name)
    life.on(25).delete(name)
    counts = memory.stats(known_at=day(16)).counts
    assert (counts.operations, counts.commits) == (then.operations, then.commits)
    now, as_of = memory.stats().counts, memory.stats(as_of=day(16)).counts
    assert now.operations > then.operations
    assert (as_of.operations, as_of.commits) == (now.operations, now.commits)


def test_figures_of_then_count_each_record_in_the_state_of_then(memory: Memory, clock: FakeClock) -> None:
    life = Life(memory, clock)
    one, other = (record.id for record in life.on(10).add(["one", "two"], session="s").stored)
    life.on(11).delete(one)
    life.on(15).restore(one)
    memory.delete(other)
    memory.restore(other)
    assert [record.id for record in memory.get_all(known_at=day(12))] == [other]
    assert memory.stats(known_at=day(12)).counts.records["observation"] == {"active": 1, "withdrawn": 1}
    assert memory.stats(known_at=day(16)).counts.records["observation"] == {"active": 2}
