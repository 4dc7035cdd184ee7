"""Names are runs of words with capitals, titles the short first lines of what nobody says."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.encode.names import MOST_NAMES, MOST_WORDS, marks_of, names, phrases, plain_title, title_of
from lamina.testing.builders import an_index_row


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("He joined the Bank of England in 1694.", {"bank of england", "bank", "england", "bank of england in 1694"}),
        ("Ada's Spider-Man comics", {"ada", "ada spider", "ada spider man", "spider", "spider man", "man"}),
        ("Directed by John F. Kennedy, Jr.", {"directed", "john", "john f", "john f kennedy", "f", "f kennedy"}),
        ("nobody has a name here", set()),
        ("The end. It was late", set()),
        ("東京 へ 行く", set()),
        ("", set()),
    ],
)
def test_names_are_runs_of_capitals_and_the_runs_inside_them(text: str, found: set[str]) -> None:
    assert found <= set(names(text))
    assert {"the", "it", "he", "1694"}.isdisjoint(names(text))
    assert found or not names(text)


def test_no_name_goes_over_the_end_of_a_line_or_sentence() -> None:
    said = names("We saw Oslo. Bergen was next\nTromsø came last (Bodø not)")
    assert {"oslo", "bergen", "tromsø", "bodø"} <= set(said)
    assert not [name for name in said if " " in name and "we saw" not in name]


@given(st.text(max_size=200))
def test_every_name_stands_in_the_text_and_is_short(text: str) -> None:
    for name in names(text):
        assert len(name.split()) <= MOST_WORDS
        assert name == name.casefold()
    assert len(set(names(text))) == len(names(text))


@pytest.mark.parametrize("text", ["ALL CAPITALS AND NO END " * 40_000, " ".join(f"Ab{n} 17{n}" for n in range(90_000))])
def test_of_a_long_text_the_first_names_count_and_no_more_is_read(text: str) -> None:
    began = time.process_time()
    assert len(names(text)) <= MOST_NAMES
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Demon Dice\nA game of dice.", "demon dice"),
        ("# Heat (1995 film)\nA film.", "heat"),
        ("Dear Ada,\nhow are you?", None),
        ("One line alone", None),
        ("A line\n   \n", None),
        ("…\nno words above", None),
        (f"{'very ' * 30}long\nfirst line", None),
    ],
)
def test_a_title_is_a_short_first_line_with_something_below(text: str, title: str | None) -> None:
    found = title_of(text)
    assert (found and found[0]) == title


def test_what_is_said_by_somebody_has_no_title_and_a_passage_has_its_documents() -> None:
    text = "Demon Dice\nIt was made by Lester Smith."
    assert "\0titled demon dice" in marks_of(an_index_row(1, text=text))
    assert not [mark for mark in marks_of(an_index_row(1, text=text, speaker="Ada")) if mark.startswith("\0titled")]
    passage = an_index_row(
        1,
        text=text,
        modality="passage",
        session_name="Games (2020)",
        metadata='{"document": {"path": ["All", "Dice"]}}',
    )
    assert marks_of(passage)[:2] == ["\0titled games", "\0titled dice"]


def test_a_letter_with_its_accent_is_one_however_it_is_written() -> None:
    composed, apart = "Caf\u00e9 Noir", "Cafe\u0301 Noir"
    assert names(composed) == names(apart) == ["caf\u00e9", "caf\u00e9 noir", "noir"]
    assert plain_title(composed) == plain_title(apart)


def test_of_a_long_text_the_beginning_counts() -> None:
    assert "berlin" not in names("the words " * 4000 + "of Berlin")
    assert "berlin" in names("the words " * 3000 + "of Berlin")


def test_any_run_of_words_of_a_question_may_be_a_title() -> None:
    found = phrases("When did the Hello Love band of 1974 start?")
    assert {"hello love", "hello", "hello love band", "start"} <= set(found)
    assert not {"1974", "the hello", "when", "band of"} & set(found)
    assert len(phrases("word " * 1000)) <= MOST_WORDS


def test_a_word_in_small_letters_behind_an_article_is_a_thing_and_no_title() -> None:
    assert "boiler" not in phrases("Who fixed the boiler?")
    assert "cat" not in phrases("what happened to our cat")
    assert "boiler" in phrases("Who fixed the Boiler?")
    assert {"cream", "genesis"} <= set(phrases("Which band is older, cream or genesis?"))
    assert "steam engine" in phrases("Who built the steam engine?")
