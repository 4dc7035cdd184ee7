"""Pieces of an import: each is stored, withdrawn or timed anew in one transaction, together with what is known of it.

Messages with an id of their own are known by it; those without are known by their place among what a piece stored.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from lamina.core.errors import InvalidArgument, StoreBusy
from lamina.core.grant import Granted
from lamina.core.imports import Import, ImportRules, OnConflict, Piece
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Change
from lamina.core.protocols import Reading, Store, Writing
from lamina.core.provenance import CALLER
from lamina.core.receipts import Added
from lamina.core.records import AtSource, Draft, Record
from lamina.core.reports import Progress
from lamina.core.scope import Scope, sees
from lamina.core.time import Clock
from lamina.flows.add import check_same_thing, last_delivered, take_in
from lamina.flows.cutting import Rules
from lamina.flows.events import cut_around, note_rules, touched
from lamina.flows.following import numbered_next
from lamina.govern.gate import Gate
from lamina.ingest.entries import Entry
from lamina.ingest.messages import Defaults, Message, read_messages
from lamina.ingest.times import UNKNOWN

#: Messages of one piece, and characters after which one ends in any case: what a stop loses at most.
PIECE_MESSAGES = 1000
PIECE_CHARACTERS = 4 << 20
#: Metadata key under which a message keeps an id that is taken.
TAKEN_ID = "external_id"
_DIGEST_BYTES = 16
_NOT_ALONE = "another process is taking in the same source; let it end, and import it again"

#: Makes a draft of a message, or says why it is none.
ReadDraft = Callable[[Message], Draft]


class Tally:
    """Counts entries and digests what they say."""

    def __init__(self) -> None:
        """Begin with none."""
        self.messages = 0
        self.characters = 0
        self._hash = hashlib.blake2b(digest_size=_DIGEST_BYTES)

    def add(self, words: str) -> None:
        """Take one in."""
        said = words.encode(errors="surrogatepass")
        self._hash.update(b"%d:%b" % (len(said), said))
        self.messages += 1
        self.characters += len(words)

    def digest(self) -> bytes:
        """Give the digest of all so far."""
        return self._hash.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """What one import goes by."""

    store: Store
    scope: Granted[Scope]
    clock: Clock
    #: How streams are cut into events.
    events: Rules
    max_text_bytes: int
    session: str | None
    timezone: tzinfo | str | None
    sensitivity: str | None
    rules: ImportRules
    on_progress: Progress | None
    gate: Gate

    def defaults(self, *, day_first: bool | None) -> Defaults:
        """Give what is said for all messages."""
        return Defaults(
            now=self.clock.now(),
            session=self.session,
            at=UNKNOWN,
            timezone=self.timezone,
            sensitivity=self.sensitivity,
            day_first=day_first,
        )

    def draft(self, message: Message, defaults: Defaults) -> Draft:
        """Give the draft of a message, as the gate lets it through.

        Raises:
            InvalidArgument: it cannot be kept, or is refused.
        """
        return self.gate.admit(read_messages(message, defaults, max_text_bytes=self.max_text_bytes)[0])


@dataclass(slots=True)
class Batch:
    """Entries that are to be taken in at once; those that can be kept as drafts, each with where it stands."""

    tally: Tally = field(default_factory=Tally)
    placed: list[tuple[str, Draft]] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether it is time to store it; one without a draft goes on, because nothing would hold its row."""
        is_long = self.tally.messages >= PIECE_MESSAGES or self.tally.characters >= PIECE_CHARACTERS
        return is_long and bool(self.placed)


@dataclass(slots=True)
class Sifted:
    """What the ids of drafts say: which can be kept, which cannot, and which are another source's."""

    kept: list[Draft] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)


def batches(entries: Iterable[Entry], read: ReadDraft) -> Iterator[Batch]:
    """Give the entries in batches of a piece each."""
    batch = Batch()
    for entry in entries:
        batch.tally.add(entry.words)
        # What cannot be kept was counted by the check before.
        with suppress(InvalidArgument):
            batch.placed.append((entry.where, read(entry.message())))
        if batch.is_full:
            yield batch
            batch = Batch()
    if batch.tally.messages:
        yield batch


