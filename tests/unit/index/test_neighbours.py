from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.index import neighbours as module
from lamina.index.neighbours import GAP_US, NO_TIME, NOBODY, Neighbours

NAMES = ("active", "session", "agent", "run", "order", "arrived", "at_us")


def columns(count, **given_columns):
    plain = {
        "active": [True] * count,
        "session": [1] * count,
        "agent": [0] * count,
        "run": [0] * count,
        "order": list(range(count)),
        "arrived": list(range(count)),
        "at_us": [NO_TIME] * count,
    }
    return {name: np.array(given_columns.get(name, plain[name])) for name in NAMES}


def sides(count, **given_columns):
    kept = Neighbours()
    kept.update(columns(count, **given_columns))
    before, after = kept.sides()
    return before.tolist(), after.tolist()


def naive(rows, gap_us=GAP_US):
    """Work all out anew, pair by pair."""
    size = len(rows["active"])
    before, after = [NOBODY] * size, [NOBODY] * size
    streams = {}
    for row in range(size):
        if rows["active"][row]:
            key = (rows["session"][row], rows["agent"][row], rows["run"][row])
            streams.setdefault(key, []).append((rows["order"][row], rows["arrived"][row], row))
    for stream in streams.values():
        ordered = [row for _, _, row in sorted(stream)]
        for former, later in pairwise(ordered):
            times = (int(rows["at_us"][former]), int(rows["at_us"][later]))
            if NO_TIME in times or abs(times[0] - times[1]) <= gap_us:
                before[later], after[former] = former, later
    return before, after


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


def test_what_was_handed_out_stays_as_it_was():
    kept = Neighbours()
    kept.update(columns(2))
    before, after = kept.sides()
    kept.update(columns(4))
    assert (before.tolist(), after.tolist()) == ([-1, 0], [1, -1])


@st.composite
def lives(draw):
    """Give rows, the cuts at which they come, and after each the rows whose states flip."""
    size = draw(st.integers(1, 24))
    rows = {
        "session": draw(st.lists(st.integers(0, 2), min_size=size, max_size=size)),
        "agent": draw(st.lists(st.integers(0, 1), min_size=size, max_size=size)),
        "order": draw(st.lists(st.integers(0, 9), min_size=size, max_size=size)),
        "at_us": draw(st.lists(st.sampled_from([NO_TIME, 0, GAP_US, 3 * GAP_US]), min_size=size, max_size=size)),
    }
    cuts = sorted({*draw(st.sets(st.integers(1, size))), size})
    flips = [draw(st.sets(st.integers(0, cut - 1), max_size=4)) for cut in cuts]
    return size, rows, cuts, flips


@given(life=lives(), most=st.sampled_from([0, 3, 256]))
def test_kept_neighbours_are_those_worked_out_anew(life, most):
    size, rows, cuts, flips = life
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_ONE_BY_ONE", most)
        everything = columns(size, **rows)
        kept = Neighbours()
        for cut, flipped in zip(cuts, flips, strict=True):
            now = {name: column[:cut].copy() for name, column in everything.items()}
            kept.update(now)
            assert tuple(side.tolist() for side in kept.sides()) == naive(now)
            for row in flipped:
                everything["active"][row] ^= True
            now["active"] = everything["active"][:cut].copy()
            kept.update(now, sorted(flipped))
            assert tuple(side.tolist() for side in kept.sides()) == naive(now)
