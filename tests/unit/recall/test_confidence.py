import numpy as np
import pytest

from lamina.recall.confidence import NEUTRAL, TENTH, THRESHOLD, Signs, abstains, confidence, coverage, reason, signs


def test_coverage_weighs_each_term_by_its_idf() -> None:
    """Of weights 3 and 1 the first candidate holds the 3 (3/4), the second both, the third none."""
    holds = np.array([[True, True, False], [False, True, False]])
    assert coverage(np.array([3.0, 1.0]), holds) == pytest.approx([0.75, 1.0, 0.0])


def test_a_term_that_stands_nowhere_lowers_the_coverage() -> None:
    """Held weight 1 of 1 + 4, the 4 being a term that no candidate holds."""
    assert coverage(np.array([1.0, 4.0]), np.array([[True], [False]])) == pytest.approx([0.2])


def test_without_terms_the_coverage_is_unknown() -> None:
    assert np.isnan(coverage(np.array([]), np.zeros((0, 2), dtype=bool))).all()


def of(coverages: list[float], cosines: list[float], scores: list[float] | None = None) -> Signs:
    found = signs(np.array(coverages), np.array(cosines), np.array(scores or [1.0] * len(coverages)))
    assert found is not None
    return found


def test_the_single_sign_is_that_of_the_best_candidate() -> None:
    """One candidate has the words (1.0, 0.2), one the theme (0.2, 1.0): 0.6 each, and not the 1.0 of both bests."""
    assert of([1.0, 0.2], [0.2, 1.0]) == pytest.approx(Signs(0.6, 1.0, NEUTRAL))


def test_an_absent_signal_speaks_neither_for_nor_against() -> None:
    assert of([0.8], [np.nan]) == pytest.approx(Signs((0.8 + NEUTRAL) / 2, NEUTRAL, NEUTRAL))
    assert of([np.nan], [0.1]).single == pytest.approx((NEUTRAL + 0.1) / 2)


def test_the_lead_is_that_over_the_tenth_and_unknown_among_fewer() -> None:
    scores = [2.0, *[1.5] * (TENTH - 2), 0.5, 0.1]
    assert of([0.5] * len(scores), [0.5] * len(scores), scores).lead == pytest.approx(0.75)
    assert of([0.5] * 3, [0.5] * 3, [2.0, 1.0, 0.5]).lead == NEUTRAL
    assert of([0.5] * TENTH, [0.5] * TENTH, [0.0] * TENTH).lead == NEUTRAL


@pytest.mark.parametrize("cosine", [-1.0, -0.2, 0.0, 1.0, 1.0001])
def test_confidence_stays_between_0_and_1(cosine: float) -> None:
    assert 0.0 <= confidence(of([1.0], [cosine])) <= 1.0


def test_nothing_found_is_no_confidence() -> None:
    assert signs(np.array([]), np.array([]), np.array([])) is None
    assert confidence(None) == 0.0
    assert abstains(0.0)


def test_more_of_a_sign_never_lowers_the_confidence() -> None:
    some = confidence(Signs(0.5, 0.4, 0.3))
    for more in (Signs(0.6, 0.4, 0.3), Signs(0.5, 0.5, 0.3), Signs(0.5, 0.4, 0.4)):
        assert confidence(more) > some


def test_a_memory_abstains_below_the_threshold_and_not_at_it() -> None:
    assert abstains(THRESHOLD - 0.01)
    assert not abstains(THRESHOLD)
    assert not abstains(0.2, threshold=0.1)


def test_the_reason_names_both_numbers_and_the_way_on() -> None:
    sentence = reason(0.12, threshold=0.37)
    assert "0.12" in sentence
    assert "0.37" in sentence
    assert "abstain=False" in sentence
