"""What a file lacks of token vectors: a search says so, and `reindex` encodes it; of long texts little is kept."""

from pathlib import Path
from typing import Any

import apsw
import pytest

from lamina.core.errors import StoreFull, StoreReadOnly
from lamina.encode.tokens import MOST_PIECES
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder, HashTokenEncoder

SAID = [
    "I bought a red bicycle in Bern.",
    "It cost nine hundred francs.",
    "My sister keeps bees.",
    "The cellar is wet.",
]
QUESTION = "How much was the bicycle from Bern?"
LONG = " ".join(
    f"On day {n} the keeper of hive {n} noted queens, drones, clover and honey number {n}." for n in range(60)
)


def opened(path: Path, clock: FakeClock, *, recipe: str = "default", **settings: Any) -> Memory:
    chosen = Settings(recipe=recipe, **settings)
    return Memory(path, encoder=HashTokenEncoder(width=384), clock=clock, settings=chosen)


def fill(memory: Memory) -> None:
    for user in ("ada", "bob"):
        memory.add([{"content": text, "name": "Ada", "session": "s"} for text in SAID], user_id=user)
        memory.flush(user_id=user)


def scores(memory: Memory) -> list[tuple[str, float]]:
    return [(hit.record.text, hit.score) for hit in memory.search(QUESTION, user_id="ada")]


def kept(path: Path) -> list[tuple[int, int]]:
    """Give the pieces' bytes and the spans of each text that has token vectors."""
    every = "SELECT sum(length(data)), count(*) FROM token_vector GROUP BY wall_id, number ORDER BY wall_id, number"
    return apsw.Connection(str(path)).execute(every).fetchall()


def test_a_search_says_what_has_no_token_vectors_and_reindex_encodes_it(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "whole.db", clock) as whole:
        fill(whole)
        expected = scores(whole)
    path = tmp_path / "life.db"
    with opened(path, clock, recipe="first-look") as memory:
        fill(memory)
        assert memory.search(QUESTION, user_id="ada").notes == ()
        assert memory.reindex().texts == 0
    told: list[tuple[int, int]] = []
    with opened(path, clock) as memory:
        (note,) = memory.search(QUESTION, user_id="ada").notes
        assert "4 of the 4 best rows have no token vectors" in note
        assert "`reindex`" in note
        assert memory.explain(QUESTION, user_id="ada").notes == (note,)
        done = memory.reindex(on_progress=lambda done, of: told.append((done, of)))
        assert (done.walls, done.texts) == (2, 8)
        assert told == [(0, 10), (1, 10), (2, 10), (6, 10), (10, 10)]
        assert memory.search(QUESTION, user_id="ada").notes == ()
        assert scores(memory) == expected
        assert memory.verify().is_sound
        assert memory.reindex().texts == 0


