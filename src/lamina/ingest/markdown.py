"""Markdown becomes a tree: CommonMark with tables and front matter, its structure read by markdown-it-py.

markdown-it gives the lines that a block takes; where in a line its words begin (behind the marks of quotes and items
that it stands in) is found here, as CommonMark counts columns. What stands deeper than `MOST_NESTING` is not taken
apart, and nothing is dropped: lines that no block takes are a paragraph.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from lamina.core.documents import Block, BlockKind
from lamina.ingest.blocks import (
    holding,
    label_of,
    lines_within,
    sectioned,
    sentences,
    texts,
    tiled,
)

#: How deep quotes and lists are taken apart; CommonMark's own examples stay below ten.
MOST_NESTING = 20
_PARSER = MarkdownIt("commonmark", {"maxNesting": MOST_NESTING, "inline_definitions": True}).enable("table")

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_NEWLINE = re.compile(r"\r\n?")
_FRONT_MATTER = re.compile(
    r"---[ \t]*(?:\r\n?|\n)(?P<keys>(?:[^\r\n]*(?:\r\n?|\n))*?)(?:---|\.\.\.)[ \t]*(?:\r\n?|\n|\Z)"
)
_KEY = re.compile(r"\s*[\w\"'#][^:\r\n]*:(?:\s|\Z)")
_QUOTE_MARK = re.compile(r" {0,3}>[ \t]?")
_ITEM_MARK = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])")
_SPACE = re.compile(r"[ \t]*")
_ATX = re.compile(r" {0,3}#{1,6}[ \t]*")
_FENCE_END = re.compile(r"[ \t]*(?:`{3,}|~{3,})\s*\Z")
_CELL_EDGE = re.compile(r"(?<!\\)\|")

_HOLDERS = {
    "blockquote_open": BlockKind.QUOTE,
    "bullet_list_open": BlockKind.LIST,
    "ordered_list_open": BlockKind.LIST,
    "list_item_open": BlockKind.ITEM,
}
_LINED = {"fence": BlockKind.CODE, "code_block": BlockKind.CODE, "html_block": BlockKind.HTML}
_PLAIN = {"hr": BlockKind.BREAK, "definition": BlockKind.DEFINITION}


def read_markdown(text: str) -> Block:
    """Give the tree of a Markdown text; any text is one."""
    first = 1 if text.startswith("\ufeff") else 0
    matter = _front_matter(text, first)
    page = _Page.of(text, matter.end if matter is not None else first)
    tokens: list[Token] = []
    _PARSER.block.parse(_NEWLINE.sub("\n", text[page.starts[0] :]), _PARSER, {}, tokens)
    blocks = page.blocks(_nested(tokens), 0, len(page.starts) - 1)
    return sectioned(text, [matter, *blocks] if matter is not None else blocks)


@dataclass(frozen=True, slots=True)
class _Node:
    """A token of markdown-it with what it holds."""

    token: Token
    children: list["_Node"]

    @property
    def lines(self) -> tuple[int, int]:
        first, last = self.token.map or (0, 0)
        return first, last


def _nested(tokens: Sequence[Token]) -> list[_Node]:
    """Give the tree of tokens that have lines; a table's head and body are its rows."""
    stack: list[list[_Node]] = [[]]
    for token in tokens:
        if token.type in ("thead_open", "thead_close", "tbody_open", "tbody_close", "inline"):
            continue
        if token.nesting < 0:
            stack.pop()
            continue
        node = _Node(token, [])
        stack[-1].append(node)
        if token.nesting > 0:
            stack.append(node.children)
    return stack[0]


