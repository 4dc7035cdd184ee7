"""Records are frozen, and what a caller asks is refused where it is made."""

import inspect
from dataclasses import FrozenInstanceError, fields, is_dataclass
from types import ModuleType

import pytest

from lamina.core import grant, layers, operations, protocols, provenance, query, receipts, records, reports, scope
from lamina.core.errors import InvalidArgument
from lamina.core.layers import Kind, Layer, quadruple
from lamina.core.query import Query, checked_kinds
from lamina.core.records import Draft, Record
from lamina.core.scope import Scope

MODULES = (grant, layers, operations, protocols, provenance, query, receipts, records, reports, scope)


def dataclasses_of(module: ModuleType) -> list[type]:
    return [value for value in vars(module).values() if inspect.isclass(value) and is_dataclass(value)]


@pytest.mark.parametrize(
    "kind", {kind for module in MODULES for kind in dataclasses_of(module)}, ids=lambda k: k.__name__
)
def test_every_record_is_frozen_and_has_slots(kind: type) -> None:
    assert kind.__dataclass_params__.frozen
    assert all("__slots__" in vars(part) for part in kind.__mro__ if is_dataclass(part))


def test_a_record_cannot_be_changed_in_place() -> None:
    record = Record(id="r", scope=Scope(), kind=Kind.OBSERVATION)
    with pytest.raises(FrozenInstanceError):
        record.text = "other"  # type: ignore[misc]


def test_a_header_describes_itself_in_the_words_of_the_survey() -> None:
    record = Record(id="r", scope=Scope(), kind=Kind.OBSERVATION)
    assert record.quadruple == quadruple(Kind.OBSERVATION, Layer.EPISODIC)
    assert record.quadruple.write_path == "verbatim"
    assert quadruple(Kind.EVENT, Layer.EPISODIC).write_path == "derived"
    assert {field.name for field in fields(record.quadruple)} == {
        "location",
        "persistence",
        "write_path",
        "controllability",
    }


@pytest.mark.parametrize("limit", [0, -1, 1001, True, "3"])
def test_a_limit_outside_its_range_is_refused(limit: object) -> None:
    with pytest.raises(InvalidArgument, match="`limit`"):
        Query(text="x", limit=limit)


def test_kinds_are_read_from_their_names() -> None:
    assert checked_kinds(["event", Kind.DOCUMENT]) == (Kind.EVENT, Kind.DOCUMENT)
    for bad in ("event", ["dream"], 3):
        with pytest.raises(InvalidArgument, match="`kinds`"):
            checked_kinds(bad)


def test_a_redelivery_has_the_same_text_speaker_role_given_time_and_metadata() -> None:
    record = Record(id="r", scope=Scope(), kind=Kind.OBSERVATION, text="a", speaker="Ada", role="user")
    same = Draft(text="a", speaker="Ada", role="user", order=9, session="elsewhere")
    assert same.is_redelivery_of(record)
    for other in ({"text": "b"}, {"speaker": "Bob"}, {"role": "tool"}, {"metadata": {"k": 1}}):
        fields_of_draft = {"text": "a", "speaker": "Ada", "role": "user", **other}
        assert not Draft(**fields_of_draft).is_redelivery_of(record)
