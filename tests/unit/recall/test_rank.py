import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lamina.recall.rank import best_first, merged, promising, ranks


def best(scores, *, arrived=None, wall=None, limit=10):
    count = len(scores)
    return best_first(
        np.array(scores, dtype=np.float64),
        arrived=np.array(range(count) if arrived is None else arrived, dtype=np.int64),
        wall=np.array([0] * count if wall is None else wall, dtype=np.int64),
        limit=limit,
    ).tolist()


def test_the_best_come_first():
    assert best([0.1, 0.9, 0.5]) == [1, 2, 0]
    assert best([0.1, 0.9, 0.5], limit=2) == [1, 2]
    assert best([]) == []


def test_of_equals_the_newer_comes_first():
    assert best([1, 1, 1], arrived=[5, 7, 6]) == [1, 2, 0]


def test_of_equals_the_own_wall_comes_before_the_shared_one():
    assert best([1, 1, 1], wall=[1, 0, 1], arrived=[9, 1, 8]) == [1, 0, 2]


def test_equals_at_the_limit_are_chosen_by_the_same_order():
    assert best([1, 1, 1, 1], arrived=[3, 9, 1, 7], limit=2) == [1, 3]


MARKS = st.lists(st.sampled_from([-np.inf, 0.0, 1.0, 2.0, 3.0]) | st.floats(-1, 1), max_size=400)


@given(MARKS, st.integers(1, 12))
def test_the_highest_are_among_the_promising_and_nothing_of_minus_infinity(marks, count):
    scores = np.array(marks, dtype=np.float64)
    found = promising(scores, count)
    finite = np.flatnonzero(scores > -np.inf)
    assert set(found) <= set(finite)
    assert len(found) >= min(count, len(finite))
    outside = np.setdiff1d(finite, found)
    assert not len(outside) or scores[outside].max() < np.sort(scores[found])[-count]


def test_few_others_come_with_the_promising():
    scores = np.random.default_rng(1).random(50_000)
    assert 300 <= len(promising(scores, 300)) < 600


def test_few_others_come_where_the_highest_stand_side_by_side():
    scores = np.random.default_rng(1).random(50_000)
    for begin in range(0, 50_000, 5_000):
        scores[begin : begin + 40] += 1
    assert 300 <= len(promising(scores, 300)) < 600


def test_ranks_count_from_one_and_equals_share_the_best():
    assert ranks(np.array([5.0, 4.0, 4.0, 3.0]), np.array([3, 0, 1, 2])).tolist() == [4, 1, 2, 2]


@given(st.lists(st.lists(st.integers(0, 30), max_size=9), max_size=4))
def test_merged_rows_are_different_and_ascend(parts: list[list[int]]) -> None:
    rows = merged(*(np.array(part, dtype=np.int64) for part in parts))
    assert rows.tolist() == sorted({row for part in parts for row in part})
