"""What indexes take is counted right, with threads and with walls that are shared, and the bound on it holds."""

import gc
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lamina import Scope
from lamina.core.scope import Wall
from lamina.index.union import Union
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder

ROWS = 300


@pytest.fixture
def path(tmp_path: Path, clock: FakeClock) -> Path:
    """A file of eight tenants that share something, each with a user, and more than fits into the bound."""
    path = tmp_path / "life.db"
    with Memory(path, encoder=HashEncoder(width=384), clock=clock) as memory:
        for tenant in range(8):
            for scope in (Scope.shared(tenant=f"t{tenant}"), Scope(tenant=f"t{tenant}", user="ada")):
                memory.add([f"word{place} other{place % 7} of {tenant}" for place in range(ROWS)], scope=scope)
                memory.flush(scope=scope)
    return path


@pytest.fixture
def bounded(path: Path, clock: FakeClock) -> Iterator[Memory]:
    with Memory(path, encoder=HashEncoder(width=384), clock=clock, settings=Settings(index_bytes=2 << 20)) as memory:
        yield memory


def test_the_count_is_right_after_evictions_beside_readers(bounded: Memory) -> None:
    def work(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(40):
            scope = Scope(tenant=f"t{dice.randrange(8)}", user=dice.choice(["ada", "nobody"]))
            if dice.random() < 0.3:
                bounded.add(f"one more word{dice.randrange(9)}", scope=scope)
            bounded.search("word1 other2", scope=scope)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bounded.search("word1", scope=Scope(tenant="t0", user="ada"))
    index = bounded.stats().index
    assert index.evictions > 0
    assert index.bytes == sum(index.bytes_by_part.values())
    assert index.bytes <= index.most_bytes


def test_who_has_nothing_of_his_own_keeps_no_index_that_was_let_go(bounded: Memory) -> None:
    for tenant in range(8):
        bounded.search("word1", scope=Scope(tenant=f"t{tenant}", user="nobody"))
    index = bounded.stats().index
    assert index.evictions > 0
    gc.collect()
    unions = [held for held in gc.get_objects() if type(held) is Union and len(held)]
    assert sum(len(union) for union in unions) <= index.rows


def test_a_union_that_is_outdated_is_let_go(bounded: Memory) -> None:
    shared = Scope.shared(tenant="t0")
    for user in ("ada", "bob", "eve"):
        bounded.search("word1", scope=Scope(tenant="t0", user=user))
    bounded.add("something new", scope=shared)
    bounded.search("word1", scope=Scope(tenant="t0", user="ada"))
    gc.collect()
    assert len([held for held in gc.get_objects() if type(held) is Union and len(held)]) == 1


def test_searches_of_many_walls_beside_one_another_fail_for_no_count(
    bounded: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Wall.__hash__

    def yielding(wall: Wall) -> int:
        time.sleep(0)
        return plain(wall)

    monkeypatch.setattr(Wall, "__hash__", yielding)

    def work(seed: int) -> None:
        for turn in range(60):
            bounded.search("word1", scope=Scope(tenant=f"t{(turn * 7 + seed * 5) % 8}", user="ada"))
            bounded.stats()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [None] * 4


def test_vectors_that_cannot_be_written_count_as_well(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "unencoded.db"
    with Memory(path, encoder=HashEncoder(width=384), clock=clock) as memory:
        for user in ("ada", "bob"):
            memory.add([f"word{place} of {user}" for place in range(ROWS)], user_id=user)
    chosen = Settings(read_only=True, encode_at_read=ROWS)
    with Memory(path, encoder=HashEncoder(width=384), clock=clock, settings=chosen) as memory:
        for user in ("ada", "bob", "ada", "bob"):
            memory.search("word1", user_id=user)
        index = memory.stats().index
        assert index.bytes == sum(index.bytes_by_part.values())


def test_walls_that_grow_row_by_row_are_counted(tmp_path: Path, clock: FakeClock) -> None:
    """Whatever each row brings: here the metadata, 20 kB each time."""
    bound = 2 << 20
    with Memory(
        tmp_path / "life.db", encoder=HashEncoder(width=384), clock=clock, settings=Settings(index_bytes=bound)
    ) as memory:
        for count in range(16):
            for user in range(12):
                scope = Scope(tenant="t", user=f"u{user}")
                memory.add({"content": f"word{count}", "metadata": {"more": "x" * 20_000}}, scope=scope)
                memory.search("word1", scope=scope)
        index = memory.stats().index
    assert index.evictions > 0
    assert index.bytes <= bound + 12 * 32_768


def test_what_an_erasure_leaves_is_counted(tmp_path: Path, clock: FakeClock) -> None:
    """What is shared is never let go of beside its readers: counted for what it was, it would drive out all others."""
    dice = random.Random(1)  # not for secrets
    words = [f"word{number}" for number in range(20_000)]
    with Memory(
        tmp_path / "life.db", encoder=HashEncoder(width=384), clock=clock, settings=Settings(index_bytes=3 << 20)
    ) as memory:
        shared = Scope.shared(tenant="t")
        memory.add([" ".join(dice.sample(words, 100)) for _ in range(100)], scope=shared)
        memory.search("word1", scope=shared)
        memory.erase(all=True, scope=shared)
        users = [Scope(tenant="t", user=f"u{number}") for number in range(3)]
        for user in users:
            memory.add("a word1", scope=user)
            memory.search("word1", scope=user)
        before = memory.stats().index
        for user in users * 5:
            memory.search("word1", scope=user)
        after = memory.stats().index
    assert (after.evictions, after.builds, after.loads) == (before.evictions, before.builds, before.loads)
