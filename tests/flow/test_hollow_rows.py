"""Rows that hold nothing where every such row holds something, as a damaged header of a row makes them."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from lamina import Memory
from lamina.core.errors import DamagedFile
from lamina.testing.fakes import FakeClock, HashEncoder, HashTokenEncoder


def opened(path: Path) -> Memory:
    return Memory(path, encoder=HashEncoder(), clock=FakeClock())


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "sound.db"
    with opened(path) as memory:
        memory.add([{"content": f"bee {number}", "session": "s"} for number in range(9)])
        memory.flush()
        memory.place_hold("case")
        memory.snapshot("before")
        memory.compact()
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path / "hollow.db"))


def hollowed(path: Path, column: str) -> None:
    """Take what stands in one row of a column away, behind the back of the schema."""
    table, name = column.split(".")
    schema = "UPDATE sqlite_schema SET sql = ? WHERE name = ? AND type = 'table'"
    connection = apsw.Connection(str(path))
    connection.pragma("writable_schema", "ON")
    (sql,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ? AND type = 'table'", (table,)).fetchall()[
        0
    ]
    connection.execute(schema, (sql.replace("NOT NULL", ""), table))
    connection.close()
    connection = apsw.Connection(str(path))
    last = f'SELECT max(rowid) FROM "{table}"' if "WITHOUT ROWID" not in sql else None  # noqa: S608
    where = "" if last is None else f" WHERE rowid = ({last})"
    connection.execute(f'UPDATE "{table}" SET "{name}" = NULL{where}')  # noqa: S608
    assert connection.changes()
    connection.pragma("writable_schema", "ON")
    connection.execute(schema, (sql, table))
    connection.close()


CALLS: dict[str, Callable[[Memory, Path], Any]] = {
    "add": lambda memory, _: memory.add("x"),
    "audit": lambda memory, _: memory.audit(),
    "erase": lambda memory, _: memory.erase(all=True),
    "export": lambda memory, path: memory.export(path.with_suffix(".jsonl")),
    "flush": lambda memory, _: memory.flush(),
    "holds": lambda memory, _: memory.holds(),
    "lift": lambda memory, _: memory.lift_hold(1),
    "log": lambda memory, _: memory.log(),
    "reindex": lambda memory, _: memory.reindex(),
    "rollback": lambda memory, _: memory.rollback("before"),
    "search": lambda memory, _: memory.search("bee 3"),
    "snapshots": lambda memory, _: memory.snapshots(),
}
HOLLOW = {
    "wall.tenant": ["export"],
    "wall.chain": ["add"],
    "wall.recorded_us": ["add"],
    "wall.number": ["add", "search"],
    "wall.vector_number": ["search"],
    "wall.waiting": ["flush"],
    "operation.mac": ["export", "log"],
    "operation.chain": ["export", "log"],
    "revision.number": ["reindex"],
    "vector.start": ["reindex"],
    "snapshot.number": ["rollback"],
    "snapshot.recorded_us": ["export", "snapshots"],
    "directive.body": ["export", "lift", "holds", "erase"],
    "directive.placed_us": ["export", "lift", "holds"],
    "audit.recorded_us": ["audit"],
    "audit.chain": ["lift", "erase"],
}


@pytest.mark.parametrize(("column", "call"), [(column, call) for column, calls in HOLLOW.items() for call in calls])
def test_what_is_missing_in_a_row_is_damage_and_no_error_of_python(path: Path, column: str, call: str) -> None:
    hollowed(path, column)
    with opened(path) as memory:
        with pytest.raises(DamagedFile, match=r"restore|repair"):
            CALLS[call](memory, path)
        assert not memory.verify().is_sound


def test_what_a_read_does_not_need_keeps_it_from_nothing(path: Path) -> None:
    hollowed(path, "wall.chain")
    with opened(path) as memory:
        assert memory.search("bee 3", limit=1)[0].record.text == "bee 3"
        assert len(list(memory.get_all())) == 9


@pytest.mark.parametrize("column", ["segment.data", "segment.producer", "segment.covers"])
@pytest.mark.parametrize("call", ["search", "flush", "compact", "reindex"])
def test_a_part_of_an_index_that_is_missing_is_made_anew(path: Path, column: str, call: str) -> None:
    hollowed(path, column)
    with opened(path) as memory:
        _ = memory.compact() if call == "compact" else CALLS[call](memory, path)
        assert memory.search("bee 3", limit=1)[0].record.text == "bee 3"


@pytest.mark.parametrize("column", ["segment.data", "segment.producer", "segment.covers"])
def test_repair_makes_a_part_of_an_index_that_is_missing(path: Path, column: str) -> None:
    hollowed(path, column)
    with opened(path) as memory:
        report = memory.verify()
        assert "index" in {finding.check for finding in report.findings}
        repaired = memory.verify(repair=True)
        assert repaired.is_sound
        assert repaired.mended
        assert memory.search("bee 3", limit=1)[0].record.text == "bee 3"


HALF_GONE = ["data", "checksum", "start", "end", "content_id", "encoder_id", "wall_id"]
VECTORS = [*(f"vector.{name}" for name in HALF_GONE), "token_vector.data", "token_vector.checksum"]


@pytest.mark.parametrize("is_sealed", [False, True])
@pytest.mark.parametrize("column", VECTORS)
def test_repair_drops_a_vector_of_which_something_is_missing_and_its_text_is_encoded_anew(
    tmp_path: Path, column: str, is_sealed: bool
) -> None:
    def opened() -> Memory:
        key = (lambda: b"k" * 32) if is_sealed else None
        return Memory(tmp_path / "hollow.db", encoder=HashTokenEncoder(), clock=FakeClock(), key=key)

    with opened() as memory:
        memory.add([f"bee {number}" for number in range(9)])
        memory.flush()
        memory.compact()
        log, before = memory.log(), [(hit.record.id, hit.score) for hit in memory.search("bee 3")]
    hollowed(tmp_path / "hollow.db", column)
    with opened() as memory:
        report = memory.verify()
        assert {finding.check for finding in report.findings} <= {"vectors", "index"}
        assert any("NULL value" in finding.problem for finding in report.findings)
        repaired = memory.verify(repair=True)
        assert repaired.is_sound, repaired.findings
        assert set(report.findings) <= set(repaired.mended)
        assert memory.flush() >= 1
        assert memory.verify().is_sound
        assert memory.log() == log
        assert [(hit.record.id, hit.score) for hit in memory.search("bee 3")] == before


@pytest.mark.parametrize("value", ["'text'", "x''", "zeroblob(127)", f"x'{64 * '017c'}'", f"x'{64 * '007c'}'"])
def test_repair_drops_a_vector_that_is_damaged(path: Path, value: str) -> None:
    connection = apsw.Connection(str(path))
    (sql,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'vector'").fetchall()[0]
    connection.pragma("writable_schema", "ON")
    schema = "UPDATE sqlite_schema SET sql = ? WHERE name = 'vector'"
    connection.execute(schema, (sql.replace("STRICT", "").replace("data BLOB", "data"),))
    connection.close()
    connection = apsw.Connection(str(path))
    connection.execute(f"UPDATE vector SET data = {value} WHERE vector_number = 4")  # noqa: S608
    connection.pragma("writable_schema", "ON")
    connection.execute(schema, (sql,))
    connection.close()
    with opened(path) as memory:
        assert not memory.verify().is_sound
        assert memory.verify(repair=True).is_sound
        assert memory.flush() == 1
        assert memory.search("bee 3", limit=1)[0].record.text == "bee 3"
        assert memory.verify().is_sound
