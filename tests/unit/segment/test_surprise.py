"""Events by surprise: drawn as things arrive they are those drawn all at once, and once given they stay."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lamina.core.errors import InvalidArgument
from lamina.segment.fixed_point import UNIT, fixed, surprise
from lamina.segment.refine import Quality, best_split
from lamina.segment.surprise import Cutting, Segmenter, boundaries

Rows = list[NDArray[np.float16] | None]
SMALL = Cutting(behind=2, ahead=2, gamma=0.5, floor=0.3, recent=6, fewest=2, smallest=2, largest=9)


def talk(seed: int, *, rows: int, width: int = 8, changes: float = 0.12, unknown: float = 0.05) -> Rows:
    """Give vectors about matters that change now and then; some are not known."""
    chance = np.random.default_rng(seed)
    matter = chance.normal(size=width)
    found: Rows = []
    for _ in range(rows):
        if chance.random() < changes:
            matter = chance.normal(size=width)
        vector = matter + 0.7 * chance.normal(size=width)
        known = (vector / np.linalg.norm(vector)).astype(np.float16)
        found.append(None if chance.random() < unknown else known)
    return found


@st.composite
def cuttings(draw: st.DrawFn) -> Cutting:
    smallest = draw(st.integers(1, 6))
    return Cutting(
        behind=draw(st.integers(1, 6)),
        ahead=draw(st.integers(1, 6)),
        gamma=draw(st.sampled_from([0.0, 0.5, 1.0, 2.0])),
        floor=draw(st.sampled_from([0.0, 0.4, 0.8])),
        recent=draw(st.integers(1, 20)),
        fewest=draw(st.integers(1, 5)),
        smallest=smallest,
        largest=draw(st.integers(2 * smallest - 1, 40)),
        reach=draw(st.integers(0, smallest - 1)),
        quality=draw(st.sampled_from(["modularity", "conductance"])),
    )


def all_at_once(vectors: Rows, cutting: Cutting) -> list[int]:
    """Cut one stretch by the definition, with everything in sight: no state, no forgetting, no look-ahead."""
    count, width = len(vectors), 8
    rows = np.array([np.zeros(width) if row is None else fixed(row) for row in vectors]).reshape(count, width)

    def height(place: int) -> int:
        before = rows[max(0, place - cutting.behind) : place].sum(axis=0)
        return surprise(before, rows[place : place + cutting.ahead].sum(axis=0))

    heights = [0, *map(height, range(1, count))]
    found, event, place = [], 0, 1
    while place < count:
        last, boundary = count - cutting.smallest, None
        if event + cutting.smallest <= place <= last and stands_out(heights, place, cutting):
            low = max(event, place - 2 * cutting.reach)
            boundary = (
                place
                if not cutting.reach
                else low
                + best_split(
                    rows[low : place + 2 * cutting.reach],
                    place - low,
                    lowest=max(event + cutting.smallest, place - cutting.reach) - low,
                    highest=min(place + cutting.reach, last) - low,
                    quality=cutting.quality,
                )
            )
        elif place - event >= cutting.largest:
            boundary = max(range(event + cutting.smallest, min(place, last) + 1), key=lambda row: heights[row])
        if boundary is not None:
            event = boundary
            found.append(boundary)
        place += 1
    return found


def stands_out(heights: Sequence[int], place: int, cutting: Cutting) -> bool:
    near = heights[max(1, place - cutting.smallest) : place + cutting.smallest + 1]
    former = heights[max(1, place - cutting.recent) : place]
    if heights[place] < cutting.floor * UNIT or heights[place] < max(near) or len(former) < cutting.fewest:
        return False
    variance = len(former) * sum(value**2 for value in former) - sum(former) ** 2
    return len(former) * heights[place] - sum(former) > cutting.gamma * math.sqrt(variance)


@given(st.integers(0, 2**32 - 1), st.integers(0, 90), cuttings())
def test_row_by_row_equals_all_at_once(seed: int, rows: int, cutting: Cutting) -> None:
    vectors = talk(seed, rows=rows)
    assert boundaries(vectors, cutting=cutting) == all_at_once(vectors, cutting)


@given(st.integers(0, 2**32 - 1), st.sets(st.integers(1, 79)), cuttings())
def test_stretches_are_cut_each_by_itself(seed: int, begins: set[int], cutting: Cutting) -> None:
    vectors = talk(seed, rows=80)
    edges = [0, *sorted(begins), 80]
    apart = [low + place for low, high in pairwise(edges) for place in [0, *all_at_once(vectors[low:high], cutting)]]
    assert boundaries(vectors, cutting=cutting, begins=begins) == apart[1:]


@given(st.integers(0, 2**32 - 1), st.integers(0, 80), cuttings())
def test_a_boundary_once_given_never_changes(seed: int, prefix: int, cutting: Cutting) -> None:
    vectors = talk(seed, rows=80)
    segmenter = Segmenter(cutting)
    early = [place for vector in vectors[:prefix] for place in segmenter.push(vector)]
    whole = boundaries(vectors, cutting=cutting)
    assert early == whole[: len(early)]
    # And what is not given yet lies in the rows that the bounds allow.
    still_open = whole[len(early) :]
    assert not still_open or still_open[0] > prefix - cutting.look_ahead - cutting.largest


@given(st.integers(0, 2**32 - 1), st.integers(0, 10), cuttings())
def test_going_on_at_an_event_equals_never_having_stopped(seed: int, number: int, cutting: Cutting) -> None:
    vectors = talk(seed, rows=90)
    whole = boundaries(vectors, cutting=cutting)
    at = [0, *whole][number % (len(whole) + 1)]
    before = vectors[max(0, at - cutting.look_back) : at]
    segmenter = Segmenter(cutting, context=before, place=at)
    later = [place for vector in vectors[at:] for place in segmenter.push(vector)] + segmenter.finish()
    assert later == [place for place in whole if place > at]


@given(st.integers(0, 2**32 - 1), cuttings())
def test_events_keep_their_bounds(seed: int, cutting: Cutting) -> None:
    vectors = talk(seed, rows=80)
    sizes = np.diff([0, *boundaries(vectors, cutting=cutting), 80])
    assert sizes.min() >= min(cutting.smallest, 80)
    # Where a refined boundary moved away from the row that was judged, the next event gains what this one lost.
    assert sizes.max() <= cutting.largest + cutting.reach


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_the_same_numbers_in_another_type_give_the_same(kind: type[np.floating]) -> None:
    vectors = [vector for vector in talk(3, rows=200) if vector is not None]
    plain = boundaries(vectors, cutting=SMALL)
    assert len(plain) > 5
    assert boundaries(np.stack(vectors).astype(kind), cutting=SMALL) == plain
    assert boundaries(np.asfortranarray(np.stack(vectors)), cutting=SMALL) == plain


def test_a_change_of_matter_begins_an_event_where_it_happens() -> None:
    one, other = np.eye(4)[0], np.eye(4)[1]
    assert boundaries([one] * 20 + [other] * 20, cutting=Cutting()) == [20]


def test_a_talk_that_keeps_to_its_matter_is_one_event() -> None:
    vectors = talk(5, rows=300, changes=0, unknown=0, width=64)
    assert boundaries(vectors, cutting=replace(Cutting(), floor=0.9)) == []


def test_what_is_not_known_surprises_nobody() -> None:
    assert boundaries([None] * 100, cutting=SMALL)[0] == SMALL.smallest
    assert boundaries([None] * 100, cutting=Cutting()) == []


@pytest.mark.parametrize("quality", ["modularity", "conductance"])
def test_refinement_puts_what_hangs_between_where_it_belongs(quality: Quality) -> None:
    """Row 12 turns against the old matter without coming to the new; row 13 is of the old, and surprise is late."""
    one, other, third = np.eye(4)[:3]
    vectors = [*[one] * 12, 0.6 * one - 0.8 * other, 0.9 * one + math.sqrt(0.19) * third, *[other] * 12]
    rough = Cutting(behind=1, ahead=2, gamma=0, floor=0.1, fewest=1)
    assert boundaries(vectors, cutting=rough) == [13]
    assert boundaries(vectors, cutting=replace(rough, reach=3, quality=quality)) == [14]


def test_a_beginning_at_the_very_first_row_is_no_boundary() -> None:
    segmenter = Segmenter(SMALL)
    assert segmenter.push([1, 0], begins=True) == []
    assert segmenter.push([1, 0], begins=True) == [1]
    assert segmenter.finish() == []


def test_a_refused_vector_changes_nothing() -> None:
    vectors = talk(9, rows=60)
    segmenter = Segmenter(SMALL)
    found: list[int] = []
    for vector in vectors:
        with pytest.raises(InvalidArgument):
            segmenter.push([math.nan] * 8, begins=True)
        found += segmenter.push(vector)
    assert found + segmenter.finish() == boundaries(vectors, cutting=SMALL)


def test_memory_is_bounded_in_a_stretch_without_end() -> None:
    segmenter = Segmenter(SMALL)
    sizes = []
    for vector in talk(2, rows=3000):
        segmenter.push(vector)
        stretch = segmenter._stretch
        sizes.append(len(stretch._rows._items) + len(stretch._surprises._items))
    assert max(sizes) <= 2 * (SMALL.largest + SMALL.look_back + SMALL.look_ahead)


@pytest.mark.parametrize(
    "fields",
    [
        {"behind": 0},
        {"ahead": 1000},
        {"gamma": -1},
        {"gamma": math.nan},
        {"floor": 3},
        {"smallest": 10, "largest": 18},
        {"smallest": 4, "reach": 4},
        {"fewest": 0},
    ],
)
def test_what_cannot_be_cut_by_is_refused(fields: dict[str, float]) -> None:
    with pytest.raises(InvalidArgument):
        Cutting(**fields)
