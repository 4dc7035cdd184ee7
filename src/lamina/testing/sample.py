"""The sample life: eight weeks of one person with friends, a sister and an assistant, made up for Lamina.

Demo, tutorial, tests and screenshots share it. Texts stand in `sample_life/`; standard library only.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

_SESSION = re.compile(r"# (?P<name>.+) \| (?P<day>\d{4}-\d\d-\d\d) \| (?P<zone>[+-]\d\d:\d\d)")
_TURN = re.compile(r"(?P<time>\d\d:\d\d) (?P<speaker>\w+)(?: \((?P<role>\w+)\))?: (?P<words>.+)")
#: The one who speaks to the assistant, and the assistant.
ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDocument:
    """The lease that was handed over."""

    title: str
    text: str
    at: str
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTrace:
    """A tool call of the assistant."""

    tool: str
    arguments: dict[str, Any]
    result: Any
    status: str
    duration_s: float
    at: str
    session: str
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleQuestion:
    """A question about the life."""

    id: str
    kind: str
    text: str
    #: External ids of turns and traces, or `lease: ` and the heading of a section; any of them answers. Empty: the life
    #: does not hold the answer.
    evidence: tuple[str, ...]
    answer: str
    #: The question shares no stem outside the stop list with its evidence.
    paraphrase: bool
    demo: bool
    #: When it is asked.
    at: str = "2026-04-25T10:00:00+02:00"


def messages() -> list[dict[str, str]]:
    """Give the turns in the order in which they were said, as `Memory.add` takes them."""
    return list(_turns(_read("chat.txt")))


def document() -> SampleDocument:
    """Give the lease."""
    text = _read("lease.txt")
    return SampleDocument(title="Lease via del Bosco 4", text=text, at="2026-03-18T19:58:00+01:00", external_id="lease")


def traces() -> list[SampleTrace]:
    """Give the tool calls."""
    return [SampleTrace(**json.loads(line)) for line in _read("traces.jsonl").splitlines()]


def questions() -> list[SampleQuestion]:
    """Give the questions, those of the demo first."""
    rows = (json.loads(line) for line in _read("questions.jsonl").splitlines())
    asked = [SampleQuestion(**{**row, "evidence": tuple(row["evidence"])}) for row in rows]
    return sorted(asked, key=lambda question: (not question.demo, not question.evidence))


def _read(name: str) -> str:
    return resources.files("lamina.testing").joinpath("sample_life", name).read_text("utf-8")


def _turns(text: str) -> Iterator[dict[str, str]]:
    session: re.Match[str] | None = None
    for line in text.splitlines():
        session = _SESSION.fullmatch(line) or session
        turn = _TURN.fullmatch(line)
        if session is None or turn is None:
            continue
        moment = f"{session['day']} {turn['time']}"
        message = {
            "content": turn["words"],
            "at": f"{session['day']}T{turn['time']}:00{session['zone']}",
            "session": f"{session['day']} {session['name']}",
            "external_id": f"{moment} {turn['speaker']}",
        }
        if turn["speaker"] == ASSISTANT:
            message["role"] = ASSISTANT
        else:
            message["name"] = turn["speaker"]
            if turn["role"]:
                message["role"] = turn["role"]
        yield message
