"""Cutting a stream into the runs of rows that each make an event, from its beginning or from any spot on.

A stream is the observations of one wall, session, agent and run, in their order. Pauses part it into stretches, and
surprises part these into events. Which runs there are follows from the stream as it stands, from its rows, times and
stored vectors, whatever came when and in however many calls. Going on at a spot, where all before it lies in its events
already, looks at a bounded number of rows before. Reads, and writes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from hashlib import blake2b

from lamina.core.grant import Granted
from lamina.core.protocols import EncoderId, Reading
from lamina.core.scope import Scope
from lamina.core.streams import EventHead, Spot, StreamRow
from lamina.segment import gaps, surprise
from lamina.segment.gaps import event_id, stretch_begins
from lamina.segment.rows import rows_of
from lamina.segment.surprise import Cutting, Segmenter

#: How many rows are read at a time.
PAGE_ROWS = 128
_NO_HEAD = EventHead(0, None, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How streams are cut into events."""

    #: Whose vectors surprise.
    encoder: EncoderId
    #: The longest pause inside a stretch, in microseconds.
    gap_us: int
    #: How stretches are cut; None = not at all.
    cutting: Cutting | None

    @property
    def producer(self) -> str:
        """What makes the events."""
        return gaps.PRODUCER if self.cutting is None else surprise.PRODUCER

    @property
    def name(self) -> str:
        """A name for exactly these rules."""
        return _name_of(self.producer, self.gap_us, self.cutting)

    def of_file(self, reading: Reading) -> "Rules":
        """Give the same by the vectors that the file is searched by now: another may have changed its encoder."""
        kept = reading.encoder()
        return self if kept in (None, self.encoder) else replace(self, encoder=kept)


@cache
def _name_of(producer: str, gap_us: int, cutting: Cutting | None) -> str:
    settings = [gap_us, None if cutting is None else sorted(asdict(cutting).items())]
    return f"{producer}:{blake2b(repr(settings).encode(), digest_size=8).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Stream:
    """Which stream: that of exactly this scope and session, as some rules see it."""

    scope: Granted[Scope]
    session: str | None
    rules: Rules

    def before(self, reading: Reading, spot: Spot | None, *, limit: int) -> list[StreamRow]:
        """Give the last rows before a spot; None = the last of all."""
        return reading.stream_before(
            spot, scope=self.scope, session=self.session, encoder=self.rules.encoder, limit=limit
        )

    def pages(self, reading: Reading, since: Spot | None) -> Iterator[list[StreamRow]]:
        """Give the rows from a spot on, some at a time; None = from the first."""
        while True:
            page = reading.stream(
                scope=self.scope, session=self.session, encoder=self.rules.encoder, since=since, limit=PAGE_ROWS
            )
            yield page
            if len(page) < PAGE_ROWS:
                return
            last = page[-1].spot
            since = Spot(last.place, last.arrived + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Rows that make an event: those that were looked at, and a head before them that lies in the first one's event."""

    rows: Sequence[StreamRow]
    head: EventHead
    #: The row that begins the next run, and whether it begins a stretch; None at the end of the stream.
    follows: StreamRow | None
    ends_stretch: bool

    @property
    def first_id(self) -> str:
        """The earliest-arrived row."""
        first = min(self.rows, key=_arrival)
        if self.head.first_id is not None and self.head.first_arrived < first.spot.arrived:
            return self.head.first_id
        return first.record_id

    @property
    def event_id(self) -> str:
        """The event that the rows make."""
        return event_id(self.first_id)


def runs(reading: Reading, stream: Stream, *, start: Spot | None = None) -> Iterator[Run]:
    """Give the runs of a stream in its order, from the first that what stands at `start` or later can be part of.

    All before `start` has to lie in its events already; None = from the beginning.
    """
    cutter = _Cutter(stream.rules)
    if start is not None:
        _resume(cutter, reading, stream, start)
    for page in stream.pages(reading, start):
        yield from cutter.take(page)
    yield from cutter.end()


def _resume(cutter: "_Cutter", reading: Reading, stream: Stream, start: Spot) -> None:
    cutting, gap_us = stream.rules.cutting, stream.rules.gap_us
    wanted = 1 if cutting is None else cutting.context
    known = stream.before(reading, start, limit=wanted)
    begin = next(
        (place for place in range(len(known) - 1, 0, -1) if _begins(known, place, gap_us=gap_us)),
        0,
    )
    is_cut_off = not begin and len(known) == wanted
    head = _NO_HEAD
    if is_cut_off and known[0].event_id is not None:
        head = reading.event_head(known[0].event_id, before=known[0].spot, scope=stream.scope)
    if known:
        cutter.resume(known[begin:], head, is_cut_off=is_cut_off)


def _begins(rows: Sequence[StreamRow], place: int, *, gap_us: int) -> bool:
    return stretch_begins(rows[place - 1], rows[place], gap_us=gap_us)


class _Cutter:
    """Takes the rows of one stream in their order, and gives the runs that end; places are numbers in the stretch."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._segmenter: Segmenter | None = None
        #: The rows of the run that is open, its head, and the place of its first row.
        self._rows: list[StreamRow] = []
        self._head = _NO_HEAD
        self._first = 0

    def resume(self, known: list[StreamRow], head: EventHead, *, is_cut_off: bool) -> None:
        """Go on with a stretch of which these rows lie in their events already."""
        cutting = self._rules.cutting
        if cutting is not None:
            self._segmenter = Segmenter(
                cutting,
                context=rows_of(known, width=self._rules.encoder.width),
                begins=[place for place in range(1, len(known)) if known[place].event_id != known[place - 1].event_id],
                event=-head.size,
                is_cut_off=is_cut_off,
            )
        event = -head.size if self._segmenter is None else self._segmenter.event
        self._first = max(0, event)
        self._rows = known[self._first :]
        self._head = head if event < 0 else _NO_HEAD

    def take(self, page: Sequence[StreamRow]) -> Iterator[Run]:
        """Take the next rows, and give the runs that are known to end before some of them."""
        first = 0
        for place in range(1, len(page) + 1):
            if place == len(page) or _begins(page, place, gap_us=self._rules.gap_us):
                yield from self._take_part(page[first:place])
                first = place

    def end(self) -> Iterator[Run]:
        """Give the runs that are left."""
        yield from self._end_stretch(None)

    def _take_part(self, rows: Sequence[StreamRow]) -> Iterator[Run]:
        """Take rows among which no stretch begins, unless it is the first."""
        if not self._rows or stretch_begins(self._rows[-1], rows[0], gap_us=self._rules.gap_us):
            yield from self._end_stretch(rows[0])
            self._first = 0
            self._segmenter = None if self._rules.cutting is None else Segmenter(self._rules.cutting)
        self._rows += rows
        if self._segmenter is not None:
            for place in self._segmenter.extend(rows_of(rows, width=self._rules.encoder.width)):
                yield self._cut(place)

    def _end_stretch(self, follows: StreamRow | None) -> Iterator[Run]:
        if self._segmenter is not None:
            for place in self._segmenter.rest():
                yield self._cut(place)
        if self._rows:
            yield Run(rows=self._rows, head=self._head, follows=follows, ends_stretch=True)
        self._rows, self._head = [], _NO_HEAD

    def _cut(self, place: int) -> Run:
        count = place - self._first
        run = Run(rows=self._rows[:count], head=self._head, follows=self._rows[count], ends_stretch=False)
        self._rows, self._head, self._first = self._rows[count:], _NO_HEAD, place
        return run


def _arrival(row: StreamRow) -> int:
    return row.spot.arrived
