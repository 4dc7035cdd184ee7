import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lamina.recall.rank import best_rows, ranks


def best(scores, *, eligible=None, arrived=None, wall=None, limit=10):
    count = len(scores)
    return best_rows(
        np.array(scores, dtype=np.float64),
        np.ones(count, dtype=bool) if eligible is None else np.array(eligible),
        arrived=np.array(range(count) if arrived is None else arrived, dtype=np.int64),
        wall=np.array([0] * count if wall is None else wall, dtype=np.int64),
        limit=limit,
    ).tolist()


def test_the_best_come_first():
    assert best([0.1, 0.9, 0.5]) == [1, 2, 0]
    assert best([0.1, 0.9, 0.5], limit=2) == [1, 2]


def test_of_equals_the_newer_comes_first():
    assert best([1, 1, 1], arrived=[5, 7, 6]) == [1, 2, 0]


def test_of_equals_the_own_wall_comes_before_the_shared_one():
    assert best([1, 1, 1], wall=[1, 0, 1], arrived=[9, 1, 8]) == [1, 0, 2]


def test_equals_at_the_limit_are_chosen_by_the_same_order():
    assert best([1, 1, 1, 1], arrived=[3, 9, 1, 7], limit=2) == [1, 3]


def test_a_filter_that_leaves_three_rows_gives_these_three():
    assert best([9, 8, 1, 2, 3], eligible=[False, False, True, True, True], limit=3) == [4, 3, 2]


def test_without_eligible_rows_there_is_no_ranking():
    assert best([1, 2], eligible=[False, False]) == []
    assert best([]) == []


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 1)), max_size=40), st.integers(1, 12))
def test_the_ranking_is_the_sorted_list_cut_off(rows, limit):
    expected = sorted(
        (place for place, (_, may, _) in enumerate(rows) if may),
        key=lambda place: (-rows[place][0], rows[place][2], -place),
    )
    scores, eligible, wall = ([row[part] for row in rows] for part in range(3))
    assert best(scores, eligible=np.array(eligible, dtype=bool), wall=wall, limit=limit) == expected[:limit]


def test_ranks_count_from_one_among_the_eligible_and_equals_share_the_best():
    scores = np.array([5.0, 4.0, 4.0, 3.0, 9.0])
    eligible = np.array([True, True, True, True, False])
    assert ranks(scores, eligible, np.array([0, 1, 2, 3])) == [1, 2, 2, 4]
