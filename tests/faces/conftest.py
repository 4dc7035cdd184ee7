"""The command as users run it: a real process, a real file, the real encoder."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Lamina = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def lamina(tmp_path: Path) -> Lamina:
    def run(*words: object, stdin: str | None = None, code: int = 0, **environment: str) -> Any:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("lamina")), *map(str, words)],
            cwd=tmp_path,
            input=stdin,
            env={**os.environ, "COLUMNS": "200", **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture
def answer(lamina: Lamina) -> Callable[..., Any]:
    """Run with --json, and give what it prints."""

    def run(*words: object, **options: Any) -> Any:
        return json.loads(lamina(*words, "--json", **options).stdout)

    return run
