"""Builders for packing: valid hits, of which a test names only what it is about."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from lamina.core.layers import Kind
from lamina.core.query import Hit
from lamina.core.records import Record
from lamina.core.scope import Scope


@pytest.fixture
def a_hit() -> Callable[..., Hit]:
    """Give a builder of hits; `at` is (day, hour, minute) in May 2023, UTC."""

    def build(
        text: str = "The kettle is on.",
        *,
        number: int = 1,
        score: float = 1.0,
        at: tuple[int, int, int] | None = None,
        span: tuple[int, int] | None = None,
        **fields: object,
    ) -> Hit:
        record = Record(
            id=str(fields.pop("id", f"r{number}")),
            scope=fields.pop("scope", Scope()),  # type: ignore[arg-type]
            kind=Kind.OBSERVATION,
            text=text,
            arrived=number,
            number=number,
            at=None if at is None else datetime(2023, 5, *at, tzinfo=UTC),
            **fields,  # type: ignore[arg-type]
        )
        return Hit(record=record, score=score, span=span)

    return build
