"""Labels: days and times as a reader meets them in a packed context, in few tokens.

The same under every locale. Shows each instant at its own offset, to the minute.
"""

from datetime import datetime

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: Longest name of a session or speaker that is shown, in characters: names can be long ids, which carry no evidence.
MAX_NAME = 40


def day_label(at: datetime) -> str:
    """Give the day, such as `8 May 2023`."""
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def moment_label(at: datetime, *, with_hours: bool = True) -> str:
    """Give day and time, such as `8 May 2023 13:56`, or the day alone."""
    return f"{day_label(at)} {at:%H:%M}" if with_hours else day_label(at)


def later_label(at: datetime, *, shown: datetime, with_hours: bool = True) -> str:
    """Give what of `at` differs from the moment `shown` above it; empty where nothing that is shown does."""
    hours = f"{at:%H:%M}" if with_hours else ""
    if at.date() == shown.date():
        return "" if (at.hour, at.minute) == (shown.hour, shown.minute) else hours
    if at.year == shown.year:
        return f"{at.day} {MONTHS[at.month - 1]} {hours}".rstrip()
    return moment_label(at, with_hours=with_hours)


def name_label(name: str) -> str:
    """Give a name on one line, cut to `MAX_NAME` characters."""
    line = " ".join(name.split())
    return line if len(line) <= MAX_NAME else line[: MAX_NAME - 1] + "…"
