"""What the words around dates make of them: "since May", "before 8 May", "between … and …", "two days after …".

And what a question says of time by an event that is no date: "before the trip", "three days after the trip".
"""

import re
from datetime import date, datetime
from typing import NamedTuple

from lamina.recall.beside import beside, told_in, without_telling
from lamina.recall.dated import FLAGS, UNITS, Dated, blanked
from lamina.recall.dates import dates_in
from lamina.recall.days import Days, days_on, of_any_year, on_calendar
from lamina.recall.far import FAR, FAR_IN_FRENCH, FAR_IN_GERMAN, IS_BEFORE, Far, far_in, far_in_other
from lamina.recall.nearest import next_to
from lamina.recall.settling import Asking, are_in_a_row, settled

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
    _UNTIL: r"until|till|up until|up to|(?<!\d )through|by|bis(?: zu[mr])?|jusqu['’](?:en|au|à)|d['’]ici(?: à)?",
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
_EVENT = re.compile(
    r"(?P<idiom>\b(?:look\w*|named|tak\w+|took|day) )?\b(?P<side>before|after) (?P<event>[^,.;:?!\n]+)", FLAGS
)
_REST = r"(?P<event>[^,.;:?!\n]+)"
#: In German and French an event is read where it is told how far from it: "nach" alone is also a way.
_FAR_OTHER = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{FAR_IN_GERMAN}(?=(?:de[mnr]|(?:mein|dein|sein|ihr|unser|eur)e[mnr])\b){_REST}",  # codespell:ignore unser
        rf"{FAR_IN_FRENCH}{_REST}",
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
#: An article before a date, in German and French.
_ARTICLE = re.compile(r"(?:de[mnrs]?|du|l[ea]) |[dl]['’]", re.IGNORECASE)
#: What follows "before" and "after" and is no event.
_NO_EVENT = re.compile(r"(?:\d|last$|(?:and|or|all|long|that|this|then|it|day)\b(?! \w+ing\b))", FLAGS)


def named_days(text: str, *, at: datetime | None) -> tuple[Days, ...]:
    """Give the days that `text` names, in its order; `at` is the moment of asking."""
    return days_and_rest(text, at=at)[0]


def days_and_rest(text: str, *, at: datetime | None) -> tuple[tuple[Days, ...], str]:
    """Give the days that `text` names, in its order, and the text without the words that tell them."""
    asking = Asking(text, None if at is None else at.date())
    dates = dates_in(text, today=at)
    found: list[Days] = []
    told: list[tuple[int, int]] = []
    place = end = 0
    while place < len(dates):
        one, before = dates[place], _words_before(text, dates[place])
        words = _words_of(before)
        plain = without_telling(before, words)
        between = _between(plain, dates[place : place + 2], asking)
        near = None if between else beside(before, words, one, asking)
        opened = () if between or near else _open(plain, one, asking)
        found += between or (near.days if near else opened) or one.days
        told.append(told_in(text, one, words, near.reach if near else 0, end))
        if between:
            place += 1
            told.append(
                told_in(
                    text, dates[place], frozenset(_words_before(text, dates[place]).lower().split()), 0, told[-1][1]
                )
            )
        end = told[-1][1]
        place += 1
    return tuple(dict.fromkeys(found)), blanked(text, told)


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
    #: Whether it asks for what is next to the event.
    is_next: bool = False


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
        side, is_before = match.start("side"), match["side"].lower() == "before"
        found = FAR.search(text, max(side - _REACH, 0), side)
        far = None if found is None else far_in(found)
        if not ((match["idiom"] and far is None) or is_date or _NO_EVENT.match(match["event"])):
            event, near = _event(match), next_to(text, side, is_before=is_before) if far is None else None
            begin = side if far is None or found is None else found.start()
            asked = _without(text, begin if near is None else near, match.end("event"))
            return Relative(event, is_before, far, asked, is_next=near is not None) if event else None
    return None if since is None else _since(text, dates)


def _since(text: str, dates: list[Dated]) -> Relative | None:
    """Give what a question says of what was since an event; how long it is since then asks for the event itself."""
    for match in _SINCE_EVENT.finditer(text):
        begins = match.end("the") if match["the"] else match.start("event")
        if not any(one.start <= begins < one.end for one in dates) and not _HOW_LONG.search(text):
            asked = _without(text, match.start(), match.end("event"))
            return Relative(_event(match), is_before=False, asked=asked, is_since=True)
    return None


def _relative_elsewhere(text: str) -> Relative | None:
    """Give what a German or French question says of an event and of the distance to it."""
    if not _may_tell_elsewhere(text):
        return None
    dates: list[Dated] | None = None
    for pattern in (*_FAR_OTHER, _NEXT_DAY):
        for match in pattern.finditer(text):
            far = Far(1) if pattern is _NEXT_DAY else far_in_other(match)
            if far is None or not _event(match):
                continue
            dates = dates_in(text, today=_ANY_DAY) if dates is None else dates
            if not _is_date(text, match, dates):
                return _told(text, match, far)
    return None


