"""Whether a text asks for what stands next to an event: "right after the trip", "the last thing before the trip"."""

import re

from lamina.recall.calendar_words import MONTHS, SEASONS, WEEKDAYS
from lamina.recall.dated import FLAGS, UNITS

#: What a "first" or "last" before it tells nothing of time, or names a day.
NO_END = "|".join(
    [
        *"name names place prize floor class grade aid lady person language impression hand half minute resort".split(),
        *"hour cousin cousins row page line of two three four few couple rites night weekend quarter christmas".split(),
        *(f"{unit}s?" for unit in UNITS),
        *WEEKDAYS,
        *MONTHS,
        *SEASONS,
    ]
)
#: So far before the side of an event is looked.
_REACH = 120
#: Right before the side of an event. "How soon after" asks how long it was, and "not just after" parts nothing.
_RIGHT = re.compile(
    r"(?<!\bnot )(?<!n't )(?<!\bhow )(?<!\btoo )(?<!\bas )"
    r"\b(?:(?:right|just|immediately|directly|straight|(?:very )?(?:soon|shortly))|not long) $",
    FLAGS,
)
#: Unlike elsewhere, the first person and the last place are some that somebody met and saw.
_NONE = rf"(?! (?!(?:person|place)\b)(?:{NO_END}|door|to|at|\d+)\b)"
_SOME = r"[^,.;:?!\n]*"
_WHO = r"(?:i|we|you|he|she|they|(?-i:[A-Z])\w+)"
#: Before an "after": "the first book that I read", "what did Ada do next".
_FIRST = re.compile(rf"\b(?:first|next)\b{_NONE}{_SOME} $", FLAGS)
#: Before a "before": "the last thing that Ada did", "where did I last go"; not "how long did it last".
_LAST = re.compile(
    rf"\b(?:the|whose|my|our|your|his|her|their|\w+['’]s)(?: very)? last\b{_NONE}{_SOME} $"
    rf"|\bdid {_WHO} last (?!(?:an?|in|for)\b)\w{_SOME} $"
    rf"|\b(?:did {_WHO} \w+|came|happened|happen) last $",
    FLAGS,
)
_CLUES = ("first", "next", "last")
#: What is asked of every time, or of what should be, happened at none.
_ALWAYS = re.compile(r"\b(?:do(?:n't)?|does(?:n't)?|should|can|could|may|might|must)\b", FLAGS)
_ONCE = re.compile(r"\b(?:did|didn't|was|were|had|happened|came|took)\b", FLAGS)
_HABIT = re.compile(r"\b(?:usually|always|often|normally|typically|every|each)\b", FLAGS)


def next_to(text: str, side: int, *, is_before: bool) -> int | None:
    """Say where a text tells that the nearest to an event is asked for, by where its "before" or "after" begins.

    Where that is told farther away, it is the side itself; None where it is not told.
    """
    ahead = text[max(side - _REACH, 0) : side]
    right = _RIGHT.search(ahead)
    lowered = ahead.lower()
    is_told = right is not None or (
        any(clue in lowered for clue in _CLUES) and (_LAST if is_before else _FIRST).search(ahead) is not None
    )
    if not is_told or _HABIT.search(text) or (_ALWAYS.search(text) and not _ONCE.search(text)):
        return None
    return side if right is None else side - len(ahead) + right.start()
