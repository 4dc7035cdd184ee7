"""Fitting: how much of one hit's text stands in what is left of a budget, and what its line costs.

Lines are counted one by one, and only those that may fit: a counter reads half a million characters a second or two.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from lamina.core.protocols import TokenCounter
from lamina.core.query import Hit
from lamina.core.scope import Wall
from lamina.pack.compose import Group, Piece, compose, name_of, render_line
from lamina.pack.excerpt import Span, longest_prefix, trimmed
from lamina.pack.parts import PartsOf, Ranking, ranked

#: A text too long for one vector is shown whole while it takes at most this part of the budget, else its best parts.
WHOLE_SHARE = 0.25
#: Where the best hit does not fit, it is cut to this share of the budget.
BEST_SHARE = 0.5
#: Characters per token of the budget beyond which a long text is not even counted: counting 1 MiB takes a second.
LONG_CHARACTERS_PER_TOKEN = 16
#: Of a longer text the sentences that answer are shown where budget is left at the end, in characters; a shorter one is
#: cut only where it is the best of all.
LONG_TEXT = 1000
#: A line is not counted where this part of the fewest tokens per character seen so far would already be too much.
HOPELESS_SHARE = 0.5
#: How many tokens a character takes before any line was counted.
USUAL_DENSITY = 0.25
#: So many cuts of a text are counted; the best that fits may be a sentence short.
TRIES = 6
#: A cut that fills this part of its limit is not made longer.
FILLED_SHARE = 0.9
#: Nothing is cut to fewer tokens: its label alone takes as many.
LEAST_TOKENS = 12


class Meter:
    """Counts what single lines add to a text, without what the counter adds to every text."""

    def __init__(self, count_tokens: TokenCounter) -> None:
        """Count by a caller's counter."""
        self._count_tokens = count_tokens
        self._overhead = count_tokens("")
        #: The fewest tokens per character of the lines so far, and those of the last.
        self._sparsest = 0.0
        self.density = USUAL_DENSITY

    def cost(self, line: str) -> int:
        """Count what a line adds."""
        tokens = max(0, self._count_tokens(line + "\n") - self._overhead)
        self.density = tokens / (len(line) + 1)
        self._sparsest = min(self._sparsest, self.density) if self._sparsest else self.density
        return tokens

    def is_hopeless(self, characters: int, *, left: int) -> bool:
        """Say whether so many are far too many for what is left, so that they need not be counted."""
        return characters * self._sparsest * HOPELESS_SHARE > left


class Fitted(NamedTuple):
    """What is shown of a text, and what its line costs."""

    piece: Piece
    cost: int


