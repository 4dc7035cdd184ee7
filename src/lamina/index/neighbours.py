"""Neighbours: for each row the rows said right before and right after it.

The stream of a wall is cut as events are: by session, agent and run, and where two known times lie further apart than
a gap. Only active rows are neighbours; what was superseded or withdrawn has none and is none. What comes at the end of
its stream is linked alone; anything else has its stream linked anew.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lamina.index.columns import Column

#: Half an hour: the gap at which events end unless the settings say otherwise.
GAP_US = 30 * 60 * 1_000_000
#: Stands for an unknown time.
NO_TIME = int(np.iinfo(np.int64).min)
NOBODY = -1
#: More rows at once than this, and everything is linked anew.
MOST_ONE_BY_ONE = 256
Rows = NDArray[np.int64]
#: A row beside each row; half as wide as elsewhere, because beside a writer every read copies them.
Sides = NDArray[np.int32]
#: By name: `active`, `session`, `agent`, `run`, `order`, `arrived`, `at_us`, an entry a row.
Columns = Mapping[str, NDArray[Any]]
#: Session, agent and run.
_Stream = tuple[int, int, int]
_STREAM = ("session", "agent", "run")


class _Tail(NamedTuple):
    """The last row of a stream, and where it stands."""

    order: int
    arrived: int
    at_us: int
    row: int


_TAIL = ("order", "arrived", "at_us")


class Neighbours:
    """The neighbours of one wall's rows, kept as rows come and change."""

    def __init__(self, gap_us: int = GAP_US) -> None:
        """Begin without rows; `gap_us` apart, two known times are no neighbours."""
        self._gap_us = gap_us
        self._before, self._after = Column(np.int32), Column(np.int32)
        #: The last row of each stream.
        self._tails: dict[_Stream, _Tail] = {}

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._before)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self._before.nbytes + self._after.nbytes

    def update(self, columns: Columns, moved: Sequence[int] = ()) -> Rows:
        """Link the rows that are new in `columns`, and those of `moved` whose state is another than before.

        Gives the rows whose neighbours may be others now, some perhaps more than once.
        """
        first, size = len(self), len(columns["active"])
        self._before.extend(np.full(size - first, NOBODY))
        self._after.extend(np.full(size - first, NOBODY))
        if size - first + len(moved) > MOST_ONE_BY_ONE:
            self._tails = {}
            return self._link(columns, np.flatnonzero(columns["active"]), np.arange(size))
        disturbed = {_stream(columns, row) for row in moved}
        linked: list[tuple[int, int]] = []
        fresh = zip(*(columns[name][first:].tolist() for name in ("active", *_STREAM, *_TAIL)), strict=True)
        for row, (is_active, session, agent, run, order, arrived, at_us) in enumerate(fresh, start=first):
            stream, own = (session, agent, run), _Tail(order, arrived, at_us, row)
            tail = self._tails.get(stream)
            if not is_active or stream in disturbed:
                continue
            if tail is not None and tail[:2] > own[:2]:
                disturbed.add(stream)
                continue
            if tail is not None and self._is_near(tail.at_us, own.at_us):
                linked.append((tail.row, row))
            self._tails[stream] = own
        pairs = np.array(linked, dtype=np.int64).reshape(-1, 2)
        if linked:
            self._before.change(pairs[:, 1], pairs[:, 0])
            self._after.change(pairs[:, 0], pairs[:, 1])
        affected = [np.arange(first, size), pairs[:, 0]]
        for stream in disturbed:
            self._tails.pop(stream, None)
            keys = zip(_STREAM, stream, strict=True)
            rows = np.flatnonzero(np.logical_and.reduce([columns[name] == value for name, value in keys]))
            affected.append(self._link(columns, rows[columns["active"][rows]], rows))
        return np.concatenate(affected)

    def sides(self) -> tuple[Sides, Sides]:
        """Give for each row the row before it and the row after it, `NOBODY` where there is none."""
        return self._before.view(), self._after.view()

    def _link(self, columns: Columns, rows: Rows, among: Rows) -> Rows:
        """Link `rows`, whole streams of active ones; all other rows of `among` have no neighbours. Gives `among`."""
        keys = [columns[name][rows] for name in ("arrived", "order", "run", "agent", "session")]
        rows = rows[np.lexsort(keys)]
        former, later = rows[:-1], rows[1:]
        same = np.logical_and.reduce([columns[name][former] == columns[name][later] for name in _STREAM])
        joined = same & self._near(columns, former, later)
        self._before.change(among, np.full(len(among), NOBODY))
        self._after.change(among, np.full(len(among), NOBODY))
        self._before.change(later[joined], former[joined])
        self._after.change(former[joined], later[joined])
        lasts = rows[np.append(~same, np.ones(min(1, len(rows)), dtype=bool))]
        self._tails |= {_stream(columns, row): _tail(columns, row) for row in lasts.tolist()}
        return among

    def _is_near(self, former_us: int, later_us: int) -> bool:
        """Say whether two times lie within the gap; an unknown one is never far."""
        return NO_TIME in (former_us, later_us) or abs(later_us - former_us) <= self._gap_us

    def _near(self, columns: Columns, former: Rows, later: Rows) -> NDArray[np.bool_]:
        """Say likewise which pairs lie within the gap."""
        at_us = columns["at_us"]
        unknown = (at_us[former] == NO_TIME) | (at_us[later] == NO_TIME)
        distance = np.abs(np.where(unknown, 0, at_us[former]) - np.where(unknown, 0, at_us[later]))
        near: NDArray[np.bool_] = distance <= self._gap_us
        return near


def _stream(columns: Columns, row: int) -> _Stream:
    return int(columns["session"][row]), int(columns["agent"][row]), int(columns["run"][row])


def _tail(columns: Columns, row: int) -> _Tail:
    order, arrived, at_us = (int(columns[name][row]) for name in _TAIL)
    return _Tail(order, arrived, at_us, row)
