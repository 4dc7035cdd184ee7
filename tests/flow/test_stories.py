"""Stories through Memory: what a user sees when life goes on."""

import os
import pickle
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lamina.core.errors import (
    EncoderMismatch,
    InvalidArgument,
    LaminaError,
    MemoryClosed,
    NotFound,
    StoreReadOnly,
    UsedAfterFork,
)
from lamina.core.records import AtSource
from lamina.core.scope import Scope
from lamina.ingest.documents import Document
from lamina.ingest.traces import Trace
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def texts(memory: Memory, **scope: str) -> list[str]:
    return [record.text for record in memory.get_all(**scope)]


def test_what_is_added_is_found_at_once_and_kept_verbatim(memory: Memory) -> None:
    words = "  Ada's bees:\n\tÆthelred, 蜂, and   two spaces  "
    record = memory.add(words, session="roof").stored[0]
    assert memory.get(record.id).text == words
    assert memory.search("bees")[0].record.id == record.id


def test_a_message_without_a_time_is_taken_to_be_said_now_and_marked_as_assumed(
    memory: Memory, clock: FakeClock
) -> None:
    live = memory.add("hello").stored[0]
    assert (live.at, live.at_source) == (clock.now(), AtSource.ASSUMED)
    given = memory.add("hello", at=NOON).stored[0]
    assert (given.at, given.at_source) == (NOON, AtSource.GIVEN)
    ordered = memory.add("hello", at="unknown").stored[0]
    assert (ordered.at, ordered.at_source) == (None, AtSource.UNKNOWN)


def test_the_zone_in_which_something_was_said_is_kept(memory: Memory) -> None:
    record = memory.add("Guten Tag", at="2026-03-02T09:00:00+01:00").stored[0]
    kept = memory.get(record.id).at
    assert kept is not None
    assert kept.isoformat() == "2026-03-02T09:00:00+01:00"


def test_an_update_keeps_the_former_words_in_history_and_out_of_search(memory: Memory) -> None:
    record = memory.add("The dentist is on Tuesday").stored[0]
    receipt = memory.update(record.id, text="The dentist is on Friday")
    assert receipt.counts == {"UPDATE": 1}
    assert [hit.record.text for hit in memory.search("dentist")] == ["The dentist is on Friday"]
    assert memory.update(record.id, text="The dentist is on Friday").operations == ()


def test_users_do_not_see_each_other_and_all_see_what_is_shared(memory: Memory) -> None:
    memory.add("Ada's secret garden", user_id="ada")
    memory.add("Bob's secret garden", user_id="bob")
    memory.add("The office garden", scope=Scope.shared())
    memory.add("Another firm's garden", tenant_id="other", user_id="ada")
    assert {hit.record.text for hit in memory.search("garden", user_id="ada")} == {
        "Ada's secret garden",
        "The office garden",
    }
    assert {hit.record.text for hit in memory.search("garden", user_id="bob")} == {
        "Bob's secret garden",
        "The office garden",
    }
    assert [hit.record.text for hit in memory.search("garden", scope=Scope.shared())] == ["The office garden"]
    assert [hit.record.text for hit in memory.search("garden")] == ["The office garden"]
    assert texts(memory, tenant_id="other", user_id="ada") == ["Another firm's garden"]


def test_what_another_user_holds_moves_no_score(memory: Memory) -> None:
    for text in ("The garden needs rain", "The cat needs food", "A garden of forking paths"):
        memory.add(text, user_id="ada")
    memory.flush(user_id="ada")
    before = [(hit.record.id, hit.score) for hit in memory.search("garden rain", user_id="ada")]
    memory.add(["garden rain " * count for count in range(1, 30)], user_id="bob")
    memory.flush(user_id="bob")
    assert [(hit.record.id, hit.score) for hit in memory.search("garden rain", user_id="ada")] == before


def test_agents_and_runs_narrow_inside_a_user(memory: Memory) -> None:
    memory.add("plan of the planner", agent_id="planner")
    memory.add("plan of the writer", agent_id="writer", run_id="r1")
    memory.add("plan of nobody in particular")
    assert texts(memory, agent_id="planner") == ["plan of the planner", "plan of nobody in particular"]
    assert {hit.record.text for hit in memory.search("plan", agent_id="writer")} == {
        "plan of the writer",
        "plan of nobody in particular",
    }
    assert len(memory.search("plan")) == 3


