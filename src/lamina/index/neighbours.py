"""Neighbours: for each row the rows said right before and right after it.

The stream of a wall is cut as events are: by session, agent and run, and where two known times lie further apart than
`GAP_US`. Only active rows are neighbours; what was superseded or withdrawn has none and is none.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

#: Half an hour: the gap at which events end unless the settings say otherwise.
GAP_US = 30 * 60 * 1_000_000
#: Stands for an unknown time.
NO_TIME = int(np.iinfo(np.int64).min)
NOBODY = -1
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Stream:
    """What orders the rows of one wall, one entry a row; the neighbours are worked out when first asked for."""

    active: NDArray[np.bool_]
    session: NDArray[np.int64]
    agent: NDArray[np.int32]
    run: NDArray[np.int32]
    order: NDArray[np.int64]
    arrived: NDArray[np.int64]
    at_us: NDArray[np.int64]

    @cached_property
    def sides(self) -> tuple[Rows, Rows]:
        """Give for each row the row before it and the row after it, `NOBODY` where there is none."""
        rows = np.flatnonzero(self.active)
        keys = (self.arrived, self.order, self.run, self.agent, self.session)
        rows = rows[np.lexsort([key[rows] for key in keys])]
        former, later = rows[:-1], rows[1:]
        joined = self._near(former, later)
        for key in (self.session, self.agent, self.run):
            joined &= key[former] == key[later]
        before, after = (np.full(len(self.active), NOBODY, dtype=np.int64) for _ in range(2))
        before[later[joined]] = former[joined]
        after[former[joined]] = later[joined]
        return before, after

    def _near(self, former: Rows, later: Rows) -> NDArray[np.bool_]:
        """Say which pairs lie within the gap; an unknown time is never far."""
        unknown = (self.at_us[former] == NO_TIME) | (self.at_us[later] == NO_TIME)
        distance = np.abs(np.where(unknown, 0, self.at_us[former]) - np.where(unknown, 0, self.at_us[later]))
        near: NDArray[np.bool_] = distance <= GAP_US
        return near
