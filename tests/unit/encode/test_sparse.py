import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.encode.sparse import plain_terms, terms
from lamina.encode.stop_words import FEW, MANY

ANY_TEXT = st.text(alphabet=st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t…!?", []),
        ("What did she do, and to whom?", []),
        ("Caroline's paintings", ["carolin", "paint"]),
        ("O'Brien and rock'n'roll", ["obrien", "rocknrol"]),
        ("They've said they don't, we'll see", ["said", "see"]),
        ("the cost is 1,200 or 1,234,567.50", ["cost", "1200", "1234567.50"]),
        ("1,2 or 3", ["1", "2", "3"]),
        ("3.5 km at 12:30 or 09:05", ["3.5", "km", "12:30", "9:05"]),
        ("agent 007, 0 and 00", ["agent", "7", "0", "0"]),
        ("5pm, 20km, the 1990s", ["5", "pm", "20", "km", "1990"]),
        ("gpt4, H2O and B-12", ["gpt4", "h2o", "b", "12"]),
        ("snake_case_name", ["snake", "case", "name"]),
    ],
)
def test_words_names_and_numbers_become_terms(text, expected):
    assert terms(text) == expected


@pytest.mark.parametrize("text", ["2023-05-08", "8 May 2023", "May 8th, 2023", "the 8th of May, 2023", "08 may 2023"])
def test_a_date_has_the_same_terms_in_every_spelling(text):
    assert sorted(terms(text)) == ["2023", "8", "may"]


def test_a_date_with_an_impossible_month_is_three_numbers():
    assert terms("2023-13-08") == ["2023", "13", "8"]


def test_an_address_is_found_whole_and_by_its_parts():
    found = terms("Mail ada.b@example.org or see https://example.org/bees?id=7.")
    assert {"ada.b@example.org", "https://example.org/bees?id=7", "ada", "exampl", "bee", "7"} <= set(found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paintings", "painting"),
        ("José", "Jose"),
        ("CAFÉ", "cafe\u0301"),
        ("Straße", "STRASSE"),
        ("ﬁne", "fine"),
        ("Ｔｏｋｙｏ", "Tokyo"),
        ("don’t\u00a0stop", "don't stop"),
        ("co\u00adoperate", "cooperate"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("МОСКВА", "москва"),
        ("١٢٣", "123"),
        ("ｶﾞ", "ガ"),
    ],
)
def test_spellings_of_one_word_give_one_term(one, other):
    assert terms(one) == terms(other) != []


@pytest.mark.parametrize(
    "word",
    [
        *("water", "вода", "νερό", "მზე", "ջուր", "מים", "ماء", "پانی", "पानी", "পানি", "ਪਾਣੀ", "પાણી", "நீர்", "నీరు"),
        *("ನೀರು", "വെള്ളം", "ජලය", "น้ำ", "ນ້ຳ", "ရေ", "ទឹក", "水", "みず", "ミズ", "물", "ውሃ", "ᎠᎹ", "ᠤᠰᠤ", "ཆུ", "ᐃᒪᖅ"),
    ],
)
def test_every_script_has_terms_that_find_the_word_again(word):
    assert set(terms(word)) <= set(terms(f"xyz {word}, 42"))
    assert terms(word)


@pytest.mark.parametrize("word", ["हिन्दी", "العَرَبِيَّة", "தமிழ்"])
def test_marks_do_not_cut_a_word(word):
    assert len(terms(word)) == 1


def test_scripts_without_spaces_become_pairs_of_characters():
    assert terms("สวัสดี") == ["สว", "วั", "ัส", "สด", "ดี"]
    assert terms("한국어 문장") == ["한국", "국어", "문장"]
    assert terms("すし") == ["すし"]
    assert terms("す") == ["す"]


def test_a_single_han_character_finds_the_words_it_stands_in():
    assert terms("黒猫") == ["黒猫", "黒", "猫"]
    assert set(terms("猫")) <= set(terms("黒猫"))


def test_scripts_in_one_word_are_told_apart():
    assert terms("iPhone手机15") == ["iphon", "手机", "手", "机", "15"]


@pytest.mark.parametrize(
    "text", ["a" * 10**6, "7" * 10**6, "@" * 10**6, "猫" * 10**5, "a@" * 10**5, "é'" * 10**5, "1," * 10**5]
)
def test_long_runs_of_data_are_cut_to_terms_in_linear_time(text):
    started = time.process_time()
    assert all(len(term) <= 256 for term in terms(text))
    assert time.process_time() - started < 5


@given(ANY_TEXT)
def test_any_text_has_terms_without_an_error(text):
    assert all(term and not term.isspace() for term in terms(text))
    assert isinstance(plain_terms(text), list)


@given(ANY_TEXT)
def test_folding_case_changes_no_term(text):
    assert terms(text.casefold()) == terms(text)


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_upper_and_lower_case_give_the_same_terms(text):
    assert terms(text.upper()) == terms(text.lower()) == terms(text)


@given(st.lists(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1), max_size=5))
def test_terms_of_a_list_of_words_are_the_terms_of_each(words):
    assert terms("\n".join(words)) == [term for word in words for term in terms(word)]


def test_the_caller_chooses_the_stop_words():
    assert terms("what she did", stop=FEW) == ["what", "she", "did"]
    assert terms("what she did", stop=frozenset()) == terms("what she did", stop=FEW)
    assert terms("what she did", stop=MANY) == []


def test_plain_terms_are_stemmed_words_of_two_letters_or_more():
    assert plain_terms("What did I do at the Café, Ada's 2 bees?") == ["what", "did", "do", "café", "ada", "bee"]


def test_threads_stem_alike():
    words = [f"running{letter}s paintings galleries" for letter in "abcdefghij"]
    expected = [terms(word) for word in words]
    found: dict[int, list[list[str]]] = {}

    def work(number: int) -> None:
        found[number] = [terms(f"{word} unique{number}ly")[:-1] for word in words]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(found.values()) == [expected] * 4


def test_numbers_in_a_run_without_blanks_part_it_wherever_they_stand() -> None:
    for text in ("3月5日我去了医院", "我3月5日去了医院", "2023年03月05日去了医院"):
        assert {"3", "5", "医院", "去了"} <= set(terms(text))
    assert {"2", "3", "東京"} <= set(terms("2日前に東京へ3人で行った"))
