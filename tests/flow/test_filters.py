"""Filters through Memory: exact, before ranking, whatever happened to the records and whoever wrote them."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lamina.core.errors import InvalidArgument
from lamina.core.scope import Scope
from lamina.flows import browse
from lamina.ingest.documents import Document
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def found(memory: Memory, filters: dict[str, object], query: str = "bees", **options: object) -> list[str]:
    return [hit.record.text for hit in memory.search(query, filters=filters, **options)]


def listed(memory: Memory, filters: dict[str, object], **options: object) -> list[str]:
    return [record.text for record in memory.get_all(filters=filters, **options)]


def test_a_filter_that_leaves_three_records_gives_these_three(memory: Memory) -> None:
    memory.add([{"content": f"bees {number}", "metadata": {"rank": number}} for number in range(1500)])
    memory.flush()
    assert sorted(found(memory, {"rank": [3, 700, 1499]}, limit=5)) == ["bees 1499", "bees 3", "bees 700"]
    assert len(found(memory, {"rank": {"gte": 700}}, limit=1000)) == 800
    assert found(memory, {"rank": 5000}) == []


def test_what_neither_words_nor_vectors_find_comes_last_and_the_newest_of_it_first(
    tmp_path: Path, clock: FakeClock
) -> None:
    settings = Settings(encode_at_read=0)
    with Memory(tmp_path / "life.db", settings=settings, encoder=HashEncoder(), clock=clock) as memory:
        for text in ("quiet one", "bees", "quiet two"):
            # Words of neighbours count; sessions of their own have none.
            memory.add(text, metadata={"kept": True}, session=text)
        memory.add("bees elsewhere")
        hits = memory.search("bees", filters={"kept": True})
        assert [hit.record.text for hit in hits] == ["bees", "quiet two", "quiet one"]
        assert [bool(hit.via) for hit in hits] == [True, False, False]
        assert found(memory, {"kept": True}, limit=2) == ["bees", "quiet two"]
        assert {hit.record.text for hit in memory.search("bees")} == {"bees elsewhere", "bees"}


def test_a_filter_changes_no_score_and_no_order(memory: Memory) -> None:
    memory.add(
        [{"content": f"{word} and bees", "name": name} for word in ("red", "old", "tame") for name in ("Ada", "Bob")]
    )
    whole = [(hit.record.id, hit.score) for hit in memory.search("old bees")]
    asked = {"speaker": "Ada"}
    ids = {record.id for record in memory.get_all(filters=asked)}
    assert [(hit.record.id, hit.score) for hit in memory.search("old bees", filters=asked)] == [
        pair for pair in whole if pair[0] in ids
    ]


def test_nothing_that_narrows_changes_a_score_where_most_rows_are_estimated(memory: Memory) -> None:
    words = "red old tame wild quiet loud small tall".split()
    memory.add(
        [
            {
                "content": f"{words[n % 8]} {words[n // 8 % 8]} bees {words[n // 64 % 8]} {n}",
                "session": f"session {n // 50}",
                "metadata": {"n": n % 10},
            }
            for n in range(3000)
        ]
    )
    memory.flush()
    for question in ("old tame bees", "quiet", "tall wild"):
        whole = {hit.record.id: hit.score for hit in memory.search(question, limit=300)}
        for narrowing in ({"filters": {"n": 3}}, {"filters": {"n": {"ne": 3}}}, {"session": "session 7"}):
            hits = [hit for hit in memory.search(question, limit=20, **narrowing) if hit.record.id in whole]
            assert hits
            assert [hit.score for hit in hits] == [whole[hit.record.id] for hit in hits]


def test_recall_packs_only_what_a_filter_leaves(memory: Memory) -> None:
    memory.add([{"content": "Ada keeps bees on the roof", "name": name} for name in ("Ada", "Bob")])
    context = memory.recall("who keeps bees on the roof", filters={"speaker": "Bob"})
    assert len(context.citations) == 1
    assert "Bob:" in context.text
    assert "Ada:" not in context.text


def test_recall_declines_where_a_filter_leaves_nothing_that_the_question_finds(
    tmp_path: Path, clock: FakeClock
) -> None:
    settings = Settings(encode_at_read=0)
    with Memory(tmp_path / "life.db", settings=settings, encoder=HashEncoder(), clock=clock) as memory:
        memory.add("quiet", metadata={"kept": True}, session="elsewhere")
        memory.add("bees")
        declined = memory.recall("bees", filters={"kept": True})
        assert (declined.abstained, declined.confidence) == (True, 0.0)
        assert memory.recall("bees", filters={"kept": True}, abstain=False).text.endswith("quiet")


def test_an_update_a_deletion_and_a_revision_are_seen_at_once(memory: Memory) -> None:
    first = memory.add("bees one", metadata={"city": "Turin"}).stored[0]
    second = memory.add("bees two", metadata={"city": "Turin"}).stored[0]
    in_turin = {"city": "Turin"}
    assert len(found(memory, in_turin)) == 2
    memory.update(first.id, metadata={"city": "Rome"})
    memory.delete(second.id)
    memory.add("bees three", metadata={"city": ["Rome", "Turin"]})
    assert found(memory, in_turin) == listed(memory, in_turin) == ["bees three"]
    assert sorted(found(memory, {"city": "Rome"})) == ["bees one", "bees three"]
    assert found(memory, {"text": {"contains": "two"}}) == []


def test_an_agent_in_a_filter_is_exactly_this_one(memory: Memory) -> None:
    memory.add("bees of the planner", agent_id="planner")
    memory.add("bees of nobody")
    assert len(memory.search("bees", agent_id="planner")) == 2
    assert found(memory, {"agent_id": "planner"}) == ["bees of the planner"]
    assert found(memory, {"agent": None}, agent_id="planner") == ["bees of nobody"]


def test_shared_records_are_filtered_with_the_users_own(memory: Memory) -> None:
    memory.add("bees of ada", metadata={"n": 1}, user_id="ada")
    memory.add("bees of all", metadata={"n": 1}, scope=Scope.shared())
    memory.add("other bees of all", metadata={"n": 2}, scope=Scope.shared())
    memory.add("bees of bob", metadata={"n": 1}, user_id="bob")
    assert sorted(found(memory, {"n": 1}, user_id="ada")) == ["bees of ada", "bees of all"]
    assert listed(memory, {"n": 1}, user_id="bob") == ["bees of bob", "bees of all"]


def test_events_and_documents_are_found_by_the_evidence_that_a_filter_leaves(memory: Memory) -> None:
    for minutes, name in ((0, "Ada"), (1, "Bob"), (90, "Bob")):
        memory.add({"content": f"bees at {minutes}", "name": name}, session="s", at=NOON + timedelta(minutes=minutes))
    memory.add(Document(title="Lease", text="No bees on the roof."))
    events = memory.search("bees", kinds=["event"], filters={"speaker": "Ada"})
    assert [hit.evidence.text for hit in events if hit.evidence] == ["bees at 0"]
    documents = memory.search("bees", kinds=["document"], filters={"modality": "passage"})
    assert [hit.record.text for hit in documents] == ["Lease"]
    assert memory.search("bees", kinds=["document"], filters={"speaker": "Ada"}).items == ()


def test_a_listing_asks_the_records_themselves(memory: Memory) -> None:
    memory.add(Document(title="Lease", text="No bees on the roof.", metadata={"signed": True}))
    memory.add("bees", session="s")
    everything = ["observation", "document", "event"]
    assert listed(memory, {"kind": "document"}, kinds=everything) == ["Lease"]
    assert listed(memory, {"kind": ["event"], "session": "s"}, kinds=everything) == [""]
    with pytest.raises(InvalidArgument, match="kinds="):
        memory.get_all(filters={"kind": "document"})


def test_a_listing_with_a_filter_counts_what_it_gives_and_goes_on_from_its_cursor(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browse, "PAGE", 4)
    memory.add([{"content": f"turn {number}", "metadata": {"third": number % 3 == 0}} for number in range(20)])
    third = {"third": True}
    first = memory.get_all(limit=3, filters=third)
    assert [record.text for record in first] == ["turn 0", "turn 3", "turn 6"]
    rest = memory.get_all(after=first.cursor, filters=third)
    assert [record.text for record in rest] == ["turn 9", "turn 12", "turn 15", "turn 18"]
    assert listed(memory, {"third": None}) == []


def test_times_without_a_zone_take_that_of_the_call(memory: Memory) -> None:
    memory.add("bees at noon", at=NOON)
    asked = {"at": {"gte": "2026-03-02T13:00:00"}}
    assert found(memory, asked, timezone="Europe/Rome") == listed(memory, asked, timezone="Europe/Rome") != []
    assert found(memory, asked, timezone="UTC") == listed(memory, asked, timezone="UTC") == []
    assert memory.recall("bees at noon", filters=asked, timezone="+01:00").citations


def test_what_another_memory_writes_is_filtered_at_once(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    asked = {"city": "Turin", "text": {"contains": "bees"}}
    with (
        Memory(path, encoder=HashEncoder(), clock=clock) as one,
        Memory(path, encoder=HashEncoder(), clock=clock) as two,
    ):
        one.add("bees one", metadata={"city": "Turin"})
        assert found(two, asked) == ["bees one"]
        added = one.add("bees two", metadata={"city": "Turin"}).stored[0]
        assert sorted(found(two, asked)) == ["bees one", "bees two"]
        one.delete(added.id)
        assert found(two, asked) == ["bees one"]


def test_filters_are_the_same_over_an_index_that_was_kept(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    asked = {"rank": {"lt": 5}, "speaker": "Ada"}
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        for number in range(600):
            memory.add({"content": f"bees {number}", "name": ("Ada", "Bob")[number % 2]}, metadata={"rank": number})
        memory.flush()
        hits = [(hit.record.id, hit.score) for hit in memory.search("bees", filters=asked)]
    with Memory(path, settings=Settings(read_only=True), encoder=HashEncoder(), clock=clock) as memory:
        assert [(hit.record.id, hit.score) for hit in memory.search("bees", filters=asked)] == hits
        assert (len(hits), memory.stats().index.loads) == (3, 1)


def test_what_filters_ask_for_counts_as_memory_and_goes_with_the_index(tmp_path: Path, clock: FakeClock) -> None:
    with Memory(settings=Settings(index_bytes=2**17), encoder=HashEncoder(), clock=clock) as memory:
        for user in ("ada", "bob"):
            memory.add([{"content": f"bees {n}", "metadata": {"n": f"value {n}"}} for n in range(300)], user_id=user)
        memory.search("bees", user_id="ada")
        before = memory.stats().index
        assert found(memory, {"n": "value 7"}, user_id="ada") == ["bees 7"]
        assert memory.stats().index.bytes > before.bytes + 300 * 100
        assert found(memory, {"n": "value 8"}, user_id="bob") == ["bees 8"]
        after = memory.stats().index
        assert after.evictions > before.evictions
        assert after.walls < before.walls + 1
        assert found(memory, {"n": "value 7"}, user_id="ada") == ["bees 7"]


def test_threads_filter_while_others_add(memory: Memory) -> None:
    memory.add([{"content": f"bees {n}", "metadata": {"n": n}} for n in range(50)])
    problems: list[BaseException] = []

    def look(number: int) -> None:
        try:
            for turn in range(20):
                memory.add(f"wasps {number} {turn}", metadata={"n": 100 + number, "who": f"{number}"})
                assert found(memory, {"n": {"lt": 3}, "text": {"contains": "bees"}}, limit=100)
                assert len(found(memory, {"who": str(number)}, limit=100)) == turn + 1
        except BaseException as problem:  # noqa: BLE001  # handed to the main thread, which raises it
            problems.append(problem)

    threads = [threading.Thread(target=look, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
