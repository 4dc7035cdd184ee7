"""Explaining: a question is asked as `search` asks it, and everything that moved a score is told.

All rows are scored by their numbers here, those too that a search leaves at an estimate, so that it shows where the
estimate has cost a record its place. Token vectors are read of the best `MEASURED` by these, where a search reads 48,
and of the record that is asked about: what the rest says stands for those of the others.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lamina.core.errors import InvalidArgument, NotFound
from lamina.core.explanation import Explained, Explanation, Share, Stage, TermUse
from lamina.core.filters import holds
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.query import MAX_LIMIT, Query
from lamina.core.records import Record
from lamina.core.scope import Scope
from lamina.flows.cleared import names_shown
from lamina.flows.counterfactuals import changes_of
from lamina.flows.desk import Desk
from lamina.flows.indexes import Sight
from lamina.flows.past import as_said
from lamina.flows.recall import Heard, answered, noted, pending_in, returned_records, scored_in
from lamina.flows.scored import FOLLOWED, Floats, Look, Rows, Scored
from lamina.flows.timing import Watch
from lamina.index.bm25 import bm25, idf
from lamina.recall.days import Days
from lamina.recall.rank import merged, ranks
from lamina.recipes.recipe import Part, summed

#: So many rows' token vectors are read: all of a small scope, in a large one those that it might bring to the front.
MEASURED = 2048
#: Parts that are told of a row only where they are there.
SELDOM = frozenset({"asks", "answers", "title", "name", "side", "beside", "end", "version", "spread", "crowd"})


def explain(desk: Desk, query: Query, *, record_id: str | None, scope: Granted[Scope]) -> Explanation:
    """Say how `scope` understands and ranks `query`, and why the record of that id stands where it does.

    Raises:
        NotFound: no such record in the scope.
        InvalidArgument: it holds nothing that is ranked.
    """

    def explained(desk: Desk, query: Query, sight: Sight, heard: Heard, scope: Granted[Scope]) -> Explanation:
        scored = scored_in(desk, query, sight, heard, scope, limit=query.limit)

        def returned(limit: int) -> Rows:
            again = scored_in(desk, query, sight, heard, scope, limit=limit)
            return again.rows[again.best(limit)]

        with desk.watch.stage("explain"):
            asked = _Asked(query, sight, returned, scope)
            sought = [] if record_id is None else _sought(scored, asked, record_id)
            rows = np.array(sorted(one.row for one in sought), dtype=np.int64)
            whole = _whole(scored, limit=query.limit, asked=rows)
            return _explanation(desk, whole, asked, sought, record_id=record_id)

    watch = Watch()
    found, notes = answered(replace(desk, watch=watch), query, explained, scope=scope)
    times_s = {stage: timing.total_s for stage, timing in watch.sums().items()}
    return replace(found, query=query, notes=notes + found.notes, times_s=times_s)


@dataclass(frozen=True, slots=True)
class _Step:
    """One stage of ranking: the shares that it adds, every row's score after it, and the rows that it is asked of."""

    name: str
    shares: tuple[str, ...]
    scores: Floats
    #: None = every one.
    rows: Rows | None = None


