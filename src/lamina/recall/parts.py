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
from lamina.recall.days import Days, days_on, months_of

_DEEPEST = 3
#: So far before a date is looked for what part of it is meant.
_REACH = 48
#: By how they begin, in English, German and French; -1 is the last.
_PLACES = {"first": 1, "1": 1, "opening": 1, "second": 2, "2": 2, "third": 3, "3": 3, "fourth": 4, "4": 4, "fifth": 5}
_PLACES |= {"5": 5, "last": -1, "latter": 2, "final": -1, "closing": -1}
_PLACES |= {"erst": 1, "zweit": 2, "dritt": 3, "viert": 4, "letzt": -1}
_PLACES |= {"premi": 1, "deuxi": 2, "seconde": 2, "troisi": 3, "quatri": 4, "derni": -1}
_THIRDS = {word: word for word in THIRDS} | PARTS
_THIRDS |= {"anfang": "early", "beginn": "early", "mitte": "mid", "ende": "late"}  # codespell:ignore beginn,ende
_THIRDS |= {"début": "early", "mi": "mid", "milieu": "mid", "fin": "late"}
_THIRDS |= {"上": "early", "中": "mid", "下": "late", "上旬": "early", "中旬": "mid", "下旬": "late"}
_THIRDS |= {"初": "early", "底": "late", "末": "late"}
_UNITS = {**GERMAN.units, **FRENCH.units, "quartal": "quarter", "trimestre": "quarter"}
_WEEKDAY = "|".join(WEEKDAYS)
_OF = r"(?: of|(?P<inside> in))(?: the)?(?: year)? "
_ENGLISH = re.compile(
    r"\b(?:(?:(?P<third>early|mid|late)(?:(?P<within> (?:on )?in)(?: the)? (?:year )?|[ -])|(?P<side>earlier|later) "
    rf"|(?:very )?(?P<edge>{'|'.join(PARTS)}) of (?:the )?(?:year )?)"
    r"|(?P<thirdly>first|1st|second|2nd|middle|third|3rd|last|final)[ -]third(?: of)?(?: the)?(?: year)? "
    r"|(?P<half>first|1st|second|2nd|latter)[ -]half(?:(?: of)?(?: the)?(?: year)?) "
    r"|(?P<place>first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|last|opening|final|closing) "
    rf"(?:(?P<count>few|couple of|{NUMBER}) )?(?:(?P<unit>day|weekend|week|month|quarter|{_WEEKDAY})(?P<many>s?){_OF}"
    r"|(?P<quarter>quarter),? ))$",
    FLAGS,
)
_NUMBERS = {"zwei": 2, "drei": 3, "vier": 4, "deux": 2, "trois": 3, "quatre": 4}
_GERMAN_MANY = ("tage", "tagen", "wochen", "monate", "monaten")  # codespell:ignore tage
_ELSEWHERE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:(?P<third>anfang|beginn|mitte|ende) (?:des (?:jahres )?|der |von )?"  # codespell:ignore beginn,ende
        r"|(?P<thirdly>erste|zweite|mittlere|dritte|letzte)[ns]? drittel (?:(?:des|von|vom|im)(?: jahre?s?)? )?"
        r"|(?:(?P<half>erste|zweite)[nr]? (?:hälfte|jahreshälfte)|(?P<halfyear>erste|zweite)[ns]? halbjahr) "
        r"(?:(?:des|von|vom|im)(?: jahre?s?)? )?"
        rf"|(?P<place>erste|zweite|dritte|vierte|letzte)[nrsm]? (?:(?P<count>{'|'.join(_NUMBERS)}) )?"
        rf"(?P<unit>tag|woche|wochenende|monat|quartal|{'|'.join(_GERMAN_MANY)})"
        r"(?: des| von| vom|(?P<inside> im| in)|(?<=quartal))(?: jahre?s?)? )$",
        r"\b(?:(?P<third>début|mi|milieu|fin)(?: |-)(?:(?:de|du)(?: la| mois de| l['’]année)? |(?:de l|d)['’])?"
        r"|(?P<thirdly>premier|deuxième|second|dernier) tiers (?:de(?: l['’]année)? |(?:de l|d)['’])"
        r"|(?P<half>première|deuxième|seconde) moitié (?:de(?: l['’]année)? |(?:de l|d)['’])"
        rf"|(?:(?P<number>{'|'.join(_NUMBERS)}) )?"
        r"(?P<place>premi(?:er|ère)|deuxième|troisième|quatrième|derni(?:er|ère))s? "
        r"(?P<unit>jour|semaine|mois|week-end|trimestre)(?P<many>s?) "
        r"(?:de(?: l['’]année)? |(?:de l|d)['’]|(?P<inside>en) |(?<=trimestre )))$",
    )
)
#: Of letters of the alphabet alone, no text without one of these words tells a part.
PART_HINTS = frozenset(
    [
        *"earlier later half third hälfte jahreshälfte halbjahr drittel moitié tiers".split(),
        *_THIRDS,
        *(
            f"{unit}{more}"
            for unit in (*_UNITS, *WEEKDAYS, *"day week weekend month quarter".split())
            for more in ("", "s")
        ),
    ]
)
#: In Chinese the part stands behind: "2024年初", "6月上旬", "6月中下旬".
_CHINESE = re.compile(
    "[年月]?(?:(?P<word>[上中下](?:旬(?=[到至或和、])|(?=[上中下]旬)))(?P<joint>[到至或和、]?))?(?P<third>[上中下]旬|初|底|末)"
    "|(?P<half>[上下])半[年月]"
)
#: What is said to be early or late is somebody: "I was late last month", "she left early last week".
_WHO = re.compile(
    r"\b(?:(?:am|is|are|was|were|be|been|being|isn't|wasn't|weren't)(?: (?!\w+ing\b)[\w']+){0,2}|too|so|very|how|up|"
    r"home|bed|(?:arriv|stay|work|finish|start|run|pay|leav|show|turn)\w*|come|came|paid|left|"
    r"w[oa]ke|g[oe]t|go|went) $",
    FLAGS,
)
#: The other of two parts: "the first or second week of June", "early to mid 2025".
_PAIRED = re.compile(
    r"\b(?P<word>early|mid|late|beginning|start|middle|end|first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|last|"
    r"opening|final|closing|latter|anfang|mitte|ende|"  # codespell:ignore ende
    r"(?:erst|zweit|dritt|viert|letzt)e[nrsm]?|début|milieu|mi|fin|"
    r"premi(?:er|ère)|deuxième|seconde|troisième|quatrième|derni(?:er|ère))s?(?:[ -]\w+){0,2}?-?"
    r"(?:,? (?P<joint>and|or|to|until|till|through|und|oder|bis|et|ou|à|au)"  # codespell:ignore oder
    r"(?: zu[rm]| in| at| im| am| en)?(?: the| der| die| das| des| la| le| les)? "
    r"| ?(?P<mark>[/–-]) ?|-(?:to|or|and)-)$",
    FLAGS,
)
#: Between the two is meant what lies between them, too.
_TO = frozenset("to until till through bis à au - – 到 至".split())
#: "Her first day in March" is somebody's, and "every first Monday" more than one.
_WHOSE = re.compile(
    r"\b(?:my|your|his|her|our|their|its|\w+['’]s|(?:mein|dein|sein|ihr|unser)\w*) $",  # codespell:ignore unser
    FLAGS,
)
#: So is "the second day in June of our trip"; "in June of last year" is a date.
_OF_OTHERS = re.compile(
    r" (?:of (?!(?:last|this|next|that) year\b|the year\b|\d)|de (?:l['’]|la )?(?!\d|année)|du |d['’]|des |"
    r"(?:mein|dein|sein|ihr|unser|eur)e[sr]\b|der )",  # codespell:ignore unser
    FLAGS,
)
_EVERY = re.compile(r"\b(?:every|each|jede[nrsm]?|chaque) $", FLAGS)
_THE = re.compile(r"\b(?:the|de[mnr]|die|das) $", FLAGS)
_COUNTED_FROM_NOW = re.compile("last|past|this|next", FLAGS)
_WEEK_THIRDS = {"early": (0, 2), "mid": (1, 3), "late": (3, 6)}
#: So many are meant by "the last days of July".
_SOME = {"day": 5, "week": 3, "month": 3}
_WEEK, _MONTHS = 7, {"month": 1, "quarter": 3}
_LONGEST_MONTH = 31
#: A year without a 29 February.
_ANY_YEAR = 2001


