"""Signs are scanned by NumPy, and by machine code once it pays; both give the same numbers."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.index import scanning as module
from lamina.index.scanning import Scanning
from lamina.index.signs import cosines_by_distance, scan, signs_of, word_count

numba = pytest.importorskip("numba", reason="the extra `compiled` is not installed")
SEEDS = st.integers(0, 1000)


def kept(matrix):
    words = tuple(signs_of(matrix).T.copy())
    for word in words:
        word.flags.writeable = False
    return words


def scanned(by, matrix, query):
    found = np.empty(len(matrix), np.float32)
    by(kept(matrix), signs_of(query[None, :])[0], cosines_by_distance(len(query)), found)
    return found


@pytest.fixture(scope="module")
def made():
    scans = Scanning(rows_before=0)
    for words in (1, 2, 6):
        scans.scan_of(words, rows=1)
        scans.wait()
    return scans


@given(width=st.sampled_from([2, 64, 65, 384]), size=st.integers(0, 40), seed=SEEDS)
def test_machine_code_and_numpy_give_the_same_numbers(made, width: int, size: int, seed: int) -> None:
    draws = np.random.default_rng(seed).standard_normal((size + 1, width)).astype(np.float32)
    compiled = made.scan_of(word_count(width), rows=1)
    assert compiled is not scan
    assert scanned(compiled, draws[:-1], draws[-1]).tolist() == scanned(scan, draws[:-1], draws[-1]).tolist()


@given(SEEDS)
def test_an_estimate_is_the_cosine_of_the_share_of_signs_that_differ(seed: int) -> None:
    draws = np.random.default_rng(seed).standard_normal((5, 70)).astype(np.float32)
    shares = ((draws[:-1] > 0) != (draws[-1] > 0)).mean(axis=1)
    np.testing.assert_allclose(scanned(scan, draws[:-1], draws[-1]), np.cos(np.pi * shares), atol=1e-6)


def test_machine_code_is_made_once_it_pays_and_nobody_waits_for_it() -> None:
    scans = Scanning(rows_before=100)
    assert scans.scan_of(6, rows=60) is scan
    assert scans.told() == "numpy"
    assert scans.scan_of(6, rows=60) is scan
    scans.wait()
    assert scans.scan_of(6, rows=60) is not scan
    assert scans.told() == "numba"
    assert scans.scan_of(3, rows=60) is scan
    scans.wait()
    assert scans.scan_of(3, rows=60) is not scan


def test_without_numba_numpy_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    scans = Scanning(rows_before=0)
    assert scans.scan_of(6, rows=60) is scans.scan_of(6, rows=60) is scan
    assert scans.told() == "numpy (numba is not installed)"


def test_what_stands_in_the_place_of_numba_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", ModuleType("numba"))
    assert not module._is_installed("numba")


def test_numba_that_cannot_be_used_is_told_and_not_tried_again(tmp_path: Path) -> None:
    (tmp_path / "numba.py").write_text("raise ImportError('it needs an older numpy')\n", "utf-8")
    program = """
    told(); tried = scans._thread
    scans.scan_of(1, rows=60)
    print(scans._thread is tried, told())
    """
    assert _run(program, PYTHONPATH=str(tmp_path)) == "True numpy (numba cannot be used: it needs an older numpy)\n"


def test_where_no_thread_can_be_started_numpy_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_thread: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(module.threading.Thread, "start", refused)
    scans = Scanning(rows_before=0)
    assert scans.scan_of(6, rows=60) is scan
    scans.wait()
    assert scans.told() == "numpy (no thread for numba: can't start new thread)"


def test_numba_that_only_pretends_to_compile_is_not_used() -> None:
    """With NUMBA_DISABLE_JIT set a scan would be a loop in Python, a thousand times slower."""
    assert "NUMBA_DISABLE_JIT is set" in _run("print(told())", NUMBA_DISABLE_JIT="1")


def test_a_child_that_is_forked_while_machine_code_is_made_scans_and_makes_its_own() -> None:
    program = """
    child = os.fork()
    scans.scan_of(2, rows=60)
    scans.wait()
    assert scans.told() == "numba", scans.told()
    if not child:
        os._exit(0)
    print("child", os.waitpid(child, 0)[1])
    """
    assert _run(program).split() == ["child", "0"]


def test_a_scan_of_few_rows_does_not_load_numba() -> None:
    assert _run("print('numba' in sys.modules)", before="1_000_000").strip() == "False"


def _run(program: str, before: str = "0", **environment: str) -> str:
    begin = f"""
    import os, sys
    from lamina.index.scanning import Scanning
    scans = Scanning(rows_before={before})
    def told():
        scans.wait()
        return scans.told()
    scans.scan_of(1, rows=60)
    """
    command = [sys.executable, "-c", textwrap.dedent(begin) + textwrap.dedent(program)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=60, env={**os.environ, **environment}
    )
    return done.stdout
