"""Events end where what comes surprises: as vectors arrive, in whole numbers, the same whatever is fed at a time.

The surprise at a row is 1 − the cosine between the mean of the rows behind it and that of the rows from it on (with one
row ahead, EM-LLM's event surprise over embeddings; with several, the gap score of TextTiling, Hearst 1997). A row
begins an event where its surprise exceeds mean + gamma · deviation of the recent ones (EM-LLM, Fountas et al., 2024,
arXiv 2407.09450) and reaches `floor`, none nearby surprises more, and neither side becomes smaller than `smallest`.
An event that would outgrow `largest` is cut at its greatest surprise. Boundaries may move to the best split nearby.

A stretch ends where the caller says so (sessions, pauses) and is cut by itself alone. Inside it a surprise depends on
rows around it and on no boundary, and a decision on a bounded number of rows before and after: a boundary once given
never changes, and cutting can go on anywhere with the `look_back` rows before the last one. Knows no observations,
times or stores.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from lamina.core.errors import InvalidArgument
from lamina.segment.fixed_point import MOST_ROWS, UNIT, Exact, fixed, surprise
from lamina.segment.refine import Quality, best_split

Kept = TypeVar("Kept")
#: One vector; None for an observation that has none, which is neither like nor unlike anything.
Row = Sequence[float] | NDArray[np.floating] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutting:
    """How events are cut; counts are of observations."""

    #: How many rows are the context, and how many what comes.
    behind: int = 4
    ahead: int = 4
    #: How many deviations above the mean of the recent surprises one has to be.
    gamma: float = 1.0
    #: How much it has to be at least, 0 to 2, because even a talk that keeps to its matter has a greatest surprise. In
    #: MiniLM's vectors nine of ten changes of matter in chats reach 0.8; a meeting of 800 turns reaches 0.55 once.
    floor: float = 0.55
    #: Of how many surprises before it mean and deviation are taken, and how many there have to be.
    recent: int = 64
    fewest: int = 8
    #: No event inside a stretch is smaller or larger; a stretch smaller than `smallest` is one event.
    smallest: int = 4
    largest: int = 1024
    #: How far a boundary may move to a better split; 0 = it stays.
    reach: int = 0
    quality: Quality = "modularity"

    def __post_init__(self) -> None:
        """Refuse what cannot be cut by.

        Raises:
            InvalidArgument: names the field.
        """
        for name, least in (("behind", 1), ("ahead", 1), ("recent", 1), ("fewest", 1), ("smallest", 1), ("reach", 0)):
            if not least <= getattr(self, name) <= MOST_ROWS:
                raise InvalidArgument(name, f"is {getattr(self, name)}", f"give {least} to {MOST_ROWS}")
        if not 0 <= self.gamma < float("inf"):
            raise InvalidArgument("gamma", f"is {self.gamma}", "give a number from 0 upwards")
        if not 0 <= self.floor <= 2:
            raise InvalidArgument("floor", f"is {self.floor}", "give 0 to 2")
        if self.largest + 1 < 2 * self.smallest:
            raise InvalidArgument("largest", "leaves no room for two events", "give at least 2 · smallest − 1")
        # Else what a boundary moved over could be one again.
        if self.reach >= self.smallest:
            raise InvalidArgument("reach", "is not below `smallest`", "give less")

    @property
    def look_ahead(self) -> int:
        """How many rows from a boundary on are known when it is given; more only where `largest` made it."""
        return self.smallest + max(self.ahead, self.reach)

    @property
    def look_back(self) -> int:
        """How many rows before the open event's first are needed to go on as if nothing had been interrupted."""
        return self.behind + max(self.recent, self.smallest)


class Segmenter:
    """Cuts one stream as it arrives; give it rows in their order, it gives the places where events begin, final."""

    def __init__(self, cutting: Cutting, *, context: Iterable[Row] = (), place: int = 0) -> None:
        """Begin a stream, or go on with one at the first row of its open event, which has number `place`.

        `context` is what was there before in the same stretch: its last `cutting.look_back` rows, or all of them.
        """
        self._cutting = cutting
        before = [_whole(row) for row in context]
        self._stretch = _Stretch(cutting, first=place - len(before))
        self._stretch.remember(before)
        self._count = place

    def push(self, vector: Row, *, begins: bool = False) -> list[int]:
        """Take the next row; give the numbers of rows that are now known to begin an event, ascending.

        `begins` says that it begins a stretch: a session, or what follows a pause. The first row of all is no boundary.

        Raises:
            InvalidArgument: a vector that is not of unit length; nothing has changed then.
        """
        row = _whole(vector)
        found: list[int] = []
        if begins and self._count > self._stretch.first:
            found = [*self._stretch.close(), self._count]
            self._stretch = _Stretch(self._cutting, first=self._count)
        self._count += 1
        return found + self._stretch.take(row)

    def finish(self) -> list[int]:
        """End the stream; give the remaining boundaries."""
        found = self._stretch.close()
        self._stretch = _Stretch(self._cutting, first=self._count)
        return found


def boundaries(vectors: Iterable[Row], *, cutting: Cutting, begins: Iterable[int] = ()) -> list[int]:
    """Give the numbers of the rows that begin an event, but for the first; `begins` are those that begin a stretch."""
    segmenter = Segmenter(cutting)
    starts = frozenset(begins)
    found: list[int] = []
    for place, vector in enumerate(vectors):
        found += segmenter.push(vector, begins=place in starts)
    return found + segmenter.finish()


