"""Numbers in words: "three", "twenty-three", "a hundred and twenty", "a few"."""

import re

_COUNTS = "one two three four five six seven eight nine ten eleven twelve".split()
_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split()
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
NUMBERS = {"a": 1, "an": 1, "a couple of": 2} | _TENS
NUMBERS |= {word: number for number, word in enumerate([*_COUNTS, *_TEENS], start=1)}
#: How few and how many people mean who do not count.
VAGUE = {"couple of": (2, 2), "few": (2, 5), "several": (3, 7)}
#: "twenty-three", and "twenty three".
_COMPOUND = rf"(?:twenty|{'|'.join(_TENS)})[ -](?:{'|'.join(_COUNTS[:9])})"
_BELOW_HUNDRED = "|".join([_COMPOUND, *sorted({**_TENS, **dict.fromkeys([*_COUNTS, *_TEENS])}, key=len, reverse=True)])
_HUNDREDS = rf"(?:an?|{'|'.join(_COUNTS[:9])}) hundred(?:(?: and)? (?:{_BELOW_HUNDRED}))?"
NUMBER = rf"{_HUNDREDS}|{_COMPOUND}|{'|'.join(sorted(NUMBERS, key=len, reverse=True))}|\d{{1,3}}"


def counted(words: str) -> int:
    """Give the number that `NUMBER` has matched."""
    known = NUMBERS.get(words.lower())
    if known is not None:
        return known
    if words.isdecimal():
        return int(words)
    hundreds, _, rest = words.lower().rpartition(" hundred")
    below = sum(NUMBERS[word] for word in re.split("[ -]", rest.removeprefix(" and")) if word)
    return below + (100 * NUMBERS[hundreds] if hundreds else 0)


def counted_about(words: str) -> tuple[int, int]:
    """Give how few and how many `NUMBER` or "a few" and the like mean."""
    found = VAGUE.get(words.lower().removeprefix("a "))
    return found or (counted(words), counted(words))
