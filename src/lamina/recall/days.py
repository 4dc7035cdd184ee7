"""Days that a question names: "on 8 May", "in March 2024", "2023-05-08", "yesterday", "two weeks ago".

English words and ISO dates. What counts from the moment of asking is read only where that moment is known.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

MONTHS = "january february march april may june july august september october november december".split()
# ASCII: otherwise a long s would match where no month is found by that name.
_FLAGS = re.IGNORECASE | re.ASCII
_MONTH = "|".join(f"{name}|{name[:3]}" for name in MONTHS)
_NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b", re.ASCII)
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH})\b\.?(?:,? (\d{{4}}))?", _FLAGS)
_MONTH_DAY = re.compile(rf"\b({_MONTH})\b\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}}))?", _FLAGS)
# "May" and "march" are also other words: alone they count after "in", "of", "during", "last", or before a year.
_MONTH_ALONE = re.compile(rf"\b(?:in|of|during|since|last|this) ({_MONTH})\b(?:,? (\d{{4}}))?", _FLAGS)
_MONTH_YEAR = re.compile(rf"\b({_MONTH})\b,? (\d{{4}})\b", _FLAGS)
_AGO = re.compile(r"\b(a|one|two|three|four|five|six|seven|ten|\d{1,3}) (day|week|month)s? ago\b", _FLAGS)
#: What every day is named with: a number, or one of these words.
_NUMBER, _WORD = re.compile(r"\b\d", re.ASCII), re.compile("[a-z]+", _FLAGS)
_HINTS = frozenset([*_MONTH.split("|"), "ago", "today", "yesterday", "this", "last"])
_RELATIVE = re.compile(r"\b(today|yesterday|this week|last week|this month|last month)\b", _FLAGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A span of days, both ends included; or a day or month of any year, where the question names no year."""

    first: date | None = None
    last: date | None = None
    month: int | None = None
    day: int | None = None


def named_days(text: str, *, at: datetime | None) -> tuple[Days, ...]:
    """Give the days that `text` names, in the order of their kinds; dates that no calendar has are passed over."""
    if not _NUMBER.search(text) and _HINTS.isdisjoint(map(str.lower, _WORD.findall(text))):
        return ()
    found: list[Days] = []
    taken = text
    for match in _ISO.finditer(text):
        found += _calendar(int(match[1]), int(match[2]), int(match[3]))
    for pattern, month_group, day_group in ((_DAY_MONTH, 2, 1), (_MONTH_DAY, 1, 2)):
        for match in pattern.finditer(taken):
            year = int(match[3]) if match[3] else None
            found += _calendar(year, _month_number(match[month_group]), int(match[day_group]))
        taken = pattern.sub(" ", taken)
    for pattern in (_MONTH_YEAR, _MONTH_ALONE):
        for match in pattern.finditer(taken):
            found += _calendar(int(match[2]) if match[2] else None, _month_number(match[1]), None)
        taken = pattern.sub(" ", taken)
    if at is not None:
        found += _relative_days(text, at.date())
    return tuple(dict.fromkeys(found))


def fall_within(local_us: NDArray[np.int64], days: tuple[Days, ...], *, unknown: int) -> NDArray[np.bool_]:
    """Say which moments fall within any of `days`, to the day; `unknown` ones do not.

    They are what the clocks showed where something was said, in microseconds from 1970: "yesterday" and "on 8 May" mean
    the days that people lived, whatever day it was in Greenwich.
    """
    hits = np.zeros(len(local_us), dtype=bool)
    if not days:
        return hits
    known = local_us != unknown
    day = np.where(known, local_us, 0).astype("datetime64[us]").astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    for asked in days:
        if asked.first is not None and asked.last is not None:
            hits |= (day >= np.datetime64(asked.first)) & (day <= np.datetime64(asked.last))
        else:
            same = month.astype(np.int64) % 12 + 1 == asked.month
            if asked.day is not None:
                same &= (day - month.astype("datetime64[D]")).astype(np.int64) + 1 == asked.day
            hits |= same
    hits &= known
    return hits


def _calendar(year: int | None, month: int, day: int | None) -> list[Days]:
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return []
    if year is None:
        return [Days(month=month, day=day)]
    try:
        first = date(year, month, day or 1)
    except ValueError:
        return []
    return [Days(first=first, last=first if day else _month_end(first))]


def _relative_days(text: str, today: date) -> list[Days]:
    found = [_relative(match[1].lower(), today) for match in _RELATIVE.finditer(text)]
    for match in _AGO.finditer(text):
        count = _NUMBERS.get(match[1].lower()) or int(match[1])
        length, slack = {"day": (1, 0), "week": (7, 3), "month": (30, 15)}[match[2].lower()]
        back = count * length
        found.append(Days(first=_days_on(today, -back - slack), last=_days_on(today, slack - back)))
    return found


def _relative(words: str, today: date) -> Days:
    monday = _days_on(today, -today.weekday())
    first = today.replace(day=1)
    before = _days_on(first, -1)
    spans = {
        "today": (today, today),
        "yesterday": (_days_on(today, -1), _days_on(today, -1)),
        "this week": (monday, _days_on(monday, 6)),
        "last week": (_days_on(monday, -7), _days_on(monday, -1)),
        "this month": (first, _month_end(first)),
        "last month": (before.replace(day=1), before),
    }
    return Days(first=spans[words][0], last=spans[words][1])


def _days_on(day: date, count: int) -> date:
    """Give the day `count` days on, or the first or last that the calendar has."""
    return date.fromordinal(min(max(day.toordinal() + count, 1), date.max.toordinal()))


def _month_end(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def _month_number(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, start=1) if month.startswith(name.lower()))
