import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamina.core.explanation import End
from lamina.recall import ends
from lamina.recall.ends import asks_for_former, asks_for_previous, asks_what_lay_between, end_of, sides_of


@pytest.mark.parametrize(
    ("end", "text"),
    [
        (End.LAST, "What is my rent now?"),
        (End.LAST, "What is Ada's current job?"),
        (End.LAST, "When did I last see Ada?"),
        (End.LAST, "What was the last thing that I planted?"),
        (End.LAST, "Which is the most recent photograph?"),
        (End.LAST, "Do I still keep bees?"),
        (End.LAST, "Wo wohne ich jetzt?"),
        (End.LAST, "Où est-ce que j'habite maintenant ?"),
        (End.LAST, "我现在住在哪里？"),
        (End.LAST, "When did I call mum last?"),
        (End.LAST, "Which invoice was paid last?"),
        (End.LAST, "When did I last see Jonas?"),
        (End.LAST, "What did the doctor say last?"),
        (End.LAST, "How long has it been since the car was washed last?"),
        (End.LAST, "How long did my last race take?"),
        (End.LAST, "How long does my last battery last?"),
        (End.LAST, "Wann war ich das letzte Mal in Bonn?"),
        (End.LAST, "上次我去哪里了？"),
        (End.LAST, "Quel est mon loyer actuel ?"),
        (End.FIRST, "What was my rent at the beginning?"),
        (End.FIRST, "Where did I initially keep my old sneakers?"),
        (End.LAST, "Where is my old telephone now?"),
        (End.FIRST, "What was my first hive made of?"),
        (End.FIRST, "Where did I originally live?"),
        (End.FIRST, "Which bee came first?"),
        (End.FIRST, "Wo wohnte ich zuerst?"),
        (End.FIRST, "Où habitais-je au début ?"),
        (End.FIRST, "我第一次去哪里？"),
        (None, "What did I do last week?"),
        (None, "What did I do in the last two weeks?"),
        (None, "What did I do last quarter?"),
        (None, "Qu'ai-je fait la semaine dernière ?"),
        (None, "Où étais-je le mois dernier ?"),
        (None, "Où étais-je lundi dernier ?"),
        (End.LAST, "Quel est mon dernier livre ?"),
        (None, "What was Bob's rent before?"),
        (None, "What is Ada's last name?"),
        (None, "How long did the concert last?"),
        (None, "How many days did the trip to the lake last, roughly?"),
        (None, "Does the battery last?"),
        (None, "Will the new paint last in the rain?"),
        (None, "Why didn't the peace last?"),
        (None, "Is the heat supposed to last?"),
        (None, "Which candles last longest?"),
        (None, "What did I sow at the beginning of May?"),
        (None, "What was my old rent?"),
        (None, "Wie hoch war meine alte Miete?"),
        (None, "Quel était mon ancien loyer ?"),
        (None, "How long was it between the trip and now?"),
        (None, "What is Ada's first name?"),
        (None, "Who won the first prize?"),
        (None, "How large is the garden of my current house?"),
        (None, "Would Ada still come?"),
        (None, "What was my previous job, before the current one?"),
        (None, "Where are the bees?"),
    ],
)
def test_the_end_of_time_that_is_asked_for_is_read_and_names_and_dates_are_none(end, text):
    assert end_of(text) is end


@pytest.mark.parametrize(
    ("text", "is_previous"),
    [
        ("What was Bob's rent before?", True),
        ("What was my rent before that?", True),
        ("What is my previous rent?", True),
        ("What was my old rent?", True),
        ("Where did Ada use to live, and what used to be her job?", True),
        ("Wie hoch war die Miete vorher?", True),
        ("Quel était mon loyer avant ?", True),
        ("我以前住在哪里？", True),
        ("What was the job before last?", True),
        ("What happened the night before last?", False),
        ("What is my rent?", False),
        ("What was my first rent?", False),
        ("Where did I live before the trip?", False),
        ("Where did I live prior to 2020?", False),
        ("Have I done it before?", False),
        ("What did you recommend in our previous chat?", False),
        ("What did I do the previous week?", False),
    ],
)
def test_the_value_before_the_one_of_now_is_told_from_other_times(text, is_previous):
    assert asks_for_previous(text) is is_previous
    assert asks_for_former(text) or not is_previous


