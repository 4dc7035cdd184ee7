"""Clearance: which labelled records somebody sees. The whole rule; whoever reads for somebody asks it.

A record bears the label of its policy (`records.Policy.sensitivity`). What it was before, and what it is made of, count
too, and the stricter wins: a revision is hidden where the record's current revision or this one bears a label that the
reader does not see; a passage where its document does; an event or document where something that lies in it does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from lamina.core.documents import DOCUMENT
from lamina.core.errors import InvalidArgument
from lamina.core.layers import Kind, Modality
from lamina.core.records import Record
from lamina.core.scope import Wall
from lamina.core.text import checked_name

#: Stands for every label where labels that somebody sees are named.
EVERY = "*"
#: What stands in the place of words that are not shown.
REDACTED = "[redacted: {label}]"


@dataclass(frozen=True, slots=True)
class Sees:
    """What somebody sees of one wall: what bears no label, and what bears one of these; None = any."""

    labels: frozenset[str] | None = frozenset()
    #: Whether the rest is shown without its words; else it is as if it were not there.
    masks: bool = False
    #: Whether what looks like a secret is shown as a mark.
    masks_secrets: bool = False


@dataclass(frozen=True, slots=True)
class Clearance:
    """What somebody sees of the walls that are named; of any other, everything."""

    walls: tuple[tuple[Wall, Sees], ...]

    def of(self, wall: Wall) -> Sees | None:
        """Give what is seen of a wall; None = everything."""
        return dict(self.walls).get(wall)


class Labelled(NamedTuple):
    """A revision of a record of which some revision bears a label, or of one made from such a record."""

    record_id: str
    kind: str
    revision: int
    #: The operation that made it.
    number: int
    label: str | None
    is_current: bool
    #: The event it lies in, if it lies in one.
    event_id: str | None
    #: The records that it was made from.
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hidden:
    """What of a wall somebody does not see."""

    #: Whole records, each with the label.
    records: Mapping[str, str] = field(default_factory=dict)
    #: Further revisions of records that are seen as they are now, by record and number.
    revisions: Mapping[tuple[str, int], str] = field(default_factory=dict)
    #: The operations that made any of these.
    numbers: frozenset[int] = frozenset()

    def label_of(self, record: Record) -> str | None:
        """Give the label for which a revision is hidden; None where it is not."""
        return self.records.get(record.id) or self.revisions.get((record.id, record.revision))


NOTHING = Hidden()


def hidden(rows: Iterable[Labelled], labels: frozenset[str]) -> Hidden:
    """Say what of a wall is hidden from who sees these labels there alone; `rows` are all that the wall has."""
    told = list(rows)
    own = {row.record_id: row.label for row in told if row.is_current and _is_unseen(row, labels) and row.label}
    records = dict(own)
    for row in told:
        heads = [own[source] for source in row.sources if source in own]
        if heads:
            records.setdefault(row.record_id, heads[0])
    for row in told:
        label = records.get(row.record_id)
        if label is not None and row.kind == Kind.OBSERVATION:
            holders = (row.event_id, *(row.sources if row.record_id in own else ()))
            for holder in holders:
                if holder is not None:
                    records.setdefault(holder, label)
    former = [row for row in told if row.record_id not in records and _is_unseen(row, labels)]
    if not records and not former:
        return NOTHING
    return Hidden(
        records=records,
        revisions={(row.record_id, row.revision): row.label for row in former if row.label is not None},
        numbers=frozenset(row.number for row in told if row.record_id in records)
        | frozenset(row.number for row in former),
    )


def is_in_titled_session(record: Record) -> bool:
    """Say whether the session of a record can be named by the title of a document, and so by words of one."""
    if record.kind is not Kind.OBSERVATION:
        return True
    kept = record.metadata.get(DOCUMENT)
    # A passage keeps the title only where its session bears another name.
    return record.modality is Modality.PASSAGE and not (isinstance(kept, dict) and "title" in kept)


def redacted(record: Record, label: str) -> Record:
    """Give a record without its words: what is left is that it is there, when, and why it is not shown."""
    mark = REDACTED.format(label=label)
    return replace(
        record,
        text=mark,
        session=mark if record.session is not None and is_in_titled_session(record) else record.session,
        speaker=None,
        role=None,
        external_id=None,
        metadata={},
        policy=replace(record.policy, sensitivity=label, acl=()),
    )


def checked_label(label: object, *, argument: str) -> str:
    """Give a label back that a record can bear.

    Raises:
        InvalidArgument: as `checked_name`, or `*`, which stands for every label.
    """
    name = checked_name(label, argument=argument)
    if name == EVERY:
        raise InvalidArgument(argument, f"is {EVERY!r}, which stands for every label", "give it a name")
    return name


def checked_sensitivity(label: object, *, argument: str) -> str | None:
    """Give a label back likewise, or None for none."""
    return None if label is None else checked_label(label, argument=argument)


def checked_labels(labels: Sequence[str], *, argument: str) -> tuple[str, ...]:
    """Give the labels that somebody may see, each once; `*` = all.

    Raises:
        InvalidArgument: a single text, or a name that is none.
    """
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        raise InvalidArgument(argument, "is no list of labels", 'give a list, such as ["private"], or ["*"] for all')
    return tuple(dict.fromkeys(checked_name(label, argument=argument) for label in labels))


def _is_unseen(row: Labelled, labels: frozenset[str]) -> bool:
    return row.label is not None and row.label not in labels
