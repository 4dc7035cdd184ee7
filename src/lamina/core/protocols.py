"""The seams: what a store and an encoder must be. Behaviour is specified by the exams in `lamina.testing`.

Arrays cross `core` as bytes or `memoryview`, so that it needs no array library.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from lamina.core.carrying import CarriedReading, CarriedWriting
from lamina.core.clearance import NOTHING, Hidden, Labelled
from lamina.core.clocks import Clocks
from lamina.core.directives import DirectiveReading, DirectiveWriting
from lamina.core.errors import EncoderMismatch
from lamina.core.filters import Field
from lamina.core.grant import Granted
from lamina.core.imports import Import, Piece
from lamina.core.operations import Change, LogQuery, Operation
from lamina.core.records import Record, Vector
from lamina.core.rows import (
    Counts,
    Finding,
    IndexRow,
    Listing,
    Page,
    Place,
    Segment,
    TokenRow,
    VectorRow,
    Waiting,
    WallEnd,
)
from lamina.core.scope import Administration, Scope, Wall
from lamina.core.streams import EventHead, EventSize, Spot, StreamRow, Touched


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderId:
    """Whose vectors: stored with them, and compared when a file is opened."""

    #: The string that names the encoder in `Settings`.
    name: str
    #: Model and revision or hash of the weights.
    model: str
    #: Numbers per vector.
    width: int

    def check_kept(self, kept: "EncoderId | None") -> None:
        """Let a file pass whose vectors are this encoder's, or that holds none.

        Raises:
            EncoderMismatch: they come from another model, or have another width.
        """
        if kept is None or (kept.model, kept.width) == (self.model, self.width):
            return
        advice = f"open it with Settings(encoder={kept.name!r})"
        if kept.name == self.name:
            advice = f"open it with the {kept.name!r} that made them"
        advice += ", or change it over with `lamina reencode`"
        raise EncoderMismatch(
            f"the vectors in this file come from encoder {kept.name!r} ({kept.model}, {kept.width} wide), not from "
            f"{self.name!r} ({self.model}, {self.width} wide); {advice}"
        )


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into unit vectors; each vector depends on its text alone."""

    @property
    def identity(self) -> EncoderId:
        """Name, model and width, without loading the weights."""

    def encode(self, texts: Sequence[str]) -> memoryview:
        """Give one float32 unit vector a text, shape (texts, width), in their order."""

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        """Give the code-point spans that fit one vector beside `reserved_tokens`, and cover `text`; one if all fits."""

    def count_tokens(self, text: str) -> int:
        """Count the word pieces of `text`, without marks of beginning and end."""


#: Counts the tokens of a text; the caller's own may take the place of the encoder's.
TokenCounter = Callable[[str], int]


