"""Records by two clocks: each as it was what it said, as it was known then. See `core.clocks`."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from lamina.core.clocks import Clocks, begin_of, said
from lamina.core.grant import Granted
from lamina.core.layers import Kind
from lamina.core.lifecycle import State
from lamina.core.operations import Operation
from lamina.core.protocols import Reading
from lamina.core.records import Record
from lamina.core.rows import Counts, Listing
from lamina.core.scope import Scope

#: Every state but that of what is gone.
THERE = tuple(state for state in State if state is not State.ERASED)
#: Records that are looked at together.
PAGE = 500


def as_said(
    reading: Reading, records: Collection[Record], clocks: Clocks, *, scope: Granted[Scope]
) -> dict[str, Record]:
    """Give what records were by these clocks, by id, each in the state in which it was then.

    `records` are as they are now. One that was not there yet, of which nothing had begun to hold, or of which that is
    erased, is left out.
    """
    if not clocks.are_set:
        return {record.id: record for record in records}
    operations = reading.operations_on([record.id for record in records], scope=scope)
    revisions = _revisions(reading, records, operations, scope=scope)
    found = {}
    for record in records:
        known = revisions[record.id]
        told = said(operations[record.id], {number: begin_of(one) for number, one in known.items()}, clocks)
        if told is not None:
            revision, state = told
            found[record.id] = replace(known[revision], state=state)
    return found


def there_then(reading: Reading, listing: Listing, clocks: Clocks, *, scope: Granted[Scope]) -> Iterator[Record]:
    """Give the records that a listing is about, whatever its states, as they were by these clocks."""
    asked = replace(listing, states=THERE, limit=PAGE)
    while True:
        page = reading.page(asked, scope=scope)
        yield from as_said(reading, page.records, clocks, scope=scope).values()
        if len(page.records) < PAGE:
            return
        asked = replace(asked, after=page.cursors[-1])


def counts_then(reading: Reading, clocks: Clocks, *, scope: Granted[Scope]) -> Counts:
    """Count what was there by these clocks; vectors and what waits for one are those of now."""
    records: dict[str, Counter[str]] = {}
    sessions, text_bytes, size = set(), 0, 0
    for record in there_then(reading, Listing(kinds=tuple(Kind)), clocks, scope=scope):
        records.setdefault(str(record.kind), Counter())[str(record.state)] += 1
        sessions.add((record.scope.wall, record.session))
        text_bytes += len(record.text.encode())
        size += 1
    return replace(
        reading.counts(scope=scope),
        records={kind: dict(states) for kind, states in records.items()},
        revisions=size,
        sessions=len({session for session in sessions if session[1] is not None}),
        text_bytes=text_bytes,
    )


def _revisions(
    reading: Reading, records: Iterable[Record], operations: dict[str, list[Operation]], *, scope: Granted[Scope]
) -> dict[str, dict[int, Record]]:
    """Give the revisions of records that have their words still, by record and number."""
    found = {}
    for record in records:
        is_alone = all(operation.revision == record.revision for operation in operations[record.id])
        every = [record] if is_alone else reading.revisions(record.id, scope=scope)
        found[record.id] = {one.revision: one for one in every if one.state is not State.ERASED}
    return found