class _Part(NamedTuple):
    """A part as it is told; what it does not tell is None."""

    third: str | None = None
    #: Whether the third is told by its place: "the first third".
    is_thirdly: bool = False
    #: 1 or 2.
    half: int | None = None
    place: int | None = None
    unit: str = ""
    #: None where one is meant.
    number: int | None = None
    side: str | None = None


class _Pair(NamedTuple):
    """A part, the other that is told before it, and whether what lies between them is meant."""

    part: _Part
    first: _Part | None = None
    is_span: bool = False


def with_parts(text: str, found: Sequence[Dated], *, today: date | None) -> list[Dated]:
    """Give the dates of a text, in its order, each as the part of it that is told beside it.

    What is earlier or later this year, is so than `today`.
    """
    told: list[Dated] = []
    for place, one in enumerate(found):
        part = _with_part(text, one, [other.end for other in found[max(place - 3, 0) : place]], today)
        # "The last week" is a date, too, where no "in May" follows it.
        while told and told[-1].end > part.start:
            told.pop()
        told.append(part)
    return told


def _with_part(text: str, one: Dated, ends: Sequence[int], today: date | None) -> Dated:
    """Give the part of a date that is told, and the part of that part: "the first week of the second half of 2024"."""
    for _ in range(_DEEPEST):
        start, end, pair = _told_beside(text, one, ends)
        days = () if pair is None else _days_of(one.days, pair, today)
        if not days:
            break
        one = Dated(start, end, days)
    return one


