"""Scoring: every row of the visible walls gets its signals and its score, as one collection."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.core.query import Query, Way
from lamina.core.scope import Scope, Wall
from lamina.index.postings import Beside, bm25, idf
from lamina.index.scope_index import NO_TIME, IndexView
from lamina.index.vectors import NO_SCORE, cosine
from lamina.recall.days import fall_within
from lamina.recall.plan import Question, understand
from lamina.recall.rank import best_rows, ranks
from lamina.recipes.recipe import Recipe, Signals

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scored:
    """The rows of the visible walls, one after another, with all that was found out about them."""

    views: tuple[tuple[Wall, IndexView], ...]
    question: Question
    #: The question's vector; None where the recipe uses none or nothing can be compared.
    vector: NDArray[np.float32] | None
    signals: Signals
    scores: Floats
    eligible: NDArray[np.bool_]

    def key(self, row: int) -> tuple[str, int]:
        """Give the record id and revision of a row."""
        view, place = self._view_of(row)
        return view.keys[place]

    def best(self, limit: int) -> Rows:
        """Give the best eligible rows, best first."""
        arrived = np.concatenate([view.arrived for _, view in self.views]) if self.views else np.zeros(0, np.int64)
        wall = _each(self.views, lambda place, view: np.full(len(view), place, np.int64))
        return best_rows(self.scores, self.eligible, arrived=arrived, wall=wall, limit=limit)

    def best_span(self, row: int) -> tuple[int, int] | None:
        """Give the part of a long text that is nearest to the question; None where the text is one span."""
        view, place = self._view_of(row)
        if self.vector is None or np.count_nonzero(view.vectors.rows == place) < 2:
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
            if signal[row]:
                ways.append(Way(by=by, score=float(signal[row])))
        return ways

    def _view_of(self, row: int) -> tuple[IndexView, int]:
        for _, view in self.views:
            if row < len(view):
                return view, row
            row -= len(view)
        raise IndexError(row)


def score(
    query: Query,
    scope: Scope,
    views: tuple[tuple[Wall, IndexView], ...],
    *,
    recipe: Recipe,
    vector: NDArray[np.float32] | None,
) -> Scored:
    """Score every row of `views` as one collection; a filter says what is eligible, and moves no score."""
    speakers = {name for _, view in views for name in _named_speakers(view)}
    question = understand(query.text, at=query.at, speakers=speakers, analyse=recipe.analyse)
    size = sum(len(view) for _, view in views)
    lexical, dense = np.zeros(size), np.full(size, NO_SCORE)
    if recipe.uses_lexical:
        postings = [view.postings for _, view in views]
        lexical = bm25(postings, question.terms, k1=recipe.k1, b=recipe.b, beside=_beside(views, recipe))
    if vector is not None:
        dense = cosine(
            [(view.vectors, len(view)) for _, view in views],
            vector,
            span_penalty=recipe.span_penalty,
            is_first_span_only=recipe.is_first_span_only,
        )
    signals = Signals(
        lexical=lexical,
        dense=dense,
        absent=NO_SCORE,
        speaker=_each(views, lambda _, view: _said_by(view, question.speakers)),
        role=_each(views, lambda _, view: _said_as(view, question.roles)),
        session=_sessions(views),
        day=_each(views, lambda _, view: fall_within(view.at_us, question.days, unknown=NO_TIME).astype(np.float64)),
    )
    found = (lexical > 0) | (dense != NO_SCORE)
    return Scored(
        views=views,
        question=question,
        vector=vector,
        signals=signals,
        scores=recipe.fuse(signals),
        eligible=found & _each(views, lambda _, view: _may_be_returned(view, query, scope)).astype(bool),
    )


def _named_speakers(view: IndexView) -> list[str]:
    """Give the speakers of a wall that are names and no roles."""
    roles = set(view.roles.all())
    return [name for name in view.speakers.all() if name not in roles]


def _said_by(view: IndexView, speakers: Sequence[str]) -> Floats:
    return np.isin(view.speaker, [view.speakers.known(name) for name in speakers]).astype(np.float64)


def _said_as(view: IndexView, roles: Sequence[str]) -> Floats:
    return np.isin(view.role, [view.roles.known(role) for role in roles]).astype(np.float64)


def _beside(views: tuple[tuple[Wall, IndexView], ...], recipe: Recipe) -> list[Beside] | None:
    if recipe.weigh_neighbours is None:
        return None
    return [Beside(*view.stream.sides, *recipe.weigh_neighbours(view.postings.lengths)) for _, view in views]


def _sessions(views: tuple[tuple[Wall, IndexView], ...]) -> Rows:
    """Number the sessions of all walls from 1; 0 stays outside any."""
    numbered: list[Rows] = []
    first = 0
    for _, view in views:
        numbered.append(np.where(view.session_name > 0, view.session_name + first, 0).astype(np.int64))
        first += len(view.session_names)
    return np.concatenate(numbered) if numbered else np.zeros(0, np.int64)


def _may_be_returned(view: IndexView, query: Query, scope: Scope) -> NDArray[np.bool_]:
    mask = view.active.copy()
    if query.session is not None:
        mask &= view.session_name == view.session_names.known(query.session)
    if scope.agent is not None:
        mask &= (view.agent == 0) | (view.agent == view.agents.known(scope.agent))
    if scope.run is not None:
        mask &= (view.run == 0) | (view.run == view.runs.known(scope.run))
    return mask


def _each(views: tuple[tuple[Wall, IndexView], ...], of: Callable[[int, IndexView], NDArray[Any]]) -> NDArray[Any]:
    parts = [of(place, view) for place, (_, view) in enumerate(views)]
    return np.concatenate(parts) if parts else np.zeros(0)
