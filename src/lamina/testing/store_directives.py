"""The part of the stores' exam about directives and the audit trail: a sentence of `core.directives`, a test."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lamina.core.chain import GENESIS
from lamina.core.directives import AuditEntry, Deed, Directive, DirectiveKind, audit_link, directive_mac
from lamina.core.errors import NotFound
from lamina.core.protocols import Store
from lamina.core.scope import Scope
from lamina.core.time import MICROSECOND
from lamina.govern.access import grant
from lamina.testing.builders import NOON, a_record, a_scope
from lamina.testing.store_reads import ADA, BOB, FILE, SHARED, put

_KINDS = tuple(DirectiveKind)


def a_directive(scope: Scope = ADA, kind: DirectiveKind = DirectiveKind.HOLD, reason: str = "case 7") -> Directive:
    """Give a directive as it is handed in."""
    return Directive(kind=kind, scope=scope, body={"reason": reason, "ids": ["a", 1]}, by="counsel", placed_at=NOON)


class DirectiveContract:
    """What every store does with directives and the audit trail."""

    def test_a_directive_is_given_back_as_it_was_laid_down(self, store: Store) -> None:
        scope = a_scope("ada", agent="a", run="x")
        with store.write() as writing:
            placed = writing.put_directive(a_directive(scope))
        assert placed == replace(a_directive(scope), id=1)
        with store.read() as reading:
            assert reading.directives(_KINDS, wall=grant(ADA)) == [placed]
            assert reading.walls(scope=FILE) == []

    def test_directives_are_those_of_a_wall_and_of_the_kinds_that_are_asked_for(self, store: Store) -> None:
        with store.write() as writing:
            for scope, kind in ((ADA, _KINDS[0]), (BOB, _KINDS[0]), (SHARED, _KINDS[1]), (ADA, _KINDS[1])):
                writing.put_directive(a_directive(scope, kind))
        with store.read() as reading:
            found = {
                (scope.user, kinds): [one.id for one in reading.directives(kinds, wall=grant(scope))]
                for scope in (ADA, BOB, SHARED)
                for kinds in (_KINDS, _KINDS[:1], ())
            }
            both = reading.directives(_KINDS, wall=grant(ADA), with_shared=True)
            assert [one.id for one in both] == [1, 3, 4]
            assert reading.directives(_KINDS[:1], wall=grant(SHARED), with_shared=True) == []
        assert found == {
            ("ada", _KINDS): [1, 4],
            ("ada", _KINDS[:1]): [1],
            ("ada", ()): [],
            ("bob", _KINDS): [2],
            ("bob", _KINDS[:1]): [2],
            ("bob", ()): [],
            (None, _KINDS): [3],
            (None, _KINDS[:1]): [],
            (None, ()): [],
        }

    def test_one_that_was_dropped_is_gone_and_its_number_is_not_given_again(self, store: Store) -> None:
        with store.write() as writing:
            placed = writing.put_directive(a_directive())
            for wrong, scope in ((placed.id, BOB), (placed.id, SHARED), (placed.id + 1, ADA)):
                with pytest.raises(NotFound):
                    writing.drop_directive(wrong, wall=grant(scope), dropped_at=NOON)
            writing.drop_directive(placed.id, wall=grant(ADA), dropped_at=NOON)
            assert writing.directives(_KINDS, wall=grant(ADA)) == []
            assert writing.put_directive(a_directive()).id == placed.id + 1

    def test_the_trail_tells_what_was_laid_down_and_lifted(self, store: Store) -> None:
        later = NOON + timedelta(hours=1)
        with store.write() as writing:
            hold = writing.put_directive(a_directive())
            policy = writing.put_directive(a_directive(BOB, DirectiveKind.RETENTION))
            writing.drop_directive(hold.id, wall=grant(ADA), dropped_at=later)
            writing.drop_directive(policy.id, wall=grant(BOB), dropped_at=later)
            trail = list(writing.trail(scope=FILE))
            assert writing.audited(wall=grant(ADA)) == [trail[0], trail[2]]
            assert writing.audited(wall=grant(BOB), limit=1) == [trail[3]]
        assert [(entry.number, entry.deed, entry.directive, entry.recorded_at) for entry in trail] == [
            (1, Deed.HOLD_PLACED, hold.id, NOON),
            (2, Deed.POLICY_SET, policy.id, NOON + MICROSECOND),
            (3, Deed.HOLD_LIFTED, hold.id, later),
            (4, Deed.POLICY_DROPPED, policy.id, later + MICROSECOND),
        ]

    def test_times_of_the_trail_run_on_through_all_walls_while_the_clock_steps_back(self, store: Store) -> None:
        with store.write() as writing:
            for step, scope in enumerate((ADA, BOB, SHARED, ADA)):
                writing.put_directive(replace(a_directive(scope), placed_at=NOON - step * timedelta(hours=1)))
        with store.write() as writing:
            writing.note(AuditEntry(deed=Deed.EXPORTED, wall=ADA.wall, recorded_at=NOON - timedelta(days=1)))
            writing.note(AuditEntry(deed=Deed.EXPORTED, wall=ADA.wall, recorded_at=NOON + timedelta(days=1)))
            trail = list(writing.trail(scope=FILE))
        times = [entry.recorded_at for entry in trail]
        assert times == [NOON + step * MICROSECOND for step in range(5)] + [NOON + timedelta(days=1)]
        assert list(store.check(scope=FILE)) == []

    def test_a_record_that_an_entry_names_is_one_that_its_wall_sees_or_is_left_out(self, store: Store) -> None:
        record, shared = a_record(scope=ADA), a_record(scope=SHARED)
        put(store, record)
        put(store, shared)
        entry = AuditEntry(deed=Deed.ERASED, wall=ADA.wall, recorded_at=NOON, record_id=record.id, commit=1, count=1)
        with store.write() as writing:
            writing.note(entry)
            for unknown in ("nobody", "ü", "\ud800"):
                writing.note(replace(entry, record_id=unknown))
            writing.note(replace(entry, wall=BOB.wall, grant=7))
            found = writing.audited(wall=grant(ADA))
            (foreign,) = writing.audited(wall=grant(BOB))
            for wall, name in ((ADA.wall, shared.id), (SHARED.wall, shared.id), (SHARED.wall, record.id)):
                writing.note(replace(entry, wall=wall, record_id=name))
            told = [writing.audited(wall=grant(scope), limit=2) for scope in (ADA, SHARED)]
        assert [(one.record_id, one.commit, one.count) for one in found] == [(record.id, 1, 1), *[(None, 1, 1)] * 3]
        assert (foreign.record_id, foreign.grant) == (None, 7)
        assert [one.record_id for one in told[0]] == [None, shared.id]
        assert [one.record_id for one in told[1]] == [shared.id, None]

    def test_each_entry_follows_from_the_one_before_and_proves_its_directive(self, store: Store) -> None:
        with store.write() as writing:
            writing.put_directive(a_directive())
            writing.put_directive(a_directive(SHARED, reason="case 8"))
        with store.read() as reading:
            trail, held = list(reading.trail(scope=FILE)), reading.salted_directives(scope=FILE)
        former = GENESIS
        for entry, (directive, salt) in zip(trail, held, strict=True):
            assert entry.chain == audit_link(former, entry)
            assert entry.mac == directive_mac(directive, salt=salt)
            former = entry.chain
        assert list(store.check(scope=FILE)) == []

    def test_an_error_leaves_no_directive_and_no_entry(self, store: Store) -> None:
        with pytest.raises(ZeroDivisionError), store.write() as writing:
            writing.put_directive(a_directive())
            _ = 1 / 0
        with store.read() as reading:
            assert reading.directives(_KINDS, wall=grant(ADA)) == []
            assert list(reading.trail(scope=FILE)) == []
