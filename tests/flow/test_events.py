"""Events in an engine: each message lies in its own stream's, late ones are cut locally, what is wrong is found."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import numpy as np
import pytest

from lamina import Memory, Settings
from lamina.core.operations import Action
from lamina.core.records import Record
from lamina.segment.surprise import Cutting
from lamina.store.sqlite.reading import SqliteReading
from lamina.testing.fakes import FakeClock, HashEncoder

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MATTERS = (
    "bees in the garden hum all day long",
    "taxes are due on the last day of may",
    "the roof leaks when it rains",
)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def sizes(memory: Memory, **scope: str) -> list[list[int]]:
    return [[event.size for event in session.events] for session in memory.timeline(**scope)]


def a_talk(turns: int = 36) -> list[dict[str, object]]:
    """One session that turns to another matter twice."""
    return [
        {"content": f"{MATTERS[3 * place // turns]} {place % 3}", "session": "s", "order": place, "at": at(place)}
        for place in range(turns)
    ]


def events_of(memory: Memory) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record in sorted(memory.get_all(), key=lambda record: record.order or 0):
        assert record.event_id is not None
        found.setdefault(record.event_id, []).append(record.text)
    return found


@pytest.fixture
def path(tmp_path: Path, clock: FakeClock) -> Path:
    path = tmp_path / "talk.db"
    with opened(path, clock) as memory:
        memory.add(a_talk())
        memory.flush()
    return path


def opened(path: Path | None, clock: FakeClock, **settings: object) -> Memory:
    return Memory(path, encoder=HashEncoder(), clock=clock, settings=Settings(**settings))


def tamper(path: Path, statement: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(statement)
    assert connection.changes()
    connection.close()


def test_a_talk_that_turns_to_another_matter_is_parted_when_its_vectors_come(memory: Memory) -> None:
    memory.add(a_talk())
    assert sizes(memory) == [[36]]
    memory.flush()
    assert sizes(memory) == [[12, 12, 12]]
    assert memory.verify().is_sound


def test_with_pauses_alone_nothing_surprises(clock: FakeClock) -> None:
    with opened(None, clock, events="pauses") as memory:
        memory.add(a_talk())
        memory.flush()
        assert sizes(memory) == [[36]]
        assert memory.verify().is_sound


@pytest.mark.parametrize("other", [{"agent_id": "a"}, {"run_id": "r"}, {"agent_id": "a", "run_id": "r"}])
def test_a_message_lies_in_the_stream_in_which_it_was_first_said_whoever_brings_it_again(
    memory: Memory, other: dict[str, str]
) -> None:
    """A re-delivery from a narrower or a wider scope with another time parts the event where the message is."""
    said = [
        {"content": f"turn {place}", "at": at(place), "session": "s", "external_id": f"x{place}"} for place in range(3)
    ]
    again = {"content": "turn 1, later", "at": at(300), "session": "s", "external_id": "x1"}
    memory.add(said)
    memory.add(again, **other)
    assert sizes(memory) == [[1, 1, 1]]
    memory.add([{**message, "external_id": f"y{message['external_id']}"} for message in said], user_id="bob", **other)
    memory.add({**again, "external_id": "yx1"}, user_id="bob")
    assert sizes(memory, user_id="bob") == [[1, 1, 1]]
    assert memory.verify().findings == ()


def test_a_re_delivery_without_its_session_stays_in_it(memory: Memory) -> None:
    for place in range(3):
        memory.add(f"turn {place}", at=at(place), session="s", external_id=f"x{place}")
    memory.add("turn 1, later", at=at(300), external_id="x1")
    assert sizes(memory) == [[1, 1, 1]]


def test_an_event_comes_back_with_what_is_delivered_again_from_another_scope(memory: Memory) -> None:
    record = memory.add("one", session="s", external_id="x").stored[0]
    assert record.event_id is not None
    memory.delete(record.id)
    assert memory.get(record.event_id).state == "withdrawn"
    memory.add("two", session="s", external_id="x", agent_id="a")
    assert memory.get(record.event_id).state == "active"
    assert memory.search("two", kinds=["event"])[0].record.id == record.event_id
    assert memory.verify().findings == ()


def test_the_log_tells_how_an_event_evolved(memory: Memory) -> None:
    first = memory.add("first", at=at(0), session="s", external_id="a").stored[0]
    second = memory.add("second", at=at(50), session="s", external_id="b").stored[0]
    assert first.event_id is not None
    assert second.event_id is not None
    assert first.event_id != second.event_id
    memory.add({"content": "between", "at": at(25), "session": "s", "order": first.arrived})
    assert sizes(memory) == [[3]]
    told = {name: actions(memory, name) for name in (first.event_id, second.event_id)}
    assert told == {first.event_id: [Action.ADD, Action.EVOLVE], second.event_id: [Action.ADD, Action.MERGE]}
    assert memory.get(second.event_id).state == "superseded"
    memory.update(second.id, at=at(500))
    assert sizes(memory) == [[2, 1]]
    assert actions(memory, second.event_id)[-1] is Action.RESTORE


def actions(memory: Memory, record_id: str) -> list[Action]:
    return [entry.operation.action for entry in memory.history(record_id)]


def test_other_settings_cut_anew_at_the_next_flush(path: Path, clock: FakeClock) -> None:
    with opened(path, clock) as memory:
        before = events_of(memory)
        assert len(before) == 3
    with opened(path, clock, events="pauses") as memory:
        memory.flush()
        assert len(events_of(memory)) == 1
        assert memory.verify().is_sound
    with opened(path, clock) as memory:
        memory.flush()
        assert events_of(memory) == before
        assert memory.verify().is_sound


@pytest.mark.parametrize("way", ["repair", "reindex"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record SET event_key = (SELECT max(event_key) FROM record) WHERE kind = 'observation' AND place < 5",
        "UPDATE record SET event_key = NULL WHERE kind = 'observation' AND place = 11",
        "UPDATE record SET event_key = NULL",
    ],
)
def test_observations_that_moved_or_are_missing_are_found_and_put_back(
    path: Path, clock: FakeClock, statement: str, way: str
) -> None:
    with opened(path, clock) as memory:
        before = events_of(memory)
    tamper(path, statement)
    with opened(path, clock) as memory:
        found = memory.verify()
        assert {finding.check for finding in found.findings} >= {"events"}
        if way == "repair":
            assert memory.verify(repair=True).is_sound
        else:
            memory.reindex()
        assert memory.verify().is_sound
        assert events_of(memory) == before


@pytest.fixture
def rows_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the rows of streams that are read."""
    counts = [0]
    read = SqliteReading._stream_rows

    def counted(*arguments: object, **values: object) -> object:
        rows = read(*arguments, **values)  # type: ignore[arg-type]
        counts[0] += len(rows)
        return rows

    monkeypatch.setattr(SqliteReading, "_stream_rows", counted)
    return counts


