"""Events end at sessions and pauses, the same whether they are cut as things arrive or all at once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lamina.core.records import Record
from lamina.core.scope import Scope
from lamina.segment.gaps import continues, cut_at_gaps, event_id
from lamina.testing.builders import a_record

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
GAP = timedelta(minutes=30)


def said(minutes: int | None, **fields: object) -> Record:
    return a_record(at=None if minutes is None else NOON + timedelta(minutes=minutes), **fields)


def sizes(observations: list[Record]) -> list[int]:
    return [len(run) for run in cut_at_gaps(observations, gap=GAP)]


def test_a_pause_longer_than_the_gap_ends_an_event() -> None:
    assert sizes([said(0), said(30), said(61), said(62)]) == [2, 2]


def test_what_has_no_time_is_never_cut_off() -> None:
    assert sizes([said(0), said(None), said(500)]) == [3]


def test_sessions_agents_and_runs_are_cut() -> None:
    scope = Scope(agent="a")
    assert sizes(
        [said(0), said(1, session="s"), said(2, session="s", scope=scope), said(3, session="s", scope=scope)]
    ) == [
        1,
        1,
        2,
    ]


def test_a_step_back_in_time_counts_like_one_forward() -> None:
    assert sizes([said(0), said(-45)]) == [1, 1]


@given(st.lists(st.none() | st.integers(0, 300), max_size=30))
def test_streaming_equals_batch(minutes: list[int | None]) -> None:
    observations = [said(moment) for moment in minutes]
    streamed: list[list[Record]] = []
    for record in observations:
        if streamed and continues(streamed[-1][-1], record, gap=GAP):
            streamed[-1].append(record)
        else:
            streamed.append([record])
    assert streamed == cut_at_gaps(observations, gap=GAP)


def test_an_events_id_follows_from_its_first_observation_alone() -> None:
    first = said(0, text="one thing")
    assert event_id(first) == event_id(said(5, id=first.id, text="another", revision=3))
    assert event_id(first) != event_id(said(0))
