"""Damage: what `make damage` does at length, done for a moment."""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
DAMAGED, SOUND = 60, 12


def played(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, str(HERE / "damage.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_damage_is_reported_and_neither_crashes_nor_hangs(tmp_path: Path) -> None:
    told = re.fullmatch(
        r"\d+ damaged files, (\d+) reported, .* nothing passed over\n", played("damage", tmp_path, DAMAGED, 2)
    )
    assert told is not None
    assert int(told[1]) > DAMAGED // 3


def test_sound_files_of_random_lives_pass(tmp_path: Path) -> None:
    assert played("sound", tmp_path, SOUND, 2).startswith(f"{SOUND} sound files pass")
