from datetime import UTC, date, datetime

import pytest

from lamina.recall.days import Days
from lamina.recall.ranges import named_days

ASKED = datetime(2026, 7, 15, 12, tzinfo=UTC)


def between(first, last):
    return (Days(first=date.fromisoformat(first), last=date.fromisoformat(last)),)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("before Q3?", (Days(last=date(2026, 6, 30)),)),
        ("since Q3?", (Days(first=date(2026, 7, 1)),)),
        ("after Q1?", (Days(first=date(2026, 4, 1)),)),
        ("until Q2?", (Days(last=date(2026, 6, 30)),)),
        ("since Q4?", (Days(first=date(2025, 10, 1)),)),
        ("What will happen before Q4?", (Days(last=date(2026, 9, 30)),)),
        ("before the third quarter", (Days(last=date(2026, 6, 30)),)),
        ("from Q1 to Q2", between("2026-01-01", "2026-06-30")),
        ("Was geschah vor Q3?", (Days(last=date(2026, 6, 30)),)),
        ("in Q3", (Days(month=7), Days(month=8), Days(month=9))),
    ],
)
def test_a_quarter_without_a_year_that_is_left_open_is_the_last_that_has_begun(text, days):
    assert named_days(text, at=ASKED) == days


def test_asked_at_no_moment_it_is_its_months():
    assert named_days("from Q1 to Q2", at=None) == tuple(Days(month=month) for month in range(1, 7))
    assert named_days("before Q2", at=None) == (Days(month=4), Days(month=5), Days(month=6))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Q1 and Q3 2025", between("2025-01-01", "2025-03-31") + between("2025-07-01", "2025-09-30")),
        ("Q1, Q2 and Q4 of 2025", between("2025-01-01", "2025-03-31") + between("2025-04-01", "2025-06-30")
         + between("2025-10-01", "2025-12-31")),
        ("Q1 to Q3 2025", between("2025-01-01", "2025-09-30")),
        ("Q1–Q3 2025", between("2025-01-01", "2025-09-30")),
        ("2025 Q1 to Q3", between("2025-01-01", "2025-09-30")),
        ("between Q1 and Q2 of last year", between("2025-01-01", "2025-06-30")),
        ("H1 and H2 2025", between("2025-01-01", "2025-06-30") + between("2025-07-01", "2025-12-31")),
        ("from Q4 2024 to Q1 2025", between("2024-10-01", "2025-03-31")),
        ("Q3/2025", between("2025-07-01", "2025-09-30")),
        ("2025/Q3", between("2025-07-01", "2025-09-30")),
        ("Q3-2025", between("2025-07-01", "2025-09-30")),
        ("Was geschah von Q1 bis Q3 2025?", between("2025-01-01", "2025-09-30")),
    ],
)  # fmt: skip
def test_the_year_that_stands_with_one_of_several_quarters_is_that_of_all(text, days):
    assert named_days(text, at=ASKED) == days


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("last quarter", "2026-04-01", "2026-06-30"),
        ("two quarters ago", "2026-01-01", "2026-03-31"),
        ("in the last two quarters", "2026-01-01", "2026-06-30"),
        ("five quarters ago", "2025-04-01", "2025-06-30"),
        ("Was geschah im letzten Quartal?", "2026-04-01", "2026-06-30"),
        ("Was geschah im letzten Quartal 2025?", "2025-10-01", "2025-12-31"),
        ("Was geschah in den letzten zwei Quartalen?", "2026-01-01", "2026-06-30"),
        ("Was geschah vor zwei Quartalen?", "2026-01-01", "2026-03-31"),
        ("Was geschah im ersten Quartal 2025?", "2025-01-01", "2025-03-31"),
        ("上个季度发生了什么？", "2026-04-01", "2026-06-30"),
        ("两个季度前", "2026-01-01", "2026-03-31"),
        ("Que s'est-il passé au premier trimestre 2025 ?", "2025-01-01", "2025-03-31"),
        ("Que s'est-il passé au premier trimestre de 2025 ?", "2025-01-01", "2025-03-31"),
        ("Que s'est-il passé au dernier trimestre ?", "2026-04-01", "2026-06-30"),
        ("Que s'est-il passé le trimestre dernier ?", "2026-04-01", "2026-06-30"),
        ("Que s'est-il passé il y a deux trimestres ?", "2026-01-01", "2026-03-31"),
        ("Que s'est-il passé au T3 2025 ?", "2025-07-01", "2025-09-30"),
    ],
)
def test_quarters_are_counted_by_the_calendar_in_four_languages(text, first, last):
    assert named_days(text, at=ASKED) == between(first, last)


@pytest.mark.parametrize("text", ["an hour and a quarter ago", "a quarter of an hour ago", "a quarter past three"])
def test_a_quarter_of_an_hour_is_none_of_a_year(text):
    assert named_days(text, at=ASKED) in {(), named_days("an hour ago", at=ASKED)}
