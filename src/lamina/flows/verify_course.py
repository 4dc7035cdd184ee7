"""How far a check of a file has come: kept in a small file beside it, so that a check that was stopped goes on.

Of each wall: where it ended when it was looked at, up to where log and records were checked, and what was found. The
file that is checked is never written. What was checked counts as long as its wall ends where it did (number, link,
vectors, rules, index); of a wall that went on since, the log counts up to the link that was reached, if it holds that
still, and the rest is checked anew. What was kept of another file, a copy too, is of no use. It holds ids, names of
walls and of the file, numbers, and no words.
"""

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Any
from zlib import crc32

from lamina.core.chain import GENESIS
from lamina.core.errors import InvalidArgument, StoreUnavailable
from lamina.core.ids import HASH_TAG
from lamina.core.operations import LogQuery
from lamina.core.protocols import Reading
from lamina.core.records import Json, Record
from lamina.core.reports import Progress
from lamina.core.rows import Finding
from lamina.core.scope import Scope, Wall
from lamina.core.time import from_us, to_us
from lamina.flows.log_heads import head_of
from lamina.govern.access import grant

#: Seconds between two notes of how far it has come: one takes a moment, and so much is checked twice at most.
NOTED_EVERY_S = 5.0
#: Operations between two calls that tell progress.
TOLD_EVERY = 2000
#: The version of what is kept.
FORMAT = 1
#: What is kept of one wall.
Fields = Mapping[str, Any]
_ADVICE = "remove it, or name another file; the check then begins anew"


class Phase(IntEnum):
    """What of a wall is looked at, in this order."""

    LOG = 0
    RECORDS = 1
    CUT = 2
    INDEX = 3
    DONE = 4


@dataclass(slots=True)
class Tiling:
    """The passages cut out of one revision of a document, in the order of arrival, which is that of the text."""

    #: What the head keeps of the text.
    kept: Json = None
    spans: set[tuple[int, int]] = field(default_factory=set)
    is_in_order: bool = True
    _place: int = 0
    _hash: "hashlib.blake2b" = field(default_factory=lambda: hashlib.blake2b(digest_size=16))
    #: Whether they say what was handed over, where that was found out before.
    _says_all: bool | None = None

    @property
    def characters(self) -> Json:
        """How long the text is; None = that is not kept."""
        return self.kept.get("characters") if isinstance(self.kept, dict) else None

    @property
    def says_all(self) -> bool:
        """Whether the passages, which are in order, say together what was handed over."""
        if self._says_all is not None:
            return self._says_all
        digest = HASH_TAG + self._hash.hexdigest()
        return not isinstance(self.kept, dict) or self.kept.get("digest", digest) == digest

    @property
    def is_settled(self) -> bool:
        """Whether no passage can come on which it depends what they say."""
        return not self.is_in_order or not self.spans or self.characters == self._place

    def leave_out(self, start: int, end: int) -> None:
        """Take in a passage whose words are erased: where it stood is known, and what the whole said no more."""
        self.spans.add((start, end))
        self.is_in_order = False

    def add(self, start: int, record: Record) -> None:
        """Take in a passage."""
        span = (start, start + len(record.text))
        if span in self.spans:
            # A later revision with the same words.
            return
        self.spans.add(span)
        self.is_in_order = self.is_in_order and start == self._place
        self._place = span[1]
        self._hash.update(record.text.encode())

    def to_json(self) -> list[Any]:
        """Give what is kept of it: lengths and places, and neither words nor a digest of them."""
        says_all = self.says_all if self.spans else None
        return [self.characters, sorted(self.spans), self.is_in_order, self._place, says_all]

    @classmethod
    def from_json(cls, told: list[Any]) -> "Tiling":
        """Read what was kept of it."""
        characters, spans, is_in_order, place, says_all = told
        kept: Json = None if characters is None else {"characters": characters}
        return cls(kept, {(start, end) for start, end in spans}, is_in_order, place, _says_all=says_all)


