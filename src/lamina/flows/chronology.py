"""What a question says of the order of things, and of how many it asks for, moves the best of what was found.

Of statements that say the same with another value, the newest counts as much as the best. Where the first or the last
is asked for, time counts among what matches about as well. "Before the trip" looks for the trip, and what was said
before it counts more; of "between the storm and the repair" each is looked for. What is next to an event counts the
most where that is asked for, and what lay between two where that is. All of it softly, among the heads: no filter and
no limit moves a score.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from lamina.core.explanation import End
from lamina.flows.heads import HEADS, Heads, leading, scores_of
from lamina.flows.scored import LED, Flags, Floats, Moved, Rows, Scored, heads_of, with_rows
from lamina.flows.versions import A_LITTLE, Read, beside_the_point, versions
from lamina.index.scope_index import NO_TIME
from lamina.recall.confidence import coverage
from lamina.recall.far import Far
from lamina.recall.plan import Question
from lamina.recall.ranges import Relative
from lamina.recall.rank import merged

#: What being first or last in time adds, as a share of the best score, and what part of it a row has to reach.
END_SHARE, END_FROM = 0.3, 0.7
#: What part of the most that one of these rows holds of what is asked, in words and meaning together, another has to
#: hold itself; or what part of the nearest in meaning it has to come to, where it is not said right beside such a one.
ITSELF_FROM, MEANT_FROM = 0.6, 0.9
#: What standing on the right side of an event adds to a row, as a share of its score, and what standing as far from it
#: as is asked for adds, which few rows do.
BESIDE_SHARE, FAR_SHARE = 0.3, 0.6
#: What part of the best a row beside an event has to reach, by what is asked without the event, to stand before it.
ASKED_FROM = 0.8
#: What standing next to an event adds, as a share of the best score, where that is asked for, and what part of the best
#: a row has to reach for it, by what is asked without the event.
NEXT_SHARE, NEXT_FROM = 0.6, 0.6
#: What lying between two events adds, as a share of the best score, where that is asked for.
BETWEEN_SHARE = 0.3
#: So many of the best may change places so that more sessions stand above.
PLACED = 10
#: So many rows of a session stand there as they are.
UNCROWDED = 3
#: What part of the score of a row that goes back another has to reach to pass it.
PASSED_FROM = 0.8


class Asides(NamedTuple):
    """How further questions are asked, and records read."""

    ask: Callable[[str], Scored]
    read: Read


def in_order(scored: Scored, asides: Asides) -> Scored:
    """Move the best rows by what the question says of their order, and of how many it asks for."""
    recipe, question = scored.glance.recipe, scored.question
    heads = leading(scored, most=LED if recipe.minds_order and _looks_far(question) else HEADS)
    seen = scored
    if recipe.minds_order:
        if question.sides:
            scored = _with_sides(scored, heads, [asides.ask(side) for side in question.sides])
        elif question.relative is not None:
            scored = _with_beside(scored, heads, question.relative, asides.ask)
        elif question.end is not None and not question.days:
            points = _towards(scored, heads, question.end, asides.read)
            scored, heads = _moved(scored, "end", heads.rows, points), replace(heads, scores=heads.scores + points)
        scored = _moved(scored, "version", *versions(scored, heads, asides.read))
    is_spread = question.wants_several and not question.sides
    for name, measure, order in (
        ("spread", recipe.spread_share * is_spread, _spread),
        ("crowd", recipe.crowd_places, _uncrowded),
    ):
        if measure:
            heads, seen = (heads, seen) if seen is scored else (leading(scored), scored)
            scored = _moved(scored, name, heads.rows[:PLACED], _exchanged(heads, order(scored, heads, measure)))
    return scored


def _looks_far(question: Question) -> bool:
    """Say whether what is asked for may stand far down: the newest of many, what is next to an event or between two."""
    is_next = question.relative is not None and question.relative.is_next
    return question.end is not None or is_next or (question.asks_what_lay_between and bool(question.sides))


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


def _with_sides(scored: Scored, heads: Heads, sides: Sequence[Scored]) -> Scored:
    """Let the best row of each of two sides count as much as the best of all."""
    if not all(_tells(side) for side in sides):
        return scored
    ends = [leading(side).first for side in sides]
    rows = merged(*(end.rows for end in ends))
    best = max(heads.scores.max(initial=0.0), 0.0)
    points = np.maximum(best - scores_of(scored, rows), 0.0)
    moved = _moved(scored, "side", rows, points)
    if scored.question.asks_what_lay_between:
        moved = _moved(moved, "side", heads.rows, BETWEEN_SHARE * best * _lie_between(heads, *ends))
    return moved


def _lie_between(heads: Heads, one: Heads, other: Heads) -> Flags:
    """Say which rows came after the one of two and before the other, whichever came first."""
    found: Flags = one.earlier(heads)[0] & heads.earlier(other)[:, 0]
    found |= other.earlier(heads)[0] & heads.earlier(one)[:, 0]
    return found


def _tells(side: Scored) -> bool:
    """Say whether a side names more than people, and something was found."""
    return bool(set(side.question.terms) - side.question.name_terms) and bool(len(heads_of(side)[0]))


def _with_beside(scored: Scored, heads: Heads, relative: Relative, ask: Callable[[str], Scored]) -> Scored:
    """Lift what stands on one side of an event; what is asked for is said there, and stands before the event itself."""
    event = leading(ask(relative.event)).first
    if not len(event.rows):
        return scored
    points = _beside(heads, event, relative)
    there = np.flatnonzero(points > 0)
    told = np.flatnonzero(heads.rows == event.rows)
    if len(there) and relative.asked and (len(told) or relative.is_next):
        answering = scores_of(ask(relative.asked), heads.rows)
        there = there[answering[there] >= (NEXT_FROM if relative.is_next else ASKED_FROM) * answering.max()]
        if relative.is_next:
            near = _nextness(heads.at_places(there), event, is_before=relative.is_before)
            points[there] += NEXT_SHARE * max(heads.scores.max(), 0.0) * near
        lifted = heads.scores + points
        if len(there) and len(told):
            best = there[lifted[there].argmax()]
            points[best] += max(lifted[told[0]] + A_LITTLE * max(lifted.max(), 0.0) - lifted[best], 0.0)
    return _moved(scored, "beside", heads.rows, points)


def _beside(heads: Heads, event: Heads, relative: Relative) -> Floats:
    """Give what the rows on one side of an event gain; where some lie about as far as is told, these alone."""
    beside = heads.earlier(event)[:, 0] if relative.is_before else event.earlier(heads)[0]
    near = beside * _nearness(relative.far, heads, event)
    points: Floats = np.maximum(heads.scores, 0.0) * (FAR_SHARE * near if near.any() else BESIDE_SHARE * beside)
    return points


def _nearness(far: Far | None, heads: Heads, event: Heads) -> Floats:
    """Say how nearly rows lie as far from an event as is asked for, 0 to 1; 0 where no distance is told, or no time."""
    if far is None or event.at_us[0] == NO_TIME:
        return np.zeros(len(heads.rows))
    days = np.abs(heads.day - event.day).astype(float)
    off = np.maximum(days - far.days, 0.0) if far.is_within else np.abs(days - far.days)
    # Who counts days counts them well.
    room = 1.0 if far.is_within else max(1.0, far.days / 4) + 1
    nearness: Floats = np.where(heads.at_us != NO_TIME, np.maximum(1 - off / room, 0.0) ** 2, 0.0)
    return nearness


def _nextness(heads: Heads, event: Heads, *, is_before: bool) -> Floats:
    """Say how near rows on one side of an event stand to it, above 0 to 1.

    What was said in the session of the event has half: most of it is of the event itself.
    """
    nearness = np.zeros(len(heads.rows))
    is_own = (heads.session == event.session) & (heads.session > 0)
    for rows, share in ((np.flatnonzero(is_own).tolist(), 0.5), (np.flatnonzero(~is_own).tolist(), 1.0)):
        nearness[rows] = share * _fading(heads.at_places(rows), is_before=is_before)
    return nearness


def _fading(heads: Heads, *, is_before: bool) -> Floats:
    """Give less and less to rows in their order from an event: to each further day that has any, half of the former."""
    order = np.lexsort((heads.arrived, heads.at_us))
    order = order[::-1] if is_before else order
    days = heads.day[order]
    place = np.concatenate([[0], np.cumsum(days[1:] != days[:-1])])[: len(order)]
    of_day = np.arange(len(order)) - place.searchsorted(place)
    found = np.empty(len(order))
    found[order] = 0.5 ** (place + of_day / np.bincount(place)[place])
    return found


def _towards(scored: Scored, heads: Heads, end: End, read: Read) -> Floats:
    """Give what the first or last of the rows that match about as well as the best gains; each next one gains half."""
    points = np.zeros(len(heads.rows))
    near = np.flatnonzero((heads.scores >= END_FROM * heads.scores.max(initial=0.0)) & (heads.at_us != NO_TIME))
    near = near[_holds_itself(scored, heads.rows[near])]
    if len(merged(heads.at_us[near])) > 1:
        near = near[~beside_the_point(scored, heads, near, read)]
        times = merged(heads.at_us[near])
        places = times.searchsorted(heads.at_us[near])
        points[near] = END_SHARE * heads.scores.max() * 0.5 ** (len(times) - 1 - places if end is End.LAST else places)
    return points


def _holds_itself(scored: Scored, rows: Rows) -> Flags:
    """Say which rows hold what is asked themselves, and are not only said beside what does."""
    if not len(rows):
        return np.zeros(0, dtype=bool)
    order = np.argsort(rows)
    dense = np.empty(len(rows))
    dense[order] = scored.glance.nearly(rows[order]).signals.dense
    meant = np.where(dense == scored.signals.absent, 0.0, dense).clip(0.0, 1.0)
    together = np.nan_to_num(coverage(*scored.coverages(rows))) + meant
    found: Flags = together >= ITSELF_FROM * together.max()
    beside = np.logical_or.reduce([np.isin(side[rows], rows[found]) for side in scored.union.sides])
    found |= (meant >= MEANT_FROM * meant.max()) & ~beside
    return found


def _spread(scored: Scored, heads: Heads, share: float) -> list[int]:
    """Give the order of the best rows where each that stands in a session seen above it goes back a little."""
    scores, sessions = heads.scores[:PLACED], heads.session[:PLACED].tolist()
    left, seen, taken = list(range(len(scores))), set[int](), []
    while left:
        place = max(left, key=lambda place: (scores[place] - share * scores[0] * (sessions[place] in seen), -place))
        taken.append(place)
        left.remove(place)
        seen |= {sessions[place]} - {0}
    return taken


def _uncrowded(scored: Scored, heads: Heads, places: float) -> list[int]:
    """Give the order of the best rows where a session that stands there often already lets others pass.

    The fewer rows it has, the more of it is told by those above. Only rows pass that are hardly worse.
    """
    scores, above, due = heads.scores[:PLACED], Counter[int](), []
    for place, session in enumerate(heads.session[:PLACED].tolist()):
        further = above[session] - UNCROWDED + 1 if session else 0
        above[session] += 1
        back = places * further / max(_size_of(scored, session), PLACED) if further > 0 else 0
        pass_it = np.count_nonzero(scores >= PASSED_FROM * scores[place])
        due.append(min(place + back, pass_it - 0.5))
    return sorted(range(len(due)), key=due.__getitem__)


def _size_of(scored: Scored, session: int) -> int:
    """Count the rows of a session that have not ended."""
    union = scored.union
    rows = union.sessions.members(np.array([session]))[0]
    return len(rows) if union.is_all_active else int(np.count_nonzero(union.column("active")[rows]))


def _exchanged(heads: Heads, order: Sequence[int]) -> Floats:
    """Give what the best rows gain or lose by changing places among themselves: they take the scores of the places."""
    scores = heads.scores[:PLACED]
    points = np.zeros(len(scores))
    points[order] = scores - scores[order]
    return points
