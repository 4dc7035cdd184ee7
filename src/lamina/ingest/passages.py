"""Passages: a tree is cut into pieces that tile its text, each small enough for one vector's window of English.

Cuts fall between blocks. A block that is too long is cut at its parts: a list between items, a table between rows,
code between lines, a paragraph between sentences; what has no parts left, at clauses, at spaces, anywhere. A section
begins a passage, and its heading stays with what follows. Marks and blank lines stay with what they belong to.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lamina.core.documents import HOLDERS, Block, BlockKind, Origin, Passage
from lamina.ingest.blocks import label_of
from lamina.ingest.sentences import may_cut

#: Characters that a passage holds at most, but for headings that it begins with and white space around it: about one
#: vector's window of English.
PASSAGE_CHARACTERS = 1000
#: A passage shorter than this takes the next block in: headings and single lines say little alone. Headings that are
#: together no longer than this are not counted.
LEAST_CHARACTERS = 200
#: Longest cell of a table's header that is kept beside a passage, and how many of them.
MOST_CELL = 40
MOST_COLUMNS = 16

_CLAUSE_END = re.compile(r"(?<=[,;:])\s+|(?<=[，、；：])|\n")
_SPACE = re.compile(r"\s+")
#: What holds other kinds of blocks, and is looked into.
_NESTS = HOLDERS | {BlockKind.LIST, BlockKind.ITEM, BlockKind.QUOTE}
#: What a passage is said to hold.
_TOLD = frozenset({
    BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST, BlockKind.TABLE, BlockKind.CODE, BlockKind.QUOTE,
    BlockKind.HTML, BlockKind.FRONT_MATTER, BlockKind.DEFINITION,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the text that is not cut."""

    start: int
    end: int
    is_heading: bool = False
    #: Characters up to which the part before it, of the same block, is filled; None = it is no part of a longer block.
    goal: int | None = None


def cut_passages(text: str, tree: Block, origins: Sequence[Origin] = ()) -> list[Passage]:
    """Give the passages of a document by its tree; they tile `text`, and none is blank unless the whole is."""
    sections = [block for block in tree.walk() if block.kind is BlockKind.SECTION]
    ordered = sorted(origins, key=lambda origin: origin.start)
    passages: list[Passage] = []
    above: list[Block] = []
    opened = first = 0
    for start, end in _spans(text, tree):
        last = start + len(text[start:end].rstrip())
        while opened < len(sections) and sections[opened].start < last:
            above = [section for section in above if sections[opened].start < section.end] + [sections[opened]]
            opened += 1
        above = [section for section in above if last <= section.end]
        while first < len(ordered) and ordered[first].end <= start:
            first += 1
        passages.append(
            Passage(
                start=start,
                end=end,
                path=tuple(section.label for section in above),
                sections=tuple(section.start for section in above),
                kinds=tuple(dict.fromkeys(_kinds(tree, start, last))),
                columns=_columns(text, tree, start),
                origins=tuple(_own(ordered, first, start, end)),
            )
        )
    return passages


def _own(ordered: Sequence[Origin], first: int, start: int, end: int) -> Iterator[Origin]:
    """Give the origins of `text[start:end]`, by the offsets of that part."""
    for place in range(first, len(ordered)):
        origin = ordered[place]
        if origin.start >= end:
            return
        if origin.end > start:
            yield replace(origin, start=max(origin.start, start) - start, end=min(origin.end, end) - start)


# ── joining ──────────────────────────────────────────────────────────────────────────────────────────────────────


class _Open:
    """The passage that is being put together; remembers where its words lie, so that no text is looked at twice."""

    def __init__(self, piece: _Piece, said: tuple[int, int] | None) -> None:
        self.start, self.end = piece.start, piece.end
        #: Where its words begin and end; None while it is blank.
        self.said = said
        #: Where the words that count begin: behind headings, if they are short.
        self.counted = said[0] if said else piece.start
        self.is_headings = piece.is_heading
        self._skip_headings()

    def takes(self, piece: _Piece, said: tuple[int, int] | None) -> bool:
        """Say whether a piece joins it."""
        if said is None or self.said is None:
            return True
        if piece.is_heading and not self.is_headings:
            return False
        if said[1] - min(self.counted, said[0]) > PASSAGE_CHARACTERS:
            return False
        length = self.said[1] - self.said[0]
        return self.is_headings or length < (LEAST_CHARACTERS if piece.goal is None else piece.goal)

    def take(self, piece: _Piece, said: tuple[int, int] | None) -> None:
        """Let a piece join."""
        self.end = piece.end
        if said is None:
            return
        if self.said is None:
            self.counted, self.is_headings = said[0], piece.is_heading
        self.said = (self.said or said)[0], said[1]
        self.is_headings = self.is_headings and piece.is_heading
        self._skip_headings()

    def _skip_headings(self) -> None:
        if self.is_headings and self.said and self.said[1] - self.said[0] <= LEAST_CHARACTERS:
            self.counted = self.end


def _spans(text: str, tree: Block) -> Iterator[tuple[int, int]]:
    held: _Open | None = None
    for piece in _pieces(text, tree):
        said = _said(text, piece.start, piece.end)
        if held is None:
            held = _Open(piece, said)
        elif held.takes(piece, said):
            held.take(piece, said)
        else:
            yield held.start, held.end
            held = _Open(piece, said)
    if held is not None:
        yield held.start, held.end


