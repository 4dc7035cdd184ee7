"""What who sees less is told by the way: by spelling, by names, by figures; and what the log costs it."""

from typing import Any

import pytest

from lamina.core.errors import InvalidArgument
from lamina.core.operations import LogQuery, Operation
from lamina.flows import cleared as cleared_flow
from lamina.memory import Memory
from lamina.store.sqlite.reading import SqliteReading
from lamina.testing.fakes import HashEncoder

APP: dict[str, Any] = {"principal": "app"}
SLIP = "florbinx"


class Lettered(HashEncoder):
    """Knows no word whole, so that each may be a slip."""

    def count_tokens(self, text: str) -> int:
        return len(text)


def told(memory: Memory, asked: str, **who: Any) -> str:
    """Give what is said beside the records."""
    explained = memory.explain(asked, **who)
    beside = (explained.terms, explained.notes, [hit.terms for hit in explained.hits])
    return str((memory.search(asked, **who).notes, memory.recall(asked, **who).notes, beside)).casefold()


def test_a_slip_is_not_mended_by_a_word_that_stands_in_a_masked_place_alone() -> None:
    with Memory(encoder=Lettered()) as memory:
        memory.add("the wifi password: Florbinax")
        memory.add("bees are loud in the garden")
        memory.give_grant("app", "reader")
        assert "florbinax" in told(memory, SLIP, **APP)
        memory.set_secret_mask()
        assert "florbinax" not in told(memory, SLIP, **APP)
        assert memory.explain(SLIP, **APP).terms == (SLIP,)
        assert "florbinax" in told(memory, SLIP)
        assert memory.search("gardn", **APP).notes == ("nothing holds 'gardn', which is read as 'garden'",)
        # Where it stands without a mark too, it is a word like any other.
        memory.add("the shop is called Florbinax")
        assert memory.search(SLIP, **APP).notes == (f"nothing holds {SLIP!r}, which is read as 'Florbinax'",)


def test_a_slip_is_not_mended_by_a_word_that_is_hidden() -> None:
    with Memory(encoder=Lettered()) as memory:
        memory.add("Florbinax earns ninety thousand", sensitivity="private")
        memory.add("bees are loud in the garden")
        memory.give_grant("app", "reader")
        assert "florbinax" not in told(memory, SLIP, **APP)
        memory.add("Florbinaz earns more", sensitivity="private")
        assert "florbina" not in told(memory, SLIP, **APP)
        assert "florbinax" in told(memory, SLIP)


def test_a_secret_in_the_name_of_a_speaker_is_masked_where_a_question_names_it(memory: Memory) -> None:
    memory.add([
        {"content": "bees on the roof", "name": "Ada password: Florbinax"}, {"content": "a fence", "name": "Jon"},
    ])  # fmt: skip
    memory.give_grant("app", "reader")
    memory.set_secret_mask()
    assert memory.explain("what did Ada say?").speakers == ("Ada password: Florbinax",)
    assert memory.explain("what did Ada say?", **APP).speakers == ("Ada password: " + 9 * "\N{BULLET}",)


def test_a_principal_gets_figures_of_what_it_sees_alone(memory: Memory) -> None:
    memory.add(["bees", "a fence"], user_id="ada")
    memory.add(["a boat", "a gate", "a secret"], user_id="bob")
    memory.add("the pay", user_id="bob", sensitivity="private")
    memory.give_grant("app", "reader", user_id="bob")
    memory.give_grant("lead", "administrator", user_id="bob")
    for user in ("ada", "bob"):
        memory.search("boat", user_id=user)
    whole = memory.stats(user_id="bob")
    assert (whole.index.walls, whole.index.rows, whole.index.builds) == (2, 6, 2)
    assert whole.file_bytes
    assert whole.times
    for who, before, rows in (("nobody", 0, 0), ("app", 0, 3), ("lead", 4, 4)):
        assert memory.stats(user_id="bob", principal=who).index.rows == before
        memory.search("boat", user_id="bob", principal=who)
        figures = memory.stats(user_id="bob", principal=who)
        assert (figures.index.walls, figures.index.rows) == (bool(rows), rows)
        assert figures.index.bytes == sum(figures.index.bytes_by_part.values())
        assert (figures.file_bytes, figures.times, figures.disk_bytes) == (0, {}, {})
        done = figures.index
        assert (done.loads, done.builds, done.rebuilds, done.evictions, done.publications) == 5 * (0,)


@pytest.mark.parametrize("limit", [1, 3, 7, 40, None])
def test_the_log_is_read_from_its_end_where_something_is_hidden(
    memory: Memory, limit: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = ["", "private", "private", "", "private", "private", *(9 * ["private"])]
    for number, label in enumerate(labels):
        memory.add(f"bee {number}", sensitivity=label or None)
    memory.give_grant("app", "reader")
    monkeypatch.setattr(cleared_flow, "LEAST_LOOKED", 2)
    seen = {record.id for record in memory.get_all(**APP)}
    plain = [operation for operation in memory.log() if operation.record_id in seen]
    assert len(plain) == 2
    assert list(memory.log(limit=limit, **APP)) == (plain if limit is None else plain[-limit:])


def test_of_a_long_log_the_last_page_is_read(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.add("the pay", sensitivity="private")
    memory.add([f"bee {number}" for number in range(30)])
    memory.give_grant("app", "reader")
    monkeypatch.setattr(cleared_flow, "LEAST_LOOKED", 5)
    read: list[int] = []
    before = SqliteReading.logged

    def counted(self: SqliteReading, asked: LogQuery, **scope: Any) -> list[Operation]:
        found = before(self, asked, **scope)
        read.append(len(found))
        return found

    monkeypatch.setattr(SqliteReading, "logged", counted)
    (last,) = memory.log(limit=1, **APP)
    assert last == memory.log()[-1]
    assert read[0] == 6


@pytest.mark.parametrize(
    "asked",
    [
        {"password": {"gt": "F"}},
        {"text": {"contains": "Florb"}},
        {"NOT": {"app.password": {"icontains": "flo"}}},
        {"OR": [{"speaker": "Ada"}, {"session": {"lt": "m"}}]},
    ],
)
def test_a_filter_narrows_no_masked_secret_down(memory: Memory, asked: dict[str, Any]) -> None:
    memory.add("the wifi password: Florbinax", metadata={"password": "Florbinax", "rank": 3}, session="s")
    memory.give_grant("app", "reader")
    memory.search("wifi", filters=asked, **APP)
    memory.set_secret_mask()
    for verb in (memory.search, memory.recall, memory.explain):
        with pytest.raises(InvalidArgument, match="secrets are masked"):
            verb("wifi", filters=asked, **APP)
    memory.search("wifi", filters=asked)
    found = memory.search("wifi", filters={"AND": [{"rank": {"gte": 2}}, {"session": "s"}]}, **APP)
    assert [hit.record.metadata["rank"] for hit in found] == [3]
