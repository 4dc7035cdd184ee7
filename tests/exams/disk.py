"""A disk that loses what was not synced: a file system (VFS) that remembers what a power cut would leave of each file.

Every write, cut and removal reaches the file at once, so that the process sees it, and is remembered as loose until the
file is synced. A power cut leaves what was synced, and of what is loose nothing, the first so many acts, or any of
them, each sector of 512 bytes by chance: disks write in what order they like.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512
Loose = tuple[int, bytes | None]


@dataclass(slots=True)
class Kept:
    """What of a file is on the disk, and what is on the way there: bytes at a place, or (None) its new size."""

    synced: bytearray = field(default_factory=bytearray)
    loose: list[Loose] = field(default_factory=list)
    #: Whether its name is gone for good, or may come back.
    is_removed: bool = False
    is_gone: bool = False

    def sync(self) -> None:
        """Let everything arrive."""
        for act in self.loose:
            arrive(self.synced, act)
        self.loose.clear()

    def after_cut(self, dice: random.Random) -> bytes | None:
        """Give what is left of it; None = nothing, not even its name."""
        if self.is_gone or (self.is_removed and dice.random() < 0.5):
            return None
        left, loose = bytearray(self.synced), self.loose
        how = dice.choice(("nothing", "beginning", "any"))
        if how == "beginning":
            for act in loose[: dice.randint(0, len(loose))]:
                arrive(left, act)
        elif how == "any":
            for act in loose:
                for piece in sectors(act):
                    if dice.random() < 0.5:
                        arrive(left, piece)
        return bytes(left)


def arrive(data: bytearray, act: Loose) -> None:
    """Let one act reach the disk."""
    place, new = act
    if new is None:
        del data[place:]
        return
    data.extend(bytes(max(place - len(data), 0)))
    data[place : place + len(new)] = new


def sectors(act: Loose) -> list[Loose]:
    """Cut an act into those of its sectors."""
    place, new = act
    if new is None:
        return [act]
    return [(place + first, new[first : first + SECTOR]) for first in range(0, len(new), SECTOR)]


class Disk(apsw.VFS):
    """The machine's file system, whose power can be cut for the files of one folder."""

    def __init__(self, folder: Path) -> None:
        """Remember the files of `folder`."""
        self.folder = folder
        self.files: dict[str, Kept] = {}
        #: How many acts there were, and what is called before each.
        self.acts = 0
        self.before_act: Callable[[int], None] | None = None
        super().__init__("disk", "unix", makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        """Open a file."""
        path = Path(str(name.filename() if isinstance(name, apsw.URIFilename) else name))
        if path.parent != self.folder:
            return apsw.VFSFile("unix", name, flags)
        if path.name not in self.files or self.files[path.name].is_removed:
            there = path.read_bytes() if path.exists() else b""
            self.files[path.name] = Kept(synced=bytearray(there))
        return DiskFile(self, self.files[path.name], name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
        """Remove a file."""
        kept = self.files.get(Path(name).name)
        if kept is not None and Path(name).parent == self.folder:
            self.act()
            kept.is_removed, kept.is_gone = True, bool(sync)
        super().xDelete(name, sync)

    def act(self) -> None:
        """Count an act."""
        self.acts += 1
        if self.before_act is not None:
            self.before_act(self.acts)

    def cut(self, into: Path, dice: random.Random) -> None:
        """Write down what a power cut would leave."""
        for name, kept in self.files.items():
            left = kept.after_cut(dice)
            if left is not None:
                (into / name).write_bytes(left)


class DiskFile(apsw.VFSFile):
    """One of its files."""

    def __init__(self, disk: Disk, kept: Kept, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        """Open `name`, of which `kept` remembers."""
        self._disk, self._kept = disk, kept
        super().__init__("unix", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        """Write."""
        self._disk.act()
        self._kept.loose.append((offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        """Cut short."""
        self._disk.act()
        self._kept.loose.append((size, None))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        """Let everything arrive."""
        self._disk.act()
        self._kept.sync()
        super().xSync(flags)
