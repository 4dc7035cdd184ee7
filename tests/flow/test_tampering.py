"""A file that was changed behind Lamina's back: `verify` finds it, names what it is about, and checks the rest."""

import shutil
from pathlib import Path

import apsw
import pytest

from lamina import Document, Memory
from lamina.core.errors import DamagedFile
from lamina.testing.fakes import FakeClock, HashEncoder, HashTokenEncoder

#: By what `verify` has to call it.
TAMPERED = {
    "content": [
        "UPDATE content SET text = 'evil' WHERE content_id = 1",
        "UPDATE content SET speaker = 'Eve' WHERE content_id = 1",
        "UPDATE content SET role = 'x' WHERE content_id = 1",
        "UPDATE content SET metadata = '{}' WHERE content_id = 1",
        "UPDATE content SET salt = zeroblob(16) WHERE content_id = 1",
        "UPDATE record SET external_id = 'zz' WHERE external_id = 'e0'",
        "UPDATE record SET agent = 'zz' WHERE external_id = 'e0'",
        "UPDATE record SET \"order\" = 7 WHERE external_id = 'e0'",
        "UPDATE record SET kind = 'document' WHERE external_id = 'e0'",
        "UPDATE record SET modality = 'trace' WHERE external_id = 'e0'",
        "UPDATE record SET session_id = NULL WHERE external_id = 'e0'",
        "UPDATE record SET id = 'zz' WHERE external_id = 'e0'",
        "UPDATE revision SET at_us = at_us + 1 WHERE record_key = 1",
        "UPDATE revision SET at_offset_s = 60 WHERE record_key = 1",
        "UPDATE revision SET at_source = 'given' WHERE record_key = 1",
        "UPDATE revision SET valid_to_us = 5 WHERE record_key = 1",
        "UPDATE revision SET producer = 'x' WHERE record_key = 1",
        "UPDATE revision SET trust = 0.1 WHERE record_key = 1",
        "UPDATE revision SET sensitivity = 'a' WHERE record_key = 1",
        "UPDATE revision SET acl = '[\"x\"]' WHERE record_key = 1",
        "UPDATE revision SET layer = 'core' WHERE record_key = 1",
        "UPDATE revision SET expires_us = 9 WHERE record_key = 1",
        "DELETE FROM parent",
    ],
    "state": ["UPDATE revision SET state = 'withdrawn' WHERE record_key = 2"],
    "clock": [
        "UPDATE revision SET recorded_us = recorded_us + 1 WHERE record_key = 1",
        "UPDATE operation SET recorded_us = recorded_us - 1 WHERE number = 1 AND wall_id = 1",
    ],
    "chain": [
        "UPDATE operation SET actor = 'policy' WHERE number = 1 AND wall_id = 1",
        "UPDATE operation SET action = 'UPDATE' WHERE number = 1 AND wall_id = 1",
        "UPDATE wall SET user = 'u9' WHERE user = 'u1'",
        "UPDATE wall SET tenant = 'zz' WHERE user = 'u1'",
    ],
    "record": ["DELETE FROM operation WHERE number = 3 AND wall_id = 1"],
    "sequence": [
        "UPDATE record SET arrived = 99 WHERE external_id = 'e0'",
        "UPDATE operation SET commit_number = 2 WHERE number = 1 AND wall_id = 1",
        'UPDATE "commit" SET recorded_us = recorded_us - 1 WHERE number = 1',
        "UPDATE wall SET number = number + 1 WHERE wall_id = 1",
        "UPDATE wall SET chain = zeroblob(32) WHERE wall_id = 1",
    ],
    "offsets": ['UPDATE parent SET "start" = 1 WHERE ordinal = 0 AND "start" IS NOT NULL'],
    "events": [
        "UPDATE record SET event_key = NULL WHERE external_id = 'e0'",
        "UPDATE wall SET rules = '' WHERE user = 'u1'",
        "UPDATE wall SET rules = rules || 'x' WHERE user = 'u1'",
        "UPDATE wall SET epoch = epoch + 1",
        "UPDATE wall SET epoch = epoch - 1 WHERE user = 'u2'",
    ],
    "imports": [
        "UPDATE import SET session = 'another' WHERE session = 'told'",
        "UPDATE import SET session = NULL WHERE session = 'told'",
        "UPDATE import SET run = 'another' WHERE run IS NULL",
        "UPDATE import SET name = replace(name, 'first', 'third') WHERE session = 'told'",
        "UPDATE import SET name = CAST(x'4196' AS TEXT) WHERE session = 'told'",
        "UPDATE import SET session = iif(session = 'told', 'said', 'told')",
        "UPDATE import SET zone = 'Europe/Rome' WHERE zone IS NULL",
        "UPDATE import SET day_first = 1 WHERE day_first IS NULL",
        "UPDATE piece SET digest = zeroblob(16)",
        "UPDATE piece SET digest = NULL",
        "UPDATE piece SET messages = messages + 1",
        "UPDATE piece SET has_repeats = 1 - has_repeats",
        "DELETE FROM piece",
        "DELETE FROM piece; DELETE FROM import",
        "INSERT INTO import (wall_id, name) SELECT wall_id, name || '2' FROM import",
        "UPDATE wall SET imports_checksum = 0 WHERE imports_checksum != 0",
    ],
    "provenance": ["UPDATE parent SET ordinal = ordinal + 7 WHERE ordinal = 0"],
    "references": [
        "UPDATE record SET event_key = (SELECT max(record_key) FROM record WHERE kind = 'document') "
        "WHERE external_id = 'e0'",
        "INSERT INTO content(wall_id, salt, text, awaits_vector) VALUES (1, x'00', 'orphan', 0)",
    ],
    "vectors": [
        "UPDATE content SET awaits_vector = 1 WHERE content_id = 1",
        "DELETE FROM vector WHERE vector_number = 1",
        "UPDATE vector SET data = zeroblob(length(data)) WHERE vector_number = 1",
        "UPDATE vector SET data = unhex(replace(hex(zeroblob(length(data) / 2)), '00', '007E'))",
        'UPDATE vector SET "start" = "end" WHERE vector_number = 1',
    ],
    "register": ["DELETE FROM content_register WHERE column_name = 'text'"],
    "schema": [
        "CREATE TRIGGER tr AFTER INSERT ON content BEGIN DELETE FROM content; END",
        "DROP INDEX content_waiting",
        "DROP VIEW stream_row",
        "DROP VIEW import_checksum",
    ],
    "integrity": [
        "UPDATE revision SET at_us = 9223372036854775807 WHERE record_key = 1",
        "UPDATE revision SET at_offset_s = 999999 WHERE record_key = 1",
        "UPDATE revision SET state = 'bogus' WHERE record_key = 1",
        "UPDATE revision SET acl = '5' WHERE record_key = 1",
        "UPDATE content SET metadata = 'not json' WHERE content_id = 1",
        "UPDATE content SET text = CAST(x'41964142' AS TEXT) WHERE content_id = 1",
        "UPDATE record SET external_id = CAST(x'4196' AS TEXT) WHERE external_id = 'e0'",
        "UPDATE session SET name = CAST(x'4196' AS TEXT) WHERE session_id = 1",
        "UPDATE wall SET user = '' WHERE user = 'u1'",
        "UPDATE wall SET tenant = 'a' || char(0) || 'b' WHERE user = 'u1'",
    ],
}
CASES = [pytest.param(check, statement, id=statement[:60]) for check, held in TAMPERED.items() for statement in held]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound file of three users: messages, a correction, a withdrawal, a document, and two imports."""
    path = tmp_path_factory.mktemp("sound") / "life.db"
    with Memory(path, encoder=HashEncoder(), clock=FakeClock()) as memory:
        for number in range(5):
            said = {"content": f"text {number}", "session": "s", "external_id": f"e{number}", "name": "Ada"}
            memory.add({**said, "metadata": {"a": number}}, user_id="u1")
        memory.add("other", user_id="u2")
        memory.delete(memory.add("to be withdrawn", user_id="u1").stored[0].id, user_id="u1")
        memory.update(next(memory.get_all(user_id="u1")).id, text="changed", user_id="u1")
        text = "First paragraph. " * 40 + "\n\n" + "Second paragraph. " * 40
        memory.add(Document(title="T", text=text), user_id="u1")
        for name, session in (("first", "told"), ("second", "said")):
            chat = path.with_name(f"{name}.jsonl")
            chat.write_text(f'{{"text": "said in the {name}"}}\n', "utf-8")
            memory.import_messages(chat, session=session, user_id="u3")
        memory.flush(user_id="u1")
        assert memory.verify().is_sound
    return path


@pytest.mark.parametrize(("check", "statement"), CASES)
def test_what_was_changed_behind_its_back_is_found(sound: Path, tmp_path: Path, check: str, statement: str) -> None:
    path = tmp_path / "tampered.db"
    shutil.copy(sound, path)
    connection = apsw.Connection(str(path))
    connection.pragma("foreign_keys", "OFF")
    connection.execute(statement)
    connection.close()
    with Memory(path, encoder=HashEncoder(), clock=FakeClock()) as memory:
        report = memory.verify()
    assert not report.is_sound
    assert check in {finding.check for finding in report.findings}


@pytest.mark.parametrize("change", ["UPDATE wall SET rules = 'x'", "UPDATE wall SET epoch = epoch + 1000"])
def test_rules_and_epoch_that_were_changed_are_made_right(sound: Path, tmp_path: Path, change: str) -> None:
    path = tmp_path / "tampered.db"
    shutil.copy(sound, path)
    connection = apsw.Connection(str(path))
    connection.execute(change)
    connection.close()
    with Memory(path, encoder=HashEncoder(), clock=FakeClock()) as memory:
        report = memory.verify(repair=True)
        assert report.is_sound
        assert report.mended
        assert memory.verify().is_sound
        memory.erase(all=True, user_id="u1")
        assert memory.verify().is_sound


def test_bytes_in_the_place_of_a_name_are_damage_and_no_error_of_python(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "tampered.db"
    shutil.copy(sound, path)
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'session'")
    connection.close()
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE session SET name = CAST(name AS BLOB)")
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET sql = sql || 'STRICT' WHERE name = 'session'")
    connection.close()
    with Memory(path, encoder=HashEncoder(), clock=FakeClock()) as memory:
        assert not memory.verify().is_sound
        with pytest.raises(DamagedFile, match="a text is bytes"):
            list(memory.get_all(user_id="u1"))


def test_text_that_is_no_utf8_is_damage_and_no_error_of_python(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "tampered.db"
    shutil.copy(sound, path)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE content SET text = CAST(x'41964142' AS TEXT) WHERE text = 'other'")
    connection.close()
    with Memory(path, encoder=HashEncoder(), clock=FakeClock()) as memory, pytest.raises(DamagedFile, match="no UTF-8"):
        list(memory.get_all(user_id="u2"))


@pytest.mark.parametrize(
    "column", ["at_us = 7", "at_source = 'given'", "producer = 'x'", "layer = 'core'", "trust = 0.5"]
)
def test_what_is_left_of_an_erased_record_cannot_be_changed_unnoticed(tmp_path: Path, column: str) -> None:
    path = tmp_path / "tampered.db"
    with Memory(path, encoder=HashEncoder(), clock=FakeClock()) as memory:
        name = memory.add({"content": "gone", "session": "s", "external_id": "e", "name": "Ada"}).stored[0].id
        memory.update(name, text="gone, too")
        memory.erase(name)
        assert memory.verify().is_sound
    connection = apsw.Connection(str(path))
    connection.execute(f"UPDATE revision SET {column} WHERE record_key = 1 AND revision = 1")  # noqa: S608
    connection.close()
    with Memory(path, encoder=HashEncoder(), clock=FakeClock()) as memory:
        assert [(finding.check, finding.where) for finding in memory.verify().findings] == [
            ("content", f"default/default {name} revision 1")
        ]


def test_a_time_in_the_log_that_no_calendar_has_is_damage_and_no_error_of_python(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "tampered.db"
    shutil.copy(sound, path)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE operation SET recorded_us = 9223372036854775807")
    connection.close()
    with Memory(path, encoder=HashEncoder(), clock=FakeClock()) as memory:
        with pytest.raises(DamagedFile, match="operation 2 cannot be read"):
            memory.log(user_id="u2")
        assert not memory.verify().is_sound


def test_a_wall_that_cannot_be_read_keeps_no_other_from_being_checked(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "tampered.db"
    shutil.copy(sound, path)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE revision SET state = 'bogus' WHERE record_key = 1")
    connection.execute("UPDATE content SET text = 'evil' WHERE text = 'other'")
    connection.close()
    with Memory(path, encoder=HashEncoder(), clock=FakeClock()) as memory:
        findings = memory.verify().findings
    assert {("integrity", "default/u1"), ("content", "default/u2")} <= {
        (finding.check, finding.where.split()[0]) for finding in findings
    }


def test_an_index_of_some_rows_that_holds_others_is_found(tmp_path: Path) -> None:
    path = tmp_path / "tampered.db"
    with Memory(path, encoder=HashTokenEncoder(width=16), clock=FakeClock()) as memory:
        memory.add([f"text {number}" for number in range(5)])
        memory.flush()
    connection = apsw.Connection(str(path))
    size = connection.pragma("page_size")
    named = "SELECT rootpage FROM sqlite_schema WHERE name IN ('token_vector', 'erasure_waiting')"
    one, other = ((page - 1) * size for (page,) in connection.execute(named).fetchall())
    connection.close()
    data = bytearray(path.read_bytes())
    # Both are trees of the same kind, and SQLite's own check counts no entries of an index of some rows alone.
    data[one : one + size], data[other : other + size] = data[other : other + size], data[one : one + size]
    path.write_bytes(data)
    with Memory(path, encoder=HashTokenEncoder(width=16), clock=FakeClock()) as memory:
        report = memory.verify()
    assert [finding.where for finding in report.findings if finding.check == "integrity"] == ["index erasure_waiting"]
