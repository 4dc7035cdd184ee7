"""What a question says of the order of things, and of how many it asks for, moves the best of what was found.

Of statements that say the same with another value, the newest counts as much as the best. Where the first or the last
is asked for, time counts among what matches about as well. "Before the trip" looks for the trip, and what was said
before it counts more; of "between the storm and the repair" each is looked for. All of it softly, among the heads: no
filter and no limit moves a score.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lamina.core.explanation import End
from lamina.core.records import Record
from lamina.flows.scored import LED, Floats, Moved, Rows, Scored, first_of, further_points, heads_of, with_rows
from lamina.index.bm25 import idf
from lamina.index.scope_index import NO_TIME
from lamina.recall.ends import END_WORDS
from lamina.recall.ranges import Far, Relative
from lamina.recall.rank import merged
from lamina.recall.versions import ASKED, are_versions, statements

#: Among so many of the best rows versions are looked for, and ends of time.
HEADS = 20
#: What being first or last in time adds, as a share of the best score, and what part of it a row has to reach.
END_SHARE, END_FROM = 0.2, 0.7
#: What standing on the right side of an event adds to a row, as a share of its score, and what standing as far from it
#: as is asked for adds, which few rows do.
BESIDE_SHARE, FAR_SHARE = 0.3, 0.6
#: What part of the best a row beside an event has to reach, by what is asked without the event, to stand before it.
ASKED_FROM = 0.8
#: Among so many of the best a row of a session that stands above it already goes back, as by this share of the best.
SPREAD = 10
#: By so little of the best score a newer version stands before an older one.
A_LITTLE = 1e-3
DAY_US = 24 * 60 * 60 * 1_000_000
Flags = NDArray[np.bool_]


class Asides(NamedTuple):
    """How further questions are asked, and records read."""

    ask: Callable[[str], Scored]
    read: Callable[[Rows], dict[int, Record]]


@dataclass(frozen=True, slots=True)
class _Heads:
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
    def first(self) -> "_Heads":
        """The best row alone."""
        return replace(
            self,
            rows=self.rows[:1],
            scores=self.scores[:1],
            at_us=self.at_us[:1],
            day=self.day[:1],
            arrived=self.arrived[:1],
            session=self.session[:1],
        )

    def earlier(self, other: "_Heads") -> Flags:
        """Say which come before which of another, shape (own, other's): by time where both are known.

        Inside a session what was said at the same time, or at none that is known, came in its order of arrival.
        """
        times, others = self.at_us[:, None], other.at_us[None, :]
        same = (self.session[:, None] == other.session[None, :]) & (times == others)
        is_first: Flags = same & (self.arrived[:, None] < other.arrived[None, :])
        is_first |= (times < others) & (times != NO_TIME) & (others != NO_TIME)
        return is_first


def in_order(scored: Scored, asides: Asides) -> Scored:
    """Move the best rows by what the question says of their order, and of how many it asks for."""
    recipe, question = scored.glance.recipe, scored.question
    if recipe.minds_order:
        # Of many that say the same, the newest may stand far down.
        heads = _heads(scored, most=HEADS if question.end is None else LED)
        if question.sides:
            scored = _with_sides(scored, heads, [asides.ask(side) for side in question.sides])
        elif question.relative is not None:
            scored = _with_beside(scored, heads, question.relative, asides.ask)
        elif question.end is not None and not question.days:
            scored = _moved(scored, "end", heads.rows, _towards(heads, question.end))
        scored = _moved(scored, "version", heads.rows, _versions(scored, heads, asides.read))
    if recipe.spread_share and question.wants_several and not question.sides:
        heads = _heads(scored)
        scored = _moved(scored, "spread", heads.rows[:SPREAD], _spread(scored, heads, recipe.spread_share))
    return scored


def _heads(scored: Scored, *, most: int = HEADS) -> _Heads:
    union = scored.union
    rows, scores = heads_of(scored)
    if scored.moved is not None:
        further = scored.moved.rows[~np.isin(scored.moved.rows, rows)]
        own = scored.glance.closely(further).scores
        again = 0.0 if scored.look is None else scored.look.points(further, own)
        order = np.argsort(np.concatenate([rows, further]))
        rows, scores = np.concatenate([rows, further])[order], np.concatenate([scores, own + again])[order]
    scores = scores + further_points(scored, rows)
    places = first_of(union, rows, scores, most)
    best = rows[places]
    return _Heads(
        best,
        scores[places],
        union.column("at_us")[best],
        union.column("local_us")[best] // DAY_US,
        union.column("arrived")[best],
        union.sessions.of_rows[best],
    )


def _moved(scored: Scored, name: str, rows: Rows, points: Floats) -> Scored:
    """Add points to rows, which come in any order, under a name."""
    if not points.any():
        return scored
    scored = with_rows(scored, np.sort(rows))
    former = Moved(np.zeros(0, np.int64), {}) if scored.moved is None else scored.moved
    every = merged(former.rows, np.sort(rows))
    told = {other: np.zeros(len(every)) for other in {**former.points, name: points}}
    for other, some in former.points.items():
        told[other][every.searchsorted(former.rows)] += some
    told[name][every.searchsorted(rows)] += points
    scores = scored.scores.copy()
    # A filter may have left them out.
    here = np.isin(rows, scored.rows)
    scores[scored.rows.searchsorted(rows[here])] += points[here]
    return replace(scored, scores=scores, moved=Moved(every, told))


def _with_sides(scored: Scored, heads: _Heads, sides: Sequence[Scored]) -> Scored:
    """Let the best row of each of two sides count as much as the best of all."""
    if not all(_tells(side) for side in sides):
        return scored
    rows = merged(*(_heads(side).rows[:1] for side in sides))
    points = np.maximum(heads.scores.max(initial=0.0) - _scores_of(scored, rows), 0.0)
    return _moved(scored, "side", rows, points)


def _tells(side: Scored) -> bool:
    """Say whether a side names more than people, and something was found."""
    return bool(set(side.question.terms) - side.question.name_terms) and bool(len(heads_of(side)[0]))


def _with_beside(scored: Scored, heads: _Heads, relative: Relative, ask: Callable[[str], Scored]) -> Scored:
    """Lift what stands on one side of an event; what is asked for is said there, and stands before the event itself."""
    event = _heads(ask(relative.event)).first
    if not len(event.rows):
        return scored
    points = _beside(heads, event, relative)
    lifted = heads.scores + points
    there = np.flatnonzero(points > 0)
    told = np.flatnonzero(heads.rows == event.rows)
    if len(there) and len(told) and relative.asked:
        answering = _scores_of(ask(relative.asked), heads.rows)
        there = there[answering[there] >= ASKED_FROM * answering.max()]
        if len(there):
            best = there[lifted[there].argmax()]
            points[best] += max(lifted[told[0]] + A_LITTLE * max(lifted.max(), 0.0) - lifted[best], 0.0)
    return _moved(scored, "beside", heads.rows, points)


def _scores_of(scored: Scored, rows: Rows) -> Floats:
    """Give the scores of some rows, which come in any order, whether or not they are among the best."""
    order = np.argsort(rows)
    own = scored.glance.closely(rows[order]).scores
    again = 0.0 if scored.look is None else scored.look.points(rows[order], own)
    scores = np.empty(len(rows))
    scores[order] = own + again + further_points(scored, rows[order])
    return scores


def _beside(heads: _Heads, event: _Heads, relative: Relative) -> Floats:
    """Give what the rows on one side of an event gain; where some lie about as far as is told, these alone."""
    beside = heads.earlier(event)[:, 0] if relative.is_before else event.earlier(heads)[0]
    near = beside * _nearness(relative.far, heads, event)
    points: Floats = np.maximum(heads.scores, 0.0) * (FAR_SHARE * near if near.any() else BESIDE_SHARE * beside)
    return points


def _nearness(far: Far | None, heads: _Heads, event: _Heads) -> Floats:
    """Say how nearly rows lie as far from an event as is asked for, 0 to 1; 0 where no distance is told, or no time."""
    if far is None or event.at_us[0] == NO_TIME:
        return np.zeros(len(heads.rows))
    days = np.abs(heads.day - event.day).astype(float)
    off = np.maximum(days - far.days, 0.0) if far.is_within else np.abs(days - far.days)
    # Who counts days counts them well.
    room = 1.0 if far.is_within else max(1.0, far.days / 4) + 1
    nearness: Floats = np.where(heads.at_us != NO_TIME, np.maximum(1 - off / room, 0.0) ** 2, 0.0)
    return nearness


def _towards(heads: _Heads, end: End) -> Floats:
    """Give what the first or last of the rows that match about as well as the best gains; each next one gains half."""
    points = np.zeros(len(heads.rows))
    near = np.flatnonzero((heads.scores >= END_FROM * heads.scores.max(initial=0.0)) & (heads.at_us != NO_TIME))
    times = merged(heads.at_us[near])
    if len(times) > 1:
        places = times.searchsorted(heads.at_us[near])
        points[near] = END_SHARE * heads.scores.max() * 0.5 ** (len(times) - 1 - places if end is End.LAST else places)
    return points


def _versions(scored: Scored, heads: _Heads, read: Callable[[Rows], dict[int, Record]]) -> Floats:
    """Give what newer versions of a statement gain, so that each stands before the older ones; for the first, older."""
    points, question = np.zeros(len(heads.rows)), scored.question
    different = list(dict.fromkeys(question.terms))
    held = scored.holds(heads.rows)
    skipped = question.name_terms.union(scored.glance.recipe.analyse(END_WORDS))
    counts = [term not in skipped and bool(some.any()) for term, some in zip(different, held, strict=True)]
    worth = {
        term: idf(len(holders.rows), len(scored.union))
        for term, holders, does in zip(different, scored.holders, counts, strict=True)
        if does
    }
    alike = _alike(held[counts], np.array(list(worth.values()))) if worth else []
    # A day that is named says which version is meant.
    if not alike or question.days or question.wants_several:
        return points
    end = End.LAST if question.end is None and not question.asks_for_former else question.end
    if end is None:
        return points
    records = read(np.sort(heads.rows[sorted(set().union(*alike))]))
    said = {row: statements(record.text) for row, record in records.items()}
    a_little = A_LITTLE * max(heads.scores.max(), 0.0)
    # What is told without a time is told anew where it comes later.
    is_timeless = (heads.at_us[:, None] == NO_TIME) & (heads.at_us[None, :] == NO_TIME)
    is_earlier = heads.earlier(heads) | (is_timeless & (heads.arrived[:, None] < heads.arrived[None, :]))
    for places in alike:
        known = [place for place in places if heads.rows[place] in records]
        known.sort(key=lambda place: (heads.at_us[place], heads.arrived[place]), reverse=end is End.FIRST)
        for better in known:
            mine = heads.rows[better]
            for other in known:
                theirs = heads.rows[other]
                lead = heads.scores[other] + points[other] - heads.scores[better] - points[better]
                if (
                    lead > -a_little
                    and (is_earlier[better, other] if end is End.FIRST else is_earlier[other, better])
                    and records[mine].speaker == records[theirs].speaker
                    and are_versions(said[mine], said[theirs], asked=worth, analyse=scored.glance.recipe.analyse)
                ):
                    points[better] += lead + a_little
    return points


def _alike(held: Flags, worth: Floats) -> list[list[int]]:
    """Give the places of rows that hold the same of what is asked, and most of it, two or more together."""
    groups: dict[bytes, list[int]] = {}
    for place in np.flatnonzero(worth @ held >= ASKED * worth.sum()).tolist():
        groups.setdefault(held[:, place].tobytes(), []).append(place)
    return [places for places in groups.values() if len(places) > 1]


def _spread(scored: Scored, heads: _Heads, share: float) -> Floats:
    """Give what the best rows gain or lose where each that stands in a session seen above it goes back a little.

    They change places among themselves, and take the scores of the places.
    """
    scores = heads.scores[:SPREAD]
    sessions = scored.union.sessions.of_rows[heads.rows[:SPREAD]].tolist()
    left, seen, taken = list(range(len(scores))), set[int](), []
    while left:
        place = max(left, key=lambda place: (scores[place] - share * scores[0] * (sessions[place] in seen), -place))
        taken.append(place)
        left.remove(place)
        seen |= {sessions[place]} - {0}
    points = np.zeros(len(scores))
    points[taken] = scores - scores[taken]
    return points
