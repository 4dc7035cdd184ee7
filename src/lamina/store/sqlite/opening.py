"""Opening a file: what it is, whether it may be written, and what is to be said about where it lies.

Everything is looked at before SQLite touches the file, so that a foreign or damaged one is left as it was.
"""

import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from lamina.core.errors import DamagedFile, ForeignFile, InvalidArgument, StoreUnavailable

#: "Lami", in the header of every file of ours.
APPLICATION_ID = 0x4C616D69
_MAGIC = b"SQLite format 3\0"
#: The file's header, and the beginning of the table of tables.
_HEADER_BYTES = 105
_MOUNTS = Path("/proc/self/mountinfo")
_NETWORK_FILE_SYSTEMS = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "afs",
    "ceph",
    "gluster",
    "lustre",
    "ncpfs",
    "davfs",
    "fuse.sshfs",
    "fuse.glusterfs",
    "fuse.ceph",
    "fuse.davfs",
    "fuse.s3fs",
)
_DAMAGED_ADVICE = "restore it from a backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a file can be opened."""

    path: Path
    is_read_only: bool
    #: Nothing beside the file can be written, and nothing waits beside it: read it as it is, without locks.
    is_immutable: bool
    #: The kind of network file system that the file lies on; None = a local one, or not known.
    network: str | None
    #: What the file looked like: its device and inode, and where it is immutable its size and time of change; empty
    #: for a new one.
    stamp: tuple[int, ...] = ()

    def look_again(self) -> "Opening":
        """Give the same with what the file looks like now."""
        return replace(self, stamp=_stamp(self.path, is_immutable=self.is_immutable))

    def check_unchanged(self) -> None:
        """See that the file is the one that was opened, and that nobody writes one which is read without locks.

        Raises:
            StoreUnavailable: it was removed, another one stands in its place, or another process has it open.
        """
        try:
            is_same = _stamp(self.path, is_immutable=self.is_immutable) == self.stamp
        except OSError:
            is_same = False
        if not is_same or (self.is_immutable and _is_in_use(self.path)):
            what = "removed, replaced, or written by another process" if self.is_immutable else "removed or replaced"
            raise StoreUnavailable(f"{self.path} was {what} since it was opened; open it again")

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the caller, in sentences."""
        notes = []
        if self.is_read_only:
            notes.append(
                f"{self.path} is open for reading only; nothing can be added or changed, and new vectors are not kept"
            )
        if self.network is not None:
            notes.append(
                f"{self.path} lies on a network file system ({self.network}), whose locks SQLite cannot rely on; "
                "keep the file on a local disk, or use it from one process only"
            )
        return tuple(notes)


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
    try:
        # SQLite takes names in UTF-8 alone.
        text.encode()
        return Path(text).expanduser().absolute()
    except (UnicodeError, RuntimeError) as error:
        raise InvalidArgument(
            "path", f"is {text!r} ({error})", "give the path of a file, or None for memory"
        ) from error


def look_at(path: Path, *, read_only: bool) -> Opening:
    """Find out how the file at `path` can be opened.

    Raises:
        StoreUnavailable: a directory, a device, a missing folder, a name too long, no permission.
        ForeignFile: something else than a Lamina memory.
        DamagedFile: shorter than its header says.
    """
    try:
        return _looked_at(path, read_only=read_only)
    except (OSError, RuntimeError) as error:
        if isinstance(error, StoreUnavailable):
            raise
        # RuntimeError: a link that leads to itself.
        why = error.strerror if isinstance(error, OSError) else error
        raise StoreUnavailable(f"{path} cannot be opened ({why}); check its name and permissions") from error


def network_file_system(path: Path, mounts: str) -> str | None:
    """Give the kind of network file system that `path` lies on by the text of /proc/self/mountinfo, if it does.

    Of several mounts on the way to `path` the deepest counts, and of several on one point the last, which hides the
    others. Blanks in a mount point are written as octal escapes (see proc(5)).
    """
    best, kind = "", ""
    for line in mounts.splitlines():
        left, dash, right = line.partition(" - ")
        fields = left.split()
        if not dash or len(fields) < 5:
            continue
        point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        if path.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind if kind.startswith(_NETWORK_FILE_SYSTEMS) else None


def _looked_at(path: Path, *, read_only: bool) -> Opening:
    if not path.parent.is_dir():
        raise StoreUnavailable(f"the folder {path.parent} is not there; make it first")
    folder_is_writable = os.access(path.parent, os.W_OK | os.X_OK)
    is_new = not path.exists() or _is_empty_file(path)
    if is_new and (read_only or not folder_is_writable):
        raise StoreUnavailable(f"{path} is not there and cannot be made; name a file in a folder that can be written")
    if not is_new:
        if not os.access(path, os.R_OK):
            raise StoreUnavailable(f"{path} cannot be read; check its permissions")
        _check_header(path)
    is_read_only = read_only or not folder_is_writable or (path.exists() and not os.access(path, os.W_OK))
    return Opening(
        path=path,
        is_read_only=is_read_only,
        is_immutable=is_read_only and not folder_is_writable and not _has_log(path) and not _is_in_use(path),
        network=network_file_system(path.resolve(), _MOUNTS.read_text("utf-8")) if _MOUNTS.exists() else None,
    )


def _is_empty_file(path: Path) -> bool:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise StoreUnavailable(f"{path} is a directory; name a file in it, for example {path / 'memory.db'}")
    if not stat.S_ISREG(status.st_mode):
        raise StoreUnavailable(f"{path} is no ordinary file; name a file, for example memory.db")
    return status.st_size == 0


def _has_log(path: Path) -> bool:
    """Say whether a write-ahead log that holds something lies beside the file."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _is_in_use(path: Path) -> bool:
    """Say whether a process has the file open, or ended without closing it: the index of its log lies beside it."""
    return path.with_name(path.name + "-shm").exists()


def _stamp(path: Path, *, is_immutable: bool) -> tuple[int, ...]:
    status = path.stat()
    same = (status.st_dev, status.st_ino)
    return (*same, status.st_size, status.st_mtime_ns) if is_immutable else same


def _check_header(path: Path) -> None:
    """Let a file pass that begins as one of ours and is as long as it says.

    While a log lies beside it, the file may be shorter than what it stands for. One without any table and without a
    program's mark or version is what a process leaves that ends while it makes the file.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    size = path.stat().st_size
    if not header.startswith(_MAGIC[: len(header)]):
        raise ForeignFile(f"{path} is not a Lamina memory; name another file")
    if len(header) < _HEADER_BYTES:
        raise DamagedFile(f"{path} is cut short ({size} bytes); {_DAMAGED_ADVICE}")
    page_bytes = int.from_bytes(header[16:18], "big")
    page_bytes = 65536 if page_bytes == 1 else page_bytes
    application, pages = int.from_bytes(header[68:72], "big"), int.from_bytes(header[28:32], "big")
    is_blank = header[103:105] == b"\0\0" and header[60:64] == b"\0\0\0\0"
    if application != APPLICATION_ID and not (application == 0 and is_blank):
        raise ForeignFile(f"{path} is an SQLite file of another program; name another file")
    if size < pages * page_bytes and not _has_log(path):
        raise DamagedFile(f"{path} is cut short: {size} of {pages * page_bytes} bytes; {_DAMAGED_ADVICE}")
