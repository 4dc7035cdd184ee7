"""What remains of an index when words are erased is, to the last bit, an index that is made anew of what is left."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamina.core.errors import InvalidTransition, NotFound
from lamina.core.scope import Scope
from lamina.flows.making import make_anew
from lamina.govern.access import grant
from lamina.index import postings, remaining, vectors
from lamina.index.compare import row_differences, vector_differences
from lamina.memory import Memory
from lamina.testing.fakes import FakeClock, HashEncoder

WORDS = ("bee", "hive", "roof", "rain", "tax", "may", "Rome", "Oslo")
#: What is done, to the how-manieth record, and with how many words.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "add", "update", "delete", "restore", "erase", "erase", "search", "flush"]),
        st.integers(0, 11),
        st.integers(1, 8),
    ),
    min_size=4,
    max_size=30,
)


def act(memory: Memory, names: list[str], what: str, which: int, size: int) -> None:
    text = " ".join(WORDS[(which * step + size) % len(WORDS)] for step in range(size)) + f" {len(names)}"
    if what == "add":
        message = {"content": text, "name": f"p{which % 3}", "metadata": {"n": "x" * size} if which % 2 else {}}
        names.append(memory.add([message], session=f"s{which % 2}", at="2026-03-01T00:00:00Z").stored[0].id)
    elif what in ("search", "flush"):
        memory.search("bee hive") if what == "search" else memory.flush()
    elif names:
        name = names[which % len(names)]
        changes: dict[str, Callable[[], object]] = {
            "update": lambda: memory.update(name, text=text),
            "delete": lambda: memory.delete(name),
            "restore": lambda: memory.restore(name),
            "erase": lambda: memory.erase(name, wait=False),
        }
        with suppress(NotFound, InvalidTransition):
            changes[what]()


def differences(memory: Memory) -> list[str]:
    scope = grant(Scope())
    with memory._indexes.sight(memory._store, scope=scope) as sight:
        wall = scope.value.wall
        index = memory._indexes.held(wall).index
        if index is None:
            return []
        end = sight.reading.ends(scope=scope)[wall]
        anew = make_anew(memory._indexes.making, sight.reading, wall, end, scope=scope).view()
        view = index.view()
        assert view.speakers == anew.speakers
        parts, others = view.vectors.parts[: view.vectors.kept_count], anew.vectors.parts
        return [*row_differences(view, anew), *vector_differences(parts, others)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, rows=st.integers(1, 9), spans=st.integers(1, 6), size=st.integers(300, 4000))
def test_an_index_without_what_was_erased_is_the_one_that_is_made_anew(
    monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int, int]], rows: int, spans: int, size: int
) -> None:
    for module in (postings, remaining):
        monkeypatch.setattr(module, "PART_ROWS", rows)
        monkeypatch.setattr(module, "PART_BYTES", size)
    monkeypatch.setattr(vectors, "PART_SPANS", spans)
    names = list[str]()
    with Memory(encoder=HashEncoder(), clock=FakeClock()) as memory:
        for what, which, words in steps:
            act(memory, names, what, which, words)
            if what == "erase":
                assert differences(memory) == []
        builds = memory.stats().index.builds
        memory.search("bee")
        assert differences(memory) == []
        assert memory.stats().index.builds == max(builds, 1) or not names
