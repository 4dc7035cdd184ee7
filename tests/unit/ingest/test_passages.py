"""Passages are cut between blocks, and know what stands around them."""

from lamina.core.documents import Block, BlockKind, Origin, Passage
from lamina.ingest.markdown import read_markdown
from lamina.ingest.passages import PASSAGE_CHARACTERS, cut_passages
from lamina.ingest.plain import read_plain


def cut(text: str, **named: object) -> list[Passage]:
    return cut_passages(text, read_markdown(text), **named)  # type: ignore[arg-type]


def texts(text: str) -> list[str]:
    return [text[passage.start : passage.end] for passage in cut(text)]


def test_a_heading_stays_with_what_follows_it() -> None:
    text = "INTRODUCTION\n\n" + "Words stand here. " * 15 + "\n\n7. ANIMALS\n\nOne cat is welcome.\n"
    passages = [text[p.start : p.end] for p in cut_passages(text, read_plain(text))]
    assert passages[0].startswith("INTRODUCTION")
    assert passages[-1] == "7. ANIMALS\n\nOne cat is welcome.\n"


def test_a_heading_stays_with_a_paragraph_that_fills_a_passage_alone() -> None:
    words = ("Words stand here. " * 60)[: PASSAGE_CHARACTERS - 1] + "."
    assert texts(f"# One\n\n## Two\n\n{words}\n") == [f"# One\n\n## Two\n\n{words}\n"]


def test_a_long_paragraph_is_cut_at_sentence_ends_into_like_parts_in_chinese_too() -> None:
    for sentence in ("The tide is high at noon. ", "中午涨潮，晚上退潮。"):
        text = sentence * (1100 // len(sentence))
        passages = texts(text)
        assert {passage.rstrip()[-1] for passage in passages} == {sentence.rstrip()[-1]}
        assert len(passages) == 2
        assert min(map(len, passages)) > PASSAGE_CHARACTERS / 3


def test_a_long_table_is_cut_between_rows_and_the_rest_knows_its_columns() -> None:
    text = "# Prices\n\n| what | price |\n|---|---|\n" + "".join(f"| ferry {n} | {n} euros |\n" for n in range(100))
    passages = cut(text)
    assert len(passages) > 2
    assert [passage.columns for passage in passages] == [(), *[("what", "price")] * (len(passages) - 1)]
    assert all(text[passage.end - 2 : passage.end] == "|\n" for passage in passages)
    assert all(passage.kinds[-1:] == (BlockKind.TABLE,) for passage in passages)


def test_a_long_list_is_cut_between_items_and_long_code_between_lines() -> None:
    items = "".join(f"- item {n} of the list\n" for n in range(100))
    assert all(part.startswith("- item") and part.endswith("list\n") for part in texts(items))
    lines = "".join(f"x_{n} = {n}\n" for n in range(200))
    code = texts(f"```py\n{lines}```\n")
    assert len(code) > 1
    assert code[0].startswith("```py\nx_0")
    assert code[-1].endswith("x_199 = 199\n```\n")


def test_a_mark_stays_with_the_words_of_its_item() -> None:
    text = "- " + "Short words. " * 20 + "\n- " + "a very long sentence " * 70 + "\n"
    assert all(not part.rstrip().endswith("\n-") for part in texts(text))


def test_short_blocks_of_one_section_are_put_together_and_sections_are_not() -> None:
    assert texts("# A\n\none\n\ntwo\n\n# B\n\nthree\n") == ["# A\n\none\n\ntwo\n\n", "# B\n\nthree\n"]


def test_a_passage_knows_the_headings_above_it_and_where_their_sections_begin() -> None:
    text = (
        "# A\n\n" + "One stands here. " * 40 + "\n\n" + "Two stands here. " * 40 + "\n\n## B\n\nthree\n\n# C\n\nfour\n"
    )
    passages = cut(text)
    assert [passage.path for passage in passages] == [("A",), ("A",), ("A", "B"), ("C",)]
    assert [passage.sections for passage in passages] == [(0,), (0,), (0, text.index("## B")), (text.index("# C"),)]
    # What its own words show needs no telling.
    assert [passage.path_above() for passage in passages] == [(), ("A",), ("A",), ()]
    assert passages[2].path_above(5) == ("A", "B")


def test_it_knows_what_it_holds() -> None:
    text = "# A\n\none\n\n- two\n\n  ```\n  three\n  ```\n\n> four\n\n| five |\n|---|\n"
    assert [str(kind) for kind in cut(text)[0].kinds] == ["heading", "paragraph", "list", "code", "quote", "table"]


def test_a_passage_takes_its_part_of_each_origin() -> None:
    text = "Words stand here. " * 80
    first, second = Origin(start=0, end=600, page=1), Origin(start=600, end=len(text), page=2)
    passages = cut(text, origins=(second, first))
    assert [[(o.start, o.end, o.page) for o in passage.origins] for passage in passages] == [
        [(0, 600, 1), (600, passages[0].end, 2)],
        [(0, len(text) - passages[1].start, 2)],
    ]


def test_a_tree_by_hand_is_cut_like_one_that_was_read() -> None:
    text = "one two"
    parts = (Block(kind=BlockKind.TEXT, start=0, end=4), Block(kind=BlockKind.TEXT, start=4, end=7))
    tree = Block(kind=BlockKind.DOCUMENT, start=0, end=7, children=parts)
    assert [(passage.start, passage.end) for passage in cut_passages(text, tree)] == [(0, 7)]
