"""Scoring: every row of the visible walls gets its signals and its score, as one collection.

In a large scope the cosine of every row is estimated first, from signs; the candidates are then scored by their
numbers, until the best of all are. What may be returned is decided before anything is ranked, and moves no score.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lamina.core.query import Query
from lamina.core.scope import Scope
from lamina.flows.scored import (
    LED,
    VECTORS,
    WORDS,
    Close,
    Flags,
    Floats,
    Glance,
    Lift,
    Rows,
    Scored,
    cosines_of,
    first_of,
    is_found,
)
from lamina.index.bm25 import Holders, bm25, grouped_bm25, idf
from lamina.index.filtering import rows_that_hold
from lamina.index.scope_index import NO_TIME
from lamina.index.union import Union
from lamina.index.vectors import NO_SCORE
from lamina.recall.days import fall_within
from lamina.recall.nearby import group_best
from lamina.recall.plan import Question, Speakers, understand
from lamina.recall.rank import merged, promising
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
#: So many times a day counts where a question asks for whatever was said then.
OPEN_DAY = 10.0
#: So many times those that may be returned are lifted by what leads their sessions by its numbers.
LED_SHARE = 2


def score(
    query: Query,
    scope: Scope,
    union: Union,
    *,
    recipe: Recipe,
    vector: NDArray[np.float32] | None,
    limit: int,
    then: Flags | None = None,
) -> Scored:
    """Score every row of `union` as one collection, and give the candidates with their exact scores.

    `then` says which rows may be returned by the clocks of the call; None = those that have not ended.
    """
    speakers = _speakers(union.speakers, recipe.analyse)
    question = understand(query.text, at=query.at, speakers=speakers, analyse=recipe.analyse)
    holders = union.holders(question.terms)
    glance = _glance(union, question, holders, recipe=recipe, vector=vector)
    visible, found = _visible(union, scope), is_found(glance.signals)
    returnable = _returnable(union, query, visible if then is None else _seen(union, scope, [then]))
    masks = [mask for mask in (returnable, found) if mask is not None]
    ranked = np.where(np.logical_and.reduce(masks), glance.scores, -np.inf) if masks else glance.scores
    rows, close = _candidates(glance, ranked, limit=limit)
    if query.filters is not None and found is not None:
        others = np.flatnonzero(~found if returnable is None else returnable & ~found)
        rows = merged(rows, _newest(union, others, limit))
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
        level=WORDS if vector is None else VECTORS,
    )


def count_holders(union: Union, scope: Scope, terms: Sequence[str]) -> list[int]:
    """Count the rows that hold each of some different terms, of those that have not ended and that the scope sees."""
    visible = _visible(union, scope)
    held = [found.rows for found in union.holders(terms)]
    return [len(rows) if visible is None else int(np.count_nonzero(visible[rows])) for rows in held]


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
        dense = cosines_of(union, None, vector, recipe)
        best = float(_of_active(union, dense, NO_SCORE).max(initial=NO_SCORE))
    else:
        dense = _estimates(union, vector, recipe)
        # The highest of many estimates lies far above the highest cosine, and would make all of them count less.
        nearest = promising(_of_active(union, dense, -np.inf), NEAREST)
        best = float(cosines_of(union, nearest, vector, recipe).max(initial=NO_SCORE))
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
    # Whoever asks for a few gets the first of those whom everybody gets.
    most = max(LED, limit)
    count = max(LEAST_CANDIDATES, min(share, MOST_CANDIDATES), 2 * most)
    while True:
        rows = promising(ranked, count)
        close = glance.nearly(rows)
        # Where more than a few of the best come from below, others may: look further down.
        if _is_settled(close.scores, ranked, rows, most):
            return rows, glance.led(rows, close, promising(close.scores, LED_SHARE * most))
        count *= 4


def _newest(union: Union, rows: Rows, limit: int) -> Rows:
    """Give those of `rows` that come first where nothing ranks them."""
    return rows[first_of(union, rows, np.zeros(len(rows)), limit)]


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
        lexical_ideal=float(sum(idf(len(held.rows), len(union)) for held in holders)),
        dense=dense,
        dense_best=dense_best,
        absent=NO_SCORE,
        is_dense_known=recipe.uses_dense and union.has_every_vector,
        own=None if union.has_every_vector else _holds_any(holders, len(union)),
        speaker=union.named("speaker", question.speakers) if question.speakers else None,
        role=union.named("role", question.roles) if question.roles else None,
        day=_on_days(union, question) if question.days else None,
        session_lexical=_session_lexical(union, holders, recipe) if recipe.uses_hierarchy else None,
        sides=union.sides if recipe.uses_hierarchy else None,
    )


def _on_days(union: Union, question: Question) -> Flags | Floats:
    """Say which rows fall within the days that are named; where nothing else is asked for, that outweighs the rest."""
    flags = fall_within(union.column("local_us"), question.days, unknown=NO_TIME)
    return flags * OPEN_DAY if question.is_open else flags


def _holds_any(holders: Sequence[Holders], size: int) -> Flags:
    """Say which rows hold any of a question's terms themselves."""
    found = np.zeros(size, dtype=bool)
    for term in holders:
        found[term.rows] = True
    return found


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


def _visible(union: Union, scope: Scope) -> Flags | None:
    """Say which rows have not ended and are seen by the scope's agent and run; None = every one."""
    return _seen(union, scope, [] if union.is_all_active else [union.column("active")])


def _seen(union: Union, scope: Scope, masks: list[Flags]) -> Flags | None:
    """Say which rows all of `masks` leave and the scope's agent and run see; None = every one."""
    for label, name in (("agent", scope.agent), ("run", scope.run)):
        if name is not None:
            masks = [*masks, union.named(label, [None, name])]
    return np.logical_and.reduce(masks) if masks else None


def _returnable(union: Union, query: Query, visible: Flags | None) -> Flags | None:
    """Say which rows may be returned; None = every one."""
    masks: list[Flags] = [] if visible is None else [visible]
    if query.session is not None:
        masks.append(union.named("session_name", [query.session]))
    if query.filters is not None and union.views:
        masks.append(np.concatenate([rows_that_hold(query.filters, view) for view in union.views]))
    return np.logical_and.reduce(masks) if masks else None


def _is_settled(exact: Floats, ranked: Floats, rows: Rows, limit: int) -> bool:
    """Say whether no row that was not looked at can be among the best: the last of these is above all of them."""
    if len(exact) > limit and np.partition(exact, len(exact) - limit)[len(exact) - limit] >= ranked[rows].min():
        return True
    return int(np.count_nonzero(ranked > -np.inf)) == len(rows)
