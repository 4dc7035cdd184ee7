"""Times as people and exports write them, read without guessing a zone.

Known forms: a `datetime`; ISO 8601 with any zone; seconds (from 10⁸) or milliseconds (from 10¹¹) since 1970, as number
or digits; and what chat exports have: "1:56 pm on 8 May, 2023", "2023/06/29 (Thu) 04:09", "March-15-2024", "8 May
2023", "[08.05.23, 13:56:01]" (day first), "5/8/23, 1:56 PM" (month first, unless that is no month or the caller knows),
RFC 2822; with a zone as "+02:00", "UTC+2" or a name in brackets, "2023-05-08T13:56[Europe/Paris]".
What has no zone takes the one that is handed in, and is then assumed. A time says at least the day; nothing is made up.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from datetime import timezone as fixed_zone
from enum import Enum
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
#: An offset by the name of its zone; dateutil reads its sign the other way round, as POSIX does.
_NAMED_OFFSET = re.compile(r"\b(?:utc|gmt) ?([+-])(\d{1,2})(?::?(\d{2}))?(?![\d:])", re.IGNORECASE)
_BRACKETED = re.compile(r"(\d.*)\[([A-Za-z][\w+/-]*)\]", re.DOTALL)
_DIGITS = re.compile(r"\d{9,14}(?:\.\d+)?")
_DAY_FIRST = re.compile(r"\b\d{1,2}\.\d{1,2}\.\d{2,4}\b")
_EITHER_FIRST = re.compile(r"(?<![\d./-])(\d{1,2})([/-])(\d{1,2})\2(?:\d{4}|\d{2})(?![\d/-])")
_HOUR_24 = re.compile(r"\d[T ]24:?00")
_WEEK_ALONE = re.compile(r"\d{4}-?W\d{2}")
_HALVES = re.compile(r"\b[ap]\.?m\b|(?<=\d)[ap]\.?m\b", re.IGNORECASE)
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
#: dateutil fills what is missing in with these: what comes out differently was not said.
_FILLED, _FILLED_OTHERWISE = datetime(1904, 10, 17), datetime(2008, 2, 5)  # noqa: DTZ001  # naive on purpose


class Order(Enum):
    """What a date such as 5/8/23 says about the order of day and month."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    EITHER = "either"


def read_time(
    value: object, *, timezone: tzinfo | str | None = None, day_first: bool | None = None, argument: str = "at"
) -> tuple[datetime | None, AtSource]:
    """Read a time; `"unknown"` gives None.

    `day_first` says what 5/8/23 means; None = month first, unless that is no month.

    Raises:
        InvalidArgument: nothing that can be placed in time, or a time without a zone where none is handed in.
    """
    if value == UNKNOWN and isinstance(value, str):
        return None, AtSource.UNKNOWN
    moment = _moment(value, argument, day_first=day_first)
    if moment.tzinfo is not None:
        return checked_instant(moment, argument=argument), AtSource.GIVEN
    if isinstance(value, datetime):
        checked_instant(moment, argument=argument)
    if timezone is None:
        raise InvalidArgument(argument, f"{value!r} has no zone", "write the zone with it, or give timezone=")
    zoned = moment.replace(tzinfo=read_zone(timezone))
    return checked_instant(zoned, argument=argument), AtSource.ASSUMED


def order_of(value: object) -> Order | None:
    """Say what the date of a written time tells about the order of day and month; None = it has no such date."""
    match = _EITHER_FIRST.search(value) if isinstance(value, str) else None
    if match is None or match[1] == match[3]:
        return None
    first, second = int(match[1]) > 12, int(match[3]) > 12
    if first != second:
        return Order.DAY_FIRST if first else Order.MONTH_FIRST
    return None if first else Order.EITHER


def common_order(values: Iterable[object]) -> Order | None:
    """Give the order of day and month that the times of one source have in common; one that can be told decides.

    Raises:
        InvalidArgument: some have the day first, and some the month.
    """
    told: dict[Order, object] = {}
    for value in values:
        order = order_of(value)
        if order is not None:
            told.setdefault(order, value)
    if Order.DAY_FIRST in told and Order.MONTH_FIRST in told:
        raise mixed_orders(told[Order.DAY_FIRST], told[Order.MONTH_FIRST])
    return next((order for order in (Order.DAY_FIRST, Order.MONTH_FIRST, Order.EITHER) if order in told), None)


def mixed_orders(day_first: object, month_first: object) -> InvalidArgument:
    """Give the error of times that cannot all be read in one order."""
    problem = f"has the day first in {day_first!r} and the month first in {month_first!r}"
    return InvalidArgument("at", problem, "write days as 2026-03-02")


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


