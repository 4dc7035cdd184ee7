import pytest

from lamina.pack.excerpt import aligned, longest_prefix, trimmed

TEXT = "We met at noon. The ferry was late again! Who would have thought? Nobody minded."


def cut(span: tuple[int, int] | None, text: str = TEXT) -> str:
    assert span is not None
    return text[span[0] : span[1]]


def test_white_space_at_the_ends_is_not_shown() -> None:
    assert trimmed("  two words \n", (0, 13)) == (2, 11)


def test_a_blank_span_becomes_empty() -> None:
    start, end = trimmed("   ", (0, 3))
    assert start == end


def test_a_span_is_cut_back_to_whole_sentences() -> None:
    span = (TEXT.index("noon"), TEXT.index("thought") + 3)
    assert cut(aligned(TEXT, span)) == "The ferry was late again!"


def test_a_span_at_a_sentence_stays_as_it_is() -> None:
    span = (TEXT.index("The"), TEXT.index(" Nobody"))
    assert cut(aligned(TEXT, span)) == "The ferry was late again! Who would have thought?"


def test_where_no_half_would_remain_it_is_cut_back_to_words() -> None:
    text = "one two three four five six seven eight"
    assert cut(aligned(text, (5, len(text) - 2)), text) == "three four five six seven"


def test_the_whole_text_stays_the_whole_text() -> None:
    assert cut(aligned(TEXT, (0, len(TEXT)))) == TEXT


def test_a_span_inside_one_word_is_kept() -> None:
    assert aligned("x" * 50, (10, 40)) == (10, 40)


@pytest.mark.parametrize("room", range(1, 25))
def test_the_longest_prefix_ends_at_a_word(room: int) -> None:
    span = longest_prefix("five words stand right here", (0, 27), lambda part: part[1] - part[0] <= room)
    if room < 4:
        assert span is None
    else:
        shown = cut(span, "five words stand right here")
        assert "five words stand right here".startswith(shown)
        assert len(shown) <= room
        assert shown.split() == ["five", "words", "stand", "right", "here"][: len(shown.split())]


def test_a_text_without_spaces_is_cut_between_characters_and_not_before_a_mark() -> None:
    text = "日本語のe\u0301文章"
    assert cut(longest_prefix(text, (0, len(text)), lambda part: part[1] <= 5), text) == "日本語の"
    assert cut(longest_prefix(text, (0, len(text)), lambda part: part[1] <= 6), text) == "日本語のe\u0301"


def test_a_joined_emoji_is_not_cut_apart() -> None:
    text = "👩\u200d👩\u200d👧"
    assert longest_prefix(text, (0, len(text)), lambda part: part[1] < len(text)) is None
