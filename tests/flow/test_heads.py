"""Heads: a log that was written anew behind Lamina's back is found out by what was taken of it before."""

from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from lamina.core.chain import GENESIS, chain_link
from lamina.core.errors import InvalidArgument
from lamina.core.heads import Head
from lamina.core.operations import Actor, LogQuery
from lamina.core.scope import Scope
from lamina.govern.access import grant
from lamina.memory import Memory
from lamina.store.sqlite.store import open_store
from lamina.testing.fakes import HashEncoder


def write_anew(path: Path, scope: Scope) -> None:
    """Edit the first operation of a log as who knows how the chain is made: every later link is made again."""
    with open_store(path).read() as reading:
        log = reading.logged(LogQuery(), scope=grant(scope))
    connection = apsw.Connection(str(path))
    former = GENESIS
    for operation in log:
        actor = Actor.POLICY if operation.number == 1 else operation.actor
        edited = replace(operation, actor=actor)
        former = chain_link(former, edited)
        values = (str(actor), former, operation.number)
        connection.execute("UPDATE operation SET actor = ?, chain = ? WHERE wall_id = 1 AND number = ?", values)
    connection.execute("UPDATE wall SET chain = ? WHERE wall_id = 1", (former,))
    connection.close()


def test_a_head_is_the_last_entry_of_one_wall_and_stands_in_the_log_as_it_grows(memory: Memory) -> None:
    memory.add("one")
    head = memory.head()
    assert (head.number, head.chain) == (memory.log()[-1].number, memory.log()[-1].chain)
    memory.add("two")
    assert memory.verify(heads=[head, memory.head(), memory.head(user_id="nobody")]).is_sound
    assert memory.verify(heads=[head.to_json()]).checked["heads"] == 1
    assert Head.from_json(head.to_json()) == head


def test_a_head_holds_no_words_and_is_of_the_wall_whatever_the_facet(memory: Memory) -> None:
    memory.add("zzwords", agent_id="zzagent", session="zzsession")
    assert "zz" not in memory.head().to_json()
    assert memory.head(agent_id="other") == memory.head()


def test_a_log_that_was_written_anew_is_found_out(memory: Memory, tmp_path: Path) -> None:
    memory.add(["one", "two", "three"])
    memory.flush()
    head = memory.head()
    memory.close()
    write_anew(tmp_path / "life.db", Scope())
    with Memory(tmp_path / "life.db", encoder=HashEncoder()) as again:
        assert again.verify().is_sound
        (finding,) = again.verify(heads=[head]).findings
        assert finding.check == "head"
        assert f"operation {head.number}" in finding.where


def test_a_log_that_was_cut_short_is_found_out(memory: Memory, tmp_path: Path) -> None:
    memory.add("one")
    with Memory(tmp_path / "other.db", encoder=HashEncoder()) as other:
        assert other.head().number == 0
        problem = other.verify(heads=[memory.head()]).findings[0].problem
    assert problem.startswith("is not there")


@pytest.mark.parametrize("text", ["", "{}", "[]", "3", '{"lamina_head": 1}', '{"lamina_head": 2}', "x" * 9])
def test_what_is_no_head_is_refused(memory: Memory, text: str) -> None:
    with pytest.raises(InvalidArgument, match="heads"):
        memory.verify(heads=[text])
    with pytest.raises(InvalidArgument, match="list"):
        memory.verify(heads=text)
