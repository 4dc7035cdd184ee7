-- The schema as it is now: the sum of the migrations, to be read; a test holds the two equal.
--
-- What a caller or a model can fill is content-bearing: it stands in `content`, or in a column that `content_register`
-- lists as content. Instants are microseconds from 1970-01-01 UTC.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- (tenant, user); without a user: what the tenant shares. `number`, `recorded_us` and `chain` are the log's last; the
-- rest is derived, and kept by the triggers below, whoever writes: the last vector, how many texts wait for one, and how
-- often indexes became useless. `rules` names those by which all events are cut; empty = by several, or not known.
-- `parts_checksum` is that of which parts of its index are kept; 0 = none. `rules_checksum` is that of `rules`, and `epoch`.
CREATE TABLE wall (
    wall_id INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    user TEXT,
    number INTEGER NOT NULL,
    recorded_us INTEGER NOT NULL,
    chain BLOB NOT NULL,
    vector_number INTEGER NOT NULL DEFAULT 0,
    waiting INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL DEFAULT 0,
    rules TEXT NOT NULL DEFAULT '',
    parts_checksum INTEGER NOT NULL DEFAULT 0,
    rules_checksum INTEGER NOT NULL DEFAULT 0,
    imports_checksum INTEGER NOT NULL DEFAULT 0
) STRICT;

-- No user has an empty name.
CREATE UNIQUE INDEX wall_by_name ON wall (tenant, coalesce(user, ''));

CREATE TABLE session (
    session_id INTEGER PRIMARY KEY,
    wall_id INTEGER NOT NULL REFERENCES wall,
    name TEXT NOT NULL,
    UNIQUE (wall_id, name)
) STRICT;

-- What a record is for life. `arrived`, `event_key` and the scores are derived.
CREATE TABLE record (
    record_key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    wall_id INTEGER NOT NULL REFERENCES wall,
    kind TEXT NOT NULL,
    modality TEXT NOT NULL,
    agent TEXT,
    run TEXT,
    session_id INTEGER REFERENCES session,
    external_id TEXT,
    "order" INTEGER,
    arrived INTEGER NOT NULL,
    event_key INTEGER REFERENCES record,
    importance REAL,
    strength REAL,
    confidence REAL,
    uses INTEGER NOT NULL DEFAULT 0,
    place INTEGER GENERATED ALWAYS AS (coalesce("order", arrived)) VIRTUAL
) STRICT;

