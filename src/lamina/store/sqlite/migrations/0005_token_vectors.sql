-- The packed token vectors of one span of a revision, by the operation that made it: half a byte a number.
CREATE TABLE token_vector (
    wall_id INTEGER NOT NULL REFERENCES wall,
    number INTEGER NOT NULL,
    encoder_id INTEGER NOT NULL REFERENCES encoder,
    "start" INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (wall_id, number, encoder_id, "start")
) STRICT, WITHOUT ROWID;

INSERT INTO content_register (table_name, column_name, holds) VALUES ('token_vector', 'data', 'vector');

-- They die with the words.
CREATE TRIGGER tokens_go AFTER UPDATE OF content_id ON revision WHEN NEW.content_id IS NULL BEGIN
    DELETE FROM token_vector
    WHERE wall_id = (SELECT r.wall_id FROM record AS r WHERE r.record_key = OLD.record_key) AND number = OLD.number;
END;

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
