"""Concurrency: what `make concurrency` plays for five minutes, played for some seconds."""

import re
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("concurrency.py")
SECONDS = 8


def test_ten_processes_on_one_file_leave_histories_that_are_linearisable(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path), str(SECONDS)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    told = re.search(r"(\d+) verifications, (\d+) erasures, .* (\d+) reads fit the log", done.stdout)
    assert told is not None, done.stdout
    assert all(int(count) > 0 for count in told.groups())
