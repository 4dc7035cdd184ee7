from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.recall.days import Days, days_on, fall_within, months_of, on_calendar

UNKNOWN = -1


def between(first, last):
    return (Days(first=date.fromisoformat(first), last=date.fromisoformat(last)),)


def micros(*stamps):
    return np.array(
        [UNKNOWN if each is None else round(datetime.fromisoformat(each).timestamp() * 1e6) for each in stamps]
    )


def test_instants_fall_within_days_to_the_day_and_unknown_ones_nowhere():
    at_us = micros("2023-05-07T23:59:59+00:00", "2023-05-08T00:00:00+00:00", "2023-05-08T23:59:59+00:00", None)
    assert fall_within(at_us, between("2023-05-08", "2023-05-08"), unknown=UNKNOWN).tolist() == [
        False,
        True,
        True,
        False,
    ]


def test_a_day_without_a_year_falls_in_every_year():
    at_us = micros("2021-05-08T10:00:00+00:00", "1969-05-08T10:00:00+00:00", "2021-05-09T10:00:00+00:00", None)
    assert fall_within(at_us, (Days(month=5, day=8),), unknown=UNKNOWN).tolist() == [True, True, False, False]
    assert fall_within(at_us, (Days(month=5),), unknown=UNKNOWN).tolist() == [True, True, True, False]
    some = fall_within(at_us, (Days(month=5, day=7, to_day=8),), unknown=UNKNOWN)
    assert some.tolist() == [True, True, False, False]
    assert fall_within(at_us, (), unknown=UNKNOWN).tolist() == [False] * 4


def test_what_is_open_at_one_end_goes_on_without_end_and_unknown_moments_are_never_in_it():
    at_us = micros("0001-01-01T00:00:00+00:00", "2023-05-07T23:59:59+00:00", "2023-05-08T00:00:00+00:00", None)
    eighth = date(2023, 5, 8)
    assert fall_within(at_us, (Days(first=eighth),), unknown=UNKNOWN).tolist() == [False, False, True, False]
    assert fall_within(at_us, (Days(last=days_on(eighth, -1)),), unknown=UNKNOWN).tolist() == [True, True, False, False]
    assert fall_within(at_us, (Days(last=date.max),), unknown=UNKNOWN).tolist() == [True, True, True, False]
    both = (Days(month=1), Days(first=eighth))
    assert fall_within(at_us, both, unknown=UNKNOWN).tolist() == [True, False, True, False]


@given(st.dates(), st.integers(-4_000_000, 4_000_000))
def test_counting_days_never_leaves_the_calendar(day, count):
    assert date.min <= days_on(day, count) <= date.max


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (months_of(2024, 2), between("2024-02-01", "2024-02-29")),
        (months_of(2022, 12, count=3), between("2022-12-01", "2023-02-28")),
        (months_of(9999, 12, count=3), between("9999-12-01", "9999-12-31")),
        (months_of(0, 1), ()),
        (months_of(2022, 13), ()),
        (on_calendar(2023, 2, 29), ()),
        (on_calendar(None, 2, 29), (Days(month=2, day=29),)),
        (on_calendar(None, 4, 32), ()),
        (on_calendar(2023, 2, 21, 31), between("2023-02-21", "2023-02-28")),
        (on_calendar(None, 2, 21, 31), (Days(month=2, day=21, to_day=31),)),
    ],
)
def test_months_and_days_are_those_of_the_calendar(asked, expected):
    assert asked == expected
