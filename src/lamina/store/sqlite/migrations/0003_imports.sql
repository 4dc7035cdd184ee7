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

INSERT INTO content_register (table_name, column_name, holds) VALUES
    ('import', 'agent', 'content'), ('import', 'run', 'content'), ('import', 'session', 'content'),
    ('import', 'name', 'content'), ('import', 'zone', 'code'), ('piece', 'digest', 'content');

-- A digest would confirm a guess at what was erased. What a piece found there already may be anything of its wall.
CREATE TRIGGER words_go AFTER UPDATE OF content_id ON revision WHEN NEW.content_id IS NULL BEGIN
    UPDATE piece SET digest = NULL
    WHERE wall_id = (SELECT r.wall_id FROM record AS r WHERE r.record_key = OLD.record_key)
        AND (has_repeats OR (last_number >= OLD.number AND first_number <= OLD.number));
END;
