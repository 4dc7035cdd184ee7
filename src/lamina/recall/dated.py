"""Dates where they stand in a text, and what the readers of every language share."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple

from lamina.recall.days import Days, days_on, months_back, months_of, on_calendar

# ASCII: otherwise a long s would match where no month is found by that name.
FLAGS = re.IGNORECASE | re.ASCII
Read = Callable[[re.Match[str], date | None], tuple[Days, ...]]
Reader = tuple[re.Pattern[str], Read]
#: In their order, with the words in small letters of which a text must have one for any of them to match; None: any.
Readers = tuple[tuple[frozenset[str] | None, tuple[Reader, ...]], ...]
#: English patterns of what stands in many dates.
YEAR = r"(?:19|20)\d{2}"
WHICH = "last|past|this|next"
ITS = r"(?: of)? (?P<its>last|this|next) year\b(?!['’])"
ITS_YEAR = rf"(?:,? (?P<year>\d{{4}})|{ITS})?"
TO = "(?:and|to|until|till|through)"
PART = "early|mid|late"
NEAR = "at|over|around|during"
ON = "on|since|until|till|by|before|after|between|from"
#: The days of a month that are early in it, in its middle, and late.
THIRDS = {"early": (1, 10), "mid": (11, 20), "late": (21, 31)}
PARTS = {"beginning": "early", "start": "early", "middle": "mid", "end": "late"}
#: Of each unit its days, and how far off people are who count in it.
UNITS = {
    "day": (1, 0),
    "week": (7, 3),
    "fortnight": (14, 3),
    "month": (30, 15),
    "quarter": (91, 45),
    "year": (365, 182),
    "decade": (3650, 730),
}


#: So many dates of a text are read, its first: what names more is a calendar and asks for nothing in it.
MOST_DATES = 256

_MONTHS = {"month": 1, "quarter": 3, "year": 12, "decade": 120}


class Dated(NamedTuple):
    """Days, and the part of the text that names them."""

    start: int
    end: int
    days: tuple[Days, ...]


def compiled(*readers: tuple[str, Read]) -> tuple[Reader, ...]:
    """Give readers by their patterns."""
    return tuple((re.compile(pattern, FLAGS), read) for pattern, read in readers)


def read_in_turn(readers: Iterable[Reader], text: str, today: date | None) -> tuple[list[Dated], str]:
    """Give what readers find, and the text with blanks in its place: what one has read, the next does not see.

    What is read, is read once, even where no calendar has it: 31 February 2023 is no February 2023. Of each reader the
    first `MOST_DATES` are given.
    """
    found: list[Dated] = []
    for pattern, read in readers:
        matches = list(islice(pattern.finditer(text), MOST_DATES))
        if matches:
            found += (Dated(*match.span("date"), read(match, today)) for match in matches)
            text = blanked(text, [match.span("date") for match in matches])
    return found, text


def longer_units(number: str, units: Sequence[str], joint: str) -> str:
    """Give a pattern of numbers of units before another: the "two years and" of "two years and three months".

    `units` are patterns, the longest first; each stands before a shorter one, or it is told of another thing. `number`
    is the pattern of what stands before a unit, with its blank.
    """
    every = "|".join(units)
    told = "|".join(
        rf"(?:{unit})(?:{joint})(?=(?:(?!(?:{every})\b)\S+ ){{1,5}}(?:{'|'.join(units[place:])})\b)"
        for place, unit in enumerate(units[:-1], start=1)
    )
    return rf"(?P<beyond>(?:(?:{number})(?:{told})){{1,3}})"


def blanked(text: str, spans: list[tuple[int, int]]) -> str:
    """Give a text with blanks in the place of some of its parts, which come in order and apart."""
    kept, place = [], 0
    for start, end in spans:
        kept += [text[place:start], " " * (end - start)]
        place = end
    return "".join([*kept, text[place:]])


def of_numbers(match: re.Match[str], _today: date | None) -> tuple[Days, ...]:
    """Read year, month and day, or year and month, or month and day."""
    groups = match.groupdict()
    year, month, day = (int(groups[name]) if groups.get(name) else None for name in ("year", "month", "day"))
    return () if month is None else on_calendar(year, month, day)


def year_of(match: re.Match[str], today: date | None) -> int | None:
    """Read the "last year" of "in May last year"."""
    return None if today is None else today.year + {"last": -1, "next": 1}.get(match["its"].lower(), 0)


def of_year(match: re.Match[str], _today: date | None) -> tuple[Days, ...]:
    """Read a year alone."""
    return months_of(int(match["year"]), 1, count=12)


def unit_on(today: date, unit: str, step: int) -> tuple[Days, ...]:
    """Give the last (-1), this (0) or next (1) day, week, weekend, month, quarter or year."""
    monday = days_on(today, -today.weekday())
    if unit == "day":
        return (span(today, step, step),)
    if unit == "week":
        return (span(monday, 7 * step, 7 * step + 6),)
    if unit == "weekend":
        return (span(monday, 7 * step + 5, 7 * step + 6),)
    if unit == "year":
        return months_of(today.year + step, 1, count=12)
    if unit == "quarter":
        return _quarters(today, step, step)
    year, month = divmod(12 * today.year + today.month - 1 + step, 12)
    return months_of(year, month + 1)


def _quarters(today: date, first: int, last: int) -> tuple[Days, ...]:
    """Give the quarters of the calendar from one to another, 0 that of today, as one span."""
    year, place = divmod(4 * today.year + (today.month - 1) // 3 + first, 4)
    return months_of(year, 3 * place + 1, count=3 * (last - first + 1))


def weekday_on(today: date, weekday: int, step: int) -> tuple[Days, ...]:
    """Give a weekday, Monday 0: the last before today, that of this week, or the next after today."""
    if step == 0:
        off = weekday - today.weekday()
    elif step > 0:
        off = (weekday - today.weekday() - 1) % 7 + 1
    else:
        off = -((today.weekday() - weekday - 1) % 7 + 1)
    return (span(today, off, off),)


def ago(
    today: date, unit: str, fewest: float, most: float, *, beyond: Sequence[tuple[float, str]] = ()
) -> tuple[Days, ...]:
    """Give the days that lie `fewest` to `most` units back, as exactly as people count in them.

    They are counted from what lies `beyond` longer units back: of two years and three months, the two years. Whole
    quarters are those of the calendar.
    """
    if unit == "quarter" and not beyond and fewest == int(fewest) and most == int(most):
        return _quarters(today, -int(most), -int(fewest))
    length, slack = UNITS[unit]
    slack = slack if fewest == int(fewest) and most == int(most) else slack // 2
    return (span(_back(today, beyond), -int(most * length) - slack, slack - int(fewest * length)),)


def up_to(today: date, unit: str, count: float, *, beyond: Sequence[tuple[float, str]] = ()) -> tuple[Days, ...]:
    """Give the last `count` units up to today, and what lies `beyond` them; whole quarters, up to the last."""
    if unit == "quarter" and not beyond and count == int(count):
        return _quarters(today, -int(count), -1)
    return (Days(first=days_on(_back(today, beyond), -int(count * UNITS[unit][0])), last=days_on(today, 0)),)


def _back(today: date, counts: Sequence[tuple[float, str]]) -> date:
    for count, unit in counts:
        months = count * _MONTHS.get(unit, 0)
        is_whole = months > 0 and months == int(months)
        today = months_back(today, int(months)) if is_whole else days_on(today, -int(count * UNITS[unit][0]))
    return today


def span(day: date, first: int, last: int) -> Days:
    """Give the days from `first` to `last` days on."""
    return Days(first=days_on(day, first), last=days_on(day, last))
