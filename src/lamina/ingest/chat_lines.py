"""Lines of chat as messengers export them: "[time] Name: words", or "day, time - Name: words".

A line that opens no message goes on with the one before. Words are kept as they stand, blank lines among them; the line
breaks after the last word of a message are the file's.
"""

import re

from lamina.core.errors import InvalidArgument
from lamina.ingest.messages import Message
from lamina.ingest.times import read_time

#: Marks that exports put before a line, and that nobody said.
MARKS = "\ufeff\u200e\u200f"
_DAY = r"(?:\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2}))(?!\d)"
_HOUR = r"\d{1,2}[:.]\d{2}"
_MONTH = r"\d{1,2}\.? [^\W\d]{3,9}\.?,? \d{4}|[^\W\d]{3,9}[ -]\d{1,2},?[ -]\d{4}"
#: Short and without quotation marks: a list of JSON begins with a bracket too.
_TIME = rf"[^\]\n\"{{]{{0,40}}?(?:{_DAY}|{_HOUR}|{_MONTH}|\d{{9,}})[^\]\n\"{{]{{0,40}}"
_SAID = r"(?:(?P<name>[^:\n]{1,80}):(?:[^\S\n]|(?=\r?\n)|\Z))?(?P<content>(?s:.*))"
_FORMS = (
    re.compile(rf"\[(?P<at>{_TIME})\][^\S\n]*{_SAID}"),
    re.compile(rf"(?P<at>{_DAY},? {_HOUR}(?::\d{{2}})?(?:\s?[AaPp]\.?\s?[Mm]\.?)?) - {_SAID}"),
)


def opens(line: str) -> bool:
    """Say whether a line of a chat opens a message."""
    bare = line.lstrip(MARKS)
    return any(form.match(bare) is not None for form in _FORMS)


def is_chat_line(line: str) -> bool:
    """Say whether a line that nothing is known of is one of a chat: it opens a message whose time can be read."""
    bare = line.lstrip(MARKS)
    match = next(filter(None, (form.match(bare) for form in _FORMS)), None)
    try:
        return match is not None and read_time(match["at"], timezone="UTC")[0] is not None
    except InvalidArgument:
        return False


def chat_message(words: str) -> Message:
    """Make a message of the lines of one.

    Raises:
        InvalidArgument: they open none.
    """
    bare = words.lstrip(MARKS)
    match = next(filter(None, (form.match(bare) for form in _FORMS)), None)
    if match is None:
        raise InvalidArgument("message", "opens with no time", "write lines as [time] Name: words")
    message = Message(content=match["content"], at=match["at"])
    if match["name"] is not None:
        message["name"] = match["name"].strip()
    return message