def test_sessions_and_pauses_make_events(memory: Memory) -> None:
    for minutes, text in ((0, "coffee?"), (5, "yes"), (50, "back from lunch"), (51, "good")):
        memory.add(text, session="monday", at=NOON + timedelta(minutes=minutes))
    memory.add("elsewhere", session="tuesday", at=NOON + timedelta(days=1))
    sessions = memory.timeline()
    assert [(session.name, [event.size for event in session.events]) for session in sessions] == [
        ("monday", [2, 2]),
        ("tuesday", [1]),
    ]
    assert [event.opening.text for event in sessions[0].events] == ["coffee?", "back from lunch"]
    assert sessions[0].first_at == NOON


def test_events_are_the_same_whether_things_arrive_in_order_or_not(tmp_path: Path, clock: FakeClock) -> None:
    said = [(place, NOON + timedelta(minutes=minutes)) for place, minutes in enumerate((0, 10, 20, 90, 95))]

    def shape(order: list[int]) -> list[list[str]]:
        with Memory(encoder=HashEncoder(), clock=clock) as memory:
            for place in order:
                memory.add({"content": f"turn {place}", "order": place, "at": said[place][1], "session": "s"})
            assert memory.verify().is_sound
            events: dict[str, list[str]] = {}
            for record in memory.get_all():
                assert record.event_id is not None
                events.setdefault(record.event_id, []).append(record.text)
            return sorted(sorted(event) for event in events.values())

    assert shape([0, 1, 2, 3, 4]) == shape([4, 2, 0, 3, 1]) == [["turn 0", "turn 1", "turn 2"], ["turn 3", "turn 4"]]


def test_a_document_is_kept_whole_and_its_passages_cut_it_exactly(memory: Memory) -> None:
    text = "\n\n".join(f"Section {number}\n\nThe tenant shall water fern {number}. " * 6 for number in range(12))
    added = memory.add(Document(text=text, title="Lease", external_id="lease"))
    head, passages = added.stored[0], added.stored[1:]
    assert (head.kind, head.text) == ("document", "Lease")
    assert "".join(passage.text for passage in passages) == text
    for passage in passages:
        source = passage.provenance.sources[0]
        assert text[source.start : source.end] == passage.text
        assert source.record_id == head.id
    assert memory.add(Document(text=text, title="Lease", external_id="lease")).repeated[0].record.id == head.id
    assert memory.search("water fern 7", kinds=["document"])[0].record.id == head.id
    assert memory.verify().is_sound
    memory.delete(head.id)
    assert texts(memory) == []


def test_a_changed_document_replaces_its_passages(memory: Memory) -> None:
    memory.add(Document(text="Old rules.\n\nNo pets.", title="Rules", external_id="rules"))
    added = memory.add(Document(text="New rules.\n\nPets welcome.", title="Rules", external_id="rules"))
    assert len(added.updated) == 1
    assert "".join(texts(memory)) == "New rules.\n\nPets welcome."
    assert memory.verify().is_sound


def test_a_tool_trace_keeps_call_result_status_and_duration(memory: Memory) -> None:
    trace = Trace(tool="find_train", arguments={"to": "Turin"}, result={"trains": 0}, status="error", duration_s=1.25)
    record = memory.add(trace).stored[0]
    assert record.speaker == "find_train"
    assert "Turin" in record.text
    assert "trains" in record.text
    assert (record.metadata["status"], record.metadata["duration_s"]) == ("error", 1.25)


def test_recall_shows_both_halves_of_an_answer_in_a_long_message(memory: Memory) -> None:
    filler = "The morning was grey and the trains were late again. " * 40
    key, code = "The key to the warehouse hangs behind the calendar.", "The alarm code is 4471."
    record = memory.add({"content": f"{filler}{key} {filler}{code} {filler}", "name": "Ada"}).stored[0]
    memory.add([{"content": f"Note {number}: all fine here.", "name": "Bo"} for number in range(6)])
    context = memory.recall("Where does the key hang, and what is the alarm code?", budget_tokens=128, abstain=False)
    cut = [record.text[one.start : one.end] for one in context.citations if one.record_id == record.id]
    assert len(cut) == 2
    assert key in cut[0]
    assert code in cut[1]
    assert all(part in context.text for part in cut)
    assert context.tokens <= 128


