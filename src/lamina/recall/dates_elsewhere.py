"""Plain dates of German, French and Chinese questions: "am 8. Mai 2023", "la semaine dernière", "上个月"."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cache

from lamina.recall.calendar_words import (
    CHINESE_COUNTS,
    CHINESE_DAYS,
    CHINESE_UNITS,
    CHINESE_WEEKDAYS,
    FRENCH,
    GERMAN,
    Words,
)
from lamina.recall.counts import NUMERAL, amount
from lamina.recall.dated import Read, Reader, ago, longer_units, of_numbers, of_year, span, unit_on, up_to, weekday_on
from lamina.recall.days import Days, on_calendar, quarter_of
from lamina.recall.distances import hours_ago, hours_up_to
from lamina.recall.languages import Language, language_of
from lamina.recall.settling import asks_of_what_comes
from lamina.recall.weeks import FRENCH_WEEKDAYS_OF_WEEKS, GERMAN_WEEKDAYS_OF_WEEKS

_FLAGS = re.IGNORECASE
_YEARS = re.compile(r"\b\d{4}")
#: What dates in German or French are named with, beside a year.
_HINTS = GERMAN.parts | FRENCH.parts | frozenset("matin midi soir nuit stunde stunden heure heures".split())
_CHINESE = re.compile("[年月日号天晚早周期拜时季]")
#: How few and how many people mean who do not count.
_FEW = (2, 5)
#: "Vor zweieinhalb Jahren".
_AND_A_HALF = {"anderthalb": 1.5, "eineinhalb": 1.5, "zweieinhalb": 2.5, "dreieinhalb": 3.5, "viereinhalb": 4.5}
#: By how they begin.
_DAYS_TOLD = {"erst": 1, "zweit": 2, "dritt": 3, "viert": 4, "fünft": 5, "sechst": 6, "siebt": 7, "acht": 8, "neunt": 9}
_DAYS_TOLD |= {"zehnt": 10, "elft": 11, "zwölft": 12, "premi": 1, **FRENCH.counts}
_CHINESE_SCALES = {"十": 10, "百": 100, "千": 1000}
_CHINESE_NUMBER = f"(?<![几数])[零{''.join([*CHINESE_COUNTS, '百', '千'])}]{{1,9}}|(?<![0-9]){NUMERAL}"
_CHINESE_JOINT = "[零又、，,]?"
#: "两年零" of "两年零三个月前"; "三月" is March.
_CHINESE_BEYOND = (
    rf"(?P<beyond>(?!(?:19|20)[0-9]{{2}}年)(?:(?:{_CHINESE_NUMBER})年{_CHINESE_JOINT})?"
    rf"(?:(?:{_CHINESE_NUMBER})个月{_CHINESE_JOINT})?(?:(?:{_CHINESE_NUMBER})个?(?:周|星期|礼拜){_CHINESE_JOINT})?)"
)
_CHINESE_EACH = re.compile(rf"(?P<count>{_CHINESE_NUMBER})个?(?P<unit>{'|'.join(CHINESE_UNITS)})")
_DAY_IN_WORDS = "|".join(word for word in _DAYS_TOLD if word not in FRENCH.counts and word != "premi")
_YEAR = r"(?P<year>(?:19|20)\d{2})"
#: "Im letzten Quartal 2025" is of that year.
_AGAIN = r"(?:des jahres |von |im jahr )?(?:19|20)\d{2}"


def readers_elsewhere(text: str, words: Collection[str]) -> Iterator[tuple[Reader, ...]]:
    """Give the readers of other languages than English whose dates a text may have, of these `words` in lower case."""
    if not text.isascii() and _CHINESE.search(text):
        yield _chinese()
    if not _HINTS.isdisjoint(words) or _YEARS.search(text):
        language = language_of(text)
        if language is Language.GERMAN:
            yield from (GERMAN_WEEKDAYS_OF_WEEKS, _german()) if _names_week(words, "woche") else (_german(),)
        elif language is Language.FRENCH:
            yield from (FRENCH_WEEKDAYS_OF_WEEKS, _french()) if _names_week(words, "semaine") else (_french(),)


def _names_week(words: Collection[str], week: str) -> bool:
    return any(word.startswith(week) for word in words)


class _Readings:
    """What the words of one language mean."""

    def __init__(self, words: Words, counted: str) -> None:
        self._words = words
        self._each = re.compile(rf"\b(?P<count>{counted}) (?P<unit>{_choice(words.units)})\b", _FLAGS)
        self._which = [(re.compile(pattern, _FLAGS), step) for pattern, step in words.which.items()]

    def of_month(self, match: re.Match[str], _today: date | None) -> tuple[Days, ...]:
        """Read a month with a day, a year, both or neither."""
        groups = match.groupdict()
        year = int(groups["year"]) if groups.get("year") else None
        day = int(groups["day"].lower().removesuffix("er")) if groups.get("day") else None
        return on_calendar(year, self._words.months[match["month"].lower()], day)

    def of_day(self, match: re.Match[str], today: date | None) -> tuple[Days, ...]:
        """Read today, yesterday and their like; "this evening" is today."""
        word = match["word"].lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        return () if today is None else unit_on(today, "day", self._words.days.get(word, 0))

    def of_unit(self, match: re.Match[str], today: date | None) -> tuple[Days, ...]:
        """Read last, this or next week, weekend, month, year or Friday."""
        step, unit = self._step(match), match["unit"].lower()
        if today is None:
            return ()
        if unit in self._words.weekdays:
            return weekday_on(today, self._words.weekdays[unit], step)
        return unit_on(today, self._words.units[unit], step)

    def of_day_of_month(self, match: re.Match[str], today: date | None) -> tuple[Days, ...]:
        """Read "the third of last month"."""
        word = match["day"].lower().removesuffix("er").removesuffix(".")
        day = int(word) if word.isdecimal() else _day_told(word)
        return () if today is None or day is None else _day_in_month(today, self._step(match), day)

    def of_now(self, match: re.Match[str], today: date | None) -> tuple[Days, ...]:
        """Read the month of "by the end of the month"."""
        return () if today is None else unit_on(today, self._words.units[match["unit"].lower()], 0)

    def of_quarter_of_year(self, match: re.Match[str], _today: date | None) -> tuple[Days, ...]:
        """Read "T3 2025", and the first quarter of any year."""
        groups = match.groupdict()
        place = groups.get("quarter") or str(_day_told(match["place"].lower()))
        return quarter_of(int(groups["year"]) if groups.get("year") else None, int(place))

    def of_quarter(self, match: re.Match[str], today: date | None) -> tuple[Days, ...]:
        """Read "Q3 of last year"."""
        return () if today is None else quarter_of(today.year + self._step(match), int(match["quarter"]))

    def _step(self, match: re.Match[str]) -> int:
        told = match["which"] or match["this"]
        return next(step for pattern, step in self._which if pattern.fullmatch(told))

    def of_weekday(self, match: re.Match[str], today: date | None) -> tuple[Days, ...]:
        """Read "on Monday": the last before today, or the next of what is to come."""
        step = 1 if asks_of_what_comes(match.string) else -1
        return () if today is None else weekday_on(today, self._words.weekdays[match["weekday"].lower()], step)

    def of_weekend(self, match: re.Match[str], today: date | None) -> tuple[Days, ...]:
        """Read "at the weekend": the last, or this of what is to come."""
        return () if today is None else unit_on(today, "weekend", 0 if asks_of_what_comes(match.string) else -1)

    def ago(self, match: re.Match[str], today: date | None) -> tuple[Days, ...]:
        """Read "two weeks ago"."""
        unit = self._words.units[match["unit"].lower()]
        return () if today is None else ago(today, unit, *self._about(match), beyond=self._beyond(match))

    def up_to_now(self, match: re.Match[str], today: date | None) -> tuple[Days, ...]:
        """Read "in the last two weeks"."""
        unit = self._words.units[match["unit"].lower()]
        return () if today is None else up_to(today, unit, self._about(match)[1], beyond=self._beyond(match))

    def hours_ago(self, match: re.Match[str], moment: date | None) -> tuple[Days, ...]:
        """Read "three hours ago"."""
        return () if moment is None else hours_ago(moment, "hour", *self._about(match))

    def hours_up_to_now(self, match: re.Match[str], moment: date | None) -> tuple[Days, ...]:
        """Read "in the last 24 hours"."""
        return () if moment is None else hours_up_to(moment, "hour", self._about(match)[1])

    def _about(self, match: re.Match[str]) -> tuple[float, float]:
        half = 0.5 if match.groupdict().get("half") else 0
        fewest, most = self._counted(match["count"])
        return fewest + half, most + half

    def _beyond(self, match: re.Match[str]) -> list[tuple[float, str]]:
        told = match.groupdict().get("beyond")
        if not told:
            return []
        return [
            (self._counted(one["count"])[1], self._words.units[one["unit"].lower()])
            for one in self._each.finditer(told)
        ]

    def _counted(self, words: str) -> tuple[float, float]:
        if words[0].isdecimal():
            return amount(words), amount(words)
        exact = _AND_A_HALF.get(words.lower()) or self._words.counts.get(words.lower())
        return _FEW if exact is None else (exact, exact)


def _day_told(word: str) -> int | None:
    return next((day for start, day in _DAYS_TOLD.items() if word.startswith(start)), None)


def _day_in_month(today: date, step: int, day: int) -> tuple[Days, ...]:
    year, month = divmod(12 * today.year + today.month - 1 + step, 12)
    return on_calendar(year, month + 1, day) if date.min.year <= year <= date.max.year else ()


def _choice(words: Mapping[str, object]) -> str:
    return "|".join(sorted(words, key=len, reverse=True)).replace("'", "['\N{RIGHT SINGLE QUOTATION MARK}]")


def _compiled(*readers: tuple[str, Read]) -> tuple[Reader, ...]:
    return tuple((re.compile(pattern, _FLAGS), read) for pattern, read in readers)


@cache
def _german() -> tuple[Reader, ...]:
    counted = rf"{_choice(_AND_A_HALF)}|{_choice(GERMAN.counts)}|ein paar|paar|einigen|wenigen|{NUMERAL}"
    longer = longer_units(f"(?:{counted}) ", ["jahre?n?", "monate?n?", "wochen?", "tag(?:en?)?"], "(?:,? und|,)? ")
    read, month, weekday = _Readings(GERMAN, counted), _choice(GERMAN.months), _choice(GERMAN.weekdays)
    spans = _choice({unit: None for unit in GERMAN.units if unit != "wochenende"})
    which = "|".join(GERMAN.which)
    day, its_year = r"(?P<day>\d{1,2})\.?", rf"(?:,? {_YEAR})?\b"
    return _compiled(
        (r"\b(?P<date>(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4}))\b", of_numbers),
        (
            rf"\b(?P<date>{day})(?=(?:-| (?:bis|und)(?: zum)? )\d{{1,2}}\. ?(?P<month>{month})\b{its_year})",
            read.of_month,
        ),
        (rf"\b(?P<date>{day} ?(?P<month>{month})\b{its_year})", read.of_month),
        (rf"\b(?P<date>(?P<month>{month}) {_YEAR})\b", read.of_month),
        (rf"\b(?:von|zwischen) (?:{month}) (?:bis|und) (?P<date>(?P<month>{month}))\b", read.of_month),
        (
            rf"\b(?:im|seit|vor|nach|bis|ab|zum|anfang|mitte|ende|von|des|zwischen) (?P<date>(?P<month>{month}))\b",
            read.of_month,
        ),
        (r"\b(?P<date>(?P<word>heute|gestern)(?: (?:morgen|mittag|abend|nacht|früh))?)\b", read.of_day),
        (rf"\b(?<!am )(?<!guten )(?P<date>(?P<word>{_choice(GERMAN.days)}))\b", read.of_day),
        (
            rf"\b(?P<date>(?P<day>\d{{1,2}}\.|(?:{_DAY_IN_WORDS})e[nr]?) (?:des )?(?P<which>{which}) monats)\b",
            read.of_day_of_month,
        ),
        (rf"\b(?P<date>q(?P<quarter>[1-4]) (?:des )?(?P<which>{which}) jahres)\b", read.of_quarter),
        (rf"\b(?P<date>(?P<which>{which}) (?P<unit>{_choice(GERMAN.units)}|{weekday}))\b(?! {_AGAIN})", read.of_unit),
        (
            r"\b(?P<date>(?P<place>erste|zweite|dritte|vierte)[ns]? quartal)\b(?! (?:\d|de[sr]\b|vo[nm]\b|im\b))",
            read.of_quarter_of_year,
        ),
        (
            r"\b(?:bis|vor|seit|nach|ab)(?: zu[mr]| dem)? (?:anfang|beginn|mitte|ende) (?:des|der) "
            r"(?P<date>(?P<unit>woche|monats|jahres))\b(?! \d)",
            read.of_now,
        ),
        (
            rf"\b(?:am|seit|bis|ab|nach|vor) (?P<date>(?P<weekday>{weekday}))\b(?!,? (?:de[nrm] )?(?:\d|\s{{3}}))",
            read.of_weekday,
        ),
        (r"\bam (?P<date>wochenende)\b", read.of_weekend),
        (rf"\b(?P<date>vor {longer}?(?P<count>{counted}) (?P<unit>{spans}))\b", read.ago),
        (rf"\b(?P<date>(?:letzt|vergangen)en {longer}?(?P<count>{counted}) (?P<unit>{spans}))\b", read.up_to_now),
        (rf"\b(?P<date>vor (?P<count>{counted}) stunden?)\b", read.hours_ago),
        (rf"\b(?P<date>(?:letzt|vergangen)en (?P<count>{counted}) stunden)\b", read.hours_up_to_now),
        (
            r"\b(?:im jahre?|seit|vor|nach|bis|ab|anfang|mitte|ende|von|hälfte|halbjahr|quartal|des jahres|vom jahr) "
            rf"(?P<date>{_YEAR})\b",
            of_year,
        ),
    )


@cache
def _french() -> tuple[Reader, ...]:
    counted = rf"{_choice(FRENCH.counts)}|quelques|{NUMERAL}"
    longer = longer_units(f"(?:{counted}) ", ["ans?|années?", "mois", "semaines?", "jours?"], "(?:,? et|,)? ")
    read, month, weekday = _Readings(FRENCH, counted), _choice(FRENCH.months), _choice(FRENCH.weekdays)
    spans = _choice({unit: None for unit in FRENCH.units if not unit.startswith("week")})
    last, this, coming = FRENCH.which
    day, its_year = r"(?P<day>1er|\d{1,2})", rf"(?: {_YEAR})?\b"
    return _compiled(
        (rf"\b(?P<date>{day})(?=(?:-| (?:au|et)(?: le)? )\d{{1,2}} (?P<month>{month})\b{its_year})", read.of_month),
        (rf"\b(?P<date>{day} (?P<month>{month})\b{its_year})", read.of_month),
        (rf"\b(?P<date>(?P<month>{month}) {_YEAR})\b", read.of_month),
        (rf"\b(?:de|entre) (?:{month}) (?:à|et) (?P<date>(?P<month>{month}))\b", read.of_month),
        (
            rf"\b(?:(?:en|depuis|avant|après|de|fin|début|mi|entre)[ -]|d['’])(?P<date>(?P<month>{month}))\b",
            read.of_month,
        ),
        (rf"\b(?P<date>(?P<word>{_choice(FRENCH.days)})(?: (?:matin|midi|soir))?)\b", read.of_day),
        (r"\b(?P<date>(?P<word>ce matin|ce soir|cet après-midi|cette nuit))\b", read.of_day),
        (
            rf"\ble (?P<date>(?P<day>premier|1er|\d{{1,2}}|{_choice(FRENCH.counts)}) "
            rf"(?:du mois (?P<which>{last}|{coming})|de (?P<this>{this}) mois))\b",
            read.of_day_of_month,
        ),
        (
            rf"\b(?P<date>[qt](?P<quarter>[1-4]) (?:de )?"
            rf"(?:l['’]année (?P<which>{last}|{coming})|(?P<this>{this}) année))\b",
            read.of_quarter,
        ),
        (rf"\b(?P<date>t(?P<quarter>[1-4]) (?:de )?{_YEAR})\b", read.of_quarter_of_year),
        (
            r"\b(?P<date>(?P<place>premier|deuxième|troisième|quatrième) trimestre)\b(?! (?:\d|de\b|du\b|en\b))",
            read.of_quarter_of_year,
        ),
        (rf"\b(?P<date>(?P<unit>{_choice(FRENCH.units)}|{weekday}) (?P<which>{last}|{coming}))\b", read.of_unit),
        (rf"\b(?P<date>(?P<which>{last}) (?P<unit>trimestre))\b(?! (?:\d|de\b|du\b|en\b))", read.of_unit),
        (rf"\b(?P<date>(?P<which>{this}) (?P<unit>{_choice(FRENCH.units)}))\b", read.of_unit),
        (
            r"\b(?:avant|après|depuis|d['’]ici(?: à)?|jusqu['’](?:à|au)) (?:la |le )?(?:début|milieu|fin) "
            r"d(?:u |e la |e l['’])(?P<date>(?P<unit>semaine|mois|année))\b(?! (?:\d|d(?:e |u |['’])))",
            read.of_now,
        ),
        # "Le lundi" is each of them.
        (rf"\b(?<!\ble )(?<!\bles )(?P<date>(?P<weekday>{weekday}))\b(?! \d|\s{{3}})", read.of_weekday),
        (rf"\b(?P<date>il y a {longer}?(?P<count>{counted}) (?P<unit>{spans})(?P<half> et demie?)?)\b", read.ago),
        (rf"\b(?P<date>il y a (?P<count>{counted}) heures?(?P<half> et demie)?)\b", read.hours_ago),
        (rf"\b(?P<date>(?P<count>{counted}) derni(?:er|ère)s (?P<unit>{spans}))\b", read.up_to_now),
        (rf"\b(?P<date>derni(?:er|ère)s (?P<count>{counted}) (?P<unit>{spans}))\b", read.up_to_now),
        (rf"\b(?P<date>(?P<count>{counted}) dernières heures)\b", read.hours_up_to_now),
        (rf"\b(?P<date>dernières (?P<count>{counted}) heures)\b", read.hours_up_to_now),
        (
            r"\b(?:en|depuis|avant|après|début|fin|mi|l['’]année|"
            rf"trimestre|(?:début|fin|milieu|moitié|semaine|mois|jours?|trimestre) de)[ -](?P<date>{_YEAR})\b",
            of_year,
        ),
    )


@cache
def _chinese() -> tuple[Reader, ...]:
    number, unit = "[一二两三四五六七八九十]{1,3}|[0-9]{1,3}", "天|日|周|星期|礼拜|月|年|季度"
    counted = rf"{_CHINESE_BEYOND}(?P<count>{_CHINESE_NUMBER})"
    month, day, year = rf"(?P<month>{number})月", rf"(?P<day>{number})[日号]", "(?P<year>[0-9]{4})年"
    week, weekday = "周|星期|礼拜", f"(?P<weekday>[{''.join(CHINESE_WEEKDAYS)}])"
    return _compiled(
        (rf"(?:{year})?{month}(?:{number})[日号]?(?:到|至|-|–|—)(?P<date>{day})", _chinese_day),
        (rf"(?P<date>(?:{year})?{month}{day})", _chinese_day),
        (rf"(?P<date>(?P<which>[上这本下])一?个?月的?{day})", _chinese_day_of_month),
        (rf"(?P<date>(?:{year}|(?P<which>[去今明])年)?的?第?(?P<quarter>[一二三四1-4])个?季度)", _chinese_quarter),
        (rf"(?P<date>(?:{year}){month})", _chinese_day),
        (rf"(?P<date>(?P<count>{_CHINESE_NUMBER})个?(?P<half>半)?小时[之以]?前)", _chinese_hours_ago),
        (rf"(?:过去|最近)的?(?P<date>(?P<count>{_CHINESE_NUMBER})个?(?P<half>半)?小时)", _chinese_hours_up_to_now),
        (rf"(?P<date>(?P<count>{_CHINESE_NUMBER})年(?P<half>半)[之以]?前)", _chinese_ago),
        (rf"(?P<date>(?:{counted}|(?P<few>几))个?(?P<half>半)?(?P<unit>{unit})[之以]?前)", _chinese_ago),
        (rf"(?:过去|最近)的?(?P<date>(?:{counted}|(?P<few>几))个?(?P<half>半)?(?P<unit>{unit}))", _chinese_up_to_now),
        (rf"(?P<date>{month})(?!前)", _chinese_day),
        (rf"(?P<date>{year})", of_year),
        (rf"(?P<date>{'|'.join(CHINESE_DAYS)})", _chinese_word),
        (rf"(?P<date>(?P<which>[上这本下])一?个?(?:{week})(?:的?(?:{week}))?{weekday})", _chinese_weekday),
        (rf"(?<![每一两几])(?P<date>(?P<which>)(?:{week}){weekday})", _chinese_weekday),
        (rf"(?P<date>(?P<which>[上这本下])一?个?(?P<unit>周末|{week}|月|季度))", _chinese_unit),
        ("(?P<date>(?P<which>[去今明])(?P<unit>年))", _chinese_unit),
        # "By the end of the month" is this month's.
        (r"(?<!\s\s)(?P<date>(?P<which>)(?P<unit>[年月]))(?=[初底末](?:[之以]?[前后]|以来|起))", _chinese_unit),
    )


def _chinese_number(words: str) -> float:
    if words[0].isdecimal():
        return amount(words)
    number = digit = 0
    for sign in words:
        scale = _CHINESE_SCALES.get(sign)
        if scale is None:
            digit = CHINESE_COUNTS.get(sign, 0)
        else:
            number, digit = number + (digit or 1) * scale, 0
    return number + digit


def _chinese_day(match: re.Match[str], _today: date | None) -> tuple[Days, ...]:
    groups = match.groupdict()
    year = int(groups["year"]) if groups.get("year") else None
    return on_calendar(
        year,
        int(_chinese_number(match["month"])),
        int(_chinese_number(groups["day"])) if groups.get("day") else None,
    )


def _chinese_day_of_month(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    day = int(_chinese_number(match["day"]))
    return () if today is None else _day_in_month(today, _chinese_step(match), day)


def _chinese_quarter(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    quarter = int(_chinese_number(match["quarter"]))
    if match["which"]:
        return () if today is None else quarter_of(today.year + _chinese_step(match), quarter)
    return quarter_of(int(match["year"]) if match["year"] else None, quarter)


def _chinese_word(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    return () if today is None else unit_on(today, "day", CHINESE_DAYS[match["date"]])


def _chinese_unit(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    unit = CHINESE_UNITS.get(match["unit"], "weekend")
    return () if today is None else unit_on(today, unit, _chinese_step(match))


def _chinese_weekday(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    """Read "周一", the last Monday, and "上周一", the Monday of last week."""
    if today is None:
        return ()
    weekday = CHINESE_WEEKDAYS[match["weekday"]]
    if not match["which"]:
        return weekday_on(today, weekday, -1)
    away = 7 * _chinese_step(match) + weekday - today.weekday()
    return (span(today, away, away),)


def _chinese_step(match: re.Match[str]) -> int:
    return {"上": -1, "去": -1, "下": 1, "明": 1}.get(match["which"], 0)


def _chinese_ago(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    unit = CHINESE_UNITS[match.groupdict().get("unit", "年")]
    return () if today is None else ago(today, unit, *_chinese_about(match), beyond=_chinese_beyond(match))


def _chinese_up_to_now(match: re.Match[str], today: date | None) -> tuple[Days, ...]:
    unit = CHINESE_UNITS[match["unit"]]
    return () if today is None else up_to(today, unit, _chinese_about(match)[1], beyond=_chinese_beyond(match))


def _chinese_hours_ago(match: re.Match[str], moment: date | None) -> tuple[Days, ...]:
    return () if moment is None else hours_ago(moment, "hour", *_chinese_about(match))


def _chinese_hours_up_to_now(match: re.Match[str], moment: date | None) -> tuple[Days, ...]:
    return () if moment is None else hours_up_to(moment, "hour", _chinese_about(match)[1])


def _chinese_about(match: re.Match[str]) -> tuple[float, float]:
    half = 0.5 if match["half"] else 0
    exact = _chinese_number(match["count"]) if match["count"] else 0
    fewest, most = (exact, exact) if exact else _FEW
    return fewest + half, most + half


def _chinese_beyond(match: re.Match[str]) -> list[tuple[float, str]]:
    told = match.groupdict().get("beyond") or ""
    return [(_chinese_number(one["count"]), CHINESE_UNITS[one["unit"]]) for one in _CHINESE_EACH.finditer(told)]
