"""Versions: two texts that say the same with another value, such as "My rent is 740 euros" and "… 760 euros".

Their sentences begin and end alike, and so do most of their words; what stands between is the value. Only values of one
form fill the same place: "I live in Nice" is newer than "I live in Lyon", and "I live in fear" is something else. What
tells no form, such as a text without capitals, may be any.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from lamina.core.explanation import QuestionKind
from lamina.recall.counts import NUMBERS

#: Of the longer sentence's words so many are shared, at least, and so many in all.
SHARED, LEAST_SHARED = 0.5, 3
#: Of what a question asks for, by what its terms are worth, so much stands in what is shared.
ASKED = 0.6
#: So many sentences of a text are looked at, of so many words.
MOST_SENTENCES, MOST_WORDS = 40, 80
_SENTENCE = re.compile(r"(?<=[.!?,;])\s+|\n+|(?<=[。！？，；])")
_WORD = re.compile(r"\w+")
#: Before these stands, or they are, something particular, as a name is: "the brewery", "home", "tomorrow", "nobody".
_PARTICULAR = frozenset(
    "the this that these those my our your his her its their home here there today tonight tomorrow next "
    "nobody nothing none no".split()
)
_KIND = frozenset("a an some".split())
#: They stand inside names.
_INSIDE = frozenset("of the and de la".split())


class Form(StrEnum):
    """What a value looks like."""

    NAME = "name"
    NUMBER = "number"
    WORDS = "words"


ANY_FORM = frozenset(Form)
#: What answers a question looks like, where that can be told.
_WANTED = {
    QuestionKind.WHO: frozenset({Form.NAME}),
    QuestionKind.WHERE: frozenset({Form.NAME}),
    QuestionKind.HOW_MANY: frozenset({Form.NUMBER}),
    QuestionKind.DURATION: frozenset({Form.NUMBER}),
    QuestionKind.WHEN: frozenset({Form.NUMBER, Form.NAME}),
}


class Statement(NamedTuple):
    """A sentence or clause: its words in one case, and as they are written."""

    words: tuple[str, ...]
    written: tuple[str, ...]
    #: Whether capitals tell anything: not in a text that has none, or nothing else.
    is_cased: bool


class Asked(NamedTuple):
    """What a question asks of statements."""

    #: Its terms with their worth.
    worth: Mapping[str, float]
    analyse: Callable[[str], Collection[str]]
    kind: QuestionKind = QuestionKind.OTHER

    @property
    def tells_form(self) -> bool:
        """Whether it is known what an answer looks like."""
        return self.kind in _WANTED


def statements(text: str) -> list[Statement]:
    """Give the sentences and clauses of a text, as far as it is looked at."""
    is_cased = text != text.lower() and text != text.upper()
    split = (tuple(_WORD.findall(sentence)) for sentence in _SENTENCE.split(text)[:MOST_SENTENCES])
    return [
        Statement(tuple(map(str.casefold, words)), words, is_cased)
        for words in split
        if LEAST_SHARED < len(words) <= MOST_WORDS
    ]


def are_versions(one: Sequence[Statement], other: Sequence[Statement], asked: Asked) -> bool:
    """Say whether a sentence of one text is one of the other with another value of its form; both say what is asked."""
    return any(mine & theirs for mine, theirs in _forms(one, other, asked))


def is_beside_the_point(one: Sequence[Statement], other: Sequence[Statement], asked: Asked) -> bool:
    """Say whether one text only begins and ends like the other, whose value has the form that is asked for."""
    wanted = _WANTED.get(asked.kind)
    if wanted is None:
        return False
    found = list(_forms(one, other, asked))
    return any(theirs & wanted for _, theirs in found) and not any(mine & theirs for mine, theirs in found)


def _forms(
    one: Sequence[Statement], other: Sequence[Statement], asked: Asked
) -> Iterator[tuple[frozenset[Form], frozenset[Form]]]:
    """Give the forms of the two values of each two sentences that begin and end alike and hold what is asked."""
    for mine in one:
        for theirs in other:
            ends = _shared_ends(mine.words, theirs.words, asked)
            if ends is not None:
                yield _form(mine, *ends), _form(theirs, *ends)


def _shared_ends(one: tuple[str, ...], other: tuple[str, ...], asked: Asked) -> tuple[int, int] | None:
    """Give how many words two sentences share at their beginnings and ends; None where they are no versions."""
    shorter, longer = sorted((len(one), len(other)))
    begin = next((place for place in range(shorter) if one[place] != other[place]), shorter)
    end = next((place for place in range(shorter - begin) if one[-1 - place] != other[-1 - place]), shorter - begin)
    # Nothing stands between where one only adds words to the other.
    if begin + end == shorter or begin + end < max(LEAST_SHARED, SHARED * longer):
        return None
    terms = asked.worth.keys()
    shared = terms & set(asked.analyse(" ".join(one[:begin] + one[len(one) - end :])))
    if sum(asked.worth[term] for term in shared) < ASKED * sum(asked.worth.values()):
        return None
    is_all = all(shared == terms & set(asked.analyse(" ".join(words))) for words in (one, other))
    return (begin, end) if is_all else None


def _form(statement: Statement, begin: int, end: int) -> frozenset[Form]:
    """Give what the value between the shared words may be; a sentence begins with a capital whatever it is."""
    if not statement.is_cased or not begin:
        return ANY_FORM
    value = slice(begin, len(statement.words) - end)
    words, written = statement.words[value], statement.written[value]
    found = set[Form]()
    if any((word in NUMBERS and word not in _KIND) or any(map(str.isdigit, word)) for word in words):
        found.add(Form.NUMBER)
    is_capital = [word[0].isupper() and word != "I" for word in written if word not in _INSIDE]
    if any(is_capital):
        # "Bo Chen" is a name, "Thai food" and "a flat in Lyon" may be anything.
        found |= {Form.NAME} if all(is_capital) else {Form.NAME, Form.WORDS}
    # "In the workshop" and "in the Louvre", "in a flat" and "in a Tudor house".
    if statement.words[begin - 1] in _PARTICULAR | _KIND:
        found |= {Form.NAME, Form.WORDS}
    elif words[0] in _PARTICULAR and not found:
        found = {Form.NAME, Form.WORDS}
    return frozenset(found or {Form.WORDS})