def sift(
    reading: Reading,
    placed: Sequence[tuple[str, Draft]],
    *,
    import_id: int,
    rules: ImportRules,
    scope: Granted[Scope],
) -> Sifted:
    """Look for what the ids of drafts stand for already."""
    sifted = Sifted()
    known = reading.by_external_id([draft.external_id for _, draft in placed if draft.external_id], wall=scope)
    here: dict[str, Draft] = {}
    for where, draft in placed:
        if draft.external_id is None:
            sifted.kept.append(draft)
            continue
        former, kept = known.get(draft.external_id), draft
        if former is not None and _is_foreign(reading, draft, former, import_id=import_id, scope=scope):
            sifted.taken.append(f"{draft.external_id!r} ({where})")
            if rules.on_conflict is OnConflict.BESIDE:
                former, metadata = None, {**draft.metadata, TAKEN_ID: draft.external_id}
                kept = replace(draft, external_id=None, metadata=metadata)
        try:
            _check_id(kept, former, here, scope=scope)
        except InvalidArgument as error:
            sifted.bad.append(f"{where}: {error}")
            continue
        sifted.kept.append(kept)
    return sifted


def store_piece(
    batch: Batch, source: Import, importing: Importing, *, known: Sequence[int]
) -> tuple[Import, Added, list[str]]:
    """Store a batch, and note it as the next piece of `source`; gives that with it, what was done, what was left out.

    `known` are the imports of that name or beginning that the source was compared with.

    Raises:
        InvalidArgument: a message whose id stands for something else, where the rules let none be left out.
        StoreBusy: another process is taking in the same source.
    """
    rules, scope = importing.rules, importing.scope
    with importing.store.write() as writing:
        end = writing.ends(scope=scope).get(scope.value.wall)
        sifted = sift(writing, batch.placed, import_id=source.id, rules=rules, scope=scope)
        if sifted.bad and not rules.skip_bad:
            raise InvalidArgument("source", f"has a message that cannot be kept, {sifted.bad[0]}", "mend or drop it")
        if sifted.taken and rules.on_conflict is OnConflict.REFUSE:
            raise taken_ids("source", sifted.taken)
        added = take_in(writing, sifted.kept, scope=scope, now=importing.clock.now(), rules=importing.events)
        note_rules(writing, end, scope=scope, rules=importing.events)
        records = (*added.stored, *added.updated, *(held.record for held in added.held))
        numbers = [record.number for record in records]
        # A digest of what was masked would confirm a guess at it.
        is_masked = any(draft.is_masked for draft in sifted.kept)
        piece = Piece(
            messages=batch.tally.messages,
            digest=None if is_masked else batch.tally.digest(),
            first=(1 if end is None else end.number + 1) if numbers else 0,
            last=max(numbers, default=0),
            has_repeats=bool(added.repeated),
        )
        _check_alone(writing, source, piece, importing, known)
        import_id = writing.put_import(source, scope=scope)
        try:
            writing.put_piece(import_id, piece, ordinal=len(source.pieces), scope=scope)
        except InvalidArgument as error:
            raise StoreBusy(_NOT_ALONE) from error
    return replace(source, id=import_id, pieces=(*source.pieces, piece)), added, sifted.bad


def taken_ids(argument: str, taken: Sequence[str]) -> InvalidArgument:
    """Give the error of ids that stand for other messages."""
    some = ", ".join(taken[:3]) + (" …" if len(taken) > 3 else "")
    advice = (
        "give on_conflict='replace' (--on-conflict replace) if those are the same messages with newer words, or "
        "'beside' if they are others, which then keep their id in the metadata"
    )
    return InvalidArgument(argument, f"has ids that stand for messages of another source: {some}", advice)


def forget_pieces(source: Import, ordinal: int, importing: Importing) -> Import:
    """Forget the pieces of an import from one on; what they stored stays."""
    with importing.store.write() as writing:
        writing.drop_pieces(source.id, ordinal=ordinal, scope=importing.scope)
    return replace(source, pieces=source.pieces[:ordinal])


def withdraw_piece(source: Import, importing: Importing) -> tuple[Import, int]:
    """Withdraw what the last piece of `source` stored without an id, and forget the piece; gives how many that were."""
    scope = importing.scope
    with importing.store.write() as writing:
        now = importing.clock.now()
        records = [
            record
            for record in _stored_by(writing, source.pieces[-1], scope=scope)
            if record.state in (State.ACTIVE, State.HELD) and record.external_id is None
        ]
        for record in records:
            change = Change(action=Action.WITHDRAW, record=record, to_state=State.WITHDRAWN)
            writing.apply(change, recorded_at=now)
        cut_around(writing, touched(records), rules=importing.events, now=now)
        writing.drop_pieces(source.id, ordinal=len(source.pieces) - 1, scope=scope)
    return replace(source, pieces=source.pieces[:-1]), len(records)


