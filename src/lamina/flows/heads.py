"""Heads: the best rows of all that a scope sees, with their places in time, as a question of order looks at them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.flows.scored import Floats, Rows, Scored, first_of, further_points, heads_of
from lamina.index.scope_index import NO_TIME

#: Among so many of the best rows versions are looked for, and ends of time.
HEADS = 20
DAY_US = 24 * 60 * 60 * 1_000_000
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Heads:
    """The best rows, best first, with their scores and places in time."""

    rows: Rows
    scores: Floats
    #: Microseconds, `NO_TIME` where unknown; the day that people lived, by number; and the order of arrival.
    at_us: Rows
    day: Rows
    arrived: Rows
    #: By number, 0 = none.
    session: Rows

    @property
    def first(self) -> "Heads":
        """The best row alone."""
        return self.at_places(slice(1))

    def at_places(self, places: Sequence[int] | slice) -> "Heads":
        """Give some of the rows."""
        return Heads(
            self.rows[places],
            self.scores[places],
            self.at_us[places],
            self.day[places],
            self.arrived[places],
            self.session[places],
        )

    def joined(self, others: "Heads") -> "Heads":
        """Give these rows and then others."""
        return Heads(
            np.concatenate([self.rows, others.rows]),
            np.concatenate([self.scores, others.scores]),
            np.concatenate([self.at_us, others.at_us]),
            np.concatenate([self.day, others.day]),
            np.concatenate([self.arrived, others.arrived]),
            np.concatenate([self.session, others.session]),
        )

    def earlier(self, other: "Heads") -> Flags:
        """Say which come before which of another, shape (own, other's): by time where both are known.

        Inside a session what was said at the same time, or at none that is known, came in its order of arrival.
        """
        times, others = self.at_us[:, None], other.at_us[None, :]
        same = (self.session[:, None] == other.session[None, :]) & (times == others)
        is_first: Flags = same & (self.arrived[:, None] < other.arrived[None, :])
        is_first |= (times < others) & (times != NO_TIME) & (others != NO_TIME)
        return is_first

    def told_earlier(self) -> Flags:
        """Say which were told before which; what is told without a time is told anew where it comes later."""
        is_timeless = (self.at_us[:, None] == NO_TIME) & (self.at_us[None, :] == NO_TIME)
        found: Flags = self.earlier(self) | (is_timeless & (self.arrived[:, None] < self.arrived[None, :]))
        return found


def leading(scored: Scored, *, most: int = HEADS) -> Heads:
    """Give the best rows of all that the scope sees."""
    rows, scores = heads_of(scored)
    if scored.moved is not None:
        further = scored.moved.rows[~np.isin(scored.moved.rows, rows)]
        own = scored.glance.closely(further).scores
        again = 0.0 if scored.look is None else scored.look.points(further, own)
        order = np.argsort(np.concatenate([rows, further]))
        rows, scores = np.concatenate([rows, further])[order], np.concatenate([scores, own + again])[order]
    scores = scores + further_points(scored, rows)
    places = first_of(scored.union, rows, scores, most)
    return _placed(scored, rows[places], scores[places])


def heads_at(scored: Scored, rows: Rows) -> Heads:
    """Give the same of some rows, which come in any order, whether or not they are among the best."""
    return _placed(scored, rows, scores_of(scored, rows))


def scores_of(scored: Scored, rows: Rows) -> Floats:
    """Give the scores of some rows, which come in any order, whether or not they are among the best."""
    order = np.argsort(rows)
    own = scored.glance.closely(rows[order]).scores
    again = 0.0 if scored.look is None else scored.look.points(rows[order], own)
    scores = np.empty(len(rows))
    scores[order] = own + again + further_points(scored, rows[order])
    return scores


def _placed(scored: Scored, rows: Rows, scores: Floats) -> Heads:
    union = scored.union
    return Heads(
        rows,
        scores,
        union.column("at_us")[rows],
        union.column("local_us")[rows] // DAY_US,
        union.column("arrived")[rows],
        union.sessions.of_rows[rows],
    )
