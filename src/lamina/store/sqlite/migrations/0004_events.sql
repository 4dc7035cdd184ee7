-- The name of the rules by which all events of a wall are cut; empty = by several, or not known.
ALTER TABLE wall ADD COLUMN rules TEXT NOT NULL DEFAULT '';

INSERT INTO content_register (table_name, column_name, holds) VALUES ('wall', 'rules', 'code');

-- An observation in its current revision, the active one or else the highest, as events are cut by it; the order of
-- columns is the contract with `reading.py`.
CREATE VIEW stream_row AS
SELECT
    r.id, r.place, r.arrived, e.id AS event_id, v.at_us, coalesce(length(c.text), 0) AS length,
    coalesce(substr(c.text, 1, 64), '') AS opening, v.state = 'active' AS is_active,
    coalesce(c.awaits_vector, 0) AS waits, v.content_id, r.wall_id, r.session_id, r.agent, r.run
FROM record AS r
INNER JOIN revision AS v ON r.record_key = v.record_key
LEFT JOIN content AS c ON v.content_id = c.content_id
LEFT JOIN record AS e ON r.event_key = e.record_key
WHERE r.kind = 'observation' AND v.revision = coalesce(
    (SELECT o.revision FROM revision AS o WHERE o.record_key = r.record_key AND o.state = 'active'),
    (SELECT max(o.revision) FROM revision AS o WHERE o.record_key = r.record_key)
);
