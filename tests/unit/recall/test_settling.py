from datetime import UTC, date, datetime

import pytest

from lamina.recall.days import Days
from lamina.recall.ranges import named_days
from lamina.recall.settling import asks_of_what_comes

ASKED = datetime(2026, 7, 15, 12, tzinfo=UTC)


def between(first, last):
    return (Days(first=date.fromisoformat(first), last=date.fromisoformat(last)),)


def up_to(last):
    return (Days(last=date.fromisoformat(last)),)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("from June to July", between("2026-06-01", "2026-07-31")),
        ("from early June to late July", between("2026-06-01", "2026-07-31")),
        ("between 1 June and 31 July", between("2026-06-01", "2026-07-31")),
        ("五月到七月底", between("2026-05-01", "2026-07-31")),
        ("vom 1. Juni bis 31. Juli", between("2026-06-01", "2026-07-31")),
        ("from 20 to 31 July", between("2025-07-20", "2025-07-31")),
        ("from 1 November to 31 December", between("2025-11-01", "2025-12-31")),
        ("from 10 to 12 August", between("2025-08-10", "2025-08-12")),
    ],
)
def test_a_span_that_has_begun_may_end_later_in_a_month_that_has_begun(text, days):
    assert named_days(text, at=ASKED) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("What happened by the end of September?", up_to("2025-09-30")),
        ("What will happen by the end of September?", up_to("2026-09-30")),
        ("What is going to happen before 3 September?", up_to("2026-09-02")),
        ("What will happen by the end of July?", up_to("2026-07-31")),
        ("What will happen until June?", up_to("2027-06-30")),
        ("What will happen after September?", (Days(first=date(2026, 10, 1)),)),
        ("What will happen from September to February?", between("2026-09-01", "2027-02-28")),
        ("Was wird bis Ende September geschehen?", up_to("2026-09-30")),
        ("Que va-t-il se passer d'ici fin septembre ?", up_to("2026-09-30")),
        ("9月底前会发生什么？", up_to("2026-09-30")),
        ("9月底前将发生什么？", up_to("2026-09-30")),
        ("9月底前的会议", up_to("2025-09-30")),
        ("What did Will do by the end of September?", up_to("2025-09-30")),
        ("What will happen on 3 September?", (Days(month=9, day=3),)),
    ],
)
def test_what_is_to_come_is_asked_for_by_the_coming_month(text, days):
    assert named_days(text, at=ASKED) == days


@pytest.mark.parametrize(
    ("text", "comes"),
    [
        ("Will it rain?", True),
        ("I'll see", True),
        ("Wann werde ich dort sein?", True),
        ("Où vas-tu ?", True),
        ("聚会什么时候开始？", False),
        ("What was Will's job?", False),
        ("What did I say?", False),
    ],
)
def test_what_comes_is_told_from_names_and_meetings(text, comes):
    assert asks_of_what_comes(text) is comes
