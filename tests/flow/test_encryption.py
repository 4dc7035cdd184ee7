"""Encryption at rest: nothing said stands in the files, and what changes, moves or loses its key is refused."""

import asyncio
import gzip
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import apsw
import pytest

from lamina import AsyncMemory, Memory, Scope, Settings, make_key_file
from lamina.core.errors import (
    DamagedFile,
    InvalidArgument,
    MissingExtra,
    StoreUnavailable,
    WrongKey,
)
from lamina.store.migrate import load_migrations, migrate
from lamina.store.sqlite import keys
from lamina.store.sqlite.checksum import teach
from lamina.store.sqlite.opening import APPLICATION_ID
from lamina.store.sqlite.store import SCHEMA_PACKAGE
from lamina.testing.fakes import FakeClock, HashEncoder
from lamina.testing.planting import Planted, plant

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "encrypt.md"
FORMATS = Path(__file__).parents[1] / "migration" / "formats"
KEY, OTHER = b"k" * 32, b"o" * 32
#: Columns that stand empty in an encrypted file, because all of what is said stands in `content.salt`.
EMPTIED = {"content.text", "content.speaker", "content.role", "content.metadata"}
#: Columns for words that no verb writes yet, or the small encoder of these tests does not.
FILLED_BY_NOBODY = {"revision.acl", "token_vector.data"}


def key() -> bytes:
    return KEY


def opened(path: Path, key: Any = key, **options: Any) -> Memory:
    return Memory(path, encoder=HashEncoder(), clock=FakeClock(), key=key, **options)


def edited(path: Path, statement: str, *values: Any) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(statement, values)
    assert connection.changes()
    connection.close()


def flipped(path: Path, column: str, place: int = -1) -> None:
    """Change one byte of what stands in one row of a column."""
    table, name = column.split(".")
    connection = apsw.Connection(str(path))
    (value,) = connection.execute(f"SELECT {name} FROM {table} WHERE {name} IS NOT NULL").fetchall()[0]  # noqa: S608
    data = bytearray(value.encode() if isinstance(value, str) else value)
    # A letter that stands for other bits, and stays one.
    data[place] = data[place] ^ 1 if isinstance(value, bytes) else ord("B" if data[place] != ord("B") else "C")
    changed = data.decode() if isinstance(value, str) else bytes(data)
    connection.execute(f"UPDATE {table} SET {name} = ? WHERE {name} IS ?", (changed, value))  # noqa: S608
    connection.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "life.db"


@pytest.fixture
def memory(path: Path) -> Iterator[Memory]:
    with opened(path) as memory:
        yield memory


def test_nothing_that_was_said_stands_in_any_file(path: Path, memory: Memory, tmp_path: Path) -> None:
    planted = Planted(1)
    plant(memory, planted, tmp_path)
    memory.snapshot(planted.word("snapshot"))
    assert planted.found_in(tmp_path) == []
    memory.compact()
    memory.backup(tmp_path / "copy.db")
    assert memory.verify().is_sound
    assert planted.found_in(tmp_path) == []
    texts = [record.text for record in memory.get_all()]
    memory.close()
    assert planted.found_in(tmp_path) == []
    for file in (path, tmp_path / "copy.db"):
        with opened(file) as again:
            assert [record.text for record in again.get_all()] == texts
            assert again.verify().is_sound
            text = next(word for word, where in planted.words.items() if where == "second revision")
            assert again.search(f"rather {text}", limit=1)[0].record.text == f"rather {text}"


def test_every_column_that_holds_words_is_sealed(path: Path, memory: Memory, tmp_path: Path) -> None:
    plant(memory, Planted(2), tmp_path)
    memory.snapshot("named")
    memory.compact()
    connection = apsw.Connection(str(path))
    numbers = {number for (number,) in connection.execute("SELECT key_id FROM wall_key")}
    held: dict[str, list[Any]] = {}
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM content_register WHERE holds IN ('content', 'vector')"
    ).fetchall():
        rows = connection.execute(f'SELECT "{column}" FROM "{table}"').fetchall()  # noqa: S608
        held[f"{table}.{column}"] = [value for (value,) in rows if value not in (None, "")]
    assert {name for name, values in held.items() if not values} == EMPTIED | FILLED_BY_NOBODY
    for name, values in held.items():
        for value in values:
            sealed = keys.bytes_of(value)
            assert int.from_bytes(sealed[:4], "big") in numbers, f"{name} stands in the clear"
            assert len(sealed) > 4 + 16


