"""What is said right beside an answer is no answer of now, however late it was said."""

from collections.abc import Iterator

import pytest

from lamina import Memory

ASKED_AT = "2026-09-01T12:00:00Z"
#: What somebody tells three times, each with what the same person says next, and the question.
TOLD_ANEW = (
    ("My rent is {} euros.", ("600", "650", "700"), "What is Ada's rent"),
    ("I work at the {}.", ("bakery", "bookshop", "museum"), "Where does Ada work"),
    ("I drive a {}.", ("Fiat", "Volvo", "Skoda"), "Which car does Ada drive"),
    ("My dentist is Dr {}.", ("Weiss", "Kranz", "Moll"), "Who is Ada's dentist"),
    ("I go to the gym on {}.", ("Mondays", "Tuesdays", "Fridays"), "When does Ada go to the gym"),
)
SAID_NEXT = ("I had coffee.", "The tram was late again.", "Nice weather today.", "Let us talk tomorrow.", "ok see you")


@pytest.fixture(scope="module")
def talks() -> Iterator[Memory]:
    with Memory() as memory:
        for number, (words, values, _) in enumerate(TOLD_ANEW):
            for month, value in enumerate(values, start=1):
                said = [words.format(value), SAID_NEXT[(number + month) % len(SAID_NEXT)]]
                day = f"2026-0{month}-{number + 2:02}T10:00:00Z"
                memory.add([{"name": "Ada", "content": text} for text in said], session=day, at=day)
        yield memory


@pytest.mark.parametrize(("words", "values", "question"), TOLD_ANEW)
def test_what_is_only_said_beside_an_answer_is_no_newer_one(
    talks: Memory, words: str, values: tuple[str, ...], question: str
) -> None:
    for asked in (f"{question}?", f"{question} now?"):
        assert talks.search(asked, at=ASKED_AT)[0].record.text == words.format(values[-1])


def test_a_small_budget_holds_the_answer_of_now_and_not_what_was_said_next(memory: Memory) -> None:
    for month, rent, next_words in ((1, 600, "Nice weather today."), (3, 700, "I had coffee.")):
        said = [f"My rent is {rent} euros.", next_words]
        at = f"2026-0{month}-05T10:00:00Z"
        memory.add([{"name": "Ada", "content": words} for words in said], session=str(month), at=at)
    memory.add([{"name": "Bob", "content": "Hello Ada."}], session="5", at="2026-05-05T10:00:00Z")
    assert "700 euros" in memory.recall("What is Ada's rent now?", budget_tokens=16).text