def test_recall_packs_verbatim_evidence_under_the_budget_with_exact_citations(memory: Memory) -> None:
    memory.add(
        [
            {"content": f"Fact {number}: the {word} is blue", "name": "Ada"}
            for number, word in enumerate(("car", "door", "sky"))
        ]
    )
    context = memory.recall("which door is blue", budget_tokens=40, abstain=False)
    assert 0 < context.tokens <= 40
    assert context.citations
    for citation in context.citations:
        record = memory.get(citation.record_id)
        assert record.text[citation.start : citation.end] in context.text


def test_recall_says_that_it_does_not_know(memory: Memory) -> None:
    memory.add("The cat sleeps on the sofa")
    context = memory.recall("zeppelin maintenance invoices")
    assert (context.abstained, context.text, context.citations) == (True, "", ())
    assert context.notes
    assert memory.recall("zeppelin maintenance invoices", abstain=False).abstained is False


def test_an_empty_scope_gives_nothing_and_abstains(memory: Memory) -> None:
    assert len(memory.search("anything", user_id="nobody")) == 0
    assert memory.recall("anything", user_id="nobody").abstained
    assert memory.timeline(user_id="nobody") == ()
    assert memory.stats(user_id="nobody").counts.records == {}


def test_where_there_is_nothing_to_show_an_abstention_says_so(memory: Memory) -> None:
    memory.add("The cat sleeps on the sofa", session="home", user_id="ada")
    asked = {"filters": {"role": "tool"}}, {"session": "away"}, {"user_id": "nobody"}
    for narrower in asked:
        context = memory.recall("zeppelin", **{"user_id": "ada", **narrower})
        assert (context.abstained, context.confidence, context.left_out) == (True, 0.0, ())
        assert context.notes[-1].startswith("there is nothing to show")
    context = memory.recall("zeppelin", user_id="ada")
    assert (context.abstained, len(context.left_out)) == (True, 1)
    assert "can be shown all the same" in context.notes[-1]


def test_a_listing_goes_on_from_its_cursor_while_things_are_added(memory: Memory) -> None:
    memory.add([f"turn {number}" for number in range(5)])
    first = memory.get_all(limit=2)
    assert [record.text for record in first] == ["turn 0", "turn 1"]
    memory.add("turn 5")
    assert [record.text for record in memory.get_all(after=first.cursor)] == ["turn 2", "turn 3", "turn 4", "turn 5"]


def test_a_read_encodes_what_waits_up_to_a_bound_and_says_what_is_pending(tmp_path: Path, clock: FakeClock) -> None:
    settings = Settings(encode_at_read=4)
    with Memory(tmp_path / "life.db", settings=settings, encoder=HashEncoder(), clock=clock) as memory:
        memory.add([f"turn {number}" for number in range(10)])
        hits = memory.search("turn 9")
        assert hits.pending == 6
        assert any("6" in note for note in hits.notes)
        assert hits[0].record.text == "turn 9"
        assert memory.flush() == 6
        assert memory.search("turn 9").pending == 0


