"""What every verb of a memory rests on: the parts that were opened, the scope of a call, closing.

Opening starts no thread and loads no model.
"""

import os
from datetime import tzinfo
from types import TracebackType
from typing import Self

from lamina.core.clocks import Clocks
from lamina.core.errors import InvalidArgument, MemoryClosed, NotGranted, UsedAfterFork
from lamina.core.grant import Granted, Right
from lamina.core.protocols import Encoder, Store
from lamina.core.reports import Progress
from lamina.core.scope import Administration, ReadKeys, Scope, ScopeKeys, scope_from
from lamina.core.text import checked_name
from lamina.core.time import Clock, SystemClock
from lamina.flows import encode as encode_flow
from lamina.flows.admit import gate_of
from lamina.flows.catching_up import write_held
from lamina.flows.cleared import cleared
from lamina.flows.desk import Desk
from lamina.flows.erase import scrub_if_free
from lamina.flows.grants import Caller, caller_of, entries_of_read, note
from lamina.flows.intake import read_clocks
from lamina.flows.opening import Parts, check_parts, open_parts
from lamina.flows.publish import publish
from lamina.flows.timing import Watch
from lamina.govern.access import grant, grant_or_nowhere, has_right
from lamina.govern.gate import Gate
from lamina.settings import Settings
from lamina.store.sqlite.keys import Key


