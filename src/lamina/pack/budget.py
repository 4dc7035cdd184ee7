"""The budget: which hits stand in the context, and how much of each.

Takes the hits best first (see `order`) and goes on past one that does not fit, so that small evidence fills what is
left. The whole text is counted only at the end, and once more for each round of dropping: the caller's counter need
not be additive, and the result never exceeds the budget by that counter.
"""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from lamina.core.errors import InvalidArgument
from lamina.core.protocols import TokenCounter
from lamina.core.query import Context, Hit, LeftOut
from lamina.core.scope import Wall
from lamina.pack.compose import Group, GroupKey, Piece, compose, groups_of, name_of, render_line, render_section
from lamina.pack.excerpt import Span, aligned, longest_prefix, trimmed
from lamina.pack.order import in_turn

#: A text too long for one vector is shown whole while it takes at most this part of the budget, else its best span.
WHOLE_SHARE = 0.25
#: Where the best hit does not fit as a whole, nor its span, it is cut to this share of the budget.
BEST_SHARE = 0.5
#: Characters per token of the budget beyond which a long text is not even counted: counting 1 MiB takes a second.
LONG_CHARACTERS_PER_TOKEN = 16

#: A line is not counted where this part of the fewest tokens per character seen so far would already be too much.
HOPELESS_SHARE = 0.5

#: From this budget on times of day are shown, below it days alone: there a time a session costs one question in a
#: hundred its evidence (development dialogues, 256 tokens: 66.3 % of the questions whole with times, 67.3 % without;
#: 512: 77.0 and 77.2; 1,024: 84.0 and 84.0).
HOURS_FROM_TOKENS = 512

OVER_BUDGET = "budget"
DUPLICATE = "duplicate"
NO_TEXT = "no text of its own"
ABSTAINED = "abstained"


class _Meter:
    """Counts what single lines add to a text, without what the counter adds to every text."""

    def __init__(self, count_tokens: TokenCounter) -> None:
        self._count_tokens = count_tokens
        self._overhead = count_tokens("")
        #: The fewest tokens per character of the lines so far.
        self._sparsest = 0.0

    def cost(self, line: str) -> int:
        tokens = max(0, self._count_tokens(line + "\n") - self._overhead)
        density = tokens / (len(line) + 1)
        self._sparsest = min(self._sparsest, density) if self._sparsest else density
        return tokens

    def is_hopeless(self, line: str, *, left: int) -> bool:
        """Say whether a line is far too long for what is left, so that it need not be counted."""
        return len(line) * self._sparsest * HOPELESS_SHARE > left


def pack(  # noqa: PLR0913  # keywords of one call
    hits: Sequence[Hit],
    *,
    budget_tokens: int,
    count_tokens: TokenCounter,
    beside: Mapping[str, Collection[str]] = MappingProxyType({}),
    is_timeline: bool = False,
    confidence: float = 0.0,
    notes: tuple[str, ...] = (),
    pending: int = 0,
) -> Context:
    """Give the best of `hits` (best first) that fit `budget_tokens`, in reading order, each with its citation.

    `beside` names, by record, the records that were said right before or after it. As a timeline it shows days in
    the place of sessions, and takes no neighbour sooner.

    A budget too small for anything gives an empty text, a note, and every hit in `left_out`.

    Raises:
        InvalidArgument: a budget below 1.
    """
    if budget_tokens < 1:
        raise InvalidArgument("budget_tokens", f"is {budget_tokens}", "give a number of tokens above 0")
    candidates, reasons = _distinct(hits)
    candidates = in_turn(candidates, {} if is_timeline else beside)
    groups = groups_of(candidates, shows_hours=budget_tokens >= HOURS_FROM_TOKENS, by_day=is_timeline)
    pieces = _chosen(candidates, groups, budget_tokens=budget_tokens, count_tokens=count_tokens)
    text, citations = compose(pieces, groups)
    shown = {_identity(piece.hit) for piece in pieces}
    left_out = tuple(
        _left_out(hit, reasons.get(place, OVER_BUDGET))
        for place, hit in enumerate(hits)
        if place in reasons or _identity(hit) not in shown
    )
    if candidates and not pieces:
        notes = (*notes, f"nothing fits into {budget_tokens} tokens; ask with a larger budget")
    return Context(
        text=text,
        citations=citations,
        tokens=count_tokens(text) if text else 0,
        budget_tokens=budget_tokens,
        left_out=left_out,
        confidence=confidence if pieces else 0.0,
        is_timeline=is_timeline,
        notes=notes,
        pending=pending,
    )


def abstention(
    hits: Sequence[Hit],
    *,
    budget_tokens: int,
    confidence: float,
    reason: str,
    notes: tuple[str, ...] = (),
    pending: int = 0,
) -> Context:
    """Give the context that says nothing: no text, every candidate in `left_out`, the reason (a sentence) in `notes`.

    Raises:
        InvalidArgument: a budget below 1.
    """
    if budget_tokens < 1:
        raise InvalidArgument("budget_tokens", f"is {budget_tokens}", "give a number of tokens above 0")
    return Context(
        text="",
        budget_tokens=budget_tokens,
        left_out=tuple(_left_out(hit, ABSTAINED) for hit in hits),
        confidence=confidence,
        abstained=True,
        notes=(*notes, reason),
        pending=pending,
    )