def _moment(value: object, argument: str, *, day_first: bool | None) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidArgument(argument, f"is {type(value).__name__}", _ADVICE)
    if isinstance(value, str):
        text = value.strip()
        if not _DIGITS.fullmatch(text):
            return _placed(text, argument, day_first=day_first)
        value = float(text) if "." in text else int(text)
    return _counted(value, argument)


def _counted(number: float, argument: str) -> datetime:
    if not LEAST_SECONDS <= number < MOST_MILLISECONDS:
        advice = "give seconds or milliseconds since 1970, or an aware datetime; for a mere order use `order`"
        raise InvalidArgument(argument, f"{number!r} is no time", advice)
    scale = 1_000_000 if number < LEAST_MILLISECONDS else 1000
    return from_us(round(number * scale))


def _placed(text: str, argument: str, *, day_first: bool | None) -> datetime:
    """Read a written time that may have the name of its zone in brackets."""
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed is None:
        return _written(text, argument, day_first=day_first)
    try:
        zone = read_zone(bracketed[2])
    except InvalidArgument as error:
        raise InvalidArgument(argument, f"{text!r} names a zone that is not known", _ADVICE) from error
    moment = _written(bracketed[1], argument, day_first=day_first)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=zone)
    if checked_instant(moment, argument=argument).utcoffset() != moment.astimezone(zone).utcoffset():
        raise InvalidArgument(argument, f"{text!r} has an offset that is not that of its zone", "leave one of them out")
    return moment


def _written(text: str, argument: str, *, day_first: bool | None) -> datetime:
    if _HOUR_24.search(text):
        raise InvalidArgument(argument, f"{text!r} has the hour 24", "write 00:00 of the next day")
    if _WEEK_ALONE.fullmatch(text):
        raise _dayless(text, argument)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    bare = _WEEKDAY.sub(" ", text).strip("[] \t").replace(" on ", " ")
    bare = _NAMED_OFFSET.sub(lambda match: f"{match[1]}{match[2]:0>2}:{match[3] or '00'}", bare)
    # Without a year and a digit there is no date to read; and no hour lies in both halves of a day.
    is_sayable = _YEAR.search(bare) and _ALLOWED.fullmatch(bare) and len(_HALVES.findall(bare)) < 2
    if not is_sayable or not _words_are_known(bare):
        raise _unreadable(text, argument)
    order = order_of(bare)
    if (order is Order.DAY_FIRST and day_first is False) or (order is Order.MONTH_FIRST and day_first is True):
        problem = f"{text!r} has the {order.value}, and others have not"
        raise InvalidArgument(argument, problem, "write days as 2026-03-02, or say which it is with day_first")
    is_day_first = order is Order.DAY_FIRST or (order is Order.EITHER and day_first is True)
    return _parsed(bare, text, argument, day_first=is_day_first or _DAY_FIRST.search(bare) is not None)


def _parsed(bare: str, text: str, argument: str, *, day_first: bool) -> datetime:
    try:
        moment = parser.parse(bare, dayfirst=day_first, default=_FILLED)
        may_be_filled = (moment.year, moment.month, moment.day)
        if any(map(_is_equal, may_be_filled, (_FILLED.year, _FILLED.month, _FILLED.day))) or _names_weekday(bare):
            again = parser.parse(bare, dayfirst=day_first, default=_FILLED_OTHERWISE)
            if (again.year, again.month, again.day) != may_be_filled:
                raise _dayless(text, argument)
    except InvalidArgument:
        raise
    except (ValueError, OverflowError) as error:
        raise _unreadable(text, argument) from error
    return moment


def _names_weekday(text: str) -> bool:
    return any(name.startswith(word) for word in re.findall(r"[a-z]{3,}", text.lower()) for name in _NAMES[:7])


def _is_equal(one: int, other: int) -> bool:
    return one == other


def _unreadable(text: str, argument: str) -> InvalidArgument:
    return InvalidArgument(argument, f"{text!r} is not a time that can be read", _ADVICE)


def _dayless(text: str, argument: str) -> InvalidArgument:
    return InvalidArgument(argument, f"{text!r} names no day", f"write the day too, or {UNKNOWN!r}")


def _words_are_known(text: str) -> bool:
    """Say whether every word of a written time is a month or weekday, by three letters or more, or a mark of a date."""
    words = re.findall(r"[a-z]+", text.lower())
    return all(
        word in _WORDS or (len(word) >= 3 and any(name.startswith(word) for name in _NAMES)) or word == "sept"
        for word in words
    )
