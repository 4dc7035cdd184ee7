-- name: create
CREATE TABLE IF NOT EXISTS vector (digest BLOB PRIMARY KEY, data BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- name: create_tokens
CREATE TABLE IF NOT EXISTS token_vector (
    digest BLOB NOT NULL, model TEXT NOT NULL, words BLOB NOT NULL, data BLOB NOT NULL, PRIMARY KEY (digest, model)
) STRICT, WITHOUT ROWID;

-- name: get_tokens
SELECT words, data FROM token_vector WHERE digest = :digest AND model = :model;

-- name: put_tokens
INSERT OR IGNORE INTO token_vector (digest, model, words, data) VALUES (:digest, :model, :words, :data);

-- name: get
SELECT data FROM vector WHERE digest = :digest;

-- name: put
INSERT OR IGNORE INTO vector (digest, data) VALUES (:digest, :data);
