"""What can be kept as text: anything that UTF-8 holds, verbatim. Checks; never changes a character."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from lamina.core.errors import InvalidArgument

Member = TypeVar("Member", bound=StrEnum)
#: So many operations, or commits, are named at once.
MOST_NAMED = 100_000
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


def counted(numbers: int | Sequence[int] | None, *, argument: str) -> tuple[int, ...] | None:
    """Give one whole number from 1, or several of them, as a tuple; None where there are none.

    Raises:
        InvalidArgument: anything else, or too many.
    """
    if numbers is None:
        return None
    each = numbers if isinstance(numbers, range | list | tuple) else (numbers,)
    if not each:
        raise InvalidArgument(argument, "names nothing", "name one at least")
    if len(each) > MOST_NAMED:
        raise InvalidArgument(argument, f"names {len(each)}", f"name at most {MOST_NAMED:,} at once")
    return tuple(checked_count(number, argument=argument, most=2**53) for number in each)


def checked_members(names: Sequence[str], kind: type[Member], *, argument: str) -> tuple[Member, ...]:
    """Give what is meant by names of a fixed list, in capitals or not.

    Raises:
        InvalidArgument: a single text, or a name that is not in the list.
    """
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise InvalidArgument(argument, "is no list of names", f"give a list of: {', '.join(kind)}")
    known = {str(member).casefold(): member for member in kind}
    unknown = [name for name in names if name.casefold() not in known]
    if unknown:
        raise InvalidArgument(argument, f"names {unknown[0]!r}", f"name some of: {', '.join(kind)}")
    return tuple(known[name.casefold()] for name in names)
