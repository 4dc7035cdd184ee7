"""Scoring: every row of the visible walls gets its signals and its score, as one collection.

In a large scope the cosine of every row is estimated first, from signs; the candidates are then scored by their
numbers, until the best of all are. What may be returned is decided before anything is ranked, and moves no score.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lamina.core.query import Query, Way
from lamina.core.scope import Scope
from lamina.index.bm25 import Holders, bm25, grouped_bm25, idf
from lamina.index.filtering import rows_that_hold
from lamina.index.scope_index import NO_TIME
from lamina.index.union import Groups, Union
from lamina.index.vectors import NO_SCORE
from lamina.recall.days import fall_within
from lamina.recall.nearby import group_best
from lamina.recall.plan import Question, Speakers, understand
from lamina.recall.rank import best_first, promising, ranks
from lamina.recipes.recipe import Recipe, Signals

#: A scope of no more rows is scored by its numbers from the beginning.
SMALL_SCOPE = 1024
#: In a larger one this many of the best rows by estimated cosines are, one in `CANDIDATE_SHARE` within these bounds; of
#: MiniLM's 10 nearest among 100,000, 99 % lie among the 400 nearest by signs. Of 10,000 real texts 256 lose one hit in
#: a thousand that 512 do not, and 128 lose three.
LEAST_CANDIDATES, MOST_CANDIDATES = 256, 512
CANDIDATE_SHARE = 64
#: Among so many nearest by signs the nearest by numbers is looked for.
NEAREST = 64
#: So many of the best candidates are lifted by what leads their sessions by its numbers, or so many times the limit.
LED = 48
LED_SHARE = 4
Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]


class Close(NamedTuple):
    """Some rows, scored by their numbers."""

    signals: Signals
    own: Floats
    #: The best own score in each row's session, event: one for each lift.
    bests: tuple[Floats, ...]
    scores: Floats


class Lift(NamedTuple):
    """What lifts a row: a share of the best own score in its group."""

    name: str
    share: float
    groups: Groups


@dataclass(frozen=True, slots=True)
class Glance:
    """All rows as they were looked at first, in a large scope by estimated cosines."""

    union: Union
    recipe: Recipe
    #: The question's vector; None where the recipe uses none.
    vector: NDArray[np.float32] | None
    #: Whether the cosines are those of the numbers.
    is_exact: bool
    signals: Signals
    lifts: tuple[Lift, ...]
    #: Each row's own score, minus infinity for rows that have ended and so lead no group, the best in its groups, and
    #: its own with its shares of these.
    own: Floats
    leading: Floats
    bests: tuple[Floats, ...]
    scores: Floats

    def closely(self, rows: Rows) -> Close:
        """Give signals and scores of some rows, which ascend, by their numbers."""
        close = self.nearly(rows)
        return close if self.is_exact else self.led(rows, close, np.arange(len(rows)))

    def nearly(self, rows: Rows) -> Close:
        """Give the same but for the best score of each group, which stays at what estimates make of it."""
        if self.is_exact or self.vector is None:
            signals = self.signals.at(rows, dense=self.signals.dense[rows])
            return Close(signals, self.own[rows], tuple(best[rows] for best in self.bests), self.scores[rows])
        signals, own = self._numbered(rows, self.vector)
        return self._lifted(signals, own, [best[rows] for best in self.bests])

    def led(self, rows: Rows, close: Close, places: Rows) -> Close:
        """Let the rows at `places` be lifted by the row that leads their group by estimates, scored by its numbers.

        Which one that is depends on the question alone, and so on no filter and no limit. The other rows score minus
        infinity.
        """
        if not self.lifts or self.vector is None:
            return close
        bests = []
        for lift in self.lifts:
            best = np.full(len(rows), -np.inf)
            best[places] = self._led_best(rows[places], lift.groups, self.vector)
            bests.append(best)
        lifted = self._lifted(close.signals, close.own, bests)
        scores = np.full(len(rows), -np.inf)
        scores[places] = lifted.scores[places]
        return lifted._replace(scores=scores)

    def _led_best(self, rows: Rows, groups: Groups, vector: NDArray[np.float32]) -> Floats:
        """Give the score by its numbers of the row that leads each row's group; minus infinity outside any."""
        wanted, which = np.unique(groups.of_rows[rows], return_inverse=True)
        best: Floats = np.full(len(wanted), -np.inf)
        places = np.flatnonzero(wanted)
        if len(places):
            leaders = _leaders(self.leading, *groups.members(wanted[places]))
            order = np.argsort(leaders)
            best[places[order]] = self._numbered(leaders[order], vector)[1]
        return best[which]

    def _numbered(self, rows: Rows, vector: NDArray[np.float32]) -> tuple[Signals, Floats]:
        signals = self.signals.at(rows, dense=_cosines(self.union, rows, vector, self.recipe))
        return signals, self.recipe.fuse(signals)

    def _lifted(self, signals: Signals, own: Floats, bests: Sequence[Floats]) -> Close:
        scores = own
        lifting = tuple(np.maximum(own, best) for best in bests)
        for lift, best in zip(self.lifts, lifting, strict=True):
            scores = scores + lift.share * best
        return Close(signals, own, lifting, scores)


