"""Documents: a text handed over whole becomes a head and passages that tile it exactly.

The text is read into a tree, Markdown or plain, and cut along it (`passages`). Nothing is dropped: the passages'
texts, one after another, are the document, and each knows its place in it, the headings that it stands under and
what it holds. Which of the two a text is taken for changes where it is cut, never what is kept.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from itertools import islice
from pathlib import PurePath
from typing import Literal, cast

from lamina.core.clearance import checked_sensitivity
from lamina.core.documents import DOCUMENT, Block, Origin, Passage
from lamina.core.errors import InvalidArgument
from lamina.core.ids import HASH_TAG
from lamina.core.layers import Kind, Modality
from lamina.core.records import Draft, Json, Metadata
from lamina.core.text import checked_name, checked_text
from lamina.ingest.messages import Defaults
from lamina.ingest.normalise import checked_label, checked_metadata
from lamina.ingest.passages import cut_passages
from lamina.ingest.plain import read_plain
from lamina.ingest.times import UNKNOWN

Format = Literal["auto", "markdown", "text"]
AUTO: Format = "auto"
MARKDOWN: Format = "markdown"
TEXT: Format = "text"
FORMATS: tuple[Format, ...] = (AUTO, MARKDOWN, TEXT)
#: Endings of a title that settle what a text is. What else it is called, and .txt, says nothing.
MARKDOWN_ENDINGS = frozenset({".md", ".markdown", ".mkd", ".mkdn", ".mdown", ".mdx", ".qmd", ".rmd"})
TEXT_ENDINGS = frozenset({".rst", ".log", ".tex", ".org", ".adoc", ".asciidoc", ".csv", ".tsv"})
#: How many different signs of Markdown make a text one, where none of them is certain.
ENOUGH_SIGNS = 2

_LINE = r"(?:\A|(?<=[\r\n]))"
_CERTAIN_SIGNS = (
    # A heading between blank lines; one without them may be a comment of a program.
    re.compile(r"(?:\A|(?:\r\n?|\n)[ \t]*(?:\r\n?|\n))#{1,6} [^\r\n]*\w[^\r\n]*(?:\r\n?|\n)[ \t]*(?:[\r\n]|\Z)"),
    re.compile(_LINE + r"[^\r\n|]*\|[^\r\n]*(?:\r\n?|\n)[ \t]*\|?[ \t]*:?-+:?[ \t]*\|[-:| \t]*(?:[\r\n]|\Z)"),
)
#: Twice makes it certain: code between fences.
_FENCE = re.compile(_LINE + r"(?:`{3,}|~{3,})[\w+-]*[ \t]*(?:[\r\n]|\Z)")
_SIGNS = (
    _FENCE,
    re.compile(_LINE + r"#{1,6} +\S"),
    re.compile(_LINE + r"[-*+] +\S[^\r\n]*(?:\r\n?|\n)[-*+] +\S"),
    re.compile(_LINE + r"> ?\S"),
    re.compile(r"\[[^\]\r\n]{1,200}\]\([^()\s]{1,300}\)"),
    re.compile(r"\*\*[^\s*][^*\r\n]{0,200}\*\*|(?<!\w)__[^\s_][^_\r\n]{0,200}__(?!\w)"),
    re.compile(r"(?<!`)`[^`\r\n]{1,200}`(?!`)"),
    re.compile(_LINE + r"\w[^\r\n]*(?:\r\n?|\n)(?:={3,}|-{3,})[ \t]*(?:[\r\n]|\Z)"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text to keep whole."""

    text: str
    #: Also the name of the session in which its passages stand, unless `session` names one.
    title: str
    #: When it was written or handed over; None = unknown.
    at: datetime | str | float | None = None
    external_id: str | None = None
    metadata: Metadata | None = None
    session: str | None = None
    #: `markdown` or `text` says how it is cut; `auto` goes by the ending of the title, else looks at the text.
    format: Format = AUTO
    #: Of a text that was converted: where its parts stood in the source.
    origins: tuple[Origin, ...] = ()
    #: What reading the source has to say: what was left out, and why.
    notes: tuple[str, ...] = ()

    def tree(self) -> Block:
        """Give the text as a tree that loses nothing: headings, paragraphs, lists, tables, code, sentences."""
        is_markdown = format_of(self.text, self.title, self.format) == MARKDOWN
        return _read_markdown(self.text) if is_markdown else read_plain(self.text)


def read_document(document: Document, defaults: Defaults) -> tuple[Draft, tuple[Draft, ...]]:
    """Give the head and the passages of a document.

    Raises:
        InvalidArgument: a text, title, format, time or metadata that cannot be kept.
    """
    text = checked_text(document.text, argument="document.text")
    title = checked_name(document.title, argument="document.title")
    if document.format not in FORMATS:
        raise InvalidArgument("document.format", f"is {document.format!r}", f"name one of: {', '.join(FORMATS)}")
    given = document.at if document.at is not None else defaults.at
    at, at_source = defaults.time_of(UNKNOWN if given is None else given, argument="document.at")
    metadata = checked_metadata(
        defaults.metadata if document.metadata is None else document.metadata, argument="document.metadata"
    )
    if DOCUMENT in metadata:
        raise InvalidArgument("document.metadata", f"has the key {DOCUMENT!r}", "use another key; that one is Lamina's")
    kept: dict[str, Json] = {
        "characters": len(text),
        "digest": digest_of(text),
        "format": format_of(text, title, document.format),
    }
    head = Draft(
        text=title,
        at=at,
        at_source=at_source,
        session=checked_label(document.session or defaults.session or title, argument="document.session"),
        external_id=checked_label(document.external_id or defaults.external_id, argument="document.external_id"),
        metadata={**metadata, DOCUMENT: kept},
        kind=Kind.DOCUMENT,
        modality=Modality.PASSAGE,
        sensitivity=checked_sensitivity(defaults.sensitivity, argument="sensitivity"),
    )
    passages = cut_passages(text, document.tree(), document.origins)
    named = "" if head.session == title else title
    return head, tuple(_passage(head, metadata, text, replace(passage, title=named)) for passage in passages)


def format_of(text: str, title: str, named: Format = AUTO) -> Format:
    """Give what a text is taken for, `markdown` or `text`: as named, else by its title's ending, else by its looks."""
    ending = PurePath(title).suffix.lower() if isinstance(title, str) else ""
    if named != AUTO:
        return named
    if ending in MARKDOWN_ENDINGS:
        return MARKDOWN
    if ending in TEXT_ENDINGS:
        return TEXT
    fences = sum(1 for _ in islice(_FENCE.finditer(text), 2))
    if fences == 2 or any(sign.search(text) for sign in _CERTAIN_SIGNS):
        return MARKDOWN
    return MARKDOWN if sum(sign.search(text) is not None for sign in _SIGNS) >= ENOUGH_SIGNS else TEXT


def digest_of(text: str) -> str:
    """Give the digest that a head keeps of its document's text."""
    return HASH_TAG + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _read_markdown(text: str) -> Block:
    # Loaded when it is used: the parser takes longer to load than a short text to read.
    return cast("Block", import_module("lamina.ingest.markdown").read_markdown(text))


def _passage(head: Draft, metadata: Metadata, text: str, passage: Passage) -> Draft:
    return Draft(
        text=text[passage.start : passage.end],
        at=head.at,
        at_source=head.at_source,
        session=head.session,
        metadata={**metadata, DOCUMENT: passage.kept()},
        modality=Modality.PASSAGE,
        start=passage.start,
        end=passage.end,
        sensitivity=head.sensitivity,
    )
