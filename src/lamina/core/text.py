"""What can be kept as text: anything that UTF-8 holds, verbatim. Checks; never changes a character."""

from lamina.core.errors import InvalidArgument

#: Longest name (of a tenant, user, speaker, session, external id), in characters.
MAX_NAME = 512


def checked_text(text: object, *, argument: str) -> str:
    """Give `text` back when it is text that can be kept and says something.

    Raises:
        InvalidArgument: no text, empty or blank, or with NUL or unpaired surrogates.
    """
    if not isinstance(text, str):
        raise InvalidArgument(argument, f"is {type(text).__name__}", "give a text")
    if not text.strip():
        raise InvalidArgument(argument, "is empty or blank", "give a text that says something")
    if "\0" in text:
        raise InvalidArgument(argument, f"holds a NUL at {text.index(chr(0))}", "take it out; text cannot hold it")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        problem = f"holds an unpaired surrogate at {error.start}"
        raise InvalidArgument(argument, problem, "decode the text again, with errors='replace' if need be") from None
    return text


def checked_name(name: object, *, argument: str) -> str:
    """Give `name` back when it is a text of at most 512 characters.

    Raises:
        InvalidArgument: as `checked_text`, or too long.
    """
    text = checked_text(name, argument=argument)
    if len(text) > MAX_NAME:
        raise InvalidArgument(argument, f"has {len(text)} characters", f"give at most {MAX_NAME}")
    return text


def checked_id(record_id: object) -> str:
    """Give an id back when it is a text; whether there is such a record, the store says.

    Raises:
        InvalidArgument: anything else.
    """
    if not isinstance(record_id, str):
        raise InvalidArgument("record_id", f"is {type(record_id).__name__}", "give the id of a record")
    return record_id


def checked_count(count: object, *, argument: str, most: int) -> int:
    """Give `count` back when it is a whole number from 1 to `most`.

    Raises:
        InvalidArgument: anything else.
    """
    if isinstance(count, bool) or not isinstance(count, int):
        raise InvalidArgument(argument, f"is {type(count).__name__}", "give a whole number")
    if not 1 <= count <= most:
        raise InvalidArgument(argument, f"is {count}", f"give a number from 1 to {most}")
    return count
