"""The scope rule, every combination, against the sentences of the rule written out a second way."""

from itertools import product

import pytest

from lamina.core.errors import InvalidArgument
from lamina.core.scope import Scope, Wall, changes, scope_from, sees

SCOPES = [
    Scope.of(Wall(tenant, user), agent=agent, run=run)
    for tenant, user, agent, run in product(("t1", "t2"), ("ada", "bob", None), ("a1", "a2", None), ("r1", None))
]


def may_see(reader: Scope, record: Scope) -> bool:
    """Write the rule as refusals: another tenant; another user's; another agent's or run's, where one is named."""
    if record.tenant != reader.tenant:
        return False
    if record.user is not None and record.user != reader.user:
        return False
    if reader.agent is not None and record.agent is not None and record.agent != reader.agent:
        return False
    return reader.run is None or record.run is None or record.run == reader.run


@pytest.mark.parametrize("reader", SCOPES)
def test_seeing_and_changing_follow_the_rule_for_every_pair(reader: Scope) -> None:
    for record in SCOPES:
        assert sees(reader, record) == may_see(reader, record)
        own_wall = (record.tenant, record.user) == (reader.tenant, reader.user)
        assert changes(reader, record) == (may_see(reader, record) and own_wall)


def test_nothing_is_changed_across_walls_and_shared_records_only_at_the_shared_scope() -> None:
    ada, shared = Scope(user="ada"), Scope.shared()
    assert sees(ada, shared)
    assert not changes(ada, shared)
    assert changes(shared, shared)
    assert not sees(shared, ada)
    assert ada.visible_walls == (Wall("default", "ada"), Wall("default", None))
    assert shared.visible_walls == (Wall("default", None),)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, Scope(tenant="t", user="ada", agent="a", run="r")),
        ({"agent_id": "b"}, Scope(tenant="t", user="ada", agent="b", run="r")),
        ({"user_id": "bob"}, Scope(tenant="t", user="bob")),
        ({"user_id": "bob", "run_id": "x"}, Scope(tenant="t", user="bob", run="x")),
        ({"tenant_id": "u"}, Scope(tenant="u", user="ada")),
        ({"tenant_id": "t", "user_id": "ada"}, Scope(tenant="t", user="ada", agent="a", run="r")),
        ({"scope": Scope.shared("u")}, Scope.shared("u")),
        ({"user_id": None}, Scope(tenant="t", user="ada", agent="a", run="r")),
    ],
)
def test_keywords_name_a_scope_and_the_rest_comes_from_the_default(keys, expected) -> None:
    assert scope_from(keys, default=Scope(tenant="t", user="ada", agent="a", run="r")) == expected


def test_a_forgotten_user_never_shares() -> None:
    with pytest.raises(InvalidArgument, match="`user_id`"):
        Scope(user=None)
    assert Scope.shared() == Scope.of(Wall("default", None))
    assert scope_from({"agent_id": "a"}, default=Scope.shared("t")) == Scope.shared("t", agent="a")
    assert scope_from({"tenant_id": "t"}, default=Scope.shared("t")) == Scope.shared("t")
    with pytest.raises(InvalidArgument, match="`user_id` is not named"):
        scope_from({"tenant_id": "u"}, default=Scope.shared("t"))


@pytest.mark.parametrize("keys", [{"usr": "x"}, {"scope": Scope(), "user_id": "x"}, {"scope": "x"}, {"user_id": ""}])
def test_keywords_that_name_none_are_refused(keys) -> None:
    with pytest.raises(InvalidArgument):
        scope_from(keys, default=Scope())
