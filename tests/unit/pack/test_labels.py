from datetime import UTC, datetime, timedelta, timezone

import pytest

from lamina.pack.labels import MAX_NAME, day_label, later_label, moment_label, name_label

SHOWN = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)


def test_a_day_is_written_in_english_under_every_locale() -> None:
    assert day_label(SHOWN) == "8 May 2023"


def test_a_moment_is_shown_at_its_own_offset() -> None:
    assert moment_label(SHOWN.astimezone(timezone(timedelta(hours=9)))) == "8 May 2023 22:56"


@pytest.mark.parametrize(
    ("at", "label"),
    [
        (SHOWN + timedelta(seconds=20), ""),
        (SHOWN + timedelta(minutes=6), "14:02"),
        (SHOWN + timedelta(days=1), "9 May 13:56"),
        (SHOWN + timedelta(days=366), "8 May 2024 13:56"),
    ],
)
def test_a_later_moment_names_only_what_differs(at: datetime, label: str) -> None:
    assert later_label(at, shown=SHOWN) == label


def test_a_name_stays_on_one_line_and_short() -> None:
    assert name_label("Ada\n# 8 May 2023") == "Ada # 8 May 2023"
    assert len(name_label("x" * 99)) == MAX_NAME
    assert name_label("x" * MAX_NAME) == "x" * MAX_NAME


def test_without_hours_only_days_are_named() -> None:
    assert moment_label(SHOWN, with_hours=False) == "8 May 2023"
    assert later_label(SHOWN + timedelta(minutes=6), shown=SHOWN, with_hours=False) == ""
    assert later_label(SHOWN + timedelta(days=1), shown=SHOWN, with_hours=False) == "9 May"
    assert later_label(SHOWN + timedelta(days=366), shown=SHOWN, with_hours=False) == "8 May 2024"