class Reading(CarriedReading, DirectiveReading, Protocol):
    """One consistent look at the store: every call sees the same state.

    By-id reads answer for ids that the scope does not see exactly as for ids that do not exist: the id is absent.
    """

    def get(self, record_ids: Sequence[str], *, scope: Granted[Scope]) -> dict[str, Record]:
        """Give the current revision of each id that `scope` sees.

        The active one, else the highest in whose place no other came, else the highest.
        """

    def by_external_id(self, external_ids: Sequence[str], *, wall: Granted[Scope]) -> dict[str, Record]:
        """Give the current revisions by external id, in exactly the wall of the scope, whatever its facets."""

    def revisions(self, record_id: str, *, scope: Granted[Scope]) -> list[Record]:
        """Give every revision of a record that `scope` sees, oldest first; empty for an id it does not see."""

    def operations(self, record_id: str, *, scope: Granted[Scope]) -> list[Operation]:
        """Give the operations on a record that `scope` sees, oldest first; empty for an id it does not see."""

    def logs(self, record_ids: Sequence[str], *, scope: Granted[Scope]) -> dict[str, list[Operation]]:
        """Give the operations on each of some different records that `scope` sees, where there is more than one."""

    def turns(self, *, wall: Wall, scope: Granted[Scope], after: int) -> Iterator[list[Operation]]:
        """Give all operations on each observation that turned, of those that operations after number `after` touched.

        One has turned that became active by another operation than its first: it has another revision, or came back.
        `wall` is one of the scope's visible walls; facets do not narrow.
        """

    def number_at(self, moment: datetime, *, wall: Wall, scope: Granted[Scope]) -> int:
        """Give the last operation of a visible wall that was recorded at `moment` or before; 0 = none."""

    def erased_since(self, after: int, *, wall: Wall, scope: Granted[Scope]) -> list[int]:
        """Give the operations of a visible wall that made what operations after a number erased, once for each."""

    def logged(self, asked: LogQuery, *, scope: Granted[Scope]) -> list[Operation]:
        """Give the operations of exactly the scope's wall on records that it sees, oldest first."""

    def children(self, record_id: str, *, scope: Granted[Scope]) -> list[Record]:
        """Give the current revisions of the records that were made from any revision of `record_id`, by arrival."""

    def page(self, listing: Listing, *, scope: Granted[Scope]) -> Page:
        """Give the records that `scope` sees and `listing` asks for, in the order of arrival, own wall first."""

    def places(self, *, scope: Granted[Scope], session: str | None = None) -> list[Place]:
        """Give the place of every active observation that `scope` sees, own wall first, in the order of sessions."""

    def places_then(
        self, clocks: Clocks, *, scope: Granted[Scope], session: str | None = None, without: Hidden = NOTHING
    ) -> list[Place]:
        """Give likewise the place of every observation that was active by two clocks, but for what is in `without`."""

    def stream(
        self, *, scope: Granted[Scope], session: str | None, encoder: EncoderId, since: Spot | None = None, limit: int
    ) -> list[StreamRow]:
        """Give up to `limit` observations of exactly this wall, session, agent and run, in the order of the session.

        They begin at the spot `since`; None = at the first. What is withdrawn or erased keeps its place, so that it
        moves no boundary of an event; vectors are those of `encoder` alone.
        """

    def stream_before(
        self, spot: Spot | None, *, scope: Granted[Scope], session: str | None, encoder: EncoderId, limit: int
    ) -> list[StreamRow]:
        """Give the last `limit` rows of `stream` before `spot`, in its order; None = the last of all."""

    def streams(self, *, wall: Granted[Scope]) -> list[tuple[Scope, str | None]]:
        """List every scope and session in which an observation lies, in exactly this wall, by first arrival."""

    def event_head(self, event_id: str, *, before: Spot, scope: Granted[Scope]) -> EventHead:
        """Give what of an event of exactly this wall stands before a spot."""

    def event_sizes(self, event_ids: Sequence[str], *, scope: Granted[Scope]) -> dict[str, EventSize]:
        """Count what lies in each event of exactly this wall; an id that is none is absent."""

    def event_size(self, event_id: str, *, scope: Granted[Scope]) -> int:
        """Count what lies in one event of exactly this wall; 0 for an id that is none."""

    def ends(self, *, scope: Granted[Scope]) -> dict[Wall, WallEnd]:
        """Give how far each visible wall that exists has come, own wall first."""

    def index_rows(self, *, wall: Wall, scope: Granted[Scope], after: int) -> Iterator[IndexRow]:
        """Give every revision of the observations that operations after number `after` touched, by number.

        An operation on an event touches the observations that lie in it. Erased revisions are left out: with them the
        wall begins another epoch, and its indexes are built anew.

        `wall` is one of the scope's visible walls; facets do not narrow, because an index holds a whole wall.
        """

    def vector_rows(self, *, wall: Wall, scope: Granted[Scope], encoder: EncoderId, after: int) -> Iterator[VectorRow]:
        """Give the vectors of that encoder stored in the wall after vector number `after`, by number."""

    def token_rows(
        self, numbers: Sequence[int], *, wall: Wall, scope: Granted[Scope], encoder: EncoderId
    ) -> list[TokenRow]:
        """Give the token vectors of that token encoder for the revisions that these operations made, in no order."""

    def untold(self, encoder: EncoderId, *, wall: Wall, scope: Granted[Scope], most_bytes: int) -> list[int]:
        """Give the operations that made the active texts whose vectors lack that token encoder's, ascending.

        And of those that have more than `most_bytes` of these.
        """

    def field_values(
        self, field: Field, *, wall: Wall, scope: Granted[Scope], after: int
    ) -> Iterator[tuple[int, str | int | None]]:
        """Give what each revision of an observation has of a field, by the number of the operation that made it.

        Those of operations after number `after`, by number; instants in microseconds. `wall` is one of the scope's
        visible walls; facets do not narrow.

        Raises:
            InvalidArgument: a field that an index row carries.
        """

    def made_by(self, numbers: Sequence[int], *, wall: Wall, scope: Granted[Scope]) -> dict[int, Record]:
        """Give the revisions that the operations of a wall made, by number, as far as `scope` sees them."""

    def texts_made_by(self, numbers: Sequence[int], *, wall: Wall, scope: Granted[Scope]) -> list[Waiting]:
        """Give of these revisions what is encoded, in the order asked; nothing of those that have no words."""

    def segments(
        self, *, wall: Wall, scope: Granted[Scope], producer: str, part: str | None = None
    ) -> Iterator[Segment]:
        """Give what is kept of a wall's index under the name of what made it, by part and ordinal; `part` narrows."""

    def producers(self, *, wall: Wall, scope: Granted[Scope]) -> list[str]:
        """Give the names under which parts of a wall's index are kept, sorted."""

    def lacks_segments(self, *, wall: Wall, scope: Granted[Scope]) -> bool:
        """Say whether parts of a wall's index went missing, or go by another name or number than they were kept by."""

    def imports(
        self, *, scope: Granted[Scope], session: str | None, name: str | None, openings: Sequence[bytes]
    ) -> list[Import]:
        """Give the imports into exactly this wall, agent, run and session, by name or first piece, newest first.

        Those that go by `name`, if it is not None, and those whose first piece has one of the digests `openings`. One
        without a session, of which something was erased, may have had any.
        """

    def imported(self, numbers: Sequence[int], *, scope: Granted[Scope]) -> dict[int, int]:
        """Give the ids of the imports whose pieces the operations of these numbers stored, in exactly this wall."""

    def waiting(self, *, scope: Granted[Scope], limit: int) -> list[Waiting]:
        """Give up to `limit` active texts in the visible walls that have no vector, own wall first."""

    def counts(self, *, scope: Granted[Scope] | Granted[Administration], without: Hidden = NOTHING) -> Counts:
        """Count what the scope sees, or the whole file, but for what is named in `without`."""

    def counts_then(self, clocks: Clocks, *, scope: Granted[Scope], without: Hidden = NOTHING) -> Counts:
        """Count what was there by two clocks, and what had been done, but for what is named in `without`.

        Each record is one revision, in its state then; what has no words any more is none. Vectors, and texts that wait
        for one, are those of now.
        """

    def labelled(self, *, wall: Wall, scope: Granted[Scope]) -> list[Labelled]:
        """Give every revision of each record of which one bears a label, and of each made from such a record.

        Of one of the scope's visible walls, facets do not narrow; by arrival and revision. Erased ones bear none.
        """

    def scopes(self, *, scope: Granted[Administration]) -> list[Scope]:
        """List every (tenant, user, agent, run) that holds a record, sorted."""

    def encoder(self) -> EncoderId | None:
        """Give the encoder whose vectors the file holds; None as long as it holds none."""

    def walls(self, *, scope: Granted[Administration]) -> list[Wall]:
        """List the walls, sorted."""

    def erasures(self, *, scope: Granted[Administration]) -> list[int]:
        """Give the commits that erased what is not gone from the files yet; see `Store.scrub`."""

    def log(self, wall: Wall, *, scope: Granted[Administration], after: int = 0) -> Iterator[Operation]:
        """Give the operations of a wall by number, those after one."""

    def log_by_record(
        self, wall: Wall, *, scope: Granted[Administration], since: int = 0
    ) -> Iterator[tuple[int, Operation]]:
        """Give the log of a wall record by record, in the order of their arrival, each operation with that number.

        Those of records that arrived under the number `since` or later.
        """

    def salted_revisions(
        self, wall: Wall, *, scope: Granted[Administration], since: int = 0
    ) -> Iterator[tuple[Record, bytes | None]]:
        """Give every revision in a wall with the salt of its content (None where erased), by (arrived, revision).

        Of records that arrived under the number `since` or later.
        """

    def event_members(self, wall: Wall, *, scope: Granted[Administration]) -> Iterator[tuple[str, str]]:
        """Give (event id, observation id) for every observation of a wall that lies in an event."""


