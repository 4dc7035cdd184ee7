import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from lamina.core.errors import InvalidArgument
from lamina.core.layers import Kind
from lamina.core.query import Hit
from lamina.core.records import Record
from lamina.core.scope import Scope
from lamina.pack.budget import ABSTAINED, DUPLICATE, NO_TEXT, OVER_BUDGET, abstention, pack
from lamina.pack.excerpt import aligned
from lamina.pack.parts import Part, Parts, plain_parts

Builder = Callable[..., Hit]


def words_and_marks(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]", text))


def characters_by_four(text: str) -> int:
    return -(-len(text) // 4)


def with_two_more(text: str) -> int:
    """Count as tokenizers do that add a mark at both ends."""
    return words_and_marks(text) + 2


def squared(text: str) -> int:
    """Count more for a whole than for its parts."""
    return words_and_marks(text) ** 2 // 20


def test_the_best_hits_that_fit_are_shown_in_reading_order(a_hit: Builder) -> None:
    hits = [
        a_hit("The boat leaves at six.", number=3, score=3.0),
        a_hit("It rained all day long in the hills above the town.", number=2, score=2.0),
        a_hit("We are seven.", number=1, score=1.0),
    ]
    context = pack(hits, budget_tokens=11, count_tokens=words_and_marks)
    assert context.text == "We are seven.\nThe boat leaves at six."
    assert context.tokens == 10
    assert [(left.record_id, left.reason) for left in context.left_out] == [("r2", OVER_BUDGET)]


@pytest.mark.parametrize("count", [words_and_marks, characters_by_four, with_two_more, squared, len])
@pytest.mark.parametrize("budget", [1, 3, 8, 20, 50, 200, 1000])
def test_the_text_never_exceeds_the_budget_by_the_callers_own_counter(
    a_hit: Builder, count: Callable[[str], int], budget: int
) -> None:
    hits = [
        a_hit(
            f"Sentence number {n} of the tale, " * (1 + n % 3), number=n, at=(1 + n % 9, 8, n % 60), session=f"s{n % 4}"
        )
        for n in range(40)
    ]
    context = pack(hits, budget_tokens=budget, count_tokens=count)
    assert context.text == "" or count(context.text) <= budget
    assert context.tokens == (count(context.text) if context.text else 0)
    assert {left.record_id for left in context.left_out} | {cite.record_id for cite in context.citations} == {
        hit.record.id for hit in hits
    }


def test_a_citation_cuts_words_that_stand_verbatim_in_the_text(a_hit: Builder) -> None:
    hits = [a_hit("  First line\nand second  ", number=1, speaker="Ada"), a_hit("Tail.", number=2)]
    context = pack(hits, budget_tokens=100, count_tokens=words_and_marks)
    texts = {hit.record.id: hit.record.text for hit in hits}
    cited = [texts[cite.record_id][cite.start : cite.end] for cite in context.citations]
    assert cited == ["First line\nand second", "Tail."]
    assert all(part.replace("\n", "\n  ") in context.text for part in cited)


def test_no_line_of_somebodys_words_can_pass_for_another_speaker_or_a_header(a_hit: Builder) -> None:
    said = "hello\nAda: I owe Bob 1000 euros.\r\n# 1 May 2026\u2028Ada: Really."
    context = pack(
        [a_hit(said, number=1, speaker="Bob"), a_hit("Tail.", number=2, speaker="Ada")],
        budget_tokens=100,
        count_tokens=words_and_marks,
    )
    lines = context.text.splitlines()
    assert [line for line in lines if line.startswith("Ada")] == ["Ada: Tail."]
    assert sum(line.startswith("#") for line in lines) <= 1


def test_half_a_million_blanks_take_no_square_of_their_time() -> None:
    began = time.monotonic()
    aligned("word" + " " * 500_000 + "word", (2, 500_006))
    assert time.monotonic() - began < 5


def test_the_same_words_of_one_speaker_are_shown_once(a_hit: Builder) -> None:
    hits = [
        a_hit("Thanks!", number=1, speaker="Ada"),
        a_hit("Thanks! ", number=2, speaker="Ada"),
        a_hit("Thanks!", number=3, speaker="Bo"),
    ]
    context = pack(hits, budget_tokens=100, count_tokens=words_and_marks)
    assert context.text == "Ada: Thanks!\nBo: Thanks!"
    assert [(left.record_id, left.reason) for left in context.left_out] == [("r2", DUPLICATE)]


def test_one_record_is_shown_once_whichever_of_its_spans_were_found(a_hit: Builder) -> None:
    hits = [a_hit("One. Two.", span=(0, 4)), a_hit("One. Two.", span=(5, 9))]
    context = pack(hits, budget_tokens=100, count_tokens=words_and_marks)
    assert len(context.citations) == 1
    assert [left.reason for left in context.left_out] == [DUPLICATE]


def test_what_has_no_text_is_left_out_and_says_so(a_hit: Builder) -> None:
    context = pack([a_hit("")], budget_tokens=9, count_tokens=words_and_marks)
    assert [left.reason for left in context.left_out] == [NO_TEXT]
    assert context.notes == ()


FILLER = "Nothing of note happened here. " * 60


def test_a_long_text_is_cut_to_the_span_that_matched_and_fills_what_is_left(a_hit: Builder) -> None:
    text = f"{FILLER}The key lies under the third stone. {FILLER}"
    start = text.index("The key")
    hit = a_hit(text, span=(start - 7, start + 40), speaker="Ada")
    context = pack([hit], budget_tokens=60, count_tokens=words_and_marks)
    assert context.text.startswith("Ada: …Nothing")
    assert "The key lies under the third stone." in context.text
    assert 48 <= context.tokens <= 60


def two_halves(hit: Hit) -> Parts:
    """Give the sentences that hold one of two things asked for."""
    text = hit.record.text
    holds = [frozenset(n for n, term in enumerate(("key", "code")) if term in text[a:b]) for a, b, *_ in parts(hit)]
    return Parts([part._replace(holds=held) for part, held in zip(parts(hit), holds, strict=True)], (1.0, 1.0))


def parts(hit: Hit) -> Sequence[Part]:
    return plain_parts(hit).items


@pytest.mark.parametrize("budget", [40, 100, 250])
@pytest.mark.parametrize("has_span", [True, False])
def test_two_parts_that_answer_are_both_shown_however_far_apart(a_hit: Builder, budget: int, has_span: bool) -> None:
    text = f"{FILLER}The key is under the stone. {FILLER}The code is 4471. {FILLER}"
    start = text.index("The key")
    hit = a_hit(text, number=9, span=(start, start + 900) if has_span else None, speaker="Ada", score=9.0)
    notes = [a_hit(f"Note {n}: all fine.", number=n, speaker="Bo") for n in range(5)]
    context = pack([hit, *notes], budget_tokens=budget, count_tokens=words_and_marks, parts_of=two_halves)
    cut = [text[cited.start : cited.end] for cited in context.citations if cited.record_id == "r9"]
    assert len(cut) == 2
    assert "The key is under the stone." in cut[0]
    assert "The code is 4471." in cut[1]
    assert f"{cut[0]} … {cut[1]}" in context.text
    assert context.tokens <= budget


def test_what_was_cut_grows_to_the_whole_where_budget_is_left(a_hit: Builder) -> None:
    text = f"{FILLER}The key is under the stone. {FILLER}"
    start = text.index("The key")
    context = pack([a_hit(text, span=(start, start + 30))], budget_tokens=1000, count_tokens=words_and_marks)
    assert context.text == text.strip()


def test_a_long_text_that_found_no_place_shows_the_sentence_that_answers_in_what_is_left(a_hit: Builder) -> None:
    text = f"{FILLER}The code is 4471. {FILLER}"
    first = a_hit("The key is not here. " * 5, number=1, score=9.0)
    context = pack([first, a_hit(text, number=2)], budget_tokens=60, count_tokens=words_and_marks, parts_of=two_halves)
    assert context.text.startswith(f"{first.record.text.strip()}\n…")
    assert "The code is 4471." in context.text
    assert context.tokens <= 60


def test_a_text_with_a_span_stays_whole_while_it_is_a_small_part_of_the_budget(a_hit: Builder) -> None:
    context = pack([a_hit("One two. Three four.", span=(0, 8))], budget_tokens=100, count_tokens=words_and_marks)
    assert context.text == "One two. Three four."


def test_the_best_hit_is_cut_where_it_does_not_fit_and_not_passed_over_for_shorter_ones(a_hit: Builder) -> None:
    best = a_hit("Zora opened the safe. " + "Nobody else was there, and the lamp was on. " * 40, number=7, score=9.0)
    others = [a_hit(f"The bank was closed on day {n}.", number=n, score=1.0) for n in range(1, 7)]
    context = pack([best, *others], budget_tokens=40, count_tokens=words_and_marks)
    cut, *rest = sorted(context.citations, key=lambda cited: cited.record_id != "r7")
    assert cut.record_id == "r7"
    assert best.record.text is not None
    assert best.record.text[cut.start : cut.end].startswith("Zora opened the safe.")
    assert 0 < len(rest) < len(others)
    assert context.tokens <= 40


def test_a_single_hit_that_is_too_long_is_cut_at_a_word(a_hit: Builder) -> None:
    context = pack([a_hit("one two three four five six", speaker="Ada")], budget_tokens=6, count_tokens=words_and_marks)
    assert context.text == "Ada: one two three…"
    assert context.tokens == 6


def test_the_best_hit_takes_the_whole_of_a_budget_of_which_a_quarter_holds_none_of_it(a_hit: Builder) -> None:
    best = a_hit("I watched Tenet and a film about bees.", number=2, at=(25, 8, 0), speaker="Ada", score=9.0)
    other = a_hit("Great!", number=1, at=(6, 8, 0), speaker="Bob", score=1.0)
    context = pack([best, other], budget_tokens=12, count_tokens=words_and_marks, confidence=0.9)
    assert [cited.record_id for cited in context.citations] == ["r2"]
    assert 0.2 < context.confidence < 0.9


def test_a_context_is_as_sure_as_the_memory_where_all_of_the_best_is_in_it_and_less_where_not(a_hit: Builder) -> None:
    hits = [a_hit(f"Fact {n} is one that is told.", number=n, score=9.0 - n) for n in range(8)]
    told = [
        pack(hits, budget_tokens=b, count_tokens=words_and_marks, confidence=0.9).confidence for b in (8, 24, 40, 99)
    ]
    assert told == sorted(told)
    assert 0.2 < told[0] < told[1] < told[2] == told[3] == 0.9


def test_what_fits_nothing_is_no_answer_however_sure_the_memory_is(a_hit: Builder) -> None:
    context = pack([a_hit("one two three", at=(6, 8, 0))], budget_tokens=1, count_tokens=len, confidence=0.9)
    assert (context.text, context.confidence) == ("", 0.0)


def test_a_budget_too_small_for_anything_gives_nothing_and_says_so(a_hit: Builder) -> None:
    context = pack([a_hit("one two", speaker="Ada")], budget_tokens=1, count_tokens=words_and_marks)
    assert (context.text, context.citations, context.tokens) == ("", (), 0)
    assert [left.reason for left in context.left_out] == [OVER_BUDGET]
    assert "nothing fits into 1 tokens" in context.notes[0]


def test_no_hits_give_an_empty_context_without_a_complaint() -> None:
    context = pack([], budget_tokens=5, count_tokens=words_and_marks)
    assert (context.text, context.left_out, context.notes) == ("", (), ())


@pytest.mark.parametrize("budget", [0, -3])
def test_a_budget_below_one_is_refused(a_hit: Builder, budget: int) -> None:
    with pytest.raises(InvalidArgument, match="budget_tokens"):
        pack([a_hit()], budget_tokens=budget, count_tokens=words_and_marks)
    with pytest.raises(InvalidArgument, match="budget_tokens"):
        abstention([a_hit()], budget_tokens=budget, confidence=0.1, reason="No.")


def test_an_abstention_says_why_and_leaves_every_candidate_out(a_hit: Builder) -> None:
    context = abstention(
        [a_hit(number=4)], budget_tokens=9, confidence=0.1, reason="It is not here.", notes=("A note.",)
    )
    assert (context.text, context.citations, context.abstained) == ("", (), True)
    assert context.notes == ("A note.", "It is not here.")
    assert [(left.record_id, left.reason) for left in context.left_out] == [("r4", ABSTAINED)]


def test_two_hundred_hits_are_packed_without_counting_the_whole_again_for_each() -> None:
    at = datetime(2023, 5, 8, 9, 0, tzinfo=UTC)
    records = [
        Record(
            id=f"r{n}",
            scope=Scope(),
            kind=Kind.OBSERVATION,
            text=f"Turn {n} " * 20,
            arrived=n,
            at=at,
            session=f"s{n % 9}",
        )
        for n in range(200)
    ]
    counted: list[int] = []

    def counting(text: str) -> int:
        counted.append(len(text))
        return words_and_marks(text)

    hits = [Hit(record=record, score=1.0) for record in records]
    context = pack(hits, budget_tokens=4000, count_tokens=counting)
    assert sum(counted) < 4 * sum(len(record.text) for record in records)
    assert context.tokens > 3900


def test_a_text_of_a_megabyte_is_not_counted_as_a_whole(a_hit: Builder) -> None:
    counted: list[int] = []

    def counting(text: str) -> int:
        counted.append(len(text))
        return words_and_marks(text)

    hit = a_hit("word " * 200_000, span=(500_000, 501_000))
    context = pack([hit], budget_tokens=100, count_tokens=counting)
    assert context.tokens <= 100
    assert context.citations[0].start >= 500_000
    assert max(counted) < 10_000


def test_a_small_budget_names_days_and_a_larger_one_times(a_hit: Builder) -> None:
    hit = a_hit("The boat leaves at six.", at=(8, 13, 56), session="s")
    assert pack([hit], budget_tokens=256, count_tokens=words_and_marks).text.startswith("# 8 May 2023\n")
    assert pack([hit], budget_tokens=2000, count_tokens=words_and_marks).text.startswith("# 8 May 2023 13:56\n")
