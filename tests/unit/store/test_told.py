"""Each error of SQLite becomes one of ours that says what to do."""

import apsw
import pytest

from lamina.core.errors import (
    DamagedFile,
    LaminaError,
    StoreBusy,
    StoreFull,
    StoreReadOnly,
    StoreUnavailable,
)
from lamina.store.sqlite.told import told


def with_code(code: int) -> apsw.Error:
    error = apsw.exception_for(code)
    assert isinstance(error, apsw.Error)
    return error


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        (apsw.SQLITE_BUSY, StoreBusy, "try again"),
        (apsw.SQLITE_LOCKED, StoreBusy, "try again"),
        (apsw.SQLITE_FULL, StoreFull, "make room"),
        (apsw.SQLITE_IOERR_WRITE, StoreFull, "make room"),
        (apsw.SQLITE_IOERR_SHMSIZE, StoreFull, "make room"),
        (apsw.SQLITE_IOERR_READ, StoreUnavailable, "check the disk"),
        (apsw.SQLITE_IOERR_SHORT_READ, DamagedFile, "backup"),
        (apsw.SQLITE_READONLY, StoreReadOnly, "where it can be written"),
        (apsw.SQLITE_CORRUPT, DamagedFile, "backup"),
        (apsw.SQLITE_NOTADB, DamagedFile, "backup"),
        (apsw.SQLITE_CANTOPEN, StoreUnavailable, "check that the folder"),
        (apsw.SQLITE_PERM, StoreUnavailable, "check that the folder"),
        (apsw.SQLITE_ERROR, DamagedFile, "lacks a part"),
        (apsw.SQLITE_MISMATCH, StoreUnavailable, "SQLite failed"),
    ],
)
def test_an_error_of_sqlite_names_the_file_and_says_what_to_do(code: int, kind: type[LaminaError], advice: str) -> None:
    error = with_code(code)
    with pytest.raises(kind, match=advice) as caught, told("life.db", 5.0):
        raise error
    assert "life.db" in str(caught.value)
    assert caught.value.__cause__ is error


def test_an_error_of_the_caller_passes_untouched() -> None:
    with pytest.raises(ZeroDivisionError), told("life.db", 5.0):
        _ = 1 / 0
