-- name: begin_read
BEGIN DEFERRED;

-- name: begin_write
BEGIN IMMEDIATE;

-- name: commit
COMMIT;

-- name: rollback
ROLLBACK;

-- Takes the snapshot of a read transaction, and says whether a newer Lamina has brought the file further meanwhile.
-- name: format
PRAGMA user_version;

-- name: wall
SELECT wall_id, number, recorded_us, chain FROM wall
WHERE tenant = :tenant AND coalesce(user, '') = coalesce(:user, '');

-- The user's own wall, and what the tenant shares, in this order.
-- name: ends
SELECT user, wall_id, number, recorded_us, chain, vector_number, waiting, epoch, rules FROM wall
WHERE tenant = :tenant AND coalesce(user, '') IN (coalesce(:user, ''), '')
ORDER BY user IS NULL;

-- name: walls
SELECT tenant, user FROM wall ORDER BY tenant, user IS NOT NULL, user;

-- name: add_wall
INSERT INTO wall (tenant, user, number, recorded_us, chain) VALUES (:tenant, :user, 0, :recorded_us, :chain);

-- name: advance_wall
UPDATE wall SET number = :number, recorded_us = :recorded_us, chain = :chain WHERE wall_id = :wall_id;

-- name: note_rules
UPDATE wall SET rules = :name, rules_checksum = rules_checksum - row_checksum(rules) + row_checksum(:name)
WHERE wall_id = :wall_id;

-- name: session
SELECT session_id FROM session WHERE wall_id = :wall_id AND name = :name;

-- name: add_session
INSERT INTO session (wall_id, name) VALUES (:wall_id, :name);

-- name: add_commit
INSERT INTO "commit" (recorded_us) VALUES (:recorded_us);

-- name: last_commit
SELECT coalesce(max(number), 0) FROM "commit";

-- name: add_content
INSERT INTO main.content (content_id, wall_id, salt, text, speaker, role, metadata, awaits_vector)
VALUES (:content_id, :wall_id, :salt, :text, :speaker, :role, :metadata, :awaits_vector);

-- name: add_record
INSERT INTO record (id, wall_id, kind, modality, agent, run, session_id, external_id, "order", arrived)
VALUES (:id, :wall_id, :kind, :modality, :agent, :run, :session_id, :external_id, :order, :arrived);

-- Which of the two names a new record wants is taken: its id in the file, or its external id in the wall.
-- name: taken
SELECT r.id = :id FROM record AS r WHERE r.id = :id
UNION ALL
SELECT 0 FROM record AS r WHERE r.wall_id = :wall_id AND r.external_id = :external_id;

-- name: add_revision
INSERT INTO revision (
    record_key, revision, layer, state, content_id, number, recorded_us, at_us, at_offset_s, at_source,
    valid_from_us, valid_to_us, producer, model, prompt, expires_us, sensitivity, trust, acl
) VALUES (
    :record_key, :revision, :layer, :state, :content_id, :number, :recorded_us, :at_us, :at_offset_s, :at_source,
    :valid_from_us, :valid_to_us, :producer, :model, :prompt, :expires_us, :sensitivity, :trust, :acl
);

-- name: parent
SELECT r.record_key, v.state FROM record AS r INNER JOIN revision AS v ON r.record_key = v.record_key
WHERE r.id = :id AND v.revision = :revision;

-- name: add_parent
INSERT INTO parent (child_key, child_revision, ordinal, parent_key, parent_revision, "start", "end")
VALUES (:child_key, :child_revision, :ordinal, :parent_key, :parent_revision, :start, :end);

-- name: add_operation
INSERT INTO operation (
    wall_id, number, commit_number, action, record_key, revision, from_state, to_state, actor, recorded_us, mac, chain,
    reverts, origin
) VALUES (
    :wall_id, :number, :commit_number, :action, :record_key, :revision, :from_state, :to_state, :actor, :recorded_us,
    :mac, :chain, :reverts, :origin
);

-- What is there of a record, a row a revision: where it lies, what it is for life, and how each revision stands.
-- name: standing
SELECT
    r.record_key, r.wall_id, r.kind, r.modality, r.agent, r.run, s.name, r.external_id, r."order",
    v.revision, v.state, v.content_id
FROM record AS r
INNER JOIN revision AS v ON r.record_key = v.record_key
LEFT JOIN session AS s ON r.session_id = s.session_id
WHERE r.id = :id ORDER BY v.revision;

-- name: move_revision
UPDATE revision SET state = :state WHERE record_key = :record_key AND revision = :revision;

-- A text waits for its vector as long as its revision is active and has none.
-- name: set_waiting
UPDATE main.content SET awaits_vector = :awaits AND NOT EXISTS (
    SELECT 1 FROM vector AS x WHERE x.content_id = content.content_id
        AND x.encoder_id = (SELECT min(e.encoder_id) FROM encoder AS e WHERE e.phase = 'current')
) WHERE content_id = :content_id;

-- What else is content goes with the words.
-- name: drop_content
UPDATE revision SET content_id = NULL, sensitivity = NULL, acl = NULL WHERE content_id = :content_id;

-- name: drop_vectors
DELETE FROM main.vector WHERE content_id = :content_id;

-- name: drop_words
DELETE FROM main.content WHERE content_id = :content_id;

-- Once nothing of a record is left, its external id is free again.
-- name: free_external_id
UPDATE record SET external_id = NULL WHERE record_key = :record_key AND NOT EXISTS (
    SELECT 1 FROM revision AS v WHERE v.record_key = record.record_key AND v.state != 'erased'
);

-- Events in which no words are left, nor in what they began with: those in which erased records lie or that they began,
-- and those of their streams that hold nothing any more.
-- name: hollow_events
WITH gone AS (
    SELECT r.record_key, r.event_key, r.session_id, r.agent, r.run FROM json_each(:ids) AS wanted
    CROSS JOIN record AS r ON r.id = wanted.value
    WHERE r.wall_id = :own
),

stream AS (
    SELECT DISTINCT g.session_id, g.agent, g.run FROM gone AS g WHERE coalesce(g.session_id, g.agent, g.run) IS NOT NULL
),

likely AS (
    SELECT g.event_key AS record_key FROM gone AS g
    UNION
    SELECT p.child_key FROM gone AS g CROSS JOIN parent AS p ON g.record_key = p.parent_key
    UNION
    SELECT e.record_key FROM stream AS touched CROSS JOIN record AS e INDEXED BY record_in_stream
        ON e.wall_id = :own AND e.session_id IS touched.session_id AND e.kind = 'event'
        AND e.agent IS touched.agent AND e.run IS touched.run
)

SELECT e.id FROM likely AS made CROSS JOIN record AS e ON made.record_key = e.record_key
WHERE e.wall_id = :own AND e.kind = 'event' AND EXISTS (
    SELECT 1 FROM revision AS v WHERE v.record_key = e.record_key AND v.state != 'erased'
) AND NOT EXISTS (
    SELECT 1 FROM record AS k INNER JOIN revision AS v ON k.record_key = v.record_key
    WHERE k.event_key = e.record_key AND v.state != 'erased'
) AND NOT EXISTS (
    SELECT 1 FROM parent AS p INNER JOIN revision AS v
        ON p.parent_key = v.record_key AND p.parent_revision = v.revision
    WHERE p.child_key = e.record_key AND v.state != 'erased'
)
ORDER BY e.id;

-- name: names_of
SELECT DISTINCT session_id, agent, run FROM record WHERE id IN (SELECT value FROM json_each(:ids)) AND +wall_id = :own;

-- Whether any words are left of those who bear a name; one of the three is asked for.
-- name: is_borne
SELECT EXISTS (
    SELECT 1 FROM record AS r CROSS JOIN revision AS v ON r.record_key = v.record_key
    WHERE r.wall_id = :own AND v.state != 'erased' AND (:session_id IS NULL OR r.session_id = :session_id)
        AND (:agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run = :run)
);

-- name: drop_name
UPDATE record SET session_id = NULL, agent = NULL, run = NULL, event_key = NULL
WHERE wall_id = :own AND (:session_id IS NULL OR session_id = :session_id)
    AND (:agent IS NULL OR agent = :agent) AND (:run IS NULL OR run = :run);

-- Events that are erased hold nothing any more. What began one leaves the event in which it lies now, too: else it could
-- begin one anew, which would be the one that is erased.
-- name: leave_events
WITH erased AS MATERIALIZED (
    SELECT e.record_key FROM json_each(:ids) AS wanted CROSS JOIN record AS e ON e.id = wanted.value
    INNER JOIN revision AS v ON e.record_key = v.record_key
    WHERE e.wall_id = :own AND e.kind = 'event' AND v.state = 'erased'
)

UPDATE record SET event_key = NULL WHERE record_key IN (
    SELECT m.record_key FROM erased AS made CROSS JOIN record AS m ON m.event_key = made.record_key
    UNION
    SELECT p.parent_key FROM erased AS made CROSS JOIN parent AS p ON p.child_key = made.record_key
    WHERE NOT EXISTS (SELECT 1 FROM revision AS v WHERE v.record_key = p.parent_key AND v.state != 'erased')
);

-- A part of what is known of imports that goes takes its checksum along.
-- name: discount_session
UPDATE wall SET imports_checksum = imports_checksum - (
    SELECT coalesce(sum(row_checksum(CAST('session ' || i.session AS BLOB), i.wall_id, i.import_id)), 0)
    FROM import AS i
    WHERE i.wall_id = :own AND i.session = (SELECT s.name FROM session AS s WHERE s.session_id = :name)
)
WHERE wall_id = :own;

