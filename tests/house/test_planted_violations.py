"""Each check of `make lint` catches what it is there for: a violation is planted in a copy, and the tool names it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give a copy of the tree that the tools look at."""
    ignored = shutil.ignore_patterns("__pycache__", "*.txt", "sample_life")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=ignored)
    for name in ("pyproject.toml", "ruff.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(copy: Path, *command: str) -> tuple[int, str]:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=copy,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(copy / "src"), "PATH": str(BIN)},
        timeout=280,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def plant(copy: Path, file: str, line: str) -> None:
    path = copy / "src/lamina" / file
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as opened:
        opened.write(f"\n{line}\n")


def contracts(copy: Path) -> tuple[int, str]:
    return run(copy, "lint-imports", "--no-cache")


def test_the_contracts_hold_without_a_violation(copy: Path) -> None:
    code, told = contracts(copy)
    assert code == 0, told


#: File, what is planted there, and what the report says of it.
PLANTED_IMPORTS = [
    (
        "recall/rank.py",
        "from lamina.store.queries import load_statements",
        "lamina.recall.rank -> lamina.store.queries",
    ),
    ("store/queries.py", "from lamina.index.columns import Column", "lamina.store.queries -> lamina.index.columns"),
    ("index/columns.py", "import apsw", "lamina.index.columns -> apsw"),
    ("core/ids.py", "import numpy", "lamina.core.ids -> numpy"),
    ("recipes/recipe.py", "from lamina.flows.add import add", "lamina.recipes.recipe -> lamina.flows.add"),
    (
        "faces/cli/show.py",
        "from lamina.store.queries import load_statements",
        "lamina.faces.cli.show -> lamina.store.queries",
    ),
    ("flows/add.py", "def late():\n    from lamina.memory import Memory", "lamina.flows.add -> lamina.memory"),
    ("utils/__init__.py", '"""Odds and ends."""', "lamina.utils"),
]


def test_every_planted_import_is_caught(copy: Path) -> None:
    for file, line, _ in PLANTED_IMPORTS:
        plant(copy, file, line)
    code, printed = contracts(copy)
    assert code != 0, printed
    for file, _, told in PLANTED_IMPORTS:
        assert told in printed.replace("\n", " "), (file, printed)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("try:\n    X = 1\nexcept Exception:\n    X = 2", "BLE001"),
        ("from datetime import datetime\n\nNOW = datetime.now()", "DTZ005"),
        ("def f(table: str) -> str:\n    return f'SELECT * FROM {table} WHERE x = 1'", "S608"),
        ("print('hello')", "T201"),
        ("def f(a, flag=True):\n    return a", "ANN001"),
        ("# X = compute(1)", "ERA001"),
    ],
)
def test_a_planted_fault_of_style_is_caught(copy: Path, line: str, rule: str) -> None:
    plant(copy, "recall/rank.py", line)
    code, printed = run(copy, "ruff", "check", "--no-cache", "src/lamina/recall/rank.py")
    assert code != 0
    assert rule in printed


def test_planted_faults_of_types_are_caught_a_forgotten_permission_among_them(copy: Path) -> None:
    plant(copy, "core/ids.py", "def untyped(x):\n    return x + 1")
    plant(
        copy,
        "flows/browse.py",
        "def forgetful(store: Store, scope: Scope) -> object:\n"
        "    with store.read() as reading:\n        return reading.get(['x'], scope=scope)",
    )
    files = ("src/lamina/flows/browse.py", "src/lamina/core/ids.py")
    code, printed = run(copy, "mypy", "--cache-dir", str(copy / "cache"), "--strict", *files)
    assert code != 0
    assert "missing a type annotation" in printed
    assert "Granted[Scope]" in printed


@pytest.mark.parametrize(
    ("lines", "told"),
    [("def long() -> int:\n" + "    x = 1\n" * 70 + "    return x", "long"), ("X = 1\n" * 501, "rank.py")],
)
def test_a_planted_excess_of_the_size_budget_is_caught(copy: Path, lines: str, told: str) -> None:
    plant(copy, "recall/rank.py", lines)
    code, printed = run(copy, "python", str(ROOT / "tools/budget.py"), "src")
    assert code == 1
    assert "TOO LONG" in printed
    assert told in printed


def test_no_committed_file_names_a_registry() -> None:
    hosts = ("pypi" + ".org", "files.python" + "hosted", "registry.npm" + "js", "deb.deb" + "ian")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    if not listed:
        pytest.skip("no git checkout here, so no list of committed files")
    for name in listed.strip("\0").split("\0"):
        path = ROOT / name
        if path.is_file() and path.suffix not in (".png", ".db"):
            text = path.read_text("utf-8", errors="replace")
            assert not any(host in text for host in hosts), name


def test_the_release_notes_join_the_fragments(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "changes").mkdir()
    (tmp_path / "src/lamina").mkdir(parents=True)
    shutil.copy(ROOT / "tools/release_notes.py", tmp_path / "tools")
    (tmp_path / "src/lamina/__init__.py").write_text('__version__ = "1.2.3"\n', "utf-8")
    (tmp_path / "changes/1.fixed.md").write_text("- A fix.\n", "utf-8")
    (tmp_path / "changes/2.added.md").write_text("- A gift.\n", "utf-8")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\nIntroduction.\n", "utf-8")
    code, told = run(tmp_path, "python", "tools/release_notes.py")
    assert code == 0, told
    written = (tmp_path / "CHANGELOG.md").read_text("utf-8")
    assert written.index("## 1.2.3") < written.index("### Added") < written.index("### Fixed")
    assert list((tmp_path / "changes").iterdir()) == []
