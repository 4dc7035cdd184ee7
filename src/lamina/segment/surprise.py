"""Events end where what comes surprises: as vectors arrive, in whole numbers, the same whatever is fed at a time.

The surprise at a row is 1 − the cosine between the weighed mean of the rows behind it and that of the rows from it on
(EM-LLM's event surprise, Fountas et al., 2024, arXiv 2407.09450, over the gap score of TextTiling, Hearst 1997). A row
begins an event where its surprise exceeds mean + gamma · deviation of the recent ones and reaches `floor`, none nearby
surprises more, and the event before does not become smaller than `smallest`. An event that has grown to half of
`largest` ends at the next milestone, and at `largest` at the latest. Boundaries may move to the best split nearby.

A stretch ends where the caller says so (sessions, pauses) and is cut by itself alone. A surprise depends on the rows
around it and on no boundary; it is judged once enough follows in the stretch, and none of what is looked at waits for
its vector: until then a row goes with the event before it. So a boundary once given never changes, and cutting can go
on anywhere with the `context` rows before. Knows no observations, times or stores.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lamina.core.errors import InvalidArgument
from lamina.segment.fixed_point import MOST_ROWS, UNIT, surprises
from lamina.segment.refine import Quality, best_split
from lamina.segment.rows import MOST_WEIGHT, Rows, is_milestone

#: What made the boundaries.
PRODUCER = "segment.surprise@1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutting:
    """How events are cut; counts are of rows."""

    #: How much the rows of the context weigh together, and those of what comes; a short row weighs 1, a long one 4.
    width: int = 8
    #: How many deviations above the mean of the recent surprises one has to be.
    gamma: float = 1.0
    #: How much it has to be at least, 0 to 2, because even a talk that keeps to its matter has a greatest surprise.
    floor: float = 0.58
    #: Of how many surprises before it mean and deviation are taken, and how many there have to be.
    recent: int = 32
    fewest: int = 8
    #: No event that ends by surprise is smaller; none is larger.
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
        for name, least, most in (
            ("width", 1, MOST_ROWS - MOST_WEIGHT),
            ("recent", 1, MOST_ROWS),
            ("fewest", 1, MOST_ROWS),
            ("smallest", 1, MOST_ROWS),
            ("reach", 0, MOST_ROWS),
        ):
            if not least <= getattr(self, name) <= most:
                raise InvalidArgument(name, f"is {getattr(self, name)}", f"give {least} to {most}")
        if not 0 <= self.gamma < float("inf"):
            raise InvalidArgument("gamma", f"is {self.gamma}", "give a number from 0 upwards")
        if not 0 <= self.floor <= 2:
            raise InvalidArgument("floor", f"is {self.floor}", "give 0 to 2")
        if self.largest < 2 * self.smallest:
            raise InvalidArgument("largest", "leaves no room for two events", "give at least 2 · smallest")
        # Else what a boundary moved over could be one again, and which row was judged could not be told from it.
        if self.reach and 2 * self.reach >= self.smallest:
            raise InvalidArgument("reach", "is not below half of `smallest`", "give less")

    def is_full(self, size: int, opening: str) -> bool:
        """Say whether an event of so many rows ends before a row whose text begins so, whatever surprises."""
        return size >= self.largest or (size >= self.largest // 2 and is_milestone(opening))

    @property
    def look_ahead(self) -> int:
        """How many rows from a place on are looked at, at most, when it is judged."""
        return self.smallest + max(self.width, 2 * self.reach)

    @property
    def look_back(self) -> int:
        """How many rows before a place are looked at, at most, when it is judged, but for where its event begins."""
        return self.width + max(self.recent, self.smallest, 2 * self.reach)

    @property
    def context(self) -> int:
        """How many rows before the first new one are needed to go on as if nothing had been interrupted."""
        return self.look_back + self.look_ahead + 2 * self.reach


class Segmenter:
    """Cuts one stretch as it comes; give it rows in their order, it gives the places where events begin, final.

    Places are numbers of rows, from 0 for the first that it was given, be it context.
    """

    def __init__(
        self,
        cutting: Cutting,
        *,
        context: Rows | None = None,
        begins: Sequence[int] = (),
        event: int = 0,
        is_cut_off: bool = False,
    ) -> None:
        """Begin a stretch, or go on with one of which `context` is known: all of it, or its last rows.

        `begins` are the places in it at which events begin, and `event` is the place, 0 or less, at which the event of
        the first row began. `is_cut_off` says that rows stand before the context, which then has `cutting.context`.
        """
        self._cutting = cutting
        self._rows = context
        self._first = 0
        self._is_cut_off = is_cut_off
        #: Which row is judged next, and where the event begins that it may end.
        self._next = 1
        self._event = event
        if context is not None:
            self._resume(_Look(context, cutting, is_cut_off=is_cut_off), begins)

    @property
    def event(self) -> int:
        """The place at which the event begins that is open as far as was judged."""
        return self._event

    def extend(self, rows: Rows) -> list[int]:
        """Take the next rows; give the places that are now known to begin an event, ascending."""
        known = rows if self._rows is None else self._rows.followed_by(rows)
        look = _Look(known, self._cutting, is_cut_off=self._is_cut_off)
        end = self._first + look.judgeable
        found = self._boundaries(known, [self._first + peak for peak in look.peaks(self._next - self._first)], end)
        self._event = found[-1] if found else self._event
        self._next = max(self._next, end)
        forgotten = max(0, self._next - self._cutting.look_back - self._first)
        self._rows = known.since(forgotten)
        self._first += forgotten
        self._is_cut_off |= forgotten > 0
        return found

    def rest(self) -> list[int]:
        """Give the places among the last rows at which an event that has grown large ends meanwhile."""
        return [] if self._rows is None else self._boundaries(self._rows, [], self._first + len(self._rows))

    def _resume(self, look: "_Look", begins: Sequence[int]) -> None:
        reach = self._cutting.reach
        self._next = max(1, look.judgeable)
        # A boundary so near could have come from either side of that place: it is judged again.
        moved = [place for place in begins if abs(place - self._next) <= reach] if reach else []
        self._next = min([self._next, *(place - reach for place in moved)])
        self._event = max([self._event, *(place for place in begins if place < self._next)])

    def _boundaries(self, rows: Rows, peaks: Sequence[int], end: int) -> list[int]:
        """Give where events begin from the next place to before `end`, among `peaks` and where they grow large."""
        event, place = self._event, self._next
        found: list[int] = []
        while True:
            coming = bisect_left(peaks, max(place, event + self._cutting.smallest))
            full = self._full_at(rows, max(place, event + self._cutting.largest // 2), event + self._cutting.largest)
            if coming < len(peaks) and peaks[coming] <= full:
                place, event = peaks[coming] + 1, self._refined(rows, peaks[coming], event=event)
            elif full < end:
                place, event = full + 1, full
            else:
                return found
            found.append(event)

    def _full_at(self, rows: Rows, low: int, most: int) -> int:
        """Give the first place from `low` on at which a large event ends: at a milestone, or after the most rows."""
        ahead = rows.milestones[low - self._first : max(low, most) - self._first]
        return low + int(ahead.argmax()) if ahead.any() else max(low, most)

    def _refined(self, rows: Rows, place: int, *, event: int) -> int:
        reach = self._cutting.reach
        if not reach:
            return place
        low = max(event, place - 2 * reach)
        split = best_split(
            rows.vectors[low - self._first : place + 2 * reach - self._first],
            place - low,
            lowest=max(event + self._cutting.smallest, place - reach) - low,
            highest=place + reach - low,
            quality=self._cutting.quality,
        )
        return low + split


def boundaries(rows: Rows, cutting: Cutting) -> list[int]:
    """Give the places at which events begin in a stretch, but for the first."""
    segmenter = Segmenter(cutting)
    return segmenter.extend(rows) + segmenter.rest()


class _Look:
    """Rows of a stretch with their surprises, as far as what they depend on is there."""

    def __init__(self, rows: Rows, cutting: Cutting, *, is_cut_off: bool) -> None:
        self._cutting = cutting
        passed = np.concatenate([[0], rows.weights.cumsum()])
        weighed = rows.vectors * rows.weights[:, None]
        sums = np.concatenate([np.zeros((1, weighed.shape[1])), weighed.cumsum(axis=0)])
        #: The first place behind which enough is known, or all; and the first with too little ahead.
        self._low = int(passed.searchsorted(cutting.width)) if is_cut_off else 1
        high = int(passed.searchsorted(passed[-1] - cutting.width, side="right"))
        places = np.arange(self._low, max(self._low, high))
        behind = passed.searchsorted(passed[places] - cutting.width, side="right") - 1
        #: The row after what comes at each place.
        self._ahead = passed.searchsorted(passed[places] + cutting.width)
        self._heights = surprises(sums[places] - sums[np.maximum(behind, 0)], sums[self._ahead] - sums[places])
        self._waiting = np.concatenate([[0], rows.waits.cumsum()])
        #: The first place that cannot be judged yet.
        self.judgeable = min(high, len(rows) - 2 * cutting.reach + 1) - cutting.smallest

    def peaks(self, first: int) -> list[int]:
        """Give the places from `first` on at which a surprise stands out, and nothing that is looked at waits."""
        heights, radius = self._heights, self._cutting.smallest
        begin, end = first - self._low, self.judgeable - self._low
        if end <= begin:
            return []
        around = np.concatenate([np.full(radius, -1), heights])
        highest = np.lib.stride_tricks.sliding_window_view(around, 2 * radius + 1).max(axis=1)[:end]
        tall = (heights[:end] >= highest) & (heights[:end] >= self._cutting.floor * UNIT)
        return [
            place + self._low
            for place in (np.flatnonzero(tall[begin:]) + begin).tolist()
            if self._stands_out(place) and not self._waits(place)
        ]

    def _stands_out(self, place: int) -> bool:
        """Say whether a height exceeds mean + gamma · deviation of those before; both sides times their number."""
        cutting, height = self._cutting, int(self._heights[place])
        former = self._heights[max(0, place - cutting.recent) : place]
        count, total = len(former), int(former.sum())
        spread = count * int(np.square(former).sum()) - total * total
        return count >= cutting.fewest and count * height - total > cutting.gamma * math.sqrt(spread)

    def _waits(self, place: int) -> bool:
        row = place + self._low
        end = max(int(self._ahead[place + self._cutting.smallest]), row + 2 * self._cutting.reach)
        return bool(self._waiting[end] > self._waiting[row])
