import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamina.core.explanation import QuestionKind as Kind
from lamina.recall import kinds
from lamina.recall.kinds import kind_of, wants_several


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.WHO, "Who keeps bees?"),
        (Kind.WHO, "With whom did I share the honey"),
        (Kind.WHO, "Whose garden was it?"),
        (Kind.WHO, "What friend of mine called?"),
        (Kind.WHO, "The hive was built by who?"),
        (Kind.WHEN, "When did Ada plant the pears?"),
        (Kind.WHEN, "In what year did I move?"),
        (Kind.WHEN, "What's the deadline of the report?"),
        (Kind.WHEN, "The hive was built when?"),
        (Kind.WHERE, "Where's my umbrella?"),
        (Kind.WHERE, "To which city did Ada move?"),
        (Kind.WHERE, "Where is my favourite café?"),
        (Kind.HOW_MANY, "How many hives do I have in total?"),
        (Kind.HOW_MANY, "How often does Ada swim?"),
        (Kind.HOW_MANY, "What percentage of the honey did I sell?"),
        (Kind.HOW_MANY, "What is the total number of my hives?"),
        (Kind.HOW_MANY, "The state where Ada lives has how many lakes?"),
        (Kind.HOW_MANY, "How many times did I swim?"),
        (Kind.DURATION, "How long did the trip take?"),
        (Kind.DURATION, "How many days passed between the storm and the repair?"),
        (Kind.WHICH, "Which book did I finish?"),
        (Kind.WHICH, "What instruments does Ada play?"),
        (Kind.WHICH, "Ada's town lies in what mountain range?"),
        (Kind.WHICH, "Would Ada be more at home in a park or a theatre?"),
        (Kind.WHICH, "Between tea and coffee, which one is stronger?"),
        (Kind.YES_NO, "Did I water the garden?"),
        (Kind.YES_NO, "Hasn't Ada called?"),
        (Kind.ORDERING, "Which came first, the storm or the flood?"),
        (Kind.ORDERING, "Can you list the order in which I changed jobs?"),
        (Kind.ORDERING, "Did I move before or after the flood?"),
        (Kind.ORDERING, "Order these: wedding, theft, move"),
        (Kind.ORDERING, "Sort the trips by date"),
        (Kind.ORDERING, "What happened when? Give me the chronology of the bicycles."),
        (Kind.SUMMARY, "Summarise my week"),
        (Kind.SUMMARY, "What have we talked about so far?"),
        (Kind.SUMMARY, "What do you know about me?"),
        (Kind.SUMMARY, "Was it long? Give me a summary."),
        (Kind.SUMMARY, "Can you give me a short summary of the project?"),
        (Kind.SUMMARY, "Tell me about my hives"),
        (Kind.PREFERENCE, "What is Ada's favourite song?"),
        (Kind.PREFERENCE, "Would Ada enjoy a concert?"),
        (Kind.PREFERENCE, "I am repainting my room this weekend. Any tips?"),
        (Kind.PREFERENCE, "Which tools would you suggest I use?"),
        (Kind.PREFERENCE, "What should I cook tonight?"),
        (Kind.INSTRUCTION, "Could you show me how to build a hive?"),
        (Kind.INSTRUCTION, "How do I write a test?"),
        (Kind.INSTRUCTION, "Write a letter to Ada."),
        (Kind.INSTRUCTION, "Remind me to water the pears"),
        (Kind.OTHER, "Why did Ada move?"),
        (Kind.OTHER, "What did Ada plant?"),
        (Kind.OTHER, "What happened at the fair?"),
        (Kind.OTHER, "How did you recommend storing honey?"),
        (Kind.OTHER, "bees on the roof"),
        (Kind.OTHER, "Order these by weight"),
        (Kind.OTHER, "What did we talk about on the ferry?"),
    ],
)
def test_the_kind_is_read_from_the_words(kind, text):
    assert kind_of(text) is kind


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.HOW_MANY, "I'm back at our chat on hives. Can you remind me how many frames fit?"),
        (Kind.OTHER, "We spoke of Rome, can you remind me of the restaurant that you recommended?"),
        (Kind.WHICH, "When building a hive, which wood lasts?"),
        (Kind.WHERE, "So, if I move, where do my bees go?"),
        (Kind.WHO, "Do you know who called?"),
        (Kind.YES_NO, "Ada has a dog. Does Bo have one? It would be nice."),
        (Kind.WHICH, "Which film did D. P. Varma produce?"),
        (Kind.WHEN, "What’s the date of the fair?"),
    ],
)
def test_what_is_said_before_the_asking_is_no_part_of_it(kind, text):
    assert kind_of(text) is kind


