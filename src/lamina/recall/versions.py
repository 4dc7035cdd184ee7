"""Versions: two texts that say the same with another value, such as "My rent is 740 euros" and "… 760 euros".

Their sentences begin and end alike, and so do most of their words; what stands between is the value.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence

#: Of the longer sentence's words so many are shared, at least, and so many in all.
SHARED, LEAST_SHARED = 0.5, 3
#: Of what a question asks for, by what its terms are worth, so much stands in what is shared.
ASKED = 0.6
#: So many sentences of a text are looked at, of so many words.
MOST_SENTENCES, MOST_WORDS = 40, 80
_SENTENCE = re.compile(r"(?<=[.!?,;])\s+|\n+|(?<=[。！？，；])")
_WORD = re.compile(r"\w+")


def statements(text: str) -> list[tuple[str, ...]]:
    """Give the words of the sentences and clauses of a text, as far as it is looked at."""
    split = (_WORD.findall(sentence.casefold()) for sentence in _SENTENCE.split(text)[:MOST_SENTENCES])
    return [tuple(words) for words in split if LEAST_SHARED < len(words) <= MOST_WORDS]


def are_versions(
    one: Sequence[tuple[str, ...]],
    other: Sequence[tuple[str, ...]],
    *,
    asked: Mapping[str, float],
    analyse: Callable[[str], Collection[str]],
) -> bool:
    """Say whether a sentence of one text is one of the other with another value, and both hold what is asked.

    `asked` are the terms of a question with their worth.
    """
    return any(_is_version(mine, theirs, asked, analyse) for mine in one for theirs in other)


def _is_version(
    one: tuple[str, ...],
    other: tuple[str, ...],
    asked: Mapping[str, float],
    analyse: Callable[[str], Collection[str]],
) -> bool:
    shorter, longer = sorted((len(one), len(other)))
    begin = next((place for place in range(shorter) if one[place] != other[place]), shorter)
    end = next((place for place in range(shorter - begin) if one[-1 - place] != other[-1 - place]), shorter - begin)
    # Nothing stands between where one only adds words to the other.
    if begin + end == shorter or begin + end < max(LEAST_SHARED, SHARED * longer):
        return False
    shared = asked.keys() & set(analyse(" ".join(one[:begin] + one[len(one) - end :])))
    if sum(asked[term] for term in shared) < ASKED * sum(asked.values()):
        return False
    return all(shared == asked.keys() & set(analyse(" ".join(words))) for words in (one, other))
