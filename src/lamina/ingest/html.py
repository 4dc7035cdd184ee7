"""HTML becomes a document whose text is Markdown, each part of it with the element and the line that it came from.

Headings, paragraphs, lists, tables, quotes and code are kept; links and the words for pictures too. Emphasis is not,
nor what no reader sees: scripts, styles, forms, what is marked as hidden. Where a page says which part of it is the
matter (`main`, or its only `article`), that part alone is read, and a note says so.

Needs the extra `documents`: JustHTML builds the tree as browsers do, so that broken HTML reads as it is shown.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from lamina.core.documents import Origin
from lamina.core.errors import InvalidArgument, MissingExtra
from lamina.ingest.documents import MARKDOWN, Document
from lamina.ingest.sheet import Run, Sheet, code_span

try:
    from justhtml import JustHTML
except ImportError:
    JustHTML = None

INSTALL = "pip install 'lamina[documents]'"
#: How many of its innermost elements a path names.
MOST_STEPS = 40

_SPACE = re.compile(r"[ \t\n\f\r]+")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_UNSEEN = frozenset(
    "head script style template noscript svg iframe object embed audio video canvas input select textarea button "
    "datalist option title meta link base".split()
)
#: Everything else stands in the line.
_BLOCKS = frozenset(
    "html body main article section nav aside header footer div p ul ol menu li dl dt dd table caption colgroup thead "
    "tbody tfoot tr td th blockquote pre hr h1 h2 h3 h4 h5 h6 figure figcaption details summary address form fieldset "
    "legend hgroup search dialog".split()
)
_LISTS = frozenset({"ul", "ol", "menu", "dl"})
#: A table that holds one of these arranges a page, and is read as if it were none.
_NOT_IN_CELLS = frozenset({"table", "pre", "blockquote", "hr", *_HEADINGS})


def read_html(source: str | bytes | PathLike[str], *, title: str | None = None, whole_page: bool = False) -> Document:
    """Give an HTML page as a document; `source` is the page itself, or a `Path` to it.

    `title` is the page's own where it is left out. `whole_page=True` reads what stands around the matter as well.

    Raises:
        MissingExtra: the extra `documents` is not installed.
        InvalidArgument: a source that is no HTML, or holds no text.
    """
    if JustHTML is None:
        raise MissingExtra("documents", install=INSTALL)
    page, name = _page(source)
    root = JustHTML(page, track_node_locations=True, sanitize=False).root
    matter = None if whole_page else _matter(root)
    reader = _Reader(_tables_that_arrange(root))
    reader.read(root if matter is None else matter, inside=() if matter is None else _path(matter.parent))
    if not reader.sheet.text.strip():
        raise InvalidArgument(
            "source", "is a page without words", "if scripts fill it, save it from a browser that has shown it"
        )
    notes: tuple[str, ...] = ()
    if matter is not None:
        notes = (f"of the page only <{matter.name}> was read; whole_page=True reads what stands around it too",)
    return Document(
        text=reader.sheet.text,
        title=title or _words(root, "title") or _words(root, "h1") or name,
        format=MARKDOWN,
        origins=tuple(reader.sheet.origins),
        notes=notes,
    )


def _page(source: object) -> tuple[str | bytes, str]:
    """Give the page and a name for it."""
    name = "page"
    if isinstance(source, PathLike):
        path = Path(source)
        source, name = path.read_bytes(), path.name
    if not isinstance(source, str | bytes):
        raise InvalidArgument("source", f"is {type(source).__name__}", "give HTML as text or bytes, or a Path to it")
    if not source.strip():
        raise InvalidArgument("source", "is empty", "give a page that says something")
    opening = source[:1024]
    if opening.startswith("%PDF-") if isinstance(opening, str) else opening.startswith(b"%PDF-"):
        raise InvalidArgument("source", "is a PDF", "use read_pdf")
    if (b"\0" in opening) if isinstance(opening, bytes) and opening[:2] not in (b"\xff\xfe", b"\xfe\xff") else False:
        raise InvalidArgument("source", "is no text", "give HTML, as a browser saves it")
    return source, name


def _matter(root: Any) -> Any:
    """Give the one element that a page names as its matter; None where it names none, or everything."""
    for name in ("main", "article"):
        found = _named(root, name)
        if len(found) == 1 and found[0].to_text().strip():
            body = root.query_one("body")
            is_all = body is not None and body.to_text().split() == found[0].to_text().split()
            return None if is_all else found[0]
    return None


def _path(node: Any) -> tuple[str, ...]:
    """Give the path to an element, each step by its name and, from the second of that name on, its number."""
    steps: list[str] = []
    while node is not None and node.parent is not None:
        alike = [child for child in node.parent.children if child.name == node.name]
        number = next(place for place, child in enumerate(alike, start=1) if child is node)
        steps.append(node.name if number == 1 else f"{node.name}[{number}]")
        node = node.parent
    return tuple(reversed(steps))


def _words(root: Any, name: str) -> str:
    return next((" ".join(found.to_text().split()) for found in _named(root, name)), "")


def _named(root: Any, name: str) -> list[Any]:
    """Give the elements of that name; those in a template are none of the page."""
    return [found for found in root.query(name) if not _is_in_template(found)]


def _is_in_template(node: Any) -> bool:
    while node is not None and node.name != "template":
        node = node.parent
    return node is not None


def _tables_that_arrange(root: Any) -> set[int]:
    """Give the identities of the tables that hold what no cell can hold."""
    found: set[int] = set()
    tables: list[Any] = []
    for is_end, node in _walk(root):
        if node.name == "table":
            if is_end:
                tables.pop()
                continue
            if (node.attrs or {}).get("role") in ("presentation", "none"):
                found.add(id(node))
        if not is_end:
            if tables and node.name in _NOT_IN_CELLS:
                found.add(id(tables[-1]))
            if node.name == "table":
                tables.append(node)
    return found


def _walk(root: Any) -> Iterator[tuple[bool, Any]]:
    """Give each node as it begins, and each element as it ends; however deep it goes."""
    waiting = [(False, root)]
    while waiting:
        is_end, node = waiting.pop()
        yield is_end, node
        if not is_end:
            if not node.name.startswith("#text"):
                waiting.append((True, node))
            waiting.extend((False, child) for child in reversed(node.children or ()))


@dataclass(slots=True)
class _Step:
    """An element that is open."""

    path: tuple[str, ...]
    line: int | None
    #: Path and line of the block that it stands in, or that it is.
    block: tuple[tuple[str, ...], int | None]
    #: How many of each name it has held so far.
    held: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _List:
    """A list that is open."""

    name: str
    number: int | None
    has_open_item: bool = False


@dataclass(slots=True)
class _Wrap:
    """A link or a span of code that is open, from that place of the words on."""

    node: Any
    place: int


@dataclass(slots=True)
class _Reader:
    """Walks the tree once, and writes each block when it ends."""

    arranging: set[int]
    sheet: Sheet = field(default_factory=Sheet)
    _steps: list[_Step] = field(default_factory=list)
    #: The words of the block that is open, and where they began.
    _said: list[str] = field(default_factory=list)
    _since: Origin | None = None
    _wraps: list[_Wrap] = field(default_factory=list)
    _lists: list[_List] = field(default_factory=list)
    #: How many elements are open that nobody sees.
    _unseen: int = 0
    _level: int = 0
    #: The lines of code that are open.
    _code: list[str] | None = None
    #: The rows of the table that is open; None outside one.
    _rows: list[list[tuple[Run, Any]]] | None = None
    _is_in_cell: bool = False

    def read(self, root: Any, *, inside: tuple[str, ...]) -> None:
        """Write everything under `root`, which stands `inside` that path."""
        self._steps = [_Step(inside, None, (inside, None))]
        for is_end, node in _walk(root):
            if node.name == "#text":
                if not self._unseen:
                    self._text(node.data)
            elif is_end:
                self._end(node)
            else:
                self._begin(node)
        self._flush()

    # ── elements ──

    def _begin(self, node: Any) -> None:
        step = self._steps[-1]
        number = step.held[node.name] = step.held.get(node.name, 0) + 1
        name = node.name if number == 1 else f"{node.name}[{number}]"
        path = step.path if node.name.startswith("#") else (*step.path, name)[-MOST_STEPS:]
        line = node.origin_line or step.line
        self._steps.append(_Step(path, line, (path, line) if node.name in _BLOCKS else step.block))
        if self._unseen or _is_unseen(node):
            self._unseen += 1
        elif self._code is not None or self._is_in_cell:
            self._begin_within(node)
        elif node.name in _BLOCKS:
            self._flush()
            self._begin_block(node)
        else:
            self._begin_words(node)

    def _end(self, node: Any) -> None:
        if self._unseen:
            self._unseen -= 1
        elif self._code is not None or self._is_in_cell:
            self._end_within(node)
        elif node.name in _BLOCKS:
            self._flush()
            self._end_block(node)
        else:
            self._end_words(node)
        self._steps.pop()

    def _begin_within(self, node: Any) -> None:
        """Begin an element in code, which has no words of its own, or in a cell, which has no blocks."""
        if self._code is not None:
            self._code.extend("\n" * (node.name == "br"))
        elif node.name in _BLOCKS or node.name == "br":
            self._said.append(" ")
        else:
            self._begin_words(node)

    def _end_within(self, node: Any) -> None:
        if self._code is not None:
            if node.name == "pre":
                self._write_code(node)
        elif node.name in ("td", "th"):
            words, origin = self._taken()
            assert self._rows is not None
            self._rows[-1].append(((words, origin), node))
            self._is_in_cell = False
        elif node.name in _BLOCKS:
            self._said.append(" ")
        else:
            self._end_words(node)

    def _begin_block(self, node: Any) -> None:
        name = node.name
        if name in _HEADINGS:
            self._level = _HEADINGS[name]
        elif name == "pre":
            self._code = []
            self._since = self._here()
        elif name == "blockquote":
            self.sheet.open_quote()
        elif name == "hr":
            self.sheet.rule()
        elif name in _LISTS:
            number = _number(node, "start", 1) if name == "ol" else None
            self._lists.append(_List(name, number))
            self.sheet.open_list(first_number=number)
        elif name in ("li", "dt") and self._lists:
            self._open_item()
        elif name == "table" and id(node) not in self.arranging:
            self._rows = []
        elif name == "tr" and self._rows is not None:
            self._rows.append([])
        elif name in ("td", "th") and self._rows:
            self._is_in_cell = True
            self._since = self._here()

    def _end_block(self, node: Any) -> None:
        name = node.name
        if name in _HEADINGS:
            self._level = 0
        elif name == "blockquote":
            self.sheet.close_quote()
        elif name in _LISTS:
            self._close_item()
            self._lists.pop()
            self.sheet.close_list()
        elif name == "li" and self._lists:
            self._close_item()
        elif name == "table" and self._rows is not None:
            self.sheet.table(list(_grid(self._rows)))
            self._rows = None

    def _open_item(self) -> None:
        self._close_item()
        held = self._lists[-1]
        self.sheet.open_item(held.number)
        held.has_open_item = True
        if held.number is not None:
            held.number += 1

    def _close_item(self) -> None:
        if self._lists[-1].has_open_item:
            self.sheet.close_item()
            self._lists[-1].has_open_item = False

    # ── words ──

    def _text(self, text: str) -> None:
        if self._code is not None:
            self._code.append(text)
            return
        words = _SPACE.sub(" ", text)
        if self._since is None and words.strip():
            self._since = self._here()
        self._said.append(words)

    def _begin_words(self, node: Any) -> None:
        if node.name == "br":
            self._said.append("\n")
        elif node.name == "wbr":
            self._said.append("\u200b")
        elif node.name == "img" and (node.attrs or {}).get("alt", "").strip():
            self._since = self._since or self._here()
            words = " ".join(node.attrs["alt"].split())
            address = _address(node.attrs.get("src"))
            self._said.append(f"![{words}]({address})" if address else words)
        elif node.name == "q":
            self._said.append("“")
        elif node.name in ("a", "code", "kbd", "samp", "tt"):
            self._wraps.append(_Wrap(node, len(self._said)))

    def _end_words(self, node: Any) -> None:
        if node.name == "q":
            self._said.append("”")
        if not self._wraps or self._wraps[-1].node is not node:
            return
        place = self._wraps.pop().place
        inner = "".join(self._said[place:])
        words = inner.strip()
        if not words:
            return
        wrapped = words
        if node.name != "a":
            wrapped = code_span(words)
        elif (address := _address((node.attrs or {}).get("href"))) and address != words:
            wrapped = f"[{words}]({address})"
        begin = inner.index(words)
        self._said[place:] = [inner[:begin], wrapped, inner[begin + len(words) :]]

    def _taken(self) -> Run:
        """Give the words since the last block, and begin anew."""
        lines = (" ".join(part for part in line.split(" ") if part) for line in "".join(self._said).split("\n"))
        words = "\n".join(line for line in lines if line)
        origin = self._since or self._here()
        self._said, self._since = [], None
        for wrap in self._wraps:
            wrap.place = 0
        return words, origin

    def _flush(self) -> None:
        run = self._taken()
        if not run[0]:
            return
        if self._level:
            self.sheet.heading(self._level, [run])
        else:
            self.sheet.paragraph([run])

    def _write_code(self, node: Any) -> None:
        lines = "".join(self._code or ()).replace("\r\n", "\n").rstrip("\n").split("\n")
        origin = self._since or self._here()
        self._code, self._since = None, None
        if any(line.strip() for line in lines):
            self.sheet.code([(line, origin) for line in lines], language=_language(node))

    def _here(self) -> Origin:
        path, line = self._steps[-1].block
        return Origin(start=0, end=0, element="/".join(path) or None, line=line)


def _is_unseen(node: Any) -> bool:
    if node.name in _UNSEEN or node.name.startswith(("#comment", "!")):
        return True
    attributes = node.attrs or {}
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "hidden" in attributes or "display:none" in style or "visibility:hidden" in style


def _address(value: object) -> str:
    """Give an address that a link of Markdown can hold; empty for one that leads nowhere outside the page."""
    address = value.strip() if isinstance(value, str) else ""
    if not address or address.startswith("#") or address.lower().startswith(("javascript:", "data:")):
        return ""
    return re.sub(r"[\s()<>]", lambda mark: f"%{ord(mark[0]):02X}", address)


def _language(node: Any) -> str:
    """Give the language of code, as its classes name it."""
    for held in (node, *(child for child in node.children or () if child.name == "code")):
        for word in ((held.attrs or {}).get("class") or "").split():
            match = re.fullmatch(r"(?:language|lang|highlight-source)-([\w+#.-]{1,30})", word)
            if match is not None:
                return match[1]
    return ""


def _number(node: Any, name: str, otherwise: int) -> int:
    text = (node.attrs or {}).get(name) or ""
    return int(text) if re.fullmatch(r"\d{1,6}", text.strip()) else otherwise


def _grid(rows: Sequence[Sequence[tuple[Run, Any]]]) -> Iterator[list[Run]]:
    """Give rows whose cells stand in their columns: what spans several is followed, and stood under, by empty ones."""
    blank: Run = ("", Origin(start=0, end=0))
    reaching: Counter[int] = Counter()
    for row in rows:
        cells: list[Run] = []
        for run, node in row:
            while reaching[len(cells)] > 0:
                reaching[len(cells)] -= 1
                cells.append(blank)
            wide, high = (max(1, min(_number(node, name, 1), 64)) for name in ("colspan", "rowspan"))
            for place in range(wide):
                reaching[len(cells)] = high - 1
                cells.append(blank if place else run)
        while reaching[len(cells)] > 0:
            reaching[len(cells)] -= 1
            cells.append(blank)
        if any(words for words, _ in cells):
            yield cells
