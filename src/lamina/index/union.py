"""The union of the walls that a read sees: their rows, one wall's after another's, scored as one collection.

What one wall has is handed on as it is; of several, what is asked for is joined once and kept as long as they stay.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.index.bm25 import Beside, Holders, Lengths, Weigh
from lamina.index.columns import run_sizes, run_starts
from lamina.index.neighbours import Sides
from lamina.index.scope_index import IndexView
from lamina.index.signs import Estimates
from lamina.index.vectors import Query, products_of

#: The numbers of a union of no more rows are kept as wide as they are compared, 1.5 MB where a row has 384.
MOST_WIDENED = 1024
#: Rough bytes of a row where each is a group by itself: of several walls with all columns that a search may ask for,
#: and of one wall its groups alone.
JOINED_ROW_BYTES, NUMBERED_ROW_BYTES = 136, 88
Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Groups:
    """Rows that belong together, such as those of one session: runs of rows that stand side by side.

    A group may have several runs.
    """

    def __init__(self, starts: Rows, numbers: Rows, *, size: int) -> None:
        """Take the first row of each run, ascending from 0, and its group's number from 1, 0 = outside any."""
        self.starts = starts
        self.sizes: Rows = run_sizes(starts, end=size)
        # Each once, and none outside any.
        counts = np.bincount(numbers, minlength=1)
        is_apart = counts.max() <= 1 and not counts[0]
        #: The group of each run; None where each run is a group by itself.
        self.numbers = None if is_apart else numbers
        self._of_runs = np.arange(1, len(starts) + 1) if is_apart else numbers

    @cached_property
    def of_rows(self) -> Rows:
        """The group of each row, numbered from 1; 0 outside any."""
        return np.repeat(self._of_runs, self.sizes)

    def members(self, groups: Rows) -> tuple[Rows, Rows]:
        """Give the rows of some groups, one group's after another's and ascending in each, and where each begins.

        `groups` are numbers from 1, and each has rows.
        """
        if self.numbers is None:
            return _ranges(self.starts[groups - 1], self.sizes[groups - 1])
        order, ascending = self._by_group
        first = ascending.searchsorted(groups)
        runs, firsts = _ranges(first, ascending.searchsorted(groups, side="right") - first)
        rows, begins = _ranges(self.starts[order[runs]], self.sizes[order[runs]])
        return rows, begins[firsts]

    @cached_property
    def _by_group(self) -> tuple[Rows, Rows]:
        """The runs, one group's after another's, and the group of each."""
        order = np.argsort(self._of_runs, kind="stable")
        return order, self._of_runs[order]


