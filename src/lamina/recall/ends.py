"""What a question says of the order of things: which end of time it asks for, and the two things that it parts.

"What is my rent now?" asks for the last of what matches, "What did I first play?" for the first. "How long was it
between the storm and the repair?" has two sides, and its answer stands at neither alone.

Rules for English; of German, French and Chinese the plain words. What is none of time is left alone: a first name, the
last week, first aid.
"""

import re
from datetime import date
from functools import lru_cache

from lamina.core.explanation import End
from lamina.recall.calendar_words import FRENCH, MONTHS, WEEKDAYS
from lamina.recall.counts import NUMBER
from lamina.recall.dated import UNITS
from lamina.recall.dates import dates_in
from lamina.recall.kinds import AUXILIARY, asked_part
from lamina.recall.languages import ASKED_AT_ONCE
from lamina.recall.nearest import NO_END
from lamina.recall.ranges import relative_to

_WORDS = re.IGNORECASE
#: What is called old, and is not over.
_STILL_OLD = "friend|pal|mate|man|woman|lady|people|folk|mother|father|mum|mom|dad|parent|aunt|uncle|dog|cat|town|age"
#: They say which end is asked for; what is asked for does not hold them.
END_WORDS = "first last now current currently latest newest recent recently original originally initially earliest"
#: With "dernier" they name days.
_FRENCH_TIMES = [*FRENCH.units, *FRENCH.weekdays, "nuit", "printemps", "été", "automne", "hiver"]
#: They say that what is over is asked for, and stand as seldom in it.
FORMER_WORDS = "previous previously former formerly prior old before used earlier"
_LAST = re.compile(
    r"\b(?:(?<!\band )(?<!\bto )(?<!\btill )(?<!\buntil )now|nowadays|currently|at the moment|at present|"
    r"these days|latest|newest|most recent(?:ly)?|"
    r"any ?more|as of (?:now|today)|up to date|up-to-date)\b"
    # Not "my current house", where something else is asked.
    r"|^(?:what|which|who|where|how)(?: \w+)?(?: is| are|'s|'re) (?:(?!(?:of|in|on|from|for)\b)[\w']+ ){0,4}current\b"
    r"|^(?:am|is|are|do|does|has|have)\b.*\bstill\b"
    rf"|\b(?<!before )last(?! (?:{NO_END})\b)(?! (?:{NUMBER})\b)\b|\blast time\b"
    r"|\b(?:jetzt|derzeit|aktuelle?[nrs]?|momentan|zurzeit|zuletzt|neueste[nrs]?|inzwischen)\b"
    r"|\b(?:(?:zum|das|beim) letzte[ns]? mal|letztes mal)\b"
    r"|\b(?:maintenant|actuel(?:le)?s?|actuellement|en ce moment|dernièrement|plus récente?s?)\b"
    rf"|(?<!{')(?<!'.join(f'{word} ' for word in _FRENCH_TIMES)})\bderni(?:er|ère)s?\b"
    rf"(?! (?:nom|{'|'.join(_FRENCH_TIMES)})\b)"
    "|现在|目前|最近|如今|当前|最新|最后|上次|上一次",
    _WORDS,
)
_HELPING = "(?:do|does|will|would|can|could|should|might|must)(?:n't)?"
#: Who asks for the last time that somebody did something; what lasts is seldom somebody.
_NOBODY = r"(?!(?:i|you|we|he|she|who)\b)"
_HOW_LONG = rf"how (?:long|much longer|many (?:\w+ )?(?:{'|'.join([*UNITS, 'hour', 'minute'])})s?)"
_WHOSE = r"(?:the|my|our|your|his|her|its|their|this|that|these|those|\w+'s)"
#: The verb, as in "how long did the concert last": no end of time.
_LASTING = re.compile(
    rf"(?:\b{_HOW_LONG} (?:did|didn't|{_HELPING}) {_NOBODY}(?:(?!(?:since|i|we)\b)[\w'-]+ ){{1,8}}?"
    rf"|\b(?:{_HELPING}|to|not) |^(?:why )?{_HELPING} {_NOBODY}(?:[\w'-]+ ){{1,3}}?"
    rf"|^(?:why )?did(?:n't)? (?:(?:it|they|{_WHOSE} [\w'-]+) )(?:not )?)"
    r"last(?=\s*(?:[?!.,;]|$)| (?:in|on|at|for|from|until|till|through|when|if|after|before|during|with|without|"
    r"exactly|altogether|this|that|now|me|us|him|her|them|(?:a|one|two|three|all|the whole|\d+) \w+)\b)"
    r"|\blast(?= (?:long|longer|longest|forever|enough)\b)",
    _WORDS,
)
#: "The first day of June" is a date.
_DATED = rf"(?:(?:{'|'.join(MONTHS)}|last|this|next)\b|\d{{4}})"
_FIRST = re.compile(
    rf"\bfirst(?! (?:{NO_END})\b)\b|\bfirst (?:time|day(?! (?:of|in) (?:{_DATED})))\b"
    r"|\b(?:initially|originally|earliest)\b"
    r"|\b(?:in|at) the (?:very )?beginning\b(?! of\b)"
    r"|\b(?:zuerst|anfangs|ursprünglich|am anfang(?! (?:der|des|vom|von)\b)|erstmals)\b|\b(?:zum|das) erste[ns]? mal\b"
    r"|\b(?:d'abord|au début(?! d(?:e|u|es)\b| d')|initialement|à l'origine|(?:la )?première fois)\b"
    "|第一次|最初|起初|最早|一开始",
    _WORDS,
)
#: Which time, or which talk, and no value.
_PREVIOUS_TIME = "|".join(
    [f"{word}s?" for word in "chat conversation discussion session talk message question answer exchange".split()]
    + [f"{unit}s?" for unit in UNITS]
)
_DAYS = (*UNITS, *WEEKDAYS, "weekend", "night", "morning", "evening")
#: What was before the value of now.
_PREVIOUS = re.compile(
    # "The job before last", not "the night before last".
    rf"{''.join(f'(?<!{word} )' for word in _DAYS)}before last\W*$"
    rf"|\b(?:previous(?:ly)?|former|formerly|prior)\b(?! (?:to|{_PREVIOUS_TIME})\b)|\bused to\b"
    # "What was my old rent", not "my old friend", and not where something else is asked of what is old.
    rf"|^(?!.*\b(?:{END_WORDS.replace(' ', '|')})\b)(?:what|which|who|where|how)(?: \w+)?(?: is| was| were| did|'s) "
    rf"(?:my|our|your|his|her|their|\w+'s) old (?!(?:{_STILL_OLD})s?\b)[^\W\d]"
    # "What was Bob's rent before?", not "Was it so before?"
    r"|^(?:(?:in|on|at|to|from|for|with|of|by) )?(?:what|which|who|whom|whose|where|how)\b.*[\w,] "
    r"before(?: (?:that|then|this|now))?\W*$"
    r"|\b(?:früher|früheren?|vorher|davor|zuvor|vorherige[nrsm]?|ehemalige?[nrs]?)\b"
    r"|^w\w+(?: \w+)? (?:ist|war|waren|sind) (?:mein|unser|sein|ihr)e? alte[rs]? [^\W\d]"  # codespell:ignore ist,unser
    r"|\b(?:auparavant|précédente?s?|ancien(?:ne)?s?|autrefois)\b|\bavant(?: (?:ça|cela))?\W*$|以前|之前",
    _WORDS,
)
#: It asks for what is over, and for neither end.
_FORMER = re.compile(
    rf"{_PREVIOUS.pattern}|\b(?:previous|prior|back then|earlier|no longer)\b|\b(?:vorherig\w+|damals)\b|过去", _WORDS
)
#: Of letters of the alphabet alone, no text that holds none of these matches any of the four above: a question that
#: says nothing of the order of things is told by a tenth of the time that they take.
_HINTS = (
    "now moment present days latest newest recent more today date current still last jetzt derzeit aktuell zurzeit "
    "zuletzt neueste inzwischen letzte maintenant actuel dernier first initial original earliest beginning zuerst "
    "anfang erst d'abord before previous former prior used old vorher davor zuvor ehemal alte auparavant ancien "
    "autrefois avant then earlier longer damals"
).split()
_UNITS = "|".join([*UNITS, "hour", "minute"])
_APART = rf"^how (?:long|many (?:\w+ )?(?:{_UNITS})s?|much (?:\w+ )?time)\b"
_REST = "[^?!;]+"
#: In this order: the two sides, and what stands between them.
_PAIRS = tuple(
    re.compile(pattern, _WORDS)
    for pattern in (
        rf"\bbetween (?P<pair>{_REST}?\band\b{_REST}?)(?:, (?:which|what|who|how)\b{_REST})?[?!;]*$",
        rf"{_APART}.*?\bfrom (?P<one>{_REST}?) (?:to|until|till) (?P<other>{_REST})",
        rf"{_APART}.*?\b(?:since|after|before) (?P<one>{_REST}?),? (?:when|until|till|did) (?P<other>{_REST})",
        rf"{_APART}.*?\b(?:since|after|before) (?P<one>{_REST}?) (?:was|were|had) (?P<other>{_REST})",
        rf"{_APART} (?P<one>.+?) (?:before|after|until|till) (?P<other>{_REST})",
        rf"^(?:which|what|who)\b.*?[,:] (?P<one>{_REST}?),? or (?P<other>{_REST})",
        rf"^(?:{AUXILIARY}) (?P<one>{_REST}?) or (?P<other>{_REST}) (?:first|earlier|later|sooner|last)\b",
        rf"^(?:{AUXILIARY}) (?P<one>{_REST}?) (?:before or after|before|after) (?P<other>{_REST})",
    )
)
#: What happened, or what somebody did; not what parts two things, nor what somebody chose of them.
_LAY_BETWEEN = re.compile(
    r"^(?:(?:and|so|then),? )?(?:what|who|whom|where|which)\b"
    r"(?!.*\b(?:difference|differ|distance|choose|decide|pick|prefer|like|switch|distinguish|compare|split|share)\b)"
    r".*\b(?:happened|took place|occurred|went on|did)\b.* between "
    rf"(?:{_WHOSE}|i|we|you|he|she|they|it|when|(?-i:[A-Z])\w+['’]s|\w+ing)\b",
    _WORDS,
)
_AND = re.compile(r"\band\b", _WORDS)
_LEADING = re.compile(r"^(?:(?:when|that|the (?:time|day|moment)(?: (?:when|that))?) )+", _WORDS)
_THE = re.compile("^the ", _WORDS)
#: A date is no side: what was said on it is looked for as it is.
_ANY_DAY = date(2000, 1, 1)
#: Nor is the moment of asking.
_NOW = re.compile(r"(?:right |just )?now|(?:the )?present|this moment|jetzt|heute|maintenant|aujourd'hui|现在", _WORDS)


