"""Ruled lines of a page, and the tables that they draw: a grid of cells, some of them joined.

Only what is ruled on all sides is a table; columns that stand apart by white space alone are read as lines.
"""

import ctypes
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

try:
    import pypdfium2.raw as pdfium
except ImportError:
    pdfium = None

#: How far, in points, lines may miss each other and still meet.
NEAR = 2.5
#: Lines shorter than this rule nothing.
LEAST_LENGTH = 4.0
#: A page with more lines than this is a drawing, in which no table is looked for.
MOST_RULINGS = 4000


@dataclass(frozen=True, slots=True)
class Ruling:
    """A straight line along an axis: at `place` across, from `start` to `end` along."""

    place: float
    start: float
    end: float
    is_level: bool

    def meets(self, other: "Ruling") -> bool:
        """Say whether two lines of different directions touch."""
        return (
            self.start - NEAR <= other.place <= self.end + NEAR and other.start - NEAR <= self.place <= other.end + NEAR
        )


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table: where its columns and rows are parted, and which cells are one."""

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    #: For each row and column the cell, as (row, column), whose words stand there.
    cells: tuple[tuple[tuple[int, int], ...], ...]

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Give the cell around a point; None outside the table."""
        column = sum(edge <= x for edge in self.columns) - 1
        row = sum(edge <= y for edge in self.rows) - 1
        if 0 <= row < len(self.rows) - 1 and 0 <= column < len(self.columns) - 1:
            return self.cells[row][column]
        return None


def rulings_of(page: Any, placed: Callable[[float, float], tuple[float, float]]) -> list[Ruling]:
    """Give the straight lines that a page draws, sides of rectangles among them."""
    found: list[Ruling] = []
    for path in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=3):
        found.extend(_rulings_of_path(path, placed))
        if len(found) > MOST_RULINGS:
            return []
    return found


def grids_of(rulings: Sequence[Ruling]) -> list[Grid]:
    """Give the tables that lines draw, from the top of the page down."""
    grids = [grid for group in _meeting(rulings) if (grid := _grid(group)) is not None]
    return sorted(grids, key=lambda grid: (grid.rows[0], grid.columns[0]))


def _rulings_of_path(path: Any, placed: Callable[[float, float], tuple[float, float]]) -> Iterator[Ruling]:
    a, b, c, d, e, f = path.get_matrix().get()
    count = pdfium.FPDFPath_CountSegments(path)
    if count > MOST_RULINGS:
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    first = last = (0.0, 0.0)
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(path, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        here = placed(a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = here
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            yield from _ruling(last, here)
        last = here
        if pdfium.FPDFPathSegment_GetClose(segment):
            yield from _ruling(last, first)


def _ruling(begin: tuple[float, float], end: tuple[float, float]) -> Iterator[Ruling]:
    across, along = abs(end[0] - begin[0]), abs(end[1] - begin[1])
    if across >= LEAST_LENGTH and along < 1:
        yield Ruling((begin[1] + end[1]) / 2, min(begin[0], end[0]), max(begin[0], end[0]), is_level=True)
    elif along >= LEAST_LENGTH and across < 1:
        yield Ruling((begin[0] + end[0]) / 2, min(begin[1], end[1]), max(begin[1], end[1]), is_level=False)


def _meeting(rulings: Sequence[Ruling]) -> list[list[Ruling]]:
    """Give lines in groups that hang together."""
    parents = list(range(len(rulings)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    uprights = sorted(
        (place for place, held in enumerate(rulings) if not held.is_level), key=lambda p: rulings[p].place
    )
    edges = [rulings[place].place for place in uprights]
    for place, level in enumerate(rulings):
        if not level.is_level:
            continue
        within = slice(bisect_left(edges, level.start - NEAR), bisect_right(edges, level.end + NEAR))
        for other in uprights[within]:
            if level.meets(rulings[other]):
                parents[root(other)] = root(place)
    groups: dict[int, list[Ruling]] = {}
    for place, ruling in enumerate(rulings):
        groups.setdefault(root(place), []).append(ruling)
    return [group for group in groups.values() if len(group) > 3]


def _grid(group: Sequence[Ruling]) -> Grid | None:
    levels, uprights = ([held for held in group if held.is_level is is_level] for is_level in (True, False))
    rows, columns = (_parted([held.place for held in lines]) for lines in (levels, uprights))
    if len(rows) < 2 or len(columns) < 2 or (len(rows) - 1) * (len(columns) - 1) < 2:
        return None
    owner = {(row, column): (row, column) for row in range(len(rows) - 1) for column in range(len(columns) - 1)}
    for row, column in owner:
        middle = (rows[row] + rows[row + 1]) / 2, (columns[column] + columns[column + 1]) / 2
        if column and not _is_ruled(uprights, columns[column], middle[0]):
            owner[row, column] = owner[row, column - 1]
        elif row and not _is_ruled(levels, rows[row], middle[1]):
            owner[row, column] = owner[row - 1, column]
    cells = tuple(tuple(owner[row, column] for column in range(len(columns) - 1)) for row in range(len(rows) - 1))
    return Grid(columns, rows, cells)


def _parted(places: Sequence[float]) -> tuple[float, ...]:
    """Give places in order, those that nearly coincide as one."""
    parted: list[float] = []
    for place in sorted(places):
        if not parted or place - parted[-1] > NEAR:
            parted.append(place)
    return tuple(parted)


def _is_ruled(lines: Sequence[Ruling], place: float, along: float) -> bool:
    return any(abs(line.place - place) <= NEAR and line.start - NEAR <= along <= line.end + NEAR for line in lines)
