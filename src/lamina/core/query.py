"""What reading verbs take and give: hits with the way they were found, contexts with citations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from numbers import Integral
from typing import overload

from lamina.core.clocks import PRESENT, Clocks
from lamina.core.errors import InvalidArgument
from lamina.core.filters import Filter
from lamina.core.layers import Kind
from lamina.core.records import Record
from lamina.core.text import checked_count, checked_name, checked_text
from lamina.core.time import checked_instant

#: The most hits that one call gives, and the largest budget in tokens.
MAX_LIMIT = 1_000
#: The longest question, in characters: a long message may be one, a file is none.
MAX_QUERY = 32_768
MAX_BUDGET_TOKENS = 10_000_000
#: The enumeration's members by their names: going through it takes microseconds.
_KINDS = {str(kind): kind for kind in Kind}


def checked_kinds(kinds: object) -> tuple[Kind, ...]:
    """Give the kinds that a caller named.

    Raises:
        InvalidArgument: a bare text, no sequence, none at all, or a name that is no kind.
    """
    if isinstance(kinds, str) or not isinstance(kinds, Sequence):
        raise InvalidArgument(
            "kinds", f"is {type(kinds).__name__}", "give a list of kinds, for example ['observation']"
        )
    if not kinds:
        raise InvalidArgument("kinds", "is empty", f"name some of: {', '.join(Kind)}")
    for kind in kinds:
        if not isinstance(kind, str) or kind not in _KINDS:
            raise InvalidArgument("kinds", f"holds {kind!r}", f"name some of: {', '.join(Kind)}")
    return tuple(_KINDS[kind] for kind in kinds)


def checked_threshold(abstain: object, *, usual: float) -> float:
    """Give the confidence below which a caller lets the memory decline: `usual` for True, 0 for False.

    Raises:
        InvalidArgument: neither, nor a number from 0 to 1.
    """
    if isinstance(abstain, bool):
        return usual if abstain else 0.0
    if not isinstance(abstain, int | float) or not 0 <= abstain <= 1:
        problem = f"is {abstain!r}" if isinstance(abstain, int | float) else f"is {type(abstain).__name__}"
        raise InvalidArgument("abstain", problem, "give True, False, or the confidence from 0 to 1 that is asked for")
    return float(abstain)


def checked_timeline(timeline: object) -> bool | None:
    """Give whether a caller asks for a timeline; None leaves it to the question.

    Raises:
        InvalidArgument: neither True, False nor None.
    """
    if timeline is None or isinstance(timeline, bool):
        return timeline
    raise InvalidArgument("timeline", f"is {type(timeline).__name__}", "give True, False, or None for what is asked")


def checked_counter(count_tokens: object) -> Callable[[str], int]:
    """Give a counter of tokens that a caller handed in, so that what it gives is a whole number.

    Raises:
        InvalidArgument: what cannot be called; when it is called, what gives something else.
    """
    if not callable(count_tokens):
        raise InvalidArgument("count_tokens", "cannot be called", "give a function from a text to a number")

    def counted(text: str) -> int:
        tokens = count_tokens(text)
        if isinstance(tokens, bool) or not isinstance(tokens, Integral) or tokens < 0:
            raise InvalidArgument("count_tokens", f"gave {tokens!r}", "give a whole number of tokens, 0 or above")
        return int(tokens)

    return counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question to one scope."""

    text: str
    #: The moment of asking; None = unknown.
    at: datetime | None = None
    limit: int = 10
    kinds: tuple[Kind, ...] = (Kind.OBSERVATION,)
    #: Only this session; None = all.
    session: str | None = None
    #: What an observation must be to be ranked; None = anything.
    filters: Filter | None = None
    #: Of when, and as known when.
    clocks: Clocks = PRESENT

    def __post_init__(self) -> None:
        """Refuse what cannot be asked.

        Raises:
            InvalidArgument: a blank or overlong text, a limit outside 1 to 1,000, a naive time, no kind, an unusable
                session name.
        """
        checked_text(self.text, argument="query")
        if len(self.text) > MAX_QUERY:
            raise InvalidArgument("query", f"has {len(self.text)} characters", f"ask in at most {MAX_QUERY}")
        checked_count(self.limit, argument="limit", most=MAX_LIMIT)
        if self.at is not None:
            checked_instant(self.at)
        if self.session is not None:
            checked_name(self.session, argument="session")
        if not self.kinds:
            raise InvalidArgument("kinds", "is empty", f"name some of: {', '.join(Kind)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way by which a hit was found."""

    #: `lexical`, `dense`, `speaker` …
    by: str
    score: float
    #: 1 is best; None where the way adds to scores and ranks nothing itself.
    rank: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A record with its score and the ways by which it was found."""

    record: Record
    score: float
    via: tuple[Way, ...] = ()
    #: The part of a long text that matches best, `record.text[start:end]`; None = the whole.
    span: tuple[int, int] | None = None
    #: For an event or a document the observation inside it by which it was found; None where `record` is one itself.
    evidence: Record | None = None


@dataclass(frozen=True, slots=True)
class Hits(Sequence[Hit]):
    """Hits, best first, and what is to be known about the answer."""

    items: tuple[Hit, ...] = ()
    #: Degradations and remarks, in sentences.
    notes: tuple[str, ...] = ()
    #: How many texts of the scope have no vector yet.
    pending: int = 0
    #: How far the search went, which is what it cost: 1 = by words alone, 2 = by vectors too, 3 = with a second look,
    #: 4 = with links and order. Most recipes go as far each time; `ladder` stops where it is sure.
    level: int = 0

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Hit]: ...
    def __getitem__(self, index: int | slice) -> Hit | Sequence[Hit]:
        """Give one hit by its rank from 0, or a slice of them."""
        return self.items[index]

    def __len__(self) -> int:
        """Count the hits."""
        return len(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """The verbatim evidence of one piece of a context: `record.text[start:end]` of that revision."""

    record_id: str
    revision: int
    external_id: str | None
    start: int
    end: int
    #: When it was said; None = unknown.
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A candidate that is not in the context, and why."""

    record_id: str
    revision: int
    external_id: str | None
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What `recall` packs: text ready for a prompt, with its evidence, or an abstention."""

    text: str
    #: In the order of `text`; a record of which several parts are shown has one for each.
    citations: tuple[Citation, ...] = ()
    #: Length of `text` by the token counter.
    tokens: int = 0
    budget_tokens: int
    left_out: tuple[LeftOut, ...] = ()
    #: The probability that this context holds the answer, as far as it can tell: that the memory does, times the share
    #: of the best hits that is shown; 0 where nothing fits the budget. Of an abstention: that the memory does.
    confidence: float = 0.0
    abstained: bool = False
    #: Whether `text` and `citations` are by time, day by day, in the place of session by session.
    is_timeline: bool = False
    notes: tuple[str, ...] = ()
    #: How many texts of the scope have no vector yet.
    pending: int = field(default=0)
    #: How far the search for it went: see `Hits.level`.
    level: int = 0
