"""Reads of labels: which revisions bear one, or are made of what does."""

import json

from lamina.core.clearance import Labelled
from lamina.core.grant import Granted
from lamina.core.scope import Scope, Wall
from lamina.store.sqlite.asked import check_visible
from lamina.store.sqlite.reading import SqliteReading


class SqliteLabels(SqliteReading):
    """The reads of one transaction, with those of labels."""

    def labelled(self, *, wall: Wall, scope: Granted[Scope]) -> list[Labelled]:
        """See `Reading.labelled`."""
        check_visible(wall, scope.value)
        return [
            Labelled(record_id, kind, revision, number, label, bool(is_current), event_id, tuple(json.loads(sources)))
            for record_id, kind, revision, number, label, is_current, event_id, sources in self._run(
                "labelled", wall_id=self._wall_id(wall)
            )
        ]
