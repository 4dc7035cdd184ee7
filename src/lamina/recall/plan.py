"""What a question asks: its terms, whose words it asks for, and the days that it speaks of."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from lamina.recall.days import Days, named_days

_WORD = re.compile(r"\w+")
#: Roles, and the English words by which a question means them: who asks is the user. Without `mine` and `us`, which
#: read like a pit and a country.
_PERSONS = (
    ("user", frozenset("i me my myself we our ours ourselves im ive".split())),
    ("assistant", frozenset("you your yours yourself".split())),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question, understood as far as rules go."""

    terms: tuple[str, ...]
    #: The speakers of the scope that the question names, as the scope writes them.
    speakers: tuple[str, ...]
    #: The terms that are parts of those names; they stand in every question about a person and tell nothing of it.
    name_terms: frozenset[str]
    #: The roles that it means by "I" and "you".
    roles: tuple[str, ...]
    days: tuple[Days, ...]


def understand(
    text: str, *, at: datetime | None, speakers: Iterable[str], analyse: Callable[[str], list[str]]
) -> Question:
    """Read a question; `speakers` are all of the scope, `at` is the moment of asking.

    A speaker is named where every word of the name, or the first of several, stands in the question as a word. Where
    every speaker of the scope is named, or the scope has only one, naming tells nothing, and none is given.
    """
    words = {word.casefold() for word in _WORD.findall(text)}
    everyone = sorted(set(speakers))
    named = tuple(speaker for speaker in everyone if _is_named(speaker, words))
    return Question(
        terms=tuple(analyse(text)),
        speakers=named if len(named) < len(everyone) else (),
        name_terms=frozenset(term for speaker in everyone for term in analyse(speaker)),
        roles=tuple(role for role, persons in _PERSONS if persons & words),
        days=named_days(text, at=at),
    )


def _is_named(speaker: str, words: set[str]) -> bool:
    parts = [word.casefold() for word in _WORD.findall(speaker)]
    return bool(parts) and (all(part in words for part in parts) or (len(parts) > 1 and parts[0] in words))
