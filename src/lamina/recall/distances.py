"""How far from the moment of asking: "two and a half years ago", "in the last 48 hours", "a year and two weeks ago".

Days are counted from a day. Hours and minutes are counted from the moment, and give the days that they touch; where but
the day of it is known, any moment of it is meant.
"""

import re
from datetime import date, datetime

from lamina.recall.counts import NUMBER, VAGUE, amount, counted_about
from lamina.recall.dated import FLAGS, UNITS, Reader, ago, longer_units, span, up_to
from lamina.recall.days import Days

#: Of each unit its minutes, and how far off people are who count in it.
_MINUTES = {"hour": (60, 30), "minute": (1, 0)}
_DAY_MINUTES = 24 * 60
_BY_LENGTH = [f"{unit}s?" for unit in (*sorted(UNITS, key=lambda unit: -UNITS[unit][0]), *_MINUTES)]
#: "Two years and" a month, and of "the last year and a month" the first.
BEYOND, _BEYOND_LAST = (
    longer_units(counts, _BY_LENGTH, "(?:,? and|,)? ")
    for counts in (f"(?:{NUMBER}) ", rf"(?:(?:{NUMBER}) |(?<=\bthe last )|(?<=\bthe past ))")
)
_EACH = re.compile(rf"\b(?:(?P<count>{NUMBER}) )?(?P<unit>{'|'.join([*UNITS, *_MINUTES])})", FLAGS)
#: What half of a unit is.
_HALVES = {"year": ("month", 6), "decade": ("year", 5), "month": ("week", 2)}
_FEW = rf"a (?:few|couple of)|{'|'.join(VAGUE)}"
#: "The last weeks at Bolt" are others than those until now.
_BY_THEMSELVES = r"(?! (?:of|at|in|on|with|when|that|before|after)\b)"


def _ago(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    """Read "two weeks ago", "two or three weeks ago", "a year and two weeks ago" and "two weeks from today"."""
    unit = match["unit"].lower()
    # "An hour and a quarter ago" is no quarter of a year.
    if today is None or (unit == "quarter" and match.string.endswith("and ", 0, match.start("date"))):
        return ()
    back = next(iter(ago(today, unit, *_told(match), beyond=beyond(match))), Days())
    if not match["ahead"] or back.first is None or back.last is None:
        return () if back == Days() else (back,)
    return (span(today, (today - back.last).days, (today - back.first).days),)


def _half_ago(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    unit, count = _HALVES[match["unit"].lower()]
    return () if today is None else ago(today, unit, count, count)


def _up_to_now(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    return () if today is None else up_to(today, match["unit"].lower(), _told(match)[1], beyond=beyond(match))


def _half_up_to_now(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    return () if today is None else up_to(today, *_HALVES[match["unit"].lower()])


def hours_ago(moment: date, unit: str, fewest: float, most: float, *, beyond: int = 0) -> tuple[Days, ...]:
    """Give the days that lie `fewest` to `most` hours or minutes back, `beyond` so many minutes."""
    length, slack = _MINUTES[unit]
    slack = slack if fewest == int(fewest) and most == int(most) else slack // 2
    return _touched(moment, int(fewest * length) + beyond - slack, int(most * length) + beyond + slack)


def hours_up_to(moment: date, unit: str, count: float, *, beyond: int = 0) -> tuple[Days, ...]:
    """Give the days of the last `count` hours or minutes, and of so many minutes `beyond` them."""
    length, _ = _MINUTES[unit]
    return _touched(moment, 0, int(count * length) + beyond)


def _hours_ago(match: re.Match[str], moment: date | None) -> tuple[Days, ...]:
    return () if moment is None else hours_ago(moment, match["unit"].lower(), *_told(match), beyond=_minutes(match))


def _half_an_hour_ago(match: re.Match[str], moment: date | None) -> tuple[Days, ...]:
    return () if moment is None else hours_ago(moment, "hour", 0.5, 0.5)


def _hours_up_to_now(match: re.Match[str], moment: date | None) -> tuple[Days, ...]:
    most = _told(match)[1]
    return () if moment is None else hours_up_to(moment, match["unit"].lower(), most, beyond=_minutes(match))


def _half_an_hour_up_to_now(_match: re.Match[str], moment: date | None) -> tuple[Days, ...]:
    return () if moment is None else hours_up_to(moment, "hour", 0.5)


def _touched(moment: date, fewest: int, most: int) -> tuple[Days, ...]:
    """Give the days from `most` to `fewest` minutes back."""
    minute = 60 * moment.hour + moment.minute if isinstance(moment, datetime) else None
    earliest, latest = (0, _DAY_MINUTES - 1) if minute is None else (minute, minute)
    return (span(moment, (earliest - most) // _DAY_MINUTES, (latest - fewest) // _DAY_MINUTES),)


def _told(match: re.Match[str]) -> tuple[float, float]:
    """Give how few and how many units are told."""
    groups = match.groupdict()
    fewest, most = counted_about(groups.get("count") or "one")
    more = (groups.get("more") or "").lower()
    if groups.get("many"):
        fewest, most = VAGUE["few"]
    if more.endswith("two"):
        most = max(most, 2)
    if groups.get("most"):
        other = amount(match["most"])
        fewest, most = min(fewest, other), max(most, other)
    half = 0.5 if groups.get("half") or more.endswith("half") else 0
    return fewest + half, most + half


def beyond(match: re.Match[str]) -> list[tuple[float, str]]:
    """Give the counts of longer units that stand before the last: of "two years and three months ago" the two years."""
    told = match.groupdict().get("beyond")
    return [(amount(one["count"] or "one"), one["unit"].lower()) for one in _EACH.finditer(told)] if told else []


def _minutes(match: re.Match[str]) -> int:
    """Give the minutes of what stands before the last unit, which is one of the clock."""
    lengths = {unit: length * _DAY_MINUTES for unit, (length, _) in UNITS.items()}
    lengths |= {unit: length for unit, (length, _) in _MINUTES.items()}
    return sum(int(count * lengths[unit]) for count, unit in beyond(match))


def _readers(units: str) -> tuple[str, ...]:
    """Give the patterns of a number of units, of one and more, and of how one of "the last" is told."""
    more = "(?P<more> and a half| or (?:two|so))?"
    number = (
        rf"(?P<count>{_FEW}|{NUMBER})(?:(?: ?[-–] ?| (?:or|to) )(?P<most>{NUMBER}))?"
        rf"(?P<half> and a half| ?½)? (?P<unit>{units})s?{more}"
    )
    # Not "half past five minutes".
    last = r"\b(?<!half )(?<!quarter )(?<!minutes )(?P<date>(?:last|past)"
    return (
        f"{BEYOND}?{number}",
        rf"{last} {_BEYOND_LAST}?{number})\b(?! of\b)",
        rf"{last} (?P<unit>{units}){more.removesuffix('?')})\b(?! of\b)",
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