@lru_cache(maxsize=ASKED_AT_ONCE)
def end_of(text: str) -> End | None:
    """Say which end of time a question asks for; None where it asks for neither, or for what is over."""
    asked = asked_part(text)
    if not _may_tell(asked) or _FORMER.search(asked):
        return None
    if _FIRST.search(asked):
        return End.FIRST
    asked = _LASTING.sub(lambda match: match[0].removesuffix("last"), asked)
    return End.LAST if _LAST.search(asked) else None


@lru_cache(maxsize=ASKED_AT_ONCE)
def asks_for_former(text: str) -> bool:
    """Say whether a question asks for what was once, so that what is newer is no better.

    So does one that says on which side of an event something was.
    """
    asked = asked_part(text)
    if _may_tell(asked) and (_FORMER.search(asked) or _FIRST.search(asked)):
        return True
    relative = relative_to(asked)
    return relative is not None and not relative.is_since


@lru_cache(maxsize=ASKED_AT_ONCE)
def asks_for_previous(text: str) -> bool:
    """Say whether a question asks for the value before the one of now: "What was my rent before?", "my old rent"."""
    asked = asked_part(text)
    return (
        _may_tell(asked) and bool(_PREVIOUS.search(asked)) and not _FIRST.search(asked) and relative_to(asked) is None
    )


