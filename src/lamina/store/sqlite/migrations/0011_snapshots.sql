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

INSERT INTO content_register (table_name, column_name, holds) VALUES
    ('snapshot', 'name', 'content'), ('snapshot', 'chain', 'digest');
