"""Parts of the days that a text names: "early 2024", "the first week of June", "the second half of last year".

They are read before a date and make it the shorter. Of a year a third is four months, of a month about ten days. A week
of a month is counted from its first day, or back from its last; a weekend belongs to the month of its Saturday.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from lamina.recall.calendar_words import WEEKDAYS
from lamina.recall.counts import NUMBER, counted
from lamina.recall.dated import FLAGS, PARTS, THIRDS, Dated, span
from lamina.recall.days import Days, months_of

#: So far before a date is looked for what part of it is meant.
_REACH = 48
_PLACES = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5}
_PLACES |= {"opening": 1, "5th": 5, "last": -1, "final": -1, "closing": -1}
_WEEKDAY = "|".join(WEEKDAYS)
_OF = r"(?: of|(?P<inside> in))(?: the)?(?: year)? "
_PART = re.compile(
    r"\b(?:(?:(?P<third>early|mid|late)(?:(?P<within> (?:on )?in)(?: the)? (?:year )?|[ -])|(?P<side>earlier|later) "
    rf"|(?:very )?(?P<edge>{'|'.join(PARTS)}) of (?:the )?(?:year )?)"
    r"|(?P<half>first|1st|second|2nd|latter)[ -]half(?:(?: of)?(?: the)?(?: year)?) "
    rf"|(?P<place>{'|'.join(_PLACES)}) (?:(?P<count>few|couple of|{NUMBER}) )?"
    rf"(?P<unit>day|weekend|week|month|quarter|{_WEEKDAY})(?P<many>s?){_OF})$",
    FLAGS,
)
#: What is said to be early or late is somebody: "I was late last month", "she left early last week".
_WHO = re.compile(
    r"\b(?:(?:am|is|are|was|were|be|been|being|isn't|wasn't|weren't)(?: (?!\w+ing\b)[\w']+){0,2}|too|so|very|how|up|"
    r"home|bed|(?:arriv|stay|work|finish|start|run|pay|leav|show|turn)\w*|come|came|paid|left|"
    r"w[oa]ke|g[oe]t|go|went) $",
    FLAGS,
)
_THE = re.compile(r"\bthe $", FLAGS)
_COUNTED_FROM_NOW = re.compile("last|past|this|next", FLAGS)
_WEEK_THIRDS = {"early": (0, 2), "mid": (1, 3), "late": (3, 6)}
#: So many are meant by "the last days of July".
_SOME = {"day": 5, "week": 3, "month": 3}
_WEEK = 7
#: A year without a 29 February.
_ANY_YEAR = 2001


def with_parts(text: str, found: Sequence[Dated], *, today: date | None) -> list[Dated]:
    """Give the dates of a text, in its order, each as the part of it that is told right before it.

    What is earlier or later this year, is so than `today`.
    """
    told: list[Dated] = []
    for one in found:
        match = _PART.search(text, max(one.start - _REACH, 0), one.start)
        is_part = match is not None and not _tells_of_somebody(text, match, one) and not _tells_of_now(text, match)
        days = _part(match, one.days, today) if match is not None and is_part else ()
        if match is None or not days:
            told.append(one)
        else:
            # "The last week" is a date, too, where no "in May" follows it.
            told = [other for other in told if other.end <= match.start()]
            told.append(Dated(match.start(), one.end, days))
    return told


def _tells_of_somebody(text: str, match: re.Match[str], one: Dated) -> bool:
    is_loose = match["third"] and (match["within"] or _COUNTED_FROM_NOW.match(text, one.start))
    return bool(is_loose and _WHO.search(text, 0, match.start()))


def _tells_of_now(text: str, match: re.Match[str]) -> bool:
    """Say whether "last week in May" is the last week, and no part of May."""
    return bool(match["inside"]) and match["place"].lower() == "last" and not _THE.search(text, 0, match.start())


def _part(match: re.Match[str], days: tuple[Days, ...], today: date | None) -> tuple[Days, ...]:
    """Give a part of one span, of a month of any year, or of several months in a row; nothing where it has none."""
    if len(days) > 1:
        return _of_months(match, days) if all(one.month is not None and one.day is None for one in days) else ()
    (whole,) = days
    if whole.month is None:
        if whole.first is None or whole.last is None:
            return ()
        if match["side"]:
            part = None if today is None else _side_of(match["side"].lower(), whole.first, whole.last, today)
        else:
            part = _of_span(match, whole.first, whole.last)
        return () if part is None else (part,)
    if whole.day is not None or match["side"]:
        return ()
    return _of_month_of_any_year(match, whole.month)


def _side_of(side: str, first: date, last: date, today: date) -> Days | None:
    if not first < today < last:
        return None
    return Days(first=first, last=today) if side == "earlier" else Days(first=today, last=last)


def _of_months(match: re.Match[str], months: tuple[Days, ...]) -> tuple[Days, ...]:
    third = _third(match)
    if third is not None and len(months) == len(THIRDS):
        return (months[list(THIRDS).index(third)],)
    if match["unit"] and match["unit"].lower() == "month" and not match["count"] and not match["many"]:
        place = _PLACES[match["place"].lower()]
        return months[-1:] if place < 0 else months[place - 1 : place]
    return ()


def _of_month_of_any_year(match: re.Match[str], month: int) -> tuple[Days, ...]:
    last = monthrange(_ANY_YEAR, month)[1]
    unit = (match["unit"] or "").lower()
    if unit == "weekend" or unit in WEEKDAYS:
        place = _PLACES[match["place"].lower()]
        begin = last - _WEEK + 1 if place < 0 else _WEEK * (place - 1) + 1
        until = min(begin + _WEEK - (unit != "weekend"), 31)
        return () if match["count"] or match["many"] or begin > last else (Days(month=month, day=begin, to_day=until),)
    part = _of_span(match, date(_ANY_YEAR, month, 1), date(_ANY_YEAR, month, last))
    if part is None or part.first is None or part.last is None:
        return ()
    return (Days(month=month, day=part.first.day, to_day=31 if part.last.day == last else part.last.day),)


def _of_span(match: re.Match[str], first: date, last: date) -> Days | None:
    """Give a part of the days from `first` to `last`; None where it has no such part."""
    length = (last - first).days + 1
    # As far as it is made of whole months.
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    months = months if first.day == 1 and last.day == monthrange(last.year, last.month)[1] else 0
    third = _third(match)
    if third is not None:
        return _third_of(third, first, length, months)
    if match["half"]:
        place = 0 if match["half"].lower() in ("first", "1st") else 1
        if months % 2 == 0 and months:
            return _months_within(first, months // 2 * place, months // 2)
        half = length // 2
        # Of a week the fourth day is in both.
        until = half - (length != _WEEK)
        return None if length < _WEEK else span(first, half, length - 1) if place else span(first, 0, until)
    unit, place = match["unit"].lower(), _PLACES[match["place"].lower()]
    if unit == "weekend" or unit in WEEKDAYS:
        return None if match["count"] or match["many"] else _weekday_within(unit, place, first, length)
    count = _count(match, unit)
    if unit in ("month", "quarter"):
        size = count * (3 if unit == "quarter" else 1)
        begin = months - size if place < 0 else (place - 1) * size
        is_within = begin >= 0 and begin + size <= months and size < months and (unit == "month" or months % 3 == 0)
        return _months_within(first, begin, size) if is_within else None
    size = count * (_WEEK if unit == "week" else 1)
    begin = max(length - size, 0) if place < 0 else (place - 1) * size
    # A date is as short as what is told of it.
    return span(first, begin, min(begin + size, length) - 1) if begin < length > size else None


def _third(match: re.Match[str]) -> str | None:
    if match["third"]:
        return match["third"].lower()
    return PARTS[match["edge"].lower()] if match["edge"] else None


def _third_of(third: str, first: date, length: int, months: int) -> Days | None:
    if months == 1:
        begin, end = THIRDS[third]
        return span(first, begin - 1, min(end, length) - 1)
    if months and months % 3 == 0:
        return _months_within(first, months // 3 * list(THIRDS).index(third), months // 3)
    return span(first, *_WEEK_THIRDS[third]) if length == _WEEK else None


def _months_within(first: date, off: int, count: int) -> Days | None:
    year, month = divmod(12 * first.year + first.month - 1 + off, 12)
    return next(iter(months_of(year, month + 1, count=count)), None)


def _weekday_within(unit: str, place: int, first: date, length: int) -> Days | None:
    weekday, days = (5, 2) if unit == "weekend" else (WEEKDAYS.index(unit), 1)
    every = range((weekday - first.weekday()) % _WEEK, length, _WEEK)
    if length <= _WEEK or (place > 0 and place > len(every)):
        return None
    begin = every[place if place < 0 else place - 1]
    return span(first, begin, begin + days - 1)


def _count(match: re.Match[str], unit: str) -> int:
    words = (match["count"] or "").lower()
    if words == "couple of":
        return 2
    if words == "few" or (not words and match["many"]):
        return _SOME.get(unit, 1)
    return counted(words) if words else 1