@dataclass(frozen=True, slots=True)
class _Whole:
    """Every row of the scope, scored by its numbers."""

    scored: Scored
    #: What makes the scores, the session's part too; and how each was measured.
    parts: tuple[Part, ...]
    measured: dict[str, Floats]
    steps: tuple[_Step, ...]
    #: The BM25 that each different term gives each row.
    term_scores: list[Floats]
    terms: tuple[str, ...]
    #: The rows that are returned, best first, and those that may be.
    returned: Rows
    returnable: NDArray[np.bool_]

    @property
    def scores(self) -> Floats:
        """The score of every row after the last stage."""
        return self.steps[-1].scores

    def stages(self, row: int) -> tuple[Stage, ...]:
        """Give where a row stood after each stage."""
        return tuple(
            Stage(
                name=step.name,
                shares=step.shares,
                score=float(step.scores[row]),
                rank=1 + int(np.count_nonzero(step.scores[self.returnable] > step.scores[row])),
                is_reached=step.rows is None or row in step.rows,
            )
            for step in self.steps
        )

    def shares(self, row: int) -> tuple[Share, ...]:
        """Give what makes a row's score."""
        place = np.array([row])
        return tuple(
            Share(
                name=part.name,
                measured=_known(float(self.measured.get(part.name, part.values)[row])),
                value=float(part.values[row]),
                weight=part.weight,
                points=float(part.values[row]) * part.weight,
                rank=None if part.values.dtype == np.bool_ else int(ranks(part.values, place)[0]),
            )
            for part in self.parts
            if part.name not in SELDOM or part.values[row]
        )

    def term_uses(self, row: int) -> tuple[TermUse, ...]:
        """Give what a row has of each term of the question."""
        uses = []
        for term, held, scores in zip(self.terms, self.scored.holders, self.term_scores, strict=True):
            own = held.counts[held.rows == row]
            uses.append(
                TermUse(
                    term=term,
                    repeats=held.repeats,
                    holders=len(held.rows),
                    idf=idf(len(held.rows), len(self.scored.union)),
                    own=int(own[0]) if len(own) else 0,
                    score=float(scores[row]),
                )
            )
        return tuple(uses)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked, of what, and for whom; and how a search gives the rows that another limit would return."""

    query: Query
    sight: Sight
    returned: Callable[[int], Rows]
    scope: Granted[Scope]

    def standing(self, row: int, *, rank: int) -> tuple[int, int] | None:
        """Give a limit whose search returns a row that has that rank by score, and its rank there; None = none does.

        A larger limit has more rows looked at again, so that limits are tried by searching: larger ones first, and then
        the rank that one gave, as long as that returns the row.
        """
        for most in (rank, 2 * rank, 8 * rank, MAX_LIMIT):
            there = self._rank_in(row, most) if self.query.limit < most <= MAX_LIMIT else None
            if there is None:
                continue
            limit = most
            while self.query.limit < there < limit and (closer := self._rank_in(row, there)) is not None:
                limit, there = there, closer
            return limit, there
        return None

    def _rank_in(self, row: int, limit: int) -> int | None:
        """Give the rank of a row in the search with that limit; None where it is not returned."""
        places = np.flatnonzero(self.returned(limit) == row)
        return int(places[0]) + 1 if len(places) else None


@dataclass(frozen=True, slots=True)
class _Sought:
    """A record that is asked about, as the question's clocks see it, and its row."""

    record: Record
    row: int
    #: Whether it was known and held then.
    was_there: bool


def _sought(scored: Scored, asked: _Asked, record_id: str) -> list[_Sought]:
    """Give the record of that id, or the observations that it holds: a document or an event ranks by the best of them.

    Raises:
        NotFound: no such record in the scope.
        InvalidArgument: it holds nothing that is ranked.
    """
    reading, scope = asked.sight.reading, asked.scope
    there = reading.get([record_id], scope=scope).get(record_id)
    if there is None or there.state is State.ERASED:
        raise NotFound(record_id)
    if there.kind is Kind.EVENT:
        places = reading.places(scope=scope, session=there.session)
        names = [place.record_id for place in places if place.event_id == record_id]
        held = list(reading.get(names, scope=scope).values())
    else:
        held = [there] if there.kind is Kind.OBSERVATION else reading.children(record_id, scope=scope)
    then = as_said(reading, held, asked.query.clocks, scope=scope)
    records = [then.get(record.id, record) for record in held]
    rows = [(record, _row(scored, asked.sight, record)) for record in records]
    sought = [_Sought(record, row, was_there=record.id in then) for record, row in rows if row is not None]
    if not sought:
        raise InvalidArgument("record_id", f"{record_id!r} holds nothing that is ranked", "ask about another record")
    return sought


def _explanation(
    desk: Desk, whole: _Whole, asked: _Asked, sought: Sequence[_Sought], *, record_id: str | None
) -> Explanation:
    query, sight, scope, scored = asked.query, asked.sight, asked.scope, whole.scored
    records = returned_records(scored.union, whole.returned, sight, scope=scope)
    hits = tuple(
        _explained(whole, row, records[row], rank=rank)
        for rank, row in enumerate(whole.returned.tolist(), start=1)
        if row in records
    )
    about = None
    if record_id is not None:
        best = _best(whole, sought, hits)
        about = replace(_about(whole, asked, hits, best), holder=None if best.record.id == record_id else record_id)
    question = scored.question
    return Explanation(
        query=query,
        read_as=question.text,
        recipe=desk.recipe.name,
        kind=question.kind,
        wants_several=question.wants_several,
        terms=question.terms,
        speakers=names_shown(question.speakers, scope=scope),
        roles=question.roles,
        days=tuple(map(_shown, question.days)),
        relative_to=None if question.relative is None else question.relative.event,
        end=question.end,
        sides=question.sides,
        rows=len(scored.union),
        returnable=int(whole.returnable.sum()),
        candidates=len(scored.candidates),
        level=scored.level,
        hits=hits,
        asked=about,
        times_s={},
        notes=noted(desk, sight, scored, pending_in(desk, sight)),
    )