-- name: discount_agent
UPDATE wall SET imports_checksum = imports_checksum - (
    SELECT coalesce(sum(row_checksum(CAST('agent ' || i.agent AS BLOB), i.wall_id, i.import_id)), 0)
    FROM import AS i WHERE i.wall_id = :own AND i.agent = :name
)
WHERE wall_id = :own;

-- name: discount_run
UPDATE wall SET imports_checksum = imports_checksum - (
    SELECT coalesce(sum(row_checksum(CAST('run ' || i.run AS BLOB), i.wall_id, i.import_id)), 0)
    FROM import AS i WHERE i.wall_id = :own AND i.run = :name
)
WHERE wall_id = :own;

-- Those that go with the words of a revision: its trigger takes the same ones.
-- name: discount_digests
UPDATE wall SET imports_checksum = imports_checksum - (
    SELECT coalesce(sum(row_checksum(p.digest, p.wall_id, p.import_id, p.ordinal)), 0)
    FROM revision AS v CROSS JOIN piece AS p
    WHERE v.content_id = :content_id AND p.wall_id = wall.wall_id AND p.digest IS NOT NULL
        AND (p.has_repeats OR (p.last_number >= v.number AND p.first_number <= v.number))
)
WHERE wall_id = (
    SELECT r.wall_id FROM revision AS v INNER JOIN record AS r ON v.record_key = r.record_key
    WHERE v.content_id = :content_id
);

-- The row of an import stands before its first piece, as number -1.
-- name: discount_import
UPDATE wall SET imports_checksum = imports_checksum - (
    SELECT coalesce(sum(k.checksum), 0) FROM import_checksum AS k
    WHERE k.import_id = :import_id AND k.ordinal BETWEEN :first AND :last
)
WHERE wall_id = :wall_id;

-- name: count_import
UPDATE wall SET imports_checksum = imports_checksum + (
    SELECT coalesce(sum(k.checksum), 0) FROM import_checksum AS k
    WHERE k.import_id = :import_id AND k.ordinal BETWEEN :first AND :last
)
WHERE wall_id = :wall_id;

-- Nor do imports keep a name that nobody bears.
-- name: forget_session
UPDATE import SET session = NULL
WHERE wall_id = :own AND session = (SELECT s.name FROM session AS s WHERE s.session_id = :name);

-- name: forget_agent
UPDATE import SET agent = NULL WHERE wall_id = :own AND agent = :name;

-- name: forget_run
UPDATE import SET run = NULL WHERE wall_id = :own AND run = :name;

-- name: drop_session
DELETE FROM session WHERE session_id = :session_id;

-- Imports of which no words are left are forgotten, so that what they took in can be taken in again.
-- name: hollow_imports
SELECT i.import_id FROM import AS i WHERE i.wall_id = :own AND (
    NOT EXISTS (SELECT 1 FROM piece AS p WHERE p.import_id = i.import_id)
    OR (
        EXISTS (SELECT 1 FROM piece AS p WHERE p.import_id = i.import_id AND p.digest IS NULL)
        AND NOT EXISTS (
            SELECT 1 FROM piece AS p
            CROSS JOIN operation AS o ON o.wall_id = :own AND o.number BETWEEN p.first_number AND p.last_number
            CROSS JOIN revision AS v ON o.record_key = v.record_key AND o.revision = v.revision
            CROSS JOIN record AS r ON o.record_key = r.record_key
            WHERE p.import_id = i.import_id AND v.state != 'erased' AND r.kind != 'event'
        )
    )
);

-- name: drop_import
DELETE FROM import WHERE import_id = :import_id;

-- Once no words are left in a wall there is nothing to go back to.
-- name: drop_hollow_snapshots
DELETE FROM snapshot WHERE wall_id = :own AND NOT EXISTS (
    SELECT 1 FROM record AS r CROSS JOIN revision AS v ON r.record_key = v.record_key
    WHERE r.wall_id = :own AND v.state != 'erased'
);

-- name: snapshots
SELECT name, commit_number, number, chain, recorded_us FROM snapshot WHERE wall_id = :own;

-- name: add_snapshot
INSERT INTO snapshot (wall_id, name, commit_number, number, chain, recorded_us, checksum) VALUES (
    :own, :name, :commit_number, :number, :chain, :recorded_us,
    row_checksum(:name, :own, :commit_number, :number, :recorded_us)
);

-- name: drop_snapshot
DELETE FROM snapshot WHERE wall_id = :own AND name = :name;

-- Something is gone whose bytes are to go from the files, by no operation: the last commit stands for it.
-- name: let_bytes_go
INSERT INTO erasure (commit_number) SELECT max(number) FROM "commit" WHERE TRUE
ON CONFLICT (commit_number) DO UPDATE SET scrubbed_us = NULL;

-- How far a wall had come after a commit; numbers and commits grow together.
-- name: number_after_commit
SELECT number FROM operation WHERE wall_id = :own AND commit_number <= :commit_number ORDER BY number DESC LIMIT 1;

-- name: note_erasure
INSERT OR IGNORE INTO erasure (commit_number) VALUES (:commit_number);

-- name: erasures_waiting
SELECT commit_number FROM erasure WHERE scrubbed_us IS NULL ORDER BY commit_number;

-- name: erasures_scrubbed
UPDATE erasure SET scrubbed_us = :scrubbed_us WHERE scrubbed_us IS NULL AND commit_number <= :last;

-- name: event
SELECT record_key, wall_id FROM record WHERE id = :id AND kind = 'event';

-- The plus signs keep SQLite from walking the whole wall.
-- name: assign_event
UPDATE record SET event_key = :event_key
WHERE id IN (SELECT value FROM json_each(:ids)) AND +wall_id = :wall_id AND +kind = 'observation';

-- name: encoder
SELECT encoder_id, name, model, width FROM encoder WHERE phase = 'current' ORDER BY encoder_id LIMIT 1;

-- name: encoder_id
SELECT encoder_id FROM encoder WHERE model = :model AND width = :width;

-- name: add_encoder
INSERT INTO encoder (name, model, width, checksum)
VALUES (:name, :model, :width, row_checksum(:name || char(10) || :model, :width));

-- name: add_coming_encoder
INSERT INTO encoder (name, model, width, checksum, phase)
VALUES (:name, :model, :width, row_checksum(:name || char(10) || :model, :width), 'coming')
ON CONFLICT (model, width) DO NOTHING;

-- What was to come, and is not any more, goes.
-- name: abandon_encoders
UPDATE encoder SET phase = 'going'
WHERE phase = 'coming' AND encoder_id NOT IN (SELECT value FROM json_each(:kept));

-- name: change_encoder
UPDATE encoder SET phase = CASE WHEN encoder_id IN (SELECT value FROM json_each(:kept)) THEN 'current' ELSE 'going' END;

-- name: count_unready
SELECT w.tenant, w.user, count(DISTINCT x.content_id) FROM wall AS w
CROSS JOIN vector AS x ON w.wall_id = x.wall_id AND x.encoder_id = :former_id
WHERE NOT EXISTS (SELECT 1 FROM vector AS n WHERE n.content_id = x.content_id AND n.encoder_id = :encoder_id)
GROUP BY w.wall_id;

-- name: unready
SELECT r.id, v.revision, v.number, c.speaker, r.modality, s.name, c.text FROM (
    SELECT DISTINCT x.content_id FROM vector AS x
    WHERE x.wall_id = :wall_id AND x.encoder_id = :former_id
        AND NOT EXISTS (SELECT 1 FROM vector AS n WHERE n.content_id = x.content_id AND n.encoder_id = :encoder_id)
    LIMIT :limit
) AS wanted
CROSS JOIN content AS c ON wanted.content_id = c.content_id
CROSS JOIN revision AS v ON c.content_id = v.content_id
CROSS JOIN record AS r ON v.record_key = r.record_key
LEFT JOIN session AS s ON r.session_id = s.session_id;

-- name: has_vectors
SELECT EXISTS (SELECT 1 FROM vector WHERE content_id = :content_id AND encoder_id = :encoder_id);

-- What came since the last look, and has only the former vectors, waits again; what nobody finds does not.
-- name: wait_again
UPDATE main.content SET awaits_vector = 1
WHERE content_id IN (
    SELECT x.content_id FROM vector AS x
    CROSS JOIN revision AS v ON x.content_id = v.content_id AND v.state = 'active'
    CROSS JOIN record AS r ON v.record_key = r.record_key AND r.kind = 'observation'
    WHERE x.wall_id = :wall_id AND x.encoder_id = :former_id
        AND NOT EXISTS (SELECT 1 FROM vector AS n WHERE n.content_id = x.content_id AND n.encoder_id = :encoder_id)
);

-- name: former_vectors
SELECT x.vector_number, v.number, x.wall_id FROM encoder AS e CROSS JOIN wall AS w
CROSS JOIN vector AS x ON x.wall_id = w.wall_id AND x.encoder_id = e.encoder_id
LEFT JOIN revision AS v ON x.content_id = v.content_id
WHERE e.phase = 'going' LIMIT :limit;

-- name: drop_former_tokens
DELETE FROM main.token_vector WHERE wall_id = :wall_id AND number IN (SELECT value FROM json_each(:numbers))
    AND (SELECT e.phase FROM encoder AS e WHERE e.encoder_id = token_vector.encoder_id) = 'going';

-- name: drop_former_vectors
DELETE FROM main.vector WHERE vector_number IN (SELECT value FROM json_each(:numbers));

-- name: drop_left_tokens
DELETE FROM main.token_vector WHERE encoder_id IN (SELECT e.encoder_id FROM encoder AS e WHERE e.phase = 'going');

-- name: drop_former_encoders
DELETE FROM encoder WHERE phase = 'going';

