"""Documents: the tree of a text, where its parts came from, and what stands around a passage.

A tree loses nothing: the children of a block tile it, so its leaves, one after another, are the text to the character.
White space and markup belong to leaves of their own. All offsets are code points, `text[start:end]`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from lamina.core.layers import Modality
from lamina.core.query import Citation
from lamina.core.records import Json, Record

#: The metadata key that is Lamina's own, on a document's head and on its passages.
DOCUMENT = "document"


class BlockKind(StrEnum):
    """What a block of a document is."""

    DOCUMENT = "document"
    #: A heading with everything under it.
    SECTION = "section"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    ITEM = "item"
    TABLE = "table"
    ROW = "row"
    CELL = "cell"
    CODE = "code"
    QUOTE = "quote"
    HTML = "html"
    #: Keys and values before the text, between lines of dashes.
    FRONT_MATTER = "front matter"
    #: Where a link that is written elsewhere leads.
    DEFINITION = "definition"
    #: A thematic break.
    BREAK = "break"
    SENTENCE = "sentence"
    #: Words that are no sentence, and parts of a sentence between markup.
    TEXT = "text"
    #: A line of code, of HTML or of front matter.
    LINE = "line"
    #: Markup: what tells of the structure and says nothing.
    MARK = "mark"
    BLANK = "blank"


#: Blocks that hold blocks, and do not themselves say what stands there.
HOLDERS = frozenset({BlockKind.DOCUMENT, BlockKind.SECTION})
#: Leaves that say nothing.
SILENT = frozenset({BlockKind.MARK, BlockKind.BLANK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a document's text, and its parts, which tile it; one without parts is a leaf."""

    kind: BlockKind
    start: int
    end: int
    children: tuple["Block", ...] = ()
    #: Of a heading and its section, 1 is the highest; 0 for anything else.
    level: int = 0
    #: The words of a section's heading, or the language of code.
    label: str = ""

    def leaves(self) -> Iterator["Block"]:
        """Give the blocks without parts, in order; their texts, one after another, are this block's."""
        return (block for block in self.walk() if not block.children)

    def walk(self) -> Iterator["Block"]:
        """Give this block and all that it holds, each before its parts."""
        waiting = [self]
        while waiting:
            block = waiting.pop()
            yield block
            waiting.extend(reversed(block.children))

    def words(self, text: str) -> str:
        """Give what the block says, without markup; `text` is the whole document's."""
        said = (text[leaf.start : leaf.end] for leaf in self.leaves() if leaf.kind not in SILENT)
        return "".join(said).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a part of a text that was converted stood in its source: a page and a box, or an element and a line."""

    #: Code points of the text that it belongs to: a document's, or a passage's.
    start: int
    end: int
    #: The page, from 1.
    page: int | None = None
    #: Left, top, right, bottom: points from the upper left corner of the page.
    box: tuple[float, float, float, float] | None = None
    #: The path to the element, such as `html/body/table[2]`.
    element: str | None = None
    #: The line of the source, from 1.
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A part of a document that is an observation of its own, and what stands around it."""

    #: Code points of the document.
    start: int
    end: int
    #: The document's name, where it stands in a session of another name.
    title: str = ""
    #: The headings that it stands under, its own among them, outermost first.
    path: tuple[str, ...] = ()
    #: Where the section under each of them begins in the document: what tells two sections of one name apart.
    sections: tuple[int, ...] = ()
    #: What it holds: paragraph, list, table …
    kinds: tuple[BlockKind, ...] = ()
    #: The header cells of the table that it begins in the midst of.
    columns: tuple[str, ...] = ()
    #: Where its parts stood in the source of a converted document; offsets are those of the passage's text.
    origins: tuple[Origin, ...] = ()

    def path_above(self, place: int = 0) -> tuple[str, ...]:
        """Give the headings that stand before the character at `place` of the passage."""
        above = (name for name, at in zip(self.path, self.sections, strict=False) if at < self.start + place)
        return tuple(above)

    def kept(self) -> dict[str, Json]:
        """Give what stands around it as metadata holds it; its place in the document is its provenance's to say."""
        fields: dict[str, Json] = {"path": list(self.path), "sections": list(self.sections), "kinds": list(self.kinds)}
        if self.title:
            fields["title"] = self.title
        if self.columns:
            fields["columns"] = list(self.columns)
        if self.origins:
            fields["origins"] = [_kept_origin(origin) for origin in self.origins]
        return fields


def passage_of(record: Record) -> Passage | None:
    """Give what stands around a passage; None for any other record, and for what is not as Lamina wrote it."""
    kept = record.metadata.get(DOCUMENT)
    if record.modality is not Modality.PASSAGE or not isinstance(kept, Mapping):
        return None
    source = next(iter(record.provenance.sources), None)
    start = source.start if source is not None else None
    return Passage(
        # A passage that was corrected is not cut out of its document any more, and stands under all of its headings.
        start=start if start is not None else max(_numbers(kept.get("sections")), default=-1) + 1,
        end=(start or 0) + len(record.text),
        title=title if isinstance(title := kept.get("title"), str) else "",
        path=_texts(kept.get("path")),
        sections=_numbers(kept.get("sections")),
        kinds=tuple(BlockKind(kind) for kind in _texts(kept.get("kinds")) if kind in tuple(BlockKind)),
        columns=_texts(kept.get("columns")),
        origins=tuple(_origins(kept.get("origins"))),
    )


def origins_of(record: Record, citation: Citation | None = None) -> tuple[Origin, ...]:
    """Give where a passage of a converted document, or the part of it that is cited, stood in the source.

    Nothing for what was not converted, and for a citation of another record.
    """
    passage = passage_of(record)
    if passage is None:
        return ()
    if citation is None:
        return passage.origins
    if (citation.record_id, citation.revision) != (record.id, record.revision):
        return ()
    return clipped(passage.origins, citation.start, citation.end)


def clipped(origins: tuple[Origin, ...], start: int, end: int) -> tuple[Origin, ...]:
    """Give the origins of `text[start:end]`, each cut to that part; their offsets stay those of `text`."""
    return tuple(
        replace(origin, start=max(origin.start, start), end=min(origin.end, end))
        for origin in origins
        if origin.start < end and start < origin.end
    )


def _kept_origin(origin: Origin) -> dict[str, Json]:
    fields: dict[str, Json] = {"start": origin.start, "end": origin.end}
    named: dict[str, Json] = {
        "page": origin.page,
        "box": None if origin.box is None else list(origin.box),
        "element": origin.element,
        "line": origin.line,
    }
    return fields | {name: value for name, value in named.items() if value is not None}


def _origins(kept: Json) -> Iterator[Origin]:
    for fields in kept if isinstance(kept, list) else ():
        if not isinstance(fields, dict):
            continue
        start, end, page, line = (fields.get(name) for name in ("start", "end", "page", "line"))
        box, element = fields.get("box"), fields.get("element")
        edges = [float(edge) for edge in box if isinstance(edge, int | float)] if isinstance(box, list) else []
        if isinstance(start, int) and isinstance(end, int):
            yield Origin(
                start=start,
                end=end,
                page=page if isinstance(page, int) else None,
                box=(edges[0], edges[1], edges[2], edges[3]) if len(edges) == 4 else None,
                element=element if isinstance(element, str) else None,
                line=line if isinstance(line, int) else None,
            )


def _texts(kept: Json) -> tuple[str, ...]:
    return tuple(part for part in kept if isinstance(part, str)) if isinstance(kept, list) else ()


def _numbers(kept: Json) -> tuple[int, ...]:
    return tuple(part for part in kept if isinstance(part, int)) if isinstance(kept, list) else ()
