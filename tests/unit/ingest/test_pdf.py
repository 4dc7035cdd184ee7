"""A PDF is read back as what was printed: the same blocks in the same order, each with its page and box."""

from collections.abc import Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    Image,
    ListFlowable,
    ListItem,
    PageBreak,
    Paragraph,
    Preformatted,
    SimpleDocTemplate,
    Table,
)

import lamina.ingest.pdf.reading as reading
from lamina.core.documents import Block, BlockKind
from lamina.core.errors import InvalidArgument, MissingExtra
from lamina.ingest.documents import Document
from lamina.ingest.markdown import read_markdown
from lamina.ingest.pdf.reading import read_pdf

STYLES = getSampleStyleSheet()
TOLD = (BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.CELL, BlockKind.LINE)
PROSE = "The harbour office keeps a book in which every boat is entered with its owner and its berth. " * 4


def printed(text: str) -> list[Flowable]:
    """Lay a Markdown text out: its tree, block by block."""
    return [flowable for block in read_markdown(text).children for flowable in laid(block, text)]


def laid(block: Block, text: str) -> list[Flowable]:
    words = escape(" ".join(block.words(text).split()))
    if block.kind is BlockKind.SECTION:
        return [flowable for child in block.children for flowable in laid(child, text)]
    if block.kind is BlockKind.HEADING:
        return [Paragraph(words, STYLES[f"Heading{block.level}"])]
    if block.kind is BlockKind.PARAGRAPH:
        return [Paragraph(words, STYLES["BodyText"])]
    if block.kind is BlockKind.LIST:
        counts = text[block.start].isdigit()
        items = [
            ListItem([f for part in item.children for f in laid(part, text)]) for item in parts(block, BlockKind.ITEM)
        ]
        marks = {"bulletType": "1", "bulletFormat": "%s."} if counts else {"bulletType": "bullet"}
        return [ListFlowable(items, **marks)]
    if block.kind is BlockKind.TABLE:
        rows = [
            [Paragraph(cell.words(text), STYLES["BodyText"]) for cell in parts(row, BlockKind.CELL)]
            for row in parts(block, BlockKind.ROW)
        ]
        return [Table(rows, style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black)])]
    if block.kind is BlockKind.CODE:
        return [
            Preformatted("".join(text[line.start : line.end] for line in parts(block, BlockKind.LINE)), STYLES["Code"])
        ]
    return []


def parts(block: Block, kind: BlockKind) -> list[Block]:
    return [child for child in block.children if child.kind is kind]


def pdf_of(story: Sequence[Flowable], **named: Any) -> bytes:
    stream = BytesIO()
    on_page = named.pop("on_page", lambda canvas, template: None)
    SimpleDocTemplate(stream, pagesize=A4, **named).build(list(story), onFirstPage=on_page, onLaterPages=on_page)
    return stream.getvalue()


def said(text: str) -> list[tuple[str, str]]:
    blocks = (block for block in read_markdown(text).walk() if block.kind in TOLD)
    words = ((str(block.kind), " ".join(block.words(text).split())) for block in blocks)
    return [(kind, said) for kind, said in words if said]


def outline(text: str) -> list[tuple[int, str]]:
    return [(block.level, block.label) for block in read_markdown(text).walk() if block.kind is BlockKind.SECTION]


def page_of(document: Document, words: str) -> int | None:
    place = document.text.index(words)
    return next(origin.page for origin in document.origins if origin.start <= place < origin.end)


NOTES = f"""# The harbour

{PROSE}

{PROSE}

## Rules

Boats are entered as follows.

- by name
- by the length of the boat, which is taken at the water line and not over the bowsprit, and by its draught
- by berth

## Steps

1. Ask at the office.
2. Pay the fee.

| Boat | Berth |
| --- | --- |
| Anchovy | 12 |
| The Long Tail of the Comet | 7 |

```
def berth(boat):
    if boat:
        return 12

print(berth(1))
```

## The end

{PROSE}
"""


def test_a_round_trip_over_pdf_says_the_same_in_the_same_order() -> None:
    document = read_pdf(pdf_of(printed(NOTES)))
    assert said(document.text) == said(NOTES)
    assert outline(document.text) == outline(NOTES)
    assert "    if boat:\n        return 12\n\nprint" in document.text
    assert document.title == "The harbour"
    assert document.notes == ()


def test_each_part_has_its_page_and_a_box_on_it() -> None:
    story = [
        *printed("# One\n\nfirst words\n"),
        PageBreak(),
        *printed("# Two\n\n- second words\n"),
        PageBreak(),
        *printed("third\n"),
    ]
    document = read_pdf(pdf_of(story))
    assert [page_of(document, words) for words in ("One", "first", "Two", "second", "third")] == [1, 1, 2, 2, 3]
    assert all(origin.box is not None for origin in document.origins)
    heading = document.origins[0]
    assert heading.box is not None
    left, top, right, bottom = heading.box
    assert 0 < left < right < A4[0]
    # The first heading stands near the top: places count from the upper left corner.
    assert 72 < top < bottom < 120


def test_a_paragraph_that_goes_over_the_page_is_one_with_two_origins() -> None:
    words = "The tide went out slowly and the boats lay down on their sides " * 90
    document = read_pdf(pdf_of(printed(f"# A\n\n{words}\n")))
    paragraphs = [block for block in document.tree().walk() if block.kind is BlockKind.PARAGRAPH]
    assert [" ".join(block.words(document.text).split()) for block in paragraphs] == [words.strip()]
    assert [origin.page for origin in document.origins] == [1, 1, 2]


