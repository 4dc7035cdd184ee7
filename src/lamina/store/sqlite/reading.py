"""One consistent look at a file: the reads of `core.protocols.Reading`, inside one transaction."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import apsw

from lamina.core.chain import tombstone_mac
from lamina.core.clearance import NOTHING, Hidden
from lamina.core.errors import DamagedFile, StoreUnavailable
from lamina.core.filters import Field
from lamina.core.grant import Granted
from lamina.core.imports import Import
from lamina.core.lifecycle import State
from lamina.core.operations import LogQuery, Operation
from lamina.core.protocols import EncoderId
from lamina.core.records import Record
from lamina.core.rows import (
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
from lamina.core.scope import Administration, Scope, Wall
from lamina.core.streams import BEHIND_ALL, EventHead, EventSize, Spot, StreamRow
from lamina.core.time import to_us
from lamina.store.queries import load_statements
from lamina.store.sqlite.asked import (
    OWN,
    SHARED,
    check_administration,
    check_apart,
    check_visible,
    cursor_from,
    is_encodable,
    listed,
    numbers_listed,
    plain,
    revisions_listed,
)
from lamina.store.sqlite.checksum import row_checksum
from lamina.store.sqlite.directives import SqliteDirectiveReading
from lamina.store.sqlite.pool import Connection
from lamina.store.sqlite.rows import (
    SALT,
    import_from,
    index_row_from,
    operation_from,
    place_from,
    record_from,
    segment_from,
    stream_row_from,
    waiting_from,
    whole,
)

SQL = load_statements("lamina.store.sqlite", "queries.sql")
_ENDED = "this transaction has ended; open another one"
#: Before and after every spot that there can be.
_BEFORE_ALL = Spot(-(1 << 63), 0)


class SqliteReading(SqliteDirectiveReading):
    """Reads of one transaction; see `core.protocols.Reading` for what each gives."""

    def __init__(self, connection: Connection) -> None:
        """Read through `connection`, in whose transaction this lives."""
        self._connection = connection
        self._walks: list[apsw.Cursor] = []
        self._has_ended = False
        #: The walls that were looked up: in a read transaction they stay as they are.
        self._walls_seen: dict[Wall, Any] = {}

    def end(self) -> None:
        """Stop every walk that is still under way, and answer no further call.

        A statement that is not read to its end would keep the transaction's state open on a connection that goes
        to somebody else.
        """
        self._has_ended = True
        for cursor in self._walks:
            cursor.close(force=True)
        self._walks.clear()

    def get(self, record_ids: Sequence[str], *, scope: Granted[Scope]) -> dict[str, Record]:
        """See `Reading.get`."""
        ids = [record_id for record_id in record_ids if isinstance(record_id, str) and is_encodable(record_id)]
        found = self._records("records", scope.value, ids=listed(ids))
        by_id = {record.id: record for record in found}
        return {record_id: by_id[record_id] for record_id in ids if record_id in by_id}

    def by_external_id(self, external_ids: Sequence[str], *, wall: Granted[Scope]) -> dict[str, Record]:
        """See `Reading.by_external_id`."""
        if not external_ids:
            return {}
        own = self._wall_id(wall.value.wall)
        rows = self._run("records_by_external_id", own=own, external_ids=listed(external_ids))
        return {record.external_id: record for record in map(record_from, rows) if record.external_id is not None}

    def revisions(self, record_id: str, *, scope: Granted[Scope]) -> list[Record]:
        """See `Reading.revisions`."""
        return self._records("revisions", scope.value, id=plain(record_id))

    def operations(self, record_id: str, *, scope: Granted[Scope]) -> list[Operation]:
        """See `Reading.operations`."""
        rows = self._run("operations", **self._sight(scope.value), id=plain(record_id))
        return [operation_from(row) for row in rows]

    def logged(self, asked: LogQuery, *, scope: Granted[Scope]) -> list[Operation]:
        """See `Reading.logged`."""
        rows = self._run(
            "logged",
            wall_id=self._wall_id(scope.value.wall),
            agent=scope.value.agent,
            run=scope.value.run,
            numbers=None if asked.numbers is None else numbers_listed(asked.numbers),
            commits=None if asked.commits is None else numbers_listed(asked.commits),
            record_id=asked.record_id,
            actions=None if asked.actions is None else listed(asked.actions),
            actors=None if asked.actors is None else listed(asked.actors),
            since=None if asked.since is None else to_us(asked.since),
            until=None if asked.until is None else to_us(asked.until),
            limit=-1 if asked.limit is None else asked.limit,
        )
        return [operation_from(row) for row in rows][::-1]

    def children(self, record_id: str, *, scope: Granted[Scope]) -> list[Record]:
        """See `Reading.children`."""
        return self._records("children", scope.value, id=plain(record_id))

    def page(self, listing: Listing, *, scope: Granted[Scope]) -> Page:
        """See `Reading.page`."""
        sight = self._sight(scope.value)
        begin, after = cursor_from(listing.after)
        records: list[Record] = []
        cursors: list[str] = []
        for name, wall_id in ((OWN, sight["own"]), (SHARED, sight["shared"]))[begin:]:
            rows = self._run(
                "page" if listing.session is None else "page_of_session",
                wall_id=wall_id,
                session=listing.session,
                after=after,
                kinds=listed(listing.kinds),
                states=listed(listing.states),
                agent=sight["agent"],
                run=sight["run"],
                limit=listing.limit - len(records),
            )
            found = [record_from(row) for row in rows]
            records += found
            cursors += [f"{name}:{record.arrived}" for record in found]
            after = 0
        return Page(records=tuple(records), cursors=tuple(cursors))

    def places(self, *, scope: Granted[Scope], session: str | None = None) -> list[Place]:
        """See `Reading.places`."""
        sight = self._sight(scope.value)
        statement = "places" if session is None else "places_of_session"
        return [
            place_from(row, is_shared=is_shared)
            for wall_id, is_shared in ((sight["own"], scope.value.user is None), (sight["shared"], True))
            for row in self._run(statement, wall_id=wall_id, session=session, agent=sight["agent"], run=sight["run"])
        ]

    def stream(
        self, *, scope: Granted[Scope], session: str | None, encoder: EncoderId, since: Spot | None = None, limit: int
    ) -> list[StreamRow]:
        """See `Reading.stream`."""
        return self._stream_rows("stream", since or _BEFORE_ALL, scope.value, session, encoder, limit)

    def stream_before(
        self, spot: Spot | None, *, scope: Granted[Scope], session: str | None, encoder: EncoderId, limit: int
    ) -> list[StreamRow]:
        """See `Reading.stream_before`."""
        return self._stream_rows("stream_before", spot or BEHIND_ALL, scope.value, session, encoder, limit)[::-1]

    def streams(self, *, wall: Granted[Scope]) -> list[tuple[Scope, str | None]]:
        """See `Reading.streams`."""
        rows = self._run("streams", wall_id=self._wall_id(wall.value.wall))
        return [(Scope.of(wall.value.wall, agent=agent, run=run), session) for agent, run, session in rows]

    def event_head(self, event_id: str, *, before: Spot, scope: Granted[Scope]) -> EventHead:
        """See `Reading.event_head`."""
        own = self._wall_id(scope.value.wall)
        size, first_id, first_arrived = self._run("event_head", id=event_id, own=own, **before._asdict()).fetchone()
        return EventHead(size, first_id, first_arrived or 0)

    def event_sizes(self, event_ids: Sequence[str], *, scope: Granted[Scope]) -> dict[str, EventSize]:
        """See `Reading.event_sizes`."""
        rows = self._run("event_sizes", ids=listed(event_ids), own=self._wall_id(scope.value.wall))
        return {event_id: EventSize(size, bool(is_active)) for event_id, size, is_active in rows}

    def event_size(self, event_id: str, *, scope: Granted[Scope]) -> int:
        """See `Reading.event_size`."""
        row = self._run("event_size", id=event_id, own=self._wall_id(scope.value.wall)).fetchone()
        return int(row[0])

    def ends(self, *, scope: Granted[Scope]) -> dict[Wall, WallEnd]:
        """See `Reading.ends`."""
        found = {}
        for user, *row in self._run("ends", tenant=scope.value.tenant, user=scope.value.user):
            wall = Wall(scope.value.tenant, user)
            self._walls_seen[wall] = row[:4]
            found[wall] = WallEnd(*whole((row[1], *row[4:]), f"the log's end of {wall.tenant}/{user or '(shared)'}"))
        return found

    def index_rows(self, *, wall: Wall, scope: Granted[Scope], after: int) -> Iterator[IndexRow]:
        """See `Reading.index_rows`."""
        check_visible(wall, scope.value)
        yield from map(index_row_from, self._walk("index_rows", wall_id=self._wall_id(wall), after=after))

    def vector_rows(self, *, wall: Wall, scope: Granted[Scope], encoder: EncoderId, after: int) -> Iterator[VectorRow]:
        """See `Reading.vector_rows`."""
        check_visible(wall, scope.value)
        row = self._run("encoder_id", model=encoder.model, width=encoder.width).fetchone()
        wall_id = self._wall_id(wall)
        if row is None or wall_id is None:
            return
        encoder_id = row[0]
        for *vector, content_id, checksum in self._walk(
            "vector_rows", wall_id=wall_id, encoder_id=encoder_id, after=after
        ):
            place, number, start, end, values = vector
            if row_checksum(values, place, wall_id, content_id, encoder_id, start, end) != checksum:
                raise _changed(f"vector {place}", number)
            yield VectorRow(place, number, start, end, values)

    def token_rows(
        self, numbers: Sequence[int], *, wall: Wall, scope: Granted[Scope], encoder: EncoderId
    ) -> list[TokenRow]:
        """See `Reading.token_rows`."""
        check_visible(wall, scope.value)
        known = self._run("encoder_id", model=encoder.model, width=encoder.width).fetchone()
        wall_id = self._wall_id(wall)
        if known is None or wall_id is None:
            return []
        encoder_id, found = known[0], []
        rows = self._run("token_rows", wall_id=wall_id, encoder_id=encoder_id, numbers=numbers_listed(numbers))
        for number, start, data, checksum in rows:
            if row_checksum(data, wall_id, number, encoder_id, start) != checksum:
                raise _changed("token vectors", number)
            found.append(TokenRow(number, start, data))
        return found

    def untold(self, encoder: EncoderId, *, wall: Wall, scope: Granted[Scope], most_bytes: int) -> list[int]:
        """See `Reading.untold`."""
        check_visible(wall, scope.value)
        known = self._run("encoder_id", model=encoder.model, width=encoder.width).fetchone()
        asked = {"encoder_id": None if known is None else known[0], "most_bytes": most_bytes}
        return [number for (number,) in self._run("untold", wall_id=self._wall_id(wall), **asked)]

    def field_values(
        self, field: Field, *, wall: Wall, scope: Granted[Scope], after: int
    ) -> Iterator[tuple[int, str | int | None]]:
        """See `Reading.field_values`."""
        check_visible(wall, scope.value)
        check_apart(field)
        yield from map(
            _field_value, self._walk("field_values", wall_id=self._wall_id(wall), field=str(field), after=after)
        )

    def made_by(self, numbers: Sequence[int], *, wall: Wall, scope: Granted[Scope]) -> dict[int, Record]:
        """See `Reading.made_by`."""
        check_visible(wall, scope.value)
        rows = self._run(
            "made_by",
            wall_id=self._wall_id(wall),
            numbers=numbers_listed(numbers),
            agent=scope.value.agent,
            run=scope.value.run,
        )
        return {record.number: record for record in map(record_from, rows)}

    def texts_made_by(self, numbers: Sequence[int], *, wall: Wall, scope: Granted[Scope]) -> list[Waiting]:
        """See `Reading.texts_made_by`."""
        check_visible(wall, scope.value)
        asked = {"numbers": numbers_listed(numbers), "agent": scope.value.agent, "run": scope.value.run}
        return [waiting_from(row, wall) for row in self._run("texts_made_by", wall_id=self._wall_id(wall), **asked)]

    def segments(
        self, *, wall: Wall, scope: Granted[Scope], producer: str, part: str | None = None
    ) -> Iterator[Segment]:
        """See `Reading.segments`."""
        check_visible(wall, scope.value)
        wall_id = self._wall_id(wall)
        yield from map(segment_from, self._walk("segments", wall_id=wall_id, producer=producer, part=part))

    def producers(self, *, wall: Wall, scope: Granted[Scope]) -> list[str]:
        """See `Reading.producers`."""
        check_visible(wall, scope.value)
        return [str(producer) for (producer,) in self._run("producers", wall_id=self._wall_id(wall))]

    def lacks_segments(self, *, wall: Wall, scope: Granted[Scope]) -> bool:
        """See `Reading.lacks_segments`."""
        check_visible(wall, scope.value)
        row = self._run("lacks_segments", wall_id=self._wall_id(wall)).fetchone()
        return bool(row and row[0])

    def imports(
        self, *, scope: Granted[Scope], session: str | None, name: str | None, openings: Sequence[bytes]
    ) -> list[Import]:
        """See `Reading.imports`."""
        rows = self._run(
            "imports",
            own=self._wall_id(scope.value.wall),
            agent=scope.value.agent,
            run=scope.value.run,
            session=session,
            name=name,
            openings=json.dumps([digest.hex() for digest in openings]),
        )
        return [import_from(list(pieces)) for _, pieces in groupby(rows, key=itemgetter(0))]

    def imported(self, numbers: Sequence[int], *, scope: Granted[Scope]) -> dict[int, int]:
        """See `Reading.imported`."""
        return dict(self._run("imported", own=self._wall_id(scope.value.wall), numbers=numbers_listed(numbers)))

    def waiting(self, *, scope: Granted[Scope], limit: int) -> list[Waiting]:
        """See `Reading.waiting`."""
        found: list[Waiting] = []
        for wall in scope.value.visible_walls:
            rows = self._run("waiting", wall_id=self._wall_id(wall), limit=limit - len(found))
            found += [waiting_from(row, wall) for row in rows]
        return found

    def counts(self, *, scope: Granted[Scope] | Granted[Administration], without: Hidden = NOTHING) -> Counts:
        """See `Reading.counts`."""
        if isinstance(scope.value, Scope):
            sight = {"all": 0, **self._sight(scope.value)}
        else:
            sight = {"all": 1, "own": None, "shared": None, "agent": None, "run": None}
        sight |= {"records": listed(tuple(without.records)), "revisions": revisions_listed(without.revisions)}
        records: dict[str, dict[str, int]] = {}
        for kind, state, count in self._run("count_records", **sight):
            records.setdefault(kind, {})[state] = count
        revisions, sessions, text_bytes, waiting, vectors = self._run("count_revisions", **sight).fetchall()[0]
        operations, commits = self._run("count_operations", **sight).fetchall()[0]
        return Counts(
            records=records,
            revisions=revisions,
            sessions=sessions,
            operations=operations,
            commits=commits,
            vectors=vectors,
            waiting=waiting,
            text_bytes=text_bytes,
        )

    def scopes(self, *, scope: Granted[Administration]) -> list[Scope]:
        """See `Reading.scopes`."""
        check_administration(scope)
        rows = sorted(self._run("scopes"), key=lambda row: [(name is not None, name or "") for name in row])
        return [Scope.of(Wall(row[0], row[1]), agent=row[2], run=row[3]) for row in rows]

    def encoder(self) -> EncoderId | None:
        """See `Reading.encoder`."""
        row = self._run("encoder").fetchone()
        return None if row is None else EncoderId(name=row[1], model=row[2], width=row[3])

    def walls(self, *, scope: Granted[Administration]) -> list[Wall]:
        """See `Reading.walls`."""
        check_administration(scope)
        return [Wall(*whole(row[:1], "a wall"), *row[1:]) for row in self._run("walls")]

    def erasures(self, *, scope: Granted[Administration]) -> list[int]:
        """See `Reading.erasures`."""
        check_administration(scope)
        return [commit for (commit,) in self._run("erasures_waiting")]

    def log(self, wall: Wall, *, scope: Granted[Administration], after: int = 0) -> Iterator[Operation]:
        """See `Reading.log`."""
        check_administration(scope)
        yield from map(operation_from, self._walk("log", wall_id=self._wall_id(wall), after=after))

    def log_by_record(
        self, wall: Wall, *, scope: Granted[Administration], since: int = 0
    ) -> Iterator[tuple[int, Operation]]:
        """See `Reading.log_by_record`."""
        check_administration(scope)
        for arrived, *row in self._walk("log_by_record", wall_id=self._wall_id(wall), since=since):
            yield arrived, operation_from(row)

    def salted_revisions(
        self, wall: Wall, *, scope: Granted[Administration], since: int = 0
    ) -> Iterator[tuple[Record, bytes | None]]:
        """See `Reading.salted_revisions`."""
        check_administration(scope)
        for row in self._walk("salted_revisions", wall_id=self._wall_id(wall), since=since):
            yield record_from(row), row[SALT]

    def event_members(self, wall: Wall, *, scope: Granted[Administration]) -> Iterator[tuple[str, str]]:
        """See `Reading.event_members`."""
        check_administration(scope)
        yield from map(_pair, self._walk("event_members", wall_id=self._wall_id(wall)))

    def _run(self, statement: str, /, **values: Any) -> Any:
        if self._has_ended:
            raise StoreUnavailable(_ENDED)
        if self._connection.seals is not None:
            return self._connection.seals.run(statement, values)
        return self._connection.execute(SQL[statement], values)

    def _walk(self, statement: str, /, **values: Any) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a statement that may be many, one by one."""
        cursor: apsw.Cursor = self._run(statement, **values)
        self._walks.append(cursor)
        try:
            yield from cursor
        except apsw.CursorClosedError:
            raise StoreUnavailable(_ENDED) from None
        self._walks.remove(cursor)

    def _mac_of_move(self, record_key: int, revision: int, to_state: State) -> bytes:
        """Give what an operation bears that moved a revision: of an erased one the mac of what is left."""
        if to_state is not State.ERASED:
            return b""
        return tombstone_mac(record_from(self._run("revision", record_key=record_key, revision=revision).fetchone()))

    def _records(self, statement: str, scope: Scope, /, **values: Any) -> list[Record]:
        return [record_from(row) for row in self._run(statement, **self._sight(scope), **values)]

    def _stream_rows(
        self, statement: str, spot: Spot, scope: Scope, session: str | None, encoder: EncoderId, limit: int
    ) -> list[StreamRow]:
        own = self._wall_id(scope.wall)
        session_id = None
        if session is not None:
            row = self._run("session", wall_id=own, name=session).fetchone()
            if row is None:
                return []
            session_id = row[0]
        known = self._run("encoder_id", model=encoder.model, width=encoder.width).fetchone()
        rows = self._run(
            statement,
            own=own,
            session_id=session_id,
            agent=scope.agent,
            run=scope.run,
            encoder_id=None if known is None else known[0],
            limit=limit,
            **spot._asdict(),
        )
        return [stream_row_from(list(spans)) for _, spans in groupby(rows, key=itemgetter(0))]

    def _wall(self, wall: Wall) -> Any:
        if wall not in self._walls_seen:
            self._walls_seen[wall] = self._look_up(wall)
        return self._walls_seen[wall]

    def _look_up(self, wall: Wall) -> Any:
        return self._run("wall", tenant=wall.tenant, user=wall.user).fetchone()

    def _wall_id(self, wall: Wall) -> int | None:
        row = self._wall(wall)
        return None if row is None else int(row[0])

    def _walls(self, scope: Scope) -> dict[str, Any]:
        own, *shared = (self._wall_id(wall) for wall in scope.visible_walls)
        return {"own": own, "shared": shared[0] if shared else None}

    def _sight(self, scope: Scope) -> dict[str, Any]:
        return {**self._walls(scope), "agent": scope.agent, "run": scope.run}


def _pair(row: Sequence[Any]) -> tuple[str, str]:
    return row[0], row[1]


def _field_value(row: Sequence[Any]) -> tuple[int, str | int | None]:
    return row[0], row[1]


def _changed(what: str, number: int) -> DamagedFile:
    advice = "run `lamina verify FILE --repair`, which encodes that text anew"
    return DamagedFile(f"the file holds {what} of operation {number} that changed since it was stored; {advice}")
