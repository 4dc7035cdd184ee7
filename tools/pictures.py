"""Draw the pictures: the questions as `lamina demo` prints them, what packed contexts hold, what confidence is worth.

python tools/pictures.py [FOLDER]

The curves are those of `benchmarks/results/dialogue.json` and `confidence.json`. Without a folder they go to
`docs/images`.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from lamina.evaluate.bootstrap import Interval
from lamina.evaluate.plots import draw_packed, draw_reliability, packed_of
from lamina.evaluate.report import ALL
from lamina.testing import sample

ROOT = Path(__file__).parents[1]
PUBLISHED = ROOT / "benchmarks/results/dialogue.json"
CONFIDENCE = ROOT / "benchmarks/results/confidence.json"
WIDTH = 104
#: A hit, of which the picture has one line.
HIT = re.compile(r" [→ ] \d\. ")
TITLE = "LoCoMo, two people's weeks of chat: the whole evidence in a packed context"
RELIABILITY = "Each set by a fit without it"


def asked_and_answered() -> list[Text]:
    """Run the demo in colour, and give the lines from its first question on, none wider than the picture."""
    with tempfile.TemporaryDirectory() as folder:
        printed = subprocess.run(
            [str(Path(sys.executable).with_name("lamina")), "demo", "--file", "life.db"],
            cwd=folder,
            env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "TERM": "xterm-256color"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    first = next(question.text for question in sample.questions() if question.demo)
    begins = next(place for place, line in enumerate(printed) if first in line)
    ends = next(place for place, line in enumerate(printed) if "What to type next" in line)
    measure, lines = Console(width=WIDTH), []
    for line in printed[begins : ends - 1]:
        text = Text.from_ansi(line)
        if HIT.match(text.plain):
            text.truncate(WIDTH, overflow="ellipsis")
        lines += text.wrap(measure, WIDTH) or [text]
    return lines


def draw_demo(path: Path) -> None:
    """Draw the questions of the demo."""
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    for line in asked_and_answered():
        console.print(line)
    # Without the fonts that it would fetch: a picture reaches for no network.
    drawn = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title="make demo"), flags=re.DOTALL)
    path.write_text(drawn, "utf-8")


def packed_curves(published: dict[str, Any]) -> dict[str, dict[int, Interval]]:
    """Give what contexts hold by their budget, by recipe, out of a published run."""
    curves = {
        summary["recipe"]: packed_of({name: Interval(**score) for name, score in summary["scores"][ALL].items()})
        for summary in published["summaries"]
        if summary["level"] == "turn"
    }
    return {name: curve for name, curve in curves.items() if curve}


def diagrams(published: dict[str, Any]) -> dict[str, list[tuple[float, float, float]]]:
    """Give what was told, what was so, and the share, by bin and set, out of a published run."""
    return {name: [tuple(one) for one in told["reliability"]] for name, told in published["figures"]["by_set"].items()}


def main(folder: Path) -> None:
    """Draw all."""
    folder.mkdir(parents=True, exist_ok=True)
    draw_demo(folder / "demo.svg")
    told = json.loads(CONFIDENCE.read_text("utf-8"))
    draw_reliability(diagrams(told), folder / "confidence.svg", title=RELIABILITY)
    draw_packed(packed_curves(json.loads(PUBLISHED.read_text("utf-8"))), folder / "packed.svg", title=TITLE)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images")
