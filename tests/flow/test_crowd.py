"""A session that is often among the best hits lets others pass that are hardly worse."""

from collections.abc import Iterator
from contextlib import contextmanager

from lamina import Memory, Settings

CELLAR = (
    "The boiler in the cellar leaks again, there is water on the floor.",
    "The boiler in the cellar leaks at the lower valve.",
    "The man for the boiler says it leaks in the cellar.",
    "It still leaks, the boiler in the cellar.",
    "The boiler leaks into the cellar drain.",
    "Water from the boiler leaks into the cellar.",
)
LEAKS = "The boiler of the neighbours leaks in their cellar as well."
QUESTION = "Where does the boiler leak in the cellar?"


@contextmanager
def told(*elsewhere: str, recipe: str = "default") -> Iterator[Memory]:
    """Give a memory in which one session says the same six times, and others these."""
    with Memory(":memory:", settings=Settings(recipe=recipe)) as memory:
        memory.add([{"content": text, "name": "Ada", "session": "one"} for text in CELLAR])
        for number, text in enumerate(elsewhere):
            memory.add({"content": text, "name": "Ada", "session": f"other {number}"})
        memory.add([{"content": f"Something else, number {number}.", "name": "Ada"} for number in range(20)])
        yield memory


def sessions(memory: Memory) -> list[str | None]:
    return [hit.record.session for hit in memory.search(QUESTION, limit=5)]


def test_a_session_that_is_often_among_the_best_lets_others_pass() -> None:
    with told(LEAKS, recipe="without-crowd") as memory:
        assert sessions(memory) == ["one"] * 5
    with told(LEAKS) as memory:
        assert sessions(memory) == ["one"] * 4 + ["other 0"]


def test_what_is_much_worse_does_not_pass() -> None:
    with told("The boiler was replaced in October.", "We had soup.") as memory:
        assert sessions(memory) == ["one"] * 5


def test_of_a_long_session_less_is_told_by_what_stands_above() -> None:
    with told(LEAKS) as memory:
        more = memory.add([{"content": f"And so on, {n}.", "name": "Ada", "session": "one"} for n in range(100)])
        assert sessions(memory) == ["one"] * 5
        # What is deleted is none of its messages.
        for one in more.stored:
            memory.delete(one.id)
        assert sessions(memory) == ["one"] * 4 + ["other 0"]


def test_what_passes_and_what_is_passed_say_so() -> None:
    with told(LEAKS) as memory:
        explained = memory.explain(QUESTION, limit=7)
        points = {
            hit.record.id: share.points for hit in explained.hits for share in hit.shares if share.name == "crowd"
        }
        (passes,) = [hit for hit in explained.hits if points.get(hit.record.id, 0.0) > 0]
        assert passes.record.text == LEAKS
        passed = next(hit for hit in explained.hits[5:] if points.get(hit.record.id, 0.0) < 0)
        asked = memory.explain(QUESTION, passed.record.id, limit=5).asked
        assert asked is not None
        assert any("if fewer hits of its session stood above it" in change for change in asked.changes)
