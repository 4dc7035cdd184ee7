"""A check that is stopped goes on, and says what one run says; what changed meanwhile is checked anew."""

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import apsw
import pytest

from lamina.core.errors import InvalidArgument, StoreUnavailable
from lamina.core.reports import Report
from lamina.core.scope import Scope
from lamina.flows import verify_course
from lamina.ingest.documents import Document
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder

TEXT = "\n\n".join(f"# Part {part}\n\nBees hum in garden {part}." for part in range(30))


class Stopped(Exception):
    """The check ends here."""


@pytest.fixture
def path(tmp_path: Path, clock: FakeClock) -> Path:
    """A file with several walls, documents, corrections, erasures and a finding or two."""
    path = tmp_path / "life.db"
    with opened(path, clock) as memory:
        for user in ("ada", "bob"):
            said = [{"content": f"{user} keeps bees {n}", "session": f"s{n % 3}"} for n in range(40)]
            stored = memory.add(said, user_id=user).stored
            memory.add(Document(title="Lease", text=TEXT), user_id=user)
            memory.update(stored[1].id, text="rather wasps", user_id=user)
            memory.delete(stored[2].id, user_id=user)
            memory.erase(stored[3].id, user_id=user)
            memory.flush(user_id=user)
        memory.add("the house has a garden", scope=Scope.shared())
        memory.compact()
    tamper(path, "UPDATE content SET speaker = 'Eve' WHERE content_id IN (5, 60)")
    return path


@pytest.fixture(autouse=True)
def noted_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_course, "NOTED_EVERY_S", 0.0)
    monkeypatch.setattr(verify_course, "TOLD_EVERY", 1)


def opened(path: Path, clock: FakeClock) -> Memory:
    return Memory(path, encoder=HashEncoder(), clock=clock)


def tamper(path: Path, statement: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(statement)
    assert connection.changes()
    connection.close()


def told(report: Report) -> dict[str, object]:
    return asdict(report)


def stopped_at(memory: Memory, step: int, resume: Path) -> bool:
    """Verify until so many steps are told; gives whether it was stopped."""
    left = [step]

    def stop(done: int, total: int) -> None:
        assert done <= total
        left[0] -= 1
        if left[0] < 0:
            raise Stopped

    try:
        memory.verify(resume=resume, on_progress=stop)
    except Stopped:
        return True
    return False


def steps() -> Iterator[int]:
    yield from (0, 1, 5, 43, 44, 45, 60, 61, 75, 76, 90, 100, 121)
    dice = random.Random(7)
    yield from (dice.randrange(500) for _ in range(12))


def test_a_check_that_was_stopped_anywhere_says_what_one_run_says(path: Path, tmp_path: Path, clock: FakeClock) -> None:
    course = tmp_path / "course.json"
    with opened(path, clock) as memory:
        whole = memory.verify()
        assert len({finding.check for finding in whole.findings}) > 1
        for step in steps():
            is_stopped = stopped_at(memory, step, course)
            assert is_stopped == course.exists() or step == 0
            assert told(memory.verify(resume=course)) == told(whole), f"stopped at {step}"
            assert not course.exists()


def test_a_check_that_is_stopped_again_and_again_comes_to_its_end(path: Path, tmp_path: Path, clock: FakeClock) -> None:
    course = tmp_path / "course.json"
    with opened(path, clock) as memory:
        whole, rounds = memory.verify(), 0
        while stopped_at(memory, 90, course):
            rounds += 1
            assert rounds < 60, "it begins anew each time"
        assert rounds > 2
        stopped_at(memory, 90, course)
        assert told(memory.verify(resume=course)) == told(whole)


def test_a_check_whose_process_is_killed_goes_on(path: Path, tmp_path: Path, clock: FakeClock) -> None:
    course, dice = tmp_path / "course.json", random.Random(3)
    with opened(path, clock) as memory:
        whole = memory.verify()
    for _ in range(6):
        child = os.fork()
        if child == 0:
            with opened(path, clock) as memory:
                memory.verify(resume=course, on_progress=lambda done, total: time.sleep(0.002))
            os._exit(0)
        time.sleep(dice.uniform(0.05, 0.6))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    with opened(path, clock) as memory:
        assert told(memory.verify(resume=course)) == told(whole)


@pytest.mark.parametrize("step", [20, 60, 100, 150, 200, 260])
def test_what_changed_between_is_verified_too(path: Path, tmp_path: Path, clock: FakeClock, step: int) -> None:
    course = tmp_path / "course.json"
    with opened(path, clock) as memory:
        assert stopped_at(memory, step, course)
        name = next(memory.get_all(user_id="ada")).id
        memory.update(name, text="hardly hornets", user_id="ada")
        memory.add("cleo is new here", user_id="cleo")
        memory.erase(all=True, scope=Scope.shared())
        memory.search("bees", user_id="bob")
        whole = memory.verify()
        assert told(memory.verify(resume=course)) == told(whole)


@pytest.mark.parametrize("step", [20, 60, 100, 150, 260])
def test_a_log_that_was_written_anew_between_is_checked_from_its_beginning(
    path: Path, tmp_path: Path, clock: FakeClock, step: int
) -> None:
    course, other = tmp_path / "course.json", tmp_path / "other.db"
    shutil.copy(path, other)
    with opened(path, clock) as memory:
        stopped_at(memory, step, course)
    tamper(other, "UPDATE operation SET chain = zeroblob(32)")
    tamper(other, "UPDATE wall SET chain = zeroblob(32)")
    with opened(other, clock) as memory:
        assert told(memory.verify(resume=course)) == told(memory.verify())


def test_the_file_that_is_verified_may_be_read_only_and_what_is_kept_holds_no_words(
    path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    course = tmp_path / "course.json"
    before = path.read_bytes()
    with Memory(path, encoder=HashEncoder(), clock=clock, settings=Settings(read_only=True)) as memory:
        assert stopped_at(memory, 230, course)
    assert path.read_bytes() == before
    kept = course.read_text("utf-8")
    assert course.stat().st_mode & 0o077 == 0
    assert "bees" not in kept
    assert "Lease" not in kept
    assert {tuple(wall["wall"]) for wall in json.loads(kept)["walls"]} >= {("default", "ada")}


def test_what_is_no_course_of_a_check_is_refused_and_another_kind_begins_anew(
    path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    course = tmp_path / "course.json"
    with opened(path, clock) as memory:
        for text in ("no JSON", "[]", '{"verify": 1}'):
            course.write_text(text, "utf-8")
            with pytest.raises(InvalidArgument, match="is not what a check of a file kept"):
                memory.verify(resume=course)
            assert course.read_text("utf-8") == text
        course.write_text('{"verify": 1, "kind": "of another Lamina", "walls": [1]}', "utf-8")
        assert told(memory.verify(resume=course)) == told(memory.verify())
        with pytest.raises(StoreUnavailable, match="cannot be written"):
            memory.verify(resume=tmp_path / "nowhere" / "course.json")


def test_what_was_kept_of_a_file_is_of_no_use_for_a_copy_of_it(path: Path, tmp_path: Path, clock: FakeClock) -> None:
    resume, copy = tmp_path / "check.json", tmp_path / "copy.db"
    with opened(path, clock) as memory:
        memory.backup(copy)
        assert stopped_at(memory, 250, resume)
    tamper(copy, "UPDATE content SET speaker = 'Mallory' WHERE content_id IN (6, 61)")
    with opened(copy, clock) as memory:
        whole = memory.verify()
        assert told(memory.verify(resume=resume)) == told(whole)
    assert len(whole.findings) >= 4
