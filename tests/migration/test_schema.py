"""The schema is the sum of the migrations, its register is complete, and a column is proved or derived."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path

import apsw
import pytest

from lamina.core.chain import GENESIS, chain_link, record_mac
from lamina.core.directives import AuditEntry, Deed, Directive, DirectiveKind
from lamina.core.entries import Entry
from lamina.core.errors import StoreError
from lamina.core.imports import Import, Piece
from lamina.core.layers import Kind
from lamina.core.operations import Action, Actor, Change, LogQuery, Operation
from lamina.core.provenance import Provenance, Source
from lamina.core.records import AtSource, Policy, Record
from lamina.core.scope import Administration, Scope
from lamina.core.snapshots import Snapshot
from lamina.flows.verify import verify
from lamina.govern.access import grant
from lamina.store.migrate import load_migrations
from lamina.store.sqlite.checksum import teach
from lamina.store.sqlite.store import SqliteStore, open_store
from lamina.testing.builders import (
    ENCODER,
    MAKING,
    NOON,
    TOKEN_ENCODER,
    a_move,
    a_record,
    a_scope,
    a_vector,
    an_event,
    an_update,
)
from lamina.testing.store_reads import put, write

PACKAGE = "lamina.store.sqlite"
#: What no hash and no chain covers, and why that is right.
DERIVED = {
    "record.event_key": "which event an observation lies in is cut anew from the observations",
    "record.importance": "a fold of the log",
    "record.strength": "a fold of the log",
    "record.confidence": "a fold of the log",
    "erasure.scrubbed_us": "when the bytes of what was erased were gone; another time changes nothing",
    "record.place": "computed by SQLite from order and arrival",
    "segment.segment_id": "a key at which nothing points",
    "segment.producer": "which index a part belongs to; built anew from the records",
    "segment.part": "what the part holds; built anew from the records",
    "segment.ordinal": "which of several parts; built anew from the records",
    "segment.covers": "up to where the part reaches; built anew from the records",
    "segment.data": "an index, built anew from the records",
    "segment.wall_id": "whose index it is; built anew from the records",
    "session.session_id": "a key of this file",
    "wall.wall_id": "a key of this file",
    "record.record_key": "a key of this file",
    "content.content_id": "a key of this file",
    "encoder.encoder_id": "a key of this file",
    "import.import_id": "a key of this file",
    "wall_key.key_id": "of an encrypted file, whose keys tests/flow/test_encryption.py changes",
    "wall_key.tenant": "of an encrypted file, whose keys tests/flow/test_encryption.py changes",
    "wall_key.user": "of an encrypted file, whose keys tests/flow/test_encryption.py changes",
    "wall_key.wrapped": "of an encrypted file, whose keys tests/flow/test_encryption.py changes",
    "load.load_id": "a key at which nothing points",
    "load.recorded_us": "when another log was taken in; no record depends on it",
}
#: Keys of this file: changed alone they point nowhere, which is found; changed everywhere they are as good as before.
KEYS = {name for name, reason in DERIVED.items() if reason == "a key of this file"}


def columns_of(connection: apsw.Connection) -> list[tuple[str, str, str]]:
    return connection.execute(
        "SELECT t.name, c.name, c.type FROM sqlite_schema AS t INNER JOIN pragma_table_info(t.name) AS c "
        "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'"
    ).fetchall()


def schema_of(connection: apsw.Connection) -> set[tuple[str, str, str]]:
    rows = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema").fetchall()
    # ALTER TABLE writes what it adds with spaces of its own.
    return {(kind, name, re.sub(r"\s*([(),])\s*", r"\1", " ".join(sql.split()))) for kind, name, sql in rows}


def register_of(connection: apsw.Connection) -> set[tuple[str, str, str]]:
    return set(connection.execute("SELECT table_name, column_name, holds FROM content_register").fetchall())


def migrated() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    teach(connection)
    for migration in load_migrations(PACKAGE):
        connection.execute(migration.sql)
    return connection


@pytest.fixture(scope="module")
def fresh() -> apsw.Connection:
    return migrated()


def test_the_schema_to_be_read_is_the_sum_of_the_migrations(fresh: apsw.Connection) -> None:
    readable = apsw.Connection(":memory:")
    readable.execute(files(PACKAGE).joinpath("schema.sql").read_text("utf-8"))
    assert schema_of(readable) == schema_of(fresh)
    assert register_of(readable) == register_of(fresh)


def test_migrations_are_numbered_from_one_without_gaps() -> None:
    assert [migration.number for migration in load_migrations(PACKAGE)] == list(
        range(1, len(load_migrations(PACKAGE)) + 1)
    )


def test_every_text_and_blob_column_is_registered_and_nothing_else(fresh: apsw.Connection) -> None:
    columns = {(table, column) for table, column, kind in columns_of(fresh) if kind in ("TEXT", "BLOB")}
    assert {(table, column) for table, column, _ in register_of(fresh)} == columns


def test_the_words_of_callers_and_models_are_registered_as_content(fresh: apsw.Connection) -> None:
    content = {f"{table}.{column}" for table, column, holds in register_of(fresh) if holds == "content"}
    assert content >= {
        "content.text",
        "content.speaker",
        "content.role",
        "content.metadata",
        "content.salt",
        "session.name",
        "record.external_id",
        "record.agent",
        "record.run",
        "revision.sensitivity",
        "revision.acl",
        "import.name",
        "import.session",
        "piece.digest",
        "directive.body",
        "directive.placed_by",
        "directive.agent",
        "directive.run",
        "snapshot.name",
    }


def test_the_log_holds_no_content(fresh: apsw.Connection) -> None:
    assert {holds for table, _, holds in register_of(fresh) if table in ("operation", "commit")} == {"code", "digest"}


def test_every_table_is_strict(fresh: apsw.Connection) -> None:
    rows = fresh.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    assert [name for name, strict in rows if not strict] == []


def test_an_unregistered_column_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    open_store(path).close()
    _tamper(path, "ALTER TABLE record ADD COLUMN remark TEXT")
    store = open_store(path)
    found = [finding.where for finding in store.check(scope=grant(Administration()))]
    store.close()
    assert found == ["record.remark"]


def test_a_missing_index_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    open_store(path).close()
    _tamper(path, "DROP INDEX revision_active")
    store = open_store(path)
    found = [(finding.check, finding.where) for finding in store.check(scope=grant(Administration()))]
    store.close()
    assert found == [("schema", "index revision_active")]


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file in which every column of every table that can be filled is."""
    path = tmp_path_factory.mktemp("schema") / "memory.db"
    scope = a_scope("ada", agent="a", run="x")
    head = a_record("The whole text", scope=scope, kind=Kind.DOCUMENT, session="s", external_id="d")
    other = a_record("another", scope=scope)
    parts = (
        Source(record_id=head.id, revision=1, start=0, end=9),
        Source(record_id=other.id, revision=1),
    )
    full = a_record(
        "the whole",
        scope=scope,
        session="s",
        external_id="x",
        order=3,
        speaker="Ada",
        role="user",
        metadata={"a": 1},
        at=datetime(2026, 3, 2, 12, tzinfo=timezone(timedelta(hours=2))),
        at_source=AtSource.GIVEN,
        valid_from=NOON,
        valid_to=NOON + timedelta(days=9),
        provenance=Provenance(by="cut@1", model="m@1", prompt="b2:1", sources=parts),
        policy=Policy(expires_at=datetime(2027, 1, 1, tzinfo=UTC), sensitivity="private", trust=0.5, acl=("ada",)),
    )
    store = open_store(path)
    put(store, head, other, full, an_event(full))
    write(store, an_update(other, text="another, rather"))
    put(store, a_record("shared", scope=Scope.shared("acme"), session="s"))
    with store.write() as writing:
        writing.assign_event([full.id], event_id=an_event(full).id)
        writing.put_vectors(ENCODER, [a_vector(full, tokens=b"ab")], tokens=TOKEN_ENCODER)
        source = Import(name="/a/chat.jsonl", session="s", zone="Europe/Rome", day_first=True)
        import_id = writing.put_import(source, scope=grant(scope))
        writing.put_piece(import_id, Piece(2, b"digest", 1, 2), ordinal=0, scope=grant(scope))
        writing.put_piece(import_id, Piece(1, b"other", 3, 3, has_repeats=True), ordinal=1, scope=grant(scope))
    write(store, a_move(head, Action.WITHDRAW), a_move(replace(other, revision=2), Action.WITHDRAW))
    write(store, Change(action=Action.REVERT, record=replace(other, revision=2), reverts=7))
    gone = a_record("to be erased", scope=scope)
    put(store, gone)
    write(store, a_move(gone, Action.ERASE))
    _lay_down(store, full)
    assert store.scrub(now=NOON)
    with store.write() as writing:
        last = writing.logged(LogQuery(limit=1), scope=grant(Scope.of(scope.wall)))[0]
        moment = {"commit": writing.last_commit(), "number": last.number, "chain": last.chain, "recorded_at": NOON}
        writing.put_snapshot(Snapshot(name="before", **moment), wall=grant(scope))
    _carry_in(store)
    store.close()
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "delete")
    connection.close()
    assert _problems(path) == []
    return path


