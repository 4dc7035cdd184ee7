"""HTML becomes Markdown that says the same, and each part knows its element and line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import lamina.ingest.html as html
from lamina.core.documents import Block, BlockKind
from lamina.core.errors import InvalidArgument, MissingExtra
from lamina.ingest.html import read_html
from lamina.ingest.markdown import read_markdown

KINDS = (BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.CELL, BlockKind.LINE)


def said(text: str) -> list[tuple[str, int, str]]:
    """Give headings, paragraphs, cells and lines of code in order, each with what it says."""
    return [
        (str(b.kind), b.level, " ".join(b.words(text).split())) for b in read_markdown(text).walk() if b.kind in KINDS
    ]


def kinds(text: str) -> list[str]:
    told = (BlockKind.LIST, BlockKind.ITEM, BlockKind.TABLE, BlockKind.ROW, BlockKind.CODE, BlockKind.QUOTE, *KINDS)
    return [str(block.kind) for block in read_markdown(text).walk() if block.kind in told]


def page_of(markdown: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(markdown))


NOTES = """# Notes

Some words, wrapped
at a line. More of them.

## A list

- one
- two

  of two paragraphs
  - inner

1. first
2. second

| a | b |
| --- | --- |
| 1 | x \\| y |
| 3 |  |

> quoted
>
> - in a quote

```python
def f():
    return 1

print(f())
```

### End

