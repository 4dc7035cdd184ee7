"""A copy of a memory in a file of its own: of one moment, whoever writes meanwhile, and under its name once whole.

VACUUM INTO reads in one transaction, holds no writer back, and writes nothing but what is there: no page that was
freed travels, so nothing that was erased does. The backup API of SQLite copies freed pages too, and begins anew with
every write of another process.
"""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw

from lamina.core.errors import InvalidArgument, LaminaError, StoreFull, StoreUnavailable
from lamina.core.reports import Progress
from lamina.store.sqlite.reading import SQL
from lamina.store.sqlite.told import told

#: Between two looks at how far the copy is, in SQLite's own steps: some hundredths of a second.
_STEPS = 200_000
#: What SQLite keeps beside a file that is in use, or was not closed.
_BESIDE = ("-wal", "-shm", "-journal")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def check_target(target: Path, *, source: Path | None, overwrite: bool) -> None:
    """Let a path pass under which a copy may come to stand.

    Raises:
        InvalidArgument: something stands there, and is not to be overwritten; or it is the memory itself.
        StoreUnavailable: its folder is not there, it is no ordinary file, or it is in use.
    """
    if not target.parent.is_dir():
        raise StoreUnavailable(f"the folder {target.parent} is not there; make it first")
    if target.exists():
        if not target.is_file():
            raise StoreUnavailable(f"{target} is no ordinary file; name a file")
        if source is not None and os.path.samefile(source, target):
            raise InvalidArgument("path", f"{str(target)!r} is the memory itself", "name another file")
        if not overwrite:
            raise InvalidArgument("path", f"{str(target)!r} is there already", "name another, or say overwrite=True")
    beside = [name for end in _BESIDE if (name := target.with_name(target.name + end)).exists()]
    if beside:
        # What lies beside would be taken for a part of the copy.
        raise StoreUnavailable(f"{beside[0]} says that {target} is in use, or was not closed; name another file")


def copy_into(
    connection: apsw.Connection,
    target: Path,
    *,
    mode: int,
    overwrite: bool,
    scrubbed: dict[str, int],
    on_progress: Progress | None,
) -> int:
    """Write all that `connection` sees into a new file, and give that the name `target`; gives its size in bytes.

    `scrubbed` says when: what was erased never came into the copy.

    Raises:
        StoreFull: there is no room for it.
        StoreUnavailable: it cannot be written.
        InvalidArgument: something has come to stand under that name meanwhile.
    """
    with arriving(target, mode=mode, overwrite=overwrite) as part, told(str(target), 0.0):
        with _telling(connection, part, on_progress):
            connection.execute(SQL["vacuum_into"], {"path": str(part)})
        _settle(part, scrubbed)
        return part.stat().st_size


@contextmanager
def arriving(target: Path, *, mode: int, overwrite: bool) -> Iterator[Path]:
    """Give a new empty file beside `target`, which gets that name at the end, whole and safe on the disk, or goes.

    Raises:
        StoreFull: there is no room for it.
        StoreUnavailable: it cannot be written.
        InvalidArgument: something has come to stand under that name meanwhile.
    """
    part = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    try:
        # Nobody else reads what is not finished.
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield part
        part.chmod(mode)
        _sync(part)
        _name(part, target, overwrite=overwrite)
        _sync(target.parent)
    except OSError as error:
        if isinstance(error, LaminaError):
            raise
        if error.errno in _NO_ROOM:
            raise StoreFull(f"there is no room for {target}; nothing stands under that name; make room") from error
        raise StoreUnavailable(f"{target} cannot be written ({error.strerror or error})") from error
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _settle(part: Path, scrubbed: dict[str, int]) -> None:
    """Say in the copy that nothing in it waits to be scrubbed."""
    copy = apsw.Connection(str(part), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        copy.execute(SQL["erasures_scrubbed"], scrubbed)
    finally:
        copy.close()


def _name(part: Path, target: Path, *, overwrite: bool) -> None:
    if overwrite:
        part.replace(target)
        return
    try:
        # A link takes no name that is taken, at whatever moment it was.
        target.hardlink_to(part)
    except FileExistsError:
        problem = f"{str(target)!r} has come there meanwhile"
        raise InvalidArgument("path", problem, "name another, or say overwrite=True") from None
    except OSError:
        # A file system without links.
        part.rename(target)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _telling(connection: apsw.Connection, part: Path, on_progress: Progress | None) -> Iterator[None]:
    """Tell how many bytes are written, of about how many."""
    if on_progress is None:
        yield
        return
    rows: list[Any] = connection.execute(SQL["live_bytes"]).fetchall()
    total = int(rows[0][0])

    def tell() -> bool:
        on_progress(min(part.stat().st_size, total), total)
        return False

    connection.set_progress_handler(tell, _STEPS)
    try:
        tell()
        yield
    finally:
        connection.set_progress_handler(None)
    on_progress(total, total)