@pytest.mark.parametrize(
    ("kind", "german", "french"),
    [
        (Kind.WHO, "Wer hält Bienen?", "À qui est ce jardin ?"),
        (Kind.WHEN, "Wann kam Ada?", "Quand est-elle venue ?"),
        (Kind.WHERE, "Wo ist mein Schirm?", "Où est mon parapluie ?"),
        (Kind.HOW_MANY, "Wie viele Bienen habe ich?", "Combien de ruches ai-je ?"),
        (Kind.DURATION, "Wie lange dauerte es?", "Combien de temps ?"),
        (Kind.WHICH, "Welches Buch las ich?", "Quelle robe a-t-elle vue ?"),
        (Kind.YES_NO, "Hat Ada angerufen?", "Est-ce qu'elle a appelé ?"),
        (Kind.YES_NO, "Bin ich krank?", "Ada a-t-elle un chien ?"),
        (Kind.OTHER, "Warum war ich traurig?", "Pourquoi est-elle triste ?"),
    ],
)
def test_the_plain_question_words_of_german_and_french_are_known(kind, german, french):
    assert (kind_of(german), kind_of(french)) == (kind, kind)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.OTHER, "Was ist meine Miete?"),
        (Kind.OTHER, "Was geschah letzte Woche?"),
        (Kind.OTHER, "Was passierte gestern?"),
        (Kind.OTHER, "Was geschah am Montag?"),
        (Kind.WHERE, "Wo war ich am 8. Mai 2023?"),
        (Kind.OTHER, "Was hat Ada gepflanzt?"),
        (Kind.OTHER, "Was für ein Buch las ich?"),
        (Kind.OTHER, "Was genau habe ich gekauft?"),
        (Kind.OTHER, "Was brauchst du noch?"),
        (Kind.YES_NO, "Was the storm strong?"),
        (Kind.YES_NO, "Was Ada at home?"),
        (Kind.YES_NO, "War Ada zu Hause?"),
    ],
)
def test_german_was_asks_what_and_english_was_for_yes_or_no(kind, text):
    assert kind_of(text) is kind


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.WHERE, "Which was the first city I visited?"),
        (Kind.WHERE, "What was the last town that we saw?"),
        (Kind.WHICH, "Which was the last book I read?"),
        (Kind.WHEN, "What is the first day of the course?"),
        (Kind.WHO, "Who was the first person I met?"),
        (Kind.WHO, "What was the oldest woman called?"),
    ],
)
def test_what_is_asked_for_may_stand_behind_the_verb(kind, text):
    assert kind_of(text) is kind


@pytest.mark.parametrize(
    ("kind", "german", "french", "chinese"),
    [
        (Kind.WHO, "Mit wem war ich im Kino?", "Avec qui suis-je sortie ?", "谁养蜜蜂？"),
        (Kind.WHEN, "In welchem Jahr kam sie?", "À quelle heure part le train ?", "我什么时候搬家？"),
        (Kind.WHERE, "In welcher Stadt wohnt Ada?", "Dans quelle ville habite-t-elle ?", "我的伞在哪里？"),
        (Kind.DURATION, "Seit wann wohnt sie hier?", "Depuis quand dort-il ?", "旅行花了多久？"),
        (Kind.HOW_MANY, "Wie viele Bienen sind es?", "Combien sont-elles ?", "我有多少蜜蜂？"),
        (Kind.WHICH, "Aus welchem Buch ist das?", "Laquelle est rouge ?", "你喜欢哪本书？"),
        (Kind.YES_NO, "Darf ich hinein?", "A-t-elle appelé ?", "她来了吗？"),
        (Kind.ORDERING, "In welcher Reihenfolge kamen sie?", "Dans quel ordre ?", "他们按什么顺序来的？"),
    ],
)
def test_words_behind_prepositions_and_chinese_ones_are_known(kind, german, french, chinese):
    assert (kind_of(german), kind_of(french), kind_of(chinese)) == (kind, kind, kind)


@pytest.mark.parametrize(
    ("is_several", "text"),
    [
        (True, "Which books did I read?"),
        (True, "What types of honey are there?"),
        (True, "What are the names of my hives?"),
        (True, "What desserts has Ada made?"),
        (True, "Who are the owners of the hives?"),
        (False, "Who are you?"),
        (True, "Who are all my neighbours?"),
        (True, "What do Ada and Bo share?"),
        (True, "Are both of them red?"),
        (True, "How many days passed between the storm and the repair?"),
        (True, "Summarise my week"),
        (True, "List what I planted"),
        (False, "Which book did I read?"),
        (False, "Which of the books was red?"),
        (False, "What kind of books does Ada read?"),
        (False, "What news did Ada bring?"),
        (False, "What dress has Ada made?"),
        (False, "What did Ada plant?"),
        (False, "Where is Ada?"),
    ],
)
def test_lists_plurals_and_comparisons_ask_for_several_things(is_several, text):
    assert wants_several(text, kind=kind_of(text)) is is_several


@given(
    st.text()
    | st.lists(
        st.sampled_from("What which who how many tell me of , . ? Ada and all between when \n first or".split(" "))
    ).map(" ".join)
)
def test_every_text_has_a_kind_whatever_its_spaces(text):
    kind = kind_of(text)
    assert kind in Kind
    assert wants_several(text, kind=kind) in {True, False}
    assert kind_of(re.sub(r"\s+", "  ", text)) is kind


def test_a_text_without_end_is_read_by_its_end():
    assert kind_of("tell me, " * 100_000 + "so. Where is Ada?") is Kind.WHERE


@pytest.mark.parametrize("kind", kinds._HINTS)
def test_no_rule_needs_a_word_that_is_not_asked_for_before_it(kind: Kind) -> None:
    rules = dict(kinds._RULES)[kind]

    @settings(max_examples=80 * len(rules), suppress_health_check=list(HealthCheck))
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        rule = re.compile(data.draw(st.sampled_from(rules)), re.IGNORECASE)
        text = data.draw(st.from_regex(rule, alphabet=st.characters(max_codepoint=127)))
        assert kinds._may_ask(kind, text)

    holds()
    assert not kinds._may_ask(kind, "did ada buy it in bern?")
