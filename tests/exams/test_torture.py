"""Kills, power cuts, full disks and clocks: what `make torture` plays at length, played for a moment."""

import itertools
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from lamina.core.scope import Scope
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder

HERE = Path(__file__).parent
KILLS, CUTS, CUTS_OFF = 300, 60, 40


def played(program: str, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, str(HERE / program), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: neither a kill nor a simulated disk waits for a real one."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


def test_three_hundred_kills_at_every_failpoint_lose_nothing_acknowledged_and_leave_nothing_half(folder: Path) -> None:
    told = re.fullmatch(
        r"(\d+) kills, (\d+) of them at random moments, (\d+) in encrypted files, (\d+) failpoints in .* "
        r"each at least (\d+) times .*\n",
        played("torture.py", folder, KILLS, 7, 1),
    )
    assert told is not None, "a statement that writes is met by no deed: add one to `deeds.py`"
    kills, by_chance, sealed, failpoints, least = map(int, told.groups())
    assert kills >= KILLS
    assert KILLS // 3 <= sealed <= kills - KILLS // 3
    assert by_chance >= KILLS // 10
    assert failpoints > 50
    assert least >= 1


def test_a_power_cut_takes_nothing_that_was_acknowledged(folder: Path) -> None:
    assert "nothing acknowledged was lost" in played("powercuts.py", folder, CUTS, 1)


def test_a_store_that_does_not_wait_for_the_disk_loses_what_it_acknowledged(folder: Path) -> None:
    told = re.search(r"(\d+) lost something", played("powercuts.py", folder, CUTS_OFF, 1, "off"))
    assert told is not None
    assert int(told[1]) > 0


def test_a_full_disk_is_told_and_leaves_nothing_of_the_call(folder: Path) -> None:
    told = re.search(r"no room for (\d+) by pages and (\d+) by bytes", played("fulldisk.py", folder, 6, 400_000))
    assert told is not None
    assert int(told[1]) > 0
    assert int(told[2]) > 10


def test_times_of_log_and_audit_trail_run_on_while_the_clock_steps_back_an_hour(tmp_path: Path) -> None:
    clock, path = FakeClock(), tmp_path / "life.db"
    walls = ({"user_id": "ada"}, {"user_id": "bob"}, {"scope": Scope.shared()})
    for step in range(6):
        with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
            for scope in walls:
                name = memory.add(f"said in step {step}", **scope).stored[0].id
                memory.update(name, text=f"corrected in step {step}", **scope)
                clock.pass_time(timedelta(hours=-1))
                memory.delete(name, **scope)
                memory.drop_policy(memory.set_read_audit(**scope).id, **scope)
    with Memory(path, encoder=HashEncoder(), clock=clock) as memory:
        for scope in walls:
            times = [one.recorded_at for one in memory.log(**scope)]
            assert len(times) >= 18
            assert all(former < later for former, later in itertools.pairwise(times))
            times = [one.recorded_at for one in memory.audit(**scope)]
            assert len(times) == 12
            assert all(former < later for former, later in itertools.pairwise(times))
        assert memory.verify().is_sound
