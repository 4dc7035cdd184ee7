"""Settings: one frozen value, and the only place that reads the environment.

`Memory` reads it; inner functions take the two parameters they use.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """How a `Memory` works; each field can come from the environment as `LAMINA_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="LAMINA_", frozen=True, extra="forbid")

    #: The encoder, by name: `minilm` (English, offline), or another that is installed (see `docs/tutorial.md`).
    encoder: str = "minilm"
    #: How recall ranks: `default`, or a baseline to compare with (`bm25`, `dense`, `rrf`, `convex`, `hier`).
    recipe: str = "default"
    #: `deferred`: `add` never encodes, `flush` and reads do. `inline`: `add` encodes what it stored.
    encode: Literal["deferred", "inline"] = "deferred"
    #: How many waiting texts a read encodes before it answers; the answer says how many still wait.
    encode_at_read: int = Field(default=64, ge=0)
    #: A folder that keeps vectors by text and model across files; None = none.
    vector_cache: Path | None = None
    #: A pause longer than this, between two observations with known times, ends an event. Seconds.
    event_gap_s: float = Field(default=1800.0, gt=0)
    #: `surprise`: events end at sessions, at pauses and where what comes surprises. `pauses`: at the first two alone.
    events: Literal["surprise", "pauses"] = "surprise"
    #: How much memory the indexes of walls may take, in bytes; those not read for longest are let go.
    index_bytes: int = Field(default=1 << 30, gt=0)
    #: The longest text of one message, in bytes of UTF-8; longer ones belong into a `Document`.
    max_text_bytes: int = Field(default=1 << 20, gt=0)
    #: How long a call waits for another process that holds the file, in seconds.
    busy_timeout_s: float = Field(default=5.0, ge=0)
    #: Open the file for reading only.
    read_only: bool = False