def _is_date(text: str, match: re.Match[str], dates: list[Dated]) -> bool:
    """Say whether what is told as an event, in German or French, is one of the dates of the text."""
    start = match.start("event")
    article = _ARTICLE.match(text, start)
    begins = start if article is None else article.end()
    return any(start <= one.start <= begins < one.end for one in dates)


def _may_tell_elsewhere(text: str) -> bool:
    lowered = text.lower()
    return not text.isascii() or any(hint in lowered for hint in _HINTS_ELSEWHERE)


def _told(text: str, match: re.Match[str], far: Far) -> Relative:
    return Relative(
        _event(match), match["side"].lower() in IS_BEFORE, far, _without(text, match.start(), match.end("event"))
    )


def _event(match: re.Match[str]) -> str:
    return " ".join(match["event"].split()[:_EVENT_WORDS])


def _without(text: str, begin: int, end: int) -> str:
    return _BEFORE_MARK.sub("", " ".join(f"{text[:begin]} {text[end:]}".split())).strip(" ,")


def _words_before(text: str, one: Dated) -> str:
    return text[max(one.start - _REACH, 0) : one.start]


def _words_of(before: str) -> frozenset[str]:
    return frozenset(before.lower().split())


def _between(before: str, pair: list[Dated], asking: Asking) -> tuple[Days, ...]:
    if len(pair) < 2:
        return ()
    joint = asking.text[pair[0].end : pair[1].start][: 2 * _REACH]
    joint = without_telling(joint, _words_of(joint))
    if not (_TO.fullmatch(joint) or (_AND.fullmatch(joint) and _BETWEEN.search(before))):
        return ()
    first, last = pair[0].days, pair[1].days
    if not (are_in_a_row(first) and are_in_a_row(last)):
        return ()
    if asking.today is None and first[0].month is not None and last[0].month is not None:
        return _between_of_any_year(first, last)
    ends = _ends_of(first, last, asking)
    # Named the wrong way round, they are the same span.
    return (Days(first=min(ends), last=max(ends)),) if len(ends) == 4 else ()


def _ends_of(first: tuple[Days, ...], last: tuple[Days, ...], asking: Asking) -> list[date]:
    """Give the first and last days of two dates, each in the year that is meant."""
    until: Days | None
    if last[0].month is None or first[0].month is None:
        # A year that only one has is the other's too.
        until = settled(last, by=None if first[0].first is None else days_on(first[0].first, 364))
        since = settled(first, by=None if until is None else until.last)
    else:
        until = asking.settled(last, is_ahead=True)
        since = settled(first, by=None if until is None else until.last)
        if since is not None and since.first is not None and _is_ahead(since.first, asking):
            until = settled(last, by=asking.today)
            since = settled(first, by=None if until is None else until.last)
    return [day for days in (since, until) if days is not None for day in (days.first, days.last) if day is not None]


def _is_ahead(day: date, asking: Asking) -> bool:
    """Say whether a day is yet to come, and what is to come is not asked for."""
    return asking.today is not None and day > asking.today and not asking.is_coming


def _between_of_any_year(begin_in: tuple[Days, ...], end_in: tuple[Days, ...]) -> tuple[Days, ...]:
    """Give the months or days from one to another, over the turn of the year where the other is the earlier."""
    first, last = begin_in[0], end_in[-1]
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


def _open(before: str, one: Dated, asking: Asking) -> tuple[Days, ...]:
    opened, edge = _opened(asking.text, before, one)
    if opened is None or not one.days:
        return ()
    is_ahead = opened in {_BEFORE, _UNTIL} and one.days[0].to_day is not None
    found = asking.settled(one.days, is_ahead=is_ahead)
    if found is None or found.first is None or found.last is None:
        return ()
    if opened == _SINCE or (opened == _AFTER and edge == "begin"):
        return (Days(first=found.first),)
    if opened == _AFTER:
        return (Days(first=days_on(found.last, 1)),)
    if opened == _BEFORE and edge != "end":
        return (Days(last=days_on(found.first, -1)),)
    return (Days(last=found.last),)


def _opened(text: str, before: str, one: Dated) -> tuple[str | None, str | None]:
    """Give how the words beside a date leave it open, and which of its edges is named: "begin" or "end"."""
    behind = None if text.isascii() else _CHINESE_OPEN.match(text, one.end)
    if behind is not None:
        return behind.lastgroup, _CHINESE_EDGES.get(text[one.end - 1])
    match = _OPEN.search(before)
    if match is None:
        return None, None
    edge = _EDGE.match(text, one.start)
    return match.lastgroup, edge and ("begin" if edge["begin"] or edge["other_begin"] else "end")
