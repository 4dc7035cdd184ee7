-- How far a wall has come beside its log; derived, and kept by the triggers below, whoever writes.
ALTER TABLE wall ADD COLUMN vector_number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE wall ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE wall ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;

UPDATE wall SET
    vector_number = coalesce((SELECT max(x.vector_number) FROM vector AS x WHERE x.wall_id = wall.wall_id), 0),
    waiting = (SELECT count(*) FROM content AS c WHERE c.wall_id = wall.wall_id AND c.awaits_vector = 1);

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

CREATE TRIGGER vector_comes AFTER INSERT ON vector BEGIN
    UPDATE wall SET vector_number = NEW.vector_number WHERE wall_id = NEW.wall_id;
END;

CREATE TRIGGER content_comes AFTER INSERT ON content WHEN NEW.awaits_vector = 1 BEGIN
    UPDATE wall SET waiting = waiting + 1 WHERE wall_id = NEW.wall_id;
END;

CREATE TRIGGER content_waits AFTER UPDATE OF awaits_vector ON content WHEN NEW.awaits_vector != OLD.awaits_vector BEGIN
    UPDATE wall SET waiting = waiting + NEW.awaits_vector - OLD.awaits_vector WHERE wall_id = NEW.wall_id;
END;

-- An index holds terms, names and vectors of what was said; it is built anew from what is left.
CREATE TRIGGER content_goes AFTER DELETE ON content BEGIN
    UPDATE wall SET waiting = waiting - OLD.awaits_vector, epoch = epoch + 1 WHERE wall_id = OLD.wall_id;
    DELETE FROM segment WHERE wall_id = OLD.wall_id;
END;

DROP VIEW full_record;

-- A revision whole, as `rows.py` reads it; the order of columns is the contract between the two.
CREATE VIEW full_revision AS
SELECT
    r.id, v.revision, w.tenant, w.user, r.agent, r.run, r.kind, v.layer, v.state, r.modality,
    s.name AS session, r.external_id, r."order", r.arrived, e.id AS event_id,
    v.number, v.recorded_us, v.at_us, v.at_offset_s, v.at_source, v.valid_from_us, v.valid_to_us,
    v.producer, v.model, v.prompt,
    (
        SELECT json_group_array(json_array(pr.id, p.parent_revision, p."start", p."end") ORDER BY p.ordinal)
        FROM parent AS p INNER JOIN record AS pr ON p.parent_key = pr.record_key
        WHERE p.child_key = v.record_key AND p.child_revision = v.revision
    ) AS sources,
    v.expires_us, v.sensitivity, v.trust, v.acl,
    r.importance, r.strength, r.confidence, r.uses,
    c.text, c.speaker, c.role, c.metadata, c.salt,
    r.record_key, r.wall_id, r.place
FROM revision AS v
INNER JOIN record AS r ON v.record_key = r.record_key
INNER JOIN wall AS w ON r.wall_id = w.wall_id
LEFT JOIN session AS s ON r.session_id = s.session_id
LEFT JOIN record AS e ON r.event_key = e.record_key
LEFT JOIN content AS c ON v.content_id = c.content_id;

-- The same, and whether it is the current revision of its record: the active one, else the highest.
CREATE VIEW full_record AS
SELECT
    f.*,
    f.state = 'active' OR (
        f.revision = (SELECT max(o.revision) FROM revision AS o WHERE o.record_key = f.record_key)
        AND NOT EXISTS (SELECT 1 FROM revision AS o WHERE o.record_key = f.record_key AND o.state = 'active')
    ) AS is_current
FROM full_revision AS f;
