"""Parts: which of a long text's sentences are shown, those that answer first.

Who asks says of each sentence which terms of the question it holds, and how near the stretch lies in which it stands.
First comes the sentence that answers best, then those that hold what the ones before lack, so that two halves of an
answer are both there however far apart they stand; then what stands right beside these; then the rest of the nearest
stretch, the next nearest, and so on to the whole.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from lamina.core.query import Hit
from lamina.pack.excerpt import Span, sentences

#: What a further sentence must hold that no better one does, as a share of the weight of the question's terms.
LEAST_GAIN = 0.1
#: Where nobody says what is near, so much of a text is looked at, from where its best span begins.
MOST_CHARACTERS = 30_000


class Part(NamedTuple):
    """A sentence of a text, `text[start:end]`, or a piece of a very long one."""

    start: int
    end: int
    #: Which terms of the question it holds, as places among their weights.
    holds: frozenset[int] = frozenset()
    #: How near to the question the stretch lies in which it stands.
    nearness: float = 0.0


class Parts(NamedTuple):
    """The sentences of a text, in reading order, and the weight of each term of the question."""

    items: Sequence[Part]
    weights: Sequence[float] = ()


#: Gives the sentences of a hit's text.
PartsOf = Callable[[Hit], Parts]


def plain_parts(hit: Hit) -> Parts:
    """Give the sentences where nothing is known but the best span: what lies in it is near, the rest is not."""
    text = hit.record.text
    first, last = hit.span or (0, len(text))
    start = first if len(text) > MOST_CHARACTERS else 0
    found = sentences(text, (start, min(len(text), start + MOST_CHARACTERS)))
    return Parts([Part(begin, end, nearness=float(first <= begin and end <= last)) for begin, end in found])


class Ranking(NamedTuple):
    """In which order the sentences of a text are shown."""

    items: Sequence[Part]
    order: Sequence[int]
    #: How many of the first answer, and how many do with what stands beside them and the nearest stretch.
    leading: int
    answering: int

    def spans(self, count: int) -> tuple[Span, ...]:
        """Give the first `count` sentences in reading order, those side by side as one."""
        spans: list[Span] = []
        former = -2
        for place in sorted(self.order[:count]):
            part = self.items[place]
            spans = [*spans[:-1], (spans[-1][0], part.end)] if place == former + 1 else [*spans, part[:2]]
            former = place
        return tuple(spans)


def ranked(parts: Parts) -> Ranking:
    """Give the order in which sentences are shown."""
    items = parts.items
    if not items:
        return Ranking(items, (), 0, 0)
    leading = list(_leading(parts))
    beside = [place for lead in leading for place in (lead + 1, lead - 1) if 0 <= place < len(items)]
    first = list(dict.fromkeys([*leading, *beside]))
    away = _distances(leading, len(items))
    taken = set(first)
    rest = [place for place in range(len(items)) if place not in taken]
    rest.sort(key=lambda place: (-items[place].nearness, away[place], place))
    nearest = max(part.nearness for part in items)
    near = sum(items[place].nearness == nearest for place in rest)
    return Ranking(items, [*first, *rest], len(leading), len(first) + near)


def _leading(parts: Parts) -> Iterator[int]:
    """Give the sentence that answers best, then each that holds most of what those before it lack."""
    items, weights = parts.items, parts.weights
    total = sum(weights) or 1.0
    lacking = set(range(len(weights)))

    def gain(place: int) -> float:
        return sum(weights[term] for term in items[place].holds & lacking) / total

    best = max(range(len(items)), key=lambda place: (gain(place) + items[place].nearness, -place))
    while True:
        yield best
        lacking -= items[best].holds
        best = max(range(len(items)), key=lambda place: (gain(place), items[place].nearness, -place))
        if gain(best) < LEAST_GAIN:
            return


def _distances(leading: Sequence[int], count: int) -> list[int]:
    """Give how far each place lies from the nearest of some."""
    away = [count] * count
    for order, step in ((range(count), -1), (range(count - 1, -1, -1), 1)):
        for place in order:
            beside = away[place + step] if 0 <= place + step < count else count
            away[place] = min(away[place], beside + 1)
            if place in leading:
                away[place] = 0
    return away
