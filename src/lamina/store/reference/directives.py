"""Directives and the audit trail in the reference store: what `core.directives` means, said with lists."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from lamina.core.chain import GENESIS, SALT_BYTES
from lamina.core.directives import AuditEntry, Directive, DirectiveKind, audit_link, laid_down, lifted
from lamina.core.errors import NotFound
from lamina.core.grant import Granted
from lamina.core.scope import Administration, Scope
from lamina.core.time import MICROSECOND
from lamina.store.reference.everything import Everything


class ReferenceDirectiveReading:
    """Reads of directives; see `core.directives.DirectiveReading`."""

    _all: Everything

    def directives(
        self, kinds: Sequence[DirectiveKind], *, wall: Granted[Scope], with_shared: bool = False
    ) -> list[Directive]:
        """See `DirectiveReading.directives`."""
        there = [directive for directive, _ in self._all.directives.values()]
        walls = wall.value.visible_walls if with_shared else (wall.value.wall,)
        return [one for one in there if one.kind in kinds and one.scope.wall in walls]

    def audited(self, *, wall: Granted[Scope], limit: int | None = None) -> list[AuditEntry]:
        """See `DirectiveReading.audited`."""
        here = [entry for entry in self._all.audit if entry.wall == wall.value.wall]
        return here if limit is None else here[max(0, len(here) - limit) :]

    def salted_directives(self, *, scope: Granted[Administration]) -> list[tuple[Directive, bytes]]:
        """See `DirectiveReading.salted_directives`."""
        del scope
        return list(self._all.directives.values())

    def trail(self, *, scope: Granted[Administration]) -> Iterator[AuditEntry]:
        """See `DirectiveReading.trail`."""
        del scope
        yield from self._all.audit


class ReferenceDirectiveWriting(ReferenceDirectiveReading):
    """Changes of directives; see `core.directives.DirectiveWriting`."""

    _entropy: Callable[[int], bytes]

    def put_directive(self, directive: Directive, *, noted_at: datetime | None = None) -> Directive:
        """See `DirectiveWriting.put_directive`."""
        self._all.directive_number += 1
        kept, salt = replace(directive, id=self._all.directive_number), self._entropy(SALT_BYTES)
        self._all.directives[kept.id] = (kept, salt)
        self.note(laid_down(kept, salt=salt, noted_at=noted_at))
        return kept

    def drop_directive(self, directive_id: int, *, wall: Granted[Scope], dropped_at: datetime) -> None:
        """See `DirectiveWriting.drop_directive`."""
        there = {directive.id: directive for directive in self.directives(tuple(DirectiveKind), wall=wall)}
        if directive_id not in there:
            raise NotFound(str(directive_id))
        del self._all.directives[directive_id]
        self.note(lifted(there[directive_id], dropped_at))

    def note(self, entry: AuditEntry) -> None:
        """See `DirectiveWriting.note`."""
        kept = self._all.kept.get(entry.record_id or "")
        record_id = entry.record_id if kept is not None and kept.wall in Scope.of(entry.wall).visible_walls else None
        former, recorded = GENESIS, entry.recorded_at
        if self._all.audit:
            last = self._all.audit[-1]
            former, recorded = last.chain, max(recorded, last.recorded_at + MICROSECOND)
        numbered = replace(entry, number=len(self._all.audit) + 1, record_id=record_id, recorded_at=recorded)
        self._all.audit.append(replace(numbered, chain=audit_link(former, numbered)))
