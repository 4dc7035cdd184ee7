"""Reads named statements out of .sql files: `-- name: x`, then the statement. Comments before a name belong to it."""

import importlib.resources
import re

_NAME = re.compile(r"^-- name: (\w+)$", flags=re.MULTILINE)


def load_statements(package: str, file: str) -> dict[str, str]:
    """Give the statements of `file` in `package` by name."""
    parts = _NAME.split(importlib.resources.files(package).joinpath(file).read_text("utf-8"))
    statements: dict[str, str] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        lines = [line for line in body.splitlines() if not line.startswith("--")]
        statements[name] = "\n".join(lines).strip()
    return statements
