"""Late interaction in the default recipe: what it finds, what moves no score, and what is there without it."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from lamina.core.errors import DamagedFile, StoreReadOnly
from lamina.flows import scoring
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder, HashTokenEncoder

SAID = [
    "I bought a red bicycle in Bern.",
    "What did the bicycle cost?",
    "Nine hundred francs, and the lamp was free.",
    "My sister keeps bees on the roof of the mill.",
    "It rained a lot, and the cellar is wet.",
    "The mill stands by the river.",
    "Her bees sting only when it rains.",
    "We had soup for lunch.",
]
QUESTION = "How many francs did the bicycle cost in Bern?"


def opened(path: Path, clock: FakeClock, *, tokens: bool = True, **settings: object) -> Memory:
    encoder = HashTokenEncoder(width=384) if tokens else HashEncoder(width=384)
    return Memory(path, encoder=encoder, clock=clock, settings=Settings(**settings))


def fill(memory: Memory) -> None:
    memory.add([{"content": text, "session": "s", "name": ("Ada", "Ben")[n % 2]} for n, text in enumerate(SAID)])
    memory.flush()


@pytest.fixture(params=[0, 1024])
def memory(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Memory]:
    monkeypatch.setattr(scoring, "SMALL_SCOPE", request.param)
    with opened(tmp_path / "life.db", clock) as opened_memory:
        fill(opened_memory)
        yield opened_memory


def scores_of(memory: Memory, **how: object) -> dict[str, float]:
    return {hit.record.text: hit.score for hit in memory.search(QUESTION, **how)}


def test_token_vectors_raise_what_they_find_and_say_so(memory: Memory, tmp_path: Path, clock: FakeClock) -> None:
    best = memory.search(QUESTION)[0]
    told = {way.by: way.score for way in best.via}
    assert 0 < told["tokens"] <= 1
    with opened(tmp_path / "plain.db", clock, tokens=False) as plain:
        fill(plain)
        without = {hit.record.text: hit for hit in plain.search(QUESTION)}
    assert "tokens" not in {way.by for hit in without.values() for way in hit.via}
    assert best.score > without[best.record.text].score


def test_no_filter_and_no_limit_moves_a_score(memory: Memory) -> None:
    every = scores_of(memory)
    assert scores_of(memory, limit=2).items() <= every.items()
    filtered = scores_of(memory, filters={"speaker": "Ada"})
    assert 0 < len(filtered) < len(every)
    assert filtered.items() <= every.items()


def test_explain_tells_the_same_scores_and_their_parts(memory: Memory) -> None:
    told = memory.explain(QUESTION, limit=len(SAID))
    assert {hit.record.text: hit.score for hit in told.hits} == pytest.approx(scores_of(memory))
    for hit in told.hits:
        assert sum(share.points for share in hit.shares) == pytest.approx(hit.score)
    shares = {share.name: share for share in told.hits[0].shares}
    assert shares["tokens"].points > 0


def test_the_words_before_a_turn_count_with_it(memory: Memory) -> None:
    told = {
        hit.record.text: {way.by: way.score for way in hit.via} for hit in memory.search("What did the bicycle cost?")
    }
    assert told[SAID[2]]["tokens"] > told[SAID[7]].get("tokens", 0)


def test_what_has_no_token_vectors_is_ranked_by_the_rest(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with opened(path, clock) as memory:
        fill(memory)
        every = list(scores_of(memory))
    connection = apsw.Connection(str(path))
    connection.execute("DELETE FROM token_vector WHERE number = 1")
    with opened(path, clock) as memory:
        hits = memory.search(QUESTION)
        assert {hit.record.text for hit in hits} == set(every)
        lacking = next(hit for hit in hits if hit.record.text == SAID[0])
        assert "tokens" not in {way.by for way in lacking.via}
        assert lacking.score > hits[-1].score
    connection.execute("DELETE FROM token_vector")
    connection.close()
    with opened(path, clock) as memory, opened(tmp_path / "plain.db", clock, tokens=False) as plain:
        fill(plain)
        assert scores_of(memory) == scores_of(plain)


def test_no_wall_sees_the_token_vectors_of_another(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "one.db", clock) as alone, opened(tmp_path / "two.db", clock) as beside:
        for memory in (alone, beside):
            memory.add([{"content": text, "session": "s"} for text in SAID], user_id="ada")
        beside.add([{"content": text.replace("bicycle", "car"), "session": "s"} for text in SAID], user_id="bob")
        for memory in (alone, beside):
            memory.flush(user_id="ada")
        assert scores_of(alone, user_id="ada") == scores_of(beside, user_id="ada")


def test_a_long_text_keeps_the_token_vectors_of_each_span(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with opened(path, clock) as memory:
        memory.add(" ".join(f"word{n}" for n in range(100)))
        memory.add("something else")
        memory.flush()
        (first, _) = memory.search("word97")
        assert {way.by for way in first.via} >= {"lexical", "tokens"}
    connection = apsw.Connection(str(path))
    assert connection.execute("SELECT count(*) FROM token_vector WHERE number = 1").fetchone() == (3,)


def test_broken_token_vectors_are_told_found_and_made_anew(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with opened(path, clock) as memory:
        fill(memory)
        expected = scores_of(memory)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE token_vector SET data = x'00' WHERE number = 3")
    connection.execute("DELETE FROM vector WHERE content_id = (SELECT min(content_id) FROM vector)")
    connection.execute("DELETE FROM token_vector WHERE number = 5")
    connection.close()
    with opened(path, clock) as memory:
        with pytest.raises(DamagedFile, match="--repair"):
            memory.search(QUESTION)
        found = {finding.where.partition(" ")[2] for finding in memory.verify().findings}
        assert {"token vectors of operation 1", "token vectors of operation 3"} <= found
        memory.verify(repair=True)
        memory.flush()
        assert memory.verify().is_sound
        assert scores_of(memory) == expected


def test_in_a_large_scope_no_filter_limit_or_kind_moves_a_score(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "SMALL_SCOPE", 0)
    words = "bicycle Bern francs cost lamp mill bees roof rain river soup lunch cellar sister".split()
    with opened(tmp_path / "life.db", clock) as memory:
        memory.add(
            [
                {
                    "content": " ".join(words[(n * k) % 14] for k in range(3, 9)) + f" {n}",
                    "session": f"s{n % 7}",
                    "name": "Ada",
                }
                for n in range(700)
            ]
        )
        memory.flush()
        plain = scores_of(memory)
        for how in (
            {"limit": 60},
            {"limit": 300},
            {"filters": {"speaker": "Ada"}},
            {"kinds": ["observation", "event"]},
        ):
            others = scores_of(memory, **how)
            both = plain.keys() & others.keys()
            assert len(both) > 5
            assert {text: others[text] for text in both} == {text: plain[text] for text in both}


def test_explain_says_what_was_not_looked_at_again_and_what_has_no_token_vectors(
    tmp_path: Path, clock: FakeClock
) -> None:
    with opened(tmp_path / "life.db", clock) as memory:
        stored = memory.add([f"bees hum {n} in garden {n % 9}" for n in range(80)]).stored
        memory.add("the of and")
        told = memory.explain("bees in garden 3", limit=2)
        assert told.candidates == 81
        hidden = [memory.explain("bees in garden 3", record.id, limit=2).asked for record in stored]
        assert any("looked at again" in asked.absence[-1] for asked in hidden if asked and asked.absence)
        empty = memory.explain("bees", memory.search("the of and", limit=81)[-1].record.id, limit=81)
        shares = [share for hit in empty.hits for share in hit.shares if share.name == "tokens"]
        assert any(share.measured is None for share in shares)
        assert all(share.measured is None or share.measured >= 0 for share in shares)


def test_a_file_that_is_read_only_answers_with_its_token_vectors_and_with_those_that_its_reader_holds(
    tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "life.db"
    with opened(path, clock) as memory:
        fill(memory)
        memory.add("The price of the tram in Bern is four francs.")
    with opened(path, clock, read_only=True) as memory:
        every = {hit.record.text: {way.by for way in hit.via} for hit in memory.search(QUESTION)}
        assert "tokens" in every[SAID[0]]
        assert "tokens" in every["The price of the tram in Bern is four francs."]
        with pytest.raises(StoreReadOnly):
            memory.add("no")


def test_among_people_what_only_asks_counts_less_and_what_follows_a_question_more(memory: Memory) -> None:
    told = memory.explain("What did the bicycle cost?", limit=len(SAID))
    shares = {hit.record.text: {share.name: share.points for share in hit.shares} for hit in told.hits}
    assert shares[SAID[1]]["asks"] < 0
    assert shares[SAID[2]]["answers"] > 0
    assert not {"asks", "answers"} & shares[SAID[0]].keys()


def test_what_a_user_asks_an_assistant_counts_in_full(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "chat.db", clock) as memory:
        memory.add(
            [
                {"content": "What did the bicycle cost?", "role": "user", "name": "Ada"},
                {"content": "I do not know.", "role": "assistant"},
            ],
            session="s",
        )
        told = memory.explain("What did the bicycle cost?", limit=2)
        assert not {"asks", "answers"} & {share.name for hit in told.hits for share in hit.shares}


def test_a_question_that_the_encoder_cannot_read_is_left_to_the_words(tmp_path: Path) -> None:
    with Memory(tmp_path / "real.db") as memory:
        memory.add(["北京大学的图书馆晚上十点关门", "Bibliothek", "今天天气很好"])
        assert "tokens" not in {way.by for hit in memory.search("图书馆几点关门") for way in hit.via}
        assert "tokens" in {way.by for way in memory.search("When does the Bibliothek close?")[0].via}


def test_a_recipe_that_looks_once_keeps_no_token_vectors(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "life.db"
    with opened(path, clock, recipe="first-look") as memory:
        fill(memory)
        first = scores_of(memory)
        memory.add("Another turn, encoded by the read.")
        memory.search("another turn")
    assert apsw.Connection(str(path)).execute("SELECT count(*) FROM token_vector").fetchone() == (0,)
    # Opened by the default, the same file answers, and what comes now has token vectors.
    with opened(path, clock) as memory:
        assert set(scores_of(memory)) >= set(first)
        memory.add("One more turn about bees.")
        assert "tokens" in {way.by for way in memory.search("One more turn about bees")[0].via}