class Linked(NamedTuple):
    """Rows that are linked to one of the best, ascending, and what their links add to their scores."""

    rows: Rows
    #: Because one names the other's title, and because both name the same.
    titles: Floats
    names: Floats


@dataclass(frozen=True, slots=True)
class Scored:
    """The rows that were looked at closely, the best among them, with all that was found out about them."""

    #: All rows, as they were looked at first.
    glance: Glance
    question: Question
    #: The rows that hold each different term of the question.
    holders: Sequence[Holders]
    #: Of all rows, those that have not ended and that the scope's agent and run see; and of these, those that may be
    #: returned; None = every one.
    visible: Flags | None
    returnable: Flags | None
    #: Ascending; what follows has an entry for each.
    rows: Rows
    signals: Signals
    scores: Floats
    #: Whether words, vectors or links found each; a filter may leave others.
    found: Flags
    linked: Linked | None = None

    @property
    def union(self) -> Union:
        """The rows of the visible walls."""
        return self.glance.union

    def best(self, limit: int) -> Rows:
        """Give the places among `rows` of the best, best first; what nothing found comes last.

        Of equals the own wall comes first, then the newer.
        """
        heights = self.scores if self.found.all() else np.where(self.found, self.scores, -np.inf)
        return first_of(self.union, self.rows, heights, limit)

    def best_span(self, place: int) -> tuple[int, int] | None:
        """Give the part of a long text that is nearest to the question; None where the text is one span."""
        if self.glance.vector is None or self.union.chance is None:
            return None
        return self.union.best_span(int(self.rows[place]), self.glance.vector)

    def ways(self, places: Rows) -> list[tuple[Way, ...]]:
        """Give the signals that found each row, with their scores and ranks among the candidates."""
        # Words of neighbours lift a row that holds none of the question's own; that is another way.
        own = np.logical_or.reduce(self.holds(self.rows[places]), axis=0)
        lexical, dense = (ranks(signal, places) for signal in (self.signals.lexical, self.signals.dense))
        columns = (column.tolist() for column in (places, own, lexical, dense))
        return [self._ways_of(*told) for told in zip(*columns, strict=True)]

    def holds(self, rows: Rows) -> Flags:
        """Say which rows hold which of the question's terms, shape (terms, rows)."""
        found = np.zeros((len(self.holders), len(rows)), dtype=bool)
        for place, term in enumerate(self.holders):
            if len(term.rows):
                nearest = np.minimum(term.rows.searchsorted(rows), len(term.rows) - 1)
                found[place] = term.rows[nearest] == rows
        return found

    def coverages(self, places: Rows) -> tuple[Floats, Flags]:
        """Give the idf of each term of the question but speakers' names, and which rows hold it."""
        asked = [name not in self.question.name_terms for name in dict.fromkeys(self.question.terms)]
        weights = np.array([idf(len(term.rows), len(self.union)) for term in self.holders])
        return weights[asked], self.holds(self.rows[places])[asked]

    def _ways_of(self, place: int, is_own: bool, lexical: int, dense: int) -> tuple[Way, ...]:  # noqa: FBT001  a row's
        signals = self.signals
        ways = []
        if signals.lexical[place] > 0:
            by = "lexical" if is_own else "neighbours"
            ways.append(Way(by=by, score=float(signals.lexical[place]), rank=lexical))
        if signals.dense[place] != signals.absent:
            ways.append(Way(by="dense", score=float(signals.dense[place]), rank=dense))
        for by, flags in (("speaker", signals.speaker), ("role", signals.role), ("day", signals.day)):
            if flags is not None and flags[place]:
                ways.append(Way(by=by, score=1.0))
        return (*ways, *self._links_of(int(self.rows[place])))

    def _links_of(self, row: int) -> Iterator[Way]:
        if self.linked is None:
            return
        place = int(self.linked.rows.searchsorted(row))
        if place < len(self.linked.rows) and self.linked.rows[place] == row:
            for by, points in (("title", self.linked.titles), ("name", self.linked.names)):
                if points[place]:
                    yield Way(by=by, score=float(points[place]))


