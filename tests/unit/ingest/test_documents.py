"""Documents become a head and passages that tile them exactly, Markdown or plain as they are named or look."""

from datetime import UTC, datetime

import pytest

from lamina.core.documents import BlockKind
from lamina.core.errors import InvalidArgument
from lamina.core.layers import Kind, Modality
from lamina.core.records import AtSource
from lamina.ingest.documents import Document, format_of, read_document
from lamina.ingest.messages import Defaults
from lamina.testing import sample

DEFAULTS = Defaults(now=datetime(2026, 3, 2, tzinfo=UTC))


def test_a_head_carries_title_length_and_digest_and_passages_their_places() -> None:
    text = "One.\n\n" + "Two is longer. " * 30
    head, passages = read_document(Document(text=text, title="Lease", external_id="l"), DEFAULTS)
    assert (head.kind, head.text, head.session, head.external_id) == (Kind.DOCUMENT, "Lease", "Lease", "l")
    assert head.metadata["document"]["characters"] == len(text)
    assert head.metadata["document"]["format"] == "text"
    assert head.at_source is AtSource.UNKNOWN
    assert all(part.modality is Modality.PASSAGE and part.session == "Lease" for part in passages)
    assert all(text[part.start : part.end] == part.text for part in passages)
    other, _ = read_document(Document(text=text + "x", title="Lease"), DEFAULTS)
    assert other.metadata["document"]["digest"] != head.metadata["document"]["digest"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"text": " ", "title": "t"}, "document.text"),
        ({"text": "a\0", "title": "t"}, "document.text"),
        ({"text": "a", "title": ""}, "document.title"),
        ({"text": "a", "title": "t", "at": "someday"}, "document.at"),
        ({"text": "a", "title": "t", "metadata": {"document": 1}}, "document.metadata"),
        ({"text": "a", "title": "t", "format": "html"}, "document.format"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(fields: dict, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        read_document(Document(**fields), DEFAULTS)


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("plain words", "notes.md", "markdown"),
        ("# A\n\nwords", "notes.rst", "text"),
        ("# A\n\nwords", "notes", "markdown"),
        ("# A\n\nwords", "notes.txt", "markdown"),
        ("# a comment\nx = 1\n", "settings", "text"),
        ("```\nx\n```\n", "notes", "markdown"),
        ("a | b\n--|--\n1 | 2\n", "notes", "markdown"),
        ("- a\n- b\n", "notes", "text"),
        ("- **a**\n- b\n", "notes", "markdown"),
        ("See [the page](http://x.y) and `code`.", "notes", "markdown"),
        ("1. WHAT IS LET\n\nThe apartment.\n\n2. DURATION\n", "Lease", "text"),
        (sample.document().text, sample.document().title, "text"),
        ("", "x", "text"),
    ],
)
def test_what_a_text_is_goes_by_its_name_then_by_its_looks(text: str, title: str, expected: str) -> None:
    assert format_of(text, title) == expected


def test_what_is_named_counts_more_than_looks() -> None:
    document = Document(text="```\n# A\n```\n", title="x", format="text")
    assert BlockKind.CODE not in [block.kind for block in document.tree().walk()]
    assert format_of("plain", "x", "markdown") == "markdown"


def test_a_passage_keeps_what_stands_around_it_and_the_name_of_its_document_where_the_session_has_another() -> None:
    document = Document(text="# A\n\none\n", title="notes.md", session="reading", metadata={"own": 1})
    _, passages = read_document(document, DEFAULTS)
    assert passages[0].metadata == {
        "own": 1,
        "document": {"title": "notes.md", "path": ["A"], "sections": [0], "kinds": ["heading", "paragraph"]},
    }
    _, passages = read_document(Document(text="one", title="notes.md"), DEFAULTS)
    assert passages[0].metadata == {"document": {"path": [], "sections": [], "kinds": ["paragraph"]}}
