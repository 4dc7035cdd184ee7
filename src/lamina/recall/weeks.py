"""A weekday beside a week, one day of it: "on Tuesday last week", "last week on Tuesday", "last week's Tuesday".

Weeks begin on Monday. That of two weeks ago is the week of the calendar, not the days that lie about as far back.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from lamina.recall.calendar_words import FRENCH, GERMAN, MONTHS, WEEKDAYS
from lamina.recall.counts import NUMBER, counted
from lamina.recall.dated import Reader, span
from lamina.recall.days import Days, days_on

_FLAGS = re.IGNORECASE
_WEEK = 7


class _Tongue(NamedTuple):
    """The words and patterns of one language."""

    weekdays: Mapping[str, int]
    #: How many weeks on: patterns of the week that is told.
    weeks: Mapping[str, int]
    #: "Two weeks ago", with its `count`, and what that means.
    ago: str
    counted: Callable[[str], int]
    #: Between a weekday and its week.
    link: str
    #: Between a week and its weekday; and where the week is counted.
    link_behind: str
    link_behind_ago: str
    part_of_day: str
    #: Between two weekdays, and where what lies between them is meant.
    joint: str
    to: str
    #: Not "the last week of May".
    not_of: str
    #: Not "last week on Tuesday, 8 May".
    no_day: str


class _Readings:
    """What weekdays of weeks mean in one language."""

    def __init__(self, tongue: _Tongue) -> None:
        self._tongue = tongue
        self._weeks = [(re.compile(pattern, _FLAGS), step) for pattern, step in tongue.weeks.items()]
        names = "|".join(tongue.weekdays)
        self._further = re.compile(rf"(?:(?P<to>{tongue.to})|(?:{tongue.joint}))(?P<weekday>{names})", _FLAGS)

    def of_one(self, match: re.Match[str], today: date | None) -> tuple[Days, ...]:
        """Read "Tuesday last week", and the Tuesday of "Tuesday to Friday last week" with the days until then."""
        monday = self._monday(match, today)
        if monday is None:
            return ()
        first = last = self._number(match["weekday"])
        until = match.groupdict().get("until")
        if until is not None:
            last = max(self._number(until), first)
        return (span(monday, first, last),)

    def of_several(self, match: re.Match[str], today: date | None) -> tuple[Days, ...]:
        """Read "last week on Tuesday", "last week on Monday and Friday", "last week from Monday to Friday"."""
        monday = self._monday(match, today)
        if monday is None:
            return ()
        spans = [(self._number(match["weekday"]),) * 2]
        for one in self._further.finditer(match["more"]):
            number, (first, last) = self._number(one["weekday"]), spans[-1]
            is_span = (one["to"] or match.groupdict().get("between")) and last <= number
            spans[len(spans) - bool(is_span) :] = [(first if is_span else number, number)]
        return tuple(span(monday, first, last) for first, last in spans)

    def of_none(self, _match: re.Match[str], _today: date | None) -> tuple[Days, ...]:
        """Read over the week of a weekday that has been read."""
        return ()

    def _number(self, name: str) -> int:
        return self._tongue.weekdays[name.lower()]

    def _monday(self, match: re.Match[str], today: date | None) -> date | None:
        if today is None:
            return None
        told = match["week"]
        step = None if told is None else next(step for pattern, step in self._weeks if pattern.fullmatch(told))
        away = -self._tongue.counted(match["count"]) if step is None else step
        return days_on(today, _WEEK * away - today.weekday())


def _readers(tongue: _Tongue) -> tuple[Reader, ...]:
    """Give readers in their order: of each weekday that is not next to its week, of those that are, of the week alone.

    And of weekdays that stand behind their week. What part of a day is told stays in the text.
    """
    read, weekday, part = _Readings(tongue), "|".join(tongue.weekdays), f"(?:{tongue.part_of_day})"
    told = f"(?P<week>{'|'.join(tongue.weeks)})"
    week = rf"{tongue.link}(?P<date>(?:{told}|{tongue.ago})\b(?!['’]){tongue.not_of})"
    beside = week.replace("?P<date>", "?:")
    to, joint = f"(?:{tongue.to})", f"(?:{tongue.to}|{tongue.joint})"
    further = rf"{part}?(?:{to}(?P<until>{weekday})|{joint}(?:{weekday})){part}?(?:{joint}(?:{weekday}){part}?){{0,4}}"
    behind = rf"(?:(?:{told}){tongue.link_behind}|{tongue.ago}{tongue.link_behind_ago})"
    more = rf"(?P<more>(?:{part}?{joint}(?:{weekday})){{0,5}})"
    patterns = (
        (rf"\b(?<!week )(?<!week on )(?P<date>(?P<weekday>{weekday}))(?=(?:{further}|{part}){beside})", read.of_one),
        (rf"\b(?P<date>(?P<weekday>{weekday}){beside})", read.of_one),
        (rf" {{5}}{part}{week}", read.of_none),
        (
            rf"\b(?P<date>{behind}(?P<weekday>{weekday}){more})(?:\b|(?={part})){tongue.no_day}",
            read.of_several,
        ),
    )
    return tuple((re.compile(pattern, _FLAGS), reading) for pattern, reading in patterns)


def _counted_in(counts: Mapping[str, int]) -> Callable[[str], int]:
    return lambda words: counts.get(words.lower()) or int(words)


def _count(counts: Mapping[str, int]) -> str:
    return rf"(?P<count>{'|'.join(counts)}|\d{{1,3}})"


_MONTH = "|".join(f"{month}|{month[:3]}" for month in MONTHS)
WEEKDAYS_OF_WEEKS = _readers(
    _Tongue(
        weekdays={name: number for number, name in enumerate(WEEKDAYS)},
        weeks={
            "(?:last|past) week": -1,
            "this week": 0,
            "next week": 1,
            "(?:the )?week before last(?: week)?": -2,
        },
        ago=rf"(?P<count>{NUMBER}) weeks? ago",
        counted=counted,
        link="(?: of| in)? ",
        link_behind=r"(?:['’]s|,? (?:on|from|(?P<between>between))|,)? ",
        link_behind_ago=r",? on ",
        part_of_day=" (?:early |late )?(?:morning|noon|lunchtime|afternoon|evening|night)",
        joint=r",? (?:and|or) (?:on )?|, ",
        to=r" ?[-–—] ?| (?:to|until|till|through) ",
        not_of=r"(?! of\b)",
        no_day=rf"(?!,? (?:the )?(?:\d|(?:{_MONTH})\b))",
    )
)
GERMAN_WEEKDAYS_OF_WEEKS = _readers(
    _Tongue(
        weekdays=GERMAN.weekdays,
        weeks={f"{which} woche": step for which, step in GERMAN.which.items()} | {"vorletzte[rn]? woche": -2},
        ago=rf"vor {_count(GERMAN.counts)} wochen?",  # codespell:ignore vor
        counted=_counted_in(GERMAN.counts),
        link="(?: in der| der| von)? ",
        link_behind="(?:,? (?:am|von|(?P<between>zwischen))|,)? ",
        link_behind_ago=",? am ",
        part_of_day=" ?(?:früh|morgen|(?:vor|nach)?mittag|abend|nacht)",  # codespell:ignore vor
        joint=r",? (?:und|oder) (?:am )?|, ",  # codespell:ignore oder
        to=r" ?[-–—] ?| bis (?:zum )?",
        not_of=r"(?! (?:de[sr]|vo[nm])\b)",
        no_day=r"(?!,? (?:de[nrm] )?\d)",
    )
)
_LAST, _THIS, _COMING = FRENCH.which
FRENCH_WEEKDAYS_OF_WEEKS = _readers(
    _Tongue(
        weekdays=FRENCH.weekdays,
        weeks={f"semaine {_LAST}": -1, f"{_THIS} semaine": 0, f"semaine {_COMING}": 1},
        ago=rf"il y a {_count(FRENCH.counts)} semaines?",
        counted=_counted_in(FRENCH.counts),
        link="(?: de(?: la)?| la)? ",
        link_behind="(?:,? (?:le|du|(?P<between>entre))|,)? ",
        link_behind_ago=",? le ",
        part_of_day=" (?:matin|midi|après-midi|soir)",
        joint=r",? (?:et|ou) (?:le )?|, ",
        to=r" ?[-–—] ?| (?:au|à) ",
        not_of=r"(?! d(?:es?|u)\b)",
        no_day=r"(?! \d)",
    )
)
#: No text without a word of each matches any of the English ones.
WEEKDAY_HINTS, WEEK_HINTS = frozenset(WEEKDAYS), frozenset({"week", "weeks"})
