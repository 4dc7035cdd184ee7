"""Layers of the hierarchy, and what being in one says about a record.

`quadruple` is the survey's description of a memory (location, persistence, write path, controllability), which
follows from the layer and the kind. Policies that act on layers (decay, promotion) read from here.
"""

from dataclasses import dataclass
from enum import StrEnum


class Layer(StrEnum):
    """How far a record has come from experience to knowledge."""

    #: Now.
    WORKING = "working"
    #: Observations and events.
    EPISODIC = "episodic"
    #: Facts, entities, summaries.
    SEMANTIC = "semantic"
    #: Insights, skills, concepts, tool know-how.
    PROCEDURAL = "procedural"
    #: Small, always in the prompt: profile, standing instructions.
    CORE = "core"


class Kind(StrEnum):
    """What a record is."""

    #: One thing taken in, verbatim: a message, a passage, a tool call with its result.
    OBSERVATION = "observation"
    #: A text that was handed over whole; its passages are observations.
    DOCUMENT = "document"
    #: A contiguous run of observations that belong together.
    EVENT = "event"


class Modality(StrEnum):
    """The form in which an observation came."""

    MESSAGE = "message"
    PASSAGE = "passage"
    TRACE = "trace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quadruple:
    """Where a memory lies, how long it stays, how it is written, and who can steer it."""

    location: str
    persistence: str
    write_path: str
    controllability: str


def quadruple(kind: Kind, layer: Layer) -> Quadruple:
    """Describe a record of `kind` in `layer`."""
    return Quadruple(
        location="prompt" if layer in (Layer.WORKING, Layer.CORE) else "external store",
        persistence="session" if layer is Layer.WORKING else "until forgotten",
        write_path="derived" if kind is Kind.EVENT else "verbatim",
        controllability="addressable, revertible, erasable",
    )