def score(
    query: Query,
    scope: Scope,
    union: Union,
    *,
    recipe: Recipe,
    vector: NDArray[np.float32] | None,
    limit: int,
) -> Scored:
    """Score every row of `union` as one collection, and give the candidates with their exact scores."""
    speakers = _speakers(union.speakers, recipe.analyse)
    question = understand(query.text, at=query.at, speakers=speakers, analyse=recipe.analyse)
    holders = union.holders(question.terms)
    glance = _glance(union, question, holders, recipe=recipe, vector=vector)
    visible, found = _visible(union, scope), is_found(glance.signals)
    returnable = _returnable(union, query, visible)
    masks = [mask for mask in (returnable, found) if mask is not None]
    ranked = np.where(np.logical_and.reduce(masks), glance.scores, -np.inf) if masks else glance.scores
    rows, close = _candidates(glance, ranked, limit=limit)
    if query.filters is not None and found is not None:
        others = np.flatnonzero(~found if returnable is None else returnable & ~found)
        rows = np.union1d(rows, _newest(union, others, limit))
        close = glance.closely(rows)
    return Scored(
        glance=glance,
        question=question,
        holders=holders,
        visible=visible,
        returnable=returnable,
        rows=rows,
        signals=close.signals,
        scores=close.scores,
        found=np.ones(len(rows), dtype=bool) if found is None else found[rows],
    )


def _glance(
    union: Union,
    question: Question,
    holders: Sequence[Holders],
    *,
    recipe: Recipe,
    vector: NDArray[np.float32] | None,
) -> Glance:
    is_exact = recipe.is_plain or len(union) <= SMALL_SCOPE
    if vector is None:
        dense = np.full(len(union), NO_SCORE)
        best = NO_SCORE
    elif is_exact:
        dense = _cosines(union, None, vector, recipe)
        best = float(_of_active(union, dense, NO_SCORE).max(initial=NO_SCORE))
    else:
        dense = _estimates(union, vector, recipe)
        # The highest of many estimates lies far above the highest cosine, and would make all of them count less.
        nearest = promising(_of_active(union, dense, -np.inf), NEAREST)
        best = float(_cosines(union, nearest, vector, recipe).max(initial=NO_SCORE))
    signals = _signals(union, question, holders, dense, dense_best=best, recipe=recipe)
    own = scores = recipe.fuse(signals) if is_exact else recipe.fuse_roughly(signals)
    lifts, leading = tuple(_lifts(union, recipe)), _of_active(union, own, -np.inf)
    bests = []
    for lift in lifts:
        groups = lift.groups
        best_of_group = group_best(leading, starts=groups.starts, sizes=groups.sizes, numbers=groups.numbers)
        bests.append(best_of_group if leading is own else np.maximum(best_of_group, own))
        scores = scores + lift.share * bests[-1]
    return Glance(union, recipe, vector, is_exact, signals, lifts, own, leading, tuple(bests), scores)


def _of_active(union: Union, scores: Floats, other: float) -> Floats:
    """Give the scores, and `other` for the rows that have ended: what was withdrawn moves no score of the others."""
    return scores if union.is_all_active else np.where(union.column("active"), scores, scores.dtype.type(other))


def _leaders(scores: Floats, members: Rows, begins: Rows) -> Rows:
    """Give the best row of each group, of equals the first; its members stand side by side, from `begins` on."""
    mine = scores[members]
    highest = np.maximum.reduceat(mine, begins)
    is_best = mine == np.repeat(highest, np.diff(begins, append=len(members)))
    return np.minimum.reduceat(np.where(is_best, members, len(scores)), begins)


def _lifts(union: Union, recipe: Recipe) -> Iterator[Lift]:
    if recipe.session_share:
        yield Lift("session", recipe.session_share, union.sessions)
    if recipe.event_share:
        yield Lift("event", recipe.event_share, union.events)


def _candidates(glance: Glance, ranked: Floats, *, limit: int) -> tuple[Rows, Close]:
    """Give the rows that may be among the best, scored by their numbers; `ranked` is minus infinity for none."""
    if glance.is_exact or glance.vector is None:
        rows = np.flatnonzero(ranked > -np.inf)
        return rows, glance.closely(rows)
    share = len(ranked) // CANDIDATE_SHARE
    count = max(LEAST_CANDIDATES, min(share, MOST_CANDIDATES), 2 * limit)
    while True:
        rows = promising(ranked, count)
        close = glance.nearly(rows)
        # Where more than a few of the best come from below, others may: look further down.
        if _is_settled(close.scores, ranked, rows, limit):
            return rows, glance.led(rows, close, promising(close.scores, max(LED, LED_SHARE * limit)))
        count *= 4


