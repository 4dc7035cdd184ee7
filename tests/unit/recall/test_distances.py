from datetime import UTC, date, datetime

import pytest

from lamina.recall.days import Days
from lamina.recall.ranges import named_days

ASKED = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday


def between(first, last):
    return (Days(first=date.fromisoformat(first), last=date.fromisoformat(last)),)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1,000 days ago", "2023-06-08", "2023-06-08"),
        ("2,500 days ago", "2019-04-30", "2019-04-30"),
        ("1500 days ago", "2022-01-24", "2022-01-24"),
        ("2 000 days ago", "2020-09-11", "2020-09-11"),
        ("1'000 days ago", "2023-06-08", "2023-06-08"),
        ("1’000 days ago", "2023-06-08", "2023-06-08"),
        ("1\N{NO-BREAK SPACE}000 days ago", "2023-06-08", "2023-06-08"),
        ("vor 1 000 Tagen", "2023-06-08", "2023-06-08"),
        ("two thousand five hundred days ago", "2019-04-30", "2019-04-30"),
        ("1.5 years ago", "2024-06-04", "2024-12-03"),
        ("1,5 years ago", "2024-06-04", "2024-12-03"),
        ("1.25 years ago", "2024-09-03", "2025-03-04"),
        ("1 to 1.5 years ago", "2024-06-04", "2025-06-03"),
        ("2½ years ago", "2023-06-05", "2023-12-04"),
        ("two years and a half ago", "2023-06-05", "2023-12-04"),
        ("in the last 1,000 days", "2023-06-08", "2026-03-04"),
        ("over the past 1.5 years", "2024-09-03", "2026-03-04"),
        ("1,000 hours ago", "2026-01-21", "2026-01-21"),
        ("1.5 hours ago", "2026-03-04", "2026-03-04"),
        ("vor 1,5 Jahren", "2024-06-04", "2024-12-03"),
        ("vor 1.000 Tagen", "2023-06-08", "2023-06-08"),
        ("Was geschah in den letzten 1.000 Tagen?", "2023-06-08", "2026-03-04"),
        ("il y a 1,5 ans", "2024-06-04", "2024-12-03"),
        ("il y a 1 000 jours", "2023-06-08", "2023-06-08"),
        ("1.5年前", "2024-06-04", "2024-12-03"),
        ("1,000天前", "2023-06-08", "2023-06-08"),
        ("一千天前", "2023-06-08", "2023-06-08"),
        ("一百二十天前", "2025-11-04", "2025-11-04"),
    ],
)
def test_a_mark_in_a_number_parts_thousands_or_what_is_less_than_one(text, first, last):
    assert named_days(text, at=ASKED) == between(first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("two years and three months ago", "2023-11-20", "2023-12-20"),
        ("2 years, 3 months ago", "2023-11-20", "2023-12-20"),
        ("2 years, 3 months, and 4 days ago", "2023-11-30", "2023-11-30"),
        ("1 year and 2 weeks ago", "2025-02-15", "2025-02-21"),
        ("a year and a week ago", "2025-02-22", "2025-02-28"),
        ("a year and two or three months ago", "2024-11-19", "2025-01-18"),
        ("two weeks and two days ago", "2026-02-16", "2026-02-16"),
        ("two weeks and two days from today", "2026-03-20", "2026-03-20"),
        ("over the last year and three months", "2024-12-04", "2026-03-04"),
        ("three days and four hours ago", "2026-03-01", "2026-03-01"),
        ("12 hours and 30 minutes ago", "2026-03-03", "2026-03-03"),
        ("in the last two days and two hours", "2026-03-02", "2026-03-04"),
        ("vor zwei Jahren und drei Monaten", "2023-11-20", "2023-12-20"),
        ("vor einem Jahr, zwei Monaten und drei Tagen", "2025-01-01", "2025-01-01"),
        ("Wo war ich in den letzten zwei Wochen und drei Tagen?", "2026-02-15", "2026-03-04"),
        ("il y a deux ans et trois mois", "2023-11-20", "2023-12-20"),
        ("il y a un an, deux mois et trois jours", "2025-01-01", "2025-01-01"),
        ("两年零三个月前", "2023-11-20", "2023-12-20"),
        ("两年三个月前", "2023-11-20", "2023-12-20"),
        ("过去一年零三个月", "2024-12-04", "2026-03-04"),
    ],
)
def test_of_several_units_the_shortest_is_counted_from_the_longer_ones(text, first, last):
    assert named_days(text, at=ASKED) == between(first, last)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I rested for two days and three years ago I moved", between("2022-09-04", "2023-09-03")),
        (
            "two years ago and three months ago",
            between("2023-09-04", "2024-09-02") + between("2025-11-19", "2025-12-19"),
        ),
        (
            "in the last two days and three weeks ago",
            between("2026-03-02", "2026-03-04") + between("2026-02-08", "2026-02-14"),
        ),
        ("999,999,999 years and 3 months ago", between("0001-01-01", "0001-01-01")),
        ("half past five minutes, at half past 5, a quarter past 3 hours", ()),
        ("1,000,000,000,000 days ago, 1.2.3 years ago", ()),
    ],
)
def test_what_is_told_apart_is_no_sum_and_what_is_no_distance_no_date(text, expected):
    assert named_days(text, at=ASKED) == expected
