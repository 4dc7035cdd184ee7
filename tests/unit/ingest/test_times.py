"""Times as people and exports write them: every form, its instant, and how it is known."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.errors import InvalidArgument
from lamina.core.records import AtSource
from lamina.ingest.times import Order, common_order, read_time, read_zone

GIVEN, ASSUMED = AtSource.GIVEN, AtSource.ASSUMED
AFTERNOON = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected", "source"),
    [
        (AFTERNOON, AFTERNOON, GIVEN),
        ("2023-05-08T13:56:00Z", AFTERNOON, GIVEN),
        ("2023-05-08T15:56:00+02:00", AFTERNOON, GIVEN),
        ("20230508T135600+0000", AFTERNOON, GIVEN),
        ("2023-05-08 13:56", AFTERNOON, ASSUMED),
        ("1:56 pm on 8 May, 2023", AFTERNOON, ASSUMED),
        ("2023/05/08 (Mon) 13:56", AFTERNOON, ASSUMED),
        ("[08.05.23, 13:56:00]", AFTERNOON, ASSUMED),
        ("5/8/23, 1:56 PM", AFTERNOON, ASSUMED),
        ("Mon, 08 May 2023 13:56:00 +0000", AFTERNOON, GIVEN),
        ("8 May 2023", datetime(2023, 5, 8, tzinfo=UTC), ASSUMED),
        ("March-15-2024", datetime(2024, 3, 15, tzinfo=UTC), ASSUMED),
        ("17 October 1904", datetime(1904, 10, 17, tzinfo=UTC), ASSUMED),
        ("Monday, 8 May 2023, 1:56 p.m.", AFTERNOON, ASSUMED),
        ("2023-05-08 16:56 UTC+3", AFTERNOON, GIVEN),
        ("2023-05-08 10:26 GMT-3:30", AFTERNOON, GIVEN),
        ("8 May 2023 13:56 UTC", AFTERNOON, GIVEN),
        ("2023-05-08T15:56:00+02:00[Europe/Paris]", AFTERNOON, GIVEN),
        ("2023-05-08T15:56[Europe/Paris]", AFTERNOON, GIVEN),
        (1683554160, AFTERNOON, GIVEN),
        (1683554160.0, AFTERNOON, GIVEN),
        ("1683554160", AFTERNOON, GIVEN),
        (1683554160000, AFTERNOON, GIVEN),
        ("1683554160000", AFTERNOON, GIVEN),
    ],
)
def test_each_form_is_read_as_its_instant(value: object, expected: datetime, source: AtSource) -> None:
    assert read_time(value, timezone="UTC") == (expected, source)


def test_the_callers_zone_is_taken_for_what_has_none() -> None:
    at, source = read_time("1:56 pm on 8 May, 2023", timezone="+02:00")
    assert at == datetime(2023, 5, 8, 13, 56, tzinfo=timezone(timedelta(hours=2)))
    assert source is ASSUMED
    assert read_time("2023-05-08T13:56:00Z", timezone="+02:00") == (AFTERNOON, GIVEN)


def test_unknown_is_known_to_be_unknown() -> None:
    assert read_time("unknown") == (None, AtSource.UNKNOWN)


@pytest.mark.parametrize(
    "value",
    [
        "", " ", "someday", "12.05",
        "8 May 2023 13:56 CEST", "2023-05-08 1 apple", "13:56", "monday",
        "May", "8 May", "32 May 2023", "2023-13-01", "2023-02-30T00:00:00Z",
        "2023-05-08T13:56+25:00", "8 May 2023 13:56 +25:00", "8 May 2023 1:56 AM PM", "2023-05-08T24:00:00Z",
        "2023-05-08T13:56[Mars/Olympus]", "2023-05-08T13:56+03:00[Europe/Paris]",
        0, 12, 99_999_999, -1, 10**14, float("nan"), float("inf"), True, None, [], {}, b"2023",
        datetime(9999, 1, 1, tzinfo=UTC), "9999-12-31T00:00:00Z", "0001-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_what_cannot_be_placed_is_refused_by_name(value: object) -> None:
    with pytest.raises(InvalidArgument, match="`said_at`"):
        read_time(value, timezone="UTC", argument="said_at")


@pytest.mark.parametrize(
    "value", ["2023", "1234", "Tue 2023", "2023-05", "May 2023", "05-2023", "2023-W19", "Oct 1904"]
)
def test_no_day_is_made_up_for_a_month_or_a_year(value: str) -> None:
    with pytest.raises(InvalidArgument, match="names no day"):
        read_time(value, timezone="UTC")


def test_the_offset_of_a_datetime_must_be_one_of_a_zone() -> None:
    class Far(tzinfo):
        def utcoffset(self, moment: datetime | None) -> timedelta:
            return timedelta(hours=25)

    with pytest.raises(InvalidArgument, match="offset"):
        read_time(datetime(2023, 5, 8, tzinfo=Far()))


@pytest.mark.parametrize(
    ("value", "day_first", "month"),
    [("5/8/23", None, 5), ("5/8/23", True, 8), ("5/8/23", False, 5), ("13/5/2023", None, 5), ("5-13-2023", False, 5),
     ("8.5.23", False, 5), ("2023/05/08", True, 5), ("5/5/23", True, 5)],
)  # fmt: skip
def test_day_and_month_come_in_the_order_that_is_said(value: str, day_first: bool | None, month: int) -> None:
    at, _ = read_time(value, timezone="UTC", day_first=day_first)
    assert at is not None
    assert at.month == month


@pytest.mark.parametrize(("value", "day_first"), [("13/5/2023", False), ("5/13/2023", True)])
def test_a_date_that_has_another_order_than_is_said_is_refused(value: str, day_first: bool) -> None:
    with pytest.raises(InvalidArgument, match="first"):
        read_time(value, timezone="UTC", day_first=day_first)


def test_one_date_that_can_be_told_decides_for_all() -> None:
    assert common_order(["8/5/23", "13/5/23", "8 May 2023", 7, None]) is Order.DAY_FIRST
    assert common_order(["8/5/23", "5/13/23"]) is Order.MONTH_FIRST
    assert common_order(["8/5/23", "5/5/23"]) is Order.EITHER
    assert common_order(["5/5/23", "8.5.23", "2023-05-08", "13/13/23"]) is None
    with pytest.raises(InvalidArgument, match="first"):
        common_order(["13/5/23", "5/13/23"])


def test_a_naive_datetime_is_refused_even_with_a_zone_beside_it() -> None:
    with pytest.raises(InvalidArgument, match="zone"):
        read_time(datetime(2023, 5, 8), timezone="UTC")  # noqa: DTZ001


@pytest.mark.parametrize("value", ["2023-05-08T13:56:00", datetime(2023, 5, 8), "8 May 2023"])  # noqa: DTZ001
def test_a_time_without_a_zone_is_refused_with_advice_where_none_is_handed_in(value: object) -> None:
    with pytest.raises(InvalidArgument, match=r"zone"):
        read_time(value)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "+25:00", "2", 7, "../etc"])
def test_zones_that_are_none_are_refused(zone: object) -> None:
    with pytest.raises(InvalidArgument, match="`timezone`"):
        read_zone(zone)


@given(st.text(max_size=40) | st.floats() | st.integers())
def test_any_value_is_read_or_refused_and_nothing_else(value: object) -> None:
    try:
        at, _ = read_time(value, timezone="UTC")
    except InvalidArgument:
        return
    assert at is None or at.tzinfo is not None
