"""Events end where the session ends, or where two neighbours with known times lie far apart.

Each boundary depends on its two neighbours alone, so that cutting as things arrive and cutting all at once give the
same. An observation without a time is never cut off, on either side.
"""

from collections.abc import Sequence
from datetime import timedelta

from lamina.core.ids import derived_id
from lamina.core.records import Record

#: What made the boundaries.
PRODUCER = "segment.gaps@1"


def continues(former: Record, later: Record, *, gap: timedelta) -> bool:
    """Say whether `later` lies in the same event as its neighbour `former`.

    They have to share session, agent and run; of known times the distance counts, whichever is earlier.
    """
    if (former.session, former.scope) != (later.session, later.scope):
        return False
    if former.at is None or later.at is None:
        return True
    return abs(later.at - former.at) <= gap


def cut_at_gaps(observations: Sequence[Record], *, gap: timedelta) -> list[list[Record]]:
    """Give the runs of `observations`, in their order, that each make an event."""
    runs: list[list[Record]] = []
    for record in observations:
        if runs and continues(runs[-1][-1], record, gap=gap):
            runs[-1].append(record)
        else:
            runs.append([record])
    return runs


def event_id(first: Record) -> str:
    """Give the id of the event whose earliest-arrived observation is `first`; it holds for life."""
    return derived_id("event", [(first.id, 1)])
