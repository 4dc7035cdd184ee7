"""Events by surprise: drawn as things arrive they are those drawn all at once, and once given they stay."""

import math
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from lamina.segment.fixed_point import UNIT, fixed, surprises
from lamina.segment.refine import best_split
from lamina.segment.rows import MOST_WEIGHT, Rows
from lamina.segment.surprise import Cutting, Segmenter, boundaries

WIDTH = 8
SMALL = Cutting(width=3, gamma=0.5, floor=0.3, recent=6, fewest=2, smallest=2, largest=12)
SEEDS = st.integers(0, 2**32 - 1)


def rows_from(vectors: ArrayLike, **fields: ArrayLike) -> Rows:
    """Give rows that each weigh 2, of which none waits and none is a milestone, unless it is said."""
    whole = fixed(np.atleast_2d(vectors))
    made = {"weights": np.full(len(whole), 2), "waits": np.zeros(len(whole), bool), "milestones": [False] * len(whole)}
    arrays = {name: np.asarray(values) for name, values in (made | fields).items()}
    return Rows(whole, **arrays)


def talk(seed: int, *, rows: int, width: int = WIDTH, changes: float = 0.12, unknown: float = 0.05) -> Rows:
    """Give rows about matters that change now and then; of some the vectors are not known, for now or for ever."""
    chance = np.random.default_rng(seed)
    matters = chance.normal(size=(rows + 1, width))
    about = np.maximum.accumulate(np.where(chance.random(rows) < changes, np.arange(1, rows + 1), 0))
    vectors = matters[about] + 0.7 * chance.normal(size=(rows, width))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    is_unknown = chance.random(rows) < unknown
    return rows_from(
        np.where(is_unknown[:, None], 0, vectors.astype(np.float16)).reshape(rows, width),
        weights=chance.integers(1, MOST_WEIGHT + 1, rows),
        waits=is_unknown & (chance.random(rows) < 0.5),
        milestones=chance.random(rows) < 0.1,
    )


def part(rows: Rows, first: int, end: int) -> Rows:
    return Rows(rows.vectors[first:end], rows.weights[first:end], rows.waits[first:end], rows.milestones[first:end])


@st.composite
def cuttings(draw: st.DrawFn) -> Cutting:
    smallest = draw(st.integers(1, 7))
    return Cutting(
        width=draw(st.integers(1, 12)),
        gamma=draw(st.sampled_from([0.0, 0.5, 1.0, 2.0])),
        floor=draw(st.sampled_from([0.0, 0.4, 0.8])),
        recent=draw(st.integers(1, 20)),
        fewest=draw(st.integers(1, 5)),
        smallest=smallest,
        largest=draw(st.integers(2 * smallest, 40)),
        reach=draw(st.integers(0, (smallest - 1) // 2)),
        quality=draw(st.sampled_from(["modularity", "conductance"])),
    )


class Definition:
    """A stretch cut by the definition, row by row, with everything in sight: no state, no forgetting, no arrays."""

    def __init__(self, rows: Rows, cutting: Cutting) -> None:
        self.rows, self.cutting, self.count = rows, cutting, len(rows)

    def boundaries(self) -> list[int]:
        cutting, found, event, place = self.cutting, [], 0, 1
        while place < self.count:
            boundary = None
            if place >= event + cutting.smallest and self.is_peak(place):
                boundary = self.refined(place, event)
            elif place >= event + cutting.largest or (
                place >= event + cutting.largest // 2 and self.rows.milestones[place]
            ):
                boundary = place
            if boundary is not None:
                event = boundary
                found.append(boundary)
            place += 1
        return found

    def end_of(self, place: int) -> int | None:
        """Give the row after what comes at a place; None where too little does."""
        weight = 0
        for row in range(place, self.count):
            weight += self.rows.weights[row]
            if weight >= self.cutting.width:
                return row + 1
        return None

    def height(self, place: int) -> int:
        weight, low = 0, place
        while low > 0 and weight < self.cutting.width:
            low -= 1
            weight += self.rows.weights[low]
        end = self.end_of(place)
        assert end is not None
        weighed = self.rows.vectors * self.rows.weights[:, None]
        return int(surprises(weighed[low:place].sum(axis=0), weighed[place:end].sum(axis=0)))

    def is_peak(self, place: int) -> bool:
        cutting = self.cutting
        end, most = self.end_of(place + cutting.smallest), place + cutting.smallest + 2 * cutting.reach
        if end is None or most > self.count or self.rows.waits[place : max(end, place + 2 * cutting.reach)].any():
            return False
        height = self.height(place)
        near = range(max(1, place - cutting.smallest), place + cutting.smallest + 1)
        if height < cutting.floor * UNIT or any(self.height(other) > height for other in near):
            return False
        former = [self.height(other) for other in range(max(1, place - cutting.recent), place)]
        if len(former) < cutting.fewest:
            return False
        variance = len(former) * sum(value**2 for value in former) - sum(former) ** 2
        return len(former) * height - sum(former) > cutting.gamma * math.sqrt(variance)

    def refined(self, place: int, event: int) -> int:
        reach = self.cutting.reach
        if not reach:
            return place
        low = max(event, place - 2 * reach)
        return low + best_split(
            self.rows.vectors[low : place + 2 * reach],
            place - low,
            lowest=max(event + self.cutting.smallest, place - reach) - low,
            highest=place + reach - low,
            quality=self.cutting.quality,
        )


@given(SEEDS, st.integers(0, 90), cuttings())
def test_all_at_once_is_by_the_definition(seed: int, rows: int, cutting: Cutting) -> None:
    held = talk(seed, rows=rows)
    assert boundaries(held, cutting) == Definition(held, cutting).boundaries()


@given(SEEDS, st.lists(st.integers(1, 30), max_size=20), cuttings())
def test_whatever_comes_at_a_time_equals_all_at_once(seed: int, sizes: Sequence[int], cutting: Cutting) -> None:
    edges = np.cumsum([0, *sizes, 1]).tolist()
    rows = talk(seed, rows=edges[-1])
    segmenter = Segmenter(cutting)
    found: list[int] = []
    for first, end in zip(edges, edges[1:], strict=False):
        found += segmenter.extend(part(rows, first, end))
        # And at every moment, with what is provisional, they are those of what has come so far.
        assert found + segmenter.rest() == boundaries(part(rows, 0, end), cutting)


@given(SEEDS, st.integers(1, 120), cuttings(), st.integers(0, 60))
def test_going_on_anywhere_equals_never_having_stopped(seed: int, place: int, cutting: Cutting, more: int) -> None:
    """`more` rows of context than are needed change nothing."""
    rows = talk(seed, rows=160)
    before = boundaries(part(rows, 0, place), cutting)
    first = max(0, place - cutting.context - more)
    segmenter = Segmenter(
        cutting,
        context=part(rows, first, place),
        begins=[begin - first for begin in before if begin >= first],
        event=max([0, *(begin for begin in before if begin < first)]) - first,
        is_cut_off=first > 0,
    )
    kept = [begin for begin in before if begin <= segmenter.event + first]
    later = [begin + first for begin in segmenter.extend(part(rows, place, 160)) + segmenter.rest()]
    assert kept + later == boundaries(rows, cutting)
