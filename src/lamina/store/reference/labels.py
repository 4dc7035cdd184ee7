"""Reads of labels in the reference store: which revisions bear one, or are made of what does."""

from lamina.core.clearance import Labelled
from lamina.core.grant import Granted
from lamina.core.scope import Scope, Wall
from lamina.store.reference.reading import ReferenceReading, check_visible


class ReferenceLabels(ReferenceReading):
    """The reads of one moment, with those of labels."""

    def labelled(self, *, wall: Wall, scope: Granted[Scope]) -> list[Labelled]:
        """See `Reading.labelled`."""
        check_visible(wall, scope.value)
        there = self._of_walls((wall,))
        own = {one.first.id for one in there if any(record.policy.sensitivity for record in one.revisions)}
        return [
            Labelled(
                record.id,
                str(record.kind),
                record.revision,
                record.number,
                record.policy.sensitivity,
                record.revision == one.current.revision,
                one.event_id,
                tuple(dict.fromkeys(source.record_id for source in record.provenance.sources)),
            )
            for one in there
            if one.first.id in own
            or own.intersection(source.record_id for record in one.revisions for source in record.provenance.sources)
            for record in one.revisions
        ]