@dataclass(slots=True)
class Looked:
    """What one look at a wall counted and found."""

    checked: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class Ledger:
    """What is kept of one wall while it is checked: little, because a wall may hold millions of records."""

    wall: Wall
    #: Where the wall ended when it was looked at.
    end: list[Any] = field(default_factory=list)
    phase: Phase = Phase.LOG
    looked: dict[Phase, Looked] = field(default_factory=dict)
    #: The last operation of which the link was checked.
    number: int = 0
    chain: bytes = GENESIS
    recorded_at: datetime | None = None
    #: Records that arrived before have been looked at.
    arrived: int = 0
    #: The events, and those of them that are active by the log.
    events: set[str] = field(default_factory=set)
    active_events: set[str] = field(default_factory=set)
    tilings: dict[tuple[str, int], Tiling] = field(default_factory=dict)
    #: What was kept of the index when it was looked at.
    parts: int = 0
    #: Steps of progress.
    steps: int = 0

    @property
    def checked(self) -> Counter[str]:
        """How many things the look that goes on has counted."""
        return self.looked[self.phase].checked

    @property
    def findings(self) -> list[Finding]:
        """What it has found."""
        return self.looked[self.phase].findings

    def begin(self, phase: Phase) -> None:
        """Begin a phase, unless it has begun and goes on."""
        is_resumed = phase is self.phase and phase in (Phase.LOG, Phase.RECORDS)
        self.phase = phase
        if not is_resumed or phase not in self.looked:
            self.looked[phase] = Looked()

    def finding(self, check: str, where: str, problem: str) -> Finding:
        """Give something that is wrong in this wall."""
        return Finding(check=check, where=f"{self.wall.tenant}/{self.wall.user or '(shared)'} {where}", problem=problem)

    def log_alone(self) -> "Ledger":
        """Give what stays of it where the wall has gone on."""
        kept = {Phase.LOG: self.looked[Phase.LOG]} if Phase.LOG in self.looked else {}
        return Ledger(
            self.wall,
            looked=kept,
            number=self.number,
            chain=self.chain,
            recorded_at=self.recorded_at,
            steps=self.number,
        )

    def to_json(self) -> Fields:
        """Give what is kept of it."""
        return {
            "wall": [self.wall.tenant, self.wall.user],
            "end": self.end,
            "phase": int(self.phase),
            "looked": [
                [int(phase), one.checked, [[found.check, found.where, found.problem] for found in one.findings]]
                for phase, one in self.looked.items()
            ],
            "log": [self.number, self.chain.hex(), None if self.recorded_at is None else to_us(self.recorded_at)],
            "arrived": self.arrived,
            "events": sorted(self.events),
            "active_events": sorted(self.active_events),
            "tilings": [[*key, tiling.to_json()] for key, tiling in self.tilings.items()],
            "parts": self.parts,
            "steps": self.steps,
        }

    @classmethod
    def from_json(cls, told: Fields) -> "Ledger":
        """Read what was kept of it."""
        number, chain, recorded_us = told["log"]
        return cls(
            wall=Wall(*told["wall"]),
            end=told["end"],
            phase=Phase(told["phase"]),
            looked={
                Phase(phase): Looked(Counter(checked), [Finding(check=c, where=w, problem=p) for c, w, p in findings])
                for phase, checked, findings in told["looked"]
            },
            number=number,
            chain=bytes.fromhex(chain),
            recorded_at=None if recorded_us is None else from_us(recorded_us),
            arrived=told["arrived"],
            events=set(told["events"]),
            active_events=set(told["active_events"]),
            tilings={(name, revision): Tiling.from_json(tiling) for name, revision, tiling in told["tilings"]},
            parts=told["parts"],
            steps=told["steps"],
        )


