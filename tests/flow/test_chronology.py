"""Questions of first, last, now, before, between and order, over a life that tells things more than once."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from lamina import Memory, Scope, Settings
from lamina.testing.fakes import FakeClock

ASKED_AT = "2026-01-05T12:00:00+01:00"
#: A year of somebody who tells an assistant what happens, made up for these questions: days, names and words.
ENTRIES: tuple[tuple[str, str, str], ...] = (
    ("2025-01-06", "rent-1", "My rent is 610 euros a month, and the stove is older than me."),
    ("2025-01-09", "gym-1", "I have joined the climbing gym in Harbour Street."),
    ("2025-01-19", "race-1", "Ran the ice race around the lake today, 58 minutes for ten kilometres."),
    ("2025-01-24", "book-1", "Finished reading The Rings of Saturn on the tram, and missed my stop."),
    ("2025-02-02", "bike-1", "My bicycle is in the workshop, the rear wheel is bent."),
    ("2025-02-08", "dinner-1", "Had dinner with Jonas at the Turkish place, he has a new job at the archive."),
    ("2025-02-14", "phone-1", "My phone number is 0151 555 019, write it down for me."),
    ("2025-02-20", "knee", "Twisted my knee on the stairs of the library and cannot run for a while."),
    ("2025-02-27", "book-2", "Finished reading Middlemarch at last, all nine hundred pages."),
    ("2025-03-05", "tattoo", "I got the swallow tattoo on my left shoulder, Mirjam held my hand."),
    ("2025-03-11", "soup", "Cooked lentil soup for eleven people and burnt the bottom of it."),
    ("2025-03-16", "boss-1", "My manager is Petra Holm, she signs everything in green."),
    ("2025-03-22", "piano-1", "Had a piano lesson with Mr Abel, scales only."),
    ("2025-03-30", "fox", "Saw a fox asleep on the roof of the bus shelter."),
    ("2025-04-04", "dentist", "The dentist pulled out my wisdom tooth and gave it to me in a small box."),
    ("2025-04-12", "race-2", "Ran the spring race through the vineyards, 55 minutes for ten kilometres."),
    ("2025-04-18", "sofa", "Bought a yellow sofa at the flea market, four men carried it home."),
    ("2025-04-27", "dinner-2", "Had dinner with Jonas on the river, he told me about the archive flood."),
    ("2025-05-03", "flood", "The cellar was flooded last night, my skis were swimming."),
    ("2025-05-10", "pump", "Borrowed a pump from the fire brigade and dried the floor with it."),
    ("2025-05-15", "rent-2", "My rent is 655 euros a month, the letter came this morning."),
    ("2025-05-21", "painted", "Painted the kitchen window frame in dark blue."),
    ("2025-05-29", "kayak", "Paddled a kayak from the lock to the weir, and back in the rain."),
    ("2025-06-02", "lisbon", "Came back from the Lisbon trip with eleven tiles in my suitcase."),
    ("2025-06-07", "fever", "In bed with a fever of 39 for three days, living on rusks."),
    ("2025-06-13", "book-3", "Finished reading Austerlitz in the garden under the pear tree."),
    ("2025-06-20", "boss-2", "My manager is Henrik Vall, he came from the office in Bergen."),
    ("2025-06-28", "wedding", "Danced at Mirjam's wedding in the barn until the band fell asleep."),
    ("2025-07-04", "shoes-1", "I wear size 40 running shoes, the red ones."),
    ("2025-07-12", "race-3", "Ran the harbour race in the heat, 61 minutes for ten kilometres."),
    ("2025-07-19", "owl", "An owl sat on the balcony and looked at my laundry."),
    ("2025-07-27", "phone-2", "My phone number is 0160 555 044, the old one is gone."),
    ("2025-08-03", "move", "Moved out of Mill Lane and into the flat in Cooper Street, the piano came by crane."),
    ("2025-08-09", "curtains", "Hung curtains in the bedroom, the street lamp is right outside."),
    ("2025-08-17", "rent-3", "My rent is 702 euros a month, with a balcony this time."),
    ("2025-08-24", "dinner-3", "Had dinner with Jonas at my place, he brought a melon and a map."),
    ("2025-09-01", "promotion", "I was promoted to head of the map collection."),
    ("2025-09-06", "choir", "I have begun to sing in the choir of the old gasworks."),
    ("2025-09-14", "gym-2", "I have joined the swimming club at the quarry pond."),
    ("2025-09-21", "race-4", "Ran the autumn race through the city, 53 minutes for ten kilometres."),
    ("2025-09-29", "crash", "A van drove into my parked bicycle and folded it in two."),
    ("2025-10-05", "bike-2", "My bicycle is in the cellar, a green one with five gears."),
    ("2025-10-12", "pears", "Picked two crates of pears and gave one to the neighbours."),
    ("2025-10-19", "book-4", "Finished reading The Summer Book by the stove."),
    ("2025-10-26", "concert", "The choir sang its first concert in the turbine hall, I forgot one verse."),
    ("2025-11-02", "shoes-2", "I wear size 41 running shoes, my feet have grown with the distance."),
    ("2025-11-09", "piano-2", "Had a piano lesson with Mr Abel, the slow waltz went through without a stop."),
    ("2025-11-16", "cat", "Adopted a one-eyed cat called Admiral from the shelter."),
    ("2025-11-23", "boss-3", "My manager is Ayse Demir, she knows every map by its smell."),
    ("2025-11-30", "roof", "The storm took six tiles off the roof."),
    ("2025-12-08", "repair", "The roofer came and put new tiles where the old ones had been."),
    ("2025-12-15", "skates", "Sharpened my skates, the pond is nearly hard enough."),
)


class Asked(NamedTuple):
    """A question, and the entries that answer it: before all of `others`, or all of them among the first five."""

    kind: str
    text: str
    gold: tuple[str, ...]
    others: tuple[str, ...] = ()


QUESTIONS: tuple[Asked, ...] = (
    Asked("now", "What is my rent now?", ("rent-3",), ("rent-1", "rent-2")),
    Asked("now", "What is my rent a month?", ("rent-3",), ("rent-1", "rent-2")),
    Asked("now", "What is my current phone number?", ("phone-2",), ("phone-1",)),
    Asked("now", "Who is my manager?", ("boss-3",), ("boss-1", "boss-2")),
    Asked("now", "Who is my manager at the moment?", ("boss-3",), ("boss-1", "boss-2")),
    Asked("now", "Which size of running shoes do I wear?", ("shoes-2",), ("shoes-1",)),
    Asked("last", "How long did I take in my latest race?", ("race-4",), ("race-1", "race-2", "race-3")),
    Asked("last", "Where did I last have dinner with Jonas?", ("dinner-3",), ("dinner-1", "dinner-2")),
    Asked("last", "Which book did I finish reading most recently?", ("book-4",), ("book-1", "book-2", "book-3")),
    Asked("last", "How was my last piano lesson with Mr Abel?", ("piano-2",), ("piano-1",)),
    Asked("first", "How long did I take in my first race?", ("race-1",), ("race-2", "race-3", "race-4")),
    Asked("first", "Where did I first have dinner with Jonas?", ("dinner-1",), ("dinner-2", "dinner-3")),
    Asked("first", "Which book did I finish reading first?", ("book-1",), ("book-2", "book-3", "book-4")),
    Asked("first", "What was my rent originally?", ("rent-1",), ("rent-2", "rent-3")),
    Asked("first", "Who was my first manager?", ("boss-1",), ("boss-2", "boss-3")),
    Asked("before", "Which race did I run before I moved to Cooper Street?", ("race-3",), ("race-4",)),
    Asked("before", "What did I join before the flood in the cellar?", ("gym-1",), ("gym-2",)),
    Asked("after", "Which book did I finish after the Lisbon trip?", ("book-3",), ("book-1", "book-2")),
    Asked("after", "Where did I have dinner with Jonas after I moved?", ("dinner-3",), ("dinner-1", "dinner-2")),
    Asked("after", "Which race did I run after the promotion?", ("race-4",), ("race-1", "race-2", "race-3")),
    Asked("between", "How many days passed between the storm and the visit of the roofer?", ("roof", "repair")),
    Asked("between", "How long was it from Mirjam's wedding to the concert of the choir?", ("wedding", "concert")),
    Asked(
        "between",
        "How many weeks were there between twisting my knee and the race in the vineyards?",
        ("knee", "race-2"),
    ),
    Asked("between", "How long after I was promoted did I adopt the cat?", ("promotion", "cat")),
    Asked(
        "between", "How many months lie between the swallow tattoo and losing my wisdom tooth?", ("tattoo", "dentist")
    ),
    Asked("between", "How long did I sing in the choir before the concert in the turbine hall?", ("choir", "concert")),
    Asked("order", "Which came first, the flood in the cellar or the yellow sofa?", ("flood", "sofa")),
    Asked("order", "What happened first, the Lisbon trip or the kayak on the river?", ("lisbon", "kayak")),
    Asked("order", "Did I paint the kitchen window or hang the curtains first?", ("painted", "curtains")),
    Asked("order", "Did I get the tattoo before or after I twisted my knee?", ("tattoo", "knee")),
)


def life(path: Path, recipe: str) -> Memory:
    memory = Memory(path, settings=Settings(recipe=recipe))
    memory.add(
        [
            {"role": "user", "content": words, "session": day, "at": f"{day}T20:00:00+01:00", "external_id": name}
            for day, name, words in ENTRIES
        ]
    )
    return memory


@pytest.fixture(scope="module")
def diary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    with life(tmp_path_factory.mktemp("diary") / "default.db", "default") as memory:
        yield memory


def ranked(memory: Memory, question: str, limit: int = 20) -> list[str | None]:
    return [hit.record.external_id for hit in memory.search(question, limit=limit, at=ASKED_AT)]


def is_answered(names: Sequence[str | None], asked: Asked) -> bool:
    if not asked.others:
        return set(asked.gold) <= set(names[:5])
    first = min(names.index(name) for name in asked.gold)
    return first < 5 and all(names.index(other) > first for other in asked.others if other in names)


def test_the_default_answers_what_a_fixed_mixture_does_not(tmp_path: Path, diary: Memory) -> None:
    with life(tmp_path / "hier.db", "hier") as memory:
        plain = [is_answered(ranked(memory, asked.text), asked) for asked in QUESTIONS]
    answered = [is_answered(ranked(diary, asked.text), asked) for asked in QUESTIONS]
    assert sum(answered) >= len(QUESTIONS) - 2
    assert sum(plain) <= len(QUESTIONS) * 0.6
    for kind in dict.fromkeys(asked.kind for asked in QUESTIONS):
        of_kind = [place for place, asked in enumerate(QUESTIONS) if asked.kind == kind]
        assert sum(answered[place] for place in of_kind) >= sum(plain[place] for place in of_kind), kind


@pytest.mark.parametrize(
    "question",
    [
        "What is my rent now?",
        "Who was my first manager?",
        "Which race did I run last?",
        "What did I do right after the Lisbon trip?",
        "What did I do between the flood in the cellar and the Lisbon trip?",
    ],
)
def test_no_limit_and_no_filter_moves_a_score(diary: Memory, question: str) -> None:
    every = {hit.record.id: hit.score for hit in diary.search(question, limit=100, at=ASKED_AT)}
    for hit in diary.search(question, limit=3, at=ASKED_AT):
        assert hit.score == every[hit.record.id]
    for hit in diary.search(question, limit=100, at=ASKED_AT, filters={"at": {"lt": "2025-07-01T00:00:00+00:00"}}):
        assert hit.score == pytest.approx(every[hit.record.id])


@pytest.mark.parametrize(
    ("question", "by"),
    [
        ("What is my rent a month?", "version"),
        ("How was my last piano lesson with Mr Abel?", "end"),
        ("Which book did I finish after the Lisbon trip?", "beside"),
        ("How many days passed between the storm and the visit of the roofer?", "side"),
    ],
)
def test_what_moved_a_hit_is_a_way_and_a_share_of_its_score(diary: Memory, question: str, by: str) -> None:
    moved = [hit for hit in diary.search(question, at=ASKED_AT) if by in {way.by for way in hit.via}]
    assert moved
    told = diary.explain(question, at=ASKED_AT)
    for hit in moved:
        explained = next(one for one in told.hits if one.record.id == hit.record.id)
        assert by in {share.name for share in explained.shares}
        assert sum(share.points for share in explained.shares) == pytest.approx(hit.score)


@pytest.mark.parametrize(
    ("question", "former"),
    [
        ("What was my rent before?", "rent-2"),
        ("What was my previous rent?", "rent-2"),
        ("Who was my manager before?", "boss-2"),
        ("Who was my previous manager?", "boss-2"),
        ("What was my previous phone number?", "phone-1"),
        ("What was my old phone number?", "phone-1"),
    ],
)
def test_who_asks_for_what_was_before_gets_the_last_but_one(diary: Memory, question: str, former: str) -> None:
    assert ranked(diary, question)[0] == former


def test_of_values_told_again_the_former_is_the_one_before_the_newest(memory: Memory) -> None:
    for month, rent in enumerate((700, 740, 760, 760), start=1):
        memory.add(f"My rent is {rent} euros.", at=f"2025-0{month}-01T10:00:00Z", session=str(month))
    assert memory.search("What was my rent before?")[0].record.text == "My rent is 740 euros."
    assert memory.search("What is my rent?")[0].record.text == "My rent is 760 euros."


def test_a_day_that_is_named_is_not_overruled_by_a_newer_version(diary: Memory) -> None:
    assert ranked(diary, "What was my rent on 6 January 2025?")[0] == "rent-1"


def test_facts_without_a_time_are_overruled_by_what_was_told_later(tmp_path: Path, clock: FakeClock) -> None:
    with Memory(tmp_path / "facts.db", clock=clock) as memory:
        for fact in ("The chair of the club is Ada Stone.", "The choir sings.", "The chair of the club is Bo Chen."):
            memory.add(fact, at="unknown")
        best = [hit.record.text for hit in memory.search("Who is the chair of the club?", limit=2)]
        assert best == ["The chair of the club is Bo Chen.", "The chair of the club is Ada Stone."]


def test_what_is_told_so_far_from_an_event_stands_first(tmp_path: Path) -> None:
    with Memory(tmp_path / "garden.db") as memory:
        for day, words in (
            ("2026-04-28", "I planted a row of broad beans."),
            ("2026-05-01", "The trip to the lake was wet and short."),
            ("2026-05-04", "I planted the small pear tree by the wall."),
            ("2026-05-30", "I planted a row of kale."),
            ("2026-06-20", "I planted what was left of the leeks."),
        ):
            memory.add(words, at=f"{day}T20:00:00+02:00")

        def first(question: str) -> str:
            found = [hit.record.text for hit in memory.search(question, at=ASKED_AT)]
            return next(text for text in found if "planted" in text)

        assert first("What did I plant three days after the trip?") == "I planted the small pear tree by the wall."
        assert first("What did I plant 3 days before the trip?") == "I planted a row of broad beans."
        assert first("What did I plant four weeks after the trip?") == "I planted a row of kale."
        assert first("What did I plant fifty days after the trip?") == "I planted what was left of the leeks."


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("What did I plant the day after the trip?", ["chives"]),
        ("What did I plant two days after the trip?", ["dill"]),
        ("What did I plant three days after the trip?", ["pear"]),
        ("What did I plant in the three days after the trip?", ["chives", "dill", "pear"]),
        ("What did I plant in the month before the trip?", ["garlic", "beans"]),
        ("What did I plant the week before the trip?", ["beans"]),
    ],
)
def test_the_day_that_is_asked_for_is_meant_exactly_and_a_span_as_a_whole(
    tmp_path: Path, question: str, answers: list[str]
) -> None:
    with Memory(tmp_path / "beds.db") as memory:
        for moment, words in (
            ("2026-03-20T20:00", "I planted onions."),
            ("2026-04-10T20:00", "I planted garlic."),
            ("2026-04-28T20:00", "I planted a row of broad beans."),
            ("2026-05-01T22:00", "The trip to the lake was wet and short."),
            ("2026-05-02T07:00", "I planted chives."),
            ("2026-05-03T20:00", "I planted dill."),
            ("2026-05-04T20:00", "I planted the small pear tree by the wall."),
            ("2026-05-05T20:00", "I planted mint."),
            ("2026-05-30T20:00", "I planted a row of kale."),
        ):
            memory.add(words, at=f"{moment}:00+02:00")
        found = [hit.record.text for hit in memory.search(question, at=ASKED_AT) if "planted" in hit.record.text]
        assert all(any(answer in text for text in found[: len(answers)]) for answer in answers)


def test_what_was_before_an_event_or_after_it_stands_before_the_event_itself(tmp_path: Path) -> None:
    with Memory(tmp_path / "jobs.db") as memory:
        for day, words in (
            ("2025-03-01", "Ada worked at Acme until the spring."),
            ("2025-05-01", "Ada started to work at Bolt."),
            ("2025-09-01", "Ada moved on to work at Cogs."),
            ("2025-10-01", "I bought a bicycle in Lyon."),
        ):
            memory.add(words, at=f"{day}T10:00:00Z")
        before = [hit.record.text for hit in memory.search("Where did Ada work before Bolt?")]
        assert before[:2] == ["Ada worked at Acme until the spring.", "Ada started to work at Bolt."]
        after = [hit.record.text for hit in memory.search("Where did Ada work after Bolt?")]
        assert after[:2] == ["Ada moved on to work at Cogs.", "Ada started to work at Bolt."]


@pytest.mark.parametrize(
    ("question", "answer", "others"),
    [
        ("Which race did I run since I moved to Cooper Street?", "race-4", {"race-1", "race-2", "race-3"}),
        ("What did I join since the flood in the cellar?", "gym-2", {"gym-1"}),
        ("Which book did I finish since the Lisbon trip?", "book-4", {"book-1", "book-2"}),
        ("What is my rent since I moved to Cooper Street?", "rent-3", {"rent-1", "rent-2"}),
    ],
)
def test_what_was_since_an_event_stands_before_the_event_and_what_was_before_it(
    diary: Memory, question: str, answer: str, others: set[str]
) -> None:
    names = ranked(diary, question)
    assert names[0] == answer
    assert all(names.index(other) > 1 for other in others if other in names)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which race did I run right after I twisted my knee?", "race-2"),
        ("Which book did I finish right after the Lisbon trip?", "book-3"),
        ("What was the first book I finished after the Lisbon trip?", "book-3"),
        ("Which book did I finish just before the flood in the cellar?", "book-2"),
        ("What was the last race I ran before the concert of the choir?", "race-4"),
        ("What did I do right after the flood in the cellar?", "pump"),
    ],
)
def test_what_is_next_to_an_event_answers_what_is_asked(diary: Memory, question: str, answer: str) -> None:
    assert ranked(diary, question)[0] == answer


# ── timelines ────────────────────────────────────────────────────────────────────────────────────


def test_a_timeline_goes_day_by_day_with_a_citation_a_line(diary: Memory) -> None:
    question = "In what order did I move, adopt the cat and finish Austerlitz?"
    context = diary.recall(question, at=ASKED_AT, abstain=False, budget_tokens=400)
    assert context.is_timeline
    assert context.tokens <= 400
    times = [citation.at for citation in context.citations]
    assert None not in times
    assert times == sorted(time for time in times if time is not None)
    headers = [line for line in context.text.splitlines() if line.startswith("# ")]
    assert len(headers) == len({time.date() for time in times if time is not None})
    for citation in context.citations:
        assert diary.get(citation.record_id).text[citation.start : citation.end] in context.text


def test_a_timeline_is_had_or_not_as_the_caller_says(diary: Memory) -> None:
    asked = {"at": ASKED_AT, "abstain": False}
    assert not diary.recall("What is my rent?", **asked).is_timeline
    assert diary.recall("What is my rent?", timeline=True, **asked).is_timeline
    assert not diary.recall("In what order did I move?", timeline=False, **asked).is_timeline


def test_sessions_that_overlap_are_told_by_time_in_a_timeline(memory: Memory) -> None:
    memory.add(
        [
            {"content": "bees one", "session": "a", "at": "2026-02-01T08:00:00+00:00"},
            {"content": "bees three", "session": "a", "at": "2026-02-03T08:00:00+00:00"},
            {"content": "bees two", "session": "b", "at": "2026-02-02T08:00:00+00:00"},
            {"content": "bees again", "session": "b", "at": "2026-02-03T07:00:00+00:00"},
            {"content": "bees whenever", "session": "c", "at": "unknown"},
        ]
    )
    context = memory.recall("bees", timeline=True, abstain=False, budget_tokens=600)
    assert [line for line in context.text.splitlines() if not line.startswith("#")] == [
        "bees one", "bees two", "bees again", "08:00: bees three", "bees whenever",
    ]  # fmt: skip
    assert [citation.at is None for citation in context.citations] == [False] * 4 + [True]


def test_what_is_no_timeline_is_refused(memory: Memory) -> None:
    with pytest.raises(ValueError, match="timeline"):
        memory.recall("bees", timeline="yes")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "question",
    ["What is my rent now?", "How long was it between the fever and the wedding?", "What did I do before the wedding?"],
)
def test_a_filter_leaves_none_or_a_few_of_what_was_moved(diary: Memory, question: str) -> None:
    assert len(diary.search(question, filters={"at": {"lt": "2020-01-01T00:00:00Z"}})) == 0
    every = {hit.record.id: hit.score for hit in diary.search(question, limit=100)}
    few = diary.search(question, filters={"at": {"lt": "2025-02-01T00:00:00Z"}}, limit=100)
    assert 0 < len(few) < len(every)
    assert {hit.record.id: hit.score for hit in few}.items() <= every.items()


def test_a_timeline_is_in_the_order_of_time_over_sessions_walls_and_zones(memory: Memory) -> None:
    shared = Scope.shared()
    said = (
        ("2026-05-01T20:00:00+00:00", None, None),
        ("2026-05-01T09:00:00+00:00", "s1", None),
        ("2026-05-01T12:00:00+00:00", None, shared),
        ("2026-05-02T01:00:00+09:00", "s2", None),
        ("2026-05-01T07:00:00+00:00", None, None),
        ("2026-05-02T05:00:00+00:00", "s1", None),
    )
    for at, session, scope in said:
        keys = {} if scope is None else {"scope": scope}
        memory.add(f"bees at {at}", at=at, session=session, **keys)  # type: ignore[arg-type]
    context = memory.recall("bees", timeline=True, abstain=False)
    moments = [citation.at for citation in context.citations]
    assert moments == sorted(moments, key=lambda at: at.timestamp() if at is not None else 0.0)
    assert len(moments) == len(said)
    assert context.text.count("# 1 May 2026") == 1


def test_every_line_of_a_timeline_is_in_the_zone_of_its_headers(memory: Memory) -> None:
    for at, words in (
        ("2026-05-01T20:00:00+00:00", "bees swarm"),
        ("2026-05-02T06:30:00+09:00", "bees settle"),
        ("2026-05-01T20:00:00-02:00", "bees sleep"),
        ("2026-05-02T05:00:00+00:00", "bees wake"),
    ):
        memory.add(words, at=at)
    context = memory.recall("bees", timeline=True, abstain=False, budget_tokens=600)
    assert context.text.splitlines() == [
        "# 1 May 2026 20:00", "bees swarm", "21:30: bees settle", "22:00: bees sleep",
        "# 2 May 2026 05:00", "bees wake",
    ]  # fmt: skip
    assert [citation.at.isoformat()[-6:] for citation in context.citations if citation.at] == [
        "+00:00", "+09:00", "-02:00", "+00:00",
    ]  # fmt: skip


def test_the_events_of_a_session_are_told_in_the_zone_in_which_it_begins(memory: Memory) -> None:
    memory.add(
        [
            {"content": "bees swarm", "session": "a", "at": "2026-05-01T20:00:00+02:00"},
            {"content": "bees settle", "session": "a", "at": "2026-05-02T09:00:00+09:00"},
        ]
    )
    (session,) = memory.timeline()
    moments = [session.first_at, session.last_at, *(event.last_at for event in session.events)]
    assert {moment.isoformat()[-6:] for moment in moments if moment} == {"+02:00"}
    assert session.last_at is not None
    assert session.last_at.isoformat() == "2026-05-02T02:00:00+02:00"


def test_what_was_said_again_on_another_day_is_no_duplicate(memory: Memory) -> None:
    for day in (1, 8, 15, 15):
        memory.add({"content": "I went swimming in the lake.", "name": "Ada", "at": f"2026-05-{day:02}T09:00:00Z"})
    context = memory.recall("How often did Ada go swimming in the lake?", abstain=False)
    assert sorted(citation.at.day for citation in context.citations if citation.at) == [1, 8, 15]


@pytest.mark.parametrize("count", [12, 40])
def test_of_many_versions_the_newest_is_found_and_the_memory_is_sure_enough(memory: Memory, count: int) -> None:
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(count)]
    memory.add([{"content": f"My weight is {100 + n} kilos.", "at": f"{day}T09:00:00Z"} for n, day in enumerate(days)])
    memory.add([entry[2] for entry in ENTRIES[15:27]], at="2025-12-01T09:00:00Z")
    assert memory.search("What is my weight now?")[0].record.text == f"My weight is {99 + count} kilos."
    assert not memory.recall("What is my weight now?").abstained


def test_what_only_begins_like_an_answer_is_no_newer_one(tmp_path: Path) -> None:
    said = ("I live in Lyon.", "I live in a small flat.", "I live in fear of spiders.", "I like tea.")
    with Memory(tmp_path / "home.db") as memory:
        for month, words in enumerate(said, start=1):
            memory.add(words, at=f"2024-{month:02}-01T10:00:00Z")
        for question in ("Where do I live now?", "Where do I live?"):
            assert memory.search(question)[0].record.text == "I live in Lyon."
        memory.add("I live in Nice.", at="2024-07-01T10:00:00Z")
        for question in ("Where do I live now?", "Where do I live?"):
            assert memory.search(question)[0].record.text == "I live in Nice."


@pytest.mark.parametrize(("question", "kilos"), [("What is my weight now?", 499), ("What was my first weight?", 100)])
def test_the_newest_and_the_oldest_of_hundreds_of_versions_are_found(memory: Memory, question: str, kilos: int) -> None:
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(400)]
    memory.add([{"content": f"My weight is {100 + n} kilos.", "at": f"{day}T09:00:00Z"} for n, day in enumerate(days)])
    for asked in (question, question.replace(" now", "")):
        assert memory.search(asked)[0].record.text == f"My weight is {kilos} kilos."


def test_the_newest_of_many_facts_without_a_time_is_the_one_that_came_last(memory: Memory) -> None:
    for number in range(60):
        memory.add(f"The chair of the club is Number{number}.", at="unknown")
    assert memory.search("Who is the chair of the club?")[0].record.text == "The chair of the club is Number59."


def test_a_question_without_a_moment_is_asked_now(memory: Memory, clock: FakeClock) -> None:
    memory.add("I walked to the weir.")
    clock.pass_time(timedelta(days=1))
    assert memory.explain("Where did I walk yesterday?").days == ("2026-03-02",)
