"""Documents: a text handed over whole becomes a head and passages that tile it exactly.

Passages are cut at blank lines, a heading staying with what follows it, and long paragraphs at sentence ends. Nothing
is dropped: the passages' texts, one after another, are the document, and each knows its place in it.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from lamina.core.errors import InvalidArgument
from lamina.core.ids import HASH_TAG
from lamina.core.layers import Kind, Modality
from lamina.core.records import AtSource, Draft, Metadata
from lamina.core.text import checked_name, checked_text
from lamina.ingest.messages import Defaults
from lamina.ingest.normalise import checked_label, checked_metadata
from lamina.ingest.times import UNKNOWN

#: Characters that a passage holds at most, but for trailing white space: about one vector's window of English.
PASSAGE_CHARACTERS = 1000
#: A passage shorter than this takes the next paragraph in: headings and single lines say little alone.
LEAST_CHARACTERS = 200
#: Metadata key under which a head keeps length and digest of the text.
DOCUMENT = "document"
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？])|\n")
_SPACE = re.compile(r"\s+")
_HEADING = re.compile(r"[^\n]{1,79}[^\s.!?…,;:。！？]")


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


def read_document(document: Document, defaults: Defaults) -> tuple[Draft, tuple[Draft, ...]]:
    """Give the head and the passages of a document.

    Raises:
        InvalidArgument: a text, title, time or metadata that cannot be kept.
    """
    text = checked_text(document.text, argument="document.text")
    title = checked_name(document.title, argument="document.title")
    given = document.at if document.at is not None else defaults.at
    at, at_source = defaults.time_of(UNKNOWN if given is None else given, argument="document.at")
    metadata = checked_metadata(
        defaults.metadata if document.metadata is None else document.metadata, argument="document.metadata"
    )
    if DOCUMENT in metadata:
        raise InvalidArgument("document.metadata", f"has the key {DOCUMENT!r}", "use another key; that one is Lamina's")
    session = document.session or defaults.session or title
    digest = HASH_TAG + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    head = Draft(
        text=title,
        at=at,
        at_source=at_source,
        session=checked_label(session, argument="document.session"),
        external_id=checked_label(document.external_id or defaults.external_id, argument="document.external_id"),
        metadata={**metadata, DOCUMENT: {"characters": len(text), "digest": digest}},
        kind=Kind.DOCUMENT,
        modality=Modality.PASSAGE,
    )
    return head, tuple(_passage(head, metadata, text, start, end, at, at_source) for start, end in cut_passages(text))


def cut_passages(text: str) -> list[tuple[int, int]]:
    """Give code-point spans that tile `text`; none is blank unless the whole is."""
    pieces = [part for start, end in _paragraphs(text) for part in _sentences(text, start, end)]
    passages: list[tuple[int, int]] = []
    for start, end in pieces:
        if passages and _belongs(text, passages[-1], (start, end)):
            passages[-1] = (passages[-1][0], end)
        else:
            passages.append((start, end))
    return passages


def _passage(
    head: Draft, metadata: Metadata, text: str, start: int, end: int, at: datetime | None, at_source: AtSource
) -> Draft:
    return Draft(
        text=text[start:end],
        at=at,
        at_source=at_source,
        session=head.session,
        metadata=metadata,
        modality=Modality.PASSAGE,
        start=start,
        end=end,
    )


def _paragraphs(text: str) -> list[tuple[int, int]]:
    edges = [0, *(match.end() for match in _BLANK_LINES.finditer(text)), len(text)]
    return [(start, end) for start, end in pairwise(edges) if start < end]


def _sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut a paragraph that is too long at sentence ends, else at spaces, else anywhere."""
    parts: list[tuple[int, int]] = []
    while len(text[start:end].rstrip()) > PASSAGE_CHARACTERS:
        room = (start + LEAST_CHARACTERS, start + PASSAGE_CHARACTERS)
        cuts = [match.end() for match in _SENTENCE_END.finditer(text, *room)]
        cuts = cuts or [match.end() for match in _SPACE.finditer(text, *room)]
        cut = cuts[-1] if cuts else room[1]
        parts.append((start, cut))
        start = cut
    return [*parts, (start, end)]


def _is_heading(text: str) -> bool:
    """Say whether a paragraph looks like a heading: one short line that ends like no sentence."""
    return _HEADING.fullmatch(text.strip()) is not None


def _belongs(text: str, former: tuple[int, int], later: tuple[int, int]) -> bool:
    """Say whether a piece joins the passage before it: that one is short, or this one blank, and both fit."""
    is_blank = not text[later[0] : later[1]].strip() or not text[former[0] : former[1]].strip()
    if _is_heading(text[later[0] : later[1]]) and not _is_heading(text[former[0] : former[1]]):
        return is_blank
    is_short = len(text[former[0] : former[1]].strip()) < LEAST_CHARACTERS
    return is_blank or (is_short and len(text[former[0] : later[1]].rstrip()) <= PASSAGE_CHARACTERS)
