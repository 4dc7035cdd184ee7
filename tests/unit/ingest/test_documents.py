"""Documents are cut into passages that tile them exactly."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.errors import InvalidArgument
from lamina.core.layers import Kind, Modality
from lamina.core.records import AtSource
from lamina.ingest.documents import PASSAGE_CHARACTERS, Document, cut_passages, read_document
from lamina.ingest.messages import Defaults

DEFAULTS = Defaults(now=datetime(2026, 3, 2, tzinfo=UTC))
MARKDOWN = st.lists(
    st.sampled_from(["# Head\n", "\n\n", "word ", "A sentence. ", "。", "x" * 300, "\r\n", "\t", "é"]), max_size=60
)


@given(st.text(min_size=1) | MARKDOWN.map("".join).filter(bool))
def test_passages_tile_any_text_and_none_is_blank(text: str) -> None:
    spans = cut_passages(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(former[1] == later[0] for former, later in pairwise(spans))
    if text.strip():
        assert all(text[start:end].strip() for start, end in spans)
        assert all(len(text[start:end].strip()) <= PASSAGE_CHARACTERS for start, end in spans)


def test_a_heading_stays_with_what_follows_it() -> None:
    text = "INTRODUCTION\n\n" + "Words stand here. " * 15 + "\n\n7. ANIMALS\n\nOne cat is welcome.\n"
    passages = [text[start:end] for start, end in cut_passages(text)]
    assert passages[0].startswith("INTRODUCTION")
    assert passages[-1] == "7. ANIMALS\n\nOne cat is welcome.\n"


def test_a_long_paragraph_is_cut_at_sentence_ends_in_chinese_too() -> None:
    for sentence in ("The tide is high at noon. ", "中午涨潮，晚上退潮。"):
        text = sentence * 200
        ends = {text[:end].rstrip()[-1] for _, end in cut_passages(text)}
        assert ends == {sentence.rstrip()[-1]}


def test_a_head_carries_title_length_and_digest_and_passages_their_places() -> None:
    text = "One.\n\n" + "Two is longer. " * 30
    head, passages = read_document(Document(text=text, title="Lease", external_id="l"), DEFAULTS)
    assert (head.kind, head.text, head.session, head.external_id) == (Kind.DOCUMENT, "Lease", "Lease", "l")
    assert head.metadata["document"]["characters"] == len(text)
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
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(fields: dict, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        read_document(Document(**fields), DEFAULTS)
