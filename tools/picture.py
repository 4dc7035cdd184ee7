"""Draw docs/images/demo.svg: the beginning of the timeline and the questions, as `lamina demo` prints them.

python tools/picture.py
"""

import os
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

OUT = Path(__file__).parents[1] / "docs/images/demo.svg"
WIDTH = 104
TIMELINE_LINES = 7


def main() -> None:
    """Run the demo in colour, keep what a page has room for, and write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        printed = subprocess.run(
            [str(Path(sys.executable).with_name("lamina")), "demo", "--file", "life.db"],
            cwd=folder,
            env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "TERM": "xterm-256color"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    tree = next(place for place, line in enumerate(printed) if "timeline" in line)
    asked = next(place for place, line in enumerate(printed) if "current weight" in line)
    ends = next(place for place, line in enumerate(printed) if "What to type next" in line)
    lines = [*printed[: tree + TIMELINE_LINES], "⋮", "", *printed[asked : ends - 1]]
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    console.print("[bold]$ make demo[/bold]")
    for line in lines:
        text = Text.from_ansi(line)
        text.truncate(WIDTH, overflow="ellipsis")
        console.print(text)
    OUT.parent.mkdir(exist_ok=True)
    # Without the fonts that it would fetch: a picture reaches for no network.
    drawn = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title="Lamina"), flags=re.DOTALL)
    OUT.write_text(drawn, "utf-8")


if __name__ == "__main__":
    main()
