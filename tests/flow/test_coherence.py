"""Many processes and threads on one file: what was acknowledged before a read began is in it, and nobody waits long."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import apsw
import pytest

from lamina import Memory, Settings
from lamina.core.errors import StoreBusy
from lamina.testing.fakes import FakeClock, HashEncoder

#: How long the processes of a history live, and how many of each kind there are.
LIFE_S = 3.0
WRITERS, READERS = 2, 2
#: A read that waits for something takes longer.
SOON_S = 1.5


@pytest.fixture
def path(tmp_path: Path, clock: FakeClock) -> Path:
    path = tmp_path / "life.db"
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        memory.add([f"bee {number} hums" for number in range(300)])
        memory.flush()
    return path


def test_what_was_acknowledged_before_a_read_began_is_in_it(path: Path) -> None:
    """Writers note each token when it is acknowledged; readers ask for the last ones noted, and look at the numbers."""
    notes = path.with_suffix(".notes")
    notes.touch()
    kinds = [WRITER] * WRITERS + [READER] * READERS
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", kind, str(path), str(notes), str(number), str(LIFE_S)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number, kind in enumerate(kinds)
    ]
    told = [process.communicate(timeout=60) for process in processes]
    assert [error for _, error in told if error] == []
    lives = [json.loads(out) for out, _ in told]
    assert [wrong for life in lives for wrong in life["wrongs"]] == []
    assert all(life["rebuilds"] == 0 for life in lives)
    assert sum(life["acts"] for life in lives[:WRITERS]) > 50
    assert sum(life["acts"] for life in lives[WRITERS:]) > 50
    # Somebody kept the index while the others read and wrote.
    assert sum(life["publications"] for life in lives) > 0
    with Memory(path, encoder=HashEncoder()) as memory:
        assert memory.verify().is_sound
        assert memory.search("bee").notes == ()


COMMON = """
import json, os, random, sys, time
from pathlib import Path
from lamina import Memory
from lamina.core.errors import StoreBusy
from lamina.flows import publish
from lamina.testing.fakes import HashEncoder
publish.publish.__kwdefaults__["least"] = 40
path, notes, number, life_s = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], float(sys.argv[4])
dice = random.Random(number)
until = time.monotonic() + life_s
life = {"acts": 0, "busy": 0, "wrongs": []}
def end(memory):
    index = memory.stats().index
    print(json.dumps(life | {"rebuilds": index.rebuilds, "publications": index.publications}))
"""
WRITER = (
    COMMON
    + """
mine = []
with Memory(path, encoder=HashEncoder()) as memory, notes.open("a") as file:
    while time.monotonic() < until:
        try:
            if mine and dice.random() < 0.25:
                token, record_id = mine.pop(dice.randrange(len(mine)))
                receipt = memory.delete(record_id)
                done = ("gone", token, receipt.operations[-1].number)
            else:
                token = f"token{number}x{life['acts']}"
                record = memory.add(f"{token} was said", session=f"s{life['acts'] // 20}").stored[0]
                mine.append((token, record.id))
                done = ("said", token, record.number)
        except StoreBusy:
            life["busy"] += 1
            continue
        # Appending a line is one act: whoever reads it reads what is acknowledged.
        file.write(json.dumps(done) + "\\n")
        file.flush()
        life["acts"] += 1
        if life["acts"] % 30 == 0:
            memory.flush()
        time.sleep(0.002)
    end(memory)
"""
)
READER = (
    COMMON
    + """
reached = 0
with Memory(path, encoder=HashEncoder()) as memory:
    while time.monotonic() < until:
        lines = notes.read_text().splitlines()
        gone = {token for what, token, _ in map(json.loads, lines) if what == "gone"}
        if not lines:
            continue
        what, token, at = json.loads(lines[-1 - min(dice.randrange(3), len(lines) - 1)])
        hits = memory.search(token, limit=10)
        words = [hit.record.text.split()[0] for hit in hits]
        if token not in gone and token not in words:
            # It may have been taken back since the notes were read.
            now = {t for w, t, _ in map(json.loads, notes.read_text().splitlines()) if w == "gone"}
            if token not in now:
                time.sleep(0.05)
                now |= {t for w, t, _ in map(json.loads, notes.read_text().splitlines()) if w == "gone"}
            if token not in now:
                life["wrongs"].append(f"{token} was said and is not found: {words}")
        if gone & set(words):
            life["wrongs"].append(f"{gone & set(words)} was taken back and is found")
        number_now = max(held.index.number for _, held in memory._indexes.in_memory())
        if number_now < max(at, reached):
            life["wrongs"].append(f"operation {at} is acknowledged, and the index reaches {number_now}")
        reached = number_now
        life["acts"] += 1
    end(memory)