class Writing(Reading, CarriedWriting, DirectiveWriting, Protocol):
    """A write transaction: all of it is durable when it ends without an error, or none of it happened."""

    def apply(self, change: Change, *, recorded_at: datetime) -> Operation:
        """Do one change and log it.

        The record must lie in the wall of its scope; recorded time is `recorded_at`, or one microsecond after the
        wall's last operation where the clock ran backwards.

        Raises:
            InvalidTransition: the lifecycle does not allow it.
            InvalidArgument: an id or external id that is taken, a source that is not there, a revision that does not
                follow, or an UPDATE of what a record is for life (kind, session, order, external id, facets).
            NotFound: a record or revision that is not in that wall.
        """

    def assign_event(self, record_ids: Sequence[str], *, event_id: str) -> None:
        """Say in which event observations lie; derived, so no operation. Those of other walls stay as they are.

        Indexes see it with an operation in the same transaction: on the observation, where it is new, or on the event,
        the one that makes or restores it, or EVOLVE.

        Raises:
            NotFound: no such event.
        """

    def hollow_events(self, record_ids: Sequence[str], *, wall: Granted[Scope]) -> list[str]:
        """Give the events of a wall in which, and of what began them, all words are erased, and that are not yet.

        Those in which the records lie, or that they began, and those of the streams in which they stand, where these
        have a name of a session, agent or run.
        """

    def let_go(self, record_ids: Sequence[str], *, wall: Granted[Scope]) -> None:
        """Let go of what only these erased records bore: names of sessions, agents, runs, imports, and events.

        And of snapshots, where no words are left in the wall. What began an erased event lies in no other one either.
        """

    def note_rules(self, name: str, *, wall: Granted[Scope]) -> None:
        """Say by which rules all events of a wall are cut; see `WallEnd.rules`. Nothing where the wall is not there."""

    def put_vectors(
        self, encoder: EncoderId, vectors: Sequence[Vector], *, tokens: EncoderId | None = None
    ) -> list[Touched]:
        """Keep vectors, and give the observations that have theirs now.

        Those of revisions that have some already, or that are gone, are left out, and so is a span that comes twice.
        `tokens` is whose token vectors they carry; a span that has its vector already takes these alone.

        Raises:
            EncoderMismatch: the file's vectors come from another encoder.
        """

    def begin_encoder(
        self, encoder: EncoderId, *, tokens: EncoderId | None, scope: Granted[Administration]
    ) -> dict[Wall, int]:
        """Say that vectors of another encoder are to come, and give how many texts of each wall it lacks.

        These are the texts that have a vector. What was to come from a third encoder is dropped; see `drop_former`.
        """

    def unready(self, encoder: EncoderId, *, wall: Granted[Scope], limit: int) -> list[Waiting]:
        """Give up to `limit` texts of exactly this wall that have a vector, and none of the encoder that is to come."""

    def put_coming(self, encoder: EncoderId, vectors: Sequence[Vector], *, tokens: EncoderId | None) -> None:
        """Keep vectors of the encoder that is to come, all of a text at once; nobody is searched by them yet.

        Those of revisions that have some of that encoder already, or that are gone, are left out.
        """

    def change_encoder(self, encoder: EncoderId, *, tokens: EncoderId | None, scope: Granted[Administration]) -> None:
        """Search by the vectors of the encoder that was to come, and by no others from now on.

        An active text that has none of it yet waits for one again; indexes are to be built anew.
        """

    def drop_former(self, *, limit: int, scope: Granted[Administration]) -> int:
        """Drop up to `limit` vectors that nothing is searched by any more, nor to be; 0 = there are none left."""

    def publish(self, producer: str, segment: Segment, *, wall: Granted[Scope], epoch: int) -> bool:
        """Keep one part of a wall's index, in the place of the one with its part and ordinal.

        Does nothing and gives False where the one that is kept reaches as far, because another process was first;
        where the wall has another epoch by now; and in a wall that holds nothing.
        """

    def put_import(self, source: Import, *, scope: Granted[Scope]) -> int:
        """Note an import into this wall, agent and run, without its pieces, and give its id.

        One that has an id already gets the name, zone and order of days that it has now.

        Raises:
            NotFound: no import of that id in that wall, or no such wall yet.
        """

    def put_piece(self, import_id: int, piece: Piece, *, ordinal: int, scope: Granted[Scope]) -> None:
        """Note that a piece of an import was taken in.

        Raises:
            NotFound: no such import in that wall.
            InvalidArgument: it has other than `ordinal` pieces, because another process was first.
        """

    def drop_pieces(self, import_id: int, *, ordinal: int, scope: Granted[Scope]) -> int:
        """Forget the pieces of an import from that one on; gives how many they were.

        Raises:
            NotFound: no such import in that wall.
        """

    def drop_segments(self, *, wall: Granted[Scope]) -> int:
        """Throw away what is kept of a wall's index, and begin another epoch; gives how many parts that were."""

    def mend(self) -> None:
        """Make right what is derived beside the records: vectors that fit no text go, what waits is marked anew.

        Every wall knows its end again, and begins another epoch.
        """


