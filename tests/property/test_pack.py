"""What holds for every packed context: the budget, exact citations, nothing lost, nothing depending on chance."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lamina.core.documents import DOCUMENT, Passage
from lamina.core.layers import Kind, Modality
from lamina.core.query import Context, Hit
from lamina.core.records import Record
from lamina.core.scope import Scope
from lamina.pack.budget import pack
from lamina.pack.compose import INDENT
from lamina.pack.excerpt import MOST_SENTENCE, sentences
from lamina.pack.parts import Parts, plain_parts

START = datetime(2024, 2, 28, 22, 0, tzinfo=UTC)
TEXT = st.text(alphabet=st.sampled_from("ab .!?\n#日。e\u0301…"), max_size=60)

PASSAGES = st.builds(
    Passage,
    start=st.just(0),
    end=st.just(1),
    title=st.sampled_from(["", "notes.md"]),
    path=st.lists(st.sampled_from(["A", "# B\n", "long " * 30]), max_size=3).map(tuple),
    sections=st.just((0, 10, 20)),
    columns=st.sampled_from([(), ("a", "b")]),
)


def count(text: str) -> int:
    return len(re.findall(r"\w|[^\w\s]", text))


@st.composite
def hit_lists(draw: st.DrawFn) -> list[Hit]:
    hits: list[Hit] = []
    for number in range(draw(st.integers(0, 12))):
        if hits and draw(st.integers(0, 4)) == 0:
            hits.append(replace(draw(st.sampled_from(hits)), score=float(-number)))
            continue
        text = draw(TEXT)
        minutes = draw(st.none() | st.integers(0, 4000))
        span = None
        if draw(st.booleans()) and text:
            start = draw(st.integers(0, len(text) - 1))
            span = (start, draw(st.integers(start + 1, len(text))))
        passage = draw(st.none() | PASSAGES)
        record = Record(
            id=f"r{number}",
            scope=draw(st.sampled_from([Scope(), Scope.shared()])),
            kind=Kind.OBSERVATION,
            text=text,
            speaker=draw(st.none() | st.sampled_from(["Ada", "Bo\n# x"])),
            session=draw(st.none() | st.sampled_from(["s", "t"])),
            arrived=number,
            order=draw(st.none() | st.integers(0, 5)),
            at=None if minutes is None else START + timedelta(minutes=minutes),
            modality=Modality.MESSAGE if passage is None else Modality.PASSAGE,
            metadata={} if passage is None else {DOCUMENT: passage.kept()},
        )
        hits.append(Hit(record=record, score=float(-number), span=span))
    return hits


LINE_ENDS = {"\r\n", *"\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"}


def packed(hits: list[Hit], budget: int) -> Context:
    return pack(hits, budget_tokens=budget, count_tokens=count)


@given(hits=hit_lists(), budget=st.integers(1, 300))
def test_the_budget_holds_and_every_hit_is_accounted_for(hits: list[Hit], budget: int) -> None:
    context = packed(hits, budget)
    assert count(context.text) == context.tokens <= budget
    assert len({cited.record_id for cited in context.citations}) + len(context.left_out) == len(hits)


@given(hits=hit_lists(), budget=st.integers(1, 300))
def test_every_citation_cuts_words_that_stand_in_the_text_in_that_order(hits: list[Hit], budget: int) -> None:
    context = packed(hits, budget)
    firsts: dict[str, Record] = {}
    for hit in hits:
        if hit.record.text.strip():
            firsts.setdefault(hit.record.id, hit.record)
    place = 0
    for citation in context.citations:
        cut = firsts[citation.record_id].text[citation.start : citation.end]
        assert cut
        assert cut == cut.strip()
        first, *further = cut.splitlines(keepends=True)
        shown = first + "".join(line if line in LINE_ENDS else INDENT + line for line in further)
        place = context.text.index(shown, place) + len(shown)


@given(hits=hit_lists(), budget=st.integers(1, 300), seed=st.randoms(use_true_random=False))
def test_a_header_is_never_a_retrieved_line(hits: list[Hit], budget: int, seed: object) -> None:
    context = packed(hits, budget)
    heads = [line for line in context.text.splitlines() if re.match(r"#+ (\d|undated|s$|t$)", line)]
    marks = {line.split(" ")[0] for line in heads}
    assert len(marks) <= 1
    own = [line for hit in hits for line in hit.record.text.splitlines()]
    assert not any(line.startswith(f"{mark} ") for mark in marks for line in own)


@given(sizes=st.lists(st.integers(1, 4), min_size=1, max_size=5), grown=st.integers(0, 5), data=st.data())
def test_what_is_said_later_stands_behind_what_stands_there(sizes: list[int], grown: int, data: st.DataObject) -> None:
    """While all of it fits: whatever the order of the hits, a context is a prefix of the same with later sessions."""
    hits: list[Hit] = []
    for session, size in enumerate(sizes):
        for _ in range(size):
            number = len(hits)
            record = Record(
                id=f"r{number}",
                scope=Scope(),
                kind=Kind.OBSERVATION,
                text=f"{data.draw(TEXT).replace('#', '')} {number}",
                speaker=data.draw(st.none() | st.just("Ada")),
                session=f"s{session}",
                arrived=number,
                at=START + timedelta(hours=7 * session, minutes=number),
            )
            hits.append(Hit(record=record, score=0.0))
    former = [hit for hit in hits if int((hit.record.session or "")[1:]) <= grown]
    before, after = (packed(data.draw(st.permutations(some)), 10_000) for some in (former, hits))
    assert after.text.startswith(before.text)
    assert after.citations[: len(before.citations)] == before.citations


WORDS = st.sampled_from(["one", "key", "code", "日本。", "x" * 320, "e\u0301"])
SENTENCES = st.lists(st.lists(WORDS, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=30)


@st.composite
def long_hits(draw: st.DrawFn) -> list[Hit]:
    hits: list[Hit] = []
    for number, said in enumerate(draw(st.lists(SENTENCES, min_size=1, max_size=4))):
        text = draw(st.sampled_from([". ", "?\n", "! ", " "])).join(said)
        start = draw(st.integers(0, len(text) - 1))
        span = draw(st.sampled_from([None, (start, draw(st.integers(start + 1, len(text))))]))
        record = Record(id=f"r{number}", scope=Scope(), kind=Kind.OBSERVATION, text=text, arrived=number)
        hits.append(Hit(record=record, score=float(-number), span=span))
    return hits


def asked_parts(hit: Hit) -> Parts:
    """Give what a question for "key" and "code" finds in each sentence."""
    text, terms = hit.record.text, ("key", "code")
    return Parts(
        [
            part._replace(holds=frozenset(n for n, term in enumerate(terms) if term in text[part.start : part.end]))
            for part in plain_parts(hit).items
        ],
        (1.0, 2.0),
    )


@given(hits=long_hits(), budget=st.integers(1, 250))
def test_a_cut_text_keeps_to_the_budget_and_cites_exactly_the_parts_that_it_shows(hits: list[Hit], budget: int) -> None:
    context = pack(hits, budget_tokens=budget, count_tokens=count, parts_of=asked_parts)
    assert count(context.text) == context.tokens <= budget
    texts = {hit.record.id: hit.record.text for hit in hits}
    place, ends = 0, dict.fromkeys(texts, -1)
    for cited in context.citations:
        cut = texts[cited.record_id][cited.start : cited.end]
        assert cited.start > ends[cited.record_id]
        assert cut
        assert cut == cut.strip()
        shown = cut.replace("\n", f"\n{INDENT}")
        place = context.text.index(shown, place) + len(shown)
        ends[cited.record_id] = cited.end
    assert len({cited.record_id for cited in context.citations}) + len(context.left_out) == len(hits)


@given(texts=st.lists(SENTENCES.map(". ".join), min_size=1, max_size=3))
def test_the_sentences_of_a_text_are_all_of_it_once_and_in_order(texts: list[str]) -> None:
    for text in texts:
        found = sentences(text, (0, len(text)))
        assert "".join("".join(text[start:end].split()) for start, end in found) == "".join(text.split())
        assert all(0 < end - start <= MOST_SENTENCE for start, end in found)


@given(hits=hit_lists(), budget=st.integers(1, 300))
def test_packing_again_gives_the_same(hits: list[Hit], budget: int) -> None:
    assert packed(hits, budget) == packed(list(hits), budget)
