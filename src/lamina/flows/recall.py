"""Recalling: a question becomes ranked hits, or a context packed under a budget, or the word that it is not known.

What waits for a vector is encoded first, up to a bound; the answer says how much still lacks one.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from lamina.core.directives import AuditEntry
from lamina.core.explanation import QuestionKind
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.protocols import Reading, TokenCounter
from lamina.core.query import (
    MAX_BUDGET_TOKENS,
    MAX_LIMIT,
    MAX_QUERY,
    Context,
    Hit,
    Hits,
    Query,
    checked_counter,
    checked_threshold,
    checked_timeline,
)
from lamina.core.records import Record
from lamina.core.scope import Scope
from lamina.core.text import checked_count
from lamina.core.token_encoder import TokenVectors
from lamina.encode.dense import encoded, encoded_with_tokens
from lamina.encode.tokens import token_identity
from lamina.flows.catching_up import encode_lacking, held_at_once, lacking_in
from lamina.flows.chronology import Asides, in_order
from lamina.flows.cleared import check_narrowing, masks_secrets
from lamina.flows.desk import Desk
from lamina.flows.grants import entries_of_read, note
from lamina.flows.hops import hopped, seeds_of
from lamina.flows.indexes import Sight
from lamina.flows.parting import parts_in
from lamina.flows.past import as_said
from lamina.flows.scored import FOLLOWED, Rows, Scored, heads_of
from lamina.flows.scoring import count_holders, score
from lamina.flows.second_look import SecondLook, asked_tokens, look_again
from lamina.flows.sureness import is_enough, signs_of
from lamina.index.union import Union
from lamina.pack.budget import abstention, pack
from lamina.pack.parts import Parts
from lamina.recall.confidence import NOTHING, THRESHOLD, Signs, abstains, confidence, reason, too_little_room
from lamina.recall.openings import plainly
from lamina.recall.spelling import Written, capitals_inside, marked, respelled, spelled, written
from lamina.recipes.recipe import by_words_alone

#: How many hits `recall` packs from: so many, or as many turns of so few tokens as fit a large budget.
CANDIDATES = 100
TURN_TOKENS = 20
#: How many observations are looked at for one container (event, document) that is asked for.
PER_CONTAINER = 20
#: So many records are read for how a word is written there that a misspelled one is read as.
READ_FOR_A_WORD = 8
Answer = TypeVar("Answer")
Floats32 = NDArray[np.float32]


class Heard(NamedTuple):
    """A question's vector and token vectors; None where the recipe asks for none, or not before words were tried."""

    vector: Floats32 | None = None
    tokens: TokenVectors | None = None
    #: The terms that a name was read as which nothing holds: it may be another's.
    doubted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """How `recall` packs."""

    budget_tokens: int
    #: Below this confidence the memory declines; 0 = never.
    threshold: float
    #: Whether the caller named it: then it is asked of what is packed, and not of the memory alone.
    is_named: bool
    count_tokens: TokenCounter
    #: None = where the question asks for an order of events.
    timeline: bool | None = None


