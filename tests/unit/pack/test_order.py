"""Hits are taken best first, and what stands beside one that is taken comes sooner."""

from hypothesis import given
from hypothesis import strategies as st

from lamina.core.query import Hit
from lamina.pack.order import BESIDE_SHARE, in_turn
from lamina.testing.builders import a_record


def hit(place: int, score: float) -> Hit:
    return Hit(record=a_record(str(place), id=f"r{place}"), score=score, via=())


def around(*places: int) -> dict[str, tuple[str, ...]]:
    return {f"r{place}": (f"r{place - 1}", f"r{place + 1}") for place in places}


def test_what_stands_beside_one_that_is_taken_comes_before_a_slightly_better_one() -> None:
    close, far = 1.0 - BESIDE_SHARE / 2, 1.0 - 1.5 * BESIDE_SHARE
    hits = [hit(4, 1.0), hit(9, close), hit(5, close - 0.01), hit(3, far - 0.3)]
    assert [int(each.record.text) for each in in_turn(hits, around(3, 4, 5, 9))] == [4, 5, 9, 3]
    assert in_turn(hits, {}) == hits


def test_no_hits_give_none() -> None:
    assert in_turn([], {}) == []


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(-1, 2)), unique_by=lambda pair: pair[0], max_size=20))
def test_nothing_is_lost_and_the_best_comes_first(pairs: list[tuple[int, float]]) -> None:
    hits = [hit(place, score) for place, score in sorted(pairs, key=lambda pair: -pair[1])]
    taken = in_turn(hits, around(*range(31)))
    assert sorted(taken, key=id) == sorted(hits, key=id)
    assert taken[:1] == hits[:1]