def _newest(union: Union, rows: Rows, limit: int) -> Rows:
    """Give those of `rows` that come first where nothing ranks them."""
    return rows[first_of(union, rows, np.zeros(len(rows)), limit)]


def first_of(union: Union, rows: Rows, heights: Floats, limit: int) -> Rows:
    """Give the places of the `limit` highest of `rows`, best first; of equals the own wall, then the newer."""
    likely = promising(heights, limit)
    if len(likely) < min(limit, len(rows)):
        likely = np.arange(len(rows))
    arrived = union.column("arrived")[rows[likely]]
    return likely[best_first(heights[likely], wall=union.walls(rows[likely]), arrived=arrived, limit=limit)]


@lru_cache(maxsize=64)
def _speakers(names: tuple[str, ...], analyse: Callable[[str], list[str]]) -> Speakers:
    return Speakers(names, analyse)


def _signals(
    union: Union,
    question: Question,
    holders: Sequence[Holders],
    dense: Floats,
    *,
    dense_best: float,
    recipe: Recipe,
) -> Signals:
    lexical = _lexical(union, holders, recipe) if recipe.uses_lexical else np.zeros(len(union))
    return Signals(
        lexical=lexical,
        lexical_best=float(_of_active(union, lexical, 0.0).max(initial=0.0)),
        dense=dense,
        dense_best=dense_best,
        absent=NO_SCORE,
        is_dense_known=recipe.uses_dense and union.has_every_vector,
        speaker=union.named("speaker", question.speakers) if question.speakers else None,
        role=union.named("role", question.roles) if question.roles else None,
        day=fall_within(union.column("local_us"), question.days, unknown=NO_TIME) if question.days else None,
        session_lexical=_session_lexical(union, holders, recipe) if recipe.uses_hierarchy else None,
        sides=union.sides if recipe.uses_hierarchy else None,
    )


def _lexical(union: Union, holders: Sequence[Holders], recipe: Recipe) -> Floats:
    if recipe.weigh_neighbours is None:
        return bm25(holders, union.lengths, k1=recipe.k1, b=recipe.b)
    beside = union.beside(recipe.weigh_neighbours)
    return bm25(holders, union.joined, k1=recipe.k1, b=recipe.b, beside=beside)


def _session_lexical(union: Union, holders: Sequence[Holders], recipe: Recipe) -> Floats:
    return grouped_bm25(holders, union.lengths.parts, union.sessions.of_rows, k1=recipe.k1, b=recipe.b)


def _estimates(union: Union, vector: NDArray[np.float32], recipe: Recipe) -> Floats:
    found = union.estimates(vector)
    if union.chance is not None:
        found -= recipe.span_penalty * union.chance
    return found


def _cosines(union: Union, rows: Rows | None, vector: NDArray[np.float32], recipe: Recipe) -> Floats:
    """Give the cosines of some rows by their numbers; None = of every row."""
    if rows is None:
        found = union.every_cosine(vector, is_first_span_only=recipe.is_plain)
    else:
        found = union.cosines(rows, vector, is_first_span_only=recipe.is_plain)
    if recipe.span_penalty and union.chance is not None:
        found -= recipe.span_penalty * (union.chance if rows is None else union.chance[rows])
    return found


def _visible(union: Union, scope: Scope) -> Flags | None:
    """Say which rows have not ended and are seen by the scope's agent and run; None = every one."""
    masks: list[Flags] = []
    if not union.is_all_active:
        masks.append(union.column("active"))
    for label, name in (("agent", scope.agent), ("run", scope.run)):
        if name is not None:
            masks.append(union.named(label, [None, name]))
    return np.logical_and.reduce(masks) if masks else None


def _returnable(union: Union, query: Query, visible: Flags | None) -> Flags | None:
    """Say which rows may be returned; None = every one."""
    masks: list[Flags] = [] if visible is None else [visible]
    if query.session is not None:
        masks.append(union.named("session_name", [query.session]))
    if query.filters is not None and union.views:
        masks.append(np.concatenate([rows_that_hold(query.filters, view) for view in union.views]))
    return np.logical_and.reduce(masks) if masks else None


def is_found(signals: Signals) -> Flags | None:
    """Say which rows words or vectors found; None = every one."""
    if signals.is_dense_known:
        return None
    found: Flags = (signals.lexical > 0) | (signals.dense != NO_SCORE)
    return found


def _is_settled(exact: Floats, ranked: Floats, rows: Rows, limit: int) -> bool:
    """Say whether no row that was not looked at can be among the best: the last of these is above all of them."""
    if len(exact) > limit and np.partition(exact, len(exact) - limit)[len(exact) - limit] >= ranked[rows].min():
        return True
    return int(np.count_nonzero(ranked > -np.inf)) == len(rows)