class Union:
    """Views of several walls as one."""

    def __init__(self, views: Sequence[IndexView]) -> None:
        """Put the rows of `views` one after another."""
        self.views = tuple(views)
        self._firsts = [0]
        for view in self.views:
            self._firsts.append(self._firsts[-1] + len(view))
        self._columns: dict[str, NDArray[Any]] = {}

    def __len__(self) -> int:
        """Count the rows."""
        return self._firsts[-1]

    @cached_property
    def nbytes(self) -> int:
        """Bytes of what is joined, numbered and widened for it beside its views, roughly and at most."""
        width = max((view.vectors.width for view in self.views), default=0)
        widened = 4 * (width + 1) if len(self) <= MOST_WIDENED else 0
        return len(self) * (widened + (JOINED_ROW_BYTES if len(self.views) > 1 else NUMBERED_ROW_BYTES))

    def place(self, row: int) -> tuple[int, int]:
        """Give the wall of a row, counted from 0, and the row in it."""
        wall = next(wall for wall, end in enumerate(self._firsts[1:]) if row < end)
        return wall, row - self._firsts[wall]

    def walls(self, rows: Rows) -> Rows:
        """Give the wall of each of some rows, counted from 0."""
        if len(self.views) < 2:
            return np.zeros(len(rows), dtype=np.int64)
        return np.searchsorted(self._firsts[1:], rows, side="right")

    def column(self, name: str) -> NDArray[Any]:
        """Give one of the rows' columns that mean the same in every wall: numbers and flags."""
        if name not in self._columns:
            self._columns[name] = _joined([getattr(view, name) for view in self.views])
        return self._columns[name]

    def named(self, label: str, names: Sequence[str | None]) -> Flags:
        """Say which rows carry one of `names` under a label."""
        flags = []
        for view in self.views:
            codes = [view.names[label].known(name) for name in names]
            labels = getattr(view, label)
            flags.append(labels == codes[0] if len(codes) == 1 else np.isin(labels, codes))
        return _joined(flags)

    def holders(self, terms: Sequence[str]) -> list[Holders]:
        """Give the rows that hold each different term, in the order of the question."""
        asked = Counter(terms)
        by_wall = [view.postings.rows_of(list(asked)) for view in self.views]
        if len(by_wall) == 1:
            return [Holders(*found, repeats) for found, repeats in zip(by_wall[0], asked.values(), strict=True)]
        shifts = self._firsts[:-1]
        return [
            Holders(
                _joined([wall[term][0] + first for wall, first in zip(by_wall, shifts, strict=True)]),
                _joined([wall[term][1] for wall in by_wall]),
                repeats,
            )
            for term, repeats in enumerate(asked.values())
        ]

    def estimates(self, query: Query) -> Estimates:
        """Give the cosine of `query` with the best span of every row, estimated from signs."""
        return _joined([view.vectors.estimates(query) for view in self.views])

    def cosines(self, rows: Rows, query: Query, *, is_first_span_only: bool = False) -> Floats:
        """Give the cosine of `query` with the best span of each of `rows`, which ascend."""
        if len(self.views) == 1:
            return self.views[0].vectors.cosines(rows, query, is_first_span_only=is_first_span_only)
        cuts = np.searchsorted(rows, self._firsts)
        return _joined(
            [
                view.vectors.cosines(
                    rows[cuts[wall] : cuts[wall + 1]] - first, query, is_first_span_only=is_first_span_only
                )
                for wall, (view, first) in enumerate(zip(self.views, self._firsts, strict=False))
            ]
        )

    def every_cosine(self, query: Query, *, is_first_span_only: bool = False) -> Floats:
        """Give the cosine of `query` with the best span of every row, by its numbers."""
        if len(self) > MOST_WIDENED or self._widened is None:
            return self.cosines(np.arange(len(self)), query, is_first_span_only=is_first_span_only)
        return products_of(*self._widened, query)

    @cached_property
    def _widened(self) -> tuple[Query, NDArray[np.float32]] | None:
        """The numbers and scales of every row, where each is one span: widening them takes longer than comparing."""
        parts = [found for view in self.views if len(view) and (found := view.vectors.widened()) is not None]
        if len(parts) < sum(1 for view in self.views if len(view)) or not parts:
            return None
        return _joined([numbers for numbers, _ in parts]), _joined([scales for _, scales in parts])

    def best_span(self, row: int, query: Query) -> tuple[int, int] | None:
        """Give the part of a long text that is nearest to `query`; None where the text is one span, or has none."""
        wall, place = self.place(row)
        vectors = self.views[wall].vectors
        return vectors.best_span(place, query) if vectors.span_count[place] > 1 else None

    def spans(self, row: int, query: Query) -> list[tuple[tuple[int, int], float]]:
        """Give every part of a text that has a vector of its own, each with its cosine to `query`."""
        wall, place = self.place(row)
        return self.views[wall].vectors.spans(place, query)

    @cached_property
    def chance(self) -> Floats | None:
        """How far above the mean the best of each row's spans lies by chance alone; None where each row has one."""
        chances = [view.vectors.chance for view in self.views]
        if all(chance is None for chance in chances):
            return None
        return _joined(
            [
                np.zeros(len(view)) if chance is None else chance
                for view, chance in zip(self.views, chances, strict=True)
            ]
        )

    @cached_property
    def has_every_vector(self) -> bool:
        """Say whether no row lacks its vector."""
        return all(view.vectors.is_complete for view in self.views)

    @cached_property
    def lacking(self) -> Rows:
        """The active rows that have no vector yet."""
        return _joined([view.lacking + first for view, first in zip(self.views, self._firsts, strict=False)])

    @cached_property
    def is_all_active(self) -> bool:
        """Say whether no row has ended."""
        return all(view.is_all_active for view in self.views)

    @cached_property
    def speakers(self) -> tuple[str, ...]:
        """The speakers that are names and no roles, sorted."""
        return tuple(sorted({name for view in self.views for name in view.speakers}))

    @cached_property
    def lengths(self) -> Lengths:
        """How long the rows are by their own words."""
        return _joined_lengths([view.lengths for view in self.views])

    @cached_property
    def joined(self) -> Lengths:
        """How long the rows are with what is read of their neighbours."""
        return _joined_lengths([view.joined for view in self.views])

    @cached_property
    def sides(self) -> tuple[Sides, Sides]:
        """The row before and the row after each, negative where there is none."""
        pairs = list(zip(self.views, self._firsts, strict=False))
        before, after = (
            _joined([view.sides[side] if not first else _shifted(view.sides[side], first) for view, first in pairs])
            for side in (0, 1)
        )
        return before, after

    def beside(self, weigh: Weigh) -> Beside:
        """Give what is read with each row."""
        return Beside(*self.sides, _joined([view.postings.lengths for view in self.views]), weigh)

    @cached_property
    def sessions(self) -> Groups:
        """The rows of each session."""
        starts: list[Rows] = []
        numbers: list[Rows] = []
        names = 0
        for view, first in zip(self.views, self._firsts, strict=False):
            sessions = view.session_name[view.session_starts].astype(np.int64)
            starts.append(view.session_starts + first)
            numbers.append(np.where(sessions > 0, sessions + names, 0))
            names += len(view.names["session_name"])
        return Groups(_joined(starts), _joined(numbers), size=len(self))

    @cached_property
    def events(self) -> Groups:
        """The rows of each event."""
        starts: list[Rows] = []
        numbers: list[Rows] = []
        known = 0
        for view, first in zip(self.views, self._firsts, strict=False):
            begins = run_starts(view.event)
            names, which = np.unique(view.event[begins], return_inverse=True)
            starts.append(begins + first)
            numbers.append(np.where(view.event[begins] > 0, which + 1 + known, 0))
            known += len(names)
        return Groups(_joined(starts), _joined(numbers), size=len(self))


def _ranges(first: Rows, sizes: Rows) -> tuple[Rows, Rows]:
    """Give the numbers from each of `first` on, so many as its size says, and where each such range begins."""
    begins = np.cumsum(sizes) - sizes
    return np.repeat(first - begins, sizes) + np.arange(sizes.sum()), begins


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _joined_lengths(parts: Sequence[Lengths]) -> Lengths:
    return Lengths(_joined([part.parts for part in parts]), sum(part.total for part in parts))


def _shifted(rows: Sides, by: int) -> Sides:
    return np.where(rows >= 0, rows + by, rows)
