"""Intake: what callers hand in becomes drafts. Chooses the reader by what it is; reads nothing from a store."""

from collections.abc import Collection, Sequence
from datetime import datetime, tzinfo
from typing import cast

from lamina.core.clocks import Clocks
from lamina.core.errors import InvalidArgument
from lamina.core.filter_shapes import Filters, read_filters
from lamina.core.filters import Filter
from lamina.core.layers import Kind
from lamina.core.records import AtSource
from lamina.core.scope import ReadKeys, ScopeKeys
from lamina.core.text import checked_name
from lamina.flows.add import Intake
from lamina.flows.revise import Revision
from lamina.ingest.documents import Document, read_document
from lamina.ingest.messages import Defaults, Message, read_messages
from lamina.ingest.normalise import checked_metadata, checked_speech
from lamina.ingest.times import read_time, read_zone
from lamina.ingest.traces import Trace, read_trace

#: What `Memory.add` takes.
Addable = str | Message | Sequence[str | Message] | Document | Trace


def read_intake(what: Addable, defaults: Defaults, *, max_text_bytes: int) -> Intake:
    """Give the drafts of whatever was handed in.

    Raises:
        InvalidArgument: something that cannot be kept; the message names it.
    """
    if defaults.timezone is not None:
        read_zone(defaults.timezone)
    if isinstance(what, Document):
        head, passages = read_document(what, defaults)
        return Intake(drafts=passages, document=head)
    if isinstance(what, Trace):
        return Intake(drafts=(read_trace(what, defaults, max_text_bytes=max_text_bytes),))
    return Intake(drafts=read_messages(what, defaults, max_text_bytes=max_text_bytes))


def read_revision(text: str | None, speaker: str | None, defaults: Defaults, *, max_text_bytes: int) -> Revision:
    """Give what an update is to change.

    Raises:
        InvalidArgument: nothing to change, or something that cannot be kept.
    """
    if text is None and speaker is None and defaults.at is None and defaults.metadata is None:
        raise InvalidArgument("text", "is left out, and nothing else is named", "name what is to change")
    at: datetime | None = None
    at_source: AtSource | None = None
    if defaults.at is not None:
        at, at_source = read_time(defaults.at, timezone=defaults.timezone)
    return Revision(
        text=None if text is None else checked_speech(text, argument="text", max_text_bytes=max_text_bytes),
        speaker=None if speaker is None else checked_name(speaker, argument="speaker"),
        at=at,
        at_source=at_source,
        metadata=None if defaults.metadata is None else checked_metadata(defaults.metadata, argument="metadata"),
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
