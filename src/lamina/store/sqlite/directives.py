"""Directives and the audit trail in a file: the reads and changes of `core.directives`, inside one transaction."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from lamina.core.chain import GENESIS, SALT_BYTES
from lamina.core.directives import AuditEntry, Deed, Directive, DirectiveKind, audit_link, laid_down, lifted
from lamina.core.errors import DamagedFile, NotFound
from lamina.core.grant import Granted
from lamina.core.scope import Administration, Scope, Wall
from lamina.core.time import from_us, to_us
from lamina.store.sqlite.rows import whole


class SqliteDirectiveReading(ABC):
    """Reads of directives; see `core.directives.DirectiveReading`."""

    @abstractmethod
    def _run(self, statement: str, /, **values: Any) -> Any:
        """Execute a statement by its name."""

    @abstractmethod
    def _walk(self, statement: str, /, **values: Any) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a statement that may be many, one by one."""

    def directives(
        self, kinds: Sequence[DirectiveKind], *, wall: Granted[Scope], with_shared: bool = False
    ) -> list[Directive]:
        """See `DirectiveReading.directives`."""
        named, user = _kinds_named(tuple(kinds)), wall.value.user
        also = None if with_shared else user
        rows = self._run("directives", kinds=named, tenant=wall.value.tenant, user=user, also_user=also)
        return [_directive(row) for row in rows]

    def audited(self, *, wall: Granted[Scope], limit: int | None = None) -> list[AuditEntry]:
        """See `DirectiveReading.audited`."""
        rows = self._run("audited", limit=-1 if limit is None else limit, **_named(wall.value.wall))
        return [_entry(row) for row in rows][::-1]

    def salted_directives(self, *, scope: Granted[Administration]) -> list[tuple[Directive, bytes]]:
        """See `DirectiveReading.salted_directives`."""
        del scope
        return [(_directive(row[:-1]), row[-1]) for row in self._run("salted_directives")]

    def trail(self, *, scope: Granted[Administration]) -> Iterator[AuditEntry]:
        """See `DirectiveReading.trail`."""
        del scope
        yield from map(_entry, self._walk("trail"))


class SqliteDirectiveWriting(SqliteDirectiveReading):
    """Changes of directives; see `core.directives.DirectiveWriting`."""

    _entropy: Callable[[int], bytes]

    def put_directive(self, directive: Directive, *, noted_at: datetime | None = None) -> Directive:
        """See `DirectiveWriting.put_directive`."""
        number = int(self._run("last_directive").fetchone()[0]) + 1
        placed, salt = replace(directive, id=number), self._entropy(SALT_BYTES)
        self._run(
            "add_directive",
            directive_id=number,
            agent=placed.scope.agent,
            run=placed.scope.run,
            kind=str(placed.kind),
            salt=salt,
            body=json.dumps(dict(placed.body), ensure_ascii=False, allow_nan=False),
            placed_by=placed.by,
            placed_us=to_us(placed.placed_at),
            **_named(placed.scope.wall),
        )
        self.note(laid_down(placed, salt=salt, noted_at=noted_at))
        return placed

    def drop_directive(self, directive_id: int, *, wall: Granted[Scope], dropped_at: datetime) -> None:
        """See `DirectiveWriting.drop_directive`."""
        there = {directive.id: directive for directive in self.directives(tuple(DirectiveKind), wall=wall)}
        if directive_id not in there:
            raise NotFound(str(directive_id))
        self._run("drop_directive", directive_id=directive_id)
        self.note(lifted(there[directive_id], dropped_at))

    def note(self, entry: AuditEntry) -> None:
        """See `DirectiveWriting.note`."""
        # Ids are ASCII; what else is asked for is none, and may be what no file can hold.
        is_one = entry.record_id is not None and entry.record_id.isascii()
        walls = Scope.of(entry.wall).visible_walls if is_one else ()
        found = (self._run("key_of", id=entry.record_id, **_named(wall)).fetchone() for wall in walls)
        key = next((row for row in found if row is not None), None)
        last = self._run("last_audit").fetchone()
        number, former, before_us = whole(last or (0, GENESIS, to_us(entry.recorded_at) - 1), "the last audit entry")
        numbered = replace(
            entry,
            number=number + 1,
            record_id=None if key is None else entry.record_id,
            recorded_at=from_us(max(to_us(entry.recorded_at), before_us + 1)),
        )
        self._run(
            "add_audit",
            number=numbered.number,
            deed=str(entry.deed),
            directive_id=entry.directive,
            record_key=None if key is None else key[0],
            commit_number=entry.commit,
            count=entry.count,
            recorded_us=to_us(numbered.recorded_at),
            mac=entry.mac,
            grant_id=entry.grant,
            chain=audit_link(former, numbered),
            **_named(entry.wall),
        )


@cache
def _kinds_named(kinds: tuple[DirectiveKind, ...]) -> str:
    return json.dumps([str(kind) for kind in kinds])


def _named(wall: Wall) -> dict[str, Any]:
    return {"tenant": wall.tenant, "user": wall.user}


def _directive(row: Sequence[Any]) -> Directive:
    directive_id, kind, tenant, user, agent, run, body, placed_by, placed_us = row
    try:
        return Directive(
            id=directive_id,
            kind=DirectiveKind(kind),
            scope=Scope.of(Wall(tenant, user), agent=agent, run=run),
            body=json.loads(body),
            by=placed_by,
            placed_at=from_us(placed_us),
        )
    except (ValueError, TypeError, OverflowError) as error:
        raise DamagedFile(f"directive {directive_id} cannot be read ({error}); restore it from a backup") from error


def _entry(row: Sequence[Any]) -> AuditEntry:
    number, deed, tenant, user, recorded_us, directive_id, record_id, commit, count, mac, chain, grant_id = row
    try:
        return AuditEntry(
            number=number,
            deed=Deed(deed),
            wall=Wall(tenant, user),
            recorded_at=from_us(recorded_us),
            directive=directive_id,
            record_id=record_id,
            commit=commit,
            count=count,
            mac=mac,
            chain=chain,
            grant=grant_id,
        )
    except (ValueError, TypeError, OverflowError) as error:
        raise DamagedFile(f"audit entry {number} cannot be read ({error}); restore it from a backup") from error
