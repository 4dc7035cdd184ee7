"""Questions of what is next to an event, and of what lay between two."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lamina import Memory

ASKED_AT = "2027-01-05T12:00:00+01:00"
SUMMER = (
    ("2026-07-10", "I ran a race along the river."),
    ("2026-07-30", "I bought a new blue suit."),
    ("2026-08-01", "Our wedding was perfect."),
    ("2026-08-02", "I slept until noon."),
    ("2026-08-04", "I visited the aquarium."),
    ("2026-08-20", "I hiked up a mountain with my father."),
    ("2026-09-20", "The harvest was small this year."),
    ("2026-10-02", "I went to the theatre with my father."),
)


@pytest.fixture(scope="module")
def summer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    with Memory(tmp_path_factory.mktemp("summer") / "summer.db") as memory:
        # What is next to an event is so in time, whatever came in first.
        memory.add(
            [{"content": words, "name": "Ada", "at": f"{day}T20:00:00Z", "session": day} for day, words in SUMMER[::-1]]
        )
        yield memory


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What did Ada do right after the wedding?", "I slept until noon."),
        ("What did Ada do immediately after the wedding?", "I slept until noon."),
        ("What did Ada do just after the wedding?", "I slept until noon."),
        ("What was the first thing Ada did after the wedding?", "I slept until noon."),
        ("What was the next thing Ada did after the wedding?", "I slept until noon."),
        ("What was the last thing Ada did before the wedding?", "I bought a new blue suit."),
        ("What did Ada do right before the wedding?", "I bought a new blue suit."),
    ],
)
def test_what_is_next_to_an_event_stands_first_where_it_is_asked_for(
    summer: Memory, question: str, answer: str
) -> None:
    assert summer.search(question, at=ASKED_AT)[0].record.text == answer
    told = summer.explain(question, at=ASKED_AT)
    assert "beside" in {share.name for share in told.hits[0].shares}
    for explained in told.hits:
        assert sum(share.points for share in explained.shares) == pytest.approx(explained.score)


@pytest.mark.parametrize(
    "question",
    ["What happened between the wedding and the harvest?", "What did Ada do between the wedding and the harvest?"],
)
def test_what_lay_between_two_events_stands_before_what_was_outside(summer: Memory, question: str) -> None:
    found = [hit.record.text for hit in summer.search(question, limit=5, at=ASKED_AT)]
    assert set(found) == {words for day, words in SUMMER if "2026-08-01" <= day <= "2026-09-20"}


def test_how_long_it_was_between_two_events_lifts_nothing_else(summer: Memory) -> None:
    told = summer.explain("How many days were between the wedding and the harvest?", at=ASKED_AT)
    lifted = {hit.record.text for hit in told.hits if "side" in {share.name for share in hit.shares}}
    assert lifted <= {"Our wedding was perfect.", "The harvest was small this year."}


def test_what_is_next_to_an_event_in_one_session_is_told_by_its_order(memory: Memory) -> None:
    words = ("We boarded the train.", "The wedding began.", "We ate the cake.", "We danced a waltz.", "We drank tea.")
    memory.add([{"content": text, "session": "party", "at": "2026-02-01T20:00:00Z"} for text in words])
    told = memory.explain("What did we do right after the wedding?")
    gained = {hit.record.text: sum(share.points for share in hit.shares if share.name == "beside") for hit in told.hits}
    assert gained["We ate the cake."] > gained["We danced a waltz."] > gained["We drank tea."] > 0
    assert gained["We boarded the train."] == gained["The wedding began."] == 0


def test_what_was_said_of_an_event_with_it_is_less_next_to_it_than_what_was_told_thereafter(tmp_path: Path) -> None:
    told = (
        ("2026-08-01", "Our wedding was perfect, everybody came.", "Congratulations! How was the food?"),
        ("2026-08-01", "The cake was lemon, my aunt made it.", "That sounds lovely."),
        ("2026-08-02", "I slept until noon today and then cleaned the car.", "You deserved the rest."),
        ("2026-08-20", "I hiked up a mountain with my father.", "Which one?"),
    )
    with Memory(tmp_path / "talk.db") as memory:
        for day, mine, yours in told:
            turns = (("user", mine), ("assistant", yours))
            memory.add(
                [{"role": who, "content": said, "session": day, "at": f"{day}T20:00:00Z"} for who, said in turns]
            )
        found = [hit.record.text for hit in memory.search("What did I do right after the wedding?", at=ASKED_AT)]
        assert found.index(told[2][1]) < min(found.index(text) for text in (told[0][1], told[1][1], told[3][1]))