def _whole(scored: Scored, *, limit: int, asked: Rows) -> _Whole:
    glance, union = scored.glance, scored.union
    recipe = glance.recipe
    signals, _, bests, scores = glance.closely(np.arange(len(union)))
    parts = list(recipe.weigh(signals))
    dense = np.where(signals.dense == signals.absent, np.nan, signals.dense)
    measured = {"lexical": signals.lexical, "dense": dense}
    if signals.session_lexical is not None:
        measured["session"] = signals.session_lexical
    parts += [Part(lift.name, best, lift.share) for lift, best in zip(glance.lifts, bests, strict=True)]
    steps = [] if glance.is_exact else [_Step("estimates", (), glance.scores)]
    steps.append(_Step("first look", _names(parts), scores, scored.candidates))
    if scored.look is not None:
        measured["tokens"] = _late(scored, scored.look, scores, asked)
        further = scored.look.parts(np.arange(len(union)), scores, measured["tokens"])
        parts += further
        scores = scores + summed(further) if further else scores
        steps.append(_Step("second look", _names(further), scores, scored.rows))
    told_of = list(scored.gains)
    names = ["links"] * (scored.linked is not None) + ["order"] * (scored.moved is not None)
    if recipe.mark is not None and scored.linked is None and scored.level == FOLLOWED:
        names, told_of = ["links", *names], [(np.zeros(0, np.int64), {}), *told_of]
    for step, (rows, told) in zip(names, told_of, strict=True):
        gained = []
        for name, points in told.items():
            added = np.zeros(len(union))
            added[rows] = points
            gained.append(Part(name, added, 1.0))
            scores = scores + added
        parts += gained
        steps.append(_Step(step, _names(gained), scores, scored.rows))
    lengths = union.lengths if recipe.weigh_neighbours is None else union.joined
    beside = None if recipe.weigh_neighbours is None else union.beside(recipe.weigh_neighbours)
    active = union.column("active")
    return _Whole(
        scored=scored,
        parts=tuple(parts),
        measured=measured,
        steps=tuple(steps),
        term_scores=[bm25([term], lengths, k1=recipe.k1, b=recipe.b, beside=beside) for term in scored.holders],
        terms=tuple(dict.fromkeys(scored.question.terms)),
        returned=scored.rows[scored.best(limit)],
        returnable=np.asarray(active, dtype=bool) if scored.returnable is None else scored.returnable,
    )


def _late(scored: Scored, look: Look, scores: Floats, asked: Rows) -> Floats:
    """Give the late score of the best rows by `scores`, of those looked at by a search or `asked`; NaN of others."""
    best = np.argpartition(-scores, MEASURED - 1)[:MEASURED] if len(scores) > MEASURED else np.arange(len(scores))
    rows = merged(merged(np.sort(best), scored.rows), asked)
    late = np.full(len(scores), np.nan)
    late[rows] = look.measured(rows).scores
    return late


def _explained(
    whole: _Whole,
    row: int,
    record: Record,
    *,
    rank: int | None,
    absence: tuple[str, ...] = (),
    missing_points: float | None = None,
    changes: tuple[str, ...] = (),
) -> Explained:
    scored = whole.scored
    is_candidate = row in scored.candidates
    dense = scored.glance.signals.dense[row]
    return Explained(
        record=record,
        score=float(whole.scores[row]),
        shares=whole.shares(row),
        terms=whole.term_uses(row),
        stages=whole.stages(row),
        rank=rank,
        estimated_cosine=None if dense == scored.glance.signals.absent else float(dense),
        estimated_rank=int(ranks(scored.glance.scores, np.array([row]))[0]),
        is_candidate=is_candidate,
        absence=absence,
        missing_points=missing_points,
        changes=changes,
    )


def _names(parts: Sequence[Part]) -> tuple[str, ...]:
    return tuple(part.name for part in parts)


def _best(whole: _Whole, sought: Sequence[_Sought], hits: Sequence[Explained]) -> _Sought:
    """Give the record by which what was asked about ranks: the first that is returned, else the best that may be."""
    places = {hit.record.id: -place for place, hit in enumerate(hits)}
    last = -len(hits)
    return max(
        sought, key=lambda one: (places.get(one.record.id, last), whole.returnable[one.row], whole.scores[one.row])
    )


