"""One consistent look at the reference store: what the reads of `core.protocols.Reading` mean."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from lamina.core.clearance import NOTHING, Hidden
from lamina.core.errors import InvalidArgument
from lamina.core.filters import Field
from lamina.core.grant import Granted
from lamina.core.imports import Import
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Action, LogQuery, Operation
from lamina.core.protocols import EncoderId
from lamina.core.records import Record, prefix_of
from lamina.core.rows import (
    FIELDS_APART,
    Counts,
    IndexRow,
    Listing,
    Page,
    Place,
    Segment,
    TokenRow,
    VectorRow,
    Waiting,
    WallEnd,
)
from lamina.core.scope import Administration, Scope, Wall, sees
from lamina.core.streams import OPENING, EventHead, EventSize, Spot, StreamRow
from lamina.core.time import offset_s, to_us
from lamina.store.reference.directives import ReferenceDirectiveReading
from lamina.store.reference.everything import Everything, Kept, key_of, model_of
from lamina.store.reference.whole import ReferenceWholeReading, check_administration


class ReferenceReading(ReferenceWholeReading, ReferenceDirectiveReading):
    """Reads of one moment; see `core.protocols.Reading` for what each gives."""

    def __init__(self, all_: Everything) -> None:
        """Read what `all_` holds."""
        self._all = all_

    def get(self, record_ids: Sequence[str], *, scope: Granted[Scope]) -> dict[str, Record]:
        """See `Reading.get`."""
        found = {record_id: self._seen(record_id, scope.value) for record_id in record_ids}
        return {record_id: kept.current for record_id, kept in found.items() if kept is not None}

    def by_external_id(self, external_ids: Sequence[str], *, wall: Granted[Scope]) -> dict[str, Record]:
        """See `Reading.by_external_id`."""
        there = {kept.first.external_id: kept for kept in self._of_walls((wall.value.wall,))}
        return {external_id: there[external_id].current for external_id in external_ids if external_id in there}

    def revisions(self, record_id: str, *, scope: Granted[Scope]) -> list[Record]:
        """See `Reading.revisions`."""
        kept = self._seen(record_id, scope.value)
        return [] if kept is None else [kept.shown(record) for record in kept.revisions]

    def operations(self, record_id: str, *, scope: Granted[Scope]) -> list[Operation]:
        """See `Reading.operations`."""
        kept = self._seen(record_id, scope.value)
        log = [] if kept is None else self._all.logs[kept.wall]
        return [operation for operation in log if operation.record_id == record_id]

    def logged(self, asked: LogQuery, *, scope: Granted[Scope]) -> list[Operation]:
        """See `Reading.logged`."""
        log = self._all.logs.get(scope.value.wall, [])
        seen = [one for one in log if self._seen(one.record_id, scope.value) is not None and _is_asked(one, asked)]
        return seen if asked.limit is None else seen[max(0, len(seen) - asked.limit) :]

    def children(self, record_id: str, *, scope: Granted[Scope]) -> list[Record]:
        """See `Reading.children`."""
        if self._seen(record_id, scope.value) is None:
            return []
        return [kept.current for kept in self._in_sight(scope.value) if _comes_from(kept, record_id)]

    def page(self, listing: Listing, *, scope: Granted[Scope]) -> Page:
        """See `Reading.page`."""
        records = [kept.current for kept in self._in_sight(scope.value) if _is_listed(kept.current, listing)]
        entries = [(record, _cursor(record, scope.value)) for record in records]
        if listing.after is not None:
            begin = _place_of(listing.after)
            entries = [entry for entry in entries if _place_of(entry[1]) > begin]
        entries = entries[: listing.limit]
        return Page(records=tuple(entry[0] for entry in entries), cursors=tuple(entry[1] for entry in entries))

    def places(self, *, scope: Granted[Scope], session: str | None = None) -> list[Place]:
        """See `Reading.places`."""
        places = []
        for kept in self._in_sight(scope.value):
            record = kept.active
            if record is not None and record.kind is Kind.OBSERVATION and session in (None, record.session):
                is_shared = kept.wall.user is None
                where = (record.session, kept.event_id, record.at, kept.spot.place, record.arrived)
                places.append(Place(record.id, is_shared, *where))
        return sorted(places, key=lambda place: (place.is_shared, place.place, place.arrived))

    def stream(
        self, *, scope: Granted[Scope], session: str | None, encoder: EncoderId, since: Spot | None = None, limit: int
    ) -> list[StreamRow]:
        """See `Reading.stream`."""
        rows = self._stream(scope.value, session, encoder)
        return [row for row in rows if since is None or row.spot >= since][:limit]

    def stream_before(
        self, spot: Spot | None, *, scope: Granted[Scope], session: str | None, encoder: EncoderId, limit: int
    ) -> list[StreamRow]:
        """See `Reading.stream_before`."""
        rows = [row for row in self._stream(scope.value, session, encoder) if spot is None or row.spot < spot]
        return rows[max(0, len(rows) - limit) :]

    def streams(self, *, wall: Granted[Scope]) -> list[tuple[Scope, str | None]]:
        """See `Reading.streams`."""
        firsts = [kept.first for kept in self._of_walls((wall.value.wall,)) if kept.first.kind is Kind.OBSERVATION]
        return list(dict.fromkeys((first.scope, first.session) for first in firsts))

    def event_head(self, event_id: str, *, before: Spot, scope: Granted[Scope]) -> EventHead:
        """See `Reading.event_head`."""
        firsts = [kept.first for kept in self._members(event_id, scope.value) if kept.spot < before]
        first = min(firsts, key=lambda record: record.arrived, default=None)
        return EventHead(len(firsts), None if first is None else first.id, 0 if first is None else first.arrived)

    def event_sizes(self, event_ids: Sequence[str], *, scope: Granted[Scope]) -> dict[str, EventSize]:
        """See `Reading.event_sizes`."""
        found = {}
        for event_id in event_ids:
            event = self._all.kept.get(event_id)
            if event is not None and event.first.kind is Kind.EVENT and event.wall == scope.value.wall:
                members = self._members(event_id, scope.value)
                found[event_id] = EventSize(len(members), any(kept.active is not None for kept in members))
        return found

    def event_size(self, event_id: str, *, scope: Granted[Scope]) -> int:
        """See `Reading.event_size`."""
        return len(self._members(event_id, scope.value))

    def ends(self, *, scope: Granted[Scope]) -> dict[Wall, WallEnd]:
        """See `Reading.ends`."""
        return {
            wall: WallEnd(
                number=len(self._all.logs[wall]),
                vector_number=self._all.vector_numbers.get(wall, 0),
                waiting=sum(map(self._all.awaits_vector, self._revisions_of(wall))),
                epoch=self._all.epochs.get(wall, 0),
                rules=self._all.rules.get(wall, ""),
            )
            for wall in scope.value.visible_walls
            if wall in self._all.logs
        }

    def index_rows(self, *, wall: Wall, scope: Granted[Scope], after: int) -> Iterator[IndexRow]:
        """See `Reading.index_rows`."""
        check_visible(wall, scope.value)
        touched = {operation.record_id for operation in self._all.logs.get(wall, [])[after:]}
        touched |= {kept.first.id for kept in self._of_walls((wall,)) if kept.event_id in touched}
        rows = [
            self._index_row(kept, record)
            for kept in map(self._all.kept.__getitem__, touched)
            for record in kept.revisions
            if record.kind is Kind.OBSERVATION and record.state is not State.ERASED
        ]
        yield from sorted(rows, key=lambda row: row.number)

    def vector_rows(self, *, wall: Wall, scope: Granted[Scope], encoder: EncoderId, after: int) -> Iterator[VectorRow]:
        """See `Reading.vector_rows`."""
        check_visible(wall, scope.value)
        if self._all.encoder is None or model_of(encoder) != model_of(self._all.encoder):
            return
        for number, vector in self._all.vectors.items():
            if number > after and self._all.kept[vector.record_id].wall == wall:
                made_by = self._all.kept[vector.record_id].revisions[vector.revision - 1].number
                yield VectorRow(number, made_by, vector.start, vector.end, vector.values)

    def token_rows(
        self, numbers: Sequence[int], *, wall: Wall, scope: Granted[Scope], encoder: EncoderId
    ) -> list[TokenRow]:
        """See `Reading.token_rows`."""
        every = self.vector_rows(wall=wall, scope=scope, encoder=self._all.encoder or encoder, after=0)
        found = []
        for row in every:
            whose = self._all.token_encoders.get(row.vector_number)
            tokens = self._all.vectors[row.vector_number].tokens
            if row.number in numbers and tokens is not None and whose and model_of(whose) == model_of(encoder):
                found.append(TokenRow(row.number, row.start, tokens))
        return found

    def untold(self, encoder: EncoderId, *, wall: Wall, scope: Granted[Scope], most_bytes: int) -> list[int]:
        """See `Reading.untold`."""
        check_visible(wall, scope.value)
        active = [record.number for record in self._revisions_of(wall) if record.state is State.ACTIVE]
        spans = self.vector_rows(wall=wall, scope=scope, encoder=self._all.encoder or encoder, after=0)
        vectors = Counter(span.number for span in spans)
        told = self.token_rows(active, wall=wall, scope=scope, encoder=encoder)
        held, sizes = Counter(row.number for row in told), Counter[int]()
        for row in told:
            sizes[row.number] += len(row.data)
        return [number for number in sorted(active) if vectors[number] > held[number] or sizes[number] > most_bytes]

    def field_values(
        self, field: Field, *, wall: Wall, scope: Granted[Scope], after: int
    ) -> Iterator[tuple[int, str | int | None]]:
        """See `Reading.field_values`."""
        check_visible(wall, scope.value)
        if field not in FIELDS_APART:
            raise InvalidArgument("field", f"is {field}", "take it from the index rows, which carry it")
        for record in sorted(self._revisions_of(wall), key=lambda record: record.number):
            is_there = record.kind is Kind.OBSERVATION and record.state is not State.ERASED
            if is_there and record.number > after:
                value = getattr(record, field)
                yield record.number, to_us(value) if isinstance(value, datetime) else value

    def made_by(self, numbers: Sequence[int], *, wall: Wall, scope: Granted[Scope]) -> dict[int, Record]:
        """See `Reading.made_by`."""
        check_visible(wall, scope.value)
        return {
            record.number: kept.shown(record)
            for kept in self._in_sight(scope.value)
            if kept.wall == wall
            for record in kept.revisions
            if record.number in numbers
        }

    def texts_made_by(self, numbers: Sequence[int], *, wall: Wall, scope: Granted[Scope]) -> list[Waiting]:
        """See `Reading.texts_made_by`."""
        made = self.made_by(numbers, wall=wall, scope=scope)
        found = (made[number] for number in numbers if number in made)
        return [waiting_of(record) for record in found if record.state is not State.ERASED]

    def segments(
        self, *, wall: Wall, scope: Granted[Scope], producer: str, part: str | None = None
    ) -> Iterator[Segment]:
        """See `Reading.segments`."""
        check_visible(wall, scope.value)
        parts = self._all.segments.get(wall, {})
        for key in sorted(parts):
            if key[0] == producer and part in (None, key[1]):
                yield parts[key]

    def producers(self, *, wall: Wall, scope: Granted[Scope]) -> list[str]:
        """See `Reading.producers`."""
        check_visible(wall, scope.value)
        return sorted({producer for producer, _, _ in self._all.segments.get(wall, {})})

    def lacks_segments(self, *, wall: Wall, scope: Granted[Scope]) -> bool:
        """See `Reading.lacks_segments`: nothing goes missing here."""
        check_visible(wall, scope.value)
        return False

    def imports(
        self, *, scope: Granted[Scope], session: str | None, name: str | None, openings: Sequence[bytes]
    ) -> list[Import]:
        """See `Reading.imports`."""
        return [
            source
            for into, source in reversed(self._all.imports.values())
            if into == scope.value
            # Of which something was erased, that may have had any session.
            and (source.session == session or (source.session is None and any(p.digest is None for p in source.pieces)))
            and ((name is not None and source.name == name) or any(p.digest in openings for p in source.pieces[:1]))
        ]

    def imported(self, numbers: Sequence[int], *, scope: Granted[Scope]) -> dict[int, int]:
        """See `Reading.imported`."""
        return {
            number: source.id
            for into, source in self._all.imports.values()
            if into.wall == scope.value.wall
            for piece in source.pieces
            for number in numbers
            if piece.first <= number <= piece.last
        }

    def waiting(self, *, scope: Granted[Scope], limit: int) -> list[Waiting]:
        """See `Reading.waiting`."""
        found = [
            record
            for wall in scope.value.visible_walls
            for record in sorted(self._revisions_of(wall), key=lambda record: record.number)
            if self._all.awaits_vector(record)
        ]
        return [waiting_of(record) for record in found[:limit]]

    def counts(self, *, scope: Granted[Scope] | Granted[Administration], without: Hidden = NOTHING) -> Counts:
        """See `Reading.counts`."""
        within = scope.value
        every = list(self._all.kept.values()) if isinstance(within, Administration) else self._in_sight(within)
        kept = [one for one in every if one.first.id not in without.records]
        told = [record for one in kept for record in one.revisions]
        revisions = [record for record in told if (record.id, record.revision) not in without.revisions]
        keys = {(record.id, record.revision) for record in revisions}
        operations = [one for log in self._all.logs.values() for one in log if (one.record_id, one.revision) in keys]
        records: dict[str, dict[str, int]] = {}
        for (kind, state), count in Counter((str(one.first.kind), str(one.current.state)) for one in kept).items():
            records.setdefault(kind, {})[state] = count
        return Counts(
            records=records,
            revisions=len(revisions),
            sessions=len({(one.wall, one.first.session) for one in kept if one.first.session is not None}),
            operations=len(operations),
            commits=len({operation.commit for operation in operations}),
            vectors=sum(key_of(vector) in keys for vector in self._all.vectors.values()),
            waiting=sum(self._all.awaits_vector(record) for record in revisions),
            text_bytes=sum(len(record.text.encode()) for record in revisions),
        )

    def scopes(self, *, scope: Granted[Administration]) -> list[Scope]:
        """See `Reading.scopes`."""
        check_administration(scope)
        return sorted({kept.first.scope for kept in self._all.kept.values()}, key=_scope_order)

    def encoder(self) -> EncoderId | None:
        """See `Reading.encoder`."""
        return self._all.encoder

    def walls(self, *, scope: Granted[Administration]) -> list[Wall]:
        """See `Reading.walls`."""
        check_administration(scope)
        return sorted(self._all.logs, key=lambda wall: (wall.tenant, wall.user or ""))

    def erasures(self, *, scope: Granted[Administration]) -> list[int]:
        """See `Reading.erasures`."""
        check_administration(scope)
        return list(self._all.erasures)

    def _members(self, event_id: str, scope: Scope) -> list[Kept]:
        return [kept for kept in self._of_walls((scope.wall,)) if kept.event_id == event_id]

    def _stream(self, scope: Scope, session: str | None, encoder: EncoderId) -> list[StreamRow]:
        here = (scope, session, Kind.OBSERVATION)
        members = [
            kept
            for kept in self._of_walls((scope.wall,))
            if (kept.first.scope, kept.first.session, kept.first.kind) == here
            and (kept.event_id is not None or kept.current.state is not State.ERASED)
        ]
        return [self._stream_row(kept, encoder) for kept in sorted(members, key=lambda kept: kept.spot)]

    def _stream_row(self, kept: Kept, encoder: EncoderId) -> StreamRow:
        current = kept.current
        is_known = self._all.encoder is not None and model_of(encoder) == model_of(self._all.encoder)
        spans = [
            vector
            for vector in self._all.vectors.values()
            if is_known and key_of(vector) == (current.id, current.revision)
        ]
        return StreamRow(
            record_id=current.id,
            spot=kept.spot,
            event_id=kept.event_id,
            at_us=None if current.at is None else to_us(current.at),
            length=len(current.text),
            opening=current.text[:OPENING],
            is_active=current.state is State.ACTIVE,
            waits=self._all.awaits_vector(current),
            vectors=tuple(vector.values for vector in sorted(spans, key=lambda vector: vector.start)),
        )

    def _revisions_of(self, wall: Wall) -> list[Record]:
        return [record for kept in self._of_walls((wall,)) for record in kept.revisions]

    def _in_sight(self, scope: Scope) -> list[Kept]:
        return [kept for kept in self._of_walls(scope.visible_walls) if sees(scope, kept.first.scope)]

    def _seen(self, record_id: str, scope: Scope) -> Kept | None:
        kept = self._all.kept.get(record_id)
        return kept if kept is not None and sees(scope, kept.first.scope) else None

    def _index_row(self, kept: Kept, record: Record) -> IndexRow:
        return IndexRow(
            record_id=record.id,
            revision=record.revision,
            number=record.number,
            state=record.state,
            ended=None if record.state is State.ACTIVE else self._ended(kept, record),
            arrived=record.arrived,
            session=0 if record.session is None else self._all.sessions[kept.wall, record.session],
            session_name=record.session,
            order=kept.spot.place,
            event=0 if kept.event_id is None else self._all.kept[kept.event_id].first.arrived,
            at_us=None if record.at is None else to_us(record.at),
            at_offset_s=0 if record.at is None else offset_s(record.at),
            kind=str(record.kind),
            layer=str(record.layer),
            modality=str(record.modality),
            speaker=record.speaker,
            role=record.role,
            agent=record.scope.agent,
            run=record.scope.run,
            metadata=json.dumps(record.metadata, ensure_ascii=False, allow_nan=False) if record.metadata else None,
            text=record.text,
        )

    def _ended(self, kept: Kept, record: Record) -> int:
        ended = record.number
        is_active = False
        for operation in self._all.logs[kept.wall]:
            if operation.record_id == record.id:
                was_active, is_own = is_active, operation.revision == record.revision
                if is_own:
                    is_active = operation.to_state is State.ACTIVE
                elif operation.to_state is State.ACTIVE or operation.action is Action.UPDATE:
                    is_active = False
                ended = operation.number if was_active and not is_active else ended
        return ended


def _is_asked(operation: Operation, asked: LogQuery) -> bool:
    wanted = (
        (asked.numbers, operation.number),
        (asked.commits, operation.commit),
        (None if asked.record_id is None else (asked.record_id,), operation.record_id),
        (asked.actions, operation.action),
        (asked.actors, operation.actor),
    )
    at = operation.recorded_at
    return (
        all(among is None or found in among for among, found in wanted)
        and (asked.since is None or at >= asked.since)
        and (asked.until is None or at <= asked.until)
    )


def _comes_from(kept: Kept, record_id: str) -> bool:
    return any(source.record_id == record_id for record in kept.revisions for source in record.provenance.sources)


def _is_listed(record: Record, listing: Listing) -> bool:
    return record.kind in listing.kinds and record.state in listing.states and listing.session in (None, record.session)


def _cursor(record: Record, scope: Scope) -> str:
    return f"{'own' if record.scope.wall == scope.wall else 'shared'}:{record.arrived}"


def _place_of(cursor: str) -> tuple[str, int]:
    name, _, number = cursor.partition(":")
    if name not in ("own", "shared") or not (number.isascii() and number.isdigit()):
        raise InvalidArgument("after", f"is {cursor!r}", "hand in the `cursor` of an earlier listing")
    return (name, int(number))


def _scope_order(scope: Scope) -> tuple[str, str, str, str]:
    return (scope.tenant, scope.user or "", scope.agent or "", scope.run or "")


def waiting_of(record: Record) -> Waiting:
    """Give the text of a revision as one that waits for a vector."""
    return Waiting(
        record_id=record.id,
        revision=record.revision,
        wall=record.scope.wall,
        number=record.number,
        prefix=prefix_of(record.speaker, record.modality, record.session),
        text=record.text,
    )


def check_visible(wall: Wall, scope: Scope) -> None:
    """Refuse a wall that a scope does not see.

    Raises:
        InvalidArgument: it is none of the scope's visible walls.
    """
    if wall not in scope.visible_walls:
        raise InvalidArgument("wall", f"{wall} is not visible from {scope}", "ask for one of the scope's visible walls")