-- name: content_of_revision
SELECT v.content_id, r.wall_id, c.awaits_vector, v.number, w.tenant, w.user, r.agent, r.run, s.name, r.place, r.arrived
FROM record AS r
INNER JOIN revision AS v ON r.record_key = v.record_key
INNER JOIN content AS c ON v.content_id = c.content_id
INNER JOIN wall AS w ON r.wall_id = w.wall_id
LEFT JOIN session AS s ON r.session_id = s.session_id
WHERE r.id = :id AND v.revision = :revision;

-- name: add_tokens
INSERT OR REPLACE INTO main.token_vector (wall_id, number, encoder_id, "start", data, checksum)
SELECT :wall_id, :number, :encoder_id, x."start", :data, :checksum FROM vector AS x
WHERE x.content_id = :content_id AND x."start" = :start;

-- Numbers are never given again, to whatever is stored later.
-- name: last_vector
SELECT max(
    coalesce((SELECT q.seq FROM sqlite_sequence AS q WHERE q.name = 'vector'), 0),
    coalesce((SELECT max(x.vector_number) FROM vector AS x), 0)
);

-- name: add_vector
INSERT INTO main.vector (vector_number, wall_id, content_id, encoder_id, "start", "end", data, checksum)
VALUES (:vector_number, :wall_id, :content_id, :encoder_id, :start, :end, :data, :checksum);

-- CROSS JOIN keeps the order in which the tables are walked: the names first, then what stands under each. INDEXED BY
-- looks an id up in the walls alone: by the index of all ids a foreign one took 1.5 µs longer to miss than an unknown.
-- name: records
SELECT f.* FROM json_each(:ids) AS wanted
CROSS JOIN record AS k INDEXED BY record_in_wall ON k.id = wanted.value
CROSS JOIN full_record AS f ON k.record_key = f.record_key
WHERE f.is_current AND k.wall_id IN (:own, :shared)
    AND (:agent IS NULL OR k.agent IS NULL OR k.agent = :agent) AND (:run IS NULL OR k.run IS NULL OR k.run = :run);

-- name: records_by_external_id
SELECT f.* FROM json_each(:external_ids) AS wanted
CROSS JOIN record AS k ON k.wall_id = :own AND k.external_id = wanted.value
CROSS JOIN full_record AS f ON k.record_key = f.record_key
WHERE f.is_current;

-- name: revisions
SELECT f.* FROM record AS k INDEXED BY record_in_wall CROSS JOIN full_revision AS f ON k.record_key = f.record_key
WHERE k.id = :id AND k.wall_id IN (:own, :shared)
    AND (:agent IS NULL OR k.agent IS NULL OR k.agent = :agent) AND (:run IS NULL OR k.run IS NULL OR k.run = :run)
ORDER BY f.revision;

-- name: revision
SELECT f.* FROM full_revision AS f WHERE f.record_key = :record_key AND f.revision = :revision;

-- name: operations
SELECT
    w.tenant, w.user, o.number, o.commit_number, o.action, r.id, o.revision, o.from_state, o.to_state, o.actor,
    o.recorded_us, o.mac, o.chain, o.reverts, o.origin
FROM record AS r INDEXED BY record_in_wall
CROSS JOIN operation AS o ON r.record_key = o.record_key INNER JOIN wall AS w ON o.wall_id = w.wall_id
WHERE r.id = :id AND r.wall_id IN (:own, :shared)
    AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run IS NULL OR r.run = :run)
ORDER BY o.number;

-- name: logs
SELECT
    w.tenant, w.user, o.number, o.commit_number, o.action, r.id, o.revision, o.from_state, o.to_state, o.actor,
    o.recorded_us, o.mac, o.chain, o.reverts, o.origin
FROM json_each(:ids) AS wanted
CROSS JOIN record AS r ON r.id = wanted.value
CROSS JOIN operation AS o ON r.record_key = o.record_key
INNER JOIN wall AS w ON o.wall_id = w.wall_id
WHERE r.wall_id IN (:own, :shared)
    AND EXISTS (SELECT 1 FROM operation AS l WHERE l.record_key = r.record_key AND l.number > r.arrived)
    AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run IS NULL OR r.run = :run)
ORDER BY r.id, o.number;

-- Of the records that operations after a number touched, those that have been active by another operation than the one
-- that began them.
-- name: turns
SELECT
    w.tenant, w.user, o.number, o.commit_number, o.action, r.id, o.revision, o.from_state, o.to_state, o.actor,
    o.recorded_us, o.mac, o.chain, o.reverts, o.origin
FROM (
    SELECT DISTINCT t.record_key FROM operation AS t WHERE t.wall_id = :wall_id AND t.number > :after
) AS touched
CROSS JOIN record AS r ON touched.record_key = r.record_key AND r.kind = 'observation'
CROSS JOIN operation AS o ON r.record_key = o.record_key
INNER JOIN wall AS w ON o.wall_id = w.wall_id
WHERE EXISTS (
    SELECT 1 FROM operation AS a
    WHERE a.record_key = touched.record_key AND a.to_state = 'active' AND a.number != r.arrived
)
ORDER BY o.record_key, o.number;

-- name: erased_since
SELECT v.number FROM operation AS o
CROSS JOIN revision AS v ON o.record_key = v.record_key AND o.revision = v.revision
WHERE o.wall_id = :wall_id AND o.number > :after AND o.to_state = 'erased';

-- name: operation_time
SELECT recorded_us FROM operation WHERE wall_id = :wall_id AND number = :number;

-- name: logged
SELECT
    w.tenant, w.user, o.number, o.commit_number, o.action, r.id, o.revision, o.from_state, o.to_state, o.actor,
    o.recorded_us, o.mac, o.chain, o.reverts, o.origin
FROM operation AS o CROSS JOIN record AS r ON o.record_key = r.record_key INNER JOIN wall AS w ON o.wall_id = w.wall_id
WHERE o.wall_id = :wall_id AND (:numbers IS NULL OR o.number IN (SELECT value FROM json_each(:numbers)))
    AND (:commits IS NULL OR o.commit_number IN (SELECT value FROM json_each(:commits)))
    AND (:record_id IS NULL OR r.id = :record_id)
    AND (:actions IS NULL OR o.action IN (SELECT value FROM json_each(:actions)))
    AND (:actors IS NULL OR o.actor IN (SELECT value FROM json_each(:actors)))
    AND (:since IS NULL OR o.recorded_us >= :since) AND (:until IS NULL OR o.recorded_us <= :until)
    AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run IS NULL OR r.run = :run)
ORDER BY o.number DESC LIMIT :limit;

-- The parent itself is looked at first: children of a record that the scope does not see are not given either.
-- name: children
SELECT f.* FROM (
    SELECT DISTINCT p.child_key
    FROM record AS r INDEXED BY record_in_wall CROSS JOIN parent AS p ON r.record_key = p.parent_key
    WHERE r.id = :id AND r.wall_id IN (:own, :shared)
        AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run IS NULL OR r.run = :run)
) AS made
CROSS JOIN full_record AS f ON made.child_key = f.record_key
WHERE f.is_current AND f.wall_id IN (:own, :shared)
    AND (:agent IS NULL OR f.agent IS NULL OR f.agent = :agent) AND (:run IS NULL OR f.run IS NULL OR f.run = :run)
ORDER BY f.user IS NULL, f.arrived;

-- name: page
SELECT f.* FROM record AS k INDEXED BY record_by_arrival
CROSS JOIN full_record AS f ON k.record_key = f.record_key
WHERE k.wall_id = :wall_id AND k.arrived > :after
    AND k.kind IN (SELECT value FROM json_each(:kinds)) AND f.state IN (SELECT value FROM json_each(:states))
    AND f.is_current
    AND (:agent IS NULL OR k.agent IS NULL OR k.agent = :agent) AND (:run IS NULL OR k.run IS NULL OR k.run = :run)
ORDER BY k.arrived LIMIT :limit;

-- name: page_of_session
SELECT f.* FROM session AS s
CROSS JOIN record AS k INDEXED BY record_in_stream ON s.session_id = k.session_id
CROSS JOIN full_record AS f ON k.record_key = f.record_key
WHERE s.wall_id = :wall_id AND s.name = :session AND k.wall_id = :wall_id AND k.arrived > :after
    AND k.kind IN (SELECT value FROM json_each(:kinds)) AND f.state IN (SELECT value FROM json_each(:states))
    AND f.is_current
    AND (:agent IS NULL OR k.agent IS NULL OR k.agent = :agent) AND (:run IS NULL OR k.run IS NULL OR k.run = :run)
ORDER BY k.arrived LIMIT :limit;

-- name: places
SELECT r.id, s.name, e.id, v.at_us, v.at_offset_s, r.place, r.arrived
FROM record AS r
CROSS JOIN revision AS v ON r.record_key = v.record_key AND v.state = 'active'
LEFT JOIN session AS s ON r.session_id = s.session_id
LEFT JOIN record AS e ON r.event_key = e.record_key
WHERE r.wall_id = :wall_id AND r.kind = 'observation'
    AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run IS NULL OR r.run = :run)
ORDER BY r.place, r.arrived;

-- name: places_of_session
SELECT r.id, s.name, e.id, v.at_us, v.at_offset_s, r.place, r.arrived
FROM session AS s
CROSS JOIN record AS r INDEXED BY record_in_stream ON s.session_id = r.session_id
CROSS JOIN revision AS v ON r.record_key = v.record_key AND v.state = 'active'
LEFT JOIN record AS e ON r.event_key = e.record_key
WHERE s.wall_id = :wall_id AND s.name = :session AND r.wall_id = :wall_id AND r.kind = 'observation'
    AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run IS NULL OR r.run = :run)
