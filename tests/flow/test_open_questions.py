"""Questions for whatever was said on a day or by somebody: answered by what lies there, with the real encoder."""

from datetime import UTC, datetime

import pytest

from lamina.memory import Memory

ASKED_AT = datetime(2023, 7, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def memory() -> Memory:
    memory = Memory()
    talks = {
        "2023-05-08": ("My bees swarmed over the fence.", "Did you catch them?", "Yes, in a basket."),
        "2023-06-25": ("I watched Tenet.", "Was it any good?", "I did not get the end."),
        "2023-07-02": ("The canoe is sold.", "For how much?", "Three hundred."),
    }
    for day, turns in talks.items():
        said = [{"name": ("Ada", "Bob")[place % 2], "content": text} for place, text in enumerate(turns)]
        memory.add(said, session=day, at=f"{day}T10:00:00Z")
    return memory


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("What happened on 8 May 2023?", {"2023-05-08"}),
        ("What did we talk about on 25 June 2023?", {"2023-06-25"}),
        ("What happened in July?", {"2023-07-02"}),
        ("What happened since 20 June 2023?", {"2023-06-25", "2023-07-02"}),
    ],
)
def test_what_is_asked_of_a_day_stands_first_and_is_no_reason_to_decline(
    memory: Memory, question: str, days: set[str]
) -> None:
    hits = memory.search(question, at=ASKED_AT)[: 3 * len(days)]
    assert {hit.record.session for hit in hits} == days
    context = memory.recall(question, at=ASKED_AT)
    assert not context.abstained
    assert context.confidence > 0.5


def test_a_day_of_which_nothing_is_known_is_declined(memory: Memory) -> None:
    context = memory.recall("What happened on 9 May 2023?", at=ASKED_AT)
    assert context.abstained
    assert memory.recall("What happened on 9 May 2023?", at=ASKED_AT, abstain=False).citations


def test_everything_of_somebody_is_asked_of_who_speaks_here(memory: Memory) -> None:
    assert not memory.recall("Tell me everything about Ada", at=ASKED_AT).abstained
    assert memory.recall("Tell me everything about Zora", at=ASKED_AT).abstained


def test_a_summary_is_no_question_without_an_answer(memory: Memory) -> None:
    assert not memory.recall("Summarize the conversation.", at=ASKED_AT).abstained


@pytest.mark.parametrize(
    "question",
    [
        "Summarise our conversations",
        "Give me a summary of our conversations",
        "Give me a summary of what happened in May",
        "What have we talked about so far?",
        "In what order did things happen?",
        "List the events of Ada's year in chronological order",
    ],
)
def test_a_summary_or_the_order_of_all_is_given_however_it_is_asked_for(memory: Memory, question: str) -> None:
    context = memory.recall(question, at=ASKED_AT)
    assert not context.abstained
    assert "bees" in context.text
    assert context.is_timeline is ("order" in question)


def test_what_somebody_told_on_a_day_is_declined_where_only_others_spoke() -> None:
    with Memory() as memory:
        for name, day, words in (
            ("Ada", "2023-05-08", "My bees swarmed."),
            ("Carl", "2023-04-01", "The ferry was late."),
        ):
            memory.add([{"name": name, "content": words}], session=day, at=f"{day}T10:00:00Z")
        assert not memory.recall("What did Carl say in April?", at=ASKED_AT).abstained
        assert memory.recall("What did Carl say in May?", at=ASKED_AT).abstained


def test_who_asks_one_thing_of_somebody_is_not_answered_as_surely_as_who_asks_for_everything(memory: Memory) -> None:
    everything = memory.recall("Tell me everything about Ada", at=ASKED_AT).confidence
    for question in ("Is Ada there?", "Where is Ada?"):
        assert memory.recall(question, at=ASKED_AT).confidence < everything
