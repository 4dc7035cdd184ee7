-- What of the keys stands in a file: how it is sealed, the mark of its master key, and how often its keys changed.
-- name: sealing
SELECT value FROM meta WHERE key = 'sealing';

-- name: note_sealing
INSERT OR REPLACE INTO meta (key, value) VALUES ('sealing', :value);

-- Whether nobody ever wrote into a file: nothing that would have had to be sealed stands there, nor was left behind where
-- it stood. Walls, commits and the audit trail are never taken back, and numbers are never given again.
-- name: is_blank_file
SELECT NOT (
    EXISTS (SELECT 1 FROM wall) OR EXISTS (SELECT 1 FROM "commit") OR EXISTS (SELECT 1 FROM encoder)
    OR EXISTS (SELECT 1 FROM audit) OR EXISTS (SELECT 1 FROM directive)
    OR EXISTS (SELECT 1 FROM sqlite_sequence WHERE seq > 0)
);

-- The same of a file of a format before there were directives.
-- name: is_blank_early_file
SELECT NOT (EXISTS (SELECT 1 FROM wall) OR EXISTS (SELECT 1 FROM "commit") OR EXISTS (SELECT 1 FROM encoder));

-- name: has_keys
SELECT EXISTS (SELECT 1 FROM wall_key);

-- name: key_of_wall
SELECT k.key_id, k.tenant, k.user, k.wrapped FROM wall AS w
CROSS JOIN wall_key AS k ON k.tenant = w.tenant AND coalesce(k.user, '') = coalesce(w.user, '')
WHERE w.wall_id = :wall_id ORDER BY k.key_id DESC LIMIT 1;

-- name: key_of_name
SELECT key_id, tenant, user, wrapped FROM wall_key
WHERE tenant = :tenant AND coalesce(user, '') = coalesce(:user, '') ORDER BY key_id DESC LIMIT 1;

-- name: key_of_number
SELECT key_id, tenant, user, wrapped FROM wall_key WHERE key_id = :key_id;

-- name: wall_of_number
SELECT tenant, user FROM wall WHERE wall_id = :wall_id;

-- name: last_key
SELECT max(
    coalesce((SELECT q.seq FROM sqlite_sequence AS q WHERE q.name = 'wall_key'), 0),
    coalesce((SELECT max(k.key_id) FROM wall_key AS k), 0)
);

-- name: add_key
INSERT INTO wall_key (key_id, tenant, user, wrapped) VALUES (:key_id, :tenant, :user, :wrapped);

-- name: wrapped_keys
SELECT key_id, tenant, user, wrapped FROM wall_key WHERE wrapped IS NOT NULL ORDER BY key_id;

-- name: wrap_key
UPDATE wall_key SET wrapped = :wrapped WHERE key_id = :key_id;

-- name: destroy_keys
UPDATE wall_key SET wrapped = NULL
WHERE tenant = :tenant AND coalesce(user, '') = coalesce(:user, '') AND wrapped IS NOT NULL;

-- Walls whose key was destroyed, and of which words are still there.
-- name: bereft_walls
SELECT w.tenant, coalesce(w.user, '(shared)') FROM wall AS w
CROSS JOIN wall_key AS k ON k.tenant = w.tenant AND coalesce(k.user, '') = coalesce(w.user, '')
WHERE k.wrapped IS NULL AND NOT EXISTS (
    SELECT 1 FROM wall_key AS n
    WHERE n.tenant = k.tenant AND coalesce(n.user, '') = coalesce(k.user, '') AND n.key_id > k.key_id
) AND EXISTS (SELECT 1 FROM main.content AS c WHERE c.wall_id = w.wall_id);

-- name: has_words
SELECT EXISTS (
    SELECT 1 FROM wall AS w CROSS JOIN main.content AS c ON c.wall_id = w.wall_id
    WHERE w.tenant = :tenant AND coalesce(w.user, '') = coalesce(:user, '')
);

-- name: next_content
SELECT coalesce(max(content_id), 0) + 1 FROM main.content;

