-- The checksum of which parts of its index are kept, so that a missing one is missed; 0 = none. Derived.
ALTER TABLE wall ADD COLUMN parts_checksum INTEGER NOT NULL DEFAULT 0;

UPDATE wall SET parts_checksum = coalesce((
    SELECT row_checksum(group_concat(concat_ws(char(10), s.producer, s.part, s.ordinal, s.covers) ORDER BY s.segment_id))
    FROM segment AS s WHERE s.wall_id = wall.wall_id
), 0);

DROP TRIGGER content_goes;

-- An index holds terms, names and vectors of what was said; it is built anew from what is left.
CREATE TRIGGER content_goes AFTER DELETE ON content BEGIN
    UPDATE wall SET waiting = waiting - OLD.awaits_vector, epoch = epoch + 1, parts_checksum = 0
    WHERE wall_id = OLD.wall_id;
    DELETE FROM segment WHERE wall_id = OLD.wall_id;
END;

-- A CRC-32 of each derived row that nothing else proves, as `checksum.py` computes it; by it `verify` finds a changed bit.
ALTER TABLE encoder ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vector ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token_vector ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;

UPDATE encoder SET checksum = row_checksum(name || char(10) || model, width);
UPDATE vector SET checksum = row_checksum(data, vector_number, wall_id, content_id, encoder_id, "start", "end");
UPDATE token_vector SET checksum = row_checksum(data, wall_id, number, encoder_id, "start");
