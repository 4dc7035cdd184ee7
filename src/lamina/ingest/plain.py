"""Plain text becomes a tree: headings by how they look, paragraphs between blank lines, items by their marks.

A heading is a short line that stands alone, ends like no sentence and has words after it; or one with a line of marks
under it. Three or more of one look in a row (verses, addresses, a table of contents) have nothing under them and are
no headings. Levels come from looks: a heading stands beside the open one that looks like it, under one of another look
that it follows at once, and under all that are open where its look is new.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lamina.core.documents import Block, BlockKind
from lamina.ingest.blocks import holding, says_something, sectioned, sentences, texts

#: Longest line that can be a heading, in characters, white space around it aside.
MOST_HEADING = 80
#: How many of one look may follow each other at once and still be headings.
MOST_RUN = 2
#: The lowest level that a heading has.
LOWEST_LEVEL = 6

_LINE = re.compile(r"[^\n\r\f\v\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\f\v\x1c-\x1e\x85\u2028\u2029]|\Z)")
_UNDERLINE = re.compile(r"([=\-~^\"#*+_`.:'])\1{2,}")
_ENDS_NO_HEADING = ".!?…,;:。！？，；：、-–—"
_CLOSERS = "\"'”’»)]_*="
_SENTENCE_WITHIN = re.compile(r"\w{3,}[.!?…][\"'”’»]?\s+[\"'“‘«]?[^\W\d_]")
_NUMBERED = re.compile(r"(?:§\s*)?((?:\d{1,3}\.)+\d{0,3}|\d{1,3}|[IVXLC]{1,7}\.|[A-Z]\.)\s+\S")
_NAMED = re.compile(
    r"(?:chapter|part|section|book|act|scene|appendix|kapitel|teil|anhang|chapitre|partie|capitolo|parte|cap[ií]tulo)"
    r"\s+(?:\d{1,3}|[ivxlc]{1,7}|[a-z])\b|第.{1,6}[章节節部回]",
    re.IGNORECASE,
)
_MARKED_ITEM = re.compile(r"[ \t]*(?:[-+*•◦▪‣·]|\d{1,3}[.)]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})\))[ \t]+\S")
_OPENS_SPEECH = "\"'“„«‘「『"


class _Look(StrEnum):
    """How a heading stands out, and so which headings are of one level."""

    NUMBERED = "numbered"
    NAMED = "named"
    CAPITALS = "capitals"
    UNDERLINED = "underlined"
    ALONE = "alone"


#: A look with what tells its levels apart: depth of numbers, mark of the underline, naming word.
_Seen = tuple[_Look, str]


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Lines between blank ones."""

    lines: tuple[tuple[int, int], ...]
    #: How it stands out as a heading; None = it is none.
    look: _Seen | None = None

    @property
    def start(self) -> int:
        return self.lines[0][0]

    @property
    def end(self) -> int:
        return self.lines[-1][1]


def read_plain(text: str) -> Block:
    """Give the tree of a plain text; any text is one."""
    blocks: list[Block] = []
    looks: list[_Seen] = []
    for paragraph in _with_headings(text, list(_paragraphs(text))):
        if paragraph.look is None:
            blocks.extend(_blocks(text, paragraph))
            continue
        follows = bool(blocks) and blocks[-1].kind is BlockKind.HEADING
        blocks.append(_heading(text, paragraph, level=_level(looks, paragraph.look, follows=follows)))
    return sectioned(text, blocks)


def _paragraphs(text: str) -> Iterator[_Paragraph]:
    held: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        start, end = line.span()
        is_blank = not text[start:end].strip()
        if held and is_blank:
            yield _Paragraph(tuple(held))
            held = []
        if not is_blank:
            held.append((start, end))
        if held and text[end - 1] in "\f\u2029":
            yield _Paragraph(tuple(held))
            held = []
    if held:
        yield _Paragraph(tuple(held))


def _with_headings(text: str, paragraphs: Sequence[_Paragraph]) -> list[_Paragraph]:
    """Give the paragraphs, headings with their look; those that end the text or follow too many alike are none."""
    looks = [_look(text, held) for held in paragraphs]
    place = 0
    while place < len(looks):
        stop = next((spot for spot in range(place, len(looks)) if looks[spot] is None), len(looks))
        counts = Counter(looks[place:stop])
        for spot in range(place, stop):
            if stop == len(looks) or counts[looks[spot]] > MOST_RUN:
                looks[spot] = None
        place = stop + 1
    return [_Paragraph(held.lines, look) for held, look in zip(paragraphs, looks, strict=True)]


