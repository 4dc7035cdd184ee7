-- name: create
CREATE TABLE IF NOT EXISTS vector (digest BLOB PRIMARY KEY, data BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- name: create_tokens
CREATE TABLE IF NOT EXISTS token (digest BLOB PRIMARY KEY, words BLOB NOT NULL, data BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- name: get_tokens
SELECT words, data FROM token WHERE digest = :digest;

-- name: put_tokens
INSERT OR IGNORE INTO token (digest, words, data) VALUES (:digest, :words, :data);

-- name: get
SELECT data FROM vector WHERE digest = :digest;

-- name: put
INSERT OR IGNORE INTO vector (digest, data) VALUES (:digest, :data);
