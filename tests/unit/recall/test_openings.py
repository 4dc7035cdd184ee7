"""What is said around the asking is left out; whatever else a question says stays."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.recall.openings import plainly

WORDS = st.lists(
    st.sampled_from(
        [
            *"can you remind me what when Ada moved , . ? : do i know".split(),
            *"thanks please wann weißt du noch quand sais-tu où".split(),
        ]
    ),
    max_size=14,
).map(" ".join)


@pytest.mark.parametrize(
    ("asked", "plain"),
    [
        ("Can you remind me when Ada moved? Thanks!", "When Ada moved?"),
        ("Tell me when Ada moved.", "When Ada moved?"),
        ("Hi there, do you happen to remember where Ada lives?", "Where Ada lives?"),
        ("I forgot: did Ada call?", "Did Ada call?"),
        ("Quick question: at what time does the office close?", "When does the office close?"),
        ("um what's new?", "what's new?"),
        ("In which place does Ada live?", "Where does Ada live?"),
        ("For what reason did Bob leave?", "Why did Bob leave?"),
        ("How come Bob left?", "Why Bob left?"),
        ("Who's the one that called?", "Who called?"),
        ("What number of cats does she have?", "How many cats does she have?"),
        ("How frequently does it rain?", "How often does it rain?"),
        ("For what length of time was Ada away?", "How long was Ada away?"),
        ("What exactly did Ada say?", "What did Ada say?"),
        ("Kannst du mir sagen, wann Ada umgezogen ist?", "Wann Ada umgezogen ist?"),
        ("Weißt du noch, wo Ada wohnt? Danke!", "Wo Ada wohnt?"),
        ("Peux-tu me dire quand Ada a déménagé ?", "Quand Ada a déménagé ?"),
        ("你能告诉我谁修了锅炉吗？", "谁修了锅炉？"),
        ("能不能提醒我婚礼是什么时候？", "婚礼是什么时候？"),
        ("你还记得 Ada 住在哪里吗？", "Ada 住在哪里？"),
        ("请问，我们什么时候搬家？", "我们什么时候搬家？"),
        ("我忘了婚礼是哪天。", "婚礼是哪天。"),
        ("Tu te souviens où habite Ada ? Merci !", "Où habite Ada ?"),
    ],
)
def test_only_the_asking_is_left(asked: str, plain: str) -> None:
    assert plainly(asked) == plain


@pytest.mark.parametrize(
    "asked",
    [
        "When did Ada move?",
        "Do you remember the trip?",
        "Tell me about Turin.",
        "I'm planning a trip to Japan. What should I pack?",
        "Do I like it when it rains?",
        "Ada wants to know where the keys are.",
        "What did you tell me about the dentist?",
        "When did Ada move? She lived in Turin then.",
        "What time zone is Ada in?",
        "What day of the week is market day?",
        "the bakery",
        "?",
        " ",
        "",
        "What",
        "Weißt du noch, als Ada hier war?",
        "你还记得婚礼吗？",
        "你告诉我什么了？",
        "你告诉我的地址是什么？",
        "谁修了锅炉？",
        "Can you tell me " + "a" * 300 + " what it is?",
    ],
)
def test_what_says_more_than_that_somebody_asks_stays(asked: str) -> None:
    assert plainly(asked) == asked


@given(WORDS)
def test_it_is_the_end_of_what_was_asked_and_said_once(asked: str) -> None:
    plain = plainly(asked)
    assert plainly(plain) == plain
    assert bool(plain.strip()) == bool(asked.strip())
    assert plain.rstrip("?.").lower()[-8:] in asked.lower()


def test_a_question_of_100_kb_takes_no_time() -> None:
    for text in ("can you tell me ", "please, ", "? ", "what exactly ", "remind me: "):
        began = time.perf_counter()
        plainly(text * (100_000 // len(text)))
        assert time.perf_counter() - began < 1
