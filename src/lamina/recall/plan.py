"""What a question asks: its kind, its terms, whose words it asks for, and the days that it speaks of."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from lamina.core.explanation import End, QuestionKind
from lamina.recall.days import Days
from lamina.recall.ends import asks_for_former, asks_for_previous, asks_what_lay_between, end_of, sides_of
from lamina.recall.kinds import kind_of, wants_several
from lamina.recall.languages import KNOWN_WORDS, Language, language_of
from lamina.recall.ranges import Relative, days_and_rest, relative_to

_WORD = re.compile(r"\w+")
#: How an order is asked for: no words of what was said.
_ORDER = re.compile(
    r"\bin (?:what|which|(?:the )?(?:right|correct|chronological)) order\b|\bthe (?:chronological )?order in which\b"
    r"|\bin welcher reihenfolge\b|\bdans quel ordre\b",
    re.IGNORECASE,
)
#: Words by which a question asks for whatever there is, and none of what was said. What is left beside them, names and
#: dates is what it asks about.
_WHATEVER = (
    "what when happen happened happening go goes going went on talk talked talking tell told telling say said saying "
    "discuss discussed speak spoke spoken chat chatted do did does done doing mention mentioned know known anything "
    "everything something all thing things about conversation conversations dialogue summary summarise "
    "summarize "  # codespell:ignore
    "recap overview remember memory new topic topics event events day days night week weeks weekend month months year "
    "years date time today yesterday last next this past ago since until between from first second third early late "
    "mid morning evening afternoon monday tuesday wednesday thursday friday saturday sunday january february march "
    "april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec"
)
_WHATEVER_ELSEWHERE = (
    "los machten gemacht getan gesagt sagten erzählt besprochen gesprochen "
    "fait fais dit disons passé passe arrivé parlé discuté raconté passer arriver faire"
)
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
#: Chinese is written without blanks: what stands together must be made of such words, or it asks about something.
_WHATEVER_IN_CHINESE = re.compile(
    f"(?<![{_HAN}])(?:发生|出现|什么|哪些|怎么样|怎么|事情|事|我们|我|你们|你|他们|他|她们|她|大家|做|干|说|讲|谈论|谈|聊天|聊|提到|提|告诉|记得|知道|"
    f"去|过|了|都|又|还|也|有|是|会|将|要|被|把|到|至|和|与|或|在|从|于|的|地|得|吗|呢|啊|请|一切|所有|任何|全部|关于|哪里|哪儿|谁|给|"
    f"那天|当天|那时|期间|时候|之间|总结|回顾|概括|内容|对话|新)++(?![{_HAN}])"
)
#: With these whoever asks for a summary or an order asks for all of it.
_ALL_OF_IT = (
    "give list show write make provide share sort arrange put please short brief quick complete full whole entire "
    "overall far so now story timeline chronology chronological order sequence chat life "
    "gib gebt mach schreib mir uns zusammenfassung überblick gespräch unterhaltung unterhaltungen "
    "ein eine einen unser "  # codespell:ignore ein,unser
    "donne fais moi un de nos résumé"
)
#: Kinds that ask for one thing of somebody, and kinds that may ask for all there is.
_PARTICULAR = frozenset({QuestionKind.WHERE, QuestionKind.WHEN, QuestionKind.HOW_MANY, QuestionKind.DURATION})
_OF_ALL = frozenset({QuestionKind.SUMMARY, QuestionKind.ORDERING})
_APOSTROPHE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]")
_NUMBER = re.compile(r"\d+(?:st|nd|rd|th)?")
#: Roles, and the English words by which a question means them: who asks is the user. Without `mine` and `us`, which
#: read like a pit and a country.
_PERSONS = (
    ("user", frozenset("i me my myself we our ours ourselves im ive".split())),
    ("assistant", frozenset("you your yours yourself".split())),
)


_SAID = (
    "said|told|mentioned|recommended|suggested|advised|explained|gave|provided|listed|described|proposed|wrote|shared|"
    "showed|taught|asked"
)
_SAY = "say|tell|mention|recommend|suggest|advise|explain|give|provide|list|describe|propose|write|share|show|teach|ask"
_SOMETIME = r"(?:\w+ly|just|first|last|once|ever)"
_NOT_PASSIVE = r"(?<!\bwas )(?<!\bwere )(?<!\bam )(?<!\bare )"
#: Who is told to have said what is asked for: whoever else is named, it is in their words.
_TELLERS = tuple(
    (
        role,
        who,
        re.compile(
            rf"{_NOT_PASSIVE}\b{who} (?:{_SOMETIME} |had |have )?(?:{_SAID})\b"
            rf"|\bdid {who} (?:{_SOMETIME} )?(?:{_SAY})\b",
            re.IGNORECASE,
        ),
    )
    for role, who in (("user", "i"), ("assistant", "you"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question, understood as far as rules go."""

    text: str
    terms: tuple[str, ...]
    #: The speakers of the scope that the question names, as the scope writes them.
    speakers: tuple[str, ...]
    #: The terms that are parts of those names; they stand in every question about a person and tell nothing of it.
    name_terms: frozenset[str]
    #: The roles that it means by "I" and "you".
    roles: tuple[str, ...]
    days: tuple[Days, ...]
    #: Whether it asks for whatever there is of these days, or of somebody, or for a summary or the order of it all: it
    #: names nothing else.
    is_open: bool = False

    # What moves no score is read when it is asked for: it takes a tenth of a millisecond.

    @property
    def kind(self) -> QuestionKind:
        """What it asks for."""
        return kind_of(self.text)

    @property
    def wants_several(self) -> bool:
        """Whether it asks for several things."""
        return wants_several(self.text, kind=self.kind)

    @property
    def relative(self) -> Relative | None:
        """The event, no date, that it says something is before or after, and which."""
        return relative_to(self.text)

    @property
    def end(self) -> End | None:
        """The end of time that it asks for: the first, or the last and what holds now."""
        return end_of(self.text)

    @property
    def asks_for_former(self) -> bool:
        """Whether it asks for what was once, so that what is newer is no better."""
        return asks_for_former(self.text)

    @property
    def asks_for_previous(self) -> bool:
        """Whether it asks for the value before the one of now."""
        return asks_for_previous(self.text)

    @property
    def sides(self) -> tuple[str, ...]:
        """The two things that it parts or compares; nothing where it does not."""
        return sides_of(self.text)

    @property
    def asks_what_lay_between(self) -> bool:
        """Whether it asks for what was between its two sides, and not for these."""
        return asks_what_lay_between(self.text)


