"""The store under pressure: threads, processes, forks, full disks, locks, abandoned transactions."""

import gc
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import apsw
import pytest

from lamina.core.errors import MemoryClosed, StoreBusy, StoreFull, StoreUnavailable, UsedAfterFork
from lamina.core.rows import Listing
from lamina.core.scope import Administration
from lamina.flows.verify import verify
from lamina.govern.access import grant
from lamina.store.sqlite.store import SqliteStore, open_store
from lamina.testing.builders import MAKING, NOON, a_record, a_scope, an_addition
from lamina.testing.store_reads import put

Run = Callable[..., str]
FILE = grant(Administration())
ADA = a_scope("ada")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = open_store(tmp_path / "memory.db", busy_timeout_s=0.3)
    yield store
    store.close()


def revisions_in(store: SqliteStore) -> int:
    with store.read() as reading:
        return reading.counts(scope=FILE).revisions


def test_closing_folds_the_log_into_the_file(tmp_path: Path, store: SqliteStore) -> None:
    put(store, a_record())
    assert (tmp_path / "memory.db-wal").stat().st_size > 0
    assert store.file_bytes() > (tmp_path / "memory.db").stat().st_size
    revisions_in(store)
    store.close()
    assert [file.name for file in tmp_path.iterdir()] == ["memory.db"]


def test_a_memory_without_a_file_takes_no_bytes_of_one() -> None:
    store = open_store(None)
    put(store, a_record())
    assert store.file_bytes() == 0
    assert store.notes == ()
    store.close()


def test_every_write_is_durable_and_every_reference_is_watched(store: SqliteStore) -> None:
    with store.write() as writing:
        pragmas = {name: writing._connection.pragma(name) for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_another_process_that_holds_the_lock_makes_a_writer_wait_and_not_for_ever(
    tmp_path: Path, store: SqliteStore
) -> None:
    other = apsw.Connection(str(tmp_path / "memory.db"))
    other.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    with pytest.raises(StoreBusy, match="busy_timeout_s"):
        put(store, a_record())
    assert 0.2 < time.monotonic() - begun < 5
    assert revisions_in(store) == 0
    other.execute("ROLLBACK")
    put(store, a_record())
    assert revisions_in(store) == 1


def test_a_file_that_another_process_keeps_to_itself_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    open_store(path).close()
    other = apsw.Connection(str(path))
    other.pragma("locking_mode", "exclusive")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreBusy):
        open_store(path, busy_timeout_s=0.2)
    other.close()
    open_store(path).close()


def test_readers_do_not_wait_for_a_writer(store: SqliteStore) -> None:
    put(store, a_record())
    with store.write() as writing:
        writing.apply(an_addition(), recorded_at=NOON)
        assert revisions_in(store) == 1
    assert revisions_in(store) == 2


def test_a_ninth_reader_waits_and_not_for_ever(store: SqliteStore) -> None:
    readings = [store.read() for _ in range(9)]
    for reading in readings[:8]:
        reading.__enter__()
    with pytest.raises(StoreBusy):
        readings[8].__enter__()
    for reading in readings[:8]:
        reading.__exit__(None, None, None)
    assert revisions_in(store) == 0


def test_a_transaction_inside_another_on_a_memory_without_a_file_is_refused_at_once() -> None:
    store = open_store(None, busy_timeout_s=60)
    with store.read(), pytest.raises(StoreBusy, match="end that one first"), store.write():
        pass
    with store.write(), pytest.raises(StoreBusy, match="end that one first"), store.read():
        pass
    put(store, a_record())
    store.close()


def test_a_reading_answers_nothing_once_it_has_ended(store: SqliteStore) -> None:
    put(store, *(a_record(scope=ADA) for _ in range(3)))
    with store.read() as reading:
        walk = reading.index_rows(wall=ADA.wall, scope=grant(ADA), after=0)
        next(walk)
    with pytest.raises(StoreUnavailable, match="has ended"):
        next(walk)
    with pytest.raises(StoreUnavailable, match="has ended"):
        reading.encoder()


def test_an_error_in_a_reader_costs_no_connection(store: SqliteStore) -> None:
    for _ in range(20):
        with pytest.raises(ZeroDivisionError), store.read():
            _ = 1 / 0
    assert revisions_in(store) == 0


