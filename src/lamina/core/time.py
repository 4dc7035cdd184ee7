"""Instants with a zone, in microseconds, and the clock that hands them in.

Two axes are never mixed: when something holds in the world (`at`, `valid_from`, `valid_to`), and when Lamina
recorded it (`recorded_at`). Only a `Clock` knows "now". Naive datetimes are refused.
"""

from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

from lamina.core.errors import InvalidArgument

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
#: Years that every zone can express; 9999 is refused, because any eastern zone would leave the calendar.
FIRST_YEAR, LAST_YEAR = 2, 9998


class Clock(Protocol):
    """What knows the time."""

    def now(self) -> datetime:
        """Give the present moment, with a zone."""


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """Give the present moment in UTC."""
        return datetime.now(UTC)


def checked_instant(at: datetime, *, argument: str = "at") -> datetime:
    """Give `at` back when it has a zone and a year between 2 and 9998.

    Raises:
        InvalidArgument: a naive datetime, an offset of a day or more, or a year outside that range.
    """
    try:
        is_naive = at.tzinfo is None or at.utcoffset() is None
    except ValueError as error:
        raise InvalidArgument(argument, "has an offset that no zone has", "give one under 24 hours") from error
    if is_naive:
        raise InvalidArgument(argument, "is a datetime without a zone", "give it one, for example tzinfo=timezone.utc")
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise InvalidArgument(
            argument, f"is in the year {at.year}", f"give a time between the years {FIRST_YEAR} and {LAST_YEAR}"
        )
    return at


def to_us(at: datetime) -> int:
    """Count the microseconds from 1970-01-01 UTC to `at`; exact, negative before."""
    return (at - EPOCH) // MICROSECOND


def from_us(us: int, *, offset_s: int = 0) -> datetime:
    """Give the instant `us` microseconds after 1970-01-01 UTC, shown at `offset_s` seconds east of UTC."""
    instant = EPOCH + MICROSECOND * us
    return instant.astimezone(timezone(timedelta(seconds=offset_s))) if offset_s else instant


def offset_s(at: datetime) -> int:
    """Give the offset of `at` from UTC in whole seconds, east positive."""
    offset = at.utcoffset()
    return 0 if offset is None else int(offset.total_seconds())
