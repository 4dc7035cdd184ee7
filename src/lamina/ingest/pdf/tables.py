"""Tables: what stands in ruled cells is taken out of the lines of a page, and stands among them as a table."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lamina.core.documents import Origin
from lamina.ingest.pdf.pages import Box, Glyph, Line, Look, Page, hull, joined
from lamina.ingest.pdf.rulings import Grid, grids_of
from lamina.ingest.sheet import Run

#: Cells of a table hold fewer letters than this; a frame around text holds more.
MOST_CELL = 300


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a ruled table, row by row."""

    rows: tuple[tuple[Run, ...], ...]


@dataclass(frozen=True, slots=True)
class Laid:
    """A page whose tables are told from its lines."""

    number: int
    height: float
    has_pictures: bool
    contents: list[Line | Table]

    @property
    def lines(self) -> list[Line]:
        """The lines that stand in no table."""
        return [what for what in self.contents if isinstance(what, Line)]


def laid(page: Page) -> Laid:
    """Give a page with its tables."""
    return Laid(page.number, page.height, page.has_pictures, list(_contents(page)))


def origin_of(page: int, box: Box) -> Origin:
    """Give the origin of what covers `box` on a page."""
    left, top, right, bottom = (round(edge, 1) for edge in box)
    return Origin(start=0, end=0, page=page, box=(left, top, right, bottom))


def _contents(page: Page) -> Iterator[Line | Table]:
    """Give the lines of a page, those in ruled tables as tables, which stand where their first letter does."""
    grids = [grid for grid in grids_of(page.rulings) if _is_table(_cells(page, grid))]
    given: set[int] = set()
    for line in page.lines:
        outside: list[Glyph] = []
        for glyph in line.glyphs:
            place = next((place for place, grid in enumerate(grids) if _cell_of(grid, glyph) is not None), None)
            if place is None:
                outside.append(glyph)
            elif place not in given:
                given.add(place)
                yield _table(page, grids[place])
        if outside:
            look = Look(line.size, line.is_bold, line.is_mono, is_word=True)
            part = (
                line if len(outside) == line.count else Line.of(outside, page=line.page, base=line.base, looks=[look])
            )
            # Only of code it matters where each letter stands; a long file's letters fill the memory.
            yield part if part.is_mono else replace(part, glyphs=())


def _cell_of(grid: Grid, glyph: Glyph) -> tuple[int, int] | None:
    left, top, right, bottom = glyph.box
    return grid.cell_at((left + right) / 2, (top + bottom) / 2)


def _cells(page: Page, grid: Grid) -> dict[tuple[int, int], list[list[Glyph]]]:
    """Give the letters of each cell, line by line."""
    found: dict[tuple[int, int], list[list[Glyph]]] = {}
    for line in page.lines:
        here: dict[tuple[int, int], list[Glyph]] = {}
        for glyph in line.glyphs:
            cell = _cell_of(grid, glyph)
            if cell is not None:
                here.setdefault(cell, []).append(glyph)
        for cell, glyphs in here.items():
            found.setdefault(cell, []).append(glyphs)
    return found


def _is_table(cells: dict[tuple[int, int], list[list[Glyph]]]) -> bool:
    """Say whether cells are those of a table: several, and none that holds a page."""
    sizes = [sum(map(len, lines)) for lines in cells.values()]
    return len(sizes) > 1 and max(sizes) <= MOST_CELL


def _table(page: Page, grid: Grid) -> Table:
    cells = _cells(page, grid)
    rows: list[tuple[Run, ...]] = []
    for row in range(len(grid.rows) - 1):
        written: list[Run] = []
        for column in range(len(grid.columns) - 1):
            lines = cells.get((row, column), [])
            words = " ".join(joined(glyphs) for glyphs in lines)
            box = hull([glyph.box for glyphs in lines for glyph in glyphs]) if lines else (0.0, 0.0, 0.0, 0.0)
            written.append((words, origin_of(page.number, box)))
        if any(words for words, _ in written):
            rows.append(tuple(written))
    return Table(tuple(rows))
