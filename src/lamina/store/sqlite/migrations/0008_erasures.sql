-- What was erased, by the commit that did it, and when its bytes were gone from the files; NULL = they wait for that.
CREATE TABLE erasure (
    commit_number INTEGER PRIMARY KEY REFERENCES "commit",
    scrubbed_us INTEGER
) STRICT;

CREATE INDEX erasure_waiting ON erasure (commit_number) WHERE scrubbed_us IS NULL;

-- What was erased and stands in no event any more stands in no stream either: nobody bears its names.
DROP VIEW stream_row;

CREATE VIEW stream_row AS
SELECT
    r.id, r.place, r.arrived, e.id AS event_id, v.at_us, coalesce(length(c.text), 0) AS length,
    coalesce(substr(c.text, 1, 64), '') AS opening, v.state = 'active' AS is_active,
    coalesce(c.awaits_vector, 0) AS waits, v.content_id, r.wall_id, r.session_id, r.agent, r.run
FROM record AS r
INNER JOIN revision AS v ON r.record_key = v.record_key
LEFT JOIN content AS c ON v.content_id = c.content_id
LEFT JOIN record AS e ON r.event_key = e.record_key
WHERE r.kind = 'observation' AND (r.event_key IS NOT NULL OR v.state != 'erased') AND v.revision = coalesce(
    (SELECT o.revision FROM revision AS o WHERE o.record_key = r.record_key AND o.state = 'active'),
    (SELECT max(o.revision) FROM revision AS o WHERE o.record_key = r.record_key AND o.state != 'superseded'),
    (SELECT max(o.revision) FROM revision AS o WHERE o.record_key = r.record_key)
);

-- A record that was withdrawn after it had been brought back to an earlier revision is what that one says.
DROP VIEW full_record;

CREATE VIEW full_record AS
SELECT
    f.*,
    f.revision = coalesce(
        (SELECT o.revision FROM revision AS o WHERE o.record_key = f.record_key AND o.state = 'active'),
        (SELECT max(o.revision) FROM revision AS o WHERE o.record_key = f.record_key AND o.state != 'superseded'),
        (SELECT max(o.revision) FROM revision AS o WHERE o.record_key = f.record_key)
    ) AS is_current
FROM full_revision AS f;
