"""Sentences: where they end, by rules, in scripts with capitals and without, with spaces and without.

A full stop ends a sentence where white space follows and what comes next can begin one; not after a title, an initial,
or a number that counts, and after what may stand at an end or not (etc., U.S., p.m.) only before a word that opens
sentences. Question and exclamation marks end one unless small letters go on. Stops of Chinese, Japanese, Devanagari
and others need no space. A line's end ends nothing: lines are wrapped. A script without stops is one sentence.
"""

import re
import unicodedata

from lamina.ingest.abbreviations import ABBREVIATIONS, COUNTED, MONTHS, OPENING_WORDS, TITLES

#: What may stand between a stop and the space after it.
_CLOSERS = "\"'”’»›)\\]}」』）】》〉"
#: What may stand before the first letter of a sentence.
_OPENERS = "\"'“‘„«‹([{¿¡*_`「『（【《〈—–-"
_STOP = re.compile(rf"(?P<bare>[。！？｡।॥။។៕።፧፨])[{_CLOSERS}]*\s*|(?P<spaced>[.!?…؟۔։‼⁇⁈⁉]+)[{_CLOSERS}]*(?=\s|\Z)\s*")
_LAST_WORD = re.compile(rf"(?:^|[\s{re.escape('([{—–/“‘„«')}\"'])((?:\w+\.)*\w+)$")
_FIRST_WORD = re.compile(r"\w+")
#: How far back the word before a stop, and how far on the word after it, are looked for.
_ROOM = 24


def sentence_ends(text: str) -> list[int]:
    """Give where the sentences of `text` end, white space after them included; the last end is the text's own."""
    ends: list[int] = []
    has_capitals = text != text.lower()
    start = 0
    for stop in _STOP.finditer(text):
        end = stop.end()
        if end >= len(text):
            break
        if stop["bare"] or _ends(text, start, stop, has_capitals=has_capitals):
            ends.append(end)
            start = end
    return [*ends, len(text)] if text else []


def _ends(text: str, start: int, stop: re.Match[str], *, has_capitals: bool) -> bool:
    following = text[stop.end() : stop.end() + _ROOM].lstrip(_OPENERS)
    if has_capitals and following[:1].islower():
        return False
    if stop["spaced"] != ".":
        return True
    said = text[max(start, stop.start() - _ROOM) : stop.start()]
    before = _LAST_WORD.search(said)
    if before is None:
        return not said[-1:].isspace()
    word, first = before[1], _FIRST_WORD.match(following)
    next_word = first[0].lower() if first else ""
    if word.isdecimal():
        is_counter = len(said) < _ROOM and not said[: before.start(1)].strip(_OPENERS + " \t\n")
        return not (is_counter or (len(word) <= 2 and next_word in MONTHS))
    if len(word) == 1 and word != "I" and (word.isupper() or len(next_word) == 1):
        return False
    known = word.lower()
    if known in ABBREVIATIONS or "." in word:
        return known not in TITLES and next_word in OPENING_WORDS
    return not _is_title(known, next_word)


def _is_title(word: str, next_word: str) -> bool:
    """Say whether something is named after `word`; "no." and what is alike only before a number."""
    if word in COUNTED:
        return next_word[:1].isdecimal()
    return word in TITLES


def may_cut(text: str, place: int) -> bool:
    """Say whether a text may be cut before the character at `place`: not within a letter and its marks, nor CRLF."""
    if text[place - 1 : place + 1] == "\r\n":
        return False
    joins = "\u200d" in text[place - 1 : place + 1]
    return not joins and not unicodedata.category(text[place]).startswith("M")
