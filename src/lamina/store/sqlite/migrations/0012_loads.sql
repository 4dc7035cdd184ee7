-- The number that an operation's commit had in the file where it was written, which its link covers; NULL = the same.
ALTER TABLE operation ADD COLUMN origin INTEGER;

-- When another file's log was taken in, and how many numbers of commits that left out.
CREATE TABLE load (
    load_id INTEGER PRIMARY KEY,
    recorded_us INTEGER NOT NULL,
    skipped INTEGER NOT NULL
) STRICT;