def _look(text: str, paragraph: _Paragraph) -> _Seen | None:
    start, end = paragraph.lines[0]
    line = text[start:end].strip()
    if len(paragraph.lines) == 2:
        under = text[slice(*paragraph.lines[1])].strip()
        if _UNDERLINE.fullmatch(under) and 3 <= len(line) <= MOST_HEADING and len(under) >= len(line) // 2:
            return _Look.UNDERLINED, under[0]
        if _NAMED.match(line) and len(line) + len(under) <= MOST_HEADING and _can_head(under):
            return _Look.NAMED, line.split(maxsplit=1)[0].lower()
    if len(paragraph.lines) > 1 or not 2 <= len(line) <= MOST_HEADING or not says_something(line, 0, len(line)):
        return None
    if _NAMED.match(line):
        return _Look.NAMED, line.split(maxsplit=1)[0].lower()
    if not _can_head(line):
        return None
    number = _NUMBERED.match(line)
    if number is not None:
        return _Look.NUMBERED, _depth(number[1])
    return (_Look.CAPITALS, "") if line.isupper() else (_Look.ALONE, "")


def _can_head(line: str) -> bool:
    """Say whether a line ends like no sentence, holds none, and begins like no speech, remark or item."""
    bare = line.rstrip(_CLOSERS)
    if not bare or bare[-1] in _ENDS_NO_HEADING or line[0] in _OPENS_SPEECH or (line[0], line[-1]) == ("[", "]"):
        return False
    if _NUMBERED.match(line):
        return True
    first = next((letter for letter in line if letter.isalpha()), "")
    return not first.islower() and not _MARKED_ITEM.match(line) and not _SENTENCE_WITHIN.search(line)


def _depth(number: str) -> str:
    """Give how deep a number counts: 2 for `1.2`; Roman numbers and letters count by themselves."""
    if not number[0].isdecimal():
        return "letter"
    return str(len(number.strip(".").split(".")))


def _level(looks: list[_Seen], look: _Seen, *, follows: bool) -> int:
    """Give the level of a heading that `follows` another at once or does not; `looks` are those that are open."""
    if follows and looks[-1] != look and not _outranks(look, looks[-1]):
        looks.append(look)
    elif look in looks:
        while looks[-1] != look:
            looks.pop()
    else:
        while looks and _outranks(look, looks[-1]):
            looks.pop()
        looks.append(look)
    del looks[LOWEST_LEVEL:]
    return len(looks)


def _outranks(look: _Seen, other: _Seen) -> bool:
    """Say whether a look stands above another wherever they meet: chapters above what has no name, 1 above 1.1."""
    if look[0] is other[0] is _Look.NUMBERED:
        return look[1] < other[1]
    return look[0] is _Look.NAMED is not other[0]


def _heading(text: str, paragraph: _Paragraph, *, level: int) -> Block:
    assert paragraph.look is not None
    said = paragraph.lines[:1] if paragraph.look[0] is _Look.UNDERLINED else paragraph.lines
    children = texts(text, [(said[0][0], said[-1][1])], start=paragraph.start, end=paragraph.end)
    return Block(kind=BlockKind.HEADING, start=paragraph.start, end=paragraph.end, children=children, level=level)


def _blocks(text: str, paragraph: _Paragraph) -> Iterator[Block]:
    """Give a paragraph, or where marks of items stand at its lines the words before them and the list."""
    start, end = paragraph.start, paragraph.end
    if not says_something(text, start, end):
        yield Block(kind=BlockKind.BREAK, start=start, end=end)
        return
    marks = [line[0] for line in paragraph.lines if _MARKED_ITEM.match(text, *line)]
    is_list = len(marks) > 1 or (marks and marks[0] == start)
    first = marks[0] if is_list else end
    if start < first:
        yield _words(text, start, first)
    if is_list:
        edges = [*marks, end]
        items = (_item(text, edges[place], edges[place + 1]) for place in range(len(marks)))
        yield holding(BlockKind.LIST, text, first, end, items)


def _item(text: str, start: int, end: int) -> Block:
    mark = _MARKED_ITEM.match(text, start, end)
    begin = mark.end() - 1 if mark is not None else start
    return holding(BlockKind.ITEM, text, start, end, [_words(text, begin, end)])


def _words(text: str, start: int, end: int) -> Block:
    return Block(kind=BlockKind.PARAGRAPH, start=start, end=end, children=sentences(text, [(start, end)]))