ORDER BY r.place, r.arrived;

-- Rows of a stream in its order, with the vectors of each: the rows first, which the limit counts, then what each has.
-- name: stream
SELECT wanted.*, x.data FROM (
    SELECT * FROM stream_row AS s
    WHERE s.wall_id = :own AND s.session_id IS :session_id AND s.agent IS :agent AND s.run IS :run
        AND (s.place, s.arrived) >= (:place, :arrived)
    ORDER BY s.place, s.arrived LIMIT :limit
) AS wanted
LEFT JOIN vector AS x ON wanted.content_id = x.content_id AND x.encoder_id = :encoder_id
ORDER BY wanted.place, wanted.arrived, x."start";

-- The same, backwards from before a spot; the vectors of a row forwards.
-- name: stream_before
SELECT wanted.*, x.data FROM (
    SELECT * FROM stream_row AS s
    WHERE s.wall_id = :own AND s.session_id IS :session_id AND s.agent IS :agent AND s.run IS :run
        AND (s.place, s.arrived) < (:place, :arrived)
    ORDER BY s.place DESC, s.arrived DESC LIMIT :limit
) AS wanted
LEFT JOIN vector AS x ON wanted.content_id = x.content_id AND x.encoder_id = :encoder_id
ORDER BY wanted.place DESC, wanted.arrived DESC, x."start";

-- name: streams
SELECT r.agent, r.run, s.name FROM record AS r LEFT JOIN session AS s ON r.session_id = s.session_id
WHERE r.wall_id = :wall_id AND r.kind = 'observation'
GROUP BY r.session_id, r.agent, r.run ORDER BY min(r.arrived);

-- The bare id is that of the row with the least number of arrival.
-- name: event_head
SELECT count(*), k.id, min(k.arrived) FROM record AS e
CROSS JOIN record AS k INDEXED BY record_in_event ON e.record_key = k.event_key
WHERE e.id = :id AND e.wall_id = :own AND (k.place, k.arrived) < (:place, :arrived);

-- name: event_sizes
SELECT
    e.id,
    (SELECT count(*) FROM record AS k WHERE k.event_key = e.record_key),
    EXISTS (
        SELECT 1 FROM record AS k CROSS JOIN revision AS v ON k.record_key = v.record_key
        WHERE k.event_key = e.record_key AND v.state = 'active'
    )
FROM json_each(:ids) AS wanted
CROSS JOIN record AS e ON e.id = wanted.value
WHERE e.wall_id = :own AND e.kind = 'event';

-- name: event_size
SELECT count(*) FROM record AS k
WHERE k.event_key = (SELECT e.record_key FROM record AS e WHERE e.id = :id AND e.wall_id = :own AND e.kind = 'event');

-- Every revision of an observation that an operation after :after touched, itself, its sibling or its event.
-- name: index_rows
SELECT
    r.id, v.revision, v.number, v.state,
    CASE WHEN v.state != 'active' THEN coalesce((
        SELECT min(o.number) FROM operation AS o
        WHERE o.record_key = v.record_key AND CASE
            WHEN o.revision = v.revision THEN o.to_state != 'active'
            ELSE o.to_state = 'active' OR o.action = 'UPDATE'
        END AND o.number > (
            SELECT max(p.number) FROM operation AS p
            WHERE p.record_key = v.record_key AND p.revision = v.revision AND p.to_state = 'active'
        )
    ), v.number) END,
    r.arrived, coalesce(r.session_id, 0), s.name, r.place, coalesce(e.arrived, 0), v.at_us,
    coalesce(v.at_offset_s, 0), r.kind, v.layer, r.modality,
    c.speaker, c.role, r.agent, r.run, c.metadata, coalesce(c.text, '')
FROM (
    SELECT o.record_key FROM operation AS o WHERE o.wall_id = :wall_id AND o.number > :after
    UNION
    SELECT m.record_key FROM operation AS o CROSS JOIN record AS m ON o.record_key = m.event_key
    WHERE o.wall_id = :wall_id AND o.number > :after
) AS touched
CROSS JOIN record AS r ON touched.record_key = r.record_key AND r.kind = 'observation'
CROSS JOIN revision AS v ON r.record_key = v.record_key AND v.state != 'erased'
LEFT JOIN content AS c ON v.content_id = c.content_id
LEFT JOIN session AS s ON r.session_id = s.session_id
LEFT JOIN record AS e ON r.event_key = e.record_key
ORDER BY v.number;

-- name: field_values
SELECT
    o.number,
    CASE :field
        WHEN 'recorded_at' THEN v.recorded_us
        WHEN 'external_id' THEN r.external_id
        WHEN 'text' THEN coalesce(c.text, '')
        WHEN 'sensitivity' THEN v.sensitivity
    END
FROM operation AS o
CROSS JOIN record AS r ON o.record_key = r.record_key AND r.kind = 'observation'
CROSS JOIN revision AS v
    ON o.record_key = v.record_key AND o.revision = v.revision AND o.number = v.number AND v.state != 'erased'
LEFT JOIN content AS c ON v.content_id = c.content_id
WHERE o.wall_id = :wall_id AND o.number > :after
ORDER BY o.number;

-- Every revision of each record of which one bears a label, and of each that was made from such a record.
-- name: labelled
WITH wanted AS (
    SELECT DISTINCT v.record_key FROM revision AS v
    CROSS JOIN record AS r ON v.record_key = r.record_key AND r.wall_id = :wall_id
    WHERE v.sensitivity IS NOT NULL
),

made AS (
    SELECT wanted.record_key FROM wanted
    UNION
    SELECT p.child_key FROM wanted CROSS JOIN parent AS p ON wanted.record_key = p.parent_key
)

SELECT
    r.id, r.kind, v.revision, v.number, v.sensitivity, v.revision = coalesce(
        (SELECT o.revision FROM revision AS o WHERE o.record_key = v.record_key AND o.state = 'active'),
        (SELECT max(o.revision) FROM revision AS o WHERE o.record_key = v.record_key AND o.state != 'superseded'),
        (SELECT max(o.revision) FROM revision AS o WHERE o.record_key = v.record_key)
    ), e.id, (
        SELECT json_group_array(DISTINCT pr.id)
        FROM parent AS p INNER JOIN record AS pr ON p.parent_key = pr.record_key
        WHERE p.child_key = v.record_key AND p.child_revision = v.revision
    )
FROM made
CROSS JOIN record AS r ON made.record_key = r.record_key AND r.wall_id = :wall_id
CROSS JOIN revision AS v ON r.record_key = v.record_key
LEFT JOIN record AS e ON r.event_key = e.record_key
ORDER BY r.arrived, v.revision;

-- name: vector_rows
SELECT x.vector_number, v.number, x."start", x."end", x.data, x.content_id, x.checksum
FROM vector AS x
INNER JOIN revision AS v ON x.content_id = v.content_id
WHERE x.wall_id = :wall_id AND x.encoder_id = :encoder_id AND x.vector_number > :after
ORDER BY x.vector_number;

-- name: token_rows
SELECT t.number, t."start", t.data, t.checksum FROM json_each(:numbers) AS wanted
CROSS JOIN token_vector AS t ON t.wall_id = :wall_id AND t.number = wanted.value AND t.encoder_id = :encoder_id;

-- name: untold
SELECT v.number
FROM vector AS x
INNER JOIN revision AS v ON x.content_id = v.content_id
LEFT JOIN token_vector AS t
    ON x.wall_id = t.wall_id AND v.number = t.number AND t.encoder_id = :encoder_id AND x."start" = t."start"
WHERE x.wall_id = :wall_id AND v.state = 'active'
    AND x.encoder_id = (SELECT min(e.encoder_id) FROM encoder AS e WHERE e.phase = 'current')
GROUP BY v.number
HAVING count(*) > count(t.number) OR sum(length(t.data)) > :most_bytes
ORDER BY v.number;

-- The operations first, then what each made: a revision stands where its number does.
-- name: made_by
SELECT f.* FROM json_each(:numbers) AS wanted
CROSS JOIN operation AS o ON o.wall_id = :wall_id AND o.number = wanted.value
CROSS JOIN full_revision AS f ON o.record_key = f.record_key AND o.revision = f.revision
WHERE o.number = f.number
    AND (:agent IS NULL OR f.agent IS NULL OR f.agent = :agent) AND (:run IS NULL OR f.run IS NULL OR f.run = :run);

-- name: texts_made_by
SELECT r.id, v.revision, v.number, c.speaker, r.modality, s.name, c.text
FROM json_each(:numbers) AS wanted
CROSS JOIN operation AS o ON o.wall_id = :wall_id AND o.number = wanted.value
CROSS JOIN revision AS v ON o.record_key = v.record_key AND o.revision = v.revision
CROSS JOIN record AS r ON v.record_key = r.record_key
CROSS JOIN content AS c ON v.content_id = c.content_id
LEFT JOIN session AS s ON r.session_id = s.session_id
WHERE o.number = v.number
    AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run IS NULL OR r.run = :run);

-- name: segments
SELECT part, ordinal, covers, data FROM segment
WHERE wall_id = :wall_id AND producer = :producer AND (:part IS NULL OR part = :part)
ORDER BY part, ordinal;

-- name: producers
SELECT DISTINCT producer FROM segment WHERE wall_id = :wall_id ORDER BY producer;

-- name: lacks_segments
SELECT w.parts_checksum != coalesce((
    SELECT row_checksum(group_concat(concat_ws(char(10), s.producer, s.part, s.ordinal, s.covers) ORDER BY s.segment_id))
    FROM segment AS s WHERE s.wall_id = w.wall_id
), 0) FROM wall AS w WHERE w.wall_id = :wall_id;

