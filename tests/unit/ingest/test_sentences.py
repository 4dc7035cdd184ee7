"""Sentences end where a reader says they do."""

from itertools import pairwise

import pytest

from lamina.ingest.sentences import may_cut, sentence_ends


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in pairwise([0, *sentence_ends(text)])]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Hello World. My name is Jonas.", 2),
        ("What is your name? My name is Jonas!", 2),
        ("My name is Jonas E. Smith. Please turn to p. 55.", 2),
        ("J. R. R. Tolkien wrote it. So did I. He knew.", 3),
        ("At 5 a.m. Mr. Smith went to the bank. He left.", 2),
        ("They closed the deal with Pitt & Co. It closed yesterday.", 2),
        ("They closed the deal with Pitt & Co. at noon.", 1),
        ("I lived in the U.S. for 20 years.", 1),
        ("I live in the E.U. How about you?", 2),
        ("She has $100.00 in her bag. It weighs 3.5 kg.", 2),
        ("See fig. 3 and no. 5. It was a no. He left.", 3),
        ("He turned to her: “This is great.” she said.", 1),
        ("“What?” he asked. “Nothing.” Tom went.", 3),
        ("1. The first. 2. The second.", 2),
        ("I never meant that... She left.", 2),
        ("I was not really ... well, what I mean.", 1),
        ("I see . . . what you mean.", 1),
        ("Am 3. Mai fuhr er ab. Das war 1999. Dann kam Dr. Holt, z. B. mit dem Zug.", 3),
        ("the cat sat. the dog ran.", 2),
        ("wrapped at\na line's end. And\non.", 2),
        ("中午涨潮，晚上退潮。“你好。”他说。", 3),
        ("今日は雨です。明日は？晴れ！", 3),
        ("यह एक वाक्य है। यह दूसरा।", 2),
        ("هل هذا؟ نعم.", 2),
        ("ไม่มีจุดจบของประโยคในภาษานี้", 1),
        ("", 0),
        (" ", 1),
    ],
)
def test_sentences_are_counted_as_a_reader_counts_them(text: str, count: int) -> None:
    found = sentences(text)
    assert "".join(found) == text
    assert len(found) == count, found


def test_white_space_belongs_to_the_sentence_before_it() -> None:
    assert sentences("One.  \n Two.") == ["One.  \n ", "Two."]


def test_a_letter_keeps_its_marks_and_a_line_its_end() -> None:
    assert [may_cut("e\u0301a", place) for place in (1, 2)] == [False, True]
    assert not may_cut("\r\n", 1)
    assert not may_cut("👩\u200d🚀", 1)
    assert not may_cut("👩\u200d🚀", 2)
