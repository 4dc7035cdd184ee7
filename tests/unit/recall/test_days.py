from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.recall.days import Days, fall_within, named_days

UNKNOWN = -1
ASKED = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday


def between(first, last):
    return (Days(first=date.fromisoformat(first), last=date.fromisoformat(last)),)


@pytest.mark.parametrize(
    "text", ["on 8 May, 2023", "8th of May 2023", "May 8, 2023", "may 8th 2023", "2023-05-08", "08 MAY 2023"]
)
def test_a_day_is_read_in_every_spelling(text):
    assert named_days(text, at=None) == between("2023-05-08", "2023-05-08")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in May 2023", between("2023-05-01", "2023-05-31")),
        ("February 2024", between("2024-02-01", "2024-02-29")),
        ("in December 9999", between("9999-12-01", "9999-12-31")),
        ("during May", (Days(month=5),)),
        ("on 8 May", (Days(month=5, day=8),)),
        ("You may go, march on", ()),
        ("31 February 2023 or 2023-13-40", ()),
        ("nothing here", ()),
    ],
)
def test_months_and_years_are_read_and_other_words_are_not(text, expected):
    assert named_days(text, at=None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", between("2026-03-04", "2026-03-04")),
        ("yesterday", between("2026-03-03", "2026-03-03")),
        ("this week", between("2026-03-02", "2026-03-08")),
        ("last week", between("2026-02-23", "2026-03-01")),
        ("last month", between("2026-02-01", "2026-02-28")),
        ("three days ago", between("2026-03-01", "2026-03-01")),
        ("2 weeks ago", between("2026-02-15", "2026-02-21")),
    ],
)
def test_what_counts_from_the_moment_of_asking_needs_it(text, expected):
    assert named_days(text, at=ASKED) == expected
    assert named_days(text, at=None) == ()


@given(
    st.lists(
        st.sampled_from("1 12 31 2023 9999 0000 999 may ſeptember dec march in last ago days months week".split())
    ),
    st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_any_words_at_any_time_are_read_without_an_error(words, at):
    assert isinstance(named_days(" ".join(words), at=at), tuple)


@given(st.text(), st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]))
def test_the_ends_of_the_calendar_are_no_error(text, moment):
    assert isinstance(named_days(f"{text} last month, 999 months ago, this week", at=moment), tuple)


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
    assert fall_within(at_us, (), unknown=UNKNOWN).tolist() == [False] * 4