`a < b` ends it.
"""


def test_a_round_trip_over_html_says_the_same_in_the_same_order() -> None:
    text = read_html(page_of(NOTES)).text
    assert said(text) == said(NOTES)
    assert kinds(text) == kinds(NOTES)
    assert read_html(page_of(text)).text == text


WORDS = st.lists(
    st.sampled_from("tide boat # - 1. > | ``` --- <b> [x]: *a* 2) = + ~~~ \\ é 汉字。".split()), min_size=1
).map(" ".join)


@st.composite
def blocks(draw: st.DrawFn, depth: int = 0) -> str:
    kind = draw(st.sampled_from(["p", "h2", "pre", "table", *(["ul", "ol", "blockquote"] if depth < 3 else [])]))
    if kind in ("ul", "ol"):
        items = draw(st.lists(blocks(depth + 1), min_size=1, max_size=3))
        return f"<{kind}>" + "".join(f"<li>{item}</li>" for item in items) + f"</{kind}>"
    if kind == "blockquote":
        return "<blockquote>" + "".join(draw(st.lists(blocks(depth + 1), min_size=1, max_size=2))) + "</blockquote>"
    if kind == "table":
        rows = draw(st.lists(st.lists(WORDS, min_size=2, max_size=2), min_size=1, max_size=3))
        cells = ("".join(f"<td>{escaped(cell)}</td>" for cell in row) for row in rows)
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"
    return f"<{kind}>{escaped(draw(WORDS))}</{kind}>"


def escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;")


@given(page=st.lists(blocks(), min_size=1, max_size=4).map("".join))
def test_words_that_look_like_markup_open_no_blocks_of_their_own(page: str) -> None:
    document = read_html(page, title="t")
    counted = {
        name: page.count(f"<{name}>")
        for name in ("p", "h2", "pre", "ul", "ol", "li", "blockquote", "table", "tr", "td")
    }
    found = [block.kind for block in document.tree().walk()]
    assert found.count(BlockKind.LIST) == counted["ul"] + counted["ol"]
    assert found.count(BlockKind.ITEM) == counted["li"]
    assert found.count(BlockKind.QUOTE) == counted["blockquote"]
    assert found.count(BlockKind.TABLE) == counted["table"]
    assert found.count(BlockKind.ROW) == counted["tr"]
    assert found.count(BlockKind.CELL) == counted["td"]
    assert found.count(BlockKind.HEADING) == counted["h2"]
    assert found.count(BlockKind.CODE) == counted["pre"]
    assert found.count(BlockKind.PARAGRAPH) == counted["p"]
    assert {BlockKind.HTML, BlockKind.BREAK, BlockKind.DEFINITION, BlockKind.FRONT_MATTER}.isdisjoint(found)


@given(source=st.text(alphabet=st.sampled_from("<>/=pbliduatrh16 \n\"'&;é!-"), max_size=120))
def test_whatever_a_page_holds_it_is_read_or_refused_by_name(source: str) -> None:
    try:
        document = read_html(source, title="t")
    except InvalidArgument:
        return
    assert all(0 <= o.start < o.end <= len(document.text) for o in document.origins)
    assert read_markdown(document.text).end == len(document.text)


def test_every_part_knows_its_element_and_its_line() -> None:
    page = "<html><body>\n<h1>A</h1>\n<div><p>one</p>\n<p>two</p></div>\n<table><tr><td>x\n<td>y</table>"
    document = read_html(page)
    assert [(o.line, o.element, document.text[o.start : o.end]) for o in document.origins] == [
        (2, "html/body/h1", "A"),
        (3, "html/body/div/p", "one"),
        (4, "html/body/div/p[2]", "two"),
        (5, "html/body/table/tbody/tr/td", "x"),
        (6, "html/body/table/tbody/tr/td[2]", "y"),
    ]


def test_broken_html_is_read_as_a_browser_shows_it() -> None:
    assert said(read_html("<p>one<p>two <b>three<ul><li>a<li>b</ul><h2>C").text) == [
        ("paragraph", 0, "one"),
        ("paragraph", 0, "two three"),
        ("paragraph", 0, "a"),
        ("paragraph", 0, "b"),
        ("heading", 2, "C"),
    ]


def test_links_code_pictures_and_line_breaks_are_kept_and_emphasis_is_not() -> None:
    page = (
        '<p><em>See</em> <a href="http://x.y/a b">the <b>page</b></a>, <code>f(`x`)</code><br>and '
        '<img alt="a boat" src="b.png"> <a href="#top">up</a>.'
    )
    assert read_html(page).text == "See [the page](http://x.y/a%20b), ``f(`x`)``  \nand ![a boat](b.png) up.\n"


def test_what_nobody_sees_is_left_out() -> None:
    page = (
        "<p>seen</p><script>x()</script><style>p{}</style><p hidden>no</p><div style='display: none'>no</div>"
        "<template>no</template><!-- no --><select><option>no</select>"
    )
    assert read_html(page).text == "seen\n"


def test_of_a_page_that_names_its_matter_that_alone_is_read_and_a_note_says_so() -> None:
    page = "<title>The page</title><nav>menu</nav><main><p>matter</p></main><footer>imprint</footer>"
    document = read_html(page)
    assert (document.text, document.title) == ("matter\n", "The page")
    assert "<main>" in document.notes[0]
    assert document.origins[0].element == "html/body/main/p"
    whole = read_html(page, whole_page=True)
    assert (whole.text, whole.notes) == ("menu\n\nmatter\n\nimprint\n", ())


@pytest.mark.parametrize("name", ["main", "article"])
def test_what_is_in_a_template_is_neither_the_matter_nor_the_title(name: str) -> None:
    template = f"<template><title>no</title><{name}><h1>no</h1><p>no</p></{name}></template>"
    document = read_html(f"{template}<p>hi</p>", title="x.html")
    assert (document.text, document.title, document.notes) == ("hi\n", "x.html", ())
    document = read_html(f"{template}<nav>menu</nav><{name}><h1>yes</h1></{name}><p>imprint</p>")
    assert (document.text, document.title) == ("# yes\n", "yes")
    assert document.origins[0].element == f"html/body/{name}/h1"
    with pytest.raises(InvalidArgument, match="without words"):
        read_html(template)


def test_cells_that_span_keep_the_others_in_their_columns() -> None:
    page = "<table><tr><th>a<th colspan=2>b<tr><td rowspan=2>1<td>2<td>3<tr><td>4<td>5</table>"
    assert read_html(page).text == "| a | b |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n|  | 4 | 5 |\n"


def test_a_table_that_arranges_a_page_is_read_as_if_it_were_none() -> None:
    assert said(read_html("<table><tr><td><h2>A</h2>one<td>two</table>").text) == [
        ("heading", 2, "A"),
        ("paragraph", 0, "one"),
        ("paragraph", 0, "two"),
    ]


def test_the_encoding_that_a_page_declares_is_that_of_its_bytes() -> None:
    page = "<meta charset=latin-1><p>café".encode("latin-1")
    assert read_html(page).text == "café\n"


def test_lists_side_by_side_stay_two_and_numbers_go_on_as_written() -> None:
    text = read_html("<ul><li>a</ul><ul><li>b</ul><ol start=3><li>c<li>d</ol>").text
    assert text == "- a\n\n* b\n\n3. c\n4. d\n"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("", "empty"), (b"  ", "empty"), ("<script>x</script>", "without words"), (3, "int"), (b"%PDF-1.7", "read_pdf"),
        (b"\x7fELF\0\0", "no text"),
    ],
)  # fmt: skip
def test_what_is_no_page_is_refused_with_what_to_do(source: object, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        read_html(source)  # type: ignore[arg-type]


def test_a_path_gives_the_page_and_its_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.html"
    path.write_text("<p>words", "utf-8")
    assert read_html(path).title == "notes.html"


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "JustHTML", None)
    with pytest.raises(MissingExtra, match=r"lamina\[documents\]"):
        read_html("<p>words")


def test_a_page_that_nests_without_end_is_read() -> None:
    assert read_html("<div>" * 20_000 + "deep", title="t").text == "deep\n"
    tree: Block = read_html("<ul><li>" * 500 + "deep", title="t").tree()
    assert tree.end > 4
