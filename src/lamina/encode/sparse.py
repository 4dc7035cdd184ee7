"""The lexical analyser: a text becomes terms, each text by itself, the same for documents and questions.

It serves every script: words of any alphabet; pairs of characters where words are not spaced; numbers, dates, names
with digits, addresses whole and in parts. English is stemmed (Snowball) and loses its stop words; other languages in
Latin letters meet the same stemmer on both sides, which does no harm. It knows no corpus: what a term is worth is the
index's to say. Whatever changes the terms of any text changes `ANALYSER`.
"""

import re
import threading
import unicodedata
from functools import cache, lru_cache

import Stemmer

from lamina.encode.stop_words import FEW, MANY

#: Names what made the terms.
ANALYSER = "lamina.terms@2"
PLAIN_ANALYSER = "lamina.plain_terms@1"
#: How many different words keep their terms at hand, and their stems; one costs about 500 bytes.
REMEMBERED_WORDS = 1 << 14
#: Characters of a word that count; what is longer is data, and only its beginning is a term.
LONGEST_WORD = 64
LONGEST_ADDRESS = 256

#: Scripts whose words are not spaced: Thai, Lao, Myanmar, Khmer, kana, Han. Hangul is spaced, but its words carry
#: endings; the pairs inside a word find it with any.
_UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e80-\u0ecf\u0edc-\u0eff\u1000-\u103f\u1050-\u109f\u1100-\u11ff\u1780-\u17d3"
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_PIECE = re.compile(f"([{_UNSPACED}]+)|[^{_UNSPACED}]+")
_HAN = re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_COMPOUND_NUMBER = r"\d+(?:[.,:]\d+)+|\d{4}-\d\d-\d\d(?!\d)"
_ASCII_TOKEN = re.compile(rf"{_COMPOUND_NUMBER}|[a-z0-9]+(?:'[a-z0-9]+)*")
_ADDRESS_MARKS = ("@", "://", "www.")
_AROUND_ADDRESS = "<>()[]{},;:.!?'\"/"
_PLAIN_TOKEN = re.compile(r"\b\w\w+\b")
_CONTRACTED = re.compile(r"'(?:s|m|re|ve|ll|d)$")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_COUNTED = re.compile(r"(\d+)([^\W\d]+)")
_LEADING_ZEROS = re.compile(r"^0+(?=\d)")
_LATIN_ACCENTS = re.compile("(?<=[a-z])[\u0300-\u036f]+")
_ORDINALS = frozenset({"st", "nd", "rd", "th"})
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
#: What typography puts in the place of ASCII, and what stands inside words unseen: joiners, soft hyphens.
_TYPOGRAPHY = str.maketrans(
    "\u2018\u2019\u02bc\u201c\u201d\u2013\u2014\u2026\u00a0", "'''\"\"--. ", "\u00ad\u200b\u200c\u200d\ufeff"
)


def terms(text: str, *, stop: frozenset[str] = MANY) -> list[str]:
    """Give the terms of `text` in its order, repeated as they recur, without the `stop` words; none without words.

    Upper and lower case give the same. Takes any string, unpaired surrogates too.
    """
    text = text.lower() if text.isascii() else _folded(text)
    found: list[str] = []
    for token in (_ASCII_TOKEN if text.isascii() else _token()).findall(text):
        found += _terms_of(token, stop) if len(token) <= LONGEST_WORD else _terms_of.__wrapped__(token, stop)
    if any(mark in text for mark in _ADDRESS_MARKS):
        found += _addresses(text)
    return found


def plain_terms(text: str) -> list[str]:
    """Give terms as published BM25 baselines take them: stemmed words of two letters or more, the stop list `FEW`.

    For baselines to compare with: looks after no numbers, names, accents or scripts.
    """
    return [_stemmed(word) for word in _PLAIN_TOKEN.findall(text.lower()) if word not in FEW]