def retime_piece(drafts: Sequence[Draft], piece: Piece, importing: Importing) -> int:
    """Give the messages of a piece the times that they are read with now; gives how many changed.

    Raises:
        InvalidArgument: it cannot be told which message made which record.
    """
    scope = importing.scope
    with importing.store.write() as writing:
        now = importing.clock.now()
        known = writing.by_external_id([draft.external_id for draft in drafts if draft.external_id], wall=scope)
        nameless = [r for r in _stored_by(writing, piece, scope=scope) if r.external_id is None]
        if len(nameless) != sum(draft.external_id is None for draft in drafts):
            if piece.digest is None:
                # Something of it was erased: the others can no more be told from one another.
                return 0
            advice = "import it with on_conflict='beside', and delete what is wrong"
            raise InvalidArgument("source", "is read into other messages now than it was", advice)
        others = iter(nameless)
        records = [known.get(draft.external_id) if draft.external_id else next(others) for draft in drafts]
        timed = [
            _timed(record, draft)
            for record, draft in zip(records, drafts, strict=True)
            if record is not None and _is_to_be_timed(record, draft)
        ]
        for record in timed:
            later = numbered_next(writing, record, scope=importing.scope)
            writing.apply(Change(action=Action.UPDATE, record=later), recorded_at=now)
        cut_around(writing, touched(timed), rules=importing.events, now=now)
    return len(timed)


def _check_alone(writing: Writing, source: Import, piece: Piece, importing: Importing, known: Sequence[int]) -> None:
    """Refuse a source that is new where another process has begun to take in the same since it was compared."""
    if not source.id:
        openings = [] if piece.digest is None else [piece.digest]
        there = writing.imports(scope=importing.scope, session=source.session, name=source.name, openings=openings)
        if {held.id for held in there} - set(known):
            raise StoreBusy(_NOT_ALONE)


def first_words(piece: Piece, importing: Importing) -> list[tuple[str, str | None]]:
    """Give words and speaker of each message that a piece brought into the memory, as far as they are not erased."""
    with importing.store.read() as reading:
        made = reading.made_by(
            range(piece.first, piece.last + 1), wall=importing.scope.value.wall, scope=importing.scope
        )
    return [
        (record.text, record.speaker)
        for record in made.values()
        if record.kind is Kind.OBSERVATION and record.revision == 1 and record.state is not State.ERASED
    ]


def _stored_by(reading: Reading, piece: Piece, *, scope: Granted[Scope]) -> list[Record]:
    """Give the records that a piece brought into the memory, in its order, each as it is now."""
    if not piece.last:
        return []
    made = reading.made_by(range(piece.first, piece.last + 1), wall=scope.value.wall, scope=scope)
    ids = [
        made[number].id
        for number in sorted(made)
        if made[number].kind is Kind.OBSERVATION and made[number].revision == 1
    ]
    return list(reading.get(ids, scope=scope).values())


def _is_to_be_timed(record: Record, draft: Draft) -> bool:
    is_guess = record.state is State.ACTIVE and record.at_source is AtSource.ASSUMED
    return is_guess and draft.at is not None and draft.at != record.at


def _timed(record: Record, draft: Draft) -> Record:
    return replace(
        record,
        provenance=replace(record.provenance, by=CALLER),
        at=draft.at,
        at_source=draft.at_source,
        valid_from=draft.at,
    )


def _is_foreign(reading: Reading, draft: Draft, former: Record, *, import_id: int, scope: Granted[Scope]) -> bool:
    """Say whether an id stands for other words, which came from another source."""
    delivered = last_delivered(reading, former, scope=scope)
    if not (_is_other(draft, former) and _is_other(draft, delivered)):
        return False
    return reading.imported([delivered.number], scope=scope).get(delivered.number, import_id) != import_id


def _is_other(draft: Draft, record: Record) -> bool:
    is_at_another_time = draft.at_source is record.at_source is AtSource.GIVEN and draft.at != record.at
    return is_at_another_time or (draft.text, draft.speaker, draft.role) != (record.text, record.speaker, record.role)


def _check_id(draft: Draft, former: Record | None, here: dict[str, Draft], *, scope: Granted[Scope]) -> None:
    """Refuse a draft whose id stands for what it cannot become, in the memory or in the same batch."""
    if former is not None:
        if not sees(scope.value, former.scope):
            problem = f"{draft.external_id!r} is taken by another agent or run of this user"
            raise InvalidArgument("external_id", problem, "give another id")
        check_same_thing(draft, former)
    if draft.external_id is not None:
        first = here.setdefault(draft.external_id, draft)
        if (first.session, first.order) != (draft.session, draft.order):
            problem = f"{draft.external_id!r} stands for a message of another session or place as well"
            raise InvalidArgument("external_id", problem, "give each message its own id")
