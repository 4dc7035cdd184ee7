"""Excerpts: which part of a long text is shown, cut at sentences and words.

Offsets are code points; every function gives `(start, end)` such that `text[start:end]` is what is shown and cited.
Scripts without spaces are cut between characters, never before a combining mark.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable

Span = tuple[int, int]

_SPACE = re.compile(r"\s+")
#: The space after a sentence: full stops, question and exclamation marks of Latin, CJK and Devanagari, or a line's end.
#: A run of blanks is looked at from its beginning alone, so that a long one takes no square of its length.
_SENTENCE_GAP = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？।])\s*|(?<![^\S\n])[^\S\n]*\n\s*")
#: A span is cut back to sentences only while at least this part of it remains.
KEPT_PART = 0.5
#: Longest gap between sentences that is looked for beyond the edges of a span, in characters.
_GAP_ROOM = 8
#: A longer sentence is shown in pieces, in characters.
MOST_SENTENCE = 300
_ZERO_WIDTH_JOINER = "\u200d"


def trimmed(text: str, span: Span) -> Span:
    """Give `span` without the white space at both ends; empty spans stay empty."""
    start, end = span
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    return start, max(start, start + len(part.strip()))


def aligned(text: str, span: Span) -> Span:
    """Give `span` cut back to whole sentences where half of it remains, else to whole words, else as it is."""
    start, end = max(0, span[0]), min(len(text), span[1])
    least = (end - start) * KEPT_PART
    starts, ends = _sentence_edges(text, start, end)
    first = start if start == 0 else min((edge for edge in starts if edge >= start), default=start)
    last = end if end == len(text) else max((edge for edge in ends if start < edge <= end), default=end)
    if last - first >= least:
        start, end = first, last
    return trimmed(text, _whole_words(text, (start, end)))


def sentences(text: str, span: Span) -> list[Span]:
    """Give the sentences of `span` in reading order, a very long one in pieces cut at words; none is blank."""
    start, stop = trimmed(text, span)
    found: list[Span] = []
    for edge in [gap.end() for gap in _SENTENCE_GAP.finditer(text, start, stop)] + [stop]:
        begin, end = trimmed(text, (start, edge))
        while end - begin > MOST_SENTENCE:
            most = begin + MOST_SENTENCE
            cuts = _cuts(text, begin, most)
            # The last cut is where the piece ends anyway, be it inside a word.
            cut = next((place for place in reversed(cuts[:-1]) if place > begin), most)
            found.append((begin, cut))
            begin, end = trimmed(text, (cut, end))
        if end > begin:
            found.append((begin, end))
        start = edge
    return found


def longest_prefix(text: str, span: Span, fits: Callable[[Span], bool]) -> Span | None:
    """Give the longest beginning of `span`, in whole words, that `fits`; None where not even the first one does.

    Looks at about log2(words) prefixes, so `fits` should not forbid a shorter one than it allows.
    """
    start, end = trimmed(text, span)
    cuts = _cuts(text, start, end)
    low, high = 0, len(cuts)
    while low < high:
        middle = (low + high) // 2
        if fits((start, cuts[middle])):
            low = middle + 1
        else:
            high = middle
    return (start, cuts[low - 1]) if low else None


def _cuts(text: str, start: int, end: int) -> list[int]:
    words = [gap.start() + start for gap in _SPACE.finditer(text[start:end])]
    if words:
        return [*words, end]
    return [place for place in range(start + 1, end) if _may_cut(text, place)] + [end] * (end > start)


def _may_cut(text: str, place: int) -> bool:
    joins = text[place] == _ZERO_WIDTH_JOINER or text[place - 1] == _ZERO_WIDTH_JOINER
    return not joins and not unicodedata.category(text[place]).startswith("M")


def _sentence_edges(text: str, start: int, end: int) -> tuple[list[int], list[int]]:
    # A little more on both sides, so that a gap that begins or ends exactly at an edge of the span is seen.
    window = (max(0, start - _GAP_ROOM), min(len(text), end + _GAP_ROOM))
    gaps = [gap.span() for gap in _SENTENCE_GAP.finditer(text, *window)]
    return [after for _, after in gaps], [before for before, _ in gaps]


def _whole_words(text: str, span: Span) -> Span:
    start, end = span
    spaces = [gap.span() for gap in _SPACE.finditer(text, start, end)]
    if start > 0 and not text[start - 1].isspace() and spaces and _between_letters(text, start):
        start = spaces[0][1]
    if end < len(text) and spaces and _between_letters(text, end):
        before = bisect_right([first for first, _ in spaces], end) - 1
        end = max(start, spaces[before][0])
    return (start, end) if end > start else span


def _between_letters(text: str, place: int) -> bool:
    return text[place - 1].isalnum() and text[place].isalnum()