@dataclass(frozen=True, slots=True)
class Fitting:
    """Cuts texts to what is left of one budget."""

    budget_tokens: int
    count_tokens: TokenCounter
    groups: Mapping[tuple[Wall, str], Group]
    parts_of: PartsOf
    meter: Meter
    _rankings: dict[tuple[Wall, str], Ranking] = field(default_factory=dict)
    _counted: dict[str, int] = field(default_factory=dict)

    def fitted(self, hit: Hit, *, left: int) -> Fitted | None:
        """Give the whole text, or of a long one all that answers; None where it does not fit what is left."""
        if left <= 0:
            return None
        share = left if hit.span is None else min(left, int(self.budget_tokens * WHOLE_SHARE))
        whole = self.whole(hit, limit=share)
        if whole is not None or hit.span is None or self.meter.is_hopeless(hit.span[1] - hit.span[0], left=left):
            return whole
        ranking = self.ranking(hit)
        return self._fitted(Piece(hit=hit, spans=ranking.spans(ranking.answering)), limit=left)

    @staticmethod
    def is_long(hit: Hit) -> bool:
        """Say whether a text is cut at the end, where it found no place as a whole."""
        return hit.span is not None or len(hit.record.text) > LONG_TEXT

    def leading(self, hit: Hit, *, left: int) -> Fitted | None:
        """Give the sentences alone that answer, as many as fit what is left; None where not one does."""
        if left < LEAST_TOKENS:
            return None
        found = self.cut(hit, limit=left, most=self.ranking(hit).leading)
        return None if found is None else found[0]

    def answered(self, piece: Piece) -> float:
        """Give how much a piece shows of what answers in its text, as a share of the characters: 0 to 1."""
        if piece.is_whole:
            return 1.0
        ranking = self.ranking(piece.hit)
        answering = sum(len(self._shown(piece.hit, place)) for place in ranking.order[: ranking.answering])
        return min(1.0, sum(end - start for start, end in piece.spans) / max(answering, 1))

    def tokens(self, text: str) -> int:
        """Count a whole text; the one that was counted last is not counted again."""
        if text not in self._counted:
            self._counted.clear()
            self._counted[text] = self.count_tokens(text)
        return self._counted[text]

    @property
    def half(self) -> int:
        """What a text may take that has to be cut."""
        return int(self.budget_tokens * BEST_SHARE)

    def ranking(self, hit: Hit) -> Ranking:
        """Give the order in which the sentences of a text are shown."""
        name = name_of(hit.record)
        if name not in self._rankings:
            self._rankings[name] = ranked(self.parts_of(hit))
        return self._rankings[name]

    def whole(self, hit: Hit, *, limit: int) -> Fitted | None:
        """Give the whole text where it costs at most `limit`."""
        text = hit.record.text
        if len(text) > self.budget_tokens * LONG_CHARACTERS_PER_TOKEN:
            return None
        return self._fitted(Piece(hit=hit, spans=(trimmed(text, (0, len(text))),)), limit=limit)

    def cut(self, hit: Hit, *, limit: int, most: int | None = None, least: int = 0) -> tuple[Fitted, int] | None:
        """Give as many of the best sentences as cost at most `limit`, and how many; None where no more than `least` do.

        About as many: a few cuts are counted.
        """
        ranking = self.ranking(hit)
        lengths = list(accumulate(len(self._shown(hit, place)) + 1 for place in ranking.order))
        best: tuple[Fitted, int] | None = None
        low, high = least, (len(ranking.order) if most is None else most) + 1
        for turn in range(TRIES):
            if high - low <= 1:
                break
            guess = bisect_right(lengths, limit / max(self.meter.density, 1e-6))
            guess = low + 1 if turn == TRIES - 1 and best is None else min(max(guess, low + 1), high - 1)
            found = self._fitted(Piece(hit=hit, spans=ranking.spans(guess)), limit=limit)
            if found is None:
                high = guess
                continue
            best, low = (found, guess), guess
            if found.cost >= limit * FILLED_SHARE:
                break
        return best

    def grown(self, piece: Piece, *, by: int, most: int | None = None) -> Fitted | None:
        """Give the whole of a text that was cut, else more of its sentences, at most `most`; None where none fits.

        What is given costs at most `by` more than `piece`.
        """
        hit, ranking = piece.hit, self.ranking(piece.hit)
        limit = self.cost(piece) + by
        whole = self.whole(hit, limit=limit) if most is None or most == len(ranking.order) else None
        if whole is not None:
            return whole
        more = self.cut(hit, limit=limit, most=most, least=self._shown_of(piece))
        return None if more is None else more[0]

    def beginning(self, hit: Hit, *, limit: int) -> Fitted | None:
        """Give as much of the sentence that answers best as fits alone under its headers; `cost` counts these too."""

        def text_of(span: Span) -> str:
            return compose([Piece(hit=hit, spans=(span,))], self.groups)[0]

        ranking, text = self.ranking(hit), hit.record.text
        if not ranking.order:
            return None
        best = ranking.items[ranking.order[0]][:2]
        span = longest_prefix(text, best, lambda part: self.count_tokens(text_of(part)) <= limit)
        cost = limit + 1 if span is None else self.count_tokens(text_of(span))
        return None if span is None or cost > limit else Fitted(Piece(hit=hit, spans=(span,)), cost)

    def _shown_of(self, piece: Piece) -> int:
        """Count the sentences that a piece shows."""
        items = self.ranking(piece.hit).items
        return sum(any(start <= part.start and part.end <= end for start, end in piece.spans) for part in items)

    def _shown(self, hit: Hit, place: int) -> str:
        part = self.ranking(hit).items[place]
        return hit.record.text[part.start : part.end]

    def _fitted(self, piece: Piece, *, limit: int) -> Fitted | None:
        line = self._line(piece)
        if self.meter.is_hopeless(len(line), left=limit):
            return None
        cost = self.meter.cost(line)
        return Fitted(piece, cost) if cost <= limit else None

    def cost(self, piece: Piece) -> int:
        """Count what a piece's line costs."""
        return self.meter.cost(self._line(piece))

    def _line(self, piece: Piece) -> str:
        group = self.groups[name_of(piece.hit.record)]
        return render_line(piece, group, above=group.first_at)
