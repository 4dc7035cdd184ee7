"""Upkeep of what is derived: built anew, made small, mended. The records and the log are never touched."""

from collections.abc import Iterable, Sequence

from lamina.core.grant import Granted
from lamina.core.protocols import Finding, Store
from lamina.core.reports import Compaction, Progress
from lamina.core.scope import Administration, Scope, Wall
from lamina.core.time import Clock
from lamina.flows.cutting import Rules
from lamina.flows.events import cut_anew
from lamina.flows.indexes import Indexes
from lamina.flows.making import Making, make, make_anew
from lamina.flows.publish import all_segments, keep_segments, publish
from lamina.govern.access import grant

#: What `verify` calls the checks of where observations lie.
EVENT_CHECKS = frozenset({"event", "events"})
#: What `verify` calls the checks of data that can be made again from the records.
DERIVED_CHECKS = frozenset({"index", "vectors", *EVENT_CHECKS})


def reindex(
    store: Store,
    making: Making,
    *,
    scope: Granted[Administration],
    rules: Rules,
    clock: Clock,
    on_progress: Progress | None = None,
) -> int:
    """Cut every wall's events anew, and throw away what is kept of its index, and build and keep that anew.

    Gives how many walls that were.
    """
    walls = _walls(store, scope=scope)
    for done, wall in enumerate(walls):
        _tell(on_progress, done, len(walls))
        cut_anew(store, (wall,), rules=rules, clock=clock, all_walls=True)
        _index_anew(store, making, wall)
    _tell(on_progress, len(walls), len(walls))
    return len(walls)


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
            with indexes.sight(store, scope=grant(Scope.of(wall))):
                pass
            publish(indexes, store, walls=[wall], least=1)
        else:
            _keep_made(store, indexes.making, wall)
    store.reclaim()
    _tell(on_progress, len(walls), len(walls))
    return Compaction(walls=len(walls), bytes_before=before, bytes_after=store.file_bytes())


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
    """Build an index out of the records, and put it in the place of what is kept at once: no reader finds nothing."""
    within = grant(Scope.of(wall))
    with store.read() as reading:
        view = make_anew(making, reading, wall, reading.ends(scope=within)[wall], scope=within).view()
    with store.write() as writing:
        is_current = writing.ends(scope=within)[wall].epoch == view.epoch
        writing.drop_segments(wall=within)
        if is_current and store.file_bytes():
            epoch = writing.ends(scope=within)[wall].epoch
            for producer, segments in all_segments(making, view):
                for segment in segments:
                    writing.publish(producer, segment, wall=within, epoch=epoch)


def _keep_made(store: Store, making: Making, wall: Wall) -> None:
    """Keep the index of a wall that this process has not in memory, and let go of it."""
    within = grant(Scope.of(wall))
    with store.read() as reading:
        made = make(making, reading, wall, reading.ends(scope=within)[wall], scope=within)
    view = made.index.view()
    if store.file_bytes() and (view.reach, view.vector_reach) != (made.kept_number, made.kept_vector):
        keep_segments(store, making, wall, view, full_rows=made.full_rows, full_vectors=made.full_vectors)


def _walls(store: Store, *, scope: Granted[Administration]) -> Sequence[Wall]:
    with store.read() as reading:
        return reading.walls(scope=scope)


def _tell(on_progress: Progress | None, done: int, of: int) -> None:
    if on_progress is not None:
        on_progress(done, of)
