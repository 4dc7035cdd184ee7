"""The public door: counted, sorted, complete."""

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

import lamina

MOST_NAMES = 30


def test_everything_public_is_named_sorted_and_resolves() -> None:
    assert list(lamina.__all__) == sorted(lamina.__all__, key=str)
    assert len(lamina.__all__) <= MOST_NAMES
    for name in lamina.__all__:
        assert getattr(lamina, name) is not None, name
    assert set(lamina._PLACES) | {"__version__"} == set(lamina.__all__)
    assert dir(lamina) == lamina.__all__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Mind"):
        lamina.Mind  # noqa: B018  # looking it up is the test


def test_the_command_is_installed() -> None:
    assert [point.value for point in entry_points(group="console_scripts", name="lamina")] == [
        "lamina.faces.cli.app:main"
    ]


PROBE = """
import os, sys, threading
before = set(os.listdir("."))
events = []
def watch(name, arguments):
    writes = name == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if name == "socket.connect" or writes:
        events.append((name, arguments))
sys.addaudithook(watch)
import lamina
heavy = sorted({
    "numpy", "onnxruntime", "apsw", "pydantic", "pydantic_settings", "typer", "rich", "tokenizers", "lamina.memory"
} & set(sys.modules))
assert not heavy, heavy
import lamina.memory, lamina.aio
assert threading.active_count() == 1
assert "onnxruntime" not in sys.modules and "tokenizers" not in sys.modules
assert not events, events
assert set(os.listdir(".")) == before
print("quiet")
"""


def test_importing_the_library_loads_nothing_heavy_writes_nothing_and_starts_nothing(tmp_path) -> None:
    command = [sys.executable, "-B", "-c", PROBE]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "quiet\n", done.stderr