def test_the_page_lists_every_column_that_stays_in_the_clear(memory: Memory, path: Path) -> None:
    memory.add("something")
    connection = apsw.Connection(str(path))
    columns = connection.execute(
        "SELECT t.name || '.' || c.name FROM sqlite_schema AS t INNER JOIN pragma_table_info(t.name) AS c "
        "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name || '.' || c.name NOT IN ("
        "SELECT table_name || '.' || column_name FROM content_register WHERE holds IN ('content', 'vector'))"
    ).fetchall()
    listed = set(re.findall(r"`(\w+\.\w+)`", PAGE.read_text("utf-8").partition("## What stays in the clear")[2]))
    assert listed == {name for (name,) in columns}


@pytest.mark.parametrize(
    "edit",
    [
        "DELETE FROM meta WHERE key = 'sealing'",
        "UPDATE meta SET value = 'aes' WHERE key = 'sealing'",
        "UPDATE meta SET value = replace(value, 'siv', 'xts') WHERE key = 'sealing'",
    ],
)
@pytest.mark.parametrize("given", [key, None])
def test_a_file_that_does_not_say_how_it_is_encrypted_is_refused(path: Path, given: Any, edit: str) -> None:
    with opened(path) as memory:
        memory.add("said")
    edited(path, edit)
    with pytest.raises((DamagedFile, WrongKey), match="encrypted"):
        opened(path, given)


def test_an_id_that_no_file_can_hold_is_nowhere(memory: Memory) -> None:
    memory.add("said", external_id="x")
    with memory._opened().read() as reading:
        found = reading.by_external_id(["\ud800", "x"], wall=memory._granted({}))
    assert list(found) == ["x"]


@pytest.mark.parametrize("given", [None, lambda: OTHER, "no such file", 5, lambda: b"short", lambda: 7])
def test_without_its_key_a_file_is_not_opened(path: Path, given: Any) -> None:
    opened(path).close()
    before = path.read_bytes()
    kinds = (WrongKey, InvalidArgument, StoreUnavailable)
    with pytest.raises(kinds, match=r"encrypted|key"):
        opened(path, given)
    assert path.read_bytes() == before
    opened(path).close()


def test_a_plain_file_is_not_opened_with_a_key_unless_it_is_blank(path: Path) -> None:
    opened(path, None).close()
    with opened(path) as blank:
        blank.add("sealed")
    with pytest.raises(WrongKey, match="is encrypted"):
        opened(path, None)
    path.unlink()
    with opened(path, None) as plain:
        plain.add("not sealed")
    with pytest.raises(WrongKey, match=r"not encrypted.*export"):
        opened(path)


@pytest.mark.parametrize("number", [1, 8, 13])
def test_a_refused_key_leaves_a_file_of_an_older_format_as_it_was(path: Path, number: int) -> None:
    path.write_bytes(gzip.decompress((FORMATS / f"{number:04}.db.gz").read_bytes()))
    before = path.read_bytes()
    with pytest.raises(WrongKey, match=r"not encrypted.*export"):
        opened(path)
    assert path.read_bytes() == before
    connection = apsw.Connection(str(path))
    assert connection.pragma("user_version") == number
    connection.close()
    Memory(path, settings=Settings(encoder="recorded")).close()


@pytest.mark.parametrize("number", [1, 12, 15])
def test_a_blank_file_of_an_older_format_becomes_an_encrypted_one(path: Path, number: int) -> None:
    connection = apsw.Connection(str(path))
    migrations = load_migrations(SCHEMA_PACKAGE)[:number]
    teach(connection)
    migrate(connection, migrations, application_id=APPLICATION_ID, path=str(path), may_write=True)
    connection.close()
    with opened(path) as memory:
        memory.add("sealed")
    with pytest.raises(WrongKey, match="is encrypted"):
        opened(path, None)


def test_a_file_that_held_words_once_is_not_blank(path: Path) -> None:
    with opened(path, None) as plain:
        plain.lift_hold(plain.place_hold("Case against Dr Zebedee").id)
    before = path.read_bytes()
    with pytest.raises(WrongKey, match=r"not encrypted.*export"):
        opened(path)
    assert path.read_bytes() == before
    other = path.with_name("other.db")
    with opened(other) as sealed:
        sealed.lift_hold(sealed.place_hold("Case against Dr Zebedee").id)
        assert not [file for file in path.parent.glob("other.db*") if b"Zebedee" in file.read_bytes()]
    assert b"Zebedee" not in other.read_bytes()