def packing_of(
    *, budget_tokens: int, abstain: object, count_tokens: object, timeline: object, usual: TokenCounter
) -> Packing:
    """Give how a caller wants it packed; the `usual` counter where none is named.

    Raises:
        InvalidArgument: a budget that is not positive, a confidence outside 0 to 1, a counter or timeline that is none.
    """
    checked_count(budget_tokens, argument="budget_tokens", most=MAX_BUDGET_TOKENS)
    return Packing(
        budget_tokens=budget_tokens,
        threshold=checked_threshold(abstain, usual=THRESHOLD),
        is_named=not isinstance(abstain, bool),
        count_tokens=usual if count_tokens is None else checked_counter(count_tokens),
        timeline=checked_timeline(timeline),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Hits, and what `recall` asks of them beside."""

    hits: Hits
    scored: Scored
    #: The row of each hit that is an observation, by record.
    rows: dict[str, int]
    doubted: frozenset[str]

    @property
    def beside(self) -> dict[str, tuple[str, ...]]:
        """The hits that were said right before or right after each, by record."""
        names = {row: record_id for record_id, row in self.rows.items()}
        sides = self.scored.union.sides
        found = {name: [int(side[row]) for side in sides] for name, row in self.rows.items()}
        return {name: tuple(names[row] for row in rows if row in names) for name, rows in found.items()}

    def parts(self, hit: Hit) -> Parts:
        """Give the sentences of a hit's text, with what each says to the question."""
        return parts_in(self.scored, hit, self.rows[hit.record.id], doubted=self.doubted)

    @property
    def asks_for_order(self) -> bool:
        """Whether the question asks in what order things happened."""
        return self.scored.question.kind is QuestionKind.ORDERING

    @property
    def signs(self) -> Signs | None:
        """What speaks for an answer: see `recall.confidence`."""
        places = self.scored.best(CANDIDATES)
        return signs_of(self.scored, places[self.scored.found[places]], doubted=self.doubted)


def search(desk: Desk, query: Query, *, scope: Granted[Scope]) -> Hits:
    """Rank what `scope` sees by how well it answers `query`."""
    found, notes = answered(desk, query, _ranked, scope=scope)
    return replace(found.hits, notes=notes + found.hits.notes)


def recall(desk: Desk, query: Query, packing: Packing, *, scope: Granted[Scope]) -> Context:
    """Pack the evidence that answers `query`, or abstain."""
    found, notes = answered(desk, query, _ranked, scope=scope)
    hits = replace(found.hits, notes=notes + found.hits.notes)
    with desk.watch.stage("pack"):
        return replace(_packed(found, hits, packing), level=hits.level)


def _packed(found: Found, hits: Hits, packing: Packing) -> Context:
    sureness = confidence(found.signs)
    if abstains(sureness, threshold=packing.threshold):
        return abstention(
            hits,
            budget_tokens=packing.budget_tokens,
            confidence=sureness,
            reason=reason(sureness, threshold=packing.threshold) if hits else NOTHING,
            notes=hits.notes,
            pending=hits.pending,
        )
    context = pack(
        hits,
        budget_tokens=packing.budget_tokens,
        count_tokens=packing.count_tokens,
        beside=found.beside,
        is_timeline=found.asks_for_order if packing.timeline is None else packing.timeline,
        confidence=sureness,
        notes=hits.notes,
        pending=hits.pending,
        parts_of=found.parts,
    )
    if packing.is_named and context.text and abstains(context.confidence, threshold=packing.threshold):
        return abstention(
            hits,
            budget_tokens=packing.budget_tokens,
            confidence=context.confidence,
            reason=too_little_room(context.confidence, packing.budget_tokens, threshold=packing.threshold),
            notes=hits.notes,
            pending=hits.pending,
        )
    return context


def candidates(budget_tokens: int) -> int:
    """Give how many hits are worth looking at to fill a budget."""
    return min(max(CANDIDATES, budget_tokens // TURN_TOKENS), MAX_LIMIT)


def answered(
    desk: Desk,
    query: Query,
    answer: "Callable[[Desk, Query, Sight, Heard, Granted[Scope]], Answer]",
    *,
    scope: Granted[Scope],
) -> tuple[Answer, tuple[str, ...]]:
    """Give what `answer` makes of the visible walls, once what lacks a vector is encoded; and remarks on that.

    Where a policy says so, it is noted that this was asked for, whatever comes of it, before anybody is told.
    """
    if desk.recipe.reads_openings:
        query = replace(query, text=plainly(query.text, at=query.at))
    heard = _first_heard(desk, query)
    entries: Sequence[AuditEntry] = ()

    def answer_spelled(sight: Sight) -> tuple[Answer, tuple[str, ...]]:
        nonlocal entries
        entries = entries_of_read(sight.reading, desk.caller, record_id=None, now=desk.clock.now())
        check_narrowing(query.filters, scope=scope)
        mended = _spelled(desk, query, sight, scope)
        if mended is None:
            return answer(desk, query, sight, heard, scope), ()
        again = _first_heard(desk, mended.query)._replace(doubted=mended.doubted)
        return answer(desk, mended.query, sight, again, scope), mended.notes

    try:
        return _caught_up(desk, query, answer_spelled, scope=scope)
    finally:
        note(desk.store, entries)


def _caught_up(
    desk: Desk, query: Query, answer: "Callable[[Sight], tuple[Answer, tuple[str, ...]]]", *, scope: Granted[Scope]
) -> tuple[Answer, tuple[str, ...]]:
    """Look once, and again where that found what lacks a vector and wrote it; gives what it told of that as well."""
    with _sight(desk, query, scope=scope) as sight:
        lacking, told = lacking_in(desk, sight), sight.notes
        if not lacking:
            return answer(sight)
        if desk.indexes.unwritten.is_put_off:
            with desk.watch.stage("encode texts"):
                whole = held_at_once(desk, sight, lacking)
            if whole is not None:
                return answer(whole)
    # Outside the transaction, which would hold up nobody, but would not see what is encoded.
    with desk.watch.stage("encode texts"):
        notes = encode_lacking(desk, lacking)
    with _sight(desk, query, scope=scope) as sight:
        found, remarks = answer(sight)
        return found, (*told, *notes, *remarks)


class _Mended(NamedTuple):
    """A question with its slips mended, the terms of names among them, and a remark on each."""

    query: Query
    doubted: frozenset[str]
    notes: tuple[str, ...]


def _spelled(desk: Desk, query: Query, sight: Sight, scope: Granted[Scope]) -> _Mended | None:
    """Mend the slips of a question by what the scope holds; None where there is none."""
    if not desk.recipe.mends_slips:
        return None
    words = spelled(
        query.text,
        analyse=desk.recipe.analyse,
        count_holders=partial(count_holders, sight.union, scope.value),
        knows=lambda word: desk.encoder.count_tokens(word) <= 1,
        # A mark stands before some words for who asks: what is told back is a word that stands somewhere without one.
        may_tell=lambda word: (
            not masks_secrets(scope) or _written(desk, word, desk.recipe.analyse(word), sight, scope) is not None
        ),
    )
    text = respelled(query.text, words)
    if not words or len(text) > MAX_QUERY:
        return None
    capitals, doubted, notes = capitals_inside(query.text), set[str](), []
    for word, meant in words.items():
        terms = desk.recipe.analyse(meant)
        found = _written(desk, meant, terms, sight, scope) if terms else Written(meant, is_name=False)
        if found is None:
            notes.append(f"nothing holds {word!r}, which is read as a form of {meant!r}")
            continue
        notes.append(f"nothing holds {word!r}, which is read as {found.word!r}")
        if found.is_name and word in capitals:
            doubted.add(terms[0])
    return _Mended(replace(query, text=text), frozenset(doubted), tuple(notes))


def _written(desk: Desk, meant: str, terms: Sequence[str], sight: Sight, scope: Granted[Scope]) -> Written | None:
    """Give how a few of the records that hold the term of a word write it, speakers' names included."""
    rows = sight.union.holders(terms)[0].rows
    rows = rows[sight.union.column("active")[rows]][:READ_FOR_A_WORD]
    records = read_records(sight.union, rows, sight, scope=scope).values()
    texts = [text for record in records for text in (record.text, record.speaker) if text]
    return written(meant, texts, analyse=desk.recipe.analyse)


def _first_heard(desk: Desk, query: Query) -> Heard:
    """Encode a question, unless its words alone may be enough."""
    return _heard(desk, query) if desk.recipe.enough is None else Heard()


def _heard(desk: Desk, query: Query) -> Heard:
    if not desk.recipe.uses_dense:
        return Heard()
    text = marked(query.text) if desk.recipe.mends_slips else query.text
    with desk.watch.stage("encode the question"):
        if not desk.recipe.late_share:
            return Heard(encoded([text], desk.encoder)[0])
        vectors, tokens = encoded_with_tokens([text], desk.encoder)
        return Heard(vectors[0], None if tokens is None else tokens[0])


def scored_in(desk: Desk, query: Query, sight: Sight, heard: Heard, scope: Granted[Scope], *, limit: int) -> Scored:
    """Score what a read sees, so that the `limit` best are exact: as far up as the recipe goes, and no further."""
    enough = desk.recipe.enough
    for scored in _levels(desk, query, sight, heard, scope, limit=limit):
        if enough is not None and is_enough(scored, enough, doubted=heard.doubted):
            break
    return scored


def _levels(
    desk: Desk, query: Query, sight: Sight, heard: Heard, scope: Granted[Scope], *, limit: int
) -> Iterator[Scored]:
    """Score it level by level, the cheapest first; what comes of one is looked at by the next."""
    recipe = desk.recipe
    if recipe.enough is not None:
        with desk.watch.stage("score"):
            words = by_words_alone(recipe)
            scored = score(query, scope.value, sight.union, recipe=words, vector=None, limit=limit, then=sight.then)
        yield scored
        heard = _heard(desk, query)
    scored = _looked_at(desk, query, sight, heard, scope, limit=limit)
    if recipe.enough is not None:
        # Asked for by whoever looks how sure this is, and by the second look.
        scored = replace(scored, heads=heads_of(scored))
    yield scored
    if recipe.looks_again:
        scored = _looked_again(desk, query, sight, heard, scope, scored, limit=limit)
        yield scored
    if recipe.mark is None and not recipe.moves_heads:
        return

    def read(rows: Rows) -> dict[int, Record]:
        return read_records(sight.union, rows, sight, scope=scope)

    def ask(text: str) -> Scored:
        aside = replace(query, text=text)
        asked = _heard(desk, aside)
        found = _looked_at(desk, aside, sight, asked, scope, limit=1)
        return _looked_again(desk, aside, sight, asked, scope, found, limit=1) if recipe.looks_again else found

    if recipe.mark is not None:
        with desk.watch.stage("follow links"):
            rows, scores = seeds_of(scored)
            records = read(rows)
            told = zip(rows.tolist(), scores.tolist(), strict=True)
            seeds = [(row, mark, records[row]) for row, mark in told if row in records]
            scored = hopped(scored, seeds, asked=query.text)
    if recipe.moves_heads:
        with desk.watch.stage("mind the order"):
            scored = in_order(scored, Asides(ask, read))
    yield replace(scored, level=FOLLOWED)


def _looked_at(desk: Desk, query: Query, sight: Sight, heard: Heard, scope: Granted[Scope], *, limit: int) -> Scored:
    with desk.watch.stage("score"):
        return score(
            query, scope.value, sight.union, recipe=desk.recipe, vector=heard.vector, limit=limit, then=sight.then
        )


def _looked_again(
    desk: Desk, query: Query, sight: Sight, heard: Heard, scope: Granted[Scope], scored: Scored, *, limit: int
) -> Scored:
    with desk.watch.stage("look again"):
        asked = None if heard.tokens is None else asked_tokens(query.text, heard.tokens, scored)
        encoder = token_identity(desk.encoder)
        look = SecondLook(recipe=desk.recipe, sight=sight, scope=scope, asked=asked, encoder=encoder)
        return look_again(scored, look, limit=limit)


def _ranked(desk: Desk, query: Query, sight: Sight, heard: Heard, scope: Granted[Scope]) -> Found:
    is_plain = query.kinds == (Kind.OBSERVATION,)
    limit = query.limit if is_plain else query.limit * PER_CONTAINER
    scored = scored_in(desk, query, sight, heard, scope, limit=limit)
    with desk.watch.stage("read records"):
        placed = _hits(scored, scored.best(limit), sight, scope=scope)
        hits = [hit for _, hit in placed]
        if not is_plain:
            hits = _containers(hits, query, sight.reading, scope=scope)
    rows = {hit.record.id: row for row, hit in placed}
    pending = pending_in(desk, sight)
    notes = noted(desk, sight, scored, pending)
    shown = Hits(tuple(hits[: query.limit]), notes, pending, scored.level)
    return Found(hits=shown, scored=scored, rows=rows, doubted=heard.doubted)


@contextmanager
def _sight(desk: Desk, query: Query, *, scope: Granted[Scope]) -> Iterator[Sight]:
    with ExitStack() as stack:
        with desk.watch.stage("bring indexes up"):
            sight = stack.enter_context(
                desk.indexes.sight(desk.store, scope=scope, filters=query.filters, clocks=query.clocks, is_told=True)
            )
        yield sight


def pending_in(desk: Desk, sight: Sight) -> int:
    """Count the texts that have no vector yet, and are to have one."""
    return len(sight.union.lacking) if desk.recipe.uses_dense else 0


def noted(desk: Desk, sight: Sight, scored: Scored, pending: int) -> tuple[str, ...]:
    """Give what is degraded in an answer, in sentences."""
    notes, is_read_only = sight.notes, desk.store.is_read_only
    if scored.matched is not None and scored.matched.untold:
        lacking = f"{scored.matched.untold} of the {len(scored.matched.rows)} best rows have no token vectors and count"
        advice = "`flush` encodes those that wait, `reindex` the others"
        if is_read_only:
            advice = "the file is read-only: `reindex` encodes them once it can be written"
        notes = (f"{lacking} by everything else; {advice}", *notes)
    if pending:
        lacking = f"{pending} texts have no vector yet and were found by their words alone; further reads"
        notes = (f"{lacking} encode them" if is_read_only else f"{lacking}, or `flush()`, encode them", *notes)
    return notes


def read_records(union: Union, rows: Rows, sight: Sight, *, scope: Granted[Scope]) -> dict[int, Record]:
    """Give the records of some rows, by row; those that `scope` does not see are left out."""
    walls, numbers = union.walls(rows), union.column("number")[rows]
    records: dict[int, Record] = {}
    for place, wall in enumerate(sight.walls):
        here = walls == place
        asked = dict(zip(numbers[here].tolist(), rows[here].tolist(), strict=True))
        if asked:
            found = sight.reading.made_by(list(asked), wall=wall, scope=scope)
            records |= {asked[number]: record for number, record in found.items()}
    return records


def returned_records(union: Union, rows: Rows, sight: Sight, *, scope: Granted[Scope]) -> dict[int, Record]:
    """Give the records of rows that are returned, by row; by two clocks as they were, whatever has become of them."""
    records = read_records(union, rows, sight, scope=scope)
    if sight.then is None:
        return records
    return {row: replace(record, state=State.ACTIVE) for row, record in records.items()}


def _hits(scored: Scored, places: Rows, sight: Sight, *, scope: Granted[Scope]) -> list[tuple[int, Hit]]:
    """Give the hits at some places, each with its row."""
    rows = scored.rows[places]
    records = returned_records(scored.union, rows, sight, scope=scope)
    scores = scored.scores[places].tolist()
    return [
        (row, Hit(record=records[row], score=mark, via=ways, span=scored.best_span(place)))
        for place, row, mark, ways in zip(places.tolist(), rows.tolist(), scores, scored.ways(places), strict=True)
        if row in records
    ]


def _containers(hits: Sequence[Hit], query: Query, reading: Reading, *, scope: Granted[Scope]) -> list[Hit]:
    """Replace each hit by the containers of the asked kinds that it lies in, each at its best hit's place."""
    names = {hit.record.event_id for hit in hits} | {
        source.record_id for hit in hits for source in hit.record.provenance.sources
    }
    there = reading.get([name for name in names if name is not None], scope=scope)
    holders = as_said(reading, there.values(), query.clocks, scope=scope)
    placed: dict[str, Hit] = {}
    for hit in hits:
        for record in _kin(hit.record, holders):
            if record.kind in query.kinds and record.id not in placed:
                placed[record.id] = (
                    hit if record.id == hit.record.id else replace(hit, record=record, span=None, evidence=hit.record)
                )
    return list(placed.values())


def _kin(record: Record, holders: dict[str, Record]) -> list[Record]:
    names = [record.event_id, *(source.record_id for source in record.provenance.sources)]
    return [record, *(holders[name] for name in names if name in holders)]
