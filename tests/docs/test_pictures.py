"""The README's pictures show what the demo prints and what is published; `make pictures` draws them anew."""

import html
import importlib.util
import json
import re
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from lamina.evaluate.plots import draw_packed, draw_reliability

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs/images"
#: What differs from run to run, in words without blanks: milliseconds, ids (cut at the edge or not), probabilities.
CHANGING = re.compile(r"\d+(?=ms)|01[0-9A-Z]*(\[[\d:]*\]?)?…?|(?<=0\.)\d\d")


@pytest.fixture(scope="module")
def pictures() -> ModuleType:
    """Load the tool, which is no package, by its path."""
    spec = importlib.util.spec_from_file_location("pictures", ROOT / "tools/pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bare(words: Iterable[str]) -> str:
    return CHANGING.sub("", re.sub(r"\s", "", "".join(words)))


def test_the_demo_in_the_picture_is_the_demo(pictures: ModuleType) -> None:
    printed = [line.plain for line in pictures.asked_and_answered()]
    drawn = re.findall(r"-r\d+\" x=[^>]*>([^<]*)</text>", (IMAGES / "demo.svg").read_text("utf-8"))
    assert "abstained" in bare(printed)
    assert bare(map(html.unescape, drawn)) == bare(printed)


def test_the_curves_are_those_of_the_published_run(pictures: ModuleType, tmp_path: Path) -> None:
    """Every figure of the file stands in the picture, and drawing it again changes nothing."""
    published = json.loads(pictures.PUBLISHED.read_text("utf-8"))
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))  # our own file
    tree = ElementTree.parse(IMAGES / "packed.svg", parser)
    words = [(part.text or "").strip() for part in tree.iter() if part.tag is ElementTree.Comment]
    for summary in published["summaries"]:
        packed = {name: score for name, score in summary["scores"]["ALL"].items() if name.startswith("packed@")}
        if packed:
            by_budget = sorted(packed, key=lambda name: int(name.partition("@")[2]))
            figures = " · ".join(f"{100 * packed[name]['mean']:.1f}" for name in by_budget)
            assert f"{summary['recipe']}: {figures}" in words
    again = draw_packed(pictures.packed_curves(published), tmp_path / "packed.svg", title=pictures.TITLE)
    assert again.read_bytes() == (IMAGES / "packed.svg").read_bytes(), "run `make pictures`"


def test_the_reliability_diagram_is_that_of_the_published_run(pictures: ModuleType, tmp_path: Path) -> None:
    published = json.loads(pictures.CONFIDENCE.read_text("utf-8"))
    drawn = pictures.diagrams(published)
    assert set(drawn) == set(published["figures"]["asked"])
    assert all(0.99 < sum(share for _, _, share in bins) < 1.01 for bins in drawn.values())
    again = draw_reliability(drawn, tmp_path / "confidence.svg", title=pictures.RELIABILITY)
    assert again.read_bytes() == (IMAGES / "confidence.svg").read_bytes(), "run `make pictures`"