def test_who_opened_a_blank_file_without_a_key_reads_and_writes_nothing_once_it_is_encrypted(path: Path) -> None:
    with opened(path, None) as former:
        with opened(path) as other:
            other.add("sealed")
        with pytest.raises(WrongKey, match="open it again"):
            former.add("in the clear")
        for read in (former.get_all, former.stats, lambda: former.search("sealed"), former.verify):
            with pytest.raises(WrongKey, match="open it again"):
                _ = read() if read is not former.get_all else list(former.get_all())
    with opened(path) as again:
        assert [record.text for record in again.get_all()] == ["sealed"]


def test_keys_come_from_files_settings_and_the_environment(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = make_key_file(tmp_path / "key")
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InvalidArgument, match="already"):
        make_key_file(file)
    with pytest.raises(StoreUnavailable):
        make_key_file(tmp_path / "missing" / "key")
    opened(path, file).close()
    opened(path, None, settings=Settings(key_file=file)).close()
    opened(path, None, settings=Settings(key=file.read_text("ascii").strip())).close()
    raw = tmp_path / "raw"
    raw.write_bytes(bytes.fromhex(file.read_text("ascii")))
    opened(path, raw).close()
    monkeypatch.setenv("LAMINA_KEY_FILE", str(file))
    opened(path, None).close()
    monkeypatch.setenv("LAMINA_KEY", file.read_text("ascii").strip())
    with pytest.raises(InvalidArgument, match="both"):
        opened(path, None)
    opened(path, file).close()
    assert file.read_text("ascii").strip() not in repr(Settings())
    raw.write_text("g" * 64, "ascii")
    with pytest.raises(InvalidArgument, match="hexadecimal"):
        opened(path, raw)


def test_what_would_keep_words_elsewhere_in_the_clear_is_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="vector_cache"):
        opened(path, settings=Settings(vector_cache=tmp_path))
    with pytest.raises(InvalidArgument, match="without a file"):
        Memory(None, encoder=HashEncoder(), key=key)
    assert not path.exists()


def test_without_the_library_the_extra_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(name: str, *rest: Any) -> Any:
        if name.startswith("cryptography"):
            raise ImportError(name)
        return import_module(name, *rest)

    keys.library.cache_clear()
    monkeypatch.setattr(keys, "import_module", lacking)
    with pytest.raises(MissingExtra, match=r"lamina\[crypto\]"):
        opened(path)
    with opened(path, None) as plain:
        plain.add("works without")
    keys.library.cache_clear()


def test_an_encrypted_file_is_read_where_it_cannot_be_written(path: Path) -> None:
    with opened(path) as memory:
        memory.add("bees hum", session="garden", agent_id="a")
        memory.flush()
    with opened(path, settings=Settings(read_only=True)) as reading:
        assert [hit.record.session for hit in reading.search("bees")] == ["garden"]
        assert reading.verify().is_sound
    with opened(path, lambda: bytearray(KEY), settings=Settings(read_only=True, encoder="recorded")) as reading:
        assert [record.scope.agent for record in reading.get_all()] == ["a"]


def test_a_plain_file_becomes_an_encrypted_one_by_export_and_load(path: Path, tmp_path: Path) -> None:
    planted = Planted(3)
    (tmp_path / "plain").mkdir()
    (tmp_path / "sealed").mkdir()
    lines = tmp_path / "plain" / "life.jsonl"
    with opened(tmp_path / "plain" / "life.db", None) as plain:
        plant(plain, planted, tmp_path / "plain")
        plain.export(lines)
        head = plain.head()
        records = list(plain.get_all())
    with opened(tmp_path / "sealed" / "life.db") as sealed:
        sealed.load(lines)
        assert sealed.head() == head
        assert list(sealed.get_all()) == records
        assert sealed.verify().is_sound
    assert planted.found_in(tmp_path / "sealed") == []


