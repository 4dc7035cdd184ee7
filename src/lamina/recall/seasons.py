"""Seasons, quarters and halves of a year, and holidays: "last summer", "Q3 of last year", "at Christmas".

Seasons are those of the northern half of the world, from the first of their first month.
"""

import re
from datetime import MAXYEAR, MINYEAR, date

from lamina.recall.calendar_words import SEASONS
from lamina.recall.dated import ITS, NEAR, ON, PART, PARTS, TO, WHICH, YEAR, Readers, compiled, of_year, span, year_of
from lamina.recall.days import Days, months_of, of_any_year, quarter_of

#: Days of every year, by month and day.
_HOLIDAYS = {
    "christmas eve": (12, 24),
    "christmas day": (12, 25),
    "christmas": (12, 25),
    "boxing day": (12, 26),
    "new year's eve": (12, 31),
    "new year's day": (1, 1),
    "new year": (1, 1),
    "valentine's day": (2, 14),
    "halloween": (10, 31),
}
_HOLIDAY = "|".join(sorted(_HOLIDAYS, key=len, reverse=True)).replace("'", "['’]")
_HOLIDAY_HINTS = frozenset("christmas boxing eve year valentine halloween".split())
_ABOUT = rf"(?:(?P<about>{NEAR}) )?"
_SEASON = "|".join(SEASONS)
#: The words of which a text has one that names any of them in words.
SEASON_HINTS = frozenset([*SEASONS, *_HOLIDAY_HINTS, "quarter", "quarters"])
#: Between two quarters or halves, and between one and its year.
_JOINT = r"(?: ?[-–—/&,] ?|,? (?:and|or|to|until|till|through|bis|und|oder|et|ou|à|au) )"  # codespell:ignore oder
_SEVERAL, _ITS_OWN = rf"(?:{_JOINT}#){{1,3}}", r"(?:,? (?:of )?|[,/-])"
_PLACES = {"first": 1, "second": 2, "third": 3, "fourth": 4}


