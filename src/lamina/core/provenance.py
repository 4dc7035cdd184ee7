"""Where a record comes from: who or what made it, and from which revisions."""

from dataclasses import dataclass

#: The producer of what callers hand in, and of the revisions by which they correct it.
CALLER = "caller"
CORRECTION = "caller.update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One parent: a revision, and the part of its text that was drawn on."""

    record_id: str
    revision: int
    #: Code points, `text[start:end]`; None where the whole is meant.
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """By what a record was made, and from what."""

    #: `caller`, or stage and version, such as `segment.gaps@1`.
    by: str = CALLER
    #: Model id and revision, and hash of the prompt, where a model took part.
    model: str | None = None
    prompt: str | None = None
    sources: tuple[Source, ...] = ()