def test_a_file_opens_again_with_everything_in_it(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        record = memory.add("Ada keeps bees", session="roof").stored[0]
        memory.flush()
        hits = [(hit.record.id, hit.score) for hit in memory.search("bees")]
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        assert memory.get(record.id).session == "roof"
        assert [(hit.record.id, hit.score) for hit in memory.search("bees")] == hits
        assert memory.verify().is_sound


def test_a_file_with_vectors_of_another_encoder_is_refused_with_what_to_do(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        memory.add("Ada keeps bees")
        memory.flush()
    with pytest.raises(EncoderMismatch, match="open it with"):
        Memory(path)


def test_two_memories_on_one_file_see_each_others_writes_at_once(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with (
        Memory(path, encoder=HashEncoder(), clock=clock) as one,
        Memory(path, encoder=HashEncoder(), clock=clock) as two,
    ):
        one.add("the first bee")
        assert [hit.record.text for hit in two.search("bee")] == ["the first bee"]
        added = two.add("the second bee").stored[0]
        assert {hit.record.text for hit in one.search("bee")} == {"the first bee", "the second bee"}
        one.delete(added.id)
        assert [hit.record.text for hit in two.search("bee")] == ["the first bee"]


@pytest.mark.parametrize("path", ["life.db", None])
def test_many_threads_share_one_memory(tmp_path: Path, path: str | None) -> None:
    with Memory(None if path is None else tmp_path / path, encoder=HashEncoder()) as memory:
        problems: list[BaseException] = []

        def live(name: str) -> None:
            try:
                for count in range(15):
                    record = memory.add(f"{name} turn {count}", session=name, user_id="ada").stored[0]
                    assert memory.get(record.id, user_id="ada").text == f"{name} turn {count}"
                    found = memory.search(f"{name} turn {count}", limit=50, user_id="ada")
                    assert record.id in {hit.record.id for hit in found}
            except BaseException as problem:  # noqa: BLE001  # handed to the main thread, which raises it
                problems.append(problem)

        threads = [threading.Thread(target=live, args=(f"thread{number}",)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert problems == []
        assert len(texts(memory, user_id="ada")) == 90
        assert memory.verify().is_sound


def test_a_read_only_file_answers_says_so_and_refuses_to_write(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        memory.add([f"bee {number}" for number in range(3)])
    with Memory(path, settings=Settings(read_only=True), encoder=HashEncoder(), clock=clock) as memory:
        assert any("read" in note for note in memory.notes)
        hits = memory.search("bee")
        assert (len(hits), hits.pending) == (3, 0)
        assert {way.by for way in hits[0].via} >= {"lexical", "dense"}
        with pytest.raises(StoreReadOnly):
            memory.add("another bee")


def test_a_closed_memory_says_so(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "life.db", encoder=HashEncoder())
    memory.close()
    memory.close()
    for call in (lambda: memory.add("x"), lambda: memory.search("x"), lambda: memory.get("x"), memory.verify):
        with pytest.raises(MemoryClosed):
            call()


def test_clocks_that_run_backwards_leave_recorded_time_in_order(tmp_path: Path) -> None:
    clock = FakeClock("2026-03-02T08:00:00+00:00")
    with Memory(tmp_path / "life.db", encoder=HashEncoder(), clock=clock) as memory:
        first = memory.add("first").stored[0]
        clock.set("2020-01-01T00:00:00+00:00")
        second = memory.add("second").stored[0]
        assert first.recorded_at is not None
        assert second.recorded_at is not None
        assert first.recorded_at < second.recorded_at
        assert memory.verify().is_sound


def test_a_shared_record_changes_only_at_the_shared_scope(memory: Memory) -> None:
    shared = memory.add("The office closes at six", scope=Scope.shared()).stored[0]
    with pytest.raises(NotFound):
        memory.update(shared.id, text="The office never closes")
    memory.update(shared.id, text="The office closes at seven", scope=Scope.shared())
    assert memory.get(shared.id).text == "The office closes at seven"


def test_a_corrected_passage_leaves_the_document_as_it_was_handed_over(memory: Memory) -> None:
    added = memory.add(Document(text="One cat is welcome.\n\nDogs need consent.", title="Lease"))
    passage = added.stored[1]
    memory.update(passage.id, text="Two cats are welcome.")
    assert memory.verify().is_sound
    corrected = memory.get(passage.id)
    assert corrected.provenance.sources[0].record_id == added.stored[0].id
    assert corrected.provenance.sources[0].start is None
    assert memory.history(passage.id)[0].record.text == passage.text


def test_verify_of_a_file_with_broken_pages_is_a_report_and_no_crash(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        memory.add([f"bee {number} " * 20 for number in range(900)])
    whole = bytearray(path.read_bytes())
    half = len(whole) // 2 // 4096 * 4096
    whole[half:] = bytes(len(whole) - half)
    path.write_bytes(whole)
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        report = memory.verify()
        assert not report.is_sound
        assert {finding.check for finding in report.findings} == {"integrity"}


def test_inline_encoding_leaves_nothing_waiting(tmp_path: Path, clock: FakeClock) -> None:
    settings = Settings(encode="inline")
    with Memory(tmp_path / "life.db", settings=settings, encoder=HashEncoder(), clock=clock) as memory:
        memory.add(["bees", "wasps"])
        assert memory.stats().counts.waiting == 0
        assert memory.flush() == 0


def test_a_memory_used_after_a_fork_says_so_and_the_parent_goes_on(tmp_path: Path, clock: FakeClock) -> None:
    with Memory(tmp_path / "life.db", encoder=HashEncoder(), clock=clock) as memory:
        memory.add("before the fork")
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                memory.search("fork")
                told = "nothing"
            except UsedAfterFork as error:
                told = str(error)
            os.write(writing, told.encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            assert "open the file again" in pipe.read()
        memory.add("after the fork")
        assert texts(memory) == ["before the fork", "after the fork"]
        assert memory.verify().is_sound


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Die Prüfung beginnt um acht Uhr in der Größenstraße", "wann beginnt die pruefung? Größenstraße"),
        ("北京大学的图书馆晚上十点关门", "图书馆几点关门"),
        ("Библиотека закрывается в десять", "когда закрывается библиотека"),
        ("पुस्तकालय दस बजे बंद होता है", "पुस्तकालय कब बंद होता है"),
    ],
)
def test_the_lexical_side_serves_every_script_beside_the_english_encoder(text: str, question: str) -> None:
    with Memory() as memory:
        memory.add([text, "something else entirely", "今天天气很好", "Noch ein anderer Satz"])
        best = memory.search(question, limit=1)[0]
        assert best.record.text == text
        assert "lexical" in {way.by for way in best.via}


def test_the_word_memory_between_colons_makes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Memory(":memory:", encoder=HashEncoder()) as memory:
        memory.add("bees")
        assert len(memory.search("bees")) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_update_can_say_that_the_time_is_unknown(memory: Memory) -> None:
    record = memory.add("bees", at=NOON).stored[0]
    memory.update(record.id, at="unknown")
    assert (memory.get(record.id).at, memory.get(record.id).at_source) == (None, AtSource.UNKNOWN)


def test_a_hit_that_its_neighbours_words_lifted_says_so(memory: Memory) -> None:
    memory.add(["zebra quux", "unrelated words"], session="s")
    ways = {hit.record.text: {way.by for way in hit.via} for hit in memory.search("zebra quux")}
    assert "lexical" in ways["zebra quux"]
    assert "lexical" not in ways["unrelated words"]
    assert "neighbours" in ways["unrelated words"]


def test_a_forgotten_user_never_writes_what_all_can_read(memory: Memory) -> None:
    with pytest.raises(InvalidArgument, match="user_id"):
        memory.add("secret", scope=Scope(user=None))
    assert memory.scopes() == []


def test_errors_cross_processes(memory: Memory) -> None:
    for call in (lambda: memory.get("nobody"), lambda: memory.search(""), lambda: memory.search("x", limit=0)):
        with pytest.raises(LaminaError) as caught:
            call()
        copied = pickle.loads(pickle.dumps(caught.value))
        assert (type(copied), str(copied)) == (type(caught.value), str(caught.value))


def test_how_sure_the_memory_has_to_be_is_the_callers_to_say(memory: Memory) -> None:
    memory.add("The spare key hangs behind the blue door.")
    sure = memory.recall("Where does the spare key hang?")
    assert not sure.abstained
    assert memory.recall("Where does the spare key hang?", abstain=min(sure.confidence + 0.01, 1.0)).abstained
    assert not memory.recall("Where does the spare key hang?", abstain=sure.confidence).abstained
    memory.add([f"The spare key {number} hangs behind the blue door of the shed." for number in range(6)])
    # Sure, but of five good hits one fits.
    little = memory.recall("Where does the spare key hang?", budget_tokens=16)
    whole = memory.recall("Where does the spare key hang?", abstain=little.confidence + 0.01)
    none = memory.recall("Where does the spare key hang?", abstain=little.confidence + 0.01, budget_tokens=16)
    assert (little.abstained, whole.abstained, none.abstained) == (False, False, True)
    assert none.confidence == little.confidence < whole.confidence
    assert "larger budget" in none.notes[-1]
    declined = memory.recall("zeppelin maintenance invoices", abstain=0.99)
    assert declined.abstained
    assert "0.99" in declined.notes[-1]