-- name: note_segments
UPDATE wall SET parts_checksum = coalesce((
    SELECT row_checksum(group_concat(concat_ws(char(10), s.producer, s.part, s.ordinal, s.covers) ORDER BY s.segment_id))
    FROM segment AS s WHERE s.wall_id = wall.wall_id
), 0) WHERE wall_id = :wall_id;

-- Compares and sets: nothing happens where the wall has another epoch, or what is kept reaches as far.
-- name: put_segment
INSERT INTO main.segment (wall_id, producer, part, ordinal, covers, data)
SELECT w.wall_id, :producer, :part, :ordinal, :covers, :data FROM wall AS w
WHERE w.wall_id = :wall_id AND w.epoch = :epoch
ON CONFLICT (wall_id, producer, part, ordinal) DO UPDATE SET covers = excluded.covers, data = excluded.data
    WHERE excluded.covers > covers;

-- name: drop_segments
DELETE FROM main.segment WHERE wall_id = :wall_id;

-- name: begin_epoch
UPDATE wall SET epoch = epoch + 1, rules_checksum = rules_checksum + 1, parts_checksum = 0 WHERE wall_id = :wall_id;

-- Those that go by that name, and those whose first piece is one of these beginnings. One of which something was erased,
-- and that has no session, may have had any.
-- name: imports
SELECT i.import_id, i.name, i.session, i.zone, i.day_first, p.messages, p.digest, p.first_number, p.last_number,
    p.has_repeats
FROM import AS i LEFT JOIN piece AS p ON i.import_id = p.import_id
WHERE i.wall_id = :own AND i.agent IS :agent AND i.run IS :run AND (
    i.session IS :session OR (
        i.session IS NULL AND EXISTS (SELECT 1 FROM piece AS g WHERE g.import_id = i.import_id AND g.digest IS NULL)
    )
) AND (
    i.name = :name OR i.import_id IN (
        SELECT o.import_id FROM json_each(:openings) AS wanted
        CROSS JOIN piece AS o ON o.wall_id = :own AND o.ordinal = 0 AND o.digest = unhex(wanted.value)
    )
)
ORDER BY i.import_id DESC, p.ordinal;

-- name: imported
SELECT wanted.value, p.import_id FROM json_each(:numbers) AS wanted
CROSS JOIN piece AS p ON p.wall_id = :own AND p.last_number = (
    SELECT min(next.last_number) FROM piece AS next WHERE next.wall_id = :own AND next.last_number >= wanted.value
)
WHERE p.first_number <= wanted.value;

-- name: add_import
INSERT INTO import (wall_id, agent, run, session, name, zone, day_first)
VALUES (:wall_id, :agent, :run, :session, :name, :zone, :day_first);

-- name: rename_import
UPDATE import SET name = :name, zone = :zone, day_first = :day_first WHERE import_id = :import_id;

-- How many pieces of an import there are; none for one that is not in that wall.
-- name: count_pieces
SELECT (SELECT count(*) FROM piece AS p WHERE p.import_id = i.import_id) FROM import AS i
WHERE i.import_id = :import_id AND i.wall_id = :wall_id;

-- name: add_piece
INSERT INTO piece (import_id, ordinal, wall_id, messages, digest, first_number, last_number, has_repeats)
VALUES (:import_id, :ordinal, :wall_id, :messages, :digest, :first, :last, :has_repeats);

-- name: drop_pieces
DELETE FROM piece WHERE import_id = :import_id AND ordinal >= :ordinal;

-- One that does not even say of which content it is; SQLite takes `IS NULL` of such a column for false unread.
-- name: mend_vectors
DELETE FROM main.vector WHERE typeof(content_id) != 'integer';

-- name: mend_tokens
DELETE FROM main.token_vector WHERE (wall_id, number, encoder_id, "start") IN (
    SELECT t.wall_id, t.number, t.encoder_id, t."start" FROM token_vector AS t
    WHERE t.checksum IS NOT row_checksum(t.data, t.wall_id, t.number, t.encoder_id, t."start")
        OR t.encoder_id NOT IN (
            SELECT e.encoder_id FROM encoder AS e WHERE e.checksum = row_checksum(e.name || char(10) || e.model, e.width)
        )
    UNION
    SELECT b.wall_id, b.number, b.encoder_id, b."start" FROM broken_tokens AS b
);

-- A changed one has no vector any more; one that is needed is noted anew.
-- name: mend_phases
UPDATE encoder SET phase = 'current' WHERE phase NOT IN ('current', 'coming', 'going');

-- name: mend_encoders
DELETE FROM encoder WHERE encoder_id NOT IN (SELECT x.encoder_id FROM vector AS x)
    AND encoder_id NOT IN (SELECT t.encoder_id FROM token_vector AS t);

-- Where a wall keeps token vectors, a text that lacks some is to be encoded anew.
-- name: mend_untold
DELETE FROM main.vector WHERE encoder_id = (SELECT min(e.encoder_id) FROM encoder AS e WHERE e.phase = 'current')
    AND content_id IN (
        SELECT x.content_id FROM vector AS x
        INNER JOIN revision AS v ON x.content_id = v.content_id
        WHERE x.encoder_id = (SELECT min(e.encoder_id) FROM encoder AS e WHERE e.phase = 'current')
            AND EXISTS (
                SELECT 1 FROM token_vector AS o INNER JOIN encoder AS e ON o.encoder_id = e.encoder_id
                WHERE o.wall_id = x.wall_id AND e.phase = 'current'
            ) AND NOT EXISTS (
                SELECT 1 FROM token_vector AS t INNER JOIN encoder AS e ON t.encoder_id = e.encoder_id
                WHERE t.wall_id = x.wall_id AND t.number = v.number AND t."start" = x."start" AND e.phase = 'current'
            )
    );

-- name: mend_waiting
UPDATE main.content AS c SET awaits_vector = 1 - c.awaits_vector
WHERE c.awaits_vector != (
    NOT EXISTS (
        SELECT 1 FROM vector AS x WHERE x.content_id = c.content_id
            AND x.encoder_id = (SELECT min(e.encoder_id) FROM encoder AS e WHERE e.phase = 'current')
    ) AND EXISTS (
        SELECT 1 FROM revision AS v INNER JOIN record AS r ON v.record_key = r.record_key
        WHERE v.content_id = c.content_id AND v.state = 'active' AND r.kind = 'observation'
    )
);

-- name: mend_scores
UPDATE record SET importance = NULL, strength = NULL, confidence = NULL, uses = 0
WHERE coalesce(importance, strength, confidence) IS NOT NULL OR uses != 0;

-- name: mend_ends
UPDATE wall SET
    vector_number = coalesce((SELECT max(x.vector_number) FROM vector AS x WHERE x.wall_id = wall.wall_id), 0),
    waiting = (SELECT count(*) FROM content AS c WHERE c.wall_id = wall.wall_id AND c.awaits_vector = 1),
    epoch = epoch + 1,
    rules_checksum = row_checksum(rules) + epoch + 1,
    parts_checksum = 0;

-- name: mend_segments
DELETE FROM main.segment;

-- Pages of each table by what stands in them; the lookups are SQLite's own indexes.
-- name: disk_bytes
SELECT
    CASE
        WHEN s.type = 'index' THEN 'lookups'
        WHEN d.name = 'content' THEN 'words'
        WHEN d.name IN ('record', 'revision', 'parent', 'session') THEN 'records'
        WHEN d.name IN ('operation', 'commit', 'wall', 'snapshot', 'load') THEN 'log'
        WHEN d.name IN ('vector', 'token_vector') THEN 'vectors'
        WHEN d.name = 'segment' THEN 'indexes'
        ELSE 'other'
    END,
    sum(d.pgsize)
FROM dbstat AS d LEFT JOIN sqlite_schema AS s ON d.name = s.name
WHERE d.aggregate = TRUE GROUP BY 1
UNION ALL
SELECT 'free', f.freelist_count * p.page_size FROM pragma_freelist_count AS f, pragma_page_size AS p;

-- name: needed_bytes
SELECT c.page_count * p.page_size FROM pragma_page_count AS c, pragma_page_size AS p;

-- name: vacuum
VACUUM;

-- name: vacuum_into
VACUUM INTO :path;

-- name: live_bytes
SELECT (c.page_count - f.freelist_count) * p.page_size
FROM pragma_page_count AS c, pragma_freelist_count AS f, pragma_page_size AS p;

-- name: checkpoint
PRAGMA wal_checkpoint(TRUNCATE);

-- name: waiting
SELECT r.id, v.revision, v.number, c.speaker, r.modality, s.name, c.text
FROM content AS c INDEXED BY content_waiting
CROSS JOIN revision AS v ON c.content_id = v.content_id
CROSS JOIN record AS r ON v.record_key = r.record_key
LEFT JOIN session AS s ON r.session_id = s.session_id
WHERE c.wall_id = :wall_id AND c.awaits_vector = 1
ORDER BY c.content_id LIMIT :limit;

-- name: scopes
SELECT DISTINCT w.tenant, w.user, r.agent, r.run FROM record AS r INNER JOIN wall AS w ON r.wall_id = w.wall_id
ORDER BY w.tenant, w.user IS NOT NULL, w.user;

