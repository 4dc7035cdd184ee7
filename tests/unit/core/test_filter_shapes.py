"""Shapes that callers hand in are read as they are meant, or refused by the place where they cannot be."""

from datetime import UTC, datetime

import pytest

from lamina.core.errors import InvalidArgument
from lamina.core.filter_shapes import MAX_DEPTH, MAX_SIZE, MAX_TEXT, read_filters
from lamina.core.filters import And, Bound, Contains, Field, Not, OneOf, Or, Order
from lamina.core.layers import Kind, Layer

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def read(filters, kinds=(Kind.OBSERVATION,)):
    return read_filters(filters, read_instant=a_time, kinds=kinds)


def a_time(value, where):
    if value == "unknown":
        return None
    if value != "noon":
        raise InvalidArgument(where, "is no time", "say noon")
    return NOON


def one_of(subject, *values, or_none=False):
    return OneOf(subject=subject, values=values, or_none=or_none)


IS_TURIN, IS_ROME = one_of(("city",), "Turin"), one_of(("city",), "Rome")


@pytest.mark.parametrize(
    ("filters", "tree"),
    [
        ({"city": "Turin"}, IS_TURIN),
        ({"city": {"eq": "Turin"}}, IS_TURIN),
        ({"city": {"ne": "Turin"}}, Not(IS_TURIN)),
        ({"city": ["Turin", 3, None]}, one_of(("city",), "Turin", 3, or_none=True)),
        ({"city": ("Turin",)}, IS_TURIN),
        ({"city": {"in": ["Turin"]}}, IS_TURIN),
        ({"city": {"nin": ["Turin", None]}}, Not(one_of(("city",), "Turin", or_none=True))),
        ({"city": None}, one_of(("city",), or_none=True)),
        ({"city": "*"}, Not(one_of(("city",), or_none=True))),
        ({"city": {"eq": "*"}}, one_of(("city",), "*")),
        ({"city": {"contains": "uri"}}, Contains(subject=("city",), part="uri")),
        ({"city": {"icontains": "URI"}}, Contains(subject=("city",), part="URI", folds_case=True)),
        ({"rank": {"gte": 3}}, Bound(subject=("rank",), order=Order.GTE, value=3)),
        (
            {"rank": {"gt": 3, "lte": 5}},
            And(
                (
                    Bound(subject=("rank",), order=Order.GT, value=3),
                    Bound(subject=("rank",), order=Order.LTE, value=5),
                )
            ),
        ),
        ({"city": "Turin", "speaker": "Ada"}, And((IS_TURIN, one_of(Field.SPEAKER, "Ada")))),
        ({"AND": [{"city": "Turin"}, {"city": "Rome"}]}, And((IS_TURIN, IS_ROME))),
        ({"OR": [{"city": "Turin"}, {"city": "Rome"}]}, Or((IS_TURIN, IS_ROME))),
        ({"OR": [{"city": "Turin"}]}, IS_TURIN),
        ({"NOT": [{"city": "Turin"}, {"city": "Rome"}]}, Not(Or((IS_TURIN, IS_ROME)))),
        ({"NOT": {"city": "Turin"}}, Not(IS_TURIN)),
        ({"NOT": {"city": "Turin", "rank": 1}}, Not(And((IS_TURIN, one_of(("rank",), 1))))),
        ({"metadata": {"city": "Turin"}}, IS_TURIN),
        ({"metadata.city": "Turin"}, IS_TURIN),
        ({"metadata.metadata": 1}, one_of(("metadata",), 1)),
        ({"metadata.speaker": "x"}, one_of(("speaker",), "x")),
        ({"metadata": {"speaker": "x"}}, one_of(("speaker",), "x")),
        ({"guide.name": "Ilia"}, one_of(("guide", "name"), "Ilia")),
        ({r"a\.b.c\\d": 1}, one_of(("a.b", "c\\d"), 1)),
        ({"two words\nand a line": 1}, one_of(("two words\nand a line",), 1)),
        ({"agent_id": "a", "run_id": "r"}, And((one_of(Field.AGENT, "a"), one_of(Field.RUN, "r")))),
        ({"at": {"gte": "noon"}}, Bound(subject=Field.AT, order=Order.GTE, value=NOON)),
        ({"recorded_at": ["noon", None]}, one_of(Field.RECORDED_AT, NOON, or_none=True)),
        ({"at": "unknown"}, one_of(Field.AT, or_none=True)),
        ({"layer": "core"}, one_of(Field.LAYER, Layer.CORE)),
        ({"kind": "*"}, Not(one_of(Field.KIND, or_none=True))),
        ({"kind": {"ne": "event"}}, Not(one_of(Field.KIND, Kind.EVENT))),
        ({"text": {"icontains": "BEE"}}, Contains(subject=Field.TEXT, part="BEE", folds_case=True)),
    ],
)  # fmt: skip
def test_a_shape_is_read_as_it_is_meant(filters, tree):
    assert read(filters) == tree