CREATE UNIQUE INDEX record_by_external_id ON record (wall_id, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX record_in_wall ON record (wall_id, id);
CREATE UNIQUE INDEX record_by_arrival ON record (wall_id, arrived);
CREATE INDEX record_in_stream ON record (wall_id, session_id, kind, agent, run, place, arrived);
CREATE INDEX record_in_event ON record (event_key) WHERE event_key IS NOT NULL;

-- The words of one revision; the salt dies with them. A text waits for its vector while its revision is active.
CREATE TABLE content (
    content_id INTEGER PRIMARY KEY,
    wall_id INTEGER NOT NULL REFERENCES wall,
    salt BLOB NOT NULL,
    text TEXT NOT NULL,
    speaker TEXT,
    role TEXT,
    metadata TEXT,
    awaits_vector INTEGER NOT NULL
) STRICT;

CREATE INDEX content_waiting ON content (wall_id, content_id) WHERE awaits_vector = 1;

-- What is said once and never changed in place, but for `state`, which the log folds to. Erased ones have no content.
CREATE TABLE revision (
    record_key INTEGER NOT NULL REFERENCES record,
    revision INTEGER NOT NULL,
    layer TEXT NOT NULL,
    state TEXT NOT NULL,
    content_id INTEGER REFERENCES content,
    number INTEGER NOT NULL,
    recorded_us INTEGER NOT NULL,
    at_us INTEGER,
    at_offset_s INTEGER,
    at_source TEXT NOT NULL,
    valid_from_us INTEGER,
    valid_to_us INTEGER,
    producer TEXT NOT NULL,
    model TEXT,
    prompt TEXT,
    expires_us INTEGER,
    sensitivity TEXT,
    trust REAL,
    acl TEXT,
    PRIMARY KEY (record_key, revision)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX revision_active ON revision (record_key) WHERE state = 'active';
CREATE UNIQUE INDEX revision_of_content ON revision (content_id) WHERE content_id IS NOT NULL;
CREATE INDEX revision_labelled ON revision (record_key) WHERE sensitivity IS NOT NULL;

-- From what a revision was made.
CREATE TABLE parent (
    child_key INTEGER NOT NULL,
    child_revision INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    parent_key INTEGER NOT NULL REFERENCES record,
    parent_revision INTEGER NOT NULL,
    "start" INTEGER,
    "end" INTEGER,
    PRIMARY KEY (child_key, child_revision, ordinal),
    FOREIGN KEY (child_key, child_revision) REFERENCES revision,
    FOREIGN KEY (parent_key, parent_revision) REFERENCES revision
) STRICT, WITHOUT ROWID;

CREATE INDEX parent_children ON parent (parent_key, parent_revision);

-- The operations of one call; the number counts through the whole file.
CREATE TABLE "commit" (
    number INTEGER PRIMARY KEY,
    recorded_us INTEGER NOT NULL
) STRICT;

-- `origin` is the number of the commit in the file where it was written, which the link covers; NULL = the same.
CREATE TABLE operation (
    wall_id INTEGER NOT NULL REFERENCES wall,
    number INTEGER NOT NULL,
    commit_number INTEGER NOT NULL REFERENCES "commit",
    action TEXT NOT NULL,
    record_key INTEGER NOT NULL REFERENCES record,
    revision INTEGER NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    actor TEXT NOT NULL,
    recorded_us INTEGER NOT NULL,
    mac BLOB NOT NULL,
    chain BLOB NOT NULL,
    reverts INTEGER,
    origin INTEGER,
    PRIMARY KEY (wall_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX operation_on_record ON operation (record_key);

-- What was erased, by the commit that did it, and when its bytes were gone from the files; NULL = they wait for that.
CREATE TABLE erasure (
    commit_number INTEGER PRIMARY KEY REFERENCES "commit",
    scrubbed_us INTEGER
) STRICT;

CREATE INDEX erasure_waiting ON erasure (commit_number) WHERE scrubbed_us IS NULL;

-- Names of moments: the file's last commit, and the wall's last operation with its link, which proves that it is that one.
CREATE TABLE snapshot (
    wall_id INTEGER NOT NULL REFERENCES wall,
    name TEXT NOT NULL,
    commit_number INTEGER NOT NULL REFERENCES "commit",
    number INTEGER NOT NULL,
    chain BLOB NOT NULL,
    recorded_us INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (wall_id, name)
) STRICT, WITHOUT ROWID;

-- When another file's log was taken in, and how many numbers of commits that left out.
CREATE TABLE load (
    load_id INTEGER PRIMARY KEY,
    recorded_us INTEGER NOT NULL,
    skipped INTEGER NOT NULL
) STRICT;

-- Here and below, `checksum` is the CRC-32 of the whole row, as `checksum.py` computes it.
-- Whose vectors are searched: phase `current`; whose are being made: `coming`; whose are on their way out: `going`.
CREATE TABLE encoder (
    encoder_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    width INTEGER NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0,
    phase TEXT NOT NULL DEFAULT 'current',
    UNIQUE (model, width)
) STRICT;

-- One span of one content under one encoder, as little-endian float16. Numbers are never used again.
CREATE TABLE vector (
    vector_number INTEGER PRIMARY KEY AUTOINCREMENT,
    wall_id INTEGER NOT NULL REFERENCES wall,
    content_id INTEGER NOT NULL REFERENCES content,
    encoder_id INTEGER NOT NULL REFERENCES encoder,
    "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    data BLOB NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0,
    UNIQUE (content_id, encoder_id, "start")
) STRICT;

CREATE INDEX vector_in_wall ON vector (wall_id, encoder_id, vector_number);

-- The packed token vectors of one span of a revision, by the operation that made it: half a byte a number.
CREATE TABLE token_vector (
    wall_id INTEGER NOT NULL REFERENCES wall,
    number INTEGER NOT NULL,
    encoder_id INTEGER NOT NULL REFERENCES encoder,
    "start" INTEGER NOT NULL,
    data BLOB NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (wall_id, number, encoder_id, "start")
) STRICT, WITHOUT ROWID;

-- What is kept of each wall's index: derived, rebuilt where it is missing or broken. Dies with any erasure in its wall.
CREATE TABLE segment (
    segment_id INTEGER PRIMARY KEY,
    wall_id INTEGER NOT NULL REFERENCES wall,
    producer TEXT NOT NULL,
    part TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    covers INTEGER NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (wall_id, producer, part, ordinal)
) STRICT;

-- Sources of messages that were taken in, and how they were read. Known by what stands in them; a name is a hint.
CREATE TABLE import (
    import_id INTEGER PRIMARY KEY,
    wall_id INTEGER NOT NULL REFERENCES wall,
    agent TEXT,
    run TEXT,
    session TEXT,
    name TEXT,
    zone TEXT,
    day_first INTEGER
) STRICT;

CREATE INDEX import_by_name ON import (wall_id, name);

-- What of a source was taken in at once, in the transaction that stored it, and the operations that did.
CREATE TABLE piece (
    import_id INTEGER NOT NULL REFERENCES import,
    ordinal INTEGER NOT NULL,
    wall_id INTEGER NOT NULL REFERENCES wall,
    messages INTEGER NOT NULL,
    digest BLOB,
    first_number INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    has_repeats INTEGER NOT NULL,
    PRIMARY KEY (import_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE INDEX piece_opening ON piece (wall_id, digest) WHERE ordinal = 0;
CREATE INDEX piece_by_number ON piece (wall_id, last_number);

-- What was laid down for a wall and stands until it is lifted: legal holds and policies. A wall is named by its tenant
-- and user, because it need hold nothing yet. Numbers are never used again. The salt is that of the HMAC in the trail.
CREATE TABLE directive (
    directive_id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    user TEXT,
    agent TEXT,
    run TEXT,
    kind TEXT NOT NULL,
    salt BLOB NOT NULL,
    body TEXT NOT NULL,
    placed_by TEXT,
    placed_us INTEGER NOT NULL
) STRICT;

CREATE INDEX directive_in_wall ON directive (tenant, coalesce(user, ''), kind);

-- What was done with directives and on their account, a hash chain: references and numbers, no words. A directive may be
-- gone.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    user TEXT,
    deed TEXT NOT NULL,
    directive_id INTEGER,
    record_key INTEGER REFERENCES record,
    commit_number INTEGER REFERENCES "commit",
    "count" INTEGER NOT NULL,
    recorded_us INTEGER NOT NULL,
    mac BLOB NOT NULL,
    chain BLOB NOT NULL,
    grant_id INTEGER
) STRICT;

CREATE INDEX audit_in_wall ON audit (tenant, coalesce(user, ''), number);

-- Of an encrypted file: the key of each wall, wrapped by the master key, which is not in the file; NULL = it was destroyed.
-- Made when the wall is first written. A wall is named by tenant and user; without a tenant: the file's own, under which
-- directives stand, because they outlive the words of the walls that they are about. Numbers are never used again.
CREATE TABLE wall_key (
    key_id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    user TEXT,
    wrapped BLOB
) STRICT;

CREATE INDEX wall_key_by_wall ON wall_key (tenant, coalesce(user, ''), key_id);

-- Every text and blob column, and what it holds: content (a caller's or model's words), identity (names that stay in
-- the clear), vector (made from content, dies with it), code (one of a fixed list, or a producer's name), digest, id.
CREATE TABLE content_register (
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    holds TEXT NOT NULL,
    PRIMARY KEY (table_name, column_name)
) STRICT, WITHOUT ROWID;

INSERT INTO content_register (table_name, column_name, holds) VALUES
    ('meta', 'key', 'code'), ('meta', 'value', 'digest'),
    ('wall', 'tenant', 'identity'), ('wall', 'user', 'identity'), ('wall', 'chain', 'digest'),
    ('session', 'name', 'content'),
    ('record', 'id', 'id'), ('record', 'kind', 'code'), ('record', 'modality', 'code'),
    ('record', 'agent', 'content'), ('record', 'run', 'content'), ('record', 'external_id', 'content'),
    ('content', 'salt', 'content'), ('content', 'text', 'content'), ('content', 'speaker', 'content'),
    ('content', 'role', 'content'), ('content', 'metadata', 'content'),
    ('revision', 'layer', 'code'), ('revision', 'state', 'code'), ('revision', 'at_source', 'code'),
    ('revision', 'producer', 'code'), ('revision', 'model', 'code'), ('revision', 'prompt', 'digest'),
    ('revision', 'sensitivity', 'content'), ('revision', 'acl', 'content'),
    ('operation', 'action', 'code'), ('operation', 'from_state', 'code'), ('operation', 'to_state', 'code'),
    ('operation', 'actor', 'code'), ('operation', 'mac', 'digest'), ('operation', 'chain', 'digest'),
    ('encoder', 'name', 'code'), ('encoder', 'model', 'code'), ('encoder', 'phase', 'code'),
    ('vector', 'data', 'vector'),
    ('content_register', 'table_name', 'code'), ('content_register', 'column_name', 'code'),
    ('content_register', 'holds', 'code'),
    ('segment', 'producer', 'code'), ('segment', 'part', 'code'), ('segment', 'data', 'content'),
    ('import', 'agent', 'content'), ('import', 'run', 'content'), ('import', 'session', 'content'),
    ('import', 'name', 'content'), ('import', 'zone', 'code'), ('piece', 'digest', 'content'),
    ('wall', 'rules', 'code'), ('token_vector', 'data', 'vector'),
    ('snapshot', 'name', 'content'), ('snapshot', 'chain', 'digest'),
    ('directive', 'tenant', 'identity'), ('directive', 'user', 'identity'), ('directive', 'agent', 'content'),
    ('directive', 'run', 'content'), ('directive', 'kind', 'code'), ('directive', 'body', 'content'),
    ('directive', 'placed_by', 'content'), ('audit', 'tenant', 'identity'), ('audit', 'user', 'identity'),
    ('audit', 'deed', 'code'), ('audit', 'mac', 'digest'), ('audit', 'chain', 'digest'),
    ('directive', 'salt', 'content'),
    ('wall_key', 'tenant', 'identity'), ('wall_key', 'user', 'identity'), ('wall_key', 'wrapped', 'digest');

CREATE TRIGGER vector_comes AFTER INSERT ON vector BEGIN
    UPDATE wall SET vector_number = NEW.vector_number WHERE wall_id = NEW.wall_id;
END;

CREATE TRIGGER content_comes AFTER INSERT ON content WHEN NEW.awaits_vector = 1 BEGIN
    UPDATE wall SET waiting = waiting + 1 WHERE wall_id = NEW.wall_id;
END;

CREATE TRIGGER content_waits AFTER UPDATE OF awaits_vector ON content WHEN NEW.awaits_vector != OLD.awaits_vector BEGIN
    UPDATE wall SET waiting = waiting + NEW.awaits_vector - OLD.awaits_vector WHERE wall_id = NEW.wall_id;
END;

-- An index holds terms, names and vectors of what was said; it is built anew from what is left.
CREATE TRIGGER content_goes AFTER DELETE ON content BEGIN
    UPDATE wall SET
        waiting = waiting - OLD.awaits_vector, epoch = epoch + 1, rules_checksum = rules_checksum + 1,
        parts_checksum = 0
    WHERE wall_id = OLD.wall_id;
    DELETE FROM segment WHERE wall_id = OLD.wall_id;
END;

-- A digest would confirm a guess at what was erased. What a piece found there already may be anything of its wall.
CREATE TRIGGER words_go AFTER UPDATE OF content_id ON revision WHEN NEW.content_id IS NULL BEGIN
    UPDATE piece SET digest = NULL
    WHERE wall_id = (SELECT r.wall_id FROM record AS r WHERE r.record_key = OLD.record_key)
        AND (has_repeats OR (last_number >= OLD.number AND first_number <= OLD.number));
END;

-- They die with the words.
CREATE TRIGGER tokens_go AFTER UPDATE OF content_id ON revision WHEN NEW.content_id IS NULL BEGIN
    DELETE FROM token_vector
    WHERE wall_id = (SELECT r.wall_id FROM record AS r WHERE r.record_key = OLD.record_key) AND number = OLD.number;
END;

-- A revision whole, as `rows.py` reads it; the order of columns is the contract between the two.
CREATE VIEW full_revision AS
SELECT
    r.id, v.revision, w.tenant, w.user, r.agent, r.run, r.kind, v.layer, v.state, r.modality,
    s.name AS session, r.external_id, r."order", r.arrived, e.id AS event_id,
    v.number, v.recorded_us, v.at_us, v.at_offset_s, v.at_source, v.valid_from_us, v.valid_to_us,
    v.producer, v.model, v.prompt,
    (
        SELECT json_group_array(json_array(pr.id, p.parent_revision, p."start", p."end") ORDER BY p.ordinal)
        FROM parent AS p INNER JOIN record AS pr ON p.parent_key = pr.record_key
        WHERE p.child_key = v.record_key AND p.child_revision = v.revision
    ) AS sources,
    v.expires_us, v.sensitivity, v.trust, v.acl,
    r.importance, r.strength, r.confidence, r.uses,
    c.text, c.speaker, c.role, c.metadata, c.salt,
    r.record_key, r.wall_id, r.place
FROM revision AS v
INNER JOIN record AS r ON v.record_key = r.record_key
INNER JOIN wall AS w ON r.wall_id = w.wall_id
LEFT JOIN session AS s ON r.session_id = s.session_id
LEFT JOIN record AS e ON r.event_key = e.record_key
LEFT JOIN content AS c ON v.content_id = c.content_id;

-- The same, and whether it is the current revision of its record: the active one, else the highest in whose place no
-- other came, else the highest.
CREATE VIEW full_record AS
SELECT
    f.*,
    f.revision = coalesce(
        (SELECT o.revision FROM revision AS o WHERE o.record_key = f.record_key AND o.state = 'active'),
        (SELECT max(o.revision) FROM revision AS o WHERE o.record_key = f.record_key AND o.state != 'superseded'),
        (SELECT max(o.revision) FROM revision AS o WHERE o.record_key = f.record_key)
    ) AS is_current
FROM full_revision AS f;

-- An observation in its current revision, as events are cut by it; the order of
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
WHERE r.kind = 'observation' AND (r.event_key IS NOT NULL OR v.state != 'erased') AND v.revision = coalesce(
    (SELECT o.revision FROM revision AS o WHERE o.record_key = r.record_key AND o.state = 'active'),
    (SELECT max(o.revision) FROM revision AS o WHERE o.record_key = r.record_key AND o.state != 'superseded'),
    (SELECT max(o.revision) FROM revision AS o WHERE o.record_key = r.record_key)
);

-- Token vectors that are no whole ones, or stand beside no vector of their revision.
CREATE VIEW broken_tokens AS
SELECT t.wall_id, t.number, t.encoder_id, t."start"
FROM token_vector AS t INNER JOIN encoder AS e ON t.encoder_id = e.encoder_id
WHERE length(t.data) % (e.width / 2) != 0 OR NOT EXISTS (
    SELECT 1 FROM operation AS o
    INNER JOIN revision AS v ON o.record_key = v.record_key AND o.revision = v.revision AND o.number = v.number
    INNER JOIN vector AS x ON v.content_id = x.content_id
    WHERE o.wall_id = t.wall_id AND o.number = t.number AND x."start" = t."start"
);

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
