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
        ("the last third of June 2025", between("2025-06-21", "2025-06-30")),
        ("the first third of June", (Days(month=6, day=1, to_day=10),)),
        ("the middle third of June 2025", between("2025-06-11", "2025-06-20")),
        ("the second third of 2025", between("2025-05-01", "2025-08-31")),
        ("the first or second third of June 2025", between("2025-06-01", "2025-06-20")),
        ("the last third of last month", between("2026-06-21", "2026-06-30")),
        ("das erste Drittel des Juni 2025", between("2025-06-01", "2025-06-10")),
        ("le premier tiers de juin 2025", between("2025-06-01", "2025-06-10")),
        ("the third of June 2025", between("2025-06-03", "2025-06-03")),
        ("the twenty-third of June 2025", between("2025-06-23", "2025-06-23")),
    ],
)
def test_a_third_by_its_place_is_a_part_and_no_day(text, days):
    assert named_days(text, at=ASKED) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mid- to late June 2025", between("2025-06-11", "2025-06-30")),
        ("early- and mid-June 2025", between("2025-06-01", "2025-06-20")),
        ("in early and in late June", (Days(month=6, day=1, to_day=10), Days(month=6, day=21, to_day=31))),
        (
            "at the start and at the end of June 2025",
            between("2025-06-01", "2025-06-10") + between("2025-06-21", "2025-06-30"),
        ),
    ],
)
def test_two_parts_are_read_with_a_hyphen_or_a_word_between_them(text, days):
    assert named_days(text, at=ASKED) == days


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("up to the end of June", "2026-06-30"),
        ("through the end of June", "2026-06-30"),
        ("through June", "2026-06-30"),
        ("up to June 2025", "2025-06-30"),
        ("up until 8 May 2025", "2025-05-08"),
        ("up to the end of the month", "2026-07-31"),
    ],
)
def test_up_to_and_through_are_until(text, last):
    assert named_days(text, at=ASKED) == (Days(last=date.fromisoformat(last)),)
