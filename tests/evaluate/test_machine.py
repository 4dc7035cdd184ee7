import subprocess
from pathlib import Path

import pytest

from lamina.core.errors import InvalidArgument
from lamina.evaluate.machine import Code, check_publishable, code_at, this_machine


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose only commit holds one file."""
    (tmp_path / "code.py").write_text("1")
    name = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    for words in (["init", "-q"], ["add", "code.py"], [*name, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    return tmp_path


def test_what_is_as_committed_may_be_published(checkout: Path) -> None:
    code = code_at(checkout)
    assert code.commit is not None
    assert len(code.commit) == 40
    assert code.is_changed is False
    check_publishable(code)


def test_published_results_and_pictures_change_no_figure(checkout: Path) -> None:
    for folder in ("benchmarks/results", "docs/images"):
        (checkout / folder).mkdir(parents=True)
        (checkout / folder / "new.json").write_text("{}")
    check_publishable(code_at(checkout))


@pytest.mark.parametrize("name", ["code.py", "new.py", "benchmarks/new.py"])
def test_a_changed_or_new_file_may_not_be_published(checkout: Path, name: str) -> None:
    (checkout / name).parent.mkdir(exist_ok=True)
    (checkout / name).write_text("2")
    code = code_at(checkout)
    assert code.is_changed
    with pytest.raises(InvalidArgument, match=r"files differ from .*commit them"):
        check_publishable(code)


def test_what_lies_in_no_checkout_may_not_be_published(tmp_path: Path) -> None:
    assert code_at(tmp_path / "nowhere") == Code(commit=None, is_changed=None)
    with pytest.raises(InvalidArgument, match="git checkout"):
        check_publishable(Code(commit=None, is_changed=None))


def test_the_machine_is_described() -> None:
    machine = this_machine()
    assert machine.cores >= 1
    assert "numpy" in machine.packages