def test_a_word_that_a_line_broke_is_made_whole_and_a_hyphen_of_its_own_is_kept() -> None:
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=A4)
    for place, line in enumerate(["A well-kept boat is a well-", "kept thing, and its main-", "sail is dry."]):
        canvas.drawString(72, 700 - 14 * place, line)
    canvas.save()
    assert read_pdf(stream.getvalue()).text == "A well-kept boat is a well-kept thing, and its mainsail is dry.\n"


def test_running_heads_are_left_out_and_a_note_names_them() -> None:
    def on_page(canvas: Any, template: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 810, "The harbour book")
        canvas.drawString(300, 30, str(canvas.getPageNumber()))

    text = "\n\n".join(
        f"Here stands {number}, and then {'boat after boat with its berth and ' * 12} no more." for number in range(40)
    )
    document = read_pdf(pdf_of(printed(text), on_page=on_page))
    assert "harbour book" not in document.text
    assert said(document.text) == said(text)
    assert "running heads" in document.notes[0]
    assert "The harbour book" in document.notes[0]


def test_a_heading_may_be_bold_alone() -> None:
    bold = ParagraphStyle("bold", parent=STYLES["BodyText"], fontName="Helvetica-Bold")
    document = read_pdf(pdf_of([Paragraph("Opening hours", bold), *printed(PROSE)]))
    assert outline(document.text) == [(1, "Opening hours")]


def test_items_that_stand_further_in_stand_under_the_one_before() -> None:
    text = "# A\n\n- outer\n  - inner one\n  - inner two\n- outer again\n"
    document = read_pdf(pdf_of(printed(text)))
    assert said(document.text) == said(text)
    depth = [str(block.kind) for block in document.tree().walk() if block.kind in (BlockKind.LIST, BlockKind.ITEM)]
    assert depth == ["list", "item", "list", "item", "item", "item"]


def test_cells_that_are_one_are_read_once() -> None:
    table = Table(
        [["wide", "", "c"], ["1", "2", "high"], ["3", "4", ""]],
        style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("SPAN", (0, 0), (1, 0)), ("SPAN", (2, 1), (2, 2))],
    )
    assert read_pdf(pdf_of([table])).text == "| wide |  | c |\n| --- | --- | --- |\n| 1 | 2 | high |\n| 3 | 4 |  |\n"


def test_a_turned_page_is_read_as_it_is_shown() -> None:
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=A4)
    canvas.setPageRotation(90)
    canvas.rotate(90)
    for place, line in enumerate(["The first line of words", "and the second one."]):
        canvas.drawString(100, -100 - 14 * place, line)
    canvas.save()
    document = read_pdf(stream.getvalue())
    assert document.text == "The first line of words and the second one.\n"
    box = document.origins[0].box
    assert box is not None
    assert box[2] - box[0] > box[3] - box[1]


def test_an_encrypted_pdf_needs_its_password() -> None:
    locked = pdf_of(printed(NOTES), encrypt=StandardEncryption("open sesame", strength=128))
    with pytest.raises(InvalidArgument, match="is encrypted; give password="):
        read_pdf(locked)
    with pytest.raises(InvalidArgument, match="another password"):
        read_pdf(locked, password="wrong")
    assert said(read_pdf(locked, password="open sesame").text) == said(NOTES)


def picture() -> Image:
    pixels = b"P6\n2 2\n255\n" + b"\x00" * 12
    return Image(BytesIO(pixels), width=300, height=300)


def test_a_scan_without_text_is_refused_and_a_page_of_it_is_noted() -> None:
    with pytest.raises(InvalidArgument, match=r"pictures of pages, and no text; .*ocrmypdf"):
        read_pdf(pdf_of([picture()]))
    document = read_pdf(pdf_of([*printed("words\n"), PageBreak(), picture()]))
    assert document.text == "words\n"
    assert document.notes[0].startswith("pages without text that hold pictures: 2;")


WITHOUT_ITS_PAGE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[9 0 R]/Count 1>>endobj\n"
    b"trailer<</Root 1 0 R/Size 3>>\n%%EOF\n"
)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (b"", "is empty"), (b"<html>", "is no PDF"), (b"%PDF-1.7\nnothing more", "damaged"), ("text", "is str"),
        (pdf_of([PageBreak()]), "holds no text"), (WITHOUT_ITS_PAGE, "is a damaged PDF .*; write it again"),
    ],
)  # fmt: skip
def test_what_is_no_pdf_is_refused_with_what_to_do(source: object, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        read_pdf(source)  # type: ignore[arg-type]


@pytest.mark.parametrize("cut", [200, 1000, 3000])
def test_a_pdf_that_was_cut_short_is_read_or_refused_by_name(cut: int) -> None:
    whole = pdf_of(printed(NOTES))
    try:
        document = read_pdf(whole[:-cut])
    except InvalidArgument:
        return
    assert all(words in said(NOTES) for words in said(document.text))


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reading, "pypdfium2", None)
    with pytest.raises(MissingExtra, match=r"lamina\[documents\]"):
        read_pdf(tmp_path / "x.pdf")
