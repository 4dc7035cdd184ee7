"""Entries: what a file of messages says, one after another, each as text in a known form; no file is held in memory.

Known forms: JSON (a list, or an object with `messages`), JSON lines, and lines of chat. An entry is read into a message
only when it is asked to, so that what is known already can be passed over quickly.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple, TextIO

import ijson

from lamina.core.errors import InvalidArgument
from lamina.ingest.chat_lines import MARKS, chat_message, is_chat_line, opens
from lamina.ingest.exports import exported_message
from lamina.ingest.messages import Message

#: Characters by which the form of a file is told.
HEAD_CHARACTERS = 64 * 1024
#: Longer lines are none of messages.
MAX_LINE_CHARACTERS = 64 * 1024 * 1024
_MESSAGES = "messages"
_TOO_DEEP = '"nested too deeply"'
#: Numbers of more digits are none of messages; Python reads so many whatever it is set to.
MAX_DIGITS = sys.int_info.str_digits_check_threshold
_DIGITS = "0123456789"
_LONG_NUMBER = re.compile(f"(?<![0-9])[0-9]{{{MAX_DIGITS + 1}}}")


class Entry(NamedTuple):
    """What stands in one place of a file of messages."""

    #: Where, such as "line 3" or "message 0".
    where: str
    #: What stands there, as the file has it; of a member of a JSON list, without the white space in it.
    words: str
    #: Makes a message of the words.
    form: Callable[[str], Message]

    def message(self) -> Message:
        """Give the message.

        Raises:
            InvalidArgument: the words are none.
        """
        try:
            return self.form(self.words)
        except RecursionError as error:
            raise _too_deep() from error


class _Numbers:
    """Looks for numbers that are too long in JSON as it is read: ijson ends the process where Python refuses one."""

    def __init__(self) -> None:
        self._is_in_string = False
        #: What the text so far ends in: half of an escape, or the beginning of a number.
        self._escape = self._digits = ""

    def has_long(self, text: str) -> bool:
        """Say whether the next part of the text has one outside of strings."""
        bare = (self._escape + text).replace("\\\\", "")
        self._escape = "\\" if bare.endswith("\\") else ""
        parts = bare.replace('\\"', "").split('"')
        outside = self._digits + '"'.join(parts[self._is_in_string :: 2])
        self._is_in_string ^= len(parts) % 2 == 0
        self._digits = "" if self._is_in_string else outside[len(outside.rstrip(_DIGITS)) :]
        return _LONG_NUMBER.search(outside) is not None


class _Text:
    """The text of a file from its beginning, of which the head can be looked at."""

    def __init__(self, file: TextIO, name: str) -> None:
        self._file = file
        self._name = name
        self._numbers = _Numbers()
        self.lines = 0
        self.head = ""
        while not self.head.strip(MARKS + " \t\r\n") and (more := self._taken(file.read, HEAD_CHARACTERS)):
            self.head = self.head + more
        self.head = self.head.lstrip(MARKS)

    def first_line(self) -> tuple[str, bool]:
        """Give the first line of the head that is not blank, and whether it is there whole."""
        before, bare = len(self.head) - len(self.head.lstrip()), self.head.lstrip()
        line, end, _ = bare.partition("\n")
        return line, bool(end) or before + len(line) < HEAD_CHARACTERS

    def readline(self) -> str:
        """Give the next line with its end; empty at the end of the file."""
        line, end, rest = self.head.partition("\n")
        if end:
            self.head = rest
            line += end
        else:
            self.head = ""
            line += self._taken(self._file.readline, MAX_LINE_CHARACTERS)
        self.lines += 1
        if len(line) >= MAX_LINE_CHARACTERS:
            raise InvalidArgument(f"{self._name} line {self.lines}", "is longer than any message", "cut or drop it")
        return line

    def read(self, size: int = HEAD_CHARACTERS) -> bytes:
        """Give about so much of what is left, which is JSON, as bytes."""
        if not size:
            return b""
        text, self.head = self.head or self._taken(self._file.read, size), ""
        if self._numbers.has_long(text):
            raise InvalidArgument(self._name, f"has a number of more than {MAX_DIGITS} digits", "write it as a text")
        return text.encode()

    def _taken(self, take: Callable[[int], str], size: int) -> str:
        try:
            return take(size)
        except UnicodeDecodeError as error:
            where = f"{self._name} after line {self.lines}" if self.lines else self._name
            told = f"is not UTF-8 (byte {error.object[error.start]:#04x})"
            raise InvalidArgument(where, told, "save it as UTF-8") from error


def is_chat(head: str) -> bool:
    """Say whether a text that begins so is lines of chat, and no document."""
    line = head.lstrip(MARKS + " \t\r\n").partition("\n")[0]
    return is_chat_line(line)


def read_export(file: TextIO, *, name: str) -> Iterator[Message]:
    r"""Give the messages of an open file, one by one; `name` is what errors call it.

    A file opened with `newline="\n"` keeps the line breaks inside of messages as they are.

    Raises:
        InvalidArgument: what is no message, or a form that is not known; the message names file and place.
    """
    for entry in read_entries(file, name=name):
        try:
            yield entry.message()
        except InvalidArgument as error:
            raise error.within(f"{name} {entry.where}") from error


def read_entries(file: TextIO, *, name: str) -> Iterator[Entry]:
    """Give the entries of an open file from its beginning; `name` is what errors call it.

    Raises:
        InvalidArgument: a form that is not known, or where one is broken off; the message names file and place.
    """
    text = _Text(file, name)
    line, is_whole = text.first_line()
    opening = line[:1]
    if opens(line):
        yield from _chat_entries(text)
    elif opening == "{" and _is_json_line(text.head, line, is_whole=is_whole):
        yield from _line_entries(text)
    elif opening in ("{", "["):
        yield from _json_entries(text, name, is_object=opening == "{")
    elif line.strip():
        advice = "name a .txt or .md file for a document"
        raise InvalidArgument(name, "is neither JSON, JSON lines nor a chat export", advice)


def _is_json_line(head: str, line: str, *, is_whole: bool) -> bool:
    """Say whether an object opens JSON lines, and is not itself the whole of it."""
    if is_whole:
        try:
            return _MESSAGES not in json.loads(line)
        except ValueError:
            return False
        except RecursionError:
            return True
    if _Numbers().has_long(head):
        return True
    try:
        return not any(found[:2] == (_MESSAGES, "start_array") for found in ijson.parse(head.encode()))
    except (ijson.JSONError, ArithmeticError):
        return True


def _line_entries(text: _Text) -> Iterator[Entry]:
    while line := text.readline():
        words = line.strip()
        if words:
            yield Entry(f"line {text.lines}", words, _json_message)


def _chat_entries(text: _Text) -> Iterator[Entry]:
    number, lines = 0, list[str]()
    while line := text.readline():
        if opens(line) and lines:
            yield Entry(f"line {number}", "".join(lines).rstrip("\r\n"), chat_message)
            lines.clear()
        if not lines:
            number = text.lines
        if lines or line.strip():
            lines.append(line)
    yield Entry(f"line {number}", "".join(lines).rstrip("\r\n"), chat_message)


def _json_entries(text: _Text, name: str, *, is_object: bool) -> Iterator[Entry]:
    place = 0
    try:
        for place, value in enumerate(_members(text, name, is_object=is_object), start=1):
            yield _member_entry(f"message {place - 1}", value)
    except (ijson.JSONError, ArithmeticError) as error:
        is_number = isinstance(error, ArithmeticError)
        told = "a number out of range" if is_number else str(error).strip("b'\" ").splitlines()[0].split("\\n")[0]
        where = f"after message {place - 1}" if place else "at its beginning"
        raise InvalidArgument(name, f"is no JSON {where} ({told})", "mend it, or give a message a line") from error


def _members(text: _Text, name: str, *, is_object: bool) -> Iterator[Any]:
    if not is_object:
        yield from ijson.items(text, "item")
        return
    events = ijson.parse(text)
    for prefix, event, value in events:
        if prefix == _MESSAGES and event == "start_array":
            yield from ijson.items(chain([(prefix, event, value)], events), f"{_MESSAGES}.item")
            return
    raise InvalidArgument(name, "holds no list of messages", 'give a list, or {"messages": […]}')


def _member_entry(where: str, value: Any) -> Entry:
    try:
        # Fractions come as decimals; as floats, the parser would take no integer above 2^63.
        return Entry(where, json.dumps(value, default=float), _json_message)
    except RecursionError:
        return Entry(where, _TOO_DEEP, _deep_message)


def _json_message(words: str) -> Message:
    try:
        value = json.loads(words)
    except ValueError as error:
        raise InvalidArgument("message", f"is no JSON ({error})", "mend or drop it") from error
    return exported_message(value)


def _deep_message(words: str) -> Message:
    raise _too_deep()


def _too_deep() -> InvalidArgument:
    return InvalidArgument("message", "is nested too deeply", "flatten or drop it")