def _carry_in(store: SqliteStore) -> None:
    """Take in a log of another file, in which it was part of a later commit."""
    record, salt = a_record("from elsewhere", scope=a_scope("cleo")), bytes(16)
    with store.write() as writing:
        told = {"number": 1, "record_id": record.id, "revision": 1, "from_state": None, "to_state": record.state}
        made = {"action": Action.ADD, "actor": Actor.CALLER, "recorded_at": NOON, "mac": record_mac(record, salt=salt)}
        commits = {"commit": writing.last_commit() + 7, "origin": 7}
        unlinked = Operation(wall=record.scope.wall, chain=b"", **told, **made, **commits)
        operation = replace(unlinked, chain=chain_link(GENESIS, unlinked))
        writing.replay(Entry(operation=operation, record=record, salt=salt))
        writing.note_load(recorded_at=NOON)


def _lay_down(store: SqliteStore, record: Record) -> None:
    """Fill every column of the tables of what is laid down."""
    body = {"reason": "case 7", "filters": {"session": "s"}}
    hold = Directive(kind=DirectiveKind.HOLD, scope=record.scope, body=body, by="counsel", placed_at=NOON)  # type: ignore[arg-type]
    with store.write() as writing:
        placed = writing.put_directive(hold)
        writing.note(
            AuditEntry(
                deed=Deed.REFUSED, wall=record.scope.wall, recorded_at=NOON, directive=placed.id, record_id=record.id,
                commit=1, count=1, grant=9,
            )
        )  # fmt: skip
        writing.put_directive(replace(hold, scope=Scope.shared("acme")))


