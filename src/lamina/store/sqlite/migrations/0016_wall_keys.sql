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

INSERT INTO content_register (table_name, column_name, holds) VALUES
    ('wall_key', 'tenant', 'identity'), ('wall_key', 'user', 'identity'), ('wall_key', 'wrapped', 'digest');