class _Recent(Generic[Kept]):
    """The end of a growing list, under the numbers that its items have in the whole."""

    def __init__(self, first: int) -> None:
        self._items: list[Kept] = []
        self._first = first

    def append(self, item: Kept) -> None:
        self._items.append(item)

    def between(self, low: int, high: int) -> list[Kept]:
        """Give the items from `low` to before `high`."""
        return self._items[low - self._first : high - self._first]

    def forget_before(self, number: int) -> None:
        """Let go what is there before `number`, now or soon."""
        count = min(number - self._first, len(self._items))
        # Half of it at a time: dropping single items from a list moves all the others.
        if count > len(self._items) // 2:
            del self._items[:count]
            self._first += count


class _Stretch:
    """What is known of the rows since the last session's beginning or pause, under numbers of its own."""

    def __init__(self, cutting: Cutting, *, first: int) -> None:
        self.first = first
        self._cutting = cutting
        self._seen = 0
        self._is_closed = False
        #: Where the open event begins, and which row is judged next.
        self._event = 0
        self._next = 1
        self._rows: _Recent[Exact | None] = _Recent(0)
        self._surprises: _Recent[int] = _Recent(1)
        self._surprises_end = 1

    def remember(self, rows: Sequence[Exact | None]) -> None:
        """Take rows that were judged before; the open event begins after them."""
        for row in rows:
            self._rows.append(row)
        self._seen = self._event = len(rows)
        self._next = self._event + 1

    def take(self, row: Exact | None) -> list[int]:
        self._rows.append(row)
        self._seen += 1
        return self._judge()

    def close(self) -> list[int]:
        self._is_closed = True
        return self._judge()

    def _judge(self) -> list[int]:
        """Judge every row that enough is known about; give the boundaries, under the stream's numbers."""
        cutting = self._cutting
        self._measure()
        found: list[int] = []
        while self._next < self._seen and (self._is_closed or self._next + cutting.look_ahead <= self._seen):
            boundary = self._boundary_at(self._next)
            self._next += 1
            if boundary is not None:
                self._event = boundary
                found.append(self.first + boundary)
        self._surprises.forget_before(min(self._event, self._next - max(cutting.recent, cutting.smallest)))
        self._rows.forget_before(min(self._surprises_end - cutting.behind, self._next - 2 * cutting.reach))
        return found

    def _measure(self) -> None:
        """Take the surprises of the rows that all that comes is known of."""
        behind, ahead = self._cutting.behind, self._cutting.ahead
        end = self._seen if self._is_closed else self._seen - ahead + 1
        for place in range(self._surprises_end, end):
            context = _total(self._rows.between(max(0, place - behind), place))
            coming = _total(self._rows.between(place, place + ahead))
            self._surprises.append(0 if context is None or coming is None else surprise(context, coming))
        self._surprises_end = max(self._surprises_end, end)

    def _boundary_at(self, place: int) -> int | None:
        cutting = self._cutting
        last = self._seen - cutting.smallest
        if self._event + cutting.smallest <= place <= last and self._is_peak(place):
            return self._refined(place, last=last)
        if place - self._event < cutting.largest:
            return None
        first = self._event + cutting.smallest
        open_surprises = self._surprises.between(first, min(place, last) + 1)
        return first + open_surprises.index(max(open_surprises))

    def _is_peak(self, place: int) -> bool:
        radius, recent = self._cutting.smallest, self._cutting.recent
        [height] = self._surprises.between(place, place + 1)
        if height < self._cutting.floor * UNIT:
            return False
        if height < max(self._surprises.between(max(1, place - radius), place + radius + 1)):
            return False
        former = self._surprises.between(max(1, place - recent), place)
        return len(former) >= self._cutting.fewest and _stands_out(height, former, gamma=self._cutting.gamma)

    def _refined(self, place: int, *, last: int) -> int:
        reach = self._cutting.reach
        if not reach:
            return place
        low = max(self._event, place - 2 * reach)
        rows = self._rows.between(low, place + 2 * reach)
        width = next((len(row) for row in rows if row is not None), 0)
        split = best_split(
            np.stack([np.zeros(width) if row is None else row for row in rows]),
            place - low,
            lowest=max(self._event + self._cutting.smallest, place - reach) - low,
            highest=min(place + reach, last) - low,
            quality=self._cutting.quality,
        )
        return low + split


def _whole(row: Row) -> Exact | None:
    return None if row is None else fixed(row)


def _total(rows: Sequence[Exact | None]) -> Exact | None:
    """Give the sum of those rows that have a vector; None where none has."""
    known = [row for row in rows if row is not None]
    if not known:
        return None
    total = known[0].copy()
    for row in known[1:]:
        total += row
    return total


def _stands_out(height: int, former: Sequence[int], *, gamma: float) -> bool:
    """Say whether `height` exceeds mean + gamma · deviation of `former`; both sides are taken times their number."""
    count, total = len(former), sum(former)
    spread = count * sum(value * value for value in former) - total * total
    return count * height - total > gamma * math.sqrt(spread)
