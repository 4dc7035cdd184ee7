import numpy as np

from lamina.index.neighbours import GAP_US, NO_TIME, Stream


def sides(count, **columns):
    given = {
        "active": [True] * count,
        "session": [1] * count,
        "agent": [0] * count,
        "run": [0] * count,
        "order": list(range(count)),
        "arrived": list(range(count)),
        "at_us": [NO_TIME] * count,
    }
    stream = Stream(**{name: np.array(columns.get(name, values)) for name, values in given.items()})
    before, after = stream.sides
    return before.tolist(), after.tolist()


def test_neighbours_follow_the_order_of_the_session():
    assert sides(3) == ([-1, 0, 1], [1, 2, -1])


def test_late_delivery_takes_its_place_in_the_order():
    assert sides(3, order=[0, 2, 1]) == ([-1, 2, 0], [2, -1, 1])


def test_equal_orders_follow_arrival():
    assert sides(3, order=[5, 5, 5], arrived=[30, 10, 20]) == ([2, -1, 1], [-1, 2, 0])


def test_sessions_agents_and_runs_are_not_crossed():
    for key in ("session", "agent", "run"):
        assert sides(4, **{key: [1, 1, 2, 2]}) == ([-1, 0, -1, 2], [1, -1, 3, -1]), key


def test_interleaved_sessions_are_told_apart():
    assert sides(4, session=[1, 2, 1, 2]) == ([-1, -1, 0, 1], [2, 3, -1, -1])


def test_what_is_not_active_is_passed_over():
    assert sides(3, active=[True, False, True]) == ([-1, -1, 0], [2, -1, -1])


def test_a_long_silence_parts_and_an_unknown_time_does_not():
    assert sides(3, at_us=[0, GAP_US, 2 * GAP_US + 1]) == ([-1, 0, -1], [1, -1, -1])
    assert sides(3, at_us=[0, NO_TIME, 10 * GAP_US]) == ([-1, 0, 1], [1, 2, -1])


def test_the_extreme_times_are_far_apart():
    far = np.iinfo(np.int64).max // 2
    assert sides(2, at_us=[-far, far]) == ([-1, -1], [-1, -1])


def test_without_rows_there_are_no_neighbours():
    assert sides(0) == ([], [])
    assert sides(1) == ([-1], [-1])
