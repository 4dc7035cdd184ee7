"""Messages as other programs export them: their keys find their place among those of `Message`.

What has no place of its own goes into the metadata, so that nothing is lost.
"""

from collections.abc import Mapping
from typing import Any, cast

from lamina.core.errors import InvalidArgument
from lamina.ingest.messages import Message

#: Key of `Message` -> what it is called elsewhere, the more exact first.
ALIASES = {
    "content": ("text", "body", "message"),
    "name": ("speaker", "author", "from", "sender", "user"),
    "at": ("date_unixtime", "ts", "time", "timestamp", "date", "created_at"),
    "session": ("session_id", "conversation", "conversation_id", "thread", "thread_id", "channel"),
    "external_id": ("id", "message_id"),
    "order": ("seq",),
}
#: Keys under which an object that stands for somebody or something has its name.
NAME_KEYS = ("name", "nickname", "display_name", "global_name", "username", "first_name", "title", "id")
#: Roles that some files write where a name belongs.
ROLES = frozenset({"user", "assistant", "system", "tool"})


def exported_message(value: object) -> Message:
    """Give the message that a value of an export is.

    Raises:
        InvalidArgument: it is none.
    """
    if isinstance(value, str):
        return Message(content=value)
    if not isinstance(value, Mapping):
        advice = "write a text, or a JSON object with `content`"
        raise InvalidArgument("message", f"is {type(value).__name__}", advice)
    fields: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for key, part in value.items():
        if part is not None:
            # Elsewhere it may be a number, or more; a label is a name.
            is_own = key in Message.__optional_keys__ and (key != "sensitivity" or isinstance(part, str))
            (fields if is_own else rest)[key] = part
    places: dict[str, str] = {}
    for key, others in ALIASES.items() if rest else ():
        place = next((other for other in others if other in rest), None)
        if key not in fields and place is not None:
            fields[key], places[key] = rest.pop(place), place
    _flatten(fields, rest, places)
    if rest:
        own = fields.get("metadata") or {}
        if not isinstance(own, Mapping):
            raise InvalidArgument("message.metadata", f"is {type(own).__name__}", "write a JSON object")
        fields["metadata"] = {**rest, **own}
    if isinstance(fields.get("name"), str) and fields["name"] in ROLES and "role" not in fields:
        fields["role"] = fields.pop("name")
    return cast("Message", fields)


def _flatten(fields: dict[str, Any], rest: dict[str, Any], places: Mapping[str, str]) -> None:
    """Put names and texts in the place of objects and lists that hold more, and what more there is into `rest`."""
    for key in ("name", "session", "external_id"):
        held = fields.get(key)
        if isinstance(held, str):
            continue
        if isinstance(held, Mapping):
            rest[places.get(key, key)] = held
            fields[key] = next((held[part] for part in NAME_KEYS if held.get(part) not in (None, "")), None)
        if isinstance(fields.get(key), int) and not isinstance(fields[key], bool):
            fields[key] = str(fields[key])
    runs = fields.get("content")
    if isinstance(runs, list) and any(isinstance(run, str) for run in runs) and all(map(_is_run, runs)):
        fields["content"] = "".join(run if isinstance(run, str) else run["text"] for run in runs)
        rest[places.get("content", "content")] = [run for run in runs if not isinstance(run, str)]


def _is_run(run: object) -> bool:
    """Say whether it is a stretch of one text, such as the link in it: "see [link] there" comes as a list of three."""
    return isinstance(run, str) or (isinstance(run, Mapping) and isinstance(run.get("text"), str))
