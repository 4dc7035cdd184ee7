"""Days that are counted from a date: "two days after", "within a week of", "the Friday before", "the week of".

And the words by which a date is told, which ask for nothing else: "exactly on", "sometime in", "around", "左右".
"""

import re
from datetime import date
from typing import NamedTuple

from lamina.recall.calendar_words import WEEKDAYS
from lamina.recall.counts import NUMBER, amount
from lamina.recall.dated import FLAGS, UNITS, Dated, unit_on
from lamina.recall.dates import WEEKDAY
from lamina.recall.days import Days, days_on, of_any_year, on_calendar
from lamina.recall.distances import BEYOND, beyond
from lamina.recall.far import FAR, FAR_IN_FRENCH, FAR_IN_GERMAN, IS_BEFORE, Far, far_in, far_in_other, far_of
from lamina.recall.settling import Asking

_WEEK_OF = re.compile(r"\b(?P<unit>week(?:end)?) (?:of|from|beginning|starting) (?:the |on )?$", FLAGS)
_SIDE = re.compile(r"\b(?P<side>before|after|prior to|following) (?:the )?$", FLAGS)
_NAMED = re.compile(rf"\b(?:the|last) (?P<day>weekend|{WEEKDAY}) $", FLAGS)
_COUNT_OF = rf"{BEYOND}?(?P<count>(?:{NUMBER}) )(?P<unit>{'|'.join(UNITS)})s? "
#: Without one of these words before it, no days are told beside a date.
_HINTS = frozenset(
    "of from beginning starting before after to following within inside around "
    "vor nach avant après lendemain veille".split()  # codespell:ignore vor
)
_AROUND_HINT = re.compile(r"within|inside|around|either side|(?:or|and) after", FLAGS)
#: On both sides of a date.
_AROUND = tuple(
    re.compile(pattern, FLAGS)
    for pattern in (
        rf"\b(?:within|inside) (?:of )?(?:the )?{_COUNT_OF}(?:of|from) (?:the )?$",
        rf"\b(?:within |in )?(?:the )?{_COUNT_OF}(?:around|(?:on )?either side of|before (?:or|and) after) (?:the )?$",
    )
)
#: Within so many days.
_SOON_DAYS = 7
_SOON = re.compile(
    r"\b(?:shortly|just|right|soon|immediately|kurz|bald|gleich|unmittelbar|peu|juste) "
    r"(?P<side>before|after|prior to|vor|nach|avant|après) (?:the |de[mnr] |l[ea] )?$",  # codespell:ignore vor
    re.IGNORECASE,
)
_OTHER_SIDE = re.compile(
    r"\b(?:vor|nach|avant|après) (?:de[mnr] |l[ea] )?$",  # codespell:ignore vor
    re.IGNORECASE,
)
_FAR_OTHER = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (rf"{FAR_IN_GERMAN}(?:de[mnr] )?$", rf"{FAR_IN_FRENCH}(?:l[ea] )?$")
)
_NEXT_DAY = re.compile(r"\b(?:le|la|au) (?P<side>lendemain|veille) (?:du |de |d['’])(?:l[ea] )?$", re.IGNORECASE)
#: What stands before a date, belongs to how it is told, and asks for nothing, in English, German and French.
_TELLING = (
    "about around approximately approx roughly circa ca exactly precisely sometime shortly just right "
    "soon immediately only somewhere near nearly almost maybe perhaps probably possibly "
    "etwa ungefähr rund zirka genau exakt irgendwann kurz gleich unmittelbar bald spätestens frühestens schon erst "
    "vers environ autour alentours exactement précisément approximativement courant peu juste"
)
_BETWEEN_THEM = (
    "on in at by of from to since until till before after prior following during over throughout through between and "
    "or the a as up within inside early late later earlier than not no day days date week month year "
    "am im um an ab seit bis vor nach zu zum zur de[mnrs] das die vom von zwischen "  # codespell:ignore vor
    "und gegen während innerhalb "
    "le la les du de des d l au aux à en depuis avant après jusqu jusque dès entre et dans pendant durant jour ici"
)
_TELLING_WORDS = ["some (?:time|point)", *_TELLING.split()]
_TOLD_WORDS = frozenset([*_TELLING.split(), *(f"{word}," for word in _TELLING.split()), "ca.", "some"])
_TOLD_WITH = re.compile(rf"\b(?:{'|'.join(_TELLING_WORDS)})\b", re.IGNORECASE)
_TOLD_WITH_BLANK = re.compile(rf"\b(?:{'|'.join(_TELLING_WORDS)})(?:\.?,? |$)", re.IGNORECASE)
_TOLD_BEFORE = re.compile(
    rf"\b(?:(?:{'|'.join([*_TELLING_WORDS, *_BETWEEN_THEM.split()])})(?:\.?,? |['’]))+$", re.IGNORECASE
)
_TOLD_BEFORE_IN_CHINESE = re.compile(
    r"(?:大约|大概|约莫|约|差不多|正好|恰好|刚好|就|在|于|自从|自|从|直到|到|截至|当)+ ?$"
)
_TOLD_BEHIND = re.compile(
    r" (?:or so|or thereabouts|exactly|precisely|onwards?|inclusive|herum|genau|exakt|environ|exactement)\b",
    re.IGNORECASE,
)
_TOLD_BEHIND_IN_CHINESE = re.compile(
    "(?:左右|前后|上下|期间|之间|当天|那天|那时|这天|以来|[之以]?[前后]|起|里|内|中|时|间|的|，)+"
)


#: So far before a date are such words looked for; in Chinese a word has two signs.
_REACH, _REACH_IN_CHINESE = 64, 12


class Beside(NamedTuple):
    """Days that are told beside a date, and how many characters before it tell them."""

    days: tuple[Days, ...]
    reach: int


