"""Named statements: read out of files, prepared against the schema, and none walks a table to find a few rows."""

import re
from importlib.resources import files

import apsw
import pytest

from lamina.store.migrate import load_migrations
from lamina.store.queries import load_statements
from lamina.store.sqlite.checksum import teach
from lamina.store.sqlite.reading import SQL

#: They look at everything by their nature: whole-file figures, listings and checks.
WHOLE = {
    "schema_parts",
    "walls",
    "encoder",
    "scopes",
    "count_records",
    "count_revisions",
    "count_operations",
    "disk_bytes",
    "abandon_encoders",
    "change_encoder",
    "count_unready",
    "former_vectors",
    "drop_left_tokens",
    "drop_former_encoders",
    "last_audit",
    "trail",
    "salted_directives",
    "note_load",
    "live_bytes",
    "needed_bytes",
}
#: Walks of what was asked for: a list of names, or the rows of a subquery; `q` is SQLite's own table of two rows,
#: `part` the columns of one import, `k` what is known of it.
SMALL = re.compile(
    r"SCAN (wanted|touched|made|json_each|CONSTANT ROW|q$|erasure USING INDEX erasure_waiting"
    r"|v USING INDEX revision_labelled|part VIRTUAL TABLE|k$)"
)


@pytest.fixture(scope="module")
def connection() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    teach(connection)
    for migration in load_migrations("lamina.store.sqlite"):
        connection.execute(migration.sql)
    return connection


class Unbound(dict[str, None]):
    def __missing__(self, name: str) -> None:
        return None


def test_statements_are_read_by_name_without_their_comments() -> None:
    assert SQL["wall"].startswith("SELECT wall_id")
    assert not any("--" in statement for statement in SQL.values())


def test_every_statement_ends_where_the_next_begins() -> None:
    assert all(statement.endswith(";") and statement.count(";") == 1 for statement in SQL.values())


def test_no_name_stands_twice_in_a_file() -> None:
    for package, file in (("lamina.store.sqlite", "queries.sql"), ("lamina.store", "migrate.sql")):
        names = re.findall(r"^-- name: (\w+)$", files(package).joinpath(file).read_text("utf-8"), flags=re.MULTILINE)
        assert len(names) == len(set(names)) == len(load_statements(package, file))


@pytest.mark.parametrize(
    "name", sorted(name for name in SQL if name not in WHOLE and not name.startswith(("check_", "mend_")))
)
def test_a_statement_walks_no_whole_table(connection: apsw.Connection, name: str) -> None:
    plan = connection.execute("EXPLAIN QUERY PLAN " + SQL[name], Unbound()).fetchall()
    scans = [step[3] for step in plan if "SCAN" in step[3] and not SMALL.match(step[3])]
    assert scans == []


@pytest.mark.parametrize("name", ["stream", "stream_before", "page", "waiting", "vector_rows", "log", "log_by_record"])
def test_what_stands_in_order_is_not_sorted_again(connection: apsw.Connection, name: str) -> None:
    plan = [step[3] for step in connection.execute("EXPLAIN QUERY PLAN " + SQL[name], Unbound())]
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan
    # The few spans of one row of a stream are sorted, and no more.
    assert name.startswith("stream") or "USE TEMP B-TREE FOR LAST TERM OF ORDER BY" not in plan


def test_every_statement_is_used() -> None:
    package = files("lamina.store.sqlite")
    sources = "".join(file.read_text("utf-8") for file in package.iterdir() if file.name.endswith(".py"))
    assert [name for name in SQL if f'"{name}"' not in sources] == []


def test_a_statement_about_some_ids_walks_no_whole_wall(connection: apsw.Connection) -> None:
    plans = {
        name: [step[3] for step in connection.execute("EXPLAIN QUERY PLAN " + SQL[name], Unbound())]
        for name in SQL
        if ":ids" in SQL[name] or ":numbers" in SQL[name] or ":id " in SQL[name]
    }
    assert "assign_event" in plans
    walked = {
        name
        for name, plan in plans.items()
        if any(re.search(r"record_by_arrival \(wall_id=\?\)", step) for step in plan)
    }
    assert walked == set()