-- In an encrypted file what is said stands sealed as one, in `salt`.
-- name: view_content
CREATE TEMP VIEW content AS
SELECT
    content_id, wall_id, said('salt', content_id, salt) AS salt, said('text', content_id, salt) AS text,
    said('speaker', content_id, salt) AS speaker, said('role', content_id, salt) AS role,
    said('metadata', content_id, salt) AS metadata, awaits_vector
FROM main.content;

-- name: view_vector
CREATE TEMP VIEW vector AS
SELECT
    vector_number, wall_id, content_id, encoder_id, "start", "end",
    derived('vector.data', vector_number, wall_id, content_id, encoder_id, "start", "end", data) AS data,
    unmasked(checksum, data) AS checksum
FROM main.vector;

-- name: view_token_vector
CREATE TEMP VIEW token_vector AS
SELECT
    wall_id, number, encoder_id, "start",
    derived('token_vector.data', wall_id, number, encoder_id, "start", data) AS data,
    unmasked(checksum, data) AS checksum
FROM main.token_vector;

-- name: view_segment
CREATE TEMP VIEW segment AS
SELECT
    segment_id, wall_id, producer, part, ordinal, covers,
    derived('segment.data', wall_id, producer, part, ordinal, covers, data) AS data
FROM main.segment;

-- name: view_directive
CREATE TEMP VIEW directive AS
SELECT
    directive_id, tenant, user, agent, run, kind, unsealed('directive.salt', directive_id, salt) AS salt,
    unsealed('directive.body', directive_id, body) AS body,
    unsealed('directive.placed_by', directive_id, placed_by) AS placed_by, placed_us
FROM main.directive;

-- name: views
SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY rowid;

-- name: waiting
SELECT r.id, v.revision, v.number, c.speaker, r.modality, s.name, c.text
FROM main.content AS w INDEXED BY content_waiting
CROSS JOIN content AS c ON w.content_id = c.content_id
CROSS JOIN revision AS v ON c.content_id = v.content_id
CROSS JOIN record AS r ON v.record_key = r.record_key
LEFT JOIN session AS s ON r.session_id = s.session_id
WHERE w.wall_id = :wall_id AND w.awaits_vector = 1
ORDER BY w.content_id LIMIT :limit;

-- Every sealed value that no check of derived rows looks at.
-- name: check_seals
SELECT 'content', content_id FROM main.content
WHERE NOT is_sealed('content.text', content_id, salt) OR text != '' OR coalesce(speaker, role, metadata) IS NOT NULL
UNION ALL
SELECT 'session', session_id FROM session WHERE NOT is_named('session', name)
UNION ALL
SELECT 'record', record_key FROM record
WHERE NOT (is_named('agent', agent) AND is_named('run', run) AND is_named('external id', external_id))
UNION ALL
SELECT 'revision', number FROM revision
WHERE NOT (
    is_sealed('revision.sensitivity', record_key, revision, sensitivity)
    AND is_sealed('revision.acl', record_key, revision, acl)
)
UNION ALL
SELECT 'import', import_id FROM import
WHERE NOT (
    is_named('agent', agent) AND is_named('run', run) AND is_named('session', session) AND is_named('import', name)
)
UNION ALL
SELECT 'piece', import_id FROM piece WHERE NOT is_named('digest', digest)
UNION ALL
SELECT 'snapshot', number FROM snapshot WHERE NOT is_named('snapshot', name)
UNION ALL
SELECT 'directive', directive_id FROM main.directive
WHERE NOT (
    is_named('agent', agent) AND is_named('run', run) AND is_sealed('directive.salt', directive_id, salt)
    AND is_sealed('directive.body', directive_id, body) AND is_sealed('directive.placed_by', directive_id, placed_by)
)
UNION ALL
SELECT 'wall_key', key_id FROM wall_key WHERE NOT is_key(key_id);

-- name: aside
PRAGMA temp_store = FILE;

-- name: at_hand
PRAGMA temp_store = MEMORY;