def test_where_the_file_is_read_only_nothing_is_advised_that_fails_there(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with opened(path, clock, recipe="first-look") as memory:
        fill(memory)
        memory.add(["This one waits.", "This one, too."], user_id="ada")
    with opened(path, clock, read_only=True, encode_at_read=1) as memory:
        pending, untold = memory.search(QUESTION, user_id="ada").notes
        assert pending.endswith(
            "1 texts have no vector yet and were found by their words alone; further reads encode them"
        )
        assert untold.endswith("the file is read-only: `reindex` encodes them once it can be written")
        with pytest.raises(StoreReadOnly):
            memory.reindex()
        with pytest.raises(StoreReadOnly):
            memory.flush(user_id="ada")
        (again,) = memory.search(QUESTION, user_id="ada").notes
        assert "read-only" in again
        assert memory.explain(QUESTION, user_id="ada").notes == (again,)


def test_what_was_withdrawn_or_waits_is_left_alone(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with opened(path, clock, recipe="first-look") as memory:
        fill(memory)
        gone = next(memory.get_all(user_id="ada"))
        memory.delete(gone.id, user_id="ada")
    with opened(path, clock) as memory:
        memory.add("This one waits.", user_id="ada")
        assert memory.reindex().texts == 7
        assert len(kept(path)) == 7


def test_without_token_vectors_to_give_nothing_is_said_or_encoded(tmp_path: Path, clock: FakeClock) -> None:
    with Memory(tmp_path / "plain.db", encoder=HashEncoder(), clock=clock) as memory:
        fill(memory)
        assert memory.search(QUESTION, user_id="ada").notes == ()
        assert memory.reindex().texts == 0


def test_an_earlier_file_that_keeps_more_of_a_long_text_answers_and_is_made_small(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "life.db"
    with monkeypatch.context() as patch:
        patch.setattr("lamina.encode.tokens.MOST_PIECES", 10_000)
        with opened(path, clock) as memory:
            memory.add([LONG, "Bees sleep in winter."])
            memory.flush()
    before = kept(path)
    with opened(path, clock) as memory:
        hits = memory.search("Which hive had clover honey?")
        assert "tokens" in {way.by for way in hits[0].via}
        assert hits.notes == ()
        assert memory.reindex().texts == 1
        assert memory.verify().is_sound
    (small, spans), other = kept(path)
    assert (spans, other) == (before[0][1], before[1])
    assert small == MOST_PIECES * 384 // 2 < before[0][0]


def test_the_real_encoder_keeps_a_kilobyte_at_most_and_reindex_gives_what_an_add_gives(tmp_path: Path) -> None:
    question = "Who wrote about queens and clover?"
    found = []
    for path, recipe in ((tmp_path / "new.db", "default"), (tmp_path / "old.db", "first-look")):
        with Memory(path, settings=Settings(recipe=recipe)) as memory:
            memory.add([LONG, "Ada bought a red bicycle.", "the of and"])
            memory.flush()
        with Memory(path) as memory:
            assert memory.reindex().texts == (0 if recipe == "default" else 3)
            hits = memory.search(question)
            assert hits.notes == ()
            found.append([(hit.record.text, hit.score) for hit in hits])
        assert kept(path)[0][0] == MOST_PIECES * 32 <= 1000
        assert kept(path)[0][1] > 1
    assert found[0] == found[1]


@pytest.mark.parametrize("way", ["repair", "reindex"])
def test_verify_tells_that_some_rows_have_lost_their_token_vectors(tmp_path: Path, clock: FakeClock, way: str) -> None:
    path = tmp_path / "life.db"
    with opened(path, clock) as memory:
        fill(memory)
        expected = scores(memory)
        assert memory.verify().lacking == ()
    with apsw.Connection(str(path)) as connection:
        connection.execute("DELETE FROM token_vector WHERE number IN (1, 4) AND wall_id = 1")
    with opened(path, clock) as memory:
        report = memory.verify()
        assert report.is_sound
        (lacking,) = report.lacking
        assert (lacking.where, lacking.problem) == (
            "default/ada",
            "has 2 of 4 texts without token vectors, which the others have",
        )
        assert "2 of the 4 best rows have no token vectors" in memory.search(QUESTION, user_id="ada").notes[0]
        if way == "repair":
            assert memory.verify(repair=True).mended == (lacking,)
        else:
            assert memory.reindex().texts == 2
        assert scores(memory) == expected
        report = memory.verify()
        assert report.is_sound
        assert report.lacking == ()


def test_a_memory_without_any_token_vectors_lacks_none(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "life.db", clock, recipe="first-look") as memory:
        fill(memory)
        assert memory.verify().lacking == ()


def test_on_a_full_disk_room_is_advised_and_nothing_is_encoded_again(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "life.db", clock) as memory:
        memory.add([f"{text} ({number})" for number in range(15) for text in SAID])
        writer = memory._store._pool._writer  # type: ignore[attr-defined]
        writer.pragma("max_page_count", writer.pragma("page_count"))
        hits = memory.search(QUESTION)
        (note,) = hits.notes
        assert "new vectors could not be kept" in note
        assert "make room and try again" in note
        # What could not be kept waits in memory, its token vectors too.
        again = memory.search(QUESTION)
        assert again.notes == ()
        assert [(hit.record.id, hit.score) for hit in again] == [(hit.record.id, hit.score) for hit in hits]
        for call in (memory.flush, memory.reindex, lambda: memory.add("x" * 50_000)):
            with pytest.raises(StoreFull, match="make room and try again"):
                call()
        writer.pragma("max_page_count", 2**30)
        assert memory.flush() == 0
        assert memory.search(QUESTION).notes == ()
        assert memory.verify().lacking == ()
        assert memory.reindex().texts == 0


def test_what_a_read_only_file_lacks_counts_whole_once_it_is_encoded(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with opened(path, clock) as memory:
        memory.add([f"{text} ({number})" for number in range(5) for text in SAID])
    with opened(path, clock, read_only=True) as memory:
        hits = memory.search(QUESTION)
        assert hits.notes == ()
        told = [(hit.record.id, hit.score) for hit in hits]
    with opened(path, clock) as memory:
        memory.flush()
        assert [(hit.record.id, pytest.approx(hit.score)) for hit in memory.search(QUESTION)] == told
