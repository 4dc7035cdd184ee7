import math

import numpy as np
import pytest

from lamina.evaluate.bootstrap import Interval, interval, redrawn
from lamina.evaluate.calibration import BINS, Told, auroc, brier_skill, calibration_error, reliability, share_below


def told(likely: list[float], was_so: list[float], weights: list[float] | None = None) -> Told:
    counted = np.ones(len(likely)) if weights is None else np.array(weights)
    return Told(likely=np.array(likely), was_so=np.array(was_so), weights=counted)


def test_auroc_is_the_share_of_pairs_and_ties_count_half() -> None:
    ours, others = np.array([0.2, 0.9]), np.array([0.2, 0.5])
    assert auroc(ours, others, np.ones(2), np.ones(2)) == pytest.approx((0.5 + 0 + 1 + 1) / 4)


def test_what_is_drawn_twice_counts_twice() -> None:
    rng = np.random.default_rng(3)
    ours, others = rng.integers(0, 6, 20) / 5, rng.integers(0, 6, 30) / 5
    times, others_times = rng.integers(0, 4, 20), rng.integers(0, 4, 30)
    drawn = auroc(
        np.repeat(ours, times), np.repeat(others, others_times), *map(np.ones, (times.sum(), others_times.sum()))
    )
    assert auroc(ours, others, times.astype(float), others_times.astype(float)) == pytest.approx(drawn)


def test_without_a_pair_there_is_no_auroc() -> None:
    assert math.isnan(auroc(np.array([0.5]), np.array([0.5]), np.ones(1), np.zeros(1)))


def test_telling_the_base_rate_has_no_skill_and_telling_the_truth_has_all() -> None:
    was_so = [1.0, 0.0, 0.0, 1.0]
    assert brier_skill(told([0.5] * 4, was_so), np.ones(4)) == pytest.approx(0.0)
    assert brier_skill(told(was_so, was_so), np.ones(4)) == pytest.approx(1.0)
    assert math.isnan(brier_skill(told([0.5, 0.5], [1.0, 1.0]), np.ones(2)))


def test_the_calibration_error_is_the_gap_of_each_bin_by_its_weight() -> None:
    """Of .25, twice told, half came true: .25 too few. 1.0 came true, and weighs twice as much as both."""
    some = told([0.25, 0.25, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 4.0])
    assert calibration_error(some, np.ones(3)) == pytest.approx(0.25 * 2 / 6)
    first, last = reliability(some)
    assert (first.told, first.was_so, first.share) == pytest.approx((0.25, 0.5, 2 / 6))
    assert (last.told, last.was_so, last.share) == pytest.approx((1.0, 1.0, 4 / 6))


def test_bins_share_out_everything() -> None:
    rng = np.random.default_rng(5)
    some = told(list(rng.random(200)), list(rng.integers(0, 2, 200).astype(float)), list(rng.random(200)))
    bins = reliability(some)
    assert len(bins) == BINS
    assert sum(one.share for one in bins) == pytest.approx(1.0)
    assert sum(one.share * abs(one.told - one.was_so) for one in bins) == pytest.approx(
        calibration_error(some, np.ones(200))
    )


def test_the_share_below_a_threshold_leaves_out_what_reaches_it() -> None:
    assert share_below(0.15, np.array([0.1, 0.15, 0.9]), np.ones(3)) == pytest.approx(1 / 3)


def test_a_mean_drawn_by_question_has_the_interval_of_a_mean() -> None:
    values = np.array([0.0, 1.0] * 50)
    found = redrawn(lambda counts: float(counts @ values / counts.sum()), [str(n) for n in range(100)])
    plain = interval(list(values))
    assert (found.mean, found.n) == (0.5, 100)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=0.02)


def test_answers_of_one_question_are_drawn_together() -> None:
    """Two answers that agree say no more than one: asked of twice as many answers, the interval stays."""
    values = np.array([0.0, 1.0] * 50)
    twice = np.repeat(values, 2)
    names = [str(n) for n in range(100)]
    once = redrawn(lambda counts: float(counts @ values / counts.sum()), names)
    again = redrawn(lambda counts: float(counts @ twice / counts.sum()), [name for name in names for _ in range(2)])
    assert again == once


def test_draws_that_leave_nothing_to_judge_are_passed_over() -> None:
    found = redrawn(lambda counts: math.nan if counts[0] == 0 else 0.25, ["a", "b"])
    assert found == Interval(mean=0.25, low=0.25, high=0.25, n=2)


def test_no_answers_have_no_interval() -> None:
    with pytest.raises(ValueError, match="at least one"):
        redrawn(lambda counts: 0.0, [])