def _of_season(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    groups = match.groupdict()
    month, which = SEASONS[match["season"].lower()], (groups.get("which") or "").lower()
    year = _year_told(match, today)
    if year is not None:
        return months_of(year, month, count=3)
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


def _of_quarter(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    groups = match.groupdict()
    which = match["quarter"].lower()
    year = _year_told(match, today)
    if groups.get("its") and year is None:
        return ()
    if year is None and which in {"last", "past", "this", "next"}:
        if today is None:
            return ()
        step = {"this": 0, "next": 1}.get(which, -1)
        year, place = divmod(4 * today.year + (today.month - 1) // 3 + step, 4)
        return quarter_of(year, place + 1)
    return quarter_of(year, int(which) if which.isdecimal() else _PLACES[which])


def _of_half(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    year = _year_told(match, today)
    return () if year is None else months_of(year, 6 * int(match["half"]) - 5, count=6)


def _year_told(match: re.Match[str], today: date | None) -> int | None:
    """Give the year that is told in numbers, or as last, this or next."""
    groups = match.groupdict()
    if groups.get("its"):
        return year_of(match, today)
    return int(groups["year"]) if groups.get("year") else None


def _of_holiday(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    """Read a holiday; "at Christmas" and "last Christmas" are the days about it too."""
    groups = match.groupdict()
    month, day = _HOLIDAYS[match["holiday"].lower().replace("’", "'")]
    which = (groups.get("which") or "").lower()
    year = int(groups["year"]) if groups.get("year") else None
    if year is None and which:
        if today is None:
            return ()
        year = today.year
        year -= which in {"last", "past"} and (month, day) >= (today.month, today.day)
        year += which == "next" and (month, day) <= (today.month, today.day)
    near = 1 if which or groups.get("about") else 0
    if year is not None and not MINYEAR < year < MAXYEAR:
        return ()
    around = span(date(year or 2000, month, day), -near, near)
    if year is not None or around.first is None or around.last is None:
        return (around,)
    return of_any_year(around.first, around.last)


def _of_the_turn(_match: re.Match[str], _today: date | None) -> tuple[Days, ...]:
    """Read "the turn of the year": the last week of one and the first of the next."""
    return of_any_year(date(2000, 12, 25), date(2001, 1, 7))


#: With what some of them need one word of.
SEASON_READERS: Readers = (
    (
        frozenset("q1 q2 q3 q4 h1 h2".split()),
        compiled(
            # A year that stands with one of several is that of all.
            (
                rf"\b(?P<date>q(?P<quarter>[1-4]))(?={_SEVERAL.replace('#', 'q[1-4]')}"
                rf"(?:{_ITS_OWN}(?P<year>{YEAR})\b|{ITS}))",
                _of_quarter,
            ),
            (
                rf"\b(?P<date>h(?P<half>[12]))(?={_SEVERAL.replace('#', 'h[12]')}"
                rf"(?:{_ITS_OWN}(?P<year>{YEAR})\b|{ITS}))",
                _of_half,
            ),
            (rf"\b(?P<year>{YEAR})[ /-]?q[1-4]{_JOINT}(?P<date>q(?P<quarter>[1-4]))\b(?! ?[/-]? ?{YEAR})", _of_quarter),
            (rf"\b(?P<date>q(?P<quarter>[1-4]){_ITS_OWN}(?P<year>{YEAR}))\b", _of_quarter),
            (rf"\b(?P<date>(?P<year>{YEAR})[ /-]?q(?P<quarter>[1-4]))\b", _of_quarter),
            (rf"\b(?P<date>q(?P<quarter>[1-4]){ITS})", _of_quarter),
            (rf"\b(?P<date>h(?P<half>[12]){ITS})", _of_half),
            (r"\b(?P<date>q(?P<quarter>[1-4]))\b(?![:.)] )", _of_quarter),
            (rf"\b(?P<date>h(?P<half>[12]){_ITS_OWN}(?P<year>{YEAR}))\b", _of_half),
            (rf"\b(?P<date>(?P<year>{YEAR})[ /-]?h(?P<half>[12]))\b", _of_half),
        ),
    ),
    (
        frozenset({"quarter"}),
        compiled(
            # Which, is told by what stands before it.
            (rf"\bquarter,? (?P<date>(?P<year>{YEAR}))\b", of_year),
            (rf"\b(?P<date>(?P<quarter>{WHICH}) quarter)\b(?! of\b)", _of_quarter),
            (
                rf"\b(?:in|during|over|of|{ON}) (?:the )?(?P<date>(?P<quarter>first|second|third|fourth) quarter)\b",
                _of_quarter,
            ),
        ),
    ),
    (
        frozenset(SEASONS),
        compiled(
            (rf"\b(?P<date>(?P<season>{_SEASON})(?: of)?,? (?P<year>{YEAR}))\b", _of_season),
            (rf"\b(?P<date>(?P<season>{_SEASON}){ITS})", _of_season),
            (rf"\b(?P<date>(?P<which>{WHICH}) (?P<season>{_SEASON}))\b", _of_season),
            (
                rf"\b(?:in|during|over|(?:{'|'.join(PARTS)}) of) (?:the )?(?P<date>(?P<season>{_SEASON}))\b",
                _of_season,
            ),
            # "An early fall from a horse" is none.
            (rf"\b(?:{PART})[ -](?P<date>(?P<season>{_SEASON}))\b(?! (?:from|off|down|of)\b)", _of_season),
        ),
    ),
    (
        _HOLIDAY_HINTS,
        compiled(
            (rf"\b{_ABOUT}(?P<date>(?P<holiday>{_HOLIDAY})(?: of)?,? (?P<year>{YEAR}))\b", _of_holiday),
            (rf"\b(?P<date>turn of the year)\b(?! {YEAR})", _of_the_turn),
            (rf"\b(?P<date>(?P<which>{WHICH}) (?P<holiday>(?!new year\b(?!['’]))(?:{_HOLIDAY})))\b", _of_holiday),
            (rf"\b(?:between|from) (?:{_HOLIDAY}) {TO} (?:the )?(?P<date>(?P<holiday>{_HOLIDAY}))\b", _of_holiday),
            (rf"\b(?:{ON}|(?P<about>{NEAR})) (?P<date>(?P<holiday>{_HOLIDAY}))\b", _of_holiday),
        ),
    ),
)
