"""Spelling: a word of a question that its scope does not hold is often one slip away from one that it does.

A slip: a letter left out, one too many, another one, or two swapped (Damerau, 1964: four of five misspellings). What
the scope holds is read as it stands, however it is spelled, and so is a word that the encoder knows whole. Of several
words that may be meant the one is taken that most rows hold, and a function word before any.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from lamina.recall.languages import KNOWN_WORDS, Language, language_of

#: Shorter words have too many neighbours; longer ones are data.
LEAST_LETTERS, MOST_LETTERS = 4, 24
#: So many different words of a question are looked at, and so many mended: each of these costs some hundred look-ups.
MOST_WORDS, MOST_MENDED = 64, 8
#: The letters that may have been left out or mistaken. In other scripts a letter is only taken away, or two swapped.
LETTERS = "abcdefghijklmnopqrstuvwxyz"
#: So much of a text is looked through for how a word is written there.
MOST_CHARACTERS = 20_000
_WORD = re.compile(r"[^\W\d_]+")
_PRONOUNS = "who whom whose which what when where why how"
_AUXILIARIES = "did does do is are was were will would can could should has have had"
#: What stands before a word that begins a sentence.
_BEGINS = re.compile(r"(?:^|[.!?:\n])[^\w]*$")
_ASKING = frozenset(f"{_PRONOUNS} {_AUXILIARIES}".split())


def _always(word: str) -> bool:
    del word
    return True


def marked(text: str) -> str:
    """Give an English question that ends in a word or number with its question mark, for the encoder.

    On dialogue R@5 is 78 where the mark is left out, and 80.5 with it, whatever other marks are there.
    """
    first = _WORD.search(text)
    is_asking = first is not None and first[0].lower() in _ASKING
    return f"{text.rstrip()}?" if is_asking and text.rstrip()[-1].isalnum() else text


def spelled(
    text: str,
    *,
    analyse: Callable[[str], list[str]],
    count_holders: Callable[[Sequence[str]], Sequence[int]],
    knows: Callable[[str], bool],
    may_tell: Callable[[str], bool] = _always,
) -> dict[str, str]:
    """Give the words of a question that seem misspelled, in lower case, with what they are read as.

    `analyse` gives a word's terms, `count_holders` how many rows hold each of some terms, `knows` says whether the
    encoder knows a word whole, and `may_tell` whether whoever asks may see that a word is held. In German and French
    their own words of grammar are left, and none is read as an English one.
    """
    language = language_of(text)
    own = frozenset[str]() if language is Language.ENGLISH else KNOWN_WORDS[language]
    terms_of = {word: analyse(word) for word in _long_words(text) if word not in own}
    doubtful = [word for word, terms in terms_of.items() if len(terms) == 1 and not knows(word)]
    # Two words of one stem are asked for once.
    asked = list(dict.fromkeys(terms_of[word][0] for word in doubtful))
    unknown = {term for term, count in zip(asked, count_holders(asked), strict=True) if not count}
    lost = [word for word in doubtful if terms_of[word][0] in unknown][:MOST_MENDED]
    is_english = language is Language.ENGLISH
    meant = {word: _meant(word, analyse, count_holders, knows, may_tell, may_be_function=is_english) for word in lost}
    return {word: other for word, other in meant.items() if other is not None}


def respelled(text: str, words: Mapping[str, str]) -> str:
    """Give a text with some words read as others; the first letter stays a capital where it is one."""

    def other(match: re.Match[str]) -> str:
        meant = words.get(match[0].lower())
        if meant is None:
            return match[0]
        return meant.capitalize() if match[0][0].isupper() else meant

    return _WORD.sub(other, text)


class Written(NamedTuple):
    """A word as texts write it."""

    word: str
    #: Whether it has a capital wherever it stands, as names have.
    is_name: bool


def written(meant: str, texts: Iterable[str], *, analyse: Callable[[str], list[str]]) -> Written | None:
    """Give the word of some texts that has the term of `meant`; None without one.

    Of several `meant` itself, in small letters or with a capital, else the one that is written most.
    """
    term = analyse(meant)
    counts = Counter[str]()
    words_of: dict[str, bool] = {}
    for text in texts:
        for match in _WORD.finditer(text[:MOST_CHARACTERS]):
            word = match[0]
            if word not in words_of:
                words_of[word] = analyse(word) == term
            if words_of[word]:
                counts[word] += 1
    if not counts:
        return None
    words = [word for word, _ in counts.most_common()]
    best = next((word for word in words if word.lower() == meant), words[0])
    return Written(best, is_name=all(word[0].isupper() for word in words))


def capitals_inside(text: str) -> frozenset[str]:
    """Give the words, in lower case, that have a capital where no sentence begins: names, in English."""
    return frozenset(
        match[0].lower()
        for match in _WORD.finditer(text)
        if match[0][0].isupper() and not _BEGINS.search(text, max(match.start() - 8, 0), match.start())
    )


def one_slip_away(word: str) -> list[str]:
    """Give every word that `word` may be with one slip, each once."""
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    found = [head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1]
    found += [head + tail[1:] for head, tail in cuts if tail]
    found += [head + letter + tail[1:] for head, tail in cuts if tail for letter in LETTERS]
    found += [head + letter + tail for head, tail in cuts for letter in LETTERS]
    return [other for other in dict.fromkeys(found) if other != word]


def _long_words(text: str) -> list[str]:
    words = dict.fromkeys(match[0].lower() for match in _WORD.finditer(text))
    return [word for word in words if LEAST_LETTERS <= len(word) <= MOST_LETTERS][:MOST_WORDS]


def _meant(
    word: str,
    analyse: Callable[[str], list[str]],
    count_holders: Callable[[Sequence[str]], Sequence[int]],
    knows: Callable[[str], bool],
    may_tell: Callable[[str], bool],
    *,
    may_be_function: bool,
) -> str | None:
    """Give what a word is most likely to mean; None where nothing held is near."""
    by_term: dict[str, list[str]] = {}
    for other in one_slip_away(word):
        terms = analyse(other)
        if not terms and may_be_function:
            return other
        if len(terms) == 1:
            by_term.setdefault(terms[0], []).append(other)
    counts = zip(by_term, count_holders(list(by_term)), strict=True)
    for term, _ in sorted(((term, count) for term, count in counts if count), key=lambda held: -held[1]):
        # Much that is no word has the stem of one.
        for other in by_term[term]:
            if (other == term or knows(other)) and may_tell(other):
                return other
    return None
