"""Scoring: every row of the visible walls gets its signals and its score, as one collection.

The cosine of every row is estimated first, from signs; the rows that may be among the best are then scored by their
numbers, until the best of all are. A small scope is scored by its numbers from the beginning.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.core.query import Query, Way
from lamina.core.scope import Scope, Wall
from lamina.index.filtering import rows_that_hold
from lamina.index.postings import Beside, grouped_bm25, idf, joined_lengths, weighed_bm25
from lamina.index.scope_index import NO_TIME, IndexView
from lamina.index.vectors import NO_SCORE
from lamina.recall.days import fall_within
from lamina.recall.nearby import Runs
from lamina.recall.plan import Question, understand
from lamina.recall.rank import best_rows, highest_rows, ranks
from lamina.recipes.recipe import Recipe, Signals

#: So many of the best rows by estimated cosines are scored by their numbers (of MiniLM's 10 nearest, 99 % lie among the
#: 400 nearest by signs); and so many more a round, until none of the best is estimated.
CANDIDATES = 512
MOST_ROUNDS = 8
Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Views = tuple[tuple[Wall, IndexView], ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """The rows of the visible walls, one after another, with all that was found out about them."""

    views: Views
    question: Question
    #: The question's vector; None where the recipe uses none or nothing can be compared.
    vector: NDArray[np.float32] | None
    signals: Signals
    scores: Floats
    #: Which rows words or vectors found.
    found: NDArray[np.bool_]
    #: Which may be returned: of those found, or, where the question has filters, of all.
    eligible: NDArray[np.bool_]
    is_filtered: bool

    def key(self, row: int) -> tuple[Wall, int]:
        """Give the wall of a row and the operation that made it."""
        wall, view, place = self._view_of(row)
        return wall, int(view.number[place])

    def best(self, limit: int) -> Rows:
        """Give the best eligible rows, best first; those that nothing found come last."""
        heights = np.where(self.found, self.scores, -np.inf) if self.is_filtered else self.scores
        return _best(self.views, heights, self.eligible, limit=limit)

    def best_span(self, row: int) -> tuple[int, int] | None:
        """Give the part of a long text that is nearest to the question; None where the text is one span."""
        _, view, place = self._view_of(row)
        if self.vector is None or view.vectors.span_count[place] < 2:
            return None
        return view.vectors.best_span(place, self.vector)

    def ways(self, rows: Rows) -> list[tuple[Way, ...]]:
        """Give for each row the signals that found it, with their scores and ranks."""
        lexical_ranks = ranks(self.signals.lexical, self.eligible, rows)
        dense_ranks = ranks(self.signals.dense, self.eligible, rows)
        # Words of neighbours lift a row that holds none of the question's own; that is another way.
        own = np.logical_or.reduce(self._held(self.question.terms)[:, rows], axis=0)
        by_words = ["lexical" if held else "neighbours" for held in own]
        return [
            tuple(self._ways_of(int(row), words, lexical, dense))
            for row, words, lexical, dense in zip(rows, by_words, lexical_ranks, dense_ranks, strict=True)
        ]

    def coverages(self, rows: Rows) -> tuple[Floats, NDArray[np.bool_]]:
        """Give the idf of each term of the question but speakers' names, and which of `rows` hold it."""
        asked = [term for term in dict.fromkeys(self.question.terms) if term not in self.question.name_terms]
        holds = self._held(asked)
        weights = np.array([idf(int(np.count_nonzero(held)), len(self.scores)) for held in holds])
        return weights, holds[:, rows]

    def _held(self, asked: Sequence[str]) -> NDArray[np.bool_]:
        """Say which rows hold which of the terms, shape (terms, rows)."""
        holds = np.zeros((len(asked), len(self.scores)), dtype=bool)
        first = 0
        for _, view in self.views:
            for place, term in enumerate(asked):
                holds[place, first + view.postings.rows_of(term)[0]] = True
            first += len(view)
        return holds

    def _ways_of(self, row: int, by_words: str, lexical_rank: int, dense_rank: int) -> list[Way]:
        ways = []
        if self.signals.lexical[row] > 0:
            ways.append(Way(by=by_words, score=float(self.signals.lexical[row]), rank=lexical_rank))
        if self.signals.dense[row] != self.signals.absent:
            ways.append(Way(by="dense", score=float(self.signals.dense[row]), rank=dense_rank))
        for by, signal in (("speaker", self.signals.speaker), ("day", self.signals.day)):
            if signal is not None and signal[row]:
                ways.append(Way(by=by, score=1.0))
        return ways

    def _view_of(self, row: int) -> tuple[Wall, IndexView, int]:
        for wall, view in self.views:
            if row < len(view):
                return wall, view, row
            row -= len(view)
        raise IndexError(row)


