"""Building trees: gaps become leaves of their own, paragraphs become sentences, headings open sections.

Everything here keeps the one rule of trees: the children of a block tile it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from lamina.core.documents import Block, BlockKind
from lamina.ingest.sentences import sentence_ends

#: The longest name of a section that is kept beside a passage, in characters.
MOST_LABEL = 200
_WORD = re.compile(r"\w")


def leaf(text: str, start: int, end: int) -> Block:
    """Give what stands between blocks: white space, or markup."""
    kind = BlockKind.BLANK if text[start:end].isspace() else BlockKind.MARK
    return Block(kind=kind, start=start, end=end)


def tiled(text: str, start: int, end: int, blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Give `blocks` with a leaf in each gap between them, before the first and after the last."""
    tiles: list[Block] = []
    place = start
    for block in blocks:
        if place < block.start:
            tiles.append(leaf(text, place, block.start))
        tiles.append(block)
        place = block.end
    if place < end:
        tiles.append(leaf(text, place, end))
    return tuple(tiles)


def holding(kind: BlockKind, text: str, start: int, end: int, blocks: Iterable[Block]) -> Block:
    """Give a block that holds `blocks`; white space after the last of them is left to whatever holds this one."""
    children = tiled(text, start, end, blocks)
    while len(children) > 1 and children[-1].kind is BlockKind.BLANK:
        children = children[:-1]
    return Block(kind=kind, start=start, end=children[-1].end, children=children)


def sentences(text: str, runs: Sequence[tuple[int, int]]) -> tuple[Block, ...]:
    """Give the sentences of the words that stand in `runs`; what lies between two runs is markup."""
    if len(runs) == 1:
        (start, end) = runs[0]
        edges = [start, *(start + edge for edge in sentence_ends(text[start:end]))]
        return tuple(
            Block(kind=BlockKind.SENTENCE, start=edges[place - 1], end=edges[place]) for place in range(1, len(edges))
        )
    said = "".join(text[start:end] for start, end in runs)
    begins = [0]
    for start, end in runs:
        begins.append(begins[-1] + end - start)
    found: list[Block] = []
    former = 0
    for edge in sentence_ends(said):
        parts = tuple(_parts(runs, begins, former, edge))
        whole = parts[0].start, parts[-1].end
        children = tiled(text, *whole, parts) if len(parts) > 1 else ()
        found.append(Block(kind=BlockKind.SENTENCE, start=whole[0], end=whole[1], children=children))
        former = edge
    return tiled(text, runs[0][0], runs[-1][1], found)


def texts(text: str, runs: Sequence[tuple[int, int]], *, start: int, end: int) -> tuple[Block, ...]:
    """Give the words that stand in `runs`, with the markup around them."""
    return tiled(text, start, end, (Block(kind=BlockKind.TEXT, start=a, end=b) for a, b in runs if a < b))


def lines_within(text: str, spans: Sequence[tuple[int, int]], *, start: int, end: int) -> tuple[Block, ...]:
    """Give lines that are kept as they are, with the markup around them."""
    return tiled(text, start, end, (Block(kind=BlockKind.LINE, start=a, end=b) for a, b in spans if a < b))


def sectioned(text: str, blocks: Sequence[Block]) -> Block:
    """Give the whole document: each heading of `blocks` holds what follows it, up to one of its level or higher."""
    open_sections: list[tuple[Block | None, list[Block]]] = [(None, [])]
    for block in tiled(text, 0, len(text), blocks):
        if block.kind is BlockKind.HEADING:
            while (held := open_sections[-1][0]) is not None and held.level >= block.level:
                _close(text, open_sections)
            open_sections.append((block, []))
        open_sections[-1][1].append(block)
    while open_sections[-1][0] is not None:
        _close(text, open_sections)
    children = tuple(open_sections[0][1])
    return Block(kind=BlockKind.DOCUMENT, start=0, end=len(text), children=children)


def label_of(words: str) -> str:
    """Give words on one line, cut to what a label may have."""
    line = " ".join(words.split())
    return line if len(line) <= MOST_LABEL else line[: MOST_LABEL - 1] + "…"


def says_something(text: str, start: int, end: int) -> bool:
    """Say whether a part of a text holds a letter or a digit."""
    return _WORD.search(text, start, end) is not None


def _close(text: str, open_sections: list[tuple[Block | None, list[Block]]]) -> None:
    heading, held = open_sections.pop()
    assert heading is not None
    section = Block(
        kind=BlockKind.SECTION,
        start=heading.start,
        end=held[-1].end,
        children=tuple(held),
        level=heading.level,
        label=label_of(heading.words(text)),
    )
    open_sections[-1][1].append(section)


def _parts(runs: Sequence[tuple[int, int]], begins: Sequence[int], start: int, end: int) -> Iterator[Block]:
    """Give the parts of the runs that the characters `start` to `end` of their joined text stand in."""
    place = bisect_right(begins, start) - 1
    while start < end:
        stop = min(end, begins[place + 1])
        at = runs[place][0] + start - begins[place]
        if start < stop:
            yield Block(kind=BlockKind.TEXT, start=at, end=at + stop - start)
        start, place = stop, place + 1
