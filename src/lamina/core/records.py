"""Records: everything that Lamina keeps, with one header.

A record has an id for life and revisions; `(id, revision)` is what provenance, citations and index rows name.
Nothing is changed in place: a new revision takes the place of the former one. All are frozen and true from birth.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lamina.core.layers import Kind, Layer, Modality, Quadruple, quadruple
from lamina.core.lifecycle import State
from lamina.core.provenance import Provenance
from lamina.core.scope import Scope

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Metadata = Mapping[str, Json]


class AtSource(StrEnum):
    """How the time of a record is known."""

    #: The caller gave an instant with a zone.
    GIVEN = "given"
    #: Lamina took the moment of the call, or the zone that the call named.
    ASSUMED = "assumed"
    #: Nobody knows; only the order counts.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What governs a record beside its state."""

    #: When it may be forgotten; None = never by age.
    expires_at: datetime | None = None
    #: A label that redaction at read acts on; None = unlabelled.
    sensitivity: str | None = None
    #: How far the source is trusted, 0 to 1; None = not judged.
    trust: float | None = None
    #: Who may read beyond the scope rule; empty = the scope rule alone.
    acl: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What maintenance has learnt of a record; folds of the log, never part of its hash."""

    importance: float | None = None
    strength: float | None = None
    confidence: float | None = None
    uses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What every record carries, whatever it holds."""

    id: str
    revision: int = 1
    scope: Scope
    kind: Kind
    layer: Layer = Layer.EPISODIC
    state: State = State.ACTIVE
    provenance: Provenance = field(default_factory=Provenance)
    #: When Lamina learnt this revision; never runs backwards in a wall. None until it is stored.
    recorded_at: datetime | None = None
    #: When it begins and ceases to hold in the world; for observations validity begins at `at`.
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    #: The sequence number, in its wall, of the operation that made this revision; 0 until it is stored.
    number: int = 0
    #: The sequence number of the record's first revision: the order of arrival. 0 until it is stored.
    arrived: int = 0
    policy: Policy = field(default_factory=Policy)
    scores: Scores = field(default_factory=Scores)

    @property
    def sensitivity(self) -> str | None:
        """The label that decides who sees it; None = it bears none."""
        return self.policy.sensitivity

    @property
    def quadruple(self) -> Quadruple:
        """Location, persistence, write path and controllability, in the words of the survey."""
        return quadruple(self.kind, self.layer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Header):
    """A revision of something kept: an observation verbatim, a document's head, or an event."""

    #: The words, verbatim; a document's title; empty for an event.
    text: str = ""
    #: The name of who said it, else the role, else the tool or page it comes from; embedded with the text.
    speaker: str | None = None
    #: `user`, `assistant`, `system`, `tool` …, as delivered.
    role: str | None = None
    #: When it was said or done, with its zone.
    at: datetime | None = None
    at_source: AtSource = AtSource.UNKNOWN
    #: The caller's name for the session; None = outside any.
    session: str | None = None
    #: The caller's own id, unique in the wall.
    external_id: str | None = None
    metadata: Metadata = field(default_factory=dict)
    modality: Modality = Modality.MESSAGE
    #: The caller's place in the session; None = as delivered.
    order: int | None = None
    #: The event this observation lies in; derived.
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An observation or document as `ingest` reads it: everything but what the store gives."""

    text: str
    speaker: str | None = None
    role: str | None = None
    at: datetime | None = None
    at_source: AtSource = AtSource.UNKNOWN
    session: str | None = None
    external_id: str | None = None
    metadata: Metadata = field(default_factory=dict)
    kind: Kind = Kind.OBSERVATION
    modality: Modality = Modality.MESSAGE
    order: int | None = None
    #: Whether the time is merely that of the call, because nothing was said of it.
    is_untimed: bool = False
    #: Code points of a passage in its document, `document[start:end]`; None for anything else.
    start: int | None = None
    end: int | None = None
    #: Why the gate holds it; None = it does not.
    held: str | None = None
    #: Whether marks stand in it in the place of secrets.
    is_masked: bool = False
    #: The label that it is to bear; None = none, or of what comes in again, the one that it bears.
    sensitivity: str | None = None

    def is_redelivery_of(self, record: Record) -> bool:
        """Say whether text, speaker, role, time as far as it was said, metadata and label are those of `record`."""
        return (
            self._has_time_of(record)
            and self.sensitivity in (None, record.sensitivity)
            and (self.text, self.speaker, self.role) == (record.text, record.speaker, record.role)
            and dict(self.metadata) == dict(record.metadata)
            # 1, 1.0 and true are equal in Python, and not in what is kept.
            and json.dumps(self.metadata, sort_keys=True) == json.dumps(record.metadata, sort_keys=True)
        )

    def _has_time_of(self, record: Record) -> bool:
        """Say whether the time is that of `record`; one in an assumed zone says nothing against one that was given."""
        if self.at_source is AtSource.UNKNOWN or self.is_untimed or self.at == record.at:
            return True
        return self.at_source is AtSource.ASSUMED and record.at_source is AtSource.GIVEN


def prefix_of(speaker: str | None, modality: str, session: str | None) -> str | None:
    """Give what a text is read with that is searched for: who says it, or the title of the document it is part of."""
    return session if speaker is None and modality == Modality.PASSAGE else speaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """The embedding of one span of a revision's text."""

    record_id: str
    revision: int
    #: Code points of the text that this vector stands for.
    start: int
    end: int
    #: Little-endian float16, as many as the encoder is wide.
    values: bytes
    #: The packed token vectors of the same span; None = the encoder gives none.
    tokens: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpan:
    """An event as the timeline shows it."""

    id: str
    first_at: datetime | None
    last_at: datetime | None
    #: How many current observations it holds.
    size: int
    #: The first current observation.
    opening: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSpan:
    """A session as the timeline shows it; `name` is None for what was said outside any."""

    name: str | None
    first_at: datetime | None
    last_at: datetime | None
    events: tuple[EventSpan, ...]

    @property
    def size(self) -> int:
        """How many current observations it holds."""
        return sum(event.size for event in self.events)