"""
)


def test_a_read_waits_for_no_writer_and_keeps_what_it_encodes_in_memory(
    path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lamina.flows.unwritten.PAUSE_S", 0.0)
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        memory.add("a wasp stings")
        other = apsw.Connection(str(path))
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        hits = memory.search("who stings? a wasp")
        assert time.monotonic() - began < SOON_S
        assert hits[0].record.text == "a wasp stings"
        assert {way.by for way in hits[0].via} == {"lexical", "dense"}
        assert (hits.pending, hits.notes) == (0, ())
        assert memory.stats().counts.waiting == 1
        other.execute("ROLLBACK")
        other.close()
        memory.add("a hornet too")
        memory.search("hornet")
        assert memory.stats().counts.waiting == 0
        assert memory.verify().is_sound


def test_vectors_that_came_late_do_not_spoil_what_is_kept(path: Path, clock: FakeClock) -> None:
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        memory.add([f"wasp {number} stings" for number in range(40)])
        other = apsw.Connection(str(path))
        other.execute("BEGIN IMMEDIATE")
        expected = [(hit.record.text, hit.score) for hit in memory.search("wasp 7 stings")]
        other.execute("ROLLBACK")
        other.close()
        memory.add([f"hornet {number} stings" for number in range(600)])
        memory.flush()
        assert memory.verify().is_sound
        memory.search("wasp")
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        memory.search("wasp")
        assert memory.stats().index.loads == 1
        assert memory.verify().is_sound
    assert expected[0][0] == "wasp 7 stings"


def test_no_reader_waits_while_an_index_is_packed_and_kept(
    path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    packing, go_on = threading.Event(), threading.Event()

    def slow(*arguments: object, **options: object) -> bool:
        packing.set()
        return go_on.wait(20)

    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        memory.add([f"wasp {number} stings" for number in range(600)])
        monkeypatch.setattr("lamina.flows.publish.keep_segments", slow)
        keeper = threading.Thread(target=memory.flush)
        keeper.start()
        assert packing.wait(20)
        began = time.monotonic()
        assert memory.search("wasp 7 stings")[0].record.text == "wasp 7 stings"
        assert memory.add("said meanwhile").stored
        assert memory.search("said meanwhile")[0].record.text == "said meanwhile"
        assert time.monotonic() - began < SOON_S
        go_on.set()
        keeper.join()


def test_a_file_that_stays_locked_is_a_clear_error_after_a_bounded_wait(path: Path) -> None:
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    with Memory(path, encoder=HashEncoder(), settings=Settings(busy_timeout_s=0.2)) as memory:
        began = time.monotonic()
        with pytest.raises(StoreBusy, match="busy_timeout_s"):
            memory.add("too busy")
        assert 0.1 < time.monotonic() - began < SOON_S
        assert memory.search("bee 7").pending == 0
    other.close()


def test_closing_keeps_the_index_and_leaves_no_log_behind(path: Path, clock: FakeClock) -> None:
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        memory.add([f"wasp {number} stings" for number in range(600)])
        memory.search("wasp")
    assert not os.path.exists(f"{path}-wal")
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        memory.search("wasp")
        assert (memory.stats().index.loads, memory.stats().index.builds) == (1, 0)


def test_threads_that_encode_beside_one_another_lose_no_vector(tmp_path: Path) -> None:
    users = [f"user {n}" for n in range(4)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        for trial in range(10):
            with Memory(tmp_path / f"{trial}.db", encoder=HashEncoder()) as memory:
                for user in users:
                    memory.add([f"word{n} of {user}" for n in range(30)], user_id=user)
                barrier = threading.Barrier(len(users))

                def ask(user: str, memory: Memory = memory, barrier: threading.Barrier = barrier) -> None:
                    barrier.wait()
                    memory.search("word1", user_id=user)

                threads = [threading.Thread(target=ask, args=(user,)) for user in users]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                waiting = sum(memory.stats(user_id=user).counts.waiting for user in users)
                assert waiting == len(memory._indexes.unwritten)
                memory.flush(user_id=users[0])
                assert not len(memory._indexes.unwritten)
                assert sum(memory.stats(user_id=user).counts.waiting for user in users) == 0
    finally:
        sys.setswitchinterval(interval)
