import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lamina.evaluate.plan import Plan
from lamina.evaluate.plots import draw, draw_reliability
from lamina.evaluate.report import summarise
from lamina.evaluate.run import Run, run_plan

HARBOUR = Path(__file__).parent / "data/harbour"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two recipes on the hand-made data."""
    cache = tmp_path_factory.mktemp("vectors")
    return run_plan(Plan(folders=(HARBOUR,), recipes=("hier", "bm25"), vector_cache=cache))


def words_of(path: Path) -> str:
    """Give the words of a picture, which stand beside their outlines as comments."""
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))  # our own file
    tree = ElementTree.parse(path, parser)
    return "\n".join(element.text or "" for element in tree.iter() if element.tag is ElementTree.Comment)


def test_every_set_and_the_differences_are_drawn(run: Run, tmp_path: Path) -> None:
    paths = draw(run, tmp_path / "new" / "plots")
    assert [path.name for path in paths] == ["harbour-turn.svg", "differences.svg"]
    bars, differences = map(words_of, paths)
    assert all(word in bars for word in ("hier", "bm25", "ALL (5)", "single (3)", "joined (2)", "recall@5 in %"))
    assert "bm25 · harbour [turn] recall@5" in differences
    assert "points beyond hier" in differences


def test_the_same_run_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    one, other = (draw(run, tmp_path / name) for name in ("one", "other"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]


def test_contexts_are_drawn_by_their_budget(tmp_path: Path) -> None:
    plan = Plan(folders=(HARBOUR,), recipes=("bm25",), budgets=(40, 80), vector_cache=tmp_path / "vectors")
    judged = run_plan(plan)
    path = next(path for path in draw(judged, tmp_path) if path.name == "harbour-turn-packed.svg")
    scores = next(summary for summary in summarise(judged)).scores["ALL"]
    figures = " · ".join(f"{100 * scores[f'packed@{budget}'].mean:.1f}" for budget in (40, 80))
    assert f"bm25: {figures}" in words_of(path)


def test_a_reliability_diagram_names_its_sets(tmp_path: Path) -> None:
    bins = [(0.05, 0.1, 0.5), (0.95, 0.9, 0.5)]
    path = draw_reliability({"harbour": bins, "island": bins}, tmp_path / "new" / "all.svg", title="by set")
    assert all(word in words_of(path) for word in ("harbour", "island", "confidence", "by set"))


def test_without_the_extra_the_error_names_it(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from lamina.core.errors import MissingExtra\n"
        "from lamina.evaluate.plots import check_plots\n"
        "try:\n    check_plots()\nexcept MissingExtra as error:\n    print(error)\n"
    )
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert "pip install 'lamina[bench]'" in told.stdout
