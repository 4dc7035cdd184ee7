"""Stretches end at pauses, and an event's name follows from its first observation."""

import pytest

from lamina.core.streams import Spot, StreamRow
from lamina.segment.gaps import continues, event_id, stretch_begins

GAP = 30


def row(at_us: int | None) -> StreamRow:
    return StreamRow(
        record_id="r",
        spot=Spot(1, 1),
        event_id=None,
        at_us=at_us,
        length=1,
        opening="x",
        is_active=True,
        waits=True,
        vectors=(),
    )


@pytest.mark.parametrize(
    ("former", "later", "is_one"),
    [
        (0, 30, True),
        (0, 31, False),
        (31, 0, False),
        (30, 0, True),
        (None, 99, True),
        (0, None, True),
        (None, None, True),
    ],
)
def test_a_pause_longer_than_the_gap_in_either_direction_ends_a_stretch(
    former: int | None, later: int | None, *, is_one: bool
) -> None:
    """What has no time is never cut off."""
    assert continues(former, later, gap_us=GAP) is is_one
    assert stretch_begins(row(former), row(later), gap_us=GAP) is not is_one


def test_an_events_id_follows_from_its_first_observation_alone() -> None:
    assert event_id("a") == event_id("a")
    assert event_id("a") != event_id("b")
