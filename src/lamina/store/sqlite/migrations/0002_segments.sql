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

INSERT INTO content_register (table_name, column_name, holds) VALUES
    ('segment', 'producer', 'code'), ('segment', 'part', 'code'), ('segment', 'data', 'content');
