"""Checks that everything taken in goes through. Nothing is changed: what cannot be kept is refused by name."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, cast

from lamina.core.errors import InvalidArgument
from lamina.core.ids import HASH_TAG
from lamina.core.records import Metadata
from lamina.core.text import checked_name, checked_text

#: A NUL as JSON writes it, and no backslash before "u0000" that is itself a character.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
#: The most that a record's metadata may take, in bytes of JSON.
MAX_METADATA_BYTES = 64 * 1024
#: Texts longer than this, in characters, are left out of parts that would not fit; so much of each is shown.
LONG_CHARACTERS, SHOWN_CHARACTERS = 1024, 64
#: Key under which the place of a text that was left out says what it was.
LEFT_OUT = "left_out"


def checked_speech(text: object, *, argument: str, max_text_bytes: int) -> str:
    """Give `text` back when one observation can hold it.

    Raises:
        InvalidArgument: no text, blank, with NUL or unpaired surrogates, or longer than `max_text_bytes` of UTF-8.
    """
    if isinstance(text, str) and len(text) > max_text_bytes:
        raise _too_long(argument, len(text), max_text_bytes)
    checked = checked_text(text, argument=argument)
    size = len(checked.encode())
    if size > max_text_bytes:
        raise _too_long(argument, size, max_text_bytes)
    return checked


def checked_metadata(metadata: object, *, argument: str) -> Metadata:
    """Give a copy of `metadata` when JSON holds it: text keys, finite numbers, at most 64 KiB; None = empty.

    Raises:
        InvalidArgument: anything else.
    """
    if metadata is None:
        return {}
    if not isinstance(metadata, Mapping):
        raise InvalidArgument(argument, f"is {type(metadata).__name__}", "give a dict of what JSON can hold")
    try:
        _check_keys(metadata, argument)
        text = json.dumps(dict(metadata), allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidArgument(
            argument, f"is not JSON ({error})", "use texts, finite numbers, lists and dicts"
        ) from error
    if size > MAX_METADATA_BYTES:
        raise InvalidArgument(argument, f"takes {size} bytes", f"keep it under {MAX_METADATA_BYTES}, or add a Document")
    if _NUL.search(text):
        raise InvalidArgument(argument, "holds a NUL", "take it out; text cannot hold it")
    return cast("Metadata", json.loads(text))


def checked_beside(own: Metadata, beside: Mapping[str, Any], *, argument: str) -> Metadata:
    """Give metadata of the caller's and what Lamina keeps beside it.

    Where all of it would be too large, long texts of the latter are left out; in the place of each stands how long it
    was, its digest, and how it begins.

    Raises:
        InvalidArgument: the caller's has one of those keys, or all of it is too large even so.
    """
    taken = sorted(set(own) & set(beside))
    if taken:
        raise InvalidArgument(argument, f"has the key {taken[0]!r}", "use another key; that one is Lamina's")
    try:
        size = len(json.dumps({**own, **beside}, ensure_ascii=False, default=repr).encode(errors="replace"))
        fitting = _without_long(dict(beside)) if size > MAX_METADATA_BYTES else dict(beside)
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(argument, f"is not JSON ({error})", "use texts, numbers, lists and dicts") from error
    return checked_metadata({**own, **fitting}, argument=argument)


def checked_label(name: object, *, argument: str) -> str | None:
    """Give a speaker's, session's or external name back, None for none.

    Raises:
        InvalidArgument: no text, blank, too long, or not to be kept.
    """
    return None if name is None else checked_name(name, argument=argument)


def _without_long(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_long(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_long(part) for part in value]
    if isinstance(value, str) and len(value) > LONG_CHARACTERS:
        digest = hashlib.blake2b(value.encode(errors="surrogatepass"), digest_size=16).hexdigest()
        begins = value[:SHOWN_CHARACTERS]
        return {LEFT_OUT: {"characters": len(value), "digest": HASH_TAG + digest, "begins": begins}}
    return value


def _check_keys(value: object, argument: str) -> None:
    if isinstance(value, Mapping):
        for key, part in value.items():
            if not isinstance(key, str):
                raise InvalidArgument(argument, f"has the key {key!r}", "use texts as keys")
            _check_keys(part, argument)
    elif isinstance(value, list | tuple):
        for part in value:
            _check_keys(part, argument)


def _too_long(argument: str, size: int, most: int) -> InvalidArgument:
    problem = f"has {size} bytes, more than the {most} that one message may have"
    return InvalidArgument(argument, problem, "add it as a Document, which is cut into passages")
