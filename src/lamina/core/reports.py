"""What upkeep verbs give back: figures of a memory, and what `verify` found."""

from collections.abc import Callable
from dataclasses import dataclass

from lamina.core.protocols import EncoderId
from lamina.core.rows import Counts, Finding
from lamina.core.scope import Scope

#: Called with (how much is done, how much there is) after each step of a long call.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexStats:
    """The scope indexes that a process keeps in memory, and what was done with them since it opened the file.

    A principal gets walls, rows and bytes of what it sees, and 0 and None of what was done.
    """

    walls: int
    rows: int
    bytes: int
    #: Columns, names, postings, vectors, values that filters asked for, and what was joined of the walls of readers.
    bytes_by_part: dict[str, int]
    #: Beyond this the walls that were not read for longest are let go.
    most_bytes: int
    #: Indexes taken in from what is kept, built because nothing was kept, and built because it could not be used.
    loads: int
    builds: int
    rebuilds: int
    evictions: int
    #: How often an index was kept, and why it could not be the last time that one was to be; None = it could.
    publications: int
    failure: str | None
    #: What estimates the cosines of large scopes: `numba`, else `numpy`, with the reason where there is one.
    scanned_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How often a stage ran in this process, and how long it took."""

    runs: int
    total_s: float
    longest_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """How much a memory holds, for one scope or the whole file."""

    #: None = the whole file.
    scope: Scope | None
    counts: Counts
    #: The encoder that the memory uses.
    encoder: EncoderId
    index: IndexStats
    #: Bytes of the whole file with its write-ahead log; 0 in memory, and for a principal.
    file_bytes: int
    #: Asked for the whole file, what takes how many: words, records, log, vectors, indexes, lookups, free pages; and
    #: `unmerged`, pages of the write-ahead log, which has the newest of these a second time. Empty in memory.
    disk_bytes: dict[str, int]
    #: Where the time of this memory went since it was opened, by stage; empty for a principal.
    times: dict[str, Timing]
    #: Remarks on how the file was opened.
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """What `compact` did."""

    #: How many walls' indexes are kept as they are now.
    walls: int
    bytes_before: int
    bytes_after: int
    #: So many of `bytes_after` wait for readers that began before, who still see the file as it was: they go with the
    #: next `compact`, or when the last process closes the file. Until then it may take more than before.
    waiting_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reencoding:
    """What `reencode` did."""

    #: The encoder by whose vectors the file was searched before; None = it has been this one, or none.
    former: EncoderId | None
    encoder: EncoderId
    #: How many texts were encoded by this call.
    texts: int
    #: How many vectors that nothing was searched by any more were dropped.
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A copy of the whole memory that was made."""

    #: The path of the file.
    path: str
    file_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reindexing:
    """What `reindex` made anew."""

    #: How many walls have new events and a new index.
    walls: int
    #: How many texts were encoded because they lacked token vectors, or kept more than is kept now.
    texts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What `verify` checked and found."""

    findings: tuple[Finding, ...]
    #: What was wrong with derived data and has been made right.
    mended: tuple[Finding, ...] = ()
    #: How many things each check looked at.
    checked: dict[str, int]
    #: What derived data lacks that can be made: token vectors of some texts. A search does without, and says so. A
    #: memory that was begun by `first-look` lacks them as one does that has lost them; `reindex` makes it whole.
    lacking: tuple[Finding, ...] = ()
    #: What waits to be done, in sentences.
    notes: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Say whether nothing was found wrong."""
        return not self.findings