def _told_beside(text: str, one: Dated, ends: Sequence[int]) -> tuple[int, int, _Pair | None]:
    """Give the part that is told before a date or, in Chinese, behind it, and where both begin and end.

    `ends` are those of the dates before it, which have parts of their own.
    """
    begin = max(one.start - _REACH, 0)
    if not text.isascii():
        behind = _CHINESE.match(text, one.end)
        if behind is not None:
            half = {"上": 1, "下": 2}.get(behind["half"] or "")
            part = _Part(third=_THIRDS.get(behind["third"]), half=half)
            return one.start, behind.end(), _pair(part, behind, behind["joint"])
    for pattern in (_ENGLISH, *_ELSEWHERE):
        match = pattern.search(text, begin, one.start)
        if match is None:
            continue
        since = max((end for end in ends if end <= match.start()), default=begin)
        other = _PAIRED.search(text, since, match.start())
        start = match.start() if other is None else other.start()
        if not _tells_of_somebody(text, match, one, start) and not (other is None and _tells_of_now(text, match)):
            return start, one.end, _pair(_told(match), other, other and (other["joint"] or other["mark"]))
    return one.start, one.end, None


def _pair(part: _Part, other: re.Match[str] | None, joint: str | None) -> _Pair | None:
    """Give a part, and the other that is told before it; nothing where that is none of its kind."""
    word = None if other is None else other["word"]
    if word is None:
        return _Pair(part)
    third, place = _THIRDS.get(word.lower()), _place(word.lower())
    third = _third_at(word.lower()) if part.is_thirdly else third
    if part.third is not None:
        first = part._replace(third=third)
    elif part.half is not None:
        first = part._replace(half=place)
    else:
        first = part._replace(place=place)
    is_known = third if part.third is not None else place
    return _Pair(part, first, is_span=(joint or "").lower() in _TO) if is_known else None


