"""How sure a ranking is, wherever it stands: the signs that `recall.confidence` reads, of what was scored so far."""

import numpy as np

from lamina.flows.scored import LED, Flags, Floats, Rows, Scored, first_of, heads_of
from lamina.recall.confidence import Signs, confidence, coverage, open_signs, signs


def signs_of(scored: Scored, places: Rows, *, doubted: frozenset[str]) -> Signs | None:
    """Give what speaks for an answer among the rows at some places, best first; None where there are none."""
    return _signs(scored, scored.rows[places], scored.signals.dense[places], scored.scores[places], doubted)


def is_enough(scored: Scored, least: float, *, doubted: frozenset[str]) -> bool:
    """Say whether the confidence in the best rows of all that the scope sees is at least `least`.

    Whatever may be returned: no filter and no limit moves it.
    """
    rows, scores = heads_of(scored)
    order = first_of(scored.union, rows, scores, LED)
    dense = scored.glance.nearly(rows).signals.dense[order]
    return confidence(_signs(scored, rows[order], dense, scores[order], doubted)) >= least


def _signs(scored: Scored, rows: Rows, dense: Floats, scores: Floats, doubted: frozenset[str]) -> Signs | None:
    known = np.where(dense == scored.signals.absent, np.nan, dense)
    if scored.question.is_open and len(rows):
        return open_signs(is_there=bool(_is_meant(scored, rows).any()))
    return signs(coverage(*scored.coverages(rows, doubted=doubted)), known, scores)


def _is_meant(scored: Scored, rows: Rows) -> Flags:
    """Say which rows an open question asks for: of its days, and said by somebody whom it names, or of them."""
    question, union, signals = scored.question, scored.union, scored.glance.signals
    found = np.ones(len(rows), dtype=bool) if signals.day is None else signals.day[rows] > 0
    every = dict.fromkeys(question.terms)
    is_name = [term in question.name_terms for term in every]
    if any(is_name):
        # Where every speaker of the scope is named, the question tells none.
        by = ~union.named("speaker", [None]) if signals.speaker is None else signals.speaker
        found &= by[rows] | scored.holds(rows)[is_name].any(axis=0)
    return found
