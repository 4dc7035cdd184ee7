"""Every code block of the README and the documentation is executed, and its output compared.

A `python` block is run as a program in a folder of its own that the page's blocks share; what it prints is compared
with the `text` block that follows it, and without one it must print nothing. A `console` block holds commands after
`$ ` and what they print. Any other block is an error, so that none goes unchecked. In expected output `…` stands for
anything on that line.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("LAMINA_")},
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "COLUMNS": "100",
    "TERM": "dumb",
    "TZ": "UTC",
}


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def matches(expected: str, printed: str) -> bool:
    wanted, got = expected.rstrip().splitlines(), printed.rstrip().splitlines()
    return len(wanted) == len(got) and all(
        re.fullmatch(".*".join(map(re.escape, line.rstrip().split("…"))), shown.rstrip())
        for line, shown in zip(wanted, got, strict=True)
    )


def check(expected: str, printed: str, what: str) -> None:
    assert matches(expected, printed), f"{what}\n--- expected\n{expected}\n--- printed\n{printed}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_run_and_print_what_stands_there(page: Path, tmp_path: Path) -> None:
    blocks = BLOCK.findall(page.read_text("utf-8"))
    for place, (language, body) in enumerate(blocks):
        following = blocks[place + 1] if place + 1 < len(blocks) else ("", "")
        if language == "python":
            program = tmp_path / f"block_{place}.py"
            program.write_text(body, "utf-8")
            check(following[1] if following[0] == "text" else "", run([sys.executable, str(program)], tmp_path), body)
        elif language == "console":
            for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", body, re.MULTILINE):
                check(expected, run(["bash", "-euo", "pipefail", "-c", command], tmp_path), command)
        else:
            assert language == "text", f"{page.name}: a block of kind {language!r} is neither run nor compared"
            assert place > 0, f"{page.name}: output without a program"
            assert blocks[place - 1][0] == "python", f"{page.name}: output without a program"