def _may_tell(asked: str) -> bool:
    """Say whether a question may say anything of the order of things, or of what was before."""
    lowered = asked.lower()
    return not asked.isascii() or any(hint in lowered for hint in _HINTS)


def sides_of(text: str) -> tuple[str, ...]:
    """Give the two things that a question parts or compares, as it names them; nothing where it does not."""
    asked = asked_part(text)
    for pattern in _PAIRS:
        match = pattern.search(asked)
        if match is not None:
            one, other = _halves(match["pair"]) if "pair" in match.groupdict() else (match["one"], match["other"])
            sides = tuple(_LEADING.sub("", side.strip(" ,.?!")) for side in (one, other))
            # A month alone is read only behind such a word, and may be somebody: where both are dates, they are.
            is_dated = any(map(_is_date, sides)) or all(map(_may_be_date, sides))
            return sides if all(sides) and not is_dated and not any(map(_NOW.fullmatch, sides)) else ()
    return ()


def asks_what_lay_between(text: str) -> bool:
    """Say whether a question of two sides asks for what was between them: "What happened between … and …?"."""
    return "between " in text.lower() and _LAY_BETWEEN.search(asked_part(text)) is not None


def _halves(pair: str) -> tuple[str, str]:
    """Part a pair at the "and" before another "when", else at the one that is nearest to its middle."""
    spans = [match.span() for match in _AND.finditer(pair)]
    spans = [span for span in spans if pair[span[1] :].lstrip().lower().startswith("when ")] or spans
    begin, end = min(spans, key=lambda span: abs(sum(span) - len(pair)))
    return pair[:begin], pair[end:]


def _may_be_date(side: str) -> bool:
    bare = _THE.sub("", side)
    return any(_is_date(bare, behind=behind) for behind in ("from ", "from the "))


def _is_date(side: str, *, behind: str = "") -> bool:
    return any(one.end - one.start >= len(side) / 2 for one in dates_in(behind + side, today=_ANY_DAY))