def _distinct(hits: Sequence[Hit]) -> tuple[list[Hit], dict[int, str]]:
    """Give the hits to choose from, and by place why the others are none: the same record, or words of one day."""
    candidates: list[Hit] = []
    reasons: dict[int, str] = {}
    seen: set[tuple[object, ...]] = set()
    for place, hit in enumerate(hits):
        text = hit.record.text.strip()
        at = hit.record.at
        said, identity = (hit.record.speaker, None if at is None else at.date(), text), (hit.record.id,)
        if not text:
            reasons[place] = NO_TEXT
        elif said in seen or identity in seen:
            reasons[place] = DUPLICATE
        else:
            candidates.append(hit)
            seen |= {said, identity}
    return candidates, reasons


def _chosen(
    candidates: Sequence[Hit],
    groups: Mapping[tuple[Wall, str], Group],
    *,
    budget_tokens: int,
    count_tokens: TokenCounter,
) -> list[Piece]:
    meter = _Meter(count_tokens)
    pieces: list[Piece] = []
    costs: list[int] = []
    headed: set[tuple[GroupKey, str]] = set()
    is_cut = False
    left, shares = budget_tokens, (int(budget_tokens * BEST_SHARE), budget_tokens)
    for hit in candidates:
        group = groups[name_of(hit.record)]
        key, heads = group.key, _headers(hit, group)
        head = sum(meter.cost(header) for header in heads if (key, header) not in headed)
        room = left - head
        found = _fitting_piece(hit, group, meter=meter, left=room, budget_tokens=budget_tokens) if room > 0 else None
        if found is None and hit is candidates[0]:
            # What answers best is not passed over for what answers less and is shorter.
            parts = (_beginning(hit, groups, budget_tokens=share, count_tokens=count_tokens) for share in shares)
            found, head = next((part for part in parts if part is not None), None), 0
            is_cut = found is not None
        if found is not None:
            piece, cost = found
            pieces.append(piece)
            costs.append(cost + head)
            headed |= {(key, header) for header in heads}
            left -= cost + head
    pieces = _within(pieces, costs, groups, budget_tokens=budget_tokens, count_tokens=count_tokens)
    if len(pieces) > is_cut or not candidates:
        return pieces
    # Nothing stands beside the best: it may take all that there is.
    alone = _beginning(candidates[0], groups, budget_tokens=budget_tokens, count_tokens=count_tokens)
    return [] if alone is None else [alone[0]]


def _headers(hit: Hit, group: Group) -> list[str]:
    """Give the headers that a hit stands under when it is shown from its beginning."""
    section = render_section(Piece(hit=hit, start=0, end=0), group)
    return [header for header in (group.header, section) if header]


def _fitting_piece(hit: Hit, group: Group, *, meter: _Meter, left: int, budget_tokens: int) -> tuple[Piece, int] | None:
    """Give the whole text, or the best span of a long one, with its cost; None where it does not fit what is left."""
    text, share = hit.record.text, left
    parts: list[tuple[Span, int]] = []
    if hit.span is not None:
        share = min(left, int(budget_tokens * WHOLE_SHARE))
    if len(text) <= budget_tokens * LONG_CHARACTERS_PER_TOKEN:
        parts.append((trimmed(text, (0, len(text))), share))
    if hit.span is not None:
        parts.append((aligned(text, hit.span), left))
    for (start, end), limit in parts:
        piece = Piece(hit=hit, start=start, end=end)
        line = render_line(piece, group, above=group.first_at)
        cost = limit + 1 if meter.is_hopeless(line, left=limit) else meter.cost(line)
        if cost <= limit:
            return piece, cost
    return None


def _within(
    pieces: list[Piece],
    costs: list[int],
    groups: Mapping[tuple[Wall, str], Group],
    *,
    budget_tokens: int,
    count_tokens: TokenCounter,
) -> list[Piece]:
    """Drop the worst pieces until the text as a whole fits."""
    while pieces:
        over = count_tokens(compose(pieces, groups)[0]) - budget_tokens
        if over <= 0:
            return pieces
        while pieces and over > 0:
            over -= max(1, costs[len(pieces) - 1])
            pieces = pieces[:-1]
    return pieces


def _beginning(
    hit: Hit, groups: Mapping[tuple[Wall, str], Group], *, budget_tokens: int, count_tokens: TokenCounter
) -> tuple[Piece, int] | None:
    """Give as much of a hit as fits alone, with what it costs under its headers."""

    def text_of(span: Span) -> str:
        return compose([Piece(hit=hit, start=span[0], end=span[1])], groups)[0]

    text = hit.record.text
    start, end = trimmed(text, hit.span or (0, len(text)))
    end = min(end, start + budget_tokens * LONG_CHARACTERS_PER_TOKEN)
    span = longest_prefix(text, aligned(text, (start, end)), lambda part: count_tokens(text_of(part)) <= budget_tokens)
    cost = budget_tokens + 1 if span is None else count_tokens(text_of(span))
    return None if span is None or cost > budget_tokens else (Piece(hit=hit, start=span[0], end=span[1]), cost)


def _identity(hit: Hit) -> tuple[str, int]:
    return hit.record.id, hit.record.revision


def _left_out(hit: Hit, reason: str) -> LeftOut:
    record = hit.record
    return LeftOut(
        record_id=record.id, revision=record.revision, external_id=record.external_id, score=hit.score, reason=reason
    )
