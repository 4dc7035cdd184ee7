"""Messages as chat programs hand them over become drafts of observations.

A message is a text or a dict with `role, content, name, at, external_id, session, metadata, order, sensitivity`; an
unknown key is an error, because what is dropped silently is lost; one without a value carries nothing. Content may be a
list of parts: texts, those of tool results among them, are joined by line breaks; parts that are more than a text are
kept in the metadata, and stand in the text by their kind where nothing else does. Tool calls of an assistant are kept
there too, and written out where there is no text. Where the metadata would become too large, long texts of parts and
tool calls, such as the bytes of a picture, are left out of it, and their place says so.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any, TypedDict

from lamina.core.clearance import checked_sensitivity
from lamina.core.errors import InvalidArgument
from lamina.core.records import AtSource, Draft, Metadata
from lamina.ingest.normalise import checked_beside, checked_label, checked_metadata, checked_speech
from lamina.ingest.times import Order, common_order, read_time

#: Metadata keys under which parts and tool calls of a message are kept.
PARTS, TOOL_CALLS, TOOL_CALL_ID = "parts", "tool_calls", "tool_call_id"
#: Types of parts that are a text and nothing else.
_PLAIN = ("text", "input_text", "output_text", None)
#: The largest order, so that every store can hold it.
MAX_ORDER = 2**62


class Message(TypedDict, total=False):
    """One message; only `content` is needed."""

    role: str
    content: str | list[dict[str, Any]] | None
    name: str
    at: datetime | str | float | None
    external_id: str
    session: str
    metadata: Metadata
    order: int
    sensitivity: str
    tool_calls: list[dict[str, Any]]
    tool_call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a call says for all of its messages."""

    now: datetime
    session: str | None = None
    at: datetime | str | float | None = None
    metadata: Metadata | None = field(default=None)
    external_id: str | None = None
    timezone: tzinfo | str | None = None
    sensitivity: str | None = None
    #: Whether 5/8/23 is the fifth of August; None = what the call's messages tell, else the eighth of May.
    day_first: bool | None = None

    def time_of(self, value: object, *, argument: str) -> tuple[datetime | None, AtSource]:
        """Read a time; without one it is now, assumed."""
        if value is None:
            return self.now, AtSource.ASSUMED
        return read_time(value, timezone=self.timezone, day_first=self.day_first, argument=argument)


def read_messages(what: object, defaults: Defaults, *, max_text_bytes: int) -> tuple[Draft, ...]:
    """Give the drafts of a text, a message, or a list of these; all of them, or none.

    Raises:
        InvalidArgument: something that is no message or cannot be kept; it is named by its place.
    """
    if isinstance(what, str | Mapping):
        name = "text" if isinstance(what, str) else "message"
        return (_read(what, defaults, argument=name, max_text_bytes=max_text_bytes),)
    if not isinstance(what, Sequence) or isinstance(what, bytes | bytearray):
        advice = "give a text, a message (a dict with `content`), a list of these, a Document or a Trace"
        raise InvalidArgument("what", f"is {type(what).__name__}", advice)
    if not what:
        raise InvalidArgument("what", "is an empty list", "give at least one message")
    if defaults.external_id is not None:
        raise InvalidArgument("external_id", "is one id for a list", "give each message its own `external_id`")
    shared = replace(defaults, day_first=_day_first(what)) if defaults.day_first is None else defaults
    return tuple(
        _read(message, shared, argument=f"messages[{place}]", max_text_bytes=max_text_bytes)
        for place, message in enumerate(what)
    )


def _day_first(messages: Sequence[object]) -> bool | None:
    order = common_order(message.get("at") for message in messages if isinstance(message, Mapping))
    return None if order is None else order is Order.DAY_FIRST


def _read(message: object, defaults: Defaults, *, argument: str, max_text_bytes: int) -> Draft:
    fields: dict[str, Any] = {"content": message} if isinstance(message, str) else _fields(message, argument)
    where = argument if isinstance(message, str) else f"{argument}.content"
    extra = _kept_beside(fields, argument)
    text = _text_of(fields, where)
    role, name = (checked_label(fields.get(key), argument=f"{argument}.{key}") for key in ("role", "name"))
    metadata = fields.get("metadata")
    at, at_source = defaults.time_of(
        defaults.at if fields.get("at") is None else fields["at"],
        argument="at" if fields.get("at") is None else f"{argument}.at",
    )
    own = checked_metadata(
        defaults.metadata if metadata is None else metadata, argument=_named("metadata", fields, argument)
    )
    return Draft(
        text=checked_speech(text, argument=where, max_text_bytes=max_text_bytes),
        speaker=name or role,
        role=role,
        at=at,
        at_source=at_source,
        is_untimed=at_source is AtSource.ASSUMED and fields.get("at", defaults.at) is None,
        session=checked_label(fields.get("session", defaults.session), argument=_named("session", fields, argument)),
        external_id=checked_label(
            fields.get("external_id", defaults.external_id), argument=_named("external_id", fields, argument)
        ),
        metadata=checked_beside(own, extra, argument=f"{argument}.metadata") if extra else own,
        order=_order(fields.get("order"), argument),
        sensitivity=checked_sensitivity(
            fields.get("sensitivity", defaults.sensitivity), argument=_named("sensitivity", fields, argument)
        ),
    )


