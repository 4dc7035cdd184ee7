"""Settings: one frozen value, and the only place that reads the environment.

`Memory` reads it; inner functions take the two parameters they use.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from lamina.core.errors import InvalidArgument

_PREFIX = "LAMINA_"
_MINUTE_S, _DAY_S = 60.0, 86_400.0
DEFAULT_ENCODER = "minilm"


class Settings(BaseSettings):
    """How a `Memory` works; each field can come from the environment as `LAMINA_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="forbid")

    #: The encoder, by name: `minilm` (English, offline), or another that is installed (see `docs/tutorial.md`);
    #: `recorded` = none: look at records without the encoder that made their vectors.
    encoder: str = DEFAULT_ENCODER
    #: How recall ranks: `default`, `first-look` (quicker, without token vectors), or one to compare with (`ladder`,
    #: `bm25`, `dense`, `rrf`, `convex`, `hier`, `late-interaction`, `emllm`, `without-tokens` …).
    recipe: str = "default"
    #: `deferred`: `add` never encodes, `flush` and reads do. `inline`: `add` encodes what it stored.
    encode: Literal["deferred", "inline"] = "deferred"
    #: How many waiting texts a read encodes before it answers; the answer says how many still wait.
    encode_at_read: int = Field(default=64, ge=0)
    #: A folder that keeps vectors by text and model across files; None = none.
    vector_cache: Path | None = None
    #: A pause longer than this, between two observations with known times, ends an event. Seconds.
    event_gap_s: float = Field(default=1800.0, gt=0, le=36_525 * _DAY_S)
    #: `surprise`: events end at sessions, at pauses and where what comes surprises. `pauses`: at the first two alone.
    events: Literal["surprise", "pauses"] = "surprise"
    #: How much memory the indexes of walls may take, in bytes; those not read for longest are let go.
    index_bytes: int = Field(default=1 << 30, gt=0)
    #: The longest text of one message, in bytes of UTF-8; longer ones belong into a `Document`.
    max_text_bytes: int = Field(default=1 << 20, gt=0)
    #: How long a call waits for another process that holds the file, in seconds.
    busy_timeout_s: float = Field(default=5.0, ge=0, le=60 * _MINUTE_S)
    #: Open the file for reading only.
    read_only: bool = False
    #: The file with the key of an encrypted memory, which `lamina key` makes; None = none.
    key_file: Path | None = None
    #: The key itself, as 64 hexadecimal digits, in place of its file.
    key: SecretStr | None = None

    if not TYPE_CHECKING:  # type checkers know the fields as keywords, and would not through this

        def __init__(self, **fields: Any) -> None:
            """Take what is given, else what the environment says, else the defaults.

            Raises:
                InvalidArgument: no such setting, or a value that it cannot have.
            """
            try:
                super().__init__(**fields)
            except ValidationError as error:
                fault = error.errors(include_url=False)[0]
                name = str(fault["loc"][0]) if fault["loc"] else "settings"
                where = "" if name in fields else f" (the environment's {_PREFIX}{name.upper()})"
                if fault["type"] == "extra_forbidden":
                    known = ", ".join(type(self).model_fields)
                    raise InvalidArgument(name, "is no setting", f"there are: {known}") from None
                value = repr(fault["input"])[:100]
                raise InvalidArgument(name, f"is {value}{where}", _advice(str(fault["msg"]))) from None


def _advice(message: str) -> str:
    """Make advice of what pydantic says: "Input should be greater than 0" becomes "it should be greater than 0"."""
    return message.replace("Input should", "it should").replace("value is not", "it is not")