-- :all = the whole file.
-- name: count_records
SELECT r.kind, v.state, count(*)
FROM record AS r
INNER JOIN revision AS v ON r.record_key = v.record_key
WHERE (:all OR r.wall_id IN (:own, :shared)) AND v.revision = coalesce(
    (SELECT o.revision FROM revision AS o WHERE o.record_key = v.record_key AND o.state = 'active'),
    (SELECT max(o.revision) FROM revision AS o WHERE o.record_key = v.record_key AND o.state != 'superseded'),
    (SELECT max(o.revision) FROM revision AS o WHERE o.record_key = v.record_key)
)
    AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run IS NULL OR r.run = :run)
    AND r.id NOT IN (SELECT wanted.value FROM json_each(:records) AS wanted)
    AND r.id || ':' || v.revision NOT IN (SELECT wanted.value FROM json_each(:revisions) AS wanted)
GROUP BY r.kind, v.state ORDER BY r.kind, v.state;

-- name: count_revisions
SELECT
    count(*), count(DISTINCT r.session_id), coalesce(sum(length(CAST(c.text AS BLOB))), 0),
    coalesce(sum(c.awaits_vector), 0),
    coalesce(sum((SELECT count(*) FROM vector AS x WHERE x.content_id = c.content_id)), 0)
FROM record AS r
INNER JOIN revision AS v ON r.record_key = v.record_key
LEFT JOIN content AS c ON v.content_id = c.content_id
WHERE (:all OR r.wall_id IN (:own, :shared))
    AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run IS NULL OR r.run = :run)
    AND r.id NOT IN (SELECT wanted.value FROM json_each(:records) AS wanted)
    AND r.id || ':' || v.revision NOT IN (SELECT wanted.value FROM json_each(:revisions) AS wanted);

-- name: count_operations
SELECT count(*), count(DISTINCT o.commit_number)
FROM operation AS o INNER JOIN record AS r ON o.record_key = r.record_key
WHERE (:all OR r.wall_id IN (:own, :shared))
    AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run IS NULL OR r.run = :run)
    AND r.id NOT IN (SELECT wanted.value FROM json_each(:records) AS wanted)
    AND r.id || ':' || o.revision NOT IN (SELECT wanted.value FROM json_each(:revisions) AS wanted);

-- The records of a wall that have several revisions, or of which something was taken back.
-- name: moved
SELECT DISTINCT o.record_key FROM operation AS o
WHERE o.wall_id = :wall_id AND (o.revision > 1 OR o.reverts IS NOT NULL);

-- Those that were there at an operation, and on which something was done after it.
-- name: moved_since
SELECT DISTINCT o.record_key FROM operation AS o
WHERE o.wall_id = :wall_id AND o.number > :number
    AND EXISTS (SELECT 1 FROM record AS r WHERE r.record_key = o.record_key AND r.arrived <= :number);

-- Records of one revision of which nothing was taken back, by session, kind and the state to which the last operation till
-- that one brought them.
-- name: count_moved_since
SELECT
    r.session_id, r.kind,
    (
        SELECT l.to_state FROM operation AS l
        WHERE l.record_key = r.record_key AND l.wall_id = :wall_id AND l.number <= :number
        ORDER BY l.number DESC LIMIT 1
    ) AS state_then,
    count(*), coalesce(sum(octet_length(c.text)), 0)
FROM json_each(:keys) AS wanted
CROSS JOIN record AS r ON r.record_key = wanted.value
CROSS JOIN revision AS v ON r.record_key = v.record_key
LEFT JOIN content AS c ON v.content_id = c.content_id
WHERE r.wall_id = :wall_id AND v.state != 'erased'
    AND (:as_of_us IS NULL OR coalesce(v.valid_from_us, v.at_us, v.recorded_us) <= :as_of_us)
    AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run IS NULL OR r.run = :run)
GROUP BY r.session_id, r.kind, state_then;

-- The other records that were there at an operation, by session and kind: how many are in each state (the order is the
-- contract with `past.py`), and the bytes of their texts.
-- name: count_unmoved
SELECT
    r.session_id, r.kind, coalesce(sum(octet_length(c.text)), 0),
    count(*) FILTER (WHERE v.state = 'proposed'), count(*) FILTER (WHERE v.state = 'held'),
    count(*) FILTER (WHERE v.state = 'active'), count(*) FILTER (WHERE v.state = 'superseded'),
    count(*) FILTER (WHERE v.state = 'archived'), count(*) FILTER (WHERE v.state = 'withdrawn')
FROM record AS r
CROSS JOIN revision AS v ON r.record_key = v.record_key
LEFT JOIN content AS c ON v.content_id = c.content_id
WHERE r.wall_id = :wall_id AND r.arrived <= :number AND v.state != 'erased'
    AND (:as_of_us IS NULL OR coalesce(v.valid_from_us, v.at_us, v.recorded_us) <= :as_of_us)
    AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run IS NULL OR r.run = :run)
    AND r.record_key NOT IN (SELECT wanted.value FROM json_each(:keys) AS wanted)
GROUP BY r.session_id, r.kind;

-- name: moved_revisions
SELECT
    r.record_key, r.id, r.session_id, r.kind, v.revision, v.state,
    coalesce(v.valid_from_us, v.at_us, v.recorded_us), coalesce(octet_length(c.text), 0), v.number
FROM json_each(:keys) AS wanted
CROSS JOIN record AS r ON r.record_key = wanted.value
CROSS JOIN revision AS v ON r.record_key = v.record_key
LEFT JOIN content AS c ON v.content_id = c.content_id
WHERE r.wall_id = :wall_id AND r.arrived <= :number
    AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run IS NULL OR r.run = :run);

-- name: moved_operations
SELECT o.record_key, o.number, o.action, o.revision, o.to_state, o.reverts
FROM json_each(:keys) AS wanted
CROSS JOIN operation AS o ON o.record_key = wanted.value
WHERE o.wall_id = :wall_id AND o.number <= :number
ORDER BY o.record_key, o.number;

-- The operations that made the revisions of such records that were active then.
-- name: active_since
SELECT v.number
FROM json_each(:keys) AS wanted
CROSS JOIN revision AS v ON v.record_key = wanted.value
WHERE v.state != 'erased'
    AND (:as_of_us IS NULL OR coalesce(v.valid_from_us, v.at_us, v.recorded_us) <= :as_of_us)
    AND 'active' = (
        SELECT l.to_state FROM operation AS l
        WHERE l.record_key = v.record_key AND l.wall_id = :wall_id AND l.number <= :number
        ORDER BY l.number DESC LIMIT 1
    );

-- Where observations stood that were active at an operation: those that operations made, and all active ones that are not
-- among the keys.
-- name: places_then
SELECT r.id, s.name, e.id, v.at_us, v.at_offset_s, r.place, r.arrived
FROM record AS r
CROSS JOIN revision AS v ON r.record_key = v.record_key
LEFT JOIN session AS s ON r.session_id = s.session_id
LEFT JOIN record AS e ON r.event_key = e.record_key
WHERE r.wall_id = :wall_id AND r.kind = 'observation' AND r.arrived <= :number
    AND (:session IS NULL OR s.name = :session)
    AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent) AND (:run IS NULL OR r.run IS NULL OR r.run = :run)
    AND (
        v.number IN (SELECT wanted.value FROM json_each(:made_by) AS wanted)
        OR (
            v.state = 'active' AND r.record_key NOT IN (SELECT wanted.value FROM json_each(:keys) AS wanted)
            AND (:as_of_us IS NULL OR coalesce(v.valid_from_us, v.at_us, v.recorded_us) <= :as_of_us)
        )
    )
ORDER BY r.place, r.arrived;

-- name: keys_of
SELECT r.record_key FROM json_each(:ids) AS wanted CROSS JOIN record AS r ON r.id = wanted.value
WHERE r.wall_id = :wall_id;

-- What was done till an operation of each wall. A scope without facets, from which nothing is hidden, sees all of it.
-- name: count_operations_till
SELECT count(*), count(DISTINCT o.commit_number) FROM operation AS o
WHERE ((o.wall_id = :own AND o.number <= :own_number) OR (o.wall_id = :shared AND o.number <= :shared_number))
    AND (:sees_all OR EXISTS (
        SELECT 1 FROM record AS r WHERE r.record_key = o.record_key
            AND (:agent IS NULL OR r.agent IS NULL OR r.agent = :agent)
            AND (:run IS NULL OR r.run IS NULL OR r.run = :run)
            AND r.id NOT IN (SELECT wanted.value FROM json_each(:records) AS wanted)
            AND r.id || ':' || o.revision NOT IN (SELECT wanted.value FROM json_each(:revisions) AS wanted)
    ));

-- The same of vectors and of texts that wait for one.
-- name: count_vectors
SELECT
    (SELECT count(*) FROM content AS c WHERE c.wall_id IN (:own, :shared) AND c.awaits_vector = 1),
    (SELECT count(*) FROM vector AS x WHERE x.wall_id IN (:own, :shared));

-- name: log
SELECT
    w.tenant, w.user, o.number, o.commit_number, o.action, r.id, o.revision, o.from_state, o.to_state, o.actor,
    o.recorded_us, o.mac, o.chain, o.reverts, o.origin
FROM operation AS o INNER JOIN record AS r ON o.record_key = r.record_key INNER JOIN wall AS w ON o.wall_id = w.wall_id
WHERE o.wall_id = :wall_id AND o.number > :after ORDER BY o.number;

-- name: log_by_record
SELECT
    r.arrived, w.tenant, w.user, o.number, o.commit_number, o.action, r.id, o.revision, o.from_state, o.to_state,
    o.actor, o.recorded_us, o.mac, o.chain, o.reverts, o.origin
FROM record AS r INDEXED BY record_by_arrival
CROSS JOIN operation AS o ON r.record_key = o.record_key
INNER JOIN wall AS w ON o.wall_id = w.wall_id
WHERE r.wall_id = :wall_id AND r.arrived >= :since AND o.wall_id = :wall_id ORDER BY r.arrived, o.number;

