"""Valid records for tests; a test names only what it is about."""

from datetime import UTC, datetime
from typing import Any

from lamina.core.ids import new_ulid
from lamina.core.layers import Kind
from lamina.core.operations import Action, Change
from lamina.core.records import Record
from lamina.core.scope import Scope

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def a_record(text: str = "Ada keeps bees", **fields: Any) -> Record:
    """Give an observation in the default scope, with a new id."""
    return Record(**{"id": new_ulid(NOON), "scope": Scope(), "kind": Kind.OBSERVATION, "text": text, **fields})


def an_addition(text: str = "Ada keeps bees", **fields: Any) -> Change:
    """Give the change that adds `a_record`."""
    return Change(action=Action.ADD, record=a_record(text, **fields))
