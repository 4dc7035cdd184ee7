"""A store as it is for who may not see every label: the one place where labels are heeded.

Every read of a store hands in for whom it reads (`Granted`), with the clearance of who calls. Here what is hidden is
taken out of what the store gives before anybody looks at it: of listings, of what is fetched by id, of the rows that
indexes are made of, so that not even a score tells of it. What passes as it is stands in `PASSED`; a read or change
that is neither treated here nor named there is none that a memory has.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar, cast

from lamina.core.clearance import (
    NOTHING,
    REDACTED,
    Clearance,
    Hidden,
    Sees,
    hidden,
    is_in_titled_session,
    redacted,
)
from lamina.core.clocks import Clocks
from lamina.core.errors import InvalidArgument
from lamina.core.filters import Bound, Contains, Field, Filter, conditions
from lamina.core.grant import Granted
from lamina.core.operations import LogQuery, Operation
from lamina.core.protocols import EncoderId, Reading, Store, Writing
from lamina.core.records import Record
from lamina.core.rows import Counts, IndexRow, Listing, Page, Place, Segment, VectorRow, Waiting
from lamina.core.scope import Administration, Scope, Wall
from lamina.govern.access import grant
from lamina.govern.blurring import without_secret, without_secrets

Key = TypeVar("Key")
#: What shows no record and no words of one to who calls: what events are cut by, numbers, directives and the trail,
#: imports, what is asked of rows that were found here before, and what the administration alone asks; and changes,
#: which are of records that were read here before.
PASSED = frozenset({
    "number_at", "stream", "stream_before", "streams", "event_head", "event_sizes", "event_size", "ends",
    "token_rows", "untold", "imports", "imported", "encoder", "labelled", "last_commit", "number_after_commit",
    "snapshots", "directives", "audited", "salted_directives", "trail", "scopes", "walls", "erasures", "log",
    "erased_since", "log_by_record", "salted_revisions", "event_members", "entries", "imports_of",
    "apply", "assign_event", "hollow_events", "let_go", "note_rules", "put_vectors", "begin_encoder", "unready",
    "put_coming", "change_encoder", "drop_former", "publish", "put_import", "put_piece", "drop_pieces",
    "drop_segments", "mend", "put_snapshot", "drop_snapshot", "replay", "note_load", "put_directive",
    "drop_directive", "note", "destroy_key",
})  # fmt: skip
#: What of a record may hold a secret beside its metadata.
_TELLING = frozenset({Field.TEXT, Field.SPEAKER, Field.SESSION, Field.EXTERNAL_ID})
#: Records that are looked at together where what is asked for is not found among the first.
PAGE = 500
#: So many more operations than are asked for are looked at first, from the end of the log.
LEAST_LOOKED = 32
#: For so many readers of walls it is remembered what is hidden.
MOST_REMEMBERED = 256
#: What of a wall is hidden from who sees these labels, as of an operation and an epoch.
Memo = dict[tuple[Wall, frozenset[str]], tuple[tuple[int, int], Hidden]]


class ClearedStore:
    """A store through which everybody reads what their clearance lets them see."""

    def __init__(self, store: Store) -> None:
        """Stand before `store`."""
        self._store = store
        self._memo: Memo = {}

    def __getattr__(self, name: str) -> Any:
        """Give what a store does beside: with its file as a whole, where no record is shown."""
        return getattr(self._store, name)

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """See `Store.read`."""
        with self._store.read() as reading:
            yield cast("Reading", ClearedReading(reading, self._memo))

    @contextmanager
    def write(self, *, may_wait: bool = True) -> Iterator[Writing]:
        """See `Store.write`."""
        with self._store.write(may_wait=may_wait) as writing:
            yield cast("Writing", ClearedWriting(writing))


class ClearedReading:
    """The reads of one transaction, without what who calls may not see; see `core.protocols.Reading`."""

    def __init__(self, reading: Reading, memo: Memo) -> None:
        """Stand before `reading`; `memo` is what other transactions found, and takes what this one finds."""
        self._reading = reading
        self._memo = memo
        self._hidden: dict[tuple[Wall, frozenset[str]], Hidden] = {}

    def __getattr__(self, name: str) -> Any:
        """Give what passes as it is."""
        if name not in PASSED:
            raise AttributeError(f"{name} is neither treated here nor named as what passes")
        return getattr(self._reading, name)

    def hidden(self, *, wall: Wall, scope: Granted[Scope]) -> Hidden:
        """Give what of a wall is hidden from a scope."""
        labels = None if (sees := _seen(wall, scope)) is None else sees.labels
        if labels is None:
            return NOTHING
        if (wall, labels) not in self._hidden:
            self._hidden[wall, labels] = self._looked_up(wall, labels)
        return self._hidden[wall, labels]

    def get(self, record_ids: Sequence[str], *, scope: Granted[Scope]) -> dict[str, Record]:
        """See `Reading.get`."""
        return self._shown_of(self._reading.get(record_ids, scope=scope), scope)

    def by_external_id(self, external_ids: Sequence[str], *, wall: Granted[Scope]) -> dict[str, Record]:
        """See `Reading.by_external_id`: what is hidden takes its id, and is not found by it."""
        found = self._reading.by_external_id(external_ids, wall=wall)
        return {name: record for name, record in found.items() if self._label_of(record, wall) is None}

    def revisions(self, record_id: str, *, scope: Granted[Scope]) -> list[Record]:
        """See `Reading.revisions`."""
        return self._shown_in(self._reading.revisions(record_id, scope=scope), scope)

    def operations(self, record_id: str, *, scope: Granted[Scope]) -> list[Operation]:
        """See `Reading.operations`."""
        return self._told(self._reading.operations(record_id, scope=scope), scope)

    def logs(self, record_ids: Sequence[str], *, scope: Granted[Scope]) -> dict[str, list[Operation]]:
        """See `Reading.logs`."""
        found = self._reading.logs(record_ids, scope=scope)
        told = {record_id: self._told(log, scope) for record_id, log in found.items()}
        return {record_id: log for record_id, log in told.items() if log}

    def turns(self, *, wall: Wall, scope: Granted[Scope], after: int) -> Iterator[list[Operation]]:
        """See `Reading.turns`."""
        records = self.hidden(wall=wall, scope=scope).records
        for turned in self._reading.turns(wall=wall, scope=scope, after=after):
            if turned[0].record_id not in records:
                yield turned

    def logged(self, asked: LogQuery, *, scope: Granted[Scope]) -> list[Operation]:
        """See `Reading.logged`."""
        records = self.hidden(wall=scope.value.wall, scope=scope).records
        if not records:
            return self._reading.logged(asked, scope=scope)
        looked = None if asked.limit is None else asked.limit + LEAST_LOOKED
        while True:
            last = self._reading.logged(replace(asked, limit=looked), scope=scope)
            told = [operation for operation in last if operation.record_id not in records]
            if asked.limit is None or looked is None:
                return told
            if len(told) >= asked.limit or len(last) < looked:
                return told[max(0, len(told) - asked.limit) :]
            # All that was read before is read again: of a log whose end is hidden, a third more than there is.
            looked *= 4

    def children(self, record_id: str, *, scope: Granted[Scope]) -> list[Record]:
        """See `Reading.children`."""
        if scope.clearance is not None and record_id not in self.get([record_id], scope=scope):
            return []
        return self._shown_in(self._reading.children(record_id, scope=scope), scope)

    def page(self, listing: Listing, *, scope: Granted[Scope]) -> Page:
        """See `Reading.page`: as full as what is seen makes it."""
        page = self._reading.page(listing, scope=scope)
        if scope.clearance is None:
            return page
        asked, shown = listing, list[tuple[Record, str]]()
        while True:
            for record, cursor in zip(page.records, page.cursors, strict=True):
                told = self._shown(record, scope)
                if told is not None and not (listing.session is not None and self._is_titled(record, scope)):
                    shown.append((told, cursor))
            if len(page.records) < asked.limit or len(shown) >= listing.limit:
                break
            # Much may be hidden where little is asked for.
            asked = replace(listing, after=page.cursors[-1], limit=max(listing.limit, PAGE))
            page = self._reading.page(asked, scope=scope)
        shown = shown[: listing.limit]
        return Page(records=tuple(record for record, _ in shown), cursors=tuple(cursor for _, cursor in shown))

    def places(self, *, scope: Granted[Scope], session: str | None = None) -> list[Place]:
        """See `Reading.places`."""
        found = self._reading.places(scope=scope, session=session)
        walls = {wall.user is None: wall for wall in scope.value.visible_walls}
        unseen = {
            is_shared: self.hidden(wall=wall, scope=scope).records if not self._masks(wall, scope) else {}
            for is_shared, wall in walls.items()
        }
        seen = [place for place in found if place.record_id not in unseen[place.is_shared]]
        return self._blurred(seen, scope, is_named=session is not None)

    def places_then(
        self, clocks: Clocks, *, scope: Granted[Scope], session: str | None = None, without: Hidden = NOTHING
    ) -> list[Place]:
        """See `Reading.places_then`."""
        walls = [wall for wall in scope.value.visible_walls if not self._masks(wall, scope)]
        unseen = self._unseen(scope, without, walls)
        found = self._reading.places_then(clocks, scope=scope, session=session, without=unseen)
        return self._blurred(found, scope, is_named=session is not None)

    def _blurred(self, places: Sequence[Place], scope: Granted[Scope], *, is_named: bool) -> list[Place]:
        """Give places with the names of sessions as a scope sees them; who names one guesses at no title."""
        titled = self._titled(places, scope)
        if is_named:
            places = [place for place in places if place.record_id not in titled]
        else:
            places = [place._replace(session=titled.get(place.record_id, place.session)) for place in places]
        blurred = {wall.user is None: self._masks_secrets(wall, scope) for wall in scope.value.visible_walls}
        return [
            place._replace(session=without_secret(place.session)) if blurred[place.is_shared] else place
            for place in places
        ]

    def _titled(self, places: Sequence[Place], scope: Granted[Scope]) -> dict[str, str]:
        """Give what is shown in the place of a session that a hidden document names, by the record that lies in it."""
        walls = [wall for wall in scope.value.visible_walls if self._masks(wall, scope)]
        labels = self._unseen(scope, NOTHING, walls).records if walls else {}
        there = self._reading.get([place.record_id for place in places if place.record_id in labels], scope=scope)
        return {
            name: REDACTED.format(label=labels[name]) for name, record in there.items() if is_in_titled_session(record)
        }

    def _is_titled(self, record: Record, scope: Granted[Scope]) -> bool:
        """Say whether the session of a record is hidden with its words."""
        return is_in_titled_session(record) and self._label_of(record, scope) is not None

    def index_rows(self, *, wall: Wall, scope: Granted[Scope], after: int) -> Iterator[IndexRow]:
        """See `Reading.index_rows`."""
        numbers = self.hidden(wall=wall, scope=scope).numbers
        for row in self._reading.index_rows(wall=wall, scope=scope, after=after):
            if row.number not in numbers:
                yield row

    def vector_rows(self, *, wall: Wall, scope: Granted[Scope], encoder: EncoderId, after: int) -> Iterator[VectorRow]:
        """See `Reading.vector_rows`."""
        numbers = self.hidden(wall=wall, scope=scope).numbers
        for row in self._reading.vector_rows(wall=wall, scope=scope, encoder=encoder, after=after):
            if row.number not in numbers:
                yield row

    def field_values(
        self, field: Field, *, wall: Wall, scope: Granted[Scope], after: int
    ) -> Iterator[tuple[int, str | int | None]]:
        """See `Reading.field_values`."""
        numbers = self.hidden(wall=wall, scope=scope).numbers
        for number, value in self._reading.field_values(field, wall=wall, scope=scope, after=after):
            if number not in numbers:
                yield number, value

    def made_by(self, numbers: Sequence[int], *, wall: Wall, scope: Granted[Scope]) -> dict[int, Record]:
        """See `Reading.made_by`."""
        return self._shown_of(self._reading.made_by(numbers, wall=wall, scope=scope), scope)

    def texts_made_by(self, numbers: Sequence[int], *, wall: Wall, scope: Granted[Scope]) -> list[Waiting]:
        """See `Reading.texts_made_by`."""
        unseen = self.hidden(wall=wall, scope=scope).numbers
        seen = [number for number in numbers if number not in unseen]
        return self._reading.texts_made_by(seen, wall=wall, scope=scope)

    def segments(
        self, *, wall: Wall, scope: Granted[Scope], producer: str, part: str | None = None
    ) -> Iterator[Segment]:
        """See `Reading.segments`: what is kept is of all that a wall holds."""
        if self.hidden(wall=wall, scope=scope) is NOTHING:
            yield from self._reading.segments(wall=wall, scope=scope, producer=producer, part=part)

    def producers(self, *, wall: Wall, scope: Granted[Scope]) -> list[str]:
        """See `Reading.producers`."""
        found = self._reading.producers(wall=wall, scope=scope)
        return found if self.hidden(wall=wall, scope=scope) is NOTHING else []

    def lacks_segments(self, *, wall: Wall, scope: Granted[Scope]) -> bool:
        """See `Reading.lacks_segments`."""
        lacks = self._reading.lacks_segments(wall=wall, scope=scope)
        return lacks and self.hidden(wall=wall, scope=scope) is NOTHING

    def waiting(self, *, scope: Granted[Scope], limit: int) -> list[Waiting]:
        """See `Reading.waiting`."""
        unseen = {wall: self.hidden(wall=wall, scope=scope).numbers for wall in scope.value.visible_walls}
        found = self._reading.waiting(scope=scope, limit=limit + sum(map(len, unseen.values())))
        return [item for item in found if item.number not in unseen[item.wall]][:limit]

    def counts(self, *, scope: Granted[Scope] | Granted[Administration], without: Hidden = NOTHING) -> Counts:
        """See `Reading.counts`."""
        if scope.clearance is None or not isinstance(scope.value, Scope):
            return self._reading.counts(scope=scope, without=without)
        within = grant(scope.value, scope.clearance)
        return self._reading.counts(scope=within, without=self._unseen(within, without))

    def counts_then(self, clocks: Clocks, *, scope: Granted[Scope], without: Hidden = NOTHING) -> Counts:
        """See `Reading.counts_then`."""
        return self._reading.counts_then(clocks, scope=scope, without=self._unseen(scope, without))

    def _unseen(self, scope: Granted[Scope], beside: Hidden, walls: Sequence[Wall] | None = None) -> Hidden:
        """Give what of some walls, else of all it sees, is hidden from a scope, and what is beside."""
        if scope.clearance is None:
            return beside
        asked = scope.value.visible_walls if walls is None else walls
        unseen = (beside, *(self.hidden(wall=wall, scope=scope) for wall in asked))
        return Hidden(
            records={name: label for one in unseen for name, label in one.records.items()},
            revisions={name: label for one in unseen for name, label in one.revisions.items()},
        )

    def _looked_up(self, wall: Wall, labels: frozenset[str]) -> Hidden:
        """Give what of a wall is hidden, read anew where anything was done there since."""
        scope = grant(Scope.of(wall))
        end = self._reading.ends(scope=scope).get(wall)
        if end is None:
            return NOTHING
        as_of, known = (end.number, end.epoch), self._memo.get((wall, labels))
        if known is not None and known[0] == as_of:
            return known[1]
        found = hidden(self._reading.labelled(wall=wall, scope=scope), labels)
        if len(self._memo) >= MOST_REMEMBERED:
            self._memo.clear()
        self._memo[wall, labels] = (as_of, found)
        return found

    def _label_of(self, record: Record, scope: Granted[Scope]) -> str | None:
        return self.hidden(wall=record.scope.wall, scope=scope).label_of(record)

    def _masks(self, wall: Wall, scope: Granted[Scope]) -> bool:
        sees = _seen(wall, scope)
        return sees is not None and sees.masks

    def _masks_secrets(self, wall: Wall, scope: Granted[Scope]) -> bool:
        sees = _seen(wall, scope)
        return sees is not None and sees.masks_secrets

    def _shown(self, record: Record, scope: Granted[Scope]) -> Record | None:
        """Give a record as it is shown; None where it is not."""
        label = self._label_of(record, scope)
        if label is None:
            return without_secrets(record) if self._masks_secrets(record.scope.wall, scope) else record
        return redacted(record, label) if self._masks(record.scope.wall, scope) else None

    def _shown_in(self, records: list[Record], scope: Granted[Scope]) -> list[Record]:
        if scope.clearance is None:
            return records
        told = (self._shown(record, scope) for record in records)
        return [record for record in told if record is not None]

    def _shown_of(self, records: dict[Key, Record], scope: Granted[Scope]) -> dict[Key, Record]:
        if scope.clearance is None:
            return records
        told = {key: self._shown(record, scope) for key, record in records.items()}
        return {key: record for key, record in told.items() if record is not None}

    def _told(self, operations: list[Operation], scope: Granted[Scope]) -> list[Operation]:
        """Give the operations on one record where it is shown."""
        if not operations or self._masks(operations[0].wall, scope):
            return operations
        records = self.hidden(wall=operations[0].wall, scope=scope).records
        return [] if operations[0].record_id in records else operations


class ClearedWriting(ClearedReading):
    """The reads and changes of one write transaction, likewise.

    What is changed is never what a mark stands in.
    """

    def __init__(self, writing: Writing) -> None:
        """Stand before `writing`."""
        super().__init__(writing, {})

    def hidden(self, *, wall: Wall, scope: Granted[Scope]) -> Hidden:
        """Give what of a wall is hidden from a scope as it is by now: what was done here counts."""
        self._hidden.clear()
        return super().hidden(wall=wall, scope=scope)

    def _masks(self, wall: Wall, scope: Granted[Scope]) -> bool:
        del wall, scope
        return False

    def _masks_secrets(self, wall: Wall, scope: Granted[Scope]) -> bool:
        del wall, scope
        return False


def cleared(store: Store) -> Store:
    """Give a store through which everybody reads what their clearance lets them see."""
    return store if isinstance(store, ClearedStore) else cast("Store", ClearedStore(store))


def hidden_from(reading: Reading, *, wall: Wall, scope: Granted[Scope]) -> Hidden:
    """Give what of a wall is hidden from a scope in a transaction; nothing where nobody stands before the store."""
    return reading.hidden(wall=wall, scope=scope) if isinstance(reading, ClearedReading) else NOTHING


def masking(scope: Granted[Scope]) -> Granted[Scope]:
    """Give a scope that shows what is hidden from it without its words, so that it is known where that stands."""
    if scope.clearance is None:
        return scope
    walls = tuple((wall, replace(seen, masks=True)) for wall, seen in scope.clearance.walls)
    return grant(scope.value, Clearance(walls))


def masks_secrets(scope: Granted[Scope]) -> bool:
    """Say whether secrets are masked before whom a scope reads for, in any of the walls that it sees."""
    return scope.clearance is not None and any(sees.masks_secrets for _, sees in scope.clearance.walls)


def check_narrowing(filters: Filter | None, *, scope: Granted[Scope]) -> None:
    """Refuse filters by order or by parts of a text before a scope from which secrets are masked: they would tell one.

    Raises:
        InvalidArgument: such a condition on texts, speakers, external ids or metadata.
    """
    if filters is None or not masks_secrets(scope):
        return
    for one in conditions(filters):
        can_tell = isinstance(one.subject, tuple) or one.subject in _TELLING
        if can_tell and (isinstance(one, Contains) or (isinstance(one, Bound) and isinstance(one.value, str))):
            name = ".".join(one.subject) if isinstance(one.subject, tuple) else str(one.subject)
            raise InvalidArgument(
                f"filters.{name}",
                "asks by order or by a part, and secrets are masked before the principal of the call",
                "ask by eq or in, or list with get_all(), whose filters see what is shown",
            )


def names_shown(names: Sequence[str], *, scope: Granted[Scope]) -> tuple[str, ...]:
    """Give names that an index holds as a scope sees them, each once."""
    if not masks_secrets(scope):
        return tuple(names)
    return tuple(dict.fromkeys(name for name in map(without_secret, names) if name is not None))


def is_shown(reading: Reading, record: Record, *, scope: Granted[Scope]) -> bool:
    """Say whether a revision is shown to a scope, with its words or without."""
    sees = _seen(record.scope.wall, scope)
    hidden_here = hidden_from(reading, wall=record.scope.wall, scope=scope)
    return sees is None or sees.masks or hidden_here.label_of(record) is None


def _seen(wall: Wall, scope: Granted[Scope] | Granted[Administration]) -> Sees | None:
    """Give what a scope sees of a wall; None = everything."""
    return None if scope.clearance is None else scope.clearance.of(wall)
