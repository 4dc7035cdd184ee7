"""A tool call with its result is one observation."""

from datetime import UTC, datetime

import pytest

from lamina.core.errors import InvalidArgument
from lamina.core.layers import Modality
from lamina.ingest.messages import Defaults
from lamina.ingest.traces import Trace, read_trace

DEFAULTS = Defaults(now=datetime(2026, 3, 2, tzinfo=UTC), session="s")


def test_call_result_status_and_duration_are_kept() -> None:
    trace = Trace(tool="find", arguments={"to": "Turin"}, result={"trains": 0}, status="error", duration_s=1.5)
    draft = read_trace(trace, DEFAULTS, max_text_bytes=1000)
    assert draft.text == 'find({"to": "Turin"}) [error]\n{"trains": 0}'
    assert (draft.speaker, draft.role, draft.modality, draft.session) == ("find", "tool", Modality.TRACE, "s")
    assert draft.metadata == {"tool": "find", "status": "error", "duration_s": 1.5}


def test_a_text_result_is_kept_verbatim() -> None:
    draft = read_trace(Trace(tool="t", arguments={}, result=' a "b" '), DEFAULTS, max_text_bytes=1000)
    assert draft.text == 't({})\n a "b" '


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"tool": ""}, "trace.tool"),
        ({"arguments": {"x": object()}}, "trace.arguments"),
        ({"result": float("nan")}, "trace.result"),
        ({"result": "a\0"}, "trace.result"),
        ({"duration_s": -1}, "trace.duration_s"),
        ({"duration_s": float("nan")}, "trace.duration_s"),
        ({"status": " "}, "trace.status"),
        ({"metadata": {"tool": "mine"}}, "trace.metadata"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(fields: dict, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        read_trace(Trace(**{"tool": "t", "arguments": {}, "result": "r", **fields}), DEFAULTS, max_text_bytes=1000)
