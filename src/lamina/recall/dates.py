"""Dates in a text, and where they stand: "on 8 May", "2023-05-08", "last Friday", "two weeks ago", "in 2022".

English words and ISO dates; of German, French and Chinese the plain ones. What counts from the moment of asking is read
only where that moment is known. What no calendar has is passed over.
"""

import re
from collections.abc import Collection
from datetime import date, datetime

from lamina.recall.calendar_words import MONTHS, WEEKDAYS
from lamina.recall.counts import NUMBER, counted
from lamina.recall.dated import (
    FLAGS,
    ITS,
    ITS_YEAR,
    MOST_DATES,
    ON,
    PART,
    PARTS,
    TO,
    WHICH,
    YEAR,
    Dated,
    Readers,
    compiled,
    of_numbers,
    of_year,
    read_in_turn,
    span,
    unit_on,
    weekday_on,
    year_of,
)
from lamina.recall.dates_elsewhere import readers_elsewhere
from lamina.recall.days import Days, days_on, on_calendar, quarter_of
from lamina.recall.distances import DISTANCE_HINTS, DISTANCES, DISTANCES_IN_HOURS
from lamina.recall.parts import PART_HINTS, with_parts
from lamina.recall.seasons import SEASON_HINTS, SEASON_READERS
from lamina.recall.settling import asks_of_what_comes
from lamina.recall.weeks import WEEK_HINTS, WEEKDAY_HINTS, WEEKDAYS_OF_WEEKS

_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_DAY_WORDS = {word: number for number, word in enumerate(_ORDINALS, start=1)} | {"thirtieth": 30, "thirty-first": 31}
_DAY_WORDS |= {f"twenty-{word}": number for number, word in enumerate(_ORDINALS[:9], start=21)}
_DAYS_OFF = {"today": 0, "tonight": 0, "yesterday": -1, "last night": -1, "tomorrow": 1}
_DAYS_OFF |= {"day before yesterday": -2, "day after tomorrow": 2}
WEEKDAY = "|".join(WEEKDAYS)
_MONTH = "|".join(f"{name}|{name[:4]}|{name[:3]}" if name == "september" else f"{name}|{name[:3]}" for name in MONTHS)
#: What every date is named with: a number, or one of these words.
_DIGIT = re.compile(r"\b(?:q[1-4]\b|\d{1,4}(?!\d))", FLAGS)
#: Letters that match another where capitals do not count, and are no other in lower case.
_ALIKE = str.maketrans("İıſK", "iisk")
#: Such words, "Q1" and "H1" among them, and those that stand among letters of no alphabet, as in "我may去".
_WORD, _AMONG_OTHERS = re.compile(r"\b[^\W\d_]+\b|[qh][1-4]\b"), re.compile("[a-z]+")
_HINTS = frozenset(
    [
        *_MONTH.split("|"),
        *WEEKDAYS,
        *DISTANCE_HINTS,
        *SEASON_HINTS,
        *"tonight yesterday tomorrow this next weekend".split(),
    ]
)


def dates_in(text: str, *, today: date | None) -> list[Dated]:
    """Give the first dates in a text; `today` is the day of asking, or its moment: then hours count, too."""
    found: list[Dated] = []
    day = today.date() if isinstance(today, datetime) else today
    text = rest = text if text.isascii() else text.translate(_ALIKE)
    lowered = text.lower()
    words = _WORD.findall(lowered) if text.isascii() else _WORD.findall(lowered) + _AMONG_OTHERS.findall(lowered)
    for readers in readers_elsewhere(text, words):
        more, rest = read_in_turn(readers, rest, today)
        found += more
    for hints, others, readers in _FIRST:
        if not hints.isdisjoint(words) and not others.isdisjoint(words):
            more, rest = read_in_turn(readers, rest, day)
            found += more
    if _may_name_days(rest, words):
        if not DISTANCE_HINTS.isdisjoint(words):
            hours, rest = read_in_turn(DISTANCES_IN_HOURS, rest, today)
            more, rest = read_in_turn(DISTANCES, rest, day)
            found += hours + more
        for needed, readers in _READERS:
            if needed is None or not needed.isdisjoint(words):
                more, rest = read_in_turn(readers, rest, day)
                found += more
    found = sorted((one for one in found if one.days), key=lambda one: one.start)[:MOST_DATES]
    if text.isascii() and PART_HINTS.isdisjoint(words):
        return found
    return with_parts(text, found, today=day)


def _may_name_days(text: str, words: Collection[str]) -> bool:
    """Say whether a text of these `words`, in lower case, may name any day in English."""
    return bool(_DIGIT.search(text)) or not _HINTS.isdisjoint(words)


