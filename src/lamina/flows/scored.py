"""What scoring makes of rows: a look at all of them, and the best of them with all that was found out.

In a large scope the cosine of every row is estimated first, from signs; the candidates are then scored by their
numbers, until the best of all are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from lamina.core.query import Way
from lamina.index.bm25 import Holders, idf
from lamina.index.union import Groups, Union
from lamina.index.vectors import NO_SCORE
from lamina.recall.ends import END_WORDS, FORMER_WORDS
from lamina.recall.plan import Question
from lamina.recall.rank import best_first, promising, ranks
from lamina.recipes.recipe import Part, Recipe, Signals

#: So many of the best candidates are lifted by what leads their sessions by its numbers, or so many times the limit.
LED = 48
#: Among so many rows by estimate the best of all that a scope sees are looked for, whatever may be returned.
LIKELY = 96
#: How far a search went: by words alone, by vectors too, with a second look, with links and order.
WORDS, VECTORS, LOOKED_AGAIN, FOLLOWED = 1, 2, 3, 4
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
        if self.is_exact and len(rows) == len(self.scores):
            return Close(self.signals, self.own, self.bests, self.scores)
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
        signals = self.signals.at(rows, dense=cosines_of(self.union, rows, vector, self.recipe))
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


class Moved(NamedTuple):
    """Rows that what a question says of order or number moves, ascending, and what it adds to each, by its name."""

    rows: Rows
    points: Mapping[str, Floats]


class Look(Protocol):
    """A second look at rows, as `flows.second_look` takes it."""

    def measured(self, rows: Rows) -> "Measured":
        """Measure some rows, whatever was measured before."""

    def parts(self, rows: Rows, scores: Floats, measured: Floats) -> list[Part]:
        """Give what is added to the `scores` of some rows, whose late scores were measured."""

    def points(self, rows: Rows, scores: Floats) -> Floats:
        """Give what is added to the scores of some rows, in all."""


class Measured(NamedTuple):
    """What token vectors say of some rows."""

    #: The late score of each, NaN where it has no token vectors, and how many it has.
    scores: Floats
    sizes: Rows
    #: Whether any were kept of it, be it none that says anything.
    is_told: Flags


class Matched(NamedTuple):
    """Rows whose token vectors were looked for, ascending, and the late score of each; NaN where there are none."""

    rows: Rows
    scores: Floats
    #: How many of them have a vector, and were encoded without token vectors.
    untold: int


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
    #: How far this went.
    level: int
    #: The rows that were scored by their numbers before a second look left some out; None = `rows`.
    before_look: Rows | None = None
    #: The best rows of all that the scope sees, ascending, with their scores at a second look, and that look.
    heads: tuple[Rows, Floats] | None = None
    look: Look | None = None
    matched: Matched | None = None
    linked: Linked | None = None
    moved: Moved | None = None

    @property
    def union(self) -> Union:
        """The rows of the visible walls."""
        return self.glance.union

    def some(self, places: Rows) -> "Scored":
        """Give the same of some of the rows, whose places ascend."""
        signals = self.signals.at(places, dense=self.signals.dense[places])
        rows, scores, found = self.rows[places], self.scores[places], self.found[places]
        return replace(self, rows=rows, signals=signals, scores=scores, found=found)

    def best(self, limit: int) -> Rows:
        """Give the places among `rows` of the best, best first; what nothing found comes last.

        Of equals the own wall comes first, then the newer.
        """
        heights = self.scores if self.found.all() else np.where(self.found, self.scores, -np.inf)
        return first_of(self.union, self.rows, heights, limit)

    @property
    def candidates(self) -> Rows:
        """The rows that were scored by their numbers."""
        return self.rows if self.before_look is None else self.before_look

    def best_span(self, place: int) -> tuple[int, int] | None:
        """Give the part of a long text that is nearest to the question; None where the text is one span."""
        if self.glance.vector is None or self.union.chance is None:
            return None
        return self.union.best_span(int(self.rows[place]), self.glance.vector)

    def ways(self, places: Rows) -> list[tuple[Way, ...]]:
        """Give the signals that found each row, with their scores and ranks among the candidates."""
        found: list[list[Way]] = [[] for _ in places]
        for by, is_found_so, scores, ranked in self._finds(places):
            marks = scores.tolist()
            for place in np.flatnonzero(is_found_so).tolist():
                found[place].append(Way(by=by, score=marks[place], rank=None if ranked is None else ranked[place]))
        return list(map(tuple, found))

    def _finds(self, places: Rows) -> "Iterator[tuple[str, Flags, Floats, list[int] | None]]":
        """Give by name what finds rows: which of those at `places`, with which scores, and which ranks if any."""
        signals, rows = self.signals, self.rows[places]
        lexical, dense = signals.lexical[places], signals.dense[places]
        # Words of neighbours lift a row that holds none of the question's own; that is another way.
        own, has_words = np.logical_or.reduce(self.holds(rows), axis=0), lexical > 0
        ranked: list[int] = ranks(signals.lexical, places).tolist()
        yield "lexical", has_words & own, lexical, ranked
        yield "neighbours", has_words & ~own, lexical, ranked
        yield "dense", dense != signals.absent, dense, ranks(signals.dense, places).tolist()
        for by, flags in (("speaker", signals.speaker), ("role", signals.role), ("day", signals.day)):
            if flags is not None:
                yield by, flags[places] > 0, np.ones(len(places)), None
        told = [] if self.matched is None else [(self.matched.rows, {"tokens": self.matched.scores})]
        for others, points in (*told, *self.gains):
            where, is_there = _where(others, rows)
            for by, some in points.items() if len(others) else ():
                yield by, is_there & (some[where] > 0), some[where], None

    def holds(self, rows: Rows) -> Flags:
        """Say which rows hold which of the question's terms, shape (terms, rows)."""
        found = np.zeros((len(self.holders), len(rows)), dtype=bool)
        for place, term in enumerate(self.holders):
            found[place] = _where(term.rows, rows)[1]
        return found

    def asked(self, *, doubted: frozenset[str] = frozenset()) -> tuple[list[str], Floats]:
        """Give the different terms of the question but speakers' names, and the idf of each.

        Without "now", "first" and "previous" too: they say which of several is asked for, and stand in none. A
        `doubted` term, a speaker's name or not, counts as one that nothing holds.
        """
        every = list(dict.fromkeys(self.question.terms))
        counts = [0 if term in doubted else len(some.rows) for term, some in zip(every, self.holders, strict=True)]
        asked = self._is_asked(every, doubted)
        weights = np.array([idf(count, len(self.union)) for count in counts])[asked]
        return [term for term, is_asked in zip(every, asked, strict=True) if is_asked], weights

    def coverages(self, rows: Rows, *, doubted: frozenset[str] = frozenset()) -> tuple[Floats, Flags]:
        """Give the idf of each of those terms, and which of some rows hold it; none holds a `doubted` one."""
        every = list(dict.fromkeys(self.question.terms))
        held = self.holds(rows)
        held[[term in doubted for term in every]] = False
        return self.asked(doubted=doubted)[1], held[self._is_asked(every, doubted)]

    def _is_asked(self, every: Sequence[str], doubted: frozenset[str]) -> list[bool]:
        skipped = self.question.name_terms
        if self.question.end is not None:
            skipped = skipped.union(self.glance.recipe.analyse(END_WORDS))
        if self.question.asks_for_previous:
            skipped = skipped.union(self.glance.recipe.analyse(FORMER_WORDS))
        return [term in doubted or term not in skipped for term in every]

    @property
    def gains(self) -> Iterator[tuple[Rows, Mapping[str, Floats]]]:
        """What links, order and number add: rows, ascending, with points by name."""
        if self.linked is not None:
            yield self.linked.rows, {"title": self.linked.titles, "name": self.linked.names}
        if self.moved is not None:
            yield self.moved.rows, self.moved.points