def test_kinds_that_are_asked_may_be_named():
    assert read({"kind": "event"}, kinds=[Kind.EVENT, Kind.DOCUMENT]) == one_of(Field.KIND, Kind.EVENT)


LOOP: dict[str, object] = {}
LOOP["AND"] = [LOOP]


@pytest.mark.parametrize(
    ("filters", "place", "advice"),
    [
        ([], "filters", "give a dict"),
        ("speaker=Ada", "filters", "give a dict"),
        ({}, "filters", "leave it out"),
        ({5: 1}, "filters", "use texts as keys"),
        ({"AND": []}, "filters.AND", "at least one"),
        ({"AND": {"city": "x"}}, "filters.AND", "give a list"),
        ({"OR": "x"}, "filters.OR", "give a list"),
        ({"NOT": []}, "filters.NOT", "at least one"),
        ({"NOT": 1}, "filters.NOT", "give a list"),
        ({"AND": [{"city": "x"}, "y"]}, "filters.AND[1]", "give a dict"),
        ({"OR": [{"a": 1}, {}]}, "filters.OR[1]", "name a condition"),
        ({"AND": [{"a": 1}, {"NOT": [{"b": {"gt": []}}]}]}, "filters.AND[1].NOT[0].b.gt", "number"),
        ({"and": [{"a": 1}]}, "filters.and", "write AND"),
        ({"$or": [{"a": 1}]}, "filters.$or", "write OR"),
        ({"city": {}}, "filters.city", "name an operator"),
        ({"city": {"gtt": 1}}, "filters.city", "write gt"),
        ({"city": {"$gte": 1}}, "filters.city", "write gte"),
        ({"city": {"!=": 1}}, "filters.city", "write ne"),
        ({"city": {"GT": 1}}, "filters.city", "write gt"),
        ({"city": {"like": "x"}}, "filters.city", "the operators are"),
        ({"city": {7: "x"}}, "filters.city", "the operators are"),
        ({"city": {"OR": [1]}}, "filters.city", "around whole conditions"),
        ({"city": {"*": True}}, "filters.city", 'write "*"'),
        ({"guide": {"name": "Ilia"}}, "filters.guide", "a dot leads into nested metadata"),
        ({"city": {"in": "Turin"}}, "filters.city.in", "give a list"),
        ({"city": {"in": []}}, "filters.city.in", "at least one"),
        ({"city": []}, "filters.city", "at least one"),
        ({"city": [["a"]]}, "filters.city[0]", "use `in`"),
        ({"city": {"eq": ["a"]}}, "filters.city.eq", "use `in`"),
        ({"city": {"in": [{"a": 1}]}}, "filters.city.in[0]", "dots"),
        ({"city": {"gt": None}}, "filters.city.gt", "use eq"),
        ({"city": {"gt": True}}, "filters.city.gt", "use eq"),
        ({"city": {"gt": ["a"]}}, "filters.city.gt", "use eq"),
        ({"city": {"contains": 3}}, "filters.city.contains", "eq finds an element"),
        ({"city": {"contains": ""}}, "filters.city.contains", '"*"'),
        ({"city": float("nan")}, "filters.city", "finite"),
        ({"city": float("-inf")}, "filters.city", "finite"),
        ({"city": NOON}, "filters.city", "metadata holds no times"),
        ({"city": {1, 2}}, "filters.city", "give a text"),
        ({"city": b"x"}, "filters.city", "give a text"),
        ({"city": "a\0"}, "filters.city", "take it out"),
        ({"city": "\ud800"}, "filters.city", "take it out"),
        ({"city": "x" * (MAX_TEXT + 1)}, "filters.city", "at most"),
        ({"speaker": 5}, "filters.speaker", "give a text"),
        ({"at": {"gte": "later"}}, "filters.at.gte", "say noon"),
        ({"at": {"lt": "unknown"}}, "filters.at.lt", "use eq"),
        ({"at": {"contains": "noon"}}, "filters.at.contains", "use eq"),
        ({"text": "bees"}, "filters.text", "use contains"),
        ({"text": "*"}, "filters.text", "use contains"),
        ({"text": {"gt": "a"}}, "filters.text.gt", "use contains"),
        ({"kind": "event"}, "filters.kind", "kinds="),
        ({"NOT": {"kind": ["event", "document"]}}, "filters.NOT.kind", "kinds="),
        ({"kind": "dream"}, "filters.kind", "observation, document, event"),
        ({"kind": None}, "filters.kind", "observation, document, event"),
        ({"layer": {"gt": "core"}}, "filters.layer.gt", "use eq"),
        ({"modality": ["message", "smell"]}, "filters.modality[1]", "passage"),
        ({"speker": "Ada"}, "filters.speker", "write `speaker`, or `metadata.speker`"),
        ({"Speaker": "Ada"}, "filters.Speaker", "write `speaker`"),
        ({"sesion.x": "Ada"}, "filters.sesion.x", "write `session`"),
        ({"external-id": "x"}, "filters.external-id", "write `external_id`"),
        ({"metadat.city": "x"}, "filters.metadat.city", "metadata.<key>"),
        ({"metadata": "*"}, "filters.metadata", "metadata.<key>"),
        ({"metadata": {"gt": 1}}, "filters.metadata.gt", "metadata.gt"),
        ({"metadata": {"AND": []}}, "filters.metadata.AND", "metadata.AND"),
        ({"metadata": {}}, "filters.metadata", "name a condition"),
        ({"speaker.name": "Ada"}, "filters.speaker.name", "metadata.speaker.name"),
        ({"user_id": "ada"}, "filters.user_id", "user_id="),
        ({"OR": [{"tenant_id": "t"}]}, "filters.OR[0].tenant_id", "scope="),
        ({"created_at": {"gt": "noon"}}, "filters.created_at", "recorded_at"),
        ({"session_id": "s"}, "filters.session_id", "use `session`"),
        ({"a..b": 1}, "filters.a..b", "empty part"),
        ({"metadata.": 1}, "filters.metadata.", "empty part"),
        ({"": 1}, "filters.", "empty part"),
        ({"a\\": 1}, "filters.a\\", "write two"),
        ({".".join("a" * (MAX_DEPTH + 1)): 1}, "filters.", "at most"),
        (LOOP, "filters.AND[0]", "deep"),
        ({"a": list(range(MAX_SIZE))}, "filters.a", "several calls"),
        ({"OR": [{"a": 1, "b": 2, "c": 3}] * (MAX_SIZE // 3)}, "filters.OR[", "several calls"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_by_its_place_with_what_to_do(filters, place, advice):
    with pytest.raises(InvalidArgument) as caught:
        read(filters)
    assert caught.value.argument.startswith(place)
    assert advice in str(caught.value)


def test_a_filter_may_be_as_deep_and_as_large_as_is_said():
    deep: dict[str, object] = {"a": 1}
    for _ in range(MAX_DEPTH - 1):
        deep = {"NOT": deep}
    read(deep)
    with pytest.raises(InvalidArgument, match="deep"):
        read({"NOT": deep})
    read({"a": list(range(MAX_SIZE - 1))})


def test_a_long_name_is_cut_where_it_is_named():
    with pytest.raises(InvalidArgument) as caught:
        read({"k" * 10_000: {}})
    assert len(str(caught.value)) < 300
