-- What is known of imports, by the checksum of each part that a row has; a part that goes takes its checksum along.
CREATE VIEW import_checksum AS
SELECT
    i.wall_id, i.import_id, -1 AS ordinal,
    row_checksum(CAST(part.key || ' ' || part.value AS BLOB), i.wall_id, i.import_id) AS checksum
FROM import AS i CROSS JOIN json_each(json_object(
    'import', '', 'agent', i.agent, 'run', i.run, 'session', i.session, 'name', i.name, 'zone', i.zone,
    'day_first', i.day_first
)) AS part
WHERE part.value IS NOT NULL
UNION ALL
SELECT
    p.wall_id, p.import_id, p.ordinal,
    row_checksum(
        'piece ' || p.has_repeats, p.wall_id, p.import_id, p.ordinal, p.messages, p.first_number, p.last_number
    )
FROM piece AS p
UNION ALL
SELECT p.wall_id, p.import_id, p.ordinal, row_checksum(p.digest, p.wall_id, p.import_id, p.ordinal)
FROM piece AS p WHERE p.digest IS NOT NULL;

-- Their sum: nothing of it changes, goes or comes behind the library's back unseen.
ALTER TABLE wall ADD COLUMN imports_checksum INTEGER NOT NULL DEFAULT 0;

UPDATE wall SET imports_checksum = (
    SELECT coalesce(sum(k.checksum), 0) FROM import_checksum AS k WHERE k.wall_id = wall.wall_id
);
