"""The words of the calendar in English, German, French and Chinese: months, weekdays, units, today and yesterday."""

import re
from collections.abc import Mapping
from typing import NamedTuple

MONTHS = "january february march april may june july august september october november december".split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
#: By the month in which they begin.
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}


_LETTERS = re.compile(r"[^\W\d_]+")


class Words(NamedTuple):
    """The words of one language, in small letters; numbers are those of the calendar, Monday 0."""

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    #: Days from today.
    days: Mapping[str, int]
    #: By their names of one and of several.
    units: Mapping[str, str]
    counts: Mapping[str, int]
    #: -1 for the last, 0 for this, 1 for the next; as patterns.
    which: Mapping[str, int]

    @property
    def parts(self) -> frozenset[str]:
        """Its words without numbers, those with a hyphen in parts."""
        every = " ".join([*self.months, *self.weekdays, *self.days, *self.units])
        return frozenset(_LETTERS.findall(every))


def _numbered(words: str, start: int) -> dict[str, int]:
    """Number words; those joined by a stroke have one number."""
    return {word: number for number, group in enumerate(words.split(), start=start) for word in group.split("/")}


GERMAN = Words(
    months=_numbered("januar/jänner februar märz april mai juni juli august september oktober november dezember", 1),
    weekdays=_numbered("montag dienstag mittwoch donnerstag freitag samstag/sonnabend sonntag", 0),
    days={"vorgestern": -2, "gestern": -1, "heute": 0, "morgen": 1, "übermorgen": 2},
    units={
        "tag": "day",
        "tage": "day",
        "tagen": "day",
        "woche": "week",
        "wochen": "week",
        "wochenende": "weekend",
        "monat": "month",
        "monate": "month",
        "monaten": "month",
        "monats": "month",
        "quartal": "quarter",
        "quartale": "quarter",
        "quartalen": "quarter",
        "quartals": "quarter",
        "jahr": "year",
        "jahre": "year",
        "jahren": "year",
        "jahres": "year",
    },
    counts=_numbered("ein/eine/einen/einem/einer zwei drei vier fünf sechs sieben acht neun zehn elf zwölf", 1),
    which={"(?:letzt|vorig|vergangen)e[nrsm]?": -1, "diese[nrsm]?": 0, "(?:nächst|kommend)e[nrsm]?": 1},
)
FRENCH = Words(
    months=_numbered("janvier février mars avril mai juin juillet août septembre octobre novembre décembre", 1),
    weekdays=_numbered("lundi mardi mercredi jeudi vendredi samedi dimanche", 0),
    days={"avant-hier": -2, "hier": -1, "aujourd'hui": 0, "demain": 1, "après-demain": 2},
    units={
        "jour": "day",
        "jours": "day",
        "semaine": "week",
        "semaines": "week",
        "week-end": "weekend",
        "weekend": "weekend",
        "mois": "month",
        "trimestre": "quarter",
        "trimestres": "quarter",
        "an": "year",
        "ans": "year",
        "année": "year",
        "années": "year",
    },
    counts=_numbered("un/une deux trois quatre cinq six sept huit neuf dix onze douze", 1),
    which={"(?:derni(?:er|ère)|passée?)s?": -1, "(?:ce|cet|cette)": 0, "prochaine?s?": 1},
)
#: Chinese is written without blanks; its months and days are numbers.
CHINESE_DAYS = {"前天": -2, "昨天": -1, "昨晚": -1, "今天": 0, "今晚": 0, "今早": 0, "明天": 1, "后天": 2}
CHINESE_UNITS = {"天": "day", "日": "day", "周": "week", "星期": "week", "礼拜": "week", "月": "month", "年": "year"}
CHINESE_UNITS |= {"季度": "quarter"}
CHINESE_COUNTS = _numbered("一 二/两 三 四 五 六 七 八 九 十", 1)
CHINESE_WEEKDAYS = _numbered("一 二 三 四 五 六 日/天", 0)
