"""Reading a PDF: opened with PDFium, laid out, and written as Markdown with the page and box of each part.

Needs the extra `documents`. A page without letters is a picture: nothing is guessed from it, and a note says so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from lamina.core.errors import InvalidArgument, MissingExtra
from lamina.ingest.documents import MARKDOWN, Document
from lamina.ingest.pdf.layout import Looks, Part, code_of, parts_of, runs_of, without_running_heads
from lamina.ingest.pdf.pages import pages_of
from lamina.ingest.pdf.tables import Laid, Table, laid
from lamina.ingest.sheet import Sheet

try:
    import pypdfium2
except ImportError:
    pypdfium2 = None

INSTALL = "pip install 'lamina[documents]'"
#: PDFium's number for a password that is missing or wrong.
_NEEDS_A_PASSWORD = 4
_OCR = "run a text recogniser over it first, such as ocrmypdf, and read what that gives"
#: Titles that programs put in, and no author.
_NO_TITLE = re.compile(
    r"^\W*(?:anonymous|untitled|unnamed|document\d*|microsoft \w+ -.*)\W*$|\.\w{2,4}$", re.IGNORECASE
)
#: Letters without a meaning of their own.
_UNKNOWN = re.compile("[\ufffd\ue000-\uf8ff]")
#: How far apart, in points, the marks of items that are of one list may stand.
NEAR = 4.0


def read_pdf(source: bytes | PathLike[str], *, title: str | None = None, password: str | None = None) -> Document:
    """Give a PDF as a document; `source` is its bytes, or a `Path` to it.

    `title` is the file's own where it is left out.

    Raises:
        MissingExtra: the extra `documents` is not installed.
        InvalidArgument: no PDF, a damaged or encrypted one, or one without words.
    """
    if pypdfium2 is None:
        raise MissingExtra("documents", install=INSTALL)
    name = "document"
    if isinstance(source, PathLike):
        path = Path(source)
        source, name = path.read_bytes(), path.name
    if not isinstance(source, bytes):
        raise InvalidArgument("source", f"is {type(source).__name__}", "give the bytes of a PDF, or a Path to it")
    opened = _opened(source, password)
    try:
        pages = [laid(page) for page in pages_of(opened)]
        own_title = " ".join((opened.get_metadata_dict().get("Title") or "").split())
        own_title = "" if _NO_TITLE.search(own_title) else own_title
    except pypdfium2.PdfiumError as error:
        raise _damaged(error) from error
    finally:
        opened.close()
    bare = [page.number for page in pages if not page.contents]
    if len(bare) == len(pages):
        what = "holds pictures of pages, and no text" if any(page.has_pictures for page in pages) else "holds no text"
        raise InvalidArgument("source", what, _OCR)
    heads, count = without_running_heads(pages)
    looks = Looks.of(pages)
    parts = parts_of(pages, looks)
    writer = _Writer(looks)
    writer.write(parts)
    heading = next((part for part in parts if isinstance(part, Part) and part.level), None)
    return Document(
        text=writer.sheet.text,
        title=title or own_title or (" ".join(words for words, _ in runs_of(heading, looks)) if heading else name),
        format=MARKDOWN,
        origins=tuple(writer.sheet.origins),
        notes=tuple(_notes(pages, bare, heads, count)),
    )


def _opened(source: bytes, password: str | None) -> Any:
    if not source.strip():
        raise InvalidArgument("source", "is empty", "give a PDF that says something")
    if b"%PDF-" not in source[:1024]:
        raise InvalidArgument("source", "is no PDF", "read HTML with read_html, and add text as a Document")
    try:
        document = pypdfium2.PdfDocument(source, password=password)
        if not len(document):
            raise InvalidArgument("source", "has no pages", "write it again from where it comes")
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _NEEDS_A_PASSWORD:
            problem = "is encrypted" if password is None else "is encrypted with another password"
            raise InvalidArgument("source", problem, "give password=…, or save it without one") from error
        raise _damaged(error) from error
    return document


def _damaged(error: Exception) -> InvalidArgument:
    return InvalidArgument("source", f"is a damaged PDF ({error})", "write it again from where it comes")


def _notes(pages: Sequence[Laid], bare: Sequence[int], heads: Sequence[str], count: int) -> list[str]:
    notes: list[str] = []
    pictures = [page.number for page in pages if page.number in set(bare) and page.has_pictures]
    if pictures:
        notes.append(f"pages without text that hold pictures: {_listed(pictures)}; {_OCR}")
    if heads:
        shown = "; ".join(f"{head!r}" for head in heads[:3])
        notes.append(f"{count} lines at the edges of pages were left out as running heads, such as {shown}")
    letters = sum(line.count for page in pages for line in page.lines)
    unknown = sum(len(_UNKNOWN.findall(line.text)) for page in pages for line in page.lines)
    if unknown > letters / 20:
        notes.append(f"{unknown} of {letters} letters have no known meaning in this file; {_OCR}")
    return notes


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return shown if len(numbers) <= 10 else f"{shown} and {len(numbers) - 10} more"


@dataclass(slots=True)
class _Writer:
    """Writes parts as Markdown; items that stand further in are written under the item before them."""

    looks: Looks
    sheet: Sheet = field(default_factory=Sheet)
    #: The lists that are open: where their marks stand, where their words, and whether they count.
    _lists: list[tuple[float, float, bool]] = field(default_factory=list)

    def write(self, parts: Sequence[Part | Table]) -> None:
        """Write all parts."""
        for part in parts:
            if isinstance(part, Table):
                self._close_lists()
                self.sheet.table(part.rows)
            elif part.is_item:
                self._item(part)
            elif part.level:
                self._close_lists()
                self.sheet.heading(part.level, runs_of(part, self.looks))
            else:
                # What stands as far in as the words of an item belongs to it.
                self._close_lists(left=part.lines[0].box[0])
                if part.is_code:
                    self.sheet.code(code_of(part))
                else:
                    self.sheet.paragraph(runs_of(part, self.looks))
        self._close_lists()

    def _item(self, part: Part) -> None:
        counts = part.number is not None
        while self._lists and self._lists[-1][0] > part.mark_left + NEAR:
            self._close_list()
        if self._lists and abs(self._lists[-1][0] - part.mark_left) <= NEAR and self._lists[-1][2] != counts:
            self._close_list()
        if self._lists and abs(self._lists[-1][0] - part.mark_left) <= NEAR:
            self.sheet.close_item()
        else:
            self._lists.append((part.mark_left, part.words_left, counts))
            self.sheet.open_list(first_number=part.number)
        self.sheet.open_item(part.number)
        self.sheet.paragraph(runs_of(part, self.looks))

    def _close_lists(self, *, left: float = float("-inf")) -> None:
        while self._lists and left < self._lists[-1][1] - NEAR:
            self._close_list()

    def _close_list(self) -> None:
        self.sheet.close_item()
        self._lists.pop()
        self.sheet.close_list()
