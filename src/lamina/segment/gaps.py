"""Stretches end where the session ends, or where two neighbours with known times lie far apart.

Each end depends on its two neighbours alone, so that cutting as things arrive and cutting all at once give the same.
An observation without a time is never cut off, on either side.
"""

from lamina.core.ids import derived_id
from lamina.core.streams import StreamRow

#: What made the boundaries.
PRODUCER = "segment.gaps@1"


def continues(former_us: int | None, later_us: int | None, *, gap_us: int) -> bool:
    """Say whether two neighbours of one stream lie in one stretch; of known times the distance counts."""
    return former_us is None or later_us is None or abs(later_us - former_us) <= gap_us


def event_id(first_id: str) -> str:
    """Give the id of the event whose earliest-arrived observation is `first_id`; it holds for life."""
    return derived_id("event", [(first_id, 1)])


def stretch_begins(former: StreamRow, later: StreamRow, *, gap_us: int) -> bool:
    """Say whether `later`, which follows `former` in its stream, begins a stretch."""
    return not continues(former.at_us, later.at_us, gap_us=gap_us)
