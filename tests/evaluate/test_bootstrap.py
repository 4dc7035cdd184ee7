import pytest

from lamina.evaluate.bootstrap import interval, paired_difference


def test_equal_values_leave_nothing_to_chance() -> None:
    """Whatever is drawn from 0.5, 0.5, 0.5, the mean is 0.5."""
    found = interval([0.5] * 3)
    assert (found.mean, found.low, found.high, found.n) == (0.5, 0.5, 0.5, 3)


def test_the_interval_of_a_coin_is_that_of_the_binomial() -> None:
    """100 values, half of them 1: the standard error is 0.05, so 95 % lie within 0.5 ± 1.96 x 0.05 = 0.402 to 0.598."""
    found = interval([0.0, 1.0] * 50)
    assert found.mean == 0.5
    assert found.low == pytest.approx(0.402, abs=0.012)
    assert found.high == pytest.approx(0.598, abs=0.012)


def test_the_same_values_give_the_same_interval_and_another_seed_another() -> None:
    values = [(7 * n % 31) / 31 for n in range(40)]
    assert interval(values) == interval(values)
    assert interval(values, seed=1) != interval(values, seed=2)


def test_a_small_steady_gain_is_seen_although_the_questions_differ_widely() -> None:
    """Every question gains 0.1, so the difference is 0.1 in every drawing, though the means' own intervals overlap."""
    others = [0.0, 0.9] * 20
    values = [value + 0.1 for value in others]
    found = paired_difference(values, others)
    assert found.mean == pytest.approx(0.1)
    assert found.low == pytest.approx(0.1)
    assert found.excludes_zero
    assert interval(others).high > interval(values).low


def test_no_difference_is_no_difference() -> None:
    assert not paired_difference([1.0, 0.0, 1.0], [1.0, 0.0, 1.0]).excludes_zero
    assert not paired_difference([1.0, 0.0], [0.0, 1.0]).excludes_zero


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        interval([])
    with pytest.raises(ValueError, match="shorter"):
        paired_difference([1.0, 1.0], [1.0])
