"""Verbs that take experience in, and make what waits ready to be found."""

from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Unpack

from lamina.core.clearance import checked_sensitivity
from lamina.core.errors import ENCODING_FAILURES, encoding_failed
from lamina.core.grant import Granted, Right
from lamina.core.imports import Imported, ImportRules
from lamina.core.receipts import Added
from lamina.core.records import Metadata
from lamina.core.reports import Progress
from lamina.core.scope import Scope, ScopeKeys
from lamina.core.text import checked_name
from lamina.flows import add as add_flow
from lamina.flows import encode as encode_flow
from lamina.flows import imports as import_flow
from lamina.flows.events import cut_anew
from lamina.flows.feed import Importable
from lamina.flows.intake import Addable, read_intake
from lamina.flows.opening import check_parts
from lamina.flows.pieces import Importing
from lamina.flows.publish import MOST_NEW, publish
from lamina.ingest.messages import Defaults
from lamina.ingest.times import read_zone
from lamina.verbs.opened import Opened


class Adding(Opened):
    """The verbs by which records come."""

    def add(  # each is a keyword of its own to those who add
        self,
        what: Addable,
        *,
        session: str | None = None,
        at: datetime | str | float | None = None,
        metadata: Metadata | None = None,
        external_id: str | None = None,
        timezone: tzinfo | str | None = None,
        sensitivity: str | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Added:
        """Store what was said, read or done, verbatim; durable when it returns, all of it or nothing.

        `what` is a text, a message (`{"role", "content", "name", "at", "external_id", "session", "metadata", "order",
        "sensitivity"}`), a list of these, a `Document` or a `Trace`. The keywords are defaults for its messages.
        Without `at` a message is taken to be said now; `at="unknown"` says that only the order is known, which is also
        what a `Document` without a time means. `timezone` is the zone of times that have none. `sensitivity` is a
        label: who sees what bears it, `give_grant` says.

        Raises:
            InvalidArgument: something that cannot be kept; the message names it.
            StoreBusy, StoreFull, StoreReadOnly: the file could not be written.

        Where the settings say to encode at once and that fails, all is stored, and the notes of the result say why;
        an error of another kind that an encoder of one's own has comes out of the call, after all is stored.
        """
        arguments = Defaults(
            session=session,
            at=at,
            metadata=metadata,
            external_id=external_id,
            timezone=timezone,
            sensitivity=sensitivity,
            now=self._clock.now(),
        )
        store, granted = self._opened(), self._granted(scope, Right.WRITE)
        gate = self._gate(granted)
        with self._watch.stage("read messages"):
            intake = read_intake(what, arguments, gate, max_text_bytes=self.settings.max_text_bytes)
        with self._watch.stage("store"):
            added = add_flow.add(store, intake, scope=granted, clock=self._clock, rules=self._rules)
        added = replace(added, notes=self._encode_at_once(granted))
        with self._watch.stage("keep indexes"):
            publish(self._indexes, store, walls=(granted.value.wall,), least=MOST_NEW)
        return added if granted.clearance is None else add_flow.as_shown(store, added, scope=granted)

    def import_messages(
        self,
        source: Importable,
        *,
        session: str | None = None,
        timezone: tzinfo | str | None = None,
        sensitivity: str | None = None,
        rules: ImportRules | None = None,
        on_progress: Progress | None = None,
        **scope: Unpack[ScopeKeys],
    ) -> Imported:
        """Take in the messages of a file or stream once each, however often it is handed in or interrupted.

        `source` is a path, or what is open for reading: JSON, JSON lines, or lines of chat. It is checked whole before
        anything of it is stored; then each piece of it is durable. A message without a time has none (`unknown`).
        `sensitivity` labels messages that bear no label of their own.
        `on_progress(done, total)` is called with bytes; a file is read twice. See `docs/howto/import.md`.

        Raises:
            InvalidArgument: a source that cannot be read, or says something else than it did; the message names it.
            OSError: no such file, or no permission to read it.
            StoreBusy, StoreFull, StoreReadOnly: the file could not be written; the same call goes on where it stopped.
        """
        check_parts(rules=rules)
        granted = self._granted(scope, Right.WRITE)
        importing = Importing(
            store=self._opened(),
            scope=granted,
            gate=self._gate(granted),
            clock=self._clock,
            events=self._rules,
            max_text_bytes=self.settings.max_text_bytes,
            session=None if session is None else checked_name(session, argument="session"),
            timezone=None if timezone is None else read_zone(timezone),
            sensitivity=checked_sensitivity(sensitivity, argument="sensitivity"),
            rules=rules or ImportRules(),
            on_progress=on_progress,
        )
        imported = import_flow.import_messages(source, importing)
        return replace(imported, notes=self._encode_at_once(importing.scope))

    def _encode_at_once(self, scope: Granted[Scope]) -> tuple[str, ...]:
        """Encode what waits where the settings ask for it, and give what went wrong: what was stored is stored."""
        if self.settings.encode != "inline":
            return ()
        try:
            self._encode(scope)
        except ENCODING_FAILURES as error:
            return (f"{encoding_failed(error)}; `flush` or the next read encodes what waits",)
        return ()

    def flush(self, *, on_progress: Progress | None = None, **scope: Unpack[ScopeKeys]) -> int:
        """Encode everything that waits in the walls that the scope sees; gives how many texts that were.

        Walls whose events were cut by other settings are cut anew. `on_progress(done, total)` is called after each
        batch.
        """
        granted, store, rules, clock = self._granted(scope, Right.WRITE), self._opened(), self._rules, self._clock
        with self._indexes.unwritten.taken() as vectors:
            encode_flow.keep(store, self._encoder, vectors, rules=rules, clock=clock)
        count = self._encode(granted, on_progress)
        with self._watch.stage("cut events"):
            cut_anew(store, granted.value.visible_walls, rules=rules, clock=clock)
        with self._watch.stage("bring indexes up"), self._indexes.sight(store, scope=granted):
            pass
        with self._watch.stage("keep indexes"):
            publish(self._indexes, store, walls=granted.value.visible_walls)
        return count