def _said(text: str, start: int, end: int) -> tuple[int, int] | None:
    part = text[start:end]
    words = part.strip()
    if not words:
        return None
    begin = start + len(part) - len(part.lstrip())
    return begin, begin + len(words)


# ── taking apart ─────────────────────────────────────────────────────────────────────────────────────────────────


def _pieces(text: str, block: Block, goal: int | None = None) -> Iterator[_Piece]:
    """Give the parts of a block that are not cut: the block itself where it is short enough."""
    if block.kind in HOLDERS:
        for group in _groups(block.children):
            yield from _group_pieces(text, group, None)
        return
    length = _length(text, block.start, block.end)
    if length <= PASSAGE_CHARACTERS:
        yield _Piece(block.start, block.end, is_heading=block.kind is BlockKind.HEADING, goal=goal)
        return
    part_goal = goal or -(-length // -(-length // PASSAGE_CHARACTERS))
    parts = (part for group in _groups(block.children) for part in _group_pieces(text, group, part_goal))
    for place, part in enumerate(parts if block.children else _cut(text, block.start, block.end, part_goal)):
        yield replace(part, goal=goal if place == 0 else part_goal)


def _group_pieces(text: str, group: Sequence[Block], goal: int | None) -> Iterator[_Piece]:
    """Give the pieces of a block with the marks and blank lines around it, which stay with its first and last."""
    start, end = group[0].start, group[-1].end
    if len(group) == 1:
        yield from _pieces(text, group[0], goal)
        return
    core = next((block for block in group if block.kind not in (BlockKind.MARK, BlockKind.BLANK)), group[0])
    if core.kind not in HOLDERS and _length(text, start, end) <= PASSAGE_CHARACTERS:
        yield _Piece(start, end, is_heading=core.kind is BlockKind.HEADING, goal=goal)
        return
    opening = group[0] if group[0].kind is BlockKind.MARK else None
    for piece in (piece for block in group[opening is not None :] for piece in _pieces(text, block, goal)):
        if opening is None or _length(text, opening.start, piece.end) <= PASSAGE_CHARACTERS:
            yield piece if opening is None else replace(piece, start=opening.start)
        else:
            yield from _pieces(text, opening, goal)
            yield piece
        opening = None


def _groups(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Give blocks with what belongs to them: a mark to what follows it, if anything does, a blank to what is before."""
    group: list[Block] = []
    has_core = False
    for place, block in enumerate(blocks):
        is_core = block.kind not in (BlockKind.MARK, BlockKind.BLANK)
        opens = is_core or (block.kind is BlockKind.MARK and place + 1 < len(blocks))
        if group and has_core and opens:
            yield group
            group, has_core = [], False
        group.append(block)
        has_core = has_core or is_core
    if group:
        yield group


def _cut(text: str, start: int, end: int, goal: int) -> Iterator[_Piece]:
    """Cut words that have no parts: at the end of a clause, else at a space, else anywhere but within a letter."""
    while _length(text, start, end) > PASSAGE_CHARACTERS:
        least, most = start + LEAST_CHARACTERS, start + PASSAGE_CHARACTERS
        cut = next((match.end() for place in (_CLAUSE_END, _SPACE) for match in _last(place, text, least, most)), most)
        while cut == most and cut > least and not may_cut(text, cut):
            cut = most = most - 1
        yield _Piece(start, cut, goal=goal)
        start = cut
    yield _Piece(start, end, goal=goal)


def _last(pattern: re.Pattern[str], text: str, least: int, most: int) -> list[re.Match[str]]:
    return list(pattern.finditer(text, least, most))[-1:]


def _length(text: str, start: int, end: int) -> int:
    return len(text[start:end].strip())


# ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _within(blocks: Sequence[Block], start: int, end: int) -> Iterator[Block]:
    """Give those of `blocks` that reach into `text[start:end]`."""
    for place in range(bisect_right(blocks, start, key=lambda block: block.end), len(blocks)):
        if blocks[place].start >= end:
            return
        yield blocks[place]


def _kinds(block: Block, start: int, end: int) -> Iterator[BlockKind]:
    for part in _within(block.children, start, end):
        # The words of items and quotes are paragraphs too, which goes without saying.
        if part.kind in _TOLD and (part.kind is not BlockKind.PARAGRAPH or block.kind in HOLDERS):
            yield part.kind
        if part.kind in _NESTS:
            yield from _kinds(part, start, end)


def _columns(text: str, tree: Block, start: int) -> tuple[str, ...]:
    """Give the header cells of the table in whose midst `text[start:]` begins."""
    block: Block | None = tree
    while block is not None and block.kind is not BlockKind.TABLE:
        block = next(_within(block.children, start, start + 1), None) if block.kind in _NESTS else None
    if block is None or block.start == start:
        return ()
    header = block.children[0]
    cells = [cell for cell in header.children if cell.kind is BlockKind.CELL][:MOST_COLUMNS]
    return () if header.end > start else tuple(label_of(cell.words(text))[:MOST_CELL] for cell in cells)
