"""What the words around dates make of them: "since May", "before 8 May", "between … and …", "two days after …".

And what a question says of time by an event that is no date: "before the trip", "three days after the trip".
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from lamina.recall.calendar_words import WEEKDAYS
from lamina.recall.counts import NUMBER, NUMERAL, amount
from lamina.recall.dated import FLAGS, UNITS, Dated, blanked, longer_units, unit_on
from lamina.recall.dates import WEEKDAY, dates_in
from lamina.recall.days import Days, days_on, of_any_year, on_calendar
from lamina.recall.distances import BEYOND, beyond

#: So far before a date are words looked for that make a range of it, and so many words of an event are told.
_REACH, _EVENT_WORDS = 48, 12
_WORDS = re.IGNORECASE
#: A date counted from the moment of asking is one at every moment.
_ANY_DAY = date(2000, 1, 1)
_TO = re.compile(
    r"\s?[-\N{EN DASH}\N{EM DASH}]\s?|,? (?:to|until|till|through) (?:the )?|,? bis (?:zum )?| ?(?:au|à|到|至) ?",
    _WORDS,
)
#: Two dates that it joins are the ends of a span only behind "between" and the like.
_AND = re.compile(r",? (?:and (?:the )?|und (?:dem )?|et (?:le )?)", _WORDS)
_BETWEEN = re.compile(r"\b(?:(?:between|from) (?:the )?|(?:zwischen|vo[nm]) (?:dem )?|entre (?:le )?)$", _WORDS)
_SINCE, _AFTER, _BEFORE, _UNTIL = "since", "after", "before", "until"
#: By how the days behind them are open, the words of each language.
_OPENING = {
    _SINCE: "since|seit|ab|depuis",
    _AFTER: "after|nach|après",
    _BEFORE: "prior to|before|vor|avant",  # codespell:ignore vor
    _UNTIL: "until|till|by|bis(?: zu[mr])?|jusqu['’](?:en|au|à)|d['’]ici(?: à)?",
}
_OPEN = re.compile(
    rf"\b(?:{'|'.join(f'(?P<{word}>{words})' for word, words in _OPENING.items())}) (?:the |de[mr] |le |la )?$", _WORDS
)
#: "Before the end of May" is until it, and "after the beginning" from it on; in Chinese both stand behind.
_EDGE = re.compile(
    r"(?:very )?(?:(?P<begin>beginning|start)|end) of\b"
    r"|(?:(?P<other_begin>anfang|beginn|début)|ende|fin)\b",  # codespell:ignore beginn,ende
    FLAGS,
)
#: Alone they are so where nothing follows that they may be a part of: "昨天后院" is a yard.
_CHINESE_ALONE = r"(?:(?<=[初底末])|(?=.(?:[，。？！,?!\s我你他她它的]|$)))"
_CHINESE_OPEN = re.compile(
    rf"(?P<{_SINCE}>以来|{_CHINESE_ALONE}起)|(?P<{_AFTER}>[之以]后|{_CHINESE_ALONE}后)"
    rf"|(?P<{_BEFORE}>[之以]前|{_CHINESE_ALONE}前)"
)
_CHINESE_EDGES = {"初": "begin", "底": "end", "末": "end"}
_WEEK_OF = re.compile(r"\b(?P<unit>week(?:end)?) (?:of|from|beginning|starting) (?:the |on )?$", FLAGS)
_SIDE = re.compile(r"\b(?P<side>before|after) (?:the )?$", FLAGS)
_NAMED = re.compile(rf"\b(?:the|last) (?P<day>weekend|{WEEKDAY}) $", FLAGS)
_EVENT = re.compile(
    r"(?P<idiom>\b(?:look\w*|named|tak\w+|took|day) )?\b(?P<side>before|after) (?P<event>[^,.;:?!\n]+)", FLAGS
)
#: How far from an event or a date, right before its "before" or "after". "The three days after" are all of them.
_FAR = re.compile(
    r"\b(?P<lead>(?:within|in|during|throughout|for|over|up to|at (?:most|least)|(?:no more|less|fewer|more) than) )?"
    rf"(?P<the>(?:the|that) )?(?P<which>(?:very )?(?:first|last|next|following) )?"
    rf"{BEYOND}?(?P<count>(?:{NUMBER}) )?(?P<unit>{'|'.join(UNITS)})(?P<many>s?) $",
    FLAGS,
)
_OPEN_ENDED = frozenset({"over", "more than", "at least"})
#: A span has room for the longest.
_LONGEST = {"month": 31, "year": 366}
_GERMAN = "ein eine einen einem einer zwei drei vier fünf sechs sieben acht neun zehn elf zwölf".split()
_FRENCH = "un une deux trois quatre cinq six sept huit neuf dix onze douze".split()
_OTHER_NUMBERS = {word: max(place - 3, 1) for place, word in enumerate(_GERMAN)} | {
    word: max(place, 1) for place, word in enumerate(_FRENCH)
}
_OTHER_UNITS = {"tag": "day", "woche": "week", "monat": "month", "jahr": "year"} | {
    "jour": "day", "semaine": "week", "mois": "month", "an": "year", "année": "year"
}  # fmt: skip
_OTHER_NUMBER = rf"(?:{'|'.join(_OTHER_NUMBERS)}|{NUMERAL}) "
_OTHER_COUNT = rf"(?P<count>{_OTHER_NUMBER})?"
_OTHER_EACH = re.compile(rf"(?P<count>{_OTHER_NUMBER})(?P<unit>{'|'.join(_OTHER_UNITS)})", _WORDS)
_GERMAN_BEYOND = longer_units(_OTHER_NUMBER, ["jahre?n?", "monate?n?", "wochen?", "tag(?:en?)?"], "(?:,? und|,)? ")
_FRENCH_BEYOND = longer_units(_OTHER_NUMBER, ["ans?|années?", "mois", "semaines?", "jours?"], "(?:,? et|,)? ")
_REST = r"(?P<event>[^,.;:?!\n]+)"
#: In German and French an event is read where it is told how far from it: "nach" alone is also a way.
_FAR_OTHER = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?P<lead>(?:in|innerhalb(?: von)?|binnen|während) )?(?P<the>(?:am|im|de[rnms]|die|das) )?"
        r"(?P<which>(?:erste|nächste|letzte|folgende)[nrsm]? )?"
        rf"{_GERMAN_BEYOND}?{_OTHER_COUNT}(?P<unit>tag|woche|monat|jahr)(?:en|es|e|n|s)? "
        r"(?P<side>vor|nach) "  # codespell:ignore vor
        rf"(?=(?:de[mnr]|(?:mein|dein|sein|ihr|unser|eur)e[mnr])\b){_REST}",  # codespell:ignore unser
        r"\b(?P<lead>(?:dans|en|pendant|durant|sous) )?(?P<the>(?:les?|la|l'|au cours d(?:u|es|e la|e l')) ?)?"
        r"(?P<which>(?:premi(?:er|ère)|derni(?:er|ère))s? )?"
        rf"{_FRENCH_BEYOND}?{_OTHER_COUNT}(?P<unit>jour|semaine|mois|année|an)s? (?P<side>avant|après) {_REST}",
    )
)
_NEXT_DAY = re.compile(rf"\b(?:le|la) (?P<side>lendemain|veille) (?:de |d')?{_REST}", re.IGNORECASE)
#: Of letters of the alphabet alone, no text that holds none of these matches any of these rules.
_HINTS_ELSEWHERE = ("vor ", "nach ", "avant ", "lendemain ", "veille ")  # codespell:ignore vor
#: "Since I moved", "since the trip to Rome"; not "since when", nor how long it has been since then.
_WHOSE = r"(?:my|our|your|his|her|their|this|that|\w+'s)"
_SINCE_EVENT = re.compile(
    rf"\bsince (?P<event>(?:(?P<the>the )|{_WHOSE} |(?:i|we|you|he|she|they|it) |(?-i:[A-Z])\w+ )[^,.;:?!\n]+)", FLAGS
)
_HOW_LONG = re.compile(rf"\bhow (?:long|much time|many (?:\w+ )?(?:{'|'.join(UNITS)})s?)\b|\bwhen\b", FLAGS)
_BEFORE_MARK = re.compile(r" (?=[?.!,;:])")
_IS_BEFORE = frozenset("before vor avant veille".split())  # codespell:ignore vor
#: What follows "before" and "after" and is no event.
_NO_EVENT = re.compile(r"(?:\d|last$|(?:and|or|all|long|that|this|then|it|day)\b(?! \w+ing\b))", FLAGS)


def named_days(text: str, *, at: datetime | None) -> tuple[Days, ...]:
    """Give the days that `text` names, in its order; `at` is the moment of asking."""
    return days_and_rest(text, at=at)[0]


def days_and_rest(text: str, *, at: datetime | None) -> tuple[tuple[Days, ...], str]:
    """Give the days that `text` names, in its order, and the text without their names."""
    today = None if at is None else at.date()
    dates = dates_in(text, today=at)
    found: list[Days] = []
    place = 0
    while place < len(dates):
        one, before = dates[place], _words_before(text, dates[place])
        between = _between(text, before, dates[place : place + 2], today)
        around = between or _week_of(before, one, today) or _beside(before, one, today) or _open(text, one, today)
        found += around or one.days
        place += 2 if between else 1
    return tuple(dict.fromkeys(found)), blanked(text, [(one.start, one.end) for one in dates])


class Far(NamedTuple):
    """How far from something: about so many days, or anywhere within them."""

    days: int
    is_within: bool = False
    #: How far off people are who count so.
    slack: int = 0


class Relative(NamedTuple):
    """An event as a question names it, whether it asks for what was before it, or after, and how far from it."""

    event: str
    is_before: bool
    #: None where the question names no distance.
    far: Far | None = None
    #: The question without the event.
    asked: str = ""
    #: Whether it asks for what was from the event on until now, and so for what holds now.
    is_since: bool = False


def relative_to(text: str) -> Relative | None:
    """Give the words behind the first "before", "after" or "since" that names an event and no date; None without."""
    other, since = _relative_elsewhere(text), _SINCE_EVENT.search(text)
    if other is not None or not (since or _EVENT.search(text)):
        return other
    dates = dates_in(text, today=_ANY_DAY)
    for match in _EVENT.finditer(text):
        start = match.start("event")
        begins = start + len("the ") if match["event"].lower().startswith("the ") else start
        is_date = any(one.start <= begins < one.end for one in dates)
        found = _FAR.search(text, max(match.start("side") - _REACH, 0), match.start("side"))
        far = None if found is None else _far_in(found)
        if not ((match["idiom"] and far is None) or is_date or _NO_EVENT.match(match["event"])):
            event = _event(match)
            begin = match.start("side") if far is None or found is None else found.start()
            asked = _without(text, begin, match.end("event"))
            return Relative(event, match["side"].lower() == "before", far, asked) if event else None
    return None if since is None else _since(text, dates)


def _since(text: str, dates: list[Dated]) -> Relative | None:
    """Give what a question says of what was since an event; how long it is since then asks for the event itself."""
    for match in _SINCE_EVENT.finditer(text):
        begins = match.end("the") if match["the"] else match.start("event")
        if not any(one.start <= begins < one.end for one in dates) and not _HOW_LONG.search(text):
            asked = _without(text, match.start(), match.end("event"))
            return Relative(_event(match), is_before=False, asked=asked, is_since=True)
    return None


def _far_in(found: re.Match[str]) -> Far | None:
    """Read how far; None where it is not told, as in "weeks after"."""
    lead, unit = (found["lead"] or "").strip().lower(), found["unit"].lower()
    is_span = bool(found["the"] or found["which"])
    if not (is_span or found["count"]) or (is_span and found["many"] and not found["count"]):
        return None
    if lead in _OPEN_ENDED and not is_span:
        return None
    count = amount(found["count"].strip()) if found["count"] else 1
    return _far(count, unit, beyond=beyond(found), is_within=is_span or bool(lead))


def _far(count: float, unit: str, *, beyond: Sequence[tuple[float, str]], is_within: bool) -> Far:
    length, slack = UNITS[unit]
    further = sum(int(many * UNITS[longer][0]) for many, longer in beyond)
    if is_within and (count, unit) != (1, "day"):
        return Far(int(count * _LONGEST.get(unit, length)) + further, is_within=True)
    return Far(int(count * length) + further, slack=slack)


def _relative_elsewhere(text: str) -> Relative | None:
    """Give what a German or French question says of an event and of the distance to it."""
    if not _may_tell_elsewhere(text):
        return None
    for pattern in _FAR_OTHER:
        for match in pattern.finditer(text):
            told = match["the"] or match["which"]
            if _event(match) and (told or match["count"]):
                longer = [
                    (_other_number(one["count"]), _OTHER_UNITS[one["unit"].lower()])
                    for one in _OTHER_EACH.finditer(match["beyond"] or "")
                ]
                unit = _OTHER_UNITS[match["unit"].lower()]
                far = _far(_other_number(match["count"]), unit, beyond=longer, is_within=bool(told or match["lead"]))
                return _told(text, match, far)
    next_day = _NEXT_DAY.search(text)
    return None if next_day is None or not _event(next_day) else _told(text, next_day, Far(1))


def _other_number(words: str | None) -> float:
    word = (words or "1").strip().lower()
    return _OTHER_NUMBERS.get(word) or amount(word)


def _may_tell_elsewhere(text: str) -> bool:
    lowered = text.lower()
    return not text.isascii() or any(hint in lowered for hint in _HINTS_ELSEWHERE)


def _told(text: str, match: re.Match[str], far: Far) -> Relative:
    return Relative(
        _event(match), match["side"].lower() in _IS_BEFORE, far, _without(text, match.start(), match.end("event"))
    )


def _event(match: re.Match[str]) -> str:
    return " ".join(match["event"].split()[:_EVENT_WORDS])


def _without(text: str, begin: int, end: int) -> str:
    return _BEFORE_MARK.sub("", " ".join(f"{text[:begin]} {text[end:]}".split())).strip(" ,")


def _words_before(text: str, one: Dated) -> str:
    return text[max(one.start - _REACH, 0) : one.start]


def _between(text: str, before: str, pair: list[Dated], today: date | None) -> tuple[Days, ...]:
    if len(pair) < 2:
        return ()
    joint = text[pair[0].end : pair[1].start]
    if not (_TO.fullmatch(joint) or (_AND.fullmatch(joint) and _BETWEEN.search(before))):
        return ()
    first, last = (_only(one) for one in pair)
    if first is None or last is None:
        return ()
    if today is None and first.month is not None and last.month is not None:
        return _between_of_any_year(first, last)
    if last.month is not None:
        # A year that only the first has is the other's too.
        last = _settled(last, by=today if first.first is None else days_on(first.first, 364))
    if first.month is not None:
        first = _settled(first, by=None if last is None else last.last)
    ends = [day for days in (first, last) if days is not None for day in (days.first, days.last) if day is not None]
    # Named the wrong way round, they are the same span.
    return (Days(first=min(ends), last=max(ends)),) if len(ends) == 4 else ()


def _between_of_any_year(first: Days, last: Days) -> tuple[Days, ...]:
    """Give the months or days from one to another, over the turn of the year where the other is the earlier."""
    from_month, to_month = first.month or 1, last.month or 1
    if first.day is last.day is None:
        count = (to_month - from_month) % 12 + 1
        return tuple(Days(month=(from_month + further - 1) % 12 + 1) for further in range(count))
    # The years have a 29 February at the beginning, and at the end.
    ends = on_calendar(2000, from_month, first.day) + on_calendar(2000, to_month, last.day, last.to_day)
    if len(ends) < 2 or ends[0].first is None or ends[1].last is None:
        return ()
    begin, end = ends[0].first, ends[1].last
    return of_any_year(begin, end if begin <= end else end.replace(year=2001, day=min(end.day, 28)))


def _week_of(before: str, one: Dated, today: date | None) -> tuple[Days, ...]:
    """Give the week of a day, from its Monday on; of a day of any year, asked at no moment, the days from it on."""
    match = _WEEK_OF.search(before)
    days = _only(one) if match else None
    if match is None or days is None or (days.month is not None and days.day is None):
        return ()
    settled = _settled(days, by=today)
    if settled is not None and settled.first is not None and settled.first == settled.last:
        return unit_on(settled.first, match["unit"].lower(), 0)
    if settled is None and days.month is not None:
        begin = on_calendar(2000, days.month, days.day)
        return of_any_year(begin[0].first, days_on(begin[0].first, 6)) if begin and begin[0].first is not None else ()
    return ()


def _open(text: str, one: Dated, today: date | None) -> tuple[Days, ...]:
    opened, edge = _opened(text, one)
    days = None if opened is None else _only(one)
    found = None if days is None else _settled(days, by=today, is_ahead=opened in {_BEFORE, _UNTIL})
    if found is None or found.first is None or found.last is None:
        return ()
    if opened == _SINCE or (opened == _AFTER and edge == "begin"):
        return (Days(first=found.first),)
    if opened == _AFTER:
        return (Days(first=days_on(found.last, 1)),)
    if opened == _BEFORE and edge != "end":
        return (Days(last=days_on(found.first, -1)),)
    return (Days(last=found.last),)


def _opened(text: str, one: Dated) -> tuple[str | None, str | None]:
    """Give how the words beside a date leave it open, and which of its edges is named: "begin" or "end"."""
    behind = None if text.isascii() else _CHINESE_OPEN.match(text, one.end)
    if behind is not None:
        return behind.lastgroup, _CHINESE_EDGES.get(text[one.end - 1])
    match = _OPEN.search(_words_before(text, one))
    if match is None:
        return None, None
    edge = _EDGE.match(text, one.start)
    return match.lastgroup, edge and ("begin" if edge["begin"] or edge["other_begin"] else "end")


def _beside(before: str, one: Dated, today: date | None) -> tuple[Days, ...]:
    """Give the days that are counted from a date, and the date: what was then is often told on it."""
    side = _SIDE.search(before)
    days = _only(one) if side else None
    span = None if days is None else _settled(days, by=today)
    if side is None or span is None or span.first is None or span.last is None:
        return ()
    sign = -1 if side["side"].lower() == "before" else 1
    edge = span.first if sign < 0 else span.last
    named, counted_far = _NAMED.search(before, 0, side.start()), _FAR.search(before, 0, side.start())
    far = None if counted_far is None else _far_in(counted_far)
    if named is not None:
        weekday, length = (5, 2) if named["day"].lower() == "weekend" else (WEEKDAYS.index(named["day"].lower()), 1)
        # The last that is over before the edge, or the first that begins behind it.
        away = (edge.weekday() - weekday - length) % 7 + length if sign < 0 else (weekday - edge.weekday() - 1) % 7 + 1
        far_end = days_on(edge, sign * away)
        near_end = days_on(far_end, length - 1)
    elif far is None:
        return ()
    elif far.is_within:
        far_end, near_end = days_on(edge, sign * far.days), days_on(edge, sign)
    else:
        off = sign * far.days
        far_end, near_end = days_on(edge, off - far.slack), days_on(edge, off + far.slack)
    return (Days(first=min(far_end, near_end), last=max(far_end, near_end)), span)


def _only(one: Dated) -> Days | None:
    """Give the days of a date that is one span."""
    return one.days[0] if len(one.days) == 1 else None


def _settled(days: Days, *, by: date | None, is_ahead: bool = False) -> Days | None:
    """Give a day or month of any year as the last that began no later than `by`; a span as it is.

    `is_ahead`: of a month that has begun, its end may be ahead.
    """
    if days.month is None:
        return days
    if by is None:
        return None
    # Eight years: the longest without a 29 February.
    for year in range(by.year, max(by.year - 9, 0), -1):
        for found in on_calendar(year, days.month, days.day, days.to_day):
            is_part = is_ahead and days.to_day is not None
            if found.first is not None and (found.first.replace(day=1) if is_part else found.first) <= by:
                return found
    return None