class _Cosines:
    """The cosine of every row, estimated or by its numbers."""

    def __init__(self, views: Views, query: NDArray[np.float32], recipe: Recipe) -> None:
        """Estimate all; a scope no larger than the candidates is scored by its numbers."""
        self._views = views
        self._query = query
        self._recipe = recipe
        size = sum(len(view) for _, view in views)
        self.is_exact = np.zeros(size, dtype=bool)
        if size <= CANDIDATES:
            self.scores = np.full(size, NO_SCORE)
            self.make_exact(np.arange(size))
            return
        self.scores = _each(
            views, lambda _, view: view.vectors.estimates(query, is_first_span_only=recipe.is_first_span_only)
        )
        first = 0
        for _, view in views:
            if recipe.span_penalty and view.vectors.chance is not None:
                self.scores[first : first + len(view)] -= recipe.span_penalty * view.vectors.chance
            first += len(view)
        self.is_exact |= self.scores == NO_SCORE

    def make_exact(self, rows: Rows) -> None:
        """Score rows by their numbers."""
        first = 0
        for _, view in self._views:
            here = rows[(rows >= first) & (rows < first + len(view))]
            places = here - first
            found = view.vectors.cosines(places, self._query, is_first_span_only=self._recipe.is_first_span_only)
            if self._recipe.span_penalty and view.vectors.chance is not None:
                found -= self._recipe.span_penalty * view.vectors.chance[places]
            self.scores[here] = found
            first += len(view)
        self.is_exact[rows] = True


def score(
    query: Query,
    scope: Scope,
    views: Views,
    *,
    recipe: Recipe,
    vector: NDArray[np.float32] | None,
    limit: int,
) -> Scored:
    """Score every row of `views` as one collection; a filter says what is eligible, and moves no score.

    The best `limit` are scored by the numbers of their vectors, the others perhaps by an estimate.
    """
    speakers = {name for _, view in views for name in view.speakers}
    question = understand(query.text, at=query.at, speakers=speakers, analyse=recipe.analyse)
    size = sum(len(view) for _, view in views)
    cosines = None if vector is None else _Cosines(views, vector, recipe)
    signals = Signals(
        lexical=_lexical(views, question, recipe) if recipe.uses_lexical else np.zeros(size),
        dense=np.full(size, NO_SCORE) if cosines is None else cosines.scores,
        absent=NO_SCORE,
        speaker=_where(views, question.speakers, lambda view: _named(view, "speaker", question.speakers)),
        role=_where(views, question.roles, lambda view: _named(view, "role", question.roles)),
        day=_where(views, question.days, lambda view: fall_within(view.at_us, question.days, unknown=NO_TIME)),
        session=_sessions(views),
        session_lexical=_session_lexical(views, question, recipe) if recipe.uses_hierarchy else None,
        sides=_sides(views) if recipe.uses_hierarchy else None,
    )
    found = (signals.lexical > 0) | (signals.dense != NO_SCORE)
    allowed = _each(views, lambda _, view: _may_be_returned(view, query, scope)).astype(bool)
    if cosines is None:
        scores = recipe.fuse(signals)
    else:
        scores = _refined(views, cosines, signals, found, allowed, recipe=recipe, limit=limit)
    return Scored(
        views=views,
        question=question,
        vector=vector,
        signals=signals,
        scores=scores,
        found=found,
        eligible=allowed if query.filters is not None else allowed & found,
        is_filtered=query.filters is not None,
    )


def _refined(
    views: Views,
    cosines: _Cosines,
    signals: Signals,
    found: NDArray[np.bool_],
    allowed: NDArray[np.bool_],
    *,
    recipe: Recipe,
    limit: int,
) -> Floats:
    """Score the candidates by their numbers, until the best `limit` rows that may be returned all are."""
    scores = recipe.fuse(signals)
    eligible, most = found & allowed, max(limit, CANDIDATES)
    # The best of all rows are the measure of the others, whether or not they may be returned.
    best = highest_rows(scores, found, limit=most)
    if not eligible[best].all():
        best = np.union1d(best, highest_rows(scores, eligible, limit=most))
    for _ in range(MOST_ROUNDS):
        estimated = best[~cosines.is_exact[best]]
        if not len(estimated):
            break
        cosines.make_exact(estimated)
        scores = recipe.fuse(signals)
        best = _best(views, scores, eligible, limit=limit)
    return scores


