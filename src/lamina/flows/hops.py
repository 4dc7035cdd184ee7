"""Second hops: what the best rows name, and what names them, is lifted.

A question of two hops asks for one text by another, which it does not name: "the state where its singer was born".
The best rows by the question itself are its *seeds*. A row is linked to a seed where one names the other's title, and
where both have titles and name something that the question does not. A title counts as much as its best seed, less
where many rows are linked alike: over log2(1 + rows). Names count by one step of personalised PageRank: each seed has a
share by its score and parts it among what it names, and that among the rows that it is known by. HippoRAG (Gutiérrez
et al., 2024) walks such a graph to its end; further steps bring nothing here, and no model has to extract anything.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lamina.core.layers import Modality
from lamina.core.records import Record
from lamina.encode.names import (
    above,
    names,
    naming_keys,
    phrases,
    plain_title,
    telling_keys,
    titled,
    titled_key,
    titled_keys,
)
from lamina.flows.scored import Floats, Linked, Rows, Scored, first_of, heads_of
from lamina.recall.rank import merged

#: The best rows from which links are followed; five measure alike on passages.
SEEDS = 3
#: What more rows than this name makes no link between them, unless it is a title.
MOST_TELLERS = 5
#: The share of a seed goes by this power of its score: the second best, at .84 of the best, has half of its share.
SHARPNESS = 4.0


@dataclass(frozen=True, slots=True)
class _Gain:
    """Some different rows, and what one link adds to each, or each link to its own."""

    rows: Rows
    points: float | Floats


@dataclass(frozen=True, slots=True)
class _Seed:
    """One of the best rows: its titles, what it names, and what of that the question does not."""

    row: int
    score: float
    titles: list[str]
    said: list[str]
    #: Nothing where it has no title.
    told: list[str]

    @property
    def keys(self) -> list[str]:
        """What is looked for: what it names, what names it, and what names the same."""
        return [
            *titled_keys([*self.said, *self.titles]),
            *naming_keys(self.titles),
            *telling_keys(self.told),
        ]


def seeds_of(scored: Scored) -> tuple[Rows, Floats]:
    """Give the best rows that words or vectors found, with their scores."""
    rows, scores = heads_of(scored)
    places = first_of(scored.union, rows, scores, SEEDS)
    places = places[scores[places] > 0]
    return rows[places], scores[places]


def hopped(scored: Scored, seeds: Sequence[tuple[int, float, Record]], *, asked: str) -> Scored:
    """Lift what is linked to the seeds: their rows, scores and records; `asked` is the question."""
    recipe = scored.glance.recipe
    known = {*names(asked), *plain_title(asked).split()}
    read = [_read(row, score, record, known) for row, score, record in seeds]
    asked_titles = _asked_titles(scored, asked, max((seed.score for seed in read), default=0.0))
    # A comparison names both of its texts, and asks for no third; passages of one document are one text.
    if len({seed.titles[0] for seed in read if not known.isdisjoint(seed.titles)}) > 1:
        return _lifted(scored, asked_titles, [])
    held = _rows_of(scored, [key for seed in read for key in seed.keys])
    # A text that names its own title, as passages of a document do, is linked by it to none.
    about = {name for seed in read for name in seed.said if len(held[titled_key(name)])}
    sayers = _rows_of(scored, naming_keys(sorted(about)))
    by_title = asked_titles
    for seed in read:
        points = recipe.title_share * seed.score
        for name in about.intersection(seed.said).difference(seed.titles):
            by_title += _gains(seed.row, held[titled_key(name)], points, alike=_named_by(name, sayers))
        for title in seed.titles:
            saying = _named_by(title, held)
            saying = saying[~np.isin(saying, held[titled_key(title)])]
            by_title += _gains(seed.row, saying, points, alike=saying)
    known_by = {name: _known_by(name, held, sayers if name in about else None) for seed in read for name in seed.told}
    return _lifted(scored, by_title, list(_spread(read, known_by, recipe.name_share)))


def _known_by(name: str, held: Mapping[str, Rows], sayers: Mapping[str, Rows] | None) -> Rows:
    """Give the rows that a name is known by, few enough to tell something; `sayers` are those of titles."""
    if sayers is not None:
        return merged(held[titled_key(name)], _named_by(name, sayers))
    (key,) = telling_keys([name])
    return held[key] if len(held[key]) <= MOST_TELLERS else held[key][:0]


def _spread(seeds: Sequence[_Seed], known_by: Mapping[str, Rows], share: float) -> Iterator[_Gain]:
    """Give what the names of seeds add: to whom they bring most, but a seed, this share of the best score."""
    best = max((seed.score for seed in seeds), default=0.0)
    rows: list[Rows] = []
    parts: list[Floats] = []
    for seed in seeds:
        linked = [known_by[name] for name in seed.told if len(known_by[name]) > 1]
        rows += linked
        parts += [np.full(len(some), (seed.score / best) ** SHARPNESS / len(linked) / len(some)) for some in linked]
    if not share or not rows:
        return
    every = merged(*rows)
    points = np.zeros(len(every))
    np.add.at(points, every.searchsorted(np.concatenate(rows)), np.concatenate(parts))
    most = points[np.logical_and.reduce([every != seed.row for seed in seeds])].max(initial=0.0)
    if most:
        yield _Gain(every, share * best * np.minimum(points / most, 1.0))


def _asked_titles(scored: Scored, asked: str, best: float) -> list[_Gain]:
    """Give what is added to the rows whose titles the question names."""
    held = _rows_of(scored, titled_keys(phrases(asked)))
    points = scored.glance.recipe.asked_title_share * best
    return [_Gain(rows, points / max(math.log2(1 + len(rows)), 1)) for rows in held.values() if len(rows) and points]


def _read(row: int, score: float, record: Record, known: Collection[str]) -> _Seed:
    around = above(record.session, record.metadata) if record.modality is Modality.PASSAGE else []
    is_said = record.speaker is not None or record.role is not None
    titles, body = titled(record.text, is_said=is_said, around=around)
    said = names(body)
    return _Seed(row, score, titles, said, [name for name in said if name not in known] if titles else [])


def _rows_of(scored: Scored, keys: Sequence[str]) -> dict[str, Rows]:
    """Give the rows of each key that the scope sees."""
    different, visible = list(dict.fromkeys(keys)), scored.visible
    rows = [held.rows for held in scored.union.holders(different)] if different else []
    seen = rows if visible is None else [some[visible[some]] for some in rows]
    return dict(zip(different, seen, strict=True))


def _named_by(title: str, held: Mapping[str, Rows]) -> Rows:
    return merged(*(held[key] for key in naming_keys([title])))


def _gains(row: int, linked: Rows, points: float, *, alike: Rows) -> Iterator[_Gain]:
    """Give what a link by a title adds, less where many rows are linked alike."""
    if len(linked):
        yield _Gain(linked[linked != row], points / max(math.log2(1 + max(len(linked), len(alike))), 1))


def _lifted(scored: Scored, by_title: Sequence[_Gain], by_name: Sequence[_Gain]) -> Scored:
    linked = merged(*(gain.rows for gain in (*by_title, *by_name)))
    if not len(linked):
        return scored
    titles, told = (_highest(linked, gains) for gains in (by_title, by_name))
    may_be = np.ones(len(linked), dtype=bool) if scored.returnable is None else scored.returnable[linked]
    returned = linked[may_be]
    rows = merged(scored.rows, returned)
    scores, found = np.zeros(len(rows)), np.zeros(len(rows), dtype=bool)
    former, places = rows.searchsorted(scored.rows), rows.searchsorted(returned)
    scores[former], found[former] = scored.scores, scored.found
    own = scored.glance.closely(returned).scores
    again = 0.0 if scored.look is None else scored.look.points(returned, own)
    scores[places], found[places] = own + again + (titles + told)[may_be], True
    signals = scored.glance.nearly(rows).signals
    return replace(scored, rows=rows, signals=signals, scores=scores, found=found, linked=Linked(linked, titles, told))


def _highest(linked: Rows, gains: Sequence[_Gain]) -> Floats:
    """Give the most that one link adds to each of `linked`, which ascend and hold all rows of `gains`."""
    most = np.zeros(len(linked))
    for gain in gains:
        here = linked.searchsorted(gain.rows)
        most[here] = np.maximum(most[here], gain.points)
    return most
