"""Files of chat become messages, one by one: JSON, JSON lines, or lines such as "[time] Name: words".

Keys are those of `Message`, or what other programs call them; what has no place of its own goes into the metadata, so
that nothing is lost. A bad line is an error that names it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TextIO, cast

from lamina.core.errors import InvalidArgument
from lamina.ingest.messages import Message

#: Key of `Message` -> what it is called elsewhere.
ALIASES = {
    "content": ("text", "body", "message"),
    "name": ("speaker", "author", "from", "sender", "user"),
    "at": ("ts", "time", "timestamp", "date", "created_at"),
    "session": ("session_id", "conversation", "conversation_id", "thread", "thread_id", "channel"),
    "external_id": ("id", "message_id"),
    "order": ("seq",),
}
#: Roles that some files write where a name belongs.
ROLES = frozenset({"user", "assistant", "system", "tool"})
_CHAT_LINE = re.compile(r"\[(?P<at>[^\]]+)\]\s*(?P<name>[^:\n]{1,80}):\s(?P<content>.+)")


def read_export(file: TextIO, *, name: str) -> Iterator[Message]:
    """Give the messages of an open file, line by line where its form allows; `name` is what errors call it.

    Raises:
        InvalidArgument: a line that is no message, or a form that is not known; the message names file and line.
    """
    first, number = _first_line(file)
    opening = first.lstrip()[:1]
    if opening == "[" and _CHAT_LINE.match(first):
        yield from _chat_lines(first, file, name)
    elif opening == "{" and _is_json(first):
        yield from _json_lines(first, file, name, number=number)
    elif opening in ("{", "["):
        yield from _json_document(first + file.read(), name)
    elif first.strip():
        raise InvalidArgument(
            name, "is neither JSON, JSON lines nor a chat export", "name a .txt or .md file for a document"
        )


def _first_line(file: TextIO) -> tuple[str, int]:
    """Give the first line that is not blank, and its number."""
    number = 0
    while line := file.readline():
        number += 1
        if line.strip():
            return line.removeprefix("\ufeff"), number
    return "", number


def _is_json(line: str) -> bool:
    try:
        value = json.loads(line)
    except ValueError:
        return False
    return "messages" not in value


def _json_lines(first: str, file: TextIO, name: str, *, number: int) -> Iterator[Message]:
    line = first
    while line:
        if line.strip():
            try:
                value = json.loads(line)
            except ValueError as error:
                raise InvalidArgument(name, f"line {number} is no JSON ({error})", "mend or drop that line") from error
            yield _message(value, f"{name} line {number}")
        line = file.readline()
        number += 1


def _json_document(text: str, name: str) -> Iterator[Message]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise InvalidArgument(name, f"is no JSON ({error})", "give JSON, or one JSON message a line") from error
    messages = value.get("messages") if isinstance(value, Mapping) else value
    if not isinstance(messages, list):
        raise InvalidArgument(name, "holds no list of messages", 'give a list, or {"messages": […]}')
    for place, message in enumerate(messages):
        yield _message(message, f"{name} message {place}")


def _chat_lines(first: str, file: TextIO, name: str) -> Iterator[Message]:
    """A line that opens no new message goes on with the one before."""
    open_message: Message | None = None
    line = first
    while line:
        match = _CHAT_LINE.match(line)
        if match is not None:
            if open_message is not None:
                yield open_message
            open_message = Message(content=match["content"], name=match["name"].strip(), at=match["at"])
        elif line.strip() and open_message is not None:
            open_message["content"] = f"{open_message['content']}\n{line.rstrip()}"
        line = file.readline()
    if open_message is not None:
        yield open_message
    else:
        raise InvalidArgument(name, "holds no message", "write lines as [time] Name: words")


def _message(value: object, where: str) -> Message:
    if isinstance(value, str):
        return Message(content=value)
    if not isinstance(value, Mapping):
        raise InvalidArgument(where, f"is {type(value).__name__}", "write a text, or a JSON object with `content`")
    fields: dict[str, Any] = {key: part for key, part in value.items() if key in Message.__optional_keys__}
    used = set(fields)
    for key, others in ALIASES.items():
        for other in others:
            if key not in fields and value.get(other) is not None:
                fields[key] = value[other]
                used.add(other)
    rest = {key: part for key, part in value.items() if key not in used and part is not None}
    if rest:
        fields["metadata"] = {**rest, **(fields.get("metadata") or {})}
    if fields.get("name") in ROLES and "role" not in fields:
        fields["role"] = fields.pop("name")
    for key in ("session", "external_id"):
        if isinstance(fields.get(key), int):
            fields[key] = str(fields[key])
    return cast("Message", fields)
