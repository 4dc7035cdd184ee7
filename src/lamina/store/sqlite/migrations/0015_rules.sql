-- The checksum of `rules`, and `epoch` added: neither changes behind the library's back unseen. Derived.
ALTER TABLE wall ADD COLUMN rules_checksum INTEGER NOT NULL DEFAULT 0;

UPDATE wall SET rules_checksum = row_checksum(rules) + epoch;

DROP TRIGGER content_goes;

-- An index holds terms, names and vectors of what was said; it is built anew from what is left.
CREATE TRIGGER content_goes AFTER DELETE ON content BEGIN
    UPDATE wall SET
        waiting = waiting - OLD.awaits_vector, epoch = epoch + 1, rules_checksum = rules_checksum + 1,
        parts_checksum = 0
    WHERE wall_id = OLD.wall_id;
    DELETE FROM segment WHERE wall_id = OLD.wall_id;
END;
