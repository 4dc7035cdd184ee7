"""Intake: what callers hand in becomes drafts. Chooses the reader by what it is; reads nothing from a store."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import cast

from lamina.core.clearance import checked_label
from lamina.core.clocks import Clocks
from lamina.core.directives import SecretAction
from lamina.core.errors import InvalidArgument
from lamina.core.filter_shapes import Filters, read_filters
from lamina.core.filters import Filter
from lamina.core.layers import Kind
from lamina.core.records import AtSource
from lamina.core.scope import ReadKeys, ScopeKeys
from lamina.core.text import checked_name
from lamina.flows.add import Intake
from lamina.flows.revise import Revision
from lamina.govern.gate import Gate
from lamina.ingest.documents import Document, read_document
from lamina.ingest.messages import Defaults, Message, read_messages
from lamina.ingest.normalise import checked_metadata, checked_speech
from lamina.ingest.times import read_time, read_zone
from lamina.ingest.traces import Trace, read_trace

#: What `Memory.add` takes.
Addable = str | Message | Sequence[str | Message] | Document | Trace


def read_intake(what: Addable, defaults: Defaults, gate: Gate, *, max_text_bytes: int) -> Intake:
    """Give the drafts of whatever was handed in, as the gate lets them through.

    Raises:
        InvalidArgument: something that cannot be kept, or is refused; the message names it.
    """
    if defaults.timezone is not None:
        read_zone(defaults.timezone)
    if isinstance(what, Document):
        return _read_whole(what, defaults, gate)
    if isinstance(what, Trace):
        return Intake(drafts=(gate.admit(read_trace(what, defaults, max_text_bytes=max_text_bytes)),))
    return Intake(drafts=tuple(map(gate.admit, read_messages(what, defaults, max_text_bytes=max_text_bytes))))


def _read_whole(document: Document, defaults: Defaults, gate: Gate) -> Intake:
    """Give the drafts of a document: what is masked is masked before it is cut, and one part holds all of it."""
    if gate.secrets is SecretAction.MASK and isinstance(document.text, str) and isinstance(document.title, str):
        given = defaults.metadata if document.metadata is None else document.metadata
        document = replace(
            document,
            # Places in the text must stay right, those of its origins too.
            text=gate.admit_words(document.text, argument="document.text", keeps_places=True),
            title=gate.admit_words(document.title, argument="document.title"),
            metadata=gate.admit_metadata(given) if isinstance(given, Mapping) else given,
        )
    head, passages = read_document(document, defaults)
    # A secret may stand where the text is cut.
    whole = gate.admit(replace(head, text=f"{head.text}\n{document.text}"))
    reasons = [whole.held, *map(gate.why_held, (head, *passages))]
    held = next((reason for reason in reasons if reason is not None), None)
    # A policy that labels one part labels all: whoever sees the rest would see that something is left out.
    labels = [whole.sensitivity, *map(gate.label_of, (head, *passages))]
    label = next((label for label in labels if label != head.sensitivity), head.sensitivity)
    return Intake(
        drafts=tuple(replace(passage, held=held, sensitivity=label) for passage in passages),
        document=replace(head, held=held, sensitivity=label),
    )


def read_revision(
    text: str | None, speaker: str | None, defaults: Defaults, gate: Gate, *, max_text_bytes: int
) -> Revision:
    """Give what an update is to change, as the gate lets it through.

    Raises:
        InvalidArgument: nothing to change, something that cannot be kept, or a secret that cannot be masked.
    """
    named = (text, speaker, defaults.at, defaults.metadata, defaults.sensitivity)
    if all(one is None for one in named):
        raise InvalidArgument("text", "is left out, and nothing else is named", "name what is to change")
    at: datetime | None = None
    at_source: AtSource | None = None
    if defaults.at is not None:
        at, at_source = read_time(defaults.at, timezone=defaults.timezone)
    kept = None if defaults.metadata is None else checked_metadata(defaults.metadata, argument="metadata")
    if text is not None:
        text = gate.admit_words(checked_speech(text, argument="text", max_text_bytes=max_text_bytes), argument="text")
    if speaker is not None:
        speaker = gate.admit_words(checked_name(speaker, argument="speaker"), argument="speaker")
    label = defaults.sensitivity
    return Revision(
        text=text,
        speaker=speaker,
        sensitivity=checked_label(label, argument="sensitivity") if label else label,
        at=at,
        at_source=at_source,
        metadata=None if kept is None else gate.admit_metadata(kept),
        label_for=gate.label_for,
    )


def read_moment(
    at: datetime | str | float | None, timezone: tzinfo | str | None, *, argument: str = "at"
) -> datetime | None:
    """Give the moment of asking, or what else an `argument` names; None where it is not named.

    Raises:
        InvalidArgument: nothing that can be placed in time.
    """
    return None if at is None else read_time(at, timezone=timezone, argument=argument)[0]


def read_clocks(keys: ReadKeys, timezone: tzinfo | str | None) -> tuple[Clocks, ScopeKeys]:
    """Give the clocks that a call's keywords name, and the other keywords, which name its scope.

    Raises:
        InvalidArgument: nothing that can be placed in time.
    """
    named = {name: moment for name in ("as_of", "known_at") if (moment := keys.get(name)) is not None}
    read = {name: read_time(moment, timezone=timezone, argument=name)[0] for name, moment in named.items()}
    for name, moment in read.items():
        if moment is None:
            raise InvalidArgument(name, "is no moment", "give an instant, or leave it out for the present")
    others = {key: value for key, value in keys.items() if key not in ("as_of", "known_at")}
    return Clocks(**read), cast("ScopeKeys", others)


def read_asked(
    filters: Filters | None, *, timezone: tzinfo | str | None, kinds: Collection[Kind] = (Kind.OBSERVATION,)
) -> Filter | None:
    """Give the tree of a call's filters, which will be asked of records of `kinds`; None where there are none.

    Raises:
        InvalidArgument: what cannot be meant or can never match.
    """
    if filters is None:
        return None

    def read_instant(value: object, where: str) -> datetime | None:
        return read_time(value, timezone=timezone, argument=where)[0]

    return read_filters(filters, read_instant=read_instant, kinds=kinds)