def test_what_was_once_is_asked_for_by_first_and_by_former():
    assert asks_for_former("What was my previous job?")
    assert asks_for_former("What was my first job?")
    assert asks_for_former("What was my old job?")
    assert asks_for_former("What did I sow three days after the trip?")
    assert not asks_for_former("What is my job?")
    assert not asks_for_former("What is my job since I moved?")
    assert not asks_for_former("What is my old friend's job?")
    assert not asks_for_former("Where do I keep my old sneakers?")


@pytest.mark.parametrize(
    ("sides", "text"),
    [
        (("the storm", "the repair"), "How many days passed between the storm and the repair?"),
        (
            ("I bought salt and oil", "I cooked"),
            "How long was it between when I bought salt and oil and when I cooked?",
        ),
        (("my move", "the flood"), "How long was it from my move to the flood?"),
        (("I was promoted", "I adopt the cat"), "How long after I was promoted did I adopt the cat?"),
        (("I had the flu", "I ran again"), "How many weeks had passed since I had the flu when I ran again?"),
        (("did I wait", "she came"), "How long did I wait before she came?"),
        (("the cough", "the tooth"), "Which did I deal with first, the cough or the tooth?"),
        (("tea", "coffee"), "Between tea and coffee, which one is stronger?"),
        (("I paint the door", "hang the lamp"), "Did I paint the door or hang the lamp first?"),
        (("I move", "the flood"), "Did I move before or after the flood?"),
        ((), "How long was it between 3 May 2026 and 9 June 2026?"),
        ((), "How long was it between the trip and now?"),
        ((), "What did I read between December and February?"),
        ((), "How long was it from 2020 to 2022?"),
        (("May", "Ada"), "Between May and Ada, who is taller?"),
        ((), "What happened between Christmas and the New Year?"),
        ((), "What happened between the 3rd and the 9th?"),
        ((), "What did I do before the trip?"),
        ((), "Tea or coffee?"),
        ((), "Where are the bees?"),
    ],
)
def test_the_two_sides_of_a_question_are_parted_and_dates_are_none(sides, text):
    assert sides_of(text) == sides


@pytest.mark.parametrize(
    ("text", "lay_between"),
    [
        ("What happened between the wedding and the harvest?", True),
        ("What did Ada do between the wedding and the harvest?", True),
        ("Where did I go between Ada's wedding and the move?", True),
        ("Which books did I read between moving and the flood?", True),
        ("What took place between my move and the flood?", True),
        ("And who did I meet in the time between the trip and the flood?", True),
        ("How long was it between the wedding and the harvest?", False),
        ("How many days passed between the storm and the repair?", False),
        ("What was the difference between my first job and my second?", False),
        ("What did I choose between the sofa and the chair?", False),
        ("Which did Ada like better, between the lake and the hill?", False),
        ("What is between the lake and the hill?", False),
        ("What happened between Ada and Bob?", False),
        ("What did Ada do before the harvest?", False),
    ],
)
def test_what_lay_between_two_events_is_asked_for_where_something_happened(text, lay_between):
    assert asks_what_lay_between(text) is lay_between


@given(
    st.text()
    | st.lists(
        st.sampled_from(
            "how long between and from to since after before did or , first last now the storm ? 现在".split()
        )
    ).map(" ".join)
)
def test_every_text_has_two_sides_or_none(text):
    sides = sides_of(text)
    assert len(sides) in {0, 2}
    assert all(side.strip() == side != "" for side in sides)
    assert end_of(text) in {None, End.FIRST, End.LAST}


@pytest.mark.parametrize("name", ["_FORMER", "_FIRST", "_LAST", "_PREVIOUS"])
def test_no_rule_needs_a_word_that_is_not_asked_for_before_it(name: str) -> None:
    rule = getattr(ends, name)

    @settings(max_examples=400, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(rule, alphabet=st.characters(max_codepoint=127)))
    def holds(text: str) -> None:
        assert ends._may_tell(text)

    holds()
    assert not ends._may_tell("what did ada buy in bern?")