def _of_month(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    """Read a month with a day, a year, both or neither; `which` says last, this or next."""
    groups = match.groupdict()
    month = _month_number(match["month"])
    year = int(groups["year"]) if groups.get("year") else None
    which = (groups.get("which") or "").lower()
    if groups.get("its"):
        year = year_of(match, today)
    if year is None and today is not None and which in {"last", "past", "this", "next"}:
        year = today.year
        year -= which in {"last", "past"} and month >= today.month
        year += which == "next" and month <= today.month
    return on_calendar(year, month, _day_number(groups["day"]) if groups.get("day") else None)


def _in_numbers(match: re.Match[str], _today: date | None) -> tuple[Days, ...]:
    """Read "13/05/2026": with dots the day comes first, else either may, and where both have a calendar, both count."""
    one, other, year = int(match["one"]), int(match["other"]), int(match["year"])
    year += 2000 if len(match["year"]) == 2 else 0
    orders = [(other, one)] if match["mark"] == "." else [(other, one), (one, other)]
    return tuple(dict.fromkeys(days for month, day in orders for days in on_calendar(year, month, day)))


def _of_day_alone(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    """Read "on the 9th": the last up to today, or the next of what is to come; and that of last, this or next month."""
    day, which = _day_number(match["day"]), (match["which"] or "").lower()
    if today is None:
        return ()
    step = 1 if which == "next" or (not which and asks_of_what_comes(match.string)) else -1
    months = [0, *range(step, 13 * step, step)] if not which else [step if which != "this" else 0]
    for off in months:
        year, month = divmod(12 * today.year + today.month - 1 + off, 12)
        for days in on_calendar(year, month + 1, day) if date.min.year <= year <= date.max.year else ():
            if which or (days.first is not None and (days.first > today if step > 0 else days.first <= today)):
                return (days,)
    return ()


def _from_day_to_day(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    """Read "between the 3rd and the 9th": the last such days up to today, or the next."""
    (until,) = _of_day_alone(match, today) or (None,)
    if until is None or until.last is None:
        return ()
    for back in (0, 1):
        year, month = divmod(12 * until.last.year + until.last.month - 1 - back, 12)
        for begin in on_calendar(year, month + 1, int(match["from"])) if year >= date.min.year else ():
            if begin.first is not None and begin.first <= until.last:
                return (Days(first=begin.first, last=until.last),)
    return ()


def _before_last(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    """Read "the night before last", "the week before last" and "the Friday before last"."""
    unit = match["unit"].lower()
    if today is None:
        return ()
    if unit in WEEKDAYS:
        return weekday_on(days_on(today, -7), WEEKDAYS.index(unit), -1)
    return unit_on(today, unit if unit in {"week", "weekend", "month", "year"} else "day", -2)


def _named_ago(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    """Read "two Fridays ago" and "two weekends ago": the last is the first of them."""
    count, unit = counted(match["count"]), match["unit"].lower()
    if today is None:
        return ()
    if unit == "weekend":
        return unit_on(today, unit, -count)
    return weekday_on(days_on(today, 7 * (1 - count)), WEEKDAYS.index(unit), -1)


def _by_weeks(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    """Read today, yesterday, and last, this or next week, weekend, month, year or Friday."""
    if today is None:
        return ()
    words = match["date"].lower()
    off = _DAYS_OFF.get(words)
    if off is not None:
        return unit_on(today, "day", off)
    which, _, unit = words.partition(" ")
    step = {"this": 0, "next": 1}.get(which, -1)
    if unit in WEEKDAYS:
        return weekday_on(today, WEEKDAYS.index(unit), step)
    return unit_on(today, unit if unit in {"week", "weekend", "month", "year"} else "day", step)


def _of_now(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    """Read the month of "by the end of the month"."""
    if today is None:
        return ()
    unit = match["unit"].lower()
    return quarter_of(today.year, (today.month + 2) // 3) if unit == "quarter" else unit_on(today, unit, 0)


def _of_weekday(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    """Read "on Monday", the last before today, "from Monday to Friday", and "at the weekend"."""
    if today is None:
        return ()
    step = 1 if asks_of_what_comes(match.string) else -1
    if match["weekday"].lower() == "weekend":
        return unit_on(today, "weekend", 0 if step > 0 else -1)
    until = match.groupdict().get("until")
    if until is None:
        return weekday_on(today, WEEKDAYS.index(match["weekday"].lower()), step)
    first, last = (WEEKDAYS.index(match[name].lower()) for name in ("weekday", "until"))
    (ends,) = weekday_on(today, last, step)
    return () if ends.last is None else (span(ends.last, -((last - first) % 7), 0),)


def _day_number(words: str) -> int:
    return _DAY_WORDS.get(words.lower().replace(" ", "-")) or int(words)


def _month_number(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, start=1) if month.startswith(name.lower()))


_ORDINAL = "|".join(sorted(_DAY_WORDS, key=len, reverse=True)).replace("-", "[- ]")
_NUMBERED = r"\d{1,2}(?:st|nd|rd|th)?"
_DAY_NUMBER = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
#: Between two days, of which only one has a month: "3 to 5 May", "3–5 May".
_ON_TO = r"(?: ?[-–—] ?| (?:to|until|till|through) (?:the )?)"
_AND_TO = r"(?: ?[-–—] ?| (?:and|or|to|until|till|through) (?:the )?)"
_BEHIND = r"in|of|during|since|before|after|until|till|by|between|from|up to|(?<!\d )through"
#: "The first third of June" is no day of it.
_NO_PART = (
    "".join(rf"(?<!{place}[ -]third)" for place in "first 1st second 2nd middle third 3rd last final one two".split())
    + r"(?<!\ba third)"
)
#: Not "on Monday, 8 May".
_NO_DAY = rf"(?!,? (?:the )?(?:\d|(?:{_MONTH})\b))(?! (?:of|before|after)\b)"
#: "You may first …", "they march second" name no day.
_NO_VERB = r"(?:(?<!\bmay )(?<!\bmarch )|(?!(?:first|second|third)\b))"
_TH = "(?:st|nd|rd|th)"
_DAY_ALONE, _OF_MONTH = rf"(?P<day>\d{{1,2}}){_TH}", "(?: of (?P<which>last|this|next) month\\b(?!['’]))"
#: Not "on the 9th floor": a day without a month ends what is said, or is followed by a word that begins anew.
_ANEW = "and|or|to|until|till|did|do|was|were|when|what|who|where|i|we|you|he|she|they"
_NO_NOUN = rf"(?=\s*(?:[?!,;:)]|\.(?!\d)|$)| (?:{_ANEW})\b)"


#: "By the end of the month" is this month's; "at the end of the month" may be any.
_EDGES, _OF_NOW_UNITS = frozenset(PARTS), frozenset("week month quarter year".split())
_OF_NOW = compiled(
    (
        rf"\b(?:since|after|until|till|up to|through|by|before) (?:the )?(?:very )?(?:{'|'.join(PARTS)}) of the "
        r"(?P<date>(?P<unit>week|month|quarter|year))\b"
        r"(?![-'’]| (?:\d|(?:of|at|in|on|with|when|that|before|after|we|i)\b))",
        _of_now,
    ),
)
#: They are read before all others. With the words of which, of either kind, any of them needs one.
_FIRST = ((_EDGES, _OF_NOW_UNITS, _OF_NOW), (WEEKDAY_HINTS, WEEK_HINTS, WEEKDAYS_OF_WEEKS))
#: In this order: what an earlier one reads, a later one does not see. With what some of them need one word of.
_READERS: Readers = (
    (
        frozenset({"ago"}),
        compiled((rf"\b(?P<date>(?P<count>{NUMBER}) (?P<unit>weekend|{WEEKDAY})s? ago)\b", _named_ago)),
    ),
    (
        frozenset([*WEEKDAYS, "weekend"]),
        compiled(
            (
                rf"\b(?:from|between) (?P<date>(?P<weekday>{WEEKDAY}) {TO} (?P<until>{WEEKDAY}))\b{_NO_DAY}",
                _of_weekday,
            ),
            (rf"\b(?:{ON}) (?P<date>(?P<weekday>{WEEKDAY}))\b{_NO_DAY}", _of_weekday),
            (
                rf"\b(?:at|over|during|{ON}) the (?P<date>(?P<weekday>weekend))\b(?! (?:of|before|after)\b)",
                _of_weekday,
            ),
        ),
    ),
    (
        frozenset({"last"}),
        compiled(
            (
                rf"\b(?P<date>(?P<unit>day|night|morning|evening|week|weekend|month|year|{WEEKDAY}) before last)\b",
                _before_last,
            ),
        ),
    ),
    (
        None,
        compiled(
            (r"\b(?P<date>(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2}))\b", of_numbers),
            (r"\b(?P<date>(?P<year>\d{4})(?P<mark>[/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2}))\b", of_numbers),
            (
                r"(?<![\d./-])(?P<date>(?P<one>\d{1,2})(?P<mark>[/.-])(?P<other>\d{1,2})(?P=mark)"
                r"(?P<year>\d{4}|(?<=/)\d{2}))(?![\d/-])(?!\.\d)",
                _in_numbers,
            ),
        ),
    ),
    (
        frozenset(_MONTH.split("|")),
        compiled(
            (
                rf"\b(?P<date>(?P<month>{_MONTH})\b\.? {_DAY_NUMBER})(?={_AND_TO}{_NUMBERED}(?: of)? (?:{_MONTH})\b)",
                _of_month,
            ),
            # The day that has no month of its own: "3" of "3 to 5 May", and "5" of "May 3 to 5".
            (
                rf"\b(?P<date>{_DAY_NUMBER})(?={_AND_TO}{_NUMBERED}(?: of)? (?P<month>{_MONTH})\b\.?{ITS_YEAR})",
                _of_month,
            ),
            (
                rf"\b(?:(?P<month>{_MONTH})\b\.? {_NUMBERED}{_ON_TO}"
                rf"(?P<date>{_DAY_NUMBER}\b(?!:\d)(?! (?:of )?(?:{_MONTH})\b){ITS_YEAR}))",
                _of_month,
            ),
            (
                rf"\b(?:between (?P<month>{_MONTH})\b\.? {_NUMBERED} and (?:the )?"
                rf"(?P<date>{_DAY_NUMBER}\b(?!:\d)(?! (?:of )?(?:{_MONTH})\b){ITS_YEAR}))",
                _of_month,
            ),
            (rf"\b(?P<date>{_DAY_NUMBER}(?: of)? (?P<month>{_MONTH})\b\.?{ITS_YEAR})", _of_month),
            (rf"\b(?P<date>(?P<day>{_ORDINAL}){_NO_PART} of (?P<month>{_MONTH})\b{ITS_YEAR})", _of_month),
            (rf"\b(?P<date>(?P<month>{_MONTH})\b\.? {_DAY_NUMBER}\b{ITS_YEAR})", _of_month),
            (
                rf"\b(?:on|{_BEHIND}) (?P<date>(?P<month>{_MONTH})\b (?:the )?(?P<day>{_ORDINAL})\b{ITS_YEAR})",
                _of_month,
            ),
            (
                rf"\b(?P<date>(?P<month>{_MONTH})\b (?P<day>{_NO_VERB}(?:{_ORDINAL}))\b{ITS_YEAR})",
                _of_month,
            ),
            (rf"\b(?:(?:{PART})[- ]|(?:{'|'.join(PARTS)}) of )(?P<date>(?P<month>{_MONTH})\b{ITS_YEAR})", _of_month),
            (rf"\b(?P<date>(?P<month>{_MONTH}))(?={_ON_TO}(?:{_MONTH})\b,? \d{{4}}\b)", _of_month),
            (rf"\b(?P<date>(?P<month>{_MONTH})\b,? (?P<year>\d{{4}}))\b", _of_month),
            # "May" and "march" are also other words: alone they count behind one of these.
            (rf"\b(?:between|from) (?:{_MONTH}) {TO} (?P<date>(?P<month>{_MONTH}))\b", _of_month),
            (rf"\b(?P<date>(?P<which>{WHICH}) (?P<month>{_MONTH}))\b", _of_month),
            (rf"\b(?:{_BEHIND}) (?P<date>(?P<month>{_MONTH})\b{ITS})", _of_month),
            (rf"\b(?:{_BEHIND}) (?P<date>(?P<month>{_MONTH}))\b", _of_month),
        ),
    ),
    *SEASON_READERS,
    (
        None,
        compiled(
            (
                rf"\b(?:from|between) (?:the )?(?P<date>(?P<from>\d{{1,2}}){_TH} {TO} (?:the )?"
                rf"{_DAY_ALONE}{_OF_MONTH}?){_NO_NOUN}",
                _from_day_to_day,
            ),
            (rf"\b(?:{ON}) the (?P<date>{_DAY_ALONE}{_OF_MONTH}?){_NO_NOUN}", _of_day_alone),
            (rf"\b(?P<date>{_DAY_ALONE}{_OF_MONTH})", _of_day_alone),
            # "A third of last month" is ten days of it.
            (rf"\bthe (?P<date>(?P<day>{_ORDINAL}){_OF_MONTH})", _of_day_alone),
            (
                r"\b(?P<date>(?:day before yesterday|day after tomorrow)(?!['’])|"
                r"today|tonight|yesterday|tomorrow|last night|this (?:morning|afternoon|evening)|"
                rf"(?:{WHICH}) (?:week|weekend|month|year|{WEEKDAY}))\b(?! (?:of|before|after)\b)",
                _by_weeks,
            ),
            (rf"\b(?:between|from) {YEAR} {TO} (?P<date>(?P<year>{YEAR}))\b", of_year),
            (
                rf"\b(?:{_BEHIND}|throughout|year|half|early|late|mid)[ -](?P<date>(?P<year>{YEAR}))\b(?![-/:.]\d)",
                of_year,
            ),
        ),
    ),
)