def _about(whole: _Whole, asked: _Asked, hits: tuple[Explained, ...], sought: _Sought) -> Explained:
    query, scope, record, row = asked.query, asked.scope, sought.record, sought.row
    for hit in hits:
        if hit.record.id == record.id:
            return hit
    barred = _barred(record, query, scope.value, was_there=sought.was_there)
    if barred:
        would = f"if it might be returned, it would stand by its score at rank {whole.stages(row)[-1].rank}"
        return _explained(
            whole, row, record, rank=None, absence=barred, changes=(f"{would} of {1 + int(whole.returnable.sum())}",)
        )
    scores = np.where(whole.returnable, whole.scores, -np.inf)
    by_score = int(ranks(scores, np.array([row]))[0])
    limit, rank = asked.standing(row, rank=by_score) or (None, by_score)
    absence = _outranked(whole, row, rank, query, is_ever_returned=limit is not None)
    told = _explained(whole, row, record, rank=rank, absence=absence)
    if not hits:
        return told
    changes = tuple(changes_of(told, hits[-1], limit=limit))
    return replace(told, missing_points=max(hits[-1].score - told.score, 0.0), changes=changes)


def _row(scored: Scored, sight: Sight, record: Record) -> int | None:
    """Give the row of a record's current revision; None where it has none."""
    for wall, place in enumerate(sight.walls):
        if place == record.scope.wall:
            rows = np.flatnonzero(scored.union.column("number") == record.number)
            found = rows[scored.union.walls(rows) == wall]
            return int(found[0]) if len(found) else None
    return None


def _barred(record: Record, query: Query, scope: Scope, *, was_there: bool) -> tuple[str, ...]:
    """Say why a record may not be returned, whatever its score."""
    reasons = []
    if not was_there:
        reasons.append(f"nothing of it was known and held ({query.clocks.told})")
    elif record.state is not State.ACTIVE:
        reasons.append(
            f"it was {record.state} ({query.clocks.told})" if query.clocks.are_set else f"it is {record.state}"
        )
    if query.session is not None and record.session != query.session:
        reasons.append(f"it is of the session {record.session!r}, and {query.session!r} was asked for")
    for facet, asked, own in (
        ("agent", scope.agent, record.scope.agent),
        ("run", scope.run, record.scope.run),
    ):
        if asked is not None and own not in (None, asked):
            reasons.append(f"it is of the {facet} {own!r}, and {asked!r} asks")
    if query.filters is not None and not holds(query.filters, record):
        reasons.append("the filters leave it out")
    return tuple(reasons)


def _outranked(whole: _Whole, row: int, rank: int, query: Query, *, is_ever_returned: bool) -> tuple[str, ...]:
    """Say why a record that may be returned is not."""
    scored = whole.scored
    reasons = []
    if rank > query.limit and is_ever_returned:
        reasons.append(f"{rank - 1} records that may be returned score more, and {query.limit} were asked for")
    elif rank > query.limit:
        reasons.append(
            f"{rank - 1} records would score more if every one were looked at closely, and no limit returns it"
        )
    words_of_it = any(scores[row] > 0 for scores in whole.term_scores)
    is_linked = scored.linked is not None and row in scored.linked.rows
    if not words_of_it and not is_linked and scored.glance.signals.dense[row] == scored.glance.signals.absent:
        reasons = ["nothing of the question finds it: it holds none of its words, and has no vector yet"]
    elif row not in scored.candidates:
        reasons.append("its estimate did not promise enough for it to be scored by its numbers")
    elif row not in scored.rows:
        reasons.append(f"it was not among the {len(scored.rows)} best that were looked at again")
    return tuple(reasons)


def _known(measured: float) -> float | None:
    return None if math.isnan(measured) else measured


def _shown(days: Days) -> str:
    """Give days as people read them: a date, a span, what is open at one end, or a day or month of any year."""
    if days.first is not None and days.last is not None:
        return str(days.first) if days.first == days.last else f"{days.first} to {days.last}"
    if days.first is not None or days.last is not None:
        return f"up to {days.last}" if days.first is None else f"from {days.first} on"
    if days.day is None:
        return f"month {days.month}"
    return f"day {days.day}{'' if days.to_day is None else f' to {days.to_day}'} of month {days.month}"
