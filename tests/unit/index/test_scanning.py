"""Signs are scanned by NumPy, and by machine code once it pays; both give the same numbers."""

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.index import scanning as module
from lamina.index import vectors
from lamina.index.scanning import Scanning, scan_parts
from lamina.index.signs import Scan, cosines_by_distance, scan, signs_of, word_count
from lamina.index.vectors import Vectors

numba = pytest.importorskip("numba", reason="the extra `compiled` is not installed")
SEEDS = st.integers(0, 1000)


def kept(matrix):
    words = tuple(signs_of(matrix).T.copy())
    for word in words:
        word.flags.writeable = False
    return words


def _quick(*_: object) -> None:
    """Stand for machine code."""


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


@pytest.mark.parametrize("cores", [1, 2])
def test_two_cores_scan_a_half_of_many_rows_each_and_all_of_them(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "usable_cores", lambda: cores)
    done: list[tuple[int, list[int]]] = []

    def scan_some(parts: Sequence[int]) -> None:
        done.append((threading.get_ident(), list(parts)))

    scan_parts([1, 2, 3], _quick, scan_some, rows=module.ROWS_SHARED)
    assert sorted(part for _, parts in done for part in parts) == [1, 2, 3]
    assert len({thread for thread, _ in done}) == cores


@pytest.mark.parametrize(
    ("parts", "by", "rows"),
    [([1, 2], scan, module.ROWS_SHARED), ([1, 2], None, module.ROWS_SHARED - 1), ([1], None, 10**9)],
)
def test_numpy_few_rows_and_one_part_are_left_to_one_core(
    parts: list[int], by: Scan | None, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "usable_cores", lambda: 2)
    done: list[tuple[int, list[int]]] = []
    scan_parts(parts, by or _quick, lambda some: done.append((threading.get_ident(), list(some))), rows=rows)
    assert done == [(threading.get_ident(), parts)]


def test_what_fails_on_the_other_core_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "usable_cores", lambda: 2)

    def scan_some(parts: Sequence[int]) -> None:
        if 2 in parts:
            raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        scan_parts([1, 2], _quick, scan_some, rows=module.ROWS_SHARED)


def test_where_no_thread_can_be_started_one_core_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_thread: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(module, "usable_cores", lambda: 2)
    monkeypatch.setattr(module.threading.Thread, "start", refused)
    done: list[int] = []
    scan_parts([1, 2], _quick, done.extend, rows=module.ROWS_SHARED)
    assert done == [1, 2]


def test_vectors_of_many_parts_are_estimated_alike_by_one_core_and_by_two(
    made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "PART_SPANS", 8)
    monkeypatch.setattr(vectors, "scanning", lambda: made)
    draws = np.random.default_rng(4).standard_normal((100, 64)).astype("<f2")
    kept_vectors = Vectors(64)
    kept_vectors.add_rows(60)
    # Rows with one span and with two, some of them in no order, and loose ones.
    rows = [*range(40), *np.repeat(range(59, 44, -1), 2).tolist()]
    kept_vectors.extend([(row, 0, 1, draws[place].tobytes()) for place, row in enumerate(rows)])
    kept_vectors.hold([(row, 0, 1, draws[80 + row - 40].tobytes()) for row in (40, 41)])
    query = np.random.default_rng(5).standard_normal(64).astype(np.float32)
    monkeypatch.setattr(module, "usable_cores", lambda: 2)
    by_one = kept_vectors.view().estimates(query)
    monkeypatch.setattr(module, "ROWS_SHARED", 1)
    assert kept_vectors.view().estimates(query).tolist() == by_one.tolist()


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
