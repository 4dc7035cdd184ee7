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

INSERT INTO content_register (table_name, column_name, holds) VALUES
    ('directive', 'tenant', 'identity'), ('directive', 'user', 'identity'), ('directive', 'agent', 'content'),
    ('directive', 'run', 'content'), ('directive', 'kind', 'code'), ('directive', 'body', 'content'),
    ('directive', 'placed_by', 'content'), ('audit', 'tenant', 'identity'), ('audit', 'user', 'identity'),
    ('audit', 'deed', 'code'), ('audit', 'mac', 'digest'), ('audit', 'chain', 'digest'),
    ('directive', 'salt', 'content');
