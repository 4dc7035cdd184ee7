"""What the words around dates make of them: "since May", "before 8 May", "between … and …", "two days after …".

And what a question says of time by an event that is no date: "before the trip", "three days after the trip".
"""

import re
from datetime import date, datetime
from typing import NamedTuple

from lamina.recall.dates import FLAGS, NUMBER, UNITS, WEEKDAY, WEEKDAYS, Dated, counted, dates_in
from lamina.recall.days import Days, days_on, on_calendar

#: So far before a date are words looked for that make a range of it, and so many words of an event are told.
_REACH, _EVENT_WORDS = 48, 12
#: A date counted from the moment of asking is one at every moment.
_ANY_DAY = date(2000, 1, 1)
_TO = re.compile(r",? (?:and|to|until|till|through) (?:the )?", FLAGS)
_BETWEEN = re.compile(r"\b(?:between|from) (?:the )?$", FLAGS)
_OPEN = re.compile(r"\b(?P<word>prior to|before|after|since|until|till|by) (?:the )?$", FLAGS)
_COUNTED = re.compile(rf"\b(?P<count>{NUMBER}) (?P<unit>{'|'.join(UNITS)})s? (?P<side>before|after) (?:the )?$", FLAGS)
_BESIDE = re.compile(
    rf"\b(?:the|last) (?P<unit>{'|'.join(UNITS)}|weekend|{WEEKDAY}) (?P<side>before|after) (?:the )?$", FLAGS
)
_EVENT = re.compile(
    r"(?P<idiom>\b(?:look\w*|named|tak\w+|took|day) )?\b(?P<side>before|after) (?P<event>[^,.;:?!\n]+)", FLAGS
)
#: How far from an event, right before its "before" or "after". "The three days after" are all of them.
_WITHIN = "".join(rf"(?<!\b{word} )" for word in "the first last next within than".split())
_FAR = re.compile(rf"{_WITHIN}\b(?P<count>the(?= day)|{NUMBER}) (?P<unit>{'|'.join(UNITS)})s? $", FLAGS)
_GERMAN = "ein eine einen einem einer zwei drei vier fünf sechs sieben acht neun zehn elf zwölf".split()
_FRENCH = "un une deux trois quatre cinq six sept huit neuf dix onze douze".split()
_OTHER_NUMBERS = {word: max(place - 3, 1) for place, word in enumerate(_GERMAN)} | {
    word: max(place, 1) for place, word in enumerate(_FRENCH)
}
_OTHER_UNITS = {"tag": "day", "woche": "week", "monat": "month", "jahr": "year"} | {
    "jour": "day", "semaine": "week", "mois": "month", "an": "year"
}  # fmt: skip
#: In German and French an event is read where it is told how far from it: "nach" alone is also a way.
_FAR_OTHER = re.compile(
    rf"\b(?P<count>{'|'.join(_OTHER_NUMBERS)}|\d{{1,3}}) (?:(?P<german>tag|woche|monat|jahr)(?:en|e|n)? "
    r"(?P<before>vor|nach) (?=(?:de[mnr]|(?:mein|dein|sein|ihr|unser|eur)e[mnr])\b)"  # codespell:ignore vor,unser
    r"|(?P<french>jour|semaine|mois|an)s? (?P<avant>avant|après) )(?P<event>[^,.;:?!\n]+)",
    re.IGNORECASE,
)
#: What follows "before" and "after" and is no event.
_NO_EVENT = re.compile(r"(?:\d|(?:and|or|all|long|that|this|then|it|day)\b(?! \w+ing\b))", FLAGS)


def named_days(text: str, *, at: datetime | None) -> tuple[Days, ...]:
    """Give the days that `text` names, in its order; `at` is the moment of asking."""
    today = None if at is None else at.date()
    dates = dates_in(text, today=today)
    found: list[Days] = []
    place = 0
    while place < len(dates):
        one, before = dates[place], _words_before(text, dates[place])
        between = _between(text, before, dates[place : place + 2], today)
        found += between or _beside(before, one, today) or _open(before, one, today) or one.days
        place += 2 if between else 1
    return tuple(dict.fromkeys(found))


class Relative(NamedTuple):
    """An event as a question names it, whether it asks for what was before it, or after, and how far from it."""

    event: str
    is_before: bool
    #: In days, about; None where the question names no distance.
    distance: int | None = None


def relative_to(text: str) -> Relative | None:
    """Give the words behind the first "before" or "after" that names an event and no date; None where none does."""
    other = _relative_elsewhere(text)
    if other is not None or not _EVENT.search(text):
        return other
    starts = {one.start for one in dates_in(text, today=_ANY_DAY)}
    for match in _EVENT.finditer(text):
        start = match.start("event")
        is_date = start in starts or (start + len("the ") in starts and match["event"].lower().startswith("the "))
        far = _FAR.search(text, max(match.start("side") - _REACH, 0), match.start("side"))
        if not ((match["idiom"] and far is None) or is_date or _NO_EVENT.match(match["event"])):
            event = " ".join(match["event"].split()[:_EVENT_WORDS])
            distance = None if far is None else _count(far["count"]) * UNITS[far["unit"].lower()][0]
            return Relative(event, match["side"].lower() == "before", distance) if event else None
    return None


