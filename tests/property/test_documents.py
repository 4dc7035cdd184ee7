"""What holds for every text: its tree and its passages give it back to the character, whatever it is read as."""

import gc
import re
import time
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lamina.core.documents import Block, BlockKind, Origin
from lamina.ingest.documents import format_of
from lamina.ingest.markdown import MOST_NESTING, read_markdown
from lamina.ingest.passages import LEAST_CHARACTERS, PASSAGE_CHARACTERS, cut_passages
from lamina.ingest.plain import read_plain
from lamina.ingest.sentences import sentence_ends

PIECES = [
    "# Head\n", "## Head ##\n", "Under\n===\n", "1.1 Numbered\n", "CAPITALS\n", "\n", "\n\n", "\r\n", "\r",
    "\r\n\r\n", "\t", "\f", "\u2028", "\ufeff", "\x0b", "    ", "  ", "> ", ">", "- ", "* ", "+\n", "1. ", "10) ",
    "-", "---\n", "***\n", "===\n", "```\n", "```py\n", "~~~\n", "| a | b |\n", "|---|---|\n", "| 1 \\| 2 |\n",
    "<div>\n", "</div>\n", "<!--", "-->", '[ref]: http://x "t"\n', "[x](y)", "key: value\n", "word ", "Words. ",
    "Mr. Holt ", "3.14 ", "“Said?” ", "。", "汉字，", "e\u0301", "\u200d", "x" * 300, "word " * 60,
    "Sentence here. " * 30, "\\", "`code`", "\0", "\ud800", "https://x.y/z ",
]  # fmt: skip
MARKDOWN = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
TEXTS = MARKDOWN | st.text(max_size=200)
READERS = pytest.mark.parametrize("read", [read_markdown, read_plain])


def check_tree(block: Block, text: str) -> None:
    """Children tile their parent, no leaf but the whole is empty, and the leaves are the text."""
    for part in block.walk():
        if part.children:
            edges = [part.start, *(child.end for child in part.children)]
            assert [child.start for child in part.children] == edges[:-1]
            assert part.end == edges[-1]
        assert part.start < part.end or part is block
    assert "".join(text[leaf.start : leaf.end] for leaf in block.leaves()) == text
    assert (block.start, block.end) == (0, len(text))


@READERS
@given(text=TEXTS)
@example(text="")
@example(text="\ufeff---\nkey: x\n---\n")
@example(text="> - - >\n")
@example(text="-\t\n\n  a\n")
@example(text="```\nnever closed")
def test_the_leaves_of_a_tree_are_the_text_and_children_tile_their_parents(read, text: str) -> None:
    check_tree(read(text), text)


@READERS
@given(text=TEXTS)
def test_passages_tile_any_text_none_is_blank_and_none_is_too_long(read, text: str) -> None:
    passages = cut_passages(text, read(text))
    assert "".join(text[passage.start : passage.end] for passage in passages) == text
    assert all(former.end == later.start for former, later in pairwise(passages))
    if text.strip():
        for passage in passages:
            words = text[passage.start : passage.end].strip()
            assert words
            assert len(words) <= PASSAGE_CHARACTERS + LEAST_CHARACTERS
            assert len(passage.path) == len(passage.sections)
            assert list(passage.sections) == sorted(set(passage.sections))


@READERS
@given(text=TEXTS)
def test_no_passage_cuts_a_row_a_line_of_code_or_a_sentence_that_would_fit(read, text: str) -> None:
    tree = read(text)
    cuts = {passage.start for passage in cut_passages(text, tree)}
    whole = {BlockKind.ROW, BlockKind.LINE, BlockKind.SENTENCE, BlockKind.ITEM, BlockKind.CELL}
    for block in tree.walk():
        if block.kind in whole and len(text[block.start : block.end].strip()) <= PASSAGE_CHARACTERS:
            assert not any(block.start < cut < block.end for cut in cuts), block


@given(text=TEXTS, at=st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)), max_size=6))
def test_the_origins_of_passages_are_those_of_the_document_each_cut_to_its_passage(text: str, at) -> None:
    given_ = [Origin(start=a, end=min(a + n, len(text)), page=1) for a, n in at if a < len(text)]
    found = [
        (passage.start + origin.start, passage.start + origin.end)
        for passage in cut_passages(text, read_plain(text), given_)
        for origin in passage.origins
    ]
    places = lambda spans: sorted(place for start, end in spans for place in range(start, end))  # noqa: E731
    assert places(found) == places((origin.start, origin.end) for origin in given_)


@given(text=TEXTS)
def test_sentences_tile_their_text(text: str) -> None:
    ends = sentence_ends(text)
    assert ends == sorted(set(ends))
    assert ends[-1:] == ([len(text)] if text else [])


@given(text=MARKDOWN)
def test_the_words_of_blocks_are_those_that_the_parser_itself_finds(text: str) -> None:
    assume("\0" not in text and "\ufeff" not in text)
    # What nests deeper than is taken apart is words here, and nothing there.
    assume(sum(text.count(mark) for mark in (">", "-", "*", "+", "1")) < MOST_NESTING)
    tree = read_markdown(text)
    assume(all(block.kind is not BlockKind.FRONT_MATTER for block in tree.children))
    parser = MarkdownIt("commonmark", {"maxNesting": MOST_NESTING}).enable("table").disable("inline")
    said = [token.content for token in parser.parse(text) if token.type == "inline"]
    kinds = (BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.CELL)
    own = [block.words(text) for block in tree.walk() if block.kind in kinds]
    assert [words for words in map(squeezed, own) if words] == [words for words in map(squeezed, said) if words]


def squeezed(words: str) -> str:
    return re.sub(r"\s+", " ", words.replace("\\|", "|")).strip()


@given(text=TEXTS)
def test_looking_at_a_text_always_gives_one_of_two(text: str) -> None:
    assert format_of(text, "title") in ("markdown", "text")


DENSE = {
    "quotes": "> " * 40 + "a\n",
    "items": "- " * 40 + "a\n",
    "quotes and items": "> - " * 20 + "a\n",
    "growing": "".join("  " * depth + "- a\n" for depth in range(60)),
    "fences": "> ```\n- ```\n",
    "brackets": "[" * 50 + "\n\n",
    "rows": "|a|b|\n|-|-|\n" + "|" * 60 + "\n",
    "stops": ". " * 50 + "\n",
    "numbers": "1. FOO\n\nword.\n\n1.1 BAR\n\nword.\n\n",
    "stars": "**" * 50 + "\n",
}


@READERS
@pytest.mark.parametrize("piece", DENSE.values(), ids=DENSE)
def test_twice_the_text_takes_about_twice_the_time_however_deep_it_nests(read, piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece) + 1)
        gc.collect()
        began = time.process_time()
        cut_passages(text, read(text))
        format_of(text, "title")
        return time.process_time() - began

    # Of the processor, which others disturb less, and the best of some turns. Quadratic would be 16 times.
    short, long = seconds(20_000), seconds(80_000)
    for _ in range(5):
        if long < 10 * short + 0.1:
            break
        short, long = min(short, seconds(20_000)), min(long, seconds(80_000))
    assert long < 10 * short + 0.1
