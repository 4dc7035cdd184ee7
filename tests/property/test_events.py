"""Events are those that cutting everything at once would give, whatever came when, in whichever calls and processes."""

import itertools
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina import Memory
from lamina.core.protocols import EncoderId
from lamina.core.streams import StreamRow
from lamina.encode.dense import embed_waiting
from lamina.flows import add, cutting, events
from lamina.flows.cutting import Stream
from lamina.flows.encode import keep
from lamina.flows.making import make_anew
from lamina.govern.access import grant
from lamina.index.compare import row_differences, vector_differences
from lamina.segment.gaps import event_id
from lamina.segment.surprise import Cutting, boundaries
from lamina.store.sqlite.reading import SqliteReading
from lamina.testing.fakes import FakeClock

#: Small, so that short talks have many events, and some end for their size.
SMALL = Cutting(width=3, gamma=0.5, floor=0.35, recent=6, fewest=2, smallest=2, largest=12)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
#: Ways to say one thing: what it is about, how much is said, the minute if one is known, an order if one is given.
MESSAGES = st.tuples(
    st.integers(0, 3),
    st.sampled_from([5, 70, 300]),
    st.none() | st.integers(0, 400),
    st.none() | st.integers(0, 12),
    st.sampled_from(["s", "s", "s", None]),
)
STEPS = st.one_of(
    st.tuples(st.just("add"), st.lists(MESSAGES, min_size=1, max_size=14), st.booleans()),
    st.tuples(st.just("keep"), st.integers(1, 9), st.integers(0, 99)),
    st.tuples(st.just("flush"), st.none(), st.none()),
    st.tuples(st.just("delete"), st.integers(0, 99), st.none()),
    st.tuples(st.just("update"), st.integers(0, 99), MESSAGES),
    st.tuples(st.just("deliver again"), st.integers(0, 99), MESSAGES),
    st.tuples(st.just("erase"), st.integers(1, 10), st.integers(0, 99)),
)


class MatterEncoder:
    """A text's first word is what it is about, and gives its direction; the rest blurs it."""

    identity = EncoderId(name="matter", model="matter@1", width=8)

    def encode(self, texts: Sequence[str]) -> memoryview:
        vectors = np.stack([self._vector(text.removeprefix("Ada: ")) for text in texts])
        return np.ascontiguousarray(vectors, dtype=np.float32).data

    def spans(self, text: str, *, reserved_tokens: int = 0) -> list[tuple[int, int]]:
        return [(0, len(text))] if len(text) < 200 else [(0, 200), (200, len(text))]

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def _vector(self, text: str) -> np.ndarray:
        matter = np.eye(8)[sum(map(ord, text[:2])) % 8]
        blur = np.random.default_rng(list(text.encode()[:80])).normal(size=8)
        vector = matter + 0.25 * blur
        return vector / np.linalg.norm(vector)


def text_of(number: int, message: tuple[Any, ...]) -> str:
    about, length, *_ = message
    return f"m{about} {number} ".ljust(length, "x")


def at_of(message: tuple[Any, ...]) -> str:
    return "unknown" if message[2] is None else (NOON + timedelta(minutes=message[2])).isoformat()


@contextmanager
def opened(path: Path) -> Iterator[Memory]:
    with Memory(path, encoder=MatterEncoder(), clock=FakeClock()) as memory:
        memory._rules = replace(memory._rules, cutting=SMALL)
        yield memory


