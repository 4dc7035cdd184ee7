"""The machine and the code that a figure was taken on; without them it cannot be compared.

Reads the system and asks git; leaves out what it cannot find, and never fails for it.
"""

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from lamina.core.errors import InvalidArgument

#: Packages whose versions move figures.
WEIGHTY_PACKAGES = ("numba", "lamina", "numpy", "onnxruntime", "tokenizers", "apsw", "PyStemmer")
_GIT_TIMEOUT_S = 10
#: What may differ from the commit without moving a figure.
_NO_CODE = (":(top,exclude)benchmarks/results", ":(top,exclude)docs/images")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What ran."""

    system: str
    processor: str
    cores: int
    python: str
    #: Installed versions by package.
    packages: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Which code ran; None where the package lies in no git checkout."""

    commit: str | None
    #: Whether files differ from the commit, other than published results.
    is_changed: bool | None


def this_machine() -> Machine:
    """Describe the machine and the packages."""
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        processor=_processor(),
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        packages={name: version for name in WEIGHTY_PACKAGES if (version := _version(name))},
    )


def this_code() -> Code:
    """Name the commit of the checkout that this package lies in."""
    return code_at(Path(__file__).resolve().parent)


def code_at(folder: Path) -> Code:
    """Name the commit of the checkout that a folder lies in."""
    commit = _git(folder, "rev-parse", "HEAD")
    changes = None if commit is None else _git(folder, "status", "--porcelain", "--", ":/", *_NO_CODE)
    return Code(commit=commit, is_changed=None if changes is None else bool(changes))


def check_publishable(code: Code) -> None:
    """Let figures be published that anybody can take again.

    Raises:
        InvalidArgument: the code is in no commit, or differs from it.
    """
    if code.commit is None:
        raise InvalidArgument("publish", "needs a git checkout", "measure without publishing, or in a checkout")
    if code.is_changed:
        raise InvalidArgument(
            "publish", f"refuses: files differ from {code.commit[:10]}", "commit them, or measure without publishing"
        )


def peak_memory_bytes() -> int | None:
    """Give the most memory this process has held; None where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415  not there on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=_GIT_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
