"""Versions of a statement among the best rows: the newest counts as much as the best, however many there are.

And rows that only begin and end like one that answers, and so are no newer answers.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lamina.core.explanation import End
from lamina.core.records import Record
from lamina.flows.heads import Flags, Heads, heads_at
from lamina.flows.scored import Floats, Rows, Scored
from lamina.index.bm25 import idf
from lamina.index.scope_index import NO_TIME
from lamina.recall.ends import END_WORDS, FORMER_WORDS
from lamina.recall.versions import ASKED, Asked, Statement, are_versions, is_beside_the_point, statements

#: By so little of the best score a newer version stands before an older one.
A_LITTLE = 1e-3
#: So many rows are looked at beside the heads: those that hold the same of what is asked, and are the newest of all.
NEWEST = 8
Read = Callable[[Rows], dict[int, Record]]


class _Said(NamedTuple):
    """Who said a row, and what."""

    speaker: str | None
    statements: list[Statement]


class _Terms(NamedTuple):
    """The terms of a question that count, which place each has among all, its worth, and which heads hold it."""

    names: list[str]
    places: list[int]
    worth: Floats
    #: Shape (terms, heads).
    held: Flags

    def asked(self, scored: Scored) -> Asked:
        """Give what is asked of statements."""
        worth = dict(zip(self.names, self.worth.tolist(), strict=True))
        return Asked(worth, scored.glance.recipe.analyse, scored.question.kind)


def versions(scored: Scored, heads: Heads, read: Read) -> tuple[Rows, Floats]:
    """Give rows, and what newer versions of a statement gain, so that each stands before the older ones.

    Where the first is asked for, what older ones gain; where the former is, what the last but one gains.
    """
    question, terms = scored.question, _terms(scored, heads)
    alike, end = _alike(terms), None
    is_previous = question.asks_for_previous and not question.sides
    # A day that is named says which version is meant.
    if alike and not question.days and not question.wants_several:
        is_last = is_previous or (question.end is None and not question.asks_for_former)
        end = End.LAST if is_last else question.end
    if end is None:
        return heads.rows, np.zeros(len(heads.rows))
    asked = terms.asked(scored)
    beyond = [_beyond(scored, heads, terms, places, end) for places in alike]
    said = _said(np.concatenate([heads.rows[sorted(set().union(*alike))], *beyond]), read)
    groups = []
    for places, rows in zip(alike, beyond, strict=True):
        known = [place for place in places if int(heads.rows[place]) in said]
        of_heads = [said[int(heads.rows[place])] for place in known]
        new = [row for row in rows.tolist() if row in said and any(_renews(said[row], one, asked) for one in of_heads)]
        groups.append([*known, *range(len(heads.rows), len(heads.rows) + len(new))])
        heads = heads.joined(heads_at(scored, np.array(new, np.int64)))
    points = np.zeros(len(heads.rows))
    for places in groups:
        if is_previous:
            _go_back(points, heads, places, said, asked)
        else:
            _renew(points, heads, places, said, asked, end)
    return heads.rows, points


def beside_the_point(scored: Scored, heads: Heads, places: Rows, read: Read) -> Flags:
    """Say which of the heads at some places only begin and end like another there, which alone can answer."""
    asked = _terms(scored, heads).asked(scored)
    found = np.zeros(len(places), dtype=bool)
    if asked.worth and asked.tells_form:
        said = _said(heads.rows[places], read)
        told = [said.get(row) for row in heads.rows[places].tolist()]
        for number, one in enumerate(told):
            found[number] = one is not None and any(
                other is not None
                and one.speaker == other.speaker
                and is_beside_the_point(one.statements, other.statements, asked)
                for other in told
            )
    return found


def _terms(scored: Scored, heads: Heads) -> _Terms:
    every = list(dict.fromkeys(scored.question.terms))
    held = scored.holds(heads.rows)
    words = f"{END_WORDS} {FORMER_WORDS}" if scored.question.asks_for_previous else END_WORDS
    skipped = scored.question.name_terms.union(scored.glance.recipe.analyse(words))
    places = [place for place, term in enumerate(every) if term not in skipped and held[place].any()]
    worth = [idf(len(scored.holders[place].rows), len(scored.union)) for place in places]
    return _Terms([every[place] for place in places], places, np.array(worth), held[places])


def _alike(terms: _Terms) -> list[list[int]]:
    """Give the places of heads that hold the same of what is asked, and most of it, two or more together."""
    groups: dict[bytes, list[int]] = {}
    if terms.names:
        for place in np.flatnonzero(terms.worth @ terms.held >= ASKED * terms.worth.sum()).tolist():
            groups.setdefault(terms.held[:, place].tobytes(), []).append(place)
    return [places for places in groups.values() if len(places) > 1]


def _beyond(scored: Scored, heads: Heads, terms: _Terms, places: list[int], end: End) -> Rows:
    """Give the newest rows, or oldest, that hold the same terms as some heads, and lie beyond all of these in time."""
    union, pattern = scored.union, terms.held[:, places[0]].tolist()
    told = list(zip(terms.places, pattern, strict=True))
    holding = sorted((scored.holders[place].rows for place, holds in told if holds), key=len)
    rows = holding[0]
    for others in holding[1:]:
        rows = rows[np.isin(rows, others, assume_unique=True)]
    for place, holds in told:
        rows = rows if holds else rows[~np.isin(rows, scored.holders[place].rows, assume_unique=True)]
    rows = rows[~np.isin(rows, heads.rows)]
    if scored.visible is not None:
        rows = rows[scored.visible[rows]]
    at_us, arrived = union.column("at_us"), union.column("arrived")
    # What has no time was told before or after the others of its kind alone.
    is_timeless = bool((heads.at_us[places] == NO_TIME).all())
    rows = rows[(at_us[rows] == NO_TIME) == is_timeless]
    edge = heads.at_places(places)
    order = np.lexsort((np.concatenate([edge.arrived, arrived[rows]]), np.concatenate([edge.at_us, at_us[rows]])))
    order = order[::-1] if end is End.LAST else order
    beyond = order[: min(int((order < len(places)).argmax()), NEWEST)] - len(places)
    found: Rows = rows[beyond]
    return found


def _said(rows: Rows, read: Read) -> dict[int, _Said]:
    return {row: _Said(record.speaker, statements(record.text)) for row, record in read(np.sort(rows)).items()}


def _renews(one: _Said, other: _Said, asked: Asked) -> bool:
    return one.speaker == other.speaker and are_versions(one.statements, other.statements, asked)


def _renew(
    points: Floats, heads: Heads, places: Sequence[int], said: Mapping[int, _Said], asked: Asked, end: End
) -> None:
    """Let each of some heads stand before those that it is a newer version of, or an older one."""
    a_little = A_LITTLE * max(heads.scores.max(), 0.0)
    sign = 1 if end is End.LAST else -1
    is_earlier = heads.at_places(places).told_earlier()
    ordered = sorted(range(len(places)), key=lambda one: (heads.at_us[places[one]], heads.arrived[places[one]]))
    for better in ordered[::sign]:
        for other in ordered[::sign]:
            mine, theirs = places[better], places[other]
            lead = heads.scores[theirs] + points[theirs] - heads.scores[mine] - points[mine]
            if (
                lead > -a_little
                and (is_earlier[other, better] if end is End.LAST else is_earlier[better, other])
                and _renews(said[int(heads.rows[mine])], said[int(heads.rows[theirs])], asked)
            ):
                points[mine] += lead + a_little


def _go_back(points: Floats, heads: Heads, places: Sequence[int], said: Mapping[int, _Said], asked: Asked) -> None:
    """Let the last but one of each statement's versions stand before the newest and the older ones."""
    a_little = A_LITTLE * max(heads.scores.max(), 0.0)
    is_earlier = heads.at_places(places).told_earlier()
    ordered = sorted(range(len(places)), key=lambda one: (heads.at_us[places[one]], heads.arrived[places[one]]))
    renewed = set[int]()
    for newest in reversed(ordered):
        older = [
            one
            for one in ordered
            if is_earlier[one, newest]
            and newest not in renewed
            and _renews(said[int(heads.rows[places[newest]])], said[int(heads.rows[places[one]])], asked)
        ]
        if older:
            former = places[older[-1]]
            most = max(float(heads.scores[places[one]] + points[places[one]]) for one in [*older[:-1], newest])
            points[former] = max(points[former], most + a_little - float(heads.scores[former]))
        renewed.update(older)
