"""What SQLite's errors mean to a caller: whose fault, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from lamina.core.errors import (
    DamagedFile,
    LaminaError,
    StoreBusy,
    StoreFull,
    StoreReadOnly,
    StoreUnavailable,
)

#: A call of several transactions keeps what those before have written.
_STEP = "the step that failed wrote nothing"
_NO_ROOM = (apsw.SQLITE_IOERR_WRITE, apsw.SQLITE_IOERR_TRUNCATE, apsw.SQLITE_IOERR_SHMSIZE)


@contextmanager
def told(name: str, busy_timeout_s: float) -> Iterator[None]:
    """Turn SQLite's errors on the file `name` into ours, with what to do."""
    try:
        yield
    except apsw.Error as error:
        raise _translated(error, name, busy_timeout_s) from error
    except UnicodeDecodeError as error:
        raise DamagedFile(f"{name} holds text that is no UTF-8 ({error}); restore it from a backup") from error


def busy_message(name: str, busy_timeout_s: float) -> str:
    """Say that others kept the file for longer than `busy_timeout_s`."""
    return (
        f"{name} stayed locked by another writer for {busy_timeout_s} s; {_STEP}; "
        "try again, or allow more time with Settings(busy_timeout_s=…)"
    )


def _translated(error: apsw.Error, name: str, busy_timeout_s: float) -> LaminaError:
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return StoreBusy(busy_message(name, busy_timeout_s))
    if isinstance(error, apsw.FullError):
        return StoreFull(f"there is no room for {name}; {_STEP}; make room and try again")
    if isinstance(error, apsw.ReadOnlyError):
        return StoreReadOnly(f"{name} is open for reading only; open it where it can be written")
    if isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return DamagedFile(f"{name} is damaged ({error}); restore it from a backup")
    if isinstance(error, apsw.IOError):
        return _input_output(error, name)
    if isinstance(error, apsw.CantOpenError | apsw.PermissionsError):
        return StoreUnavailable(f"{name} cannot be opened ({error}); check that the folder can be written")
    if isinstance(error, apsw.SQLError):
        # The statements are ours: what one names and does not find, the file lacks.
        return DamagedFile(f"{name} lacks a part of its schema ({error}); restore it from a backup")
    return StoreUnavailable(f"SQLite failed on {name}: {error}")


def _input_output(error: apsw.Error, name: str) -> LaminaError:
    # apsw sets it on every error that SQLite gave, and its type stubs do not know it.
    kind = getattr(error, "extendedresult", apsw.SQLITE_IOERR)
    if kind in _NO_ROOM:
        return StoreFull(
            f"{name} cannot grow: no room on the disk, or a limit on file size; {_STEP}; make room and try again"
        )
    if kind == apsw.SQLITE_IOERR_SHORT_READ:
        return DamagedFile(f"{name} is cut short ({error}); restore it from a backup")
    return StoreUnavailable(f"reading or writing {name} failed ({error}); check the disk")
