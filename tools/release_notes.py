"""Join the fragments in `changes/` into `CHANGELOG.md` under the version of the package, and remove them.

python tools/release_notes.py
"""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

KINDS = ("added", "changed", "fixed", "removed", "deprecated")
FRAGMENT = re.compile(rf"\d+(?:\.[\w-]+)?\.({'|'.join(KINDS)})\.md")


def joined(fragments: dict[str, list[str]]) -> str:
    """Give the sections of a release, in the order of `KINDS`."""
    sections = [f"### {kind.capitalize()}\n\n" + "\n".join(fragments[kind]) for kind in KINDS if fragments.get(kind)]
    return "\n\n".join(sections)


def main(root: Path) -> int:
    """Write the section of this version; give 1 where there is nothing to write."""
    version = re.search(r'^__version__ = "(.+)"$', (root / "src/lamina/__init__.py").read_text("utf-8"), re.MULTILINE)
    files = sorted(file for file in (root / "changes").iterdir() if FRAGMENT.fullmatch(file.name))
    if version is None or not files:
        print("no version, or no fragment in changes/: nothing to release")
        return 1
    fragments: dict[str, list[str]] = {}
    for file in files:
        fragments.setdefault(file.name.split(".")[-2], []).append(file.read_text("utf-8").strip())
    changelog = root / "CHANGELOG.md"
    title, _, older = changelog.read_text("utf-8").partition("\n\n")
    section = f"## {version[1]} ({datetime.now(UTC):%Y-%m-%d})\n\n{joined(fragments)}"
    changelog.write_text(f"{title}\n\n{section}\n\n{older.lstrip()}".rstrip() + "\n", "utf-8")
    for file in files:
        file.unlink()
    print(f"{version[1]}: {len(files)} fragments joined")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent.parent))