def test_facets_and_filters_find_what_they_find_in_the_clear(path: Path, tmp_path: Path) -> None:
    def told(memory: Memory) -> list[Any]:
        shared = Scope.shared(agent="a")
        memory.add({"content": "bees hum", "name": "Ada", "session": "roof", "metadata": {"rank": 3},
                    "sensitivity": "private"}, agent_id="a")  # fmt: skip
        memory.add({"content": "bees sting", "name": "Bob", "external_id": "x:1"}, agent_id="b", run_id="r")
        memory.add("bees for all", scope=shared)
        memory.add("bees for some", scope=Scope.shared(agent="b"))
        memory.flush()
        asked: list[dict[str, Any]] = [
            {}, {"agent_id": "a"}, {"agent_id": "b"}, {"agent_id": "b", "run_id": "r"}, {"agent_id": "c"},
            {"user_id": "nobody", "agent_id": "a"}, {"filters": {"speaker": "Ada"}}, {"filters": {"rank": {"gte": 3}}},
            {"filters": {"external_id": "x:1"}}, {"filters": {"text": {"contains": "sting"}}},
            {"filters": {"session": {"ne": "roof"}}}, {"filters": {"sensitivity": "private"}},
        ]  # fmt: skip
        found: list[Any] = [sorted(hit.record.text for hit in memory.search("bees", **each)) for each in asked]
        found += [memory.scopes(), [span.name for span in memory.timeline()]]
        scoped = [each for each in asked if "filters" not in each]
        found += [sorted(record.text for record in memory.get_all(**each)) for each in scoped]
        return [*found, [memory.stats(**each).counts for each in scoped], memory.verify().checked]

    with opened(path) as sealed, opened(tmp_path / "plain.db", None) as plain:
        assert told(sealed) == told(plain)


def test_equal_names_of_a_wall_have_equal_ciphertexts_and_those_of_two_walls_not(memory: Memory, path: Path) -> None:
    for user in ("ada", "bob"):
        for session in ("one", "two"):
            memory.add("said", user_id=user, agent_id="agent", session=session)
    connection = apsw.Connection(str(path))
    agents = connection.execute("SELECT wall_id, agent FROM record WHERE agent IS NOT NULL").fetchall()
    assert len(agents) > 2
    assert len({agent for _, agent in agents}) == len({wall for wall, _ in agents}) == 2
    assert len({sealed for (sealed,) in connection.execute("SELECT salt FROM content")}) == 8


COLUMNS = [
    "content.salt", "session.name", "record.agent", "record.external_id", "import.name", "piece.digest",
    "snapshot.name", "directive.body", "directive.placed_by", "revision.sensitivity", "wall_key.wrapped",
]  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_ciphertext_is_told_by_table(path: Path, tmp_path: Path, column: str) -> None:
    with opened(path) as memory:
        plant(memory, Planted(4), tmp_path)
        memory.snapshot("named")
    flipped(path, column, -12)
    with opened(path) as memory:
        report = memory.verify()
    assert not report.is_sound
    assert {(finding.check, finding.where.split()[0]) for finding in report.findings} >= {
        ("seals", column.partition(".")[0])
    }


def test_a_read_that_meets_a_changed_ciphertext_says_so(path: Path) -> None:
    with opened(path) as memory:
        memory.add(["one", "two"])
    flipped(path, "content.salt")
    with opened(path) as memory, pytest.raises(DamagedFile, match=r"content\.text of row \[1\]"):
        list(memory.get_all())


@pytest.mark.parametrize(
    ("check", "edit"),
    [
        ("register", "DELETE FROM content_register WHERE column_name = 'text'"),
        ("seals", "UPDATE content SET text = 'in the clear' WHERE content_id = 1"),
        ("seals", "UPDATE session SET name = 'in the clear'"),
        ("state", "UPDATE revision SET state = 'withdrawn' WHERE record_key = 1"),
    ],
)
def test_what_was_edited_in_the_clear_is_found(path: Path, check: str, edit: str) -> None:
    with opened(path) as memory:
        memory.add("one", session="s")
    edited(path, edit)
    with opened(path) as memory:
        assert check in {finding.check for finding in memory.verify().findings}


def test_what_is_known_of_imports_is_proved_through_another_key_and_an_erased_wall(path: Path, tmp_path: Path) -> None:
    chat = tmp_path / "chat.jsonl"
    chat.write_text('{"text": "one"}\n{"text": "two", "session": "s"}\n', "utf-8")
    with opened(path) as memory:
        memory.import_messages(chat, session="told", agent_id="a")
        memory.import_messages(chat, session="told", user_id="ada", run_id="r")
        memory.rotate_key(lambda: OTHER)
        memory.erase(filters={"session": "told"}, agent_id="a")
        assert memory.verify().is_sound
    with opened(path, lambda: OTHER) as memory:
        assert memory.import_messages(chat, session="told", user_id="ada", run_id="r").known == 2
        memory.erase(all=True, destroy_key=True, user_id="ada")
        assert memory.verify().is_sound
    edited(path, "DELETE FROM piece")
    with opened(path, lambda: OTHER) as memory:
        assert [finding.check for finding in memory.verify().findings] == ["imports"]


