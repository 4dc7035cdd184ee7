import numpy as np
import pytest

from lamina.recall.confidence import NEUTRAL, THRESHOLD, abstains, confidence, coverage, reason


def test_coverage_weighs_each_term_by_its_idf() -> None:
    """Of weights 3 and 1 the first candidate holds the 3 (3/4), the second both, the third none."""
    holds = np.array([[True, True, False], [False, True, False]])
    assert coverage(np.array([3.0, 1.0]), holds) == pytest.approx([0.75, 1.0, 0.0])


def test_a_term_that_stands_nowhere_lowers_the_coverage() -> None:
    """Held weight 1 of 1 + 4, the 4 being a term that no candidate holds."""
    assert coverage(np.array([1.0, 4.0]), np.array([[True], [False]])) == pytest.approx([0.2])


def test_without_terms_the_coverage_is_unknown() -> None:
    assert np.isnan(coverage(np.array([]), np.zeros((0, 2), dtype=bool))).all()


def test_confidence_is_that_of_the_best_single_candidate() -> None:
    """One candidate has the words (1.0, 0.2), one the theme (0.2, 1.0): 0.6 each, and not the 1.0 of both bests."""
    assert confidence(np.array([1.0, 0.2]), np.array([0.2, 1.0])) == pytest.approx(0.6)


def test_an_absent_signal_speaks_neither_for_nor_against() -> None:
    assert confidence(np.array([0.8]), np.array([np.nan])) == pytest.approx((0.8 + NEUTRAL) / 2)
    assert confidence(np.array([np.nan]), np.array([0.1])) == pytest.approx((NEUTRAL + 0.1) / 2)


@pytest.mark.parametrize("cosine", [-1.0, -0.2, 0.0, 1.0, 1.0001])
def test_confidence_stays_between_0_and_1(cosine: float) -> None:
    assert 0.0 <= confidence(np.array([1.0]), np.array([cosine])) <= 1.0


def test_nothing_found_is_no_confidence() -> None:
    assert confidence(np.array([]), np.array([])) == 0.0
    assert abstains(0.0)


def test_more_evidence_never_lowers_the_confidence() -> None:
    some = confidence(np.array([0.5]), np.array([0.4]))
    assert confidence(np.array([0.5, 0.1]), np.array([0.4, 0.2])) >= some
    assert confidence(np.array([0.6]), np.array([0.4])) >= some


def test_a_memory_abstains_below_the_threshold_and_not_at_it() -> None:
    assert abstains(THRESHOLD - 0.01)
    assert not abstains(THRESHOLD)
    assert not abstains(0.2, threshold=0.1)


def test_the_reason_names_both_numbers_and_the_way_on() -> None:
    sentence = reason(0.12, threshold=0.37)
    assert "0.12" in sentence
    assert "0.37" in sentence
    assert "abstain=False" in sentence
