"""What was acknowledged survives kill -9, whoever else was writing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

#: A minute on a quiet machine; a busy one takes many.
LONGEST_S = 1500
pytestmark = pytest.mark.timeout(LONGEST_S)

ROUNDS = 200
PROGRAM = Path(__file__).with_name("kill_rounds.py")
KILLED_IMPORTS = 50
IMPORTS = Path(__file__).with_name("import_rounds.py")
KILLED_CARRYING = 12
CARRYING = Path(__file__).with_name("carry_rounds.py")


def test_two_hundred_kills_of_two_writers_lose_nothing_acknowledged(tmp_path: Path) -> None:
    seed = 20260302
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path / "life.db"), str(ROUNDS), str(seed)],
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert done.returncode == 0, f"seed {seed}\n{done.stdout}\n{done.stderr}"
    told = re.fullmatch(rf"{ROUNDS} rounds, (\d+) with two at work, (\d+) acknowledged, sound\n", done.stdout)
    assert told is not None, done.stdout
    assert int(told[1]) >= ROUNDS * 3 // 4, "too few rounds had two writers that acknowledged something"
    assert int(told[2]) > 4 * ROUNDS, "the writers were killed before they could acknowledge anything worth checking"


def test_fifty_kills_of_an_import_and_of_one_that_replaces_leave_each_message_once(tmp_path: Path) -> None:
    seed = 20260302
    done = subprocess.run(
        [sys.executable, str(IMPORTS), str(tmp_path), str(KILLED_IMPORTS), str(seed)],
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert done.returncode == 0, f"seed {seed}\n{done.stdout}\n{done.stderr}"
    told = re.findall(r"(grown|edited): (\d+) kills, (\d+) of them halfway; each line once\n", done.stdout)
    assert [line[0] for line in told] == ["grown", "edited"], done.stdout
    for _, kills, halfway in told:
        assert int(kills) >= KILLED_IMPORTS
        assert int(halfway) >= 5, "the importers were killed before or after, and not while they imported"


def test_kills_of_loads_backups_exports_and_rollbacks_leave_all_or_nothing(tmp_path: Path) -> None:
    seed = 20260302
    done = subprocess.run(
        [sys.executable, str(CARRYING), str(tmp_path), str(KILLED_CARRYING), str(seed)],
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert done.returncode == 0, f"seed {seed}\n{done.stdout}\n{done.stderr}"
    told = re.findall(rf"(\w+): {KILLED_CARRYING} rounds, (\d+) killed halfway, sound\n", done.stdout)
    assert [name for name, _ in told] == ["load", "backup", "export", "rollback"], done.stdout
    assert all(int(halfway) >= KILLED_CARRYING // 4 for _, halfway in told), done.stdout
