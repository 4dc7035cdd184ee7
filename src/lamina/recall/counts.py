"""Numbers in words and digits: "three", "twenty-three", "two thousand", "a few", "1,000", "1.5"."""

import re

_COUNTS = "one two three four five six seven eight nine ten eleven twelve".split()
_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split()
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
NUMBERS = {"a": 1, "an": 1, "a couple of": 2} | _TENS
NUMBERS |= {word: number for number, word in enumerate([*_COUNTS, *_TEENS], start=1)}
_GROUP = 3
#: How few and how many people mean who do not count.
VAGUE = {"couple of": (2, 2), "few": (2, 5), "several": (3, 7)}
#: "twenty-three", and "twenty three".
_COMPOUND = rf"(?:twenty|{'|'.join(_TENS)})[ -](?:{'|'.join(_COUNTS[:9])})"
_BELOW_HUNDRED = "|".join([_COMPOUND, *sorted({**_TENS, **dict.fromkeys([*_COUNTS, *_TEENS])}, key=len, reverse=True)])
_HUNDREDS = rf"(?:an?|{'|'.join(_COUNTS[:9])}) hundred(?:(?: and)? (?:{_BELOW_HUNDRED}))?"
_THOUSANDS = rf" thousand(?:,?(?: and)? (?:{_HUNDREDS}|{_BELOW_HUNDRED}))?"
_BETWEEN_THOUSANDS = "[ '’\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}]"
#: Digits, with a mark between thousands or before what is less than one: `amount` tells which. A blank or an apostrophe
#: stands between thousands alone.
NUMERAL = (
    rf"(?<!\d[.,'’])(?:\d{{1,3}}(?:{_BETWEEN_THOUSANDS}\d{{3}}(?!\d)){{1,2}}"
    r"|\d{1,3}(?:[.,]\d{3}){2}|\d{1,5}(?:[.,]\d{1,3})?)"
)
NUMBER = rf"a couple of|(?:{_HUNDREDS}|{_BELOW_HUNDRED}|an?)(?:{_THOUSANDS})?|{NUMERAL}"


def amount(words: str) -> float:
    """Give the number that `NUMBER` has matched.

    Three digits behind a point or comma, and no more than three before it, are thousands: "1,000", but "1,5", "0.125".
    """
    lowered = words.lower()
    known = NUMBERS.get(lowered)
    if known is not None:
        return known
    if words[0].isdecimal():
        whole, *further = re.split("[.,]", re.sub(_BETWEEN_THOUSANDS, "", words))
        if all(len(digits) == _GROUP for digits in further) and len(whole) <= _GROUP and not whole.startswith("0"):
            return int("".join([whole, *further]))
        return float(".".join([whole, *further[:1]]))
    thousands, _, rest = lowered.rpartition(" thousand")
    return 1000 * _below_thousand(thousands) + _below_thousand(rest.removeprefix(",").removeprefix(" and").strip())


def counted(words: str) -> int:
    """Give the whole number that `NUMBER` has matched, or that is next below it."""
    return int(amount(words))


def _below_thousand(words: str) -> int:
    hundreds, _, rest = words.rpartition(" hundred")
    below = sum(NUMBERS[word] for word in re.split("[ -]", rest.removeprefix(" and")) if word)
    return below + (100 * NUMBERS[hundreds] if hundreds else 0)


def counted_about(words: str) -> tuple[float, float]:
    """Give how few and how many `NUMBER` or "a few" and the like mean."""
    found = VAGUE.get(words.lower().removeprefix("a "))
    return found or (amount(words), amount(words))
