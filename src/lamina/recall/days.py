"""Days: spans of the calendar, open where a question leaves them open, and which moments fall within them."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

_EPOCH = date(1970, 1, 1).toordinal()
_DAY_US = 24 * 60 * 60 * 1_000_000
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A span of days, both ends included, without an end where that is None; or a day or month of any year."""

    first: date | None = None
    last: date | None = None
    #: Where there is a month, there is no span.
    month: int | None = None
    day: int | None = None
    #: The last day of several in a month of any year, from `day` on.
    to_day: int | None = None


def fall_within(local_us: NDArray[np.int64], days: tuple[Days, ...], *, unknown: int) -> NDArray[np.bool_]:
    """Say which moments fall within any of `days`, to the day; `unknown` ones do not.

    They are what the clocks showed where something was said, in microseconds from 1970: "yesterday" and "on 8 May" mean
    the days that people lived, whatever day it was in Greenwich.
    """
    hits = np.zeros(len(local_us), dtype=bool)
    if not days:
        return hits
    for asked in days:
        if asked.month is None:
            hits |= _within(local_us, asked)
    of_any_year = [asked for asked in days if asked.month is not None]
    if of_any_year:
        known = np.where(local_us != unknown, local_us, 0)
        day = known.astype("datetime64[us]").astype("datetime64[D]")
        month = day.astype("datetime64[M]")
        month_number = month.astype(np.int64) % 12 + 1
        for asked in of_any_year:
            same = month_number == asked.month
            if asked.day is not None:
                number = (day - month.astype("datetime64[D]")).astype(np.int64) + 1
                same &= (number >= asked.day) & (number <= (asked.to_day or asked.day))
            hits |= same
    hits &= local_us != unknown
    return hits


def _within(local_us: NDArray[np.int64], asked: Days) -> NDArray[np.bool_]:
    within = np.ones(len(local_us), dtype=bool)
    if asked.first is not None:
        within &= local_us >= (asked.first.toordinal() - _EPOCH) * _DAY_US
    if asked.last is not None:
        within &= local_us < (asked.last.toordinal() - _EPOCH + 1) * _DAY_US
    return within


def days_on(day: date, count: int) -> date:
    """Give the day `count` days on, or the first or last that the calendar has."""
    return date.fromordinal(min(max(day.toordinal() + count, 1), date.max.toordinal()))


def months_back(day: date, count: int) -> date:
    """Give the day `count` months back, or the last of a month that is shorter, or the first that the calendar has."""
    year, month = divmod(12 * day.year + day.month - 1 - count, 12)
    if year < date.min.year:
        return date.min
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_of(year: int, month: int, *, count: int = 1) -> tuple[Days, ...]:
    """Give `count` months as one span, as far as the calendar goes; nothing where it does not have the first."""
    if not (date.min.year <= year <= date.max.year and 1 <= month <= 12):
        return ()
    to_year, to_month = divmod(12 * year + month - 2 + count, 12)
    last = date.max if to_year > date.max.year else date(to_year, to_month + 1, monthrange(to_year, to_month + 1)[1])
    return (Days(first=date(year, month, 1), last=last),)


def quarter_of(year: int | None, quarter: int) -> tuple[Days, ...]:
    """Give a quarter of a year, 1 to 4, or its months of any year."""
    first = 3 * quarter - 2
    if year is None:
        return tuple(Days(month=first + further) for further in range(3))
    return months_of(year, first, count=3)


def on_calendar(year: int | None, month: int, day: int | None, to_day: int | None = None) -> tuple[Days, ...]:
    """Give a month, a day of it, or the days up to `to_day`, of any year where none is given.

    Nothing where no calendar has it; a last day that the month lacks is its last.
    """
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= monthrange(_LEAP_YEAR, month)[1]):
        return ()
    if year is None:
        return (Days(month=month, day=day, to_day=to_day),)
    if day is None:
        return months_of(year, month)
    try:
        first = date(year, month, day)
    except ValueError:
        return ()
    last = first if to_day is None else first.replace(day=min(to_day, monthrange(year, month)[1]))
    return (Days(first=first, last=last),)


def of_any_year(first: date, last: date) -> tuple[Days, ...]:
    """Give the days from one to another, less than a year on, as days of any year."""
    count = 12 * (last.year - first.year) + last.month - first.month
    if count == 0:
        to_day = None if first.day == last.day else last.day
        return (Days(month=first.month, day=first.day, to_day=to_day),)
    between = (Days(month=(first.month + further - 1) % 12 + 1) for further in range(1, count))
    return (
        Days(month=first.month, day=first.day, to_day=31),
        *between,
        Days(month=last.month, day=1, to_day=last.day),
    )
