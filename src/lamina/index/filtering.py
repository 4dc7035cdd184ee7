"""Filtering: which rows of a wall are what a filter asks for, by arrays; equal to asking each record.

Names, times and kinds stand in the index. The other names have columns of values, which `bring_up` makes and extends
before a view is asked: those of metadata out of the rows' JSON, those of `FIELDS_APART` out of the store. Of texts only
parts are asked.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from lamina.core.filters import (
    COMPARE,
    And,
    Bound,
    Condition,
    Contains,
    Field,
    Filter,
    Found,
    Not,
    OneOf,
    Or,
    conditions,
    lets_none_through,
)
from lamina.core.rows import FIELDS_APART
from lamina.core.time import to_us
from lamina.index.scope_index import NO_TIME, IndexView, ScopeIndex
from lamina.index.values import texts_that_answer

#: Where the index carries the names of a field.
_LABELS = {
    Field.SPEAKER: "speaker",
    Field.ROLE: "role",
    Field.SESSION: "session_name",
    Field.AGENT: "agent",
    Field.RUN: "run",
    Field.KIND: "kind",
    Field.LAYER: "layer",
    Field.MODALITY: "modality",
}
#: Reads what the revisions have of a field that operations after a number made, by number; instants in microseconds.
ReadField = Callable[[Field, int], Iterable[tuple[int, Found | None]]]
Flags = NDArray[np.bool_]


def bring_up(index: ScopeIndex, filters: Filter, read: ReadField) -> None:
    """Make the columns that `filters` ask for hold all rows of an index."""
    values = index.values
    paths = {condition.subject for condition in conditions(filters) if isinstance(condition.subject, tuple)}
    values.take_in_metadata(paths, size=len(index), number=index.number)
    for condition in conditions(filters):
        field = condition.subject
        if isinstance(condition, Contains) and field is Field.TEXT:
            texts = values.texts[condition.folds_case]
            if texts.number < index.number:
                texts.extend((str(text) for _, text in read(field, texts.number)), number=index.number)
        elif isinstance(field, Field) and field in FIELDS_APART:
            covered = values.column(field).number
            if covered < index.number:
                values.take_in_field(field, index.view().number, read(field, covered), number=index.number)


def rows_that_hold(filters: Filter, view: IndexView) -> Flags:
    """Say which rows are what `filters` ask for, once `bring_up` has seen to their columns."""
    match filters:
        case And(parts):
            held: Flags = np.logical_and.reduce([rows_that_hold(part, view) for part in parts])
        case Or(parts):
            held = np.logical_or.reduce([rows_that_hold(part, view) for part in parts])
        case Not(part):
            held = ~rows_that_hold(part, view)
        case _:
            held = _that_hold(filters, view)
    return held


def _that_hold(condition: Condition, view: IndexView) -> Flags:
    subject = condition.subject
    if subject is Field.AT:
        return _at(condition, view)
    if subject in _LABELS:
        label = _LABELS[Field(subject)]
        codes: NDArray[np.int32] = getattr(view, label)
        return np.array([lets_none_through(condition), *texts_that_answer(condition, view.names[label].all())])[codes]
    if subject is Field.TEXT and isinstance(condition, Contains):
        return view.values.texts[condition.folds_case].that_contain(condition.part, len(view))
    if subject is Field.RECORDED_AT:
        condition = _in_us(condition)
    return view.values[subject].that_hold(condition, len(view))


def _at(condition: Condition, view: IndexView) -> Flags:
    asked = _in_us(condition)
    if isinstance(asked, OneOf):
        wanted = [*asked.values, NO_TIME] if asked.or_none else list(asked.values)
        return np.isin(view.at_us, np.array(wanted, dtype=np.int64))
    if not isinstance(asked, Bound):
        return np.zeros(len(view), dtype=bool)
    held: Flags = COMPARE[asked.order](view.at_us, asked.value) & (view.at_us != NO_TIME)
    return held


def _in_us(condition: Condition) -> Condition:
    """Give a condition on instants as one on microseconds from 1970 UTC."""
    if isinstance(condition, OneOf):
        times = tuple(to_us(value) for value in condition.values if isinstance(value, datetime))
        return replace(condition, values=times)
    if isinstance(condition, Bound) and isinstance(condition.value, datetime):
        return replace(condition, value=to_us(condition.value))
    return condition
