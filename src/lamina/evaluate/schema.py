"""The schema of evaluation data: a folder with `docs.jsonl`, `queries.jsonl` and perhaps `groups.jsonl`.

`docs.jsonl` {id, text, ts, speaker, group, session, seq}: the smallest things that are remembered. `queries.jsonl`
{id, text, gold, gold_sessions, stale, category, group, ts}: questions with the ids of their evidence.
`groups.jsonl` {group, sessions: [[session, time], …]}: where sessions are shared between memories, which of them
each memory holds and when. One group is one memory. Knows no memory and computes nothing.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from lamina.core.errors import InvalidArgument

#: `turn`: documents are ranked. `rollup`: each ranked document stands for its session, and the gold are sessions.
Level = Literal["turn", "rollup"]
LEVELS: tuple[Level, ...] = ("turn", "rollup")
DOCS, QUERIES, GROUPS = "docs.jsonl", "queries.jsonl", "groups.jsonl"
#: Texts, numbers and absent values of one row, by field.
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doc:
    """One row of `docs.jsonl`."""

    id: str
    text: str
    #: As the data has it: a time in words or numbers, or a bare integer that only orders.
    ts: str | int | float | None = None
    speaker: str | None = None
    group: str | None = None
    session: str
    seq: int = 0

    def row(self) -> dict[str, object]:
        """Give the row as an adapter takes it."""
        return {
            "id": self.id,
            "text": self.text,
            "ts": self.ts,
            "speaker": self.speaker,
            "group": self.group,
            "session": self.session,
            "seq": self.seq,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One row of `queries.jsonl`."""

    id: str
    text: str
    #: Ids of the evidence: documents, or at level `rollup` sessions.
    gold: tuple[str, ...] = ()
    #: Sessions with evidence, where the data names them itself.
    gold_sessions: tuple[str, ...] = ()
    #: Outdated versions of the evidence.
    stale: tuple[str, ...] = ()
    category: str = ""
    group: str = ""
    #: The moment of asking, as the data has it.
    ts: str | int | float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Haystack:
    """What one memory is to hold, and what it is asked."""

    group: str
    docs: tuple[Doc, ...]
    questions: tuple[Question, ...]

    @property
    def speakers(self) -> tuple[str, ...]:
        """The names of who speaks, by first appearance; roles are not names."""
        names = dict.fromkeys(doc.speaker for doc in self.docs if doc.speaker not in (None, "user", "assistant"))
        return tuple(name for name in names if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A folder, read."""

    name: str
    #: SHA-256 over the files, in hexadecimal.
    digest: str
    haystacks: tuple[Haystack, ...]


def read_dataset(folder: Path | str, *, gold_field: str = "gold") -> Dataset:
    """Read a folder; memories in the order of their first question, documents in that of `seq`.

    `gold_field` names the field with the evidence, for data that carry a corrected version beside the first one.

    Raises:
        InvalidArgument: no such folder or file, or a row that is not of the schema; names file and line.
    """
    path = Path(folder)
    if not path.is_dir():
        raise InvalidArgument("folder", f"{str(path)!r} is not a folder", f"give one that holds {DOCS} and {QUERIES}")
    docs = [_doc(row, where) for row, where in _rows(path / DOCS)]
    questions: dict[str, list[Question]] = {}
    for row, where in _rows(path / QUERIES):
        question = _question(row, where, gold_field=gold_field)
        questions.setdefault(question.group, []).append(question)
    held = _by_group(docs) if not (path / GROUPS).exists() else _by_haystack(docs, path / GROUPS)
    haystacks = tuple(
        Haystack(group=group, docs=tuple(held.get(group, ())), questions=tuple(asked))
        for group, asked in questions.items()
    )
    return Dataset(name=path.resolve().name, digest=_digest(path), haystacks=haystacks)


def judged(haystack: Haystack, level: Level) -> tuple[Question, ...]:
    """Give the questions whose evidence the memory holds, with the gold of that level, each id once."""
    session_of = {doc.id: doc.session for doc in haystack.docs}
    sessions = set(session_of.values())
    asked = []
    for question in haystack.questions:
        found = [name for name in question.gold if name in session_of]
        if level == "rollup":
            named = question.gold_sessions or tuple(session_of[name] for name in found)
            found = [name for name in named if name in sessions]
        if found:
            asked.append(replace(question, gold=tuple(dict.fromkeys(found))))
    return tuple(asked)


def _rows(path: Path) -> Iterator[tuple[Row, str]]:
    if not path.is_file():
        raise InvalidArgument("folder", f"{str(path.parent)!r} holds no {path.name}", f"it needs {DOCS} and {QUERIES}")
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            where = f"{path.name} line {number}"
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise _bad(where, f"is not JSON: {error.msg}") from error
            if not isinstance(row, dict):
                raise _bad(where, "is no object")
            yield row, where


def _doc(row: Row, where: str) -> Doc:
    group = _optional_text(row, "group", where)
    return Doc(
        id=_text(row, "id", where),
        text=_text(row, "text", where),
        ts=_time(row, where),
        speaker=_optional_text(row, "speaker", where),
        group=group,
        session=_optional_text(row, "session", where) or group or "",
        seq=_number(row, "seq", where),
    )


def _question(row: Row, where: str, *, gold_field: str) -> Question:
    return Question(
        id=_text(row, "id", where),
        text=_text(row, "text", where),
        gold=_names(row, gold_field, where),
        gold_sessions=_names(row, "gold_sessions", where),
        stale=_names(row, "stale", where),
        category=_optional_text(row, "category", where) or "",
        group=_text(row, "group", where),
        ts=_time(row, where),
    )


def _by_group(docs: list[Doc]) -> dict[str, list[Doc]]:
    held: dict[str, list[Doc]] = {}
    for doc in docs:
        held.setdefault(doc.group or "", []).append(doc)
    return {group: sorted(members, key=lambda doc: doc.seq) for group, members in held.items()}


def _by_haystack(docs: list[Doc], path: Path) -> dict[str, list[Doc]]:
    by_session: dict[str, list[Doc]] = {}
    for doc in docs:
        by_session.setdefault(doc.session, []).append(doc)
    held: dict[str, list[Doc]] = {}
    for row, where in _rows(path):
        group = _text(row, "group", where)
        listed = row.get("sessions")
        if not isinstance(listed, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in listed):
            raise _bad(where, "has no list of [session, time] in `sessions`")
        # A haystack may list one session twice; it is held once, at its first time.
        times: dict[str, str | None] = {}
        for session, time in listed:
            times.setdefault(str(session), time)
        held[group] = [
            replace(doc, ts=time, group=group) for session, time in times.items() for doc in by_session.get(session, ())
        ]
    return held


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    for name in (DOCS, QUERIES, GROUPS):
        file = path / name
        digest.update(f"{name}:{file.stat().st_size if file.exists() else -1}\n".encode())
        if file.exists():
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _text(row: Row, field: str, where: str) -> str:
    value = row.get(field)
    if not isinstance(value, str):
        raise _bad(where, f"has no text in `{field}`")
    return value


def _optional_text(row: Row, field: str, where: str) -> str | None:
    return None if row.get(field) is None else _text(row, field, where)


def _number(row: Row, field: str, where: str) -> int:
    value = row.get(field, 0)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _bad(where, f"has no whole number in `{field}`")
    return value


def _time(row: Row, where: str) -> str | int | float | None:
    value = row.get("ts")
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int | float)):
        raise _bad(where, "has neither text nor number in `ts`")
    return value


def _names(row: Row, field: str, where: str) -> tuple[str, ...]:
    value = row.get(field) or []
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _bad(where, f"has no list of ids in `{field}`")
    return tuple(value)


def _bad(where: str, problem: str) -> InvalidArgument:
    return InvalidArgument("folder", f"{where} {problem}", "see `lamina.evaluate.schema` for the fields")
