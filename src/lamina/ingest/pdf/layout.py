"""Layout: lines and tables of pages become headings, paragraphs, items, code and tables, told by their looks.

A heading is larger than most words, or bold and short. A paragraph ends at a gap, an indent or a short last line, and
goes on over the end of a column or page where its last sentence does. An item begins with its mark; how deep it stands
is how far in its mark stands. Lines that stand at the edge of page after page are running heads, and left out.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from lamina.core.documents import Origin
from lamina.ingest.pdf.pages import Line, hull
from lamina.ingest.pdf.tables import Laid, Table, origin_of
from lamina.ingest.sheet import Run

#: How much larger than most words the words of a heading are, and how long one may be.
LARGER = 1.12
MOST_HEADING = 200
#: Lines further apart than this many times their usual distance belong to different paragraphs.
GAP = 1.25
#: A distance of lines that is this part as frequent as the most frequent one is common.
COMMON = 0.2
#: How far in a first line stands, and how far before the margin a last one ends; in sizes of its letters.
INDENT = 0.8
SHORT = 4.0
#: A running head is one of the outermost lines and stands in this part of the page, from the edge, on so many pages,
#: and on this share of those between the first and the last of them (the other pages of a chapter may have another).
EDGE = 0.12
OUTERMOST = 2
LEAST_PAGES = 3
LEAST_SHARE = 0.4

_MARK = re.compile(r"(?P<bullet>[•◦▪▫‣⁃·●○■□➢✓\uf0b7\uf0a7–—*-])\s+|(?P<number>\d{1,3})[.)]\s+")
_ENDS_A_SENTENCE = re.compile(r"[.!?…:;。！？]['\"”’»)\]]*$")
#: Dots that lead to the number of a page.
_LEADS_ON = re.compile(r"(?:\s?\.){4,}\s*\w+$")
_HYPHENATED = re.compile(r"([^\W\d_]+)[-‐\u00ad]$")
_FIRST_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(slots=True)
class Part:
    """Lines that are one heading, paragraph, item or piece of code."""

    lines: list[Line] = field(default_factory=list)
    #: The level of a heading; 0 = it is none.
    level: int = 0
    #: Of an item: its number, None for marks that do not count; and where its mark and its words begin.
    is_item: bool = False
    number: int | None = None
    mark_left: float = 0.0
    words_left: float = 0.0

    @property
    def is_code(self) -> bool:
        """Whether it is set as from a typewriter."""
        return self.lines[0].is_mono


@dataclass(frozen=True, slots=True)
class Looks:
    """What is usual in a document."""

    #: Size of most letters, and how far apart their baselines stand, in sizes.
    size: float
    leading: float
    #: Words that stand within lines, to tell a hyphen from a broken word.
    words: frozenset[str]
    #: For each page and left edge, how far right its lines reach.
    margins: dict[tuple[int, int], float]

    @classmethod
    def of(cls, pages: Sequence[Laid]) -> "Looks":
        """Take the measure of pages."""
        sizes: Counter[float] = Counter()
        words: set[str] = set()
        margins: dict[tuple[int, int], float] = {}
        for line in (line for page in pages for line in page.lines):
            sizes[round(line.size * 2) / 2] += line.count * (not line.is_mono)
            words.update(line.text.lower().split()[:-1])
            key = _edge(line)
            margins[key] = max(margins.get(key, 0.0), line.box[2])
        size = sizes.most_common(1)[0][0] if sizes else 10.0
        steps = [
            (later.base - former.base) / size
            for page in pages
            for former, later in pairwise(page.lines)
            if abs(former.size - size) < 0.6 and abs(later.size - size) < 0.6 and former.base < later.base
        ]
        return cls(size, _usual_step(steps), frozenset(words), margins)


def _usual_step(steps: Sequence[float]) -> float:
    """Give how far apart the lines of one paragraph stand: the closest that is common."""
    counts = Counter(round(step, 1) for step in steps if step < 2.5)
    if not counts:
        return 1.2
    least = max(counts.values()) * COMMON
    usual = min(step for step, count in counts.items() if count >= least)
    return median(step for step in steps if abs(step - usual) <= 0.1)


def without_running_heads(pages: Sequence[Laid]) -> tuple[list[str], int]:
    """Take the lines out that stand at the edge of page after page; gives one of each, and how many were taken."""
    seen: dict[tuple[str, int], list[int]] = {}
    for page in pages:
        for key in {_key(line, page) for line in _at_edges(page)}:
            seen.setdefault(key, []).append(page.number)
    running = {
        key for key, held in seen.items() if len(held) >= max(LEAST_PAGES, LEAST_SHARE * (held[-1] - held[0] + 1))
    }
    shown: dict[tuple[str, int], str] = {}
    count = 0
    for page in pages:
        gone = [line for line in _at_edges(page) if _key(line, page) in running]
        for line in gone:
            shown.setdefault(_key(line, page), line.text)
            page.contents.remove(line)
        count += len(gone)
    return list(shown.values()), count


def parts_of(pages: Sequence[Laid], looks: Looks) -> list[Part | Table]:
    """Give what stands on the pages, in order."""
    found: list[Part | Table] = []
    for page in pages:
        for what in page.contents:
            former = found[-1] if found else None
            if isinstance(what, Table):
                found.append(what)
            elif isinstance(former, Part) and _goes_on(former, what, looks):
                former.lines.append(what)
            else:
                found.append(_begun(what))
    _level_headings([part for part in found if isinstance(part, Part)], looks)
    return found


def runs_of(part: Part, looks: Looks) -> list[Run]:
    """Give the words of a part, a run for each column or page that it stands on."""
    runs: list[Run] = []
    held: list[Line] = []
    for line in part.lines:
        if held and not _follows(held[-1], line):
            runs.append(_run(held, looks, is_first=not runs, part=part))
            held = []
        held.append(line)
    return [*runs, _run(held, looks, is_first=not runs, part=part)]


def code_of(part: Part) -> list[Run]:
    """Give lines of code with their letters in columns, as far as they can be told by where they stand."""
    steps = [
        later.box[0] - former.box[0]
        for line in part.lines
        for former, later in pairwise(line.glyphs)
        if not later.has_space_before
    ]
    width = max(median(steps) if steps else part.lines[0].size / 2, 0.1)
    left = min(line.glyphs[0].box[0] for line in part.lines)
    drops = [later.base - former.base for former, later in pairwise(part.lines) if later.base > former.base]
    runs: list[Run] = []
    for former, line in pairwise([None, *part.lines]):
        assert line is not None
        if former is not None and former.page == line.page and line.base - former.base > 1.5 * min(drops):
            runs.append(("", Origin(start=0, end=0)))
        written = ""
        for glyph in line.glyphs:
            column = round((glyph.box[0] - left) / width)
            written += " " * max(column - len(written), int(glyph.has_space_before)) + glyph.letter
        runs.append((written, origin_of(line.page, line.box)))
    return runs


# ── parts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _begun(line: Line) -> Part:
    mark = None if line.is_mono else _MARK.match(line.text)
    if mark is None:
        return Part([line])
    number = int(mark["number"]) if mark["number"] else None
    return Part([line], is_item=True, number=number, mark_left=line.box[0], words_left=line.second_left)


def _goes_on(part: Part, line: Line, looks: Looks) -> bool:
    """Say whether a line belongs to the part before it."""
    former = part.lines[-1]
    if former.is_mono != line.is_mono or former.is_bold != line.is_bold or abs(former.size - line.size) > 0.6:
        return False
    if not _follows(former, line):
        is_open = not _ENDS_A_SENTENCE.search(former.text) and abs(line.size - looks.size) < 0.6
        return is_open and not line.is_bold and _MARK.match(line.text) is None
    step = line.base - former.base
    if line.is_mono:
        return step < 4 * line.size
    if step > GAP * looks.leading * line.size:
        return False
    if step < 0.3 * line.size:
        return True
    return not _begins_anew(part, former, line, looks)


def _begins_anew(part: Part, former: Line, line: Line, looks: Looks) -> bool:
    """Say whether a line right under another begins a part of its own."""
    ends = _ENDS_A_SENTENCE.search(former.text) is not None
    mark = _MARK.match(line.text)
    left, before = line.box[0], former.box[0]
    if mark is not None and (mark["bullet"] or part.is_item or ends):
        # What counts and stands under the words of an item is words.
        return bool(mark["bullet"]) or not part.is_item or left < part.words_left - 1
    if part.is_item:
        return ends and left < part.words_left - 1
    if _LEADS_ON.search(former.text):
        return True
    is_indented = left - before > INDENT * line.size
    return ends and (_is_short(former, looks) or is_indented)


def _is_short(line: Line, looks: Looks) -> bool:
    """Say whether a line ends well before the margin that the others reach."""
    return line.box[2] < looks.margins.get(_edge(line), 0.0) - SHORT * line.size


def _follows(former: Line, line: Line) -> bool:
    """Say whether a line stands under another, and not in another column or on another page."""
    return former.page == line.page and line.base > former.base - 0.3 * line.size


def _level_headings(parts: Sequence[Part], looks: Looks) -> None:
    """Give those parts that are headings their levels: by size, and last what is bold alone."""
    large = [part for part in parts if _is_larger(part, looks)]
    sizes: list[float] = []
    for size in sorted({part.lines[0].size for part in large}, reverse=True):
        if not sizes or sizes[-1] - size > 0.6:
            sizes.append(size)
    for part in large:
        part.level = min(6, sum(size > part.lines[0].size + 0.6 for size in sizes) + 1)
    bold = sum(line.count for part in parts for line in part.lines if line.is_bold)
    stands_out = bold < sum(line.count for part in parts for line in part.lines) / 2
    for part in parts:
        if stands_out and not part.level and _is_bold_heading(part):
            part.level = min(6, len(sizes) + 1)
    for part in parts:
        part.is_item = part.is_item and not part.level


def _is_larger(part: Part, looks: Looks) -> bool:
    size, length = part.lines[0].size, sum(line.count for line in part.lines)
    return size >= LARGER * looks.size and length <= MOST_HEADING and not part.is_code


def _is_bold_heading(part: Part) -> bool:
    line = part.lines[0]
    is_short = len(part.lines) <= 2 and sum(held.count for held in part.lines) <= MOST_HEADING / 2
    is_bullet = part.is_item and part.number is None
    return line.is_bold and is_short and not part.is_code and not is_bullet and line.text[-1] not in ".:;,!?"


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _run(lines: Sequence[Line], looks: Looks, *, is_first: bool, part: Part) -> Run:
    words = ""
    for line in lines:
        words = _joined_lines(words, line.text, looks)
    if is_first and part.is_item and (mark := _MARK.match(words)):
        words = words[mark.end() :]
    return words.replace("\u00ad", ""), origin_of(lines[0].page, hull([line.box for line in lines]))


def _joined_lines(words: str, line: str, looks: Looks) -> str:
    """Give words with the next line; a word that the line's end broke is made whole."""
    broken, rest = _HYPHENATED.search(words), _FIRST_LETTERS.match(line)
    if broken is None or rest is None or not rest[0][0].islower():
        return f"{words} {line}" if words else line
    whole, parted = f"{broken[1]}{rest[0]}".lower(), f"{broken[1]}-{rest[0]}".lower()
    # Whether the hyphen is the word's own, only other places can tell.
    keeps = parted in looks.words and whole not in looks.words
    return f"{words[:-1]}{'-' * keeps}{line}"


def _edge(line: Line) -> tuple[int, int]:
    return line.page, round(line.box[0] / 6)


def _at_edges(page: Laid) -> list[Line]:
    ordered = sorted(page.lines, key=lambda line: line.base)
    heads = [line for line in ordered[:OUTERMOST] if line.box[3] < EDGE * page.height]
    feet = [line for line in ordered[-OUTERMOST:] if line.box[1] > (1 - EDGE) * page.height]
    return heads + [line for line in feet if line not in heads]


def _key(line: Line, page: Laid) -> tuple[str, int]:
    """Give what is alike in a running head from page to page: its words but for numbers, and its height."""
    words = re.sub(r"\d+|\b[ivxlc]+\b", "#", line.text.lower())
    return words, round(line.base / max(page.height, 1.0) * 50)
