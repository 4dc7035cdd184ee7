"""Upkeep of what is derived: built anew, made small, mended. The records and the log are never touched."""

from collections.abc import Iterable, Sequence

from lamina.core.grant import Granted
from lamina.core.protocols import Encoder, Reading, Store
from lamina.core.reports import Compaction, Progress, Reindexing
from lamina.core.rows import LACKING, Finding
from lamina.core.scope import Administration, Scope, Wall
from lamina.core.time import Clock
from lamina.flows.cutting import Rules
from lamina.flows.encode import encode_untold, untold_texts
from lamina.flows.events import cut_anew
from lamina.flows.indexes import Indexes
from lamina.flows.making import Making, make, make_anew
from lamina.flows.publish import keep_segments, publish, replace_segments
from lamina.govern.access import grant
from lamina.index.segments import is_current

#: What `verify` calls the checks of where observations lie.
EVENT_CHECKS = frozenset({"event", "events"})
#: What `verify` calls the checks of data that can be made again from the records.
DERIVED_CHECKS = frozenset({"index", "vectors", "scores", LACKING, *EVENT_CHECKS})


def reindex(
    store: Store,
    making: Making,
    *,
    scope: Granted[Administration],
    rules: Rules,
    clock: Clock,
    encoder: Encoder | None = None,
    on_progress: Progress | None = None,
) -> Reindexing:
    """Cut every wall's events anew, and throw away what is kept of its index, and build and keep that anew.

    With an `encoder`, what was encoded without its token vectors is encoded for these.
    """
    walls = _walls(store, scope=scope)
    batches = [] if encoder is None else untold_texts(store, encoder, walls)
    total = len(walls) + sum(len(numbers) for _, numbers in batches)
    for done, wall in enumerate(walls):
        _tell(on_progress, done, total)
        cut_anew(store, (wall,), rules=rules, clock=clock, all_walls=True)
        _index_anew(store, making, wall)
    texts = 0
    for wall, numbers in batches:
        _tell(on_progress, len(walls) + texts, total)
        texts += 0 if encoder is None else encode_untold(store, encoder, wall, numbers)
    _tell(on_progress, total, total)
    return Reindexing(walls=len(walls), texts=texts)


def compact(
    store: Store, indexes: Indexes, *, scope: Granted[Administration], on_progress: Progress | None = None
) -> Compaction:
    """Keep every wall's index as it is now, and give the room of what is gone back to the file system.

    Raises:
        StoreBusy: other writers kept the file for longer than the busy timeout.
        StoreFull: there was no room for the smaller copy beside the file.
    """
    before = store.file_bytes()
    walls, in_memory = _walls(store, scope=scope), {wall for wall, _ in indexes.in_memory()}
    for done, wall in enumerate(walls):
        _tell(on_progress, done, len(walls))
        if wall in in_memory:
            _keep_held(store, indexes, wall)
        else:
            _keep_made(store, indexes.making, wall)
    waiting = store.reclaim()
    _tell(on_progress, len(walls), len(walls))
    return Compaction(walls=len(walls), bytes_before=before, bytes_after=store.file_bytes(), waiting_bytes=waiting)


def mend(
    store: Store,
    making: Making,
    findings: Iterable[Finding],
    *,
    scope: Granted[Administration],
    rules: Rules,
    clock: Clock,
) -> tuple[Finding, ...]:
    """Make derived data right of which `findings` speak, and give those; the others are left alone."""
    derived = tuple(finding for finding in findings if finding.check in DERIVED_CHECKS)
    if derived:
        with store.write() as writing:
            writing.mend()
        # Vectors that fit no text are gone now, and parted events.
        reindex(store, making, scope=scope, rules=rules, clock=clock)
    return derived


def _index_anew(store: Store, making: Making, wall: Wall) -> None:
    """Build an index out of the records, and put it in the place of what is kept."""
    within = grant(Scope.of(wall))
    is_done = False
    while not is_done:
        with store.read() as reading:
            view = make_anew(making, reading, wall, reading.ends(scope=within)[wall], scope=within).view()
        is_done = replace_segments(store, making, wall, view)


def _keep_held(store: Store, indexes: Indexes, wall: Wall) -> None:
    """Keep the index of a wall that this process holds, in the place of segments that nothing reads any more."""
    within = grant(Scope.of(wall))
    with indexes.sight(store, scope=within) as sight:
        has_strangers = _has_strangers(sight.reading, wall)
    indexes.held(wall).is_broken |= has_strangers
    publish(indexes, store, walls=[wall], least=1)


def _keep_made(store: Store, making: Making, wall: Wall) -> None:
    """Keep the index of a wall that this process has not in memory likewise, and let go of it."""
    within = grant(Scope.of(wall))
    with store.read() as reading:
        made = make(making, reading, wall, reading.ends(scope=within)[wall], scope=within)
        has_strangers = _has_strangers(reading, wall)
    view = made.index.view()
    if made.problems or has_strangers:
        replace_segments(store, making, wall, view)
    elif store.file_bytes() and (view.reach, view.vector_reach) != (made.kept_number, made.kept_vector):
        keep_segments(store, making, wall, view, full_rows=made.full_rows, full_vectors=made.full_vectors)


def _has_strangers(reading: Reading, wall: Wall) -> bool:
    """Say whether segments of another layout are kept of a wall."""
    return not all(map(is_current, reading.producers(wall=wall, scope=grant(Scope.of(wall)))))


def _walls(store: Store, *, scope: Granted[Administration]) -> Sequence[Wall]:
    with store.read() as reading:
        return reading.walls(scope=scope)


def _tell(on_progress: Progress | None, done: int, of: int) -> None:
    if on_progress is not None:
        on_progress(done, of)
