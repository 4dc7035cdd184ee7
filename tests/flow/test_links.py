"""Links by title and name: a text that the question does not name is found by one that names it, or that it names."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lamina import Document, Message
from lamina.flows import scoring
from lamina.memory import Memory
from lamina.recipes.default import DEFAULT
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder

SONG = "Hello Love\nHello Love is a song by Hank Snow from 1974, a hit on the country charts of its year."
SINGER = "Hank Snow\nHe came from Brooklyn and died in Nashville, which has a river."
CITY = "Nashville\nIt lies on the Cumberland and has a famous street."
OTHERS = [
    f"{name}\nA {thing} of no great interest, seen by few and praised by fewer."
    for name, thing in zip(
        "Amber Birch Cedar Dahlia Elm Fern Ginger Hazel Iris Jade".split(), "abcdefghij", strict=True
    )
]
QUESTION = "Where did the performer of the song Hello Love come from, a hit on the country charts?"


def opened(path: Path, clock: FakeClock, recipe: str) -> Memory:
    return Memory(path, encoder=HashEncoder(width=384), clock=clock, settings=Settings(recipe=recipe))


def apart(texts: list[str]) -> list[Message]:
    """Give texts as messages of a session each, so that none is a neighbour of another."""
    return [{"content": text, "session": f"s{place}"} for place, text in enumerate(texts)]


@pytest.fixture
def memory(tmp_path: Path, clock: FakeClock) -> Iterator[Memory]:
    with opened(tmp_path / "life.db", clock, "default") as opened_memory:
        opened_memory.add(apart([*OTHERS[:5], SINGER, SONG, CITY, *OTHERS[5:]]))
        opened_memory.flush()
        yield opened_memory


def test_what_the_best_text_names_comes_right_behind_it_and_says_why(
    memory: Memory, tmp_path: Path, clock: FakeClock
) -> None:
    hits = memory.search(QUESTION, limit=3)
    assert [hit.record.text for hit in hits[:2]] == [SONG, SINGER]
    assert "title" in {way.by for way in hits[1].via}
    with opened(tmp_path / "life.db", clock, "without-links") as plain:
        assert SINGER not in [hit.record.text for hit in plain.search(QUESTION, limit=2)]


def test_documents_of_the_default_encoder_are_linked_by_their_titles(tmp_path: Path) -> None:
    with Memory(tmp_path / "real.db", settings=Settings(recipe="default")) as memory:
        memory.add(Document(title="Hank Snow", text="He came from Nova Scotia and died in Nashville."))
        memory.add(Document(title="Hello Love", text="A song by Hank Snow from 1974."))
        memory.add(apart(["The kettle is blue.", "My bicycle has a flat tyre.", "It rained on Sunday."]))
        hits = memory.search("Who performed the song from 1974?", limit=2)
        assert {hit.record.session for hit in hits} == {"Hello Love", "Hank Snow"}
        assert "title" in {way.by for way in hits[1].via}


def test_what_names_the_best_text_is_found_as_well(memory: Memory) -> None:
    hits = memory.search("famous street on the Cumberland", limit=2)
    assert [hit.record.text for hit in hits] == [CITY, SINGER]


def test_what_a_chat_names_is_found_and_what_two_turns_name_links_them_not(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "chat.db", clock, "default") as memory:
        memory.add(apart([*OTHERS, CITY]))
        memory.add(
            [
                {"content": "Last spring we flew to Nashville, what a trip!", "name": "Ada", "session": "spring"},
                {"content": "My cousin opens a shop in Nashville.", "name": "Bob", "session": "shop"},
            ]
        )
        hits = memory.search("Where did they fly last spring, what a trip?", limit=2)
        assert hits[0].record.speaker == "Ada"
        assert hits[1].record.text == CITY
        ways = {hit.record.speaker: {way.by for way in hit.via} for hit in memory.search("last spring trip", limit=20)}
        assert "name" not in ways["Bob"]


def test_a_seed_parts_its_share_among_what_it_names_and_that_among_those_that_it_is_known_by(
    tmp_path: Path, clock: FakeClock
) -> None:
    """A name that one other text has brings more than one that four have; two such names of one text add up."""
    song = "Hello Love\nA song of Brooklyn and of Nova Scotia, a hit on the country charts."
    both = "Hank Snow\nHe knew Brooklyn and Nova Scotia."
    one = "Amber Birch\nShe knew Nova Scotia."
    many = [f"Cedar {place}\nIt was near Brooklyn." for place in "Elm Fern Hazel".split()]
    with opened(tmp_path / "names.db", clock, "default") as memory:
        memory.add(apart([*OTHERS, song, both, one, *many]))
        hits = memory.search("Which song was a hit on the country charts?", limit=20)
        points = {hit.record.text: way.score for hit in hits for way in hit.via if way.by == "name"}
        assert hits[0].record.text == song
        assert points[both] > points[one] > points[many[0]] == pytest.approx(points[many[1]])
        assert points[both] == pytest.approx(DEFAULT.name_share * seed_score(memory), rel=0.01)
    with opened(tmp_path / "names.db", clock, "without-names") as plain:
        hits = plain.search("Which song was a hit on the country charts?", limit=20)
        assert "name" not in {way.by for hit in hits for way in hit.via}


def seed_score(memory: Memory) -> float:
    """Give the score of the best row without what links add to it."""
    best = memory.explain("Which song was a hit on the country charts?").hits[0]
    return sum(share.points for share in best.shares if share.name not in {"title", "name"})


def test_passages_of_a_document_are_linked_by_its_title(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "documents.db", clock, "default") as memory:
        memory.add(Document(title="Nashville (city)", text="A river runs through it.\n\nIts street is famous."))
        memory.add(apart([*OTHERS, SINGER]))
        found = [hit.record.text for hit in memory.search("Who came from Brooklyn and died?", limit=3)]
        assert found[0] == SINGER
        assert "river" in found[1]


@pytest.mark.parametrize("small", [0, 1024])
def test_shares_add_up_and_neither_filter_nor_limit_moves_a_score(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(scoring, "SMALL_SCOPE", small)
    every = {hit.record.text: hit.score for hit in memory.search(QUESTION, limit=13)}
    told = memory.explain(QUESTION, limit=13)
    for hit in told.hits:
        assert hit.score == pytest.approx(every[hit.record.text])
        assert sum(share.points for share in hit.shares) == pytest.approx(hit.score)
    assert "title" in {share.name for hit in told.hits for share in hit.shares}
    for limit in (1, 2, 5):
        for hit in memory.search(QUESTION, limit=limit):
            assert hit.score == pytest.approx(every[hit.record.text])
    narrowed = memory.search(QUESTION, limit=13, filters={"text": {"contains": "Brooklyn"}})
    assert {hit.record.text: hit.score for hit in narrowed} == {SINGER: pytest.approx(every[SINGER])}


def test_what_was_withdrawn_links_nothing(memory: Memory) -> None:
    for record in list(memory.get_all()):
        if record.text in (SONG, CITY):
            memory.delete(record.id)
    hits = memory.search(QUESTION, limit=13)
    assert SINGER in [hit.record.text for hit in hits]
    assert {way.by for hit in hits for way in hit.via}.isdisjoint({"title", "name"})


def test_neither_revisions_nor_what_the_scope_does_not_see_weaken_a_link(memory: Memory) -> None:
    def score_of_singer(**scope: str) -> float:
        return {hit.record.text.split()[0]: hit.score for hit in memory.search(QUESTION, limit=13, **scope)}["Hank"]

    singer = next(record for record in memory.get_all() if record.text == SINGER)
    before = score_of_singer(agent_id="a")
    for number in range(6):
        memory.update(singer.id, text=f"{SINGER} Revised {number} times.")
    memory.update(singer.id, text=SINGER)
    assert score_of_singer(agent_id="a") == pytest.approx(before, abs=0.03)
    for number in range(12):
        memory.add(f"Hank Snow was told of, {number} times.", agent_id="b", session=f"b{number}")
    memory.add([{"content": QUESTION, "session": f"c{number}"} for number in range(3)], agent_id="b")
    memory.flush()
    by_title = [way for hit in memory.search(QUESTION, limit=13, agent_id="a") for way in hit.via if way.by == "title"]
    assert by_title
    assert score_of_singer(agent_id="a") > score_of_singer(agent_id="b")


def test_a_comparison_of_two_titles_asks_for_no_third(memory: Memory) -> None:
    hits = memory.search("Are Hello Love and Hank Snow both from the country charts of Brooklyn?", limit=13)
    assert {hits[0].record.text, hits[1].record.text} == {SONG, SINGER}
    assert {way.by for hit in hits[2:] for way in hit.via}.isdisjoint({"title", "name"})


def test_a_question_that_finds_nothing_is_answered_with_nothing(tmp_path: Path, clock: FakeClock) -> None:
    chosen = Settings(recipe="default", encode_at_read=0)
    with Memory(tmp_path / "none.db", encoder=HashEncoder(width=384), clock=clock, settings=chosen) as memory:
        memory.add(apart([f"Title{number}\nSee Title{number - 1} here." for number in range(6)]))
        assert list(memory.search("xylophone zebra")) == []


def test_a_name_that_every_text_has_links_none(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "two.db", clock, "default") as memory:
        memory.add(apart(["Amber\nAll of Zork Blat.", "Birch\nSome of Zork Blat."]))
        assert {way.by for hit in memory.search("Some of it") for way in hit.via}.isdisjoint({"title", "name"})


def test_a_passage_that_names_its_own_document_lifts_none_of_its_kind(tmp_path: Path, clock: FakeClock) -> None:
    parts = [f"## Part {number}\n\nThe Handbook says much of {word}." for number, word in enumerate(["fees", *"abcd"])]
    with opened(tmp_path / "own.db", clock, "default") as memory:
        memory.add(Document(title="Handbook", text="\n\n".join(parts), format="markdown"))
        hits = memory.search("much of fees", limit=5)
        assert {way.by for hit in hits for way in hit.via}.isdisjoint({"title"})


def test_explain_knows_who_was_found_by_a_link_and_a_filter_changes_no_score_of_it(memory: Memory) -> None:
    singer = next(record for record in memory.get_all() if record.text == SINGER)
    told = memory.explain(QUESTION, singer.id, limit=2).asked
    barred = memory.explain(QUESTION, singer.id, limit=2, filters={"text": {"contains": "nothing like it"}}).asked
    assert told is not None
    assert barred is not None
    assert told.rank == 2
    assert barred.score == pytest.approx(told.score)


def test_the_index_is_kept_and_taken_in_again_with_its_names(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "kept.db"
    with opened(path, clock, "default") as memory:
        memory.add([f"Place {number}\nNear Place {number + 1} there is a well." for number in range(1200)])
        memory.flush()
        expected = [(hit.record.text, hit.score) for hit in memory.search("well near Place 700")]
        assert memory.verify().is_sound
    with opened(path, clock, "default") as memory:
        assert [(hit.record.text, hit.score) for hit in memory.search("well near Place 700")] == expected
        assert memory.stats().index.loads == 1
        assert memory.verify().is_sound
    assert np.isfinite([score for _, score in expected]).all()


def test_passages_of_one_document_that_the_question_names_are_no_comparison(tmp_path: Path, clock: FakeClock) -> None:
    river = "Cumberland River\nIt is long and wet."
    parts = [
        "## One\n\nThe Cumberland River runs through it.",
        "## Two\n\nA river runs and the river flows through it.",
    ]
    with opened(tmp_path / "life.db", clock, "default") as memory:
        memory.add(Document(title="Nashville", text="\n\n".join(parts), format="markdown"))
        memory.add(apart([river, "The kettle is blue.", "Bicycle tyres are flat."]))
        memory.flush()
        hits = {
            hit.record.text: {way.by for way in hit.via} for hit in memory.search("Which river runs through Nashville?")
        }
        assert "title" in hits[river]


def test_a_title_in_small_letters_at_the_end_of_a_question_is_named(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "life.db", clock, "default") as memory:
        memory.add(
            apart(["Genesis\nIt is a band with Phil Collins.", "Cream\nIt is a band with Phil Collins.", *OTHERS])
        )
        memory.flush()
        # Both are named, so this compares them, and Phil Collins links none.
        hits = memory.search("Which band is older, cream or genesis?", limit=5)
        assert {hit.record.text.split()[0] for hit in hits[:2]} == {"Cream", "Genesis"}
        assert all("title" in {way.by for way in hit.via} for hit in hits[:2])
        assert not {"title", "name"} & {way.by for hit in hits[2:] for way in hit.via}


def test_a_document_is_found_by_the_title_that_the_question_names(tmp_path: Path) -> None:
    with Memory(tmp_path / "real.db") as memory:
        memory.add(Document(title="Hello Love", text="It came out in 1974 and was a hit for seven weeks."))
        memory.add(apart(["I say hello to my love each morning.", "A hit song.", "The kettle is blue."]))
        for question in ("When did hello love come out?", "Hello Love"):
            best = memory.search(question)[0]
            assert best.record.session == "Hello Love"
            assert "title" in {way.by for way in best.via}