def _folded(text: str) -> str:
    """Give one form for all spellings of a text: typography, compatibility forms, case, accents on Latin letters."""
    text = text.translate(_TYPOGRAPHY)
    if text.isascii():
        return text.lower()
    # Folding case can undo the normal form, and the normal form bring back case: hence twice (Unicode, D146).
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", text).casefold()).casefold()
    text = unicodedata.normalize("NFKC", _LATIN_ACCENTS.sub("", unicodedata.normalize("NFKD", text)))
    return text if text.isascii() else text.translate(_TYPOGRAPHY)


@cache
def _token() -> re.Pattern[str]:
    """Give the pattern of a token in any script; marks, which are no letters, belong to the word they stand on."""
    codes = (*range(0x300, 0x20000), *range(0xE0000, 0xE0200))
    marks = "".join(char for char in map(chr, codes) if unicodedata.category(char) in {"Mn", "Mc"})
    inside = rf"(?:[^\W_]|[{_UNSPACED}{marks}])"
    return re.compile(rf"{_COMPOUND_NUMBER}|(?:[^\W_]|[{_UNSPACED}]){inside}*(?:'{inside}+)*")


@lru_cache(maxsize=REMEMBERED_WORDS)
def _terms_of(token: str, stop: frozenset[str]) -> tuple[str, ...]:
    """Give the terms of one token, which is folded already."""
    if token.isascii():
        return _spaced_terms(token, stop)
    found: list[str] = []
    for piece in _PIECE.finditer(token):
        found += _pairs(piece[1]) if piece[1] else _spaced_terms(piece[0], stop)
    return tuple(found)


def _spaced_terms(token: str, stop: frozenset[str]) -> tuple[str, ...]:
    return _number_terms(token, stop) if token[0].isdecimal() else _word_terms(token, stop)


def _addresses(text: str) -> list[str]:
    """Give the mail and web addresses in `text`, whole."""
    chunks = (chunk.strip(_AROUND_ADDRESS) for chunk in text.split() if any(mark in chunk for mark in _ADDRESS_MARKS))
    return [chunk for chunk in chunks if 0 < len(chunk) <= LONGEST_ADDRESS]


def _pairs(run: str) -> list[str]:
    """Give the pairs of neighbouring characters; Han characters also singly, because one of them can be a word."""
    if len(run) == 1:
        return [run]
    return [run[place : place + 2] for place in range(len(run) - 1)] + _HAN.findall(run)


def _word_terms(word: str, stop: frozenset[str]) -> tuple[str, ...]:
    word = _CONTRACTED.sub("", word).replace("'", "")
    return (_stemmed(word[:LONGEST_WORD]),) if word and word not in stop else ()


def _number_terms(token: str, stop: frozenset[str]) -> tuple[str, ...]:
    """Give a number without grouping and leading zeros, a date as year, month and day, `5pm` as two."""
    date = _DATE.fullmatch(token)
    if date and 1 <= int(date[2]) <= len(_MONTHS):
        return (_bare(date[1]), _stemmed(_MONTHS[int(date[2]) - 1]), _bare(date[3]))
    counted = _COUNTED.fullmatch(token)
    if counted:
        return (_bare(counted[1]), *(() if counted[2] in _ORDINALS else _terms_of(counted[2], stop)))
    if _GROUPED.fullmatch(token):
        return (_bare(token.replace(",", "")),)
    return tuple(_bare(part) for part in re.split(r"[,-]", token))


def _bare(number: str) -> str:
    """Give a number in ASCII digits without leading zeros."""
    digits = "".join(str(unicodedata.decimal(char, char)) for char in number)
    return _LEADING_ZEROS.sub("", digits)[:LONGEST_WORD]


@lru_cache(maxsize=REMEMBERED_WORDS)
def _stemmed(word: str) -> str:
    return str(_stemmer().stemWord(word)) if word.isascii() else word


_OF_THREAD = threading.local()


def _stemmer() -> Stemmer.Stemmer:
    """Give this thread's stemmer; one must not serve two threads at once."""
    if not hasattr(_OF_THREAD, "stemmer"):
        _OF_THREAD.stemmer = Stemmer.Stemmer("english")
    stemmer: Stemmer.Stemmer = _OF_THREAD.stemmer
    return stemmer
