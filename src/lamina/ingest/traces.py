"""Tool traces: a call with its arguments and result is one observation, so that the one is found by the other."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lamina.core.clearance import checked_sensitivity
from lamina.core.errors import InvalidArgument
from lamina.core.layers import Modality
from lamina.core.records import Draft, Metadata
from lamina.core.text import checked_name
from lamina.ingest.messages import Defaults
from lamina.ingest.normalise import checked_beside, checked_label, checked_metadata, checked_speech

#: The role of what a tool says.
TOOL = "tool"
#: The status of a call that went well; any other is written into the text.
OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One call of a tool."""

    tool: str
    arguments: Mapping[str, Any]
    #: What it gave: a text verbatim, anything else as JSON.
    result: Any
    status: str = OK
    duration_s: float | None = None
    at: datetime | str | float | None = None
    session: str | None = None
    external_id: str | None = None
    metadata: Metadata | None = None


def read_trace(trace: Trace, defaults: Defaults, *, max_text_bytes: int) -> Draft:
    """Give the draft of a tool call: `tool(arguments)`, its status where that is not ok, and the result.

    Raises:
        InvalidArgument: a name, arguments, result, time or metadata that cannot be kept.
    """
    tool = checked_name(trace.tool, argument="trace.tool")
    status = checked_name(trace.status, argument="trace.status")
    arguments = _json(trace.arguments, argument="trace.arguments")
    result = trace.result if isinstance(trace.result, str) else _json(trace.result, argument="trace.result")
    outcome = "" if status == OK else f" [{status}]"
    own = checked_metadata(defaults.metadata if trace.metadata is None else trace.metadata, argument="trace.metadata")
    given = defaults.at if trace.at is None else trace.at
    at, at_source = defaults.time_of(given, argument="trace.at")
    beside = {"tool": tool, "status": status, **_duration(trace.duration_s)}
    return Draft(
        text=checked_speech(
            f"{tool}({arguments}){outcome}\n{result}", argument="trace.result", max_text_bytes=max_text_bytes
        ),
        speaker=tool,
        role=TOOL,
        at=at,
        at_source=at_source,
        is_untimed=given is None,
        session=checked_label(trace.session or defaults.session, argument="trace.session"),
        external_id=checked_label(trace.external_id or defaults.external_id, argument="trace.external_id"),
        metadata=checked_beside(own, beside, argument="trace.metadata"),
        modality=Modality.TRACE,
        sensitivity=checked_sensitivity(defaults.sensitivity, argument="sensitivity"),
    )


def _json(value: object, *, argument: str) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidArgument(
            argument, f"is not JSON ({error})", "use texts, finite numbers, lists and dicts"
        ) from error


def _duration(duration_s: object) -> dict[str, Any]:
    if duration_s is None:
        return {}
    if isinstance(duration_s, bool) or not isinstance(duration_s, int | float) or not 0 <= duration_s < 1e9:
        raise InvalidArgument("trace.duration_s", f"is {duration_s!r}", "give the seconds that the call took")
    return {"duration_s": duration_s}
