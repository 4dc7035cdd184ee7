"""Where the hand-made data of these tests lie, and the development data where it is present."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DATA = Path(__file__).parent / "data"
SHARED = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.fixture
def harbour() -> Path:
    """Two memories of named people, with times, one empty text, one question without evidence."""
    return DATA / "harbour"


@pytest.fixture
def shared_sessions() -> Path:
    """Two haystacks over three sessions of chat with an assistant."""
    return DATA / "shared_sessions"


@pytest.fixture
def shared_data() -> Path:
    """The development data beside the repository."""
    if not SHARED.is_dir():
        pytest.skip(f"no development data at {SHARED}")
    return SHARED


@pytest.fixture
def score(shared_data: Path) -> ModuleType:
    """The scorer that comes with the development data."""
    spec = importlib.util.spec_from_file_location("score", shared_data / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
