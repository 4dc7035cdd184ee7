"""The part of the exam of stores that is about labels: what bears one, and counts without what is hidden."""

from dataclasses import replace

import pytest

from lamina.core.clearance import Hidden, hidden
from lamina.core.errors import InvalidArgument
from lamina.core.filters import Field
from lamina.core.layers import Kind
from lamina.core.operations import Action
from lamina.core.protocols import Store
from lamina.core.provenance import Provenance, Source
from lamina.core.records import Policy, Record
from lamina.core.scope import Scope
from lamina.govern.access import grant
from lamina.testing.builders import a_move, a_record, an_event, an_update
from lamina.testing.store_reads import ADA, BOB, SHARED, put, write


def labelled(text: str, *, scope: Scope = ADA, label: str | None = "private", of: Record | None = None) -> Record:
    """Give a record that bears a label, perhaps made from another."""
    sources = () if of is None else (Source(record_id=of.id, revision=of.revision),)
    provenance = Provenance(sources=sources)
    return replace(a_record(text, scope=scope), policy=Policy(sensitivity=label), provenance=provenance)


class LabelContract:
    """What a store tells of labels."""

    def test_what_bears_a_label_is_given_with_all_its_revisions_and_with_what_was_made_from_it(
        self, store: Store
    ) -> None:
        plain, pay, shared = a_record("plain", scope=ADA), labelled("pay"), labelled("safe", scope=SHARED)
        head = replace(labelled("report"), kind=Kind.DOCUMENT)
        part, event = labelled("part", label=None, of=head), an_event(pay)
        put(store, plain, pay, shared, head, part, labelled("of bob", scope=BOB), event)
        with store.write() as writing:
            writing.assign_event([pay.id, plain.id], event_id=event.id)
        write(store, an_update(pay, text="pay", policy=Policy(sensitivity=None)))
        with store.read() as reading:
            told = reading.labelled(wall=ADA.wall, scope=grant(ADA))
            assert [row.record_id for row in reading.labelled(wall=SHARED.wall, scope=grant(ADA))] == [shared.id]
            with pytest.raises(InvalidArgument):
                reading.labelled(wall=BOB.wall, scope=grant(ADA))
        assert list(map(tuple, told)) == [
            (pay.id, "observation", 1, 2, "private", False, event.id, ()),
            (pay.id, "observation", 2, 6, None, True, event.id, ()),
            (head.id, "document", 1, 3, "private", True, None, ()),
            (part.id, "observation", 1, 4, None, True, None, (head.id,)),
            (event.id, "event", 1, 5, None, True, None, (pay.id,)),
        ]

    def test_what_was_erased_bears_no_label(self, store: Store) -> None:
        gone = labelled("gone")
        put(store, gone)
        write(store, a_move(gone, Action.ERASE))
        with store.read() as reading:
            assert reading.labelled(wall=ADA.wall, scope=grant(ADA)) == []

    def test_labels_are_values_of_a_field(self, store: Store) -> None:
        put(store, labelled("one"), a_record("two", scope=ADA))
        with store.read() as reading:
            values = reading.field_values(Field.SENSITIVITY, wall=ADA.wall, scope=grant(ADA), after=0)
            assert list(values) == [(1, "private"), (2, None)]

    def test_what_is_hidden_is_not_counted(self, store: Store) -> None:
        pay, lifted, plain = labelled("pay"), labelled("lifted"), a_record("plain", scope=ADA)
        with store.read() as reading:
            nothing = reading.counts(scope=grant(ADA))
        put(store, pay, lifted)
        write(store, a_move(pay, Action.WITHDRAW), an_update(lifted, text="lif", policy=Policy(sensitivity=None)))
        put(store, plain)
        with store.read() as reading:
            unseen = hidden(reading.labelled(wall=ADA.wall, scope=grant(ADA)), frozenset())
            whole, seen = (reading.counts(scope=grant(ADA), without=one) for one in (Hidden(), unseen))
        assert (dict(unseen.records), dict(unseen.revisions)) == ({pay.id: "private"}, {(lifted.id, 1): "private"})
        assert unseen.numbers == {1, 2}
        assert nothing.records == {}
        assert whole.records == {"observation": {"active": 2, "withdrawn": 1}}
        assert seen.records == {"observation": {"active": 2}}
        assert (whole.revisions, whole.operations, whole.text_bytes) == (4, 5, 17)
        assert (seen.revisions, seen.operations, seen.commits, seen.text_bytes) == (2, 2, 2, 8)
        assert (whole.waiting, seen.waiting) == (2, 2)
