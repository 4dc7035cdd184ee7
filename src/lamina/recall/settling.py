"""Which year is meant by days of any year: the last that have begun or, of what is to come, the next."""

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from lamina.recall.days import Days, months_of, on_calendar
from lamina.recall.languages import ASKED_AT_ONCE, Language, language_of

#: By these a question asks for what is to come. "Will" with a capital is somebody, but where a question begins with it.
_COMING = {
    Language.ENGLISH: r"(?:\b(?-i:will|WILL|won't)|^\W*will|\b(?:shall|going to|about to|upcoming))\b|\w['’]ll\b",
    Language.GERMAN: r"\b(?:werden?|wirst|wird|werdet)\b",
    Language.FRENCH: (
        r"\b(?:vais|vas|va|allons|allez|vont"  # codespell:ignore vas
        r"|(?:ser|aur|fer|ir|passer|arriver)(?:ai|as|a|ons|ez|ont))\b"  # codespell:ignore ser,ons
    ),
}
_COMING_IN = {language: re.compile(pattern, re.IGNORECASE) for language, pattern in _COMING.items()}
#: Not a meeting, a party or a general.
_COMING_IN_CHINESE = re.compile(
    "(?<![聚社机开宴晚协学教工委约大年议舞])会(?![议面见谈计长员场所话诊])|(?<![大上中少麻主])将(?!军|领|士)"
)


@lru_cache(maxsize=ASKED_AT_ONCE)
def asks_of_what_comes(text: str) -> bool:
    """Say whether a question in any of four languages asks for what is to come."""
    if not text.isascii() and _COMING_IN_CHINESE.search(text):
        return True
    return _COMING_IN[language_of(text)].search(text) is not None


class Asking(NamedTuple):
    """A question, and the day of asking where it is known."""

    text: str
    today: date | None

    @property
    def is_coming(self) -> bool:
        """Whether it asks for what is to come."""
        return asks_of_what_comes(self.text)

    def settled(self, days: Sequence[Days], *, is_ahead: bool = False) -> Days | None:
        """Give days of any year as those that are meant on that day."""
        is_coming = bool(days) and days[0].month is not None and self.is_coming
        return settled(days, by=self.today, is_ahead=is_ahead, is_coming=is_coming)


def settled(days: Sequence[Days], *, by: date | None, is_ahead: bool = False, is_coming: bool = False) -> Days | None:
    """Give days or months of any year, in a row, as the last that began no later than `by`; one span as it is.

    `is_ahead`: of a month that has begun, the days may be ahead. `is_coming`: those are given that end `by` then or
    next. None where they are no single span, or any year's and `by` is not known.
    """
    if not days or days[0].month is None:
        return days[0] if len(days) == 1 else None
    if by is None or not are_in_a_row(days):
        return None
    # Eight years: the longest without a 29 February.
    years = range(by.year - 1, by.year + 9) if is_coming else range(by.year, max(by.year - 9, 0), -1)
    for year in years:
        for found in _in_year(days, year) if date.min.year <= year <= date.max.year else ():
            if found.first is None or found.last is None:
                continue
            if found.last >= by if is_coming else (found.first.replace(day=1) if is_ahead else found.first) <= by:
                return found
    return None


def are_in_a_row(days: Sequence[Days]) -> bool:
    """Say whether they are one span, or whole months of any year of which each follows the one before."""
    if len(days) == 1:
        return True
    months = [one.month for one in days if one.month is not None and one.day is None]
    return len(months) == len(days) > 0 and all(other == one % 12 + 1 for one, other in pairwise(months))


def _in_year(days: Sequence[Days], year: int) -> tuple[Days, ...]:
    (one, *more) = days
    month = one.month or 1
    return months_of(year, month, count=len(days)) if more else on_calendar(year, month, one.day, one.to_day)