@dataclass(frozen=True, slots=True)
class _Page:
    """A text by lines."""

    text: str
    #: Where each line begins; one more than there are lines: the text's end.
    starts: list[int]
    #: Where the words of each line begin, behind the marks of what holds them; moves on from block to block.
    cursors: list[int]

    @classmethod
    def of(cls, text: str, start: int) -> "_Page":
        starts = [line.start() for line in _LINE.finditer(text, start) if line.end() > line.start()]
        starts = starts or [start]
        if starts[-1] != len(text):
            starts.append(len(text))
        return cls(text, starts, starts.copy())

    def blocks(self, nodes: Sequence[_Node], first: int, last: int) -> list[Block]:
        """Give the blocks of the lines `first` to `last`, those among them that no token takes."""
        found: list[Block] = []
        place = first
        for node in nodes:
            start, end = node.lines
            if end <= start or start < place:
                continue
            found.extend(self._loose(place, start))
            found.append(self._block(node, min(end, last)))
            place = end
        found.extend(self._loose(place, last))
        return found

    def _block(self, node: _Node, last: int) -> Block:
        kind, first = node.token.type, node.lines[0]
        if kind in _HOLDERS:
            return self._holder(_HOLDERS[kind], node, first, last)
        if kind == "heading_open":
            return self._heading(node.token, first, last)
        if kind == "table_open":
            return self._table(node, first, last)
        if kind in _LINED:
            return self._lined(node.token, first, last)
        if kind in _PLAIN:
            return Block(kind=_PLAIN[kind], start=self.cursors[first], end=self.starts[last])
        return self._paragraph(first, last)

    def _holder(self, kind: BlockKind, node: _Node, first: int, last: int) -> Block:
        start = self.cursors[first]
        if kind is BlockKind.QUOTE:
            for line in range(first, last):
                mark = _QUOTE_MARK.match(self.text, self.cursors[line], self._end(line))
                self.cursors[line] = mark.end() if mark else self.cursors[line]
        elif kind is BlockKind.ITEM:
            self._step_into_item(first, last)
        return holding(kind, self.text, start, self.starts[last], self.blocks(node.children, first, last))

    def _step_into_item(self, first: int, last: int) -> None:
        """Move behind the mark of the first line, and behind as many columns of white space in the others."""
        start, end = self.cursors[first], self._end(first)
        mark = _ITEM_MARK.match(self.text, start, end)
        if mark is None:
            return
        space = _SPACE.match(self.text, mark.end(), end)
        after = space.end() if space else mark.end()
        width = self._columns(first, after) - self._columns(first, mark.end())
        is_empty = not self.text[after:end].strip("\r\n")
        if is_empty or width > 4:
            # Code that begins an item, or an item whose words begin a line later: one column belongs to the mark.
            after = min(mark.end() + 1, end) if self.text[mark.end() : mark.end() + 1] in (" ", "\t") else mark.end()
        columns = self._columns(first, after) - self._columns(first, start) + is_empty * (after == mark.end())
        self.cursors[first] = after
        for line in range(first + 1, last):
            self.cursors[line] = self._behind(line, columns)

    def _behind(self, line: int, columns: int) -> int:
        """Give the place behind at most so many columns of white space."""
        place, end = self.cursors[line], self._end(line)
        goal = self._columns(line, place) + columns
        while place < end and self.text[place] in " \t" and self._columns(line, place + 1) <= goal:
            place += 1
        return place

    def _columns(self, line: int, place: int) -> int:
        before = self.text[self.starts[line] : place]
        return len(before.expandtabs(4)) if "\t" in before else len(before)

    def _end(self, line: int) -> int:
        return self.starts[line + 1]

    def _runs(self, first: int, last: int) -> list[tuple[int, int]]:
        """Give where the words of lines stand; one run where nothing but white space lies between them."""
        marked = [line for line in range(first + 1, last) if self._has_mark(line)]
        edges = [first, *marked, last]
        starts = [self.cursors[first], *(self.cursors[line] for line in marked)]
        return [(start, self.starts[edges[place + 1]]) for place, start in enumerate(starts)]

    def _has_mark(self, line: int) -> bool:
        start, cursor = self.starts[line], self.cursors[line]
        return start < cursor and not self.text[start:cursor].isspace()

    def _paragraph(self, first: int, last: int) -> Block:
        runs = self._runs(first, last)
        start, end = runs[0][0], runs[-1][1]
        return Block(kind=BlockKind.PARAGRAPH, start=start, end=end, children=sentences(self.text, runs))

    def _heading(self, token: Token, first: int, last: int) -> Block:
        start, end = self.cursors[first], self.starts[last]
        if token.markup.startswith("#"):
            opening = _ATX.match(self.text, start, end)
            begin = opening.end() if opening else start
            runs = [(begin, begin + _before_hashes(self.text[begin:end]))]
        else:
            runs = self._runs(first, max(first + 1, last - 1))
        children = texts(self.text, runs, start=start, end=end)
        return Block(kind=BlockKind.HEADING, start=start, end=end, children=children, level=int(token.tag[1:]))

    def _lined(self, token: Token, first: int, last: int) -> Block:
        start, end = self.cursors[first], self.starts[last]
        if token.type == "code_block":
            spans = [(self._behind(line, 4), self._end(line)) for line in range(first, last)]
        elif token.type == "fence":
            is_closed = last - first > 1 and _FENCE_END.match(self.text[slice(*self._span(last - 1))]) is not None
            spans = [self._span(line) for line in range(first + 1, last - is_closed)]
        else:
            spans = [self._span(line) for line in range(first, last)]
        label = label_of(token.info.split(maxsplit=1)[0]) if token.info.strip() else ""
        children = lines_within(self.text, spans, start=start, end=end)
        return Block(kind=_LINED[token.type], start=start, end=end, children=children, label=label)

    def _span(self, line: int) -> tuple[int, int]:
        return self.cursors[line], self._end(line)

    def _table(self, node: _Node, first: int, last: int) -> Block:
        rows = (self._row(child.lines[0]) for child in node.children)
        return holding(BlockKind.TABLE, self.text, self.cursors[first], self.starts[last], rows)

    def _row(self, line: int) -> Block:
        start, end = self._span(line)
        return Block(kind=BlockKind.ROW, start=start, end=end, children=tiled(self.text, start, end, self._cells(line)))

    def _cells(self, line: int) -> Iterator[Block]:
        start, end = self._span(line)
        edges = [start, *(edge.end() for edge in _CELL_EDGE.finditer(self.text, start, end))]
        for place, begin in enumerate(edges):
            stop = edges[place + 1] - 1 if place + 1 < len(edges) else end
            cell = self.text[begin:stop]
            words = cell.strip()
            if words:
                at = begin + len(cell) - len(cell.lstrip())
                yield Block(kind=BlockKind.CELL, start=at, end=at + len(words))

    def _loose(self, first: int, last: int) -> Iterator[Block]:
        """Give what no token takes: paragraphs where lines say something; blank ones and marks are left as gaps."""
        line = first
        while line < last:
            begin = line
            while line < last and self.text[slice(*self._span(line))].strip():
                line += 1
            if line > begin:
                yield self._paragraph(begin, line)
            line += 1


def _before_hashes(line: str) -> int:
    """Give where the words of a heading end: before its closing marks, else with the line."""
    said = line.rstrip()
    words = said.rstrip("#")
    if words == said or words.rstrip(" \t") == words != "":
        return len(line)
    return len(words.rstrip(" \t"))


def _front_matter(text: str, start: int) -> Block | None:
    match = _FRONT_MATTER.match(text, start)
    if match is None or _KEY.match(match["keys"]) is None:
        return None
    begin, end = match.span("keys")
    spans = [line.span() for line in _LINE.finditer(text, begin, end)]
    children = lines_within(text, spans, start=start, end=match.end())
    return Block(kind=BlockKind.FRONT_MATTER, start=start, end=match.end(), children=children)
