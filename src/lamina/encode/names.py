"""Names in a text, and the title of a text: what one text names, another may be about.

Without a model: a name is a run of words with capitals or digits, such as "Bank of England", and each run inside it;
scripts without capitals have none. A title is the short first line of a text that nobody says. Both are compared by
their words, in lower case.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from lamina.core.documents import DOCUMENT
from lamina.core.layers import Modality
from lamina.core.rows import IndexRow
from lamina.encode.stop_words import MANY

#: Names what finds names.
NAMER = "lamina.names@2"
#: No name has more words than this; of longer runs those inside are names.
MOST_WORDS = 6
#: Of a text the first names count: lists and tables would have thousands, and every one is looked up.
MOST_NAMES = 128
#: And no further than so far: a long text may name a few things over and over.
MOST_CHARACTERS = 1 << 15
#: Of a question the first words count as titles that it may name.
MOST_WORDS_ASKED = 40
#: A longer run is cut: capitals from end to end.
LONGEST_RUN = 64
#: A longer first line is no title.
LONGEST_TITLE = 100
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s$")
#: What may stand between two words of a name: blanks, hyphens, `&`; and the full stop behind an initial.
_BETWEEN = re.compile(r"[ \t\u00a0&–-]{1,3}")
_AFTER_INITIAL = re.compile(r"\.[ \t\u00a0]?")
_INSIDE = frozenset("of the and de la le von van der den di da del du for in on at to".split())
#: Behind these a noun in small letters is a thing.
_ARTICLES = frozenset("a an the my your his her its our their this that these those".split())
_SEVERAL_MEANINGS = re.compile(r"\([^()]*\)$")
#: How a line ends that goes on below.
_GOES_ON = (",", ";", ":")
#: No term begins so: what is titled, who names something, and who does so under a title.
_TITLED, _SAYS, _TELLS = "\0titled ", "\0says ", "\0tells "


def names(text: str) -> list[str]:
    """Give the different names in `text`, in lower case, in the order in which they are first seen; the first of many.

    A number is none by itself.
    """
    found: dict[str, None] = {}
    for run in _runs(_composed(text[:MOST_CHARACTERS])):
        if len(found) >= MOST_NAMES:
            break
        ends = [place for place, (_, is_capital) in enumerate(run, start=1) if is_capital]
        for place, last in enumerate(ends):
            for first in ends[max(place - MOST_WORDS + 1, 0) : place + 1]:
                words = [word for word, _ in run[first - 1 : last]]
                if len(words) <= MOST_WORDS and _is_name(words):
                    found[" ".join(words)] = None
    return list(found)[:MOST_NAMES]


def title_of(text: str) -> tuple[str, str] | None:
    """Give the title of a text, by its words in lower case, and what stands below; None where there is no title."""
    line, _, body = text.partition("\n")
    if not body.strip() or len(line) > LONGEST_TITLE or line.rstrip().endswith(_GOES_ON):
        return None
    title = plain_title(line)
    return (title, body) if title else None


def plain_title(line: str) -> str:
    """Give a title by its words, in lower case, without what tells it from others of that name: "(film)"."""
    line = _SEVERAL_MEANINGS.sub("", _composed(line).strip().lstrip("#"))
    return " ".join(_lower(match[0]) for match in _WORD.finditer(line))


def marks_of(row: IndexRow) -> list[str]:
    """Give the keys under which a row is looked for by its titles and by what it names; none is a term."""
    metadata = row.metadata if row.modality == Modality.PASSAGE else None
    around = above(row.session_name, json.loads(metadata)) if metadata else []
    titles, body = titled(row.text, is_said=row.speaker is not None or row.role is not None, around=around)
    marks = [(_TELLS if titles else _SAYS) + name for name in names(body)]
    return [*titled_keys(titles), *marks]


def titled(text: str, *, is_said: bool, around: Sequence[str] = ()) -> tuple[list[str], str]:
    """Give the titles of a text, none where it has none, and the words in which it may name others.

    `around` are those that stand above a passage of a document; what somebody said has no other.
    """
    if around:
        return list(dict.fromkeys(title for title in map(plain_title, around) if title)), text
    own = None if is_said else title_of(text)
    return ([own[0]], own[1]) if own else ([], text)


def above(session: str | None, metadata: Mapping[str, object]) -> list[str]:
    """Give the titles above a passage with this metadata: its document's, which is its session, and its section's."""
    kept = metadata.get(DOCUMENT)
    path = kept.get("path") if isinstance(kept, Mapping) else None
    section = path[-1:] if isinstance(path, list) else []
    return [title for title in (session, *section) if isinstance(title, str)]


def phrases(text: str) -> list[str]:
    """Give the runs of words in the beginning of `text` that may be a title, in lower case and whatever its capitals.

    None begins or ends with a function word, and none is a number. A word alone in small letters behind an article is
    what it says, and no title: "Who fixed the boiler?" asks for no text about boilers.
    """
    written = [match[0] for match in _WORD.finditer(_composed(text[:MOST_CHARACTERS]))][:MOST_WORDS_ASKED]
    words = list(map(_lower, written))
    ends = [place for place, word in enumerate(words) if word not in MANY]
    things = {place for place in ends if written[place].islower() and words[max(place - 1, 0)] in _ARTICLES}
    found: dict[str, None] = {}
    for first in ends:
        for last in ends:
            if not first <= last < first + MOST_WORDS or all(word.isdecimal() for word in words[first : last + 1]):
                continue
            if first < last or first not in things:
                found[" ".join(words[first : last + 1])] = None
    return list(found)


def titled_key(name: str) -> str:
    """Give the key of rows whose title is a name."""
    return _TITLED + name


def titled_keys(names_in: Sequence[str]) -> list[str]:
    """Give the keys of rows whose title is one of some names."""
    return [_TITLED + name for name in names_in]


def naming_keys(titles: Sequence[str]) -> list[str]:
    """Give the keys of rows that name one of some titles."""
    return [kind + title for title in titles for kind in (_SAYS, _TELLS)]


def telling_keys(names_in: Sequence[str]) -> list[str]:
    """Give the keys of rows with a title that name one of some names."""
    return [_TELLS + name for name in names_in]


def _runs(text: str) -> Iterator[list[tuple[str, bool]]]:
    """Give the runs of words that may be names: each word in lower case, and whether it has a capital or a digit."""
    run: list[tuple[str, bool]] = []
    end = 0
    for match in _WORD.finditer(text):
        word = match[0]
        is_capital = word[0].isupper() or word[0].isdecimal()
        if run:
            between = text[end : match.start()]
            is_near = between == " " or _BETWEEN.fullmatch(between)
            if not is_near and not (len(run[-1][0]) == 1 and _AFTER_INITIAL.fullmatch(between)):
                yield run
                run = []
        end = match.end()
        if is_capital:
            run.append((_lower(word), True))
            if len(run) >= LONGEST_RUN:
                yield run
                run = []
        elif run and word in _INSIDE:
            run.append((word, False))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _composed(text: str) -> str:
    """Give one form for a letter with its accents, however it was put together."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _is_name(words: Sequence[str]) -> bool:
    if len(words) == 1:
        return words[0] not in MANY and not words[0][0].isdecimal()
    return not all(word[0].isdecimal() for word in words)


def _lower(word: str) -> str:
    # Most words have no apostrophe, and looking for one is quicker than for an ending.
    is_plain = "'" not in word and "’" not in word
    return word.casefold() if is_plain else _POSSESSIVE.sub("", word).casefold()