class _Told(NamedTuple):
    """Where it begins, on which side of a date (0: both), and how far from it, or which weekday."""

    begin: int
    sign: int
    far: Far
    weekday: str | None = None


def told_in(text: str, one: Dated, words: frozenset[str], reach: int, since: int) -> tuple[int, int]:
    """Give where all that tells a date begins and ends; of what stands before `since` nothing does.

    `words`: those before it, in small letters; `reach`: the characters before it that are known to tell it.
    """
    end, start = one.end, max(one.start - reach, since)
    before = None
    if not _TOLD_WORDS.isdisjoint(words):
        before = _TOLD_BEFORE.search(text, max(start - _REACH, since), start)
        if before is not None and not _TOLD_WITH.search(text, before.start(), start):
            before = None
    behind = _TOLD_BEHIND.match(text, end)
    if not text.isascii():
        before = before or _TOLD_BEFORE_IN_CHINESE.search(text, max(start - _REACH_IN_CHINESE, since), start)
        behind = behind or _TOLD_BEHIND_IN_CHINESE.match(text, end)
    return start if before is None else before.start(), end if behind is None else behind.end()


def without_telling(before: str, words: frozenset[str]) -> str:
    """Give what stands before a date without "about", "exactly" and the like; `words`: its words in small letters."""
    return before if _TOLD_WORDS.isdisjoint(words) else _TOLD_WITH_BLANK.sub("", before)


def beside(before: str, words: frozenset[str], one: Dated, asking: Asking) -> Beside | None:
    """Give the days that are counted from a date by the words before it, and the date; None where none are.

    What was then is often told on the date. `words`: those before it, in small letters.
    """
    if _HINTS.isdisjoint(words):
        return None
    told = _told_around(before)
    week = None if told else _WEEK_OF.search(before)
    if week is not None:
        of_week = _week_of(week, one, asking)
        return Beside(of_week, len(before) - week.start()) if of_week else None
    told = told or _told(before)
    span = None if told is None else asking.settled(one.days)
    if told is None or span is None or span.first is None or span.last is None:
        return None
    reach = len(before) - told.begin
    if told.sign == 0:
        return Beside((Days(first=days_on(span.first, -told.far.days), last=days_on(span.last, told.far.days)),), reach)
    edge = span.first if told.sign < 0 else span.last
    days = _counted(edge, told.sign, told.far) if told.weekday is None else _named(edge, told.sign, told.weekday)
    return Beside((days, span), reach)


def _told_around(before: str) -> _Told | None:
    for pattern in _AROUND if _AROUND_HINT.search(before) else ():
        around = pattern.search(before)
        if around is not None:
            count = amount(around["count"].strip())
            far = far_of(count, around["unit"].lower(), beyond=beyond(around), is_within=True)
            return _Told(around.start(), 0, far)
    return None


def _told(before: str) -> _Told | None:
    """Give what the words before a date tell of days beside it; None where they tell of none, or only of a side."""
    soon = _SOON.search(before)
    if soon is not None:
        return _Told(soon.start(), _sign(soon), Far(_SOON_DAYS, is_within=True))
    side = _SIDE.search(before)
    if side is not None:
        named, found = _NAMED.search(before, 0, side.start()), FAR.search(before, 0, side.start())
        if named is not None:
            return _Told(named.start(), _sign(side), Far(0), named["day"].lower())
        far = None if found is None else far_in(found)
        return None if found is None or far is None else _Told(found.start(), _sign(side), far)
    return _told_elsewhere(before)


def _told_elsewhere(before: str) -> _Told | None:
    """Give what German or French words tell."""
    if _OTHER_SIDE.search(before):
        for pattern in _FAR_OTHER:
            found = pattern.search(before)
            far = None if found is None else far_in_other(found)
            if found is not None and far is not None:
                return _Told(found.start(), _sign(found), far)
        return None
    next_day = _NEXT_DAY.search(before)
    return None if next_day is None else _Told(next_day.start(), _sign(next_day), Far(1))


def _sign(match: re.Match[str]) -> int:
    return -1 if match["side"].lower() in IS_BEFORE else 1


def _named(edge: date, sign: int, name: str) -> Days:
    """Give the weekday or weekend next to an edge of a date."""
    weekday, length = (5, 2) if name == "weekend" else (WEEKDAYS.index(name), 1)
    # The last that is over before the edge, or the first that begins behind it.
    away = (edge.weekday() - weekday - length) % 7 + length if sign < 0 else (weekday - edge.weekday() - 1) % 7 + 1
    return Days(first=days_on(edge, sign * away), last=days_on(edge, sign * away + length - 1))


def _counted(edge: date, sign: int, far: Far) -> Days:
    """Give the days that lie so far from an edge of a date."""
    if far.is_within:
        far_end, near_end = days_on(edge, sign * far.days), days_on(edge, sign)
    else:
        far_end, near_end = days_on(edge, sign * far.days - far.slack), days_on(edge, sign * far.days + far.slack)
    return Days(first=min(far_end, near_end), last=max(far_end, near_end))


def _week_of(week: re.Match[str], one: Dated, asking: Asking) -> tuple[Days, ...]:
    """Give the week of a day, from its Monday on; of a day of any year, asked at no moment, the days from it on."""
    days = one.days[0] if len(one.days) == 1 else None
    if days is None or (days.month is not None and days.day is None):
        return ()
    found = asking.settled(one.days)
    if found is not None and found.first is not None and found.first == found.last:
        return unit_on(found.first, week["unit"].lower(), 0)
    if found is None and days.month is not None:
        begin = on_calendar(2000, days.month, days.day)
        return of_any_year(begin[0].first, days_on(begin[0].first, 6)) if begin and begin[0].first is not None else ()
    return ()
