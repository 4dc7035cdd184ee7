"""Publishing: indexes that a process holds are kept in the file, in parts of at most 8 MB, off every reader's path.

Packing reads a view, so that nobody waits for it; each part is written in a transaction of its own, the tail last, and
only where no other process has kept as much. An index is derived: what cannot be kept now, the next one keeps.
"""

from collections.abc import Iterator, Sequence

from lamina.core.errors import StoreError
from lamina.core.protocols import Store
from lamina.core.rows import Segment
from lamina.core.scope import Scope, Wall
from lamina.flows.indexes import Held, Indexes
from lamina.flows.making import Making
from lamina.govern.access import grant
from lamina.index.scope_index import IndexView
from lamina.index.segments import row_segments, vector_segments

#: So many rows or vectors have to be new before an index is kept again, and a quarter of what its tail holds.
LEAST_NEW = 512
NEW_SHARE = 0.25
#: So many and they are kept by the call that added them, not only by `flush` and `close`.
MOST_NEW = 4096


def publish(indexes: Indexes, store: Store, *, walls: Sequence[Wall] | None = None, least: int = LEAST_NEW) -> None:
    """Keep the indexes to which enough has come, at least `least` rows or vectors (1 = whatever is new).

    A file that cannot be written now is left as it is.
    """
    if not store.file_bytes():
        return
    for wall, held in indexes.in_memory():
        if walls is None or wall in walls:
            try:
                if least <= LEAST_NEW:
                    _cut_erased(indexes, store, wall, held)
                with held.lock:
                    view = None if held.index is None else held.index.view()
                if view is None or not (held.is_broken or _is_due(held, view, least)):
                    continue
                if held.is_broken:
                    held.is_broken = not replace_segments(store, indexes.making, wall, view)
                else:
                    _publish(indexes, store, wall, held, view)
            except StoreError as error:
                indexes.failure = str(error)
                return
            indexes.failure = None


def keep_segments(
    store: Store,
    making: Making,
    wall: Wall,
    view: IndexView,
    *,
    full_rows: int = 0,
    full_vectors: int = 0,
) -> bool:
    """Keep a view, of which some full parts are kept already; says whether anything of it was not kept by another."""
    is_kept = False
    for producer, parts in all_segments(making, view, full_rows=full_rows, full_vectors=full_vectors):
        for segment in parts:
            with store.write() as writing:
                is_kept |= writing.publish(producer, segment, wall=grant(Scope.of(wall)), epoch=view.epoch)
    return is_kept


def all_segments(
    making: Making, view: IndexView, *, full_rows: int = 0, full_vectors: int = 0
) -> list[tuple[str, Iterator[Segment]]]:
    """Give the segments of a view by producer, rows and then vectors, without full parts that are kept already."""
    return [
        (making.rows_producer, row_segments(view, kept=full_rows)),
        (making.vectors_producer, vector_segments(view, kept=full_vectors)),
    ]


def replace_segments(store: Store, making: Making, wall: Wall, view: IndexView) -> bool:
    """Put a view in the place of all that is kept of a wall's index at once, so that no reader finds nothing.

    Says whether it did: not where something was erased meanwhile.
    """
    within = grant(Scope.of(wall))
    with store.write() as writing:
        if writing.ends(scope=within)[wall].epoch != view.epoch:
            return False
        writing.drop_segments(wall=within)
        epoch = writing.ends(scope=within)[wall].epoch
        for producer, segments in all_segments(making, view) if store.file_bytes() else ():
            for segment in segments:
                writing.publish(producer, segment, wall=within, epoch=epoch)
    return True


def _cut_erased(indexes: Indexes, store: Store, wall: Wall, held: Held) -> None:
    """Cut what was erased since the last read out of an index: the file keeps none, and building one takes long."""
    scope = grant(Scope.of(wall))
    with store.read() as reading:
        end = reading.ends(scope=scope).get(wall)
    if end is not None and held.index is not None and held.index.epoch != end.epoch:
        with indexes.sight(store, scope=scope):
            pass


def _publish(indexes: Indexes, store: Store, wall: Wall, held: Held, view: IndexView) -> None:
    is_kept = keep_segments(store, indexes.making, wall, view, full_rows=held.full_rows, full_vectors=held.full_vectors)
    indexes.count("publications", int(is_kept))
    with held.lock:
        if held.index is not None and held.index.epoch == view.epoch:
            # Where another process was first, what it kept is as good: full parts are the same in every process.
            held.full_rows, held.kept_number = len(view.postings.parts), view.reach
            held.full_vectors, held.kept_vector = view.vectors.full_count, view.vector_reach


def _is_due(held: Held, view: IndexView, least: int) -> bool:
    """Say whether so much has come that an index is worth keeping again."""
    fresh = max(view.reach - held.kept_number, view.vector_reach - held.kept_vector)
    tail = len(view) - view.postings.tail_first
    return min(fresh, len(view)) >= max(least, NEW_SHARE * tail if held.kept_number and least > 1 else 0)
