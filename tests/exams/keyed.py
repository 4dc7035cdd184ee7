"""Encrypted files: the keys that open them, which of these a file has now, and what must be seen of a key that went."""

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import apsw

from lamina.core.errors import KeyDestroyed, LaminaError, WrongKey
from lamina.core.scope import Scope
from lamina.memory import Memory
from lamina.store.sqlite.keys import Key, mark_of
from lamina.store.sqlite.store import open_store

#: Files with this in their names are encrypted from their birth.
SEALED = "sealed"
#: One is given by a function, the other by a file.
MASTERS = (b"k" * 32, b"o" * 32)
_MARKS = {mark_of(master): number for number, master in enumerate(MASTERS)}
#: How words of the deeds look; `found_in` asks for those alone that stand in the clear.
_WORD = re.compile(rb"[bcdfghklmnprstvz]{12,}")
_LETTERS = 12


def _asked(path: Path, statement: str) -> list[tuple[Any, ...]]:
    """Ask a file as it lies there, and leave its write-ahead log alone; nothing where there is no such table yet."""
    if not path.exists() or not path.stat().st_size:
        return []
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    try:
        return list(connection.execute(statement))
    except apsw.SQLError:
        return []
    finally:
        connection.close()


def number_of(path: Path) -> int | None:
    """Say which of the master keys a file has; None = it has none yet, or never will."""
    if SEALED not in path.name:
        return None
    rows = _asked(path, "SELECT value FROM meta WHERE key = 'sealing'")
    return _MARKS[str(rows[0][0]).split()[1]] if rows else None


def key_for(path: Path, number: int) -> Key:
    """Give a master key as a caller gives it: by a function, or by a file that lies beside the memory."""
    if number == 0:
        return lambda: MASTERS[0]
    file = path.with_name("second.key")
    if not file.exists():
        file.write_text(MASTERS[number].hex(), "ascii")
    return file


def key_of(path: Path) -> Key | None:
    """Give the key that a file has, or is to be born with; None = it is none of those that are encrypted."""
    return key_for(path, number_of(path) or 0) if SEALED in path.name else None


def master_of(path: Path) -> bytes | None:
    """Give the same as bytes, as a store takes it."""
    return MASTERS[number_of(path) or 0] if SEALED in path.name else None


def wrapped_in(path: Path) -> set[bytes]:
    """Give the keys of walls as they stand in a file."""
    return {held for (held,) in _asked(path, "SELECT wrapped FROM wall_key WHERE wrapped IS NOT NULL")}


def bytes_of(path: Path) -> bytes:
    """Give what stands in a file and beside it."""
    return b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))


def found_in(data: bytes, words: Collection[str]) -> set[str]:
    """Give the words that stand there in the clear."""
    there = {
        run[place : place + _LETTERS].decode()
        for run in _WORD.findall(data)
        for place in range(len(run) - _LETTERS + 1)
    }
    return there & set(words)


def check_refused(call: Callable[[], object], error: type[LaminaError]) -> None:
    """See that a call is refused for want of a key.

    Raises:
        AssertionError: it is not.
    """
    try:
        found = call()
    except error:
        return
    raise AssertionError(f"{found!r}, where a key is wanted")


def check_turned(path: Path, numbers: Collection[int | None]) -> None:
    """See that a file has one of these master keys, and opens with no other, nor without one.

    Raises:
        AssertionError: it does not.
    """
    number = number_of(path)
    assert number is not None, "the file has no master key any more"
    assert number in numbers, f"the file has key {number}, and was to have one of {numbers}"
    check_refused(lambda: open_store(path, key=MASTERS[1 - number]), WrongKey)
    check_refused(lambda: open_store(path), WrongKey)


def check_bereft(memory: Memory, scope: Scope) -> None:
    """See that nobody reads a wall whose key was destroyed while its words are there, and that `verify` tells of it.

    Raises:
        AssertionError: somebody does, or it does not.
    """
    check_refused(lambda: list(memory.get_all(scope=scope)), KeyDestroyed)
    check_refused(lambda: memory.search("bees", scope=scope), KeyDestroyed)
    assert any("lost its key" in finding.problem for finding in memory.verify().findings), "nobody is told"


def check_gone(path: Path, wrapped: Collection[bytes]) -> None:
    """See that keys of walls which a file has no more are in none of its bytes.

    Raises:
        AssertionError: they are.
    """
    data = bytes_of(path)
    for held in set(wrapped) - wrapped_in(path):
        assert held not in data, "a key of a wall was destroyed or wrapped anew, and its bytes are in the file"
