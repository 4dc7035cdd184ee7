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
PDF = ".pdf"
#: How many bytes tell what a file is.
OPENING = 1024
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)


def read_file(path: Path) -> "lamina.Document | None":
    """Give a text, an HTML page or a PDF as a document named for its file; None for what else a file may hold: a chat.

    Raises:
        InvalidArgument: a file that is not what its ending says, and nothing else that can be read.
        MissingExtra: HTML or PDF without the extra `documents`.
    """
    ending = path.suffix.lower()
    with path.open("rb") as stream:
        opening = stream.read(OPENING)
    if b"%PDF-" in opening or ending == PDF:
        document = lamina.read_pdf(path, title=path.name)
        is_as_said = ending == PDF
    elif ending in PAGES or (ending in TEXTS and _HTML.match(opening)):
        document = lamina.read_html(path, title=path.name)
        is_as_said = ending in PAGES
    elif ending in TEXTS and not opening.removeprefix(b"\xef\xbb\xbf").startswith(b"["):
        document, is_as_said = lamina.Document(text=_text(path), title=path.name), True
    else:
        return None
    notes = document.notes
    if not is_as_said:
        notes = (
            f"ends in {ending or 'nothing'} and was read as what it is, {'a PDF' if b'%PDF-' in opening else 'HTML'}",
            *notes,
        )
    return replace(document, external_id=path.name, notes=notes)


def _text(path: Path) -> str:
    """Give the text of a file to the character, its line ends as they are."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"is no UTF-8 (byte {error.start})"
        raise InvalidArgument(str(path), problem, "save it as UTF-8, for example with iconv") from error