-- name: salted_revisions
SELECT f.* FROM full_revision AS f WHERE f.wall_id = :wall_id AND f.arrived >= :since ORDER BY f.arrived, f.revision;

-- name: revisions_by_number
SELECT f.* FROM operation AS o
CROSS JOIN full_revision AS f ON o.record_key = f.record_key AND o.revision = f.revision
WHERE o.wall_id = :wall_id AND o.number = f.number ORDER BY o.number;

-- name: imports_of_wall
SELECT i.agent, i.run, i.import_id, i.name, i.session, i.zone, i.day_first, p.messages, p.digest, p.first_number,
    p.last_number, p.has_repeats
FROM import AS i LEFT JOIN piece AS p ON i.import_id = p.import_id
WHERE i.wall_id = :wall_id ORDER BY i.import_id, p.ordinal;

-- name: keep_commit
INSERT OR IGNORE INTO "commit" (number, recorded_us) VALUES (:number, :recorded_us);

-- What was erased before it came here has no bytes here.
-- name: keep_erasure
INSERT OR IGNORE INTO erasure (commit_number, scrubbed_us) VALUES (:commit_number, :scrubbed_us);

-- name: note_load
INSERT INTO load (recorded_us, skipped)
SELECT :recorded_us, max(k.number) - count(*) - (SELECT coalesce(sum(l.skipped), 0) FROM load AS l)
FROM "commit" AS k;

-- name: record_key
SELECT record_key FROM record WHERE id = :id AND wall_id = :wall_id;

-- name: event_members
SELECT e.id, r.id FROM record AS r INNER JOIN record AS e ON r.event_key = e.record_key
WHERE r.wall_id = :wall_id ORDER BY r.arrived;

-- name: check_integrity
PRAGMA integrity_check;

-- name: first_fault
PRAGMA integrity_check(1);

-- name: check_references
PRAGMA foreign_key_check;

-- Where each log ends, and whether its numbers run from 1 without gaps.
-- name: check_walls
SELECT w.tenant, w.user, w.number, w.recorded_us, w.chain, o.number, o.recorded_us, o.chain, (
    SELECT count(*) FROM operation AS every WHERE every.wall_id = w.wall_id
)
FROM wall AS w LEFT JOIN operation AS o ON w.wall_id = o.wall_id AND o.number = (
    SELECT max(last.number) FROM operation AS last WHERE last.wall_id = w.wall_id
);

-- Every vector is known to its wall, and every text that waits is counted.
-- name: check_ends
SELECT w.tenant, coalesce(w.user, '(shared)') FROM wall AS w
WHERE w.vector_number < (SELECT coalesce(max(x.vector_number), 0) FROM vector AS x WHERE x.wall_id = w.wall_id)
    OR w.vector_number > coalesce((SELECT q.seq FROM sqlite_sequence AS q WHERE q.name = 'vector'), 0)
    OR w.waiting != (SELECT count(*) FROM content AS c WHERE c.wall_id = w.wall_id AND c.awaits_vector = 1);

-- By which rules events are cut, and how often indexes became useless, is as it was written.
-- name: check_rules
SELECT w.tenant, coalesce(w.user, '(shared)') FROM wall AS w
WHERE w.rules_checksum IS NOT row_checksum(w.rules) + w.epoch;

-- A commit is as old as one of its operations; their numbers run from 1, without gaps but those that loads left.
-- name: check_commits
SELECT k.number FROM "commit" AS k
WHERE NOT EXISTS (
    SELECT 1 FROM operation AS o WHERE o.commit_number = k.number AND o.recorded_us = k.recorded_us
)
UNION ALL
SELECT max(k.number) FROM "commit" AS k
HAVING max(k.number) != count(*) + (SELECT coalesce(sum(l.skipped), 0) FROM load AS l);

-- A record arrives with the operation that made its first revision.
-- name: check_arrivals
SELECT r.id FROM record AS r
WHERE NOT EXISTS (
    SELECT 1 FROM revision AS v INNER JOIN operation AS o ON o.wall_id = r.wall_id AND o.number = v.number
    WHERE v.record_key = r.record_key AND v.revision = 1 AND v.number = r.arrived AND o.record_key = r.record_key
);

-- name: check_register
SELECT t.name, c.name FROM sqlite_schema AS t INNER JOIN pragma_table_info(t.name, 'main') AS c
WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\' AND c.type IN ('TEXT', 'BLOB')
    AND NOT EXISTS (SELECT 1 FROM content_register AS k WHERE k.table_name = t.name AND k.column_name = c.name);

-- name: schema_parts
SELECT type || ' ' || name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\_stat%' ESCAPE '\'
UNION ALL
SELECT 'register ' || table_name || '.' || column_name || ' ' || holds FROM content_register;

-- Each text is one revision's, and is not erased.
-- name: check_contents
SELECT c.content_id FROM content AS c
LEFT JOIN revision AS v ON c.content_id = v.content_id
LEFT JOIN record AS r ON v.record_key = r.record_key
WHERE r.wall_id IS NOT c.wall_id OR v.state = 'erased';

-- name: check_erased
SELECT r.id, v.revision FROM revision AS v INNER JOIN record AS r ON v.record_key = r.record_key
WHERE (v.content_id IS NULL) != (v.state = 'erased');

-- What takes something back names an earlier operation on the same record.
-- name: check_reverts
SELECT o.number FROM operation AS o LEFT JOIN operation AS p ON o.wall_id = p.wall_id AND o.reverts = p.number
WHERE (o.action IN ('REVERT', 'ROLLBACK')) != (o.reverts IS NOT NULL)
    OR (o.reverts IS NOT NULL AND (p.record_key IS NOT o.record_key OR p.number >= o.number));

-- Indexes of some rows alone, whose entries SQLite's own check does not count.
-- name: check_partial
SELECT 'record_by_external_id' WHERE
    (SELECT count(*) || ' ' || total(record_key) FROM main.record INDEXED BY record_by_external_id WHERE external_id IS NOT NULL)
    != (SELECT count(*) || ' ' || total(record_key) FROM main.record NOT INDEXED WHERE external_id IS NOT NULL)
UNION ALL
SELECT 'record_in_event' WHERE
    (SELECT count(*) || ' ' || total(record_key) FROM main.record INDEXED BY record_in_event WHERE event_key IS NOT NULL)
    != (SELECT count(*) || ' ' || total(record_key) FROM main.record NOT INDEXED WHERE event_key IS NOT NULL)
UNION ALL
SELECT 'content_waiting' WHERE
    (SELECT count(*) || ' ' || total(content_id) FROM main.content INDEXED BY content_waiting WHERE awaits_vector = 1)
    != (SELECT count(*) || ' ' || total(content_id) FROM main.content NOT INDEXED WHERE awaits_vector = 1)
UNION ALL
SELECT 'revision_active' WHERE
    (SELECT count(*) || ' ' || total(record_key) FROM main.revision INDEXED BY revision_active WHERE state = 'active')
    != (SELECT count(*) || ' ' || total(record_key) FROM main.revision NOT INDEXED WHERE state = 'active')
UNION ALL
SELECT 'revision_of_content' WHERE
    (SELECT count(*) || ' ' || total(content_id) FROM main.revision INDEXED BY revision_of_content WHERE content_id IS NOT NULL)
    != (SELECT count(*) || ' ' || total(content_id) FROM main.revision NOT INDEXED WHERE content_id IS NOT NULL)
UNION ALL
SELECT 'revision_labelled' WHERE
    (SELECT count(*) || ' ' || total(record_key) FROM main.revision INDEXED BY revision_labelled WHERE sensitivity IS NOT NULL)
    != (SELECT count(*) || ' ' || total(record_key) FROM main.revision NOT INDEXED WHERE sensitivity IS NOT NULL)
UNION ALL
SELECT 'erasure_waiting' WHERE
    (SELECT count(*) || ' ' || total(commit_number) FROM main.erasure INDEXED BY erasure_waiting WHERE scrubbed_us IS NULL)
    != (SELECT count(*) || ' ' || total(commit_number) FROM main.erasure NOT INDEXED WHERE scrubbed_us IS NULL)
UNION ALL
SELECT 'piece_opening' WHERE
    (SELECT count(*) || ' ' || total(wall_id) FROM main.piece INDEXED BY piece_opening WHERE ordinal = 0)
    != (SELECT count(*) || ' ' || total(wall_id) FROM main.piece NOT INDEXED WHERE ordinal = 0);

-- Each commit that erased something is known, so that it is known whether the bytes are gone.
-- name: check_erasures
SELECT DISTINCT o.commit_number FROM operation AS o
WHERE o.to_state = 'erased' AND NOT EXISTS (SELECT 1 FROM erasure AS e WHERE e.commit_number = o.commit_number);

-- A snapshot is the last operation of its wall up to its commit, and has its link.
-- name: check_snapshots
SELECT w.tenant || '/' || coalesce(w.user, '(shared)'), s.number FROM snapshot AS s
INNER JOIN wall AS w ON s.wall_id = w.wall_id
LEFT JOIN operation AS o ON s.wall_id = o.wall_id AND s.number = o.number
LEFT JOIN operation AS n ON s.wall_id = n.wall_id AND s.number + 1 = n.number
WHERE o.chain IS NOT s.chain OR o.commit_number > s.commit_number OR n.commit_number <= s.commit_number
    OR s.checksum != row_checksum(s.name, s.wall_id, s.commit_number, s.number, s.recorded_us);