def heads_of(scored: Scored) -> tuple[Rows, Floats]:
    """Give the best rows that words or vectors found, ascending, with their scores.

    Of all that the scope sees, whatever may be returned: no filter and no limit moves a score.
    """
    if scored.heads is not None:
        return scored.heads
    glance, union = scored.glance, scored.union
    masks = [mask for mask in (scored.visible, is_found(glance.signals)) if mask is not None]
    heights = np.where(np.logical_and.reduce(masks), glance.scores, -np.inf) if masks else glance.scores
    rows = promising(heights, LIKELY)
    scores = glance.closely(rows).scores
    places = np.sort(first_of(union, rows, scores, LED))
    return rows[places], scores[places]


def first_of(union: Union, rows: Rows, heights: Floats, limit: int) -> Rows:
    """Give the places of the `limit` highest of `rows`, best first; of equals the own wall, then the newer."""
    likely = promising(heights, limit)
    if len(likely) < min(limit, len(rows)):
        likely = np.arange(len(rows))
    arrived = union.column("arrived")[rows[likely]]
    return likely[best_first(heights[likely], wall=union.walls(rows[likely]), arrived=arrived, limit=limit)]


def further_points(scored: Scored, rows: Rows) -> Floats:
    """Give what links, order and number have added to each of some rows."""
    total = np.zeros(len(rows))
    for others, told in scored.gains:
        places, here = _where(others, rows)
        for points in told.values():
            total[here] += points[places[here]]
    return total


