"""Plain text has headings by their looks, and lists by their marks."""

import pytest

from lamina.core.documents import BlockKind
from lamina.ingest.plain import read_plain
from lamina.testing import sample


def outline(text: str) -> list[tuple[int, str]]:
    return [(block.level, block.label) for block in read_plain(text).walk() if block.kind is BlockKind.SECTION]


def test_a_contract_has_its_title_and_its_numbered_sections() -> None:
    found = outline(sample.document().text)
    assert found[:3] == [(1, "LEASE VIA DEL BOSCO 4"), (2, "1. WHAT IS LET"), (2, "2. DURATION")]
    assert len(found) == 11


def test_levels_come_from_looks() -> None:
    words = "\n\nWords stand here.\n\n"
    text = words.join(["THE TITLE", "1. One", "1.1 Under", "1.1.1 Deeper", "1.2 Beside", "2. Two", "Alone"]) + words
    assert outline(text) == [
        (1, "THE TITLE"), (2, "1. One"), (3, "1.1 Under"), (4, "1.1.1 Deeper"), (3, "1.2 Beside"), (2, "2. Two"),
        (3, "Alone"),
    ]  # fmt: skip


def test_a_chapter_holds_the_title_that_follows_it() -> None:
    part = "\n\nIt was dark. He ran.\n\n"
    text = f"CHAPTER I\n\nIN THE STORM{part}CHAPTER II\nA CALL FOR HELP{part}Chapter III. Rain{part}"
    assert outline(text) == [
        (1, "CHAPTER I"),
        (2, "IN THE STORM"),
        (1, "CHAPTER II A CALL FOR HELP"),
        (1, "Chapter III. Rain"),
    ]


@pytest.mark.parametrize("mark", list("=-~^*"))
def test_a_line_of_marks_makes_what_is_over_it_a_heading(mark: str) -> None:
    assert outline(f"Ends like a sentence.\n{mark * 21}\n\nwords\n") == [(1, "Ends like a sentence.")]


@pytest.mark.parametrize(
    "line",
    [
        "“Run!”", "It was dark.", "and so on", "[Illustration]", "* * *", "- an item", "He ran. Then he", "Dear Ada,",
        "x" * 90,
        "Slim looked up. \"Don't you know?\"",
    ],
)  # fmt: skip
def test_what_is_speech_or_a_sentence_or_an_item_is_no_heading(line: str) -> None:
    assert outline(f"{line}\n\nWords stand here.\n") == []


def test_lines_alone_in_a_row_are_no_headings_nor_is_the_last_line() -> None:
    assert outline("Rain falls\n\nOn the sea\n\nAnd the boats\n\nWords follow.\n") == []
    assert outline("Words.\n\nYours\n\nAda\n") == []
    assert outline("1. Milk\n\n2. Bread\n\n3. Salt\n\nWords follow.\n") == []


def test_lines_with_marks_are_items_which_hold_the_lines_that_follow() -> None:
    text = "To buy:\n- milk\n  of goats\n- bread\n\n1) one\n2) two\n"
    items = [block.words(text) for block in read_plain(text).walk() if block.kind is BlockKind.ITEM]
    assert items == ["milk\n  of goats", "bread", "one", "two"]


def test_pages_and_unusual_line_ends_part_paragraphs() -> None:
    text = "one\fTwo goes\u2028on\u2029three\r\rfour\x85\x85five"
    paragraphs = [block.words(text) for block in read_plain(text).walk() if block.kind is BlockKind.PARAGRAPH]
    assert paragraphs == ["one", "Two goes\u2028on", "three", "four", "five"]