-- name: check_active
SELECT r.id FROM record AS r
WHERE (SELECT count(*) FROM revision AS v NOT INDEXED WHERE v.record_key = r.record_key AND v.state = 'active') > 1;

-- name: check_events
SELECT r.id FROM record AS r LEFT JOIN record AS e ON r.event_key = e.record_key
WHERE r.event_key IS NOT NULL
    AND (e.kind IS NOT 'event' OR e.wall_id != r.wall_id OR r.kind != 'observation');

-- name: check_waiting
SELECT r.id FROM content AS c
INNER JOIN revision AS v ON c.content_id = v.content_id INNER JOIN record AS r ON v.record_key = r.record_key
WHERE c.awaits_vector != (
    v.state = 'active' AND r.kind = 'observation' AND NOT EXISTS (
        SELECT 1 FROM vector AS x WHERE x.content_id = c.content_id
            AND x.encoder_id = (SELECT min(e.encoder_id) FROM encoder AS e WHERE e.phase = 'current')
    )
);

-- No operation gives a record scores yet.
-- name: check_scores
SELECT id FROM record WHERE coalesce(importance, strength, confidence) IS NOT NULL OR uses != 0;

-- What something is made from lies in its own wall.
-- name: check_parents
SELECT c.id, r.id FROM parent AS p
INNER JOIN record AS c ON p.child_key = c.record_key INNER JOIN record AS r ON p.parent_key = r.record_key
WHERE c.wall_id != r.wall_id;

-- Sources are numbered from 0, without gaps.
-- name: check_ordinals
SELECT c.id, p.child_revision FROM parent AS p INNER JOIN record AS c ON p.child_key = c.record_key
GROUP BY p.child_key, p.child_revision HAVING min(p.ordinal) != 0 OR max(p.ordinal) != count(*) - 1;

-- name: check_places
SELECT r.id FROM record AS r INNER JOIN session AS s ON r.session_id = s.session_id WHERE r.wall_id != s.wall_id;

-- Pieces lie in the wall of their import, follow one another, and were stored by operations that there are.
-- name: check_pieces
SELECT i.import_id, coalesce(i.name, 'a stream'), p.ordinal FROM piece AS p
INNER JOIN import AS i ON p.import_id = i.import_id INNER JOIN wall AS w ON i.wall_id = w.wall_id
WHERE p.wall_id != i.wall_id OR p.messages < 1 OR p.first_number > p.last_number OR p.last_number > w.number
    OR p.ordinal != (SELECT count(*) FROM piece AS o WHERE o.import_id = p.import_id AND o.ordinal < p.ordinal)
    OR (p.last_number = 0) != (p.first_number = 0);

-- What is known of imports is as it was written, and nothing of it is missing.
-- name: check_imports
SELECT w.tenant, coalesce(w.user, '(shared)') FROM wall AS w
WHERE w.imports_checksum != (
    SELECT coalesce(sum(k.checksum), 0) FROM import_checksum AS k WHERE k.wall_id = w.wall_id
);

-- name: check_encoders
SELECT name FROM encoder
WHERE checksum != row_checksum(name || char(10) || model, width) OR phase NOT IN ('current', 'coming', 'going');

-- The content comes last: its other spans go with a broken one.
-- name: check_vectors
SELECT coalesce(r.id, 'no record'), x.vector_number, x.content_id
FROM vector AS x
LEFT JOIN encoder AS e ON x.encoder_id = e.encoder_id
LEFT JOIN content AS c ON x.content_id = c.content_id
LEFT JOIN revision AS v ON x.content_id = v.content_id
LEFT JOIN record AS r ON v.record_key = r.record_key
WHERE coalesce(
    length(x.data) != 2 * e.width OR x.wall_id != c.wall_id
    OR x."start" < 0 OR x."end" <= x."start" OR x."end" > length(c.text), TRUE
)
    OR x.checksum IS NOT row_checksum(x.data, x.vector_number, x.wall_id, x.content_id, x.encoder_id, x."start", x."end")
    OR e.checksum != row_checksum(e.name || char(10) || e.model, e.width)
    OR NOT is_unit(x.data);

-- The spans of a text that has any cover it, but for blanks between them.
-- name: check_spans
SELECT DISTINCT coalesce(r.id, 'no record'), NULL, s.content_id
FROM (
    SELECT
        x.content_id, x."start" AS begins, c.text,
        lag(x."end", 1, 0) OVER spans AS former,
        CASE WHEN lead(x."end") OVER spans IS NULL THEN x."end" END AS last
    FROM vector AS x INNER JOIN content AS c ON x.content_id = c.content_id
    WINDOW spans AS (PARTITION BY x.content_id, x.encoder_id ORDER BY x."start")
) AS s
LEFT JOIN revision AS v ON s.content_id = v.content_id
LEFT JOIN record AS r ON v.record_key = r.record_key
WHERE (s.begins > s.former AND NOT is_blank(substr(s.text, s.former + 1, s.begins - s.former)))
    OR (s.last < length(s.text) AND NOT is_blank(substr(s.text, s.last + 1)));

-- Walls that keep token vectors of some active texts, and of others not.
-- name: check_untold
SELECT w.tenant, coalesce(w.user, '(shared)'), sum(s.held < s.spans), count(*)
FROM (
    SELECT
        x.wall_id, count(*) AS spans, count(*) FILTER (
            WHERE EXISTS (
                SELECT 1 FROM token_vector AS t
                WHERE t.wall_id = x.wall_id AND t.number = v.number AND t."start" = x."start"
            )
        ) AS held
    FROM vector AS x INNER JOIN revision AS v ON x.content_id = v.content_id
    WHERE v.state = 'active'
        AND x.encoder_id = (SELECT min(e.encoder_id) FROM encoder AS e WHERE e.phase = 'current')
    GROUP BY x.wall_id, v.number
) AS s
INNER JOIN wall AS w ON s.wall_id = w.wall_id
GROUP BY s.wall_id
HAVING sum(s.held < s.spans) > 0 AND sum(s.held) > 0;

-- name: check_tokens
SELECT coalesce(r.id, 'no record'), t.number, v.content_id
FROM token_vector AS t
LEFT JOIN encoder AS e ON t.encoder_id = e.encoder_id
LEFT JOIN operation AS o ON t.wall_id = o.wall_id AND t.number = o.number
LEFT JOIN revision AS v ON o.record_key = v.record_key AND o.revision = v.revision AND o.number = v.number
LEFT JOIN record AS r ON o.record_key = r.record_key
WHERE t.checksum IS NOT row_checksum(t.data, t.wall_id, t.number, t.encoder_id, t."start")
    OR coalesce(e.checksum != row_checksum(e.name || char(10) || e.model, e.width), TRUE)
    OR (t.wall_id, t.number, t.encoder_id, t."start") IN (
        SELECT b.wall_id, b.number, b.encoder_id, b."start" FROM broken_tokens AS b
    );

-- name: directives
SELECT directive_id, kind, tenant, user, agent, run, body, placed_by, placed_us FROM directive
WHERE tenant = :tenant AND coalesce(user, '') IN (coalesce(:user, ''), coalesce(:also_user, ''))
    AND kind IN (SELECT value FROM json_each(:kinds))
ORDER BY directive_id;

-- name: salted_directives
SELECT directive_id, kind, tenant, user, agent, run, body, placed_by, placed_us, salt FROM directive
ORDER BY directive_id;

-- Numbers are never given again, to whatever is laid down later.
-- name: last_directive
SELECT max(
    coalesce((SELECT q.seq FROM sqlite_sequence AS q WHERE q.name = 'directive'), 0),
    coalesce((SELECT max(d.directive_id) FROM directive AS d), 0)
);

-- name: add_directive
INSERT INTO main.directive (directive_id, tenant, user, agent, run, kind, salt, body, placed_by, placed_us)
VALUES (:directive_id, :tenant, :user, :agent, :run, :kind, :salt, :body, :placed_by, :placed_us);

-- name: drop_directive
DELETE FROM main.directive WHERE directive_id = :directive_id;

-- name: audited
SELECT
    a.number, a.deed, a.tenant, a.user, a.recorded_us, a.directive_id, r.id, a.commit_number, a."count", a.mac, a.chain,
    a.grant_id
FROM audit AS a LEFT JOIN record AS r ON a.record_key = r.record_key
WHERE a.tenant = :tenant AND coalesce(a.user, '') = coalesce(:user, '')
ORDER BY a.number DESC LIMIT :limit;

-- name: trail
SELECT
    a.number, a.deed, a.tenant, a.user, a.recorded_us, a.directive_id, r.id, a.commit_number, a."count", a.mac, a.chain,
    a.grant_id
FROM audit AS a LEFT JOIN record AS r ON a.record_key = r.record_key ORDER BY a.number;

-- name: last_audit
SELECT number, chain, recorded_us FROM audit ORDER BY number DESC LIMIT 1;

-- name: key_of
SELECT r.record_key FROM record AS r INNER JOIN wall AS w ON r.wall_id = w.wall_id
WHERE r.id = :id AND w.tenant = :tenant AND coalesce(w.user, '') = coalesce(:user, '');

-- name: add_audit
INSERT INTO audit (
    number, tenant, user, deed, directive_id, record_key, commit_number, "count", recorded_us, mac, chain,
    grant_id
) VALUES (
    :number, :tenant, :user, :deed, :directive_id, :record_key, :commit_number, :count, :recorded_us, :mac, :chain,
    :grant_id
);

-- The last entry of the audit trail is the last there was.
-- name: check_trail
SELECT q.seq FROM sqlite_sequence AS q
WHERE q.name = 'audit' AND q.seq != coalesce((SELECT max(a.number) FROM audit AS a), 0);
