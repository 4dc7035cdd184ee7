"""Files that `import` takes for documents: what they are goes by what they hold, then by their ending."""

import re
from dataclasses import replace
from pathlib import Path

import lamina
from lamina.core.errors import InvalidArgument

TEXTS = frozenset(
    {".txt", ".text", ".md", ".markdown", ".mkd", ".mdx", ".qmd", ".rmd", ".rst", ".org", ".adoc", ".tex"}
)
PAGES = frozenset({".html", ".htm", ".xhtml"})
PDF, HTML, TEXT = ".pdf", ".html", ".txt"
#: How many bytes tell what a file is, and within how many of them a PDF says so.
OPENING = 4096
PDF_MARK_WITHIN = 1024
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)


def is_document(path: Path) -> bool:
    """Say whether a file is kept as one text; what else it may hold is a chat."""
    return _kind(path) is not None


def read_file(path: Path) -> "lamina.Document":
    """Give a text, an HTML page or a PDF as a document named for its file; of which kind the others are, is not asked.

    Raises:
        InvalidArgument: a file that is not what its ending says, and nothing else that can be read.
        MissingExtra: HTML or PDF without the extra `documents`.
    """
    ending, kind = path.suffix.lower(), _kind(path)
    if kind == PDF:
        document, is_as_said = lamina.read_pdf(path, title=path.name), ending == PDF
    elif kind == HTML:
        document, is_as_said = lamina.read_html(path, title=path.name), ending in PAGES
    else:
        document, is_as_said = lamina.Document(text=_text(path), title=path.name), True
    if is_as_said:
        return document
    what = "a PDF" if kind == PDF else "HTML"
    return replace(
        document, notes=(f"ends in {ending or 'nothing'} and was read as what it is, {what}", *document.notes)
    )


def _kind(path: Path) -> str | None:
    """Give what kind of document a file is, by what it holds and then by its ending; None = none."""
    ending = path.suffix.lower()
    with path.open("rb") as stream:
        opening = stream.read(OPENING)
    if b"%PDF-" in opening[:PDF_MARK_WITHIN] or ending == PDF:
        return PDF
    if ending in PAGES or (ending in TEXTS and _HTML.match(opening)):
        return HTML
    is_text = ending in TEXTS and not lamina.is_chat(opening.decode("utf-8", errors="replace"))
    return TEXT if is_text else None


def _text(path: Path) -> str:
    """Give the text of a file to the character, its line ends as they are."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"is no UTF-8 (byte {error.start})"
        raise InvalidArgument(str(path), problem, "save it as UTF-8, for example with iconv") from error
