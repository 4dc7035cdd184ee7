"""The chain and the macs cover what they say, and fields that are absent leave them as they are."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from lamina.core.chain import GENESIS, canonical, chain_link, record_mac
from lamina.core.layers import Kind, Layer, Modality
from lamina.core.lifecycle import State
from lamina.core.operations import Action, Actor, Operation
from lamina.core.provenance import Provenance, Source
from lamina.core.records import AtSource, Policy, Record, Scores
from lamina.core.scope import Scope, Wall

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RECORD = Record(id="r", scope=Scope(), kind=Kind.OBSERVATION, text="Ada keeps bees")
#: Another value for each field; those below are folds of the log or given by the store.
OTHERS = {
    "id": "s",
    "revision": 2,
    "scope": Scope(agent="a"),
    "kind": Kind.EVENT,
    "layer": Layer.CORE,
    "provenance": Provenance(sources=(Source(record_id="p", revision=1, start=0, end=3),)),
    "valid_from": NOON,
    "valid_to": NOON,
    "policy": Policy(trust=0.5),
    "text": "Ada keeps wasps",
    "speaker": "Ada",
    "role": "user",
    "at": NOON,
    "at_source": AtSource.GIVEN,
    "session": "s",
    "external_id": "e",
    "metadata": {"k": 1},
    "modality": Modality.TRACE,
    "order": 3,
}
DERIVED = {"state", "recorded_at", "number", "arrived", "scores", "event_id"}


def test_every_field_of_a_record_is_in_its_mac_or_listed_as_derived() -> None:
    assert set(OTHERS) | DERIVED == {field.name for field in fields(Record)}
    mac = record_mac(RECORD, salt=b"salt")
    for name, value in OTHERS.items():
        assert record_mac(replace(RECORD, **{name: value}), salt=b"salt") != mac, name
    moved = replace(RECORD, state=State.WITHDRAWN, recorded_at=NOON, number=7, arrived=3, scores=Scores(uses=2))
    assert record_mac(moved, salt=b"salt") == mac


def test_a_mac_cannot_be_confirmed_without_its_salt() -> None:
    assert record_mac(RECORD, salt=b"one") != record_mac(RECORD, salt=b"two")


def test_absent_fields_do_not_enter_so_that_later_ones_leave_older_macs_valid() -> None:
    expected = (
        b'{"at_source":"unknown","by":"caller","id":"r","kind":"observation","layer":"episodic","modality":"message",'
        b'"revision":1,"tenant":"default","text":"Ada keeps bees","user":"default"}'
    )
    assert canonical(RECORD) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"wall": Wall("default", "ada")},
        {"number": 2},
        {"commit": 2},
        {"action": Action.UPDATE},
        {"record_id": "s"},
        {"revision": 2},
        {"from_state": State.ACTIVE},
        {"to_state": State.HELD},
        {"actor": Actor.ENGINE},
        {"recorded_at": datetime(2026, 3, 2, 12, 0, 1, tzinfo=UTC)},
        {"mac": b"other"},
    ],
)
def test_a_link_covers_every_field_of_its_operation_and_the_link_before(change) -> None:
    operation = Operation(
        wall=Wall("default", "default"),
        number=1,
        commit=1,
        action=Action.ADD,
        record_id="r",
        revision=1,
        from_state=None,
        to_state=State.ACTIVE,
        actor=Actor.CALLER,
        recorded_at=NOON,
        mac=b"mac",
        chain=b"",
    )
    link = chain_link(GENESIS, operation)
    assert chain_link(GENESIS, replace(operation, chain=b"ignored")) == link
    assert chain_link(GENESIS, replace(operation, **change)) != link
    assert chain_link(link, operation) != link
