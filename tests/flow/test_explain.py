"""Explanations: every score is the sum of its parts, the order is the search's, and an absence has its reason."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from lamina.core.errors import InvalidArgument, NotFound
from lamina.core.explanation import Explained, Explanation, QuestionKind
from lamina.core.layers import Kind
from lamina.flows.counterfactuals import shares_lacking
from lamina.flows.second_look import SecondLook
from lamina.ingest.documents import Document
from lamina.memory import Memory
from lamina.recipes import RECIPES
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder, HashTokenEncoder

WORDS = "bees roof dentist train river museum umbrella garden".split()


def fill(memory: Memory, size: int) -> list[str]:
    """Store `size` turns of two speakers in sessions of ten; gives their ids."""
    messages = [
        {
            "content": f"{WORDS[place % 8]} and {WORDS[place // 8 % 8]} number {place}",
            "name": ("Ada", "Bob")[place % 2],
            "role": ("user", "assistant")[place % 2],
            "session": f"s{place // 10}",
            "at": f"2026-03-{1 + place % 20:02}T09:00:00+01:00",
        }
        for place in range(size)
    ]
    added = memory.add(messages)
    memory.flush()
    return [record.id for record in added.stored]


def asked(explanation: Explanation) -> Explained:
    assert explanation.asked is not None
    return explanation.asked


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("size", [40, 1500])
def test_every_score_is_the_sum_of_its_parts_and_the_order_is_that_of_search(
    recipe: str, size: int, tmp_path: Path, clock: FakeClock
) -> None:
    with Memory(tmp_path / "l.db", settings=Settings(recipe=recipe), encoder=HashEncoder(), clock=clock) as memory:
        fill(memory, size)
        question = "What did Ada tell me of the bees on the roof in March 2026?"
        hits = memory.search(question, limit=7)
        explained = memory.explain(question, limit=7)
    assert [(hit.record.id, hit.score) for hit in hits] == [(e.record.id, e.score) for e in explained.hits]
    assert [one.rank for one in explained.hits] == list(range(1, 8))
    for one in explained.hits:
        assert one.score == pytest.approx(sum(share.points for share in one.shares), abs=1e-12)
        assert all(share.points == share.value * share.weight for share in one.shares)
        assert one.absence == ()
        assert one.missing_points is None
        lexical = next((share for share in one.shares if share.name == "lexical"), None)
        if lexical is not None:
            assert sum(use.score for use in one.terms) == pytest.approx(lexical.measured)
    assert explained.recipe == recipe
    assert explained.rows == explained.returnable == size


def test_it_tells_how_the_question_was_understood(memory: Memory) -> None:
    fill(memory, 40)
    told = memory.explain("What did Ada tell me of bees and of bees on 3 March 2026?", limit=2)
    assert (told.speakers, told.roles, told.days) == (("Ada",), ("user",), ("2026-03-03",))
    assert (told.kind, told.wants_several, told.relative_to) == (QuestionKind.OTHER, False, None)
    uses = {use.term: use for use in told.hits[0].terms}
    assert uses["bee"].repeats == 2
    assert uses["bee"].holders == 12
    assert list(told.times_s) == [
        "encode the question",
        "bring indexes up",
        "score",
        "look again",
        "follow links",
        "mind the order",
        "explain",
    ]
    assert {share.name for share in told.hits[0].shares} == {"lexical", "dense", "speaker", "role", "day", "session"}


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("Which bees since 8 May 2023?", "from 2023-05-08 on"),
        ("Which bees before 8 May 2023?", "up to 2023-05-07"),
        ("Which bees in May 2023?", "2023-05-01 to 2023-05-31"),
        ("Which bees in May?", "month 5"),
        ("Which bees on 8 May?", "day 8 of month 5"),
    ],
)
def test_days_are_told_as_people_read_them(memory: Memory, question: str, days: str) -> None:
    assert memory.explain(question).days == (days,)


def test_what_it_asks_for_of_order_is_a_part_of_its_own(memory: Memory) -> None:
    """The words of these that count are the same; only the first asks for several, and before an event."""
    fill(memory, 40)
    several = memory.explain("Who were all the bees before the roof?", limit=5)
    one = memory.explain("bees roof", limit=5)
    assert (several.kind, several.wants_several, several.relative_to) == (QuestionKind.WHO, True, "the roof")
    assert (one.kind, one.wants_several, one.relative_to) == (QuestionKind.OTHER, False, None)
    assert several.terms == one.terms
    shares = {share.name for share in one.hits[0].shares}
    assert {share.name for share in several.hits[0].shares} == shares | {"beside"}


def test_ranks_are_among_all_rows_and_ties_share_one(memory: Memory) -> None:
    memory.add(["bees", "bees and bees and wasps", "the river"])
    told = memory.explain("bees wasps", limit=3)
    by_text = {one.record.text: one for one in told.hits}
    lexical = {text: next(s for s in one.shares if s.name == "lexical") for text, one in by_text.items()}
    assert lexical["bees and bees and wasps"].rank == 1
    assert lexical["the river"].rank == 3


def test_what_is_outranked_lacks_the_points_that_part_it_from_the_last(memory: Memory) -> None:
    fill(memory, 40)
    hits = memory.search("bees on the roof", limit=30)
    one = asked(memory.explain("bees on the roof", hits[19].record.id, limit=5))
    assert one.rank == 20
    assert one.missing_points == hits[4].score - hits[19].score
    assert one.absence == ("19 records that may be returned score more, and 5 were asked for",)
    assert asked(memory.explain("bees on the roof", hits[2].record.id, limit=5)).rank == 3


def test_what_may_not_be_returned_says_why(memory: Memory) -> None:
    ids = fill(memory, 12)
    memory.delete(ids[0])
    assert asked(memory.explain("bees", ids[0])).absence == ("it is withdrawn",)
    told = memory.explain("bees", ids[1], session="s1", filters={"speaker": "Ada"})
    assert asked(told).absence == (
        "it is of the session 's0', and 's1' was asked for",
        "the filters leave it out",
    )
    assert asked(told).rank is None
    assert asked(told).missing_points is None
    assert (told.rows, told.returnable) == (12, 1)
    record = memory.add("bees by another", agent_id="scout").stored[0]
    one = asked(memory.explain("bees", record.id, agent_id="cook")) if _sees(memory, record.id) else None
    assert one is None or one.absence == ("it is of the agent 'scout', and 'cook' asks",)


def _sees(memory: Memory, record_id: str) -> bool:
    try:
        memory.get(record_id, agent_id="cook")
    except NotFound:
        return False
    return True


def test_what_was_not_promising_says_so(memory: Memory) -> None:
    ids = fill(memory, 1500)
    told = memory.explain("bees", limit=3)
    assert told.candidates < told.rows == 1500
    outside = next(
        one for one in (asked(memory.explain("bees", name, limit=3)) for name in ids[::50]) if not one.is_candidate
    )
    assert "did not promise enough" in outside.absence[-1]
    assert outside.estimated_rank > told.candidates // 2


def test_what_has_no_vector_and_no_word_is_found_by_nothing(tmp_path: Path, clock: FakeClock) -> None:
    settings = Settings(encode_at_read=0)
    with Memory(tmp_path / "l.db", settings=settings, encoder=HashEncoder(), clock=clock) as memory:
        memory.add("bees", session="a")
        silent = memory.add("the river", session="b").stored[0]
        told = memory.explain("bees", silent.id, limit=1)
        assert asked(told).absence == (
            "nothing of the question finds it: it holds none of its words, and has no vector yet",
        )
        assert asked(told).estimated_cosine is None
        assert "2 texts have no vector yet" in told.notes[0]


def test_others_records_are_not_there(memory: Memory) -> None:
    stored = memory.add("bees", user_id="ada").stored[0]
    with pytest.raises(NotFound):
        memory.explain("bees", stored.id, user_id="bob")
    with pytest.raises(NotFound):
        memory.explain("bees", memory.get(stored.id, user_id="ada").event_id, user_id="bob")


def test_events_and_documents_stand_where_the_best_of_what_they_hold_does(memory: Memory) -> None:
    fill(memory, 40)
    text = "# Roofs\n\nTiles are laid from below.\n\n# Bees\n\nHoney is taken in July, from the upper frames alone."
    document = next(one for one in memory.add(Document(text=text, title="Roofs")).stored if one.kind is Kind.DOCUMENT)
    memory.add("nothing of that", session="far")
    for kind, question in (("event", "dentist and river"), ("document", "honey frames in July")):
        for place, hit in enumerate(memory.search(question, kinds=[kind], limit=40)):
            one = asked(memory.explain(question, hit.record.id, limit=2))
            assert one.holder == hit.record.id
            assert hit.evidence is not None
            assert one.score == pytest.approx(hit.score)
            assert one.record.id == hit.evidence.id or one.score == pytest.approx(hit.score)
            assert (place == 0) <= (one.rank == 1)
    assert asked(memory.explain("honey frames in July", document.id)).rank == 1
    lone = memory.add("a lone word of it", session="lone").stored[0].id
    event = memory.get(lone).event_id
    memory.delete(lone)
    assert asked(memory.explain("lone word", lone)).rank is None
    with pytest.raises((InvalidArgument, NotFound)):
        memory.explain("lone word", event)


def test_what_is_erased_is_answered_as_what_never_was(memory: Memory) -> None:
    ids = fill(memory, 12)
    memory.erase(ids[0])
    told = []
    for name in (ids[0], "nobody"):
        with pytest.raises(NotFound) as refused:
            memory.explain("bees", name)
        told.append(str(refused.value).replace(name, "it"))
    assert told[0] == told[1]
    assert ids[0] not in [one.record.id for one in memory.explain("bees", limit=50).hits]


def test_an_empty_scope_has_nothing_to_explain(memory: Memory) -> None:
    told = memory.explain("bees")
    assert (told.hits, told.rows, told.returnable, told.candidates) == ((), 0, 0, 0)


def test_stats_tell_where_time_and_disk_go(memory: Memory) -> None:
    fill(memory, 40)
    memory.search("bees")
    memory.recall("bees")
    memory.compact()
    figures = memory.stats(is_whole_file=True)
    assert set(figures.times) == {
        "read messages", "store", "keep indexes", "encode texts", "cut events", "bring indexes up",
        "encode the question", "score", "look again", "follow links", "mind the order", "read records", "pack",
    }  # fmt: skip
    assert figures.times["score"].runs == 2
    assert figures.times["store"].runs == 1
    assert all(0 < timing.longest_s <= timing.total_s for timing in figures.times.values())
    assert set(figures.disk_bytes) >= {"words", "records", "log", "vectors", "lookups", "free", "unmerged"}
    assert sum(figures.disk_bytes.values()) == figures.file_bytes
    assert memory.stats().disk_bytes == {}
    with Memory(encoder=HashEncoder()) as unkept:
        assert unkept.stats(is_whole_file=True).disk_bytes == {}


@pytest.mark.parametrize("recipe", ["default", "first-look", "hier", "bm25"])
@pytest.mark.parametrize("size", [40, 1500])
def test_the_stages_lead_to_the_score_and_the_rank(recipe: str, size: int, tmp_path: Path, clock: FakeClock) -> None:
    with Memory(tmp_path / "l.db", settings=Settings(recipe=recipe), encoder=HashEncoder(), clock=clock) as memory:
        ids = fill(memory, size)
        told = memory.explain("bees on the roof", ids[size // 2], limit=7)
        scores = [hit.score for hit in memory.search("bees on the roof", limit=1000)]
        is_large = size > 1024 and recipe not in ("hier", "bm25")
    for one in (*told.hits, asked(told)):
        names = [stage.name for stage in one.stages]
        looks = ["second look", "links", "order"] if recipe == "default" else []
        assert names == [*(["estimates"] if is_large else []), "first look", *looks]
        assert [name for stage in one.stages for name in stage.shares if name in {s.name for s in one.shares}] == [
            share.name for share in one.shares
        ]
        points = 0.0
        for stage in one.stages[is_large:]:
            points += sum(share.points for share in one.shares if share.name in stage.shares)
            assert stage.score == pytest.approx(points, abs=1e-9)
        assert one.stages[-1].score == one.score
        assert one.rank is not None
        ties = scores.count(one.score)
        assert one.stages[-1].rank <= one.rank <= one.stages[-1].rank + ties
    assert all(stage.is_reached for one in told.hits for stage in one.stages)


@pytest.mark.parametrize("recipe", ["default", "first-look", "hier"])
@pytest.mark.parametrize("size", [60, 1500])
def test_the_limit_that_would_return_a_record_does(recipe: str, size: int, tmp_path: Path, clock: FakeClock) -> None:
    question = "What did Ada tell me of the bees on the roof?"
    with Memory(tmp_path / "l.db", settings=Settings(recipe=recipe), encoder=HashEncoder(), clock=clock) as memory:
        named = 0
        for name in fill(memory, size)[:: size // 12]:
            one = asked(memory.explain(question, name, limit=3))
            limits = [change for change in one.changes if change.startswith("a limit of ")]
            assert bool(one.changes) == bool(one.absence)
            for change in limits:
                hits = memory.search(question, limit=int(change.split()[3]))
                assert name in [hit.record.id for hit in hits]
                named += 1
        assert named >= 6


NAMES = "Marta Keller, Urs Brunner, Lea Frei, Nino Roth, Ida Graf, Jan Moser, Eva Lang, Max Suter".split(", ")
PLACES = "Bern Harbour, Alpine Club, Linden Mill, Castle Rock, Silver Lake".split(", ")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """Turns with dates, statements that change, passages that name one another: more than a search scores at once."""
    path = tmp_path_factory.mktemp("large") / "l.db"
    with Memory(path, encoder=HashTokenEncoder(width=384), clock=FakeClock()) as memory:
        fill(memory, 1300)
        for place in range(40):
            whose, other, where = NAMES[place % 8], NAMES[place * 3 % 8], PLACES[place % 5]
            text = f"# {whose} {place // 8}\n\n{whose} met {other} at {where}, and kept bees there on roof {place}."
            memory.add(Document(text=text, title=f"{whose} {place // 8}"))
        memory.add(
            [{"content": f"My rent is {700 + place} francs a month now.", "session": f"r{place}"} for place in range(9)]
        )
        memory.flush()
        yield memory


@pytest.mark.parametrize(
    "question",
    [
        "What did Ada tell me of the bees on the roof?",
        "What was the first thing about the dentist and the train?",
        "What happened after the museum and the river, and what before?",
        "Which bees and gardens were there between the dentist and the umbrella?",
        "What is my rent now?",
        "Who met Marta Keller at Bern Harbour?",
        "Where did the friends of Urs Brunner keep bees, and when last?",
    ],
)
def test_in_a_large_memory_limit_and_rank_are_those_of_a_search(large: Memory, question: str) -> None:
    """Whatever moves the rows: estimates, a second look, links, order, spread."""
    dice = random.Random(question)  # not for secrets
    every = [record.id for record in large.get_all(limit=2000)]
    assert len(every) > 1300
    near = [hit.record.id for hit in large.search(question, limit=200)]
    returned, told = large.search(question, limit=3), 0
    for name in [*dice.sample(near, 5), *dice.sample(every, 3)]:
        one = asked(large.explain(question, name, limit=3))
        if name in [hit.record.id for hit in returned]:
            assert one.changes == ()
            assert one.rank == [hit.record.id for hit in returned].index(name) + 1
            continue
        limits = [int(change.split()[3]) for change in one.changes if change.startswith("a limit of ")]
        if not limits:
            assert name not in [hit.record.id for hit in large.search(question, limit=1000)]
            assert "no limit returns it" in one.absence[0]
            continue
        told += 1
        found = [hit.record.id for hit in large.search(question, limit=limits[0])]
        assert found.index(name) + 1 == one.rank
        if one.rank != limits[0] and one.rank > 3:
            assert name not in [hit.record.id for hit in large.search(question, limit=one.rank)]
        if one.rank > 3:
            assert one.absence[0] == f"{one.rank - 1} records that may be returned score more, and 3 were asked for"
    assert told >= 3


def test_as_much_of_what_is_lacking_makes_up_for_what_is_missing(memory: Memory) -> None:
    ids = fill(memory, 40)
    told = memory.explain("bees on the roof", limit=5)
    last = told.hits[-1]
    for name in ids:
        one = asked(memory.explain("bees on the roof", name, limit=5))
        lacking = shares_lacking(one, last)
        assert bool(lacking) == (one.score < last.score)
        points, others = ({share.name: share.points for share in these.shares} for these in (one, last))
        gaps = [others.get(share, 0.0) - points.get(share, 0.0) for share in lacking]
        if gaps:
            assert one.score + sum(gaps) >= last.score - 1e-9
            assert one.score + sum(gaps[:-1]) < last.score
            named = [name for name in lacking if name != "crowd"]
            assert f"with as much of {' and '.join(named)} as the last" in " ".join(one.changes)


def test_what_is_barred_is_told_where_it_would_stand(memory: Memory) -> None:
    ids = fill(memory, 40)
    best = memory.search("bees on the roof", limit=1)[0].record.id
    told = asked(memory.explain("bees on the roof", best, limit=5, session="s3"))
    assert told.rank is None
    assert told.changes == ("if it might be returned, it would stand by its score at rank 1 of 11",)
    memory.delete(ids[3])
    stages = asked(memory.explain("bees on the roof", ids[3], limit=5)).stages
    assert all(1 <= stage.rank <= 40 for stage in stages)


def test_words_that_it_lacks_and_a_vector_are_what_would_count(tmp_path: Path, clock: FakeClock) -> None:
    with Memory(tmp_path / "l.db", settings=Settings(encode_at_read=0), encoder=HashEncoder(), clock=clock) as memory:
        memory.add("bees and honey")
        other = memory.add("bees").stored[0]
        changes = asked(memory.explain("bees honey", other.id, limit=1)).changes
    assert "words of the question that it does not hold would count: 'honey'" in changes
    assert "it has no vector yet; `flush()` would give it one" in changes


def test_token_vectors_are_read_of_the_best_and_of_the_record_asked_about(
    large: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "What did Ada tell me of the bees on the roof?"
    last = large.search(question, limit=400)[-1].record.id
    whole = large.explain(question, last, limit=3)
    monkeypatch.setattr("lamina.flows.explain.MEASURED", 60)
    some = large.explain(question, last, limit=3)
    assert [(share.name, share.points) for share in asked(some).shares] == [
        (share.name, share.points) for share in asked(whole).shares
    ]
    assert measured(asked(some)) is not None
    assert [hit.record.id for hit in some.hits] == [hit.record.id for hit in whole.hits]
    assert [hit.score for hit in some.hits] == [hit.score for hit in whole.hits]
    with pytest.MonkeyPatch.context() as patched:
        read = []
        measuring = SecondLook.measured
        patched.setattr(SecondLook, "measured", lambda look, rows: (read.append(len(rows)), measuring(look, rows))[1])
        large.explain(question, last, limit=3)
    assert max(read) < whole.rows


def measured(told: Explained) -> float | None:
    return next(share.measured for share in told.shares if share.name == "tokens")
