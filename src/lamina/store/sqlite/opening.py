"""Opening a file: what it is, whether it may be written, and what is to be said about where it lies.

Everything is looked at before SQLite touches the file, so that a foreign or damaged one is left as it was.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from lamina.core.errors import DamagedFile, ForeignFile, InvalidArgument, StoreUnavailable

#: "Lami", in the header of every file of ours.
APPLICATION_ID = 0x4C616D69
_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_MOUNTS = Path("/proc/self/mountinfo")
_NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "lustre", "fuse.sshfs", "ncpfs", "davfs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a file can be opened."""

    path: Path
    is_new: bool
    is_read_only: bool
    #: Nothing beside the file can be written, and nothing waits beside it: read it as it is, without locks.
    is_immutable: bool
    notes: tuple[str, ...]


def checked_path(path: object) -> Path:
    """Give `path` as an absolute Path.

    Raises:
        InvalidArgument: no path, or one that no file can have.
    """
    if not isinstance(path, str | os.PathLike):
        raise InvalidArgument("path", f"is {type(path).__name__}", "give the path of a file, or None for memory")
    text = os.fspath(path)
    if not isinstance(text, str) or not text.strip() or "\0" in text:
        raise InvalidArgument("path", f"is {text!r}", "give the path of a file, or None for memory")
    return Path(text).expanduser().absolute()


def look_at(path: Path, *, read_only: bool) -> Opening:
    """Find out how the file at `path` can be opened.

    Raises:
        StoreUnavailable: a directory, a missing folder, no permission.
        ForeignFile: something else than a Lamina memory.
        DamagedFile: shorter than its header says.
    """
    if path.is_dir():
        raise StoreUnavailable(f"{path} is a directory; name a file in it, for example {path / 'memory.db'}")
    if not path.parent.is_dir():
        raise StoreUnavailable(f"the folder {path.parent} is not there; make it first")
    is_new = not path.exists() or path.stat().st_size == 0
    folder_is_writable = os.access(path.parent, os.W_OK)
    if is_new:
        if read_only or not folder_is_writable:
            raise StoreUnavailable(f"{path} is not there and cannot be made; name a file in a folder that can be written")
    elif not os.access(path, os.R_OK):
        raise StoreUnavailable(f"{path} cannot be read; check its permissions")
    else:
        _check_header(path)
    is_read_only = read_only or not (is_new or os.access(path, os.W_OK)) or not folder_is_writable
    has_log = path.with_name(path.name + "-wal").exists()
    return Opening(
        path=path,
        is_new=is_new,
        is_read_only=is_read_only,
        is_immutable=is_read_only and not folder_is_writable and not has_log,
        notes=_notes(path, is_read_only=is_read_only),
    )


def network_file_system(path: Path, mounts: str) -> str | None:
    """Give the kind of network file system that `path` lies on by the text of /proc/self/mountinfo, if it does."""
    best, kind = "", ""
    for line in mounts.splitlines():
        left, dash, right = line.partition(" - ")
        fields = left.split()
        if not dash or len(fields) < 5:
            continue
        point = fields[4].replace("\\040", " ")
        if path.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind if kind.startswith(_NETWORK_FILE_SYSTEMS) else None


def _notes(path: Path, *, is_read_only: bool) -> tuple[str, ...]:
    notes = []
    if is_read_only:
        notes.append(f"{path} is open for reading only; nothing can be added or changed, and new vectors are not kept")
    kind = network_file_system(path, _MOUNTS.read_text("utf-8")) if _MOUNTS.exists() else None
    if kind is not None:
        notes.append(
            f"{path} lies on a network file system ({kind}), whose locks SQLite cannot rely on; "
            "keep the file on a local disk, or use it from one process only"
        )
    return tuple(notes)


def _check_header(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    size = path.stat().st_size
    if not header.startswith(_MAGIC[: len(header)]) or len(header) < len(_MAGIC):
        raise ForeignFile(f"{path} is not a Lamina memory; name another file")
    if len(header) < _HEADER_BYTES:
        raise DamagedFile(f"{path} is cut short ({size} bytes); restore it from a backup")
    page_bytes = int.from_bytes(header[16:18], "big")
    page_bytes = 65536 if page_bytes == 1 else page_bytes
    application, pages = int.from_bytes(header[68:72], "big"), int.from_bytes(header[28:32], "big")
    has_log = path.with_name(path.name + "-wal").exists()
    if application != APPLICATION_ID and not (application == 0 and has_log):
        raise ForeignFile(f"{path} is an SQLite file of another program; name another file")
    if size < pages * page_bytes and not has_log:
        raise DamagedFile(f"{path} is cut short: {size} of {pages * page_bytes} bytes; restore it from a backup")
