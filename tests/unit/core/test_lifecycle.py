"""The lifecycle is its table: every pair of states."""

import pytest

from lamina.core.errors import InvalidTransition
from lamina.core.lifecycle import MOVES, State, check_move


@pytest.mark.parametrize("now", State)
@pytest.mark.parametrize("wanted", State)
def test_a_move_is_let_through_exactly_where_the_table_has_it(now: State, wanted: State) -> None:
    if wanted in MOVES[now]:
        check_move(now, wanted)
    else:
        with pytest.raises(InvalidTransition, match=f"{now} already" if now == wanted else f"from {now} to {wanted}"):
            check_move(now, wanted)


def test_every_state_is_in_the_table_and_only_erasure_is_final() -> None:
    assert set(MOVES) == set(State)
    assert [state for state in State if not MOVES[state]] == [State.ERASED]
    assert all(State.ERASED in moves for state, moves in MOVES.items() if state is not State.ERASED)


def test_there_are_ways_back_for_approve_restore_and_revert() -> None:
    for state in (State.HELD, State.WITHDRAWN, State.ARCHIVED, State.SUPERSEDED, State.PROPOSED):
        assert State.ACTIVE in MOVES[state]