def _count(words: str) -> int:
    return 1 if words.lower() == "the" else counted(words)


def _relative_elsewhere(text: str) -> Relative | None:
    """Give what a German or French question says of an event and of the distance to it."""
    match = _FAR_OTHER.search(text)
    event = "" if match is None else " ".join(match["event"].split()[:_EVENT_WORDS])
    if match is None or not event:
        return None
    count = _OTHER_NUMBERS.get(match["count"].lower()) or int(match["count"])
    unit = UNITS[_OTHER_UNITS[(match["german"] or match["french"]).lower()]][0]
    is_before = (match["before"] or match["avant"]).lower() != ("nach" if match["before"] else "après")
    return Relative(event, is_before, count * unit)


def _words_before(text: str, one: Dated) -> str:
    return text[max(one.start - _REACH, 0) : one.start]


def _between(text: str, before: str, pair: list[Dated], today: date | None) -> tuple[Days, ...]:
    if len(pair) < 2 or not _TO.fullmatch(text[pair[0].end : pair[1].start]) or not _BETWEEN.search(before):
        return ()
    first, last = (_only(one) for one in pair)
    if first is None or last is None:
        return ()
    if today is None and first.month is not None and last.month is not None and first.day is last.day is None:
        # Of any year: from June on to March, over the turn of the year.
        count = (last.month - first.month) % 12 + 1
        return tuple(Days(month=(first.month + further - 1) % 12 + 1) for further in range(count))
    if last.month is not None:
        # A year that only the first has is the other's too.
        last = _settled(last, by=today if first.first is None else days_on(first.first, 364))
    if first.month is not None:
        first = _settled(first, by=None if last is None else last.last)
    ends = [day for days in (first, last) if days is not None for day in (days.first, days.last) if day is not None]
    # Named the wrong way round, they are the same span.
    return (Days(first=min(ends), last=max(ends)),) if len(ends) == 4 else ()


def _open(before: str, one: Dated, today: date | None) -> tuple[Days, ...]:
    match = _OPEN.search(before)
    days = _only(one) if match else None
    span = None if days is None else _settled(days, by=today)
    if match is None or span is None or span.first is None or span.last is None:
        return ()
    word = match["word"].lower()
    if word == "since":
        return (Days(first=span.first),)
    if word == "after":
        return (Days(first=days_on(span.last, 1)),)
    if word in {"before", "prior to"}:
        return (Days(last=days_on(span.first, -1)),)
    return (Days(last=span.last),)


def _beside(before: str, one: Dated, today: date | None) -> tuple[Days, ...]:
    """Give the days that are counted from a date, and the date: what was then is often told on it."""
    match = _COUNTED.search(before) or _BESIDE.search(before)
    days = _only(one) if match else None
    span = None if days is None else _settled(days, by=today)
    if match is None or span is None or span.first is None or span.last is None:
        return ()
    sign, unit = (-1 if match["side"].lower() == "before" else 1), match["unit"].lower()
    edge = span.first if sign < 0 else span.last
    if "count" in match.groupdict():
        length, slack = UNITS[unit]
        off = sign * counted(match["count"]) * length
        return (Days(first=days_on(span.first, off - slack), last=days_on(span.last, off + slack)), span)
    if unit in UNITS:
        far, near = days_on(edge, sign * UNITS[unit][0]), days_on(edge, sign)
    else:
        weekday, length = (5, 2) if unit == "weekend" else (WEEKDAYS.index(unit), 1)
        # The last that is over before the edge, or the first that begins behind it.
        away = (edge.weekday() - weekday - length) % 7 + length if sign < 0 else (weekday - edge.weekday() - 1) % 7 + 1
        far = days_on(edge, sign * away)
        near = days_on(far, length - 1)
    return (Days(first=min(far, near), last=max(far, near)), span)


def _only(one: Dated) -> Days | None:
    """Give the days of a date that is one span."""
    return one.days[0] if len(one.days) == 1 else None


def _settled(days: Days, *, by: date | None) -> Days | None:
    """Give a day or month of any year as the last that began no later than `by`; a span as it is."""
    if days.month is None:
        return days
    if by is None:
        return None
    # Eight years: the longest without a 29 February.
    for year in range(by.year, max(by.year - 9, 0), -1):
        for span in on_calendar(year, days.month, days.day):
            if span.first is not None and span.first <= by:
                return span
    return None
