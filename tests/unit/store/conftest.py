"""Files for the store's tests, and a way to run a piece of Python as another process or user."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lamina.store.migrate import load_migrations
from lamina.store.sqlite.store import SCHEMA_PACKAGE, open_store
from lamina.testing.builders import a_record, a_scope
from lamina.testing.store_reads import put

#: A user without rights, for tests that root runs; root itself is not held back by permissions.
NOBODY = 65534

Run = Callable[..., str]


@pytest.fixture
def lived_in(tmp_path: Path) -> Path:
    """A closed memory with 50 records."""
    path = tmp_path / "memory.db"
    store = open_store(path)
    put(store, *(a_record(f"words {number}" * 20, scope=a_scope("ada"), session="s") for number in range(50)))
    store.close()
    return path


@pytest.fixture
def run_python() -> Run:
    """Run a program in another process, with arguments, and give what it printed."""

    def run(program: str, *arguments: object) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


@pytest.fixture
def as_nobody(tmp_path: Path) -> Callable[[Callable[[], None]], str]:
    """Do something in a child process without root's rights; gives what it raised, as `Class: message`."""

    # Who has no rights may not be able to read the package's own files.
    load_migrations(SCHEMA_PACKAGE)

    def do(action: Callable[[], None]) -> str:
        for folder in (tmp_path, *tmp_path.parents):
            if os.geteuid() == 0 and folder.is_relative_to("/tmp") and folder != Path("/tmp"):
                folder.chmod(folder.stat().st_mode | 0o011)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            _end_with(action, writer)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            told = pipe.read()
        os.waitpid(child, 0)
        return told

    return do


def _end_with(action: Callable[[], None], writer: int) -> None:
    try:
        if os.geteuid() == 0:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        action()
        told = ""
    except BaseException as error:  # noqa: BLE001  # whatever it is, the parent is told
        told = f"{type(error).__name__}: {error}"
    os.write(writer, told.encode())
    os._exit(0)