class Opened:
    """An opened memory without its verbs."""

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        settings: Settings | None = None,
        scope: Scope | None = None,
        encoder: Encoder | None = None,
        clock: Clock | None = None,
        principal: str | None = None,
        key: Key | None = None,
    ) -> None:
        """Open the file at `path`, creating it where there is none; None or ":memory:" = no file.

        `encoder` replaces the one that the settings name. `principal` says who calls, and may do what grants say; None
        = the owner, who may do everything. With a `key` (the path of a key file, or a function that gives 32 bytes) a
        new file is encrypted, and an encrypted one opened; see docs/howto/encrypt.md.

        Raises:
            InvalidArgument: a setting or path that cannot be used.
            UnknownEncoder: the settings name none that is installed.
            StoreError: the file is foreign, damaged, too new, locked or unreachable (each with what to do).
            WrongKey: the file is encrypted by another key, or not at all where one is given.
            EncoderMismatch: the file's vectors come from another encoder.
        """
        check_parts(settings=settings, scope=scope, encoder=encoder, clock=clock)
        self.settings = settings or Settings()
        self.scope = scope or Scope()
        #: Who calls where a call names nobody; None = the owner.
        self.principal = None if principal is None else checked_name(principal, argument="principal")
        self._clock: Clock = clock or SystemClock()
        self._take(open_parts(path, self.settings, encoder=encoder, key=key))
        self._is_closed = False
        self._process = os.getpid()
        self._watch = Watch()

    def __enter__(self) -> Self:
        """Give the memory itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the memory."""
        self.close()

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks on how the file was opened: read-only, on a network file system."""
        return self._store.notes

    def close(self) -> None:
        """Let go of the file; closing twice is closing once."""
        # A child of a fork has no say in the file, and another thread of the parent may have held a lock.
        if not self._is_closed and os.getpid() == self._process:
            write_held(self._indexes.unwritten, self._store, self._encoder, rules=self._rules, clock=self._clock)
            publish(self._indexes, self._store)
            scrub_if_free(self._store, clock=self._clock)
        self._is_closed = True
        self._store.close()

    def _take(self, parts: Parts) -> None:
        self._store, self._encoder, self._recipe = cleared(parts.store), parts.encoder, parts.recipe
        self._indexes, self._rules = parts.indexes, parts.rules

    def _opened(self) -> Store:
        if self._is_closed:
            raise MemoryClosed
        if os.getpid() != self._process:
            # Before any lock: another thread of the parent may have held it at the fork.
            raise UsedAfterFork
        return self._store

    def _granted(self, keys: ScopeKeys, right: Right = Right.ADMINISTER) -> Granted[Scope]:
        """Give the scope of a call that needs a right there, and is told where it lacks it.

        Raises:
            NotGranted: the principal of the call does not have it.
        """
        caller = self._caller(keys)
        if not has_right(right, caller.roles):
            raise NotGranted(right)
        return grant(caller.scope, caller.clearance())

    def _seen(
        self, keys: ScopeKeys, right: Right = Right.READ, *, record_id: str | None = None, may_mask: bool = False
    ) -> Granted[Scope]:
        """Give the scope of a call that is answered as from an unknown scope where its principal lacks a right.

        A read is noted where a policy says so. `may_mask` says that records whose label is not seen may be shown
        without their words, where a policy says so; else they are as if they were not there.
        """
        caller = self._caller(keys)
        if right is Right.READ:
            with self._opened().read() as reading:
                entries = entries_of_read(reading, caller, record_id=record_id, now=self._clock.now())
            note(self._store, entries)
        return grant_or_nowhere(caller.scope, right, caller.roles, caller.clearance(may_mask=may_mask))

    def _visible(self, keys: ScopeKeys, *, may_mask: bool = False) -> Granted[Scope]:
        """Give likewise what a call sees now that reads on, of which it was noted when it began."""
        caller = self._caller(keys)
        return grant_or_nowhere(caller.scope, Right.READ, caller.roles, caller.clearance(may_mask=may_mask))

    def _administered(self, keys: ScopeKeys | None = None, *, principal: str | None = None) -> Granted[Administration]:
        """Give the administration: of the whole file the owner's alone; for an act on one wall its administrators' too.

        Raises:
            NotGranted: the principal of the call, or whom the memory was opened for, is neither.
        """
        if keys is not None:
            self._granted(keys)
        elif (principal or self.principal) is not None:
            raise NotGranted(Right.ADMINISTER)
        return grant(Administration())

    def _caller(self, keys: ScopeKeys) -> Caller:
        """Give who calls, and in which scope."""
        scope = scope_from(keys, default=self.scope)
        named = keys.get("principal")
        if named is not None and checked_name(named, argument="principal") != (self.principal or named):
            advice = "leave it out, or open the memory without one"
            raise InvalidArgument("principal", "is another than the memory was opened for", advice)
        return caller_of(self._opened(), named or self.principal, scope)

    def _looking(
        self,
        keys: ReadKeys,
        timezone: tzinfo | str | None,
        *,
        record_id: str | None = None,
        may_mask: bool = False,
    ) -> tuple[Clocks, Granted[Scope]]:
        """Give of when a call asks, and of what scope; `record_id` is what it asks for, where that is one record."""
        clocks, scope = read_clocks(keys, timezone)
        return clocks, self._seen(scope, record_id=record_id, may_mask=may_mask)

    def _gate(self, scope: Granted[Scope]) -> Gate:
        with self._opened().read() as reading:
            return gate_of(reading, scope=scope)

    def _encode(self, scope: Granted[Scope], on_progress: Progress | None = None) -> int:
        rules, clock = self._rules, self._clock
        with self._watch.stage("encode texts"):
            return encode_flow.encode_waiting(
                self._store, self._encoder, scope=scope, rules=rules, clock=clock, on_progress=on_progress
            )

    def _at_desk(self, keys: ReadKeys, timezone: tzinfo | str | None) -> tuple[Clocks, Granted[Scope], Desk]:
        """Give likewise of when and of what scope a call asks, and where it is answered, and noted where it must be."""
        clocks, scope = read_clocks(keys, timezone)
        caller = self._caller(scope)
        desk = Desk(
            store=self._opened(),
            indexes=self._indexes,
            encoder=self._encoder,
            recipe=self._recipe,
            rules=self._rules,
            clock=self._clock,
            encode_at_read=self.settings.encode_at_read,
            watch=self._watch,
            caller=caller,
        )
        return clocks, grant_or_nowhere(caller.scope, Right.READ, caller.roles, caller.clearance()), desk
