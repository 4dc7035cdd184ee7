"""What a recipe is: an analyser, its BM25 parameters, how spans make a row's cosine, and how the signals are fused."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lamina.core.rows import IndexRow

#: So many rows are fused at once where there are more: what lies between, 256 kB an array, stays in the caches.
ROWS_AT_ONCE = 65_536
Floats = NDArray[np.floating[Any]]
Weights = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What is known of rows when signals are fused: of all of them, or of some; of estimates in single precision."""

    #: BM25, 0 and above, and the highest of all rows.
    lexical: Floats
    lexical_best: float
    #: What a row of mean length scores that holds each of the question's terms once: their idf added up.
    lexical_ideal: float
    #: Cosine of the best span, `absent` where there is no vector, and the highest of all rows.
    dense: Floats
    dense_best: float
    absent: float
    #: Whether every row has its vector.
    is_dense_known: bool
    #: Which rows were said by somebody whom the question names; None where it names nobody.
    speaker: Flags | None
    #: Which were said in a role that the question means by "I" or "you"; None where it means none.
    role: Flags | None
    #: Which fall within a day that the question names, each many times where it asks for that day alone; None where it
    #: names none.
    day: Flags | Floats | None
    #: Which rows hold a word of the question themselves; None where every row has its vector.
    own: Flags | None = None
    #: BM25 of each row's session as one text, 0 outside any; None where the recipe does not ask for it.
    session_lexical: Floats | None = None
    #: The row before and the row after each, negative where there is none; None where the recipe does not ask.
    sides: tuple[NDArray[np.int32], NDArray[np.int32]] | None = None

    def at(self, rows: Rows | slice, *, dense: Floats) -> "Signals":
        """Give those of some rows, with their cosines by their numbers, which may exceed the highest of all."""
        return replace(
            self,
            lexical=self.lexical[rows],
            dense=dense,
            own=None if self.own is None else self.own[rows],
            speaker=None if self.speaker is None else self.speaker[rows],
            role=None if self.role is None else self.role[rows],
            day=None if self.day is None else self.day[rows],
        )

    def in_pieces(self) -> Iterator[tuple[slice, "Signals"]]:
        """Give those of some rows after others, in single precision, which is quicker to go through: for estimates."""
        for begin in range(0, len(self.lexical), ROWS_AT_ONCE):
            piece = slice(begin, begin + ROWS_AT_ONCE)
            some = self.at(piece, dense=self.dense[piece].astype(np.float32, copy=False))
            yield piece, replace(some, lexical=some.lexical.astype(np.float32))


class Part(NamedTuple):
    """One part of rows' scores: a value each, which counts by its weight."""

    name: str
    #: Flags count 1 where they are set.
    values: NDArray[Any]
    weight: float


def summed(parts: Sequence[Part]) -> Floats:
    """Give the scores that parts make."""
    first, *others = parts
    total: Floats = first.weight * first.values
    for part in others:
        if part.values.dtype == np.bool_:
            total[part.values] += part.weight
        else:
            total += part.weight * part.values
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A named way to rank."""

    name: str
    #: Names what makes the terms and marks: what is kept of an index is used again where this is the same.
    analyser: str
    #: A text's terms.
    analyse: Callable[[str], list[str]]
    k1: float
    b: float
    #: Taken off a row's best cosine, times √(2 ln(number of its spans)): many spans have many chances.
    span_penalty: float
    #: Gives the parts of which each row's score is the sum, out of its own signals.
    weigh: Callable[[Signals], Sequence[Part]]
    #: Added to them: this share of the best score in the row's session.
    session_share: float = 0.0
    #: And this share of the best score in its event.
    event_share: float = 0.0
    #: And the late score over the best one, so many times, less the longer the rows are that a question finds.
    #: Where this is 0, no token vectors are kept.
    late_share: float = 0.0
    #: Taken off a row of somebody with a name as far as it is questions, and added to one that follows a question.
    asking_penalty: float = 0.0
    answering_bonus: float = 0.0
    #: And this share of the score of one of the best rows, over the logarithm of how many rows are linked so, where
    #: the one names the other's title.
    title_share: float = 0.0
    #: And this share of the best row's score, likewise, where the question names a row's title.
    asked_title_share: float = 0.0
    #: And this share of it where both have titles and name something that the question does not: to whom such names
    #: bring most, and to the others as much less as they bring.
    name_share: float = 0.0
    #: Further keys under which an index knows a row: its title, and what it names.
    mark: Callable[[IndexRow], list[str]] | None = None
    #: From the rows' lengths, how much the words before and after each count with its own; None = not at all.
    weigh_neighbours: Callable[[NDArray[np.int32]], tuple[Weights, Weights]] | None = None
    #: Every row is scored by its numbers, and only the first span of a long text counts: for baselines.
    is_plain: bool = False
    #: Whether words of a question that nothing holds are read as what is held one slip of the keyboard away, and a
    #: question without its mark as one.
    mends_slips: bool = False
    #: Whether what is said around the asking is left out, and a long way of asking is read as the word for it.
    reads_openings: bool = False
    #: Whether what a question says of the order of things moves the best rows.
    minds_order: bool = False
    #: Taken off one of the best rows whose session stands above it already, as this share of the best score, where a
    #: question asks for several things.
    spread_share: float = 0.0
    #: Over the rows of a session: by so many places the fourth of its rows among the best goes back, the fifth by twice
    #: as many, and so on.
    crowd_places: float = 0.0
    #: Whether sessions are scored as texts, and the rows beside each row are known, when signals are fused.
    uses_hierarchy: bool = False
    uses_lexical: bool = True
    uses_dense: bool = True
    #: The confidence that is enough to stop before the last level, beginning with words alone; None = it takes all.
    enough: float | None = None

    @property
    def looks_again(self) -> bool:
        """Say whether the best rows are looked at twice."""
        return bool(self.late_share or self.asking_penalty or self.answering_bonus)

    @property
    def moves_heads(self) -> bool:
        """Say whether the best rows may change places once all is scored."""
        return bool(self.minds_order or self.spread_share or self.crowd_places)

    def fuse(self, signals: Signals) -> Floats:
        """Give each row's score out of its own signals."""
        return summed(self.weigh(signals))

    def fuse_roughly(self, signals: Signals) -> NDArray[np.float32]:
        """Give the same in single precision: for estimates."""
        scores = np.empty(len(signals.lexical), np.float32)
        for piece, some in signals.in_pieces():
            scores[piece] = self.fuse(some)
        return scores


def by_words_alone(recipe: Recipe) -> Recipe:
    """Give the same without vectors."""
    return replace(recipe, uses_dense=False, is_plain=True)
