from datetime import UTC, datetime

import pytest

from lamina.core.explanation import QuestionKind
from lamina.encode.sparse import terms
from lamina.recall.days import Days
from lamina.recall.plan import Speakers, understand
from lamina.recall.ranges import Relative


def asked(text, *speakers, at=None):
    return understand(text, at=at, speakers=Speakers(speakers, analyse), analyse=analyse)


def analyse(text):
    return text.casefold().split()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("What did Ada plant?", ("Ada",)),
        ("what did ADA's friend plant?", ("Ada",)),
        ("Did Bo Chen call?", ("Bo Chen",)),
        ("Did Bo call?", ("Bo Chen",)),
        ("Did Chen call?", ()),
        ("An adaptation", ()),
        ("Who planted it?", ()),
    ],
)
def test_a_speaker_is_named_by_the_whole_name_or_its_first_word(text, named):
    assert asked(text, "Ada", "Bo Chen", "Cy").speakers == named


def test_naming_everyone_or_the_only_one_tells_nothing():
    assert asked("What do Ada and Bo share?", "Ada", "Bo").speakers == ()
    assert asked("What did Ada plant?", "Ada").speakers == ()
    assert asked("What did Ada plant?", "Ada", "Ada").speakers == ()


def test_the_terms_of_all_names_are_known():
    question = asked("What did Ada plant?", "Ada", "Bo Chen")
    assert question.name_terms == {"ada", "bo", "chen"}
    assert question.terms == ("what", "did", "ada", "plant?")


def test_how_an_order_is_asked_for_is_no_word_of_what_was_said():
    assert asked("In what order did the bees swarm").terms == ("did", "the", "bees", "swarm")
    assert asked("Bees ordered in order to swarm").terms == ("bees", "ordered", "in", "order", "to", "swarm")
    assert asked("in which order").terms == ("in", "which", "order")


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("What was my first bee?", ("user",)),
        ("Which hives did you recommend?", ("assistant",)),
        ("What do you know of me?", ("user", "assistant")),
        ("I've lost it", ("user",)),
        ("Who owns the mine in Youngstown, US?", ()),
        ("Who keeps bees?", ()),
    ],
)
def test_i_and_you_mean_the_user_and_the_assistant(text, roles):
    assert asked(text).roles == roles


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("Can you remind me which books you recommended that I read?", ("assistant",)),
        ("What did you tell me about my bees?", ("assistant",)),
        ("What did I tell you about your answers?", ("user",)),
        ("How many hives did I first mention that you should count?", ("user",)),
        ("Was I told how you work?", ("user", "assistant")),
        ("I told you a story, and what did you say?", ("user", "assistant")),
        ("Can you suggest what I should read?", ("user", "assistant")),
    ],
)
def test_who_is_told_to_have_said_it_is_meant_alone(text, roles):
    assert asked(text).roles == roles


def test_days_are_read_from_the_moment_of_asking():
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert asked("What happened yesterday?", at=noon).days == (
        Days(first=noon.date().replace(day=1), last=noon.date().replace(day=1)),
    )
    assert asked("What happened yesterday?").days == ()


def test_it_is_told_what_is_asked_for_and_what_it_is_before_or_after():
    question = asked("Which books did Ada read after the fair?")
    assert (question.kind, question.wants_several, question.relative) == (
        QuestionKind.WHICH,
        True,
        Relative("the fair", is_before=False, asked="Which books did Ada read?"),
    )


def test_a_question_without_words_is_understood_as_nothing():
    question = asked("?!", "Ada", "…")
    assert (question.terms, question.speakers, question.roles, question.days) == (("?!",), (), (), ())
    assert (question.kind, question.wants_several, question.relative) == (QuestionKind.OTHER, False, None)


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("What happened on 8 May 2023?", True),
        ("What did Ada tell in July?", True),
        ("Tell me everything about Ada", True),
        ("Summarize the conversation.", True),
        ("What did we talk about last week?", True),
        ("What happened a few days ago?", True),
        ("What did Ada say at Christmas?", True),
        ("What did Ada do from the third of May to Q2 2023?", True),
        ("What happened three days after 5 May 2023?", True),
        ("What happened exactly two weeks prior to 22 May 2023?", True),
        ("What happened around 8 May 2023?", True),
        ("What happened three or four days after 5 May 2023?", True),
        ("What happened exactly on 8 May 2023?", True),
        ("What happened sometime in May 2023?", True),
        ("What happened at some point in May 2023?", True),
        ("What happened shortly before 9 May?", True),
        ("What happened within three days of 8 May?", True),
        ("What did Ada do about three weeks after 8 May or so?", True),
        ("What three hats did Ada buy around 8 May?", False),
        ("What did Ada close on 8 May?", False),
        ("What happened with the three hats on 8 May?", False),
        ("What happened three days after the fair?", False),
        ("Was geschah ungefähr am 8. Mai 2023?", True),
        ("Was geschah irgendwann im Mai 2023?", True),
        ("Was geschah drei Tage nach dem 8. Mai 2023?", True),
        ("Was kochte Ada ungefähr am 8. Mai 2023?", False),
        ("Que s'est-il passé environ le 8 mai 2023 ?", True),
        ("Que s'est-il passé exactement vers le 8 mai 2023 ?", True),
        ("Qu'est-ce qui s'est passé trois jours après le 8 mai 2023 ?", True),
        ("2023年5月8日发生了什么？", True),
        ("上周发生了什么？", True),
        ("大约2023年5月8日左右我们聊了什么？", True),
        ("上周我吃了什么？", False),
        ("2023年5月8日的会议说了什么？", False),
        ("Was geschah letzte Woche?", True),
        ("Was hat Ada am Montag gesagt?", True),
        ("Qu'ai-je fait la semaine dernière ?", True),
        ("Was hat Ada am Montag gekocht?", False),
        ("Où Ada a-t-elle dormi hier ?", False),
        ("Did Ada buy a hat on Monday?", False),
        ("What did Ada cook on 8 May 2023?", False),
        ("Tell me everything about Zora", False),
        ("What happened?", False),
        ("Give me a summary of our conversations", True),
        ("Please give me an overview of what happened", True),
        ("Give me a summary of what happened in May", True),
        ("What have we talked about so far?", True),
        ("What do you know about me?", True),
        ("In what order did things happen?", True),
        ("List the events of Ada's year in chronological order", True),
        ("Gib mir eine Zusammenfassung unserer Gespräche.", True),
        ("Give me a summary of the trip to Lyon.", False),
        ("Show Ada's jobs in chronological order", False),
        ("Did Bob say anything?", True),
        ("Who is Ada?", True),
        ("Is Ada there?", False),
        ("Where did Ada go?", False),
        ("When did Ada talk?", False),
        ("Summarize the trip to Lyon.", False),
    ],
)
def test_a_question_that_names_but_days_or_somebody_or_asks_for_a_summary_is_open(text, is_open):
    speakers = Speakers(["Ada", "Bob"], terms)
    assert understand(text, at=datetime(2023, 7, 12, tzinfo=UTC), speakers=speakers, analyse=terms).is_open is is_open
