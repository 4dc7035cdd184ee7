"""What a raw error in a transaction comes of: a damaged file, where SQLite says that it is one.

A flipped bit can make bytes of a text or another id of an id, which fails far from where it is read. Looked for only
once something has failed, and not for long.
"""

import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from lamina.core.errors import DamagedFile, LaminaError
from lamina.store.sqlite.pool import Connection
from lamina.store.sqlite.reading import SQL

#: So long is looked for damage, asked for the time every so many steps of SQLite.
MOST_S, STEPS = 5.0, 10_000
#: What code runs into that is given other values than it wrote.
_RAW = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, struct.error)


@contextmanager
def misread(connection: Connection, name: str) -> Iterator[None]:
    """Raise `DamagedFile` in the place of a raw error where the file `name` is damaged."""
    try:
        yield
    except LaminaError:
        raise
    except _RAW as error:
        damage = _damage(connection)
        if damage is None:
            raise
        raise DamagedFile(f"{name} is damaged ({damage}); restore it from a backup") from error


def _damage(connection: Connection) -> str | None:
    """Give the first fault that SQLite finds, None where it finds none in time."""
    ends_s = time.monotonic() + MOST_S
    connection.set_progress_handler(lambda: time.monotonic() > ends_s, STEPS)
    try:
        said = str(connection.execute(SQL["first_fault"]).fetchall()[0][0])
    except apsw.InterruptError:
        return None
    except apsw.Error as error:
        return str(error)
    finally:
        connection.set_progress_handler(None)
    return None if said == "ok" else said
