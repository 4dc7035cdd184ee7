"""No room: whatever write finds the disk full, the call says so, nothing of it is there, and the memory goes on.

`pages`: SQLite may take no further page than so many (`max_page_count`). `bytes`: a child may let no file grow beyond
so many bytes (RLIMIT_FSIZE). The limit begins where nothing fits and grows until the deed is done; each time the file
says the beginning of what was to come, cut between two transactions, is sound, and takes more once there is room.
Deeds that need a key are done to an encrypted file.

    python tests/exams/fulldisk.py FOLDER STEP_PAGES STEP_BYTES
"""

import os
import random
import resource
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path

import apsw
from deeds import ADA, DEEDS, Deed, add
from failpoints import Trap
from found import check, look_whole, opened
from torture import foreseen, name_of_life, template

from lamina.core.errors import StoreFull

#: Deeds that take room; `mend` damages the file itself.
GROWING = [deed for deed in DEEDS if deed.name not in ("new_file", "close", "mend")]
NO_LIMIT_PAGES = 1 << 30
SEED = 5


def pages(path: Path) -> int:
    """Count the pages of a file."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    ((found,),) = connection.execute("PRAGMA page_count").fetchall()
    connection.close()
    return int(found)


def with_pages(path: Path, deed: Deed, most: int) -> bool:
    """Do a deed with so many pages at most, and say whether there was room."""
    with opened(path) as memory:
        writer = memory._store._pool._writer
        writer.pragma("max_page_count", most)
        has_room = try_to(deed, memory)
        memory.search("bees", scope=ADA)
        writer.pragma("max_page_count", NO_LIMIT_PAGES)
    return has_room


def with_bytes(path: Path, deed: Deed, most: int) -> bool:
    """Do a deed in a child whose files have so many bytes at most, and say whether there was room."""
    child = os.fork()
    if child == 0:
        status = 3
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            memory = opened(path)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
            has_room = try_to(deed, memory)
            memory.search("bees", scope=ADA)
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            memory.close()
            status = 0 if has_room else 1
        finally:
            if status not in (0, 1):
                traceback.print_exc()
                sys.stderr.flush()
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 1), f"a child without room ended with {status}"
    return status == 0


def try_to(deed: Deed, memory: object) -> bool:
    """Do a deed as far as there is room, and say whether there was."""
    try:
        deed.act(memory, random.Random(SEED))  # type: ignore[arg-type]
    except StoreFull as error:
        if "make room" in str(error):
            return False
        raise
    return True


def play(folder: Path, first: Path, deed: Deed, limits: range, kind: str) -> int:
    """Do a deed under growing limits until it is done, and give how often there was no room."""
    path = folder / f"played {first.name}"
    shutil.copy(first, path)
    wanted, ends, _ = foreseen(path, [deed], SEED, Trap())
    for refused, limit in enumerate(limits):
        shutil.copy(first, path)
        has_room = (with_pages if kind == "pages" else with_bytes)(path, deed, limit)
        try:
            check(path, set(), wanted, ends, int(has_room))
            with opened(path) as memory:
                add(memory, random.Random(limit))
            if not has_room:
                look_whole(path)
        except AssertionError as error:
            raise AssertionError(f"{deed.name} with {limit} {kind}: {error}") from error
        if has_room:
            return refused
    raise AssertionError(f"{deed.name} has no room with {limits[-1]} {kind}")


def main(folder: Path, step_pages: int, step_bytes: int) -> None:
    """Play every deed under both limits."""
    began, refused = time.monotonic(), {"pages": 0, "bytes": 0}
    firsts = [folder / name_of_life(is_sealed=is_sealed) for is_sealed in (False, True)]
    for first in firsts:
        template(first)
    for deed in GROWING:
        first = firsts[deed.needs_key]
        at_least = pages(first)
        refused["pages"] += play(folder, first, deed, range(at_least, 3 * at_least, step_pages), "pages")
        refused["bytes"] += play(folder, first, deed, range(4096, 1 << 22, step_bytes), "bytes")
    print(
        f"{len(GROWING)} deeds, no room for {refused['pages']} by pages and {refused['bytes']} by bytes, "
        f"{time.monotonic() - began:.0f} s: each was told, and left nothing of itself"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