class Course:
    """The whole check: counts how far it has come, tells it now and then, and keeps it where it is to go on."""

    def __init__(self, path: Path | None = None, *, kind: str = "", on_progress: Progress | None = None) -> None:
        """Go on with what is kept at `path` by a check of the same `kind`; None = nothing is kept.

        Raises:
            InvalidArgument: something else stands there.
        """
        self.total = 0
        self._path, self._kind, self._on_progress = path, kind, on_progress
        self._former = dict(_read(path, kind)) if path is not None else {}
        self.ledgers: list[Ledger] = []
        self._noted, self._done = time.monotonic(), 0

    def ledger(self, reading: Reading, wall: Wall) -> Ledger:
        """Give what of a wall was checked before and counts still."""
        former, end = self._former.get(wall), [] if self._path is None else _end_of(reading, wall)
        ledger = Ledger(wall)
        if former is not None and former.end == end:
            ledger = former
            if former.phase is Phase.DONE and former.parts != parts_of(reading, wall):
                ledger.phase = Phase.INDEX
        elif former is not None and _holds(reading, former):
            ledger = former.log_alone()
        ledger.end = end
        self.ledgers.append(ledger)
        self._done += ledger.steps
        return ledger

    def step(self, ledger: Ledger) -> None:
        """Count an operation that was looked at."""
        ledger.steps += 1
        self._done += 1
        if self._done % TOLD_EVERY == 0:
            self.tell()

    def tell(self) -> None:
        """Tell how far it has come."""
        if self._on_progress is not None:
            self._on_progress(min(self._done, self.total), self.total)

    @property
    def is_due(self) -> bool:
        """Whether it is time to keep how far it has come."""
        return self._path is not None and time.monotonic() - self._noted >= NOTED_EVERY_S

    @property
    def is_kept(self) -> bool:
        """Whether it is kept anywhere how far it has come."""
        return self._path is not None

    def keep_if_due(self) -> None:
        """Keep how far it has come, if it is time for that."""
        if self.is_due:
            self.keep()

    def keep(self) -> None:
        """Keep how far it has come, whole or not at all.

        Raises:
            StoreUnavailable: it cannot be written there.
        """
        if self._path is None:
            return
        seen = {ledger.wall for ledger in self.ledgers}
        walls = [*self.ledgers, *(former for wall, former in self._former.items() if wall not in seen)]
        told = {"verify": FORMAT, "kind": self._kind, "walls": [ledger.to_json() for ledger in walls]}
        part = self._path.with_name(f".{self._path.name}.part")
        try:
            with os.fdopen(
                os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8"
            ) as stream:
                json.dump(told, stream)
            part.replace(self._path)
        except OSError as error:
            problem = (
                f"{self._path} cannot be written ({error.strerror or error}), in which the check notes how far it is"
            )
            raise StoreUnavailable(f"{problem}; name another file") from error
        self._noted = time.monotonic()

    def end(self) -> None:
        """Let go of what was kept: the check is through."""
        if self._path is not None:
            with suppress(FileNotFoundError):
                self._path.unlink()

    def findings(self) -> Iterator[Finding]:
        """Give what was found in all walls."""
        for looked in self._looked():
            yield from looked.findings

    def checked(self) -> Counter[str]:
        """Give how many things each check looked at."""
        return sum((looked.checked for looked in self._looked()), Counter())

    def _looked(self) -> Iterable[Looked]:
        return (ledger.looked[phase] for ledger in self.ledgers for phase in sorted(ledger.looked))


def parts_of(reading: Reading, wall: Wall) -> int:
    """Give a checksum of all that is kept of a wall's index."""
    scope, value = grant(Scope.of(wall)), 0
    for producer in reading.producers(wall=wall, scope=scope):
        for one in reading.segments(wall=wall, scope=scope, producer=producer):
            value = crc32(one.data, crc32(f"{producer} {one.part} {one.ordinal} {one.covers}".encode(), value))
    return value


def _end_of(reading: Reading, wall: Wall) -> list[Any]:
    """Give where a wall ends, by all that Lamina moves when it changes anything there."""
    scope = grant(Scope.of(wall))
    end = reading.ends(scope=scope)[wall]
    return [*end, head_of(reading, scope=scope).chain.hex()]


def _holds(reading: Reading, former: Ledger) -> bool:
    """Say whether a log holds the link still up to which it was checked."""
    asked = LogQuery(numbers=(former.number,))
    found = reading.logged(asked, scope=grant(Scope.of(former.wall))) if former.number else []
    return bool(found) and found[0].chain == former.chain


def _read(path: Path, kind: str) -> Iterator[tuple[Wall, Ledger]]:
    """Read what a check kept; one of another kind is of no use."""
    if not path.exists():
        return
    try:
        told = json.loads(path.read_text("utf-8"))
        if told["verify"] == FORMAT and told["kind"] == kind:
            for one in told["walls"]:
                ledger = Ledger.from_json(one)
                yield ledger.wall, ledger
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise InvalidArgument("resume", f"{str(path)!r} is not what a check of a file kept", _ADVICE) from error
