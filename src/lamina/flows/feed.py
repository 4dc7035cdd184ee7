"""Feeds: a file or a stream whose messages are to be taken in, read from its beginning as often as it takes.

A stream that cannot be read twice, such as standard input, is written to a temporary file first: so it is checked whole
before anything of it is kept, like a file.
"""

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from lamina.core.errors import InvalidArgument
from lamina.ingest.entries import Entry, read_entries

#: What messages can be imported from.
Importable = str | os.PathLike[str] | BinaryIO | TextIO
_BLOCK = 1 << 20
#: Told how many bytes were read, after so many entries.
_TOLD_EVERY = 500


class Feed:
    """A source of entries; `name` is the path of a file and None for a stream."""

    def __init__(self, binary: BinaryIO, *, name: str | None, shown: str) -> None:
        """Read what stands in `binary` from where it is; `feed_of` makes one."""
        self._binary = binary
        self._start = binary.tell()
        self.name = name
        #: What errors call it.
        self.shown = shown
        #: How many bytes there are.
        self.size = binary.seek(0, os.SEEK_END) - self._start

    @contextmanager
    def entries(self, tell: Callable[[int], None]) -> Iterator[Iterator[Entry]]:
        """Give the entries from the beginning; `tell` is called with how many bytes were read so far.

        Raises:
            InvalidArgument: the form is not known, or the text is not UTF-8.
        """
        self._binary.seek(self._start)
        text = io.TextIOWrapper(self._binary, encoding="utf-8", newline="\n")
        try:
            yield self._told(text, tell)
        finally:
            text.detach()

    def _told(self, text: TextIO, tell: Callable[[int], None]) -> Iterator[Entry]:
        for number, entry in enumerate(read_entries(text, name=self.shown), start=1):
            yield entry
            if number % _TOLD_EVERY == 0:
                tell(self._binary.tell() - self._start)
        tell(self.size)


@contextmanager
def feed_of(source: Importable, *, tell: Callable[[int], None]) -> Iterator[Feed]:
    """Open a source for as long as it is needed; `tell` is called with the bytes of a stream that is written down.

    Raises:
        InvalidArgument: nothing that can be read from.
        OSError: a file that cannot be.
    """
    if isinstance(source, str | os.PathLike):
        path = _file_at(source)
        with path.open("rb") as file:
            if path.is_file():
                # What cannot be encoded is no name that UTF-8 could keep.
                yield Feed(file, name=os.fsencode(path).decode(errors="backslashreplace"), shown=str(source))
                return
            with _written_down(file, tell) as copy:
                yield Feed(copy, name=None, shown=str(source))
        return
    if not callable(getattr(source, "read", None)):
        advice = "give a path, or a file that is open for reading"
        raise InvalidArgument("source", f"is {type(source).__name__}", advice)
    shown = str(getattr(source, "name", "the stream"))
    binary = getattr(source, "buffer", source)
    if not isinstance(binary, io.TextIOBase) and binary.seekable():
        yield Feed(cast("BinaryIO", binary), name=None, shown=shown)
        return
    with _written_down(binary, tell) as copy:
        yield Feed(copy, name=None, shown=shown)


def _file_at(source: str | os.PathLike[str]) -> Path:
    """Give the path of a file to be read; whether it is there and may be read, opening it says."""
    named = os.fspath(source)
    if not named.strip() or "\0" in named:
        raise InvalidArgument("source", f"is {named!r}, which no file is called", "give the path of a file")
    path = Path(source).resolve()
    if path.is_dir():
        raise InvalidArgument("source", f"{named!r} is a folder", "give the path of a file in it")
    return path


@contextmanager
def _written_down(stream: BinaryIO | TextIO, tell: Callable[[int], None]) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as copy:
        while block := stream.read(_BLOCK):
            copy.write(block.encode() if isinstance(block, str) else block)
            tell(copy.tell())
        copy.seek(0)
        yield cast("BinaryIO", copy)
