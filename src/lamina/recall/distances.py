"""How far from the moment of asking: "two and a half years ago", "in the last 48 hours", "two weeks from today".

Days are counted from a day. Hours and minutes are counted from the moment, and give the days that they touch; where but
the day of it is known, any moment of it is meant.
"""

import re
from datetime import date, datetime

from lamina.recall.counts import NUMBER, VAGUE, counted, counted_about
from lamina.recall.dated import FLAGS, UNITS, Reader, ago, span, up_to
from lamina.recall.days import Days

#: Of each unit its minutes, and how far off people are who count in it.
_MINUTES = {"hour": (60, 30), "minute": (1, 0)}
_DAY_MINUTES = 24 * 60
#: What half of a unit is.
_HALVES = {"year": ("month", 6), "decade": ("year", 5), "month": ("week", 2)}
_FEW = rf"a (?:few|couple of)|{'|'.join(VAGUE)}"
#: "The last weeks at Bolt" are others than those until now.
_BY_THEMSELVES = r"(?! (?:of|at|in|on|with|when|that|before|after)\b)"


def _ago(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    """Read "two weeks ago", "two or three weeks ago", "a year and a half ago" and "two weeks from today"."""
    if today is None:
        return ()
    fewest, most, half = _told(match)
    (back,) = ago(today, match["unit"].lower(), fewest, most, half=half)
    if not match["ahead"] or back.first is None or back.last is None:
        return (back,)
    return (span(today, (today - back.last).days, (today - back.first).days),)


def _half_ago(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    return () if today is None else ago(today, *_HALVES[match["unit"].lower()])


def _up_to_now(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    _, most, half = _told(match)
    return () if today is None else up_to(today, match["unit"].lower(), most, half=half)


def _half_up_to_now(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    return () if today is None else up_to(today, *_HALVES[match["unit"].lower()])


def hours_ago(moment: date, unit: str, fewest: int, most: int, *, half: bool = False) -> tuple[Days, ...]:
    """Give the days that lie `fewest` to `most` hours or minutes back, and `half` of one."""
    length, slack = _MINUTES[unit]
    more, slack = (length // 2, slack // 2) if half else (0, slack)
    return _touched(moment, fewest * length + more - slack, most * length + more + slack)


def hours_up_to(moment: date, unit: str, count: int, *, half: bool = False) -> tuple[Days, ...]:
    """Give the days of the last `count` hours or minutes, and `half` of one."""
    length, _ = _MINUTES[unit]
    return _touched(moment, 0, count * length + (length // 2 if half else 0))


def _hours_ago(match: re.Match[str], moment: date | None) -> tuple[Days, ...]:
    fewest, most, half = _told(match)
    return () if moment is None else hours_ago(moment, match["unit"].lower(), fewest, most, half=half)


def _half_an_hour_ago(match: re.Match[str], moment: date | None) -> tuple[Days, ...]:
    return () if moment is None else hours_ago(moment, "hour", 0, 0, half=True)


def _hours_up_to_now(match: re.Match[str], moment: date | None) -> tuple[Days, ...]:
    _, most, half = _told(match)
    return () if moment is None else hours_up_to(moment, match["unit"].lower(), most, half=half)


def _half_an_hour_up_to_now(_match: re.Match[str], moment: date | None) -> tuple[Days, ...]:
    return () if moment is None else hours_up_to(moment, "hour", 0, half=True)


def _touched(moment: date, fewest: int, most: int) -> tuple[Days, ...]:
    """Give the days from `most` to `fewest` minutes back."""
    minute = 60 * moment.hour + moment.minute if isinstance(moment, datetime) else None
    earliest, latest = (0, _DAY_MINUTES - 1) if minute is None else (minute, minute)
    return (span(moment, (earliest - most) // _DAY_MINUTES, (latest - fewest) // _DAY_MINUTES),)


def _told(match: re.Match[str]) -> tuple[int, int, bool]:
    """Give how few and how many units are told, and whether a half of one beside them."""
    groups = match.groupdict()
    fewest, most = counted_about(groups.get("count") or "one")
    more = (groups.get("more") or "").lower()
    if groups.get("many"):
        fewest, most = VAGUE["few"]
    if more.endswith("two"):
        most = max(most, 2)
    if groups.get("most"):
        other = counted(match["most"])
        fewest, most = min(fewest, other), max(most, other)
    return fewest, most, bool(groups.get("half") or more.endswith("half"))


def _readers(units: str) -> tuple[str, ...]:
    """Give the patterns of a number of units, of one and more, and of how one of "the last" is told."""
    more = "(?P<more> and a half| or (?:two|so))?"
    number = (
        rf"(?<!\d\.)(?P<count>{_FEW}|{NUMBER})(?:(?: ?[-–] ?| (?:or|to) )(?P<most>{NUMBER}))?"
        rf"(?P<half> and a half|\.5|½)? (?P<unit>{units})s?{more}"
    )
    return (
        number,
        rf"\b(?P<date>(?:last|past) {number})\b(?! of\b)",
        rf"\b(?P<date>(?:last|past) (?P<unit>{units}){more.removesuffix('?')})\b(?! of\b)",
        rf"\b(?:in|over|within|during|for) the (?P<date>(?:last|past) (?P<unit>{units}))\b(?! of\b)",
        # Nor are "recent years" any that a memory would tell from others.
        rf"\b(?:in|over|within|during) (?:the )?(?P<date>(?:last|past|recent) (?P<unit>(?!year|decade)(?:{units}))"
        r"(?P<many>s))\b"
        rf"{_BY_THEMSELVES}",
    )


_NUMBER_OF, *_LAST = _readers("|".join(UNITS))
_NUMBER_OF_HOURS, *_LAST_HOURS = _readers("|".join(_MINUTES))
DISTANCES: tuple[Reader, ...] = (
    (re.compile(r"\b(?P<date>half an? (?P<unit>year|decade|month) ago)\b", FLAGS), _half_ago),
    (re.compile(rf"\b(?P<date>{_NUMBER_OF} (?:ago|(?P<ahead>from today)))\b", FLAGS), _ago),
    (re.compile(r"\b(?P<date>(?:last|past) half(?: a|-)? ?(?P<unit>year|decade|month))\b", FLAGS), _half_up_to_now),
    *((re.compile(pattern, FLAGS), _up_to_now) for pattern in _LAST),
    (re.compile(r"\b(?P<date>(?:last|past) (?P<unit>fortnight|decade))\b(?! of\b)", FLAGS), _up_to_now),
)
#: No text without one of these words matches any of them.
DISTANCE_HINTS = frozenset("ago last past recent today".split())
#: They are given the moment of asking where it is known, and else its day.
DISTANCES_IN_HOURS: tuple[Reader, ...] = (
    (re.compile(r"\b(?P<date>half an hour ago)\b", FLAGS), _half_an_hour_ago),
    (re.compile(rf"\b(?P<date>{_NUMBER_OF_HOURS} ago)\b", FLAGS), _hours_ago),
    (re.compile(r"\b(?P<date>(?:last|past) half(?: an|-)? ?hour)\b(?! of\b)", FLAGS), _half_an_hour_up_to_now),
    *((re.compile(pattern, FLAGS), _hours_up_to_now) for pattern in _LAST_HOURS),
)
