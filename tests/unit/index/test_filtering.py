"""Arrays say of each row what a condition means; every kind of value against every operator."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from lamina.core.filters import (
    And,
    Bound,
    Contains,
    Field,
    Not,
    OneOf,
    Or,
    Order,
    answers,
    lets_none_through,
    values_at,
)
from lamina.core.layers import Kind
from lamina.core.rows import FIELDS_APART
from lamina.core.time import to_us
from lamina.index.filtering import bring_up, rows_that_hold
from lamina.index.scope_index import ScopeIndex
from lamina.testing.builders import an_index_row

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SCALARS = (
    "Turin", "turin", "", "Straße", "STRASSE", "ü", "a b", 0, 1, 1.0, -1, 2.5, -2.5, 2**53, 2**53 + 1, float(2**53),
    10**400, 10**400 + 1, -(10**400), 1e308, True, False,
)  # fmt: skip
KEPT = (*SCALARS, None, [], [None], {}, {"x": 1}, ["Turin", 3], [[1], "ü"], [{"x": 1}, True])
BOUNDS = tuple(scalar for scalar in SCALARS if not isinstance(scalar, bool))
PARTS = ("urin", "TURIN", "ss", "ß", "ü", " ", "x")
PATH = ("city",)
CONDITIONS = (
    *(OneOf(subject=PATH, values=(scalar,)) for scalar in SCALARS),
    *(OneOf(subject=PATH, values=(scalar,), or_none=True) for scalar in SCALARS),
    OneOf(subject=PATH, values=(), or_none=True),
    OneOf(subject=PATH, values=("Turin", 1, True)),
    *(Bound(subject=PATH, order=order, value=bound) for order, bound in product(Order, BOUNDS)),
    *(Contains(subject=PATH, part=part, folds_case=folds) for part, folds in product(PARTS, (False, True))),
)


def rows(*metadata, first=1, **fields):
    """Give rows that have that as metadata, from a number on, and all of them `fields`."""
    return [
        an_index_row(number, metadata=None if kept is None else json.dumps(kept), **fields)
        for number, kept in enumerate(metadata, start=first)
    ]


def an_index(*taken_in):
    index = ScopeIndex(str.split, width=2)
    index.extend(taken_in, number=len(taken_in))
    return index


def nothing(field, after):
    pytest.fail(f"{field} was read after {after}")


def told(index, filters, read=nothing):
    bring_up(index, filters, read)
    return rows_that_hold(filters, index.view()).tolist()


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_every_condition_on_metadata_is_what_it_means_value_by_value(condition):
    index = an_index(*rows(*({"city": kept} for kept in KEPT), None, {"other": 1}))
    found = [values_at({"city": kept}, PATH) for kept in KEPT]
    assert told(index, condition) == [
        (not values and lets_none_through(condition)) or any(answers(condition, value) for value in values)
        for values in (*found, (), ())
    ]


def test_numbers_beyond_what_floats_hold_are_compared_exactly():
    index = an_index(*rows(*({"n": number} for number in (2**53, 2**53 + 1, 10**400, 10**400 + 1, 1e308))))
    assert told(index, Bound(subject=("n",), order=Order.GT, value=2**53)) == [False, True, True, True, True]
    at_least = Bound(subject=("n",), order=Order.GTE, value=10**400 + 1)
    assert told(index, at_least) == [False, False, False, True, False]
    assert told(index, OneOf(subject=("n",), values=(float(2**53),))) == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("field", "label"),
    [
        (Field.SPEAKER, "speaker"),
        (Field.ROLE, "role"),
        (Field.SESSION, "session_name"),
        (Field.AGENT, "agent"),
        (Field.RUN, "run"),
    ],
)
def test_names_that_rows_carry_are_asked_without_reading_anything(field, label):
    index = an_index(*rows(None), *rows(None, first=2, **{label: "Ada"}))
    assert told(index, OneOf(subject=field, values=("Ada",))) == [False, True]
    assert told(index, OneOf(subject=field, values=("Bob",), or_none=True)) == [True, False]
    assert told(index, Bound(subject=field, order=Order.LT, value="B")) == [False, True]
    assert told(index, Contains(subject=field, part="AD", folds_case=True)) == [False, True]
    assert told(index, Contains(subject=field, part="AD")) == [False, False]


def test_a_time_that_is_unknown_lies_on_no_side_and_is_none():
    index = an_index(*rows(None), *rows(None, first=2, at_us=to_us(NOON)))
    for order in Order:
        assert told(index, Bound(subject=Field.AT, order=order, value=NOON)) == [False, order in ("gte", "lte")]
    assert told(index, OneOf(subject=Field.AT, values=(NOON,))) == [False, True]
    assert told(index, OneOf(subject=Field.AT, values=(), or_none=True)) == [True, False]


def test_rows_are_observations():
    index = an_index(*rows(None))
    assert told(index, OneOf(subject=Field.KIND, values=(Kind.OBSERVATION,))) == [True]
    assert told(index, OneOf(subject=Field.KIND, values=(Kind.EVENT,))) == [False]


def test_what_rows_do_not_carry_is_read_once_and_then_from_where_it_ended():
    index = an_index(*rows(None, None))
    asked = []

    def read(field, after):
        asked.append((field, after))
        return [(number, f"text {number}") for number in (1, 2, 3) if after < number <= index.number]

    contains = Contains(subject=Field.TEXT, part="text 3")
    assert told(index, contains, read) == told(index, contains, read) == [False, False]
    index.extend(rows(None, first=3), number=3)
    assert told(index, contains, read) == [False, False, True]
    assert asked == [(Field.TEXT, 0), (Field.TEXT, 2)]


def test_recorded_times_are_read_in_microseconds_and_asked_as_instants():
    index = an_index(*rows(None, None))
    later = Bound(subject=Field.RECORDED_AT, order=Order.GT, value=NOON)
    read = [(1, to_us(NOON)), (2, to_us(NOON + timedelta(microseconds=1)))]
    assert told(index, later, lambda _field, _after: read) == [False, True]


def test_every_field_that_rows_do_not_carry_is_read():
    index = an_index(*rows(None))
    for field in FIELDS_APART:
        assert told(index, OneOf(subject=field, values=(), or_none=True), lambda _field, _after: [(1, None)]) == [True]


def test_conditions_are_joined_row_by_row():
    index = an_index(*rows({"a": 1, "b": 1}, {"a": 1}, {"b": 1}, None))
    one, other = OneOf(subject=("a",), values=(1,)), OneOf(subject=("b",), values=(1,))
    assert told(index, And((one, other))) == [True, False, False, False]
    assert told(index, Or((one, other))) == [True, True, True, False]
    assert told(index, Not(Or((one, other)))) == [False, False, False, True]


def test_an_older_view_looks_no_further_than_its_rows():
    index = an_index(*rows({"a": 1}, {"b": 2}))
    before = index.view()
    lacks = OneOf(subject=("a",), values=(2,), or_none=True)
    bring_up(index, lacks, nothing)
    index.extend(rows({"a": 2}, {"a": 1}, first=3), number=4)
    assert told(index, lacks) == [False, True, True, False]
    assert rows_that_hold(lacks, before).tolist() == [False, True]


def test_readers_see_whole_columns_while_others_extend_them():
    index = an_index(*rows(*({"n": number} for number in range(50))))
    low = Bound(subject=("n",), order=Order.LT, value=25)
    bring_up(index, low, nothing)
    view = index.view()
    expected = [number < 25 for number in range(50)]

    def grow():
        for number in range(50, 3000, 10):
            index.extend(rows(*({"n": n} for n in range(number, number + 10)), first=number + 1), number=number + 10)
            bring_up(index, low, nothing)

    with ThreadPoolExecutor(1) as pool:
        growing = pool.submit(grow)
        while not growing.done():
            assert rows_that_hold(low, view).tolist() == expected
        growing.result()


def test_columns_count_towards_the_bytes_of_an_index():
    index = an_index(*rows(*({"city": f"city {number}"} for number in range(2000))))
    before = index.nbytes_by_part["values"]
    city = Contains(subject=("city",), part="1")
    bring_up(index, city, nothing)
    plain = index.nbytes_by_part["values"]
    assert plain - before > 2000 * 100
    rows_that_hold(Contains(subject=("city",), part="C", folds_case=True), index.view())
    assert index.nbytes_by_part["values"] > plain
