"""Parts of the days that a text names: "early 2024", "the first week of June", "the second half of last year".

They are read before a date and make it the shorter. Of a year a third is four months, of a month about ten days. A week
of a month is counted from its first day, or back from its last; a weekend belongs to the month of its Saturday.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from lamina.recall.calendar_words import FRENCH, GERMAN, WEEKDAYS
from lamina.recall.counts import NUMBER, counted
from lamina.recall.dated import FLAGS, PARTS, THIRDS, Dated, span
from lamina.recall.days import Days, months_of

#: So far before a date is looked for what part of it is meant.
_REACH = 48
#: By how they begin, in English, German and French; -1 is the last.
_PLACES = {"first": 1, "1": 1, "opening": 1, "second": 2, "2": 2, "third": 3, "3": 3, "fourth": 4, "4": 4, "fifth": 5}
_PLACES |= {"5": 5, "last": -1, "latter": 2, "final": -1, "closing": -1}
_PLACES |= {"erst": 1, "zweit": 2, "dritt": 3, "viert": 4, "letzt": -1}
_PLACES |= {"premi": 1, "deuxi": 2, "seconde": 2, "troisi": 3, "quatri": 4, "derni": -1}
_THIRDS = {word: word for word in THIRDS} | PARTS
_THIRDS |= {"anfang": "early", "mitte": "mid", "ende": "late"}  # codespell:ignore ende
_THIRDS |= {"début": "early", "mi": "mid", "milieu": "mid", "fin": "late"}
_THIRDS |= {"初": "early", "上旬": "early", "中旬": "mid", "下旬": "late", "底": "late", "末": "late"}
_UNITS = {**GERMAN.units, **FRENCH.units, "quartal": "quarter", "trimestre": "quarter"}
_WEEKDAY = "|".join(WEEKDAYS)
_OF = r"(?: of|(?P<inside> in))(?: the)?(?: year)? "
_ENGLISH = re.compile(
    r"\b(?:(?:(?P<third>early|mid|late)(?:(?P<within> (?:on )?in)(?: the)? (?:year )?|[ -])|(?P<side>earlier|later) "
    rf"|(?:very )?(?P<edge>{'|'.join(PARTS)}) of (?:the )?(?:year )?)"
    r"|(?P<half>first|1st|second|2nd|latter)[ -]half(?:(?: of)?(?: the)?(?: year)?) "
    r"|(?P<place>first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|last|opening|final|closing) "
    rf"(?:(?P<count>few|couple of|{NUMBER}) )?(?P<unit>day|weekend|week|month|quarter|{_WEEKDAY})(?P<many>s?){_OF})$",
    FLAGS,
)
_NUMBERS = {"zwei": 2, "drei": 3, "vier": 4, "deux": 2, "trois": 3, "quatre": 4}
_GERMAN_MANY = ("tage", "tagen", "wochen", "monate", "monaten")  # codespell:ignore tage
_ELSEWHERE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:(?P<third>anfang|mitte|ende) (?:des (?:jahres )?|von )?"  # codespell:ignore ende
        r"|(?:(?P<half>erste|zweite)[nr]? (?:hälfte|jahreshälfte)|(?P<halfyear>erste|zweite)[ns]? halbjahr) "
        r"(?:(?:des|von|vom|im)(?: jahre?s?)? )?"
        rf"|(?P<place>erste|zweite|dritte|vierte|letzte)[nrsm]? (?:(?P<count>{'|'.join(_NUMBERS)}) )?"
        rf"(?P<unit>tag|woche|wochenende|monat|quartal|{'|'.join(_GERMAN_MANY)})"
        r"(?: des| von| vom|(?P<inside> im| in))(?: jahre?s?)? )$",
        r"\b(?:(?P<third>début|mi|milieu|fin)(?: |-)(?:(?:de|du)(?: mois de| l['’]année)? |(?:de l|d)['’])?"
        r"|(?P<half>première|deuxième|seconde) moitié (?:de(?: l['’]année)? |(?:de l|d)['’])"
        rf"|(?:(?P<number>{'|'.join(_NUMBERS)}) )?"
        r"(?P<place>premi(?:er|ère)|deuxième|troisième|quatrième|derni(?:er|ère))s? "
        r"(?P<unit>jour|semaine|mois|week-end|trimestre)(?P<many>s?) (?:de(?: l['’]année)? |(?:de l|d)['’]|en ))$",
    )
)
#: Of letters of the alphabet alone, no text without one of these words tells a part.
PART_HINTS = frozenset(
    [
        *"earlier later half hälfte jahreshälfte halbjahr moitié".split(),
        *_THIRDS,
        *(
            f"{unit}{more}"
            for unit in (*_UNITS, *WEEKDAYS, *"day week weekend month quarter".split())
            for more in ("", "s")
        ),
    ]
)
#: In Chinese the part stands behind: "2024年初", "6月上旬".
_CHINESE = re.compile(r"[年月]?(?P<third>[上中下]旬|初|底|末)|(?P<half>[上下])半[年月]")
#: What is said to be early or late is somebody: "I was late last month", "she left early last week".
_WHO = re.compile(
    r"\b(?:(?:am|is|are|was|were|be|been|being|isn't|wasn't|weren't)(?: (?!\w+ing\b)[\w']+){0,2}|too|so|very|how|up|"
    r"home|bed|(?:arriv|stay|work|finish|start|run|pay|leav|show|turn)\w*|come|came|paid|left|"
    r"w[oa]ke|g[oe]t|go|went) $",
    FLAGS,
)
#: Of two parts that are named, neither is the other, and the whole holds both: "the first or second week of June",
#: "early to mid 2025".
_PAIRED = re.compile(
    r"\b(?:early|mid|late|beginning|start|middle|end|first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|last|opening|"
    r"final|closing|latter|anfang|mitte|ende|(?:erst|zweit|dritt|viert|letzt)e[nrsm]?|"  # codespell:ignore ende
    r"début|milieu|fin|"
    r"premi(?:er|ère)|deuxième|seconde|troisième|quatrième|derni(?:er|ère))s?(?:[ -]\w+){0,2},? "
    r"(?:and|or|to|until|till|through|und|oder|bis|et|ou|à|au)"  # codespell:ignore oder
    r"(?: zu[rm])?(?: the| der| die| das| des| la| le| les)? $",
    FLAGS,
)
#: "Her first day in March" is somebody's, and "every first Monday" more than one.
_WHOSE = re.compile(
    r"\b(?:my|your|his|her|our|their|its|\w+['’]s|(?:mein|dein|sein|ihr|unser)\w*) $",  # codespell:ignore unser
    FLAGS,
)
_EVERY = re.compile(r"\b(?:every|each|jede[nrsm]?|chaque) $", FLAGS)
_THE = re.compile(r"\b(?:the|de[mnr]|die|das) $", FLAGS)
_COUNTED_FROM_NOW = re.compile("last|past|this|next", FLAGS)
_WEEK_THIRDS = {"early": (0, 2), "mid": (1, 3), "late": (3, 6)}
#: So many are meant by "the last days of July".
_SOME = {"day": 5, "week": 3, "month": 3}
_WEEK, _MONTHS = 7, {"month": 1, "quarter": 3}
#: A year without a 29 February.
_ANY_YEAR = 2001


class _Part(NamedTuple):
    """A part as it is told; what it does not tell is None."""

    third: str | None = None
    #: 1 or 2.
    half: int | None = None
    place: int | None = None
    unit: str = ""
    #: None where one is meant.
    number: int | None = None
    side: str | None = None


def with_parts(text: str, found: Sequence[Dated], *, today: date | None) -> list[Dated]:
    """Give the dates of a text, in its order, each as the part of it that is told beside it.

    What is earlier or later this year, is so than `today`.
    """
    told: list[Dated] = []
    for place, one in enumerate(found):
        start, end, part = _told_beside(text, one, [other.end for other in found[max(place - 3, 0) : place]])
        days = () if part is None else _part_of(one.days, part, today)
        # "The last week" is a date, too, where no "in May" follows it.
        while days and told and told[-1].end > start:
            told.pop()
        told.append(Dated(start, end, days) if days else one)
    return told


def _told_beside(text: str, one: Dated, ends: Sequence[int]) -> tuple[int, int, _Part | None]:
    """Give the part that is told before a date or, in Chinese, behind it, and where both begin and end.

    `ends` are those of the dates before it, which have parts of their own.
    """
    begin = max(one.start - _REACH, 0)
    if not text.isascii():
        behind = _CHINESE.match(text, one.end)
        if behind is not None:
            half = {"上": 1, "下": 2}.get(behind["half"] or "")
            return one.start, behind.end(), _Part(third=_THIRDS.get(behind["third"]), half=half)
    for pattern in (_ENGLISH, *_ELSEWHERE):
        match = pattern.search(text, begin, one.start)
        if match is not None:
            since = max((end for end in ends if end <= match.start()), default=begin)
            if _PAIRED.search(text, since, match.start()):
                break
        if match is not None and not _tells_of_somebody(text, match, one) and not _tells_of_now(text, match):
            return match.start(), one.end, _told(match)
    return one.start, one.end, None


def _told(match: re.Match[str]) -> _Part:
    groups = {name: words.lower() for name, words in match.groupdict().items() if words}
    third, half = groups.get("third") or groups.get("edge"), groups.get("half") or groups.get("halfyear")
    word = groups.get("unit", "")
    unit, is_many = _UNITS.get(word, word), "many" in groups or word in _GERMAN_MANY
    return _Part(
        third=_THIRDS[third] if third else None,
        half=_place(half) if half else None,
        place=_place(groups["place"]) if "place" in groups else None,
        unit=unit,
        number=_count(groups.get("count") or groups.get("number") or "", unit, is_many=is_many),
        side=groups.get("side"),
    )


def _place(word: str) -> int:
    return next(number for stem, number in _PLACES.items() if word.startswith(stem))


def _count(words: str, unit: str, *, is_many: bool) -> int | None:
    if words == "couple of":
        return 2
    if words == "few" or (not words and is_many):
        return _SOME.get(unit)
    return (_NUMBERS.get(words) or counted(words)) if words else None


def _tells_of_somebody(text: str, match: re.Match[str], one: Dated) -> bool:
    """Say whether it is somebody who is early, whose first day it is, or each of several."""
    if _EVERY.search(text, max(match.start() - _REACH, 0), match.start()):
        return True
    if match.groupdict().get("inside") and _WHOSE.search(text, max(match.start() - _REACH, 0), match.start()):
        return True
    is_loose = match["third"] and (match.groupdict().get("within") or _COUNTED_FROM_NOW.match(text, one.start))
    return bool(is_loose and _WHO.search(text, max(match.start() - _REACH, 0), match.start()))


def _tells_of_now(text: str, match: re.Match[str]) -> bool:
    """Say whether "last week in May" is the last week, and no part of May."""
    is_last = match.groupdict().get("inside") and match["place"].lower().startswith(("last", "letzt"))
    return bool(is_last) and not _THE.search(text, max(match.start() - _REACH, 0), match.start())


def _part_of(days: tuple[Days, ...], part: _Part, today: date | None) -> tuple[Days, ...]:
    """Give a part of one span, of a month of any year, or of several months in a row; nothing where it has none."""
    if len(days) > 1:
        return _of_months(days, part) if all(one.month is not None and one.day is None for one in days) else ()
    (whole,) = days
    if whole.month is not None:
        return _of_month_of_any_year(whole.month, part) if whole.day is None and part.side is None else ()
    if whole.first is None or whole.last is None:
        return ()
    if part.side is None:
        found = _of_span(whole.first, whole.last, part)
    else:
        found = None if today is None else _side_of(part.side, whole.first, whole.last, today)
    return () if found is None else (found,)


def _side_of(side: str, first: date, last: date, today: date) -> Days | None:
    if not first < today < last:
        return None
    return Days(first=first, last=today) if side == "earlier" else Days(first=today, last=last)


def _of_months(months: tuple[Days, ...], part: _Part) -> tuple[Days, ...]:
    if part.third is not None and len(months) == len(THIRDS):
        return (months[list(THIRDS).index(part.third)],)
    if part.place is None or part.unit != "month" or part.number is not None:
        return ()
    return months[-1:] if part.place < 0 else months[part.place - 1 : part.place]


def _of_month_of_any_year(month: int, part: _Part) -> tuple[Days, ...]:
    last = monthrange(_ANY_YEAR, month)[1]
    if part.place is not None and _is_day_of_week(part.unit):
        begin = last - _WEEK + 1 if part.place < 0 else _WEEK * (part.place - 1) + 1
        until = min(begin + _WEEK - (part.unit != "weekend"), 31)
        return () if part.number is not None or begin > last else (Days(month=month, day=begin, to_day=until),)
    found = _of_span(date(_ANY_YEAR, month, 1), date(_ANY_YEAR, month, last), part)
    if found is None or found.first is None or found.last is None:
        return ()
    return (Days(month=month, day=found.first.day, to_day=31 if found.last.day == last else found.last.day),)


def _of_span(first: date, last: date, part: _Part) -> Days | None:
    """Give a part of the days from `first` to `last`; None where it has no such part."""
    length = (last - first).days + 1
    # As far as it is made of whole months.
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    months = months if first.day == 1 and last.day == monthrange(last.year, last.month)[1] else 0
    if part.third is not None:
        return _third_of(part.third, first, length, months)
    if part.half is not None:
        return _half_of(part.half, first, length, months)
    if part.place is None:
        return None
    if _is_day_of_week(part.unit):
        return None if part.number is not None else _weekday_within(part.unit, part.place, first, length)
    size, every = part.number or 1, length
    if part.unit in _MONTHS:
        size, every = size * _MONTHS[part.unit], months
    elif part.unit == "week":
        size *= _WEEK
    begin = every - size if part.place < 0 else (part.place - 1) * size
    # A date is as short as what is told of it, and a week of it may be cut by its end.
    if not (0 <= begin < every and size < every) or (part.unit in _MONTHS and begin + size > every):
        return None
    return (
        _months_within(first, begin, size) if part.unit in _MONTHS else span(first, begin, min(begin + size, every) - 1)
    )


def _is_day_of_week(unit: str) -> bool:
    return unit == "weekend" or unit in WEEKDAYS


def _half_of(half: int, first: date, length: int, months: int) -> Days | None:
    if months and months % 2 == 0:
        return _months_within(first, months // 2 * (half - 1), months // 2)
    if length < _WEEK:
        return None
    # Of a week the fourth day is in both.
    middle = length // 2
    return span(first, 0, middle - (length != _WEEK)) if half == 1 else span(first, middle, length - 1)


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
