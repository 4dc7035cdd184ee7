from pathlib import Path

import pytest

from lamina.evaluate.abstention import THRESHOLDS, Declined, foreign_questions, rates_of, renamed
from lamina.evaluate.schema import read_dataset
from lamina.recall.confidence import THRESHOLD


def declined(*, is_own: bool, abstained: bool, confidence: float) -> Declined:
    return Declined(id="q", group="g", is_own=is_own, abstained=abstained, confidence=confidence)


def test_names_are_replaced_as_whole_words_place_by_place() -> None:
    assert (
        renamed("Did Ann see Joan's cat, or Joanna?", ["Joan", "Ann"], ["Bo", "Cy"])
        == "Did Cy see Bo's cat, or Joanna?"
    )


def test_two_names_are_exchanged_at_once() -> None:
    assert renamed("Ann met Bo", ["Ann", "Bo"], ["Bo", "Ann"]) == "Bo met Ann"


def test_more_names_than_there_are_in_the_other_memory_are_used_again() -> None:
    assert renamed("Ann, Bo, Cy", ["Ann", "Bo", "Cy"], ["Di"]) == "Di, Di, Di"


def test_foreign_questions_are_those_of_the_others_with_the_names_of_this_memory(harbour: Path) -> None:
    dataset = read_dataset(harbour)
    asked = [one.text for one in foreign_questions(dataset, dataset.haystacks[0])]
    assert asked == ["Which trees did Tomas order?", "What happened to the tomatoes of Ines?"]


def test_memories_without_names_have_no_foreign_questions(shared_sessions: Path) -> None:
    dataset = read_dataset(shared_sessions)
    assert foreign_questions(dataset, dataset.haystacks[0]) == []


def test_rates_are_shares_of_each_kind() -> None:
    """One of two own questions and one of one foreign one were declined; both own ones are above it but for a tie."""
    rates = rates_of(
        [
            declined(is_own=True, abstained=True, confidence=0.2),
            declined(is_own=True, abstained=False, confidence=0.9),
            declined(is_own=False, abstained=True, confidence=0.2),
        ]
    )
    assert rates.own.mean == 0.5
    assert rates.foreign is not None
    assert rates.foreign.mean == 1.0
    assert rates.separation is not None
    assert rates.separation.mean == pytest.approx(0.75)
    at = {one.threshold: one for one in rates.at}
    assert at[0.15].own.mean == at[0.2].own.mean == 0.0
    assert at[0.3].own.mean == 0.5
    assert at[0.3].foreign is not None
    assert at[0.3].foreign.mean == 1.0


def test_without_foreign_questions_only_the_own_rate_is_given() -> None:
    rates = rates_of([declined(is_own=True, abstained=False, confidence=0.9)])
    assert (rates.own.mean, rates.foreign, rates.separation) == (0.0, None, None)


def test_the_usual_threshold_is_among_those_that_are_told() -> None:
    assert THRESHOLD in THRESHOLDS
