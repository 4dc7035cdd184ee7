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
        ("Hello! I was just wondering about how Ada feels, please", "How Ada feels, please"),
        ("May I ask you something? When did Ada call?", "When did Ada call?"),
        ("I can't for the life of me remember which book Ada read.", "Which book Ada read?"),
        ("Any idea what Ada wants? She turned 40.", "What Ada wants? She turned 40."),
        ("um what's new?", "what's new?"),
        ("Can you tell me on which date Ada moved?", "When Ada moved?"),
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
        ("Ich habe vergessen, was Bob gesagt hat.", "Was Bob gesagt hat?"),
        ("Peux-tu me dire quand Ada a déménagé ?", "Quand Ada a déménagé ?"),
        ("Tu te souviens où habite Ada ? Merci !", "Où habite Ada ?"),
        ("你能告诉我谁修了锅炉吗？", "谁修了锅炉？"),
        ("能不能提醒我婚礼是什么时候？", "婚礼是什么时候？"),
        ("你还记得 Ada 住在哪里吗？", "Ada 住在哪里？"),
        ("请问，我们什么时候搬家？", "我们什么时候搬家？"),
    ],
)
def test_only_the_asking_is_left(asked: str, plain: str) -> None:
    assert plainly(asked) == plain


@pytest.mark.parametrize(
    "asked",
    [
        # Nothing to leave out.
        *("When did Ada move?", "the bakery", "?", " ", "", "What", "谁修了锅炉？", "what is love"),
        *(
            "Hello Love",
            "Hello, Dolly!",
            "thanks Ada",
            "Please Please Me",
            "Question: Ada",
            "Hallo Spencer",
            "Salut Galarneau",
        ),
        # What is asked about stands in the words before.
        *("Do you remember the trip?", "Tell me about Turin.", "I'm planning a trip to Japan. What should I pack?"),
        *("My memory is bad. Why?", "I forgot my notes. Where are they?", "I have a record. What is it worth?"),
        *("My work: where is it?", "Tell me about things I like. What are they?", "Did we talk? When?"),
        *("Remind me to call Ada.", "Can you help me plan what to pack?", "Tell me about the WHO"),
        *("Do you remember the Who concert?", "Remind me about the What If book", "Notes which I took"),
        *("My memory of what Ada said", "Ada wants to know where the keys are."),
        # A day, or what was before.
        *(
            "In May, where was I?",
            "Where did I go? Last May.",
            "Where was I? This morning.",
            "Now, where does Ada live?",
        ),
        *("Earlier this morning, what did I do?", "Last time, who called?", "When did Ada move? The last time."),
        *("Do you remember the last time when Ada called?", "Before work, what do I do?"),
        # Somebody.
        *("Did May tell you where she lives?", "Did Will say what he wants?", "Will forgot where he parked."),
        *("May or Will, who is older?", "Who called? Not Will.", "Did Hope tell you where she lives?"),
        # It asks whether, or of whoever asks.
        *("Do I like it when it rains?", "Do I forget things when I'm tired?", "Did you tell me where the keys are?"),
        *("Did I tell you what happened?", "Do I know how to ski?", "Habe ich dir gesagt, wo ich wohne?"),
        *("Est-ce que je sais comment nager ?", "What did you tell me about the dentist?"),
        # What stands behind says more.
        *(
            "When did Ada move? She lived in Turin then.",
            "Which do I like more? Morning or evening",
            "Is it good? Or bad",
        ),
        *('Who wrote "How are you?" to me', "What does the page http://x.org/?q=help say"),
        # No long way of asking, but a thing.
        *("What time zone is Ada in?", "What day of the week is market day?", "What point did Ada make?"),
        *(
            "How much time and money did I spend?",
            "For which cause does Ada volunteer?",
            "What number of bus goes there?",
        ),
        *("What was the reason that Ada gave?", "What place did Ada take in the race?", "How come up with names?"),
        *(
            "What time did he run in the marathon?",
            "How precisely did she measure?",
            "How frequently asked are questions?",
        ),
        *("On what day of the week is the market?", "Would you say what Ada did was right?", "I want to know why."),
        # In other languages.
        *("Weißt du noch, als Ada hier war?", "Wann hat Ada angerufen? Nicht ich.", "Où habite Ada ? Pas moi."),
        *("你还记得婚礼吗？", "你告诉我什么了？", "你告诉我的地址是什么？"),
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
