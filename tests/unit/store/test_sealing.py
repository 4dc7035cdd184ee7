"""Sealing: what is sealed comes back as it was, in its place and nowhere else; statements go the same ways."""

import re
from typing import Any

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.core.errors import DamagedFile, KeyDestroyed, WrongKey
from lamina.store.migrate import load_migrations
from lamina.store.sqlite import sealed
from lamina.store.sqlite.checksum import teach
from lamina.store.sqlite.keys import Keyring, WallKey, mark_of, note_sealing
from lamina.store.sqlite.reading import SQL
from lamina.store.sqlite.sealing import Seals, blind

MASTER = bytes(range(32))
WORDS = st.one_of(st.binary(max_size=99), st.text(st.characters(codec="utf-8"), max_size=99))


class Unbound(dict[str, None]):
    def __missing__(self, name: str) -> None:
        return None


def connected() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    teach(connection)
    for migration in load_migrations("lamina.store.sqlite"):
        connection.execute(migration.sql)
    return connection


def lay(connection: apsw.Connection) -> Seals:
    note_sealing(connection, mark_of(MASTER), turns=0)
    seals = Seals(connection, Keyring(MASTER), "memory.db")
    seals.begin()
    return seals


@pytest.fixture(scope="module")
def seals() -> Seals:
    connection = connected()
    seals = lay(connection)
    for user in ("ada", "bob"):
        a_wall(connection, user)
    return seals


def a_wall(connection: apsw.Connection, user: str) -> None:
    connection.execute(
        "INSERT INTO wall (tenant, user, number, recorded_us, chain) VALUES ('t', ?, 0, 0, x'')", (user,)
    )


def read(connection: apsw.Connection, call: str, *values: Any) -> Any:
    return connection.execute(f"SELECT {call}", values).fetchall()[0][0]


@given(words=WORDS, row=st.lists(st.integers(0, 9), min_size=1, max_size=3))
def test_words_come_back_in_their_place_alone(seals: Seals, words: Any, row: Any) -> None:
    connection, key = seals._connection, seals._key_of(1, makes=True)
    assert isinstance(key, WallKey)
    held, again = (seals._worded(key, "directive.body", row, words) for _ in range(2))
    assert held != again
    assert type(held) is type(words)
    places = ", ".join("?" * len(row))
    assert read(connection, f"unsealed('directive.body', {places}, ?)", *row, held) == words
    moved = [row[0] + 1, *row[1:]]
    for column, place in (("directive.salt", row), ("directive.body", moved)):
        with pytest.raises(DamagedFile, match="changed or was moved"):
            read(connection, f"unsealed('{column}', {places}, ?)", *place, held)
        assert read(connection, f"derived('{column}', {places}, ?)", *place, held) == b""
        assert not read(connection, f"is_sealed('{column}', {places}, ?)", *place, held)


@given(name=WORDS, kind=st.sampled_from(["agent", "run", "session"]))
def test_names_come_back_and_are_equal_where_they_are(seals: Seals, name: Any, kind: str) -> None:
    ada, bob = seals._key_of(1, makes=True), seals._key_of(2, makes=True)
    assert ada is not None
    assert bob is not None
    held = seals._named(ada, kind, name)
    assert held == seals._named(ada, kind, name) != seals._named(bob, kind, name)
    assert seals._name_in(kind, held, frozenset({ada.key_id})) == name
    assert seals._name_in(kind, held, frozenset()) == name
    for wrong, walls in (("import", frozenset({ada.key_id})), (kind, frozenset({bob.key_id}))):
        with pytest.raises(DamagedFile, match="changed or was moved"):
            seals._name_in(wrong, held, walls)


@given(held=st.one_of(st.binary(max_size=60), st.text(max_size=60), st.integers(), st.none()))
def test_anything_else_in_a_column_is_refused_and_never_believed(seals: Seals, held: Any) -> None:
    connection = seals._connection
    if held is None:
        assert read(connection, "unsealed('directive.body', 1, ?)", held) is None
        return
    with pytest.raises(DamagedFile):
        read(connection, "unsealed('directive.body', 1, ?)", held)
    assert not read(connection, "is_named('agent', ?)", held)
    assert not read(connection, "is_sealed('directive.body', 1, ?)", held)


def test_a_destroyed_key_is_told_and_read_as_nothing_where_that_is_asked_for() -> None:
    connection = connected()
    seals = lay(connection)
    a_wall(connection, "u")
    key = seals._key_of(1, makes=True)
    assert key is not None
    words, name = seals._worded(key, "directive.body", [1], "words"), seals._named(key, "agent", "name")
    assert seals.destroy("t", "u")
    assert not seals.destroy("t", "u")
    assert seals.has_lost("t", "u")
    with pytest.raises(KeyDestroyed, match="t/u"):
        read(connection, "unsealed('directive.body', 1, ?)", words)
    with blind():
        assert read(connection, "unsealed('directive.body', 1, ?)", words) == ""
        assert seals._name_in("agent", name, frozenset()) == name == seals._named(key, "agent", name)
    later = seals._key_of(1, makes=True)
    assert later is not None
    assert later.key_id > key.key_id


def test_another_master_key_is_noticed_where_a_transaction_begins() -> None:
    connection = connected()
    seals = lay(connection)
    note_sealing(connection, mark_of(bytes(32)), turns=1)
    with pytest.raises(WrongKey, match="another key"):
        seals.begin()


def test_a_mask_hides_a_checksum_and_another_nonce_gives_another() -> None:
    connection = connected()
    seals = lay(connection)
    a_wall(connection, "u")
    asked = {
        "vector_number": 1, "wall_id": 1, "content_id": 1, "encoder_id": 1, "start": 0, "end": 1, "data": b"12",
        "checksum": -7,
    }  # fmt: skip
    first, second = (seals._bound("add_vector", asked) for _ in range(2))
    assert len({first["checksum"], second["checksum"], -7}) == 3
    for bound in (first, second):
        assert read(connection, "unmasked(?, ?)", bound["checksum"], bound["data"]) == -7


def test_what_is_listed_names_statements_and_what_they_take() -> None:
    assert set(sealed.GIVEN) | set(sealed.TAKEN_AS_NAME) | set(sealed.WORDS) <= set(SQL)
    assert [name for name in sealed.TAKEN_AS_NAME if ":name" not in SQL[name]] == []
    assert [
        (name, taken) for name, columns in sealed.WORDS.items() for taken in columns if f":{taken}" not in SQL[name]
    ] == []


def test_every_statement_of_an_encrypted_file_finds_its_rows_as_in_a_plain_one() -> None:
    plain, hidden = connected(), connected()
    lay(hidden)

    def steps(connection: apsw.Connection, sql: str) -> list[str]:
        plan = connection.execute("EXPLAIN QUERY PLAN " + sql, Unbound()).fetchall()
        steps = [re.sub(r"(SCAN|SEARCH) \S+", r"\1", step[3]) for step in plan]
        return sorted(step for step in steps if "SUBQUERY" not in step and "subquery" not in step)

    others = {
        name
        for name in SQL
        if name != "waiting" and steps(plain, SQL[name]) != steps(hidden, sealed.statements()[name])
    }
    assert others == set()
