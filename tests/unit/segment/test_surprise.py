"""Events by surprise: drawn as things arrive they are those drawn all at once, and once given they stay."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from lamina.core.errors import InvalidArgument
from lamina.core.streams import Spot, StreamRow
from lamina.segment.fixed_point import UNIT, fixed, surprises
from lamina.segment.refine import Quality, best_split
from lamina.segment.rows import MOST_WEIGHT, Rows, is_milestone, rows_of, weight
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
    for first, end in pairwise(edges):
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


def test_a_change_of_matter_begins_an_event_where_it_happens() -> None:
    one, other = np.eye(4)[0], np.eye(4)[1]
    assert boundaries(rows_from([one] * 20 + [other] * 20), Cutting()) == [20]


def test_a_talk_that_keeps_to_its_matter_is_one_event() -> None:
    rows = talk(5, rows=300, changes=0, unknown=0, width=64)
    assert boundaries(replace(rows, milestones=np.zeros(300, bool)), replace(Cutting(), floor=0.9)) == []


def test_what_is_not_known_surprises_nobody_and_what_waits_parts_nothing() -> None:
    nothing = rows_from(np.zeros((100, 4)))
    assert boundaries(nothing, Cutting()) == []
    one, other = np.eye(4)[0], np.eye(4)[1]
    waits = np.arange(40) >= 20
    assert boundaries(rows_from([one] * 20 + [other] * 20, waits=waits), Cutting()) == []


def test_a_long_row_counts_for_four_short_ones() -> None:
    """Two long rows that turn to another matter are as wide as eight short ones."""
    one, other = np.eye(4)[0], np.eye(4)[1]
    turned = [one] * 20 + [other] * 2 + [one] * 20
    cutting = Cutting(smallest=1)
    assert boundaries(rows_from(turned, weights=[1] * 42), cutting) == []
    assert boundaries(rows_from(turned, weights=[1] * 20 + [4] * 2 + [1] * 20), cutting) == [20, 22]


def test_an_event_that_has_grown_large_ends_at_a_milestone_and_at_the_latest_where_it_is_full() -> None:
    same = np.tile(np.eye(4)[0], (40, 1))
    cutting = replace(SMALL, floor=2.0)
    assert boundaries(rows_from(same), cutting) == [12, 24, 36]
    milestones = np.isin(np.arange(40), [3, 7, 17])
    assert boundaries(rows_from(same, milestones=milestones), cutting) == [7, 17, 29]


@pytest.mark.parametrize("quality", ["modularity", "conductance"])
def test_refinement_puts_what_hangs_between_where_it_belongs(quality: Quality) -> None:
    """Row 12 turns against the old matter without coming to the new; row 13 is of the old, and surprise is early."""
    one, other, third = np.eye(4)[:3]
    rows = rows_from([*[one] * 12, 0.6 * third - 0.8 * one, 0.8 * one + 0.6 * third, *[other] * 20])
    rough = Cutting(width=4, gamma=0, floor=0.1, fewest=1, smallest=7)
    assert boundaries(rows, rough) == [12]
    assert boundaries(rows, replace(rough, reach=3, quality=quality)) == [14]


@pytest.mark.parametrize("length", [0, 63, 64, 191, 192, 10_000])
def test_a_text_weighs_more_the_longer_it_is_up_to_four(length: int) -> None:
    assert weight(length) == min(4, 1 + length // 64)


def test_one_row_in_so_many_is_a_milestone_and_none_without_words() -> None:
    count = sum(is_milestone(f"message {number}") for number in range(64_000))
    assert 850 < count < 1150
    assert not is_milestone("")


def test_of_several_spans_the_mean_counts_and_of_vectors_that_do_not_fit_none() -> None:
    half = np.array([[0.5, 0], [0, 0.5]], dtype="<f2")
    row = StreamRow("r", Spot(1, 1), None, None, length=130, opening="x", is_active=True, waits=False, vectors=())
    spans = tuple(span.tobytes() for span in half)
    found = rows_of([row, row._replace(vectors=spans), row._replace(vectors=(b"xx", spans[1]))], width=2)
    assert found.vectors.tolist() == [[0, 0], [8192, 8192], [0, 16384]]
    assert found.weights.tolist() == [3, 3, 3]
    assert len(rows_of([], width=2)) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"width": 0},
        {"width": 1000},
        {"gamma": -1},
        {"gamma": math.nan},
        {"floor": 3},
        {"smallest": 10, "largest": 18},
        {"smallest": 4, "reach": 2},
        {"fewest": 0},
        {"recent": 0},
    ],
)
def test_what_cannot_be_cut_by_is_refused(fields: dict[str, float]) -> None:
    with pytest.raises(InvalidArgument):
        Cutting(**fields)


def test_memory_is_bounded_in_a_stretch_without_end() -> None:
    segmenter = Segmenter(SMALL)
    rows = talk(2, rows=3000)
    sizes = []
    for place in range(3000):
        segmenter.extend(part(rows, place, place + 1))
        sizes.append(0 if segmenter._rows is None else len(segmenter._rows))
    assert max(sizes) <= 2 * SMALL.context