class Speakers:
    """The speakers of a scope, by the words of their names."""

    def __init__(self, names: Iterable[str], analyse: Callable[[str], list[str]]) -> None:
        """Read each name once."""
        everyone = sorted(set(names))
        self._count = len(everyone)
        self._by_first_word: dict[str, list[str]] = {}
        for name in everyone:
            words = _WORD.findall(name)
            if words:
                self._by_first_word.setdefault(words[0].casefold(), []).append(name)
        #: The terms that are parts of names.
        self.terms = frozenset(term for name in everyone for term in analyse(name))

    def named_in(self, words: set[str]) -> tuple[str, ...]:
        """Give the speakers whose first name stands among the words of a question, sorted.

        Where every speaker of the scope is named, or the scope has only one, naming tells nothing, and none is given.
        """
        named = sorted(name for word in words for name in self._by_first_word.get(word, ()))
        return tuple(named) if len(named) < self._count else ()


def understand(text: str, *, at: datetime | None, speakers: Speakers, analyse: Callable[[str], list[str]]) -> Question:
    """Read a question; `speakers` are all of the scope, `at` is the moment of asking."""
    words = {word.casefold() for word in _WORD.findall(text)}
    terms = tuple(analyse(_ORDER.sub(" ", text)) or analyse(text))
    days, rest = days_and_rest(text, at=at)
    about = _about(_ORDER.sub(" ", rest), analyse) if days else _but_whatever(terms, analyse, Language.ENGLISH)
    return Question(
        text=text,
        terms=terms,
        speakers=speakers.named_in(words),
        name_terms=speakers.terms,
        roles=_roles(text, words),
        days=days,
        is_open=_is_open(text, terms, about=about, days=days, names=speakers.terms, analyse=analyse),
    )


def _is_open(
    text: str,
    terms: tuple[str, ...],
    *,
    about: Sequence[str],
    days: tuple[Days, ...],
    names: frozenset[str],
    analyse: Callable[[str], list[str]],
) -> bool:
    """Say whether a question asks for whatever there is; `about` is what it says but words that ask for that."""
    others = [term for term in about if term not in names]
    if not others and days:
        return True
    if not others and about:
        kind = kind_of(text)
        # "Is Ada there?" names but her, and asks for one thing; "Did Ada say anything?" asks for whatever she said.
        return kind not in _PARTICULAR and (kind is not QuestionKind.YES_NO or len(terms) > len(about))
    return _all_of_it(analyse).issuperset(others) and kind_of(text) in _OF_ALL


@cache
def _all_of_it(analyse: Callable[[str], list[str]]) -> frozenset[str]:
    return frozenset(analyse(_ALL_OF_IT))


def _about(rest: str, analyse: Callable[[str], list[str]]) -> list[str]:
    """Give the terms of a question without its dates that tell what it asks about."""
    rest = rest if rest.isascii() else _WHATEVER_IN_CHINESE.sub(" ", rest)
    language = language_of(rest)
    # "Qu'ai-je" is a word of grammar and another.
    words = _APOSTROPHE.sub(" ", rest) if language is Language.FRENCH else rest
    return _but_whatever(analyse(words), analyse, language)


def _but_whatever(terms: Iterable[str], analyse: Callable[[str], list[str]], language: Language) -> list[str]:
    whatever = _whatever(analyse, language)
    return [term for term in terms if term not in whatever and not _NUMBER.fullmatch(term)]


@cache
def _whatever(analyse: Callable[[str], list[str]], language: Language) -> frozenset[str]:
    """Give the terms of words by which a question asks for whatever there is."""
    own = "" if language is Language.ENGLISH else " ".join([*KNOWN_WORDS[language], _WHATEVER_ELSEWHERE])
    return frozenset(analyse(f"{_WHATEVER} {own}"))


def _roles(text: str, words: set[str]) -> tuple[str, ...]:
    """Give whose words a text asks for: of the one who is told to have said it, else of all who are meant."""
    tellers = tuple(role for role, who, told in _TELLERS if who in words and told.search(text))
    return tellers if len(tellers) == 1 else tuple(role for role, persons in _PERSONS if persons & words)
