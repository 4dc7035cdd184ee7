from collections import Counter

import pytest

from lamina.encode.sparse import terms
from lamina.recall.spelling import (
    MOST_MENDED,
    Written,
    capitals_inside,
    marked,
    one_slip_away,
    respelled,
    spelled,
    written,
)

HELD = Counter({"maria": 9, "shelter": 3, "paint": 5, "hors": 2, "hous": 4, "backer": 1, "cabin": 2})
WORDS = {"maria", "shelter", "painting", "painted", "horse", "house", "cabin", "which", "booze"}


def read(text: str, held: Counter[str] = HELD) -> str:
    words = spelled(
        text,
        analyse=terms,
        count_holders=lambda asked: [held[term] for term in asked],
        knows=lambda word: word in WORDS,
    )
    return respelled(text, words)


@pytest.mark.parametrize(
    ("slip", "asked"),
    [
        ("swapped", "Where does Mraia sleep?"),
        ("left out", "Where does Mara sleep?"),
        ("one too many", "Where does Marria sleep?"),
        ("another one", "Where does Maeia sleep?"),
    ],
)
def test_each_kind_of_slip_is_mended_and_capitals_and_marks_stay(slip: str, asked: str) -> None:
    assert read(asked) == "Where does Maria sleep?", slip


@pytest.mark.parametrize(
    "asked", ["Was habe ich gekauft?", "Wann war ich dort?", "Quand est-elle venue chez nous ?", "Wo sind meine Waren?"]
)
def test_german_and_french_words_are_no_slips_of_english_function_words(asked: str) -> None:
    assert read(asked) == asked


def test_a_german_question_is_mended_by_what_the_scope_holds() -> None:
    assert read("Wann war ich bei Mraia?") == "Wann war ich bei Maria?"
    assert read("Waht did Maria paint?") == "What did Maria paint?"


def test_all_words_one_slip_away_are_there_once_and_the_word_itself_is_not() -> None:
    found = one_slip_away("bee")
    assert {"ebe", "be", "ee", "bea", "bees", "abee"} <= set(found)
    assert len(found) == len(set(found))
    assert "bee" not in found
    # For n letters n - 1 swaps, n left out, 25 n others, 26 (n + 1) more, without those that are made in two ways.
    assert len(one_slip_away("abcd")) == 3 + 4 + 25 * 4 + 26 * 5 - 4


def test_what_is_held_is_read_as_it_stands_although_more_hold_its_neighbour() -> None:
    assert read("the horse") == "the horse"


def test_of_several_words_the_one_is_meant_that_most_rows_hold() -> None:
    assert read("the hoxse") == "the house"
    assert read("the hoxse", HELD + Counter({"hors": 9})) == "the horse"


def test_a_word_that_the_encoder_knows_whole_is_no_slip() -> None:
    assert read("booze", Counter({"boos": 3, "bronz": 1})) == "booze"


def test_a_function_word_is_mended_although_no_row_holds_it() -> None:
    assert read("Whcih shetler?") == "Which shelter?"


def test_what_has_only_the_stem_of_a_held_word_is_not_meant() -> None:
    """`booke` has the stem of `book` and is no word; `painted` has that of `paint` and is one."""
    assert read("boake", Counter({"book": 3})) == "boake"
    assert read("paintedd") == "painted"


def test_a_word_of_another_language_is_meant_where_it_is_its_own_stem() -> None:
    assert read("beim Baecker") == "beim Backer"


def test_two_slips_short_words_numbers_and_other_scripts_stay() -> None:
    for text in ("Where is Mraaia?", "mra", "shelter7x", "林悦的陶艺课在哪里上", "12345"):
        assert read(text) == text


def test_nothing_held_mends_nothing() -> None:
    assert read("Where does Mraia sleep?", Counter()) == "Where does Mraia sleep?"


def test_no_more_than_some_words_are_mended() -> None:
    words = [f"cab{letter}in" for letter in "bcdefghjklmn"]
    assert read(" ".join(words)).split().count("cabin") == MOST_MENDED


@pytest.mark.parametrize(
    ("meant", "found"),
    [
        ("miett", Written("Miette", is_name=True)),
        ("paint", Written("painting", is_name=False)),
        ("painted", Written("Painted", is_name=False)),
        ("bees", None),
    ],
)
def test_a_term_is_told_as_the_texts_write_it(meant: str, found: Written | None) -> None:
    texts = ["Miette was painting.", "Painted by Miette's aunt, who likes painting"]
    assert written(meant, texts, analyse=terms) == found


def test_names_have_a_capital_where_no_sentence_begins() -> None:
    assert capitals_inside('Maria came. "Where does Jorik work?" Bees: Who keeps Ada\'s?') == {"jorik", "ada"}


@pytest.mark.parametrize("text", ["where does maria sleep", "Who has 3 bees ", "what's new"])
def test_a_question_without_its_mark_gets_one(text: str) -> None:
    assert marked(text) == text.rstrip() + "?"


@pytest.mark.parametrize(
    "text", ["Where does Maria sleep?", "bees and wasps", "Tell me who came.", "林悦在哪里", "?!", "what…"]
)
def test_what_has_a_mark_or_does_not_ask_stays(text: str) -> None:
    assert marked(text) == text
