"""Instants have a zone, and survive as microseconds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.errors import InvalidArgument
from lamina.core.time import SystemClock, checked_instant, from_us, offset_s, to_us


@given(
    st.datetimes(min_value=datetime(2, 1, 3), max_value=datetime(9998, 12, 30)),  # noqa: DTZ001  # the zone comes next
    st.integers(-23 * 3600, 23 * 3600),
)
def test_an_instant_comes_back_exactly_with_its_offset(moment: datetime, seconds: int) -> None:
    at = moment.replace(tzinfo=timezone(timedelta(seconds=seconds)))
    back = from_us(to_us(at), offset_s=offset_s(at))
    assert back == at
    assert back.isoformat() == at.isoformat()


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 2),  # noqa: DTZ001  # naive on purpose
        datetime(9999, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
    ],
)
def test_naive_times_and_the_ends_of_the_calendar_are_refused_by_name(at: datetime) -> None:
    with pytest.raises(InvalidArgument, match="`asked_at`"):
        checked_instant(at, argument="asked_at")


def test_the_system_clock_has_a_zone() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
