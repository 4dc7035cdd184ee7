"""What is found at a path, and what is said about it; a file that is refused is left as it was."""

import os
import random
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lamina.core.errors import (
    DamagedFile,
    ForeignFile,
    InvalidArgument,
    StoreReadOnly,
    StoreUnavailable,
)
from lamina.core.scope import Administration
from lamina.govern.access import grant
from lamina.store.sqlite.opening import checked_path, look_at, network_file_system
from lamina.store.sqlite.store import open_store
from lamina.testing.builders import a_record
from lamina.testing.store_reads import put

FILE = grant(Administration())
MOUNTS = r"""
22 1 259:1 / / rw,relatime shared:1 - ext4 /dev/root rw
40 22 0:35 / /net rw shared:2 - nfs4 server:/export rw,vers=4.2
41 40 0:36 / /net/local rw - ext4 /dev/sdb1 rw
42 22 0:37 / /home/a\040b rw - fuse.sshfs ada@host:/ rw
43 22 0:38 / /mnt/first rw - cifs //server/share rw
44 43 0:39 / /mnt/first rw - ext4 /dev/sdc1 rw
45 22 0:40 / /wsl rw - 9p drvfs rw
broken line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/memory.db", None),
        ("/net/memory.db", "nfs4"),
        ("/network/memory.db", None),
        ("/net/local/memory.db", None),
        ("/home/a b/memory.db", "fuse.sshfs"),
        ("/mnt/first/memory.db", None),
        ("/wsl/deep/down/memory.db", "9p"),
    ],
)
def test_the_deepest_and_last_mount_says_whether_a_file_lies_on_a_network(path: str, kind: str | None) -> None:
    assert network_file_system(Path(path), MOUNTS) == kind


def test_a_network_file_system_is_warned_of_and_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"40 22 0:35 / {tmp_path} rw shared:2 - nfs4 server:/export rw\n")
    monkeypatch.setattr("lamina.store.sqlite.opening._MOUNTS", mounts)
    with pytest.warns(UserWarning, match="network file system"):
        store = open_store(tmp_path / "memory.db")
    store.close()
    assert ["nfs4" in note for note in store.notes] == [True]


@pytest.mark.parametrize("path", [7, b"bytes.db", "", "  ", "a\0b"])
def test_what_no_file_can_be_called_is_an_invalid_argument(path: object) -> None:
    with pytest.raises(InvalidArgument, match="path"):
        checked_path(path)


def test_a_directory_says_to_name_a_file_in_it(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"is a directory; name a file in it"):
        open_store(tmp_path)


def test_a_missing_folder_says_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="make it first"):
        open_store(tmp_path / "missing" / "memory.db")
    assert not (tmp_path / "missing").exists()


def test_a_name_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="check its name"):
        open_store(tmp_path / ("x" * 300))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreUnavailable, match="no ordinary file"):
        open_store(tmp_path / "pipe")


def test_an_empty_file_is_a_new_memory(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    path.touch()
    store = open_store(path)
    assert list(store.check(scope=FILE)) == []
    store.close()


def test_odd_characters_in_a_path_mean_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file:a b%20?mode=ro#ü.db"
    store = open_store(path)
    put(store, a_record())
    store.close()
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_symbolic_link_leads_to_its_file(lived_in: Path) -> None:
    link = lived_in.with_name("link.db")
    link.symlink_to(lived_in)
    store = open_store(link)
    with store.read() as reading:
        assert reading.counts(scope=FILE).revisions == 50
    store.close()


@pytest.mark.parametrize("size", [1, 15, 16, 99, 100, 104, 5000, 100_000])
def test_random_bytes_are_no_memory(tmp_path: Path, size: int) -> None:
    path = tmp_path / "memory.db"
    path.write_bytes(random.Random(size).randbytes(size))
    before = path.read_bytes()
    with pytest.raises(ForeignFile, match="name another file"):
        open_store(path)
    assert path.read_bytes() == before


def test_text_is_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("SQLite is mentioned here, and that is all.\n" * 10)
    with pytest.raises(ForeignFile):
        open_store(path)


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE visits (url TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(ForeignFile, match="another program"):
        open_store(path)
    assert path.read_bytes() == before


def test_a_database_of_another_program_that_was_killed_is_left_alone(
    tmp_path: Path, run_python: Callable[..., str]
) -> None:
    path = tmp_path / "places.sqlite"
    run_python(ANOTHER_PROGRAM, path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir() if not file.name.endswith("-shm")}
    assert len(before) == 2
    with pytest.raises(ForeignFile, match="another program"):
        open_store(path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir() if not file.name.endswith("-shm")} == before


def test_a_database_with_another_programs_mark_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("PRAGMA application_id = 7")
    other.execute("PRAGMA journal_mode=wal")
    other.close()
    with pytest.raises(ForeignFile):
        open_store(path)


def test_a_file_whose_making_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    begun = sqlite3.connect(path)
    begun.execute("PRAGMA journal_mode=wal")
    begun.close()
    assert path.stat().st_size > 0
    store = open_store(path)
    assert list(store.check(scope=FILE)) == []
    store.close()


def test_a_file_cut_short_at_any_length_is_told(lived_in: Path, tmp_path: Path) -> None:
    whole = lived_in.read_bytes()
    cut = tmp_path / "cut.db"
    for length in (17, 99, 104, 105, 4095, 4096, 4097, len(whole) // 2, len(whole) - 4096, len(whole) - 1):
        cut.write_bytes(whole[:length])
        with pytest.raises(DamagedFile, match="cut short"):
            open_store(cut)
        assert cut.read_bytes() == whole[:length]


def test_scribbled_pages_are_damage_and_nothing_else(lived_in: Path, tmp_path: Path) -> None:
    whole = lived_in.read_bytes()
    scribbled = tmp_path / "scribbled.db"
    chance = random.Random(4)
    for _ in range(40):
        broken = bytearray(whole)
        page = chance.randrange(1, len(whole) // 4096)
        broken[page * 4096 : page * 4096 + 300] = chance.randbytes(300)
        scribbled.write_bytes(broken)
        assert _is_told_as_damaged(scribbled), f"page {page}"


def _is_told_as_damaged(path: Path) -> bool:
    try:
        store = open_store(path)
    except DamagedFile:
        return True
    try:
        return bool(list(store.check(scope=FILE)))
    except DamagedFile:
        return True
    finally:
        store.close()


def test_read_only_opens_with_a_note_and_refuses_to_write(lived_in: Path) -> None:
    before = lived_in.read_bytes()
    store = open_store(lived_in, read_only=True)
    assert [note for note in store.notes if "reading only" in note]
    with store.read() as reading:
        assert reading.counts(scope=FILE).revisions == 50
    with pytest.raises(StoreReadOnly, match="where it can be written"):
        put(store, a_record())
    assert list(store.check(scope=FILE)) == []
    store.close()
    assert lived_in.read_bytes() == before


def test_read_only_sees_what_another_connection_adds(lived_in: Path) -> None:
    reader, writer = open_store(lived_in, read_only=True), open_store(lived_in)
    put(writer, a_record())
    with reader.read() as reading:
        assert reading.counts(scope=FILE).revisions == 51
    reader.close()
    writer.close()


def test_read_only_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        open_store(tmp_path / "memory.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o555, 0o444), (0o555, 0o666), (0o777, 0o444)])
def test_a_file_that_cannot_be_written_opens_for_reading(
    lived_in: Path, as_nobody: Callable[[Callable[[], None]], str], folder_mode: int, file_mode: int
) -> None:
    lived_in.chmod(file_mode)
    lived_in.parent.chmod(folder_mode)

    def read_and_try_to_write() -> None:
        store = open_store(lived_in)
        with store.read() as reading:
            assert reading.counts(scope=FILE).revisions == 50
        assert any("reading only" in note for note in store.notes)
        assert list(store.check(scope=FILE)) == []
        put(store, a_record())

    told = as_nobody(read_and_try_to_write)
    lived_in.parent.chmod(0o777)
    assert told.startswith("StoreReadOnly: ")


@pytest.mark.parametrize("is_open_before", [True, False])
def test_a_reader_that_cannot_write_beside_the_file_is_never_left_behind_by_a_writer(
    lived_in: Path, as_nobody: Callable[[Callable[[], None]], str], is_open_before: bool
) -> None:
    """Without locks it would read old pages beside new ones; it sees the new ones, or says that it must open again."""
    (ready, opened), (written, wrote) = os.pipe(), os.pipe()
    writer = open_store(lived_in) if is_open_before else None
    lived_in.parent.chmod(0o555)

    def write_when_opened() -> None:
        os.read(ready, 1)
        store = writer or open_store(lived_in)
        put(store, *(a_record("z" * 4000) for _ in range(30)))
        store.close()
        os.write(wrote, b"x")

    def read_twice() -> None:
        store = open_store(lived_in)
        with store.read() as reading:
            assert reading.counts(scope=FILE).revisions == 50
        os.write(opened, b"x")
        os.read(written, 1)
        with store.read() as reading:
            assert reading.counts(scope=FILE).revisions == 80

    writing = threading.Thread(target=write_when_opened)
    writing.start()
    told = as_nobody(read_twice)
    writing.join()
    lived_in.parent.chmod(0o777)
    assert told == "" if is_open_before else told.startswith("StoreUnavailable: ") and "open it again" in told


def test_a_file_that_cannot_be_read_is_told(lived_in: Path, as_nobody: Callable[[Callable[[], None]], str]) -> None:
    lived_in.chmod(0o000)
    told = as_nobody(lambda: open_store(lived_in).close())
    assert told.startswith("StoreUnavailable: ")
    assert "permissions" in told


def test_a_folder_that_cannot_be_written_makes_no_file(
    tmp_path: Path, as_nobody: Callable[[Callable[[], None]], str]
) -> None:
    tmp_path.chmod(0o555)
    told = as_nobody(lambda: open_store(tmp_path / "memory.db").close())
    tmp_path.chmod(0o777)
    assert told.startswith("StoreUnavailable: ")
    assert "can be written" in told


def test_a_folder_that_cannot_be_entered_is_told(
    lived_in: Path, as_nobody: Callable[[Callable[[], None]], str]
) -> None:
    inner = lived_in.parent / "inner" / "deeper"
    inner.mkdir(parents=True)

    def look() -> None:
        look_at(inner / "memory.db", read_only=False)

    inner.parent.chmod(0o000)
    told = as_nobody(look)
    inner.parent.chmod(0o777)
    assert told.startswith("StoreUnavailable: ")


@pytest.mark.parametrize("has_shared_memory", [True, False])
def test_what_waits_in_the_log_is_read_or_asked_for_where_the_folder_is_closed(
    tmp_path: Path,
    run_python: Callable[..., str],
    as_nobody: Callable[[Callable[[], None]], str],
    has_shared_memory: bool,
) -> None:
    path = tmp_path / "memory.db"
    run_python(ENDS_AT_ONCE, path)
    assert path.with_name("memory.db-wal").stat().st_size > 0
    if not has_shared_memory:
        path.with_name("memory.db-shm").unlink()
    for file in tmp_path.iterdir():
        file.chmod(0o444)
    tmp_path.chmod(0o555)

    def read() -> None:
        store = open_store(path)
        with store.read() as reading:
            raise AssertionError(reading.counts(scope=FILE).revisions)

    told = as_nobody(read)
    tmp_path.chmod(0o777)
    assert told.startswith("AssertionError: 1" if has_shared_memory else "StoreUnavailable: "), told


ENDS_AT_ONCE = """
import os, sys
from lamina.store.sqlite.store import open_store
from lamina.testing.builders import a_record
from lamina.testing.store_reads import put

store = open_store(sys.argv[1])
put(store, a_record())
os._exit(0)
"""

ANOTHER_PROGRAM = """
import os, sqlite3, sys
other = sqlite3.connect(sys.argv[1])
other.execute("PRAGMA journal_mode=wal")
other.execute("CREATE TABLE visits (url TEXT)")
os._exit(0)
"""