@pytest.mark.parametrize("count", [150, 600])
@pytest.mark.parametrize("shuffled", [True, False], ids=["in any order", "backwards"])
def test_what_comes_out_of_order_is_cut_locally(
    memory: Memory, rows_read: list[int], count: int, *, shuffled: bool
) -> None:
    """However long the stream is, a message reads a bounded part of it: so many more never cost their square."""
    said = a_talk(count)
    places = np.random.default_rng(7).permutation(count).tolist() if shuffled else list(range(count - 1, -1, -1))
    cutting = Cutting()
    bound = 4 * (cutting.context + 2 * cutting.look_back) + 2 * 128
    for place in places:
        before = rows_read[0]
        memory.add(said[place])
        assert rows_read[0] - before <= bound
    memory.flush()
    assert memory.verify().is_sound


def test_a_message_with_a_new_text_is_cut_by_the_vector_of_that_text(memory: Memory) -> None:
    memory.add(a_talk())
    memory.flush()
    assert sizes(memory) == [[12, 12, 12]]
    for record in sorted(memory.get_all(), key=arrival)[12:24]:
        memory.update(record.id, text=f"{MATTERS[0]} again")
    memory.flush()
    assert sizes(memory) == [[24, 12]]
    assert memory.verify().is_sound


def arrival(record: Record) -> int:
    return record.arrived


def test_what_an_erased_event_stood_between_is_cut_as_if_it_had_never_been_there(clock: FakeClock) -> None:
    with opened(None, clock) as memory:
        said = [memory.add(f"bees {place}", session="s", at=at(9000 * (place == 1))).stored[0] for place in range(3)]
        assert sizes(memory) == [[1, 1, 1]]
        memory.erase(said[1].id)
        assert sizes(memory) == [[2]]
        assert memory.verify().is_sound
        memory.reindex()
        assert sizes(memory) == [[2]]


def test_a_session_in_which_all_is_erased_leaves_nothing_to_be_cut(clock: FakeClock) -> None:
    with opened(None, clock) as memory:
        memory.add([f"bees {place}" for place in range(3)], at=NOON)
        memory.add("wasps", session="s", at=NOON)
        memory.erase(all=True)
        assert sizes(memory) == []
        assert memory.verify().is_sound


def test_an_event_that_was_erased_with_what_began_it_is_never_begun_again(clock: FakeClock) -> None:
    said = [("begin", 0, 0), ("later", 2, 50), ("last", 3, 55), ("between", 1, 25)]
    with opened(None, clock) as memory:
        ids = {}
        for text, order, minute in said:
            message = {"content": text, "session": "s", "order": order, "at": at(minute)}
            ids[text] = memory.add([message]).stored[0].id
        assert sizes(memory) == [[4]]
        # The event that "later" had begun was merged into that of "begin": nothing of it is left now.
        memory.erase(ids["later"])
        assert sizes(memory) == [[3]]
        memory.update(ids["between"], at=at(5))
        assert list(events_of(memory).values()) == [["begin", "between"], ["last"]]
        assert memory.verify().is_sound


def said_at_random(seed: int, count: int = 600) -> list[dict[str, object]]:
    chance = np.random.default_rng(seed)
    return [
        {"content": " ".join(f"word{number}" for number in chance.integers(3000, size=8)), "metadata": {"chance": part}}
        for part in chance.random(count).tolist()
    ]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_when_most_of_a_session_is_erased_lies_in_the_right_events(tmp_path: Path, seed: int) -> None:
    with opened(tmp_path / "talk.db", FakeClock()) as memory:
        memory.add(said_at_random(seed), session="s")
        memory.flush()
        memory.erase(filters={"metadata.chance": {"lt": 0.8}}, wait=False)
        assert memory.verify().findings == ()


def test_erasing_one_message_reads_a_bounded_part_of_its_stream(tmp_path: Path, rows_read: list[int]) -> None:
    cutting = Cutting()
    with opened(tmp_path / "talk.db", FakeClock()) as memory:
        said = memory.add(said_at_random(1, 1500), session="s").stored
        memory.flush()
        (session,) = memory.timeline()
        # From one whose event stays to one of which nothing is left.
        event = session.events[len(session.events) // 2]
        members = [record.id for record in said if memory.get(record.id).event_id == event.id]
        for name in members:
            before = rows_read[0]
            memory.erase(name, wait=False)
            assert rows_read[0] - before <= 2 * (4 * (cutting.context + 2 * cutting.look_back) + 2 * 128)
        assert memory.verify().findings == ()
