"""Hits are taken best first, and what stands beside one that is taken comes sooner."""

from hypothesis import given
from hypothesis import strategies as st

from lamina.core.query import Hit
from lamina.pack.order import BESIDE_SHARE, in_turn
from lamina.testing.builders import a_record, a_scope


def hit(place: int, score: float, session: str = "s", user: str = "ada") -> Hit:
    record = a_record(str(place), id=f"{user}-{session}-{place}", session=session, order=place, scope=a_scope(user))
    return Hit(record=record, score=score, via=())


def places(hits: list[Hit]) -> list[tuple[str | None, int | None]]:
    return [(each.record.session, each.record.order) for each in in_turn(hits)]


def test_what_stands_beside_one_that_is_taken_comes_before_a_slightly_better_one() -> None:
    close, far = 1.0 - BESIDE_SHARE / 2, 1.0 - 1.5 * BESIDE_SHARE
    first, other, beside, before = hit(4, 1.0), hit(9, close), hit(5, close - 0.01), hit(3, far - 0.3)
    assert places([first, other, beside, before]) == [("s", 4), ("s", 5), ("s", 9), ("s", 3)]


def test_another_session_and_another_user_are_not_beside() -> None:
    hits = [hit(4, 1.0), hit(9, 0.99), hit(5, 0.98, session="t"), hit(5, 0.97, user="bob")]
    assert in_turn(hits) == hits


def test_no_hits_give_none() -> None:
    assert in_turn([]) == []


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(-1, 2)), unique_by=lambda pair: pair[0], max_size=20))
def test_nothing_is_lost_and_the_best_comes_first(pairs: list[tuple[int, float]]) -> None:
    hits = [hit(place, score) for place, score in sorted(pairs, key=lambda pair: -pair[1])]
    taken = in_turn(hits)
    assert sorted(taken, key=id) == sorted(hits, key=id)
    assert taken[:1] == hits[:1]
