"""Rules that a look at the sources can hold: names, places, the environment, the glossary, the error tree."""

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

import lamina.core.errors as errors_module
from lamina.core import (
    chain,
    clearance,
    directives,
    documents,
    explanation,
    filters,
    imports,
    layers,
    operations,
    protocols,
    provenance,
    query,
    receipts,
    records,
    reports,
    scope,
)
from lamina.core.lifecycle import MOVES, State

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src/lamina").rglob("*.py"))
SAY_NOTHING = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "base",
    "manager",
    "types",
    "misc",
    "core_utils",
    "tools",
}
DATA_SETS = re.compile(r"locomo|longmemeval|\bbeam\b|hotpot|musique|qmsum|factconsolidation", re.IGNORECASE)


#: What each folder takes from outside the standard library; what is not here takes nothing.
OUTSIDE = {
    "encode": {"numpy", "Stemmer"},
    "evaluate": {"matplotlib", "numpy"},
    "faces": {"rich", "typer"},
    "flows": {"numpy"},
    "index": {"numba", "numpy"},
    "ingest": {"dateutil", "ijson", "justhtml", "markdown_it", "pypdfium2"},
    "providers": {"apsw", "fastembed", "numpy", "onnxruntime", "sentence_transformers", "tokenizers"},
    "recall": {"numpy"},
    "recipes": {"numpy"},
    "segment": {"numpy"},
    "settings.py": {"pydantic", "pydantic_settings"},
    "store": {"apsw", "numpy"},
    "testing": {"hypothesis", "numpy", "pytest"},
}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT / "src/lamina"))


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text("utf-8")))


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [relative(path) for path in SOURCES if path.stem in SAY_NOTHING or path.parent.name in SAY_NOTHING] == []


def test_every_folder_takes_from_outside_what_is_written_here_and_core_nothing() -> None:
    taken: dict[str, set[str]] = {}
    for path in SOURCES:
        for node in nodes(path):
            if isinstance(node, ast.Import):
                names = {alias.name.partition(".")[0] for alias in node.names}
            else:
                names = {(node.module or "").partition(".")[0]} if isinstance(node, ast.ImportFrom) else set()
            outside = names - {"lamina"} - sys.stdlib_module_names
            if outside:
                taken.setdefault(relative(path).partition("/")[0], set()).update(outside)
    assert taken == OUTSIDE


def test_benchmarks_and_tools_take_from_lamina_what_is_there() -> None:
    """They are no part of the tests, and some need packages of their own: only their names are looked up."""
    missing = []
    for path in sorted([*(ROOT / "benchmarks").rglob("*.py"), *(ROOT / "tools").glob("*.py")]):
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "lamina":
                names = [alias.name for alias in node.names]
                missing += [f"{path.name}: {node.module}.{name}" for name in names if not _is_there(node.module, name)]
    assert missing == []


def test_every_public_record_is_in_the_glossary() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text("utf-8")
    modules = (
        chain,
        clearance,
        directives,
        documents,
        explanation,
        filters,
        imports,
        layers,
        operations,
        protocols,
        provenance,
        query,
        receipts,
        records,
        reports,
        scope,
    )
    public = {
        name
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__ and is_dataclass(value)
    }
    assert len(public) > 30
    missing = [name for name in sorted(public) if not re.search(rf"\*\*{_words(name)}\*\*", glossary, re.IGNORECASE)]
    assert missing == []


def _is_there(module: str | None, name: str) -> bool:
    return hasattr(import_module(str(module)), name) or find_spec(f"{module}.{name}") is not None


def _words(name: str) -> str:
    return f"(?:{name}|{re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', name)})"


def test_the_environment_is_read_in_settings_alone() -> None:
    def reads(path: Path) -> bool:
        text = path.read_text("utf-8")
        return bool(re.search(r"os\.environ|getenv\(", text)) and path.name != "settings.py"

    # Which writes it: no library that it loads is to report anything.
    assert [relative(path) for path in SOURCES if reads(path)] == ["providers/process.py"]


def test_permission_is_made_in_govern_access_alone() -> None:
    def makes(path: Path) -> bool:
        calls = (node for node in nodes(path) if isinstance(node, ast.Call))
        return any(isinstance(call.func, ast.Name) and call.func.id == "Granted" for call in calls)

    assert [relative(path) for path in SOURCES if makes(path)] == ["govern/access.py"]


def test_the_administration_is_granted_to_verbs_in_one_place() -> None:
    verbs = [path for path in SOURCES if relative(path).startswith("verbs/")]
    grants = [relative(path) for path in verbs if "grant(Administration" in path.read_text("utf-8")]
    assert grants == ["verbs/opened.py"]


def test_loose_dicts_stay_at_the_edges() -> None:
    edges = ("faces/", "adapters/", "providers/", "store/", "evaluate/", "testing/", "ingest/")

    def is_loose(path: Path) -> bool:
        return "dict[str, Any]" in path.read_text("utf-8") and not relative(path).startswith(edges)

    assert [relative(path) for path in SOURCES if is_loose(path)] == []


def test_no_data_set_is_named_outside_evaluate() -> None:
    outside = [path for path in SOURCES if not relative(path).startswith("evaluate/")]
    assert [relative(path) for path in outside if DATA_SETS.search(path.read_text("utf-8"))] == []


def test_sql_stands_in_sql_files() -> None:
    statement = re.compile(r"\b(SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE TABLE)\b")
    found = [relative(path) for path in SOURCES if statement.search(path.read_text("utf-8"))]
    assert found == []


def test_the_error_tree_in_the_docstring_is_the_real_one() -> None:
    drawn = [
        (len(match[1]) // 4, match[2])
        for match in re.finditer(r"^    ([│├└─ ]*)(\w+)$", errors_module.__doc__ or "", re.MULTILINE)
    ]

    def real(kind: type, depth: int = 0) -> Iterator[tuple[int, str]]:
        yield depth, kind.__name__
        for child in kind.__subclasses__():
            if child.__module__ == errors_module.__name__:
                yield from real(child, depth + 1)

    assert drawn == list(real(errors_module.LaminaError))


@pytest.mark.parametrize("error", [value for value in vars(errors_module).values() if inspect.isclass(value)])
def test_no_error_hides_one_of_pythons_own(error: type) -> None:
    assert not hasattr(
        __builtins__ if not isinstance(__builtins__, dict) else type("B", (), __builtins__), error.__name__
    )


def test_the_moves_in_the_documentation_are_the_real_ones() -> None:
    text = (ROOT / "docs/explanation/flow.md").read_text("utf-8")
    table = text.split("<!-- moves: begin -->\n")[1].split("<!-- moves: end -->")[0]
    drawn = {
        State(row[0][0]): frozenset(State(name) for name in row[1])
        for row in ((re.findall(r"`(\w+)`", left), re.findall(r"`(\w+)`", right)) for left, right in _rows(table))
    }
    assert drawn == MOVES


def _rows(table: str) -> list[tuple[str, str]]:
    cells = [line.split("|")[1:3] for line in table.splitlines()[2:] if line]
    return [(left, right) for left, right in cells]
