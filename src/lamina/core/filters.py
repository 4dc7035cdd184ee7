"""Filters: what a record must be to be returned, as a tree, and what that means.

`holds` is the whole meaning, over one record; what is faster has to equal it. A condition asks for what a record has
under a name, which are values: texts, numbers, truths, instants. A list counts as its elements, at the end of a name as
on the way; a null, an empty list and a key that is not there are all the same, no value. A condition holds where it
holds for one of the values at least, and compares like with like alone: a text is never equal to a number, nor a number
to a truth. `Not` is the exact opposite, so that what says `ne` holds where nothing is.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lamina.core.records import Json, Metadata, Record


class Field(StrEnum):
    """What of a record filters ask for beside its metadata."""

    #: When it was said or done.
    AT = "at"
    #: When this revision was recorded.
    RECORDED_AT = "recorded_at"
    SPEAKER = "speaker"
    ROLE = "role"
    SESSION = "session"
    AGENT = "agent"
    RUN = "run"
    KIND = "kind"
    LAYER = "layer"
    MODALITY = "modality"
    EXTERNAL_ID = "external_id"
    TEXT = "text"
    #: The label of its policy.
    SENSITIVITY = "sensitivity"


class Order(StrEnum):
    """On which side of a bound values lie."""

    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"


#: The keys that lead to a value in metadata, from the outside in.
Path = tuple[str, ...]
Subject = Field | Path
Value = str | bool | int | float | datetime
#: What a record has under a name: values, and dicts, which are there and equal to nothing.
Found = Value | Mapping[str, Json]

#: How they are compared, one by one or as arrays.
COMPARE: dict[Order, Callable[[Any, Any], Any]] = {
    Order.GT: operator.gt,
    Order.GTE: operator.ge,
    Order.LT: operator.lt,
    Order.LTE: operator.le,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """Holds where a value is one of these."""

    subject: Subject
    values: tuple[Value, ...]
    #: Whether it holds where there is no value, too.
    or_none: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Holds where a value lies on that side of a bound; texts by code points."""

    subject: Subject
    order: Order
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Contains:
    """Holds where a text contains this one."""

    subject: Subject
    part: str
    #: Whether upper and lower case are the same.
    folds_case: bool = False


@dataclass(frozen=True, slots=True)
class And:
    """Holds where all parts hold."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Holds where one part holds."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds where its part does not."""

    part: "Filter"


Condition = OneOf | Bound | Contains
Filter = And | Or | Not | OneOf | Bound | Contains


def holds(filters: Filter, record: Record) -> bool:
    """Say whether a record is what `filters` ask for."""
    match filters:
        case And(parts):
            return all(holds(part, record) for part in parts)
        case Or(parts):
            return any(holds(part, record) for part in parts)
        case Not(part):
            return not holds(part, record)
    found = values_of(record, filters.subject)
    return (not found and lets_none_through(filters)) or any(answers(filters, value) for value in found)


def values_of(record: Record, subject: Subject) -> tuple[Found, ...]:
    """Give what a record has under a name."""
    if isinstance(subject, tuple):
        return values_at(record.metadata, subject)
    owner = record.scope if subject in (Field.AGENT, Field.RUN) else record
    value = getattr(owner, subject)
    return () if value is None else (value,)


def values_at(metadata: Metadata, path: Path) -> tuple[Found, ...]:
    """Give what stands in metadata at the end of `path`, lists opened, nulls left out."""
    found: list[Found] = []
    waiting: list[tuple[Json | Metadata, int]] = [(metadata, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, list):
            waiting += [(element, depth) for element in reversed(value)]
        elif depth < len(path):
            if isinstance(value, Mapping) and path[depth] in value:
                waiting.append((value[path[depth]], depth + 1))
        elif value is not None:
            found.append(value)
    return tuple(found)


def answers(condition: Condition, value: Found) -> bool:
    """Say whether one value is what a condition asks for."""
    match condition:
        case OneOf():
            return any(value == wanted and _are_alike(value, wanted) for wanted in condition.values)
        case Bound():
            return _are_alike(value, condition.value) and bool(COMPARE[condition.order](value, condition.value))
    if not isinstance(value, str):
        return False
    if condition.folds_case:
        return condition.part.casefold() in value.casefold()
    return condition.part in value


def lets_none_through(condition: Condition) -> bool:
    """Say whether a condition holds where there is no value."""
    return isinstance(condition, OneOf) and condition.or_none


def conditions(filters: Filter) -> Iterator[Condition]:
    """Give the conditions of a tree, from left to right."""
    match filters:
        case And(parts) | Or(parts):
            for part in parts:
                yield from conditions(part)
        case Not(part):
            yield from conditions(part)
        case _:
            yield filters


def _are_alike(one: Found, other: Value) -> bool:
    return _kind_of(one) is _kind_of(other)


def _kind_of(value: Found) -> type:
    if isinstance(value, bool):
        return bool
    if isinstance(value, int | float):
        return float
    return next((kind for kind in (str, datetime) if isinstance(value, kind)), Mapping)