@pytest.mark.parametrize("column", ["vector.data", "segment.data"])
def test_what_is_derived_and_changed_is_made_anew(path: Path, column: str) -> None:
    with opened(path) as memory:
        memory.add([f"bee {number}" for number in range(9)])
        memory.flush()
        memory.compact()
    flipped(path, column)
    with opened(path) as memory:
        assert not memory.verify().is_sound
        assert memory.verify(repair=True).is_sound
        memory.flush()
        assert memory.search("bee 3", limit=1)[0].record.text == "bee 3"


MOVES = {
    "words between rows": "UPDATE content SET salt = (SELECT salt FROM content WHERE content_id = 1)",
    "a name between columns": "UPDATE record SET run = agent WHERE agent IS NOT NULL",
    "a name between walls": "UPDATE record SET agent = (SELECT agent FROM record WHERE wall_id = 2) WHERE wall_id = 1",
    "a wall's key": "UPDATE wall_key SET wrapped = (SELECT wrapped FROM wall_key WHERE key_id = 2) WHERE key_id = 1",
    "another number": "UPDATE wall_key SET key_id = 5000000000 WHERE user = 'bob'",
    "whose a key is": "UPDATE wall_key SET user = 'bob2' WHERE user = 'bob'",
}


@pytest.mark.parametrize("what", MOVES)
def test_what_was_moved_is_refused(path: Path, what: str) -> None:
    with opened(path) as memory:
        for user in ("ada", "bob"):
            memory.add(["one", "two"], user_id=user, agent_id="agent", session="s")
    edited(path, MOVES[what])
    with opened(path) as memory:
        with pytest.raises((DamagedFile, WrongKey)):
            _ = [list(memory.get_all(user_id=user)) for user in ("ada", "bob")]
        assert not memory.verify().is_sound


@pytest.mark.parametrize("user", ["7", "ad", "ada"])
def test_a_user_whose_name_looks_like_a_wall_is_no_other(path: Path, user: str) -> None:
    with opened(path, lambda: KEY) as memory:
        for others in ({"tenant_id": "a", "user_id": "d"}, {"user_id": user}):
            memory.add("bees", agent_id="scout", **others)
            memory.place_hold("court", agent_id="scout", **others)
            memory.set_read_audit(agent_id="scout", **others)
        assert len(memory.holds(user_id=user)) == 1
        assert len(memory.policies(user_id=user)) == 1
        assert memory.search("bees", user_id=user, agent_id="scout")[0].record.text == "bees"
        memory.lift_hold(memory.holds(user_id=user)[0].id, user_id=user)
        memory.erase(all=True, user_id=user)
        assert memory.verify().is_sound


def test_what_sqlite_sorts_stays_off_the_disk(memory: Memory) -> None:
    memory.add("said")
    memory.compact()
    pool = memory._store._pool  # type: ignore[attr-defined]
    for lent in (pool.writer, pool.reader):
        with lent() as connection:
            assert connection.execute("PRAGMA temp_store").fetchall() == [(2,)]


def test_the_async_face_takes_keys_too(path: Path) -> None:
    async def story() -> None:
        memory = AsyncMemory(path, encoder=HashEncoder(), key=key)
        await memory.add("said")
        assert await memory.rotate_key(lambda: OTHER) == 1
        receipt = await memory.erase(all=True, destroy_key=True)
        assert receipt.key_destroyed
        await memory.close()

    asyncio.run(story())
    opened(path, lambda: OTHER).close()


def test_another_encoder_and_forgetting_work_where_all_is_sealed(path: Path) -> None:
    with opened(path) as memory:
        memory.add([{"content": f"bee {number}", "session": f"s{number % 2}"} for number in range(9)])
        memory.flush()
        memory.reencode(HashEncoder(width=32))
        assert memory.search("bee 3", limit=1)[0].record.text == "bee 3"
        memory.snapshot("before")
        memory.add("said in error")
        memory.rollback("before")
        memory.delete(filters={"session": "s0"})
        assert memory.verify().is_sound
    assert b"bee 3" not in path.read_bytes()