class Life:
    """A file, two that have it open, and what was said so far."""

    def __init__(self, here: Memory, there: Memory) -> None:
        self.here, self.there = here, there
        self.count = 0
        self.ids: list[str] = []

    def take(self, step: tuple[Any, ...], who: Memory) -> None:
        name, first, second = step
        if name == "add":
            said = [self.message(message) for message in first]
            calls = [said] if second else [[one] for one in said]
            self.ids += [record.id for call in calls for record in who.add(call).stored]
        elif name == "keep":
            with who._store.read() as reading:
                waiting = reading.waiting(scope=grant(who.scope), limit=50)
            chosen = np.random.default_rng(second).permutation(len(waiting))[:first]
            vectors = embed_waiting([waiting[place] for place in chosen], who._encoder) if waiting else []
            keep(who._store, who._encoder, vectors, rules=who._rules, clock=who._clock)
        elif name == "flush":
            who.flush()
        elif name == "erase":
            chosen = np.flatnonzero(np.random.default_rng(second).random(self.count) < first / 10)
            meant = {"external_id": {"in": ["none", *(str(place + 1) for place in chosen)]}}
            gone = {one.record_id for one in who.erase(filters=meant, wait=False).operations}
            self.ids = [name for name in self.ids if name not in gone]
        elif self.ids:
            self.revise(name, self.ids[first % len(self.ids)], second, who)

    def message(self, message: tuple[Any, ...]) -> dict[str, Any]:
        self.count += 1
        *_, order, session = message
        return {
            "role": "user",
            "name": "Ada",
            "content": text_of(self.count, message),
            "at": at_of(message),
            "order": order,
            "session": session,
            "external_id": str(self.count),
        }

    def revise(self, name: str, record_id: str, message: tuple[Any, ...] | None, who: Memory) -> None:
        record = who.get(record_id)
        if name == "deliver again" and message is not None:
            again = {"role": "user", "name": "Ada", "content": text_of(999, message), "external_id": record.external_id}
            who.add({**again, "session": record.session, "order": record.order, "at": at_of(message)})
        elif record.state != "active":
            return
        elif name == "update" and message is not None:
            self.count += 1
            who.update(record_id, text=text_of(self.count, message), at=at_of(message))
        else:
            who.delete(record_id)


def streams_of(memory: Memory) -> list[list[StreamRow]]:
    wall = grant(memory.scope)
    with memory._store.read() as reading:
        return [
            list(itertools.chain(*Stream(grant(scope), session, memory._rules).pages(reading, None)))
            for scope, session in reading.streams(wall=wall)
        ]


def by_definition(rows: list[StreamRow], memory: Memory) -> dict[str, str]:
    """Give the event of each row: stretches by pauses, each cut by itself as a whole, the first-arrived names it."""
    stretches: list[list[StreamRow]] = []
    for row in rows:
        former = stretches[-1][-1].at_us if stretches else None
        is_near = former is None or row.at_us is None or abs(row.at_us - former) <= memory._rules.gap_us
        if stretches and is_near:
            stretches[-1].append(row)
        else:
            stretches.append([row])
    found = {}
    for stretch in stretches:
        ends = [0, *boundaries(cutting.rows_of(stretch, width=8), SMALL), len(stretch)]
        for first, end in itertools.pairwise(ends):
            members = stretch[first:end]
            name = event_id(min(members, key=lambda row: row.spot.arrived).record_id)
            found |= {row.record_id: name for row in members}
    return found


def check(life: Life) -> None:
    for rows in streams_of(life.here):
        assert {row.record_id: row.event_id for row in rows} == by_definition(rows, life.here)
    # A process that only reads learns of every change by the numbers of operations.
    scope = grant(life.there.scope)
    with life.there._indexes.sight(life.there._store, scope=scope) as sight:
        for wall, view in zip(sight.walls, sight.union.views, strict=True):
            end = sight.reading.ends(scope=scope)[wall]
            anew = make_anew(life.there._indexes.making, sight.reading, wall, end, scope=scope)
            assert list(row_differences(view, anew.view())) == []
            assert list(vector_differences(view.vectors.parts, anew.view().vectors.parts)) == []


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "PAGE_ROWS", 7)
    monkeypatch.setattr(events, "PIECE_ROWS", 9)
    # The same ids in the same order, whichever memory.
    monkeypatch.setattr(add, "new_ulid", lambda _: f"id {next(_numbers):05}")


_numbers = itertools.count()


