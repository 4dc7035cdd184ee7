"""Browsing: what is there, page by page, record by record, without a question."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from lamina.core.clocks import PRESENT, Clocks
from lamina.core.errors import NotFound
from lamina.core.filters import Filter, holds
from lamina.core.grant import Granted
from lamina.core.lifecycle import State
from lamina.core.operations import HistoryEntry
from lamina.core.protocols import Store
from lamina.core.records import Record
from lamina.core.rows import Listing
from lamina.core.scope import Scope
from lamina.flows.past import PAGE, THERE, as_said


class Records(Iterator[Record]):
    """The records of a listing in the order of arrival, read page by page as they are asked for.

    `cursor` says where to go on after the last record that was handed out, in another call or another process.
    """

    def __init__(
        self,
        store: Store,
        listing: Listing,
        *,
        see: Callable[[], Granted[Scope]],
        limit: int | None,
        filters: Filter | None = None,
        clocks: Clocks = PRESENT,
    ) -> None:
        """Begin after `listing.after`; `limit` bounds how many of those that filters and clocks leave are given.

        `see` gives the scope, and is asked for each page: a grant may be gone by then.
        """
        self._store, self._see, self._clocks = store, see, clocks
        self._listing = replace(listing, states=THERE) if clocks.are_set else listing
        self._left = limit
        self._looked_at = 0
        self._filters = filters
        self._page: list[tuple[Record, str]] = []
        self._is_last_page = False
        #: The cursor after the last record read.
        self._turned: str | None = listing.after
        #: The cursor after the last record handed out; None before the first.
        self.cursor: str | None = listing.after

    def __next__(self) -> Record:
        """Give the next record, reading the next page where the last one is used up."""
        if self._left == 0:
            raise StopIteration
        while not self._page and not self._is_last_page:
            self._turn()
        if not self._page:
            raise StopIteration
        record, self.cursor = self._page.pop(0)
        if self._left is not None:
            self._left -= 1
        return record

    def _turn(self) -> None:
        size = PAGE if self._left is None or self._filters is not None else min(PAGE, self._left)
        if self._clocks.are_set:
            # Most stands as it stood; where it does not, further pages are longer.
            size = min(PAGE, size + size // 4 + self._looked_at)
            self._looked_at += size
        scope = self._see()
        with self._store.read() as reading:
            page = reading.page(replace(self._listing, after=self._turned, limit=size), scope=scope)
            told = as_said(reading, page.records, self._clocks, scope=scope)
        cursors = zip(page.records, page.cursors, strict=True)
        listed = [(told[record.id], cursor) for record, cursor in cursors if record.id in told]
        self._page = [each for each in listed if self._is_asked(each[0])]
        self._turned = page.cursors[-1] if page.cursors else self._turned
        self._is_last_page = len(page.records) < size

    def _is_asked(self, record: Record) -> bool:
        if self._clocks.are_set and record.state is not State.ACTIVE:
            return False
        return self._filters is None or holds(self._filters, record)


def history(store: Store, record_id: str, *, scope: Granted[Scope]) -> tuple[HistoryEntry, ...]:
    """Give the operations on a record with the revisions that they made or moved, oldest first.

    Raises:
        NotFound: no such record in the scope.
    """
    with store.read() as reading:
        revisions = {record.revision: record for record in reading.revisions(record_id, scope=scope)}
        operations = reading.operations(record_id, scope=scope)
    if not revisions:
        raise NotFound(record_id)
    # A former revision may bear a label that who asks does not see, and the one that took its place none.
    shown = [operation for operation in operations if operation.revision in revisions]
    return tuple(HistoryEntry(operation=operation, record=revisions[operation.revision]) for operation in shown)
