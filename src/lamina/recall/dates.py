"""Dates in a text, and where they stand: "on 8 May", "2023-05-08", "last Friday", "two weeks ago", "in 2022".

English words and ISO dates. What counts from the moment of asking is read only where that moment is known. Seasons are
those of the northern half of the world, from the first of their first month. What no calendar has is passed over.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from lamina.recall.days import Days, days_on, months_of, on_calendar

MONTHS = "january february march april may june july august september october november december".split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
#: By the month in which they begin.
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_COUNTS = "one two three four five six seven eight nine ten eleven twelve".split()
_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split()
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}
NUMBERS = {"a": 1, "an": 1, "a couple of": 2} | _TENS
NUMBERS |= {word: number for number, word in enumerate([*_COUNTS, *_TEENS], start=1)}
#: Of each unit its days, and how far off people are who count in it.
UNITS = {"day": (1, 0), "week": (7, 3), "month": (30, 15), "year": (365, 182)}
# ASCII: otherwise a long s would match where no month is found by that name.
FLAGS = re.IGNORECASE | re.ASCII
NUMBER = rf"{'|'.join(sorted(NUMBERS, key=len, reverse=True))}|\d{{1,3}}"
WEEKDAY = "|".join(WEEKDAYS)
_MONTH = "|".join(f"{name}|{name[:4]}|{name[:3]}" if name == "september" else f"{name}|{name[:3]}" for name in MONTHS)
_SEASON = "|".join(SEASONS)
_YEAR = r"(?:19|20)\d{2}"
#: What every date is named with: a number, or one of these words.
_DIGIT, _WORD = re.compile(r"\b\d", re.ASCII), re.compile("[a-z]+", FLAGS)
_HINTS = frozenset(
    [*_MONTH.split("|"), *SEASONS, *"ago today tonight yesterday tomorrow this last past next".split()],
)


class Dated(NamedTuple):
    """Days, and the part of the text that names them."""

    start: int
    end: int
    days: tuple[Days, ...]


def dates_in(text: str, *, today: date | None) -> list[Dated]:
    """Give the dates in a text, in its order; `today` is the day of asking."""
    if not _DIGIT.search(text) and _HINTS.isdisjoint(map(str.lower, _WORD.findall(text))):
        return []
    found: list[Dated] = []
    for pattern, read in _READERS:
        # What is read, is read once, even where no calendar has it: 31 February 2023 is no February 2023.
        matches = list(pattern.finditer(text))
        found += (Dated(*match.span("date"), read(match, today)) for match in matches)
        text = _blanked(text, [match.span("date") for match in matches])
    return sorted((one for one in found if one.days), key=lambda one: one.start)


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    kept, place = [], 0
    for start, end in spans:
        kept += [text[place:start], " " * (end - start)]
        place = end
    return "".join([*kept, text[place:]])


def _of_numbers(match: re.Match[str], _today: date | None) -> tuple[Days, ...]:
    return on_calendar(int(match["year"]), int(match["month"]), int(match["day"]))


def _of_month(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    """Read a month with a day, a year, both or neither; `which` says last, this or next."""
    groups = match.groupdict()
    month = _month_number(match["month"])
    year = int(groups["year"]) if groups.get("year") else None
    which = (groups.get("which") or "").lower()
    if year is None and today is not None and which in {"last", "past", "this", "next"}:
        year = today.year
        year -= which in {"last", "past"} and month >= today.month
        year += which == "next" and month <= today.month
    return on_calendar(year, month, int(groups["day"]) if groups.get("day") else None)


def _of_season(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    groups = match.groupdict()
    month, which = SEASONS[match["season"].lower()], (groups.get("which") or "").lower()
    if groups.get("year"):
        return months_of(int(groups["year"]), month, count=3)
    if which not in {"last", "past", "this", "next"}:
        return tuple(Days(month=(month + further - 1) % 12 + 1) for further in range(3))
    if today is None:
        return ()
    near = [span for year in range(today.year - 2, today.year + 2) for span in months_of(year, month, count=3)]
    if which == "this":
        # Until late in summer, this winter is the one that began last year.
        year = today.year - (month == 12 and today.month < 9)
        return tuple(span for span in near if span.first is not None and span.first.year == year)
    if which == "next":
        return tuple(span for span in near if span.first is not None and span.first > today)[:1]
    return tuple(span for span in near if span.last is not None and span.last < today)[-1:]


def _of_year(match: re.Match[str], _today: date | None) -> tuple[Days, ...]:
    return months_of(int(match["date"]), 1, count=12)


def _ago(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    if today is None:
        return ()
    length, slack = UNITS[match["unit"].lower()]
    back = counted(match["count"]) * length
    return (Days(first=days_on(today, -back - slack), last=days_on(today, slack - back)),)


def _up_to_now(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    if today is None:
        return ()
    back = counted(match.groupdict().get("count") or "one") * UNITS[match["unit"].lower()][0]
    return (Days(first=days_on(today, -back), last=today),)


def _by_weeks(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    """Read today, yesterday, and last, this or next week, weekend, month, year or Friday."""
    if today is None:
        return ()
    words = match["date"].lower()
    off = {"today": 0, "tonight": 0, "yesterday": -1, "last night": -1, "tomorrow": 1}.get(words)
    if off is not None:
        return (_span(today, off, off),)
    which, _, unit = words.partition(" ")
    step = {"this": 0, "next": 1}.get(which, -1)
    if unit in WEEKDAYS:
        return (_weekday(today, WEEKDAYS.index(unit), step),)
    monday = days_on(today, -today.weekday())
    if unit == "week":
        return (_span(monday, 7 * step, 7 * step + 6),)
    if unit == "weekend":
        return (_span(monday, 7 * step + 5, 7 * step + 6),)
    if unit == "year":
        return months_of(today.year + step, 1, count=12)
    return months_of(*_month_on(today, step))


def _weekday(today: date, weekday: int, step: int) -> Days:
    if step == 0:
        off = weekday - today.weekday()
    elif step > 0:
        off = (weekday - today.weekday() - 1) % 7 + 1
    else:
        off = -((today.weekday() - weekday - 1) % 7 + 1)
    return _span(today, off, off)


def _month_on(today: date, step: int) -> tuple[int, int]:
    year, month = divmod(12 * today.year + today.month - 1 + step, 12)
    return year, month + 1


def _span(day: date, first: int, last: int) -> Days:
    return Days(first=days_on(day, first), last=days_on(day, last))


def counted(words: str) -> int:
    """Give the number that `NUMBER` has matched."""
    return NUMBERS.get(words.lower()) or int(words)


def _month_number(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, start=1) if month.startswith(name.lower()))


_UNIT = "|".join(UNITS)
_DAY_NUMBER = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_ITS_YEAR = r"(?:,? (?P<year>\d{4}))?"
_TO = "(?:and|to|until|till|through)"
_BEHIND = "in|of|during|since|before|after|until|till|by|between|from"
_WHICH = "last|past|this|next"
#: In this order: what an earlier one reads, a later one does not see.
_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date | None], tuple[Days, ...]]], ...] = tuple(
    (re.compile(pattern, FLAGS), read)
    for pattern, read in (
        (r"\b(?P<date>(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2}))\b", _of_numbers),
        (rf"\b(?P<date>{_DAY_NUMBER}(?: of)? (?P<month>{_MONTH})\b\.?{_ITS_YEAR})", _of_month),
        (rf"\b(?P<date>(?P<month>{_MONTH})\b\.? {_DAY_NUMBER}\b{_ITS_YEAR})", _of_month),
        (rf"\b(?P<date>(?P<month>{_MONTH})\b,? (?P<year>\d{{4}}))\b", _of_month),
        # "May" and "march" are also other words: alone they count behind one of these.
        (rf"\b(?:between|from) (?:{_MONTH}) {_TO} (?P<date>(?P<month>{_MONTH}))\b", _of_month),
        (rf"\b(?P<date>(?P<which>{_WHICH}) (?P<month>{_MONTH}))\b", _of_month),
        (rf"\b(?:{_BEHIND}) (?P<date>(?P<month>{_MONTH}))\b", _of_month),
        (rf"\b(?P<date>(?P<season>{_SEASON})(?: of)?,? (?P<year>{_YEAR}))\b", _of_season),
        (rf"\b(?P<date>(?P<which>{_WHICH}) (?P<season>{_SEASON}))\b", _of_season),
        (rf"\b(?:in|during|over) (?:the )?(?P<date>(?P<season>{_SEASON}))\b", _of_season),
        (rf"\b(?P<date>(?P<count>{NUMBER}) (?P<unit>{_UNIT})s? ago)\b", _ago),
        (rf"\b(?P<date>(?:last|past) (?P<count>{NUMBER}) (?P<unit>{_UNIT})s?)\b(?! of\b)", _up_to_now),
        (rf"\b(?:in|over|within|during|for) the (?P<date>(?:last|past) (?P<unit>{_UNIT}))\b(?! of\b)", _up_to_now),
        (
            r"\b(?P<date>today|tonight|yesterday|tomorrow|last night|"
            rf"(?:{_WHICH}) (?:week|weekend|month|year|{WEEKDAY}))\b(?! (?:of|before|after)\b)",
            _by_weeks,
        ),
        (rf"\b(?:between|from) {_YEAR} {_TO} (?P<date>{_YEAR})\b", _of_year),
        (rf"\b(?:{_BEHIND}|throughout|year|early|late|mid)[ -](?P<date>{_YEAR})\b(?![-/:.]\d)", _of_year),
    )
)