class Store(Protocol):
    """Keeps records and the log."""

    #: Remarks on how the file was opened, in sentences: read-only, network file system.
    notes: tuple[str, ...]
    #: Whether it was opened for reading only.
    is_read_only: bool

    def read(self) -> AbstractContextManager[Reading]:
        """Open one consistent look.

        Raises:
            StoreBusy: the file stayed locked for longer than the busy timeout.
        """

    def write(self, *, may_wait: bool = True) -> AbstractContextManager[Writing]:
        """Open one write transaction; an error inside it leaves everything as it was.

        With `may_wait` false it waits for nobody, nor for the disk: a power cut may undo it. For what can be computed
        anew.

        Raises:
            StoreBusy: the file stayed locked for longer than the busy timeout, or is locked where it `may_wait` not.
            StoreReadOnly: the file was opened for reading only.
            StoreFull: there was no room.
        """

    def check(self, *, scope: Granted[Administration]) -> Iterator[Finding]:
        """Check what only the store can see: its own integrity, references, numbers, registers."""

    def reclaim(self) -> int:
        """Give the room of what is gone back to the file system; writers wait meanwhile, readers do not.

        Gives how many bytes of the files wait for readers that began before: they go when these have ended.

        Raises:
            StoreBusy: another writer kept the file for longer than the busy timeout.
            StoreFull: there was no room for the smaller copy.
        """

    def scrub(self, *, now: datetime) -> bool:
        """Make the bytes of what was erased gone from the files; writers wait meanwhile.

        False where a reader that began before keeps them: to be called again. True where nothing waits.

        Raises:
            StoreBusy, StoreFull, StoreReadOnly: as `reclaim`; what waits, waits still.
        """

    def copy_to(
        self, path: str, *, overwrite: bool, now: datetime, on_progress: Callable[[int, int], None] | None = None
    ) -> int:
        """Write a copy of all that is there at one moment into a file of its own, and give its bytes.

        Whoever writes meanwhile is not held back. Nothing that was erased comes along. The file has its name once it is
        whole and safe on the disk. `on_progress(done, total)` counts bytes.

        Raises:
            InvalidArgument: a path that no file can have, that is taken and not to be overwritten, or is the store's.
            StoreUnavailable, StoreFull: it cannot be written; what stood under its name stands there still.
        """

    def without_keys(self) -> AbstractContextManager[None]:
        """Have this thread read what a destroyed key sealed as empty, so that it can be erased; see `destroy_key`."""

    def rotate_key(self, master: bytes, *, scope: Granted[Administration]) -> int:
        """Wrap every wall's key by another master key, all or none, and give how many; what is said stays as it is.

        Raises:
            InvalidArgument: the store is not encrypted.
        """

    def disk_bytes(self) -> dict[str, int]:
        """Give what takes how many bytes of the file; looks at every page, and gives nothing in memory."""

    def file_bytes(self) -> int:
        """Count the bytes of the file with its write-ahead log; 0 in memory."""

    def file_mark(self) -> str:
        """Tell the file from others of the machine, copies of it too; empty in memory."""

    def close(self) -> None:
        """Let go of the file; closing twice is closing once."""
