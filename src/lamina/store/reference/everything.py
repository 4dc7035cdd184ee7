"""What the reference store holds: records with their revisions, logs, sessions and vectors, in dicts and lists."""

from dataclasses import dataclass, field, replace

from lamina.core.directives import AuditEntry, Directive
from lamina.core.imports import Import
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Operation
from lamina.core.protocols import EncoderId
from lamina.core.records import Record, Vector
from lamina.core.rows import Segment
from lamina.core.scope import Scope, Wall
from lamina.core.snapshots import Snapshot
from lamina.core.streams import Spot


@dataclass(slots=True)
class Kept:
    """One record: its revisions, oldest first, the salt of each, and the event it lies in."""

    revisions: list[Record]
    salts: list[bytes | None]
    event_id: str | None = None

    @property
    def first(self) -> Record:
        """The first revision, which says what the record is for life."""
        return self.revisions[0]

    @property
    def wall(self) -> Wall:
        """The wall it lies in."""
        return self.first.scope.wall

    @property
    def active(self) -> Record | None:
        """The active revision, if there is one."""
        return next((record for record in self.revisions if record.state is State.ACTIVE), None)

    @property
    def current(self) -> Record:
        """The active revision, else the highest that none took the place of, as a reader sees it."""
        standing = [record for record in self.revisions if record.state is not State.SUPERSEDED]
        return self.shown(self.active or (standing or self.revisions)[-1])

    @property
    def spot(self) -> Spot:
        """Where it stands in its stream."""
        return Spot(self.first.arrived if self.first.order is None else self.first.order, self.first.arrived)

    def shown(self, record: Record) -> Record:
        """Give one of its revisions as a reader sees it."""
        return replace(record, event_id=self.event_id)

    def copy(self) -> "Kept":
        """Give one that can be changed without this one changing."""
        return Kept(list(self.revisions), list(self.salts), self.event_id)


@dataclass(slots=True)
class Everything:
    """All that the store holds, by id in the order of arrival, by wall, by number."""

    kept: dict[str, Kept] = field(default_factory=dict)
    logs: dict[Wall, list[Operation]] = field(default_factory=dict)
    sessions: dict[tuple[Wall, str], int] = field(default_factory=dict)
    vectors: dict[int, Vector] = field(default_factory=dict)
    vector_number: int = 0
    #: Whose token vectors a vector carries, by its number.
    token_encoders: dict[int, EncoderId] = field(default_factory=dict)
    encoder: EncoderId | None = None
    #: Of the encoder that is to come: by revision, its spans, and whose token vectors they carry.
    coming: dict[tuple[str, int], list[tuple[Vector, EncoderId | None]]] = field(default_factory=dict)
    coming_encoder: EncoderId | None = None
    #: How many vectors nothing is searched by any more.
    former: int = 0
    commits: int = 0
    #: The commits whose erasures are to be scrubbed.
    erasures: list[int] = field(default_factory=list)
    #: By producer, part and ordinal.
    segments: dict[Wall, dict[tuple[str, str, int], Segment]] = field(default_factory=dict)
    vector_numbers: dict[Wall, int] = field(default_factory=dict)
    epochs: dict[Wall, int] = field(default_factory=dict)
    rules: dict[Wall, str] = field(default_factory=dict)
    #: By id, each with the scope it was made in.
    imports: dict[int, tuple[Scope, Import]] = field(default_factory=dict)
    #: By name.
    snapshots: dict[Wall, dict[str, Snapshot]] = field(default_factory=dict)
    #: By id, each with its salt; and the last id that was given.
    directives: dict[int, tuple[Directive, bytes]] = field(default_factory=dict)
    directive_number: int = 0
    audit: list[AuditEntry] = field(default_factory=list)

    def copy(self) -> "Everything":
        """Give all of it again, to be changed without this changing."""
        return Everything(
            kept={record_id: kept.copy() for record_id, kept in self.kept.items()},
            logs={wall: list(log) for wall, log in self.logs.items()},
            sessions=dict(self.sessions),
            vectors=dict(self.vectors),
            vector_number=self.vector_number,
            token_encoders=dict(self.token_encoders),
            encoder=self.encoder,
            coming={key: list(spans) for key, spans in self.coming.items()},
            coming_encoder=self.coming_encoder,
            former=self.former,
            commits=self.commits,
            erasures=list(self.erasures),
            segments={wall: dict(parts) for wall, parts in self.segments.items()},
            vector_numbers=dict(self.vector_numbers),
            epochs=dict(self.epochs),
            rules=dict(self.rules),
            imports=dict(self.imports),
            snapshots={wall: dict(named) for wall, named in self.snapshots.items()},
            directives=dict(self.directives),
            directive_number=self.directive_number,
            audit=list(self.audit),
        )

    def begin_epoch(self, wall: Wall) -> None:
        """Throw away what is kept of a wall's index; one of an earlier epoch is of no use."""
        self.segments.pop(wall, None)
        self.epochs[wall] = self.epochs.get(wall, 0) + 1

    def awaits_vector(self, record: Record) -> bool:
        """Say whether a revision is an active text without a vector."""
        return (
            record.kind is Kind.OBSERVATION
            and record.state is State.ACTIVE
            and not any(key_of(vector) == (record.id, record.revision) for vector in self.vectors.values())
        )


def key_of(vector: Vector) -> tuple[str, int]:
    """Give the revision that a vector stands for."""
    return (vector.record_id, vector.revision)


def model_of(encoder: EncoderId) -> tuple[str, int]:
    """Give what must be the same for vectors to be compared."""
    return (encoder.model, encoder.width)
