-- name: begin
BEGIN IMMEDIATE;

-- name: commit
COMMIT;

-- name: rollback
ROLLBACK;

-- name: parts
SELECT count(*) FROM sqlite_schema;

-- name: note
INSERT INTO meta (key, value) VALUES (:key, :value);

-- name: history
SELECT key, value FROM meta WHERE key LIKE 'migration:%';
