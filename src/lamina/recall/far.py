"""How far from something a text tells: "three days after", "eine Woche nach", "deux mois avant"."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from lamina.recall.counts import NUMBER, NUMERAL, amount
from lamina.recall.dated import FLAGS, UNITS, longer_units
from lamina.recall.distances import BEYOND, beyond

#: How far from an event or a date, right before its "before" or "after". "The three days after" are all of them.
FAR = re.compile(
    r"\b(?P<lead>(?:within|in|during|throughout|for|over|up to|at (?:most|least)|(?:no more|less|fewer|more) than) )?"
    rf"(?P<the>(?:the|that) )?(?P<which>(?:very )?(?:first|last|next|following) )?"
    rf"{BEYOND}?(?:(?P<fewest>{NUMBER})(?: (?:or|to) | ?[-–] ?))?"
    rf"(?P<count>(?:{NUMBER}) )?(?P<unit>{'|'.join(UNITS)})(?P<many>s?) $",
    FLAGS,
)
_OPEN_ENDED = frozenset({"over", "more than", "at least"})
#: A span has room for the longest.
_LONGEST = {"month": 31, "quarter": 92, "year": 366}
_GERMAN = "ein eine einen einem einer zwei drei vier fünf sechs sieben acht neun zehn elf zwölf".split()
_FRENCH = "un une deux trois quatre cinq six sept huit neuf dix onze douze".split()
_OTHER_NUMBERS = {word: max(place - 3, 1) for place, word in enumerate(_GERMAN)} | {
    word: max(place, 1) for place, word in enumerate(_FRENCH)
}
_OTHER_UNITS = {"tag": "day", "woche": "week", "monat": "month", "quartal": "quarter", "jahr": "year"} | {
    "jour": "day", "semaine": "week", "mois": "month", "trimestre": "quarter", "an": "year", "année": "year"
}  # fmt: skip
_OTHER_NUMBER = rf"(?:{'|'.join(_OTHER_NUMBERS)}|{NUMERAL}) "
_OTHER_COUNT = rf"(?P<count>{_OTHER_NUMBER})?"
_OTHER_EACH = re.compile(rf"(?P<count>{_OTHER_NUMBER})(?P<unit>{'|'.join(_OTHER_UNITS)})", re.IGNORECASE)
_GERMAN_BEYOND = longer_units(_OTHER_NUMBER, ["jahre?n?", "monate?n?", "wochen?", "tag(?:en?)?"], "(?:,? und|,)? ")
_FRENCH_BEYOND = longer_units(_OTHER_NUMBER, ["ans?|années?", "mois", "semaines?", "jours?"], "(?:,? et|,)? ")
#: Up to the side, and its blank.
FAR_IN_GERMAN = (
    r"\b(?P<lead>(?:in|innerhalb(?: von)?|binnen|während) )?(?P<the>(?:am|im|de[rnms]|die|das) )?"
    r"(?P<which>(?:erste|nächste|letzte|folgende)[nrsm]? )?"
    rf"{_GERMAN_BEYOND}?{_OTHER_COUNT}(?P<unit>tag|woche|monat|quartal|jahr)(?:en|es|e|n|s)? "
    r"(?P<side>vor|nach) "  # codespell:ignore vor
)
FAR_IN_FRENCH = (
    r"\b(?P<lead>(?:dans|en|pendant|durant|sous) )?(?P<the>(?:les?|la|l'|au cours d(?:u|es|e la|e l')) ?)?"
    r"(?P<which>(?:premi(?:er|ère)|derni(?:er|ère))s? )?"
    rf"{_FRENCH_BEYOND}?{_OTHER_COUNT}(?P<unit>jour|semaine|mois|trimestre|année|an)s? (?P<side>avant|après) "
)
IS_BEFORE = frozenset(("before", "prior to", "vor", "avant", "veille"))  # codespell:ignore vor


class Far(NamedTuple):
    """How far from something: about so many days, or anywhere within them."""

    days: int
    is_within: bool = False
    #: How far off people are who count so.
    slack: int = 0


def far_in(found: re.Match[str]) -> Far | None:
    """Read how far `FAR` has found; None where it is not told, as in "weeks after"."""
    lead, unit = (found["lead"] or "").strip().lower(), found["unit"].lower()
    is_span = bool(found["the"] or found["which"])
    if not (is_span or found["count"]) or (is_span and found["many"] and not found["count"]):
        return None
    if lead in _OPEN_ENDED and not is_span:
        return None
    count = amount(found["count"].strip()) if found["count"] else 1
    far = far_of(count, unit, beyond=beyond(found), is_within=is_span or bool(lead))
    if not found["fewest"] or far.is_within:
        return far
    # "Three or four days after" is anywhere between them.
    between = int(max(count - amount(found["fewest"]), 0) * UNITS[unit][0])
    return Far(far.days - between // 2, slack=far.slack + (between + 1) // 2)


def far_in_other(found: re.Match[str]) -> Far | None:
    """Read how far `FAR_IN_GERMAN` or `FAR_IN_FRENCH` has found; None where it is not told."""
    told = found["the"] or found["which"]
    if not (told or found["count"]):
        return None
    longer = [
        (_other_number(one["count"]), _OTHER_UNITS[one["unit"].lower()])
        for one in _OTHER_EACH.finditer(found["beyond"] or "")
    ]
    unit = _OTHER_UNITS[found["unit"].lower()]
    return far_of(_other_number(found["count"]), unit, beyond=longer, is_within=bool(told or found["lead"]))


def far_of(count: float, unit: str, *, beyond: Sequence[tuple[float, str]] = (), is_within: bool) -> Far:
    """Give so many units, and what lies beyond them, in days."""
    length, slack = UNITS[unit]
    further = sum(int(many * UNITS[longer][0]) for many, longer in beyond)
    if is_within and (count, unit) != (1, "day"):
        return Far(int(count * _LONGEST.get(unit, length)) + further, is_within=True)
    return Far(int(count * length) + further, slack=slack)


def _other_number(words: str | None) -> float:
    word = (words or "1").strip().lower()
    return _OTHER_NUMBERS.get(word) or amount(word)
