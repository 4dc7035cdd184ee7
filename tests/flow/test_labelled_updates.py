"""A policy that labels what comes in labels what comes in by an update, and takes no label off."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lamina import Memory
from lamina.core.errors import NotFound
from lamina.testing.fakes import FakeClock, HashEncoder

APP: dict[str, Any] = {"principal": "app"}


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(tmp_path / "life.db", encoder=HashEncoder(), clock=FakeClock()) as memory:
        memory.set_label("private", {"metadata.about": "pay"})
        memory.set_label("private", {"text": {"contains": "salary"}})
        memory.give_grant("app", "writer")
        yield memory


@pytest.mark.parametrize("brings", [{"text": "her salary"}, {"metadata": {"about": "pay"}}])
@pytest.mark.parametrize("many", [True, False])
def test_what_an_update_brings_is_labelled_as_what_is_added(
    memory: Memory, brings: dict[str, Any], *, many: bool
) -> None:
    name = memory.add("bees", session="s", **APP).stored[0].id
    other = memory.add("wasps", session="t").stored[0].id
    about = {"filters": {"session": "s"}} if many else {"record_id": name}
    memory.update(**about, **brings, **APP)
    assert memory.get(name).policy.sensitivity == "private"
    assert memory.get(other).policy.sensitivity is None
    with pytest.raises(NotFound):
        memory.get(name, **APP)
    assert memory.verify().is_sound


def test_no_update_takes_a_label_off_that_it_does_not_name(memory: Memory) -> None:
    name = memory.add("bees", sensitivity="secret").stored[0].id
    memory.update(name, text="her salary")
    assert memory.get(name).sensitivity == "secret"
    memory.update(name, text="his salary", sensitivity="public")
    assert memory.get(name).sensitivity == "private"
    memory.update(name, text="nothing of that")
    assert memory.get(name).sensitivity == "private"
    memory.update(name, text="my salary", sensitivity="")
    assert memory.get(name).sensitivity == "private"
    # Nothing comes in where the label alone is said.
    memory.update(name, sensitivity="")
    assert memory.get(name).sensitivity is None
    assert memory.update(name, text="my salary").operations == ()
    memory.update(name, sensitivity="other")
    assert memory.get(name).sensitivity == "other"


def test_a_policy_of_one_agent_labels_no_update_of_anothers(memory: Memory) -> None:
    memory.set_label("hers", agent_id="a")
    names = [memory.add("bees", agent_id=agent).stored[0].id for agent in ("a", "b")]
    memory.update(filters={"text": {"contains": "bees"}}, text="wasps", sensitivity="")
    assert [memory.get(name).sensitivity for name in names] == ["hers", None]
