"""Parting: what each sentence of a long text says to a question, for `pack`.

By what is at hand without encoding anything: the terms of the question that a sentence holds, and the cosine of the
span in which it stands.
"""

from bisect import bisect_right

from lamina.core.query import Hit
from lamina.flows.scored import Scored
from lamina.pack.excerpt import Span, sentences
from lamina.pack.parts import Part, Parts, plain_parts

#: Of a very long text so many spans are looked at, the nearest.
MOST_SPANS = 32


def parts_in(scored: Scored, hit: Hit, row: int, *, doubted: frozenset[str]) -> Parts:
    """Give the sentences of a hit's text, with the question's terms in each and how near each is."""
    near = spans_of(scored, row)
    if not near:
        begins, found, nearness = [0], [part[:2] for part in plain_parts(hit).items], [0.0]
    else:
        begins, nearness = [start for (start, _), _ in near], [cosine for _, cosine in near]
        found = _sentences(hit.record.text, [span for span, _ in near])
    terms, weights = scored.asked(doubted=doubted)
    analyse, places = scored.glance.recipe.analyse, {term: place for place, term in enumerate(terms)}
    return Parts(
        [
            Part(
                start,
                end,
                frozenset(places[term] for term in analyse(hit.record.text[start:end]) if term in places),
                nearness[max(bisect_right(begins, (start + end) // 2) - 1, 0)],
            )
            for start, end in found
        ],
        weights.tolist(),
    )


def spans_of(scored: Scored, row: int) -> list[tuple[Span, float]]:
    """Give the nearest spans of a row that has several, with their cosines to the question, in reading order."""
    if scored.glance.vector is None:
        return []
    spans = scored.union.spans(row, scored.glance.vector)
    if len(spans) < 2:
        return []
    return sorted(sorted(spans, key=lambda span: -span[1])[:MOST_SPANS])


def _sentences(text: str, spans: list[Span]) -> list[Span]:
    """Give the sentences of some spans, each once; those that stand side by side are read as one."""
    runs: list[Span] = []
    for start, end in spans:
        if runs and start <= runs[-1][1] + 1:
            runs[-1] = runs[-1][0], max(runs[-1][1], end)
        else:
            runs.append((start, end))
    return [sentence for run in runs for sentence in sentences(text, run)]