@settings(max_examples=300)
@given(steps=st.lists(st.tuples(STEPS, st.booleans()), min_size=1, max_size=14))
def test_streaming_equals_batch(steps: list[tuple[Any, bool]]) -> None:
    global _numbers
    _numbers = itertools.count()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        with opened(path / "life.db") as here, opened(path / "life.db") as there:
            life = Life(here, there)
            for step, is_here in steps:
                life.take(step, here if is_here else there)
                check(life)
            report = here.verify()
            assert report.findings == ()
            here.flush()
            check(life)


#: One talk, in whose session every message has its place: what it is about, how much is said, the minute if known.
TALKS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([5, 70, 300]), st.none() | st.integers(0, 200)),
    min_size=1,
    max_size=40,
)


def events_of(path: Path, deliver: Callable[[Memory], None]) -> set[frozenset[str]]:
    with opened(path) as memory:
        deliver(memory)
        memory.flush()
        assert memory.verify().findings == ()
        events: dict[str | None, set[str]] = {}
        for record in memory.get_all():
            events.setdefault(record.event_id, set()).add(record.text)
    assert None not in events
    return {frozenset(texts) for texts in events.values()}


def one_by_one(memory: Memory, said: Sequence[dict[str, Any]]) -> None:
    for message in said:
        memory.add(message)
        memory.flush()


def at_once(memory: Memory, said: Sequence[dict[str, Any]]) -> None:
    memory.add(said)


def in_parts(memory: Memory, said: Sequence[dict[str, Any]], chance: np.random.Generator) -> None:
    for part in np.array_split(np.array(said), chance.integers(1, len(said) + 1)):
        memory.add(part.tolist())
        if chance.random() < 0.5:
            memory.flush()


def killed_in_between(path: Path, said: Sequence[dict[str, Any]], chance: np.random.Generator) -> int:
    """Deliver in another process that kills itself at some statement, again and again; gives how often it was."""
    kills = 0
    # One message takes some seventy statements in all.
    statements = int(chance.integers(5, 60))
    while True:
        # What a child takes of them is not known here.
        next(itertools.islice(_numbers, 99, None))
        child = os.fork()
        if not child:
            _die_after(statements)
            try:
                with opened(path) as memory:
                    one_by_one(memory, said)
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                raise
            finally:
                sys.stderr.flush()
                os._exit(1)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            assert os.waitstatus_to_exitcode(status) == 0
            return kills
        kills, statements = kills + 1, statements + int(chance.integers(40, 400))


def _die_after(statements: int) -> None:
    run, left = SqliteReading._run, itertools.count(statements, -1)

    def counted(self: SqliteReading, *arguments: Any, **values: Any) -> Any:
        if next(left) <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return run(self, *arguments, **values)

    SqliteReading._run = counted  # type: ignore[method-assign]


@settings(max_examples=25)
@given(talk=TALKS, seed=st.integers(0, 2**32 - 1))
def test_one_by_one_at_once_out_of_order_and_killed_in_between_give_the_same_events(talk: list[Any], seed: int) -> None:
    chance = np.random.default_rng(seed)
    said = [
        {
            "role": "user",
            "name": "Ada",
            "content": text_of(place, message),
            "at": at_of(message),
            "order": place,
            "session": "s",
            "external_id": str(place),
        }
        for place, message in enumerate(talk)
    ]
    mixed = [said[place] for place in chance.permutation(len(said))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        expected = events_of(path / "at once.db", lambda memory: at_once(memory, said))
        assert events_of(path / "one by one.db", lambda memory: one_by_one(memory, said)) == expected
        assert events_of(path / "out of order.db", lambda memory: one_by_one(memory, mixed)) == expected
        assert events_of(path / "in parts.db", lambda memory: in_parts(memory, mixed, chance)) == expected
        assert killed_in_between(path / "killed.db", mixed, chance) > 0
        assert events_of(path / "killed.db", lambda memory: at_once(memory, said)) == expected
