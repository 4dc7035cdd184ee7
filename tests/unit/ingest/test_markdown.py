"""Markdown is read into the blocks that CommonMark says it has, each where it stands."""

import pytest

from lamina.core.documents import Block, BlockKind
from lamina.ingest.markdown import MOST_NESTING, read_markdown

SILENT = (BlockKind.MARK, BlockKind.BLANK)


def shape(text: str) -> object:
    """Give kinds and words, nested, without marks and blanks."""

    def of(block: Block) -> object:
        children = [of(child) for child in block.children if child.kind not in SILENT]
        return (str(block.kind), children) if children else (str(block.kind), block.words(text))

    return [of(child) for child in read_markdown(text).children if child.kind not in SILENT]


def only(text: str, kind: str) -> list[str]:
    return [text[block.start : block.end] for block in read_markdown(text).walk() if block.kind == kind]


def paragraph(*sentences: str) -> object:
    return ("paragraph", [("sentence", sentence) for sentence in sentences])


def test_headings_hold_what_follows_them_up_to_one_of_their_level() -> None:
    text = "before\n\n# A\n\none\n\n### B\n\ntwo\n\n## C ##\n\n# D\n===\n"
    tree = read_markdown(text)
    sections = [(b.level, b.label, text[b.start : b.end]) for b in tree.walk() if b.kind is BlockKind.SECTION]
    assert sections == [
        (1, "A", "# A\n\none\n\n### B\n\ntwo\n\n## C ##\n\n"),
        (3, "B", "### B\n\ntwo\n\n"),
        (2, "C", "## C ##\n\n"),
        (1, "D", "# D\n===\n"),
    ]
    assert tree.children[0].kind is BlockKind.PARAGRAPH


@pytest.mark.parametrize(
    ("text", "level", "words"),
    [
        ("# One", 1, "One"),
        ("###### Six ######\n", 6, "Six"),
        ("# C# is a language\n", 1, "C# is a language"),
        ("# Not closed#\n", 1, "Not closed#"),
        ("#\n", 1, ""),
        ("## ##\n", 2, ""),
        ("Two\nlines\n---\n", 2, "Two\nlines"),
        ("  Indented\r\n====\r\n", 1, "Indented"),
        ("# Spaces   " + " " * 50 + "\n", 1, "Spaces"),
    ],
)
def test_a_heading_says_its_words_without_its_marks(text: str, level: int, words: str) -> None:
    heading = next(block for block in read_markdown(text).walk() if block.kind is BlockKind.HEADING)
    assert (heading.level, heading.words(text)) == (level, words)


def test_a_quote_holds_blocks_and_its_marks_are_no_words() -> None:
    assert shape("> Words run\n> on. More.\n>\n> - item\n>   goes on\n") == [
        (
            "quote",
            [
                ("paragraph", [("sentence", [("text", "Words run"), ("text", "on.")]), ("sentence", "More.")]),
                ("list", [("item", [("paragraph", [("sentence", [("text", "item"), ("text", "goes on")])])])]),
            ],
        )
    ]


def test_a_quote_takes_lines_that_are_too_lazy_for_a_mark() -> None:
    assert only("> one\ntwo\n\nthree\n", "quote") == ["> one\ntwo\n"]


def test_lists_nest_and_items_hold_paragraphs_and_code() -> None:
    text = "1. one\n\n   more\n2. two\n   - inner\n\n     ```py\n     x = 1\n     ```\n"
    assert shape(text) == [
        (
            "list",
            [
                ("item", [paragraph("one"), paragraph("more")]),
                ("item", [paragraph("two"), ("list", [("item", [paragraph("inner"), ("code", [("line", "x = 1")])])])]),
            ],
        )
    ]


def test_tabs_count_as_columns() -> None:
    assert shape("-\tone\n\n\ttwo\n") == [("list", [("item", [paragraph("one"), paragraph("two")])])]
    assert shape("\tcode\n") == [("code", [("line", "code")])]


def test_an_empty_item_is_an_item() -> None:
    assert only("- a\n-\n- b\n", "item") == ["- a\n", "-\n", "- b\n"]


def test_a_table_has_rows_of_cells_and_a_pipe_may_be_a_word() -> None:
    text = "| a | b \\| c |\n|:--|--:|\n| 1 | |\nx | y | z\n\nafter\n"
    assert only(text, "row") == ["| a | b \\| c |\n", "| 1 | |\n", "x | y | z\n"]
    assert only(text, "cell") == ["a", "b \\| c", "1", "x", "y", "z"]
    assert only(text, "paragraph") == ["after\n"]


def test_code_is_kept_line_by_line_with_its_language() -> None:
    text = "```python title\nx = 1\n\n# no heading\n```\nafter\n"
    code = next(block for block in read_markdown(text).walk() if block.kind is BlockKind.CODE)
    assert code.label == "python"
    assert [text[b.start : b.end] for b in code.children] == [
        "```python title\n",
        "x = 1\n",
        "\n",
        "# no heading\n",
        "```\n",
    ]


def test_a_fence_that_is_never_closed_holds_all_that_follows() -> None:
    assert only("~~~\nx\n\n# y", "line") == ["x\n", "\n", "# y"]


def test_html_front_matter_breaks_and_definitions_are_told_apart() -> None:
    text = "---\ntitle: x\n---\n<div>\n<p>y</p>\n</div>\n\n***\n\n[a]: http://b\n"
    assert [(kind, words) for kind, words in shape(text)] == [  # type: ignore[misc]
        ("front matter", [("line", "title: x")]),
        ("html", [("line", "<div>"), ("line", "<p>y</p>"), ("line", "</div>")]),
        ("break", "***"),
        ("definition", "[a]: http://b"),
    ]


def test_dashes_at_the_top_that_hold_no_keys_are_no_front_matter() -> None:
    assert [kind for kind, _ in shape("---\nwords here\n---\n")] == ["break", "section"]  # type: ignore[misc]


def test_what_nests_too_deep_is_kept_as_words() -> None:
    text = "> " * (MOST_NESTING + 5) + "deep\n"
    tree = read_markdown(text)
    assert "deep" in tree.words(text)
    depth = sum(block.kind is BlockKind.QUOTE for block in tree.walk())
    assert depth <= MOST_NESTING


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_gives_the_same_blocks(end: str) -> None:
    text = "# A\n\n- b\n  c\n\n```\nd\n```\n\n> e\n"
    kinds = lambda text: [block.kind for block in read_markdown(text).walk()]  # noqa: E731
    assert kinds(text.replace("\n", end)) == kinds(text)


def test_a_byte_order_mark_hides_no_heading() -> None:
    assert [block.label for block in read_markdown("\ufeff# A\n").walk() if block.kind is BlockKind.SECTION] == ["A"]