def _fields(message: object, argument: str) -> dict[str, Any]:
    if not isinstance(message, Mapping):
        raise InvalidArgument(argument, f"is {type(message).__name__}", "give a text, or a dict with `content`")
    unknown = [key for key, value in message.items() if key not in Message.__optional_keys__ and not _is_void(value)]
    if unknown:
        known = ", ".join(sorted(Message.__optional_keys__))
        raise InvalidArgument(
            argument, f"has the unknown key {unknown[0]!r}", f"use {known}; the rest goes into `metadata`"
        )
    if "content" not in message and not message.get(TOOL_CALLS):
        raise InvalidArgument(argument, "has no `content`", "give its words as `content`")
    return {key: value for key, value in message.items() if key in Message.__optional_keys__ and value is not None}


def _is_void(value: object) -> bool:
    return value is None or (isinstance(value, list | tuple | Mapping) and not value)


def _named(key: str, fields: Mapping[str, Any], argument: str) -> str:
    return f"{argument}.{key}" if key in fields else key


def _text_of(fields: Mapping[str, Any], where: str) -> object:
    content = fields.get("content")
    if isinstance(content, list):
        texts = [text for part in content for text in _texts_in(part, where) if text.strip()]
        # A picture alone was said too: its place is kept by its kind, the part itself in the metadata.
        content = "\n".join(texts or [_stand_in(part) for part in content if not _is_plain(part)])
    calls = fields.get(TOOL_CALLS)
    if calls is not None and not (isinstance(calls, list) and all(isinstance(call, Mapping) for call in calls)):
        raise InvalidArgument(where, "has `tool_calls` that are no list of dicts", "give them as the model gave them")
    if calls and (content is None or not str(content).strip()):
        return "\n".join(_call_text(call) for call in calls)
    return content


def _texts_in(part: object, where: str) -> Iterator[str]:
    """Give what of a part can be read: its text, a refusal, or what a tool gave back."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        said = next((part[key] for key in ("text", "refusal") if isinstance(part.get(key), str)), None)
        if said is not None:
            yield said
        elif part.get("type") in _PLAIN[:-1]:
            raise InvalidArgument(where, "has a text part without text", 'give parts as {"type": "text", "text": "…"}')
        elif part.get("type") == "tool_result":
            given = part.get("content")
            for inner in given if isinstance(given, list) else (given,):
                yield from _texts_in(inner, where)


def _is_plain(part: object) -> bool:
    """Say whether a part is a text and nothing else, so that all of it stands in the text."""
    if not isinstance(part, Mapping):
        return isinstance(part, str)
    return part.get("type") in _PLAIN and all(key in ("type", "text") or _is_void(part[key]) for key in part)


def _stand_in(part: object) -> str:
    kind = part.get("type", "part") if isinstance(part, Mapping) else "part"
    if kind == "tool_use" and isinstance(part, Mapping):
        return _call_text({"name": part.get("name"), "arguments": part.get("input", "")})
    return f"[{kind}]"


def _call_text(call: object) -> str:
    function = call.get("function", call) if isinstance(call, Mapping) else {}
    if not isinstance(function, Mapping):
        function = {"name": function}
    arguments = function.get("arguments", "")
    written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False, default=repr)
    return f"{function.get('name', 'tool')}({written})"


def _kept_beside(fields: Mapping[str, Any], argument: str) -> dict[str, Any]:
    """Give what of a message is more than text: other parts, tool calls, the id of the call that it answers."""
    kept: dict[str, Any] = {key: fields[key] for key in (TOOL_CALLS, TOOL_CALL_ID) if key in fields}
    content = fields.get("content")
    if isinstance(content, list):
        others = [part for part in content if not _is_plain(part)]
        if not all(isinstance(part, Mapping) for part in others):
            raise InvalidArgument(f"{argument}.content", "has a part that is no dict", 'give parts as {"type": …}')
        if others:
            kept[PARTS] = others
    return kept


def _order(order: object, argument: str) -> int | None:
    if order is None:
        return None
    if isinstance(order, bool) or not isinstance(order, int) or abs(order) > MAX_ORDER:
        raise InvalidArgument(f"{argument}.order", f"is {order!r}", "give a whole number, the place in the session")
    return order