def _told(match: re.Match[str]) -> _Part:
    groups = {name: words.lower() for name, words in match.groupdict().items() if words}
    thirdly = groups.get("thirdly")
    third, half = groups.get("third") or groups.get("edge"), groups.get("half") or groups.get("halfyear")
    word = groups.get("unit") or groups.get("quarter") or ""
    unit, is_many = _UNITS.get(word, word), "many" in groups or word in _GERMAN_MANY
    return _Part(
        third=_THIRDS[third] if third else _third_at(thirdly) if thirdly else None,
        is_thirdly=bool(thirdly),
        half=_place(half) if half else None,
        place=_place(groups["place"]) if "place" in groups else None,
        unit=unit,
        number=_count(groups.get("count") or groups.get("number") or "", unit, is_many=is_many),
        side=groups.get("side"),
    )


def _third_at(word: str) -> str | None:
    """Give the third of a place: the first, the second or middle, the third or last."""
    if word.startswith("mi"):
        return "mid"
    place = _place(word)
    return {1: "early", 2: "mid", 3: "late", -1: "late"}.get(place or 0)


def _place(word: str) -> int | None:
    return next((number for stem, number in _PLACES.items() if word.startswith(stem)), None)


def _count(words: str, unit: str, *, is_many: bool) -> int | None:
    if words == "couple of":
        return 2
    if words == "few" or (not words and is_many):
        return _SOME.get(unit)
    return (_NUMBERS.get(words) or counted(words)) if words else None


def _tells_of_somebody(text: str, match: re.Match[str], one: Dated, start: int) -> bool:
    """Say whether it is somebody who is early, whose first day it is, or each of several, by what stands before it."""
    begin = max(start - _REACH, 0)
    if _EVERY.search(text, begin, start):
        return True
    if match.groupdict().get("inside") and (_WHOSE.search(text, begin, start) or _OF_OTHERS.match(text, one.end)):
        return True
    is_loose = match.groupdict().get("third") and (
        match.groupdict().get("within") or _COUNTED_FROM_NOW.match(text, one.start)
    )
    return bool(is_loose and _WHO.search(text, begin, start))


def _tells_of_now(text: str, match: re.Match[str]) -> bool:
    """Say whether "last week in May" is the last week, and no part of May."""
    is_last = match.groupdict().get("inside") and match["place"].lower().startswith(("last", "letzt"))
    return bool(is_last) and not _THE.search(text, max(match.start() - _REACH, 0), match.start())


def _days_of(days: tuple[Days, ...], pair: _Pair, today: date | None) -> tuple[Days, ...]:
    """Give one part or two of what is dated; nothing where it has not both."""
    last = _part_of(days, pair.part, today)
    first = last if pair.first is None else _part_of(days, pair.first, today)
    if pair.first is None or not (first and last):
        return last if first else ()
    if len(days) > 1:
        begin, end = days.index(first[0]), days.index(last[-1])
        return days[begin : end + 1] if pair.is_span and begin < end else (*first, *last)
    return _joined(first[0], last[0], is_span=pair.is_span)


def _joined(one: Days, other: Days, *, is_span: bool) -> tuple[Days, ...]:
    """Give two parts of one span or month as one where they meet, or where what lies between them is meant."""
    if one.month is not None:
        end, begin = one.to_day or one.day or 0, other.day or 0
        if begin != end + 1 and not (is_span and begin > end):
            return (one, other)
        until = other.to_day or other.day
        is_whole = one.day == 1 and until == _LONGEST_MONTH
        return (Days(month=one.month) if is_whole else Days(month=one.month, day=one.day, to_day=until),)
    if one.first is None or one.last is None or other.first is None or other.first < one.first:
        return (one, other)
    meets = is_span or other.first <= days_on(one.last, 1)
    return (Days(first=one.first, last=other.last),) if meets else (one, other)


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
