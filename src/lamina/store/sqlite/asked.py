"""What reads are asked for: checked, and put as statements take it."""

import json
import re
from collections.abc import Iterable, Sequence

from lamina.core.errors import InvalidArgument
from lamina.core.filters import Field
from lamina.core.grant import Granted
from lamina.core.rows import FIELDS_APART
from lamina.core.scope import Administration, Scope, Wall

#: The walls of a listing, as its cursors name them.
OWN, SHARED = "own", "shared"
#: What SQLite's integers hold for certain.
_NUMBER = re.compile(r"[0-9]{1,18}")


def listed(values: Sequence[str]) -> str:
    """Give names as JSON, as statements take them."""
    return json.dumps([str(value) for value in values])


def numbers_listed(numbers: Iterable[int]) -> str:
    """Give numbers as JSON, as statements take them: a list of whole ones looks the same there as here."""
    return str(list(numbers))


def plain(record_id: object) -> str:
    """Give an id that can be asked for: nothing is stored under one that UTF-8 cannot hold, nor under the empty one."""
    return record_id if isinstance(record_id, str) and is_encodable(record_id) else ""


def revisions_listed(revisions: Iterable[tuple[str, int]]) -> str:
    """Give revisions as a statement takes them, each by its record and number."""
    return json.dumps([f"{record_id}:{revision}" for record_id, revision in revisions])


def is_encodable(text: str) -> bool:
    """Say whether UTF-8 can hold a text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def cursor_from(text: str | None) -> tuple[int, int]:
    """Give the wall (0 own, 1 shared) and the arrival number after which a listing goes on."""
    if text is None:
        return 0, 0
    name, _, number = text.partition(":")
    if name not in (OWN, SHARED) or not _NUMBER.fullmatch(number):
        raise InvalidArgument("after", f"is {text!r}", "hand in the `cursor` of an earlier listing")
    return (0 if name == OWN else 1), int(number)


def check_visible(wall: Wall, scope: Scope) -> None:
    """Refuse a wall that a scope does not see.

    Raises:
        InvalidArgument: it is none of the scope's visible walls.
    """
    if wall not in scope.visible_walls:
        raise InvalidArgument("wall", f"{wall} is not visible from {scope}", "ask for one of the scope's visible walls")


def check_apart(field: Field) -> None:
    """Refuse a field that an index row carries.

    Raises:
        InvalidArgument: it does.
    """
    if field not in FIELDS_APART:
        raise InvalidArgument("field", f"is {field}", "take it from the index rows, which carry it")


def check_administration(scope: Granted[Administration]) -> None:
    """Refuse a scope that is not the administration's.

    Raises:
        InvalidArgument: it is another.
    """
    if not isinstance(scope.value, Administration):
        raise InvalidArgument("scope", "is not the administration's", "ask with an Administration that is granted")
