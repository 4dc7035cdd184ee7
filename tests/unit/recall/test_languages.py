import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.recall.languages import FUNCTION_WORDS, Language, language_of


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (Language.ENGLISH, "What did I buy in Rome?"),
        (Language.ENGLISH, "Was Ada in Rome?"),
        (Language.ENGLISH, "When did Ada die?"),
        (Language.ENGLISH, "bicycle"),
        (Language.ENGLISH, ""),
        (Language.GERMAN, "Was habe ich gekauft?"),
        (Language.GERMAN, "WANN WAR ICH IN ROM"),
        (Language.GERMAN, "Wie heißt mein Hund?"),
        (Language.GERMAN, "Was geschah letzten Montag?"),
        (Language.FRENCH, "réunion lundi"),
        (Language.ENGLISH, "weekend in August"),
        (Language.FRENCH, "Qu'est-ce que j'ai acheté ?"),
        (Language.FRENCH, "Où habite Ada ?"),
        (Language.FRENCH, "Quand suis-je allée à Rome ?"),
    ],
)
def test_a_language_is_told_by_its_function_words(language, text):
    assert language_of(text) is language


def test_function_words_are_single_words_in_small_letters():
    for words in FUNCTION_WORDS.values():
        assert all(word.isalpha() and word.islower() and len(word) < 12 for word in words)


@given(st.text())
def test_any_text_has_one(text):
    assert language_of(text) in Language
