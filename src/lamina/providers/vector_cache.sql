-- name: create
CREATE TABLE IF NOT EXISTS vector (digest BLOB PRIMARY KEY, data BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- name: get
SELECT data FROM vector WHERE digest = :digest;

-- name: put
INSERT OR IGNORE INTO vector (digest, data) VALUES (:digest, :data);