def with_rows(scored: Scored, rows: Rows) -> Scored:
    """Give the same with some rows more, which ascend, as far as they may be returned."""
    missing = rows[~np.isin(rows, scored.rows)]
    if scored.returnable is not None:
        missing = missing[scored.returnable[missing]]
    if not len(missing):
        return scored
    own = scored.glance.closely(missing).scores
    again = 0.0 if scored.look is None else scored.look.points(missing, own)
    every = np.concatenate([scored.rows, missing])
    order = np.argsort(every)
    return replace(
        scored,
        rows=every[order],
        signals=scored.glance.nearly(every[order]).signals,
        scores=np.concatenate([scored.scores, own + again + further_points(scored, missing)])[order],
        found=np.concatenate([scored.found, np.ones(len(missing), dtype=bool)])[order],
    )


def is_found(signals: Signals) -> Flags | None:
    """Say which rows words or vectors found; None = every one."""
    if signals.is_dense_known:
        return None
    found: Flags = (signals.lexical > 0) | (signals.dense != NO_SCORE)
    return found


def cosines_of(union: Union, rows: Rows | None, vector: NDArray[np.float32], recipe: Recipe) -> Floats:
    """Give the cosines of some rows by their numbers; None = of every row."""
    if rows is None:
        found = union.every_cosine(vector, is_first_span_only=recipe.is_plain)
    else:
        found = union.cosines(rows, vector, is_first_span_only=recipe.is_plain)
    if recipe.span_penalty and union.chance is not None:
        found -= recipe.span_penalty * (union.chance if rows is None else union.chance[rows])
    return found


def _where(rows: Rows, some: Rows) -> tuple[Rows, Flags]:
    """Give where some rows stand among others, which ascend, and which of them do."""
    if not len(rows):
        return np.zeros(len(some), dtype=np.int64), np.zeros(len(some), dtype=bool)
    places: Rows = np.minimum(rows.searchsorted(some), len(rows) - 1)
    return places, rows[places] == some


def _leaders(scores: Floats, members: Rows, begins: Rows) -> Rows:
    """Give the best row of each group, of equals the first; its members stand side by side, from `begins` on."""
    mine = scores[members]
    highest = np.maximum.reduceat(mine, begins)
    is_best = mine == np.repeat(highest, np.diff(begins, append=len(members)))
    return np.minimum.reduceat(np.where(is_best, members, len(scores)), begins)
