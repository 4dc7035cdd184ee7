"""Verbs that change what is there: every one is an operation in the log, and gives a receipt.

A change is about one record by its id, about those that `filters` leave, or about all; always in exactly one wall, the
caller's own. Many are changed page by page, each page in a transaction of its own: what is done stays done, and the
same call again goes on where it was stopped.
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Unpack

from lamina.core.errors import InvalidArgument
from lamina.core.filter_shapes import Filters
from lamina.core.filters import Filter
from lamina.core.grant import Right
from lamina.core.operations import LogQuery
from lamina.core.receipts import Receipt
from lamina.core.records import Metadata
from lamina.core.reports import Progress
from lamina.core.scope import ScopeKeys, Wall
from lamina.core.text import checked_id, counted
from lamina.flows import erase as erase_flow
from lamina.flows import revert as revert_flow
from lamina.flows import revise as revise_flow
from lamina.flows.bulk import Act, Many
from lamina.flows.intake import read_asked, read_revision
from lamina.ingest.messages import Defaults
from lamina.verbs.opened import Opened


class Changing(Opened):
    """The verbs by which records change."""

    def update(  # noqa: PLR0913  # each is a keyword of its own to those who ask
        self,
        record_id: str | None = None,
        *,
        filters: Filters | None = None,
        text: str | None = None,
        speaker: str | None = None,
        at: datetime | str | float | None = None,
        metadata: Metadata | None = None,
        sensitivity: str | None = None,
        timezone: tzinfo | str | None = None,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Receipt:
        """Put new revisions in the place of active ones; the former stay in `history`.

        `sensitivity` is the label; `""` lifts it. Who sees a record and may change it may label it.

        Raises:
            NotFound: no such record in the caller's own wall.
            InvalidArgument: nothing to change, or something that cannot be kept; both an id and filters, or neither.
            InvalidTransition: the record is withdrawn.
        """
        arguments = Defaults(
            at=at, metadata=metadata, sensitivity=sensitivity, timezone=timezone, now=self._clock.now()
        )
        gate = self._gate(self._seen(scope, Right.WRITE))
        revision = read_revision(text, speaker, arguments, gate, max_text_bytes=self.settings.max_text_bytes)
        name, asked = self._addressed(record_id, filters, timezone=timezone)
        if name is None:
            act = revise_flow.updating(revision, scope=self._seen(scope, Right.WRITE))
            return self._change_all(Many(asked), act, on_progress, scope)
        return revise_flow.update(
            self._opened(), name, revision, scope=self._seen(scope, Right.WRITE), clock=self._clock, rules=self._rules
        )

    def delete(
        self,
        record_id: str | None = None,
        *,
        filters: Filters | None = None,
        timezone: tzinfo | str | None = None,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Receipt:
        """Withdraw records (with a document, its passages): not recalled any more, history kept; see `restore`.

        Raises:
            NotFound: no such record in the caller's own wall.
            InvalidArgument: both an id and filters, or neither; a filter that cannot be meant.
            InvalidTransition: it is withdrawn already.
        """
        name, asked = self._addressed(record_id, filters, timezone=timezone)
        if name is None:
            return self._change_all(Many(asked), revise_flow.withdraw, on_progress, scope)
        return revise_flow.delete(
            self._opened(), name, scope=self._seen(scope, Right.WRITE), clock=self._clock, rules=self._rules
        )

    def delete_all(self, *, on_progress: Progress | None = None, **scope: Unpack[ScopeKeys]) -> Receipt:
        """Withdraw everything in the caller's own wall that the scope's agent and run see."""
        return self._change_all(Many(None), revise_flow.withdraw, on_progress, scope)

    def restore(
        self,
        record_id: str | None = None,
        *,
        filters: Filters | None = None,
        timezone: tzinfo | str | None = None,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Receipt:
        """Make withdrawn and archived records active again (with a document, the passages that went with it).

        Raises:
            NotFound: no such record in the caller's own wall.
            InvalidArgument: both an id and filters, or neither; a filter that cannot be meant.
            InvalidTransition: it is active.
        """
        name, asked = self._addressed(record_id, filters, timezone=timezone)
        if name is None:
            act = revise_flow.bringing_back(scope=self._seen(scope, Right.WRITE))
            return self._change_all(Many(asked, revise_flow.GONE), act, on_progress, scope)
        return revise_flow.restore(
            self._opened(), name, scope=self._seen(scope, Right.WRITE), clock=self._clock, rules=self._rules
        )

    def revert(
        self,
        operations: int | range | Receipt | None = None,
        *,
        commit: int | Sequence[int] | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Receipt:
        """Take back operations of the caller's own wall: all of them in one transaction, or none.

        One by its number, a range of numbers, one commit or several, or all that a receipt names. Taking back is an
        operation too, and can be taken back. Where later operations of callers or policies stand on the same record, it
        is refused.

        Raises:
            NotFound: no such operation of a caller or policy.
            CannotRevert: later operations stand on one of them (named in `blockers`), or its words are erased.
            InvalidArgument: neither operations nor a commit, or both.
        """
        granted = self._seen(scope, Right.WRITE)
        asked = _log_query(operations, commit, wall=granted.value.wall)
        return revert_flow.revert(self._opened(), asked, scope=granted, clock=self._clock, rules=self._rules)

    def erase(
        self,
        record_id: str | None = None,
        *,
        filters: Filters | None = None,
        all: bool = False,  # noqa: A002  # what it is called where `erase(all=True)` is written
        timezone: tzinfo | str | None = None,
        wait: bool = True,
        destroy_key: bool = False,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Receipt:
        """Destroy the words of records, with all their revisions and what was made of them; nothing brings them back.

        Unreadable when it returns. `Receipt.scrubbed` says whether the bytes are gone from the files too: that needs
        the file to be written anew, and no reader from before; else the next `erase`, or closing the last handle, does
        it. `wait=False` leaves it to these. `filters` also ask former revisions, and records that are withdrawn.
        `destroy_key=True`, beside `all=True` in an encrypted file, destroys the key of the wall before anything else:
        all of it is unreadable at once. A copy of the file that was made before holds that key still.

        Raises:
            NotFound: no such record in the caller's own wall.
            InvalidArgument: other than exactly one of an id, filters and `all=True`; `destroy_key=True` without
                `all=True`, for one agent or run alone, or where the file is not encrypted.
            UnderLegalHold: a hold covers the record, or with `destroy_key=True` anything in the wall.
            StoreBusy, StoreFull: the file could not be written anew; what is erased is erased, and waits for that.
        """
        granted, clock, rules = self._granted(scope), self._clock, self._rules
        if destroy_key and not all:
            raise InvalidArgument("destroy_key", "is said without `all`", "say all=True, or leave it out")
        if not all:
            name, asked = self._addressed(record_id, filters, timezone=timezone)
            if name is not None:
                return erase_flow.erase(self._opened(), name, scope=granted, clock=clock, rules=rules, wait=wait)
        elif record_id is not None or filters is not None:
            raise InvalidArgument("all", "is said beside an id or filters", "name one of the three")
        else:
            asked = None
        if destroy_key:
            return erase_flow.destroy(self._opened(), scope=granted, clock=clock, wait=wait, on_progress=on_progress)
        return erase_flow.erase_many(
            self._opened(), asked, scope=granted, clock=clock, rules=rules, wait=wait, on_progress=on_progress
        )

    def _addressed(
        self, record_id: str | None, filters: Filters | None, *, timezone: tzinfo | str | None
    ) -> tuple[str | None, Filter | None]:
        """Give the id, or the filters where there is none."""
        if (record_id is None) == (filters is None):
            raise InvalidArgument("record_id", "and `filters` are both given, or neither", "name one of the two")
        return None if record_id is None else checked_id(record_id), read_asked(filters, timezone=timezone)

    def _change_all(self, many: Many, act: Act, on_progress: Progress | None, scope: ScopeKeys) -> Receipt:
        granted, clock, rules = self._seen(scope, Right.WRITE), self._clock, self._rules
        return revise_flow.change_all(
            self._opened(), many, act, scope=granted, clock=clock, rules=rules, on_progress=on_progress
        )


def _log_query(operations: int | range | Receipt | None, commit: int | Sequence[int] | None, *, wall: Wall) -> LogQuery:
    """Read which operations are to be taken back."""
    if (operations is None) == (commit is None):
        raise InvalidArgument("operations", "and `commit` are both given, or neither", "name one of the two")
    if commit is not None:
        return LogQuery(commits=counted(commit, argument="commit"))
    if not isinstance(operations, Receipt):
        return LogQuery(numbers=counted(operations, argument="operations"))
    if any(one.wall != wall for one in operations.operations):
        advice = "name the user and tenant of the call that gave it"
        raise InvalidArgument("operations", "is a receipt of another user's memory", advice)
    return LogQuery(numbers=counted([one.number for one in operations.operations], argument="operations"))