def _lexical(views: Views, question: Question, recipe: Recipe) -> Floats:
    postings = [view.postings for _, view in views]
    beside: list[Beside] | None = None
    if recipe.weigh_neighbours is None:
        lengths = [joined_lengths(each, None) for each in postings]
    else:
        joined = [view.beside(recipe.weigh_neighbours) for _, view in views]
        beside, lengths = [side for side, _ in joined], [length for _, length in joined]
    return weighed_bm25(postings, question.terms, k1=recipe.k1, b=recipe.b, beside=beside, lengths=lengths)


def _best(views: Views, scores: Floats, eligible: NDArray[np.bool_], *, limit: int) -> Rows:
    """Give the best eligible rows, best first; of equals the user's own wall first, then the newer."""
    arrived = np.concatenate([view.arrived for _, view in views]) if views else np.zeros(0, np.int64)
    wall = np.repeat(np.arange(len(views)), [len(view) for _, view in views])
    return best_rows(scores, eligible, arrived=arrived, wall=wall, limit=limit)


def _where(
    views: Views, asked: Sequence[object], of: Callable[[IndexView], NDArray[np.bool_]]
) -> NDArray[np.bool_] | None:
    """Give the rows of all walls that are what is asked for; None where nothing is."""
    if not asked or not views:
        return None
    return np.concatenate([of(view) for _, view in views])


def _named(view: IndexView, label: str, names: Sequence[str]) -> NDArray[np.bool_]:
    codes: NDArray[np.int32] = getattr(view, label)
    return np.isin(codes, [view.names[label].known(name) for name in names])


def _sessions(views: Views) -> Runs:
    """Give the runs of all walls' sessions, numbered from 1; 0 stays outside any."""
    starts: list[Rows] = []
    numbers: list[Rows] = []
    row = number = 0
    for _, view in views:
        sessions = view.session_name[view.session_starts].astype(np.int64)
        starts.append(view.session_starts + row)
        numbers.append(np.where(sessions > 0, sessions + number, 0))
        row += len(view)
        number += len(view.names["session_name"])
    if not starts:
        return Runs(np.zeros(0, np.int64), np.zeros(0, np.int64), 0)
    return Runs(np.concatenate(starts), np.concatenate(numbers), row)


def _session_lexical(views: Views, question: Question, recipe: Recipe) -> Floats:
    groups: list[Rows] = []
    number = 0
    for _, view in views:
        groups.append(np.where(view.session_name > 0, view.session_name + number, 0).astype(np.int64))
        number += len(view.names["session_name"])
    return grouped_bm25([view.postings for _, view in views], question.terms, groups, k1=recipe.k1, b=recipe.b)


def _sides(views: Views) -> tuple[Rows, Rows]:
    """Give the row before and the row after each, counted through all walls."""
    sides: tuple[list[Rows], list[Rows]] = ([], [])
    first = 0
    for _, view in views:
        for every, mine in zip(sides, view.sides, strict=True):
            every.append(np.where(mine >= 0, mine + first, mine))
        first += len(view)
    before, after = (np.concatenate(every) if every else np.zeros(0, np.int64) for every in sides)
    return before, after


def _may_be_returned(view: IndexView, query: Query, scope: Scope) -> NDArray[np.bool_]:
    mask = view.active.copy()
    if query.session is not None:
        mask &= view.session_name == view.names["session_name"].known(query.session)
    if scope.agent is not None:
        mask &= (view.agent == 0) | (view.agent == view.names["agent"].known(scope.agent))
    if scope.run is not None:
        mask &= (view.run == 0) | (view.run == view.names["run"].known(scope.run))
    if query.filters is not None:
        mask &= rows_that_hold(query.filters, view)
    return mask


def _each(views: Views, of: Callable[[int, IndexView], NDArray[Any]]) -> NDArray[Any]:
    parts = [of(place, view) for place, (_, view) in enumerate(views)]
    return np.concatenate(parts) if parts else np.zeros(0)
