"""Explanations: why a record stands where it does in a ranking, or does not stand in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lamina.core.query import Query
from lamina.core.records import Record


class QuestionKind(StrEnum):
    """What a question asks for, as far as its words tell."""

    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    #: A number, an amount, how often.
    HOW_MANY = "how many"
    #: How long, how many days between.
    DURATION = "duration"
    #: One or some of a list: "which book", "what instruments".
    WHICH = "which"
    YES_NO = "yes or no"
    #: What came first, in what order.
    ORDERING = "ordering"
    SUMMARY = "summary"
    #: What somebody likes, and advice, which hangs on that.
    PREFERENCE = "preference"
    #: To do something, or to say how it is done.
    INSTRUCTION = "instruction"
    #: Whatever no rule knows: most of "what did", "why", "how".
    OTHER = "other"


class End(StrEnum):
    """An end of time: what a question asks for that says first, or now and last."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermUse:
    """One term of a question, and what a record has of it."""

    term: str
    #: How often the question asks for it, and how many rows of the scope hold it.
    repeats: int
    holders: int
    #: What it is worth: ln(1 + (N - n + ½) / (n + ½)).
    idf: float
    #: How often the record's own words hold it.
    own: int
    #: What it adds to the record's BM25, by its own words and by those read beside them.
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One part of a record's score."""

    #: `lexical`, `dense`, `speaker`, `role`, `day`, `session`, `tokens`, `asks`, `answers`, `title`, `name` …
    name: str
    #: As it was measured: BM25, a cosine; None where there is nothing to measure by, and the rest stands for it.
    measured: float | None
    #: As it counts: over its best, 1 for a flag that is set.
    value: float
    weight: float
    #: value · weight: what the part adds to the score.
    points: float
    #: Among all rows of the scope by this part, 1 is best, ties share it; None for a flag. Of `tokens` in a scope of
    #: more than 2,048 rows with what the rest says in the place of what was not read.
    rank: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a record stood after one stage of ranking."""

    #: `estimates` (in a large scope), `first look`, `second look`, `links`, `order`.
    name: str
    #: The names of the shares that it adds.
    shares: tuple[str, ...]
    #: All points so far; of estimates, what they promised of the first look's.
    score: float
    #: Among the records that may be returned, as if all of them had come so far; 1 is best, ties share it. Of one that
    #: may not be returned, the rank that it would have among them.
    rank: int
    #: Whether a search takes the record so far: the best by each stage are looked at by the next.
    is_reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One record in a ranking."""

    record: Record
    #: The sum of the shares' points.
    score: float
    shares: tuple[Share, ...]
    terms: tuple[TermUse, ...]
    #: The stages in their order; the last one's score is the score.
    stages: tuple[Stage, ...]
    #: Among the records that may be returned, 1 is best: in the search that was asked for, else with the limit that
    #: `changes` names. Where no limit returns it, by its score as if every record were looked at closely. None where it
    #: may not be returned.
    rank: int | None
    #: What its signs promised of its cosine, and the rank that it had by them; the true ones in a small scope.
    estimated_cosine: float | None
    estimated_rank: int
    #: Whether it was promising enough to be scored by its numbers.
    is_candidate: bool
    #: Why it is not returned, in sentences; empty where it is.
    absence: tuple[str, ...] = ()
    #: How many points it lacks to the last that is returned; None where it is returned, or may not be.
    missing_points: float | None = None
    #: What would have it returned, in sentences; empty where it is.
    changes: tuple[str, ...] = ()
    #: The event or document that was asked about: it ranks by this record, the best of what it holds.
    holder: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How a question was understood, and how it ranks."""

    query: Query
    #: The question as it is ranked by: without what is said around the asking, and with its slips mended.
    read_as: str
    recipe: str
    #: What was read out of the question: what it asks for, and whether for several things; its terms, speakers whom it
    #: names, roles that it means, days as dates.
    kind: QuestionKind
    wants_several: bool
    terms: tuple[str, ...]
    speakers: tuple[str, ...]
    roles: tuple[str, ...]
    days: tuple[str, ...]
    #: The event that it says something is before or after: "the trip".
    relative_to: str | None
    #: The end of time that it asks for, and the two things that it parts or compares.
    end: End | None
    sides: tuple[str, ...]
    #: Rows of the scope (one a revision), those that may be returned, and those that were scored by their numbers.
    rows: int
    returnable: int
    candidates: int
    #: How far the search went: see `Hits.level`.
    level: int
    #: The records that are returned, best first.
    hits: tuple[Explained, ...]
    #: The record that was asked for; None where none was.
    asked: Explained | None
    #: How long each stage took.
    times_s: Mapping[str, float]
    notes: tuple[str, ...] = ()
