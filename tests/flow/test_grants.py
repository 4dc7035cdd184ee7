"""Grants: a principal does what its roles say, in those walls, and is answered elsewhere as from an unknown scope."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from lamina.core.directives import Deed
from lamina.core.errors import InvalidArgument, LaminaError, NotFound, NotGranted, StoreReadOnly
from lamina.core.grant import RIGHTS, Right, Role
from lamina.core.scope import Scope
from lamina.flows.past import PAGE
from lamina.memory import Memory
from lamina.settings import Settings
from lamina.testing.fakes import FakeClock, HashEncoder

ADA, BOB = {"user_id": "ada"}, {"user_id": "bob"}
Call = Callable[..., object]


def a_life(memory: Memory) -> str:
    name = memory.add("Ada keeps bees", **ADA).stored[0].id  # type: ignore[arg-type]
    memory.add("the house has a garden", scope=Scope.shared())
    return name


#: What needs which right: `id` stands for Ada's record. Those of READ and WRITE look like an unknown scope.
CALLS: dict[str, tuple[Right, Call]] = {
    "get": (Right.READ, lambda memory, name, **who: memory.get(name, **who)),
    "history": (Right.READ, lambda memory, name, **who: memory.history(name, **who)),
    "search": (Right.READ, lambda memory, name, **who: [hit.record.id for hit in memory.search("bees", **who)]),
    "recall": (Right.READ, lambda memory, name, **who: memory.recall("bees", abstain=False, **who).text),
    "get_all": (Right.READ, lambda memory, name, **who: [record.id for record in memory.get_all(**who)]),
    "timeline": (Right.READ, lambda memory, name, **who: memory.timeline(**who)),
    "log": (Right.READ, lambda memory, name, **who: memory.log(**who)),
    "stats": (Right.READ, lambda memory, name, **who: memory.stats(**who).counts.records),
    "update": (Right.WRITE, lambda memory, name, **who: memory.update(name, text="x", **who).ids),
    "delete": (Right.WRITE, lambda memory, name, **who: memory.delete(name, **who).ids),
    "delete_all": (Right.WRITE, lambda memory, name, **who: memory.delete_all(**who).ids),
    "revert": (Right.WRITE, lambda memory, name, **who: memory.revert(1, **who).ids),
}
#: The reads that name one record.
BY_ID = ("get", "history")
#: These are refused outright: they store something, or are about more than one record.
TOLD: dict[str, tuple[Right, Call]] = {
    "add": (Right.WRITE, lambda memory, name, **who: memory.add("y", **who)),
    "flush": (Right.WRITE, lambda memory, name, **who: memory.flush(**who)),
    "erase": (Right.ADMINISTER, lambda memory, name, **who: memory.erase(name, **who)),
    "erase all": (Right.ADMINISTER, lambda memory, name, **who: memory.erase(all=True, **who)),
    "forget": (Right.ADMINISTER, lambda memory, name, **who: memory.forget(**who)),
    "place_hold": (Right.ADMINISTER, lambda memory, name, **who: memory.place_hold("x", **who)),
    "lift_hold": (Right.ADMINISTER, lambda memory, name, **who: memory.lift_hold(1, **who)),
    "holds": (Right.ADMINISTER, lambda memory, name, **who: memory.holds(**who)),
    "audit": (Right.ADMINISTER, lambda memory, name, **who: memory.audit(**who)),
    "set_retention": (Right.ADMINISTER, lambda memory, name, **who: memory.set_retention(timedelta(1), **who)),
    "set_secrets": (Right.ADMINISTER, lambda memory, name, **who: memory.set_secrets("mask", **who)),
    "set_quarantine": (Right.ADMINISTER, lambda memory, name, **who: memory.set_quarantine(**who)),
    "policies": (Right.ADMINISTER, lambda memory, name, **who: memory.policies(**who)),
    "drop_policy": (Right.ADMINISTER, lambda memory, name, **who: memory.drop_policy(1, **who)),
    "held": (Right.ADMINISTER, lambda memory, name, **who: memory.held(**who)),
    "approve": (Right.ADMINISTER, lambda memory, name, **who: memory.approve(name, **who)),
    "deny": (Right.ADMINISTER, lambda memory, name, **who: memory.deny(name, **who)),
    "give_grant": (Right.ADMINISTER, lambda memory, name, **who: memory.give_grant("eve", "reader", **who)),
    "revoke_grant": (Right.ADMINISTER, lambda memory, name, **who: memory.revoke_grant(1, **who)),
    "snapshot": (Right.ADMINISTER, lambda memory, name, **who: memory.snapshot("then", **who)),
    "snapshots": (Right.ADMINISTER, lambda memory, name, **who: memory.snapshots(**who)),
    "rollback": (Right.ADMINISTER, lambda memory, name, **who: memory.rollback(0, **who)),
    "head": (Right.ADMINISTER, lambda memory, name, **who: memory.head(**who)),
    "export": (Right.ADMINISTER, lambda memory, name, **who: memory.export(io.BytesIO(), **who)),
    "grants": (Right.ADMINISTER, lambda memory, name, **who: memory.grants(**who)),
}


def outcome(call: Call, memory: Memory, name: str, **who: object) -> object:
    try:
        return call(memory, name, **who)
    except LaminaError as error:
        return type(error), str(error).replace(name, "it")


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("verb", sorted(CALLS))
def test_who_lacks_a_right_is_answered_as_from_an_unknown_scope(memory: Memory, verb: str, role: Role | None) -> None:
    name = a_life(memory)
    right, call = CALLS[verb]
    if role is not None:
        memory.give_grant("app", role, **ADA)  # type: ignore[arg-type]
    unknown = outcome(call, memory, name, user_id="nobody", tenant_id="unknown")
    granted = outcome(call, memory, name, principal="app", **ADA)
    if role is not None and right in RIGHTS[role]:
        assert granted != unknown
    else:
        assert granted == unknown
    assert outcome(call, memory, name, principal="app", **BOB) == unknown
    assert memory.verify().is_sound


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("verb", sorted(TOLD))
def test_who_may_not_is_told_and_nothing_is_done(memory: Memory, verb: str, role: Role | None) -> None:
    name = a_life(memory)
    right, call = TOLD[verb]
    if role is not None:
        memory.give_grant("app", role, **ADA)  # type: ignore[arg-type]
    before = (memory.log(**ADA), memory.audit(**ADA))  # type: ignore[arg-type]
    done = outcome(call, memory, name, principal="app", **ADA)
    if role is not None and right in RIGHTS[role]:
        assert not isinstance(done, tuple) or done[:1] != (NotGranted,)
    else:
        assert isinstance(done, tuple)
        assert done[0] is NotGranted
        assert (memory.log(**ADA), memory.audit(**ADA)) == before  # type: ignore[arg-type]
    assert outcome(call, memory, name, principal="app", **BOB)[0] is NotGranted  # type: ignore[index]


def test_a_memory_that_was_opened_for_a_principal_is_bound_to_it(memory: Memory, tmp_path: Path) -> None:
    name = a_life(memory)
    memory.give_grant("app", "reader", **ADA)  # type: ignore[arg-type]
    memory.close()
    with Memory(
        tmp_path / "life.db", encoder=HashEncoder(), clock=FakeClock(), scope=Scope(user="ada"), principal="app"
    ) as app:
        assert app.get(name).text == "Ada keeps bees"
        assert app.get(name, principal="app").text == "Ada keeps bees"
        assert sorted(record.text for record in app.get_all()) == ["Ada keeps bees", "the house has a garden"]
        assert list(app.get_all(user_id="bob")) == []
        assert list(app.get_all(scope=Scope.shared())) == []
        with pytest.raises(InvalidArgument, match="principal"):
            app.get(name, principal="admin")
        with pytest.raises(NotFound):
            app.delete(name)
        whole_file = (
            app.scopes,
            app.verify,
            app.reindex,
            app.compact,
            lambda: app.stats(is_whole_file=True),
            lambda: app.export(io.BytesIO(), is_whole_file=True),
            lambda: app.load(io.BytesIO()),
            lambda: app.backup(tmp_path / "copy.db"),
            lambda: app.reencode(HashEncoder()),
        )
        for whole in whole_file:
            with pytest.raises(NotGranted):
                whole()


def test_the_owner_needs_no_grant_and_a_revoked_one_is_gone(memory: Memory) -> None:
    name = a_life(memory)
    given = memory.give_grant("app", "writer", by="ada", **ADA)  # type: ignore[arg-type]
    assert memory.grants(**ADA) == (given,)  # type: ignore[arg-type]
    assert memory.get(name, **ADA).text == memory.get(name, principal="app", **ADA).text  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        memory.revoke_grant(given.id, **BOB)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        memory.drop_policy(given.id, **ADA)  # type: ignore[arg-type]
    memory.revoke_grant(given.id, **ADA)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        memory.get(name, principal="app", **ADA)  # type: ignore[arg-type]
    assert [entry.deed for entry in memory.audit(**ADA)] == [Deed.GRANT_GIVEN, Deed.GRANT_REVOKED]  # type: ignore[arg-type]
    assert memory.verify().is_sound


def test_an_administrator_gives_grants_in_its_own_wall_alone(memory: Memory) -> None:
    a_life(memory)
    memory.give_grant("lead", Role.ADMINISTRATOR, agent_id="a", **ADA)  # type: ignore[arg-type]
    memory.give_grant("app", "writer", principal="lead", **ADA)  # type: ignore[arg-type]
    assert memory.add("more", principal="app", **ADA).stored  # type: ignore[arg-type]
    with pytest.raises(NotGranted):
        memory.give_grant("app", "writer", principal="lead", **BOB)  # type: ignore[arg-type]
    with pytest.raises(NotGranted):
        memory.add("more", principal="app", scope=Scope.shared())


def test_grants_count_in_a_memory_without_a_file() -> None:
    with Memory(encoder=HashEncoder(), clock=FakeClock()) as memory:
        name = a_life(memory)
        memory.give_grant("app", "administrator", **ADA)  # type: ignore[arg-type]
        for _, call in (*CALLS.values(), *TOLD.values()):
            outcome(call, memory, name, principal="app", **ADA)
        assert memory.verify().is_sound


def test_a_grant_that_was_slipped_in_is_found(memory: Memory, tmp_path: Path) -> None:
    memory.give_grant("app", "reader", **ADA)  # type: ignore[arg-type]
    connection = apsw.Connection(str(tmp_path / "life.db"))
    connection.execute("UPDATE directive SET body = replace(body, 'reader', 'administrator')")
    connection.close()
    assert any("audit trail" in finding.problem for finding in memory.verify().findings)


@pytest.mark.parametrize(("who", "role"), [("", "reader"), ("app", "owner"), (7, "reader")])
def test_a_grant_that_cannot_be_meant_is_refused(memory: Memory, who: object, role: str) -> None:
    with pytest.raises(InvalidArgument):
        memory.give_grant(who, role)  # type: ignore[arg-type]


def test_every_read_is_noted_where_a_policy_says_so(memory: Memory) -> None:
    name = a_life(memory)
    policy = memory.set_read_audit(by="audit office", **ADA)  # type: ignore[arg-type]
    given = memory.give_grant("app", "reader", **ADA)  # type: ignore[arg-type]
    reads = [(verb, call) for verb, (right, call) in CALLS.items() if right is Right.READ]
    for _, call in reads:
        call(memory, name, principal="app", **ADA)
    memory.get(name, **ADA)  # type: ignore[arg-type]
    for who in ({"principal": "nobody"}, {}):
        with pytest.raises(NotFound):
            memory.get(name if who else "\ud800", **who, **ADA)  # type: ignore[arg-type]
    foreign = memory.add("Bob's", **BOB).stored[0].id  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        memory.get(foreign, **ADA)  # type: ignore[arg-type]
    noted = [entry for entry in memory.audit(**ADA) if entry.deed is Deed.READ]  # type: ignore[arg-type]
    assert {entry.directive for entry in noted} == {policy.id}
    assert [(entry.grant, entry.record_id) for entry in noted] == [
        *((given.id, name if verb in BY_ID else None) for verb, _ in reads),
        (None, name),
        (None, name),
        (None, None),
        (None, None),
    ]
    assert memory.audit(**BOB) == ()  # type: ignore[arg-type]
    memory.drop_policy(policy.id, **ADA)  # type: ignore[arg-type]
    memory.get(name, **ADA)  # type: ignore[arg-type]
    assert memory.audit(**ADA)[-1].deed is Deed.POLICY_DROPPED  # type: ignore[arg-type]
    assert memory.verify().is_sound


def test_a_read_is_noted_in_each_wall_that_it_looks_into_and_that_asks_so(memory: Memory) -> None:
    name = a_life(memory)
    shared = Scope.shared()
    office = memory.add("The office is in Rome", scope=shared).stored[0].id
    policy = memory.set_read_audit(scope=shared)
    reads = {verb: call for verb, (right, call) in CALLS.items() if right is Right.READ}
    for call in reads.values():
        call(memory, office, **BOB)
    assert reads_of(memory, scope=shared) == [(policy.id, office if verb in BY_ID else None) for verb in reads]
    assert memory.audit(**BOB) == ()  # type: ignore[arg-type]
    own = memory.set_read_audit(**ADA)  # type: ignore[arg-type]
    memory.get(office, **ADA)  # type: ignore[arg-type]
    memory.get(name, **ADA)  # type: ignore[arg-type]
    memory.get(office, scope=shared)
    assert reads_of(memory, **ADA) == [(own.id, office), (own.id, name)]
    # Of what is Ada's alone the shared trail tells no id.
    assert reads_of(memory, scope=shared)[len(reads) :] == [(policy.id, one) for one in (office, None, office)]
    assert memory.verify().is_sound


def reads_of(memory: Memory, **scope: object) -> list[tuple[int | None, str | None]]:
    trail = memory.audit(**scope)  # type: ignore[arg-type]
    return [(entry.directive, entry.record_id) for entry in trail if entry.deed is Deed.READ]


def test_a_read_that_cannot_be_noted_is_not_answered(memory: Memory, tmp_path: Path) -> None:
    name = a_life(memory)
    memory.set_read_audit(**ADA)  # type: ignore[arg-type]
    memory.close()
    with Memory(tmp_path / "life.db", encoder=HashEncoder(), settings=Settings(read_only=True)) as again:
        with pytest.raises(StoreReadOnly):
            again.get(name, **ADA)  # type: ignore[arg-type]
        assert list(again.get_all(**BOB))  # type: ignore[arg-type]


def test_an_export_is_noted(memory: Memory) -> None:
    a_life(memory)
    memory.export(io.BytesIO(), **ADA)  # type: ignore[arg-type]
    memory.export(io.BytesIO(), is_whole_file=True)
    assert [entry.deed for entry in memory.audit(**ADA)] == [Deed.EXPORTED] * 2  # type: ignore[arg-type]
    assert [entry.deed for entry in memory.audit(scope=Scope.shared())] == [Deed.EXPORTED]


@pytest.mark.parametrize("role", ["administrator", "reader", None])
def test_the_whole_file_is_the_owners_alone_whoever_administers_a_wall_in_it(memory: Memory, role: str | None) -> None:
    memory.add("what Bob keeps", user_id="bob")
    memory.add("what Ada keeps", user_id="ada")
    if role is not None:
        memory.give_grant("eve", role, user_id="ada")
    told = io.BytesIO()
    with pytest.raises(NotGranted):
        memory.stats(is_whole_file=True, user_id="ada", principal="eve")
    for markdown in (False, True):
        with pytest.raises(NotGranted):
            memory.export(told, is_whole_file=True, markdown=markdown, user_id="ada", principal="eve")
    assert told.getvalue() == b""
    memory.export(told, is_whole_file=True)
    assert b"what Bob keeps" in told.getvalue()


def test_a_listing_that_was_begun_ends_with_its_grant(memory: Memory) -> None:
    memory.add([f"cat {number}" for number in range(PAGE + 100)], **ADA)
    given = memory.give_grant("app", "reader", sees=["private"], **ADA)  # type: ignore[arg-type]
    listed, narrowed = (memory.get_all(principal="app", **ADA) for _ in range(2))  # type: ignore[arg-type]
    assert next(listed).text == "cat 0"
    assert next(narrowed).text == "cat 0"
    memory.revoke_grant(given.id, **ADA)  # type: ignore[arg-type]
    memory.add("said after the revocation", **ADA)  # type: ignore[arg-type]
    memory.add("whispered after it", sensitivity="private", **ADA)  # type: ignore[arg-type]
    assert [record.text for record in listed][-1] == f"cat {PAGE - 1}"
    memory.give_grant("app", "reader", **ADA)  # type: ignore[arg-type]
    assert [record.text for record in narrowed][-1] == "said after the revocation"
