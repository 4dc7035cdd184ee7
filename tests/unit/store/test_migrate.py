"""Migrations run forward, whole, once, and are known again by their checksums."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from lamina.core.errors import DamagedFile, ForeignFile, SchemaTooNew, StoreReadOnly
from lamina.core.scope import Administration
from lamina.govern.access import grant
from lamina.store.migrate import Migration, load_migrations, migrate
from lamina.store.sqlite.store import open_store

OURS = 0x4C616D69
FIRST = Migration(number=1, name="first", sql="CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);")
SECOND = Migration(number=2, name="second", sql="CREATE TABLE later (id INTEGER PRIMARY KEY);")


def run(connection: apsw.Connection, *migrations: Migration, may_write: bool = True) -> None:
    migrate(connection, migrations, application_id=OURS, path="memory.db", may_write=may_write)


def tables(connection: apsw.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]


@pytest.fixture
def connection() -> apsw.Connection:
    return apsw.Connection(":memory:")


def test_a_new_file_gets_every_migration(connection: apsw.Connection) -> None:
    run(connection, FIRST, SECOND)
    assert tables(connection) == ["later", "meta"]
    assert connection.pragma("user_version") == 2
    assert connection.pragma("application_id") == OURS


def test_an_older_file_gets_what_it_lacks(connection: apsw.Connection) -> None:
    run(connection, FIRST)
    run(connection, FIRST, SECOND)
    run(connection, FIRST, SECOND)
    assert tables(connection) == ["later", "meta"]
    kept = connection.execute("SELECT key, value FROM meta ORDER BY key").fetchall()
    assert kept == [("migration:0001", FIRST.checksum), ("migration:0002", SECOND.checksum)]


def test_a_migration_that_fails_leaves_the_file_as_it_was(connection: apsw.Connection) -> None:
    run(connection, FIRST)
    broken = replace(SECOND, sql="CREATE TABLE half (id INTEGER PRIMARY KEY); SELECT no_such_function();")
    with pytest.raises(apsw.SQLError):
        run(connection, FIRST, broken)
    assert tables(connection) == ["meta"]
    assert connection.pragma("user_version") == 1
    run(connection, FIRST, SECOND)
    assert tables(connection) == ["later", "meta"]


def test_an_edited_migration_is_noticed(connection: apsw.Connection) -> None:
    run(connection, FIRST)
    with pytest.raises(DamagedFile, match="another migration 1"):
        run(connection, replace(FIRST, sql=FIRST.sql + " -- edited"))


def test_a_file_without_its_history_is_damaged(connection: apsw.Connection) -> None:
    run(connection, FIRST)
    connection.execute("DROP TABLE meta; CREATE TABLE other (id INTEGER)")
    with pytest.raises(DamagedFile, match="restore it from a backup"):
        run(connection, FIRST)


def test_a_newer_file_says_to_upgrade(connection: apsw.Connection) -> None:
    run(connection, FIRST, SECOND)
    with pytest.raises(SchemaTooNew, match="pip install --upgrade lamina"):
        run(connection, FIRST)


def test_an_older_file_that_may_not_be_written_says_to_open_it_once(connection: apsw.Connection) -> None:
    run(connection, FIRST)
    with pytest.raises(StoreReadOnly, match="open it once for writing"):
        run(connection, FIRST, SECOND, may_write=False)
    assert tables(connection) == ["meta"]


def test_another_programs_tables_are_left_alone(connection: apsw.Connection) -> None:
    connection.execute("CREATE TABLE visits (url TEXT)")
    with pytest.raises(ForeignFile):
        run(connection, FIRST)
    assert tables(connection) == ["visits"]
    assert connection.pragma("application_id") == 0


def test_a_file_of_a_newer_lamina_is_refused_by_name_and_left_as_it_was(lived_in: Path) -> None:
    connection = apsw.Connection(str(lived_in))
    connection.pragma("user_version", len(load_migrations("lamina.store.sqlite")) + 1)
    connection.close()
    before = lived_in.read_bytes()
    with pytest.raises(SchemaTooNew, match=lived_in.name):
        open_store(lived_in)
    assert lived_in.read_bytes() == before


def test_threads_that_make_one_file_at_once_make_it_once(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda _: open_store(path), range(8)))
    for store in stores:
        assert list(store.check(scope=grant(Administration()))) == []
        store.close()


def test_a_checksum_names_its_hash() -> None:
    assert FIRST.checksum.startswith("b2:")
    assert FIRST.checksum != SECOND.checksum
