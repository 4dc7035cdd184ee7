"""A sheet of Markdown that is being written: blocks of a converted document, each with where it came from.

Knows no source. Words are written as they are; a backslash is put before them only where they would otherwise be read
as another block than the one they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lamina.core.documents import Origin

#: How deep lists and quotes are written; what stands deeper is written at this depth.
MOST_DEPTH = 8

_OPENS_A_BLOCK = re.compile(
    r"(?:#{1,6}(?=\s|$)|[-+*](?=\s|$)|>|`{3}|~{3}|<(?=[A-Za-z/!?])|\[(?=[^\]]*\]:)|[-=*_:|][-=*_:|\s]*$|\|)"
)
_OPENS_A_NUMBER = re.compile(r"(\d{1,9})([.)](?=\s|$))")
_TICKS = re.compile(r"`+")

#: Words with where they came from; the offsets of the origin are set when they are written.
Run = tuple[str, Origin]


@dataclass(slots=True)
class Sheet:
    """Markdown in the making."""

    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    origins: list[Origin] = field(default_factory=list)
    #: What begins the next line, and what begins the lines after it, for each list item and quote that is open.
    _openings: list[str] = field(default_factory=list)
    _margins: list[str] = field(default_factory=list)
    #: Whether nothing was written since the sheet or the innermost open block began.
    _is_fresh: bool = True
    #: For each open list its mark, and whether it has an item.
    _lists: list[tuple[str, bool]] = field(default_factory=list)
    #: The mark of a list that was closed right before; another list beside it needs another.
    _former_mark: str = ""

    @property
    def text(self) -> str:
        """What was written."""
        return "".join(self._parts)

    def heading(self, level: int, runs: Sequence[Run]) -> None:
        """Write a heading on one line."""
        said = [(" ".join(words.split()), origin) for words, origin in runs if words.strip()]
        if not said:
            return
        if said[-1][0].endswith("#"):
            said[-1] = (said[-1][0][:-1] + "\\#", said[-1][1])
        self._begin()
        self._write("#" * max(1, min(level, 6)) + " ")
        self._write_runs(said, " ")
        self._write("\n")

    def paragraph(self, runs: Sequence[Run]) -> None:
        """Write words; a line break in them is kept, as Markdown has it."""
        said = [(_guarded(words), origin) for words, origin in runs if words.strip()]
        if said:
            self._begin()
            self._write_runs(said, " ")
            self._write("\n")

    def code(self, lines: Sequence[Run], *, language: str = "") -> None:
        """Write lines as they are, between fences."""
        longest = max((len(ticks) for line, _ in lines for ticks in _TICKS.findall(line)), default=0)
        fence = "`" * max(3, longest + 1)
        self._begin()
        self._write(f"{fence}{language}\n")
        for line, origin in lines:
            if line.strip():
                self._margin()
                self._write_runs([(line, origin)], "")
            self._write("\n")
        self._margin()
        self._write(f"{fence}\n")

    def table(self, rows: Sequence[Sequence[Run]]) -> None:
        """Write rows of cells; the first is the header."""
        width = max(map(len, rows), default=0)
        if not width:
            return
        self._begin()
        for place, row in enumerate(rows):
            if place:
                self._margin()
            for words, origin in row:
                self._write("| ")
                self._write_runs([(" ".join(words.split()).replace("|", "\\|"), origin)], "")
                self._write(" ")
            self._write("|  " * (width - len(row)) + "|\n")
            if not place:
                self._margin()
                self._write("|" + " --- |" * width + "\n")

    def rule(self) -> None:
        """Write a thematic break."""
        self._begin()
        self._write("***\n")

    def open_quote(self) -> None:
        """Begin a quote."""
        self._begin(stays_open=True)
        self._open("> ", "> ")

    def close_quote(self) -> None:
        """End the innermost quote."""
        self._close()

    def open_list(self, *, first_number: int | None = None) -> None:
        """Begin a list, counted from `first_number`, or with marks that do not count."""
        marks = ("-", "*") if first_number is None else (".", ")")
        kept = self._former_mark if self._former_mark in marks else ""
        self._lists.append((marks[kept == marks[0]], False))

    def close_list(self) -> None:
        """End the innermost list."""
        self._former_mark, _ = self._lists.pop()

    def open_item(self, number: int | None = None) -> None:
        """Begin an item of the innermost list."""
        mark, has_items = self._lists.pop() if self._lists else ("-", False)
        self._lists.append((mark, True))
        opening = f"{mark} " if number is None else f"{number}{mark} "
        self._begin(stays_open=True, is_next=has_items)
        self._open(opening, " " * len(opening))

    def close_item(self) -> None:
        """End the innermost item."""
        if self._is_fresh and self._openings[-1]:
            self._margin()
            self._write("\n")
        self._close()

    def _open(self, opening: str, margin: str) -> None:
        is_deep = len(self._margins) >= MOST_DEPTH
        self._openings.append("" if is_deep else opening)
        self._margins.append("" if is_deep else margin)
        self._is_fresh = True
        self._former_mark = ""

    def _close(self) -> None:
        self._openings.pop()
        self._margins.pop()
        self._is_fresh = False
        self._former_mark = ""

    def _begin(self, *, stays_open: bool = False, is_next: bool = False) -> None:
        """Begin a block: with a blank line before it, unless it opens what it stands in, or is the next item."""
        if not self._is_fresh and self._parts and not is_next:
            self._write("".join(self._margins).rstrip() + "\n")
        if not stays_open:
            self._margin()
        self._is_fresh = False
        self._former_mark = ""

    def _margin(self) -> None:
        """Write what begins a line: the marks of what has just been opened, and the margins of what was before."""
        for place, opening in enumerate(self._openings):
            self._write(opening or self._margins[place])
            self._openings[place] = ""

    def _write_runs(self, runs: Sequence[Run], joint: str) -> None:
        margin = "".join(self._margins)
        for place, (words, origin) in enumerate(runs):
            if place:
                self._write(joint)
            start = self._length
            self._write(words.replace("\n", f"  \n{margin}"))
            if start < self._length:
                self.origins.append(replace(origin, start=start, end=self._length))

    def _write(self, part: str) -> None:
        self._parts.append(part)
        self._length += len(part)


def code_span(words: str) -> str:
    """Give words as a span of code."""
    fence = "`" * (max(map(len, _TICKS.findall(words)), default=0) + 1)
    pad = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{fence}{pad}{words}{pad}{fence}" if words.strip() else words


def _guarded(words: str) -> str:
    """Give words whose lines begin no block of their own."""
    return "\n".join(_guarded_line(" ".join(line.split(" ")).strip()) for line in words.split("\n") if line.strip())


def _guarded_line(line: str) -> str:
    number = _OPENS_A_NUMBER.match(line)
    if number is not None:
        return f"{number[1]}\\{line[number.end(1) :]}"
    return f"\\{line}" if _OPENS_A_BLOCK.match(line) else line