def _cases() -> Iterator[str]:
    for table, column, _ in columns_of(migrated()):
        yield f"{table}.{column}"


@pytest.mark.parametrize("name", sorted(set(_cases()) - set(DERIVED)))
def test_a_changed_column_is_found(lived_in: Path, tmp_path: Path, name: str) -> None:
    assert _problems(_changed(lived_in, tmp_path, name)), f"a changed {name} goes unseen, and is not listed as derived"


@pytest.mark.parametrize("name", sorted(KEYS))
def test_a_changed_key_points_nowhere_and_is_found(lived_in: Path, tmp_path: Path, name: str) -> None:
    assert _problems(_changed(lived_in, tmp_path, name))


def test_what_is_listed_as_derived_is_there() -> None:
    assert set(DERIVED) <= set(_cases()) | {"record.place"}


def _changed(lived_in: Path, folder: Path, name: str) -> Path:
    """Give a copy in which one value of a column is another, as somebody would make it who edits the file."""
    path = folder / "memory.db"
    shutil.copy(lived_in, path)
    table, column = (f'"{part}"' for part in name.split("."))
    connection = apsw.Connection(str(path))
    (value,) = connection.execute(  # the names are the schema's own
        f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY {column} DESC LIMIT 1"  # noqa: S608
    ).fetchone() or (None,)
    assert value is not None, f"no row fills {name}"
    another = value + "x" if isinstance(value, str) else bytes(len(value)) if isinstance(value, bytes) else value + 1000
    connection.execute(f"UPDATE {table} SET {column} = ? WHERE {column} IS ?", (another, value))  # noqa: S608
    assert connection.changes() >= 1
    connection.close()
    return path


def _problems(path: Path) -> list[str]:
    """Give what opening and verifying a file says is wrong with it."""
    try:
        store = open_store(path)
    except StoreError as error:
        return [str(error)]
    try:
        return [finding.problem for finding in verify(store, MAKING, scope=grant(Administration())).findings]
    except StoreError as error:
        return [str(error)]
    finally:
        store.close()


def _tamper(path: Path, statement: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(statement)
    connection.close()
