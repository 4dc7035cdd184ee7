"""Memories for stories: a real SQLite file, a small encoder, a clock that the test moves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock("2026-03-02T08:00:00+00:00")


@pytest.fixture
def memory(tmp_path: Path, clock: FakeClock) -> Iterator[Memory]:
    with Memory(tmp_path / "life.db", encoder=HashEncoder(), clock=clock) as opened:
        yield opened
