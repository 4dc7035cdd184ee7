"""What a filter means, over one record."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from lamina.core.filter_shapes import read_filters
from lamina.core.filters import (
    And,
    Bound,
    Contains,
    Field,
    Not,
    OneOf,
    Or,
    Order,
    conditions,
    holds,
    values_at,
    values_of,
)
from lamina.core.layers import Kind, Layer, Modality
from lamina.core.records import Policy
from lamina.testing.builders import a_record, a_scope

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PAGE = Path(__file__).parents[3] / "docs/howto/filters.md"


def truth_table():
    """Give what the documentation says: conditions, metadata, and whether they hold."""
    lines = PAGE.read_text("utf-8").split("<!-- truth: begin -->\n")[1].split("<!-- truth: end -->")[0].splitlines()
    cells = [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]
    kept = [json.loads(cell) for cell in cells[0][1:]]
    return [
        pytest.param(json.loads(row[0]), metadata, cell == "yes", id=f"{row[0]} of {json.dumps(metadata)}")
        for row in cells[2:]
        for metadata, cell in zip(kept, row[1:], strict=True)
    ]


def city(condition, **metadata):
    return holds(condition, a_record(metadata=metadata))


@pytest.mark.parametrize(("asked", "metadata", "expected"), truth_table())
def test_conditions_hold_where_the_documentation_says(asked, metadata, expected):
    tree = read_filters(asked, read_instant=lambda value, where: None, kinds=[Kind.OBSERVATION])
    assert holds(tree, a_record(metadata=metadata)) is expected


def test_the_documentation_has_all_its_cells():
    assert len(truth_table()) == 13 * 8


@pytest.mark.parametrize(
    ("kept", "asked", "expected"),
    [
        (1, 1.0, True),
        (True, True, True),
        (1, True, False),
        (True, 1, False),
        (0, False, False),
        ("1", 1, False),
        (2**53 + 1, float(2**53), False),
    ],
)
def test_equal_is_by_value_and_never_across_kinds(kept, asked, expected):
    assert city(OneOf(subject=("n",), values=(asked,)), n=kept) is expected


@pytest.mark.parametrize(("kept", "bound"), [("b", 1), (1, "b"), (True, 0), ({"a": 1}, 0), (None, 0)])
def test_what_cannot_be_compared_lies_on_no_side_and_is_no_error(kept, bound):
    assert not any(city(Bound(subject=("n",), order=order, value=bound), n=kept) for order in Order)


@pytest.mark.parametrize(("order", "expected"), [("gt", "345"), ("gte", "2345"), ("lt", "01"), ("lte", "012")])
def test_orders_are_strict_or_not(order, expected):
    bound = Bound(subject=("n",), order=Order(order), value=2)
    assert "".join(str(n) for n in range(6) if city(bound, n=n)) == expected


def test_lists_are_opened_at_the_end_of_a_path_and_on_the_way():
    metadata = {
        "guides": [{"name": ["Ilia", "Noor"]}, {"name": "Sam"}, "nobody", [{"name": None}]],
        "none": [[], [None]],
    }
    assert values_at(metadata, ("guides", "name")) == ("Ilia", "Noor", "Sam")
    assert values_at(metadata, ("none",)) == ()
    assert values_at(metadata, ("guides", "name", "first")) == ()
    assert values_at({"a": {"b": 1}}, ("a",)) == ({"b": 1},)


def test_metadata_that_is_nested_deeper_than_python_goes_is_read():
    deep: list[object] = []
    for _ in range(20_000):
        deep = [deep]
    assert values_at({"a": deep}, ("a",)) == ()


def test_two_operators_may_hold_for_two_elements():
    both = And((Bound(subject=("n",), order=Order.LT, value=2), Bound(subject=("n",), order=Order.GT, value=8)))
    assert city(both, n=[1, 9])
    assert not city(both, n=[5])


def test_case_is_folded_as_unicode_says():
    part = Contains(subject=Field.TEXT, part="STRASSE", folds_case=True)
    assert holds(part, a_record("Die Straße ist leer"))
    assert not holds(Contains(subject=Field.TEXT, part="STRASSE"), a_record("Die Straße ist leer"))


def test_fields_are_those_of_the_record_and_its_scope():
    record = a_record(
        "bees",
        scope=a_scope("ada", agent="planner", run="r1"),
        speaker="Ada",
        role="user",
        session="roof",
        at=NOON,
        recorded_at=NOON + timedelta(seconds=1),
        external_id="x",
        layer=Layer.CORE,
        modality=Modality.TRACE,
        policy=Policy(sensitivity="private"),
    )
    told = {field: values_of(record, field) for field in Field}
    assert told == {
        Field.AT: (NOON,),
        Field.RECORDED_AT: (NOON + timedelta(seconds=1),),
        Field.SPEAKER: ("Ada",),
        Field.ROLE: ("user",),
        Field.SESSION: ("roof",),
        Field.AGENT: ("planner",),
        Field.RUN: ("r1",),
        Field.KIND: (Kind.OBSERVATION,),
        Field.LAYER: (Layer.CORE,),
        Field.MODALITY: (Modality.TRACE,),
        Field.EXTERNAL_ID: ("x",),
        Field.TEXT: ("bees",),
        Field.SENSITIVITY: ("private",),
    }


def test_a_field_that_a_record_lacks_has_no_value():
    lacking = a_record()
    for field in (Field.AT, Field.SPEAKER, Field.ROLE, Field.SESSION, Field.AGENT, Field.RUN, Field.EXTERNAL_ID):
        assert values_of(lacking, field) == ()
        assert holds(OneOf(subject=field, values=(), or_none=True), lacking)


def test_times_are_instants_whatever_their_zones():
    east = timezone(timedelta(hours=9))
    record = a_record(at=NOON)
    assert holds(OneOf(subject=Field.AT, values=(NOON.astimezone(east),)), record)
    assert holds(Bound(subject=Field.AT, order=Order.LT, value=datetime(2026, 3, 2, 22, tzinfo=east)), record)


def test_the_opposite_of_any_condition_holds_exactly_where_it_does_not():
    tree = Or((OneOf(subject=("n",), values=(1,)), Not(Contains(subject=("m",), part="x"))))
    for metadata in ({}, {"n": 1}, {"m": "x"}, {"n": 1, "m": "x"}):
        assert city(Not(tree), **metadata) is not city(tree, **metadata)


def test_the_conditions_of_a_tree_come_from_left_to_right():
    one, two, three = (OneOf(subject=(name,), values=(1,)) for name in "abc")
    assert list(conditions(And((one, Not(Or((two, three))))))) == [one, two, three]