def test_a_transaction_that_is_dropped_in_the_middle_is_rolled_back(store: SqliteStore) -> None:
    unfinished = store.write()
    writing = unfinished.__enter__()
    writing.apply(an_addition(), recorded_at=NOON)
    del unfinished, writing
    gc.collect()
    put(store, a_record())
    assert revisions_in(store) == 1


def test_a_store_that_is_closed_under_a_reader_closes_when_the_reader_ends(tmp_path: Path, store: SqliteStore) -> None:
    put(store, a_record())
    with store.read() as reading:
        store.close()
        assert reading.counts(scope=FILE).revisions == 1
    with pytest.raises(MemoryClosed), store.read():
        pass
    assert [file.name for file in tmp_path.iterdir()] == ["memory.db"]


def test_closing_while_other_threads_work_ends_in_one_state_or_the_other(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    store = open_store(path)

    def work() -> int:
        acknowledged = 0
        with suppress(MemoryClosed):
            while True:
                put(store, a_record(scope=ADA))
                acknowledged += 1
                revisions_in(store)
        return acknowledged

    with ThreadPoolExecutor(4) as threads:
        counts = [threads.submit(work) for _ in range(4)]
        time.sleep(0.1)
        store.close()
    again = open_store(path)
    assert revisions_in(again) == sum(count.result() for count in counts) > 0
    assert verify(again, MAKING, scope=FILE).is_sound
    again.close()


def test_a_full_file_takes_nothing_of_the_call_and_goes_on_when_there_is_room(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, a_record(scope=ADA))
    with store.write() as writing:
        connection = writing._connection
        pages = connection.pragma("page_count")
    connection.pragma("max_page_count", pages)
    with pytest.raises(StoreFull, match="make room"):
        put(store, *(a_record("long " * 2000, scope=ADA) for _ in range(20)))
    assert revisions_in(store) == 1
    assert list(store.check(scope=FILE)) == []
    connection.pragma("max_page_count", 2**30)
    put(store, a_record("long " * 2000, scope=ADA))
    assert revisions_in(store) == 2


def test_a_new_file_on_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apsw, "connection_hooks", [lambda connection: connection.pragma("max_page_count", 5)])
    with pytest.raises(StoreFull):
        open_store(tmp_path / "memory.db")


def test_a_limit_on_file_size_takes_nothing_of_the_call_and_loses_nothing(tmp_path: Path, run_python: Run) -> None:
    path = tmp_path / "memory.db"
    kept = int(run_python(FILLS_UP, path))
    assert kept > 0
    store = open_store(path)
    assert revisions_in(store) == kept
    assert verify(store, MAKING, scope=FILE).is_sound
    put(store, a_record())
    store.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_fills_up_takes_nothing_of_the_call_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=900k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount")
    try:
        _fill(disk)
    finally:
        subprocess.run(["umount", disk], check=True)


def _fill(disk: Path) -> None:
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(100_000))
    store = open_store(disk / "memory.db")
    kept = _put_until_full(store)
    assert revisions_in(store) == kept > 0
    ballast.unlink()
    put(store, a_record())
    assert revisions_in(store) == kept + 1
    assert verify(store, MAKING, scope=FILE).is_sound
    store.close()


def _put_until_full(store: SqliteStore) -> int:
    for kept in range(10_000):
        try:
            put(store, a_record("long " * 400))
        except StoreFull:
            return kept
    raise AssertionError("it never filled up")


def test_two_processes_write_and_read_at_once(tmp_path: Path, run_python: Run) -> None:
    path = tmp_path / "memory.db"
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(lambda user: run_python(WRITES_AND_READS, path, user), ("ada", "bob"))) == ["30", "30"]
    store = open_store(path)
    with store.read() as reading:
        assert {wall.user: len(list(reading.log(wall, scope=FILE))) for wall in reading.walls(scope=FILE)} == {
            None: 60,
            "ada": 30,
            "bob": 30,
        }
        assert reading.counts(scope=FILE).commits == 60
    assert verify(store, MAKING, scope=FILE).is_sound
    store.close()


