"""Times as people and exports write them, read without guessing a zone.

Known forms: a `datetime`; ISO 8601 with any zone; seconds (from 10⁸) or milliseconds (from 10¹¹) since 1970, as number
or digits; and what chat exports have: "1:56 pm on 8 May, 2023", "2023/06/29 (Thu) 04:09", "March-15-2024", "8 May
2023", "[08.05.23, 13:56:01]" (day first), "5/8/23, 1:56 PM" (month first, unless that is no month), RFC 2822.
What has no zone takes the one that is handed in, and is then assumed.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from datetime import timezone as fixed_zone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil import parser

from lamina.core.errors import InvalidArgument
from lamina.core.records import AtSource
from lamina.core.time import checked_instant, from_us

#: Numbers below this are no times: as seconds they would lie before 1973-03-03.
LEAST_SECONDS = 10**8
#: From here numbers are milliseconds: as seconds they would lie after the year 5138.
LEAST_MILLISECONDS = 10**11
MOST_MILLISECONDS = 10**14
#: Says that only the order is known.
UNKNOWN = "unknown"

_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")
_DIGITS = re.compile(r"\d{9,14}(?:\.\d+)?")
_DAY_FIRST = re.compile(r"\b\d{1,2}\.\d{1,2}\.\d{2,4}\b")
_YEAR = re.compile(r"\d{4}|\d[/.-]\d{1,2}[/.-]\d{2}\b")
_WEEKDAY = re.compile(r"\((?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\)", re.IGNORECASE)
_ALLOWED = re.compile(r"[\w\s:,./+\-()\[\]]+")
#: Words of dates. Any other, a zone's name such as CEST among them, would be passed over, and the time be wrong.
_WORDS = frozenset("t z utc gmt am pm a p m on of at st nd rd th".split())
_NAMES = (
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december"
).split()
_ADVICE = "give an aware datetime, or text such as 2026-03-02T09:00:00+01:00"


def read_time(
    value: object, *, timezone: tzinfo | str | None = None, argument: str = "at"
) -> tuple[datetime | None, AtSource]:
    """Read a time; `"unknown"` gives None.

    Raises:
        InvalidArgument: nothing that can be placed in time, or a time without a zone where none is handed in.
    """
    if value == UNKNOWN and isinstance(value, str):
        return None, AtSource.UNKNOWN
    moment = _moment(value, argument)
    if moment.tzinfo is not None:
        return checked_instant(moment, argument=argument), AtSource.GIVEN
    if isinstance(value, datetime):
        checked_instant(moment, argument=argument)
    if timezone is None:
        raise InvalidArgument(argument, f"{value!r} has no zone", "write the zone with it, or give timezone=")
    zoned = moment.replace(tzinfo=read_zone(timezone))
    return checked_instant(zoned, argument=argument), AtSource.ASSUMED


def read_zone(timezone: tzinfo | str) -> tzinfo:
    """Give the zone of that name (`Europe/Rome`) or offset (`+02:00`).

    At the end of summer time the earlier of two equal clock times is meant; skipped ones count from before the jump.

    Raises:
        InvalidArgument: no such zone.
    """
    if isinstance(timezone, tzinfo):
        return timezone
    if not isinstance(timezone, str):
        raise InvalidArgument(
            "timezone", f"is {type(timezone).__name__}", "give a name such as 'Europe/Rome' or '+02:00'"
        )
    if timezone.upper() in ("UTC", "Z"):
        return UTC
    offset = _OFFSET.fullmatch(timezone)
    if offset is not None and int(offset[2]) < 24 and int(offset[3]) < 60:
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return fixed_zone(span if offset[1] == "+" else -span)
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        advice = "give a name such as 'Europe/Rome' or '+02:00'; names need the zone data of the system or `tzdata`"
        raise InvalidArgument("timezone", f"{timezone!r} is not known", advice) from error


def _moment(value: object, argument: str) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidArgument(argument, f"is {type(value).__name__}", _ADVICE)
    if isinstance(value, str):
        text = value.strip()
        if not _DIGITS.fullmatch(text):
            return _written(text, value, argument)
        value = float(text) if "." in text else int(text)
    return _counted(value, argument)


def _counted(number: float, argument: str) -> datetime:
    if not LEAST_SECONDS <= number < MOST_MILLISECONDS:
        advice = "give seconds or milliseconds since 1970, or an aware datetime; for a mere order use `order`"
        raise InvalidArgument(argument, f"{number!r} is no time", advice)
    scale = 1_000_000 if number < LEAST_MILLISECONDS else 1000
    return from_us(round(number * scale))


def _written(text: str, value: object, argument: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    bare = _WEEKDAY.sub(" ", text).strip("[] \t").replace(" on ", " ")
    # dateutil fills what is missing with today's: without a year and a digit there is no date to read.
    if not _YEAR.search(bare) or not _ALLOWED.fullmatch(bare) or not _words_are_known(bare):
        raise InvalidArgument(argument, f"{value!r} is not a time that can be read", _ADVICE)
    try:
        return parser.parse(bare, dayfirst=bool(_DAY_FIRST.search(bare)), default=datetime(2000, 1, 1))  # noqa: DTZ001  # naive on purpose
    except (ValueError, OverflowError) as error:
        raise InvalidArgument(argument, f"{value!r} is not a time that can be read", _ADVICE) from error


def _words_are_known(text: str) -> bool:
    """Say whether every word of a written time is a month or weekday, by three letters or more, or a mark of a date."""
    words = re.findall(r"[a-z]+", text.lower())
    return all(
        word in _WORDS or (len(word) >= 3 and any(name.startswith(word) for name in _NAMES)) or word == "sept"
        for word in words
    )
