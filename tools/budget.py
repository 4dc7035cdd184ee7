"""The size budget: files of at most 500 lines, functions of at most 60. Prints the largest three, even when all fit.

python tools/budget.py src
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

MOST_FILE_LINES = 500
MOST_FUNCTION_LINES = 60
SHOWN = 3


def functions(path: Path) -> Iterator[tuple[int, str]]:
    """Give the length and place of every function in a file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1, f"{path}:{node.lineno} {node.name}"


def main(folders: list[str]) -> int:
    """Measure every Python file under `folders`; give 1 where one breaks the budget."""
    paths = sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
    files = sorted(((len(path.read_text("utf-8").splitlines()), str(path)) for path in paths), reverse=True)
    measured = sorted((found for path in paths for found in functions(path)), reverse=True)
    for what, sizes, most in (("files", files, MOST_FILE_LINES), ("functions", measured, MOST_FUNCTION_LINES)):
        print(f"largest {what} (at most {most} lines)")
        for lines, where in sizes[: max(SHOWN, sum(lines > most for lines, _ in sizes))]:
            print(f"  {lines:4} {where}{'  TOO LONG' if lines > most else ''}")
    return int(files[0][0] > MOST_FILE_LINES or measured[0][0] > MOST_FUNCTION_LINES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["src"]))