def test_what_another_process_acknowledged_is_seen_by_the_next_reading(tmp_path: Path, run_python: Run) -> None:
    path = tmp_path / "memory.db"
    store = open_store(path)
    for count in (30, 60):
        run_python(WRITES_AND_READS, path, f"user {count}")
        with store.read() as reading:
            assert reading.counts(scope=FILE).commits == count
    store.close()


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("path", ["memory.db", None])
def test_a_forked_child_is_told_and_harms_nothing(tmp_path: Path, path: str | None) -> None:
    store = open_store(None if path is None else tmp_path / path)
    put(store, a_record(scope=ADA))
    reader, writer = os.pipe()
    with store.read() as reading:
        if os.fork() == 0:
            os.write(writer, _what_a_child_is_told(store).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            told = pipe.read()
        os.wait()
        assert reading.counts(scope=FILE).revisions == 1
    assert told == "UsedAfterFork UsedAfterFork closed"
    put(store, a_record(scope=ADA))
    assert revisions_in(store) == 2
    assert verify(store, MAKING, scope=FILE).is_sound
    store.close()


def test_a_forked_child_that_ends_in_the_ordinary_way_takes_nothing_from_others(
    tmp_path: Path, run_python: Run
) -> None:
    assert run_python(FORKS, tmp_path / "memory.db") == "sound 2"


def test_a_listing_goes_on_in_another_process(lived_in: Path, run_python: Run) -> None:
    store = open_store(lived_in)
    with store.read() as reading:
        cursor = reading.page(Listing(limit=20), scope=grant(ADA)).cursors[-1]
    store.close()
    assert run_python(LISTS, lived_in, cursor) == "30 words 20"


def _what_a_child_is_told(store: SqliteStore) -> str:
    words = []
    for transaction in (store.read, store.write):
        try:
            with transaction():
                words.append("nothing")
        except UsedAfterFork:
            words.append("UsedAfterFork")
    store.close()
    return " ".join([*words, "closed"])


BEGIN = """
import os, resource, sys
from lamina.core.errors import StoreFull
from lamina.core.rows import Listing
from lamina.core.scope import Administration, Scope
from lamina.flows.verify import verify
from lamina.govern.access import grant
from lamina.store.sqlite.store import open_store
from lamina.testing.builders import ENCODER, MAKING, a_record, a_scope
from lamina.testing.store_reads import put
FILE = grant(Administration())
"""
FILLS_UP = (
    BEGIN
    + """
store = open_store(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
kept = 0
try:
    while True:
        put(store, a_record("long " * 400))
        kept += 1
except StoreFull as error:
    assert "make room" in str(error)
with store.read() as reading:
    assert reading.counts(scope=FILE).revisions == kept
try:
    put(store, a_record("long " * 400))
    kept += 1
except StoreFull:
    pass
print(kept)
"""
)
WRITES_AND_READS = (
    BEGIN
    + """
store = open_store(sys.argv[1])
user = a_scope(sys.argv[2])
for count in range(1, 31):
    put(store, a_record(scope=user, session="s"), a_record(scope=Scope.shared("acme")))
    with store.read() as reading:
        assert len(reading.stream(scope=grant(user), session="s", encoder=ENCODER, limit=99)) == count
store.close()
print(count)
"""
)
FORKS = (
    BEGIN
    + """
store = open_store(sys.argv[1])
put(store, a_record())
begun, begin = os.pipe()
child = os.fork()
if child == 0:
    os.read(begun, 1)
    sys.exit(0)
store.close()
# Another process is killed, and what it acknowledged lies in the log beside the file.
other = os.fork()
if other == 0:
    late = open_store(sys.argv[1])
    put(late, a_record())
    os._exit(0)
os.waitpid(other, 0)
assert os.path.getsize(sys.argv[1] + "-wal") > 0
os.write(begin, b"x")
os.waitpid(child, 0)
store = open_store(sys.argv[1])
with store.read() as reading:
    count = reading.counts(scope=FILE).revisions
print("sound" if verify(store, MAKING, scope=FILE).is_sound else "broken", count)
"""
)
LISTS = (
    BEGIN
    + """
store = open_store(sys.argv[1])
with store.read() as reading:
    page = reading.page(Listing(after=sys.argv[2]), scope=grant(a_scope("ada")))
print(len(page.records), page.records[0].text[:8])
"""
)
